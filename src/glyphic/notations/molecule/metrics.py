"""How right a reading is as a drawing: its structure, and its target token by token."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from glyphic.core.distance import levenshtein
from glyphic.core.errors import NotationError
from glyphic.core.metrics import Exact
from glyphic.core.notation import Metric
from glyphic.notations.molecule.structure import same_structure
from glyphic.notations.molecule.target import to_scheme


class StructureMatch:
    """Share of readings that are the label's structure: atom texts, bond kinds, components, signs and arrows; angles
    and the order of writing do not count (the Struct-EM of EDU-CHEMC is of this kind)."""

    def statistics(self, prediction: str, reference: str) -> Sequence[float]:
        return float(prediction == reference or _same(prediction, reference)), 1.0

    def value(self, sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(sums[..., 0] / np.maximum(sums[..., 1], 1.0))


class EditSimilarity:
    """1 - (sum of token edit distances) / (sum of the longer lengths) of a corpus."""

    def statistics(self, prediction: str, reference: str) -> Sequence[float]:
        a, b = prediction.split(), reference.split()
        return float(levenshtein(a, b)), float(max(len(a), len(b)))

    def value(self, sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(1.0 - sums[..., 0] / np.maximum(sums[..., 1], 1.0))


def _same(prediction: str, reference: str) -> bool:
    try:
        return same_structure(to_scheme(prediction), to_scheme(reference))
    except NotationError:
        return False


METRICS: dict[str, Metric] = {"structure": StructureMatch(), "exact": Exact(), "edit": EditSimilarity()}
