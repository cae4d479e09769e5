"""A packed staff becomes the picture that a network sees: fitted as a reading fits it, and never twice the same.

Renderers bring their own paper, camera and noise. This adds what differs from picture to picture beside that: how many
pixels there were, how wide the notes stand, how the staff leans, where it was cropped, and how far the finder of staff
lines errs. Letters: H, W height and width in pixels, K marks.
"""

import math
import random

import numpy as np
from PIL import Image as Pillow
from PIL import ImageFilter

from glyphic.core.images import Image, staff_fitted
from glyphic.core.options import InputSpec
from glyphic.data.degrade import Marks, rotated
from glyphic.data.packs import Packed

CLEAR = 1.35  # pixels of a packed picture for one of the network's: more would not be seen
LEAST = 6.0  # pixels of a space from which people still read heads and accidentals
LEAN = 1.2  # degrees, one standard deviation: the fit takes it out again, but for the leaning of stems
LOWERED = 0.12  # spaces, one standard deviation: so far beside the middle line may the fit be


def staved(sample: Packed, spec: InputSpec, strength: float, jitter: float, rng: random.Random) -> tuple[Image, Marks]:
    """A packed sample, its symbol size the space of its staff -> the fitted picture (spec.max_height, W) and its marks
    (K, 3) in that picture's pixels.

    strength: 0 leaves the picture as it is, 1 is the full range. jitter: the space is off by exp(+-jitter), as an
    estimate on a bad picture may be.
    """
    assert spec.staff_space  # what makes it a staff
    space, marks = sample.symbol_size, sample.marks.copy()
    height, width = sample.pixels.shape
    down = min(1.0, CLEAR * spec.staff_space / space)
    if rng.random() < 0.4 * strength and space * down > LEAST:  # fewer pixels than that
        down *= math.exp(rng.uniform(math.log(LEAST / (space * down)), 0.0))
    across = down * math.exp(rng.gauss(0, 0.05) * strength)
    picture = Pillow.fromarray(sample.pixels)
    if down < 1 or across != down:
        size = max(1, round(width * across)), max(1, round(height * down))
        picture = picture.resize(size, Pillow.Resampling.BILINEAR)  # which is antialiased in Pillow
        marks[:, 1:] *= np.float32([size[0] / width, size[1] / height])
    if rng.random() < 0.25 * strength:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.09 * space * down)))
    image = np.asarray(picture, np.float32) / 255
    if rng.random() < 0.3 * strength:
        angle = min(max(rng.gauss(0, LEAN), -3 * LEAN), 3 * LEAN)
        image, marks = rotated(image, marks, math.radians(angle), crop=False)
    if rng.random() < 0.5 * strength:
        image, marks = _cropped_otherwise(image, marks, space * down, rng)
    if rng.random() < 0.4 * strength:
        image = image ** np.float32(math.exp(rng.uniform(-0.5, 0.6)))
    if rng.random() < 0.25 * strength:
        noise = np.random.default_rng(rng.getrandbits(32)).standard_normal(image.shape, dtype=np.float32)
        image = np.clip(image + noise * np.float32(rng.uniform(0.005, 0.07)), 0, 1)
    off = math.exp(min(max(rng.gauss(0, jitter / 2), -jitter), jitter))
    fitted = staff_fitted(image, spec, off, rng.gauss(0, LOWERED) * strength)
    if fitted.rows is None:  # blank
        return fitted.pixels, marks[:0]
    marks[:, 1] = ((marks[:, 1] - fitted.left) * fitted.scale * fitted.squeeze).clip(0, fitted.pixels.shape[1] - 1)
    rows = fitted.rows[marks[:, 1].astype(np.int64)]
    marks[:, 2] = ((marks[:, 2] - fitted.top) * fitted.scale + rows).clip(0, spec.max_height - 1)
    return fitted.pixels, marks


def _cropped_otherwise(image: Image, marks: Marks, space: float, rng: random.Random) -> tuple[Image, Marks]:
    """More paper on each side, as its edge goes on."""
    top, bottom, left, right = (round(space * rng.choice((0.0, rng.uniform(0, 3)))) for _ in range(4))
    moved = marks.copy()
    moved[:, 1:] += (left, top)
    edge = float(np.median(np.concatenate((image[0], image[-1]))))
    return np.pad(image, ((top, bottom), (left, right)), constant_values=edge), moved
