"""The bonds of a placed drawing become strokes: lines, outlines to fill, and curves, in pixels, cut back at labels.

Double bonds have their second line inside the ring, or on the side of more neighbours, or both lie beside the axis, as
the style says (IUPAC's Graphical Representation Standards for Chemical Structure Diagrams, 2008, GR-1.10 and GR-2).
"""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from glyphic.notations.molecule.graph import Bond, BondKind, Drawing
from glyphic.notations.molecule.rendering.labels import Box, Point
from glyphic.notations.molecule.rendering.style import Style

RING = 8  # atoms: of larger rings, double bonds have no inside


@dataclass(frozen=True, slots=True)
class Stroke:
    """One path. `filled`: the outline of a shape, else a line of a pen of `width` pixels; `smooth`: points of a curve.

    atoms: the two that it lies between, in the order of its points, (-1, -1) for none. open: whether each end is at a
    bare corner, where pens go too far or not far enough.
    """

    points: tuple[Point, ...]
    width: float
    filled: bool = False
    smooth: bool = False
    atoms: tuple[int, int] = (-1, -1)
    open: tuple[bool, bool] = (False, False)
    plain: bool = False  # the line of a single bond: may be drawn in one go with the next one

    def moved(self, dx: float, dy: float) -> "Stroke":
        return replace(self, points=tuple((x + dx, y + dy) for x, y in self.points))


@dataclass(frozen=True)
class Placed:
    """A drawing, where its atoms are in pixels, and the boxes of the letters of each that has some."""

    drawing: Drawing
    places: Sequence[Point]
    boxes: Mapping[int, Sequence[Box]]
    centres: Sequence[Point]  # of its circles


def bond_strokes(placed: Placed, style: Style, rng: random.Random) -> list[Stroke]:
    """All bonds and circles of a drawing."""
    result: list[Stroke] = []
    for bond in placed.drawing.bonds:
        axis = _Axis.of(placed, bond, style)
        if axis is not None:
            result += _DRAWN[bond.kind](axis, placed, style, rng)
    for circle, (x, y) in zip(placed.drawing.circles, placed.centres, strict=True):
        result += _circle(placed, circle.atoms, x, y, style)
    return result


@dataclass(frozen=True, slots=True)
class _Axis:
    """A bond as seen: the axis from (x, y) along the unit vector (ux, uy), `length` long between the atoms; what is
    seen of it is from `start` to `end`. (nx, ny) is the normal to its left as seen from above (y downwards: right)."""

    bond: Bond
    x: float
    y: float
    ux: float
    uy: float
    length: float
    start: float
    end: float

    @classmethod
    def of(cls, placed: Placed, bond: Bond, style: Style) -> "_Axis | None":
        (x0, y0), (x1, y1) = placed.places[bond.begin], placed.places[bond.end]
        length = math.hypot(x1 - x0, y1 - y0)
        if length < 1e-6:
            return None
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        gap = style.gap * style.unit
        start = cleared((x0, y0), (ux, uy), length, placed.boxes.get(bond.begin, ()), gap)
        end = length - cleared((x1, y1), (-ux, -uy), length, placed.boxes.get(bond.end, ()), gap)
        if end - start < 0.12 * length:  # labels that touch: something must be seen of the bond between them
            middle = min(max((start + end) / 2, 0.15 * length), 0.85 * length)
            start, end = middle - 0.06 * length, middle + 0.06 * length
        return cls(bond, x0, y0, ux, uy, length, start, end)

    def at(self, along: float, aside: float = 0.0) -> Point:
        return self.x + along * self.ux - aside * self.uy, self.y + along * self.uy + aside * self.ux

    def line(self, width: float, start: float, end: float, aside: float = 0.0, *, plain: bool = False) -> Stroke:
        opened = start <= 1e-6, end >= self.length - 1e-6
        return Stroke((self.at(start, aside), self.at(end, aside)), width, atoms=(self.bond.begin, self.bond.end),
                      open=opened, plain=plain)


