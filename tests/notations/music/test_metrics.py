"""The metrics count sequences, symbols, pitches, durations and bars."""

import pytest

from glyphic.notations.music.metrics import METRICS, durations, measures, pitches

LABEL = "clef-G2 timeSignature-2/4 note-C4_quarter gracenote-D4_eighth note-E4_quarter barline rest-half barline"


def value(name: str, prediction: str, label: str = LABEL) -> float:
    import numpy as np

    metric = METRICS[name]
    return float(metric.value(np.array(list(metric.statistics(prediction, label)))))


def test_the_headline_is_the_share_of_staves_without_an_error():
    assert next(iter(METRICS)) == "sequence_accuracy"
    assert value("sequence_accuracy", LABEL) == 1 and value("sequence_accuracy", LABEL[:-8]) == 0


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("note-C4_quarter", "note-C4_quarter", (0, 1, 1, 1)),
    ("note-C4_quarter", "note-C#4_quarter", (1 / 8, 2 / 3, 1, 1 / 2)),
    ("note-C4_quarter", "note-C4_quarter.", (1 / 8, 1, 3 / 4, 1 / 2)),
    ("gracenote-D4_eighth ", "", (1 / 8, 2 / 3, 3 / 4, 1 / 2)),
    ("rest-half", "rest-half_fermata", (1 / 8, 1, 3 / 4, 1 / 2)),
    ("barline rest-half barline", "barline rest-half", (1 / 8, 1, 1, 1)),
    ("barline rest-half", "rest-half", (1 / 8, 1, 1, 0)),
    ("clef-G2", "clef-G1", (1 / 8, 1, 1, 1 / 2)),
    (LABEL, "", (1, 0, 0, 0)),
    (LABEL, f"{LABEL} {LABEL} {LABEL}", (1, 1 / 3, 1 / 3, 1 / 3)),
])
def test_each_figure_counts_its_own_errors(old, new, expected):
    found = [value(name, LABEL.replace(old, new, 1)) for name in ("symbol_error_rate", "pitch", "duration", "bars")]
    assert found == pytest.approx(expected)


def test_the_aspects_of_a_staff():
    assert pitches(LABEL) == ["note-C4", "gracenote-D4", "note-E4"]
    assert durations(LABEL) == ["note_quarter", "gracenote_eighth", "note_quarter", "rest-half"]
    assert measures(LABEL)[1:] == ["rest-half"] and len(measures(LABEL)) == 2
    assert pitches("?") == durations("?") == [] and measures("?") == ["?"]


@pytest.mark.parametrize(("reading", "as_in_primus"), [
    ("note-C#5_half note-C#5_half", "note-C#5_half note-C5_half"),
    ("note-C#5_half note-C#5_half barline note-C#5_half", "note-C#5_half note-C5_half barline note-C#5_half"),
    ("keySignature-FM note-B4_half note-B4_half", "keySignature-FM note-B4_half note-Bb4_half"),
    ("keySignature-FM note-B4_half tie barline note-B4_half", "keySignature-FM note-B4_half tie barline note-B4_half"),
    ("note-C#5_half note-C5_half", "note-C#5_half note-C5_half"),
])
def test_a_label_whose_accidentals_hold_for_one_note_alone_is_no_error(reading, as_in_primus):
    reading, label = f"clef-G2 {reading}", f"clef-G2 {as_in_primus}"
    for name in ("sequence_accuracy", "pitch", "bars"):
        assert value(name, reading, label) == value(name, reading, reading) == 1
    assert value("symbol_error_rate", reading, label) == 0
    assert value("exact", reading, label) == (reading == label)
    assert value("sequence_accuracy", reading.replace("C#5", "D5").replace("B4", "A4"), label) == 0
