"""A network whose every answer is known, and a notation of letters in balanced braces: what decoding is tested with."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from glyphic.core.vocabulary import Vocabulary

BRACES = Vocabulary.of("{}ab")
OPEN, CLOSE, A, B = BRACES.encode("{}ab")
V = len(BRACES)


class BraceGuide:
    """Balanced braces around letters; the state is the depth. Biases are cached and refuse to be written to."""

    def __init__(self, vocabulary: Vocabulary = BRACES):
        self.vocabulary = vocabulary
        self.cache: dict[tuple[int, int], np.ndarray] = {}

    def start(self) -> int:
        return 0

    def advance(self, depth: int, token: int) -> int:
        return depth + {"{": 1, "}": -1}.get(self.vocabulary.tokens[token], 0)

    def bias(self, depth: int, remaining: int) -> np.ndarray:
        if (depth, remaining) not in self.cache:
            ids, bias = self.vocabulary.ids, np.full(len(self.vocabulary), -np.inf, np.float32)
            if remaining >= depth + 2:
                bias[[ids["a"], ids["b"]]] = 0
            if remaining >= depth + 3:
                bias[ids["{"]] = 0
            if remaining >= depth + 1:
                bias[ids["}"] if depth else self.vocabulary.eos] = 0
            bias.setflags(write=False)
            self.cache[depth, remaining] = bias
        return self.cache[depth, remaining]


class Prices:
    """A soft guide: the same bias at every step."""

    def __init__(self, bias: Sequence[float]):
        self.prices = np.array(bias, np.float32)
        self.prices.setflags(write=False)

    def start(self) -> int:
        return 0

    def advance(self, state: int, token: int) -> int:
        return 0

    def bias(self, state: int, remaining: int) -> np.ndarray:
        return self.prices


def balanced(tokens: Sequence[int], vocabulary: Vocabulary = BRACES) -> bool:
    depth = 0
    for token in vocabulary.decode(tokens):
        depth += {"{": 1, "}": -1}.get(token, 0)
        if depth < 0:
            return False
    return depth == 0


class TableModel:
    """Log-probabilities from a hash of image and prefix; it counts what it is asked to do."""

    def __init__(self, seed: int = 0, size: int = V, spread: float = 2.0, lift: Sequence[float] | None = None):
        self.seed, self.size, self.spread = seed, size, spread
        self.lift = np.zeros(size) if lift is None else np.array(lift)
        self.widths: list[int] = []  # rows of each step
        self.selections = 0

    def row(self, prefix: tuple[int, ...]) -> np.ndarray:
        """prefix: image number, <bos>, tokens."""
        raw = np.random.default_rng([self.seed, *prefix]).normal(size=self.size) * self.spread + self.lift
        return (raw - np.logaddexp.reduce(raw)).astype(np.float32)

    def encode(self, images):
        return [(int(image.sum()),) for image in images]

    def step(self, tokens, state):
        assert tokens.dtype == np.int64 and len(tokens) == len(state) > 0
        self.widths.append(len(tokens))
        state = [(*prefix, int(token)) for prefix, token in zip(state, tokens, strict=True)]
        return np.stack([self.row(prefix) for prefix in state]), state

    def select(self, state, rows):
        self.selections += 1
        return [state[row] for row in rows]

    def logprobs(self, image: int, tokens: Sequence[int]) -> tuple[float, ...]:
        """Of each token, <eos> included."""
        prefix: tuple[int, ...] = (image, BRACES.bos)
        result = []
        for token in (*tokens, BRACES.eos):
            result.append(float(self.row(prefix)[token]))
            prefix += (token,)
        return tuple(result)


def images(count: int) -> np.ndarray:
    """Images that TableModel tells apart."""
    return np.arange(count, dtype=np.float32).reshape(count, 1, 1, 1)


def sequences(budget: int, alphabet: Sequence[int] = (OPEN, CLOSE, A, B)) -> Iterator[tuple[int, ...]]:
    """All token sequences that fit a budget that counts <eos>."""
    for length in range(budget):
        yield from itertools.product(alphabet, repeat=length)
