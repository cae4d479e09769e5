"""The view by which kinds of pictures are told apart: one of few shapes, whatever the picture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphic.core.kinds import KINDS, LEAST, MANY, NONE, SHAPES, thinned, view


@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_any_picture_has_a_view_of_a_known_shape(height, width, seed):
    image = np.random.default_rng(seed).random((height, width), np.float32)
    found = view(image)
    assert found.shape in SHAPES
    assert found.dtype == np.float32
    assert 0 <= found.min() <= found.max() <= 1


@pytest.mark.parametrize(("height", "width"), [(1, 3000), (3000, 1), (1, 1), (2, 2)])
def test_threads_and_points_have_a_view_as_well(height, width):
    assert view(np.zeros((height, width), np.float32)).shape in SHAPES


def test_all_shapes_have_about_the_same_number_of_pixels_and_both_orientations():
    sizes = [height * width for height, width in SHAPES]
    assert max(sizes) / min(sizes) < 1.05
    assert {(width, height) for height, width in SHAPES} == set(SHAPES)


def test_the_lines_of_a_long_staff_stay_apart():
    image = np.ones((150, 2000), np.float32)
    image[40:105:16] = image[41:106:16] = 0.0
    middle = view(image)[:, 300]
    assert np.count_nonzero((middle[1:] < 0.8) & (middle[:-1] >= 0.8)) == 5


def test_polarity_margins_and_resolution_hardly_matter():
    image = np.ones((60, 120), np.float32)
    image[10:50, 20:100:8] = 0.0
    image[28:32, 20:100] = 0.0
    plain = view(image)
    for other in (1 - image, np.pad(image, 40, constant_values=1.0), np.kron(image, np.ones((4, 4), np.float32))):
        assert view(other).shape == plain.shape
        assert np.abs(view(other) - plain).mean() < 0.1


def test_large_pictures_become_the_means_of_their_blocks():
    image = np.random.default_rng(0).random((1500, 1201), np.float32)
    small = thinned(image)
    assert small.size <= 2 * MANY and small.size < image.size
    assert small.mean() == pytest.approx(image.mean(), abs=1e-2)
    step = int((image.size / MANY) ** 0.5)
    assert small[0, 0] == pytest.approx(image[:step, :step].mean(), abs=1e-5)


def test_none_is_a_kind_and_the_kinds_of_a_notation_begin_with_its_name():
    assert NONE in KINDS and LEAST >= 1
    assert {kind.partition("-")[0] for kind in KINDS} == {"formula", "molecule", "music", "text", "none"}
