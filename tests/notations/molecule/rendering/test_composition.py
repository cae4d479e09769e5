"""Where labels, strokes and parts of a line come to stand."""

import math
import random
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphic.notations.molecule import sampler
from glyphic.notations.molecule.graph import Arrow, Atom, Bond, BondKind, Drawing, Plus, Scheme
from glyphic.notations.molecule.rendering import penstrokes
from glyphic.notations.molecule.rendering.composition import composed
from glyphic.notations.molecule.rendering.labels import set_label
from glyphic.notations.molecule.rendering.lettering import Type, family
from glyphic.notations.molecule.rendering.style import Style

STYLE = Style(unit=100.0)
LEFT, RIGHT, UP, DOWN = (-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0)
few = settings(max_examples=25, deadline=None)


@pytest.fixture(scope="module")
def type():
    return Type(family("helvetica")[0], random.Random(0))


def middle(box):
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


@pytest.mark.parametrize(("text", "direction", "letter"), [
    ("NH2", LEFT, 0), ("H2N", RIGHT, 2), ("MeO", RIGHT, 2), ("OMe", LEFT, 0), ("F3C", RIGHT, 2), ("CO2Me", LEFT, 0),
    ("HO2C", RIGHT, 3), ("OH", UP, 0), ("HO", UP, 1), ("H3C", UP, 2), ("CH3", UP, 0), ("O2N", DOWN, 2),
    ("CH3", RIGHT, 0), ("^{13}CH3", LEFT, 2), ("N^+", LEFT, 0), ("R^1", RIGHT, 0), ("H", UP, 0)])
def test_bonds_aim_at_the_letter_that_bears_them(type, text, direction, letter):
    glyphs = set_label(text, [direction], STYLE, type).glyphs
    assert math.dist(middle(glyphs[letter].box), (0, 0)) < 0.1 * STYLE.unit


def test_digits_hang_charges_stand_and_stacked_letters_lie_below_each_other(type):
    n, h, two = set_label("NH2", [LEFT], STYLE, type).glyphs
    assert two.y > n.y == h.y and two.size < n.size
    n, plus = set_label("N^+", [LEFT], STYLE, type).glyphs
    assert plus.y < n.y and plus.size < n.size
    n, h = set_label("N\nH", [UP], STYLE, type).glyphs
    assert h.box[1] > n.box[3] and abs(middle(h.box)[0] - middle(n.box)[0]) < 2
    h, n = set_label("H\nN", [DOWN], STYLE, type).glyphs
    assert h.box[3] < n.box[1] and math.dist(middle(n.box), (0, 0)) < 3


@given(seed=st.integers(0, 2 ** 32))
@few
def test_no_bond_ends_in_the_letters_of_its_own_atoms(seed):
    rng = random.Random(seed)
    letters = Type(family("helvetica")[0], rng)
    sheet = composed(sampler.drawing(rng, 15), STYLE, letters, rng)
    boxes = {}
    for glyph in sheet.glyphs:
        boxes.setdefault(glyph.atom, []).append(glyph.box)
    inside = tried = 0
    for stroke in sheet.strokes:
        if stroke.plain:
            (x0, y0), (x1, y1) = stroke.points[0], stroke.points[-1]
            if math.dist((x0, y0), (x1, y1)) < 0.15 * STYLE.unit:
                continue  # squeezed between two labels of a ring
            for atom, (x, y) in zip(stroke.atoms, ((x0, y0), (x1, y1)), strict=True):
                for left, top, right, bottom in boxes.get(atom, ()):
                    tried += 1
                    inside += left < x < right and top < y < bottom
    assert inside == 0, tried


def test_bonds_between_wide_labels_are_longer_and_keep_their_direction(type):
    texts = ("CH3", "CH2", "CH2", "CH2CH2OH")
    for degrees in (0, 30, 90, 200):
        dx, dy = math.cos(math.radians(degrees)), -math.sin(math.radians(degrees))
        chain = Drawing(tuple(Atom(t, i * dx, i * dy) for i, t in enumerate(texts)),
                        tuple(Bond(i, i + 1) for i in range(3)))
        sheet = composed(chain, STYLE, type, random.Random(0))
        for stroke in sheet.strokes:
            (x0, y0), (x1, y1) = stroke.points
            assert math.dist(*stroke.points) > 0.9 * STYLE.least * STYLE.unit
            a, b = (sheet.atoms[i][1:] for i in stroke.atoms)
            assert (x1 - x0) * dx + (y1 - y0) * dy > 0 and math.dist(a, b) > 0.9 * STYLE.unit


