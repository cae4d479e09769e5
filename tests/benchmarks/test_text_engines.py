"""The benchmark of text engines measures each alone, scores all alike, and names what it did not measure."""

import ctypes.util
import json
import string
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from glyphic import notations
from glyphic.core.options import InputSpec
from glyphic.core.recipe import ModelSpec, Recipe
from glyphic.data.samples import read_folder, write_folder
from glyphic.models.build import build
from glyphic.notations.text import WordAccuracy
from glyphic.training import checkpoint
from glyphic.training.export import export

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import engines
import text_engines as benchmark

TEXT = notations.get("text")
ACCURACY = WordAccuracy()
RECIPE = Recipe("tiny", "text", ModelSpec("crnn", "ctc", extraction_parameters={"width_factor": 0.0625}),
                InputSpec(line_height=32, margin=0, max_height=32, max_width=256, multiple=32))
WORDS = ("Salt", "No. 7", "EXIT", "Café")  # the last one is outside the notation


def drawn(word: str) -> np.ndarray:
    """Black on white, as large as a person would like it; (H, W) uint8."""
    font = ImageFont.load_default(size=40)
    left, top, right, bottom = font.getbbox(word)
    picture = Image.new("L", (int(right - left) + 24, int(bottom - top) + 24), 255)
    ImageDraw.Draw(picture).text((12 - left, 12 - top), word, fill=0, font=font)
    return np.asarray(picture)


@pytest.fixture
def folders(tmp_path):
    write_folder(tmp_path / "signs", ((drawn(word), word) for word in WORDS))
    write_folder(tmp_path / "more", ((drawn(word[::-1]), word[::-1]) for word in WORDS[:2]))
    return [tmp_path / "signs", tmp_path / "more"]


@pytest.fixture
def network():
    return build(RECIPE.model, TEXT.tokenizer.vocabulary).eval()


@pytest.fixture
def bundle(network, tmp_path):
    return export(network, RECIPE, TEXT.tokenizer.vocabulary, tmp_path / "bundle",
                  [np.ones((32, 64), np.float32)], "tiny", "1")


@pytest.fixture
def trained(network, tmp_path):
    """A run's folder."""
    (tmp_path / "run").mkdir()
    checkpoint.save(tmp_path / "run" / "light.pt", {"recipe": RECIPE.to_json(), "step": 1, "pool": 0, "names": [],
                                                   "weights": network.state_dict()})
    return tmp_path / "run"


@pytest.mark.slow
def test_all_engines_stand_in_one_table_and_a_missing_one_is_named(folders, bundle, trained, tmp_path,
                                                                  monkeypatch):
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "rapidocr_onnxruntime.py").write_text("raise ImportError('not here')")
    monkeypatch.setenv("PYTHONPATH", f"{hidden}:{Path(notations.__file__).parents[2]}")
    out = tmp_path / "out"
    found = benchmark.compare(folders, out, benchmark.arguments([
        *map(str, folders), "--out", str(out), "--model", str(bundle), "--model", "nowhere", "--run", str(trained),
        "--engines", "glyphic,rapidocr,torch,onnxruntime", "--seconds", "0"]))
    assert json.loads((out / "results.json").read_text()) == found
    assert set(found["missing"]) == {"rapidocr", "glyphic nowhere"}
    assert "pip install rapidocr-onnxruntime" in found["missing"]["rapidocr"]
    (ours,) = found["readers"]
    assert [part["count"] for part in ours["folders"]] == [4, 2, 6] and not ours["errors"]
    for part in ours["folders"]:
        assert list(part["metrics"]) == list(TEXT.metrics) and part["unread"] == 0
        assert part["cpu_ms"] > 0 and part["wall_ms"] > 0
    assert [row["name"] for row in found["networks"]] == ["torch", "onnxruntime"]
    for row in found["networks"]:
        assert [part["batch"] for part in row["speeds"]] == [1, 16, 128]
        assert all(part["per_second"] > 0 and part["rounds"] >= 3 for part in row["speeds"])
    assert 0 < found["largest_difference"] < 1e-3, "torch and ONNX Runtime run the same network"
    written = (out / "results.md").read_text()
    assert all(why in written for why in found["missing"].values())
    assert sum(line.startswith(f"| glyphic {bundle} |") for line in written.splitlines()) == 3 + 1
    assert len((out / "predictions").glob("*.tsv").__next__().read_text().splitlines()) == 6


def test_only_the_asked_for_pictures_are_read_and_a_damaged_one_counts_as_wrong(folders, bundle,
                                                                              tmp_path):
    samples = read_folder(folders[0])[:3]
    samples[1].path.write_bytes(b"no picture")
    found = engines.run({"engine": "glyphic", "threads": 1, "options": {"model": str(bundle)},
                         "pictures": [str(sample.path) for sample in samples]})
    assert [bool(reading["error"]) for reading in found["readings"]] == [False, True, False]
    row = benchmark.reader_row("ours", found, {"signs": samples}, tmp_path)
    assert row["folders"][0]["unread"] == 1 and list(row["errors"]) == [str(samples[1].path)]


