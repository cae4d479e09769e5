"""What musicians write is likelier than what looks like it; the table counts what followed what."""

import gzip
import math
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given

from glyphic import notations
from glyphic.core.options import DecodingOptions
from glyphic.notations.music import familiarity
from glyphic.notations.music.familiarity import log_prior, log_probability, rhythm, table_of
from glyphic.notations.music.semantic import parse, write
from tests.notations.music import staves

SCRIPT = Path(__file__).parents[3] / "scripts" / "rhythms"
WALTZ = ("clef-G2 keySignature-GM timeSignature-3/4 {} barline note-B4_half note-A4_quarter barline "
         "note-G4_half. barline")


@pytest.mark.parametrize(("usual", "odd"), [
    ("note-D5_half note-G4_quarter", "note-D5_quarter note-G4_quarter"),  # a hollow head that looks filled
    ("note-D5_quarter note-G4_eighth note-A4_eighth note-B4_quarter",
     "note-D5_quarter note-G4_sixteenth note-A4_sixteenth note-B4_quarter"),  # a beam too many
    ("note-D5_half.", "note-D5_whole."),
    ("note-D5_half.", "note-D5_quarter barline note-D5_half"),  # a stem for a barline
    ("note-D5_quarter. note-G4_eighth note-B4_quarter", "note-D5_quarter note-G4_eighth note-B4_quarter"),
])
def test_what_fills_its_bar_is_likelier(usual, odd):
    assert log_prior(WALTZ.format(usual)) > log_prior(WALTZ.format(odd)) + 1


def test_a_staff_without_a_metre_is_held_to_none():
    mensural = WALTZ.replace("timeSignature-3/4 ", "")
    one, other = (log_prior(mensural.format(f"note-D5_{value}")) for value in ("half", "whole"))
    assert abs(one - other) < 1


def test_wrong_bars_cost_no_more_than_four():
    bars = [log_prior("timeSignature-3/8 " + "note-C4_half. barline " * count) for count in (4, 5, 6, 7)]
    steps = [after - before for before, after in pairwise(bars)]
    assert max(steps) - min(steps) < 0.2 and steps[-1] > familiarity.VERDICTS["long"]


def test_what_is_no_text_is_impossible():
    assert log_prior("clef-G2 nothing") == -math.inf


@given(staves.sampled)
def test_probabilities_of_any_rhythm_are_below_one(staff):
    assert -math.inf < log_probability(rhythm(staff)) < 0
    assert math.isfinite(log_prior(write(staff)))


def test_what_may_follow_sums_to_less_than_one():
    words = rhythm(parse("clef-G2 timeSignature-3/4 note-C4_quarter note-C4_quarter"))
    kinds = [word for word in familiarity._table()[0][()][1] if word != familiarity.END]

    def ended(more):
        return math.exp(log_probability([*words, *more]))

    before = ended([])
    # of each next word, the probability of the sequence with it, whatever follows, is at least that of ending there
    assert 0 < before + sum(ended([word]) for word in kinds) < 1


def test_pitches_keys_and_counts_make_no_difference():
    one = "clef-G2 keySignature-DM timeSignature-C multirest-3 barline note-F#4_whole_fermata tie gracenote-C4_half"
    other = "clef-C1 keySignature-BbM timeSignature-C multirest-17 barline note-B5_whole tie gracenote-D5_half"
    assert rhythm(parse(one)) == rhythm(parse(other))


def test_a_table_counts_what_followed_what_and_leaves_out_what_was_rare():
    counts = table_of([("a", "b", "c")] * 3 + [("a", "b")])
    assert counts[("a",)] == {"b": 4} and counts[("b",)] == {"c": 3, ">": 1}
    assert counts[("a", "b")] == {"c": 3, ">": 1} and ("b", "c") not in counts


def test_the_script_writes_the_table_that_is_read(tmp_path, monkeypatch):
    package = tmp_path / "glyphic"
    subprocess.run(["cp", "-r", str(Path(familiarity.__file__).parents[2]), str(package)], check=True)
    staff = "clef-G2 timeSignature-2/4 note-C4_half barline"
    (tmp_path / "staves.txt").write_text(f"{staff}\nclef-G2 note-D4_whole\nno staff\n", encoding="utf-8")
    (tmp_path / "labels.tsv").write_text("a.png\tclef-C1 note-E4_whole\n", encoding="utf-8")
    done = subprocess.run([sys.executable, str(SCRIPT), str(tmp_path / "staves.txt"), "us",
                           str(tmp_path / "labels.tsv")], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(tmp_path)}, check=True)
    assert "of 1 staves" in done.stdout
    table = gzip.decompress((package / "notations" / "music" / familiarity.TABLE).read_bytes()).decode("utf-8")
    assert "\tclef 1\n" in table and "half" in table and "whole" not in table


def test_a_beam_of_the_shipped_model_chooses_by_it():
    from glyphic import recipes

    assert notations.get("music").prior is log_prior
    assert recipes.get("music").decoding == DecodingOptions(beam_width=8, sound=True, shifts=(-1, 1), certain=0.995)
