"""One monophonic staff as typed symbols, and as the strings of the PrIMuS semantic encoding.

`clef-C1 keySignature-EbM timeSignature-2/4 multirest-23 barline rest-quarter note-Bb4_eighth` (Calvo-Zaragoza and Rizo,
Applied Sciences 8(4), 2018): pitches as they sound, an accidental holding through its bar; every barline is a symbol; a
tie stands behind its first note. The official list has the 1781 combinations that its data hold; here any pitch goes
with any duration, so that what was never seen can still be said.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from glyphic.core.errors import NotationError

STEPS = "CDEFGAB"
SIGNS = {-2: "bb", -1: "b", 0: "", 1: "#", 2: "x"}  # alteration in semitones -> spelling
OCTAVES = range(1, 8)  # scientific: middle C is C4
LENGTHS = {  # in whole notes
    "quadruple_whole": Fraction(4), "double_whole": Fraction(2), "whole": Fraction(1), "half": Fraction(1, 2),
    "quarter": Fraction(1, 4), "eighth": Fraction(1, 8), "sixteenth": Fraction(1, 16), "thirty_second": Fraction(1, 32),
    "sixty_fourth": Fraction(1, 64), "hundred_twenty_eighth": Fraction(1, 128),
}
MAX_DOTS = 3
CLEFS = ("C1", "C2", "C3", "C4", "C5", "F3", "F4", "F5", "G1", "G2")
KEYS = ("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#")  # -7 to 7 sharps
FIFTHS = "FCGDAEB"  # the order in which sharps come; flats come from its end


@dataclass(frozen=True)
class Pitch:
    """A sounding pitch."""

    step: str  # C D E F G A B
    alter: int  # semitones, -2 to 2
    octave: int

    @property
    def height(self) -> int:
        """Steps of the staff above C0, whatever the alteration."""
        return 7 * self.octave + STEPS.index(self.step)

    @property
    def midi(self) -> int:
        """Semitones, 60 = middle C."""
        return 12 * (self.octave + 1) + (0, 2, 4, 5, 7, 9, 11)[STEPS.index(self.step)] + self.alter

    def __str__(self) -> str:
        return f"{self.step}{SIGNS[self.alter]}{self.octave}"


def pitch_at(height: int, alter: int = 0) -> Pitch:
    """The inverse of `Pitch.height`."""
    return Pitch(STEPS[height % 7], alter, height // 7)


@dataclass(frozen=True)
class Value:
    """A written duration: a name of LENGTHS, and dots."""

    name: str
    dots: int = 0

    @cached_property
    def length(self) -> Fraction:
        """In whole notes."""
        return LENGTHS[self.name] * (2 - Fraction(1, 2 ** self.dots))

    def __str__(self) -> str:
        return self.name + "." * self.dots


@dataclass(frozen=True)
class Clef:
    sign: str  # C F G
    line: int  # 1 is the lowest

    def __str__(self) -> str:
        return f"clef-{self.sign}{self.line}"


@dataclass(frozen=True)
class Key:
    """A key signature; PrIMuS names it by its major key, whatever the mode."""

    fifths: int  # sharps, or minus flats

    def alter(self, step: str) -> int:
        """What the signature makes of a step."""
        if self.fifths > 0:
            return int(step in FIFTHS[:self.fifths])
        return -int(step in FIFTHS[7 + self.fifths:])

    def __str__(self) -> str:
        return f"keySignature-{KEYS[self.fifths + 7]}M"


@dataclass(frozen=True)
class Metre:
    """A time signature: two numbers, or the sign C (4/4) or C/ (2/2)."""

    beats: int
    unit: int
    sign: str = ""

    @cached_property
    def length(self) -> Fraction:
        """Of a bar, in whole notes."""
        return Fraction(self.beats, self.unit)

    def __str__(self) -> str:
        return f"timeSignature-{self.sign or f'{self.beats}/{self.unit}'}"


COMMON, CUT = Metre(4, 4, "C"), Metre(2, 2, "C/")


@dataclass(frozen=True)
class Note:
    pitch: Pitch
    value: Value
    fermata: bool = False

    def __str__(self) -> str:
        return f"note-{self.pitch}_{self.value}{'_fermata' * self.fermata}"


@dataclass(frozen=True)
class GraceNote:
    """A small note, which takes no time of its bar."""

    pitch: Pitch
    value: Value

    def __str__(self) -> str:
        return f"gracenote-{self.pitch}_{self.value}"


@dataclass(frozen=True)
class Rest:
    value: Value
    fermata: bool = False

    def __str__(self) -> str:
        return f"rest-{self.value}{'_fermata' * self.fermata}"


@dataclass(frozen=True)
class Multirest:
    """Whole bars of rest under one sign, counted by a number."""

    count: int

    def __str__(self) -> str:
        return f"multirest-{self.count}"


@dataclass(frozen=True)
class Barline:
    def __str__(self) -> str:
        return "barline"


@dataclass(frozen=True)
class Tie:
    """From the note before to the next one."""

    def __str__(self) -> str:
        return "tie"


Symbol = Clef | Key | Metre | Note | GraceNote | Rest | Multirest | Barline | Tie
Staff = tuple[Symbol, ...]

_PITCH = r"([A-G])(bb|b|##|#|x)?([1-7])"
_VALUE = rf"({'|'.join(LENGTHS)})(\.{{0,{MAX_DOTS}}})"
_SHAPES = {kind: re.compile(shape) for kind, shape in {
    "note": rf"note-{_PITCH}_{_VALUE}(_fermata)?", "gracenote": rf"gracenote-{_PITCH}_{_VALUE}",
    "rest": rf"rest-{_VALUE}(_fermata)?", "barline": "barline", "tie": "tie",
    "clef": r"clef-([CFG])([1-5])", "keySignature": r"keySignature-([A-G][b#]?)M",
    "timeSignature": r"timeSignature-(?:(C/?)|([1-9]\d?)/([1-9]\d?))", "multirest": r"multirest-([1-9]\d{0,3})",
}.items()}
_ALLOWED = {
    "note": "note-PITCH_DURATION, such as note-F#4_eighth. or note-Bb5_half_fermata, from C1 to B7",
    "gracenote": "gracenote-PITCH_DURATION, such as gracenote-C5_sixteenth, from C1 to B7",
    "rest": "rest-DURATION, such as rest-quarter. or rest-half_fermata",
    "clef": f"the clefs {' '.join(CLEFS)}", "keySignature": f"the keys {' '.join(f'{key}M' for key in KEYS)}",
    "timeSignature": "timeSignature-C, timeSignature-C/ or two numbers below 100, such as timeSignature-6/8",
    "multirest": "multirest-N with N from 1 to 9999", "barline": "barline", "tie": "tie",
}
_ALTERS = {sign: alter for alter, sign in SIGNS.items()} | {"##": 2}


def parse(text: str) -> Staff:
    """Words separated by any white space -> symbols in that order.

    What may follow what is the grammar's affair.
    Errors: NotationError with the position of the first word that is no symbol.
    """
    return tuple(_symbol(word[0], text, word.start()) for word in re.finditer(r"\S+", text))


def write(staff: Sequence[Symbol]) -> str:
    """Symbols -> the official strings, separated by blanks."""
    return " ".join(map(str, staff))


def canonical(staff: Sequence[Symbol]) -> Staff:
    """Without what no picture shows: C major where there is nothing to cancel, and a multirest right behind another
    (their numbers would be one). And with the end that PrIMuS writes: a barline behind a last bar that is full, none
    behind one that is longer or shorter than its metre; its pictures show one now and then not."""
    result: list[Symbol] = []
    fifths = 0
    for symbol in staff:
        if isinstance(symbol, Key):
            if not (symbol.fifths or fifths):
                continue
            fifths = symbol.fifths
        if isinstance(symbol, Multirest) and result and isinstance(result[-1], Multirest):
            continue
        result.append(symbol)
    closed = bool(result) and isinstance(result[-1], Barline)
    full = _fills(result[:-1] if closed else result)
    if full is False and closed:
        result.pop()
    elif full and not closed:
        result.append(Barline())
    return tuple(result)


def _fills(staff: Sequence[Symbol]) -> bool | None:
    """Whether the last bar, to whose end nothing is missing but perhaps a barline, has the length of its metre; None
    where there is no metre to tell, or a rest for whole bars, or the staff goes on behind it with a tie or a sign."""
    metre = next((symbol for symbol in reversed(staff) if isinstance(symbol, Metre)), None)
    start = next((i + 1 for i in range(len(staff) - 1, -1, -1) if isinstance(staff[i], Barline)), 0)
    sounding = [symbol for symbol in staff[start:] if isinstance(symbol, Note | Rest | Multirest)]
    if metre is None or not sounding or not isinstance(staff[-1], Note | Rest) or sounding == [Rest(Value("whole"))]:
        return None
    lengths = [symbol.value.length for symbol in sounding if not isinstance(symbol, Multirest)]
    return sum(lengths) == metre.length if len(lengths) == len(sounding) else None


def _symbol(word: str, text: str, position: int) -> Symbol:
    kind = word.partition("-")[0]
    shape = _SHAPES.get(kind)
    if shape is None:
        raise NotationError(f"no symbol {word!r}; there are {', '.join(_SHAPES)}", text, position)
    match = shape.fullmatch(word)
    symbol = _made(kind, match.groups()) if match else None
    if symbol is None:
        raise NotationError(f"no symbol {word!r}; there are {_ALLOWED[kind]}", text, position)
    return symbol


def _made(kind: str, parts: tuple[str | None, ...]) -> Symbol | None:
    first, *rest = (part or "" for part in parts) if parts else ("",)
    if kind == "note":
        return Note(_pitch(first, *rest[:2]), Value(rest[2], len(rest[3])), bool(rest[4]))
    if kind == "gracenote":
        return GraceNote(_pitch(first, *rest[:2]), Value(rest[2], len(rest[3])))
    if kind == "rest":
        return Rest(Value(first, len(rest[0])), bool(rest[1]))
    if kind == "clef":
        return Clef(first, int(rest[0])) if first + rest[0] in CLEFS else None
    if kind == "keySignature":
        return Key(KEYS.index(first) - 7) if first in KEYS else None
    if kind == "timeSignature":
        return {"C": COMMON, "C/": CUT}.get(first) or Metre(int(rest[0]), int(rest[1]))
    if kind == "multirest":
        return Multirest(int(first))
    return Barline() if kind == "barline" else Tie()


def _pitch(step: str, sign: str, octave: str) -> Pitch:
    return Pitch(step, _ALTERS[sign], int(octave))


def ties(staff: Sequence[Symbol]) -> dict[int, int | None]:
    """Index of each note with a tie behind it -> index of the note it leads to (None: beyond the end of the staff)."""
    following: int | None = None
    result: dict[int, int | None] = {}
    for index in range(len(staff) - 1, -1, -1):
        if isinstance(staff[index], Note):
            if index + 1 < len(staff) and isinstance(staff[index + 1], Tie):
                result[index] = following
            following = index
    return result
