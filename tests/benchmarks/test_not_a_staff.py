"""Pages, grand staves and chords are made anew from a seed, and what the picture alone tells of them is counted."""

import random
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("verovio", reason="needs verovio")
pytest.importorskip("resvg_py", reason="needs resvg-py")
sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import not_a_staff as benchmark


@pytest.mark.parametrize("kind", ["page", "grand staff", "chords", "single staff"])
def test_a_picture_follows_from_its_seed(kind):
    make = benchmark.KINDS[kind][1]
    first, again, other = make(random.Random(1)), make(random.Random(1)), make(random.Random(2))
    assert first.dtype == np.uint8 and first.ndim == 2 and np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(("kind", "outcome"), [("page", "refused"), ("grand staff", "refused"), ("chords", "doubted"),
                                               ("single staff", "trusted")])
def test_most_are_told_from_the_picture_alone(kind, outcome):
    make, rng = benchmark.KINDS[kind][1], random.Random(5)
    assert [benchmark.seen(make(rng)) for _ in range(4)].count(outcome) >= 3


def test_a_row_counts_the_outcomes(monkeypatch):
    monkeypatch.setattr(benchmark, "KINDS", {"page": (False, lambda rng: rng.random())})
    outcomes = iter(["refused", "trusted", "refused"])
    assert list(benchmark.measure(lambda picture: next(outcomes), 3, [])) == [["page", "not", "3", "2", "0", "1"]]
