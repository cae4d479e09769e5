"""Rows in files: both kinds hold the same, and a file is there as a whole or not at all."""

import json
import os
import subprocess
import sys

import pytest

from glyphic.bulk import shards
from glyphic.bulk.files import OutputError, alone, sweep, writing
from glyphic.bulk.rows import doubtful, failure, row
from glyphic.bulk.storage import Entry
from glyphic.core.errors import GlyphicError, ImageError
from glyphic.core.results import Alternative, Choice, ModelIdentity, Recognition, Spot

ENTRY = Entry("a/b.png", "/in/a/b.png")
READING = Recognition(
    "x^{2}", "formula", 0.75, alternatives=(Alternative("x", 0.5),), warnings=("small",),
    model=ModelIdentity("formula", "1", "f" * 64), image={"width": 20, "height": 10, "crop": None, "scale": 1.0},
    milliseconds=12.5, formats={"mathml": "<math/>"}, notation_confidence=0.5,
    spots=(Spot(1, (1, 3), "^", 0.25, (1.0, 2.0, 3.0, 4.0), (Choice("_", "x_{2}", 0.125),)), Spot(2, (3, 4), "2", 0.5)))
ROWS = [row(ENTRY, READING, spots=True), row(ENTRY, READING, spots=False), row(ENTRY, ImageError("no", "empty"), True),
        row(ENTRY, GlyphicError("worse"), True), failure(ENTRY, "it hung", "too-slow")]


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_rows_come_back_as_they_were_written(tmp_path, suffix):
    if suffix == "parquet":
        pytest.importorskip("pyarrow", reason="needs pyarrow: pip install 'glyphic[bulk]'")
    shards.write(tmp_path / f"a.{suffix}", ROWS)
    assert list(shards.read(tmp_path / f"a.{suffix}")) == ROWS
    assert [path.name for path in tmp_path.iterdir()] == [f"a.{suffix}"]
    (tmp_path / f"b.{suffix}").write_bytes(b"{not")
    with pytest.raises(GlyphicError, match=r"cannot be read: .*Remove it"):
        list(shards.read(tmp_path / f"b.{suffix}"))


def test_a_row_has_a_text_or_an_error_and_the_words_of_a_reading():
    read, _, refused, failed, slow = ROWS
    assert (read["text"], read["error"]) == ("x^{2}", None) and read["spots"] == READING.to_json()["spots"]
    assert [(r["text"], r["error"], r["error_kind"]) for r in (refused, failed, slow)] == [
        (None, "no", "empty"), (None, "worse", "failed"), (None, "it hung", "too-slow")]
    assert len({tuple(r) for r in ROWS}) == 1  # the same fields, in the same order
    json.dumps(ROWS, allow_nan=False)


def test_doubtful_is_what_the_policy_says_or_what_is_below_the_threshold():
    assert doubtful(ROWS[0], 0.8) and not doubtful(ROWS[0], 0.75)
    assert not doubtful({**ROWS[0], "decision": "accept"}, 0.8) and doubtful({**ROWS[0], "decision": "review"}, 0.1)
    assert not doubtful(ROWS[2], 1.0)


def test_what_fails_in_the_middle_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "a").write_text("old")
    with pytest.raises(ZeroDivisionError), writing(tmp_path / "a") as file:
        file.write(b"new")
        raise ZeroDivisionError
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "old")]


def test_where_nothing_can_be_written_the_error_says_so_and_what_to_do(tmp_path, monkeypatch):
    def full(number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"a cannot be written: No space left on device.*give the same command"), \
            writing(tmp_path / "a") as file:
        file.write(b"new")
    assert list(tmp_path.iterdir()) == []


def test_what_writers_that_died_left_behind_is_swept_up(tmp_path):
    (tmp_path / ".a.0.tmp").write_text("half")
    (tmp_path / "a").write_text("whole")
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.skipif(os.name != "posix", reason="locks are those of POSIX")
def test_two_runs_do_not_share_an_output_and_a_run_that_was_killed_holds_nothing(tmp_path):
    code = ("import sys\nfrom pathlib import Path\nfrom glyphic.bulk.files import alone\n"
            f"with alone(Path({str(tmp_path)!r})):\n    print('in', flush=True)\n    sys.stdin.read()")
    other = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert other.stdout.readline() == b"in\n"
    with pytest.raises(GlyphicError, match="another run writes into"), alone(tmp_path):
        pass
    other.kill()
    other.communicate()
    with alone(tmp_path):
        pass
