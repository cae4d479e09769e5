"""A sheet is drawn by hand: the pen goes too far or not far enough, draws several bonds in one go, wobbles and presses.

Strokes and letters become paths of the pen. All paths are sampled together, and then wobble, lean and are seen in
perspective in a few operations on one array.
"""

import math
import random
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from glyphic.notations.molecule.rendering import lettering, penstrokes
from glyphic.notations.molecule.rendering.composition import Mark, Sheet
from glyphic.notations.molecule.rendering.hands import Hand, Script
from glyphic.notations.molecule.rendering.labels import Box, Glyph, Point
from glyphic.notations.molecule.rendering.strokes import Stroke

FINE = 3  # painted pixels for one that is shown
FloatArray = npt.NDArray[np.float64]


@dataclass
class _Path:
    """One movement of the pen, sampled."""

    points: FloatArray  # (k, 2)
    width: float
    wobbles: bool = True
    letter: bool = False


def painted(sheet: Sheet, hand: Hand, script: Script, margins: tuple[float, float, float, float],
            rng: random.Random) -> tuple[npt.NDArray[np.uint8], list[Mark]]:
    """A sheet in fine pixels -> (H, W) greys as shown, 255 = paper, and its marks there.

    margins: paper to the left, above, to the right and below the ink, in fine pixels.
    """
    unit, noise = hand.style.unit, np.random.Generator(np.random.SFC64(rng.getrandbits(64)))
    paths, shapes, typed = _paths(sheet, hand, script, rng, noise)
    ends = np.cumsum([len(path.points) for path in paths])
    traced = np.concatenate([path.points for path in paths]) if paths else np.zeros((0, 2))
    traced = _wobbled(traced, ends, paths, unit, hand, rng)
    view = _View.of(sheet.box(), hand)
    traced = view.seen(traced)
    outlines = [view.seen(np.asarray(shape)) for shape in shapes]
    letters = [(glyph, *view.seen(np.array([(glyph.x, glyph.y)]))[0]) for glyph in typed]
    left, top, right, bottom = _extent(traced, outlines, letters, paths)
    x0, y0 = left - margins[0], top - margins[1]
    width, height = (max(8, math.ceil(extent / FINE)) for extent in
                     (right - left + margins[0] + margins[2], bottom - top + margins[1] + margins[3]))
    canvas = Image.new("L", (width * FINE, height * FINE), 255)
    draw = ImageDraw.Draw(canvas)
    traced -= (x0, y0)
    for outline in outlines:
        draw.polygon((outline - (x0, y0)).ravel().tolist(), fill=0)
    _draw_paths(draw, traced, ends, paths, hand, rng)
    thicken = max(0.0, 0.75 * hand.style.line * unit - 1.5) / 2
    for glyph, x, y in letters:
        most = 0.06 if glyph.character < lettering.CHINESE else 0.0  # which has no room for thicker strokes
        draw.text((x - x0, y - y0), glyph.character, 0, script.type.font(glyph.character, glyph.size), "ls",
                  stroke_width=round(min(thicken, most * glyph.size)))
    seen = view.seen(np.array([(x, y) for _, x, y in sheet.marks]).reshape(-1, 2)) - (x0, y0)
    marks = [(name, float(x) / FINE, float(y) / FINE) for (name, _, _), (x, y) in zip(sheet.marks, seen, strict=True)]
    return np.asarray(canvas.reduce(FINE)), marks


# ---- from strokes and letters to paths


