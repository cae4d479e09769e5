"""A text becomes the picture of a word or line as cameras, scanners and screens show it; its letters' centres too.

In the manner of MJSynth (Jaderberg et al. 2014) and SynthTIGER (Yim et al. 2021): letters of a random face, laid out
with what stands around them, bent and turned by one map into a tight or loose crop (this file), then painted and
photographed (text_looks.py). Everything follows from the random source and the fonts of the machine. Letters: H, W
height and width in pixels.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from glyphic.core.images import spread_contrast
from glyphic.core.notation import Rendering
from glyphic.notations import text_fonts, text_looks

Mask = npt.NDArray[np.float32]  # (H, W) in [0, 1]: how much of each pixel is letter
Point = tuple[float, float]

LEGIBLE = 9.0  # pixels of a capital
NEIGHBOURS = "SALE open 24 the of Hotel No. 7 Exit www East Grand and 1950 STREET coffee by Menu OFF you Park & in"


def render(text: str, rng: random.Random) -> npt.NDArray[np.uint8]:
    """(H, W) uint8, 255 = paper: as `render_many`, without the marks."""
    return drawn(text, rng).pixels


def render_many(texts: Sequence[str], rng: random.Random) -> list[Rendering | None]:
    """Each text in a look of its own; None for one that no installed font can draw.

    Light letters on dark ground come as what every reading makes of them: with bright paper, in the full range of
    greys. Marks are the centres of the characters, without the spaces.
    """
    return [drawn(text, rng) if text and text_fonts.drawable(text) else None for text in texts]


def drawn(text: str, rng: random.Random) -> Rendering:
    """One text in a random look; NotationError for a character that no installed font draws."""
    height = min(max(rng.lognormvariate(math.log(28), 0.38), 10.0), 56.0)  # of the letters' box, in pixels
    lettering = lay_out(text, height, rng)
    warp = Warp.of(lettering.box, height, rng)
    letters = 0.7 * lettering.size * warp.scale(lettering.box)  # capitals are so high; a curve takes more room
    if letters < LEGIBLE:
        warp = Warp.of(lettering.box, height * LEGIBLE / letters, rng)
        letters = 0.7 * lettering.size * warp.scale(lettering.box)
    mask = warp.of_mask(lettering.canvas)
    for _ in range(4):
        behind = _distraction(warp, letters, rng)
        clean = spread_contrast(text_looks.photographed(text_looks.painted(mask, behind, letters, rng), letters, rng))
        if clean.min() < 0.5:  # else so faint that a reading would call it blank
            break
    last_y, last_x = mask.shape
    marks = [(c, *warp.forward(x, y)) for c, x, y in lettering.marks]
    return Rendering((clean * 255).round().astype(np.uint8),
                     tuple((c, min(max(x, 0.0), last_x - 1.0), min(max(y, 0.0), last_y - 1.0)) for c, x, y in marks))


@dataclass(frozen=True)
class Lettering:
    """Letters on a canvas, before they are turned: `box` is that of the text alone, without what stands around it."""

    canvas: Image.Image  # L, 255 = letter
    box: tuple[float, float, float, float]
    marks: tuple[tuple[str, float, float], ...]
    size: int  # pixels an em


def lay_out(text: str, height: float, rng: random.Random, alone: bool = False) -> Lettering:
    """The text in a random face, size, spacing and curve; now and then with parts of other lines and words."""
    face = text_fonts.choose(text, rng)
    size = min(max(round(height * rng.uniform(1.3, 1.7)), 14), 96)  # capitals of 0.7 em are then about as drawn
    font = text_fonts.opened(face, size)
    spacing = size * (rng.uniform(-0.04, 0.03) if rng.random() < 0.6 else max(0.0, rng.gauss(0.08, 0.12)))
    pens, end = _pens(text, font, spacing)
    pad = size
    base = round(1.6 * size) + pad // 2
    canvas = Image.new("L", (math.ceil(end) + 2 * pad, round(3.2 * size) + pad))
    draw = ImageDraw.Draw(canvas)
    marks = []
    for c, pen in zip(text, pens, strict=True):
        if c == " ":
            continue
        draw.text((pad + pen, base), c, 255, font, "ls")
        left, top, right, bottom = font.getbbox(c, anchor="ls")
        marks.append((c, pad + pen + (left + right) / 2, base + (top + bottom) / 2))
    box = canvas.getbbox() or (pad, base - size // 2, pad + 1, base)
    least = round(0.22 * size)  # a dash or dot stands in a line of some height
    middle = (box[1] + box[3]) // 2
    box = (box[0], min(box[1], middle - least), box[2], max(box[3], middle + least))
    if not alone:
        _surround(draw, font, face, box, base, size, rng)
    if rng.random() < 0.16:
        return _curved(canvas, box, marks, size, rng)
    return Lettering(canvas, tuple(map(float, box)), tuple(marks), size)  # type: ignore[arg-type]


def _pens(text: str, font: ImageFont.FreeTypeFont, spacing: float) -> tuple[list[float], float]:
    """Where each character begins, kerning included, and where the last one ends."""
    ends = [font.getlength(text[:k]) for k in range(len(text) + 1)]
    return [end + k * spacing for k, end in enumerate(ends[:-1])], max(ends[-1] + (len(text) - 1) * spacing, 1.0)


def _surround(draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont, face: text_fonts.Face,
              box: tuple[int, int, int, int], base: int, size: int, rng: random.Random) -> None:
    """Other lines above and below, other words at the sides, rules: whatever a careless crop shows a part of."""
    def other() -> str:
        words = " ".join(rng.choices(NEIGHBOURS.split(), k=rng.randint(1, 4)))
        return words.upper() if face.capitals or rng.random() < 0.3 else words

    left, top, right, bottom = box
    if rng.random() < 0.22:
        for side in rng.choice(((-1,), (1,), (-1, 1))):
            leading = max(size * rng.uniform(0.85, 1.3), (bottom - top) * 1.05)
            draw.text((left + rng.uniform(-1.5, 0.5) * size, base + side * leading), other(), 255, font, "ls")
    if rng.random() < 0.12:
        gap = size * rng.uniform(0.25, 0.5)
        if rng.random() < 0.5:
            draw.text((left - gap, base), other(), 255, font, "rs")
        else:
            draw.text((right + gap, base), other(), 255, font, "ls")
    if rng.random() < 0.05:  # underlined, boxed in, or beside the edge of a sign
        thick, gap = max(1, round(size * rng.uniform(0.02, 0.09))), round(size * rng.uniform(0.1, 0.3))
        frame = (left - gap, top - gap, right + gap, bottom + gap)
        if rng.random() < 0.4:
            draw.rectangle(frame, outline=255, width=thick)
        else:
            y = frame[3] if rng.random() < 0.7 else frame[1]
            draw.line((frame[0], y, frame[2], y), fill=255, width=thick)


def _curved(canvas: Image.Image, box: tuple[int, int, int, int], marks: list[tuple[str, float, float]], size: int,
            rng: random.Random) -> Lettering:
    """Columns moved up and down along an arc, or a wave."""
    left, top, right, bottom = box
    width = max(right - left, 1)
    rise = min(0.2 * width, 0.9 * size) * rng.uniform(0.2, 1.0) * rng.choice((-1, 1))
    wave = rng.random() < 0.3
    phase, turns = rng.uniform(0, math.tau), rng.uniform(0.6, 1.3)

    def shift(x: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        along = np.clip((x - left) / width, -0.2, 1.2)
        if wave:
            return 0.4 * rise * np.sin(phase + math.tau * turns * along)
        return rise * ((2 * along - 1) ** 2 - 0.5)

    pixels = np.asarray(canvas)
    moved = shift(np.arange(pixels.shape[1]) + 0.5)
    whole = np.floor(moved).astype(np.int64)
    part = (moved - whole).astype(np.float32)
    rows = np.arange(len(pixels))[:, None] - whole
    columns = np.arange(pixels.shape[1])
    near = pixels[rows.clip(0, len(pixels) - 1), columns]
    far = pixels[(rows - 1).clip(0, len(pixels) - 1), columns]
    bent = Image.fromarray((near * (1 - part) + far * part).astype(np.uint8))
    inside = shift(np.linspace(left, right, 9))
    frame = (float(left), top + float(inside.min()), float(right), bottom + float(inside.max()))
    return Lettering(bent, frame, tuple((c, x, y + float(shift(np.array([x]))[0])) for c, x, y in marks), size)


@dataclass(frozen=True)
class Warp:
    """The plane of the letters as a camera sees it: a homography from the canvas to a crop of (H, W) pixels."""

    matrix: npt.NDArray[np.float64]  # (3, 3) canvas -> crop
    shape: tuple[int, int]

    @classmethod
    def of(cls, box: tuple[float, float, float, float], height: float, rng: random.Random) -> "Warp":
        """A view of `box` whose turned outline is `height` pixels high, with random margins around it."""
        left, top, right, bottom = box
        flat, tall = right - left, bottom - top
        half_w, half_h = 0.5 * flat / tall * rng.lognormvariate(-0.1, 0.22), 0.5
        corners = np.array([(-half_w, -half_h), (half_w, -half_h), (half_w, half_h), (-half_w, half_h)])
        kind = rng.random()
        if kind > 0.35:  # the others are seen straight
            strong = 2.5 if kind > 0.88 else 1.0
            corners[:, 0] += corners[:, 1] * rng.gauss(0, 0.12 * strong)  # shear
            near, over = rng.gauss(0, 0.09 * strong), rng.gauss(0, 0.05 * strong)  # one side nearer, one end nearer
            corners[:, 1] *= 1 + np.sign(corners[:, 0]) * min(max(near, -0.5), 0.5)
            corners[:, 0] *= 1 + np.sign(corners[:, 1]) * min(max(over, -0.4), 0.4)
            angle = rng.gauss(0, math.radians(3.5 * strong))
            cos, sin = math.cos(angle), math.sin(angle)
            corners = corners @ np.array([(cos, sin), (-sin, cos)])
        (x0, y0), (x1, y1) = corners.min(0), corners.max(0)
        wide = rng.random()
        # the part of the letters' height that is left around them; below 0 it cuts into them
        low, high = (-0.02, 0.08) if wide < 0.3 else (0.0, 0.3) if wide < 0.88 else (0.1, 0.9)
        up, down, before, after = (rng.uniform(low, high) for _ in range(4))
        outer_w, outer_h = x1 - x0 + before + after, y1 - y0 + up + down
        scale = height / (y1 - y0)
        if wide < 0.15:  # sharper than the crop's size: letters of a few pixels are blurred by the reading anyway
            scale *= 1.2
        shape = max(8, round(outer_h * scale)), max(8, round(min(outer_w * scale, 1200)))
        target = (corners - (x0 - before, y0 - up)) * scale
        source = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)
        return cls(_homography(source, target), shape)

    def of_mask(self, canvas: Image.Image) -> Mask:
        """canvas: L -> (H, W) in [0, 1] of what the crop shows of it."""
        inverse = np.linalg.inv(self.matrix)
        inverse = (inverse / inverse[2, 2]).ravel()
        seen = canvas.transform(self.shape[::-1], Image.Transform.PERSPECTIVE, inverse[:8].tolist(),
                                Image.Resampling.BILINEAR)
        return np.asarray(seen, np.float32) / np.float32(255)

    def scale(self, box: tuple[float, float, float, float]) -> float:
        """Pixels of the crop for one of the canvas, in the middle of the box."""
        w = self.matrix[2] @ ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 1.0)
        return math.sqrt(abs(float(np.linalg.det(self.matrix) / w ** 3)))

    def forward(self, x: float, y: float) -> Point:
        u, v, w = self.matrix @ (x, y, 1.0)
        return float(u / w), float(v / w)


def _homography(source: npt.NDArray[np.float64], target: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(4, 2) and (4, 2) -> the (3, 3) map that takes each point of `source` to that of `target`."""
    rows = np.zeros((8, 8))
    rows[::2, :2] = rows[1::2, 3:5] = source
    rows[::2, 2] = rows[1::2, 5] = 1
    rows[::2, 6:], rows[1::2, 6:] = -source * target[:, :1], -source * target[:, 1:]
    return np.append(np.linalg.solve(rows, target.ravel()), 1.0).reshape(3, 3)


def _distraction(warp: Warp, height: float, rng: random.Random) -> Mask | None:
    """Other letters behind the text, of any size, now and then (SynthTIGER's mid-ground)."""
    if rng.random() > 0.06:
        return None
    letters = lay_out(rng.choice(NEIGHBOURS.split()), height * rng.uniform(0.5, 1.4), rng, alone=True)
    canvas = Image.new("L", warp.shape[::-1])
    canvas.paste(letters.canvas, (rng.randint(-round(2 * height), warp.shape[1]), rng.randint(-round(2 * height), 0)))
    return np.asarray(canvas, np.float32) / np.float32(255)
