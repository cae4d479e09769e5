"""Which accidental stands before a note, and what a note sounds under those before it: both ways over one state.

The rules of engraving and of Plaine & Easie: a key signature holds for all octaves, an accidental for its line or space
up to the next barline; a tied note keeps the pitch of the first one, also across a barline, and nothing is drawn.
"""

from collections.abc import Sequence
from dataclasses import replace

from glyphic.notations.music.semantic import (
    STEPS,
    Barline,
    GraceNote,
    Key,
    Note,
    Pitch,
    Staff,
    Symbol,
    Tie,
    pitch_at,
)


class Accidentals:
    """What holds at a place of the staff. Feed it every symbol, in order."""

    def __init__(self) -> None:
        self.key = Key(0)
        self._bar: dict[int, int] = {}  # height -> alteration, since the barline
        self._last: Pitch | None = None
        self._tied: Pitch | None = None  # what the next note continues

    def pass_by(self, symbol: Symbol) -> None:
        """Any symbol that has no pitch."""
        if isinstance(symbol, Key):
            self.key, self._bar = symbol, {}
        elif isinstance(symbol, Barline):
            self._bar = {}
        elif isinstance(symbol, Tie):
            self._tied = self._last

    def drawn(self, pitch: Pitch, grace: bool = False) -> int | None:
        """The alteration whose sign a note of this pitch needs, or None; the note is then written."""
        goes_on = not grace and self.continues(pitch.height)
        silent = self._tied.alter if goes_on and self._tied else self._holds(pitch.height)  # what no sign would mean
        sign = None if silent == pitch.alter else pitch.alter
        if sign is not None:
            self._bar[pitch.height] = sign
        self._written(pitch, grace)
        return sign

    def sounding(self, height: int, sign: int | None, grace: bool = False) -> Pitch:
        """What a note at this height sounds behind this sign (or none); the note is then written."""
        if sign is not None:
            self._bar[height] = sign
            pitch = pitch_at(height, sign)
        elif not grace and self.continues(height) and self._tied:
            pitch = self._tied
        else:
            pitch = pitch_at(height, self._holds(height))
        self._written(pitch, grace)
        return pitch

    def _holds(self, height: int) -> int:
        return self._bar.get(height, self.key.alter(STEPS[height % 7]))

    def continues(self, height: int) -> bool:
        """Whether a note at this height would go on with a tied one."""
        return self._tied is not None and self._tied.height == height

    def _written(self, pitch: Pitch, grace: bool) -> None:
        if not grace:
            self._last, self._tied = pitch, None


def uncarried(staff: Sequence[Symbol]) -> Staff:
    """The staff as PrIMuS labels its picture: every note by the sign before it, or else by the key alone.

    In PrIMuS an accidental does not hold up to the barline: the picture of C#5 C#5, which has one sharp, is labelled
    C#5 C5. A tied note keeps its pitch.
    """
    state, result = Accidentals(), list[Symbol]()
    for symbol in staff:
        if isinstance(symbol, Note | GraceNote):
            grace = isinstance(symbol, GraceNote)
            tied = not grace and state.continues(symbol.pitch.height)
            sign = state.drawn(symbol.pitch, grace)
            if sign is None and not tied:
                symbol = replace(symbol, pitch=pitch_at(symbol.pitch.height, state.key.alter(symbol.pitch.step)))
        else:
            state.pass_by(symbol)
        result.append(symbol)
    return tuple(result)


def drawn_signs(staff: Sequence[Symbol]) -> dict[int, int]:
    """Index of a note or grace note -> the alteration (-2 to 2) whose sign is drawn before it."""
    state, signs = Accidentals(), {}
    for index, symbol in enumerate(staff):
        if isinstance(symbol, Note | GraceNote):
            sign = state.drawn(symbol.pitch, isinstance(symbol, GraceNote))
            if sign is not None:
                signs[index] = sign
        else:
            state.pass_by(symbol)
    return signs
