"""What token may follow, by the structure of a staff alone: bar sums are evidence, not grammar (familiarity.py).

A staff begins with its clef. A sign has a note, a note a duration, a metre two numbers. No clef, key or barline comes
twice in a row (a metre may: Verovio draws one that changes within an unbarred incipit behind the first). A multirest is
alone in its bar. A tie leads to the next note, which stands on the same line or space (that it also sounds the same is
left to the network), or to the end of the picture.
"""

from collections.abc import Container, Hashable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from glyphic.core.vocabulary import Vocabulary
from glyphic.notations.music.semantic import LENGTHS
from glyphic.notations.music.tokens import (
    BEATS,
    COUNT,
    DOTS,
    FERMATA,
    GRACE,
    HEIGHTS,
    REST,
    SIGNS,
    UNIT,
    VOCABULARY,
    WHOLE,
)

DIGITS = {"beats": 2, "unit": 2, "count": 4}  # at most
# what may stand behind what, besides the rules for ties, bars and digits
EVENTS = frozenset(["sign", "height", "rest", "count", "barline", "clef", "key", "metre", "beats", "end"])
FOLLOWERS = {
    "start": frozenset(["clef"]),
    "clef": EVENTS - {"clef"},
    "key": EVENTS - {"key"},
    "metre": EVENTS,
    "beats": frozenset(["beats", "unit"]),
    "unit": EVENTS | {"unit"},
    "count": frozenset(["count", "barline", "end"]),
    "barline": EVENTS - {"barline"},
    "sign": frozenset(["height"]),
    "height": frozenset(["value", "grace"]),
    "value": EVENTS | {"dots", "fermata", "tie"},
    "dotted": EVENTS | {"fermata", "tie"},
    "held": EVENTS | {"tie"},  # behind a fermata
    "grace": EVENTS | {"dots"},
    "rest": EVENTS | {"dots", "fermata"},
    "dotted rest": EVENTS | {"fermata"},
    "tie": frozenset(["sign", "height", "barline", "clef", "key", "metre", "beats", "end"]),
    "done": EVENTS,  # nothing can be added to the symbol
}
_SHORTEST = {"sign": 2, "height": 1, "beats": 1}  # tokens that must follow


class State(NamedTuple):
    """Immutable."""

    last: str = "start"  # a name of FOLLOWERS
    empty: bool = True  # nothing sounds in this bar yet
    tied: int | None = None  # height at which the next note must stand
    height: int = 0  # of the last head
    digits: int = 0  # written of the present number


class MusicGrammar:
    """The structure of one staff, closable within any budget."""

    def __init__(self, vocabulary: Vocabulary = VOCABULARY):
        self.vocabulary = vocabulary
        self._kinds = [self._kind(i, token) for i, token in enumerate(vocabulary.tokens)]
        self._heights = [HEIGHTS.get(token, 0) for token in vocabulary.tokens]
        self._zeros = [token in ("beats-0", "unit-0", "bars-0") for token in vocabulary.tokens]
        self._cache: dict[Hashable, npt.NDArray[np.float32]] = {}

    def start(self) -> State:
        return State()

    def advance(self, state: State, token: int) -> State:
        kind = self._kinds[token]
        if kind == "height":
            return state._replace(last=kind, height=self._heights[token])
        if kind in ("value", "rest"):
            return State(kind, False, None, state.height)
        if kind == "grace":
            return state._replace(last=kind, empty=False)
        if kind == "tie":
            return state._replace(last=kind, tied=state.height)
        if kind == "dots":
            return state._replace(last={"value": "dotted", "rest": "dotted rest"}.get(state.last, "done"))
        if kind == "fermata":
            return state._replace(last="done" if "rest" in state.last else "held")
        if kind in DIGITS:
            return state._replace(last=kind, digits=state.digits + 1 if kind == state.last else 1,
                                  empty=state.empty and kind != "count")
        return state._replace(last=kind, empty=kind == "barline" or state.empty)

    def bias(self, state: State, remaining: int) -> npt.NDArray[np.float32]:
        number = state.digits if state.last in DIGITS else 0
        key = (state.last, state.empty, state.tied, number, min(remaining, 4))  # more than 4 make no difference
        if key not in self._cache:
            self._cache[key] = self._bias(state, remaining)
        return self._cache[key]

    def closing(self, state: State) -> int | None:
        """Unknown: which duration a note has is for the picture to say."""
        return None

    def _bias(self, state: State, remaining: int) -> npt.NDArray[np.float32]:
        result = np.full(len(self.vocabulary), -np.inf, np.float32)
        for i, kind in enumerate(self._kinds):
            needed = 1 if kind == "end" else 2 + _SHORTEST.get(kind, 0)  # the token, what it asks for, and <eos>
            if needed <= remaining and self._allowed(state, i, kind):
                result[i] = 0.0
        result.setflags(write=False)
        return result

    def _allowed(self, state: State, token: int, kind: str) -> bool:
        if kind not in FOLLOWERS[state.last]:
            return False
        if kind in DIGITS:
            number = state.digits if kind == state.last else 0
            if number == DIGITS[kind] or (not number and self._zeros[token]):
                return False
        if kind == "count":
            return state.last == "count" or (state.empty and state.tied is None)
        if state.tied is None:
            return True
        if kind == "height":
            return self._heights[token] == state.tied
        return kind not in ("rest", "grace")

    def _kind(self, i: int, token: str) -> str:
        if i == self.vocabulary.eos:
            return "end"
        if i in self.vocabulary.specials:
            return "special"
        if token in WHOLE:
            return {"clef": "clef", "keySignature": "key", "timeSignature": "metre"}.get(token.split("-")[0], token)
        tables: dict[str, Container[str]] = {
            "beats": BEATS, "unit": UNIT, "count": COUNT, "value": LENGTHS, "rest": REST, "grace": GRACE, "dots": DOTS,
            "height": HEIGHTS, "sign": SIGNS, "fermata": (FERMATA,)}
        return next(kind for kind, table in tables.items() if token in table)
