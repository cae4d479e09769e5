"""The evidence charges a reading for bars that its metre contradicts, once each, and forbids nothing."""

import numpy as np
import pytest
from hypothesis import given

from glyphic.notations.music.bars import bars
from glyphic.notations.music.evidence import BarEvidence
from glyphic.notations.music.semantic import parse
from glyphic.notations.music.tokens import VOCABULARY, to_tokens
from tests.notations.music import staves


def charge(staff, patience: int = 1000) -> float:
    """Charges of a whole reading, in weights."""
    guide = BarEvidence(weight=2.0, patience=patience)
    state, total = guide.start(), 0.0
    for token in VOCABULARY.encode(to_tokens(staff)):
        total -= float(guide.bias(state, 100)[token])
        state = guide.advance(state, token)
    return total / 2.0


@pytest.mark.parametrize(("text", "expected"), [
    ("clef-G2 timeSignature-3/4 note-C4_half. barline note-C4_half. barline", 0),
    ("timeSignature-3/4 note-C4_quarter barline note-C4_half barline note-C4_half. barline", 1),
    ("timeSignature-12/8 note-C4_whole. barline note-C4_whole barline", 1),
    ("timeSignature-3/4 note-C4_half. note-C4_half. note-C4_half. barline", 1),
    ("timeSignature-3/4 note-C4_half. note-C4_half. barline note-C4_quarter barline note-C4_whole barline", 3),
    ("timeSignature-C/ multirest-12 barline rest-whole barline", 0),
    ("timeSignature-3/8 rest-whole barline rest-whole note-C4_eighth barline", 1),
    ("timeSignature-2/4 note-C4_quarter.. note-C4_sixteenth barline rest-quarter. note-C4_eighth barline", 0),
    ("note-C4_half barline note-C4_half. barline", 0),
    ("timeSignature-2/4 note-C4_half barline timeSignature-3/4 note-C4_half. barline", 0),
    ("timeSignature-2/4 note-C4_half barline gracenote-C4_eighth note-C4_half barline", 0),
])
def test_it_charges_each_wrong_bar_once(text, expected):
    assert charge(parse(text)) == expected


def test_a_picture_that_keeps_contradicting_its_metre_is_believed():
    text = "timeSignature-3/8 " + "note-C4_half. barline " * 9
    assert charge(parse(text), patience=2) == 2


@given(staves.sampled)
def test_its_charges_are_the_verdicts(staff):
    """But for a bar that is judged at its barline, which the last one may lack."""
    wrong = sum(bar.verdict in ("short", "long") for bar in bars(staff))
    completed = sum(bar.verdict == "complete" and bar.wanted is not None and bar.length != bar.wanted
                    for bar in bars(staff))  # the last bar of a pickup: known only at the end
    unknown = sum(bar.verdict == "unknown" and bar.wanted is not None for bar in bars(staff))
    assert wrong - 1 <= charge(staff) <= wrong + completed + unknown


@given(staves.anything)
def test_it_forbids_nothing(staff):
    guide = BarEvidence()
    state = guide.start()
    for token in VOCABULARY.encode(to_tokens(staff)):
        assert np.isfinite(guide.bias(state, 5)).all()
        state = guide.advance(state, token)
        hash(state)
