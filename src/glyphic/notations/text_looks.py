"""A mask of letters becomes a grey photograph: ground, paint, border, shadow, light, lens, sensor and compression.

All in greys: luminance is linear in red, green and blue, and so is the blending of layers, hence the luminance of a
coloured composition is the composition of the luminances of its colours. Letters: H, W height and width in pixels.
"""

import io
import math
import random

import numpy as np
import numpy.typing as npt
from PIL import Image

Grey = npt.NDArray[np.float32]  # (H, W); 0 to 1 is what a sensor can tell apart

LUMA = (0.299, 0.587, 0.114)
# paints of signs, walls, papers and screens; white and black are the most common, as the repetitions say
COLOURS = (
    *[(1.0, 1.0, 1.0)] * 6, *[(0.02, 0.02, 0.02)] * 5, *[(0.12, 0.12, 0.13)] * 2, (0.3, 0.3, 0.3), (0.5, 0.5, 0.5),
    (0.72, 0.72, 0.72), (0.8, 0.1, 0.12), (0.6, 0.05, 0.08), (0.35, 0.08, 0.07), (0.95, 0.35, 0.1), (0.98, 0.6, 0.1),
    (1.0, 0.85, 0.2), (0.95, 0.9, 0.6), (0.9, 0.83, 0.68), (0.72, 0.58, 0.4), (0.45, 0.3, 0.18), (0.25, 0.17, 0.1),
    (0.1, 0.4, 0.2), (0.05, 0.25, 0.15), (0.4, 0.65, 0.25), (0.7, 0.85, 0.6), (0.1, 0.6, 0.6), (0.6, 0.85, 0.95),
    (0.15, 0.45, 0.8), (0.08, 0.2, 0.5), (0.05, 0.08, 0.25), (0.45, 0.2, 0.55), (0.9, 0.5, 0.65), (0.95, 0.8, 0.82),
)
CONTRAST = 0.12  # at least so far are the greys of letters and ground apart


# ---- paint


def painted(mask: Grey, behind: Grey | None, height: float, rng: random.Random) -> Grey:
    """mask, behind: (H, W) in [0, 1], letters `height` pixels high -> the scene as light falls on it."""
    paper, ink = _pair(rng)
    if rng.random() < 0.15 and height > 12:  # bolder than the face
        mask = np.maximum(mask, _thicker(mask, 1) * np.float32(rng.uniform(0.4, 1.0)))
    contrast = abs(ink - paper)
    ground: Grey = np.full(mask.shape, paper, np.float32)
    if rng.random() < 0.6:
        ground += texture(mask.shape, rng) * np.float32(contrast * _depth(rng))
    if behind is not None:
        ground += behind * np.float32((ink - paper) * rng.uniform(-0.5, 0.4))
    ground = _raised(ground, mask, paper, ink, height, rng)
    letters: Grey | np.float32 = np.float32(ink)
    if rng.random() < 0.25:
        letters = ink + texture(mask.shape, rng) * np.float32(contrast * rng.uniform(0.1, 0.5))
    opacity = np.float32(1.0 if rng.random() < 0.85 else rng.uniform(0.5, 1.0))
    scene: Grey = ground + (letters - ground) * (mask * opacity)
    if rng.random() < 0.3:
        scene = _lit(scene, rng)
    return scene


def _pair(rng: random.Random) -> tuple[float, float]:
    """The greys of ground and letters."""
    while True:
        paper, ink = (sum(share * min(max(part + rng.gauss(0, 0.05), 0.0), 1.0)
                          for share, part in zip(LUMA, rng.choice(COLOURS), strict=True)) for _ in range(2))
        if abs(paper - ink) > CONTRAST:
            return paper, ink


def _depth(rng: random.Random) -> float:
    """How strong a texture is beside the contrast of the letters: mostly weak, seldom as strong."""
    return min(rng.expovariate(8.0), 0.8)


