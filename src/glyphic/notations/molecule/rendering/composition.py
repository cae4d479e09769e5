"""A drawing or a line of drawings becomes a sheet: strokes and letters in pixels, and marks for atoms, bonds and signs.

Atoms keep the directions of their bonds; where labels leave too little of a bond to be seen, all that hangs on its far
side is moved on along it. Marks are named as auxiliary losses want them: an atom by its text (`C` for a bare corner), a
bond by kind and direction in the 24 bins of the target (`double 30`; alike from both ends: below 180), `circle`, `+`,
and an arrow by its token.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from glyphic.core.errors import NotationError
from glyphic.notations.molecule.graph import (
    DIRECTED,
    Arrow,
    ArrowKind,
    Bond,
    Drawing,
    Plus,
    Scheme,
)
from glyphic.notations.molecule.rendering.labels import Box, Glyph, Label, Lettering, Point, set_label
from glyphic.notations.molecule.rendering.spacing import part_components, stretch, untangle
from glyphic.notations.molecule.rendering.strokes import Placed, Stroke, bond_strokes, cleared, cut_across
from glyphic.notations.molecule.rendering.style import Style
from glyphic.notations.molecule.tokens import STEP, angle_bin

Mark = tuple[str, float, float]
BARE = "C"  # the name of a bare corner's mark


@dataclass
class Sheet:
    """What is to be drawn, in pixels: y downwards, any origin."""

    strokes: list[Stroke] = field(default_factory=list)
    glyphs: list[Glyph] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    atoms: list[tuple[str, float, float]] = field(default_factory=list)  # text and place, by Stroke.atoms

    def box(self) -> Box:
        """Around all ink."""
        boxes = [glyph.box for glyph in self.glyphs]
        for stroke in self.strokes:
            reach = 0.0 if stroke.filled else stroke.width / 2
            xs, ys = [p[0] for p in stroke.points], [p[1] for p in stroke.points]
            boxes.append((min(xs) - reach, min(ys) - reach, max(xs) + reach, max(ys) + reach))
        if not boxes:
            raise NotationError("a sheet without strokes and letters cannot be drawn")
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    def put(self, other: "Sheet", dx: float, dy: float) -> None:
        """Another sheet, moved, onto this one."""
        first = len(self.atoms)
        for stroke in other.strokes:
            moved = stroke.moved(dx, dy)
            if first and moved.atoms[0] >= 0:
                moved = replace(moved, atoms=(moved.atoms[0] + first, moved.atoms[1] + first))
            self.strokes.append(moved)
        for glyph in other.glyphs:
            placed = glyph.moved(dx, dy)
            self.glyphs.append(replace(placed, atom=placed.atom + first) if first and placed.atom >= 0 else placed)
        self.marks += [(name, x + dx, y + dy) for name, x, y in other.marks]
        self.atoms += [(text, x + dx, y + dy) for text, x, y in other.atoms]


def composed(drawn: Scheme | Drawing, style: Style, lettering: Lettering, rng: random.Random,
             jitter: float = 0.0) -> Sheet:
    """A drawing or line -> its sheet. jitter: by how many bonds, as a standard deviation, each atom is misplaced.

    Errors: NotationError where no font draws a character.
    """
    if isinstance(drawn, Drawing):
        return _drawing(drawn, style, lettering, rng, jitter)
    sheets = [_part(part, style, lettering, rng, jitter) for part in drawn.parts]
    return sheets[0] if len(sheets) == 1 else _row(sheets, style.part_gap * style.unit, 2 * jitter * style.unit, rng)


def _part(part: Drawing | Plus | Arrow, style: Style, lettering: Lettering, rng: random.Random,
          jitter: float, scale: float = 1.0) -> Sheet:
    if isinstance(part, Drawing):
        return _drawing(part, style, lettering, rng, jitter, scale)
    if isinstance(part, Plus):
        return _plus(style, scale)
    return _arrow(part, style, lettering, rng, jitter)


def _row(sheets: Sequence[Sheet], gap: float, uneven: float, rng: random.Random) -> Sheet:
    """Sheets from left to right, their middles level but for `uneven` pixels, as a standard deviation."""
    result = Sheet()
    edge = 0.0
    for sheet in sheets:
        left, top, right, bottom = sheet.box()
        result.put(sheet, edge - left, rng.gauss(0, uneven) - _level(sheet, (top + bottom) / 2))
        edge += right - left + gap * (rng.uniform(0.6, 1.4) if uneven else 1.0)
    return result


def _level(sheet: Sheet, middle: float) -> float:
    """What stands at the height of the other parts of a line: an arrow's shaft, a sheet's middle."""
    shaft = [y for name, _, y in sheet.marks if name in _ARROWS]
    return shaft[0] if shaft else middle


_ARROWS = frozenset(kind.value for kind in ArrowKind)


# ---- drawings


def _drawing(drawing: Drawing, style: Style, lettering: Lettering, rng: random.Random, jitter: float,
             scale: float = 1.0) -> Sheet:
    if scale != 1.0:
        style = replace(style, unit=scale * style.unit)
    lengths = [math.hypot(drawing.atoms[b.begin].x - drawing.atoms[b.end].x,
                          drawing.atoms[b.begin].y - drawing.atoms[b.end].y) for b in drawing.bonds]
    factor = style.unit / (median(lengths) or 1.0) if lengths else style.unit
    places = [(atom.x * factor, atom.y * factor) for atom in drawing.atoms]
    if jitter:
        places = _misplaced(places, jitter, style.unit, rng)
    cuts = {i for i, atom in enumerate(drawing.atoms) if style.star_cut and atom.text == "*"
            and len(drawing.neighbours[i]) == 1}
    labels = {i: set_label(atom.text, _directions(drawing, places, i), style, lettering)
              for i, atom in enumerate(drawing.atoms) if atom.text and i not in cuts}
    if labels:
        stretch(drawing, places, labels, style)
        untangle(drawing, places, labels, style)
        if len(drawing.components) > 1:
            part_components(drawing, places, labels, style)
    return _sheet(drawing, places, {i: label.moved(*places[i]) for i, label in labels.items()}, cuts, style, rng)


def _misplaced(places: Sequence[Point], jitter: float, unit: float, rng: random.Random) -> list[Point]:
    """Each atom a little off, and the whole a little too wide or too high, and slanted."""
    wide, slant = math.exp(rng.gauss(-0.5 * jitter, 1.6 * jitter)), rng.gauss(0, jitter)
    turn, spread = rng.gauss(0, 0.6 * jitter), jitter * unit

    def off() -> float:
        return min(max(rng.gauss(0, spread), -2 * spread), 2 * spread)

    return [(wide * x + (slant - turn) * y + off(), y / wide + turn * x + off()) for x, y in places]


def _sheet(drawing: Drawing, places: Sequence[Point], labels: Mapping[int, Label], cuts: set[int], style: Style,
           rng: random.Random) -> Sheet:
    boxes = {i: [glyph.box for glyph in label.glyphs] for i, label in labels.items()}
    centres = []
    for circle in drawing.circles:
        if len(circle.atoms) > 1:
            centres.append((sum(places[i][0] for i in circle.atoms) / len(circle.atoms),
                            sum(places[i][1] for i in circle.atoms) / len(circle.atoms)))
        else:
            atom, (x, y) = drawing.atoms[circle.atoms[0]], places[circle.atoms[0]]
            away = math.hypot(circle.x - atom.x, circle.y - atom.y) or 1.0
            centres.append((x + (circle.x - atom.x) / away * style.unit, y + (circle.y - atom.y) / away * style.unit))
    sheet = Sheet(atoms=[(atom.text, x, y) for atom, (x, y) in zip(drawing.atoms, places, strict=True)])
    sheet.strokes = bond_strokes(Placed(drawing, places, boxes, centres), style, rng)
    for i, label in labels.items():
        sheet.glyphs += [replace(glyph, atom=i) for glyph in label.glyphs]
        sheet.strokes += [_ring(x, y, radius, 0.7 * style.line * style.unit) for x, y, radius in label.rings]
    for i in cuts:
        (direction,) = _directions(drawing, places, i)
        sheet.strokes.append(cut_across(places[i], direction, style))
    for atom, (x, y) in zip(drawing.atoms, places, strict=True):
        sheet.marks.append((atom.text or BARE, x, y))
    for bond in drawing.bonds:
        sheet.marks.append((bond_name(drawing, bond), *_middle(places, boxes, bond)))
    sheet.marks += [("circle", x, y) for x, y in centres]
    return sheet


def bond_name(drawing: Drawing, bond: Bond) -> str:
    """The name of a bond's mark: its kind and its direction in the bins of the target."""
    angle = angle_bin(drawing.angle(bond.begin, bond.end)) * STEP
    return f"{bond.kind} {angle if bond.kind in DIRECTED else angle % 180}"


