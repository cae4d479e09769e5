"""Drawings for the tests of molecules: random ones, and what may be done to them."""

import math
import random

import numpy as np
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from glyphic.notations.molecule import sampler
from glyphic.notations.molecule.graph import DIRECTED, Arrow, Atom, Bond, Circle, Drawing, Plus, Scheme

SEEDS = st.integers(0, 10**6)
DRAWINGS = SEEDS.map(lambda seed: sampler.drawing(random.Random(seed)))
SCHEMES = SEEDS.map(lambda seed: sampler.scheme(random.Random(seed)))


def shuffled(drawing: Drawing, rng: random.Random) -> Drawing:
    """The same drawing with its atoms, bonds, circles and the ends of undirected bonds in another order."""
    order = list(range(len(drawing.atoms)))
    rng.shuffle(order)
    place = {old: new for new, old in enumerate(order)}
    bonds = [Bond(*((place[b.begin], place[b.end]) if b.kind in DIRECTED or rng.random() < 0.5
                    else (place[b.end], place[b.begin])), b.kind) for b in drawing.bonds]
    rng.shuffle(bonds)
    circles = []
    for circle in drawing.circles:
        ring = [place[i] for i in circle.atoms]
        start = rng.randrange(len(ring))
        ring = ring[start:] + ring[:start]
        circles.append(Circle(tuple(ring[::rng.choice((1, -1))]), circle.x, circle.y))
    rng.shuffle(circles)
    return Drawing(tuple(drawing.atoms[i] for i in order), tuple(bonds), tuple(circles))


def mapped(scheme: Scheme, change) -> Scheme:
    """The line with every drawing changed."""
    def part(p):
        if isinstance(p, Drawing):
            return change(p)
        if isinstance(p, Arrow):
            return Arrow(p.kind, tuple(map(part, p.above)), tuple(map(part, p.below)))
        return Plus()

    return Scheme(tuple(map(part, scheme.parts)))


def moved(drawing: Drawing, dx: float, dy: float, scale: float) -> Drawing:
    """The drawing elsewhere on the page, and larger or smaller."""
    return Drawing(tuple(Atom(a.text, a.x * scale + dx, a.y * scale + dy) for a in drawing.atoms), drawing.bonds,
                   tuple(Circle(c.atoms, c.x * scale + dx, c.y * scale + dy) for c in drawing.circles))


def pictured(drawing: Drawing, unit: float = 22.0, margin: float = 16.0) -> tuple[np.ndarray, np.ndarray]:
    """Plain lines and letters -> the picture (H, W) float32, 1 = paper, and (N, 2) where its atoms are; needs no fonts
    of the machine."""
    points = np.array([(atom.x, atom.y) for atom in drawing.atoms]) * unit
    points += margin - points.min(0)
    width, height = (8 * math.ceil(side / 8) for side in points.max(0) + margin)
    picture = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(picture)
    for bond in drawing.bonds:
        begin, end = points[bond.begin], points[bond.end]
        aside = (end - begin)[::-1] * (-0.1, 0.1)
        for shift in ((aside, -aside) if bond.kind == "double" else (0.0,)):
            draw.line([*(begin + shift - 0.5), *(end + shift - 0.5)], fill=0, width=2)
    font = ImageFont.load_default(size=0.5 * unit)
    for atom, (x, y) in zip(drawing.atoms, points, strict=True):
        if atom.text:
            draw.rectangle([x - 0.3 * unit, y - 0.3 * unit, x + 0.3 * unit, y + 0.3 * unit], fill=255)
            draw.text((x, y), atom.text[0], fill=0, font=font, anchor="mm")
    return np.asarray(picture, np.float32) / 255, points
