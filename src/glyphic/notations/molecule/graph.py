"""A chemical drawing as a graph: atoms as they are written, bonds as they are drawn, and the line of a reaction.

Nothing here knows chemistry: `CO2Me` is one atom with this text, a pupil's carbon with five bonds is what it is. The
x axis points to the right and the y axis downwards, as in a picture; the unit of length is free (layouts use one bond).
Angles are in degrees, 0 = east, counter-clockwise as it is seen.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from glyphic.core.errors import NotationError
from glyphic.notations.molecule import texts

TILT = 0.25  # how much y counts against x where atoms are ordered from left to right (traversal.py says why)


class BondKind(StrEnum):
    """How a bond is drawn. The members of DIRECTED run from `begin` to `end`; all others look alike both ways."""

    SINGLE = "single"
    DOUBLE = "double"
    TRIPLE = "triple"
    QUADRUPLE = "quadruple"
    AROMATIC = "aromatic"  # a full line and a dashed one; rings with a circle have single bonds and a Circle
    WEDGE = "wedge"  # full: towards the reader from `begin`, its narrow end
    HASH = "hash"  # hashed: away from the reader from `begin`, its narrow end
    HOLLOW = "hollow"  # the outline of a wedge, narrow at `begin`
    WAVY = "wavy"  # either way up
    BOLD = "bold"  # thick and of one width
    DASHED = "dashed"  # broken and of one width: partial, any, hydrogen bond
    CROSSED = "crossed"  # a double bond whose lines cross: either cis or trans
    DATIVE = "dative"  # an arrow from `begin`, the donor


DIRECTED = frozenset([BondKind.WEDGE, BondKind.HASH, BondKind.HOLLOW, BondKind.DATIVE])


@dataclass(frozen=True, slots=True)
class Atom:
    r"""A corner or a label: its text in the one spelling of texts.py (`""`, `N`, `NH3^+`, `N\nH`), and where it is.

    (x, y) is the point that its bonds aim at: the corner, or the centre of the letter that they are drawn to.
    """

    text: str
    x: float
    y: float

    def __post_init__(self) -> None:
        if not texts.is_canonical(self.text):
            raise NotationError(f"the text of an atom is spelled canonically (texts.canonical); got {self.text!r}")
        if not (math.isfinite(self.x) and math.isfinite(self.y)):
            raise NotationError(f"an atom stands at finite coordinates; got ({self.x}, {self.y})")


@dataclass(frozen=True, slots=True)
class Bond:
    """A bond between two atoms, by their indices; for a kind in DIRECTED, `begin` is the narrow end or the donor."""

    begin: int
    end: int
    kind: BondKind = BondKind.SINGLE

    def other(self, atom: int) -> int:
        """The atom at the other end."""
        return self.end if atom == self.begin else self.begin


@dataclass(frozen=True, slots=True)
class Circle:
    """The circle of an aromatic ring: the ring's atoms in their order around it, and the centre.

    A circle that lies in no ring, as pupils and networks may draw it, has the one atom that it is nearest to.
    """

    atoms: tuple[int, ...]
    x: float
    y: float


@dataclass(frozen=True)
class Drawing:
    """Atoms, bonds and circles that stand together without a sign between them; one or several components.

    Errors: NotationError for no atoms at all, an index that is none, a bond from an atom to itself, two bonds between
    the same atoms, a circle whose atoms are not a ring of bonds (or a single atom), or a component without any ink: an
    atom without text and bonds.
    """

    atoms: tuple[Atom, ...]
    bonds: tuple[Bond, ...] = ()
    circles: tuple[Circle, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.atoms)
        if not count:
            raise NotationError("a drawing has at least one atom; got none")
        pairs = set()
        for bond in self.bonds:
            if not (0 <= bond.begin < count and 0 <= bond.end < count) or bond.begin == bond.end:
                raise NotationError(f"a bond joins two of the {count} atoms; got {bond.begin} and {bond.end}")
            pairs.add((min(bond.begin, bond.end), max(bond.begin, bond.end)))
        if len(pairs) < len(self.bonds):
            raise NotationError("two atoms have at most one bond; some have two")
        for circle in self.circles:
            if not self._is_ring(circle.atoms, pairs):
                raise NotationError(f"a circle lies in a ring of bonded atoms, or at one atom; got {circle.atoms}")
        bare = [i for i, atom in enumerate(self.atoms) if not atom.text and not self.neighbours[i]]
        if bare:
            raise NotationError(f"an atom has a text or a bond; number {bare[0]} has neither")

    def _is_ring(self, ring: tuple[int, ...], pairs: set[tuple[int, int]]) -> bool:
        if len(ring) == 1:
            return 0 <= ring[0] < len(self.atoms)
        edges = {(min(a, b), max(a, b)) for a, b in zip(ring, (*ring[1:], ring[0]), strict=True)}
        return len(ring) >= 3 and len(set(ring)) == len(ring) and edges <= pairs

    @cached_property
    def neighbours(self) -> tuple[tuple[Bond, ...], ...]:
        """The bonds of each atom, in the order of `bonds`."""
        result: list[list[Bond]] = [[] for _ in self.atoms]
        for bond in self.bonds:
            result[bond.begin].append(bond)
            result[bond.end].append(bond)
        return tuple(map(tuple, result))

    @cached_property
    def components(self) -> tuple[tuple[int, ...], ...]:
        """The atoms of each connected part, ascending; the parts by their first atom."""
        seen: set[int] = set()
        result = []
        for first in range(len(self.atoms)):
            if first in seen:
                continue
            part, ahead = {first}, [first]
            while ahead:
                atom = ahead.pop()
                fresh = {bond.other(atom) for bond in self.neighbours[atom]} - part
                part |= fresh
                ahead += fresh
            seen |= part
            result.append(tuple(sorted(part)))
        return tuple(result)

    def angle(self, begin: int, end: int) -> float:
        """The direction from one atom to another, in [0, 360): 0 = east, counter-clockwise as seen; 0 if they coincide.
        """
        a, b = self.atoms[begin], self.atoms[end]
        return direction(b.x - a.x, b.y - a.y)


def direction(dx: float, dy: float) -> float:
    """A vector of the picture (y downwards) -> its angle in [0, 360), counter-clockwise as seen; 0 of no length."""
    angle = math.degrees(math.atan2(-dy, dx)) % 360.0
    return 0.0 if angle == 360.0 else angle


def circle_around(atoms: Sequence[Atom], ring: Sequence[int]) -> Circle:
    """The circle of the ring of these atoms, which are given in their order around it; its centre is their mean."""
    x, y = (sum(getattr(atoms[i], axis) for i in ring) / len(ring) for axis in "xy")
    return Circle(tuple(ring), x, y)


def beside(drawings: Sequence[Drawing], gap: float = 1.5) -> Drawing:
    """Drawings in a row -> one drawing that has them as components from left to right, middles level.

    They are `gap` apart, or further where that keeps the order in which walks visit them (TILT).
    """
    atoms: list[Atom] = []
    bonds: list[Bond] = []
    circles: list[Circle] = []
    edge, key = 0.0, -math.inf
    for drawing in drawings:
        left, right = (extreme(atom.x for atom in drawing.atoms) for extreme in (min, max))
        dy = -(min(atom.y for atom in drawing.atoms) + max(atom.y for atom in drawing.atoms)) / 2
        own = min(atom.x + TILT * (atom.y + dy) for atom in drawing.atoms)
        first, dx = len(atoms), max(edge - left, key + gap / 2 - own)
        atoms += [Atom(atom.text, atom.x + dx, atom.y + dy) for atom in drawing.atoms]
        bonds += [Bond(bond.begin + first, bond.end + first, bond.kind) for bond in drawing.bonds]
        circles += [Circle(tuple(i + first for i in circle.atoms), circle.x + dx, circle.y + dy)
                    for circle in drawing.circles]
        edge, key = right + dx + gap, own + dx
    return Drawing(tuple(atoms), tuple(bonds), tuple(circles))


class ArrowKind(StrEnum):
    """The arrows between the sides of a reaction."""

    RIGHT = "->"
    LEFT = "<-"
    EQUILIBRIUM = "<=>"
    RESONANCE = "<->"
    RETRO = "=>"


@dataclass(frozen=True)
class Plus:
    """The plus sign between two drawings."""


@dataclass(frozen=True)
class Arrow:
    """An arrow and what stands above and below it: drawings and plus signs from left to right; no arrows."""

    kind: ArrowKind = ArrowKind.RIGHT
    above: "tuple[Drawing | Plus, ...]" = ()
    below: "tuple[Drawing | Plus, ...]" = ()

    def __post_init__(self) -> None:
        for parts in (self.above, self.below):
            _check_line(parts)
            if any(isinstance(part, Arrow) for part in parts):
                raise NotationError("above and below an arrow stand drawings and plus signs; got an arrow")


@dataclass(frozen=True)
class Scheme:
    """A line of drawings, plus signs and arrows from left to right: a reaction, or a single drawing.

    Words, coefficients and formulas without bonds (`2NaOH`, `(4):`) are drawings of one atom with this text. Two
    drawings never follow each other: what stands side by side without a sign is one drawing of several components.
    """

    parts: tuple[Drawing | Plus | Arrow, ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise NotationError("a scheme has at least one part; got none")
        _check_line(self.parts)

    @property
    def drawings(self) -> Iterator[Drawing]:
        """All drawings, those at arrows included, from left to right, above before below."""
        for part in self.parts:
            if isinstance(part, Drawing):
                yield part
            elif isinstance(part, Arrow):
                yield from (inner for inner in (*part.above, *part.below) if isinstance(inner, Drawing))


def _check_line(parts: Sequence[Drawing | Plus | Arrow]) -> None:
    if any(isinstance(a, Drawing) and isinstance(b, Drawing) for a, b in pairwise(parts)):
        raise NotationError("drawings side by side are one drawing of several components (graph.beside); got two")
