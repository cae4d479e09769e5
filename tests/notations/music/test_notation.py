"""The music notation keeps what every notation promises, and writes every format."""

import random

import pytest

from glyphic import notations
from glyphic.notations import conformance
from glyphic.notations.music import NOTATION


def test_it_keeps_the_promises_of_every_notation():
    conformance.check(NOTATION, count=100, renders=0)


def test_its_pictures_keep_the_promises_of_every_notation():
    pytest.importorskip("verovio", reason="needs verovio")
    pytest.importorskip("resvg_py", reason="needs resvg-py")
    conformance.check(NOTATION, count=12, renders=8)


def test_it_is_in_the_table():
    assert notations.get("music") is NOTATION


def test_official_labels_are_read_with_tabs_as_with_blanks():
    tabs = NOTATION.examples[0]
    assert "\t" in tabs and NOTATION.normalize(tabs) == tabs.replace("\t", " ")


def test_every_format_writes_every_sample():
    assert set(NOTATION.formats) == {"musicxml", "mei", "pae", "abc", "midi", "agnostic", "bars"}
    for seed in range(20):
        text = NOTATION.sample(random.Random(seed))
        assert all(write(text) for write in NOTATION.formats.values())
