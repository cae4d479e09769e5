"""Printed and handwritten pictures: they follow from the seed, hold all that is drawn, and their marks lie on it."""

import math
import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphic.core.errors import NotationError
from glyphic.notations import text_fonts
from glyphic.notations.molecule import sampler
from glyphic.notations.molecule.graph import Atom, Bond, BondKind, Drawing, Scheme
from glyphic.notations.molecule.rendering import (
    LOOKS,
    hands,
    handwriting,
    handwritten,
    lettering,
    printed,
    printing,
    render_many,
)
from glyphic.notations.molecule.rendering.composition import composed
from glyphic.notations.molecule.rendering.hands import Script
from glyphic.notations.molecule.rendering.lettering import Type
from glyphic.notations.molecule.texts import PLAIN

few = settings(max_examples=20, deadline=None)
seeds = st.integers(0, 2 ** 32)


def scheme(seed):
    return next_scheme(random.Random(seed))


def next_scheme(rng):
    """A random line whose letters some installed font draws: few machines have Chinese ones."""
    while True:
        drawn = sampler.scheme(rng)
        letters = {c for drawing in drawn.drawings for atom in drawing.atoms for c in atom.text if not c.isascii()}
        if all(map(text_fonts.drawable, letters)):
            return drawn


def inked(drawn, look, rng, margin):
    """Greys and marks of what is drawn with pure white `margin` pixels around, before any scanner or camera."""
    fine = printing.FINE
    if look == "printed":
        chosen = printing.look(rng)
        style = printing.replace(chosen.style, unit=30.0 * fine)
        chosen = printing.replace(chosen, style=style, paper=1.0, ink=0.0, coloured=0.0, highlighted=False)
        type = Type(lettering.choose(chosen.family, rng), rng)
        sheet = composed(drawn, style, type, rng)
        pixels, x0, y0 = printing.painted(sheet, chosen, type, (margin * fine,) * 4, rng)
        return pixels, [(name, (x - x0) / fine, (y - y0) / fine) for name, x, y in sheet.marks]
    hand = hands.hand(rng)
    hand = printing.replace(hand, style=printing.replace(hand.style, unit=30.0 * fine))
    script = Script.of(hand, rng)
    sheet = composed(drawn, hand.style, script, rng, jitter=hand.misplaced)
    return handwriting.painted(sheet, hand, script, (margin * fine,) * 4, rng)


@pytest.mark.parametrize("look", LOOKS)
def test_the_same_seed_gives_the_same_picture_and_another_one_another(look):
    for seed in range(8):
        drawn = scheme(seed)
        one, again, other = (LOOKS[look](drawn, random.Random(s)) for s in (seed, seed, seed + 1))
        assert one.marks == again.marks and np.array_equal(one.pixels, again.pixels)
        assert one.pixels.shape != other.pixels.shape or not np.array_equal(one.pixels, other.pixels)


@pytest.mark.parametrize("look", LOOKS)
@given(seed=seeds)
@few
def test_marks_lie_within_the_picture_and_there_is_one_for_each_part(look, seed):
    drawn = scheme(seed)
    rendering = LOOKS[look](drawn, random.Random(seed))
    height, width = rendering.pixels.shape
    assert rendering.pixels.dtype == np.uint8
    assert all(0 <= x < width and 0 <= y < height for _, x, y in rendering.marks)
    names = [name for name, _, _ in rendering.marks]
    for drawing in drawn.drawings:
        for atom in drawing.atoms:
            assert (atom.text or "C") in names
    assert sum(" " in name for name in names) == sum(len(drawing.bonds) for drawing in drawn.drawings)


@pytest.mark.parametrize("look", LOOKS)
def test_atoms_and_bonds_have_ink_at_their_marks(look):
    """Within a third of a bond: half the height of the letters, or what separates the lines of a double bond."""
    hits = tried = 0
    for seed in range(25):
        rng = random.Random(seed)
        pixels, marks = inked(sampler.drawing(rng, 12), look, rng, 10)
        for name, x, y in marks:
            if name == "circle":
                continue
            row, column = round(y), round(x)
            tried += 1
            hits += pixels[max(row - 10, 0):row + 11, max(column - 10, 0):column + 11].min() < 128
    assert tried > 300 and hits > 0.985 * tried


@pytest.mark.parametrize("look", LOOKS)
@given(seed=seeds)
@few
def test_nothing_is_clipped(look, seed):
    rng = random.Random(seed)
    pixels, _ = inked(next_scheme(rng), look, rng, 3)
    edge = np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]))
    assert pixels.min() < 100 and edge.min() > 250


