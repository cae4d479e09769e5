"""How often a classifier tells the kinds of pictures right: figures for each kind, and what is taken for what."""

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glyphic.core.kinds import KINDS
from glyphic.core.results import Score
from glyphic.evaluation.benchmark import wilson
from glyphic.reading.kinds import KindReader


@dataclass(frozen=True)
class Told:
    """One picture: what it is, what it was taken for, how probably, and how long that took."""

    path: Path
    kind: str
    shares: Mapping[str, float]  # most probable first
    milliseconds: float

    @property
    def found(self) -> str:
        return next(iter(self.shares))

    @property
    def right(self) -> bool:
        return self.found == self.kind


@dataclass(frozen=True)
class KindReport:
    """All pictures of a set."""

    told: Sequence[Told] = field(default_factory=tuple)

    @property
    def accuracy(self) -> Score:
        return share([told.right for told in self.told])

    @property
    def by_kind(self) -> dict[str, Score]:
        """Of those of each kind, how many are told right."""
        return {kind: share([told.right for told in self.told if told.kind == kind])
                for kind in KINDS if any(told.kind == kind for told in self.told)}

    @property
    def confusion(self) -> Counter[tuple[str, str]]:
        """(what it is, what it was taken for) -> how many."""
        return Counter((told.kind, told.found) for told in self.told)

    @property
    def milliseconds(self) -> float:
        """The median of a picture, from the file to the probabilities."""
        return statistics.median(told.milliseconds for told in self.told)

    def to_json(self) -> dict[str, Any]:
        """As bundles hold the figures of a set."""
        metrics = {"accuracy": self.accuracy, **self.by_kind}
        return {"count": len(self.told), "metrics": {name: score.to_json() for name, score in metrics.items()},
                "ms_per_image": self.milliseconds}


def evaluate(reader: KindReader, pictures: Iterable[tuple[str, Path]],
             progress: Callable[[Told], None] = lambda told: None) -> KindReport:
    """pictures: (kind, path); each is read from its file, alone."""
    found = []
    for kind, path in pictures:
        start = time.perf_counter()
        shares = reader.kind(path)
        found.append(Told(path, kind, shares, 1000 * (time.perf_counter() - start)))
        progress(found[-1])
    return KindReport(tuple(found))


def share(hits: Sequence[bool]) -> Score:
    """How many of them, with the interval of Wilson (1927)."""
    value = sum(hits) / len(hits)
    return Score(value, *wilson(value, len(hits)), len(hits))
