"""Readings against labels: figures, intervals, and what counts as wrong."""

import json
import random
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphic.core.errors import GlyphicError, ImageError
from glyphic.core.results import Recognition, Sample
from glyphic.data.samples import read_folder, relative
from glyphic.evaluation.benchmark import evaluate, score, score_predictions, wilson, write_predictions
from glyphic.reading.recognizer import Recognizer
from tests import bars

letters = st.text("abc", min_size=1, max_size=6)


class Oracle:
    """Reads by a table: path -> text, or an error."""

    name = "oracle 1"

    def __init__(self, answers, notation=bars.NOTATION):
        self.answers, self.notation = answers, notation

    def read(self, picture):
        answer = self.answers[picture.name]
        if isinstance(answer, Exception):
            raise answer
        return Recognition(answer, "bars", 0.5)


def report_of(pairs, notation=bars.NOTATION):
    """pairs: (answer, label)."""
    samples = [Sample(bars.Path(f"set/images/{i}.png"), label) for i, (_, label) in enumerate(pairs)]
    return evaluate(Oracle({f"{i}.png": answer for i, (answer, _) in enumerate(pairs)}, notation), samples, "set")


def test_a_reader_that_reads_all_scores_one(bars_folder, bars, step_bundle):
    samples = read_folder(bars_folder)
    report = evaluate(Recognizer(step_bundle, notation=bars), samples, bars_folder)
    assert report.count == 12 and report.model == "toy 1" and report.ms_per_image > 0
    assert [s.value for s in report.metrics.values()] == [1.0, 1.0] and list(report.metrics) == ["exact", "places"]
    assert [p.path for p in report.predictions] == [f"images/{i:06d}.png" for i in range(12)]
    assert all(p.exact and p.text == p.label for p in report.predictions)


def test_spelling_does_not_matter():
    report = report_of([("a b", "ab"), ("ab", "a b")])
    assert report.metrics["exact"].value == 1.0 and all(p.exact for p in report.predictions)


def test_labels_outside_invalid_predictions_and_unread_pictures_count_as_wrong_and_apart():
    report = report_of([("abc", "abc"), ("abd", "abc"), ("abd", "abd"), (ImageError("no such file: x"), "abc")])
    assert (report.labels_outside, report.predictions_invalid, report.unread, report.count) == (1, 2, 1, 4)
    assert report.metrics["exact"].value == 0.25 and report.metrics["places"].value == 0.25
    assert [p.exact for p in report.predictions] == [True, False, False, False]
    assert "no such file" in report.predictions[3].error


