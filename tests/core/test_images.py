from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image, ImageDraw, ImageFont

from glyphic.core import images
from glyphic.core.images import (
    MANY,
    fit,
    fit_turns,
    ink_box,
    pad,
    resize,
    stack,
    stretch_contrast,
    symbol_size,
)
from glyphic.core.options import InputSpec

SYMBOLS = InputSpec(symbol_size=20.0)
LINE = InputSpec(line_height=32, max_height=32)
PLAIN = InputSpec()
SPECS = [SYMBOLS, LINE, PLAIN]

MASKS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=14))
PICTURES = arrays(np.float32, array_shapes(min_dims=2, max_dims=2, max_side=40), elements=st.floats(0, 1, width=32))


def written(text="ax+b2=Qy", size=32.0):
    """Black text on white, with white all around."""
    canvas = Image.new("L", (round(8 * size), round(2 * size)), 255)
    ImageDraw.Draw(canvas).text((size / 2, size / 3), text, font=ImageFont.load_default(size=size), fill=0)
    return np.asarray(canvas, np.float32) / 255


@pytest.mark.parametrize("spec", SPECS)
@given(image=PICTURES)
def test_any_picture_becomes_what_the_network_expects(spec, image):
    before = image.copy()
    fitted = fit(image, spec)
    height, width = fitted.pixels.shape
    assert fitted.pixels.dtype == np.float32 and fitted.pixels.flags.c_contiguous
    assert height % spec.multiple == width % spec.multiple == 0
    assert 0 < height <= spec.max_height and 0 < width <= spec.max_width
    assert fitted.pixels.min() >= 0 and fitted.pixels.max() <= 1 and fitted.scale > 0
    margin = fitted.pixels.copy()
    margin[spec.margin:-spec.margin, spec.margin:-spec.margin] = 1
    assert (margin == 1).all()
    assert fitted.blank == (ink_box(stretch_contrast(image)) is None)
    assert (image == before).all()


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("level", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (64, 64)])
def test_a_flat_picture_is_blank_paper(spec, level, shape):
    fitted = fit(np.full(shape, level, np.float32), spec)
    assert fitted.blank and (fitted.pixels == 1).all()


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("shape", [(10, 600), (600, 10), (20, 1200)])
def test_a_strip_is_shrunk_until_it_fits_and_keeps_its_ink(spec, shape):
    image = np.ones(shape, np.float32)
    image[::3, ::3] = 0
    fitted = fit(image, spec)
    assert not fitted.blank and fitted.pixels.min() < 0.9
    assert fitted.pixels.shape[0] <= spec.max_height and fitted.pixels.shape[1] <= spec.max_width


def test_a_huge_picture_is_fitted():
    image = np.ones((2500, 4000), np.float32)
    image[900:1500, 300:3700] = np.kron(written(size=50)[:60, :340], np.ones((10, 10), np.float32))
    fitted = fit(image, SYMBOLS)
    assert fitted.scale < 0.2 and not fitted.blank and fitted.pixels.min() < 0.3


@pytest.mark.parametrize("size", [90, 270, 400])
def test_pictures_of_many_pixels_are_fitted_as_small_ones(size):
    usual, large = (fit(written("axb2QRkn", s), SYMBOLS) for s in (45, size))
    assert large.scale * size == pytest.approx(usual.scale * 45, rel=0.05)
    assert written("axb2QRkn", 400).size > MANY


def test_the_specs_symbol_size_is_that_of_the_fitted_symbols():
    for size in (16, 30, 60, 120):
        assert symbol_size(fit(written(size=size), SYMBOLS).pixels < 0.6) == pytest.approx(20.0, rel=0.1)


@pytest.mark.parametrize("text", ["i", "-", "i(", "x", "1"])
def test_a_dot_is_not_taken_for_the_typical_symbol(text):
    ink = written(text) < 0.6
    left, top, right, bottom = ink_box(written(text))
    assert symbol_size(ink) > 0.5 * max(right - left, bottom - top)


def test_the_specs_line_height_is_that_of_the_fitted_line():
    for size in (9, 30, 120):
        assert fit(written(size=size), LINE).pixels.shape[0] == 32


