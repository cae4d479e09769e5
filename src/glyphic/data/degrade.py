"""A clean rendering becomes what scanners, screens and mail programs make of it, already at the network's scale.

Everything is a function of a random source, in numpy and Pillow, half a millisecond a picture; the marks move along.
Letters: H, W height and width in pixels, K marks.
"""

import math
import random

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from glyphic.core.images import (
    INK,
    Image,
    edge_level,
    ink_box,
    pad,
    stretch_contrast,
)
from glyphic.core.options import InputSpec
from glyphic.data.packs import Packed
from glyphic.notations import text_looks

Marks = npt.NDArray[np.float32]  # (K, 3): name, x, y

SMALLEST, LARGEST = 6.8, 26.0  # pixels of a symbol: a page at 100 dpi, and one at 400
BILEVEL = 0.42  # of those that went through a device, so many are black and white
SMALL = 0.3  # of those that are not black and white, so many have symbols below CLEAR_AT
LETTER = 2.2  # letters of a chemical drawing: a bond is so many times as long as they are high
WHITE = 0.98  # a picture whose paper is darker has its contrast stretched first, as every reading begins
LEVEL_AT, CLEAR_AT = 12.0, 10.0  # from which people read it in black and white, and through blur and noise


def degraded(sample: Packed, spec: InputSpec, strength: float, jitter: float,
             rng: random.Random) -> tuple[Image, Marks]:
    """A packed sample -> the fitted picture (H, W) and its marks (K, 3) in that picture's pixels.

    strength: 0 leaves the picture clean, 1 is the full range. jitter: the symbol size is off by exp(+-jitter), as an
    estimate on a bad picture may be.
    """
    image, marks = sample.pixels.astype(np.float32) / 255, sample.marks.copy()
    wanted = spec.symbol_size or spec.bond_length or sample.symbol_size
    scale = wanted / sample.symbol_size * math.exp(min(max(rng.gauss(0, jitter / 2), -jitter), jitter))
    if rng.random() < 0.05 * strength:
        image, marks = rotated(image, marks, math.radians(rng.uniform(-1.5, 1.5)))
    if rng.random() < 0.03 * strength:
        image, marks = with_neighbour(image, marks, sample.symbol_size, rng)
    if 2 * np.count_nonzero(image < WHITE) > image.size:  # rendered on paper of its own
        image = stretch_contrast(image)
    height, width = image.shape
    scale = min(scale, (spec.max_height - 2 * spec.margin) / height, (spec.max_width - 2 * spec.margin) / width)
    fitted = max(1, round(height * scale)), max(1, round(width * scale))
    if rng.random() < 0.75 * strength:
        image = _through_a_device(image, sample.symbol_size / (LETTER if spec.bond_length else 1.0), rng)
    image = resized(image, *fitted)
    if rng.random() < 0.5 * strength:
        image = image ** np.float32(math.exp(rng.uniform(-0.6, 0.65)))  # lighter or darker strokes
    marks[:, 1:] = marks[:, 1:] * np.float32([fitted[1] / width, fitted[0] / height]) + spec.margin
    return pad(image, spec.margin, spec.multiple), marks


def resized(image: Image, height: int, width: int) -> Image:
    """`core.images.resize` to within 1e-6, by Pillow, in a third of the time: what is learnt from is resized twice."""
    if image.shape == (height, width):
        return image
    return np.asarray(Pillow.fromarray(image).resize((width, height), Pillow.Resampling.BILINEAR))


def rotated(image: Image, marks: Marks, angle: float, crop: bool = True) -> tuple[Image, Marks]:
    """The picture turned by `angle` (radians, counterclockwise as seen), on paper as large as it needs, cropped to
    its ink as every reading is. Without `crop`, the corners show the grey of its edge."""
    height, width = image.shape
    cos, sin = math.cos(angle), math.sin(angle)
    full_w, full_h = (math.ceil(width * cos + height * abs(sin)) + 2, math.ceil(height * cos + width * abs(sin)) + 2)
    # new (x, y) -> old, about the two centres; Pillow samples at the centres of pixels
    left = width / 2 - cos * full_w / 2 + sin * full_h / 2
    top = height / 2 - sin * full_w / 2 - cos * full_h / 2
    turned = np.asarray(Pillow.fromarray(image).transform(
        (full_w, full_h), Pillow.Transform.AFFINE, (cos, -sin, left, sin, cos, top), Pillow.Resampling.BILINEAR,
        fillcolor=1.0 if crop else edge_level(image)))
    box = ink_box(turned) if crop else None
    x0, y0, x1, y1 = box if box else (0, 0, full_w, full_h)
    moved = marks.copy()
    x, y = marks[:, 1] - width / 2, marks[:, 2] - height / 2
    moved[:, 1] = cos * x + sin * y + full_w / 2 - x0
    moved[:, 2] = -sin * x + cos * y + full_h / 2 - y0
    return np.ascontiguousarray(turned[y0:y1, x0:x1]), moved


