"""How right a staff is: sequence accuracy, symbol error rate, and what of it are pitches, durations and bars.

All count on the words of the canonical text, so that they compare with figures on PrIMuS, and accept any text.
"""

import re
from collections.abc import Callable, Hashable, Sequence

import numpy as np
import numpy.typing as npt

from glyphic.core.distance import levenshtein
from glyphic.core.metrics import Exact
from glyphic.core.notation import Metric

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
    "sequence_accuracy": Exact(),
    "symbol_error_rate": SymbolErrorRate(),
    "pitch": Similarity(pitches),
    "duration": Similarity(durations),
    "bars": Similarity(measures),
}
