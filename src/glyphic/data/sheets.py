"""Sheets of paper, and words set on them: what drawings of nothing in particular are made of."""

import math
import random

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from glyphic.notations import text_fonts
from glyphic.notations.text import sampler

Grey = npt.NDArray[np.uint8]  # (H, W), 255 = white

WORDS = sampler()


def extent(rng: random.Random) -> tuple[int, int]:
    """Height and width, mostly of photographs, sometimes of strips."""
    area, aspect = rng.uniform(60, 320) ** 2, math.exp(rng.gauss(0.3, 0.6))
    return max(12, round((area / aspect) ** 0.5)), max(12, round((area * aspect) ** 0.5))


def blank(rng: random.Random, least: int = 60) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A sheet, mostly white, of at least so many pixels either way, and what draws on it."""
    height, width = (max(least, side) for side in extent(rng))
    image = Image.new("L", (width, height), rng.choice((255, 255, 255, rng.randint(180, 255))))
    return image, ImageDraw.Draw(image)


def words(rng: random.Random, count: int) -> str:
    """So many words, numbers and prices among them."""
    return " ".join(WORDS(rng) for _ in range(max(1, count)))


def lettered(lines: list[str], size: int, rng: random.Random) -> Grey:
    """Lines of text in one face, black on white, cropped to the ink."""
    everything = "".join(lines)
    font = text_fonts.opened(text_fonts.choose(everything, rng), size)
    leading = round(size * rng.uniform(1.1, 1.7))
    image = Image.new("L", (math.ceil(max(font.getlength(text) for text in lines)) + 2 * size,
                            leading * len(lines) + 2 * size), 255)
    draw = ImageDraw.Draw(image)
    for number, text in enumerate(lines):
        draw.text((size, round(0.5 * size) + number * leading), text, 0, font)
    pixels = np.asarray(image)
    ink = np.argwhere(pixels < 160)
    if not len(ink):
        return pixels
    (top, left), (bottom, right) = ink.min(axis=0), ink.max(axis=0)
    return np.ascontiguousarray(pixels[top:bottom + 1, left:right + 1])


def grains(rng: random.Random, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Normal noise."""
    return np.random.Generator(np.random.PCG64(rng.getrandbits(64))).standard_normal(shape, np.float32)


def spread(scene: npt.NDArray[np.float32], rng: random.Random) -> Grey:
    """In some part of the greys."""
    low, high = float(scene.min()), float(scene.max())
    dark, bright = rng.uniform(0, 0.3), rng.uniform(0.6, 1.0)
    return levels(dark + (scene - low) / max(high - low, 1e-6) * (bright - dark))


def levels(values: npt.ArrayLike) -> Grey:
    """[0, 1] -> bytes; what lies beyond is cut off."""
    return (np.clip(np.asarray(values, np.float32), 0, 1) * 255).round().astype(np.uint8)
