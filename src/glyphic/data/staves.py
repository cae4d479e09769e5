"""A picture of a staff is laid level for a pack; a packed staff becomes the picture that a network sees.

The finder of staff lines takes most of a reading's time before the network, so it runs when a pack is written, on the
picture with all its paper, camera and noise: what it gets wrong is in the pack. `staved` then adds what differs from
picture to picture beside that: how many pixels there were, how wide the notes stand, and how far the finder errs.
Letters: H, W height and width in pixels, K marks.
"""

import math
import random
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import ImageFilter

from glyphic.core.images import Image, staff_fitted
from glyphic.core.options import InputSpec
from glyphic.data.degrade import Marks
from glyphic.data.packs import Packed

# a third more pixels than networks read, and three spaces more above and below for errors of scale and height
LAID = InputSpec(staff_space=10.5, max_height=160, max_width=2688, margin=0, multiple=1)
FEWEST = 1 / 3  # of the pixels from line to line that networks read: from fewer, hardly anybody reads
LOWERED = 0.12  # spaces, one standard deviation: so far beside the middle line may the fit be

Mark = tuple[str, float, float]  # name, x, y


def laid(picture: Image, marks: Sequence[Mark] = ()) -> tuple[npt.NDArray[np.uint8], float, Sequence[Mark]]:
    """A picture of a staff, (H, W) in [0, 1], and its marks, as a pack holds them.

    Returns (LAID.max_height, W) with 255 = paper, evenly lit, level, its space, and the marks in it; of blank paper,
    one pixel's column and no marks.
    """
    assert LAID.staff_space
    fitted = staff_fitted(picture, LAID)
    height, width = fitted.pixels.shape
    moved = []
    if fitted.rows is not None:
        for name, x, y in marks:
            x = min(max((x - fitted.left) * fitted.scale * fitted.squeeze, 0.0), width - 1.0)
            y = (y - fitted.top) * fitted.scale + float(fitted.rows[int(x)])
            moved.append((name, x, min(max(y, 0.0), height - 1.0)))
    return (fitted.pixels * 255).round().astype(np.uint8), LAID.staff_space, moved


def staved(sample: Packed, spec: InputSpec, strength: float, jitter: float, rng: random.Random) -> tuple[Image, Marks]:
    """A packed sample, its symbol size the space of its staff -> the fitted picture (spec.max_height, W) and its marks
    (K, 3) in that picture's pixels.

    strength: 0 only scales, 1 is the full range. jitter: the space is off by exp(+-jitter), as an estimate on a bad
    picture may be.
    """
    assert spec.staff_space  # what makes it a staff
    height, width = sample.pixels.shape
    off = math.exp(min(max(rng.gauss(0, jitter / 2), -jitter), jitter))
    down = spec.staff_space / sample.symbol_size * off
    room = spec.max_width - 2 * spec.margin
    across = min(down * math.exp(rng.gauss(0, 0.05) * strength), room / width)
    reach = spec.max_height / down  # rows of the sample that the picture shows
    top = (height - reach) / 2 + rng.gauss(0, LOWERED) * strength * sample.symbol_size
    picture, above = _within(sample.pixels, top, reach)
    size = min(room, max(1, round(width * across))), spec.max_height
    box = (0.0, top + above, float(width), top + above + reach)
    if rng.random() < 0.3 * strength:  # fewer pixels than that
        fewer = math.exp(rng.uniform(math.log(FEWEST), 0.0))
        small = max(1, round(size[0] * fewer)), max(1, round(size[1] * fewer))
        picture = picture.resize(small, Pillow.Resampling.BILINEAR, box).resize(size, Pillow.Resampling.BILINEAR)
    else:
        picture = picture.resize(size, Pillow.Resampling.BILINEAR, box)  # which is antialiased in Pillow
    if rng.random() < 0.25 * strength:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.09 * spec.staff_space)))
    image = _inked(np.asarray(picture), strength, rng)
    left, right = (round(spec.staff_space * _paper(rng) * strength) for _ in range(2))
    left, right = (left, right) if size[0] + left + right <= room else (0, 0)
    full = spec.multiple * -(-(size[0] + left + right + 2 * spec.margin) // spec.multiple)
    pixels = np.ones((spec.max_height, full), np.float32)
    pixels[:, spec.margin + left:spec.margin + left + size[0]] = image
    marks = sample.marks.copy()
    marks[:, 1] = (marks[:, 1] * (size[0] / width) + spec.margin + left).clip(0, full - 1)
    marks[:, 2] = ((marks[:, 2] + 0.5 - top) * down - 0.5).clip(0, spec.max_height - 1)
    return pixels, marks


def _within(pixels: npt.NDArray[np.uint8], top: float, reach: float) -> tuple[Pillow.Image, int]:
    """The picture, with more paper where rows from top on reach beyond it, and how much of that is above."""
    above, below = max(0, math.ceil(-top)), max(0, math.ceil(top + reach) - len(pixels))
    if above or below:
        pixels = np.pad(pixels, ((above, below), (0, 0)), constant_values=255)
    return Pillow.fromarray(pixels), above


def _inked(levels: npt.NDArray[np.uint8], strength: float, rng: random.Random) -> Image:
    """Stronger or weaker ink, and grain."""
    image = levels.astype(np.float32) * np.float32(1 / 255)
    if rng.random() < 0.4 * strength:
        image = image ** np.float32(math.exp(rng.uniform(-0.5, 0.6)))
    if rng.random() < 0.25 * strength:
        noise = np.random.default_rng(rng.getrandbits(32)).standard_normal(image.shape, dtype=np.float32)
        image = np.clip(image + noise * np.float32(rng.uniform(0.005, 0.07)), 0, 1)
    return image


def _paper(rng: random.Random) -> float:
    """Spaces beside the staff, where specks of ink kept the crop from being tight."""
    return rng.uniform(0, 2) if rng.random() < 0.15 else 0.0