def _middle(places: Sequence[Point], boxes: Mapping[int, Sequence[Box]], bond: Bond) -> Point:
    """The middle of what is seen of a bond."""
    (x0, y0), (x1, y1) = places[bond.begin], places[bond.end]
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    start = cleared((x0, y0), (ux, uy), length, boxes.get(bond.begin, ()), 0.0)
    end = length - cleared((x1, y1), (-ux, -uy), length, boxes.get(bond.end, ()), 0.0)
    along = min(max((start + end) / 2, 0.0), length)
    return x0 + along * ux, y0 + along * uy


def _directions(drawing: Drawing, places: Sequence[Point], atom: int) -> list[Point]:
    x, y = places[atom]
    result = []
    for bond in drawing.neighbours[atom]:
        ox, oy = places[bond.other(atom)]
        length = math.hypot(ox - x, oy - y) or 1.0
        result.append(((ox - x) / length, (oy - y) / length))
    return result


# ---- signs


def _plus(style: Style, scale: float) -> Sheet:
    half, width = 0.55 * style.cap * style.unit * scale, 1.1 * style.line * style.unit
    return Sheet([Stroke(((-half, 0.0), (half, 0.0)), width), Stroke(((0.0, -half), (0.0, half)), width)],
                 marks=[("+", 0.0, 0.0)])


