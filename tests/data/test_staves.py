"""A staff is laid level for its pack; a packed one becomes a picture as high as staves are read, its marks on it."""

import random

import numpy as np
import pytest
from PIL import Image as Pillow

from glyphic.core.images import fit
from glyphic.core.options import InputSpec
from glyphic.data.packs import Packed
from glyphic.data.staves import LAID, laid, staved

SPEC = InputSpec(staff_space=8.0, max_height=96, max_width=512, margin=4, multiple=16)
HEADS = ((100, 0), (180, -3), (260, 4))  # x and half spaces above the middle line, for a space of ten pixels


def drawn(space=10, heads=HEADS):
    """Five lines and black heads: (H, W) in [0, 1], and the heads' marks."""
    pixels = np.ones((12 * space, 35 * space), np.float32)
    for line in range(4, 9):
        pixels[line * space, 5:-5] = 0
    y, x = np.indices(pixels.shape)
    marks = []
    for at, step in heads:
        at, middle = at * space / 10, 6 * space - step * space / 2
        pixels[(x - at) ** 2 + (y - middle) ** 2 < (0.5 * space) ** 2] = 0
        marks.append((f"head{step}", at, middle))
    return pixels, marks


def packed(space=10, heads=HEADS):
    level, size, marks = laid(*drawn(space, heads))
    numbered = [(number, x, y) for number, (_, x, y) in enumerate(marks)]
    return Packed(level, size, np.array([3, 4]), np.array(numbered, np.float32).reshape(-1, 3))


@pytest.mark.parametrize("space", [6, 10, 23])
@pytest.mark.parametrize("degrees", [0, 4])
def test_a_laid_staff_is_level_at_one_space_whatever_the_picture_was(space, degrees):
    pixels, _ = drawn(space, heads=())
    turned = Pillow.fromarray((pixels * 255).astype(np.uint8)).rotate(degrees, Pillow.Resampling.BILINEAR, expand=True,
                                                                      fillcolor=255)
    level, size, marks = laid(np.asarray(turned, np.float32) / 255)
    assert (len(level), size, list(marks)) == (LAID.max_height, LAID.staff_space, [])
    middle = level[:, 40:-40].mean(axis=1)
    for line in range(-2, 3):
        at = (LAID.max_height - 1) / 2 + line * size
        assert middle[round(at) - 1:round(at) + 2].min() < middle[round(at + size / 2)] - 40


def test_marks_are_laid_with_their_heads():
    level, size, marks = laid(*drawn())
    assert [name for name, _, _ in marks] == ["head0", "head-3", "head4"]
    for (_, x, y), (_, step) in zip(marks, HEADS, strict=True):
        assert y == pytest.approx((LAID.max_height - 1) / 2 - step * size / 2, abs=1.0)
        assert level[round(y) - 2:round(y) + 3, round(x) - 2:round(x) + 3].mean() < 60


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_every_staff_has_the_height_of_the_spec_and_at_most_its_width(strength):
    for seed in range(10):
        image, marks = staved(packed(10 + seed), SPEC, strength, 0.1, random.Random(seed))
        assert image.shape[0] == 96 and image.shape[1] % 16 == 0 and image.shape[1] <= 512
        assert image.dtype == np.float32 and image.min() >= 0 and image.max() <= 1
        assert marks.shape == (3, 3)


@pytest.mark.parametrize("space", [9, 14, 20])
def test_without_strength_it_is_nearly_what_a_reading_fits(space):
    image, _ = staved(packed(space), SPEC, 0.0, 0.0, random.Random(0))
    read = fit(drawn(space)[0], SPEC).pixels
    assert abs(image.shape[1] - read.shape[1]) <= SPEC.multiple
    width = min(image.shape[1], read.shape[1])
    seen, wanted = (1 - picture[:, :width].ravel() for picture in (image, read))
    assert float(np.corrcoef(seen, wanted)[0, 1]) > 0.93, "a pixel beside it gives 0.5"


def test_the_same_seed_gives_the_same_picture_and_another_another():
    first, again, other = (staved(packed(), SPEC, 1.0, 0.1, random.Random(seed))[0] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or np.abs(first - other).max() > 0.01


def test_marks_stay_on_their_heads_and_heads_on_their_lines():
    for seed in range(30):
        image, marks = staved(packed(), SPEC, 1.0, 0.05, random.Random(seed))
        for (_, x, y), (_, step) in zip(marks, HEADS, strict=True):
            assert image[round(y) - 1:round(y) + 2, round(x) - 1:round(x) + 2].mean() < 0.5, seed
            assert y == pytest.approx(47.5 - 4 * step, abs=5.0), seed


def test_a_staff_far_smaller_than_its_estimate_gets_more_paper():
    for seed in range(20):
        image, marks = staved(packed(), SPEC, 1.0, 0.8, random.Random(seed))
        assert image.shape[0] == 96 and marks[:, 2].min() >= 0 and marks[:, 2].max() <= 95


def test_blank_paper_stays_blank():
    level, size, marks = laid(np.ones((50, 90), np.float32), [("a", 5, 5)])
    assert (level == 255).all() and not marks
    image, _ = staved(Packed(level, size, np.array([3]), np.zeros((0, 3), np.float32)), SPEC, 0.0, 0.0,
                      random.Random(0))
    assert (image == 1).all()
