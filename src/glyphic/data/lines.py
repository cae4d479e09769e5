"""A packed line of text becomes the picture that a network sees: as high as it reads lines, and never twice the same.

Renderers of text and real pictures bring their own paper, blur and noise; this adds what a reading may do differently:
where the box was drawn, how far the line leans, how wide the letters are, how many pixels there were, how grey is grey.
Letters: H, W height and width in pixels, K marks.
"""

import math
import random

import numpy as np

from glyphic.core.images import Image, pad
from glyphic.core.options import InputSpec
from glyphic.data.degrade import Marks, resized, rotated
from glyphic.data.packs import Packed

EDGE = 0.12  # of the height: so far off may a box be, inwards half of it
LEAN = 7.0  # degrees: one standard deviation of how far a line of a scene rises or falls, beyond what it does already
FEWEST = 10  # pixels of height from which people still read most lines


def lined(sample: Packed, spec: InputSpec, strength: float, jitter: float, rng: random.Random) -> tuple[Image, Marks]:
    """A packed sample -> the fitted picture (H, W), H = spec.line_height, and its marks (K, 3) in its pixels.

    strength: 0 leaves the line as it is, 1 is the full range. jitter: the width is off by exp(+-jitter).
    """
    assert spec.line_height  # what makes it a line
    image, marks = sample.pixels.astype(np.float32) / 255, sample.marks.copy()
    if rng.random() < 0.25 * strength:
        angle = min(max(rng.gauss(0, LEAN), -3 * LEAN), 3 * LEAN)
        image, marks = rotated(image, marks, math.radians(angle), crop=False)
    if rng.random() < 0.5 * strength:
        image, marks = _boxed_otherwise(image, marks, rng)
    height, width = image.shape
    if rng.random() < 0.3 * strength and height > FEWEST:  # fewer pixels than the picture has
        fewer = math.exp(rng.uniform(math.log(FEWEST), math.log(height))) / height
        image = resized(image, max(1, round(height * fewer)), max(1, round(width * fewer)))
    high = spec.line_height - 2 * spec.margin
    wide = round(width * high / height * math.exp(min(max(rng.gauss(0, jitter / 2), -jitter), jitter)))
    wide = min(max(1, wide), spec.max_width - 2 * spec.margin)
    image = resized(image, high, wide)
    if rng.random() < 0.4 * strength:
        image = image ** np.float32(math.exp(rng.uniform(-0.6, 0.6)))
    if rng.random() < 0.2 * strength:
        noise = np.random.default_rng(rng.getrandbits(32)).standard_normal(image.shape, dtype=np.float32)
        image = np.clip(image + noise * np.float32(rng.uniform(0.005, 0.06)), 0, 1)
    if rng.random() < 0.04 * strength:  # which of two greys is paper, an edge does not always tell
        image = 1 - image
    marks[:, 1:] = marks[:, 1:] * np.float32([wide / width, high / height]) + spec.margin
    return pad(image, spec.margin, spec.multiple), marks


def _boxed_otherwise(image: Image, marks: Marks, rng: random.Random) -> tuple[Image, Marks]:
    """Each side of the box a little further out, where the paper goes on as at the edge, or further in."""
    height, width = image.shape
    top, bottom, left, right = (round(height * rng.uniform(-EDGE / 2, EDGE)) for _ in range(4))
    if height + min(0, top) + min(0, bottom) < 1 or width + min(0, left) + min(0, right) < 1:
        return image, marks
    moved = marks.copy()
    moved[:, 1:] += (left, top)
    grown = np.pad(image, ((max(0, top), max(0, bottom)), (max(0, left), max(0, right))), "edge")
    return np.ascontiguousarray(grown[max(0, -top):grown.shape[0] - max(0, -bottom),
                                      max(0, -left):grown.shape[1] - max(0, -right)]), moved
