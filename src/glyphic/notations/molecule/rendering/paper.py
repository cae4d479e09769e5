"""Ink on a sheet becomes its picture: scanned clean, or photographed on plain, ruled or squared paper, or on a board.

About half of what pupils hand in has been cleaned by a program: black strokes on pure white. The rest are photographs,
with the grey of paper in the shade, lines and squares, what is written behind, and the camera's blur and noise.
"""

import math
import random

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from glyphic.notations.text_looks import compressed

Grey = npt.NDArray[np.uint8]  # (H, W)
Light = npt.NDArray[np.float32]  # (H, W)


def pictured(ink: Grey, line: float, unit: float, rng: random.Random) -> Grey:
    """ink: (H, W), 255 = nothing written, lines of about `line` and bonds of about `unit` pixels -> the picture."""
    kind = rng.random()
    if kind < 0.6:
        return _cleaned(ink, line, rng)
    if kind < 0.97:
        return _photographed(ink, line, unit, rng)
    return _on_board(ink, line, rng)


def _cleaned(ink: Grey, line: float, rng: random.Random) -> Grey:
    """Black on white: thresholded, or smoothed by a program that makes photographs look like scans."""
    kind = rng.random()
    if kind < 0.35:
        return ink
    level = rng.uniform(0.45, 0.75) if line > 1.6 else rng.uniform(0.65, 0.82)
    grey = ink.astype(np.float32)
    if kind < 0.7:
        least = 0.8 * 255 * (level - 1)  # not so dark that paper would become ink
        grey += (_clouds(ink.shape, rng.uniform(1.5, 3.0), rng) * np.float32(rng.uniform(0, 40))).clip(least, 80)
    black = np.where(grey < 255 * level, np.uint8(0), np.uint8(255))
    if rng.random() < 0.5:  # shrunk after the threshold
        black = np.asarray(Image.fromarray(black).filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 0.8))))
    return _stripped(black, rng) if rng.random() < 0.06 else black


