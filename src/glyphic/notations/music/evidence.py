"""Bar sums as a guide: readings whose bars fill their metre weigh more, and no reading is forbidden."""

from collections.abc import Hashable
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from glyphic.core.vocabulary import Vocabulary
from glyphic.notations.music.semantic import COMMON, CUT, LENGTHS
from glyphic.notations.music.tokens import BEATS, COUNT, DOTS, GRACE, HEIGHTS, REST, SIGNS, UNIT, VOCABULARY


class Count(NamedTuple):
    """Where in its bar a reading is. Immutable."""

    beats: int  # the metre in force; 0 is none
    unit: int
    place: Fraction  # in whole notes since the barline
    last: Fraction  # the note or rest that a dot would lengthen
    first: bool  # the first bar may be a pickup
    filled: bool  # a multirest, or so far nothing but a whole rest
    charged: bool  # this bar has been found wrong
    wrong: int  # how many have


class BarEvidence:
    """A guide that forbids nothing: a barline costs `weight` nats where the bar is not full, going on where it is.

    Both ways of missing a bar cost the same, so that no barline is invented or swallowed for the sake of sums. A wrong
    bar is charged once; a picture whose bars keep contradicting their metre (`patience` of them) is believed.
    """

    def __init__(self, weight: float = 2.0, patience: int = 2, vocabulary: Vocabulary = VOCABULARY):
        self.weight, self.patience, self.vocabulary = weight, patience, vocabulary
        self._free = np.zeros(len(vocabulary), np.float32)
        self._close, self._go_on = self._free.copy(), self._free.copy()
        self._close[vocabulary.ids["barline"]] = -weight
        self._go_on[[vocabulary.ids[t] for t in (*SIGNS, *HEIGHTS, *REST)]] = -weight
        for bias in (self._free, self._close, self._go_on):
            bias.setflags(write=False)

    def start(self) -> Hashable:
        return Count(0, 0, Fraction(0), Fraction(0), True, False, False, 0)

    def advance(self, state: Count, token: int) -> Count:
        text = self.vocabulary.tokens[token]
        if self._bias(state)[token] < 0:
            state = state._replace(charged=True, wrong=state.wrong + 1)
        if text == "barline":
            return state._replace(place=Fraction(0), last=Fraction(0), first=False, filled=False, charged=False)
        if text in LENGTHS or text in REST:
            length = LENGTHS[REST.get(text, text)]
            filled = text == "rest-whole" and not state.place
            return state._replace(place=state.place + length, last=length, filled=filled)
        if text in DOTS:
            more = state.last * (1 - Fraction(1, 2 ** DOTS[text]))
            return state._replace(place=state.place + more, last=Fraction(0), filled=False)
        if text in (str(COMMON), str(CUT)):
            metre = COMMON if text == str(COMMON) else CUT
            return state._replace(beats=metre.beats, unit=metre.unit)
        if text in BEATS:  # the digits of a new metre come one by one
            beats = 0 if state.unit else state.beats
            return state._replace(beats=10 * beats + BEATS[text], unit=0)
        if text in UNIT:
            return state._replace(unit=10 * state.unit + UNIT[text])
        if text in COUNT:
            return state._replace(filled=True)
        return state._replace(last=Fraction(0)) if text in GRACE else state

    def bias(self, state: Count, remaining: int) -> npt.NDArray[np.float32]:
        return self._bias(state)

    def _bias(self, state: Count) -> npt.NDArray[np.float32]:
        if not (state.beats and state.unit) or state.charged or state.wrong >= self.patience:
            return self._free
        wanted = Fraction(state.beats, state.unit)
        if state.place == wanted:
            return self._go_on
        if state.filled or (state.first and state.place < wanted):
            return self._free
        return self._close