@pytest.mark.parametrize("look", LOOKS)
def test_every_kind_of_bond_is_drawn_and_looks_unlike_all_others(look):
    seen = set()
    for kind in BondKind:
        atoms = (Atom("", 0, 0), Atom("", 1.0, 0.1), Atom("", -0.5, 0.8), Atom("", -0.5, -0.8), Atom("N", 1.6, 0.8))
        bonds = (Bond(0, 1, kind), Bond(0, 2), Bond(0, 3), Bond(1, 4))
        pixels, _ = inked(Drawing(atoms, bonds), look, random.Random(3), 4)
        seen.add(pixels.tobytes())
        assert pixels.min() < 100
    assert len(seen) == len(BondKind)


def test_wedges_are_filled_and_hollow_ones_are_not():
    for seed in range(10):
        ink = {}
        for kind in (BondKind.SINGLE, BondKind.HOLLOW, BondKind.WEDGE):
            drawing = Drawing((Atom("", 0, 0), Atom("", 1, 0.2)), (Bond(0, 1, kind),))
            pixels, _ = inked(drawing, "printed", random.Random(seed), 3)
            ink[kind] = int((255 - pixels.astype(int)).sum())
        assert ink[BondKind.WEDGE] > 1.1 * ink[BondKind.SINGLE] and ink[BondKind.HOLLOW] > 1.1 * ink[BondKind.SINGLE]
        assert ink[BondKind.WEDGE] != ink[BondKind.HOLLOW]
        row = np.asarray(inked(drawing, "printed", random.Random(seed), 3)[0])
        middle = row[:, int(0.75 * row.shape[1])]  # across the wide part: one run of ink, not two
        assert np.count_nonzero(np.diff((middle < 128).astype(int)) == 1) <= 1


@pytest.mark.parametrize("look", LOOKS)
def test_every_character_of_the_notation_is_drawn_or_refused_by_name(look):
    drawn = 0
    for character in PLAIN:
        drawing = Drawing((Atom(character, 0, 0),))
        try:
            pixels, _ = inked(drawing, look, random.Random(1), 3)
        except NotationError as error:
            assert repr(character) in str(error)
            assert render_many([drawing], random.Random(1), look) == [None]
            continue
        assert pixels.min() < 160, character
        drawn += 1
    assert drawn >= 90  # of Latin letters, digits and signs


@pytest.mark.parametrize("name", printing.PRESETS)
def test_every_printed_preset_keeps_the_ink_of_most_bonds_through_its_scanner(name):
    hits = tried = 0
    for seed in range(12):
        rng = random.Random(seed)
        drawing = sampler.drawing(rng, 10)
        plain = Drawing(drawing.atoms, tuple(Bond(b.begin, b.end) for b in drawing.bonds), drawing.circles)
        rendering = printed(plain, rng, name)
        paper = float(np.median(rendering.pixels))
        for mark, x, y in rendering.marks:
            if " " in mark:
                row, column = round(y), round(x)
                near = rendering.pixels[max(row - 3, 0):row + 4, max(column - 3, 0):column + 4].astype(float)
                tried += 1
                hits += np.abs(near - paper).max() > 40
    assert tried > 60 and hits > 0.97 * tried


def test_a_scheme_stands_in_one_line_from_left_to_right():
    for seed in range(30):
        rng = random.Random(seed)
        scheme = next_scheme(rng)
        if len(scheme.parts) < 3:
            continue
        rendering = handwritten(scheme, rng) if seed % 2 else printed(scheme, rng)
        signs = [x for name, x, _ in rendering.marks if name in ("->", "<-", "<->", "<=>", "=>")]
        assert signs == sorted(signs) and len(signs) == sum(hasattr(part, "kind") for part in scheme.parts)


def test_pictures_of_any_unit_of_length_look_the_same():
    drawing = sampler.drawing(random.Random(4), 9)
    larger = Drawing(tuple(Atom(a.text, 37.5 * a.x, 37.5 * a.y) for a in drawing.atoms), drawing.bonds, drawing.circles)
    one, other = (inked(d, "printed", random.Random(1), 3)[0] for d in (drawing, larger))
    assert one.shape == other.shape and np.mean(np.abs(one.astype(int) - other)) < 2


def test_wide_lines_are_drawn_smaller_but_stay_legible():
    chain = Drawing(tuple(Atom("", 0.87 * i, 0.25 * (-1) ** i) for i in range(60)),
                    tuple(Bond(i, i + 1) for i in range(59)))
    for seed in range(10):
        rendering = printed(Scheme((chain,)), random.Random(seed))
        places = [(x, y) for name, x, y in rendering.marks if name == "C"]
        assert math.dist(places[0], places[1]) > 8
        assert rendering.pixels.shape[1] < 1700


def test_speed_is_reported(record_property):
    drawings = [sampler.drawing(random.Random(seed), 25) for seed in range(20)]
    for look, draw in LOOKS.items():
        started = time.process_time()
        for seed, drawing in enumerate(drawings):
            draw(drawing, random.Random(seed))
        record_property(f"{look} pictures a second", len(drawings) / (time.process_time() - started))