@pytest.mark.parametrize("spec", [SYMBOLS, LINE])
@given(factor=st.floats(0.6, 1.6))
@settings(max_examples=40, deadline=None)
def test_a_picture_of_any_resolution_is_fitted_to_nearly_the_same_size(spec, factor):
    image = written("axbyQRkn")
    again = resize(image, round(image.shape[0] * factor), round(image.shape[1] * factor))
    # a line is measured by its outermost pixels, which are whole ones
    tolerance = 0.12 if spec.line_height else 0.07
    assert fit(again, spec).scale * factor == pytest.approx(fit(image, spec).scale, rel=tolerance)


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize(("paper", "ink"), [(0.0, 1.0), (0.9, 0.3), (0.2, 0.7), (0.5, 0.3)])
def test_dark_mode_and_weak_contrast_change_nothing(spec, paper, ink):
    image = written()
    usual, other = fit(image, spec), fit((ink + (paper - ink) * image).astype(np.float32), spec)
    assert other.pixels.shape == usual.pixels.shape
    np.testing.assert_allclose(other.pixels, usual.pixels, atol=1e-4)
    assert (other.left, other.top) == (usual.left, usual.top) and other.scale == pytest.approx(usual.scale)


def test_faint_noise_on_paper_is_blank():
    noise = 0.9 + 0.02 * np.random.default_rng(0).random((50, 200), np.float32)
    assert fit(noise, SYMBOLS).blank


def test_the_letters_of_a_line_may_be_darker_and_brighter_than_their_ground():
    image = np.full((30, 90), 0.5, np.float32)
    image[10:20, 20:40], image[10:20, 50:70] = 0.2, 0.8
    pixels = fit(image, InputSpec(line_height=32, max_height=32, margin=0)).pixels
    assert pixels.min() < 0.1 and pixels.max() > 0.9 and np.median(pixels[0]) == pytest.approx(0.5, abs=0.1)


def test_bold_letters_that_cover_most_of_a_line_are_dark():
    image = np.full((30, 90), 0.2, np.float32)
    image[3:27, 3:87] = 0.9
    assert np.median(fit(image, InputSpec(line_height=32, max_height=32, margin=0)).pixels) < 0.1


def test_a_faint_letter_of_a_line_is_not_cropped():
    image = np.full((30, 120), 0.8, np.float32)
    image[10:20, 20:30], image[10:20, 90:100] = 0.0, 0.6
    fitted = fit(image, LINE)
    assert fitted.box(0, 0, fitted.pixels.shape[1] - 4, 0)[2] >= 100


def test_contrast_is_stretched_from_ink_to_paper():
    clean = stretch_contrast(np.array([[0.8, 0.8, 0.8, 0.5, 0.2]] * 9, np.float32))
    assert clean[0, 0] == 1 and clean[0, 3] == pytest.approx(0.5, abs=0.1) and clean[0, 4] < 0.1
    assert clean.dtype == np.float32


def sheet(ground: float, paper: float, ink: float) -> np.ndarray:
    """A sheet with a torn edge and a few strokes on a ground that reaches to all four sides of the picture."""
    picture = np.full((80, 120), ground, np.float32)
    for column in range(6, 114):
        picture[5 + column % 4:74 - column % 3, column] = paper
        picture[4 + column % 4, column] = (ground + paper) / 2  # as a camera sees an edge
    picture[30:33, 30:90] = picture[30:60, 50:53] = ink
    return picture


@pytest.mark.parametrize(("ground", "paper", "ink"), [
    (1.0, 0.45, 0.2), (0.8, 0.4, 0.3), (1.0, 0.2, 0.6), (1.0, 0.7, 0.1)])
def test_a_sheet_is_read_as_if_its_ground_were_paper(ground, paper, ink):
    laid = stretch_contrast(sheet(ground, paper, ink))
    assert ((laid < 0.5) == (sheet(paper, paper, ink) == np.float32(ink))).all()
    assert laid[0, 0] == 1.0


def test_a_sheet_may_have_two_of_the_corners():
    whole = sheet(1.0, 0.4, 0.2)
    laid = stretch_contrast(whole[:, 40:])
    assert ((laid < 0.5) == (sheet(0.4, 0.4, 0.2)[:, 40:] == np.float32(0.2))).all()


