"""Accidentals are drawn where key and bar do not say them, and tell what sounds."""

import pytest
from hypothesis import given

from glyphic.notations.music.accidentals import Accidentals, drawn_signs
from glyphic.notations.music.semantic import GraceNote, Note, parse
from tests.notations.music import staves


@given(staves.anything)
def test_what_is_drawn_sounds_as_it_was_meant(staff):
    signs, state = drawn_signs(staff), Accidentals()
    for index, symbol in enumerate(staff):
        if isinstance(symbol, Note | GraceNote):
            heard = state.sounding(symbol.pitch.height, signs.get(index), isinstance(symbol, GraceNote))
            assert heard == symbol.pitch
        else:
            state.pass_by(symbol)


@pytest.mark.parametrize(("text", "signs"), [
    ("note-F#4_half note-F#4_half note-F#5_half barline note-F#4_half note-F4_half", {0: 1, 2: 1, 4: 1, 5: 0}),
    ("keySignature-GM note-F#4_half note-F4_half barline note-F#4_half", {2: 0}),
    ("note-F#4_half tie barline note-F#4_half note-F#4_half", {0: 1, 4: 1}),  # the tie carries it, the bar does not
    ("note-F#4_half tie barline note-F4_half", {0: 1, 3: 0}),  # a tie to another pitch needs its sign
    ("gracenote-F#4_half note-F#4_half note-F#4_half", {0: 1}),
    ("keySignature-FM note-Bb4_half note-B4_half keySignature-CM note-B4_half", {2: 0}),
    ("note-Bbb4_half note-Bb4_half note-Bx4_half", {0: -2, 1: -1, 2: 2}),
])
def test_an_accidental_holds_for_its_place_up_to_the_barline(text, signs):
    assert drawn_signs(parse(text)) == signs
