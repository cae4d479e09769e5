"""A staff -> ABC notation (standard 2.1), one tune on one line.

An accidental holds up to the barline, in some programs in its octave alone and in others in all (the standard lets a
directive choose). A sign is written wherever the two would play differently, and again on tied notes behind a barline.
"""

from fractions import Fraction

from glyphic.notations.music.beams import Groups, beat_groups
from glyphic.notations.music.semantic import (
    CUT,
    KEYS,
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
    Tie,
    Value,
)

UNIT = Fraction(1, 8)
SIGNS = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}
CLEFS = {"G": ("treble", 2), "C": ("alto", 3), "F": ("bass", 4)}


def to_abc(staff: Staff, groups: Groups | None = None) -> str:
    """A staff -> an ABC tune. groups: which notes share beams, else by the beats of the metre."""
    clef, key, metre = Clef("G", 2), Key(0), None
    start = 0
    while start < len(staff) and isinstance(staff[start], Clef | Key | Metre) and start < 3:
        symbol = staff[start]
        if isinstance(symbol, Clef):
            clef = symbol
        elif isinstance(symbol, Key):
            key = symbol
        elif isinstance(symbol, Metre):
            metre = symbol
        start += 1
    body = _Body(clef, key).written(staff, start, beat_groups(staff) if groups is None else groups)
    return f"X:1\nM:{_metre(metre)}\nL:{UNIT}\nK:{_key(key, clef)}\n{body}\n"


class _Body:
    """The music behind the head of a tune, symbol by symbol."""

    def __init__(self, clef: Clef, key: Key):
        self.clef, self.key = clef, key
        self.octave: dict[int, int] = {}  # alterations of this bar if they hold in their octave ...
        self.every: dict[str, int] = {}  # ... and if in all
        self.fresh = False  # the key changed in this bar: what came before it may be forgotten

    def written(self, staff: Staff, start: int, groups: Groups) -> str:
        joined = {index for group in groups for index in range(group[0], group[-1])}  # no blank behind these
        pieces: list[str] = []
        for index in range(start, len(staff)):
            symbol = staff[index]
            after = staff[index + 1] if index + 1 < len(staff) else None
            if isinstance(symbol, GraceNote):
                opened = index > start and isinstance(staff[index - 1], GraceNote)
                pieces.append("{" * (not opened) + self._pitch(symbol.pitch) + _length(symbol.value)
                              + "}" * (not isinstance(after, GraceNote)))
                continue
            if isinstance(symbol, Note | Rest):
                head = self._pitch(symbol.pitch) if isinstance(symbol, Note) else "z"
                pieces.append("!fermata!" * symbol.fermata + head + _length(symbol.value))
                if isinstance(after, Tie):
                    pieces.append("-")
            elif isinstance(symbol, Multirest):
                pieces.append(f"Z{symbol.count}")
            elif isinstance(symbol, Barline):
                pieces.append("|")
                self.octave, self.every, self.fresh = {}, {}, False
            elif isinstance(symbol, Metre):
                pieces.append(f"[M:{_metre(symbol)}]")
            elif isinstance(symbol, Clef | Key):
                if isinstance(symbol, Clef):
                    self.clef = symbol
                else:
                    self.key, self.fresh = symbol, True
                pieces.append(f"[K:{_key(self.key, self.clef)}]")
            pieces.append("" if index in joined else " ")
        return " ".join("".join(pieces).split())

    def _pitch(self, pitch: Pitch) -> str:
        implied = self.key.alter(pitch.step)
        readings = {self.octave.get(pitch.height, implied), self.every.get(pitch.step, implied)}
        readings |= {implied} if self.fresh else set()
        sign = "" if readings == {pitch.alter} else SIGNS[pitch.alter]
        if sign:
            self.octave[pitch.height] = self.every[pitch.step] = pitch.alter
        letter = pitch.step if pitch.octave < 5 else pitch.step.lower()
        return sign + letter + ("," * (4 - pitch.octave) if pitch.octave < 4 else "'" * (pitch.octave - 5))


def _length(value: Value) -> str:
    units = value.length / UNIT
    over = str(units.numerator) if units.numerator > 1 else ""
    return over + (f"/{units.denominator}" if units.denominator > 1 else "")


def _metre(metre: Metre | None) -> str:
    if metre is None:
        return "none"
    return ("C|" if metre == CUT else metre.sign) or f"{metre.beats}/{metre.unit}"


def _key(key: Key, clef: Clef) -> str:
    name, line = CLEFS[clef.sign]
    return f"{KEYS[key.fifths + 7]} clef={name}{clef.line if clef.line != line else ''}"
