"""A staff -> MEI (Music Encoding Initiative, version 5), and the MEI of one voice, as Verovio writes it, back."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from glyphic.core.errors import NotationError
from glyphic.notations.music.accidentals import Accidentals, drawn_signs
from glyphic.notations.music.bars import bars
from glyphic.notations.music.beams import Groups, beat_groups
from glyphic.notations.music.semantic import (
    CLEFS,
    COMMON,
    CUT,
    LENGTHS,
    MAX_DOTS,
    OCTAVES,
    STEPS,
    Barline,
    Clef,
    GraceNote,
    Key,
    Metre,
    Multirest,
    Note,
    Rest,
    Staff,
    Symbol,
    Tie,
    Value,
)

NAMESPACE = "http://www.music-encoding.org/ns/mei"
DURATIONS = dict(zip(LENGTHS, "long breve 1 2 4 8 16 32 64 128".split(), strict=True))
SIGNS = {-2: "ff", -1: "f", 0: "n", 1: "s", 2: "x"}
_NAMES = {duration: name for name, duration in DURATIONS.items()}
_ALTERS = {sign: alter for alter, sign in SIGNS.items()} | {"ss": 2}
_ID = "{http://www.w3.org/XML/1998/namespace}id"


# ---- writing


def to_mei(staff: Staff, groups: Groups | None = None) -> str:
    """A staff -> an MEI document. groups: which notes share beams, else by the beats of the metre.

    Signatures at the beginning of a bar stand before its measure, those within a bar in the layer.
    """
    root = ET.Element("mei", {"xmlns": NAMESPACE, "meiversion": "5.0"})
    titles = ET.SubElement(ET.SubElement(ET.SubElement(root, "meiHead"), "fileDesc"), "titleStmt")
    ET.SubElement(titles, "title")
    ET.SubElement(root[0][0], "pubStmt")
    body = ET.SubElement(ET.SubElement(root, "music"), "body")
    score = ET.SubElement(ET.SubElement(body, "mdiv"), "score")
    definition = ET.SubElement(score, "scoreDef")
    voice = ET.SubElement(ET.SubElement(definition, "staffGrp"), "staffDef", {"n": "1", "lines": "5"})
    head = 0
    for kind in (Clef, Key, Metre):
        if head < len(staff) and isinstance(staff[head], kind):
            voice.append(_signature(staff[head]))
            head += 1
    _Section(ET.SubElement(score, "section"), staff, beat_groups(staff) if groups is None else groups, head)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


class _Section:
    """The measures of a staff, written into a <section>."""

    def __init__(self, section: ET.Element, staff: Staff, groups: Groups, head: int):
        self.section, self.staff = section, staff
        self.signs = drawn_signs(staff)
        self.opening, self.closing = {group[0] for group in groups}, {group[-1] for group in groups}
        self.tie: ET.Element | None = None  # that waits for its end
        found = bars(staff)
        for number, bar in enumerate(found, 1):
            start = self._signatures(max(bar.start, head), bar.stop)
            self.measure = ET.SubElement(section, "measure", {"n": str(number)})
            layer = ET.SubElement(ET.SubElement(self.measure, "staff", {"n": "1"}), "layer", {"n": "1"})
            self._fill(layer, start, bar.stop)
            self.measure.set("right", "single" if bar.stop < len(staff) else "invis")
        if found:
            self._signatures(max(found[-1].stop + 1, head), len(staff))

    def _signatures(self, start: int, stop: int) -> int:
        """Key and metre at the beginning of a bar, and where the rest of it begins (a clef stands in the layer)."""
        definition = None
        while start < stop and isinstance(self.staff[start], Key | Metre):
            definition = ET.SubElement(self.section, "scoreDef") if definition is None else definition
            definition.append(_signature(self.staff[start]))
            start += 1
        return start

    def _fill(self, layer: ET.Element, start: int, stop: int) -> None:
        inside = layer
        for index in range(start, stop):
            symbol = self.staff[index]
            if index in self.opening:
                inside = ET.SubElement(layer, "beam")
            if isinstance(symbol, Note | GraceNote | Rest):
                self._event(inside, index, symbol)
            elif isinstance(symbol, Multirest):
                ET.SubElement(inside, "multiRest", {"num": str(symbol.count)})
            elif isinstance(symbol, Clef | Key | Metre):
                inside.append(_signature(symbol))
            elif isinstance(symbol, Tie) and index and isinstance(self.staff[index - 1], Note):
                self.tie = ET.SubElement(self.measure, "tie", {"startid": f"#n{index - 1}"})
            if index in self.closing:
                inside = layer

    def _event(self, inside: ET.Element, index: int, symbol: Note | GraceNote | Rest) -> None:
        attributes = {"xml:id": f"n{index}", "dur": DURATIONS[symbol.value.name]}
        if symbol.value.dots:
            attributes["dots"] = str(symbol.value.dots)
        if isinstance(symbol, Rest):
            ET.SubElement(inside, "rest", attributes)
        else:
            attributes |= {"pname": symbol.pitch.step.lower(), "oct": str(symbol.pitch.octave)}
            if isinstance(symbol, GraceNote):
                attributes["grace"] = "acc"
            note = ET.SubElement(inside, "note", attributes)
            if index in self.signs:
                ET.SubElement(note, "accid", {"accid": SIGNS[self.signs[index]]})
            elif symbol.pitch.alter:
                ET.SubElement(note, "accid", {"accid.ges": SIGNS[symbol.pitch.alter]})
        if isinstance(symbol, Note) and self.tie is not None:
            self.tie.set("endid", f"#n{index}")
            self.tie = None
        if not isinstance(symbol, GraceNote) and symbol.fermata:
            ET.SubElement(self.measure, "fermata", {"startid": f"#n{index}"})


def _signature(symbol: Symbol) -> ET.Element:
    if isinstance(symbol, Clef):
        return ET.Element("clef", {"shape": symbol.sign, "line": str(symbol.line)})
    if isinstance(symbol, Key):
        sharps = "0" if not symbol.fifths else f"{abs(symbol.fifths)}{'s' if symbol.fifths > 0 else 'f'}"
        return ET.Element("keySig", {"sig": sharps})
    assert isinstance(symbol, Metre)
    if symbol.sign:
        return ET.Element("meterSig", {"sym": "common" if symbol == COMMON else "cut"})
    return ET.Element("meterSig", {"count": str(symbol.beats), "unit": str(symbol.unit)})


# ---- reading


def from_mei(text: str) -> Staff:
    """The MEI of one monophonic staff -> its symbols.

    Errors: NotationError for what is no XML and for what this notation has not (a second layer, chords, tuplets).
    """
    try:
        root = ET.fromstring(text.encode("utf-8"))
    except ET.ParseError as error:
        raise NotationError(f"MEI is XML; this is not: {error}") from error
    score = next((element for element in root.iter() if _name(element) == "score"), None)
    if score is None:
        raise NotationError("MEI has a <score>; this has none")
    reading = _Reading(score)
    return tuple(reading.staff)


class _Reading:
    """A score, element by element, in the order in which its parts stand in the picture."""

    def __init__(self, score: ET.Element):
        every = list(score.iter())
        self.tied = {e.get("startid", "")[1:] for e in every if _name(e) == "tie"}
        self.held = {e.get("startid", "")[1:] for e in every if _name(e) == "fermata"}
        self.staff: list[Symbol] = []
        self.state = Accidentals()
        self._changes: list[Symbol] = []  # of key and metre: a clef of the same barline stands before them
        self._begun = self._small = False
        self._read(score)
        self._flush()

    def _read(self, element: ET.Element) -> None:
        name = _name(element)
        if name in ("scoreDef", "staffDef"):
            self._define(element)
        elif name == "measure":
            self._measure(element)
        elif name in ("chord", "tuplet", "beatRpt", "mRpt", "space"):
            raise NotationError(f"one voice without chords and tuplets is read; this holds <{name}>")
        elif name in ("clef", "keySig", "meterSig", "note", "rest", "mRest", "multiRest"):
            self._event(element, name)
        elif name not in ("tie", "fermata"):
            self._small = name == "graceGrp"  # its notes need not say that they are grace notes
            for child in element:
                self._read(child)
            self._small = False

    def _define(self, element: ET.Element) -> None:
        order = (Clef, Key, Metre)  # as they are drawn, and as attributes and elements do not tell
        found = sorted(_signatures(element), key=lambda symbol: order.index(type(symbol)))
        if self._begun:
            self._changes += found
        else:  # the head of the staff
            for symbol in found:
                self._add(symbol)

    def _measure(self, element: ET.Element) -> None:
        self._begun = True
        layers = [e for e in element.iter() if _name(e) == "layer"]
        if len(layers) > 1:
            raise NotationError(f"one staff with one voice is read; this has {len(layers)} in a measure")
        for layer in layers:
            children = list(layer)
            if self._changes and children and _name(children[0]) == "clef":
                self._add(_read_clef(children.pop(0)))
            self._flush()
            for child in children:
                self._read(child)
        if element.get("right") != "invis":
            self._add(Barline())

    def _event(self, element: ET.Element, name: str) -> None:
        if name in ("mRest", "multiRest"):
            self._add(Multirest(int(element.get("num", "1"))))
        elif name == "rest":
            self._add(Rest(_value(element), element.get(_ID) in self.held or "fermata" in element.attrib))
        elif name == "note":
            self._note(element)
        else:
            for symbol in _signatures(element):
                self._add(symbol)

    def _note(self, element: ET.Element) -> None:
        octave, step = int(element.get("oct", "4")), element.get("pname", "c").upper()
        if octave not in OCTAVES:
            raise NotationError(f"octaves go from {OCTAVES[0]} to {OCTAVES[-1]}; got {octave}")
        signs = [e.get("accid") for e in (element, *element) if e.get("accid")]
        grace = self._small or "grace" in element.attrib
        pitch = self.state.sounding(7 * octave + STEPS.index(step), _ALTERS[signs[0] or "n"] if signs else None, grace)
        if grace:
            self.staff.append(GraceNote(pitch, _value(element)))
            return
        held = element.get(_ID) in self.held or "fermata" in element.attrib
        self.staff.append(Note(pitch, _value(element), held))
        if element.get(_ID) in self.tied or element.get("tie", "")[:1] in ("i", "m"):
            self._add(Tie())

    def _flush(self) -> None:
        for symbol in self._changes:
            self._add(symbol)
        self._changes = []

    def _add(self, symbol: Symbol) -> None:
        self.staff.append(symbol)
        self.state.pass_by(symbol)


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _value(element: ET.Element) -> Value:
    duration, dots = element.get("dur", "4"), int(element.get("dots", "0"))
    dots = dots or sum(_name(child) == "dot" for child in element)
    if duration not in _NAMES or dots > MAX_DOTS:
        raise NotationError(f"no duration {duration!r} with {dots} dots; there are {', '.join(_NAMES)}, with up to "
                            f"{MAX_DOTS}")
    return Value(_NAMES[duration], dots)


def _read_clef(element: ET.Element) -> Clef:
    shape = element.get("shape") or element.get("clef.shape") or ""
    line = element.get("line") or element.get("clef.line") or ""
    if shape + line not in CLEFS or element.get("dis") or element.get("clef.dis"):
        raise NotationError(f"no clef {shape}{line} (or transposed); there are {' '.join(CLEFS)}")
    return Clef(shape, int(line))


def _signatures(element: ET.Element) -> Iterator[Symbol]:
    """The signatures that a definition holds, as attributes or as elements."""
    for part in element.iter():
        name = _name(part)
        if name == "clef" or "clef.shape" in part.attrib:
            yield _read_clef(part)
        key = part.get("sig") or part.get("key.sig") or part.get("keysig")
        if key and not (key == "0" and part.get("key.sig") == "0"):
            yield Key(int(key[:-1] or 0) * (1 if key[-1] == "s" else -1) if key != "0" else 0)
        sign = part.get("sym") if name == "meterSig" else part.get("meter.sym")
        beats = part.get("count") if name == "meterSig" else part.get("meter.count")
        unit = part.get("unit") if name == "meterSig" else part.get("meter.unit")
        if sign in ("common", "cut"):
            yield COMMON if sign == "common" else CUT
        elif beats and unit:
            yield Metre(int(beats), int(unit))