def _paths(sheet: Sheet, hand: Hand, script: Script, rng: random.Random, noise: np.random.Generator,
           ) -> tuple[list[_Path], list[list[Point]], list[Glyph]]:
    """The pen's paths, the outlines to fill, and the letters that a font draws."""
    unit = hand.style.unit
    paths: list[_Path] = []
    shapes: list[list[Point]] = []
    lines: list[Stroke] = []
    for stroke in sheet.strokes:
        if stroke.filled:
            spread = 0.6 * hand.off * unit
            outline = [(x + rng.gauss(0, spread), y + rng.gauss(0, spread)) for x, y in stroke.points]
            if hand.scribbled and len(outline) == 4:
                paths.append(_Path(_scribble(outline, stroke.width), stroke.width))
            else:
                shapes.append(outline)
            paths.append(_Path(_sampled([*outline, outline[0]], unit), stroke.width))
        elif stroke.smooth:
            paths.append(_Path(_around(np.asarray(stroke.points), hand, rng), stroke.width))
        else:
            lines.append(stroke)
    for corners, width in _fluent(lines, hand, rng):
        path = _sampled(corners, unit)
        for _ in range(hand.round_corners if len(corners) > 2 else 0):
            path[1:-1] = 0.25 * path[:-2] + 0.5 * path[1:-1] + 0.25 * path[2:]
        paths.append(_Path(path, width))
    typed: list[Glyph] = []
    pen = hand.style.line * unit
    for glyph in sheet.glyphs:
        form = script.form(glyph.character)
        if form is not None and rng.random() < 0.15:
            form = rng.choice(script.forms(glyph.character))
        if form is None:
            spread = 0.5 * hand.uneven * glyph.size
            typed.append(glyph.moved(rng.gauss(0, spread), rng.gauss(0, spread)))
        else:
            paths += _written(glyph, form, hand, script, pen, rng, noise)
    return paths, shapes, typed


def _written(glyph: Glyph, form: penstrokes.Form, hand: Hand, script: Script, pen: float, rng: random.Random,
             noise: np.random.Generator) -> list[_Path]:
    """The strokes of a letter, its size, place, lean and shape a little off; fitted to the room of its usual form."""
    left, bottom, right, top = form.box
    usual = script.form(glyph.character) or form
    size = glyph.size * (1 + rng.gauss(0, 0.6 * hand.uneven))
    across = size * (usual.box[2] - usual.box[0] + 0.05) / (right - left + 0.05) * (1 + rng.gauss(0, 0.6 * hand.uneven))
    x = glyph.x + rng.gauss(0, 0.5 * hand.uneven) * glyph.size
    y = glyph.y + rng.gauss(0, 0.7 * hand.uneven) * glyph.size
    turn = rng.gauss(0, 0.5 * hand.uneven)
    slant, middle = hand.slant - turn, (bottom + top) / 2
    result = []
    for points, curved in form.strokes:
        if form.traced:
            traced = points
        else:
            moved = points + noise.normal(0, 0.45 * hand.uneven, points.shape)
            traced = penstrokes.curve(moved) if curved else _densely(moved)
        placed = np.empty_like(traced)
        placed[:, 0] = x + across * (traced[:, 0] - left) + size * (left + slant * (traced[:, 1] - middle))
        placed[:, 1] = y - size * (traced[:, 1] + turn * (traced[:, 0] - (left + right) / 2))
        result.append(_Path(placed, min(pen, 0.2 * glyph.size), letter=True))
    return result


def _densely(points: FloatArray) -> FloatArray:
    """The corners of a letter's straight stroke, with two points more on each line."""
    parts = [points[:-1] + (points[1:] - points[:-1]) * t for t in (0.0, 0.33, 0.67)]
    inner = np.stack(parts, axis=1).reshape(-1, 2)
    return np.concatenate((inner, points[-1:]))


def _sampled(corners: list[Point], unit: float) -> FloatArray:
    """A line through corners with a point about every eighth of a bond."""
    result: list[Point] = []
    for (ax, ay), (bx, by) in pairwise(corners):
        count = max(2, round(8 * math.hypot(bx - ax, by - ay) / unit))
        result += [(ax + (bx - ax) * k / count, ay + (by - ay) * k / count) for k in range(count)]
    return np.array([*result, corners[-1]])


