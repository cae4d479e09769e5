"""Black and white -> what hangs together: boxes and areas of connected components, in numpy alone."""

import numpy as np
import numpy.typing as npt


def components(ink: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """ink: (H, W) -> (C, 4) left, top, right, bottom of its 8-connected components, right and bottom exclusive."""
    return islands(ink)[0]


def islands(ink: npt.NDArray[np.bool_], diagonals: bool = True) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """ink: (H, W) -> as `components`, and (C,) how many pixels each has; 4-connected without `diagonals`, as the paper
    between 8-connected lines is."""
    height, width = ink.shape
    edges = np.diff(np.pad(ink, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, start = np.nonzero(edges == 1)  # runs of ink, ordered by row, then column
    _, stop = np.nonzero(edges == -1)
    if not len(row):
        return np.zeros((0, 4), np.int64), np.zeros(0, np.int64)
    # a run touches those of the next row with start <= its stop and stop >= its start, where diagonals are included
    stride = width + 2
    first = np.searchsorted(row * stride + stop, (row + 1) * stride + start, side="left" if diagonals else "right")
    last = np.searchsorted(row * stride + start, (row + 1) * stride + stop, side="right" if diagonals else "left")
    many = np.maximum(last - first, 0)
    upper = np.repeat(np.arange(len(row)), many)
    lower = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + np.repeat(first, many)
    label = np.arange(len(row))
    while True:  # every round, each run takes the least label of its neighbours; then labels are followed to roots
        least = np.minimum(label[upper], label[lower])
        new = label.copy()
        np.minimum.at(new, label[upper], least)
        np.minimum.at(new, label[lower], least)
        while not np.array_equal(new, new[new]):
            new = new[new]
        new = new[label]
        if np.array_equal(new, label):
            break
        label = new
    _, index = np.unique(label, return_inverse=True)
    count = int(index.max()) + 1
    boxes = np.empty((count, 4), np.int64)
    boxes[:, :2], boxes[:, 2:] = max(height, width), 0
    np.minimum.at(boxes[:, 0], index, start)
    np.minimum.at(boxes[:, 1], index, row)
    np.maximum.at(boxes[:, 2], index, stop)
    np.maximum.at(boxes[:, 3], index, row + 1)
    return boxes, np.bincount(index, stop - start).astype(np.int64)
