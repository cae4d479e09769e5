"""A staff on paper, seen by a camera or a scanner: ink, light, lens, sensor and compression, in numpy and Pillow.

The operations of Camera-PrIMuS (Calvo-Zaragoza and Rizo, ISMIR 2018: blur, motion, noise, median, spread, contrast) and
what phones add: uneven light, shadows, moire, few pixels, JPEG, one bit. What is lost is so in proportion to the space
between staff lines, so that people can still read it.
"""

import math
import random

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from glyphic.notations.music.rendering.drawing import Grey
from glyphic.notations.text_looks import compressed

FEWEST = 6.0  # pixels of a space from which people still read heads and accidentals


def photographed(picture: Grey, space: float, rng: random.Random) -> tuple[npt.NDArray[np.uint8], float]:
    """picture: (H, W), 1 = paper, `space` pixels from line to line -> (H', W') in 256 greys, and how many of its pixels
    are one of the picture's."""
    if rng.random() < 0.2:
        picture = _printed(picture, rng)
    factor = 1.0
    if rng.random() < 0.4 and space > FEWEST:  # a sensor, or a scan, of fewer pixels
        factor = math.exp(rng.uniform(math.log(FEWEST / space), 0.0))
        picture = _resized(picture, factor)
    pixels = space * factor
    picture = _lit(picture, pixels, rng)
    levels = _through_lens(picture, pixels, rng)
    bilevel = rng.random() < 0.12 and pixels > 8
    if rng.random() < 0.7:
        noise = np.random.default_rng(rng.getrandbits(32)).standard_normal(levels.shape, np.float32)
        strongest = 16.0 if pixels > 9 and not bilevel else 8.0
        levels = (levels + noise * np.float32(rng.uniform(1.0, strongest))).clip(0, 255).astype(np.uint8)
    if rng.random() < 0.08 and pixels > 7:
        levels = np.asarray(Image.fromarray(levels).filter(ImageFilter.MedianFilter(3)))
    if bilevel:
        levels = _one_bit(levels, pixels, rng)
    elif rng.random() < 0.6:
        levels = compressed(levels, rng.randint(25 if pixels > 8 else 50, 92))
    return levels, factor


# ---- ink and light


def _printed(picture: Grey, rng: random.Random) -> Grey:
    """Ink that spread or wore off: lines thicker or thinner, ragged."""
    gamma = math.exp(rng.uniform(-0.35, 0.9))
    worn = picture ** np.float32(gamma)
    if rng.random() < 0.4:
        rough = np.random.default_rng(rng.getrandbits(32)).random(picture.shape, np.float32)
        worn = worn + (1 - worn) * (rough < rng.uniform(0.01, 0.06)) * np.float32(rng.uniform(0.3, 0.9))
    result: Grey = worn.astype(np.float32)
    return result


def _lit(picture: Grey, space: float, rng: random.Random) -> Grey:
    """Greys of ink and paper from 0 to 255, in an uneven light."""
    height, width = picture.shape
    paper, ink = rng.uniform(140, 255), rng.uniform(0, 90)
    ink = min(ink, 0.6 * paper)
    y, x = np.linspace(-1, 1, height, dtype=np.float32)[:, None], np.linspace(-1, 1, width, dtype=np.float32)[None]
    light: Grey = np.ones((height, width), np.float32)
    if rng.random() < 0.6:
        angle, depth = rng.uniform(0, math.tau), rng.uniform(0, 0.35)
        light += np.float32(depth) * (math.cos(angle) * x + 0.3 * math.sin(angle) * y)
    if rng.random() < 0.5:
        light += _clouds((height, width), rng, rng.uniform(0.0, 0.12), rng.uniform(0.3, 3.0))
    if rng.random() < 0.15:  # the shadow of a hand or of the telephone, with a soft edge
        slant, place, soft = rng.uniform(-0.6, 0.6), rng.uniform(-1, 1), rng.uniform(0.01, 0.15)
        side = np.float32(rng.choice((-1, 1)) / soft)
        light *= 1 - np.float32(rng.uniform(0.15, 0.5)) / (1 + np.exp((side * (x - place + slant * y)).clip(-30, 30)))
    if rng.random() < 0.3:  # paper is no even thing
        light += _clouds((height, width), rng, rng.uniform(0.01, 0.05), rng.uniform(10.0, 30.0))
    scene = (np.float32(ink) + np.float32(paper - ink) * picture) * light.clip(0.25, 1.5)
    if rng.random() < 0.06:  # a screen seen by a camera
        angle, period = rng.uniform(0, math.pi), rng.uniform(2.1, 7.0)
        wave = np.sin(np.float32(math.tau / period) * (
            math.cos(angle) * np.arange(width, dtype=np.float32)[None]
            + math.sin(angle) * np.arange(height, dtype=np.float32)[:, None]))
        scene = scene * (1 + np.float32(rng.uniform(0.03, 0.1)) * wave)
    result: Grey = scene.clip(0, 255).astype(np.float32)
    return result