def _around(points: FloatArray, hand: Hand, rng: random.Random) -> FloatArray:
    """A curve by hand: a circle is an egg that does not quite close or goes on a little."""
    middle = points[:-1].mean(0)
    first = np.hypot(*(points[0] - points[-1]))
    if first > 0.1 * hand.style.unit:  # a wave
        return points
    turn, squeeze = rng.uniform(0, math.pi), math.exp(rng.gauss(0, 2.5 * hand.misplaced))
    cos, sin = math.cos(turn), math.sin(turn)
    matrix = np.array([(cos, sin), (-sin, cos)]) @ np.diag((squeeze, 1 / squeeze)) @ np.array([(cos, -sin), (sin, cos)])
    start = rng.randrange(len(points) - 1)
    count = len(points) - 1 + rng.choice((-1, 0, 0, 1, 2, 3))
    order = (start + np.arange(count + 1)) % (len(points) - 1)
    grown = np.linspace(1.0, 1 + rng.gauss(0, 2 * hand.over), count + 1)[:, None]
    shift = np.array([rng.gauss(0, hand.misplaced), rng.gauss(0, hand.misplaced)]) * hand.style.unit
    return np.asarray(middle + shift + ((points[order] - middle) * grown) @ matrix)


def _scribble(outline: list[Point], width: float) -> FloatArray:
    """A zigzag from the narrow to the wide end of a wedge."""
    a, b, c, d = (np.asarray(point) for point in outline)
    count = max(4, round(float(np.hypot(*(b - a))) / max(1.6 * width, 1.0)))
    share = np.linspace(0, 1, count)[:, None]
    one, other = a + (b - a) * share, d + (c - d) * share
    result: FloatArray = np.where((np.arange(count) % 2 == 0)[:, None], one, other)
    return result


def _fluent(lines: list[Stroke], hand: Hand, rng: random.Random) -> list[tuple[list[Point], float]]:
    """Lines -> polylines: those of single bonds that meet at a corner may be drawn in one go, all others alone."""
    unit = hand.style.unit
    result: list[tuple[list[Point], float]] = []
    at: dict[int, list[int]] = {}
    for k, stroke in enumerate(lines):
        if stroke.plain:
            for atom, is_open in zip(stroke.atoms, stroke.open, strict=True):
                if is_open:
                    at.setdefault(atom, []).append(k)
    used = [False] * len(lines)
    for k, stroke in enumerate(lines):
        if used[k]:
            continue
        used[k] = True
        corners, ahead, is_open = list(stroke.points), stroke.atoms[1], stroke.open[1]
        while stroke.plain and is_open and rng.random() < hand.fluent:
            following = [j for j in at.get(ahead, ()) if not used[j]]
            if not following:
                break
            j = rng.choice(following)
            used[j] = True
            points, ends = lines[j].points, lines[j].open
            if lines[j].atoms[0] != ahead:
                points, ends = points[::-1], ends[::-1]
            ahead = lines[j].atoms[1] if lines[j].atoms[0] == ahead else lines[j].atoms[0]
            corners.append(points[1])
            is_open = ends[1]
        spread = hand.off * unit
        corners[1:-1] = [(x + rng.gauss(0, 0.4 * spread), y + rng.gauss(0, 0.4 * spread)) for x, y in corners[1:-1]]
        corners[0] = _missed(corners[0], corners[1], stroke.open[0], hand, rng)
        corners[-1] = _missed(corners[-1], corners[-2], is_open, hand, rng)
        result.append((corners, stroke.width))
    return result


def _missed(end: Point, before: Point, is_open: bool, hand: Hand, rng: random.Random) -> Point:
    """Where a line that should end at `end` does end: beside it, and at corners too far or too early."""
    unit = hand.style.unit
    dx, dy = end[0] - before[0], end[1] - before[1]
    length = math.hypot(dx, dy) or 1.0
    spread = min(hand.off * unit, 0.07 * length)
    along = rng.gauss(0, hand.over if is_open else 0.5 * hand.over) * unit / length
    along = min(max(along, -0.15), 0.2)
    return end[0] + along * dx + rng.gauss(0, spread), end[1] + along * dy + rng.gauss(0, spread)


# ---- wobble, perspective, ink


