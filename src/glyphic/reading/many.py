"""Many pictures are read in order, lazily, a group at a time, by whatever reads in two halves."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from glyphic.core.errors import GlyphicError, OptionError
from glyphic.core.results import Recognition
from glyphic.reading.pictures import Source

Looked = TypeVar("Looked")


class Halves(Protocol[Looked]):
    """A reader, as `Recognizer` and `AutomaticReader` are."""

    def look(self, picture: Source) -> Looked: ...

    def read_looked(self, looked: Sequence[Looked]) -> list[Recognition]: ...


def read_many(reader: Halves[Looked], sources: Iterable[Source], batch: int, errors: str) -> Iterator[Any]:
    """A Recognition for each source; for one that cannot be read, its GlyphicError, raised when its turn comes
    (errors="raise") or given in its place ("return").

    Errors: OptionError, at once, for a batch below 1 and for other words for `errors`.
    """
    if batch < 1 or errors not in ("raise", "return"):
        raise OptionError("batch must be at least 1 and errors one of raise, return; "
                          f"got batch={batch}, errors={errors!r}")
    return _read(reader, iter(sources), batch, errors)


def _read(reader: Halves[Looked], sources: Iterator[Source], batch: int, errors: str) -> Iterator[Any]:
    while group := list(itertools.islice(sources, batch)):
        looked: list[Looked] = []
        refused: dict[int, GlyphicError] = {}
        for number, source in enumerate(group):
            try:
                looked.append(reader.look(source))
            except GlyphicError as error:
                refused[number] = error
        readings = iter(reader.read_looked(looked))
        for number in range(len(group)):
            if number not in refused:
                yield next(readings)
            elif errors == "raise":
                raise refused[number]
            else:
                yield refused[number]
