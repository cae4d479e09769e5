"""What hangs together in black and white, as a flood fill finds it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from glyphic.core.components import components, islands

MASKS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=14))

AROUND = {True: [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)], False: [(-1, 0), (1, 0), (0, -1), (0, 1)]}


def flood_fill(mask, diagonals=True):
    """Boxes and areas of components, pixel by pixel."""
    todo = set(zip(*map(np.ndarray.tolist, np.nonzero(mask)), strict=True))
    boxes = []
    while todo:
        front, found = [todo.pop()], []
        while front:
            y, x = front.pop()
            found.append((y, x))
            near = {(y + dy, x + dx) for dy, dx in AROUND[diagonals]} & todo
            todo -= near
            front += near
        ys, xs = zip(*found, strict=True)
        boxes.append((min(xs), min(ys), max(xs) + 1, max(ys) + 1, len(found)))
    return sorted(boxes)


def found(mask, diagonals):
    boxes, areas = islands(mask, diagonals)
    return sorted((*box, area) for box, area in zip(boxes.tolist(), areas.tolist(), strict=True))


@given(MASKS, st.booleans())
@settings(max_examples=300)
def test_islands_are_those_of_a_flood_fill(mask, diagonals):
    assert found(mask, diagonals) == flood_fill(mask, diagonals)
    assert sorted(map(tuple, components(mask).tolist())) == sorted(box[:4] for box in flood_fill(mask))


@pytest.mark.parametrize("diagonals", [True, False])
@pytest.mark.parametrize("density", [0.2, 0.4, 0.6])
def test_islands_of_larger_noise_are_those_of_a_flood_fill(density, diagonals):
    mask = np.random.default_rng(0).random((90, 120)) < density
    assert found(mask, diagonals) == flood_fill(mask, diagonals)


def test_a_spiral_is_one_component():
    mask = np.zeros((41, 41), bool)
    for ring in range(0, 20, 2):
        mask[ring, ring:41 - ring] = mask[40 - ring, ring:41 - ring] = True
        mask[ring:41 - ring, ring] = mask[ring:41 - ring, 40 - ring] = True
        mask[ring + 1, ring] = False
        mask[ring + 2, ring + 1] = True  # the way into the next ring
    assert components(mask).tolist() == [[0, 0, 41, 41]]