def cleared(place: Point, towards: Point, length: float, boxes: Sequence[Box], gap: float) -> float:
    """How far from its atom a bond begins, so that it stays `gap` away from all letters on its way."""
    result = 0.0
    x, y = place
    ux, uy = towards
    for left, top, right, bottom in boxes:
        enter, leave = 0.0, length
        for at, step, low, high in ((x, ux, left - gap, right + gap), (y, uy, top - gap, bottom + gap)):
            if abs(step) < 1e-9:
                if not low < at < high:
                    leave = -1.0
            else:
                a, b = (low - at) / step, (high - at) / step
                enter, leave = max(enter, min(a, b)), min(leave, max(a, b))
        if enter < leave and enter <= 0.8 * length:
            result = max(result, leave)
    return min(result, length)


# ---- the kinds of bonds


def _single(axis: _Axis, placed: Placed, style: Style, rng: random.Random) -> list[Stroke]:
    return [axis.line(style.line * style.unit, axis.start, axis.end, plain=True)]


def _double(axis: _Axis, placed: Placed, style: Style, rng: random.Random) -> list[Stroke]:
    width, apart = style.line * style.unit, style.double * style.unit
    side, short = _side(axis, placed, style, rng)
    if not side:
        return [axis.line(width, axis.start, axis.end, aside) for aside in (-apart / 2, apart / 2)]
    first = axis.line(width, axis.start, axis.end, plain=True)
    return [first, axis.line(width, *_inner(axis, placed, style, side, short), side * apart)]


def _aromatic(axis: _Axis, placed: Placed, style: Style, rng: random.Random) -> list[Stroke]:
    width, apart = style.line * style.unit, style.double * style.unit
    side, short = _side(axis, placed, replace(style, ring_sided=True, chain_sided=True, end_sided=True), rng)
    start, end = _inner(axis, placed, style, side or 1, short)
    return [axis.line(width, axis.start, axis.end, plain=True),
            *_pieces(axis, width, start, end, max(3, style.dashes - 1), (side or 1) * apart)]


def _multiple(count: int) -> Callable[[_Axis, Placed, Style, random.Random], list[Stroke]]:
    def drawn(axis: _Axis, placed: Placed, style: Style, rng: random.Random) -> list[Stroke]:
        width, apart = style.line * style.unit, style.double * style.unit * (0.95 if count == 3 else 0.75)
        return [axis.line(width, axis.start, axis.end, apart * (k - (count - 1) / 2)) for k in range(count)]

    return drawn


def _crossed(axis: _Axis, placed: Placed, style: Style, rng: random.Random) -> list[Stroke]:
    width, half = style.line * style.unit, style.double * style.unit * 0.6
    return [Stroke((axis.at(axis.start, side * half), axis.at(axis.end, -side * half)), width,
                   atoms=(axis.bond.begin, axis.bond.end)) for side in (-1, 1)]


def _wedge(axis: _Axis, placed: Placed, style: Style, rng: random.Random) -> list[Stroke]:
    return [Stroke(_outline(axis, style), style.line * style.unit, filled=True,
                   atoms=(axis.bond.begin, axis.bond.end))]


def _hollow(axis: _Axis, placed: Placed, style: Style, rng: random.Random) -> list[Stroke]:
    outline = _outline(axis, replace(style, line=0.0, wedge=max(style.wedge, 0.16)))
    return [Stroke((*outline, outline[0]), style.line * style.unit, atoms=(axis.bond.begin, axis.bond.end))]


def _outline(axis: _Axis, style: Style) -> tuple[Point, ...]:
    """A wedge, clockwise from the one corner of its narrow end; its edges may be drawn in."""
    narrow, wide = style.line * style.unit / 2, style.wedge * style.unit / 2
    waist = (1 - style.wedge_waist) * (narrow + wide) / 2
    middle = (axis.start + axis.end) / 2
    sides = [[axis.at(axis.start, side * narrow), *([axis.at(middle, side * waist)] if style.wedge_waist else []),
              axis.at(axis.end, side * wide)] for side in (-1, 1)]
    return (*sides[0], *sides[1][::-1])


def _hash(axis: _Axis, placed: Placed, style: Style, rng: random.Random) -> list[Stroke]:
    seen = axis.end - axis.start
    count = max(4, round(style.hashes * min(seen / style.unit, 1.3)))
    width = min(style.hash_line * style.unit, 0.5 * seen / count)
    result = []
    for k in range(count):
        share = (k + 0.5) / count if style.hash_tapered else 0.6
        half = style.unit * (0.02 + (style.wedge / 2 - 0.02) * share)
        along = axis.start + seen * (k + 0.5) / count
        result.append(Stroke((axis.at(along, -half), axis.at(along, half)), width))
    return result


