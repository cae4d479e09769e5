"""Bars are judged in exact fractions."""

from fractions import Fraction

import pytest
from hypothesis import given

from glyphic.notations.music.bars import bars
from glyphic.notations.music.semantic import Barline, parse
from tests.notations.music import staves


def verdicts(text: str) -> list[str]:
    return [bar.verdict for bar in bars(parse(text))]


@pytest.mark.parametrize(("text", "expected"), [
    ("clef-G2 timeSignature-3/4 note-C4_half. barline note-C4_quarter note-D4_half barline", "complete complete"),
    ("timeSignature-3/4 note-C4_quarter barline note-C4_half. barline note-C4_half barline",
     "pickup complete complete"),
    ("timeSignature-3/4 note-C4_quarter barline note-C4_half. barline note-C4_quarter barline",
     "pickup complete short"),
    ("timeSignature-3/4 note-C4_half. barline note-C4_quarter", "complete cut"),
    ("timeSignature-3/4 note-C4_whole barline note-C4_half barline note-C4_half. barline", "long short complete"),
    ("timeSignature-C multirest-17 barline rest-whole barline", "complete complete"),
    ("timeSignature-3/8 rest-whole barline rest-whole note-C4_eighth barline", "complete long"),
    ("timeSignature-3/8 note-C4_whole barline rest-quarter barline", "long short"),
    ("clef-G2 note-C4_half barline multirest-2 barline", "unknown unknown"),
    ("timeSignature-C/ note-C4_double_whole note-C4_whole", "unknown"),
    ("timeSignature-2/4 note-C4_half barline timeSignature-3/4 note-C4_half. barline", "complete complete"),
    ("timeSignature-2/4 gracenote-C4_quarter note-C4_quarter.. note-C4_sixteenth barline", "complete"),
    ("timeSignature-2/4 note-C4_half barline clef-F4", "complete"),
    ("clef-G2", ""), ("", ""),
])
def test_a_bar_is_judged_by_its_metre(text, expected):
    assert verdicts(text) == expected.split()


def test_the_sum_is_exact():
    (bar,) = bars(parse("timeSignature-12/16 note-C4_eighth... rest-hundred_twenty_eighth.. barline"))
    assert bar.length == Fraction(15, 64) + Fraction(7, 512) and bar.wanted == Fraction(3, 4)


@given(staves.anything)
def test_bars_cover_the_staff_between_its_barlines(staff):
    found = bars(staff)
    for bar in found:
        assert not any(isinstance(symbol, Barline) for symbol in staff[bar.start:bar.stop])
        assert bar.stop == len(staff) or isinstance(staff[bar.stop], Barline)
        assert bar.verdict != "complete" or bar.wanted is not None
    assert [bar.start for bar in found[1:]] == [bar.stop + 1 for bar in found[:-1]]
    assert sum(isinstance(symbol, Barline) for symbol in staff) in (len(found), len(found) - 1)
