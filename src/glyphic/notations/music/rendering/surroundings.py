"""A staff on its paper: margins as a careless crop leaves them, and what stands around and behind it.

Above and below a staff of a real page there are other staves, words and numbers, of which a crop shows parts; thin
paper shows its other side. Nothing of that belongs to the staff, and nothing of it touches the staff.
"""

import random
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from glyphic.notations.music.rendering.drawing import Grey

Places = npt.NDArray[np.float64]  # (K, 2): x, y of the middles of symbols, in pixels
WORDS = ("Allegro Andante con moto Largo Adagio Vivace dolce cresc. Violino I. Viola Basso solo tutti p f mf sfz "
         "Ky - ri - e e - lei - son A - men Glo - ri - a in ex - cel - sis De - o No. 12 Fine D.C. 5 3 2").split()


def tight(picture: Grey, places: Places, space: float, margins: tuple[float, float, float, float]) -> tuple[
        Grey, Places]:
    """The picture with so many spaces of paper left of, above, right of and below its ink."""
    ink = picture < 0.7
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return picture, places
    left, top, right, bottom = (max(0, round(margin * space)) for margin in margins)
    cut = picture[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
    result = np.pad(cut, ((top, bottom), (left, right)), constant_values=1.0)
    return result, places + np.array([left - columns[0], top - rows[0]])


def surrounded(picture: Grey, places: Places, space: float, others: Sequence[Grey], rng: random.Random) -> tuple[
        Grey, Places]:
    """picture: tightly cropped. others: pictures of staves of about the same space, for the paper around and behind."""
    margins = [rng.choice((0.1, rng.uniform(0, 1.5), rng.uniform(0, 4))) for _ in range(4)]
    picture, places = tight(picture, places, space, (margins[0], margins[1], margins[2], margins[3]))
    for above in (True, False):
        kind = rng.random()
        strip = None
        if kind < 0.16 and others:
            strip = _neighbour(rng.choice(others), picture.shape[1], space, above, rng)
        elif kind < 0.32:
            strip = _words(picture.shape[1], space, rng)
        if strip is not None:
            gap = np.ones((max(1, round(space * rng.uniform(0.4, 1.6))), picture.shape[1]), np.float32)
            picture = np.concatenate((strip, gap, picture) if above else (picture, gap, strip))
            if above:
                places = places + np.array([0, len(strip) + len(gap)])
    if others and rng.random() < 0.12:
        picture = _shown_through(picture, rng.choice(others), rng)
    return picture, places


def _neighbour(other: Grey, width: int, space: float, above: bool, rng: random.Random) -> Grey:
    """The feet of the staff above, or the heads of that below: up to three of its lines."""
    shown = min(len(other), max(1, round(space * rng.uniform(0.6, 4.5))))
    part = other[-shown:] if above else other[:shown]
    return _wide(part, width, rng)


def _wide(part: Grey, width: int, rng: random.Random) -> Grey:
    """As wide as the picture: from some place on, again and again."""
    start = rng.randrange(part.shape[1])
    repeated = np.take(part, np.arange(start, start + width), axis=1, mode="wrap")
    result: Grey = repeated.copy()
    if rng.random() < 0.3:  # it ends before, or begins later
        edge = rng.randrange(width)
        result[:, edge:] = 1.0
    return result[:, ::1] if rng.random() < 0.7 else np.ascontiguousarray(result[:, ::-1])


def _words(width: int, space: float, rng: random.Random) -> Grey:
    """A line of words, lyrics or numbers, whole or cut by the edge."""
    size = space * rng.uniform(0.9, 2.0)
    canvas = Image.new("L", (width, max(2, round(1.4 * size))), 255)
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(size=size)
    x, dense = rng.uniform(0, 6) * space, rng.choice((1.0, 3.0, 12.0))
    while x < width:
        word = rng.choice(WORDS)
        pen.text((x, 0), word, fill=0, font=font)
        x += pen.textlength(word, font=font) + space * rng.uniform(0.5, 1.5 + dense)
    strip = np.asarray(canvas, np.float32) / np.float32(255)
    cut = rng.choice((0.0, 0.0, rng.uniform(0.2, 0.6)))
    return strip[:max(1, round(len(strip) * (1 - cut)))]


def _shown_through(picture: Grey, other: Grey, rng: random.Random) -> Grey:
    """The other side of the sheet: mirrored, faint, soft."""
    height, width = picture.shape
    behind = np.ones((height, width), np.float32)
    back = _wide(np.ascontiguousarray(other[:, ::-1]), width, rng)
    top = rng.randint(-len(back) // 2, max(1, height // 2))
    rows = range(max(0, top), min(height, top + len(back)))
    behind[rows.start:rows.stop] = back[rows.start - top:rows.stop - top]
    soft = (behind + np.roll(behind, 1, 0) + np.roll(behind, 1, 1) + np.roll(behind, (1, 1), (0, 1))) / 4
    result: Grey = (picture * (1 - np.float32(rng.uniform(0.04, 0.2)) * (1 - soft))).astype(np.float32)
    return result
