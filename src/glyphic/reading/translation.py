"""The token ids of a model and those of its notation, matched by the tokens' names.

A bundle stores its own vocabulary, so a notation may gain tokens, or a CTC model add its blank, and the model still
reads.
"""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from glyphic.core.errors import BundleError
from glyphic.core.guide import Guide, closing
from glyphic.core.vocabulary import Vocabulary


class Translation:
    """From the ids of `model` to those of `notation`; BundleError for a token that the notation does not know."""

    def __init__(self, model: Vocabulary, notation: Vocabulary):
        unknown = [t for i, t in enumerate(model.tokens) if i not in model.specials and t not in notation.ids]
        if unknown:
            raise BundleError(f"the model writes tokens that the notation of this version does not know: "
                              f"{', '.join(unknown[:5])}; install the version that the model was made for")
        self.model, self.notation = model, notation
        self.same = model.tokens == notation.tokens and model.specials == notation.specials
        text = [i for i in range(len(model)) if i not in model.specials]
        # <eos> is the one special token that guides speak of
        self._own = np.array([*text, model.eos], np.int64)
        self._theirs = np.array([*(notation.ids[model.tokens[i]] for i in text), notation.eos], np.int64)
        self._table = dict(zip(self._own.tolist(), self._theirs.tolist(), strict=True))
        self._back = {theirs: own for own, theirs in self._table.items()}

    def ids(self, tokens: Sequence[int]) -> list[int]:
        """The model's ids of a text -> the notation's."""
        return [self._table[token] for token in tokens]

    def back(self, token: int) -> int | None:
        """The notation's id -> the model's; None for what the model cannot write."""
        return self._back.get(token)

    def guide(self, guide: Guide) -> Guide:
        """A guide that speaks the notation's ids -> the same for the model's."""
        return guide if self.same else _Translated(guide, self)

    def bias(self, bias: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """(V of the notation,) -> (V of the model,); what only the model has is forbidden."""
        result = np.full(len(self.model), -np.inf, np.float32)
        result[self._own] = bias[self._theirs]
        return result


class _Translated:
    def __init__(self, inner: Guide, translation: Translation):
        self._inner, self._translation = inner, translation

    def start(self) -> Hashable:
        return self._inner.start()

    def advance(self, state: Any, token: int) -> Hashable:
        return self._inner.advance(state, self._translation.ids([token])[0])

    def bias(self, state: Any, remaining: int) -> npt.NDArray[np.float32]:
        return self._translation.bias(self._inner.bias(state, remaining))

    def closing(self, state: Any) -> int | None:
        token = closing(self._inner, state)
        return None if token is None else self._translation.back(token)