def _raised(ground: Grey, mask: Grey, paper: float, ink: float, height: float, rng: random.Random) -> Grey:
    """Whatever lies between ground and letters: shadow, body, outline, relief, glow; mostly nothing."""
    kind, reach = rng.random(), max(1.0, 0.06 * height)
    if kind < 0.10:  # a shadow, soft or hard
        dx, dy = rng.uniform(-2.2, 2.2) * reach, rng.uniform(-0.5, 2.2) * reach
        shadow = _moved(mask, round(dx), round(dy))
        if rng.random() < 0.6:
            shadow = blurred(shadow, rng.uniform(0.5, 1.2) * reach)
        tone = paper * rng.uniform(0.1, 0.7) if paper > 0.25 or ink < 0.5 else rng.uniform(0.4, 0.9)
        ground = ground + (np.float32(tone) - ground) * (shadow * np.float32(rng.uniform(0.4, 1.0)))
    elif kind < 0.14:  # a body: letters cut from thick board
        dx, dy, steps = rng.uniform(-1, 1), rng.uniform(-1, 1), max(2, round(reach * rng.uniform(1.0, 2.5)))
        body = mask
        for step in range(1, steps + 1):
            body = np.maximum(body, _moved(mask, round(dx * step), round(dy * step)))
        ground = ground + (np.float32(_between(paper, ink, rng)) - ground) * body
    elif kind < 0.23:  # an outline
        tone = _between(paper, ink, rng) if rng.random() < 0.5 else float(paper < 0.5)
        ground = ground + (np.float32(tone) - ground) * _thicker(mask, max(1, round(rng.uniform(0.4, 1.6) * reach)))
    elif kind < 0.26:  # a relief: one side in light, the other in shade
        step = max(1, round(0.6 * reach))
        edges = _moved(mask, step, step) - _moved(mask, -step, -step)
        ground = ground + edges * np.float32(rng.choice((-1, 1)) * rng.uniform(0.2, 0.6))
    elif kind < 0.29:  # letters that glow
        glow = np.float32(rng.uniform(0.3, 0.9) * (ink - paper))
        ground = ground + blurred(mask, rng.uniform(1.0, 3.0) * reach) * glow
    return ground


def _between(paper: float, ink: float, rng: random.Random) -> float:
    return paper + (ink - paper) * rng.choice((rng.uniform(-0.6, 0.5), rng.uniform(1.3, 1.8)))


