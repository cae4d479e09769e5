"""The inputs of a shard become rows: they are fetched and decoded while others are read, in batches of one kind and of
about one width. Threads wait for disks and networks and decode; all else is one thread, so that a worker is one CPU.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from glyphic.bulk import rows as shapes
from glyphic.bulk.options import Conditions, Options
from glyphic.bulk.rows import Row
from glyphic.bulk.storage import Entry, fetch
from glyphic.bulk.trials import PATIENCE, Trial
from glyphic.core.errors import GlyphicError, ImageError
from glyphic.core.kinds import NONE
from glyphic.core.results import Recognition
from glyphic.reading import pictures
from glyphic.reading.pictures import Source

if TYPE_CHECKING:
    from glyphic.review.store import Store

FETCHERS = 4  # threads that wait for a disk or a network
AHEAD = 32  # inputs in hand before their turn
SMALL = 500_000  # pixels that are decoded before their turn
WINDOW = 64  # pictures among which those of one width are looked for
WINDOW_BYTES = 64_000_000  # of pictures that wait for their batch

Progress = Callable[[int], None]
"""Is told how many more inputs have their row."""


class Reader:
    """Reads shards, one after the other, with one thread of inference.

    Errors: those of `glyphic.load`, and of the review queue.
    """

    def __init__(self, options: Options, conditions: Conditions):
        from glyphic.reading.recognizer import load

        self.options, self.conditions = options, conditions
        self.recognizer: Any = load(options.model, **options.reader())
        self.queue: Store | None = None
        if options.review and conditions.review_url:
            from glyphic.review import open_store

            self.queue = open_store(conditions.review_url)
        self._fetchers = ThreadPoolExecutor(FETCHERS, "fetch")

    def close(self) -> None:
        self._fetchers.shutdown(wait=False, cancel_futures=True)
        if self.queue:
            self.queue.close()

    def read(self, entries: Sequence[Entry], numbers: Iterable[int], trial: Trial,
             progress: Progress = lambda count: None) -> dict[int, Row]:
        """The rows of the inputs with these numbers, by number. What of it kills the process is for `trial`."""
        wanted, rows = set(numbers), {}
        trial.condemn()
        for number in sorted(wanted & trial.condemned.keys()):
            rows[number] = self._condemned(entries[number], trial.condemned[number])
        progress(len(rows))
        for number in sorted(wanted & set(trial.suspects) - rows.keys()):
            with trial.alone(number):
                result = self._alone(entries[number])
            rows[number] = self._row(entries[number], result)
            progress(1)
        looked = self._looked(entries, sorted(wanted - rows.keys()), trial)
        for window in self._windows(looked, entries, rows, trial, progress):
            for batch in self._batches(window):
                with trial.together(len(batch)):
                    results = self._together(batch)
                for (number, _), result in zip(batch, results, strict=True):
                    rows[number] = self._row(entries[number], result)
                trial.end(number for number, _ in batch)
                progress(len(batch))
        return rows

    def _condemned(self, entry: Entry, slow: bool) -> Row:
        if slow:
            return shapes.failure(entry, f"{entry.name} took longer than {self.conditions.seconds:g} seconds, and was "
                                  "given up", shapes.SLOW)
        return shapes.failure(entry, f"{entry.name} ended the process that read it, again and again: it is damaged in "
                              "a way that a decoder does not bear, or takes more memory than there is", shapes.CRASHED)

    def _looked(self, entries: Sequence[Entry], numbers: Iterable[int], trial: Trial) -> Iterator[tuple[int, Any]]:
        """Inputs in their order, as the recognizer looks at them, or a GlyphicError; others are on their way."""
        pending: deque[tuple[int, Future[Source]]] = deque()
        for number in numbers:
            trial.begin([number])
            pending.append((number, self._fetchers.submit(_brought, entries[number])))
            if len(pending) >= AHEAD:
                yield self._look(*pending.popleft(), trial)
        while pending:
            yield self._look(*pending.popleft(), trial)

    def _windows(self, looked: Iterable[tuple[int, Any]], entries: Sequence[Entry], rows: dict[int, Row], trial: Trial,
                 progress: Progress) -> Iterator[list[tuple[int, Any]]]:
        """What can be read, as many at a time as memory allows; of what cannot, the rows are made on the way. What
        comes together follows from the pictures alone, so that the same shard is read in the same batches."""
        window: list[tuple[int, Any]] = []
        size = 0
        for number, found in looked:
            if isinstance(found, GlyphicError):
                rows[number] = self._row(entries[number], found)
                trial.end([number])
                progress(1)
                continue
            window.append((number, found))
            size += found.nbytes
            if len(window) >= WINDOW or size > WINDOW_BYTES:
                yield window
                window, size = [], 0
        if window:
            yield window

    def _batches(self, window: Sequence[tuple[int, Any]]) -> Iterator[list[tuple[int, Any]]]:
        """Of one kind, the narrowest first: texts of about one length are done with their search together."""
        groups: dict[str, list[tuple[int, Any]]] = {}
        for number, looked in window:
            groups.setdefault(looked.group, []).append((number, looked))
        for group in groups.values():
            group.sort(key=lambda item: item[1].width)
            for first in range(0, len(group), self.conditions.batch):
                yield group[first:first + self.conditions.batch]

    def _together(self, batch: Sequence[tuple[int, Any]]) -> list[Recognition | GlyphicError]:
        try:
            return list(self.recognizer.read_looked([looked for _, looked in batch]))
        except Exception as error:  # whatever it was, it is of one picture: the others have their rows
            if len(batch) == 1:
                return [_told(error)]
            return [self._together([item])[0] for item in batch]

    def _alone(self, entry: Entry) -> Recognition | GlyphicError:
        try:
            found: Recognition = self.recognizer.read(fetch(entry))
            return found
        except Exception as error:
            return _told(error)

    def _look(self, number: int, picture: "Future[Source]", trial: Trial) -> tuple[int, Any]:
        with trial.together(PATIENCE):
            try:
                return number, self.recognizer.look(picture.result())
            except Exception as error:
                return number, _told(error)

    def _row(self, entry: Entry, result: Recognition | GlyphicError) -> Row:
        """The row; what is in doubt goes to the queue, before its row is written: there it is one item, however often
        it is brought."""
        found = shapes.row(entry, result, self.options.spots)
        if self.queue and isinstance(result, Recognition) and result.notation != NONE \
                and shapes.doubtful(found, self.options.threshold):
            self._bring(self.queue, entry, result)
        return found

    def _bring(self, queue: "Store", entry: Entry, result: Recognition) -> None:
        try:
            queue.add(fetch(entry), result.to_json())
        except ImageError:  # it was there a moment ago: there is nothing to show to a person any more
            return
        except GlyphicError:
            raise
        except Exception as error:  # of the database
            what = getattr(error, "orig", None) or error
            raise GlyphicError(f"the review queue cannot be written: {what}") from error


def _brought(entry: Entry) -> Source:
    """The bytes of an input, or its pixels, where those are few. What is wrong with it is told in its turn."""
    data = fetch(entry)
    with contextlib.suppress(GlyphicError):
        if pictures.area(data) <= SMALL:
            return pictures.load(data)
    return data


def _told(error: Exception) -> GlyphicError:
    """Any error as one of ours: an input that breaks something is a row, and never the end of the run."""
    return error if isinstance(error, GlyphicError) else GlyphicError(f"{type(error).__name__}: {error}")
