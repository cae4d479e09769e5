"""Heads above each other on several stems are chords; stems with one head, beams and lines are none."""

import numpy as np
import pytest

from glyphic.core.notation import Sight
from glyphic.notations.music.plausibility import doubts, stacks


def drawn(chords, space=8.0, beam=False):
    """chords: of each stem, the heights of its heads in steps above the middle line -> (H, W) ink of a level staff."""
    height, width = round(12 * space), round(4 * space * (len(chords) + 1))
    y, x = np.mgrid[:height, :width].astype(np.float64)
    middle = (height - 1) / 2
    ink = np.zeros((height, width), bool)
    for line in range(-2, 3):
        ink |= np.abs(y - middle - line * space) < 0.8
    for k, heads in enumerate(chords):
        centre = 4 * space * (k + 1)
        for head in heads:
            ink |= ((x - centre) / 0.62 / space) ** 2 + ((y - middle + head * space / 2) / 0.5 / space) ** 2 < 1
        low, high = middle - min(heads) * space / 2, middle - max(heads) * space / 2 - 3.5 * space
        ink |= (np.abs(x - centre - 0.55 * space) < 0.9) & (y < low) & (y > high)
    if beam:
        ink[round(middle - 4 * space):round(middle - 3.5 * space), round(4 * space):round(4 * space * len(chords))] = 1
    return ink


def said(ink, space=8.0):
    return doubts(Sight((), np.zeros((0, 2)), 1 - ink.astype(np.float32), space), ())


@pytest.mark.parametrize("interval", [2, 3, 4, 5, 7])
@pytest.mark.parametrize("space", [8.0, 12.0])
def test_two_heads_on_a_stem_are_seen_at_any_interval_from_a_third_on(interval, space):
    ink = drawn([(low, low + interval) for low in (-4, -3, -2, -1, 0)], space)
    assert stacks(ink, space) == (5, 5)
    assert "chords" in said(ink, space)[0] and "5 stems" in said(ink, space)[0]


@pytest.mark.parametrize("beam", [False, True])
def test_one_head_on_each_stem_is_no_chord_at_any_height(beam):
    ink = drawn([(height,) for height in range(-6, 3)], beam=beam)
    assert stacks(ink, 8.0) == (0, 9) and said(ink) == []


def test_a_single_stack_may_be_an_accident_and_is_not_mentioned():
    assert said(drawn([(-2, 2), (0,), (1,), (-1,), (2,), (-3,)])) == []


def test_nothing_is_said_of_a_picture_without_heads_or_without_a_staff():
    assert said(np.zeros((96, 40), bool)) == [] and said(np.ones((96, 3), bool)) == []
    assert doubts(Sight((), np.zeros((0, 2)), np.ones((96, 40), np.float32)), ()) == []