def _wobbled(traced: FloatArray, ends: npt.NDArray[np.int64], paths: list[_Path], unit: float, hand: Hand,
             rng: random.Random) -> FloatArray:
    """Slow waves that bend lines and fast ones that make them tremble, along the pen's way over the whole sheet."""
    if not len(traced):
        return traced
    steps = np.hypot(*np.diff(traced, axis=0, prepend=traced[:1]).T) / unit
    way = np.cumsum(np.minimum(steps, 3.0))
    scale = np.repeat([0.35 if path.letter else 1.0 for path in paths], np.diff(ends, prepend=0)) * unit
    moved = traced.copy()
    for axis in (0, 1):
        for amplitude, low, high in ((hand.sag, 1.5, 4.0), (hand.wobble, 6.0, 14.0), (0.5 * hand.wobble, 18.0, 30.0)):
            moved[:, axis] += amplitude * scale * np.sin(rng.uniform(low, high) * way + rng.uniform(0, math.tau))
    return moved


@dataclass(frozen=True)
class _View:
    """How the sheet is seen: stretched and slanted about its middle, one side nearer."""

    middle: Point
    half: float
    hand: Hand

    @classmethod
    def of(cls, box: Box, hand: Hand) -> "_View":
        left, top, right, bottom = box
        return cls(((left + right) / 2, (top + bottom) / 2), max(right - left, bottom - top, 1.0) / 2, hand)

    def seen(self, points: FloatArray) -> FloatArray:
        """(k, 2) -> (k, 2)"""
        a, b, c, d = self.hand.matrix
        x, y = points[:, 0] - self.middle[0], points[:, 1] - self.middle[1]
        x, y = a * x + b * y, c * x + d * y
        depth = 1 + (self.hand.near[0] * x + self.hand.near[1] * y) / self.half
        return np.stack((x / depth, y / depth), axis=1)


def _extent(traced: FloatArray, outlines: list[FloatArray], letters: list[tuple[Glyph, float, float]],
            paths: list[_Path]) -> Box:
    reach = max((path.width for path in paths), default=0.0) * 0.7
    low, high = [], []
    for part in (traced, *outlines):
        if len(part):
            low.append(part.min(0) - reach)
            high.append(part.max(0) + reach)
    for glyph, x, y in letters:
        dx, dy, rim = x - glyph.x, y - glyph.y, 0.08 * glyph.size
        low.append(np.array((glyph.box[0] + dx - rim, glyph.box[1] + dy - rim)))
        high.append(np.array((glyph.box[2] + dx + rim, glyph.box[3] + dy + rim)))
    (left, top), (right, bottom) = np.min(low, axis=0), np.max(high, axis=0)
    return float(left), float(top), float(right), float(bottom)


def _draw_paths(draw: ImageDraw.ImageDraw, traced: FloatArray, ends: npt.NDArray[np.int64], paths: list[_Path],
                hand: Hand, rng: random.Random) -> None:
    if not paths:
        return
    counts = np.diff(ends, prepend=0)
    widths = np.repeat([path.width for path in paths], counts)
    way = np.arange(len(traced)) * rng.uniform(0.1, 0.5)
    widths = widths * (1 + hand.pressure * (0.6 * np.sin(way) + 0.4 * np.sin(2.7 * way + 1.0)))
    if hand.tapered:
        first, last = ends - counts, ends - 1
        widths[first] *= 1 - hand.tapered
        widths[last] *= 1 - hand.tapered
    whole = np.maximum(np.rint(widths), 1).astype(np.int64).tolist()
    points = list(map(tuple, traced.tolist()))
    start = 0
    for end in ends.tolist():
        begun = start
        for k in range(start + 1, end):
            if k == end - 1 or whole[k] != whole[begun]:
                draw.line(points[begun:k + 1], 0, whole[begun])
                begun = k
        for k in range(start, end):
            reach = (whole[k] - 1) / 2
            if reach > 1:
                x, y = points[k]
                draw.ellipse((x - reach, y - reach, x + reach, y + reach), 0)
        start = end
