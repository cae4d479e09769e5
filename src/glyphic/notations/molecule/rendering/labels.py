r"""The text of an atom becomes letters that stand around the point its bonds aim at: `CO2Me`, `H2N`, `N\nH`, `NH3^+`.

Which letter the bonds aim at follows from the text and from where the neighbours are: a label to the left of its bond
ends with the bonded letter (H2N, MeO, F3C), any other one begins with it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from glyphic.notations.molecule import texts
from glyphic.notations.molecule.rendering.style import Style

Box = tuple[float, float, float, float]  # left, top, right, bottom
Point = tuple[float, float]

_PIECE = re.compile(r"Cl|Br|Si|Se|Na|Li|Mg|Al|Me|Et|Pr|Bu|Ph|Ac|Bn|Bz|Ts|Ms|Tf|Boc|Cbz|[A-Z]|.")
_REVERSED = re.compile(r"(?:H\d?|F\d?|Cl\d?|Br\d?|Me\d?|Et\d?|Ph\d?|Ac|Bn|Bz|Ts|Ms|Tf|PMB|TBS|TMS|Boc|Cbz|O\d|N)"
                       r"(?=[A-Z])(?!H$|H\d$)")
DOT = 1.5  # size of an unpaired electron, in capitals


class Lettering(Protocol):
    """What letters are made with: a typeface or a hand."""

    def measure(self, character: str, size: float) -> tuple[float, Box]:
        """With capitals `size` high: how far the pen moves on, and the box of the ink around a pen at (0, 0)."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One letter: where its pen begins on the baseline, how high a capital of its size is, the box of its ink."""

    character: str
    x: float
    y: float
    size: float
    box: Box
    atom: int = -1  # whose label it is part of, by its number on the sheet

    def moved(self, dx: float, dy: float) -> "Glyph":
        left, top, right, bottom = self.box
        box = left + dx, top + dy, right + dx, bottom + dy
        return Glyph(self.character, self.x + dx, self.y + dy, self.size, box, self.atom)


@dataclass(frozen=True, slots=True)
class Label:
    """The letters of an atom, and circles (x, y, radius) around its charges."""

    glyphs: tuple[Glyph, ...]
    rings: tuple[tuple[float, float, float], ...] = ()

    def moved(self, dx: float, dy: float) -> "Label":
        return Label(tuple(glyph.moved(dx, dy) for glyph in self.glyphs),
                     tuple((x + dx, y + dy, r) for x, y, r in self.rings))


def set_label(text: str, directions: Sequence[Point], style: Style, lettering: Lettering) -> Label:
    """A canonical text -> its label around (0, 0), in pixels.

    directions: unit vectors to the neighbours, y downwards; without any, the whole label is centred at (0, 0).
    """
    cap = style.cap * style.unit
    lines = text.split("\n")
    main = next((i for i, line in enumerate(lines) if _is_heavy(line)), 0)
    last = _is_last(lines[main], directions)
    glyphs: list[Glyph] = []
    rings: list[tuple[float, float, float]] = []
    for i, line in enumerate(lines):
        set_glyphs, set_rings, start, end = _line(line, cap, style, lettering, last)
        if not set_glyphs:
            continue
        aimed_at = set_glyphs[start:end] if directions or len(lines) > 1 else set_glyphs
        dx = -(min(glyph.box[0] for glyph in aimed_at) + max(glyph.box[2] for glyph in aimed_at)) / 2
        dy = cap / 2 + (i - main) * style.leading * cap
        glyphs += [glyph.moved(dx, dy) for glyph in set_glyphs]
        rings += [(x + dx, y + dy, r) for x, y, r in set_rings]
    return Label(tuple(glyphs), tuple(rings))


def _line(line: str, cap: float, style: Style, lettering: Lettering,
          last: bool) -> tuple[list[Glyph], list[tuple[float, float, float]], int, int]:
    """A line from a pen at (0, 0) on: letters, circles around charges, and from where to where the bonded ones are."""
    glyphs: list[Glyph] = []
    rings = []
    pen, baseline = 0.0, ""
    places: list[int] = []  # of the characters on the baseline -> glyph
    for run, written in texts.runs(line):
        level = written if written > 0 or style.lowered else 0
        y = -style.rise * cap if level > 0 else style.drop * cap if level else 0.0
        for character in run:
            drawn = style.minus if character == "-" and level > 0 else character
            size = cap * (DOT if character == "·" and level > 0 else style.small if level else 1.0)
            advance, (left, top, right, bottom) = lettering.measure(drawn, size)
            ringed = style.ringed and level > 0 and character in "+-" and len(run) == 1
            shift = pen + (0.35 * size if ringed else 0.0)
            glyphs.append(Glyph(drawn, shift, y, size, (shift + left, y + top, shift + right, y + bottom)))
            if ringed:
                radius = 0.62 * max(right - left, bottom - top, 0.5 * size)
                rings.append((shift + (left + right) / 2, y + (top + bottom) / 2, radius))
                advance += 0.7 * size
            pen += advance + style.tracking * cap
        if level <= 0:
            baseline += run
            places += range(len(glyphs) - len(run), len(glyphs))
    candidates = _candidates(baseline)
    if not candidates:
        return glyphs, rings, 0, len(glyphs)
    start, end = candidates[-1] if last else candidates[0]
    return glyphs, rings, places[start], places[end - 1 if last else start] + 1


def _candidates(line: str) -> list[tuple[int, int]]:
    """The letters on a baseline that bonds may aim at, as (start, end): elements and groups but for hydrogen; for a
    line without any, its first letter."""
    found = [(m.start(), m.end()) for m in _PIECE.finditer(line) if m[0][0].isalpha() and m[0] != "H"]
    return found or [(m.start(), m.end()) for m in _PIECE.finditer(line)][:1]


def _is_heavy(line: str) -> bool:
    """Whether a line of a stacked label has more than hydrogens."""
    return any(c.isalpha() and c != "H" for c in line)


def _is_last(line: str, directions: Sequence[Point]) -> bool:
    """Whether bonds aim at the last of the candidates."""
    right = any(x > 0.3 for x, _ in directions)
    left = any(x < -0.3 for x, _ in directions)
    if right != left:
        return right
    return bool(_REVERSED.match(line)) and not (left and right)