def _stripped(picture: Grey, rng: random.Random) -> Grey:
    """A few grey remains of what the program took for ink, at the edge of the sheet."""
    result = picture.copy()
    height, width = result.shape
    for _ in range(rng.randint(1, 4)):
        x, y = rng.randrange(width), rng.choice((rng.randrange(3), height - 1 - rng.randrange(3)))
        result[y, x:x + rng.randint(2, max(3, width // 8))] = rng.randint(90, 200)
    return result


def _photographed(ink: Grey, line: float, unit: float, rng: random.Random) -> Grey:
    paper, dark = rng.uniform(0.5, 0.95), rng.uniform(0.05, 0.4)
    sheet = np.full(ink.shape, 255, np.uint8)
    kind = rng.random()
    if kind < 0.45:
        sheet = _ruled(ink.shape, unit, kind < 0.17, rng)
    if rng.random() < 0.25:  # the back of the sheet
        behind = Image.fromarray(ink[:, ::-1]).filter(ImageFilter.GaussianBlur(rng.uniform(0.8, 2.0)))
        faint = 255 - (255 - np.asarray(behind, np.float32)) * np.float32(rng.uniform(0.03, 0.14))
        sheet = np.minimum(sheet, np.roll(faint, rng.randint(-8, 8), axis=0).astype(np.uint8))
    scene = sheet.astype(np.float32) * np.float32(paper / 255)
    cover = (255 - ink.astype(np.float32)) / np.float32(255)
    if rng.random() < 0.35:  # pencil: the grain of the paper stays white
        cover *= (0.8 + 0.35 * _clouds(ink.shape, rng.uniform(1.0, 2.0), rng)).clip(0.25, 1)
        dark = rng.uniform(0.2, 0.5)
    scene += (np.float32(dark * paper) - scene) * cover
    scene *= _light(ink.shape, rng)
    if rng.random() < 0.5:
        scene += _clouds(ink.shape, rng.uniform(2.0, 6.0), rng) * np.float32(rng.uniform(0.003, 0.015))
    noise = _clouds(ink.shape, 1.0 if rng.random() < 0.5 else 1.8, rng)
    scene += noise * np.float32(rng.uniform(0.0, 0.03))
    picture = (scene.clip(0, 1) * 255).astype(np.uint8)
    if rng.random() < 0.6:
        blur = ImageFilter.GaussianBlur(rng.uniform(0.3, 0.35 + 0.3 * line))
        picture = np.asarray(Image.fromarray(picture).filter(blur))
    if rng.random() < 0.12:
        picture = _cut_out(picture, rng)
    if rng.random() < 0.5:
        picture = compressed(picture, rng.randint(35, 90))
    return picture


def _on_board(ink: Grey, line: float, rng: random.Random) -> Grey:
    """Chalk on a blackboard, or a tablet in dark mode: light on dark."""
    board, chalk = rng.uniform(0.05, 0.35), rng.uniform(0.75, 1.0)
    cover = (255 - ink.astype(np.float32)) / np.float32(255)
    if rng.random() < 0.6:
        cover *= (0.85 + 0.3 * _clouds(ink.shape, rng.uniform(1.0, 1.8), rng)).clip(0.3, 1)
    scene = board + np.float32(rng.uniform(0.0, 0.03)) * _clouds(ink.shape, rng.uniform(4.0, 30.0), rng)
    scene = (scene + (np.float32(chalk) - scene) * cover) * _light(ink.shape, rng)
    return (scene.clip(0, 1) * 255).astype(np.uint8)


def _ruled(shape: tuple[int, ...], unit: float, squared: bool, rng: random.Random) -> Grey:
    """Lines of an exercise book, a little askew."""
    height, width = shape[0], shape[1]
    sheet = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(sheet)
    tone, pitch = rng.randint(145, 232), unit * rng.uniform(1.2, 3.5) * (0.6 if squared else 1.0)
    thick, slope = rng.choice((1, 1, 2)) if unit > 20 else 1, rng.gauss(0, 0.015)
    y = rng.uniform(-pitch, 0)
    while y < height + pitch:
        draw.line((0, y, width, y + slope * width), tone, thick)
        y += pitch
    if squared:
        x = rng.uniform(-pitch, 0)
        while x < width + pitch:
            draw.line((x, 0, x - slope * height, height), tone, thick)
            x += pitch
    return np.asarray(sheet)


def _light(shape: tuple[int, ...], rng: random.Random) -> Light:
    """Light that falls off to one side, in large clouds, or at the edge of a shadow; all of it between 0.4 and 1."""
    height, width = shape[0], shape[1]
    y, x = np.linspace(-1, 1, height, dtype=np.float32)[:, None], np.linspace(-1, 1, width, dtype=np.float32)[None]
    angle, depth = rng.uniform(0, math.tau), rng.uniform(0.0, 0.3)
    light = 1 - np.float32(depth) * (0.5 + 0.35 * (math.cos(angle) * x + math.sin(angle) * y))
    kind = rng.random()
    if kind < 0.3:
        clouds = _clouds(shape, max(height, width) / rng.uniform(1.5, 4.0), rng)
        light = light * (1 - np.float32(rng.uniform(0.02, 0.09)) * (clouds + 1).clip(0, 2))
    elif kind < 0.38:
        side = math.cos(angle) * y + math.sin(angle) * x - np.float32(rng.uniform(-0.8, 0.8))
        depth = rng.uniform(0.08, 0.25)
        steep = (-side * np.float32(rng.uniform(8, 60))).clip(-30, 30)
        light = light * (1 - np.float32(depth) / (1 + np.exp(steep)))
    return np.asarray(light.clip(0.4, 1), np.float32)


def _cut_out(picture: Grey, rng: random.Random) -> Grey:
    """White beyond an outline around what is written, as programs leave that cut questions out of pages."""
    height, width = picture.shape
    outline = Image.new("L", (width, height), 0)
    edge = 0.06
    points = []
    for t in np.linspace(0, 1, 6)[:-1]:
        points.append((t * width, rng.uniform(0, edge) * height))
    for t in np.linspace(0, 1, 4)[:-1]:
        points.append((width * (1 - rng.uniform(0, 0.3 * edge)), t * height))
    for t in np.linspace(1, 0, 6)[:-1]:
        points.append((t * width, height * (1 - rng.uniform(0, edge))))
    for t in np.linspace(1, 0, 4)[:-1]:
        points.append((width * rng.uniform(0, 0.3 * edge), t * height))
    ImageDraw.Draw(outline).polygon(points, fill=255)
    return np.where(np.asarray(outline) > 0, picture, np.uint8(255))


def _clouds(shape: tuple[int, ...], grain: float, rng: random.Random) -> Light:
    """(H, W) smooth noise of about unit variance, `grain` pixels a cell."""
    height, width = shape[0], shape[1]
    coarse = max(2, round(height / grain)), max(2, round(width / grain))
    noise = np.random.Generator(np.random.SFC64(rng.getrandbits(64))).standard_normal(coarse, np.float32)
    if coarse == (height, width):
        return noise
    return np.asarray(Image.fromarray(noise).resize((width, height), Image.Resampling.BILINEAR)) * np.float32(1.3)
