"""The agnostic words of a staff draw it, and are read as that staff."""

from itertools import pairwise

import pytest
from hypothesis import given

from glyphic.core.errors import NotationError
from glyphic.notations.music.agnostic import from_agnostic, key_places, place_name, place_of, to_agnostic
from glyphic.notations.music.semantic import CLEFS, Clef, GraceNote, Key, Metre, Note, canonical, parse, write
from tests.notations.music import staves

OFFICIAL = ("clef.C-L1 accidental.flat-L4 accidental.flat-L2 accidental.flat-S3 digit.2-L4 digit.4-L2 digit.2-S5 "
            "digit.3-S5 multirest-L3 barline-L1 rest.quarter-L3 rest.eighth-L3 note.eighth-L4 barline-L1 "
            "note.quarter-L4 dot-S4 note.eighth-L3 barline-L1 note.quarter-S5 dot-S5 note.eighth-L5 barline-L1 "
            "note.eighth-S4 note.eighth-S4 rest.quarter-L3 barline-L1")
SEMANTIC = ("clef-C1 keySignature-EbM timeSignature-2/4 multirest-23 barline rest-quarter rest-eighth note-Bb4_eighth "
            "barline note-Bb4_quarter. note-G4_eighth barline note-Eb5_quarter. note-D5_eighth barline note-C5_eighth "
            "note-C5_eighth rest-quarter barline")


def test_a_real_incipit_has_its_official_words():
    assert to_agnostic(parse(SEMANTIC), groups=()) == OFFICIAL
    assert write(from_agnostic(OFFICIAL.replace(" ", "\t"))) == SEMANTIC


def test_beams_ties_and_fermatas_stand_as_in_the_official_labels():
    text = ("clef-C1 timeSignature-C note-G4_quarter tie note-G4_thirty_second note-Bb4_thirty_second "
            "note-A4_thirty_second note-G4_thirty_second note-F4_eighth_fermata")
    assert to_agnostic(parse(text)) == (
        "clef.C-L1 metersign.C-L3 note.quarter-L3 slur.start-L3 slur.end-L3 note.beamedRight3-L3 accidental.flat-L4 "
        "note.beamedBoth3-L4 note.beamedBoth3-S3 note.beamedBoth3-L3 fermata.above-S6 note.beamedLeft1-S2")


def certain(staff) -> bool:
    """Whether no accidental may be taken for one of a key signature, nor two signatures for one."""
    return not any(isinstance(a, Key) and isinstance(b, Note | GraceNote | Key) for a, b in pairwise(staff))


@given(staves.written().filter(certain))
def test_a_staff_is_read_from_its_words(staff):
    assert canonical(from_agnostic(to_agnostic(staff))) == staff


@given(staves.sampled.filter(certain))
def test_a_plausible_staff_is_read_from_its_words(staff):
    assert canonical(from_agnostic(to_agnostic(staff))) == staff


@pytest.mark.parametrize("name", CLEFS)
def test_the_accidentals_of_every_key_stand_on_or_beside_the_staff(name):
    clef = Clef(name[0], int(name[1]))
    for fifths in range(-7, 8):
        places = key_places(clef, fifths)
        assert len(places) == abs(fifths) and all(-1 <= place <= 9 for place in places)
    assert key_places(Clef("G", 2), 7) == [8, 5, 9, 6, 3, 7, 4] and key_places(Clef("F", 4), -3) == [2, 5, 1]


def test_places_are_named_from_the_lowest_line():
    assert [place_name(place) for place in range(-4, 4)] == ["L-1", "S-1", "L0", "S0", "L1", "S1", "L2", "S2"]
    assert all(place_of(place_name(place)) == place for place in range(-20, 30))


@pytest.mark.parametrize(("text", "position"), [
    ("clef.G-L2 note.fourth-L3", 10), ("note.quarter-L3", 0), ("clef.G-S2", 0), ("clef.G-L4", 0),
    ("clef.G-L2 dot-S3", 10), ("clef.G-L2 multirest-L3", 10), ("clef.G-L2 digit.3-L4", 10),
    ("clef.G-L2 fermata.above-S6 barline-L1", 10), ("clef.G-L2 accidental.sharp-L3 barline-L1", 10),
    ("clef.G-L2 digit.0-S5 multirest-L3", 10), ("clef.G-L2 note.half-L44", 10), ("barline", 0),
    ("clef.G-L2 note.half-L2 dot-S2 dot-S2 dot-S2 dot-S2", 10),
])
def test_what_makes_no_music_is_refused_with_its_place(text, position):
    with pytest.raises(NotationError) as error:
        from_agnostic(text)
    assert error.value.position == position


def test_without_a_clef_nothing_has_a_place():
    with pytest.raises(NotationError, match="clef"):
        to_agnostic((Metre(3, 4),))
    assert to_agnostic(()) == ""
