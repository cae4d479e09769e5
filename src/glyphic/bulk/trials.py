"""What a worker has in its hands, written down, so that its successor knows what it died of.

A picture can kill a process: by a fault in a decoder, by the memory it takes, or by never ending. The journal of a
shard has a line for all that is begun and all that is read; what was begun only, when a process ends, is under
suspicion, and the next process reads it first and alone. What ends a process alone, and again, is not tried a third
time. Journals of other runs are not looked at: whoever killed those was no picture.
"""

import contextlib
import faulthandler
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from glyphic.bulk.files import OutputError
from glyphic.core.errors import GlyphicError

DEATHS = 2  # alone, after which a picture is given up
FRUITLESS = 10  # deaths over a shard for which no picture can be blamed, after which the run ends
PATIENCE = 4  # a batch may take as long as so many pictures


class Trial:
    """The journal of one shard, in one run, as one worker goes on with it.

    suspects: the inputs, by their number in the shard, that were in hand when an earlier worker died, and may have been
    what it died of. condemned: those that ended a worker alone -> whether that was by taking too long.
    Errors: GlyphicError where workers die of this shard, and of no picture; OutputError.
    """

    def __init__(self, path: Path, run: str, seconds: float):
        self.path, self.late, self.seconds = path, path.with_suffix(".late"), seconds
        self.suspects: list[int] = []
        self.condemned: dict[int, bool] = {}
        self._learn(run)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._journal: TextIO = path.open("a", encoding="ascii")
            self._watch: TextIO = self.late.open("w", encoding="utf-8", errors="replace")
        except OSError as error:
            raise OutputError(path, error) from error
        self._say(f"\nrun {run}")  # whoever died in the middle of a line did not end it

    def _learn(self, run: str) -> None:
        """From what earlier workers of the same run left."""
        try:
            lines = list(filter(None, self.path.read_text(encoding="ascii").splitlines()))
            slow = self.late.stat().st_size > 0
        except FileNotFoundError:
            return
        except OSError as error:
            raise OutputError(self.path, error) from error
        if not lines or lines[0] != f"run {run}":
            self.path.unlink()
            return
        lives, self.condemned = _replayed(lines)
        last = lives[-1].alone
        for number, deaths in Counter(life.alone for life in lives).items():
            late = slow and number == last
            if number is not None and number not in self.condemned and (deaths >= DEATHS or late):
                self.condemned[number] = late
        if len(lives) > FRUITLESS + (1 + DEATHS) * len(self.condemned):
            raise GlyphicError(f"{len(lives)} workers died over the same inputs, and of none of them alone; is there "
                               "enough memory for so many workers? What was read is kept: give the same command again")
        suspects = set().union(*(life.held for life in lives))
        self.suspects = sorted(suspects - self.condemned.keys())

    def condemn(self) -> None:
        """Writes down who is condemned, for workers after this one."""
        for number, slow in self.condemned.items():
            self._say(f"x {number} {'slow' if slow else 'dead'}")

    def begin(self, numbers: Iterable[int]) -> None:
        """These are in hand from now on."""
        self._say("+ " + " ".join(map(str, numbers)))

    def end(self, numbers: Iterable[int]) -> None:
        """These are read, or have their errors."""
        self._say("- " + " ".join(map(str, numbers)))

    @contextlib.contextmanager
    def alone(self, number: int) -> Iterator[None]:
        """One picture, with nothing else in hand, may take its seconds; then the process ends."""
        self._say(f"! {number}")
        with self._ending_after(self.seconds):
            yield
        self.end([number])

    def together(self, count: int) -> contextlib.AbstractContextManager[None]:
        """So many pictures: where they take too long, the process ends, and each is tried alone."""
        return self._ending_after(self.seconds * min(count, PATIENCE))

    def close(self) -> None:
        """The shard is done: nothing of it is kept."""
        self._journal.close()
        self._watch.close()
        for path in (self.path, self.late):
            path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _ending_after(self, seconds: float) -> Iterator[None]:
        """faulthandler's watchdog is a thread that needs no lock of Python: it ends what no signal handler could."""
        faulthandler.dump_traceback_later(seconds, exit=True, file=self._watch)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()

    def _say(self, line: str) -> None:
        try:
            self._journal.write(line + "\n")
            self._journal.flush()  # to the system, which outlives the process
        except OSError as error:
            raise OutputError(self.path, error) from error


@dataclass
class _Life:
    """What a worker had in hand when it died, and what of it alone."""

    held: set[int] = field(default_factory=set)
    alone: int | None = None


def _replayed(lines: Iterable[str]) -> tuple[list[_Life], dict[int, bool]]:
    """A journal -> the life of each worker, and who was condemned."""
    lives: list[_Life] = []
    condemned: dict[int, bool] = {}
    for line in lines:
        word, *rest = line.split()
        numbers = {int(number) for number in rest if number.isdigit()}
        if word == "run":
            lives.append(_Life())
        elif word == "+":
            lives[-1].held |= numbers
        elif word == "!":
            lives[-1].held |= numbers
            lives[-1].alone = min(numbers, default=None)
        elif word == "-":
            lives[-1].held -= numbers
            lives[-1].alone = None
        elif word == "x":
            condemned |= dict.fromkeys(numbers, rest[-1] == "slow")
    return lives, condemned
