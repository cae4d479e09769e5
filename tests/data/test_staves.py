"""A packed staff becomes a picture as high as staves are read, at any strength, with its marks where they were."""

import random

import numpy as np
import pytest

from glyphic.core.images import fit
from glyphic.core.options import InputSpec
from glyphic.data.packs import Packed
from glyphic.data.staves import staved

SPEC = InputSpec(staff_space=8.0, max_height=96, max_width=512, margin=4, multiple=16)


def packed(space=10, heads=((100, 0), (180, -3), (260, 4))):
    """Five lines and black heads at x and so many half spaces above the middle line."""
    pixels = np.full((12 * space, 35 * space), 255, np.uint8)
    for line in range(4, 9):
        pixels[line * space, 5:-5] = 0
    y, x = np.indices(pixels.shape)
    marks = []
    for at, step in heads:
        middle = 6 * space - step * space / 2
        pixels[(x - at) ** 2 + (y - middle) ** 2 < (0.5 * space) ** 2] = 0
        marks.append((0, at, middle))
    return Packed(pixels, float(space), np.array([3, 4]), np.array(marks, np.float32).reshape(-1, 3))


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_every_staff_has_the_height_of_the_spec_and_at_most_its_width(strength):
    for seed in range(10):
        image, marks = staved(packed(10 + seed), SPEC, strength, 0.1, random.Random(seed))
        assert image.shape[0] == 96 and image.shape[1] % 16 == 0 and image.shape[1] <= 512
        assert image.dtype == np.float32 and image.min() >= 0 and image.max() <= 1
        assert marks.shape == (3, 3)


def test_without_strength_it_is_what_a_reading_fits():
    sample = packed()
    image, _ = staved(sample, SPEC, 0.0, 0.0, random.Random(0))
    np.testing.assert_array_equal(image, fit(sample.pixels.astype(np.float32) / 255, SPEC).pixels)


def test_the_same_seed_gives_the_same_picture_and_another_another():
    first, again, other = (staved(packed(), SPEC, 1.0, 0.1, random.Random(seed))[0] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or np.abs(first - other).max() > 0.01


def test_marks_stay_on_their_heads_and_heads_on_their_lines():
    for seed in range(30):
        sample = packed()
        image, marks = staved(sample, SPEC, 1.0, 0.05, random.Random(seed))
        for (_, x, y), step in zip(marks, (0, -3, 4), strict=True):
            assert image[round(y) - 1:round(y) + 2, round(x) - 1:round(x) + 2].mean() < 0.5, seed
            assert y == pytest.approx(47.5 - 4 * step, abs=5.0), seed


def test_blank_paper_has_no_marks():
    blank = Packed(np.full((50, 90), 255, np.uint8), 8.0, np.array([3]), np.array([[0, 5, 5]], np.float32))
    image, marks = staved(blank, SPEC, 0.0, 0.0, random.Random(0))
    assert (image == 1).all() and not len(marks)
