"""What stands around a printed structure without being part of it: its number, a word, a frame, a piece of another one.

All of it keeps more distance than the parts of a structure do, or is cut by the edge of the picture.
"""

import random
from dataclasses import replace

from glyphic.notations.molecule.rendering.composition import Sheet
from glyphic.notations.molecule.rendering.labels import Glyph, Lettering
from glyphic.notations.molecule.rendering.strokes import Stroke
from glyphic.notations.molecule.rendering.style import Style

WORDS = ("Chiral", "racemic", "and", "or", "wherein", "Example", "Compound", "Formula", "Scheme", "Structure", "yield")
Margins = tuple[float, float, float, float]  # left, top, right, bottom


def caption(rng: random.Random) -> str:
    """A number as documents give structures: `12a`, `(I)`, `[4]`, `E1431`, `(B-3)`, now and then a word."""
    number = str(rng.randint(1, 30 if rng.random() < 0.7 else 2000))
    letter = rng.choice("abcdefgh")
    plain = rng.choice((number, number, number + letter, rng.choice(("I", "II", "III", "IV", "V", "VI", "Ia", "Ib")),
                        f"{rng.choice('ABCEIX')}-{rng.randint(1, 40)}", f"{rng.choice('EXDH')}{rng.randint(10, 9999)}"))
    kind = rng.random()
    if kind < 0.4:
        return f"({plain})"
    if kind < 0.5:
        return f"[{plain}]"
    if kind < 0.55:
        return "." * rng.randint(3, 8) + f"({plain})"
    if kind < 0.75:
        return f"{rng.choice(WORDS)} {plain}" if rng.random() < 0.5 else rng.choice(WORDS)
    return plain


def set_line(text: str, size: float, lettering: Lettering) -> list[Glyph]:
    """A text with capitals of `size` pixels, its pen at (0, 0)."""
    glyphs, pen = [], 0.0
    for character in text:
        if character == " ":
            pen += 0.4 * size
            continue
        advance, (left, top, right, bottom) = lettering.measure(character, size)
        glyphs.append(Glyph(character, pen, 0.0, size, (pen + left, top, pen + right, bottom)))
        pen += advance
    return glyphs


def surround(sheet: Sheet, style: Style, lettering: Lettering, captioned: float, rng: random.Random) -> Margins:
    """Adds to a sheet what stands around it; returns the margins that show it, in pixels."""
    unit = style.unit
    base = rng.choice((rng.uniform(0.02, 0.12), rng.uniform(0.05, 0.35), rng.uniform(0.3, 1.2)))
    margins = [unit * base * rng.uniform(0.7, 1.3) for _ in range(4)]
    if rng.random() < 0.05:  # a crop that shows much paper on one side
        margins[rng.randrange(4)] += unit * rng.uniform(1.0, 5.0)
    if rng.random() < captioned:
        _caption(sheet, style, lettering, rng)
    kind = rng.random()
    if kind < 0.02:
        _frame(sheet, style, rng)
    elif kind < 0.06:
        _neighbour(sheet, style, margins, rng)
    elif kind < 0.08:
        _cut_line(sheet, style, lettering, margins, rng)
    return margins[0], margins[1], margins[2], margins[3]


def _caption(sheet: Sheet, style: Style, lettering: Lettering, rng: random.Random) -> None:
    left, top, right, bottom = sheet.box()
    glyphs = set_line(caption(rng), style.cap * style.unit * rng.uniform(0.75, 1.2), lettering)
    if not glyphs:
        return
    words = Sheet(glyphs=glyphs)
    x0, y0, x1, y1 = words.box()
    away = style.unit * rng.uniform(0.7, 1.8)
    place = rng.random()
    if place < 0.5:
        dx, dy = (left + right - x0 - x1) / 2 + rng.gauss(0, 0.1) * (right - left), bottom + away - y0
    elif place < 0.8:
        dx, dy = right + 1.3 * away - x0, (top + bottom - y0 - y1) / 2 + rng.uniform(-0.3, 0.3) * (bottom - top)
    elif place < 0.92:
        dx, dy = rng.choice((left - x0, right - x1)), top - away - y1
    else:
        dx, dy = left - 1.3 * away - x1, (top + bottom - y0 - y1) / 2
    sheet.put(words, dx, dy)


