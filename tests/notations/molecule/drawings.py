"""Drawings for the tests of molecules: random ones, and what may be done to them."""

import random

from hypothesis import strategies as st

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
