"""A staff -> MusicXML 4.0 (score-partwise, W3C Community Group 2021), which notation programs open.

A multirest is the bars it counts, with a measure style that shows them as one; a bar without a barline at the end of
the picture has an invisible one. A breve rest alone in a bar of another metre has a metre of its own length, which is
not shown, or is shown as the sign C/, which may count as 4/2: programs would take it for a rest of the whole bar.
"""

import math
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from glyphic.notations.music.accidentals import drawn_signs
from glyphic.notations.music.bars import Bar, bars, is_bar_rest
from glyphic.notations.music.beams import Groups, beam_marks, beat_groups
from glyphic.notations.music.semantic import (
    COMMON,
    CUT,
    LENGTHS,
    Clef,
    GraceNote,
    Key,
    Metre,
    Multirest,
    Note,
    Rest,
    Staff,
    Value,
    ties,
)

TYPES = dict(zip(LENGTHS, "long breve whole half quarter eighth 16th 32nd 64th 128th".split(), strict=True))
USUAL, BREVE = Metre(4, 4), Metre(4, 2)  # what counts where there is no metre; what a breve fills
SIGNS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}
DOCTYPE = ('<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
           '"http://www.musicxml.org/dtds/partwise.dtd">')


def to_musicxml(staff: Staff, groups: Groups | None = None) -> str:
    """A staff -> a MusicXML document. groups: which notes share beams, else by the beats of the metre."""
    root = ET.Element("score-partwise", {"version": "4.0"})
    listed = ET.SubElement(ET.SubElement(root, "part-list"), "score-part", {"id": "P1"})
    ET.SubElement(listed, "part-name")
    _Part(ET.SubElement(root, "part", {"id": "P1"}), staff, beat_groups(staff) if groups is None else groups)
    ET.indent(root)
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f"{head}\n{DOCTYPE}\n{ET.tostring(root, encoding='unicode')}\n"


