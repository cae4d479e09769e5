"""A run becomes a bundle that was measured, described and small enough; a worse one replaces nothing."""

import dataclasses
import json
import types

import numpy as np
import onnx
import pytest
from click.testing import CliRunner

from glyphic import recipes
from glyphic.cli import main
from glyphic.core.errors import ExportError, GlyphicError
from glyphic.core.options import DecodingOptions
from glyphic.data.samples import read_folder
from glyphic.reading.bundle import Bundle
from glyphic.reading.recognizer import Recognizer
from glyphic.training import checkpoint, release
from glyphic.training.loop import train
from tests import bars as toy
from tests.training.conftest import RECIPE


@pytest.fixture
def run(data, tmp_path):
    chosen = dataclasses.replace(RECIPE, training=dataclasses.replace(RECIPE.training, steps=3))
    train(chosen, data, tmp_path / "run")
    return tmp_path / "run"


def test_the_command_makes_a_bundle_that_knows_its_figures(run, data, bars_folder, tmp_path):
    result = CliRunner().invoke(main, [
        "export", str(run), str(tmp_path / "bundle"), "--name", "tiny", "--version", "3", "--check",
        str(data / "validation"), "--evaluate", f"{bars_folder}=twelve", "--evaluate", str(data / "validation"),
        "--card-notes", "Made on a rainy day.", "--state", str(tmp_path / "tiny.pt")])
    assert result.exit_code == 0, result.output
    assert "tiny 3  bars" in result.stdout and "twelve.metrics.exact" in result.stdout
    bundle = Bundle.load(tmp_path / "bundle")
    assert set(bundle.scores) == {"twelve", "validation"}
    exact = bundle.scores["twelve"]["metrics"]["exact"]
    recognizer = Recognizer(bundle)
    right = sum(recognizer.read(sample.path).text == sample.text for sample in read_folder(bars_folder))
    assert exact["value"] == pytest.approx(right / 12) and exact["count"] == 12 and exact["low"] <= exact["value"]
    assert not any("dataset" in report for report in bundle.scores.values()), "nobody's paths travel in a bundle"
    card = (tmp_path / "bundle" / "MODEL_CARD.md").read_text()
    assert "# tiny 3" in card and "Made on a rainy day." in card and "| twelve | 12 |" in card
    assert f"{100 * exact['value']:.1f} % ({100 * exact['low']:.1f} to {100 * exact['high']:.1f})" in card
    assert "3 of 3 steps" in card and "densenet" in card and not any(line != line.rstrip() for line in card.split("\n"))
    light = checkpoint.load(tmp_path / "tiny.pt")
    assert light["step"] == 3 and "optimizers" not in light
    assert not list(tmp_path.glob(".*"))


def test_the_recipes_notes_are_in_the_card():
    assert "GNU Free Documentation License" in recipes.notes("formula") and recipes.notes("nothing") == ""


@pytest.mark.parametrize("left", ["light.pt", "state.pt"])
def test_the_light_state_is_enough_for_a_bundle(run, data, tmp_path, left):
    for name in {"light.pt", "state.pt"} - {left}:
        (run / name).unlink()
    for source in (run, run / left):
        folder = release.release(source, tmp_path / "bundle", "tiny", "1", data / "validation", {})
        assert Bundle.load(folder).scores == {} and "Not measured." in (folder / "MODEL_CARD.md").read_text()


def test_a_folder_without_a_run_is_refused(tmp_path, data):
    with pytest.raises(GlyphicError, match="neither state"):
        release.release(tmp_path, tmp_path / "bundle", "tiny", "1", data / "validation", {})


def test_a_bundle_that_is_too_large_replaces_nothing(run, data, tmp_path, monkeypatch):
    folder = release.release(run, tmp_path / "bundle", "tiny", "1", data / "validation", {})
    monkeypatch.setattr(release, "MOST_BYTES", 1_000)
    with pytest.raises(ExportError, match="smaller network"):
        release.release(run, folder, "tiny", "2", data / "validation", {})
    assert Bundle.load(folder).version == "1" and not list(tmp_path.glob(".*"))


def test_a_folder_with_other_things_is_refused_before_any_work(run, data, tmp_path):
    with pytest.raises(ExportError, match="is no bundle"):
        release.release(tmp_path / "nothing", data, "tiny", "1", data / "validation", {})
    assert (data / "one-000.npz").exists()


@pytest.mark.parametrize(("table", "good"), [((9, 9, 0, 1, 2, 3), True), ((9, 9, 0, 1, 3, 2), False)])
def test_smaller_graphs_must_read_as_many_pictures_right(tmp_path, bars_folder, table, good):
    smaller = tmp_path / "smaller"
    smaller.mkdir()
    for folder in (tmp_path, smaller):
        onnx.save(toy.encoder_graph(), folder / "encoder.onnx")
        onnx.save(toy.step_graph(), folder / "step.onnx")
    graph = toy.step_graph()
    for constant in graph.graph.initializer:
        if constant.name == "table":
            constant.CopyFrom(onnx.numpy_helper.from_array(np.array([table], np.float32), "table"))
    onnx.save(graph, smaller / "step.onnx")
    recipe = dataclasses.replace(RECIPE, input=dataclasses.replace(RECIPE.input, margin=0))
    trained = types.SimpleNamespace(notation=toy.NOTATION, vocabulary=toy.VOCABULARY, recipe=recipe,
                                    network=types.SimpleNamespace(generation=types.SimpleNamespace(kind="step")))
    labelled = list(release._fitted(read_folder(bars_folder), trained))
    assert len(labelled) == 12
    assert release._Gate(trained, labelled)(smaller) is good


def test_the_manifest_keeps_what_the_export_wrote(run, data, tmp_path):
    folder = release.release(run, tmp_path / "bundle", "tiny", "1", data / "validation", {"v": data / "validation"})
    manifest = json.loads((folder / "bundle.json").read_text())
    assert manifest["recipe"]["name"] == "tiny" and manifest["storage"] and manifest["stride"] == 8
    assert set(manifest["files"]) == {"encoder.onnx", "step.onnx", "MODEL_CARD.md"}


def test_data_sets_calibrate_convolutions(run, data, tmp_path, monkeypatch):
    monkeypatch.setattr(release, "MOST_LOST", 1.0)
    options = ["--name", "tiny", "--version", "1", "--check", str(data / "validation")]
    result = CliRunner().invoke(main, ["export", str(run), str(tmp_path / "bundle"), *options,
                                       "--calibrate", str(data / "validation")])
    assert result.exit_code == 0, result.output
    manifest = json.loads((tmp_path / "bundle" / "bundle.json").read_text())
    assert manifest["storage"]["encoder.onnx"] == "int8 convolutions"
    assert "encoder.onnx int8 convolutions" in (tmp_path / "bundle" / "MODEL_CARD.md").read_text()


def test_the_bundle_searches_as_the_recipe_says(data, tmp_path):
    wide = dataclasses.replace(RECIPE, training=dataclasses.replace(RECIPE.training, steps=3),
                               decoding=DecodingOptions(beam_width=3, sound=True))
    train(wide, data, tmp_path / "run")
    folder = release.release(tmp_path / "run", tmp_path / "bundle", "tiny", "1", data / "validation", {})
    assert Bundle.load(folder).decoding == DecodingOptions(beam_width=3, sound=True)
