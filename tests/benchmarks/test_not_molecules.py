"""Pictures without molecules are made anew from a seed, and what a reader says of them is counted."""

import random
import sys
from pathlib import Path

import numpy as np
import pytest

from glyphic.core.results import Recognition

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import not_molecules as benchmark


@pytest.mark.parametrize("kind", ["blank", "noise", "photograph"])
def test_a_picture_follows_from_its_seed(kind):
    make = benchmark.KINDS[kind]
    first, again, other = make(random.Random(1)), make(random.Random(1)), make(random.Random(2))
    assert first.dtype == np.uint8 and first.ndim == 2 and np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_only_a_confident_reading_without_a_warning_is_trusted():
    readings = (Recognition("C", "molecule", 0.9), Recognition("C", "molecule", 0.1),
                Recognition("C", "molecule", 0.9, warnings=("doubtful (...)",)), Recognition("", "molecule", 0.0))
    row = benchmark.Row("noise", readings)
    assert row.trusted == 0.25 and row.cells() == ["noise", "4", "25.0", "0.50", "0.90", "1"]
    assert "| noise | 4 | 25.0 | 0.50 | 0.90 | 1 |" in benchmark.table([row])


def test_what_cannot_be_drawn_here_is_left_out_and_the_rest_is_read(monkeypatch, capsys):
    def missing(rng):
        raise benchmark.GlyphicError("no fonts")

    class Reader:
        def read_many(self, pictures):
            return (Recognition("", "molecule", 0.0) for _ in pictures)

    monkeypatch.setattr(benchmark, "KINDS", {"text": missing, "blank": benchmark.blank})
    rows = list(benchmark.measure(Reader(), 3))
    assert [(row.kind, len(row.readings)) for row in rows] == [("blank", 3)]
    assert "text: left out: no fonts" in capsys.readouterr().err
