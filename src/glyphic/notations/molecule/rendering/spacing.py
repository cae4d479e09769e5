"""Room for labels: atoms of a placed drawing move so that bonds are seen between labels, and no labels overlap.

Bonds keep their directions; what moves is all that hangs on one side of a bond that is in no ring. Places are in
pixels, y downwards, and are changed in their list; labels stand around (0, 0).
"""

import math
from collections.abc import Mapping, Sequence

from glyphic.notations.molecule.graph import Drawing
from glyphic.notations.molecule.rendering.labels import Box, Label, Point
from glyphic.notations.molecule.rendering.strokes import cleared
from glyphic.notations.molecule.rendering.style import Style

APART = 0.35  # bonds between the letters of two components, at least


def stretch(drawing: Drawing, places: list[Point], labels: Mapping[int, Label], style: Style) -> None:
    """Moves what hangs on bonds that would be hidden between labels; bonds of rings stay as they are."""
    gap = style.gap * style.unit
    for bond in drawing.bonds:
        if bond.begin not in labels and bond.end not in labels:
            continue
        (x0, y0), (x1, y1) = places[bond.begin], places[bond.end]
        length = math.hypot(x1 - x0, y1 - y0)
        if not length:
            continue
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        hidden = 0.0
        for atom, dx, dy in ((bond.begin, ux, uy), (bond.end, -ux, -uy)):
            if atom in labels:
                boxes = [glyph.box for glyph in labels[atom].glyphs]
                hidden += cleared((0.0, 0.0), (dx, dy), 20 * style.unit, boxes, gap)
        missing = style.least * style.unit + hidden - length
        if missing > 0.02 * style.unit:
            part = _behind(drawing, bond.begin, bond.end)
            sign = 1.0
            if len(part) > len(drawing.atoms) // 2:
                part, sign = _behind(drawing, bond.end, bond.begin), -1.0
            for i in part:
                places[i] = places[i][0] + sign * missing * ux, places[i][1] + sign * missing * uy


def untangle(drawing: Drawing, places: list[Point], labels: Mapping[int, Label], style: Style) -> None:
    """Moves branches whose labels overlap apart, along a bond between them that is in no ring."""
    rim = 0.35 * style.cap * style.unit
    extents = {i: _around(label) for i, label in labels.items()}
    for _ in range(8):
        boxes = {i: (a + places[i][0], b + places[i][1], c + places[i][0], d + places[i][1])
                 for i, (a, b, c, d) in extents.items()}
        moved = False
        numbers = sorted(boxes, key=lambda i: boxes[i][0])
        for position, i in enumerate(numbers):
            for j in numbers[position + 1:]:
                if boxes[j][0] > boxes[i][2] + rim:
                    break
                if boxes[i][1] < boxes[j][3] + rim and boxes[j][1] < boxes[i][3] + rim:
                    left, right = (i, j) if places[i][0] <= places[j][0] else (j, i)
                    moved |= _pull(drawing, places, boxes, left, right, rim)
            if moved:
                break
        if not moved:
            return


def _pull(drawing: Drawing, places: list[Point], boxes: Mapping[int, Box], left: int, right: int, rim: float) -> bool:
    """Moves one of two labels, and what hangs with it, to the right of the other one, or up or down; False if nothing
    can be moved. Of the bonds between them, the one that is most level moves it aside, the steepest up or down."""
    came, ahead = {left: left}, [left]
    for here in ahead:
        for bond in drawing.neighbours[here]:
            if bond.other(here) not in came:
                came[bond.other(here)] = here
                ahead.append(bond.other(here))
    if right not in came:
        return False
    aside, steep, there = (0.5, -1, -1), (0.5, -1, -1), right
    while there != left:
        here = came[there]
        dx, dy = places[there][0] - places[here][0], places[there][1] - places[here][1]
        length = math.hypot(dx, dy) or 1.0
        if max(dx, abs(dy)) > 0.5 * length and _behind(drawing, here, there):
            aside, steep = max(aside, (dx / length, here, there)), max(steep, (abs(dy) / length, here, there))
        there = here
    _, here, there = aside if aside[1] >= 0 else steep
    if here < 0:
        return False
    dx, dy = places[there][0] - places[here][0], places[there][1] - places[here][1]
    if aside[1] >= 0:
        share = (boxes[left][2] + rim - boxes[right][0]) / dx
    elif dy < 0:
        share = (boxes[left][1] - rim - boxes[right][3]) / dy
    else:
        share = (boxes[left][3] + rim - boxes[right][1]) / dy
    for i in _behind(drawing, here, there):
        places[i] = places[i][0] + share * dx, places[i][1] + share * dy
    return True


def _around(label: Label) -> Box:
    lefts, tops, rights, bottoms = zip(*(glyph.box for glyph in label.glyphs), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _behind(drawing: Drawing, before: int, atom: int) -> set[int]:
    """All that hangs on `atom`, seen from its neighbour `before`; nothing if both are in one ring."""
    seen, ahead = {atom}, [atom]
    while ahead:
        here = ahead.pop()
        for bond in drawing.neighbours[here]:
            there = bond.other(here)
            if there == before:
                if here != atom:
                    return set()
            elif there not in seen:
                seen.add(there)
                ahead.append(there)
    return seen


def part_components(drawing: Drawing, places: list[Point], labels: Mapping[int, Label], style: Style) -> None:
    """Moves components to the right until none's ink overlaps that of one before it."""
    gap = APART * style.unit
    done: list[Box] = []
    parts = [(part, _component_box(part, places, labels)) for part in drawing.components]
    for part, (left, top, right, bottom) in sorted(parts, key=lambda entry: entry[1][0]):
        shift = 0.0
        for other in sorted(done, key=lambda box: box[2]):
            if top < other[3] + gap / 2 and other[1] < bottom + gap / 2 and left + shift < other[2] + gap and \
                    other[0] < right + shift + gap:
                shift = max(shift, other[2] + gap - left)
        for i in part:
            places[i] = places[i][0] + shift, places[i][1]
        done.append((left + shift, top, right + shift, bottom))


def _component_box(part: Sequence[int], places: Sequence[Point], labels: Mapping[int, Label]) -> Box:
    boxes = [(*places[i], *places[i]) for i in part]
    for i in part:
        if i in labels:
            boxes += [glyph.box for glyph in labels[i].moved(*places[i]).glyphs]
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
