"""Automata that steer decoding: grammars, lexicons, language models, forced prefixes."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt


class Guide(Protocol):
    """One automaton over token ids. States are immutable, so beams share them and reordering costs nothing."""

    def start(self) -> Hashable:
        """The state before the first token."""

    def advance(self, state: Any, token: int) -> Hashable:
        """The state after `token`, which `bias` must have allowed."""

    def bias(self, state: Any, remaining: int) -> npt.NDArray[np.float32]:
        """(V,) added to the log-probabilities; -inf forbids.

        remaining: how many tokens may still be written, <eos> included, so that a grammar can close in time.
        """


def closing(guide: Guide, state: Any) -> int | None:
    """The token that leads to <eos> from a state which forbids it, as a brace that is still open; None if unknown.

    A guide that can tell has a method `closing(state)`. A network that wants to end is then taken to want that token.
    """
    method = getattr(guide, "closing", None)
    token: int | None = method(state) if method else None
    return token


@dataclass(frozen=True)
class Both:
    """All of several guides at once: biases add up, and what one forbids is forbidden."""

    guides: tuple[Guide, ...]

    def start(self) -> Hashable:
        return tuple(guide.start() for guide in self.guides)

    def advance(self, state: tuple[Hashable, ...], token: int) -> Hashable:
        return tuple(guide.advance(part, token) for guide, part in zip(self.guides, state, strict=True))

    def bias(self, state: tuple[Hashable, ...], remaining: int) -> npt.NDArray[np.float32]:
        total = self.guides[0].bias(state[0], remaining)
        for guide, part in zip(self.guides[1:], state[1:], strict=True):
            total = total + guide.bias(part, remaining)
        return total

    def closing(self, state: tuple[Hashable, ...]) -> int | None:
        found = (closing(guide, part) for guide, part in zip(self.guides, state, strict=True))
        return next((token for token in found if token is not None), None)


def indifferent(guide: Guide, tokens: Sequence[int], eos: int) -> bool:
    """Whether the guide would neither forbid nor favour anything of the whole sequence and its <eos>, with not one
    token to spare."""
    state = guide.start()
    for i, token in enumerate(tokens):
        if guide.bias(state, len(tokens) + 1 - i)[token] != 0:
            return False
        state = guide.advance(state, token)
    return bool(guide.bias(state, 1)[eos] == 0)


def accepts(guide: Guide, tokens: Sequence[int], eos: int) -> bool:
    """Whether the guide lets the whole sequence, then <eos>, be written with not one token to spare."""
    state = guide.start()
    for i, token in enumerate(tokens):
        if guide.bias(state, len(tokens) + 1 - i)[token] == -np.inf:
            return False
        state = guide.advance(state, token)
    return bool(guide.bias(state, 1)[eos] > -np.inf)
