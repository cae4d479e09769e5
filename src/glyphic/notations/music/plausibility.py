"""A reading and its picture -> why the picture may hold no single voice: heads above each other on one stem, in words.

A network that has only seen one voice reads one of a chord's notes. But heads are solid ellipses of one space, and no
single voice has two on a stem: where that is so of several stems, these are chords. Hollow heads (halves) are not told
from accidentals by this and do not count, so chords of nothing but halves and wholes pass.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from glyphic.core.components import components
from glyphic.core.images import INK
from glyphic.core.notation import Sight
from glyphic.core.results import Place

Mask = npt.NDArray[np.bool_]

HIGH, WIDE = 0.72, 0.6  # spaces: of the box that fits into a head, and not into a beam, a dot or a rest
WIDEST, HIGHEST = 1.75, 1.5  # spaces: a head; what is wider is a beam, what is higher are two heads that touch
TALLEST = 7.0  # spaces: a chord
STEM = 0.9  # of the way between two heads on a stem is ink
BESIDE = 0.65  # more ink than this right of a head and left of it: it goes on, so it is a beam
FEW, SHARE = 4, 0.38  # chords: at least so many, and such a part of the places where heads are


def doubts(sight: Sight, places: Sequence[Place]) -> list[str]:
    """places: not looked at; nothing is said of pictures whose staff was not laid level."""
    if sight.space is None:
        return []
    stacked, columns = stacks(sight.image < INK, sight.space)
    if stacked < FEW or stacked < SHARE * columns:
        return []
    return [f"note heads stand above each other on {stacked} stems, and chords are not read"]


def stacks(ink: Mask, space: float) -> tuple[int, int]:
    """ink: (H, W) of a level staff -> how many stems have several solid heads, and on how many places heads are."""
    heads = _heads(ink, space)
    stacked = columns = 0
    while len(heads):
        near = np.abs(heads[:, 0] - heads[0, 0]) < 0.45 * space
        column, heads = heads[near], heads[~near]
        columns += 1
        stacked += any(_on_one_stem(ink, above, below, space) for above in column for below in column
                       if below[1] - above[1] > 0.9 * space)
    return stacked, columns


def _heads(ink: Mask, space: float) -> npt.NDArray[np.float64]:
    """(K, 3) x, y and half the width of each head; two that touch, a third apart, are two."""
    solid = _opened(ink, max(3, round(HIGH * space)), max(3, round(WIDE * space)))
    found: list[tuple[float, float, float]] = []
    for left, top, right, bottom in components(solid).tolist():
        wide, high = right - left, bottom - top
        if wide > WIDEST * space or high > (WIDEST + 2) * space or _goes_on(ink, left, top, right, bottom, space):
            continue
        x, count = (left + right - 1) / 2, max(1, round(high / space))
        found += [(x, top + (k + 0.5) * high / count - 0.5, wide / 2) for k in range(count)]
    return np.array(found, np.float64).reshape(-1, 3)


def _opened(ink: Mask, high: int, wide: int) -> Mask:
    """What boxes of ink of that size cover."""
    for size in (high, wide):  # down, then, turned, across
        padded = np.pad(ink, ((size - 1, size - 1), (0, 0)))
        whole = _windows(np.logical_and, padded, size)  # by the last pixel of each window
        ink = _windows(np.logical_or, whole, size).T
    return ink


def _windows(joined: np.ufunc, mask: Mask, size: int) -> Mask:
    """(H, W) -> (H - size + 1, W): what all windows of `size` rows hold, each joined to one row."""
    result = mask[:len(mask) - size + 1].copy()
    for start in range(1, size):
        joined(result, mask[start:len(mask) - size + 1 + start], out=result)
    return result


def _goes_on(ink: Mask, left: int, top: int, right: int, bottom: int, space: float) -> bool:
    reach = round(0.5 * space)
    sides = ink[top:bottom, max(0, left - reach):left], ink[top:bottom, right:right + reach]
    return any(side.size > 0 and float(side.mean()) > BESIDE for side in sides)


def _on_one_stem(ink: Mask, above: npt.NDArray[np.float64], below: npt.NDArray[np.float64], space: float) -> bool:
    """Whether a column of ink at an edge of two heads, or right beside it, joins them."""
    (x, top, half), bottom = above, below[1]
    if bottom - top > TALLEST * space:
        return False
    reach = half + 0.35 * space
    rows = ink[round(top):round(bottom) + 1, max(0, round(x - reach)):round(x + reach) + 1]
    return bool(rows.size) and float(rows.mean(axis=0).max()) >= STEM
