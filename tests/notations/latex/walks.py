"""Formulas that nobody would write: every token by itself, and random walks through the grammar."""

import random
from functools import cache

import numpy as np

from glyphic.notations.latex import NOTATION
from glyphic.notations.latex.symbols import CONSTRUCTS
from glyphic.notations.latex.tree import CELL, CLOSE, EMPTY, LINE, NEXT, NOT, SPACE, VOCABULARY

GRAMMAR, TOKENIZER = NOTATION.grammar, NOTATION.tokenizer
TOKENS = tuple(token for i, token in enumerate(VOCABULARY.tokens) if i not in VOCABULARY.specials)
_OFTEN = {"_{": 8, "^{": 8, CELL: 20, LINE: 20, EMPTY: 60, SPACE: 40, NOT: 2, r"\begin{matrix}": 4,
          r"\begin{aligned}": 4}
_OPENING = np.array([_OFTEN.get(token, token in CONSTRUCTS) for token in VOCABULARY.tokens], np.float64)
_CLOSING = np.array([token in (CLOSE, NEXT) or token.startswith(r"\end") for token in VOCABULARY.tokens])
_CONTEXTS = {
    CLOSE: ["_{", "b", CLOSE], NEXT: [r"\frac{", "a", NEXT, "b", CLOSE],
    CELL: [r"\begin{matrix}", "a", CELL, "b", r"\end{matrix}"],
    LINE: [r"\begin{matrix}", "a", LINE, "b", r"\end{matrix}"], EMPTY: ["x", "_{", "a", CLOSE, EMPTY, "^{", "b", CLOSE],
    SPACE: [r"\mathrm{a}", SPACE, r"\mathrm{b}"], NOT: [NOT, "x"],
}


def context(token: str) -> list[str]:
    """The token in a formula as short as can be."""
    if token in CONSTRUCTS:
        return ["x", token, *(["a", NEXT] if CONSTRUCTS[token] == 2 else []), "b", CLOSE]
    if token.startswith((r"\begin{", r"\end{")):
        name = token[token.index("{"):]
        return ["\\begin" + name, "a", CELL, "b", LINE, "c", "\\end" + name]
    return _CONTEXTS.get(token, [token])


@cache
def walk(seed: int, low: int = 5, high: int = 60) -> tuple[int, ...]:
    """A random path of the grammar within a random budget: uniform over what is allowed, or fonder of structure."""
    rng = random.Random(seed)
    opening, closing = ((0, 0), (5, 100), (20, 800))[seed % 3]
    weights = 1.0 + opening * _OPENING + closing * _CLOSING
    state, ids = GRAMMAR.start(), []
    for remaining in range(rng.randint(low, high), 0, -1):
        chances = np.where(GRAMMAR.bias(state, remaining) > -np.inf, weights, 0.0).cumsum()
        assert chances[-1] > 0, f"nothing may follow {VOCABULARY.decode(ids)} with {remaining} tokens to go"
        token = int(np.searchsorted(chances, rng.random() * chances[-1], side="right"))
        if token == VOCABULARY.eos:
            return tuple(ids)
        ids.append(token)
        state = GRAMMAR.advance(state, token)
    raise AssertionError(f"the budget ran out: {VOCABULARY.decode(ids)}")


def weird(count: int) -> list[str]:
    """The texts of the first `count` walks."""
    return [TOKENIZER.decode(walk(seed)) for seed in range(count)]
