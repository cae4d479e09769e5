"""A clean rendering becomes what scanners, screens and mail programs make of it, already at the network's scale.

Everything is a function of a random source, in numpy, about a millisecond a picture; the marks move along.
"""

import io
import random

import numpy as np
import numpy.typing as npt

from glyphic.core.images import Image, pad, resize, stretch_contrast
from glyphic.core.options import InputSpec
from glyphic.data.packs import Packed


def degraded(sample: Packed, spec: InputSpec, strength: float, jitter: float,
             rng: random.Random) -> tuple[Image, npt.NDArray[np.float32]]:
    """A packed sample -> the fitted picture (H, W) and its marks (K, 3) in that picture's pixels.

    strength: 0 leaves the picture clean, 1 is the full range. jitter: the symbol size is off by exp(+-jitter), as an
    estimate on a bad picture may be.
    """
    image = sample.pixels.astype(np.float32) / 255
    height, width = image.shape
    wanted = spec.symbol_size or sample.symbol_size
    scale = wanted / sample.symbol_size * float(np.exp(np.clip(rng.gauss(0, jitter / 2), -jitter, jitter)))
    scale = min(scale, (spec.max_height - 2 * spec.margin) / height, (spec.max_width - 2 * spec.margin) / width)
    if rng.random() < 0.75 * strength:
        image = _through_a_device(image, sample.symbol_size, rng)
    image = resize(image, max(1, round(height * scale)), max(1, round(width * scale)))
    if rng.random() < 0.5 * strength:
        image = image ** np.float32(rng.uniform(0.6, 1.7))  # heavier or lighter strokes
    marks = sample.marks.copy()
    marks[:, 1:] = marks[:, 1:] * scale + spec.margin
    return pad(image, spec.margin, spec.multiple), marks


def _through_a_device(image: Image, symbol_size: float, rng: random.Random) -> Image:
    """Rendered at some resolution of its own, then blurred, made noisy, thresholded, compressed."""
    height, width = image.shape
    native = float(np.exp(rng.uniform(np.log(7.0), np.log(26.0)))) / symbol_size
    image = resize(image, max(3, round(height * native)), max(3, round(width * native)))
    kind = rng.random()
    if kind < 0.25:
        image = _blur(image, rng.uniform(0.3, 1.1))
    elif kind < 0.5 and native * symbol_size > 11:
        level = rng.uniform(0.5, 0.8)
        image = (image > level).astype(np.float32)
    elif kind < 0.6 and native * symbol_size > 13:
        image = _thicker(image) if rng.random() < 0.5 else 1 - _thicker(1 - image) * np.float32(0.9)
    if rng.random() < 0.3:
        noise = np.random.default_rng(rng.getrandbits(32)).standard_normal(image.shape, dtype=np.float32)
        image = np.clip(image + noise * np.float32(rng.uniform(0.01, 0.09)), 0, 1)
    if rng.random() < 0.15:
        image = _jpeg(image, rng.randint(25, 80))
    if rng.random() < 0.4:
        image = stretch_contrast(image)
    return image.astype(np.float32)


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
    return image


def _thicker(image: Image) -> Image:
    """Ink spreads by half a pixel to the right and down."""
    result = image.copy()
    result[1:] = np.minimum(result[1:], 0.5 * image[:-1] + 0.5 * result[1:])
    result[:, 1:] = np.minimum(result[:, 1:], 0.5 * image[:, :-1] + 0.5 * result[:, 1:])
    return result


def _jpeg(image: Image, quality: int) -> Image:
    from PIL import Image as Pillow

    buffer = io.BytesIO()
    Pillow.fromarray((image * 255).astype(np.uint8)).save(buffer, "JPEG", quality=quality)
    return np.asarray(Pillow.open(buffer), np.float32) / 255
