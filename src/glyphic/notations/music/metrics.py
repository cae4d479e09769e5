"""How right a staff is: sequence accuracy, symbol error rate, and what of it are pitches, durations and bars.

All count on the words of the canonical text, so that they compare with figures on PrIMuS, and accept any text.

Labels hold accidentals in two ways. In music, and in our readings, one holds up to the barline; in PrIMuS it holds for
one note, so that a bar with one sharp reads C#5 C5 there. A reading is compared with a label in the way in which it is
nearer; `exact` is without that, word by word.
"""

import re
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from glyphic.core.distance import levenshtein
from glyphic.core.errors import NotationError
from glyphic.core.metrics import Exact
from glyphic.core.notation import Metric
from glyphic.notations.music.accidentals import uncarried
from glyphic.notations.music.semantic import parse, write

_PITCHED = re.compile(r"((?:grace)?note)-([^_]+)_(.+)")


class SymbolErrorRate:
    """Sum of the edit distances in symbols / sum of the labels' lengths, at most 1 (Calvo-Zaragoza and Rizo 2018).

    An error rate: 0 is best (`best`), unlike the other metrics.
    """

    best = 0.0

    def statistics(self, prediction: str, reference: str) -> Sequence[float]:
        a, b = prediction.split(), reference.split()
        return float(levenshtein(a, b)), float(len(b))

    def value(self, sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(np.minimum(sums[..., 0] / np.maximum(sums[..., 1], 1.0), 1.0))


class Similarity:
    """1 - (sum of edit distances) / (sum of the longer lengths), of one aspect of the staves: a list of items each.

    1 where neither side has any item.
    """

    def __init__(self, aspect: Callable[[str], Sequence[Hashable]]):
        self.aspect = aspect

    def statistics(self, prediction: str, reference: str) -> Sequence[float]:
        a, b = self.aspect(prediction), self.aspect(reference)
        return float(levenshtein(a, b)), float(max(len(a), len(b)))

    def value(self, sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(1.0 - sums[..., 0] / np.maximum(sums[..., 1], 1.0))


class EitherWay:
    """A metric of the prediction whose accidentals hold as they do in the label: in music, or as in PrIMuS."""

    def __init__(self, metric: Metric):
        self.metric, self.best = metric, getattr(metric, "best", 1.0)

    def statistics(self, prediction: str, reference: str) -> Sequence[float]:
        return self.metric.statistics(as_labelled(prediction, reference), reference)

    def value(self, sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return self.metric.value(sums)


@lru_cache(maxsize=65536)
def as_labelled(prediction: str, reference: str) -> str:
    """The prediction, or what PrIMuS would call the same picture, if that is nearer to the label."""
    if prediction == reference:
        return prediction
    try:
        other = write(uncarried(parse(prediction)))
    except NotationError:
        return prediction
    label = reference.split()
    return min(prediction, other, key=lambda text: levenshtein(text.split(), label))


def pitches(text: str) -> list[str]:
    """The pitches of all notes and grace notes: `note-F#4`, `gracenote-C5`."""
    return [f"{match[1]}-{match[2]}" for word in text.split() if (match := _PITCHED.fullmatch(word))]


def durations(text: str) -> list[str]:
    """The durations of all notes, grace notes and rests, dots and fermatas with them: `note_eighth.`, `rest-half`."""
    found = ((word, _PITCHED.fullmatch(word)) for word in text.split())
    return [f"{match[1]}_{match[3]}" if match else word for word, match in found
            if match or word.startswith(("rest-", "multirest-"))]


def measures(text: str) -> list[str]:
    """What stands between the barlines, signatures with it."""
    return [measure.strip() for measure in re.split(r"(?:^|(?<=\s))barline(?=\s|$)", text) if measure.strip()]


METRICS: dict[str, Metric] = {
    "sequence_accuracy": EitherWay(Exact()),
    "symbol_error_rate": EitherWay(SymbolErrorRate()),
    "pitch": EitherWay(Similarity(pitches)),
    "duration": Similarity(durations),
    "bars": EitherWay(Similarity(measures)),
    "exact": Exact(),
}
