"""Boxes of tokens stand around the cells that were looked at, whatever the shape of a cell."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphic.core.images import Fitted
from glyphic.reading.regions import REACH, boxes, centres, line_boxes


@pytest.mark.parametrize("strides", [(8, 8), (32, 4)])
def test_a_box_has_the_size_of_the_cells_that_were_looked_at(strides):
    down, across = strides
    rows, columns = 64 // down, 128 // across
    attention = np.zeros((2, rows, columns), np.float32)
    attention[0, 1, 2:4] = 0.5  # two cells beside each other
    attention[1, rows - 1, columns - 1] = 1.0
    fitted = Fitted(np.ones((64, 128), np.float32), 0.5, 10.0, 20.0, False)
    first, last = boxes(attention.reshape(2, -1), fitted, strides, (300, 400))
    assert first == (2 * across * 2 + 10, down * 2 + 20, 4 * across * 2 + 10, 2 * down * 2 + 20)
    assert last == ((128 - across) * 2 + 10, (64 - down) * 2 + 20, 128 * 2 + 10, 64 * 2 + 20)


@given(st.floats(20, 108), st.floats(20, 44))
def test_the_middle_of_what_is_looked_at_may_lie_between_the_cells(x, y):
    rows, columns = np.indices((8, 16)) * 8 + 4
    attention = np.exp(-((columns - x)**2 + (rows - y)**2) / 72).astype(np.float32).reshape(1, -1)
    fitted = Fitted(np.ones((64, 128), np.float32), 1.0, 0.0, 0.0, False)
    (found,) = centres(attention, fitted, (8, 8))
    assert np.abs(found - (x, y)).max() < 2.5


LINE = Fitted(np.ones((32, 128), np.float32), 2.0, 10.0, 20.0, False)  # 32 frames of four pixels, two of the original


def test_neighbours_on_plain_paper_meet_halfway_and_a_wide_gap_stays_open():
    first, second, third = line_boxes([(2, 3), (6, 7), (26, 27)], 32, LINE, (60, 100))
    assert first[1:] == (20, 10 + 2 * 4.5, 36) and second[0] == first[2]
    reach = REACH * 32 / 2
    assert second[2] == pytest.approx(10 + 2 * 7 + reach) and third[0] == pytest.approx(10 + 2 * 26 - reach)


@pytest.mark.parametrize("frame", [0, 1, 2, 3])
def test_wherever_in_a_letter_its_frame_lies_the_letters_are_parted_where_there_is_no_ink(frame):
    pixels = np.ones((32, 128), np.float32)
    for place in range(5):  # letters of 16 pixels, 6 between them
        pixels[6:26, 9 + 22 * place:25 + 22 * place] = 0
    fitted = Fitted(pixels, 1.0, 0.0, 0.0, False)
    spans = [((12 + 22 * place) // 4 + frame, (12 + 22 * place) // 4 + frame + 1) for place in range(5)]
    found = line_boxes(spans, 32, fitted, (32, 128))
    for place, (left, top, right, bottom) in enumerate(found):
        outwards = 4 if place in (0, 4) else 0  # what the others do is only nearly what these would
        assert left <= 9 + 22 * place + outwards and right >= 25 + 22 * place - outwards and (top, bottom) == (0, 32)
    assert all(a[2] == b[0] for a, b in pairwise(found))


def test_no_token_has_no_box_and_one_reaches_to_either_side():
    assert line_boxes([], 32, LINE, (60, 100)) == []
    (left, _, right, _), = line_boxes([(8, 10)], 32, LINE, (60, 100))
    assert (left + right) / 2 == 10 + 2 * 9


@given(st.lists(st.integers(0, 31), unique=True, min_size=1), st.integers(1, 60), st.integers(1, 100),
       st.sampled_from([0, 90, 270]))
def test_every_box_lies_in_the_picture_and_follows_the_one_before_where_all_frames_do(places, height, width, turned):
    fitted = Fitted(np.ones((32, 128), np.float32), 2.0, -3.0, -2.0, False, turned=turned, size=(height, width))
    found = line_boxes([(place, place + 1) for place in sorted(places)], 32, fitted, (height, width))
    assert len(found) == len(places)
    for left, top, right, bottom in found:
        assert 0 <= left < right <= width and 0 <= top < bottom <= height
    begins = [{0: left, 90: -bottom, 270: top}[turned] for left, top, right, bottom in found]
    if min(height, width) >= 64:
        assert all(a < b for a, b in pairwise(begins))
