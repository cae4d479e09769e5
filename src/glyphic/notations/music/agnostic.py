"""A staff <-> the PrIMuS agnostic encoding: what stands on the paper, each sign with its place on the five lines.

`clef.C-L1 accidental.flat-L4 digit.2-L4 digit.4-L2 note.eighth-S4 barline-L1` (Calvo-Zaragoza and Rizo 2018). L1 is the
lowest line, S1 the space above it. A sign's place is drawn from clef, key and the accidentals of the bar, and back.

What the semantic encoding does not determine is settled so: notes share beams by the beats of their metre, or as the
caller says; grace notes have flags; a change of key to C major is drawn as naturals, any other as the new signature
alone. What the agnostic encoding does not determine: whether one accidental behind a clef, right before a note of its
own height, is a key signature (it is taken for the note's).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from glyphic.core.errors import NotationError
from glyphic.notations.music.accidentals import Accidentals, drawn_signs
from glyphic.notations.music.beams import Groups, beam_marks, beat_groups
from glyphic.notations.music.semantic import (
    CLEFS,
    COMMON,
    CUT,
    FIFTHS,
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
    Pitch,
    Rest,
    Staff,
    Symbol,
    Tie,
    Value,
    ties,
)

SIGNS = {-2: "double_flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double_sharp"}
_ALTERS = {name: alter for alter, name in SIGNS.items()}
_BASES = {"G": Pitch("G", 0, 4).height, "C": Pitch("C", 0, 4).height, "F": Pitch("F", 0, 3).height}
# the lowest place that a sharp, or a flat, of a key signature may take: each takes the seven places from there on
_LOWEST = {"C1": (0, 0), "C2": (2, 0), "C3": (2, 0), "C4": (2, 2), "C5": (1, 1), "F3": (1, 1), "F4": (1, -1),
           "F5": (3, 3), "G1": (1, -1), "G2": (3, 1)}
_FLAGGED = list(LENGTHS)[list(LENGTHS).index("quarter"):]  # by the number of flags or beams


def place_name(place: int) -> str:
    """0 is L1, the lowest line, 1 the space S1 above it, -1 the space S0 below."""
    return f"S{(place + 1) // 2}" if place % 2 else f"L{place // 2 + 1}"


def place_of(name: str) -> int:
    """The inverse of `place_name`."""
    number = int(name[1:])
    return 2 * number - 2 if name[0] == "L" else 2 * number - 1


def bottom(clef: Clef) -> int:
    """The height (`Pitch.height`) of the lowest line."""
    return _BASES[clef.sign] - 2 * (clef.line - 1)


def key_places(clef: Clef, fifths: int) -> list[int]:
    """Where the accidentals of a key signature stand, from left to right, as Verovio sets them."""
    steps = FIFTHS[:fifths] if fifths > 0 else FIFTHS[::-1][:-fifths] if fifths else ""
    lowest = _LOWEST[f"{clef.sign}{clef.line}"][fifths < 0]
    return [lowest + (STEPS.index(step) - bottom(clef) - lowest) % 7 for step in steps]


# ---- writing


def to_agnostic(staff: Staff, groups: Groups | None = None) -> str:
    """A staff -> agnostic words. groups: which notes share beams, else by the beats of the metre.

    Errors: NotationError for a staff without a clef at its beginning, without which nothing has a place.
    """
    if staff and not isinstance(staff[0], Clef):
        raise NotationError("places on the staff need a clef at its beginning; there is none")
    groups = beat_groups(staff) if groups is None else groups
    return " ".join(_words(staff, _shapes(staff, groups)))


def _shapes(staff: Staff, groups: Groups) -> dict[int, str]:
    """beamedLeft ends a beam, beamedRight begins one (the beam lies to its right), as the official labels say."""
    shapes = {}
    for group in groups:
        marks = beam_marks([s.value for s in (staff[i] for i in group) if isinstance(s, Note)])
        for place, (index, levels) in enumerate(zip(group, marks, strict=True)):
            side = "Right" if not place else "Left" if place == len(group) - 1 else "Both"
            shapes[index] = f"beamed{side}{len(levels)}"
    return shapes


def _words(staff: Staff, shapes: dict[int, str]) -> Iterator[str]:
    signs, arcs = drawn_signs(staff), ties(staff)
    ends = {end for end in arcs.values() if end is not None}
    clef, key = Clef("G", 2), Key(0)
    for index, symbol in enumerate(staff):
        if isinstance(symbol, Clef):
            clef = symbol
            yield f"clef.{symbol.sign}-L{symbol.line}"
        elif isinstance(symbol, Key):
            shown, sign = (symbol, SIGNS[1 if symbol.fifths > 0 else -1]) if symbol.fifths else (key, SIGNS[0])
            yield from (f"accidental.{sign}-{place_name(place)}" for place in key_places(clef, shown.fifths))
            key = symbol
        elif isinstance(symbol, Metre):
            yield from ([f"metersign.{symbol.sign}-L3"] if symbol.sign else
                        [f"digit.{symbol.beats}-L4", f"digit.{symbol.unit}-L2"])
        elif isinstance(symbol, Multirest):
            yield from (f"digit.{digit}-S5" for digit in str(symbol.count))
            yield "multirest-L3"
        elif isinstance(symbol, Barline):
            yield "barline-L1"
        elif isinstance(symbol, Rest):
            yield from ["fermata.above-S6"] * symbol.fermata
            yield f"rest.{symbol.value.name}-{'L4' if symbol.value.name == 'whole' else 'L3'}"
            yield from ["dot-S3"] * symbol.value.dots
        elif isinstance(symbol, Note | GraceNote):
            place = symbol.pitch.height - bottom(clef)
            name = place_name(place)
            if index in signs:
                yield f"accidental.{SIGNS[signs[index]]}-{name}"
            if isinstance(symbol, GraceNote):
                yield f"gracenote.{symbol.value.name}-{name}"
            else:
                yield from ["fermata.above-S6"] * symbol.fermata
                yield from [f"slur.end-{name}"] * (index in ends)
                yield f"note.{shapes.get(index, symbol.value.name)}-{name}"
            yield from [f"dot-{place_name(place | 1)}"] * symbol.value.dots  # a dot stands in a space
            yield from [f"slur.start-{name}"] * (index in arcs)


# ---- reading


class Word(NamedTuple):
    """An agnostic word, taken apart."""

    kind: str  # before the first dot or dash
    shape: str  # between
    place: int
    start: int  # in the text


_WORD = re.compile(r"(\w+)(?:\.([\w/]+))?-([LS]-?\d{1,2})")
_SHAPES = {
    "clef": r"[CFG]", "accidental": "|".join(_ALTERS), "digit": r"\d{1,2}", "metersign": "C/?", "multirest": "",
    "barline": "", "fermata": "above", "slur": "start|end", "dot": "",
    "note": rf"{'|'.join(LENGTHS)}|beamed(?:Left|Right|Both)[0-5]", "rest": "|".join(LENGTHS),
    "gracenote": rf"{'|'.join(LENGTHS)}|beamed(?:Left|Right|Both)[0-5]",
}


def from_agnostic(text: str) -> Staff:
    """Agnostic words, separated by any white space -> the staff that they draw, with sounding pitches.

    Errors: NotationError with the position of a word that is none, or that makes no music where it stands.
    """
    words = [_word(match[0], text, match.start()) for match in re.finditer(r"\S+", text)]
    return tuple(_Reading(text, words).staff)


def _word(word: str, text: str, position: int) -> Word:
    match = _WORD.fullmatch(word)
    if not match or not re.fullmatch(_SHAPES.get(match[1], r"\b"), match[2] or ""):
        raise NotationError(f"no agnostic word {word!r}; there are {', '.join(_SHAPES)}, as in note.quarter-L2", text,
                            position)
    return Word(match[1], match[2] or "", place_of(match[3]), position)


class _Reading:
    """Words, one by one, into symbols."""

    def __init__(self, text: str, words: list[Word]):
        self.text, self.words, self.at = text, words, 0
        self.staff: list[Symbol] = []
        self.state = Accidentals()
        self.clef: Clef | None = None
        while self.at < len(words):
            word = words[self.at]
            if word.kind == "accidental":
                self._accidentals()
            elif word.kind in ("note", "gracenote", "rest", "fermata") or word[:2] == ("slur", "end"):
                self._event(None)
            elif word.kind == "digit":
                self._digits()
            else:
                self.at += 1
                self._add(self._signed(word))

    def _signed(self, word: Word) -> Symbol:
        if word.kind == "clef":
            self.clef = Clef(word.shape, word.place // 2 + 1)
            if word.place % 2 or f"{self.clef.sign}{self.clef.line}" not in CLEFS:
                raise NotationError(f"there are the clefs {' '.join(CLEFS)}", self.text, word.start)
            return self.clef
        if word.kind == "metersign":
            return COMMON if word.shape == "C" else CUT
        if word.kind == "barline":
            return Barline()
        if word.kind == "slur" and self.staff and isinstance(self.staff[-1], Note):
            return Tie()
        raise NotationError(f"a {word.kind} has nothing to stand by here", self.text, word.start)

    def _accidentals(self) -> None:
        """A key signature, the accidental of a note, or both."""
        run = self._run("accidental")
        following = self.words[self.at + self._marks()] if self.at + self._marks() < len(self.words) else None
        own = None
        if following and following.kind in ("note", "gracenote") and following.place == run[-1].place:
            own = _ALTERS[run.pop().shape]
        if run:
            self._add(Key(self._fifths(run)))
        if own is not None:
            self._event(own)

    def _marks(self) -> int:
        """How many fermatas and ends of slurs come next: they stand between an accidental and its note."""
        count = 0
        while self.at + count < len(self.words) and (self.words[self.at + count].kind == "fermata" or
                                                     self.words[self.at + count][:2] == ("slur", "end")):
            count += 1
        return count

    def _fifths(self, run: list[Word]) -> int:
        shown = [word for word in run if word.shape != SIGNS[0]]  # naturals cancel what was before
        steps = "".join(STEPS[(self._bottom(word) + word.place) % 7] for word in shown)
        alters = {_ALTERS[word.shape] for word in shown}
        if not shown:
            return 0
        if alters == {1} and steps == FIFTHS[:len(steps)]:
            return len(steps)
        if alters == {-1} and steps == FIFTHS[::-1][:len(steps)]:
            return -len(steps)
        raise NotationError("these accidentals are no key signature, and belong to no note", self.text, run[0].start)

    def _digits(self) -> None:
        """A metre, above and below the middle line, or the number of a multirest over the staff."""
        first = self.words[self.at]
        above, below = self._number("L4"), self._number("L2")
        if 0 < above < 100 and 0 < below < 100:
            self._add(Metre(above, below))
            return
        count = 0 if above or below else self._number("S5")
        if 0 < count < 10_000 and self.at < len(self.words) and self.words[self.at].kind == "multirest":
            self.at += 1
            self._add(Multirest(count))
            return
        raise NotationError("digits are a metre, on L4 and L2, or the number of a multirest, on S5", self.text,
                            first.start)

    def _number(self, name: str) -> int:
        """The digits that come next on this line or in this space; 0 for none."""
        digits = ""
        while self.at < len(self.words) and self.words[self.at].kind == "digit" and (
                self.words[self.at].place == place_of(name)):
            digits, self.at = digits + self.words[self.at].shape, self.at + 1
        return int(digits or "0")

    def _event(self, sign: int | None) -> None:
        """A note or rest with all that stands by it."""
        marks = self._run("fermata", "slur")
        if self.at == len(self.words) or self.words[self.at].kind not in ("note", "gracenote", "rest"):
            raise NotationError("a fermata or the end of a slur stands by a note", self.text, marks[0].start)
        word = self.words[self.at]
        self.at += 1
        dots = len(self._run("dot"))
        if dots > MAX_DOTS:
            raise NotationError(f"a note has {MAX_DOTS} dots at most", self.text, word.start)
        name = _FLAGGED[int(word.shape[-1])] if word.shape.startswith("beamed") else word.shape
        value, fermata = Value(name, dots), any(mark.kind == "fermata" for mark in marks)
        if word.kind == "rest":
            self.staff.append(Rest(value, fermata))
            return
        height = self._bottom(word) + word.place
        if height // 7 not in OCTAVES:
            raise NotationError(f"octaves go from {OCTAVES[0]} to {OCTAVES[-1]}", self.text, word.start)
        grace = word.kind == "gracenote"
        pitch = self.state.sounding(height, sign, grace)
        self.staff.append(GraceNote(pitch, value) if grace else Note(pitch, value, fermata))

    def _run(self, *kinds: str) -> list[Word]:
        first = self.at
        while self.at < len(self.words) and self.words[self.at].kind in kinds and (
                self.words[self.at][:2] != ("slur", "start")):
            self.at += 1
        return self.words[first:self.at]

    def _bottom(self, word: Word) -> int:
        if self.clef is None:
            raise NotationError("without a clef a place is no pitch", self.text, word.start)
        return bottom(self.clef)

    def _add(self, symbol: Symbol) -> None:
        self.staff.append(symbol)
        self.state.pass_by(symbol)
