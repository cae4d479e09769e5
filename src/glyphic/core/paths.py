"""A path through a sheet of scores, from left to right, that bends little.

Letters: S columns of the sheet, Y its rows, W rows of the band that is searched, D slopes.
"""

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]
Path = npt.NDArray[np.int64]

GRID = 2  # places for each row: slopes of half a row a column are told apart
TURN = 3  # places by which a slope may change from one column to the next
NEVER = np.float32(-1e9)
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
    costs = (bend * (np.arange(-TURN, TURN + 1) / (unit * GRID)) ** 2).astype(np.float32)[:, None, None]
    width, shifts = values.shape[1], np.diff(middle)
    origins = {shift: _origins(slopes, width, shift) for shift in set(shifts.tolist())}
    totals = np.full((count, len(slopes) + 2 * TURN, width), NEVER, np.float32)
    inner = totals[:, TURN:-TURN]
    inner[0] = values[0]
    ways = np.lib.stride_tricks.sliding_window_view(totals, len(slopes), axis=1).transpose(0, 1, 3, 2)
    for k in range(1, count):
        source, outside = origins[int(shifts[k - 1])]
        np.add((ways[k - 1] - costs).max(axis=0).ravel()[source], outside, out=inner[k])
        inner[k] += values[k]
    slope, place = (int(index) for index in np.unravel_index(int(inner[-1].argmax()), inner[-1].shape))
    result = np.empty(count, np.int64)
    for k in range(count - 1, 0, -1):  # where each came from is looked up along the path alone
        result[k] = middle[k] + place - width // 2
        place += int(shifts[k - 1] - slopes[slope])
        slope += int((ways[k - 1, :, slope, place] - costs[:, 0, 0]).argmax()) - TURN
    result[0] = middle[0] + place - width // 2
    found: Path = np.round(result / GRID).astype(np.int64).clip(0, scores.shape[1] - 1)
    return found


def _origins(slopes: Path, width: int, shift: int) -> tuple[Path, Scores]:
    """Where each state, (D, W), comes from in the flat table of the column before, and what that costs: nothing, or
    too much where it lies outside."""
    source = np.arange(width)[None] + shift - slopes[:, None]
    outside = np.where((source >= 0) & (source < width), np.float32(0), NEVER)
    return np.arange(len(slopes))[:, None] * width + source.clip(0, width - 1), outside


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