def _clouds(shape: tuple[int, int], rng: random.Random, depth: float, cells: float) -> Grey:
    """Smooth noise, `cells` of it across the height."""
    height, width = shape
    rows = max(2, round(cells))
    columns = max(2, min(width, round(cells * width / height)))
    coarse = np.random.default_rng(rng.getrandbits(32)).normal(0, depth, (rows, columns)).astype(np.float32)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BILINEAR))


# ---- lens and sensor


def _through_lens(scene: Grey, space: float, rng: random.Random) -> npt.NDArray[np.uint8]:
    picture = Image.fromarray(np.round(scene).astype(np.uint8))
    kind = rng.random()
    if kind < 0.55:
        picture = picture.filter(ImageFilter.GaussianBlur(space * rng.uniform(0.01, 0.11)))
    elif kind < 0.7:
        return _shaken(np.asarray(picture), space, rng)
    elif kind < 0.8:
        return _spread(np.asarray(picture), rng)
    if rng.random() < 0.12:
        picture = picture.filter(ImageFilter.UnsharpMask(rng.uniform(0.6, 1.5), rng.randint(50, 200), 0))
    return np.asarray(picture)


def _shaken(levels: npt.NDArray[np.uint8], space: float, rng: random.Random) -> npt.NDArray[np.uint8]:
    """The mean along a short way of the camera."""
    length, angle = space * rng.uniform(0.15, 0.5), rng.uniform(0, math.pi)
    steps = max(2, round(length))
    edge = steps + 1
    padded = np.pad(levels, edge, mode="edge").astype(np.uint16)
    height, width = levels.shape
    total = np.zeros((height, width), np.uint16)
    for step in range(steps):
        part = (step - (steps - 1) / 2) * length / steps
        dy, dx = edge + round(math.sin(angle) * part), edge + round(math.cos(angle) * part)
        total += padded[dy:dy + height, dx:dx + width]
    return (total // np.uint16(steps)).astype(np.uint8)


def _spread(levels: npt.NDArray[np.uint8], rng: random.Random) -> npt.NDArray[np.uint8]:
    """Pixels change places with their neighbours, some of them."""
    height, width = levels.shape
    source = np.random.default_rng(rng.getrandbits(32))
    jumps = source.integers(-1, 2, (2, height, width), dtype=np.int16)
    stay = source.random((height, width), np.float32) > rng.uniform(0.2, 0.8)
    y = (np.arange(height)[:, None] + np.where(stay, 0, jumps[0])).clip(0, height - 1)
    x = (np.arange(width)[None] + np.where(stay, 0, jumps[1])).clip(0, width - 1)
    moved: npt.NDArray[np.uint8] = levels[y, x]
    return moved


def _resized(picture: Grey, factor: float) -> Grey:
    height, width = (max(4, round(side * factor)) for side in picture.shape)
    method = Image.Resampling.BOX if factor > 0.5 else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(picture).resize((width, height), method))


def _one_bit(levels: npt.NDArray[np.uint8], space: float, rng: random.Random) -> npt.NDArray[np.uint8]:
    """Black where a place is darker than what is around it, as scanning programs do it; staff lines survive."""
    picture = Image.fromarray(levels)
    around = np.asarray(picture.filter(ImageFilter.BoxBlur(2 * space)), np.float32)
    soft = np.asarray(picture.filter(ImageFilter.GaussianBlur(0.6)), np.float32)
    contrast = float(np.percentile(levels, 90)) - float(np.percentile(levels, 2))
    return np.where(soft < around - np.float32(rng.uniform(0.02, 0.14) * contrast), 0, 255).astype(np.uint8)
