"""Runs with processes: what is killed, what kills, what never ends, and a disk that is full."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from glyphic.bulk.options import Conditions, Options
from glyphic.bulk.run import run
from glyphic.core.errors import GlyphicError, OptionError
from tests.bulk.conftest import EXAMPLES, expected, fill, rows_of, steady

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")

# what a decoder may do to a process, brought into every worker by a module that Python looks for when it starts
EVIL = """
import os, re, signal, time
from glyphic.reading import pictures
honest = pictures.load
def load(source):
    if b"DIES" in source:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"STUCK" in source:
        re.match(r"(a+)+$", 60 * "a" + "b")  # holds Python's lock: no thread and no handler can end it
    if b"SLEEPS" in source:
        time.sleep(600)
    return honest(source)
pictures.load = load
"""


@pytest.fixture
def evil(tmp_path, monkeypatch):
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "sitecustomize.py").write_text(EVIL)
    monkeypatch.syspath_prepend(str(tmp_path / "evil"))


class Seen:
    """A watcher that remembers, and does something at the first event."""

    def __init__(self, act=lambda: None):
        self.events, self.act = [], act

    def planned(self, inputs, before):
        self.inputs, self.before = inputs, before

    def event(self, event):
        self.events.append(event)
        act, self.act = self.act, lambda: None
        act()

    @property
    def deaths(self):
        return [event.died for event in self.events if event.died]


def read(source, out, watcher=None, shard=4, **conditions):
    return run(str(source), out, Options("text", shard=shard), Conditions(**conditions), watcher=watcher)


def command(*arguments: object, **options) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *sys.path])}
    return subprocess.Popen([sys.executable, "-m", "glyphic", "batch", *map(str, arguments)], env=environment,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def children(process: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


def test_two_workers_read_every_input_once_and_say_how_far_they_are(pictures, tmp_path):
    seen = Seen()
    figures = read(pictures, tmp_path / "out", seen, workers=2)
    assert [row["text"] for row in rows_of(tmp_path / "out")] == expected(10)
    assert (seen.inputs, seen.before, sum(event.read for event in seen.events)) == (10, 0, 10)
    assert sorted(event.done for event in seen.events if event.done is not None) == [0, 1, 2]
    assert figures["this_start"]["workers_died"] == 0 and not list((tmp_path / "out" / "trials").iterdir())


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to find the worker")
def test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost(pictures, tmp_path):
    def kill():
        for worker in children(os.getpid()):
            os.kill(worker, signal.SIGKILL)

    seen = Seen(kill)
    figures = read(pictures, tmp_path / "out", seen)
    assert [row["text"] for row in rows_of(tmp_path / "out")] == expected(10)
    assert seen.deaths == ["killed by signal 9"] and figures["this_start"]["workers_died"] == 1
    assert sum(event.read for event in seen.events) == 10


def test_pictures_that_kill_or_stop_a_worker_become_rows_and_all_others_are_read(evil, tmp_path):
    folder = fill(tmp_path / "in", 10)
    for name, word in (("03.jpg", b"DIES"), ("05.png", b"STUCK"), ("08.png", b"SLEEPS")):
        (folder / name).write_bytes(b"\x89PNG" + word)
    seen = Seen()
    figures = read(folder, tmp_path / "out", seen, shard=10, seconds=1.0)
    rows = rows_of(tmp_path / "out")
    assert {row["input"]: row["error_kind"] for row in rows if row["error"]} == {
        "03.jpg": "crashed", "05.png": "too-slow", "08.png": "too-slow"}
    assert "took longer than 1 seconds" in rows[5]["error"] and "ended the process" in rows[3]["error"]
    assert [r["text"] for r in rows if not r["error"]] == [t for n, t in enumerate(expected(10)) if n not in (3, 5, 8)]
    assert len(seen.deaths) <= 6 and figures["rows"] == 10


def test_a_run_that_is_killed_goes_on_and_gives_the_rows_that_it_would_have_given(tmp_path):
    folder = fill(tmp_path / "in", 40)
    read(folder, tmp_path / "whole", shard=3)
    process = command(folder, tmp_path / "out", "--model", "text", "--shard", 3, "--workers", 1)
    rows = tmp_path / "out" / "rows"
    while not rows.is_dir() or len(list(rows.glob("part-*"))) < 2:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    workers = children(process.pid)
    process.kill()
    process.communicate()
    done = len(list(rows.glob("part-*")))
    seen = Seen()
    read(folder, tmp_path / "out", seen, shard=3)
    assert 0 < done < 14 and seen.before >= 3 * done
    assert steady(rows_of(tmp_path / "out")) == steady(rows_of(tmp_path / "whole"))
    assert workers and not any(Path(f"/proc/{worker}").exists() and worker in children(1) for worker in workers)


def test_a_disk_that_fills_up_is_a_clear_error_and_the_run_goes_on_when_there_is_room(pictures, tmp_path):
    def full():  # the system refuses to write more into any file, as it does on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))

    process = command(pictures, tmp_path / "out", "--model", "text", "--shard", 10, "--workers", 1, preexec_fn=full)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1 and "Traceback" not in said
    assert "part-000000.jsonl cannot be written: File too large. What was read is kept" in said
    assert list((tmp_path / "out" / "rows").iterdir()) == []  # not even a part of a file
    read(pictures, tmp_path / "out", shard=10)
    assert [row["text"] for row in rows_of(tmp_path / "out")] == expected(10)


def test_an_output_that_cannot_be_written_is_a_clear_error(pictures, tmp_path):
    with pytest.raises(GlyphicError, match=r"/proc/nowhere.* cannot be written: .*give the same command again"):
        read(pictures, Path("/proc/nowhere"))
    (tmp_path / "file").write_text("x")
    with pytest.raises(GlyphicError, match="cannot be written"):
        read(pictures, tmp_path / "file" / "out")


def test_workers_that_cannot_even_start_end_the_run_with_what_they_said(pictures, tmp_path, monkeypatch):
    (tmp_path / "evil").mkdir()
    code = "import os, sys\nprint('no luck', file=sys.stderr)\nos._exit(7)"
    (tmp_path / "evil" / "sitecustomize.py").write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path / "evil"))
    with pytest.raises(GlyphicError, match="a worker ends before it can read: exit code 7: no luck"):
        read(pictures, tmp_path / "out")


def test_the_command_says_what_it_did_and_ends_with_0_although_rows_have_errors(tmp_path):
    folder = fill(tmp_path / "in", 4)
    (folder / "words.txt").write_text("words")
    process = command(folder, tmp_path / "out", "--model", "text", "--workers", 1)
    printed, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert printed.startswith("5 of 5 inputs have their rows, 5 of them now")
    assert "  text: 4 read, " in printed and "  errors: 1 (no-picture 1); the rows say of what" in printed
    again = command(folder, tmp_path / "out", "--model", "text", "--spots")
    assert again.wait() == 2 and "spots was false, now true" in again.communicate()[1]


def test_parquet_without_pyarrow_names_the_extra(pictures, tmp_path, monkeypatch):
    from glyphic.bulk import shards

    shards.schema.cache_clear()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(GlyphicError, match=r"glyphic\[bulk\]"):
        run(str(pictures), tmp_path / "out", Options("text", file="parquet"))
    assert not (tmp_path / "out").exists()


def test_a_model_that_is_not_there_and_a_source_that_is_not_there_are_refused(tmp_path):
    with pytest.raises(GlyphicError, match="no model"):
        run(str(EXAMPLES), tmp_path / "out", Options("texts"))
    with pytest.raises(OptionError, match="there is no"):
        run(str(tmp_path / "gone"), tmp_path / "out", Options("text"))
