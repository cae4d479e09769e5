"""What stands at the edge of a picture and is none of its notation: scanner's bands and frames."""

import numpy as np
import pytest

from glyphic.core.images import INK, fit, ink_box, stretch_contrast, symbol_size, without_bands
from glyphic.core.options import InputSpec
from tests.core.test_images import written

SPEC = InputSpec(symbol_size=20.0)
SIDES = ("top", "bottom", "left", "right")


def banded(image: np.ndarray, sides: tuple[str, ...], thick: int = 15, slope: float = 0.0) -> np.ndarray:
    """The picture on a larger page with black bands along some of its edges, which may grow along the way."""
    page = np.pad(image, 40, constant_values=1.0)
    for side in sides:
        view = {"top": page, "bottom": page[::-1], "left": page.T, "right": page.T[::-1]}[side]
        depth = thick + (slope * np.arange(view.shape[1])).astype(int)
        view[np.arange(view.shape[0])[:, None] < depth] = 0.0
    return page


@pytest.mark.parametrize("sides", [*((side,) for side in SIDES), ("top", "left"), ("left", "right"), SIDES])
@pytest.mark.parametrize("slope", [0.0, 0.03])
def test_bands_along_the_edges_change_nothing(sides, slope):
    image = written("axbyQRkn")
    usual, found = fit(image, SPEC), fit(banded(image, sides, slope=slope), SPEC)
    np.testing.assert_array_equal(found.pixels, usual.pixels)
    assert (found.left, found.top, found.scale) == (usual.left + 40, usual.top + 40, usual.scale)


@pytest.mark.parametrize("thick", [1, 3, 5])
def test_a_thin_frame_does_not_change_the_scale(thick):
    for text in ("axbyQRkn", "ab", "x"):
        image = written(text)
        framed = np.pad(image, thick, constant_values=0.0)
        assert fit(framed, SPEC).scale == pytest.approx(fit(image, SPEC).scale, rel=0.03)


def test_a_frame_alone_is_a_symbol():
    square = np.pad(np.ones((20, 20), np.float32), 2, constant_values=0.0)
    assert symbol_size(square < INK) == pytest.approx(24)


@pytest.mark.parametrize("picture", [np.zeros((2, 60)), np.zeros((60, 2)), np.zeros((4, 4)), np.zeros((12, 300)),
                                     np.kron([[0], [1], [0]], np.ones((10, 90))),  # = cropped to its ink
                                     np.kron([[0, 1, 0]], np.ones((90, 10)))])
def test_signs_that_fill_their_picture_stay(picture):
    picture = picture.astype(np.float32)
    np.testing.assert_array_equal(without_bands(picture), picture)


@pytest.mark.parametrize("picture", [np.zeros((2, 60)), np.zeros((60, 2)), np.zeros((4, 4))])  # minus, bar and dot
@pytest.mark.parametrize("margin", [1, 6, 60])
def test_a_lone_bar_or_dot_is_found_and_fits(picture, margin):
    fitted = fit(np.pad(picture, margin + max(picture.shape), constant_values=1.0).astype(np.float32), SPEC)
    left, top, right, bottom = ink_box(fitted.pixels)
    assert not fitted.blank and max(right - left, bottom - top) <= 8 * 60
    width, height = (right - left) / fitted.scale, (bottom - top) / fitted.scale
    assert (height, width) == pytest.approx(picture.shape, abs=1.5)


def test_letters_at_the_edge_are_no_bands():
    for text in ("TEH", "FLI", "[x]", "|x|"):
        clean = stretch_contrast(written(text, 40))
        left, top, right, bottom = ink_box(clean)
        tight = clean[top:bottom, left:right]
        np.testing.assert_array_equal(without_bands(tight), tight)
