"""Staff lines are found at any size, in any light, level or not; a fitted staff looks the same from any picture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphic.core import staves
from glyphic.core.images import fit, fit_turns, resize
from glyphic.core.options import InputSpec

SPEC = InputSpec(staff_space=8.0, max_height=96, max_width=1024, margin=4, multiple=16)


def staff(space=18.0, slope=0.0, spaces=40, above=4.0, below=4.0, seed=0):
    """Five lines, note heads with stems and bar lines, drawn at 3 pixels for one: (H, W), 1 = paper."""
    rng, fine = np.random.default_rng(seed), 3
    unit = space * fine
    width, rise = round(spaces * unit), abs(slope) * spaces * unit
    height = round((4 + above + below) * unit + rise)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    middle = (above + 2) * unit + slope * x + (rise if slope < 0 else 0)
    ink = np.zeros((height, width), bool)
    for line in range(-2, 3):
        ink |= np.abs(y - middle - line * unit) < 0.07 * unit
    for k in range(1, spaces // 4):
        left, step = (4 * k + rng.uniform(-1, 1)) * unit, rng.integers(-6, 7) / 2 * unit
        ink |= ((x - left) / 0.65) ** 2 + ((y - middle - step) / 0.5) ** 2 < unit ** 2
        stem = (np.abs(x - left - 0.6 * unit) < 0.08 * unit) & (y - middle < step) & (y - middle > step - 3.2 * unit)
        ink |= stem | ((np.abs(x - (4 * k + 2) * unit) < 0.1 * unit) & (np.abs(y - middle) < 2 * unit) & (k % 4 == 0))
    return resize(1 - ink.astype(np.float32), height // fine, width // fine)


@given(st.floats(5, 28), st.floats(-0.12, 0.12), st.integers(0, 99))
@settings(max_examples=15, deadline=None)
def test_the_lines_of_a_staff_are_found_whatever_its_size_and_slope(space, slope, seed):
    picture = staff(space, slope, spaces=30, seed=seed)
    found = staves.find(staves.evened(picture))
    assert found is not None and found.space == pytest.approx(space, rel=0.03)
    x = np.linspace(2 * space, 28 * space, 14)
    truth = 6 * space + slope * x + (abs(slope) * 30 * space if slope < 0 else 0)
    assert np.abs(found.middle(x) - truth).max() < 0.25 * space


@pytest.mark.parametrize("spoil", ["dark", "shadow", "noise", "one bit", "inverted"])
def test_light_and_noise_and_polarity_do_not_matter(spoil):
    picture = staff(12.0)
    x = np.linspace(0, 1, picture.shape[1], dtype=np.float32)[None]
    noise = np.random.default_rng(1).normal(0, 0.08, picture.shape).astype(np.float32)
    spoilt = {"dark": 0.1 + 0.25 * picture, "shadow": (0.2 + 0.8 * picture) * np.where(x > 0.6, 0.35, 1 - 0.4 * x),
              "noise": (0.2 + 0.6 * picture + noise).clip(0, 1), "one bit": (picture > 0.5) * np.float32(1),
              "inverted": 1 - picture}[spoil].astype(np.float32)
    found = staves.find(staves.evened(spoilt))
    assert found is not None and found.space == pytest.approx(12.0, rel=0.02)
    assert np.abs(found.y - 6 * 12.0).max() < 2.5


@pytest.mark.parametrize("space", [3.2, 3.5, 3.8])
@pytest.mark.parametrize("seed", [0, 1])
def test_blurred_lines_thinner_than_a_pixel_are_found_and_measured(space, seed):
    picture = staff(16.0, 0.01, seed=seed)
    small = resize(picture, *(round(side * space / 16) for side in picture.shape))
    noise = np.random.default_rng(1).normal(0, 0.03, small.shape)
    blurred = 0.5 * small + 0.25 * np.roll(small, 1, 0) + 0.25 * np.roll(small, -1, 0)
    found = staves.find(staves.evened((0.4 + 0.4 * blurred + noise).clip(0, 1).astype(np.float32)))
    assert found is not None and found.space == pytest.approx(space, rel=0.02) and staves.count(found) == 1
    middle = space * (6 + 0.01 * np.arange(2, 38))
    assert np.abs(found.middle(space * np.arange(2, 38)) - middle).max() < 0.25 * space


@pytest.mark.parametrize("picture", [
    np.ones((80, 300), np.float32), np.zeros((80, 300), np.float32), np.ones((1, 1), np.float32),
    np.tile(np.arange(300, dtype=np.float32) // 9 % 2, (90, 1))])
def test_where_there_is_no_staff_none_is_found(picture):
    assert staves.find(staves.evened(picture)) is None


def test_what_noise_has_of_lines_is_too_faint_to_count():
    for seed in range(9):
        found = staves.find(staves.evened(np.random.default_rng(seed).random((90, 300)).astype(np.float32)))
        assert found is None or staves.count(found) == 0


def test_evened_paper_is_white_and_ink_black_under_any_light():
    picture = staff(12.0)
    x = np.linspace(0.35, 0.9, picture.shape[1], dtype=np.float32)[None]
    assert np.abs(staves.evened(picture * x) - picture).mean() < 0.02


@pytest.mark.parametrize("factor", [0.5, 2.0, 3.0])
def test_a_staff_of_half_or_double_size_gives_nearly_the_same_picture(factor):
    picture = staff(16.0)
    usual = fit(picture, SPEC)
    other = fit(resize(picture, *(round(side * factor) for side in picture.shape)), SPEC)
    assert other.scale * factor == pytest.approx(usual.scale, rel=0.01)
    assert abs(other.pixels.shape[1] - usual.pixels.shape[1]) <= SPEC.multiple
    width = min(usual.pixels.shape[1], other.pixels.shape[1])
    assert np.abs(usual.pixels[:, :width] - other.pixels[:, :width]).mean() < 0.35 * (1 - usual.pixels).mean()


@given(st.floats(7, 20), st.floats(-0.1, 0.1))
@settings(max_examples=10, deadline=None)
def test_a_fitted_staff_is_level_in_the_middle_and_maps_back(space, slope):
    picture = staff(space, slope)
    fitted = fit(picture, SPEC)
    assert fitted.pixels.shape[0] == 96 and fitted.pixels.shape[1] % 16 == 0 and fitted.pixels.dtype == np.float32
    rows = np.median(fitted.pixels[:, 12:-24], axis=1)  # what most columns share: the lines
    assert set(np.argsort(rows)[:5]) <= {r for k in range(-2, 3) for r in (47 + 8 * k, 48 + 8 * k)}
    for x in (30.0, 150.0, 250.0):
        left, top, right, bottom = fitted.box(x - 4, 47.5 - 16, x + 4, 47.5 + 16)
        middle = 6 * space + slope * (left + right) / 2 + (abs(slope) * 40 * space if slope < 0 else 0)
        assert bottom - top == pytest.approx(4 * space, rel=0.03)
        assert (top + bottom) / 2 == pytest.approx(middle, abs=0.25 * space)
        assert right - left == pytest.approx(space, rel=0.03)


def test_a_staff_too_long_for_the_network_is_squeezed_in_its_width_alone():
    fitted = fit(staff(6.0, spaces=150), SPEC)
    assert fitted.pixels.shape == (96, 1024) and fitted.squeeze < 1
    left, top, right, bottom = fitted.box(4, 31.5, 1020, 63.5)
    assert right - left == pytest.approx(900, rel=0.03) and bottom - top == pytest.approx(24, rel=0.03)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (3, 3), (40, 40), (300, 5)])
@pytest.mark.parametrize("ink", [0.0, 0.3, 1.0])
def test_what_is_no_staff_is_fitted_all_the_same(shape, ink):
    picture = (np.random.default_rng(0).random(shape) > ink).astype(np.float32)
    for fitted in fit_turns(picture, SPEC):
        assert fitted.pixels.shape[0] == 96 and 0 < fitted.pixels.shape[1] <= 1024
        assert fitted.pixels.min() >= 0 and fitted.pixels.max() <= 1
        assert fitted.blank == (picture.max() == picture.min())


def test_levelled_columns_come_to_the_middle():
    picture = np.ones((40, 60), np.float32)
    rows = 10 + np.arange(60) / 6
    picture[np.round(rows).astype(int), np.arange(60)] = 0
    level = staves.levelled(picture, np.round(rows), 21)
    assert (level[10] == 0).all() and (np.delete(level, 10, axis=0) == 1).all()


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("slope", [0.0, 0.03])
def test_staves_below_each_other_are_counted(count, slope):
    page = np.concatenate([staff(10.0, slope, seed=k) for k in range(count)])
    clean = staves.evened(page)
    found = staves.find(clean)
    assert found is not None and staves.count(found) == count


@pytest.mark.parametrize("shown", [4, 28, 40])  # pixels: one line of the neighbour, three, or all but one
@pytest.mark.parametrize("above", [True, False])
def test_what_a_crop_leaves_of_a_neighbour_does_not_count(shown, above):
    other, own = staff(12.0, seed=1, above=2, below=2), staff(12.0)
    part = other[-24 - shown:][:, ::-1] if above else other[:24 + shown]
    clean = staves.evened(np.concatenate((part, own) if above else (own, part)))
    found = staves.find(clean)
    assert found is not None and staves.count(found) == 1


@pytest.mark.parametrize("space", [4.0, 9.0])
def test_black_beams_do_not_draw_faint_lines_to_them(space):
    lines = 1 - staff(space, spaces=40, above=5, below=5)
    y, x = np.mgrid[:lines.shape[0], :lines.shape[1]] / space
    beams = (np.abs((y - 10) % 0.9 - 0.45) < 0.28) & (y > 10) & (y < 11.8) & (x % 14 > 3) & (x > 14)
    noise = np.random.default_rng(0).normal(0, 0.02, lines.shape)
    picture = (0.9 - 0.15 * lines - 0.7 * beams + noise).clip(0, 1).astype(np.float32)
    found = staves.find(staves.evened(picture))
    assert found is not None and found.space == pytest.approx(space, rel=0.03)
    assert np.abs(found.middle(space * np.arange(2, 38)) - 7 * space).max() < 0.3 * space


def test_values_are_ordered_place_by_place():
    rng = np.random.default_rng(0)
    for count in range(1, 40):
        planes = rng.random((count, 3, 5), np.float32)
        np.testing.assert_array_equal(staves._ordered(list(planes)), np.sort(planes, axis=0))
