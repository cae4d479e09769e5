"""ABC says the same notes to music21."""

import re
import warnings
from fractions import Fraction

import pytest
from hypothesis import given, settings

from glyphic.notations.music.abc import to_abc
from glyphic.notations.music.semantic import (
    KEYS,
    Clef,
    GraceNote,
    Key,
    Metre,
    Multirest,
    Note,
    Pitch,
    Rest,
    Tie,
    parse,
    ties,
)
from tests.notations.music import staves

HEAD = "X:1\n"


@pytest.fixture(scope="module")
def music21():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("music21")


@pytest.mark.parametrize(("text", "body"), [
    ("note-C4_eighth note-C5_eighth note-B3_half note-C6_sixteenth. note-C2_eighth", "Cc B,4 c'3/4C,,"),
    ("note-F#4_quarter note-F5_quarter barline note-F#4_quarter", "^F2 =f2 | ^F2"),  # in one octave or in all
    ("note-F#4_quarter tie barline note-F#4_quarter", "^F2- | ^F2"),
    ("gracenote-D5_sixteenth gracenote-E5_sixteenth note-C5_quarter_fermata rest-quarter_fermata",
     "{d/2e/2}!fermata!c2 !fermata!z2"),
    ("multirest-17 barline clef-F4 timeSignature-6/8 keySignature-EbM note-Ebb3_eighth note-E3_eighth",
     "Z17 | [K:C clef=bass] [M:6/8] [K:Eb clef=bass] __E,=E,"),
    ("note-C4_eighth note-C4_eighth note-C4_eighth", "CC C"),
])
def test_it_is_written_by_the_standard(text, body):
    assert to_abc(parse(f"clef-G2 {text}")) == HEAD + f"M:none\nL:1/8\nK:C clef=treble\n{body}\n"


def test_the_head_names_metre_key_and_clef():
    assert to_abc(parse("clef-C1 keySignature-F#M timeSignature-C/")) == \
        HEAD + "M:C|\nL:1/8\nK:F# clef=alto1\n\n"
    assert "\nK:Bb clef=alto4\n" in to_abc(parse("clef-C4 keySignature-BbM"))
    assert "\nM:3/2\n" in to_abc(parse("clef-C4 timeSignature-3/2"))


@pytest.mark.parametrize("octaves", [True, False])
@given(staff=staves.written())
def test_both_readings_of_accidentals_play_the_same(octaves, staff):
    """octaves: a sign holds in its octave alone."""
    key, bar, heard = Key(0), {}, []
    tune = re.sub(r"!fermata!|\[M:[^]]*\]", "", to_abc(staff).split("\n", 3)[3])
    for word in re.findall(r"\[K:[^]]*\]|K:.*|\||[_^=]*[A-Ga-g][,']*", tune):
        if "K:" in word:
            key = Key(KEYS.index(re.search(r"K:([A-G][b#]?)", word)[1]) - 7)
        elif word == "|":
            bar = {}
        else:
            sign, letter, marks = re.fullmatch(r"([_^=]*)(\w)(.*)", word).groups()
            octave = 4 + letter.islower() - marks.count(",") + marks.count("'")
            place = letter.upper() + str(octave) * octaves
            if sign:
                bar[place] = sign.count("^") - sign.count("_")
            heard.append(Pitch(letter.upper(), bar.get(place, key.alter(letter.upper())), octave))
    assert heard == [s.pitch for s in staff if isinstance(s, Note | GraceNote)]


def plain(staff):
    """What music21's reader of ABC can read: no multirests, grace notes, changes of key, or accidentals that hold; no
    metre, since it cuts up what is too long for its bar; and a treble clef, since it takes others for transposing."""
    result, key = [Clef("G", 2)], Key(0)
    for index, symbol in enumerate(staff):
        if isinstance(symbol, Clef) or (isinstance(symbol, Key) and index > 1):
            continue
        key = symbol if isinstance(symbol, Key) else key
        if isinstance(symbol, Note):
            pitch = Pitch(symbol.pitch.step, key.alter(symbol.pitch.step), symbol.pitch.octave)
            symbol = Note(pitch, symbol.value, symbol.fermata)
        if not isinstance(symbol, Multirest | GraceNote | Metre):
            result.append(symbol)
    return tuple(result)


@settings(max_examples=25)
@given(staff=staves.sampled.map(plain))
def test_music21_reads_the_same_notes(music21, staff):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stream = music21.converter.parseData(to_abc(staff), format="abc")
    found = [(item.pitch.midi if item.isNote else None, Fraction(item.quarterLength) / 4)
             for item in stream.recurse().notesAndRests]
    wanted = [(s.pitch.midi if isinstance(s, Note) else None, s.value.length)
              for s in staff if isinstance(s, Note | Rest)]
    assert found == wanted
    assert to_abc(staff).count("-") == len(ties(staff)) == sum(isinstance(s, Tie) for s in staff)