@pytest.mark.parametrize("image", [
    np.pad(np.zeros((20, 60), np.float32), 2, constant_values=1.0),  # a bar in a tight crop is no sheet
    sheet(0.7, 0.75, 0.2),  # a ground that is hardly brighter
    sheet(0.0, 0.9, 0.0),  # a frame around it may be meant
    np.tile(np.linspace(0, 1, 60, dtype=np.float32), (40, 1)),  # light from one side is no ground
])
def test_what_is_no_sheet_on_a_ground_stays_as_it_is(image):
    assert images.without_surround(image) is image


def test_extremes_are_quantiles_with_or_without_greys_that_many_pixels_share():
    rng = np.random.default_rng(0)
    for shape in ((1, 1), (1, 9), (3, 40), (90, 333), (150, 400)):
        for levels in (2, 7, 255, 2**20):
            grey = (np.rint(rng.random(shape) ** 3 * levels) / levels).astype(np.float32)
            low, high = np.quantile(grey, (0.001, 0.999))
            expected = min(low, grey.min() + 0.1), max(high, grey.max() - 0.1)
            np.testing.assert_allclose(images._extremes(grey), expected, atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (40, 61)])
def test_the_level_of_the_edge_is_its_median(shape):
    grey = np.random.default_rng(1).random(shape).astype(np.float32)
    edge = np.concatenate((grey[0], grey[-1], grey[:, 0], grey[:, -1]))
    assert images.edge_level(grey) == pytest.approx(np.median(edge))


@pytest.mark.parametrize("spec", SPECS)
@given(x=st.integers(0, 200), y=st.integers(0, 60), width=st.integers(2, 90), height=st.integers(2, 40))
def test_a_box_in_the_fitted_picture_maps_back_to_the_original(spec, x, y, width, height):
    image = np.ones((110, 310), np.float32)
    image[y:y + height, x:x + width] = 0
    fitted = fit(image, spec)
    found = ink_box(fitted.pixels)
    assert found is not None
    tolerance = 0.75 / fitted.scale + 0.01  # a fitted pixel is all ink or none, and sizes are whole pixels
    if spec.line_height:  # some paper stays around the line, so edges lie within pixels
        tolerance *= 2
    assert fitted.box(*found) == pytest.approx((x, y, x + width, y + height), abs=tolerance)


def test_a_box_says_where_the_margin_lies():
    image = np.ones((30, 40), np.float32)
    image[10:20, 5:25] = 0
    fitted = fit(image, PLAIN)
    assert fitted.box(0, 0, 4, 4) == (1, 6, 5, 10) and fitted.scale == 1
    assert fitted.pixels.shape == (32, 32) and fitted.pixels.sum() == 1024 - 200
    assert (fitted.pixels[4:14, 4:24] == 0).all()


TEXT_LINE = InputSpec(line_height=32, max_height=32, margin=0, multiple=32)


@pytest.mark.parametrize(("k", "degrees"), [(1, 90), (3, 270)])
def test_a_line_on_its_side_is_fitted_as_it_would_be_upright_and_its_boxes_lie_in_the_given_picture(k, degrees):
    image = written()
    usual, side = fit(image, TEXT_LINE), np.ascontiguousarray(np.rot90(image, k))
    views = fit_turns(side, TEXT_LINE)
    assert [view.turned for view in views] == [0, 90, 270]
    found = next(view for view in views if view.turned == degrees)
    np.testing.assert_array_equal(found.pixels, usual.pixels)
    left, top, right, bottom = usual.box(8, 4, 20, 30)
    marked = np.ones_like(image)
    marked[round(top):round(bottom), round(left):round(right)] = 0
    assert found.box(8, 4, 20, 30) == pytest.approx(ink_box(np.rot90(marked, k)), abs=1)


