"""A printed page through copiers, fax machines and scanners: rough edges, lost lines, specks, black and white.

What data/degrade.py does to pictures of every notation (scale, blur, JPEG, thresholds) is not repeated here.
"""

import random

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Grey = npt.NDArray[np.uint8]  # (H, W), 255 = paper


def scanned(page: Grey, line: float, copied: bool, rng: random.Random) -> Grey:
    """A page with lines of `line` pixels -> black and white as a scan of it is; of a copy of it, if `copied`."""
    level = rng.uniform(0.42, 0.7) if line >= 1.6 else rng.uniform(0.7, 0.8)  # thin lines must not break up
    if copied:
        level = max(level, 0.7) if line < 2 else min(level, 0.65)
    least = 0.8 * 255 * (level - 1)  # roughness never makes ink of paper
    if not copied:
        grey = page.astype(np.float32)
        if rng.random() < 0.3:
            grey += (_clouds(page.shape, 2.0, rng) * np.float32(rng.uniform(5, 25))).clip(least, 45)
    else:
        blur = ImageFilter.GaussianBlur(min(0.3 * line + 0.2, 1.2) * rng.uniform(0.6, 1.1))
        soft = Image.fromarray(page).filter(blur)
        rough = _clouds(page.shape, rng.uniform(1.5, 3.0), rng) * np.float32(rng.uniform(8, 32))
        grey = np.asarray(soft, np.float32) + rough.clip(least, 55)
    if rng.random() < 0.12:
        grey = _worn(grey, line, rng)
    ink = grey < 255 * level
    if rng.random() < (0.4 if copied else 0.12):
        ink = _specked(ink, rng)
    return np.where(ink, np.uint8(0), np.uint8(255))


def soiled(page: Grey, rng: random.Random) -> Grey:
    """A page scanned in greys: paper that is not quite white, and what shines through it."""
    grey = page.astype(np.float32)
    grey -= (_clouds(page.shape, rng.uniform(20, 120), rng) + 1.5).clip(0, 3) * np.float32(rng.uniform(2, 10))
    if rng.random() < 0.4:
        behind = Image.fromarray(page[:, ::-1]).filter(ImageFilter.GaussianBlur(rng.uniform(1.0, 2.5)))
        grey -= (255 - np.asarray(behind, np.float32)) * np.float32(rng.uniform(0.02, 0.1))
    return grey.clip(0, 255).astype(np.uint8)


def _clouds(shape: tuple[int, ...], grain: float, rng: random.Random) -> npt.NDArray[np.float32]:
    """(H, W) smooth noise of about unit variance, `grain` pixels a cell."""
    height, width = shape[0], shape[1]
    coarse = max(2, round(height / grain)), max(2, round(width / grain))
    noise = np.random.Generator(np.random.SFC64(rng.getrandbits(64))).standard_normal(coarse, np.float32)
    if coarse == (height, width):
        return noise
    return np.asarray(Image.fromarray(noise).resize((width, height), Image.Resampling.BILINEAR)) * np.float32(1.3)


def _worn(grey: npt.NDArray[np.float32], line: float, rng: random.Random) -> npt.NDArray[np.float32]:
    """Toner that is missing here and there; or a few rows or columns that were not printed."""
    if rng.random() < 0.6:
        gaps = (_clouds(grey.shape, max(2.0, 1.5 * line), rng) - np.float32(rng.uniform(1.9, 2.5))).clip(0, 1)
        return np.asarray(grey + 400 * gaps, np.float32)
    result = grey.copy()
    for _ in range(rng.randint(1, 3)):
        if rng.random() < 0.5:
            result[rng.randrange(len(grey))] = 255
        else:
            result[:, rng.randrange(grey.shape[1])] = 255
    return result


def _specked(ink: npt.NDArray[np.bool_], rng: random.Random) -> npt.NDArray[np.bool_]:
    """Dirt: single pixels and small clusters, here and there, and holes in the ink."""
    height, width = ink.shape
    result = ink.copy()
    for _ in range(min(60, round(rng.expovariate(1.0) * 1e-4 * ink.size))):
        y, x = rng.randrange(height), rng.randrange(width)
        tall, wide = rng.choice(((1, 1), (1, 1), (1, 2), (2, 1), (2, 2), (2, 3)))
        result[y:y + tall, x:x + wide] = True
    if rng.random() < 0.5:
        for _ in range(min(60, round(rng.expovariate(1.0) * 1.5e-3 * ink.size))):
            result[rng.randrange(height), rng.randrange(width)] = False
    return result
