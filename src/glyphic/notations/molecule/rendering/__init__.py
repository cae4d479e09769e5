"""Drawings become pictures, printed or drawn by hand, each in a look of its own, with the place of every atom and bond.

`printed` and `handwritten` take what is drawn (a Drawing or a Scheme, with its coordinates) and a random source, from
which all else follows. Turning a drawing is up to who makes it (depiction.Style), for that changes its target. Marks
are named by composition.py. Fonts are those of the machine; without fontconfig and any font nothing can be drawn.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from glyphic.core.errors import NotationError
from glyphic.core.notation import Rendering
from glyphic.notations.molecule.graph import Drawing, Scheme
from glyphic.notations.molecule.rendering import hands, handwriting, lettering, paper, penstrokes, printing, scanning
from glyphic.notations.molecule.rendering.composition import Mark, Sheet, composed
from glyphic.notations.molecule.rendering.surroundings import surround

WIDEST = 1100  # pixels: wider lines are drawn smaller
CROWDED = 14  # atoms: people write larger letters at smaller structures


def printed(drawn: Scheme | Drawing, rng: random.Random, look: printing.Look | str | None = None) -> Rendering:
    """As articles, patents, catalogues and web pages print it: (H, W) uint8 with marks.

    look: one of printing.look, or the name of a preset; a random one where none is given. Errors: NotationError where
    no installed font draws a character.
    """
    if not isinstance(look, printing.Look):
        look = printing.look(rng, look)
    style = look.style
    scan = rng.random() < look.bilevel and look.paper > 0.0 and not look.highlighted
    least = (printing.LEGIBLE_SCAN if scan else printing.LEGIBLE) / style.cap
    shown = _fitting(drawn, max(look.bond, least), least)
    style = replace(style, unit=shown * printing.FINE, line=max(style.line, 0.85 / shown))
    look = replace(look, style=style)
    if scan:  # greys would become white or black as a whole
        look = replace(look, paper=1.0, ink=0.0, coloured=0.0)
    letters = lettering.Type(lettering.choose(look.family, rng), rng)
    sheet = composed(drawn, style, letters, rng)
    marks = list(sheet.marks)
    margins = surround(sheet, style, letters, look.captioned, rng)
    pixels, x0, y0 = printing.painted(sheet, look, letters, margins, rng)
    if scan:
        pixels = scanning.scanned(pixels, style.line * shown, rng.random() < look.photocopied, rng)
    elif rng.random() < 0.15:
        pixels = scanning.soiled(pixels, rng)
    fine = printing.FINE
    return Rendering(pixels, _within([(name, (x - x0) / fine, (y - y0) / fine) for name, x, y in marks], pixels), shown)


def handwritten(drawn: Scheme | Drawing, rng: random.Random, hand: hands.Hand | None = None,
                letters: penstrokes.Letters | None = None) -> Rendering:
    """As pupils and chemists draw it with a pen: (H, W) uint8 with marks. Errors: as `printed`.

    letters: how people wrote them; our own forms and fonts where none are given, and for what they lack.
    """
    drawings = [drawn] if isinstance(drawn, Drawing) else list(drawn.drawings)
    hand = hand or hands.hand(rng, crowded=max(len(one.atoms) for one in drawings) > CROWDED)
    style = hand.style
    least = max(13.0, 7.0 / style.cap)
    shown = _fitting(drawn, max(hand.bond, least), least)
    hand = replace(hand, style=replace(style, unit=shown * handwriting.FINE, line=max(style.line, 1.1 / shown)))
    script = hands.Script.of(hand, rng, letters)
    sheet: Sheet = composed(drawn, hand.style, script, rng, jitter=hand.misplaced)
    base = rng.choice((rng.uniform(0.05, 0.3), rng.uniform(0.3, 1.5)))
    margins = [hand.style.unit * base * rng.uniform(0.5, 1.6) for _ in range(4)]
    ink, marks = handwriting.painted(sheet, hand, script, (margins[0], margins[1], margins[2], margins[3]), rng)
    pixels = paper.pictured(ink, hand.style.line * shown, shown, rng)
    return Rendering(pixels, _within(marks, pixels), shown)


LOOKS: dict[str, Callable[..., Rendering]] = {"printed": printed, "handwritten": handwritten}


def render_many(drawn: Sequence[Scheme | Drawing], rng: random.Random, look: str = "printed",
                letters: penstrokes.Letters | None = None) -> list[Rendering | None]:
    """Each in a look of its own; None for one with a character that no installed font draws.

    letters: as in `handwritten`, which alone takes them.
    """
    result: list[Rendering | None] = []
    given = {} if letters is None else {"letters": letters}
    for one in drawn:
        try:
            result.append(LOOKS[look](one, rng, **given))
        except NotationError:
            result.append(None)
    return result


def _fitting(drawn: Scheme | Drawing, bond: float, least: float) -> float:
    """Pixels a bond: as wished, or fewer where the picture would be too wide, but enough to be read."""
    drawings = [drawn] if isinstance(drawn, Drawing) else list(drawn.drawings)
    width = sum(max(atom.x for atom in one.atoms) - min(atom.x for atom in one.atoms) + 2.0 for one in drawings)
    return max(min(bond, WIDEST / width), least)


def _within(marks: Sequence[Mark], pixels: npt.NDArray[np.uint8]) -> tuple[Mark, ...]:
    """Marks, moved to the nearest pixel of the picture where rounding took them out of it."""
    height, width = pixels.shape
    return tuple((name, min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0)) for name, x, y in marks)