@given(st.lists(st.tuples(letters | st.just("x"), letters | st.just("x") | st.just("")), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_no_metric_calls_more_right_than_is_right(pairs):
    report = report_of(pairs)
    right = sum(a == b and "x" not in a for a, b in pairs) / len(pairs)
    assert report.metrics["exact"].value == pytest.approx(right)
    assert report.metrics["exact"].value == pytest.approx(np.mean([p.exact for p in report.predictions]))
    for s in report.metrics.values():
        assert 0 <= s.low <= s.value <= s.high <= 1 and s.count == len(pairs)
    assert (report.metrics["places"].value == pytest.approx(1.0)) == (right == 1.0)


def test_a_label_outside_is_wrong_even_where_nothing_was_read_and_all_labels_are_outside():
    assert report_of([("", "x"), ("", "x")]).metrics["exact"].value == 0
    bare = replace(bars.NOTATION, examples=())
    assert report_of([("", "x")], bare).metrics["exact"].value == 0


def test_an_unreadable_prediction_of_an_empty_label_is_wrong():
    assert report_of([("x", ""), ("a", "a")]).metrics["exact"].value == 0.5
    assert report_of([("", ""), ("a", "a")]).metrics["exact"].value == 1.0


def test_other_errors_than_those_of_a_picture_are_not_hidden():
    with pytest.raises(GlyphicError, match="broken"):
        report_of([(GlyphicError("the model is broken"), "a")])


def test_no_samples_are_refused():
    with pytest.raises(GlyphicError, match="no samples"):
        report_of([])


def test_wilson_agrees_with_the_book():
    """Newcombe 1998, table I: 81 of 263 and 0 of 20."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Texts of 1 to 8 letters, each right with probability 3/4, against labels of 8."""
    source, held = random.Random(1), [0, 0]
    truths = (0.75**8 / 8, sum(0.75 * length / 8 for length in range(1, 9)) / 8)
    for _ in range(120):
        pairs = [("".join(source.choices("ab", (3, 1), k=source.randint(1, 8))), "a" * 8) for _ in range(60)]
        for i, metric in enumerate((bars.Exact(), bars.Places())):
            s = score(metric, pairs)
            held[i] += s.low <= truths[i] <= s.high
    assert all(count >= 105 for count in held), held  # 114 of 120 are expected


def test_a_score_is_the_same_every_time_and_narrows_with_more_samples():
    pairs = [("ab", "ab"), ("aa", "ab"), ("cc", "ab"), ("abc", "ab")]
    assert score(bars.Places(), pairs) == score(bars.Places(), pairs)
    few, many = score(bars.Places(), pairs * 5), score(bars.Places(), pairs * 50)
    assert many.value == pytest.approx(few.value) and many.high - many.low < few.high - few.low


def test_kept_predictions_score_as_the_reader_did(tmp_path, bars_folder):
    samples = read_folder(bars_folder)
    answers = {s.path.name: s.text if i % 3 else "b" for i, s in enumerate(samples)}
    report = evaluate(Oracle(answers), samples, bars_folder)
    write_predictions(report, tmp_path / "kept.tsv")
    lines = [line.split("\t") for line in (tmp_path / "kept.tsv").read_text().splitlines()]
    assert lines[0] == ["path", "label", "prediction", "confidence", "exact"] and len(lines) == 13
    assert [line[4] for line in lines[1:]] == [str(int(p.exact)) for p in report.predictions]
    again = score_predictions(tmp_path / "kept.tsv", samples, bars_folder, bars.NOTATION)
    assert again.metrics == report.metrics
    assert [p.text for p in again.predictions] == [p.text for p in report.predictions]


def test_other_peoples_predictions_are_two_columns_and_may_have_gaps(tmp_path, bars_folder):
    samples = read_folder(bars_folder)
    file = tmp_path / "theirs.tsv"
    file.write_text("".join(f"images/{s.path.name}\t{s.text}\r\n" for s in samples[1:]))
    report = score_predictions(file, samples, bars_folder, bars.NOTATION)
    assert report.metrics["exact"].value == pytest.approx(11 / 12) and report.unread == 1
    assert "no prediction" in report.predictions[0].error


@pytest.mark.parametrize(("text", "message"), [("images/0.png ab\n", "line 1"), ("other.png\tab\n", "other.png")])
def test_predictions_that_do_not_fit_are_refused(tmp_path, bars_folder, text, message):
    (tmp_path / "p.tsv").write_text(text)
    with pytest.raises(GlyphicError, match=message):
        score_predictions(tmp_path / "p.tsv", read_folder(bars_folder), bars_folder, bars.NOTATION)


def test_a_limited_data_set_may_be_scored_with_predictions_for_all(tmp_path, bars_folder):
    samples = read_folder(bars_folder)
    (tmp_path / "p.tsv").write_text("".join(f"images/{s.path.name}\t{s.text}\n" for s in samples))
    assert score_predictions(tmp_path / "p.tsv", samples[:4], bars_folder, bars.NOTATION).metrics["exact"].count == 4


def test_line_breaks_in_readings_do_not_break_the_file(tmp_path):
    loose = SimpleNamespace(name="m", notation=bars.NOTATION, read=lambda p: Recognition("a\tb\nc\u2028d", "bars", 1.0))
    report = evaluate(loose, [Sample(bars.Path("x.png"), "abc")])
    write_predictions(report, tmp_path / "p.tsv")
    assert [len(line.split("\t")) for line in (tmp_path / "p.tsv").read_text().splitlines()] == [5, 5]


def test_the_json_holds_what_the_contract_names():
    data = json.loads(json.dumps(report_of([("a", "a"), ("b", "x")]).to_json()))
    assert set(data["metrics"]["exact"]) == {"value", "low", "high", "count"} and data["metrics"]["exact"]["count"] == 2
    assert {"model", "dataset", "count", "ms_per_image", "labels_outside", "predictions_invalid"} <= set(data)
    assert data["labels_outside"] == 1 and isinstance(data["ms_per_image"], float)


def test_the_walk_can_be_watched():
    seen = []
    samples = [Sample(bars.Path(f"{i}.png"), "a") for i in range(3)]
    evaluate(Oracle({f"{i}.png": "a" for i in range(3)}), samples, progress=seen.append)
    assert seen == [1, 2, 3]


def test_each_picture_may_have_a_lexicon_of_its_own(bars_folder, bars, frame_bundle):
    samples = read_folder(bars_folder)
    reader = Recognizer(frame_bundle, notation=bars)
    own = {relative(sample, bars_folder): [sample.text] for sample in samples}
    assert evaluate(reader, samples, bars_folder, lexicons=own).metrics["exact"].value == 1.0
    strange = {path: [word.translate(str.maketrans("abc", "bcb"))] for path, (word,) in own.items()}
    report = evaluate(reader, samples, bars_folder, lexicons=strange)
    assert [p.text for p in report.predictions] == [word for (word,) in strange.values()]
    with pytest.raises(GlyphicError, match="1 of 12 pictures have no lexicon"):
        evaluate(reader, samples, bars_folder, lexicons=dict(list(own.items())[:-1]))
