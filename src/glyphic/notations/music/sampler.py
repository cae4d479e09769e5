"""A random staff as incipits are: signatures, then bars that mostly fill their metre, in which a voice steps and leaps.

It needs no extra and no data. It is broader than the sources (rare clefs, metres, values, accidentals), so that a
network trained on it has seen all that can be said; what is frequent is learnt from real incipits.
"""

from fractions import Fraction
from random import Random
from typing import TypeVar

from glyphic.notations.music.semantic import (
    COMMON,
    CUT,
    LENGTHS,
    Barline,
    Clef,
    GraceNote,
    Key,
    Metre,
    Multirest,
    Note,
    Pitch,
    Rest,
    Symbol,
    Tie,
    Value,
    canonical,
    pitch_at,
    write,
)

# shares of a hundred or so, after RISM's incipits, the rare ones raised
CLEF_WEIGHTS = {"G2": 40, "C1": 20, "F4": 15, "C4": 12, "C3": 9, "C2": 3, "F3": 2, "C5": 1, "G1": 2, "F5": 1}
KEY_WEIGHTS = (1, 1, 2, 3, 8, 10, 15, 30, 13, 12, 6, 3, 2, 1, 1)  # from seven flats to seven sharps
METRE_WEIGHTS = {COMMON: 26, CUT: 24, Metre(3, 4): 18, Metre(2, 4): 10, Metre(6, 8): 6, Metre(3, 2): 5, Metre(3, 8): 4,
                 Metre(4, 4): 2, Metre(12, 8): 1, Metre(6, 4): 1, Metre(9, 8): 1, Metre(2, 2): 1, Metre(3, 1): 2}
COUNT_WEIGHTS = {1: 20, 2: 12, 3: 6, 4: 8, 8: 4, 16: 2}
# rhythms of one beat or a few, in beats; those of beats that are undotted, and those of dotted ones
CELLS = {
    False: ("1", "1", "2", "4", "1/2 1/2", "1/2 1/2", "3/4 1/4", "3/2 1/2", "3 1", "1/4 1/4 1/4 1/4", "1/2 1/4 1/4",
            "1/4 1/4 1/2", "1/4 3/4", "1/4 1/2 1/4", "7/4 1/4", "3/8 1/8 1/2", "1/8 1/8 1/8 1/8 1/2"),
    True: ("1", "2", "2/3 1/3", "2/3 1/3", "1/3 1/3 1/3", "1/3 1/3 1/3", "1/2 1/6 1/3", "1/3 1/6 1/6 1/3", "1/3 2/3",
           "1/6 1/6 1/6 1/6 1/6 1/6", "2/3 1/6 1/6"),
}
VALUES = {value.length: value for value in (Value(name, dots) for name in LENGTHS for dots in (0, 1, 2))}
LOWEST = {"G": Pitch("G", 0, 3).height, "C": Pitch("C", 0, 3).height, "F": Pitch("C", 0, 2).height}
RANGE = 17  # steps from the lowest note of a clef to its highest
LONGEST = 40  # symbols, about
T = TypeVar("T")


def sample(rng: Random) -> str:
    """A random staff in canonical spelling."""
    return write(canonical(_Writer(rng).staff))


def lowest(clef: Clef) -> int:
    """The height (see `Pitch.height`) from which voices in this clef go up by RANGE steps."""
    return LOWEST[clef.sign] - 2 * (clef.line - {"G": 2, "C": 3, "F": 4}[clef.sign])


