"""How far two sequences are apart."""

from collections.abc import Sequence

import numpy as np


def levenshtein(a: Sequence[object], b: Sequence[object]) -> int:
    """Fewest insertions, deletions and substitutions that turn `a` into `b` (Levenshtein 1966)."""
    if len(a) < len(b):
        a, b = b, a
    codes: dict[object, int] = {}
    right = np.array([codes.setdefault(item, len(codes)) for item in b], dtype=np.int64)
    offsets = np.arange(len(b) + 1)
    row = offsets.copy()
    for i, item in enumerate(a, 1):
        best = np.empty_like(row)
        best[0] = i
        best[1:] = np.minimum(row[1:] + 1, row[:-1] + (right != codes.get(item, -1)))
        row = np.minimum.accumulate(best - offsets) + offsets  # insertions: a running minimum along the row
    return int(row[-1])
