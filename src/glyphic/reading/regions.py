"""Where the network looked for each token becomes a box in the picture that was given."""

import numpy as np

from glyphic.core.images import Fitted, components
from glyphic.core.model import FloatArray

Box = tuple[float, float, float, float]


def boxes(attention: FloatArray, fitted: Fitted, strides: tuple[int, int], size: tuple[int, int]) -> list[Box]:
    """attention: (T, S), S the cells, row-major, of so many fitted pixels down and across -> (left, top, right,
    bottom) of each token in pixels of the original, which has `size` (height, width): around the cells, connected to
    the strongest, that have at least half its strength.
    """
    height, width = size
    down, across = strides
    rows, columns = fitted.pixels.shape[0] // down, fitted.pixels.shape[1] // across
    found = []
    for cells in attention.reshape(-1, rows, columns):
        y, x = divmod(int(cells.argmax()), columns)
        islands = components(cells >= 0.5 * cells[y, x])
        holds = (islands[:, 0] <= x) & (islands[:, 1] <= y) & (x < islands[:, 2]) & (y < islands[:, 3])
        areas = (islands[:, 2] - islands[:, 0]) * (islands[:, 3] - islands[:, 1])
        left, top, right, bottom = islands[np.where(holds, areas, np.iinfo(np.int64).max).argmin()].tolist()
        left, top, right, bottom = fitted.box(left * across, top * down, right * across, bottom * down)
        found.append((min(max(left, 0.0), width), min(max(top, 0.0), height),
                      min(max(right, 0.0), width), min(max(bottom, 0.0), height)))
    return found
