"""Bonds are measured by the rings that they close, at any resolution, and roughly without any."""

import math

import numpy as np
import pytest
from PIL import Image, ImageDraw

from glyphic.core.bonds import bond_length, stroke_width
from glyphic.core.images import fit
from glyphic.core.options import InputSpec

FINE = 4


def ring(draw, centre, bond, sides, width):
    radius = bond / (2 * math.sin(math.pi / sides))
    corners = [(centre[0] + radius * math.sin(2 * math.pi * (i + 0.5) / sides),
                centre[1] + radius * math.cos(2 * math.pi * (i + 0.5) / sides)) for i in range(sides)]
    draw.line([*corners, corners[0], corners[1]], 0, width, "curve")


def drawn(bond, width=2.0, rings=(6, 6), chain=3, letters=True):
    """(H, W) greys in [0, 1]: rings beside each other, a zigzag chain and some letters with holes in them."""
    unit, thick = bond * FINE, max(1, round(width * FINE))
    picture = Image.new("L", (round(unit * (3 * len(rings) + chain + 3)), round(4.5 * unit)), 255)
    draw = ImageDraw.Draw(picture)
    for i, sides in enumerate(rings):
        ring(draw, ((2 + 2.6 * i) * unit, 2 * unit), unit, sides, thick)
    start = 3 * len(rings) * unit
    draw.line([(start + 0.87 * i * unit, (2 + 0.5 * (i % 2)) * unit) for i in range(chain + 1)], 0, thick, "curve")
    if letters:
        for i in range(3):
            x, y = (1 + 2 * i) * unit, 3.6 * unit
            draw.ellipse((x, y, x + 0.42 * unit, y + 0.45 * unit), outline=0, width=thick)
    grey = np.asarray(picture.resize((picture.width // FINE, picture.height // FINE), Image.Resampling.BOX), np.float32)
    rows, columns = (np.flatnonzero((grey < 150).any(axis)) for axis in (1, 0))
    return grey[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1] / 255


@pytest.mark.parametrize("bond", [14.0, 22.5, 40.0, 75.0])
@pytest.mark.parametrize("rings", [(6,), (6, 6, 5), (5, 6)])
@pytest.mark.parametrize("width", [0.04, 0.1])
def test_rings_tell_the_bond(bond, rings, width):
    assert bond_length(drawn(bond, max(1.2, width * bond), rings) < 0.6) == pytest.approx(bond, rel=0.15)


@pytest.mark.parametrize("chain", [3, 6, 9])
def test_without_rings_the_estimate_is_rough(chain):
    assert 13 < bond_length(drawn(30.0, 2.5, (), chain, letters=False) < 0.6) < 60


@pytest.mark.parametrize("bond", [16.0, 30.0, 60.0])
@pytest.mark.parametrize("labels", [1, 2])
def test_rings_that_stand_open_at_a_label_tell_the_bond(bond, labels):
    """As a pyridine's: the strokes end before the letter."""
    picture = drawn(bond, max(1.2, 0.06 * bond), (6,), chain=6, letters=False).copy()
    assert bond_length(picture < 0.6) == pytest.approx(bond, rel=0.12)
    rows, columns = np.ogrid[:picture.shape[0], :picture.shape[1]]
    ring_left, ring_top = 0.0, picture.shape[0] / 2 - bond  # the ring is what is highest
    for corner in range(labels):  # the two leftmost corners
        x, y = ring_left + 0.05 * bond, ring_top + (0.5, 1.5)[corner] * bond
        away = np.hypot(columns - x, rows - y)
        picture[away < 0.3 * bond] = 1.0
        picture[(away < 0.2 * bond) & (away > 0.12 * bond)] = 0.0
    assert bond_length(picture < 0.6) == pytest.approx(bond, rel=0.2)


@pytest.mark.parametrize("far", [3.0, 8.0])
def test_a_caption_far_below_changes_nothing(far):
    picture = drawn(30.0, 2.0, (6, 5), letters=False)
    lower = np.ones((round(far * 30), picture.shape[1]), np.float32)
    lower[-15:, 40:43] = lower[-15:, 60:63] = 0.0
    assert bond_length(np.concatenate((picture, lower)) < 0.6) == pytest.approx(bond_length(picture < 0.6), rel=0.05)


def test_the_circle_of_an_aromatic_ring_goes_to_the_ring():
    picture = Image.fromarray((drawn(60.0, 3.0, (6, 6), letters=False) * 255).astype(np.uint8))
    plain = bond_length(np.asarray(picture) < 150)
    middle = picture.height / 2
    for x in (0.9 * 60, 3.5 * 60):  # the rings' middles; they stand 2.6 bonds apart
        ImageDraw.Draw(picture).ellipse((x - 36, middle - 36, x + 36, middle + 36), outline=0, width=3)
    assert bond_length(np.asarray(picture) < 150) == pytest.approx(plain, rel=0.1)


def test_the_holes_of_letters_are_not_taken_for_rings():
    with_letters, without = (bond_length(drawn(40.0, letters=letters) < 0.6) for letters in (True, False))
    assert with_letters == pytest.approx(without, rel=0.02)


@pytest.mark.parametrize("width", [3, 5, 9])
def test_the_width_of_strokes_is_measured_in_any_direction(width):
    for angle in (0.0, 0.3, 0.6):
        picture = Image.new("L", (400, 400), 255)
        x, y = 150 * math.cos(angle), 150 * math.sin(angle)
        ImageDraw.Draw(picture).line((200 - x, 200 - y, 200 + x, 200 + y), 0, width)
        assert stroke_width(np.asarray(picture) < 128) == pytest.approx(width, rel=0.4)


def test_a_blank_picture_has_no_bonds_but_a_size():
    assert bond_length(np.zeros((30, 50), bool)) == 50.0


@pytest.mark.parametrize("bond", [18.0, 36.0, 72.0])
def test_drawings_are_fitted_to_one_bond_length(bond):
    spec = InputSpec(bond_length=16.0, max_height=512, max_width=512)
    fitted = fit(drawn(bond, 0.06 * bond), spec)
    assert fitted.scale == pytest.approx(16.0 / bond, rel=0.15)


@pytest.mark.parametrize("chain", [3, 5, 7])
def test_letters_tell_the_scale_where_there_are_no_rings(chain):
    """Neither their holes nor what grown strokes make of them is a ring."""
    picture = drawn(30.0, 2.0, (), chain)
    assert 0.6 * 30 < bond_length(picture < 0.6) < 1.7 * 30
