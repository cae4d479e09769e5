"""A run learns, logs, stops when told, goes on where it was, and is the same on one process and on two."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest
import torch

from glyphic.core.errors import OptionError
from glyphic.core.options import InputSpec
from glyphic.core.recipe import ModelSpec
from glyphic.training import checkpoint, loop
from glyphic.training.loop import train
from tests import bars as toy
from tests.training.conftest import RECIPE, write_pack


def recipe(**training):
    return dataclasses.replace(RECIPE, training=dataclasses.replace(RECIPE.training, **training))


def lines(run: Path, kind: str) -> list[dict]:
    return [line for line in map(json.loads, (run / "log.jsonl").read_text().splitlines()) if line["kind"] == kind]


def interrupting(at: int, number: signal.Signals = signal.SIGTERM):
    def progress(step, figures):
        if step == at:
            os.kill(os.getpid(), number)

    return progress


def test_the_losses_fall(data, tmp_path):
    train(recipe(steps=60, log_every=10), data, tmp_path / "run")
    found = lines(tmp_path / "run", "train")
    assert [line["step"] for line in found] == list(range(10, 61, 10))
    assert found[-1]["loss"] < 0.75 * found[0]["loss"]
    assert found[-1]["glyph_loss"] < 0.75 * found[0]["glyph_loss"]
    assert all(line["images_per_second"] > 0 and line["images"] > 0 for line in found)


def test_a_run_leaves_its_log_its_recipe_its_pictures_and_two_states(data, tmp_path):
    run = tmp_path / "run"
    told = []
    state = train(recipe(validate_every=5), data, run,
                  progress=lambda step, figures: told.append((step, dict(figures))))
    assert state == run / "state.pt"
    assert {path.name for path in run.iterdir()} == {
        "state.pt", "light.pt", "log.jsonl", "recipe.json", "samples.png", "curves.png", "readings-0000005.png",
        "readings-0000010.png", "readings-0000012.png"}
    [start] = lines(run, "start")
    assert (start["samples"], start["classes"], start["processes"], start["step"]) == (200, 3, 1, 0)
    assert [line["step"] for line in lines(run, "validation")] == [5, 10, 12]
    assert set(lines(run, "validation")[0]) == {"time", "kind", "step", "exact", "places"}
    assert [step for step, _ in told] == list(range(1, 13))
    assert told[0][1] == {} and told[-1][1]["loss"] == lines(run, "train")[-1]["loss"]
    full, light = checkpoint.load(run / "state.pt"), checkpoint.load(run / "light.pt")
    assert set(full) == {"recipe", "step", "pool", "names", "tokens", "network", "weights", "optimizers", "torch_rng"}
    assert (light["step"], light["pool"], light["names"]) == (12, full["pool"], full["names"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_does_its_remaining_steps_when_called_again(data, tmp_path, number):
    run, told = tmp_path / "run", []
    train(recipe(), data, run, progress=interrupting(5, number))
    stopped = checkpoint.load(run / "state.pt")
    assert stopped["step"] == 5 and not lines(run, "validation"), "who asks to stop will not wait for more"
    train(recipe(), data, run, progress=lambda step, figures: told.append(step))
    assert told == list(range(6, 13))
    assert [line["step"] for line in lines(run, "start")] == [0, 5]
    finished = checkpoint.load(run / "state.pt")
    assert finished["step"] == 12 and finished["pool"] > stopped["pool"]
    assert finished["optimizers"][0]["state"][0]["step"] == 12, "the optimizers went on too"
    train(recipe(), data, run, progress=lambda step, figures: told.append(step))
    assert told[-1] == 12 and len(told) == 7, "and a finished run is finished"
    train(recipe(), data, run, resume=False, progress=lambda step, figures: told.append(step))
    assert len(told) == 7 + 12


def test_a_run_that_goes_on_sees_pictures_it_has_not_seen(data, tmp_path, monkeypatch):
    pools = []
    honest = loop.Run.optimize
    monkeypatch.setattr(loop.Run, "optimize", lambda self, batch: (pools.append(batch.pool), honest(self, batch))[1])
    train(recipe(), data, tmp_path / "run", progress=interrupting(4))
    first = set(pools)
    pools.clear()
    train(recipe(), data, tmp_path / "run")
    assert not first & set(pools)


def test_a_run_ends_within_its_minutes_and_pieces_follow_each_other(data, tmp_path, monkeypatch):
    clock = [0.0]  # a step takes a second and a validation ten
    monkeypatch.setattr(loop, "time", types.SimpleNamespace(monotonic=lambda: clock[0], time=time.time))
    honest = loop.Validation.run

    def slow(self, network, step):
        clock[0] += 10
        return honest(self, network, step)

    def progress(step, figures):
        clock[0] += 1

    monkeypatch.setattr(loop.Validation, "run", slow)
    pieces = recipe(steps=100_000, minutes=1.0, validate_every=20)
    train(pieces, data, tmp_path / "one", progress=progress)
    assert 50 < clock[0] <= 60
    light = checkpoint.load(tmp_path / "one" / "light.pt")
    assert [line["step"] for line in lines(tmp_path / "one", "validation")] == [20, light["step"]]
    # on another machine, which has the light state alone
    clock[0] = 0
    train(pieces, data, tmp_path / "two", start=tmp_path / "one" / "light.pt", go_on=True, progress=progress)
    assert 50 < clock[0] <= 60
    assert lines(tmp_path / "two", "start")[0]["step"] == light["step"]
    later = checkpoint.load(tmp_path / "two" / "light.pt")
    assert later["step"] > light["step"] and later["pool"] > light["pool"]


def test_a_run_whose_validation_takes_longer_than_its_minutes_ends_after_the_first(data, tmp_path, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(loop, "time", types.SimpleNamespace(monotonic=lambda: clock[0], time=time.time))

    def slow(self, network, step):
        clock[0] += 90
        return {"exact": 0.0}

    def progress(step, figures):
        clock[0] += 1

    monkeypatch.setattr(loop.Validation, "run", slow)
    train(recipe(steps=60, minutes=2.0, validate_every=5), data, tmp_path, progress=progress)
    assert checkpoint.load(tmp_path / "light.pt")["step"] == 6


def test_going_on_without_optimizers_begins_gently_and_a_start_begins_at_the_first_step(data, tmp_path):
    train(recipe(), data, tmp_path / "one")
    light = tmp_path / "one" / "light.pt"
    longer = recipe(steps=16, log_every=1)
    train(longer, data, tmp_path / "two", start=light, go_on=True)
    assert [line["step"] for line in lines(tmp_path / "two", "train")] == [13, 14, 15, 16]
    assert lines(tmp_path / "two", "train")[0]["rate"] < 0.03
    train(recipe(steps=3, log_every=1), data, tmp_path / "three", start=light)
    assert [line["step"] for line in lines(tmp_path / "three", "train")] == [1, 2, 3]
    assert lines(tmp_path / "three", "train")[0]["loss"] < 0.9 * lines(tmp_path / "one", "train")[0]["loss"]


def test_other_packs_bring_other_glyph_classes_and_the_run_goes_on(data, tmp_path):
    train(recipe(), data, tmp_path / "run", progress=interrupting(6))
    old = checkpoint.load(tmp_path / "run" / "state.pt")
    for path in data.glob("*.npz"):
        path.unlink()
    write_pack(data / "other-000.npz", 100, letters="bc")
    train(recipe(), data, tmp_path / "run")
    new = checkpoint.load(tmp_path / "run" / "state.pt")
    assert (old["names"], new["names"]) == (["bar:a", "bar:b", "bar:c"], ["bar:b", "bar:c"])
    assert new["step"] == 12 and new["weights"]["glyph_head.weight"].shape[0] == 2


def test_a_curriculum_goes_from_short_to_long_targets(data, tmp_path, monkeypatch):
    longest = []
    honest = loop.Run.optimize
    monkeypatch.setattr(loop.Run, "optimize", lambda self, batch: (longest.append(batch.tokens.shape[1] - 2),
                                                                    honest(self, batch))[1])
    train(recipe(curriculum=((4, 2), (8, 5)), steps=16), data, tmp_path / "run")
    assert max(longest[:4]) <= 2 < max(longest[4:8]) <= 5 < max(longest[8:]) <= 9 and len(longest) == 16


def test_another_network_in_the_same_folder_is_refused(data, tmp_path):
    train(recipe(steps=1), data, tmp_path / "run")
    wider = dataclasses.replace(RECIPE, model=dataclasses.replace(
        RECIPE.model, generation_parameters={**RECIPE.model.generation_parameters, "hidden": 32}))
    with pytest.raises(OptionError, match="another network"):
        train(wider, data, tmp_path / "run")
    with pytest.raises(OptionError, match="another network"):
        train(wider, data, tmp_path / "new", start=tmp_path / "run" / "light.pt")


def test_a_run_that_counts_open_groups_begins_with_weights_from_before_that(data, tmp_path):
    train(recipe(steps=1), data, tmp_path / "run")
    counting = dataclasses.replace(recipe(steps=1), model=dataclasses.replace(
        RECIPE.model, generation_parameters={**RECIPE.model.generation_parameters, "opens": "[ab]", "closes": "c"}))
    state = train(counting, data, tmp_path / "new", start=tmp_path / "run" / "light.pt")
    assert checkpoint.load(state)["weights"]["generation.open_groups.vectors.weight"].any()
    with pytest.raises(OptionError, match="another network"):  # but a run goes on as it was begun
        train(counting, data, tmp_path / "run")


def test_the_same_run_twice_gives_the_same_losses(data, tmp_path):
    for name in "ab":
        train(recipe(log_every=1, steps=6), data, tmp_path / name)
    one, two = ([line["loss"] for line in lines(tmp_path / name, "train")] for name in "ab")
    assert one == two


def test_gradients_of_several_steps_make_one_when_they_are_accumulated(data, tmp_path, monkeypatch):
    moved = []
    honest = loop.Run.follow
    monkeypatch.setattr(loop.Run, "follow", lambda self: (moved.append(self.step), honest(self))[1])
    train(recipe(accumulate=3), data, tmp_path / "run")
    assert moved == [2, 5, 8, 11]


def test_the_averaged_weights_lag_behind_and_without_averaging_they_are_the_trained_ones(data, tmp_path):
    for ema, same in ((0.0, True), (0.99, False)):
        train(recipe(ema=ema), data, tmp_path / str(ema))
        state = checkpoint.load(tmp_path / str(ema) / "state.pt")
        key = "generation.out.bias" if "generation.out.bias" in state["weights"] else "generation.norm.bias"
        assert torch.equal(state["weights"][key], state["network"][key]) == same


@pytest.mark.parametrize("settings", [{"precision": "bf16"}, {"optimizer": "adamw"}, {"glyph_loss": 0.0},
                                      {"schedule": "linear", "label_smoothing": 0.1}, {"workers": 2}])
def test_the_switches_of_the_recipe_train_too(data, tmp_path, settings):
    train(recipe(steps=6, **settings), data, tmp_path / "run")
    found = [line["loss"] for line in lines(tmp_path / "run", "train")]
    assert len(found) == 3 and all(0 < loss < 10 for loss in found)
    if "glyph_loss" in settings:
        assert lines(tmp_path / "run", "start")[0]["classes"] == 0


def test_compiling_is_asked_for_by_the_recipe_alone(data, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(loop.torch, "compile", lambda function, **options: (asked.append(options), function)[1])
    train(recipe(steps=1), data, tmp_path / "a")
    assert not asked
    train(recipe(steps=1, compile=True), data, tmp_path / "b")
    assert asked == [{"dynamic": True}]


def test_a_ctc_network_trains_and_is_validated(data, tmp_path):
    frames = dataclasses.replace(recipe(steps=4), model=dataclasses.replace(
        RECIPE.model, generation="ctc", generation_parameters={"width": 16}))
    train(frames, data, tmp_path / "run")
    assert lines(tmp_path / "run", "validation")[-1]["step"] == 4


DRIVER = """
import sys
from pathlib import Path
import torch
from glyphic import notations
from glyphic.core.recipe import Recipe
from glyphic.training import batches, loop
import json
torch.set_num_threads(1)
notations.BUILT_IN["bars"] = "tests.bars"
batches.POOL = 64
recipe, data, run = sys.argv[1:]
loop.train(Recipe.from_json(json.loads(recipe)), Path(data), Path(run))
"""


@pytest.mark.slow
def test_two_processes_that_share_each_batch_train_as_one_does(data, tmp_path):
    chosen = recipe(steps=8, log_every=1, shared_batches=True, optimizer="adamw", curriculum=((3, 4),))
    (tmp_path / "driver.py").write_text(DRIVER)
    root = Path(__file__).parents[2]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join([str(root), str(root / "src")])}
    single = [sys.executable]
    double = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    for name, command in (("single", single), ("double", double)):
        done = subprocess.run([*command, str(tmp_path / "driver.py"), json.dumps(chosen.to_json()), str(data),
                               str(tmp_path / name)], env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr[-3000:]
    one, two = (lines(tmp_path / name, "train") for name in ("single", "double"))
    for key in ("loss", "glyph_loss"):
        assert [line[key] for line in two] == pytest.approx([line[key] for line in one], abs=2e-3)
    assert lines(tmp_path / "double", "start")[0]["processes"] == 2 and len(lines(tmp_path / "double", "start")) == 1
    mine, theirs = (checkpoint.load(tmp_path / name / "state.pt")["network"] for name in ("single", "double"))
    for name, weight in mine.items():
        torch.testing.assert_close(theirs[name], weight, atol=2e-3, rtol=1e-2)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
def test_no_step_waits_for_the_gpu(data, tmp_path):
    run = loop.Run(recipe(precision="bf16"), toy.NOTATION, data, tmp_path)
    run.network.train()
    found = run.batches()
    meter = loop.Meter(run.device)
    for step in range(4):
        batch = next(found).to(run.device)
        if step == 1:  # the first step sets things up
            torch.cuda.set_sync_debug_mode("error")
        meter.add(batch, *run.optimize(batch))
        run.step += 1
    torch.cuda.set_sync_debug_mode("default")
    assert meter.take()["loss"] > 0


@pytest.mark.parametrize("generation", ["ctc", "coverage"])
def test_a_network_for_lines_learns_where_cells_are_no_squares(data, tmp_path, generation):
    parameters = {"width": 16} if generation == "ctc" else {"width": 24, "embedding": 8, "attention": 16}
    lines_of_text = InputSpec(line_height=32, margin=0, max_height=32, max_width=512, multiple=32)
    chosen = dataclasses.replace(
        recipe(steps=40, log_every=10, batch=8), input=lines_of_text,
        data=dataclasses.replace(RECIPE.data, max_pixels=32 * 512, max_tokens=3, validation=2),
        model=ModelSpec("resnet15", generation, "bigru", {"channels": [4, 8, 16, 16], "blocks": [1, 1, 1, 1]},
                        {"width": 16}, parameters))
    train(chosen, data, tmp_path / "run")
    found = lines(tmp_path / "run", "train")
    assert found[-1]["loss"] < 0.9 * found[0]["loss"]
    assert 0 < found[-1]["glyph_loss"] < found[0]["glyph_loss"]
