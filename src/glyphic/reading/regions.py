"""Where the network saw each token, in cells or in frames, becomes a box in the picture that was given."""

from collections.abc import Sequence
from statistics import median

import numpy as np
import numpy.typing as npt

from glyphic.core.components import components
from glyphic.core.images import Fitted, edge_level
from glyphic.core.model import FloatArray
from glyphic.core.results import Box
from glyphic.decoding.ctc import Span

REACH = 0.75  # of a line's height: so far from its frames may a character have ink; wider gaps stay open
PALE = 0.02  # of the contrast: columns that differ by less have equally little ink


def boxes(attention: FloatArray, fitted: Fitted, strides: tuple[int, int], size: tuple[int, int]) -> list[Box]:
    """attention: (T, S), S the cells, row-major, of so many fitted pixels down and across -> (left, top, right,
    bottom) of each token in pixels of the original, which has `size` (height, width): around the cells, connected to
    the strongest, that have at least half its strength.
    """
    down, across = strides
    found = []
    for cells in _cells(attention, fitted, strides):
        left, top, right, bottom = _strongest(cells)
        found.append(_inside(fitted.box(left * across, top * down, right * across, bottom * down), size))
    return found


def centres(attention: FloatArray, fitted: Fitted, strides: tuple[int, int]) -> npt.NDArray[np.float64]:
    """attention: as for `boxes` -> (T, 2) x, y in fitted pixels: the mean of what the attention is spread over, of the
    cells of the box and those around it, which tells places between the middles of cells."""
    down, across = strides
    found = np.empty((len(attention), 2))
    for point, cells in zip(found, _cells(attention, fitted, strides), strict=True):
        left, top, right, bottom = _strongest(cells)
        left, top = max(0, left - 1), max(0, top - 1)
        near = cells[top:bottom + 1, left:right + 1].astype(np.float64)
        y, x = np.indices(near.shape) + 0.5
        point[:] = across * (left + (near * x).sum() / near.sum()), down * (top + (near * y).sum() / near.sum())
    return found


def _cells(attention: FloatArray, fitted: Fitted, strides: tuple[int, int]) -> FloatArray:
    """(T, S) -> (T, h, w)."""
    down, across = strides
    return attention.reshape(-1, fitted.pixels.shape[0] // down, fitted.pixels.shape[1] // across)


def _strongest(cells: FloatArray) -> tuple[int, int, int, int]:
    """(h, w) -> left, top, right, bottom, in cells, of those that hang together with the strongest one."""
    y, x = divmod(int(cells.argmax()), cells.shape[1])
    islands = components(cells >= 0.5 * cells[y, x])
    holds = (islands[:, 0] <= x) & (islands[:, 1] <= y) & (x < islands[:, 2]) & (y < islands[:, 3])
    areas = (islands[:, 2] - islands[:, 0]) * (islands[:, 3] - islands[:, 1])
    left, top, right, bottom = islands[np.where(holds, areas, np.iinfo(np.int64).max).argmin()].tolist()
    return left, top, right, bottom


def line_boxes(spans: Sequence[Span], frames: int, fitted: Fitted, size: tuple[int, int]) -> list[Box]:
    """spans: the frames of each token, of so many that share the fitted picture out from left to right -> as `boxes`.

    CTC marks a character by a frame or two somewhere in it, with many networks near its beginning. So neighbours meet
    where the picture has the least ink between their frames; how far the characters reach from their frames to either
    side is, by the median, also how far the outermost reach outwards. No character reaches further than REACH: what is
    further apart leaves a gap. All boxes are as high as the line.
    """
    height, width = fitted.pixels.shape
    across, most = width / max(1, frames), REACH * height
    begins, ends = [first * across for first, _ in spans], [last * across for _, last in spans]
    ink = np.abs(fitted.pixels - edge_level(fitted.pixels)).mean(axis=0)
    meets = [_least(ink, end, begin) for end, begin in zip(ends, begins[1:], strict=False)]
    before = [min(most, begin - meet) for begin, meet in zip(begins[1:], meets, strict=True)]
    after = [min(most, meet - end) for end, meet in zip(ends, meets, strict=False)]
    before.insert(0, median(before or [most]))
    after.append(median(after or [most]))
    return [_inside(fitted.box(begin - left, 0, end + right, height), size)
            for begin, end, left, right in zip(begins, ends, before[:len(spans)], after, strict=False)]


def frame_points(spans: Sequence[Span], frames: int, fitted: Fitted) -> npt.NDArray[np.float64]:
    """spans, frames: as for `line_boxes` -> (T, 2) x, y in fitted pixels: the middle of each token's frames, halfway
    up."""
    height, width = fitted.pixels.shape
    middles = np.array(spans, np.float64).reshape(-1, 2).mean(axis=1) * (width / max(1, frames))
    return np.stack((middles, np.full(len(middles), height / 2)), axis=1)


def _least(ink: npt.NDArray[np.floating], first: float, last: float) -> float:
    """Where, between two places, the columns have the least ink; the middle of where they have equally little."""
    between = ink[round(first):round(last)].tolist()  # a dozen columns: numpy would take ten times as long
    if not between:
        return (first + last) / 2
    little = min(between) + PALE
    run = longest = end = 0
    for place, value in enumerate(between, 1):
        run = run + 1 if value <= little else 0
        if run > longest:
            longest, end = run, place
    return round(first) + end - longest / 2


def _inside(box: Box, size: tuple[int, int]) -> Box:
    """The part of a box that lies in the picture; what was seen in the margin around it moves to the edge."""
    left, top, right, bottom = box
    height, width = size
    left, right = _within(left, right, width)
    top, bottom = _within(top, bottom, height)
    return left, top, right, bottom


def _within(first: float, last: float, length: float) -> tuple[float, float]:
    if first >= length:
        return max(0.0, length - (last - first)), length
    if last <= 0:
        return 0.0, min(length, last - first)
    return max(0.0, first), min(last, length)
