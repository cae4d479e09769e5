"""Boxes of tokens stand around the cells that were looked at, whatever the shape of a cell."""

import numpy as np
import pytest

from glyphic.core.images import Fitted
from glyphic.reading.regions import boxes


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
