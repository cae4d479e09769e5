"""A path through a sheet of scores, from left to right, that bends little.

Letters: S columns of the sheet, Y its rows, W rows of the band that is searched, D slopes.
"""

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]
Path = npt.NDArray[np.int64]

GRID = 3  # places for each row: slopes of a third of a row a column are told apart
AROUND = 10  # columns to either side whose mean is the middle of the band
OUTSIDE = np.float32(-1.0)  # the score beyond the sheet
FEW = 6  # columns: what is shorter cannot bend


def unbent(scores: Scores, path: Path, unit: float, near: float, steep: float, bend: float) -> Path:
    """scores: (S, Y), path: (S,) rows, a guess -> (S,) the best path near it.

    unit: in rows, for all that follows; near: half the height of the band around the path; steep: the steepest slope,
    for each column; bend: what a change of the slope by one unit costs, which grows with its square. So slow waves are
    nearly free, and a path that leaves its line for the next one pays twice. A walk of second order (Viterbi): its
    states are a place and the slope by which it was reached.
    """
    count = len(scores)
    if count < FEW:
        return path
    middle, values = _band(scores, path, int(np.ceil(near * unit * GRID)))
    most = int(np.ceil(steep * unit * GRID)) + 1
    slopes = np.arange(-most, most + 1)
    costs = (bend * ((slopes[:, None] - slopes[None]) / (unit * GRID)) ** 2).astype(np.float32)  # (D before, D after)
    width = values.shape[1]
    total = np.repeat(values[:1], len(slopes), axis=0)  # (D, W)
    before = np.empty((count, len(slopes), width), np.int16)  # the slope by which the place before was reached
    for k in range(1, count):
        ways = total[:, None] - costs[:, :, None]
        best = ways.argmax(axis=0)
        scored = np.take_along_axis(ways, best[None], 0)[0]
        source = np.arange(width)[None] + (middle[k] - middle[k - 1]) - slopes[:, None]
        inside = (source >= 0) & (source < width)
        source = source.clip(0, width - 1)
        before[k] = np.take_along_axis(best, source, 1)
        total = np.where(inside, np.take_along_axis(scored, source, 1), np.float32(-1e9)) + values[k]
    slope, place = np.unravel_index(int(total.argmax()), total.shape)
    result = np.empty(count, np.int64)
    for k in range(count - 1, -1, -1):
        result[k] = middle[k] + place - width // 2
        if k:
            slope, place = before[k, slope, place], place + (middle[k] - middle[k - 1]) - slopes[slope]
    found: Path = np.round(result / GRID).astype(np.int64).clip(0, scores.shape[1] - 1)
    return found


def _band(scores: Scores, path: Path, half: int) -> tuple[Path, Scores]:
    """The middle of a band around the path, (S,) in places, and the scores in it, (S, 2 * half + 1), between rows."""
    count, height = scores.shape
    padded = np.pad(path.astype(np.float64), AROUND, mode="reflect", reflect_type="odd") if count > AROUND else \
        np.pad(path.astype(np.float64), AROUND, mode="edge")
    mean = np.lib.stride_tricks.sliding_window_view(padded, 2 * AROUND + 1).mean(axis=1)
    middle = np.round(mean * GRID).astype(np.int64)
    rows = (middle[:, None] + np.arange(-half, half + 1)[None]) / GRID
    low = np.floor(rows).astype(np.int64)
    part = (rows - low).astype(np.float32)
    column = np.arange(count)[:, None]
    values = scores[column, low.clip(0, height - 1)] * (1 - part) + scores[column, (low + 1).clip(0, height - 1)] * part
    return middle, np.where((rows >= 0) & (rows <= height - 1), values, OUTSIDE)
