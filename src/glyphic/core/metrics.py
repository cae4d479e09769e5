"""Figures that any notation may count: per-sample numbers that add up over a corpus."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


class Exact:
    """Share of predictions that are, spelled canonically, the label itself, character for character."""

    def statistics(self, prediction: str, reference: str) -> Sequence[float]:
        return float(prediction == reference), 1.0

    def value(self, sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(sums[..., 0] / np.maximum(sums[..., 1], 1.0))
