"""Shards are read by processes of this machine: one that dies is replaced, and its shard read again."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import IO, Any

from glyphic.bulk.files import OutputError
from glyphic.bulk.options import Conditions
from glyphic.bulk.plan import Plan, Shard
from glyphic.core.errors import GlyphicError

STARTS = 3  # times that a worker may end before it is ready
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")  # of numpy's libraries
WORDS = 300  # characters of what a dying process said


@dataclass(frozen=True)
class Event:
    """What became of something: so many inputs `read`, a shard `done` (`rows` of it, and how many `errors`), a worker
    that `died`, or an error that ends the run."""

    read: int = 0
    done: int | None = None
    rows: int = 0
    errors: int = 0
    died: str = ""
    failed: GlyphicError | None = None


Tell = Callable[[Event], None]


def run(plan: Plan, wanted: Sequence[Shard], conditions: Conditions, run: str, tell: Tell) -> None:
    """Reads the shards that are wanted; returns when all are done.

    tell: is told what happens, in this thread. Errors: GlyphicError, of which `OutputError` is that rows cannot be
    written; the workers are ended then, and their shards read again by the next run.
    """
    events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
    waiting: queue.SimpleQueue[Shard] = queue.SimpleQueue()
    for shard in wanted:
        waiting.put(shard)
    workers = [_Worker(plan, conditions, run, waiting, events) for _ in range(min(conditions.workers, len(wanted)))]
    threads = [threading.Thread(target=worker.work, daemon=True) for worker in workers]
    try:
        for thread in threads:
            thread.start()
        for event in _until_all_ended(events, len(threads)):
            if event.failed:
                raise event.failed
            tell(event)
    finally:
        for worker in workers:
            worker.end()
        for worker, thread in zip(workers, threads, strict=True):
            if thread.ident is not None:  # it began
                thread.join()
            worker.close()


def _until_all_ended(events: "queue.SimpleQueue[Event | None]", count: int) -> Iterator[Event]:
    """Each thread says None when it has nothing more to do."""
    while count:
        try:
            event = events.get(timeout=1.0)  # a wait without an end hears no Ctrl-C on Windows
        except queue.Empty:
            continue
        if event is None:
            count -= 1
        else:
            yield event


class _Worker:
    """A process and the thread that looks after it."""

    def __init__(self, plan: Plan, conditions: Conditions, run: str, waiting: "queue.SimpleQueue[Shard]",
                 events: "queue.SimpleQueue[Event | None]"):
        self.plan, self.conditions, self.run, self.waiting, self.events = plan, conditions, run, waiting, events
        self.process: subprocess.Popen[str] | None = None
        self.words: IO[bytes] | None = None  # what the process says on its way out
        self.ended = False
        self.lock = threading.Lock()

    def work(self) -> None:
        try:
            with contextlib.suppress(queue.Empty):
                while not self.ended:
                    self._read(self.waiting.get_nowait())
            self._dismiss()
        except GlyphicError as error:
            self.events.put(Event(failed=error))
        except Exception as error:
            if not self.ended:  # of a process that was ended, pipes break
                self.events.put(Event(failed=GlyphicError(f"{type(error).__name__}: {error}")))
        finally:
            self.events.put(None)

    def end(self) -> None:
        """At once, whatever it is doing."""
        with self.lock:
            self.ended = True
            if self.process and self.process.poll() is None:
                self.process.kill()

    def close(self) -> None:
        """Waits for the process, which ends or has ended, and closes what led to it."""
        if self.process:
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout, self.words):
                with contextlib.suppress(BrokenPipeError):  # an order that nobody hears any more
                    if pipe:
                        pipe.close()
        self.process = self.words = None

    def _read(self, shard: Shard) -> None:
        """Reads a shard, with as many processes as it takes; what kills them is found out by `trials`."""
        while not self.ended:
            read = 0
            process = self._started()
            with contextlib.suppress(BrokenPipeError):
                self._order(str(shard.number))
                for answer in self._answers(process):
                    if "read" in answer:
                        read += answer["read"]
                        self.events.put(Event(read=answer["read"]))
                    elif "done" in answer:
                        self.events.put(Event(done=shard.number, rows=answer["rows"], errors=answer["errors"]))
                        return
            if not self.ended:
                self.events.put(Event(read=-read, died=self._last_words()))
            self.close()

    def _started(self) -> "subprocess.Popen[str]":
        """A process that has its models and waits for an order. Errors: GlyphicError where none gets so far."""
        if self.process and self.process.poll() is None:
            return self.process
        for _ in range(STARTS):
            self.close()
            with self.lock:
                if self.ended:
                    raise GlyphicError("the run ends")
                process = self.process = self._start()
            with contextlib.suppress(BrokenPipeError):
                self._order(json.dumps({"folder": str(self.plan.folder), "run": self.run,
                                        "conditions": asdict(self.conditions)}))
                if any("ready" in answer for answer in self._answers(process)):
                    return process
        raise GlyphicError(f"a worker ends before it can read: {self._last_words()}")

    def _start(self) -> "subprocess.Popen[str]":
        self.words = tempfile.TemporaryFile()  # noqa: SIM115  # `close` does
        one = dict.fromkeys(THREADS, "1")
        return subprocess.Popen([sys.executable, "-m", "glyphic.bulk.worker"], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=self.words, text=True, encoding="ascii",
                                env={**os.environ, **one, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))})

    def _order(self, line: str) -> None:
        assert self.process and self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def _answers(self, process: "subprocess.Popen[str]") -> Iterator[dict[str, Any]]:
        """Until the process ends, or a word that says so is heard. Errors: what the worker says of what it cannot do.
        """
        assert process.stdout
        for line in process.stdout:
            try:
                answer = json.loads(line)
            except ValueError:  # it died in the middle of a line
                break
            if "failed" in answer:
                raise OutputFailure(answer["failed"]) if answer["output"] else GlyphicError(answer["failed"])
            yield answer

    def _last_words(self) -> str:
        """Why the process ended, as far as it can be known."""
        assert self.process and self.words
        code = self.process.wait()
        self.words.seek(0)
        said = " ".join(self.words.read().decode("utf-8", "replace").split())[-WORDS:]
        how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        return f"{how}: {said}" if said else how

    def _dismiss(self) -> None:
        if self.process and self.process.poll() is None:
            with contextlib.suppress(BrokenPipeError):
                self._order("")
            self.process.wait()


class OutputFailure(OutputError):
    """An OutputError of a worker, in its words."""

    def __init__(self, words: str):
        GlyphicError.__init__(self, words)