def _frame(sheet: Sheet, style: Style, rng: random.Random) -> None:
    """The cell of a table."""
    left, top, right, bottom = sheet.box()
    away = style.unit * rng.uniform(0.4, 1.2)
    corners = [(left - away, top - away), (right + away, top - away), (right + away, bottom + away),
               (left - away, bottom + away)]
    for a, b in zip(corners, (*corners[1:], corners[0]), strict=True):
        if rng.random() < 0.85:
            sheet.strokes.append(Stroke((a, b), style.line * style.unit))


def _neighbour(sheet: Sheet, style: Style, margins: list[float], rng: random.Random) -> None:
    """A piece of another structure, cut by an edge: this one again, as seen from behind."""
    left, top, right, bottom = sheet.box()
    away, shown = style.unit * rng.uniform(0.9, 1.6), style.unit * rng.uniform(0.3, 1.0)
    side = rng.randrange(4)
    extent = right - left if side in (0, 2) else bottom - top
    shift = extent + away
    dx, dy = ((-shift, 0.0), (0.0, -shift), (shift, 0.0), (0.0, shift))[side]
    if side in (0, 2):
        dy += rng.uniform(-0.4, 0.4) * (bottom - top)
    else:
        dx += rng.uniform(-0.4, 0.4) * (right - left)
    edge = left - away if side == 0 else top - away if side == 1 else right + away if side == 2 else bottom + away
    keep_from, keep_to = (edge - shown, edge) if side < 2 else (edge, edge + shown)
    axis = 0 if side in (0, 2) else 1
    across = (top, bottom) if axis == 0 else (left, right)  # what would make the picture wider stays away
    for stroke in list(sheet.strokes):
        moved = replace(stroke.moved(dx, dy), atoms=(-1, -1))
        near = [p for p in moved.points if keep_from - 2 * style.unit <= p[axis] <= keep_to + 2 * style.unit]
        if len(near) == len(moved.points) and all(across[0] <= p[1 - axis] <= across[1] for p in near) and \
                any(keep_from <= p[axis] <= keep_to for p in near):
            sheet.strokes.append(moved)
    for glyph in list(sheet.glyphs):
        moved_glyph = replace(glyph.moved(dx, dy), atom=-1)
        box = moved_glyph.box
        if keep_from <= (box[axis] + box[axis + 2]) / 2 <= keep_to and \
                across[0] <= box[1 - axis] and box[3 - axis] <= across[1]:
            sheet.glyphs.append(moved_glyph)
    beyond = sheet.box()
    limit = keep_from if side < 2 else keep_to
    reached = beyond[side]
    margins[side] = min(0.0, (reached - limit) if side < 2 else (limit - reached))


def _cut_line(sheet: Sheet, style: Style, lettering: Lettering, margins: list[float], rng: random.Random) -> None:
    """The feet or heads of a line of text above or below, cut by the edge."""
    left, top, right, bottom = sheet.box()
    size = style.cap * style.unit * rng.uniform(0.7, 1.1)
    words = " ".join(rng.choice(WORDS) for _ in range(max(1, round((right - left) / (6 * size)))))
    line = Sheet(glyphs=set_line(words, size, lettering))
    x0, y0, x1, y1 = line.box()
    x = rng.uniform(left - x0, max(left - x0, right - x1))
    away, shown = style.unit * rng.uniform(0.7, 1.3), rng.uniform(0.3, 0.7) * (y1 - y0)
    if rng.random() < 0.5:
        sheet.put(line, x, bottom + away - y0)
        margins[3] = shown - (y1 - y0)
    else:
        sheet.put(line, x, top - away - y1)
        margins[1] = shown - (y1 - y0)