def _wavy(axis: _Axis, placed: Placed, style: Style, rng: random.Random) -> list[Stroke]:
    seen = axis.end - axis.start
    waves = max(2, round(style.waves * min(seen / style.unit, 1.4)))
    return [Stroke(_wave(axis, axis.start, axis.end, waves, style.wave * style.unit), style.line * style.unit,
                   smooth=True)]


def _wave(axis: _Axis, start: float, end: float, waves: int, height: float) -> tuple[Point, ...]:
    count = 10 * waves
    return tuple(axis.at(start + (end - start) * k / count, height * math.sin(2 * math.pi * waves * k / count))
                 for k in range(count + 1))


def _bold(axis: _Axis, placed: Placed, style: Style, rng: random.Random) -> list[Stroke]:
    return [axis.line(max(style.bold, 2.2 * style.line) * style.unit, axis.start, axis.end)]


def _dashed(axis: _Axis, placed: Placed, style: Style, rng: random.Random) -> list[Stroke]:
    return _pieces(axis, style.line * style.unit, axis.start, axis.end, style.dashes, 0.0)


def _pieces(axis: _Axis, width: float, start: float, end: float, count: int, aside: float) -> list[Stroke]:
    """A broken line that begins and ends with a dash."""
    step = (end - start) / (count - 0.4)
    return [Stroke((axis.at(start + k * step, aside), axis.at(start + (k + 0.6) * step, aside)), width)
            for k in range(count)]


def _dative(axis: _Axis, placed: Placed, style: Style, rng: random.Random) -> list[Stroke]:
    head, half = style.head * style.unit, max(0.09, 1.8 * style.line) * style.unit
    head = min(head, 0.5 * (axis.end - axis.start))
    outline = (axis.at(axis.end, 0.0), axis.at(axis.end - head, half), axis.at(axis.end - head, -half))
    width = style.line * style.unit
    return [replace(axis.line(width, axis.start, axis.end - 0.6 * head), open=(False, False)),
            Stroke(outline, width, filled=True)]


_DRAWN: dict[BondKind, Callable[[_Axis, Placed, Style, random.Random], list[Stroke]]] = {
    BondKind.SINGLE: _single,
    BondKind.DOUBLE: _double,
    BondKind.TRIPLE: _multiple(3),
    BondKind.QUADRUPLE: _multiple(4),
    BondKind.AROMATIC: _aromatic,
    BondKind.WEDGE: _wedge,
    BondKind.HASH: _hash,
    BondKind.HOLLOW: _hollow,
    BondKind.WAVY: _wavy,
    BondKind.BOLD: _bold,
    BondKind.DASHED: _dashed,
    BondKind.CROSSED: _crossed,
    BondKind.DATIVE: _dative,
}


# ---- the second line of a double bond


def _side(axis: _Axis, placed: Placed, style: Style, rng: random.Random) -> tuple[int, bool]:
    """On which side the second line lies (0: both beside the axis), and whether it is shorter."""
    drawing, bond = placed.drawing, axis.bond
    inside = _inside(axis, placed)
    if inside:
        return (inside, True) if style.ring_sided else (0, False)
    degrees = len(drawing.neighbours[bond.begin]), len(drawing.neighbours[bond.end])
    sided = style.end_sided if min(degrees) == 1 else style.chain_sided
    if not sided:
        return 0, False
    weight = 0.0
    for atom in (bond.begin, bond.end):
        for other in drawing.neighbours[atom]:
            if other is not bond:
                weight += _aside(axis, placed.places[other.other(atom)]) > 0 or -1
    side = rng.choice((-1, 1)) if not weight else 1 if weight > 0 else -1
    return side, style.short_inner


def _aside(axis: _Axis, place: Point) -> float:
    """How far a point lies to the right of the axis (y downwards)."""
    return (place[1] - axis.y) * axis.ux - (place[0] - axis.x) * axis.uy