class _Part:
    """The measures of a staff, written into a <part>."""

    def __init__(self, part: ET.Element, staff: Staff, groups: Groups):
        self.part, self.staff = part, staff
        self.signs, self.ties = drawn_signs(staff), ties(staff)
        self.beams = {index: marks for group in groups for index, marks in zip(
            group, beam_marks([s.value for s in (staff[i] for i in group) if isinstance(s, Note)]), strict=True)}
        self.reached = {end: start for start, end in self.ties.items() if end is not None}
        found = bars(staff)
        lengths = [s.value.length for s in staff if isinstance(s, Note | Rest)]
        lengths += [bar.wanted for bar in found if bar.wanted is not None]
        self.divisions = math.lcm(*((4 * length).denominator for length in lengths))  # of a quarter
        self.metre = self.counted = USUAL  # the last one that is shown, and the one that counts
        self.measure = part  # the one that is being written
        self.attributes: ET.Element | None = None  # the element that signatures go to, while nothing else comes between
        for bar in self._without_a_leading_barline(found):
            self._bar(bar)
        if not found:
            self._begin(False)
        for symbol in staff[found[-1].stop + 1 if found else 0:]:  # signatures behind the last barline
            if isinstance(symbol, Clef | Key | Metre):
                self._signature(symbol)

    def _without_a_leading_barline(self, found: Sequence[Bar]) -> list[Bar]:
        """A barline before the first note ends no measure: its signatures go to the measure that it begins."""
        if len(found) < 2 or any(isinstance(s, Note | GraceNote | Rest | Multirest)
                                 for s in self.staff[:found[0].stop]):
            return list(found)
        return [replace(found[1], start=found[0].start), *found[2:]]

    def _begin(self, implicit: bool) -> None:
        first = self.measure is self.part
        attributes = {"number": str(len(self.part) + 1)} | ({"implicit": "yes"} if implicit else {})
        self.measure = ET.SubElement(self.part, "measure", attributes)
        self.attributes = None
        if first:
            self.attributes = ET.SubElement(self.measure, "attributes")
            _leaf(self.attributes, "divisions", self.divisions)

    def _bar(self, bar: Bar) -> None:
        self._begin(bar.verdict == "pickup")
        inside = self.staff[bar.start:bar.stop]
        sounding = [s for s in inside if isinstance(s, Note | Rest | Multirest)]
        alone = is_bar_rest(sounding)
        breve = len(sounding) == 1 and isinstance(sounding[0], Rest) and sounding[0].value == Value("double_whole")
        for index, symbol in enumerate(inside, bar.start):
            if not isinstance(symbol, Clef | Key | Metre):
                self._count(BREVE if breve else self.metre)
            if symbol == CUT and breve:
                self._signature(replace(BREVE, sign=CUT.sign))
                self.metre = CUT
            elif isinstance(symbol, Clef | Key | Metre):
                self._signature(symbol)
            elif isinstance(symbol, Multirest):
                self._multirest(symbol.count, bar.wanted or Fraction(1))
            elif isinstance(symbol, Rest) and alone:
                self._bar_rest(bar.wanted or Fraction(1), symbol.fermata)
            elif isinstance(symbol, Note | GraceNote | Rest):
                self._note(index, symbol)
        if bar.stop == len(self.staff):
            _leaf(ET.SubElement(self.measure, "barline", {"location": "right"}), "bar-style", "none")

    def _count(self, metre: Metre) -> None:
        """Bars are as long as this one says from here on; where that is new, it is not shown."""
        if metre.length != self.counted.length:
            shown = self.metre
            self._signature(metre).set("print-object", "no")
            self.metre = shown

    def _signature(self, symbol: Clef | Key | Metre) -> ET.Element:
        name = {Clef: "clef", Key: "key", Metre: "time"}[type(symbol)]
        order = ["divisions", "key", "time", "clef"]
        held = [child.tag for child in self.attributes] if self.attributes is not None else []
        if self.attributes is None or name in held:
            self.attributes, held = ET.SubElement(self.measure, "attributes"), []
        element = ET.Element(name)
        self.attributes.insert(sum(order.index(tag) < order.index(name) for tag in held), element)
        if isinstance(symbol, Clef):
            _leaf(element, "sign", symbol.sign)
            _leaf(element, "line", symbol.line)
        elif isinstance(symbol, Key):
            _leaf(element, "fifths", symbol.fifths)
        else:
            if symbol.sign:
                element.set("symbol", {COMMON.sign: "common", CUT.sign: "cut"}[symbol.sign])
            _leaf(element, "beats", symbol.beats)
            _leaf(element, "beat-type", symbol.unit)
            self.metre = self.counted = symbol
        return element

    def _multirest(self, count: int, length: Fraction) -> None:
        if self.attributes is None:
            self.attributes = ET.SubElement(self.measure, "attributes")
        _leaf(ET.SubElement(self.attributes, "measure-style"), "multiple-rest", count)
        for number in range(count):
            if number:
                self._begin(False)
            self._bar_rest(length)

    def _bar_rest(self, length: Fraction, fermata: bool = False) -> None:
        note = ET.SubElement(self.measure, "note")
        self.attributes = None
        ET.SubElement(note, "rest", {"measure": "yes"})
        _leaf(note, "duration", int(4 * length * self.divisions))
        _leaf(note, "voice", 1)
        if fermata:
            ET.SubElement(ET.SubElement(note, "notations"), "fermata")

    def _note(self, index: int, symbol: Note | GraceNote | Rest) -> None:
        note = ET.SubElement(self.measure, "note")
        self.attributes = None
        if isinstance(symbol, GraceNote):
            ET.SubElement(note, "grace")
        if isinstance(symbol, Rest):
            ET.SubElement(note, "rest")
        else:
            pitch = ET.SubElement(note, "pitch")
            _leaf(pitch, "step", symbol.pitch.step)
            if symbol.pitch.alter:
                _leaf(pitch, "alter", symbol.pitch.alter)
            _leaf(pitch, "octave", symbol.pitch.octave)
        arcs = self._arcs(index)
        if not isinstance(symbol, GraceNote):
            _leaf(note, "duration", int(4 * symbol.value.length * self.divisions))
            for name, kind in arcs:
                if name == "tied":
                    ET.SubElement(note, "tie", {"type": kind})
        _leaf(note, "voice", 1)
        _leaf(note, "type", TYPES[symbol.value.name])
        for _ in range(symbol.value.dots):
            ET.SubElement(note, "dot")
        if index in self.signs:
            _leaf(note, "accidental", SIGNS[self.signs[index]])
        for level, mark in enumerate(self.beams.get(index, ()), 1):
            _leaf(note, "beam", mark).set("number", str(level))
        fermata = not isinstance(symbol, GraceNote) and symbol.fermata
        if arcs or fermata:
            notations = ET.SubElement(note, "notations")
            for name, kind in arcs:
                ET.SubElement(notations, name, {"type": kind})
            if fermata:
                ET.SubElement(notations, "fermata")

    def _arcs(self, index: int) -> list[tuple[str, str]]:
        """Arcs that end or begin at a note: ties, or slurs where the pitches differ."""
        found = []
        if index in self.reached:
            found.append((self._arc(self.reached[index], index), "stop"))
        if index in self.ties:
            found.append((self._arc(index, self.ties[index]), "start"))
        return found

    def _arc(self, first: int, second: int | None) -> str:
        a, b = self.staff[first], self.staff[second] if second is not None else self.staff[first]
        return "tied" if isinstance(a, Note) and isinstance(b, Note) and a.pitch == b.pitch else "slur"


def _leaf(parent: ET.Element, name: str, text: object) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = str(text)
    return element
