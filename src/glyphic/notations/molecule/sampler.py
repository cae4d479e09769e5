"""Random drawings that nobody has drawn: rings, chains, labels, salts and reaction lines, laid out without a chemist.

They obey no valence; what they have is the geometry of drawings (bonds of one length, regular rings, zigzag chains), so
that every part of the notation is met. For pictures that look like chemistry, data/ renders real molecules.
"""

import math
import random
from collections.abc import Sequence

from glyphic.notations.molecule.graph import (
    Arrow,
    ArrowKind,
    Atom,
    Bond,
    BondKind,
    Circle,
    Drawing,
    Plus,
    Scheme,
    beside,
    circle_around,
    direction,
)
from glyphic.notations.molecule.layout import ring_towards
from glyphic.notations.molecule.target import to_target

ENDS = ("OH", "HO", "NH2", "H2N", "Cl", "Br", "F", "I", "O", "N", "CN", "CO2Me", "MeO2C", "OMe", "MeO", "Ph", "CF3",
        "F3C", "NO2", "O2N", "Boc", "NHBoc", "t-Bu", "R", "R^1", "R^2", "X", "*", "COOH", "HOOC", "SO3H", "CHO", "O^-",
        "NH3^+", "CD3", "^{13}CH3", "N3", "OTBS", "PPh2", "Me", "Et", "CH3", "H3C", "SiMe3", "B(OH)2", "(CH2)nOH", "Li")
MIDDLES = ("O", "N", "S", "NH", "HN", "N\nH", "H\nN", "N^+", "Si", "P", "B", "Se", "C", "CH", "O^+", "C^·", "SO2")
WORDS = ("HCl", "Na^+", "Cl^-", "H2O", "2NaOH", "Br2", "K2CO3", "CuSO4·5H2O", "H2SO4", "3", "(1)", "Pd/C", "NEt3",
         "SO4^{2-}", "浓H2SO4", "△", "rt,2h", "hv", "80℃", "①", "TsOH·H2O", "Et2O")
_KINDS = (BondKind.DOUBLE, BondKind.DOUBLE, BondKind.DOUBLE, BondKind.TRIPLE, BondKind.WEDGE, BondKind.HASH,
          BondKind.WAVY, BondKind.DASHED, BondKind.BOLD, BondKind.CROSSED, BondKind.DATIVE, BondKind.HOLLOW,
          BondKind.AROMATIC, BondKind.QUADRUPLE)


def sample(rng: random.Random) -> str:
    """The target of a random line: mostly one drawing, now and then a reaction."""
    return to_target(scheme(rng))


def scheme(rng: random.Random) -> Scheme:
    """A random line of drawings."""
    if rng.random() < 0.8:
        return Scheme((drawing(rng),))
    parts: list[Drawing | Plus | Arrow] = []
    for _ in range(rng.randint(1, 2)):
        parts += [*_side(rng), _arrow(rng)]
    return Scheme(tuple(parts if rng.random() < 0.1 else [*parts, *_side(rng)]))


def drawing(rng: random.Random, atoms: int = 0) -> Drawing:
    """A random drawing of one component or several; `atoms`: about how many it has (0: 2 to 40)."""
    growth = _Growth(rng)
    growth.grow(atoms or rng.choice((rng.randint(2, 12), rng.randint(5, 40))))
    parts = [growth.drawing()]
    while rng.random() < 0.15:
        parts.append(_word(rng))
    rng.shuffle(parts)
    return parts[0] if len(parts) == 1 else beside(parts, gap=1.0 + rng.random())


def _word(rng: random.Random) -> Drawing:
    return Drawing((Atom(rng.choice(WORDS), 0.0, 0.0),))


def _side(rng: random.Random) -> list[Drawing | Plus | Arrow]:
    result: list[Drawing | Plus | Arrow] = []
    for i in range(rng.choice((1, 1, 2, 3))):
        result += [*([Plus()] if i else []), _word(rng) if rng.random() < 0.3 else drawing(rng, rng.randint(2, 14))]
    return result


def _arrow(rng: random.Random) -> Arrow:
    sides: list[tuple[Drawing | Plus, ...]] = []
    for chance in (0.6, 0.3):
        words: list[Drawing | Plus] = []
        if rng.random() < chance:
            words.append(_word(rng) if rng.random() < 0.9 else drawing(rng, 5))
            if rng.random() < 0.1:
                words += [Plus(), _word(rng)]
        sides.append(tuple(words))
    return Arrow(rng.choice((ArrowKind.RIGHT, *ArrowKind)), *sides)


def _is_face(drawing: Drawing, circle: Circle) -> bool:
    """Whether no bond runs between a ring's atoms and its centre, as happens where rings were put over each other."""
    at = drawing.atoms
    return all(set(ring_towards(drawing, i, direction(circle.x - at[i].x, circle.y - at[i].y))) == set(circle.atoms)
               for i in circle.atoms)