@pytest.mark.parametrize(("reads", "right"), [(str.upper, 1.0), (str, 1.0), (lambda word: word + "。", 1.0),
                                              (lambda word: word + "x", 0.0)])
def test_readings_are_scored_by_the_36_characters_whatever_else_they_hold(reads, right, tmp_path, folders):
    samples = read_folder(folders[0])[:3]
    readings = [{"path": str(s.path), "text": reads(s.text), "error": "", "cpu_ms": 2.0, "wall_ms": 3.0}
                for s in samples]
    row = benchmark.reader_row("any", {"readings": readings}, {"signs": samples}, tmp_path)
    (part,) = row["folders"]
    assert part["metrics"]["word_accuracy"]["value"] == right
    assert part["metrics"]["exact"]["value"] == (reads is str) + (reads is str.upper) / 3  # EXIT is all upper case
    assert (part["cpu_ms"], part["wall_ms"], part["cpu_ms_median"]) == (2.0, 3.0, 2.0)


@given(st.text())
def test_any_reading_can_be_scored(text):
    line = benchmark.spelled(text, TEXT)
    assert "\n" not in line and "\t" not in line and TEXT.normalize(line) == " ".join(line.split())


@given(st.text(string.printable))
def test_what_the_notation_holds_stays_as_it_was_read(text):
    assert benchmark.spelled(text, TEXT) == " ".join(text.split())


def test_networks_are_timed_on_real_lines_repeated_until_the_batch_is_full(folders):
    pictures = [str(sample.path) for sample in read_folder(folders[0])[:3]]
    lines = benchmark.lines(pictures, RECIPE.input)
    assert lines.shape == (128, 1, 32, 128) and lines.dtype == np.float32
    assert 0 <= lines.min() < 0.2 and 0.8 < lines.max() <= 1
    assert (lines[0] == lines[3]).all() and (lines[0] != lines[1]).any()


def test_without_a_compiler_torch_compile_is_skipped_with_the_reason(monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    found = engines.run({"engine": "torch compiled", "threads": 1, "options": {"recipe": RECIPE.to_json()}})
    assert "no-such-compiler is not installed: apt-get install" in found["missing"]


def test_an_engine_that_crashes_is_reported_with_what_it_said_last(folders, tmp_path):
    crashing = tmp_path / "python"
    crashing.write_text("#!/bin/sh\necho no such luck >&2\nexit 3\n")
    crashing.chmod(0o755)
    given = benchmark.arguments([str(folders[0]), "--out", str(tmp_path / "out"), "--engines", "rapidocr",
                                 "--python", f"rapidocr={crashing}"])
    found = benchmark.compare(folders[:1], tmp_path / "out", given)
    assert "exit code 3: no such luck" in found["missing"]["rapidocr"]
    assert not found["readers"] and "no such luck" in (tmp_path / "out" / "results.md").read_text()


@pytest.mark.parametrize(("height", "border"), [(0, 0), (80, 0), (0, 10)])
def test_tesseract_reads_a_drawn_word_however_it_is_prepared(folders, height, border):
    options = {"psm": 8, "height": height, "border": border}
    pictures = [str(sample.path) for sample in read_folder(folders[0])[:3:2]]
    found = engines.run({"engine": "tesseract", "threads": 1, "options": options, "pictures": pictures})
    if "missing" in found:
        assert "apt-get install tesseract-ocr" in found["missing"]
        pytest.skip(found["missing"])
    assert [ACCURACY.filtered(reading["text"]) for reading in found["readings"]] == ["salt", "exit"]
    assert found["version"].startswith("tesseract ") and found["megabytes"] > 1


def test_without_its_library_tesseract_is_missing(monkeypatch):
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    found = engines.run({"engine": "tesseract", "threads": 1, "options": {"psm": 8, "height": 0, "border": 0}})
    assert "apt-get install tesseract-ocr" in found["missing"]


def test_rapidocr_reads_a_drawn_word(folders):
    pytest.importorskip("rapidocr_onnxruntime", reason="needs rapidocr-onnxruntime")
    pictures = [str(sample.path) for sample in read_folder(folders[0])[:3:2]]
    found = engines.run({"engine": "rapidocr", "threads": 1, "options": {}, "pictures": pictures})
    assert [ACCURACY.filtered(reading["text"]) for reading in found["readings"]] == ["salt", "exit"]


def test_an_unknown_engine_is_refused_with_the_known_ones(capsys):
    with pytest.raises(SystemExit):
        benchmark.arguments(["folder", "--out", "out", "--engines", "glyphic,abacus"])
    assert "no engine 'abacus'; there are: glyphic, tesseract, rapidocr" in capsys.readouterr().err
