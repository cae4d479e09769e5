"""The command line, as a user meets it."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageGrab

from glyphic import notations, recipes
from glyphic.cli import main
from glyphic.core.options import InputSpec
from glyphic.core.recipe import ModelSpec, Recipe
from glyphic.data.packs import Pack
from glyphic.data.samples import read_folder
from glyphic.reading import automatic
from glyphic.reading import bundle as bundles
from glyphic.reading.recognizer import Recognizer
from tests import bars as toy
from tests import kinds

pytestmark = pytest.mark.usefixtures("bars")


def run(*arguments: object, stdin: bytes | None = None):
    return CliRunner().invoke(main, [str(a) for a in arguments], input=stdin)


def shell(*arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "glyphic", *arguments], capture_output=True, text=True, **options)


@pytest.fixture
def model(step_bundle) -> Path:
    return step_bundle.folder


@pytest.fixture
def picture(tmp_path) -> Path:
    return save(tmp_path / "abba.png", "abba")


def save(path: Path, text: str) -> Path:
    Image.fromarray(toy.render(text, random.Random(0))).save(path)
    return path


# --- read

def test_one_picture_prints_its_text_and_nothing_else(picture, model):
    result = run("read", picture, "--model", model)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "abba\n", "")


def test_several_pictures_print_path_and_text_in_order(picture, model, tmp_path):
    other = save(tmp_path / "c.png", "c")
    assert run("read", picture, other, "--model", model).stdout == f"{picture}\tabba\n{other}\tc\n"


def test_a_pattern_that_the_shell_left_alone_is_expanded(picture, model, tmp_path):
    save(tmp_path / "b.png", "b")
    result = run("read", tmp_path / "*.png", "--model", model)
    assert result.stdout == f"{picture}\tabba\n{tmp_path / 'b.png'}\tb\n"


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(model, tmp_path):
    odd = save(tmp_path / "a[1].png", "ab")
    save(tmp_path / "a1.png", "c")
    assert run("read", odd, "--model", model).stdout == "ab\n"


def test_a_pattern_without_a_match_is_a_missing_file(model, tmp_path):
    result = run("read", tmp_path / "*.jpg", "--model", model)
    assert result.exit_code == 1 and "no such file" in result.stderr


def test_standard_input_is_read(picture, model):
    assert run("read", "-", "--model", model, stdin=picture.read_bytes()).stdout == "abba\n"


def test_one_failure_does_not_stop_the_others(picture, model, tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture")
    result = run("read", tmp_path / "gone.png", picture, notes, tmp_path, "--model", model)
    assert result.exit_code == 1 and result.stdout == f"{picture}\tabba\n"
    lines = result.stderr.splitlines()
    assert len(lines) == 3 and all(line.startswith("glyphic: ") for line in lines)
    assert "no such file" in lines[0] and "notes.txt" in lines[1] and "folder" in lines[2]


def test_json_is_one_object_per_line(picture, model, tmp_path):
    other = save(tmp_path / "cc.png", "cc")
    lines = run("read", picture, other, "--json", "--alternatives", 2, "--model", model).stdout.splitlines()
    found = [json.loads(line) for line in lines]
    assert [(f["path"], f["text"]) for f in found] == [(str(picture), "abba"), (str(other), "cc")]
    assert {f["notation"] for f in found} == {"bars"}
    assert all(len(f["alternatives"]) == 2 and 0 < f["confidence"] <= 1 and f["tokens"] for f in found)


def test_readings_are_printed_in_another_format(picture, model, tmp_path, monkeypatch):
    monkeypatch.setitem(toy.NOTATION.formats, "loud", str.upper)
    other = save(tmp_path / "c.png", "c")
    assert run("read", picture, "--format", "loud", "--model", model).stdout == "ABBA\n"
    assert run("read", picture, other, "--format", "loud", "--model", model).stdout == f"{picture}\tABBA\n{other}\tC\n"
    found = json.loads(run("read", picture, "--format", "loud", "--json", "--boxes", "--model", model).stdout)
    assert (found["text"], found["formats"]) == ("abba", {"loud": "ABBA"}) and all(t["box"] for t in found["tokens"])
    refused = run("read", picture, "--format", "quiet", "--model", model)
    assert refused.exit_code == 2 and "there are: loud" in refused.stderr


def test_alternatives_are_printed_below(picture, model):
    lines = run("read", picture, "--alternatives", 2, "--model", model).stdout.splitlines()
    assert lines[0] == "abba" and len(lines) == 3 and all(line.startswith("  0.") for line in lines[1:])


def test_warnings_go_to_stderr_and_are_no_failure(model, tmp_path):
    Image.new("L", (50, 50), 255).save(tmp_path / "blank.png")
    result = run("read", tmp_path / "blank.png", "--model", model)
    assert result.exit_code == 0 and result.stdout == "\n" and "blank" in result.stderr


def test_a_page_shows_readings_and_failures(picture, model, tmp_path):
    result = run("read", picture, tmp_path / "gone.png", "--html", tmp_path / "page.html", "--model", model)
    page = (tmp_path / "page.html").read_text()
    assert result.exit_code == 1 and page.count("<section>") == 2 and "abba" in page and "no such file" in page
    assert page.count("data:image/png") == 2, "the picture and its rendered reading"


@pytest.mark.parametrize(("held", "outcome"), [
    (Image.fromarray(toy.render("cab", random.Random(0))), "cab\n"), (None, "no picture"),
    (OSError("no xclip"), "no xclip"),
])
def test_the_clipboard_is_read_where_there_is_one(model, monkeypatch, held, outcome):
    def grab():
        if isinstance(held, Exception):
            raise held
        return held

    monkeypatch.setattr(ImageGrab, "grabclipboard", grab)
    result = run("read", "--clipboard", "--model", model)
    assert outcome in result.output and result.exit_code == (outcome != "cab\n")


def test_files_in_the_clipboard_are_read(model, monkeypatch, picture):
    monkeypatch.setattr(ImageGrab, "grabclipboard", lambda: [str(picture)])
    assert run("read", "--clipboard", "--model", model).stdout == "abba\n"


@pytest.mark.parametrize("arguments", [
    ["read"], ["raed"], ["read", "x.png", "--beam", "0"], ["read", "x.png", "--nonsense"],
    ["read", "x.png", "--model", "nothing"], ["evaluate", "formula"], ["evaluate", "formula", "/nowhere"],
    ["render", "nothing", "x", "y.png"], ["synth", "nothing", "y"],
    ["train", "nothing", "--data", "."], ["read", "x.png", "--alternatives", "3", "--beam", "2"],
])
def test_a_command_that_makes_no_sense_exits_with_2_and_a_reason(arguments, model, monkeypatch):
    monkeypatch.setattr(bundles, "installed", lambda: {"formula": model})
    result = run(*arguments)
    assert result.exit_code == 2 and result.stderr and "Traceback" not in result.output


def test_an_unknown_model_lists_those_there_are(model, monkeypatch, picture):
    monkeypatch.setattr(bundles, "installed", lambda: {"formula": model})
    result = run("read", picture, "--model", "formulas")
    assert result.stderr == "glyphic: no model or bundle folder 'formulas'; there are: formula\n"


def test_a_damaged_model_is_one_clear_line(tmp_path, picture, model):
    import shutil

    copy = shutil.copytree(model, tmp_path / "copy")
    (copy / "step.onnx").write_bytes(b"x")
    result = run("read", picture, "--model", copy)
    assert result.exit_code == 1 and len(result.stderr.splitlines()) == 1 and "step.onnx" in result.stderr


def test_words_that_are_expected_and_characters_that_are_allowed_change_the_reading(picture, frame_bundle, tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("abbc\nccc\n")
    reading = ["read", picture, "--model", frame_bundle.folder]
    assert run(*reading, "--lexicon", words, "--gate", "inf").stdout == "abbc\n"
    result = run(*reading, "--lexicon", words, "--gate", 0)
    assert result.stdout == "abba\n" and "outside the lexicon" in result.stderr
    assert run(*reading, "--allow", "c").stdout == "cc\n"  # the next wider bar
    assert run(*reading, "--allow", "xyz").exit_code == 2


# --- evaluate

def test_evaluation_writes_what_the_contract_names(bars_folder, model, tmp_path):
    result = run("evaluate", model, bars_folder, "--json", tmp_path / "out.json", "--limit", 5,
                 "--predictions", tmp_path / "p.tsv", "--html", tmp_path / "p.html")
    assert result.exit_code == 0, result.output
    data = json.loads((tmp_path / "out.json").read_text())
    assert data["count"] == 5 and data["model"] == "toy 1" and data["dataset"] == str(bars_folder)
    assert data["metrics"]["exact"] == {"value": 1.0, "low": pytest.approx(0.5655, abs=1e-3), "high": 1.0, "count": 5}
    assert len((tmp_path / "p.tsv").read_text().splitlines()) == 6 and "100.00 %" in result.stdout
    assert (tmp_path / "p.html").read_text().count("<section>") == 5


@pytest.mark.parametrize("named", ["model", "notation"])
def test_other_peoples_predictions_are_scored(bars_folder, model, tmp_path, named):
    samples = read_folder(bars_folder)
    texts = ["x", *(sample.text for sample in samples[1:])]
    lines = [f"images/{sample.path.name}\t{text}\n" for sample, text in zip(samples, texts, strict=True)]
    (tmp_path / "p.tsv").write_text("".join(lines))
    who = model if named == "model" else "bars"
    result = run("evaluate", who, bars_folder, "--score", tmp_path / "p.tsv", "--json", tmp_path / "out.json")
    data = json.loads((tmp_path / "out.json").read_text())
    assert result.exit_code == 0 and data["metrics"]["exact"]["value"] == pytest.approx(11 / 12)
    assert data["predictions_invalid"] == 1 and "1 readings that the notation cannot hold" in result.stdout


def test_a_folder_without_labels_is_one_clear_line(model, tmp_path):
    result = run("evaluate", model, tmp_path)
    assert result.exit_code == 1 and "labels.tsv" in result.stderr and len(result.stderr.splitlines()) == 1


# --- synth and render

def test_molecules_are_drawn_from_a_list_of_smiles_in_the_look_that_is_asked_for(tmp_path):
    pytest.importorskip("rdkit", reason="needs rdkit: pip install 'glyphic[chem]'")
    (tmp_path / "list.smi").write_text("CCO one\nCC(=O)Oc1ccccc1C(=O)O two\nc1ccncc1 three\n")
    (tmp_path / "seen.tsv").write_text("images/0.png\tOCC\n")
    synth = ["synth", "molecule", "--packs", "1", "--count", "6", "--strings", str(tmp_path / "list.smi"),
             "--exclude", str(tmp_path / "seen.tsv")]
    for look in ("printed", "handwritten"):
        done = CliRunner().invoke(main, [*synth, str(tmp_path / look), "--look", look])
        assert done.exit_code == 0, done.output
        pack = Pack(tmp_path / look / "molecule-000.npz", notations.get("molecule").tokenizer.vocabulary)
        texts = [notations.get("molecule").tokenizer.decode(pack[i].target.tolist()) for i in range(len(pack))]
        assert len(texts) == 6 and all(text.count("[") > 2 for text in texts), "ethanol is held out"
    refused = CliRunner().invoke(main, [*synth, str(tmp_path / "x"), "--look", "mathjax"])
    assert refused.exit_code == 2 and "printed" in refused.output
    assert CliRunner().invoke(main, ["synth", "text", str(tmp_path / "y"), "--look", "printed"]).exit_code == 2


def test_synthesised_pictures_are_read_back(tmp_path, model):
    assert run("synth", "bars", tmp_path / "set", "--count", 60, "--seed", 3).exit_code == 0
    samples = read_folder(tmp_path / "set")
    assert len(samples) == 60 and len({s.text for s in samples}) > 20
    assert run("evaluate", model, tmp_path / "set", "--json", tmp_path / "out.json").exit_code == 0
    assert json.loads((tmp_path / "out.json").read_text())["metrics"]["exact"]["value"] == 1.0


def test_a_seed_makes_the_same_pictures_however_many(tmp_path):
    for name, count, seed in (("few", 7, 1), ("many", 70, 1), ("others", 7, 2)):
        run("synth", "bars", tmp_path / name, "--count", count, "--seed", seed)
    few, many, others = ([s.text for s in read_folder(tmp_path / name)] for name in ("few", "many", "others"))
    assert few == many[:7] != others
    for name in (f"images/{i:06d}.png" for i in range(7)):
        assert (tmp_path / "few" / name).read_bytes() == (tmp_path / "many" / name).read_bytes()


def test_a_text_is_drawn(tmp_path, model):
    assert run("render", "bars", "c a b", tmp_path / "x.png").exit_code == 0
    assert run("read", tmp_path / "x.png", "--model", model).stdout == "cab\n"
    refused = run("render", "bars", "abx", tmp_path / "y.png")
    assert refused.exit_code == 1 and "at character 2" in refused.stderr and not (tmp_path / "y.png").exists()
    assert "cannot write" in run("render", "bars", "a", tmp_path / "y.nonsense").stderr


# --- models

def test_models_are_listed_with_size_and_scores(model, monkeypatch):
    monkeypatch.setattr(bundles, "installed", lambda: {"toy": model})
    text = run("models").stdout
    assert text.startswith("toy 1  bars  0.0 MB\n") and "bars.exact: 100.00 %  [90.00, 100.00]" in text
    found = json.loads(run("models", "--json").stdout)
    assert [(f["name"], f["version"], f["notation"]) for f in found] == [("toy", "1", "bars")] and found[0]["bytes"] > 0


def test_an_installation_without_models_says_so(monkeypatch):
    monkeypatch.setattr(bundles, "installed", dict)
    assert "no models" in run("models").stdout and json.loads(run("models", "--json").stdout) == []


# --- train

@pytest.fixture
def recipe(monkeypatch):
    """A recipe in the table, and a training loop that only notes what it was asked for."""
    import types

    calls = []
    module = types.ModuleType("toy_recipe")
    module.RECIPE = Recipe("toy", "bars", ModelSpec("cnn", "transformer"), InputSpec())
    loop = types.ModuleType("glyphic.training.loop")
    loop.train = lambda recipe, data, run, resume, start, **more: calls.append((recipe, data, run, resume, start))
    monkeypatch.setitem(recipes.BUILT_IN, "toy", "toy_recipe")
    monkeypatch.setitem(sys.modules, "toy_recipe", module)
    monkeypatch.setitem(sys.modules, "glyphic.training.loop", loop)
    monkeypatch.setattr("glyphic.training.loop", loop, raising=False)
    return calls


def test_training_gets_the_recipe_with_its_settings(recipe, tmp_path):
    result = run("train", "toy", "--data", tmp_path, "--set", "training.steps=7", "--set", "model.extraction=resnet",
                 "--run", tmp_path / "run")
    assert result.exit_code == 0, result.output
    [(chosen, data, folder, resume, start)] = recipe
    assert (chosen.training.steps, chosen.model.extraction, data, folder, resume, start) == (
        7, "resnet", tmp_path, tmp_path / "run", True, None)
    (tmp_path / "weights").write_text("")
    run("train", "toy", "--data", tmp_path, "--fresh", "--start", tmp_path / "weights")
    assert recipe[1][2:] == (Path("runs/toy"), False, tmp_path / "weights")


def test_a_setting_that_does_not_exist_exits_with_2(recipe, tmp_path):
    result = run("train", "toy", "--data", tmp_path, "--set", "training.stepz=7")
    assert result.exit_code == 2 and "training has:" in result.stderr and not recipe


def test_training_without_torch_names_the_pip_command(recipe, tmp_path, monkeypatch):
    import builtins

    honest = builtins.__import__

    def without_torch(name, *arguments):
        if name == "glyphic.training.loop":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
        return honest(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without_torch)
    result = run("train", "toy", "--data", tmp_path)
    assert result.exit_code == 1 and "pip install 'glyphic[train]'" in result.stderr


# --- as a program

def test_the_program_explains_itself():
    for arguments in ([], ["--help"], ["read", "-h"]):
        assert "Usage:" in (shell(*arguments).stdout + shell(*arguments).stderr)
    assert "0.1.0" in shell("--version").stdout


def test_the_program_reads_a_file_and_fails_without_a_traceback(model, picture, tmp_path):
    plugin = tmp_path / "site" / "bars-1.dist-info"
    plugin.mkdir(parents=True)
    (plugin / "METADATA").write_text("Name: bars\nVersion: 1\n")
    (plugin / "entry_points.txt").write_text("[glyphic.notations]\nbars = tests.bars\n")
    root = Path(__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), str(root), *sys.path])}
    good = shell("read", str(picture), "--model", str(model), env=environment)
    assert (good.returncode, good.stdout, good.stderr) == (0, "abba\n", "")
    bad = shell("read", "gone.png", "--model", str(model), env=environment)
    assert (bad.returncode, bad.stdout, bad.stderr) == (1, "", "glyphic: no such file: gone.png\n")


def test_a_text_beyond_ascii_is_printed(model, picture, monkeypatch):
    monkeypatch.setattr(toy.Letters, "decode", lambda self, ids: "\N{INTEGRAL}")
    assert run("read", picture, "--model", model).stdout == "\N{INTEGRAL}\n"
    assert json.loads(run("read", picture, "--model", model, "--json").stdout)["text"] == "\N{INTEGRAL}"


def test_pictures_in_memory_and_files_read_alike(model, picture):
    import glyphic

    assert glyphic.read(np.asarray(Image.open(picture)), model).text == glyphic.read(picture, model).text == "abba"


def test_a_data_set_may_bring_the_lexicon_of_each_picture(frame_bundle, bars_folder, tmp_path):
    samples, measured = read_folder(bars_folder), ["evaluate", frame_bundle.folder, bars_folder]
    lines = [f"{s.path.relative_to(bars_folder)}\t{s.text} {'cab' * 3}\n" for s in samples]
    assert run(*measured, "--lexicons").exit_code == 1
    (bars_folder / "lexicons.tsv").write_text("".join(lines).replace(samples[0].text + " ", ""))
    result = run(*measured, "--lexicons", "--predictions", tmp_path / "p.tsv")
    assert result.exit_code == 0, result.output
    read = [line.split("\t")[2] for line in (tmp_path / "p.tsv").read_text().splitlines()[1:]]
    assert read == ["cab" * 3, *(s.text for s in samples[1:])]
    assert run(*measured, "--score", tmp_path / "p.tsv", "--lexicons").exit_code == 2


@pytest.mark.parametrize("option", ["--model", "--notation"])
def test_auto_reads_each_picture_with_the_model_of_its_kind(picture, step_bundle, tmp_path, monkeypatch, option):
    reader = automatic.KindReader(kinds.write_bundle(tmp_path / "kinds", {"text": 0.9, "none": 0.1}))
    monkeypatch.setattr(automatic, "KindReader", lambda threads=1: reader)
    monkeypatch.setattr(automatic, "installed", lambda: {"text": step_bundle.folder})
    monkeypatch.setattr(automatic, "Recognizer", lambda name, formats=(), **options: Recognizer(step_bundle, **options))
    automatic._cached.cache_clear()
    result = run("read", picture, option, "auto", "--json", "--html", tmp_path / "page.html")
    automatic._cached.cache_clear()
    assert result.exit_code == 0, result.output
    read = json.loads(result.stdout)
    assert read["notation"] == "bars" and read["notation_confidence"] == pytest.approx(0.9)
    assert "<img" in (tmp_path / "page.html").read_text()