class _Growth:
    """Atoms that are put where there is room: a ring or a corner first, then chains, rings at bonds, rings at atoms."""

    def __init__(self, rng: random.Random):
        self.rng = rng
        self.places: list[complex] = []  # y upwards while it grows
        self.bonds: dict[tuple[int, int], BondKind] = {}
        self.rings: list[list[int]] = []

    def grow(self, size: int) -> None:
        rng = self.rng
        if rng.random() < 0.6:
            self._ring(0j, rng.random() * 2 * math.pi if rng.random() < 0.5 else math.pi / 2)
        else:
            self._place((0j, 1 + 0j))
            self._bond(0, 1)
        for _ in range(6 * size):
            if len(self.places) >= size:
                break
            rng.choices((self._chain, self._fused, self._hung), (7, 2, 1))[0]()

    def drawing(self) -> Drawing:
        rng = self.rng
        turn = complex(math.cos(angle := rng.random() * 2 * math.pi), math.sin(angle)) if rng.random() < 0.5 else 1
        jitter = rng.choice((0.0, 0.0, 0.04))
        places = [turn * place + complex(rng.gauss(0, jitter), rng.gauss(0, jitter)) for place in self.places]
        degrees = [sum(atom in pair for pair in self.bonds) for atom in range(len(places))]
        atoms = tuple(Atom(self._text(degree), place.real, -place.imag)
                      for place, degree in zip(places, degrees, strict=True))
        bonds = tuple(Bond(*(pair if rng.random() < 0.5 else pair[::-1]), kind) for pair, kind in self.bonds.items())
        bare = Drawing(atoms, bonds)
        circles = [circle_around(atoms, ring) for ring in self.rings if len(ring) in (5, 6) and rng.random() < 0.3]
        return Drawing(atoms, bonds, tuple(circle for circle in circles if _is_face(bare, circle)))

    def _text(self, degree: int) -> str:
        rng = self.rng
        if degree == 1:
            return rng.choice(ENDS) if rng.random() < 0.6 else ""
        return rng.choice(MIDDLES) if rng.random() < (0.25 if degree == 2 else 0.05) else ""

    def _chain(self) -> None:
        atom = self.rng.randrange(len(self.places))
        place = self._free(atom)
        if place is not None and self._place((place,)):
            self._bond(atom, len(self.places) - 1)

    def _hung(self) -> None:
        atom = self.rng.randrange(len(self.places))
        place = self._free(atom)
        if place is not None:
            arm = place - self.places[atom]
            count = len(self.places)
            if self._ring(place, math.atan2(arm.imag, arm.real)):
                self._bond(atom, count)

    def _fused(self) -> None:
        """A regular ring on the far side of a bond."""
        a, b = self.rng.choice(list(self.bonds))
        if self.rng.random() < 0.5:
            a, b = b, a
        size = self.rng.choice((5, 6, 6, 6, 4, 7))
        arm = self.places[b] - self.places[a]
        ring, place = [a, b], self.places[b]
        fresh = []
        for _ in range(size - 2):
            arm *= complex(math.cos(2 * math.pi / size), math.sin(2 * math.pi / size))
            place += arm
            fresh.append(place)
        if self._place(fresh):
            ring += range(len(self.places) - len(fresh), len(self.places))
            self._closed(ring)

    def _ring(self, first: complex, towards: float) -> bool:
        """A regular ring with one corner at `first` whose centre lies `towards` there."""
        size = self.rng.choice((3, 4, 5, 5, 6, 6, 6, 6, 7, 8))
        radius = 0.5 / math.sin(math.pi / size)
        centre = first + radius * complex(math.cos(towards), math.sin(towards))
        step = 2 * math.pi / size
        corners = [centre + (first - centre) * complex(math.cos(step * i), math.sin(step * i)) for i in range(size)]
        if not self._place(corners):
            return False
        self._closed(list(range(len(self.places) - size, len(self.places))))
        return True

    def _closed(self, ring: list[int]) -> None:
        for a, b in zip(ring, (*ring[1:], ring[0]), strict=True):
            self._bond(a, b)
        self.rings.append(ring)

    def _free(self, atom: int) -> complex | None:
        """Where an atom's next neighbour would stand; None where there is no room."""
        here = self.places[atom]
        around = [self.places[b if a == atom else a] - here for a, b in self.bonds if atom in (a, b)]
        if len(around) == 1:
            turn = math.radians(self.rng.choice((120, 120, -120, -120, 180, 90)))
        else:
            turn = math.radians(self.rng.choice((90, 120, 126, 150, 180, 210, 234, 240, 270)))
        arm = around[0] / abs(around[0]) * complex(math.cos(turn), math.sin(turn))
        crowded = any(abs(arm - other / abs(other)) < 0.75 for other in around) or len(around) > 3
        return None if crowded else here + arm

    def _place(self, places: Sequence[complex]) -> bool:
        """Put atoms there, unless one of them comes too near to one that is there."""
        if any(abs(new - old) < 0.7 for new in places for old in self.places):
            return False
        self.places += places
        return True

    def _bond(self, a: int, b: int) -> None:
        if (a, b) not in self.bonds and (b, a) not in self.bonds:
            self.bonds[a, b] = self.rng.choice(_KINDS) if self.rng.random() < 0.3 else BondKind.SINGLE
