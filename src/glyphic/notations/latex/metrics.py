"""How right a formula is: exact match, edit similarity and BLEU, on the tokens that the literature counts."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from glyphic.core.distance import levenshtein
from glyphic.core.metrics import Exact
from glyphic.core.notation import Metric

_TOKEN = re.compile(r"\\(?:begin|end)\{\w+\*?\}|\\[a-zA-Z]+|\\.|\S")
_SIZES = frozenset([r"\left", r"\right"])


def tokens(text: str) -> list[str]:
    r"""Canonical LaTeX -> commands, characters and braces, one by one, as im2markup counts them.

    `\left` and `\right` are left out: the canonical spelling derives them.
    """
    return [token for token in _TOKEN.findall(text) if token not in _SIZES]


class EditSimilarity:
    """1 - (sum of token edit distances) / (sum of the longer lengths) of a corpus (im2markup, Deng et al. 2017)."""

    def statistics(self, prediction: str, reference: str) -> Sequence[float]:
        a, b = tokens(prediction), tokens(reference)
        return float(levenshtein(a, b)), float(max(len(a), len(b)))

    def value(self, sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(1.0 - sums[..., 0] / np.maximum(sums[..., 1], 1.0))


class Bleu:
    """Corpus BLEU-4 on tokens with brevity penalty, unsmoothed (Papineni et al. 2002; multi-bleu.perl)."""

    def statistics(self, prediction: str, reference: str) -> Sequence[float]:
        a, b = tokens(prediction), tokens(reference)
        result = [float(len(a)), float(len(b))]
        for n in range(1, 5):
            ours, theirs = _ngrams(a, n), _ngrams(b, n)
            result += [float(sum((ours & theirs).values())), float(max(len(a) - n + 1, 0))]
        return result

    def value(self, sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        length, reference = sums[..., 0], sums[..., 1]
        matches, totals = sums[..., 2::2], sums[..., 3::2]
        with np.errstate(divide="ignore", invalid="ignore"):
            precision = np.log(matches / np.maximum(totals, 1.0)).mean(axis=-1)
            brevity = np.minimum(0.0, 1.0 - reference / np.maximum(length, 1e-9))
        return np.asarray(np.exp(precision + brevity))


def _ngrams(sequence: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(sequence[i:i + n]) for i in range(len(sequence) - n + 1))


METRICS: dict[str, Metric] = {"exact": Exact(), "edit": EditSimilarity(), "bleu": Bleu()}
