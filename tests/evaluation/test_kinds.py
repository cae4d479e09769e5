"""Figures of a classifier of kinds."""

from pathlib import Path

import pytest

from glyphic.evaluation.kinds import KindReport, Told, share


def told(kind: str, found: str, milliseconds: float = 1.0) -> Told:
    return Told(Path("x.png"), kind, {found: 0.9, "none": 0.1}, milliseconds)


REPORT = KindReport((told("text", "text"), told("text", "text", 5.0), told("text", "formula", 3.0),
                     told("music", "music")))


def test_each_kind_has_its_share_and_all_have_one():
    assert REPORT.accuracy.value == 0.75 and REPORT.accuracy.count == 4
    assert {kind: score.value for kind, score in REPORT.by_kind.items()} == {"text": pytest.approx(2 / 3), "music": 1.0}


def test_what_is_taken_for_what_is_counted():
    assert REPORT.confusion == {("text", "text"): 2, ("text", "formula"): 1, ("music", "music"): 1}
    assert REPORT.milliseconds == 2.0


def test_a_bundle_holds_it_as_plain_figures():
    data = REPORT.to_json()
    assert data["count"] == 4
    assert set(data["metrics"]) == {"accuracy", "text", "music"}
    assert 0 < data["metrics"]["accuracy"]["low"] < 0.75 < data["metrics"]["accuracy"]["high"] < 1


def test_shares_lie_within_their_intervals():
    for hits in ([True], [False], [True, False]):
        score = share(hits)
        assert 0 <= score.low <= score.value <= score.high <= 1
