"""MusicXML keeps the official schema, and music21, which knows nothing of us, reads the same notes out of it."""

import sys
import warnings
import xml.etree.ElementTree as ET
from fractions import Fraction
from importlib import metadata
from pathlib import Path

import pytest
from hypothesis import given, settings

from glyphic.notations.music.accidentals import drawn_signs
from glyphic.notations.music.bars import bars, is_bar_rest
from glyphic.notations.music.beams import beam_marks, beat_groups
from glyphic.notations.music.musicxml import SIGNS, to_musicxml
from glyphic.notations.music.semantic import (
    GraceNote,
    Multirest,
    Note,
    Rest,
    Staff,
    canonical,
    parse,
    ties,
)
from tests.notations.music import staves

sys.path.append(str(Path(__file__).parents[3] / "benchmarks"))
import music_conversions
from music_conversions import NAMES

INCIPITS = [line for line in (Path(__file__).parent / "incipits.txt").read_text(encoding="utf-8").splitlines()
            if line[:1] != "#"]
few = staves.sampled.map(lambda staff: tuple(  # counting a thousand bars takes music21 long
    Multirest(s.count % 9 + 1) if isinstance(s, Multirest) else s for s in staff))


@pytest.fixture(scope="module")
def schema():
    """The W3C's schema of MusicXML 4.0, which the package musicxml brings along; xmlschema brings what it imports."""
    pytest.importorskip("xmlschema")
    try:
        return music_conversions.schema()
    except metadata.PackageNotFoundError:
        pytest.skip("musicxml")


@pytest.fixture(scope="module")
def music21():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("music21")


def complaints(schema, staff: Staff) -> list[str]:
    return [str(error.reason) for error in schema.iter_errors(to_musicxml(staff))]


def test_the_schema_tells_right_from_wrong(schema):
    assert not schema.is_valid(to_musicxml(parse("clef-G2 note-C4_half")).replace("<voice>1</voice>", "<voice/><x/>"))


@settings(max_examples=40)
@given(staff=staves.anything.map(canonical))
def test_any_staff_keeps_the_schema(schema, staff):
    kept = tuple(Multirest(s.count % 5 + 1) if isinstance(s, Multirest) else s for s in staff)
    assert complaints(schema, kept) == []


@pytest.mark.parametrize("text", INCIPITS)
def test_real_incipits_keep_it(schema, text):
    assert complaints(schema, parse(text)) == []


# ---- music21


