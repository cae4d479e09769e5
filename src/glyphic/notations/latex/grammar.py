r"""What token may follow: a stack automaton over the tokens, so that every reading parses in KaTeX and in LaTeX."""

from collections.abc import Hashable
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from glyphic.core.vocabulary import Vocabulary
from glyphic.notations.latex import symbols
from glyphic.notations.latex.tree import CELL, CLOSE, EMPTY, LINE, NEXT, NOT, SPACE, VOCABULARY

# What was written last within the innermost row.
START, BASE, ROMAN, BELOW, ABOVE, BARE, STRIKE, WORD = (
    "start", "base", "roman", "below", "above", "bare", "strike", "word")
_SCRIPT_OF = {"_{": BELOW, "^{": ABOVE}


class State(NamedTuple):
    """Immutable: the constructs that are open, innermost last, each as (opener, arguments still to open)."""

    stack: tuple[tuple[str, int], ...]
    last: str
    closing: int  # tokens that close the whole stack, <eos> included


class LatexGrammar:
    """Braces, arities and environments nest; scripts come once each, `_` before `^`; no script is empty."""

    def __init__(self, vocabulary: Vocabulary = VOCABULARY, max_depth: int = 24):
        self.vocabulary, self.max_depth = vocabulary, max_depth
        self._cache: dict[Hashable, npt.NDArray[np.float32]] = {}

    def start(self) -> State:
        return State((), START, 1)

    def advance(self, state: State, token: int) -> State:
        text = self.vocabulary.tokens[token]
        stack, closing = state.stack, state.closing
        if text in symbols.CONSTRUCTS:
            more = symbols.CONSTRUCTS[text] - 1
            return State((*stack, (text, more)), START, closing + 1 + more)
        if text.startswith(r"\begin{"):
            return State((*stack, (text, 0)), START, closing + 1)
        if text in (CLOSE, NEXT) or text.startswith(r"\end{"):
            opener, more = stack[-1]
            if text == NEXT:
                return State((*stack[:-1], (opener, more - 1)), START, closing - 1)
            return State(stack[:-1], _SCRIPT_OF.get(opener, BASE), closing - 1)
        if text in (CELL, LINE):
            return State(stack, START, closing)
        return State(stack, self._kinds[text], closing)

    def bias(self, state: State, remaining: int) -> npt.NDArray[np.float32]:
        opener, more = state.stack[-1] if state.stack else ("", 0)
        slack = min(remaining - state.closing, 6)  # tokens to spare; more than 6 make no difference
        key = (opener, more, state.last, slack, len(state.stack) >= self.max_depth)
        if key not in self._cache:
            self._cache[key] = self._bias(*key)
        return self._cache[key]

    def closing(self, state: State) -> int | None:
        """The token that closes the innermost construct or its present argument, where it may be closed now."""
        if not state.stack or state.last in (BARE, STRIKE, WORD):
            return None
        opener, more = state.stack[-1]
        if opener in _SCRIPT_OF and state.last == START:
            return None
        text = opener.replace("begin", "end") if opener.startswith(r"\begin{") else NEXT if more else CLOSE
        return self.vocabulary.ids[text]

    @cached_property
    def _kinds(self) -> dict[str, str]:
        """What a token that opens and closes nothing leaves behind it."""
        special = {EMPTY: BARE, NOT: STRIKE, SPACE: WORD}
        roman = {f"\\mathrm{{{letter}}}" for letter in symbols.LETTERS}
        return {t: ROMAN if t in roman else special.get(t, BASE) for t in self.vocabulary.tokens}

    def _bias(self, opener: str, more: int, last: str, slack: int, deep: bool) -> npt.NDArray[np.float32]:
        result = np.full(len(self.vocabulary), -np.inf, np.float32)
        for i, text in enumerate(self.vocabulary.tokens):
            if self._allowed(i, text, opener, more, last, deep) and self._spare(text, opener) <= slack:
                result[i] = 0.0
        return result

    def _allowed(self, i: int, text: str, opener: str, more: int, last: str, deep: bool) -> bool:
        if i in self.vocabulary.specials and i != self.vocabulary.eos:
            return False
        kind = self._kinds[text]
        if last == WORD:
            return kind == ROMAN
        if last == BARE:
            return text in _SCRIPT_OF and not deep
        structural = text in symbols.CONSTRUCTS or text in (CLOSE, NEXT, CELL, LINE, EMPTY, SPACE, NOT) \
            or text.startswith((r"\begin{", r"\end{")) or i == self.vocabulary.eos
        if last == STRIKE:
            return not structural
        if not structural:
            return True
        if i == self.vocabulary.eos:
            return not opener and last != START
        if text == "_{":
            return last not in (BELOW, ABOVE) and not deep
        if text == "^{":
            return last != ABOVE and not deep
        if text == EMPTY:
            return last in (BELOW, ABOVE) and not deep
        if text == SPACE:
            return last == ROMAN
        if text == NEXT:
            return more > 0
        if text == CLOSE:
            return opener in symbols.CONSTRUCTS and not more and not (opener in _SCRIPT_OF and last == START)
        if text in (CELL, LINE):
            return opener.startswith(r"\begin{")
        if text.startswith(r"\end{"):
            return opener == text.replace("end", "begin")
        return text == NOT or not deep

    def _spare(self, text: str, opener: str) -> int:
        """Tokens by which the shortest ending grows if this token is written, itself included."""
        if text in symbols.CONSTRUCTS:
            return 1 + symbols.CONSTRUCTS[text] + (text in _SCRIPT_OF)
        if text in (CLOSE, NEXT) or text.startswith(r"\end{") or text == self.vocabulary.tokens[self.vocabulary.eos]:
            # it shortens what must be closed by the one token that it is; the next argument of a script must hold one
            return 0
        if text.startswith(r"\begin{"):
            return 2
        return 1 + {EMPTY: 3, NOT: 1, SPACE: 1}.get(text, 0)
