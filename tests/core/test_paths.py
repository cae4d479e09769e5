"""A path bends where its line bends, and does not leave it for a better one beside it."""

import numpy as np
import pytest

from glyphic.core.paths import unbent

UNIT = 6.0  # rows
OPTIONS = {"unit": UNIT, "near": 1.3, "steep": 0.32, "bend": 5.0}


def sheet(line, height=60, width=1.5):
    """Scores that are 1 along a line, (S,) rows, and fall off to 0 beside it."""
    rows = np.arange(height)[None]
    return np.exp(-((rows - np.asarray(line)[:, None]) / width) ** 2).astype(np.float32)


@pytest.mark.parametrize("line", [
    np.full(40, 30.0), np.linspace(12, 48, 80), np.linspace(48, 20, 60),
    30 + 8 * np.sin(np.arange(120) / 15), 30 + 12 * np.sin(np.arange(200) / 40),
])
def test_a_line_that_is_level_steep_or_waves_is_kept(line):
    found = unbent(sheet(line), np.round(line).astype(np.int64), **OPTIONS)
    assert np.abs(found - line).max() <= 1.0


def test_what_is_clearer_beside_the_line_for_a_while_does_not_lead_it_away():
    line = np.full(60, 30.0)
    scores = 0.2 * sheet(line)
    scores[25:35] = 0.15 * sheet(line)[25:35] + 0.3 * sheet(line + UNIT)[25:35]  # a beam on the next line
    greedy = scores.argmax(axis=1)
    assert (greedy[25:35] == 36).all() and (greedy[:25] == 30).all()
    assert (unbent(scores, greedy, **OPTIONS) == 30).all()
    # where it stays there, the line did go on there
    moved = np.concatenate((np.full(30, 30.0), np.linspace(30, 36, 8), np.full(40, 36.0)))
    assert np.abs(unbent(0.4 * sheet(moved), np.round(moved).astype(np.int64), **OPTIONS) - moved).max() <= 1.0


def test_a_path_along_the_edge_stays_in_the_sheet_and_a_short_one_is_left():
    line = np.zeros(30)
    assert (unbent(sheet(line), line.astype(np.int64), **OPTIONS) == 0).all()
    high = np.full(30, 59.0)
    assert (unbent(sheet(high), high.astype(np.int64), **OPTIONS) == 59).all()
    short = np.array([3, 9, 3])
    assert unbent(sheet(short), short, **OPTIONS) is short
