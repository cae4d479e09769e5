"""Readings of staves are converted, validated and read by music21, and what does not pass is named."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import music_conversions as benchmark

TEXT = ("clef-C1 keySignature-EbM timeSignature-2/4 multirest-3 barline rest-quarter gracenote-C5_eighth "
        "note-Bb4_quarter tie barline note-Bb4_half barline rest-whole barline")


def test_what_another_program_finds_is_what_the_text_says():
    pytest.importorskip("music21")
    assert benchmark.complaint(TEXT, lambda document: True) is None


def test_what_differs_is_named(monkeypatch):
    pytest.importorskip("music21")
    assert benchmark.complaint(TEXT, lambda document: False) == "against the schema"
    monkeypatch.setattr(benchmark, "found", lambda document: [])
    assert benchmark.complaint(TEXT, lambda document: True) == "music21 finds other notes"


def test_a_text_that_is_none_is_not_converted():
    assert benchmark.complaint("clef-G2 nonsense", lambda document: True).startswith("not converted")


def test_the_last_column_of_a_file_is_its_text(tmp_path):
    (tmp_path / "texts.tsv").write_text(f"a.png\t{TEXT}\nb.png\tclef-G2\n\n")
    assert list(benchmark.texts(str(tmp_path / "texts.tsv"), None, 1, None)) == [TEXT]