@given(image=PICTURES)
def test_only_what_is_clearly_higher_than_wide_is_turned_and_never_what_is_no_line(image):
    assert len(fit_turns(image, SYMBOLS)) == 1
    assert len(fit_turns(image, replace(TEXT_LINE, turned_from=None))) == 1
    upright, *turned = fit_turns(image, TEXT_LINE)
    np.testing.assert_array_equal(upright.pixels, fit(image, TEXT_LINE).pixels)
    if turned:
        assert len(turned) == 2 and not upright.blank and image.shape[0] > 1
    if image.shape[0] < image.shape[1]:
        assert not turned or len(turned) == 2


@pytest.mark.parametrize("shape", [(5, 400), (2, 1000), (1, 60)])
def test_a_line_that_is_too_long_keeps_its_height_and_is_squeezed(shape):
    image = np.ones(shape, np.float32)
    image[:, ::3] = image[:, -1] = 0
    fitted = fit(image, TEXT_LINE)
    assert fitted.pixels.shape == (32, 1024) and fitted.scale == fitted.wanted
    assert fitted.box(0, 0, 1024, 32) == pytest.approx((0, 0, shape[1], shape[0]), rel=0.01)
    assert fitted.pixels[-1].min() < 0.9, "ink reaches the last row"


def test_what_shrinks_a_thousandfold_keeps_its_places():
    steps = np.repeat(np.linspace(0, 1, 8, dtype=np.float32), 30_001)[None]
    assert resize(steps, 1, 8)[0] == pytest.approx(np.linspace(0, 1, 8), abs=0.08)


def test_the_ink_box_holds_all_ink_and_nothing_more():
    image = np.ones((9, 12), np.float32)
    assert ink_box(image) is None
    image[2, 3] = image[6, 10] = 0.5
    assert ink_box(image) == (3, 2, 11, 7)


@given(PICTURES, st.integers(1, 50), st.integers(1, 50))
def test_resizing_stays_between_the_extremes_and_keeps_flat_pictures(image, height, width):
    resized = resize(image, height, width)
    assert resized.shape == (height, width) and resized.dtype == np.float32
    assert resized.min() >= image.min() - 1e-5 and resized.max() <= image.max() + 1e-5
    np.testing.assert_allclose(resize(np.full_like(image, 0.3), height, width), 0.3, atol=1e-5)


@pytest.mark.parametrize("factor", [0.23, 0.5, 0.8, 1.0, 1.7, 3.0])
def test_resizing_keeps_the_mean(factor):
    image = written()
    resized = resize(image, round(image.shape[0] * factor), round(image.shape[1] * factor))
    assert resized.mean() == pytest.approx(image.mean(), abs=0.003)


def test_resizing_is_antialiased_and_keeps_places():
    stripes = np.tile(np.array([[0.0, 1.0]], np.float32), (40, 100))
    np.testing.assert_allclose(resize(stripes, 10, 25)[:, 2:-2], 0.5, atol=0.02)
    ramp = np.tile(np.linspace(0, 1, 80, dtype=np.float32), (8, 1))
    np.testing.assert_allclose(resize(ramp, 8, 40)[:, 2:-2], ramp.reshape(8, 40, 2).mean(axis=2)[:, 2:-2], atol=1e-3)


@given(PICTURES, st.integers(0, 9), st.sampled_from([1, 8, 16]))
def test_padding_adds_paper_up_to_the_next_multiple(image, margin, multiple):
    padded, (height, width) = pad(image, margin, multiple), image.shape
    for full, inner in zip(padded.shape, image.shape, strict=True):
        assert full % multiple == 0 and 0 <= full - inner - 2 * margin < multiple
    assert (padded[margin:margin + height, margin:margin + width] == image).all()
    expected = image.sum(dtype=np.float64) + padded.size - image.size
    assert padded.sum(dtype=np.float64) == pytest.approx(expected, rel=1e-5)


def test_pictures_of_several_sizes_are_stacked_in_the_upper_left_corner():
    batch = stack([np.zeros((2, 5), np.float32), np.zeros((4, 3), np.float32)])
    assert batch.shape == (2, 1, 4, 5) and batch.dtype == np.float32
    assert (batch[0, 0, :2] == 0).all() and (batch[0, 0, 2:] == 1).all()
    assert (batch[1, 0, :, :3] == 0).all() and (batch[1, 0, :, 3:] == 1).all()
