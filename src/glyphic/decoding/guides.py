"""Guides for any notation: a forced beginning, a closed list of tokens or words, a guard against loops."""

import functools
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from glyphic.core.errors import OptionError
from glyphic.core.guide import Both, Guide
from glyphic.core.model import FloatArray, FrameModel, IntArray
from glyphic.core.vocabulary import Vocabulary

Bias = npt.NDArray[np.float32]

BETWEEN = -1  # the depth behind a mark that is part of no word: the text may end here, or a word begin


class ForcedPrefix:
    """The reading begins with the given tokens, then goes on freely. The state is how many of them are written."""

    def __init__(self, tokens: Sequence[int], vocabulary: Vocabulary):
        self.tokens = tuple(tokens)
        special = [vocabulary.tokens[t] for t in self.tokens if t in vocabulary.specials]
        if special:
            raise OptionError(f"a forced prefix is made of tokens of the text; got {', '.join(special)}")
        self._only = {token: _frozen(_forbidding(len(vocabulary), [token])) for token in self.tokens}
        self._free = _frozen(np.zeros(len(vocabulary), np.float32))

    def start(self) -> int:
        return 0

    def advance(self, state: int, token: int) -> int:
        return min(state + 1, len(self.tokens))

    def bias(self, state: int, remaining: int) -> Bias:
        return self._only[self.tokens[state]] if state < len(self.tokens) else self._free


class AllowOnly:
    """The reading is made of the given tokens, in any order; one state."""

    def __init__(self, tokens: Iterable[int], vocabulary: Vocabulary):
        allowed = sorted(set(tokens) - vocabulary.specials)
        if not allowed:
            raise OptionError("a list of what may be written needs at least one token of the text; got none")
        self.allowed = _frozen(_forbidding(len(vocabulary), [*allowed, vocabulary.eos]))
        frames = self.allowed.copy()
        if vocabulary.blank is not None:
            frames[vocabulary.blank] = 0.0
        self._frames = _frozen(frames)

    def start(self) -> int:
        return 0

    def advance(self, state: int, token: int) -> int:
        return state

    def bias(self, state: int, remaining: int) -> Bias:
        return self.allowed

    def over(self, model: FrameModel) -> FrameModel:
        """A frame model that writes what is allowed: as under this guide, but without a search."""
        return _Allowed(model, self._frames)


@dataclass(frozen=True)
class _Allowed:
    model: FrameModel
    bias: Bias

    def frames(self, images: FloatArray) -> tuple[FloatArray, IntArray]:
        logprobs, lengths = self.model.frames(images)
        return logprobs + self.bias, lengths


