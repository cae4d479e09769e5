"""Degraded pictures follow from their source of chance, stay pictures, and keep their marks on their ink."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphic.core.images import pad, resize
from glyphic.core.options import InputSpec
from glyphic.data.degrade import degraded, resized, rotated, thresholded, with_neighbour
from glyphic.data.packs import Packed

SPEC = InputSpec(symbol_size=13.0, max_height=256, max_width=1024, margin=4, multiple=16)


def squares(seed: int = 0, count: int = 6, side: int = 16) -> Packed:
    """Black squares on paper with a mark in the middle of each; ink touches all four edges."""
    rng = np.random.default_rng(seed)
    pixels = np.full((60, 40 * count), 255, np.uint8)
    marks = []
    for i in range(count):
        top = (0, 60 - side)[i] if i < 2 else int(rng.integers(0, 60 - side))
        left = 40 * count - side if i == count - 1 else 40 * i
        pixels[top:top + side, left:left + side] = 0
        marks.append((i, left + side / 2, top + side / 2))
    return Packed(pixels, float(side), np.arange(3), np.array(marks, np.float32))


def on_ink(image, marks) -> bool:
    return all(image[int(y), int(x)] < 0.7 for _, x, y in marks)


@settings(max_examples=60, deadline=None)
@given(height=st.integers(1, 90), width=st.integers(1, 90), new_height=st.integers(2, 90), new_width=st.integers(2, 90),
       seed=st.integers(0, 99))
def test_training_resizes_as_reading_does(height, width, new_height, new_width, seed):
    image = np.random.default_rng(seed).random((height, width), dtype=np.float32)
    assert np.abs(resized(image, new_height, new_width) - resize(image, new_height, new_width)).max() < 1e-5


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**6), strength=st.floats(0, 1), jitter=st.floats(0, 0.4), symbol=st.floats(5, 40))
def test_any_picture_stays_a_picture_of_the_spec_with_its_marks_on_ink(seed, strength, jitter, symbol):
    sample = squares(seed % 17)
    spec = InputSpec(symbol_size=symbol, max_height=128, max_width=512, margin=3, multiple=16)
    image, marks = degraded(sample, spec, strength, jitter, random.Random(seed))
    assert image.dtype == np.float32 and image.ndim == 2
    assert image.shape[0] % 16 == image.shape[1] % 16 == 0
    assert image.shape[0] <= 128 and image.shape[1] <= 512
    assert np.isfinite(image).all() and image.min() >= 0 and image.max() <= 1
    assert marks.shape == sample.marks.shape and (marks[:, 0] == sample.marks[:, 0]).all()
    assert on_ink(image, marks)


def test_the_same_source_gives_the_same_bytes():
    sample = squares()
    for seed in range(40):
        (one, marks), (two, again) = (degraded(sample, SPEC, 1.0, 0.25, random.Random(seed)) for _ in range(2))
        assert one.tobytes() == two.tobytes() and marks.tobytes() == again.tobytes()
    assert len({degraded(sample, SPEC, 1.0, 0.25, random.Random(seed))[0].tobytes() for seed in range(40)}) > 35


@given(seed=st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_no_strength_is_a_plain_resize(seed):
    sample = squares()
    image, _ = degraded(sample, SPEC, 0.0, 0.0, random.Random(seed))
    height, width = sample.pixels.shape
    scale = 13.0 / 16.0
    plain = resize(sample.pixels.astype(np.float32) / 255, round(height * scale), round(width * scale))
    np.testing.assert_allclose(image, pad(plain, 4, 16), atol=1e-6)


def test_jitter_moves_the_size_both_ways_and_no_further():
    sample = squares(count=3)
    found = []
    for seed in range(200):
        _, marks = degraded(sample, SPEC, 0.0, 0.25, random.Random(seed))
        found.append((marks[1, 2] - marks[0, 2]) / (sample.marks[1, 2] - sample.marks[0, 2]) * 16 / 13)
    assert math.exp(-0.25) - 0.03 < min(found) < 0.85 and 1.15 < max(found) < math.exp(0.25) + 0.03


@pytest.mark.parametrize("degrees", [-1.5, -0.4, 0.0, 0.7, 1.5])
def test_marks_turn_with_the_picture(degrees):
    sample = squares()
    image, marks = rotated(sample.pixels.astype(np.float32) / 255, sample.marks, math.radians(degrees))
    for (_, x, y) in marks:  # still in the middle of its square, which reaches 8 pixels to each side
        assert image[int(y) - 5:int(y) + 6, int(x) - 5:int(x) + 6].max() < 0.1
        assert image[max(0, int(y) - 12):int(y) + 13, max(0, int(x) - 12):int(x) + 13].max() > 0.9
    # counterclockwise: the right end rises against the left one
    rise = (marks[-1, 2] - sample.marks[-1, 2]) - (marks[0, 2] - sample.marks[0, 2])
    assert rise == pytest.approx(-math.tan(math.radians(degrees)) * 224, abs=1.0)
    assert (image[0] < 0.6).any() and (image[-1] < 0.6).any(), "cropped to its ink"


def test_a_neighbour_adds_ink_outside_and_changes_nothing_inside():
    sample = squares()
    clean = sample.pixels.astype(np.float32) / 255
    sides = set()
    for seed in range(60):
        image, marks = with_neighbour(clean, sample.marks, 16.0, random.Random(seed))
        shift = marks[0, 1:] - sample.marks[0, 1:]
        x, y = (int(v) for v in shift)
        np.testing.assert_array_equal(image[y:y + clean.shape[0], x:x + clean.shape[1]], clean)
        np.testing.assert_array_equal(marks[:, 1:] - sample.marks[:, 1:], np.tile(shift, (len(marks), 1)))
        grown = (image.shape[0] - clean.shape[0], image.shape[1] - clean.shape[1])
        assert (grown[0] == 0) != (grown[1] == 0)
        sides.add((x > 0, y > 0, grown[1] > 0))
    assert len(sides) == 4


@pytest.mark.parametrize("darkness", [0.2, 0.4, 0.7, 1.0])
@pytest.mark.parametrize("level", [0.5, 0.65, 0.8])
def test_no_hairline_is_lost_when_a_picture_becomes_black_and_white(darkness, level):
    image = np.ones((20, 40), np.float32)
    image[10, 5:35] = 1 - darkness  # a hairline, as grey as shrinking leaves it
    image[3:8, 3:8] = 0  # a fat stroke
    found = thresholded(image, level)
    assert set(np.unique(found)) == {0.0, 1.0}
    assert (found[10, 5:35] == 0).all() and (found[3:8, 3:8] == 0).all()
    assert (found == 0).sum() == 30 + 25, "and nothing grows"


def test_at_full_strength_every_symbol_is_still_there():
    sample = squares()
    for seed in range(300):
        image, marks = degraded(sample, SPEC, 1.0, 0.25, random.Random(seed))
        assert on_ink(image, marks), seed


@pytest.mark.parametrize("seed", range(30))
def test_a_rendering_on_grey_paper_comes_out_on_white(seed):
    sample = squares(seed)
    grey = Packed((90 + sample.pixels * 0.35).astype(np.uint8), sample.symbol_size, sample.target, sample.marks)
    image, marks = degraded(grey, SPEC, 1.0, 0.1, random.Random(seed))
    assert np.median(image) > 0.9 and on_ink(image, marks)
