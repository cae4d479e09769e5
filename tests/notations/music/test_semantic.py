"""Semantic words and symbols are each other's inverse."""

from fractions import Fraction

import pytest
from hypothesis import given

from glyphic.core.errors import NotationError
from glyphic.notations.music import semantic as m
from glyphic.notations.music.official import official, outside
from tests.notations.music import staves


@given(staves.anything)
def test_symbols_are_read_as_they_are_written(staff):
    assert m.parse(m.write(staff)) == staff


@given(staves.anything)
def test_the_canonical_staff_is_its_own(staff):
    canonical = m.canonical(staff)
    assert m.canonical(canonical) == canonical
    kept = (m.Key, m.Multirest)
    assert m.parse(m.write(canonical)) == canonical
    own, given = ([s for s in some if not isinstance(s, kept)] for some in (canonical, staff))
    assert own == given or [*own, m.Barline()] == given or own == [*given, m.Barline()]


@pytest.mark.parametrize(("bar", "full"), [
    ("note-C5_half note-C5_quarter", True), ("note-C5_half", False), ("note-C5_whole", False), ("rest-half.", True),
    ("rest-half", False), ("rest-whole", None), ("multirest-3", None), ("gracenote-C5_eighth", None),
    ("note-C5_half. tie", None), ("note-C5_half. clef-F4", None),
])
@pytest.mark.parametrize("end", ["", " barline"])
def test_a_last_bar_ends_with_a_barline_if_it_is_full(bar, full, end):
    """As in all 31 incipits of PrIMuS at hand, 18 of which end without one, though some of their pictures show it."""
    text = f"clef-G2 timeSignature-3/4 note-C5_half. barline {bar}"
    expected = text + (end if full is None else " barline" if full else "")
    assert m.write(m.canonical(m.parse(text + end))) == expected
    unknown = f"clef-G2 {bar}{end}"  # no metre, nothing to tell
    assert m.write(m.canonical(m.parse(unknown))) == unknown


def test_c_major_is_written_where_it_cancels_something():
    text = "clef-G2 keySignature-CM note-C4_half keySignature-GM note-D4_half keySignature-CM keySignature-CM"
    assert m.write(m.canonical(m.parse(text))) == \
        "clef-G2 note-C4_half keySignature-GM note-D4_half keySignature-CM"


def test_blanks_tabs_and_line_ends_separate_alike():
    assert m.write(m.parse("\tclef-G2\ttie\r\n barline ")) == "clef-G2 tie barline"


@pytest.mark.parametrize(("text", "position"), [
    ("clef-G2 clef-G3", 8), ("note-H4_half", 0), ("note-C0_half", 0), ("note-C8_half", 0), ("note-C4", 0),
    ("note-C4_half....", 0), ("barline barline-2", 8), ("keySignature-D#M", 0), ("keySignature-Dm", 0),
    ("timeSignature-0/4", 0), ("timeSignature-3+4/8", 0), ("timeSignature-100/4", 0), ("multirest-0", 0),
    ("multirest-10000", 0), ("gracenote-C4_eighth_fermata", 0), ("clef-percussion2", 0), ("Barline", 0),
    ("tie chord", 4),
])
def test_what_is_no_symbol_is_refused_with_its_place(text, position):
    with pytest.raises(NotationError) as error:
        m.parse(text)
    assert error.value.position == position and error.value.text == text


@given(staves.values)
def test_a_dot_adds_half_of_what_was_added_before(value):
    plain = m.LENGTHS[value.name]
    assert value.length == sum((plain / 2**n for n in range(value.dots + 1)), Fraction(0))


@given(staves.pitches)
def test_height_and_midi_place_a_pitch(pitch):
    assert m.pitch_at(pitch.height, pitch.alter) == pitch
    assert pitch.midi == m.Pitch("C", 0, pitch.octave).midi + "C D EF G A B".index(pitch.step) + pitch.alter


def test_a_key_alters_the_steps_that_its_signature_names():
    assert "".join(step for step in m.STEPS if m.Key(-3).alter(step)) == "EAB"
    assert "".join(step for step in m.STEPS if m.Key(2).alter(step)) == "CF"
    assert {m.Key(n).alter(step) for n in (7, -7) for step in m.STEPS} == {1, -1}


def test_a_tie_leads_to_the_next_note():
    staff = m.parse("note-C4_half tie barline clef-F4 gracenote-D4_eighth note-C4_half note-C4_half tie rest-half")
    assert m.ties(staff) == {0: 5, 6: None}


def test_the_official_list_has_1781_symbols_and_all_are_read():
    words = official()
    assert len(words) == len(set(words)) == 1781
    assert [str(m.parse(word)[0]) for word in words] == list(words)
    assert outside(m.parse("note-C4_half note-Fx4_eighth tie rest-double_whole")) == \
        ["note-Fx4_eighth", "rest-double_whole"]
