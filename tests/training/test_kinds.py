"""A classifier of kinds, from a folder to its bundle, on pictures that differ by how wide they are."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from glyphic.cli import main
from glyphic.core.errors import ExportError, GlyphicError, OptionError
from glyphic.core.kinds import KINDS
from glyphic.core.recipe import KindRecipe, TrainingSpec
from glyphic.data import sheets
from glyphic.reading.kinds import MANIFEST, KindReader
from glyphic.training import checkpoint, kind_release
from glyphic.training import kinds as training
from tests import bars as toy
from tests import kinds

RECIPE = KindRecipe("tiny", (4, 4, 8, 8), (0, 0, 0, 1), pictures=4, validation=2, training=TrainingSpec(
    steps=20, batch=8, learning_rate=3e-3, optimizer="adamw", warmup=2, precision="fp32", ema=0.5, log_every=5,
    validate_every=100))


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "lettered", lambda lines, size, rng: np.concatenate(
        [toy.render("abc", rng)] * len(lines)))
    return kinds.write_folder(tmp_path / "data")


def logged(run, kind: str) -> list[dict]:
    return [line for line in map(json.loads, (run / "log.jsonl").read_text().splitlines()) if line["kind"] == kind]


def test_training_lowers_the_loss_and_leaves_what_a_bundle_is_made_of(data, tmp_path):
    steps = []
    path = training.train(RECIPE, data, tmp_path / "run", progress=lambda step, figures: steps.append(step))
    losses = [line["loss"] for line in logged(tmp_path / "run", "train")]
    assert losses[-1] < losses[0]
    assert steps == list(range(1, 21))
    assert set(logged(tmp_path / "run", "validation")[-1]["kinds"]) == set(KINDS)
    folder = kind_release.release(path, tmp_path / "bundle", "kind", "1", data, {"own": data})
    manifest = json.loads((folder / MANIFEST).read_text())
    assert manifest["scores"]["own"]["count"] == 24
    assert set(manifest["scores"]["own"]["metrics"]) == {"accuracy", *KINDS} - {"none"}
    found = KindReader(folder).kind(next((data / "text").iterdir()))
    assert sum(found.values()) == pytest.approx(1.0)
    assert "| own | 24 |" in (folder / "MODEL_CARD.md").read_text()


def test_a_run_in_two_parts_ends_where_one_in_one_part_does(data, tmp_path):
    whole = training.train(RECIPE, data, tmp_path / "whole")
    part = dataclasses.replace(RECIPE, training=dataclasses.replace(RECIPE.training, steps=8))
    training.train(part, data, tmp_path / "parts")
    assert checkpoint.load(tmp_path / "parts" / "state.pt")["step"] == 8
    training.train(RECIPE, data, tmp_path / "parts")
    state = checkpoint.load(tmp_path / "parts" / "state.pt")
    assert state["step"] == checkpoint.load(whole)["step"] == 20


def test_views_are_made_once(data, tmp_path, monkeypatch):
    path = training.train(RECIPE, data, tmp_path / "run")
    monkeypatch.setattr(training, "Gallery", None)
    assert training.train(RECIPE, data, tmp_path / "run") == path


def test_a_folder_of_validation_pictures_is_what_is_validated_on(data, tmp_path):
    kinds.write_folder(data / "validation", each=1)
    training.train(RECIPE, data, tmp_path / "run")
    assert set(logged(tmp_path / "run", "validation")[-1]["kinds"]) == set(KINDS) - {"none"}


def test_a_light_state_is_a_start_and_one_of_other_kinds_is_refused(data, tmp_path):
    training.train(RECIPE, data, tmp_path / "run")
    light = tmp_path / "run" / "light.pt"
    training.train(RECIPE, data, tmp_path / "next", start=light)
    state = checkpoint.load(light)
    checkpoint.save(tmp_path / "other.pt", {**state, "names": ["dance"]})
    with pytest.raises(GlyphicError, match="tell dance apart"):
        training.train(RECIPE, data, tmp_path / "third", start=tmp_path / "other.pt")


def test_more_blocks_than_those_of_a_start_change_nothing_at_first(data, tmp_path):
    state = checkpoint.load(training.train(RECIPE, data, tmp_path / "run"))
    small, large = training.network_of(RECIPE).eval(), training.network_of(
        dataclasses.replace(RECIPE, blocks=(*RECIPE.blocks[:3], RECIPE.blocks[3] + 2))).eval()
    training.restore(small, state)
    training.begin(large, state)
    images = torch.rand(2, 1, 64, 96)
    assert len(large.state_dict()) > len(small.state_dict()) and torch.allclose(small(images), large(images), atol=1e-6)


def test_an_export_without_pictures_to_compare_on_or_over_something_else_is_refused(tmp_path):
    with pytest.raises(ExportError, match="at least one"):
        kind_release.export(training.network_of(RECIPE), tmp_path, [])
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    with pytest.raises(ExportError, match="no classifier of kinds"):
        kind_release.refuse_other_folders(tmp_path / "full")


def test_a_graph_that_answers_otherwise_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(kind_release, "answers", lambda graph: lambda image: np.zeros((1, len(KINDS)), np.float32))
    with pytest.raises(ExportError, match="answer differently"):
        kind_release.export(training.network_of(RECIPE), tmp_path, [np.ones((32, 64), np.float32)])


def test_varied_views_stay_views():
    images = torch.rand(5, 1, 32, 48)
    found = training.varied(images)
    assert found.shape == images.shape and found.min() >= 0 and found.max() <= 1
    assert not torch.equal(found, images)


def test_the_commands_train_and_export_a_classifier(data, tmp_path):
    recipe = tmp_path / "mine.py"
    recipe.write_text("from tests.training.test_kinds import RECIPE\n")
    run, bundle = tmp_path / "run", tmp_path / "bundle"
    trained = CliRunner().invoke(main, ["train", str(recipe), "--data", str(data), "--run", str(run)])
    assert trained.exit_code == 0, trained.output
    made = CliRunner().invoke(main, ["export", str(run), str(bundle), "--name", "kind", "--version", "1", "--check",
                                     str(data), "--evaluate", f"{data}=own", "--state", str(tmp_path / "kind.pt")])
    assert made.exit_code == 0, made.output
    assert "own.metrics.accuracy" in made.output and (tmp_path / "kind.pt").stat().st_size < 1e6
    refused = CliRunner().invoke(main, ["train", str(recipe), "--data", str(data), "--run", str(run), "--go-on",
                                        "--start", str(tmp_path / "kind.pt")])
    assert refused.exit_code == 2 and "--go-on" in refused.output


def test_no_views_are_no_training(data, tmp_path):
    with pytest.raises(OptionError, match="pictures=1"):
        training.train(dataclasses.replace(RECIPE, pictures=0), data, tmp_path / "run")


def test_weights_of_a_network_that_looked_at_the_last_stage_alone_go_on_as_it_was():
    torch.manual_seed(0)
    network, images = training.network_of(RECIPE).eval(), torch.rand(2, 1, 48, 64)
    weights = {**network.state_dict(), "out.weight": network.out.weight.detach()[:, :16].half()}  # of eight channels
    training.begin(network, {"weights": weights, "names": list(KINDS), "step": 0})
    finer = network.out.weight.detach()[:, 16:]
    assert finer.shape == (len(KINDS), 2 * (8 + 4)) and not finer.any()
    pooled = []
    network.out.register_forward_hook(lambda module, given, result: pooled.append(given[0]))
    with torch.no_grad():
        found = network(images)
    torch.testing.assert_close(found, pooled[0][:, :16] @ weights["out.weight"].float().T + network.out.bias)


@pytest.mark.skipif(shutil.which("fc-list") is None, reason="needs fontconfig (apt-get install fontconfig)")
def test_views_made_by_several_processes_are_those_of_one(data, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "PART", 1)
    recipe = dataclasses.replace(RECIPE, pictures=3)
    for name, workers in (("one", 1), ("two", 2)):
        (tmp_path / name).mkdir()
        training.views(dataclasses.replace(recipe, training=dataclasses.replace(recipe.training, workers=workers)),
                       data, tmp_path / name)
    for number in range(3):
        one, two = (drawn(tmp_path / name / f"views-{number:03}.npz") for name in ("one", "two"))
        assert one and one == two


def drawn(path) -> dict[int, list]:
    """The views of each kind; not of those that are lettered, which the fixture does for this process alone."""
    found: dict[int, list] = {}
    with np.load(path) as arrays:
        for name in (name for name in arrays.files if name.startswith("images-")):
            for image, label in zip(arrays[name], arrays[name.replace("images", "labels")].tolist(), strict=True):
                if KINDS[label] not in ("text", "none"):
                    found.setdefault(label, []).append(image.tolist())
    return found