def texture(shape: tuple[int, int], rng: random.Random) -> Grey:
    """(H, W) of mean about 0 in about [-1, 1]: a slope, clouds, stripes, bricks, grain, an edge."""
    height, width = shape
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    kind = rng.random()
    if kind < 0.25:
        angle = rng.uniform(0, math.tau)
        return math.cos(angle) * x + math.sin(angle) * y
    if kind < 0.55:
        return _clouds(shape, rng)
    if kind < 0.67:
        angle, waves = rng.uniform(0, math.pi), rng.uniform(2, 12)
        stripes = np.sin(waves * math.pi * (math.cos(angle) * x * (width / height) + math.sin(angle) * y) / 2)
        return np.float32(0.5) * (np.sign(stripes) if rng.random() < 0.3 else stripes)
    if kind < 0.73:
        rows, columns = rng.uniform(0.25, 1.2), rng.uniform(0.5, 2.5)
        course = np.floor((y + 1) / rows)
        joints = ((y + 1) % rows < 0.08) | (((x + 1) * width / height + 0.5 * columns * (course % 2)) % columns < 0.08)
        return np.where(joints, np.float32(-1), np.float32(0.1))
    if kind < 0.85:
        return _clouds((max(2, height // 2), max(2, width // 2)), rng, cells=40.0, shape_out=shape)
    angle, offset = rng.gauss(0, 0.2) + rng.choice((0, 0, math.pi / 2)), rng.uniform(-1.1, 1.1)
    side = math.cos(angle) * y + math.sin(angle) * x - offset  # an edge of the sign, a shelf, a window
    return np.where(side > 0, np.float32(1), np.float32(-0.2))


def _clouds(shape: tuple[int, int], rng: random.Random, cells: float = 0.0,
            shape_out: tuple[int, int] | None = None) -> Grey:
    """Smooth noise; `cells` across the height."""
    height, width = shape_out or shape
    cells = min(cells or rng.uniform(1.0, 8.0), height)
    coarse = (max(2, round(cells)), max(2, round(cells * width / height * rng.choice((1, 1, 0.3)))))
    noise = _gaussian(coarse, rng) * np.float32(0.6)
    return np.asarray(Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC))


def _lit(scene: Grey, rng: random.Random) -> Grey:
    """Light that falls off to one side, or a reflection."""
    height, width = scene.shape
    y, x = np.linspace(-1, 1, height, dtype=np.float32)[:, None], np.linspace(-1, 1, width, dtype=np.float32)[None]
    if rng.random() < 0.75:
        angle, depth = rng.uniform(0, math.tau), rng.uniform(0.1, 0.6)
        fall = 1 - np.float32(depth) * (0.5 + 0.35 * (math.cos(angle) * x + math.sin(angle) * y))
        lit: Grey = (scene * fall).astype(np.float32)
        return lit
    far = ((x - rng.uniform(-1, 1)) * width / height) ** 2 + (y - rng.uniform(-1, 1)) ** 2
    spot: Grey = np.exp(-far * np.float32(rng.uniform(0.5, 3.0))).astype(np.float32)
    return scene + np.float32(rng.uniform(0.1, 0.5)) * spot


def _moved(mask: Grey, dx: int, dy: int) -> Grey:
    """The mask moved right and down; what leaves the picture is lost."""
    height, width = mask.shape
    result = np.zeros_like(mask)
    result[max(dy, 0):height + min(dy, 0), max(dx, 0):width + min(dx, 0)] = \
        mask[max(-dy, 0):height + min(-dy, 0), max(-dx, 0):width + min(-dx, 0)]
    return result


def _thicker(mask: Grey, reach: int) -> Grey:
    for _ in range(reach):
        mask = np.maximum.reduce((mask, _moved(mask, 1, 0), _moved(mask, -1, 0)))
        mask = np.maximum.reduce((mask, _moved(mask, 0, 1), _moved(mask, 0, -1)))
    return mask


# ---- camera


def photographed(scene: Grey, height: float, rng: random.Random) -> Grey:
    """The scene, with letters `height` pixels high, through lens, sensor and compression; (H, W) in [0, 1] in steps
    of a 255th. What is lost is so in proportion to the letters' size and contrast: most stay legible."""
    kind = rng.random()
    if kind < 0.5:
        scene = blurred(scene, height * min(rng.expovariate(45.0), 0.06) + rng.uniform(0.2, 0.5))
    elif kind < 0.58:
        scene = _shaken(scene, height, rng)
    exposure, haze = rng.lognormvariate(0, 0.25), 0.0
    if rng.random() < 0.2:  # dusk, fog, a window pane
        exposure, haze = exposure * rng.uniform(0.15, 0.6), rng.uniform(0.0, 0.4)
    scene = haze + np.float32(exposure) * scene
    contrast = 2 * float(scene.std())
    if rng.random() < 0.5:
        noise = _gaussian(scene.shape, rng)
        if rng.random() < 0.5:  # as coarse as a phone's noise reduction leaves it
            noise = blurred(noise, 0.7) * np.float32(1.8)
        scene = scene + noise * np.float32(min(rng.expovariate(16.0), 0.22) * min(contrast, 0.3))
    if rng.random() < 0.15:
        scene = scene + (scene - blurred(scene, rng.uniform(0.7, 1.5))) * np.float32(rng.uniform(0.4, 2.0))
    levels = (scene.clip(0, 1) * 255).round().astype(np.uint8)
    if rng.random() < 0.5:
        worst = 15 if contrast > 0.3 and height > 25 else 35 if contrast > 0.15 else 60
        levels = compressed(levels, round(min(max(rng.lognormvariate(math.log(65), 0.5), worst), 95)))
    return levels.astype(np.float32) / np.float32(255)


def _gaussian(shape: tuple[int, ...], rng: random.Random) -> Grey:
    return np.random.Generator(np.random.PCG64(rng.getrandbits(64))).standard_normal(shape, np.float32)


def blurred(image: Grey, sigma: float) -> Grey:
    """A Gaussian of `sigma` pixels, along both axes; edges are continued."""
    reach = max(1, round(2.2 * sigma))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2).astype(np.float32)
    return _swept(_swept(image, weights / weights.sum(), 0), weights / weights.sum(), 1)


def _shaken(scene: Grey, height: float, rng: random.Random) -> Grey:
    """A camera that moves, along one axis or both."""
    steps = 2 * max(1, round(height * rng.uniform(0.02, 0.07))) + 1
    weights = np.full(steps, 1 / steps, np.float32)
    axis = rng.choice((0, 1, 1))
    scene = _swept(scene, weights, axis)
    return _swept(scene, weights[:3] / weights[:3].sum(), 1 - axis) if rng.random() < 0.5 and steps >= 3 else scene


def _swept(image: Grey, weights: npt.NDArray[np.float32], axis: int) -> Grey:
    """The weighted mean of the pixels around each, along one axis."""
    before = len(weights) // 2
    after = len(weights) - 1 - before
    length = image.shape[axis]
    padded = np.pad(image, [(before, after) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
    windows = [padded[k:k + length] if axis == 0 else padded[:, k:k + length] for k in range(len(weights))]
    total: Grey = windows[0] * weights[0]
    for window, weight in zip(windows[1:], weights[1:], strict=True):
        total += window * weight
    return total


def compressed(levels: npt.NDArray[np.uint8], quality: int) -> npt.NDArray[np.uint8]:
    """What JPEG leaves of a picture; quality: from 1 to 95."""
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))