def with_neighbour(image: Image, marks: Marks, symbol_size: float, rng: random.Random) -> tuple[Image, Marks]:
    """What a careless crop leaves at one side: the shadow of the page's edge, or a strip of the line above or below.

    The shadow fades, for a hard line would be a `|` or an overline to any reader.
    """
    side = rng.choice(("top", "bottom", "left", "right"))
    across, first = side in ("top", "bottom"), side in ("top", "left")
    length = image.shape[1] if across else image.shape[0]
    gap = round(symbol_size * rng.uniform(0.6, 1.4))
    thick = max(1, round(symbol_size * rng.uniform(0.1, 0.3)))
    if across and image.shape[0] > thick:  # feet or heads of other symbols, above or below a part of the picture
        strip = (image[-thick:] if first else image[:thick])[:, ::-1].copy()
        start = rng.randrange(length)
        strip[:, :start // 2], strip[:, (start + length) // 2:] = 1.0, 1.0
    else:
        fade = np.linspace(rng.uniform(0.2, 0.7), 1.0, 4 * thick, dtype=np.float32)[:: 1 if first else -1, None]
        strip = np.repeat(fade, length, 1)
        strip = strip if across else strip.T
    paper = np.ones((gap, length) if across else (length, gap), np.float32)
    joined = np.concatenate((strip, paper, image) if first else (image, paper, strip), 0 if across else 1)
    moved = marks.copy()
    if first:
        moved[:, 2 if across else 1] += gap + strip.shape[0 if across else 1]
    return joined, moved


def _through_a_device(image: Image, symbol_size: float, rng: random.Random) -> Image:
    """Rendered at some resolution of its own, then blurred, made noisy, thresholded, compressed."""
    height, width = image.shape
    kind, changed = rng.random(), False
    bilevel = kind < BILEVEL
    least, most = (LEVEL_AT, LARGEST) if bilevel else (SMALLEST, CLEAR_AT if rng.random() < SMALL else LARGEST)
    native = math.exp(rng.uniform(math.log(least), math.log(most)))  # pixels of a symbol
    scale = native / symbol_size
    image = resized(image, max(3, round(height * scale)), max(3, round(width * scale)))
    if bilevel:  # up to PostScript's rule, by which every pixel that is touched is ink: heavy strokes, narrow counters
        image = thresholded(image, rng.uniform(0.55, 0.93))
    elif kind < 0.6:
        image = _blur(image, rng.uniform(0.3, 0.55 if native < CLEAR_AT else 1.1))
    elif kind < 0.7 and native > 13:
        image = _thicker(image) if rng.random() < 0.5 else 1 - _thicker(1 - image) * np.float32(0.9)
    if rng.random() < 0.08:
        image, changed = _shaded(image, rng), True
    if rng.random() < 0.1:  # grey on grey: eight bits for what is left of the contrast
        paper, contrast = rng.uniform(0.7, 1.0), rng.uniform(0.2, 0.6)
        image = np.round((paper - contrast * (1 - image)) * 255) / np.float32(255)
        changed = True
    if rng.random() < 0.3:
        noise = np.random.default_rng(rng.getrandbits(32)).standard_normal(image.shape, dtype=np.float32)
        strongest = 0.015 if changed else 0.04 if native < CLEAR_AT else 0.09
        image = np.clip(image + noise * np.float32(rng.uniform(0.005, strongest)), 0, 1)
        changed = True
    if rng.random() < 0.15:
        image, changed = compressed(image, rng.randint(45 if native < CLEAR_AT else 25, 85)), True
    if changed or rng.random() < 0.4:
        image = stretch_contrast(image)  # as every reading begins
    return image.astype(np.float32)


def thresholded(image: Image, level: float) -> Image:
    """Black below `level` and white above; the level rises where all ink around is grey, so that no hairline is lost.

    A pixel of more than half the darkness of the darkest one beside it stays ink: this is what scanners do that
    threshold at a high resolution and shrink later.
    """
    darkest = image
    for axis in (0, 1):
        edge = [(1, 1) if a == axis else (0, 0) for a in (0, 1)]
        padded = np.pad(darkest, edge, constant_values=1.0)
        parts = [np.take(padded, range(k, k + image.shape[axis]), axis) for k in range(3)]
        darkest = np.minimum(np.minimum(parts[0], parts[1]), parts[2])
    local = np.where(darkest < 0.85, 0.5 + 0.5 * darkest, 0.0)
    return (image > np.maximum(level, local)).astype(np.float32)


def _shaded(image: Image, rng: random.Random) -> Image:
    """Light that falls off towards one side, never so far that paper there would count as ink."""
    height, width = image.shape
    angle, depth = rng.uniform(0, 2 * math.pi), rng.uniform(0.05, 0.8 * (1 - INK))
    down, across = np.linspace(-0.5, 0.5, height), np.linspace(-0.5, 0.5, width)
    ramp = math.sin(angle) * down[:, None] + math.cos(angle) * across[None]  # in [-0.71, 0.71]
    return image * (1 - depth * (0.5 + 0.7 * ramp)).astype(np.float32)


def _blur(image: Image, sigma: float) -> Image:
    reach = max(1, int(2.5 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2).astype(np.float32)
    kernel /= kernel.sum()
    for axis in (0, 1):
        widths = [(reach, reach) if a == axis else (0, 0) for a in (0, 1)]
        padded = np.pad(image, widths, constant_values=1.0)
        length = image.shape[axis]
        parts = [padded[k:k + length] if axis == 0 else padded[:, k:k + length]
                 for k in range(len(kernel))]
        image = np.add.reduce([part * weight for part, weight in zip(parts, kernel, strict=True)])
    return np.minimum(image, 1.0)


def _thicker(image: Image) -> Image:
    """Ink spreads by half a pixel to the right and down."""
    result = image.copy()
    result[1:] = np.minimum(result[1:], 0.5 * image[:-1] + 0.5 * result[1:])
    result[:, 1:] = np.minimum(result[:, 1:], 0.5 * image[:, :-1] + 0.5 * result[:, 1:])
    return result


def compressed(image: Image, quality: int) -> Image:
    """What JPEG leaves of an image; quality: from 1 to 95."""
    return text_looks.compressed((image * 255).astype(np.uint8), quality).astype(np.float32) / np.float32(255)