def read(music21, staff: Staff) -> list[tuple[object, ...]]:
    """What music21 finds: (grace, pitch, type and dots or length of a bar's rest, tie, sign, beams, fermata)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        part = music21.converter.parseData(to_musicxml(staff), format="musicxml").parts[0]
    found: list[tuple[object, ...]] = []
    for item in part.recurse().notesAndRests:
        held = any(type(e).__name__ == "Fermata" for e in item.expressions)
        if item.isRest and item.fullMeasure is True:
            found.append(("bar", Fraction(item.quarterLength) / 4, held))
        elif item.isRest:
            found.append(("rest", item.duration.type, item.duration.dots, held))
        else:
            shown = item.pitch.accidental
            sign = shown.name if shown is not None and shown.displayStatus else None
            beams = tuple(beam.type if not beam.direction else f"{beam.direction} hook"
                          for beam in item.beams.beamsList)
            found.append((item.duration.isGrace, item.pitch.midi, item.pitch.nameWithOctave.replace("-", "b"),
                          item.duration.type, item.duration.dots, item.tie.type if item.tie else None, sign,
                          tuple("continue" if b == "partial" else b for b in beams), held))
    return found


def expected(staff: Staff) -> list[tuple[object, ...]]:
    """What it should find."""
    found: list[tuple[object, ...]] = []
    signs, links = drawn_signs(staff), ties(staff)
    joined = {a: b for a, b in links.items() if b is None or staff[a].pitch == staff[b].pitch}
    marks = {i: m for group in beat_groups(staff) for i, m in zip(
        group, beam_marks([staff[i].value for i in group]), strict=True)}
    for bar in bars(staff):
        inside = staff[bar.start:bar.stop]
        alone = is_bar_rest([s for s in inside if isinstance(s, Note | Rest | Multirest)])
        for index, symbol in enumerate(inside, bar.start):
            if isinstance(symbol, Multirest):
                found += [("bar", bar.wanted or Fraction(1), False)] * symbol.count
            elif isinstance(symbol, Rest) and alone:
                found.append(("bar", bar.wanted or Fraction(1), symbol.fermata))
            elif isinstance(symbol, Rest):
                found.append(("rest", NAMES.get(symbol.value.name, symbol.value.name), symbol.value.dots,
                              symbol.fermata))
            elif isinstance(symbol, Note | GraceNote):
                name = str(symbol.pitch).replace("x", "##")
                tie = ("continue" if index in joined.values() and index in joined else
                       "start" if index in joined else "stop" if index in joined.values() else None)
                sign = {"flat-flat": "double-flat"}.get(SIGNS[signs[index]], SIGNS[signs[index]]) \
                    if index in signs else None
                beams = tuple({"end": "stop", "begin": "start"}.get(mark, mark) for mark in marks.get(index, ()))
                found.append((isinstance(symbol, GraceNote), symbol.pitch.midi, name,
                              NAMES.get(symbol.value.name, symbol.value.name), symbol.value.dots, tie, sign,
                              tuple("left hook" if b == "backward hook" else "right hook" if b == "forward hook" else b
                                    for b in beams), getattr(symbol, "fermata", False)))
    return found


@settings(max_examples=25)
@given(staff=few)
def test_music21_reads_the_same_notes(music21, staff):
    assert read(music21, staff) == expected(staff)


@pytest.mark.parametrize("text", INCIPITS)
def test_music21_reads_the_same_notes_of_real_incipits(music21, text):
    staff = parse(text)
    assert read(music21, staff) == expected(staff)


def test_music21_finds_the_signatures_where_they_stand(music21):
    text = ("clef-C1 keySignature-EbM timeSignature-C/ note-C5_half clef-F4 note-C4_half barline keySignature-CM "
            "timeSignature-3/8 note-C4_quarter. barline")
    part = music21.converter.parseData(to_musicxml(parse(text)), format="musicxml").parts[0]
    measures = list(part.getElementsByClass("Measure"))
    clefs = [(c.sign, c.line, float(c.offset)) for m in measures for c in m.getElementsByClass("Clef")]
    assert clefs == [("C", 1, 0.0), ("F", 4, 2.0)]
    assert [k.sharps for m in measures for k in m.getElementsByClass("KeySignature")] == [-3, 0]
    metres = [t for m in measures for t in m.getElementsByClass("TimeSignature")]
    assert [(t.symbol, t.ratioString) for t in metres] == [("cut", "2/2"), ("", "3/8")]


def test_a_multirest_is_as_many_bars_shown_as_one():
    document = to_musicxml(parse("clef-G2 timeSignature-3/4 multirest-5 barline note-C4_half. barline"))
    assert document.count("<measure ") == 6 and document.count("<multiple-rest>5</multiple-rest>") == 1


def test_a_pickup_does_not_count_and_a_cut_bar_has_no_barline():
    document = to_musicxml(parse("clef-G2 timeSignature-3/4 note-C4_quarter barline note-C4_quarter"))
    assert document.count('implicit="yes"') == 1 and document.count("<bar-style>none</bar-style>") == 1


def test_a_barline_before_the_first_note_makes_no_measure(music21):
    staff = parse("clef-C4 keySignature-BbM timeSignature-C barline note-D4_whole barline note-D4_whole barline")
    document = to_musicxml(staff)
    assert document.count("<measure ") == 2 and document.count("<beats>") == 1
    assert len(read(music21, staff)) == 2


def test_a_bar_in_the_midst_may_be_empty(schema):
    document = to_musicxml(parse("clef-G2 note-C4_half barline clef-F4 barline note-C4_half barline"))
    assert document.count("<measure ") == 3 and schema.is_valid(document)


@pytest.mark.parametrize("text, metres", [
    ("clef-G2 timeSignature-C/ note-C5_whole barline rest-double_whole barline note-C5_half note-D5_half barline "
     "rest-whole barline", ["cut 2/2", "hidden 4/2", "hidden 2/2"]),
    ("clef-G2 timeSignature-C/ rest-double_whole_fermata barline rest-double_whole barline timeSignature-3/4 "
     "rest-whole", ["cut 4/2", "3/4"]),
    ("clef-G2 rest-double_whole barline note-C5_whole barline rest-whole barline", ["hidden 4/2", "hidden 4/4"]),
    ("clef-G2 timeSignature-4/2 rest-double_whole barline note-C5_whole note-C5_whole barline", ["4/2"]),
    ("clef-G2 timeSignature-C note-C5_whole barline rest-double_whole barline timeSignature-C/ note-C5_whole barline",
     ["common 4/4", "hidden 4/2", "cut 2/2"])])
def test_a_breve_rest_alone_in_a_bar_is_not_taken_for_a_rest_of_the_bar(schema, music21, text, metres):
    staff = parse(text)
    assert read(music21, staff) == expected(staff) and complaints(schema, staff) == []
    found = []
    for time in ET.fromstring(to_musicxml(staff)).iter("time"):
        look = "hidden" if time.get("print-object") == "no" else time.get("symbol", "")
        found.append(f"{look} {time.findtext('beats')}/{time.findtext('beat-type')}".strip())
    assert found == metres