class _Writer:
    """The staff so far, and where the voice is."""

    def __init__(self, rng: Random):
        self.rng = rng
        self.staff: list[Symbol] = []
        self.tie_to: Pitch | None = None
        self._clef(Clef(*_split(self._one_of(CLEF_WEIGHTS))))
        self.key = Key(rng.choices(range(-7, 8), KEY_WEIGHTS)[0])
        self.staff.append(self.key)
        self.metre: Metre | None = None
        if rng.random() < 0.96:
            self._metre()
        self.beat, dotted = self._beat()
        self.cells = [[self.beat * Fraction(part) for part in cell.split()] for cell in rng.choices(
            CELLS[dotted], k=rng.choice((2, 3, 3, 4, 5)))]
        self.colour = rng.choice((0.0, 0.03, 0.03, 0.1, 0.3))  # how often a note leaves the key
        for number in range(rng.choice((1, 2, 3, 3, 4, 4, 5, 6))):
            self._bar(first=number == 0)
            if len(self.staff) > LONGEST:
                break
            self._between()
        self._end()

    def _metre(self) -> None:
        metre = self._one_of(METRE_WEIGHTS)
        if self.rng.random() < 0.04:
            metre = Metre(self.rng.randint(1, 24), self.rng.choice((1, 2, 4, 8, 16)))
        self.metre = metre
        self.staff.append(metre)

    def _clef(self, clef: Clef) -> None:
        self.clef, self.lowest = clef, lowest(clef)
        self.height = self.lowest + self.rng.randint(4, RANGE - 4)
        self.staff.append(clef)

    def _between(self) -> None:
        """What may stand behind a barline before the bar itself."""
        kind = self.rng.random()
        if self.tie_to is not None or kind > 0.06:
            return
        if kind < 0.03:
            others = [name for name in CLEF_WEIGHTS if name != f"{self.clef.sign}{self.clef.line}"]
            self._clef(Clef(*_split(self.rng.choice(others))))
        elif kind < 0.045:
            self.key = Key(self.rng.choice([n for n in range(-7, 8) if n != self.key.fifths]))
            self.staff.append(self.key)
        elif self.metre is not None:
            self._metre()

    def _bar(self, first: bool) -> None:
        length = self.metre.length if self.metre else Fraction(self.rng.randint(1, 12), 4)
        length = min(length, Fraction(4))
        if self.tie_to is None and self.rng.random() < (0.18 if first else 0.04):
            count = self._one_of(COUNT_WEIGHTS) if self.rng.random() < 0.7 else self.rng.randint(1, 130)
            self.staff.append(Multirest(count))
        elif self.tie_to is None and self.rng.random() < 0.02:
            self.staff.append(Rest(Value("whole")))
        else:
            if self.rng.random() < (0.3 if first else 0.05):  # a pickup, or a bar that breaks the metre
                length = length * self.rng.choice((1, 1, 2, 3, 5)) / 4
            self._fill(length)
        self.staff.append(Barline())

    def _beat(self) -> tuple[Fraction, bool]:
        """What is felt as one, and whether it has three parts."""
        if self.metre and self.metre.beats % 3 == 0 and self.metre.beats > 3:
            return Fraction(3, self.metre.unit), True
        usual = Fraction(1, min(self.metre.unit, 8)) if self.metre else Fraction(1, 2)
        return usual * self.rng.choice((1, 1, 1, Fraction(1, 2), 2)), False

    def _fill(self, length: Fraction) -> None:
        left = length
        while left:
            cell = self.rng.choice(self.cells)
            rest = (left - sum(cell)).denominator
            if self.rng.random() > 0.93 or sum(cell) > left or rest > 128 or not set(cell) <= set(VALUES):
                cell = [self.rng.choices(*self._fitting(left))[0]]
            for part in cell:
                self._event(VALUES[part])
            left -= sum(cell)

    def _fitting(self, left: Fraction) -> tuple[list[Fraction], list[float]]:
        """Lengths of values that fit, and their weights: one that leaves odd rests is rare."""
        lengths = [length for length in VALUES if length <= left and (left - length).denominator <= 128]
        weights = [(3.0 if length in (self.beat, 2 * self.beat, self.beat / 2, left) else 0.1)
                   / (left - length).denominator for length in lengths]
        return lengths, weights

    def _event(self, value: Value) -> None:
        if self.tie_to is None and self.rng.random() < 0.08:
            self.staff.append(Rest(value, self.rng.random() < 0.02))
            return
        if self.tie_to is None and self.rng.random() < 0.04:
            for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
                self.staff.append(GraceNote(self._pitch(), Value(self.rng.choice(
                    ("eighth", "eighth", "sixteenth", "sixteenth", "quarter", "thirty_second")))))
        pitch = self.tie_to or self._pitch()
        self.staff.append(Note(pitch, value, self.rng.random() < 0.01))
        self.tie_to = pitch if self.rng.random() < 0.03 else None
        if self.tie_to:
            self.staff.append(Tie())

    def _pitch(self) -> Pitch:
        step = self.rng.choice((-1, -1, -1, 1, 1, 1, 0, 0, -2, 2, -2, 2, 3, -3, 4, -4, 5, -5, 7, -7))
        if not 0 <= self.height + step - self.lowest <= RANGE:
            step = -step
        self.height += step
        plain = pitch_at(self.height)
        alter = self.key.alter(plain.step)
        if self.rng.random() < self.colour:
            alter += self.rng.choice((-1, 1))
        return Pitch(plain.step, alter, plain.octave)

    def _end(self) -> None:
        """Most incipits end with a barline, some in the midst of a bar."""
        if self.rng.random() < 0.3:
            del self.staff[max(5, len(self.staff) - self.rng.randint(0, 4)):]
        while len(self.staff) > 3 and isinstance(self.staff[-1], Clef | Key | Metre | GraceNote | Tie):
            self.staff.pop()

    def _one_of(self, weights: dict[T, int]) -> T:
        return self.rng.choices(list(weights), list(weights.values()))[0]


def _split(name: str) -> tuple[str, int]:
    return name[0], int(name[1])