class TrieLexicon:
    """The reading is one of the given words, and ends in time: a word that no longer fits is not begun.

    The trie is a sorted table: a state (first, last, depth) stands for the words first ... last - 1, which agree in
    their first `depth` tokens. 88,000 words take 8 MB and half a second, and nothing is built node by node.
    """

    def __init__(self, words: Iterable[Sequence[int]], vocabulary: Vocabulary,
                 alike: npt.NDArray[np.int64] | None = None, around: Sequence[int] = ()):
        """words: token ids of each; OptionError for no words and for special tokens within a word.

        alike: (V,) the token that stands in the words for each token, as a small letter does for its capital.
        around: tokens that may stand before, between and behind words, so that many words are a text, too.
        """
        listed = sorted({tuple(word) for word in words})
        if not listed:
            raise OptionError("a lexicon needs at least one word; got none")
        self.vocabulary = vocabulary
        self._alike = np.arange(len(vocabulary)) if alike is None else alike
        self._around = np.array(around, np.int32)
        self._lengths = np.array([len(word) for word in listed], np.int32)
        self._table = np.full((len(listed), int(self._lengths.max()) + 1), -1, np.int32)  # -1 sorts where a word ends
        places = np.arange(self._table.shape[1]) < self._lengths[:, None]
        self._table[places] = np.fromiter(itertools.chain.from_iterable(listed), np.int32)
        special = np.isin(self._table, list(vocabulary.specials)).any(axis=1)
        if special.any():
            word = listed[int(special.argmax())]
            names = [vocabulary.tokens[token] for token in word]
            raise OptionError(f"the words of a lexicon hold no special tokens; got {names}")
        self._branches = functools.lru_cache(maxsize=4096)(self._find_branches)

    def start(self) -> tuple[int, int, int]:
        return 0, len(self._table), 0

    def advance(self, state: tuple[int, int, int], token: int) -> tuple[int, int, int]:
        first, last, depth = state
        column = self._table[first:last, max(depth, 0)]
        left, right = (int(np.searchsorted(column, self._alike[token], side)) for side in ("left", "right"))
        if left == right and token in self._around:
            return 0, len(self._table), BETWEEN
        return first + left, first + right, max(depth, 0) + 1

    def bias(self, state: tuple[int, int, int], remaining: int) -> Bias:
        tokens, needed = self._branches(state)
        return _forbidding(len(self.vocabulary), tokens[needed <= remaining])[self._alike]

    def _find_branches(self, state: tuple[int, int, int]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """The tokens that may follow, and how many tokens the shortest word behind each still needs, <eos> included."""
        first, last, depth = state
        column = self._table[first:last, max(depth, 0)]
        starts = np.flatnonzero(np.diff(column, prepend=-2))
        if not len(starts):
            return column, column
        tokens = column[starts]
        needed = np.minimum.reduceat(self._lengths[first:last], starts) - max(depth, 0) + 1
        ends = depth == BETWEEN or tokens[0] == -1
        if ends or depth == 0:  # a mark, then <eos>
            tokens, needed = np.append(tokens, self._around), np.append(needed, np.full(len(self._around), 2))
        if depth == BETWEEN:
            tokens, needed = np.append(tokens, -1), np.append(needed, 1)
        return np.where(tokens == -1, self.vocabulary.eos, tokens), needed.astype(np.int32)


def without_loops(grammar: Guide | None, vocabulary: Vocabulary) -> Guide:
    """How step models are guided: by the notation's grammar, if it has one, and out of loops, which no grammar knows.
    Frame models need only the grammar, for frames have an end."""
    out = NoRepeat(vocabulary)
    return Both((grammar, out)) if grammar else out


class NoRepeat:
    """No group of up to `longest` tokens stands more than `times` times in a row: the way out of a network's loop.

    A state holds the last `longest` tokens and, for each period p, how many of the last tokens equal the one p places
    before them. The token that would complete one repetition too many is given -penalty. A finite penalty leaves it
    open where nothing else is allowed (ten closing braces under a grammar); math.inf forbids it outright.
    """

    def __init__(self, vocabulary: Vocabulary, longest: int = 16, times: int = 8, penalty: float = 100.0):
        if longest < 1 or times < 1 or not penalty > 0:
            raise OptionError("a loop guard needs groups of at least 1 token, at least 1 time, and a penalty above 0; "
                              f"got longest={longest}, times={times}, penalty={penalty}")
        self.longest, self.times, self.penalty = longest, times, penalty
        self._free = _frozen(np.zeros(len(vocabulary), np.float32))

    def start(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return (), (0,) * self.longest

    def advance(self, state: tuple[tuple[int, ...], tuple[int, ...]],
                token: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        tail, runs = state
        grown = tuple([run + 1 if earlier == token else 0 for run, earlier in zip(runs, reversed(tail), strict=False)])
        tail = (*tail, token)[-self.longest:]
        return tail, grown + (0,) * (self.longest - len(grown))

    def bias(self, state: tuple[tuple[int, ...], tuple[int, ...]], remaining: int) -> Bias:
        tail, runs = state
        # n + 1 copies of a group of p tokens are n * p tokens in a row that each equal the one p places before
        loops = [tail[-p] for p, run in enumerate(runs[:len(tail)], 1) if run + 1 >= p * self.times]
        if not loops:
            return self._free
        bias = self._free.copy()
        bias[loops] = -self.penalty
        return bias


def _forbidding(size: int, allowed: Sequence[int] | npt.NDArray[np.int32]) -> Bias:
    bias = np.full(size, -np.inf, np.float32)
    bias[allowed] = 0.0
    return bias


def _frozen(bias: Bias) -> Bias:
    """A bias that is handed out many times must not be written to."""
    bias.setflags(write=False)
    return bias