def _arrow(arrow: Arrow, style: Style, lettering: Lettering, rng: random.Random, jitter: float) -> Sheet:
    """The arrow from (0, 0) to the right, and what stands above and below it."""
    lines = []
    for parts in (arrow.above, arrow.below):
        sheets = [_part(part, style, lettering, rng, jitter, style.above) for part in parts]
        lines.append(_row(sheets, 0.45 * style.part_gap * style.unit, 0.0, rng) if sheets else None)
    boxes = [line.box() if line else None for line in lines]
    length = max([style.arrow * style.unit, *(box[2] - box[0] + style.unit for box in boxes if box)])
    sheet = Sheet(_arrow_strokes(arrow.kind, length, style), marks=[(arrow.kind.value, length / 2, 0.0)])
    clear = (0.16 + (style.head / 2 if arrow.kind in _WIDE else 0.0)) * style.unit
    for line, box, sign in zip(lines, boxes, (-1, 1), strict=True):
        if line and box:
            sheet.put(line, (length - box[2] - box[0]) / 2, -clear - box[3] if sign < 0 else clear - box[1])
    return sheet


_WIDE = (ArrowKind.EQUILIBRIUM, ArrowKind.RETRO)


def _arrow_strokes(kind: ArrowKind, length: float, style: Style) -> list[Stroke]:
    width, head = style.line * style.unit, style.head * style.unit
    half, apart = 0.38 * head, 0.5 * style.head * style.unit

    def shaft(y: float, start: float, end: float) -> Stroke:
        return Stroke(((start, y), (end, y)), width)

    def tip(x: float, y: float, sign: float, sides: Sequence[int] = (-1, 1)) -> list[Stroke]:
        """A head whose point is at (x, y); sign 1: to the right."""
        back = [(x - sign * head, y + side * half) for side in sides]
        if len(sides) == 2 and not style.head_open:
            return [Stroke((back[0], (x, y), back[1], (x - sign * 0.8 * head, y)), width, filled=True)]
        return [Stroke((point, (x, y)), width) for point in back]

    inset = 0.0 if style.head_open else 0.5 * head
    if kind == ArrowKind.RIGHT:
        return [shaft(0.0, 0.0, length - inset), *tip(length, 0.0, 1.0)]
    if kind == ArrowKind.LEFT:
        return [shaft(0.0, inset, length), *tip(0.0, 0.0, -1.0)]
    if kind == ArrowKind.RESONANCE:
        return [shaft(0.0, inset, length - inset), *tip(length, 0.0, 1.0), *tip(0.0, 0.0, -1.0)]
    if kind == ArrowKind.EQUILIBRIUM:
        return [shaft(-apart / 2, 0.0, length), *tip(length, -apart / 2, 1.0, (-1,)),
                shaft(apart / 2, 0.0, length), *tip(0.0, apart / 2, -1.0, (1,))]
    return [shaft(-apart / 2, 0.0, length - 0.6 * apart), shaft(apart / 2, 0.0, length - 0.6 * apart),
            Stroke(((length - 1.4 * apart, -1.2 * apart), (length, 0.0), (length - 1.4 * apart, 1.2 * apart)), width)]


def _ring(x: float, y: float, radius: float, width: float) -> Stroke:
    """The circle around a charge."""
    return Stroke(tuple((x + radius * math.cos(math.pi * k / 8), y + radius * math.sin(math.pi * k / 8))
                        for k in range(17)), width, smooth=True)