def test_labels_of_neighbouring_branches_do_not_overlap(type):
    """CH3 below each of two neighbours, as in the labels of chains."""
    atoms = (Atom("CH", 0, 0), Atom("CH", 1, 0), Atom("CH2CH3", 0, 1), Atom("CH2CH3", 1, 1))
    sheet = composed(Drawing(atoms, (Bond(0, 1), Bond(0, 2), Bond(1, 3))), STYLE, type, random.Random(0))
    for one, other in combinations(sheet.glyphs, 2):
        if one.atom != other.atom:
            assert one.box[2] <= other.box[0] or other.box[2] <= one.box[0] or \
                one.box[3] <= other.box[1] or other.box[3] <= one.box[1]


def test_second_lines_of_a_ring_lie_inside_and_are_shorter(type):
    corners = [(math.cos(math.radians(60 * k)), math.sin(math.radians(60 * k))) for k in range(6)]
    ring = Drawing(tuple(Atom("", x, y) for x, y in corners),
                   tuple(Bond(k, (k + 1) % 6, (BondKind.DOUBLE, BondKind.SINGLE)[k % 2]) for k in range(6)))
    sheet = composed(ring, STYLE, type, random.Random(0))
    outer = [s for s in sheet.strokes if s.plain]
    inner = [s for s in sheet.strokes if not s.plain]
    assert len(outer) == 6 and len(inner) == 3
    reach = [np.hypot(*np.mean(s.points, axis=0)) for s in (*outer, *inner)]
    assert max(reach[6:]) < min(reach[:6]) - 0.1 * STYLE.unit
    assert max(math.dist(*s.points) for s in inner) < 0.95 * STYLE.unit


def test_hashes_widen_away_from_the_narrow_end_and_wedges_too(type):
    for begin, end in ((0, 1), (1, 0)):
        for kind in (BondKind.WEDGE, BondKind.HASH, BondKind.HOLLOW):
            drawing = Drawing((Atom("", 0, 0), Atom("", 1, 0)), (Bond(begin, end, kind),))
            points = np.array([p for s in composed(drawing, STYLE, type, random.Random(0)).strokes for p in s.points])
            middle_x = (points[:, 0].min() + points[:, 0].max()) / 2
            left, right = (np.abs(points[side, 1]).max() for side in (points[:, 0] < middle_x, points[:, 0] > middle_x))
            assert (left < right) == (begin == 0)


def test_what_stands_at_an_arrow_stands_above_and_below_it(type):
    fe, heat = Drawing((Atom("FeBr3", 0, 0),)), Drawing((Atom("80℃", 0, 0),))
    scheme = Scheme((Drawing((Atom("Br2", 0, 0),)), Plus(), fe, Arrow(above=(fe,), below=(heat,)), fe))
    marks = composed(scheme, STYLE, type, random.Random(0)).marks
    ((_, x, shaft),) = [mark for mark in marks if mark[0] == "->"]
    assert any(name == "FeBr3" and y < shaft - 0.2 * STYLE.unit and abs(mx - x) < 2 for name, mx, y in marks)
    assert any(name == "80℃" and y > shaft + 0.2 * STYLE.unit and abs(mx - x) < 2 for name, mx, y in marks)


def test_every_letter_of_the_pen_stays_near_its_line_and_curves_pass_through_their_points():
    for character in penstrokes.LETTERS:
        for form in penstrokes.forms(character):
            left, bottom, right, top = form.box
            assert -0.1 <= left <= right <= 0.95 and -0.5 <= bottom <= top <= 1.2
            for points, curved in form.strokes:
                if curved:
                    assert np.allclose(penstrokes.curve(points)[::penstrokes.SAMPLES], points)