def _inside(axis: _Axis, placed: Placed) -> int:
    """The side on which the bond's ring lies; of two rings the one with more double bonds; 0 if there is none."""
    drawing, bond = placed.drawing, axis.bond
    best, side = (-1, 0), 0
    for first in drawing.neighbours[bond.begin]:
        if first is not bond:
            ring = _ring(drawing, bond, first.other(bond.begin))
            if ring:
                members = set(ring)
                doubles = sum(other.kind in (BondKind.DOUBLE, BondKind.AROMATIC) for atom in ring
                              for other in drawing.neighbours[atom] if other.other(atom) in members)
                if (doubles, -len(ring)) > best:
                    best = doubles, -len(ring)
                    middle = sum(placed.places[i][0] for i in ring) / len(ring), \
                        sum(placed.places[i][1] for i in ring) / len(ring)
                    side = 1 if _aside(axis, middle) > 0 else -1
    return side


def _ring(drawing: Drawing, bond: Bond, first: int) -> list[int]:
    """The smallest ring through a bond and the neighbour `first` of its begin; empty if it has more than RING atoms."""
    came = {bond.begin: -1, first: bond.begin}
    ahead = [first]
    for _ in range(RING - 2):
        further = []
        for atom in ahead:
            for other in drawing.neighbours[atom]:
                there = other.other(atom)
                if there == bond.end:
                    ring = [bond.end, atom]
                    while ring[-1] != bond.begin:
                        ring.append(came[ring[-1]])
                    return ring
                if there not in came:
                    came[there] = atom
                    further.append(there)
        ahead = further
    return []


def _inner(axis: _Axis, placed: Placed, style: Style, side: int, short: bool) -> tuple[float, float]:
    """From where to where the second line goes: cut back where a neighbour's line on its side would be crossed."""
    apart, least = style.double * style.unit, style.shorten * style.unit if short else 0.0
    ends = []
    for atom, sign, seen in ((axis.bond.begin, 1.0, axis.start), (axis.bond.end, -1.0, axis.length - axis.end)):
        cut = seen
        if seen <= 1e-6:
            cut = least
            x, y = placed.places[atom]
            for other in placed.drawing.neighbours[atom] if style.mitred else ():
                place = placed.places[other.other(atom)]
                if other is axis.bond or side * _aside(axis, place) <= 1e-6:
                    continue
                along = sign * ((place[0] - x) * axis.ux + (place[1] - y) * axis.uy)
                angle = math.atan2(abs(_aside(axis, place) - _aside(axis, (x, y))), along)
                cut = max(cut, min(apart / math.tan(max(angle, 0.3) / 2), 0.4 * axis.length) + 0.2 * least)
        ends.append(cut)
    start, end = ends[0], axis.length - ends[1]
    if end - start < 0.15 * axis.length:
        start, end = axis.start, axis.end
    return start, end


# ---- circles


def _circle(placed: Placed, atoms: Sequence[int], x: float, y: float, style: Style) -> list[Stroke]:
    """The circle of a ring, or one around a single point."""
    width = style.line * style.unit
    if len(atoms) == 1:
        radius = 0.4 * style.unit
    else:
        ring = [placed.places[i] for i in atoms]
        middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(ring, (*ring[1:], ring[0]), strict=True)]
        radius = style.circle * sum(math.hypot(mx - x, my - y) for mx, my in middles) / len(middles)
    count = 30
    points = [(x + radius * math.cos(2 * math.pi * k / count), y - radius * math.sin(2 * math.pi * k / count))
              for k in range(count + 1)]
    if style.circle_dashed:
        return [Stroke(tuple(points[k:k + 3]), width, smooth=True) for k in range(0, count, 3)]
    return [Stroke(tuple(points), width, smooth=True)]


def cut_across(place: Point, towards: Point, style: Style) -> Stroke:
    """The wavy line across the end of a bond that marks a point of attachment; `towards`: unit vector of the bond."""
    ux, uy = -towards[1], towards[0]
    half, height = 0.38 * style.unit, 0.08 * style.unit
    points = []
    for k in range(25):
        along, aside = half * (k / 12 - 1), height * math.sin(2 * math.pi * 2.5 * k / 24)
        points.append((place[0] + along * ux - aside * uy, place[1] + along * uy + aside * ux))
    return Stroke(tuple(points), style.line * style.unit, smooth=True)
