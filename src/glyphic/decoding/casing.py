"""Frames and words become indifferent to case, and a word that was found gets the case that the frames show.

A letter that the network wavers over (c or C, o or O) is one letter to a lexicon: the probabilities of both are added
before the lexicon looks. Letters: T frames, V vocabulary.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from glyphic.core.vocabulary import Vocabulary

Floats = npt.NDArray[np.float64]
Span = tuple[int, int]

UNUSUAL = 2.0  # what a word must gain in log-probability to be written as no word usually is: hOtel


class Casing:
    """Of tokens that are one letter each, capital and small ones; none for a vocabulary of other tokens.

    small[token] is the small letter of a capital, and any other token itself.
    """

    def __init__(self, vocabulary: Vocabulary, match_case: bool = False):
        """match_case: every token is only itself, and nothing is changed anywhere."""
        self.small = np.arange(len(vocabulary))
        for token, text in enumerate(vocabulary.tokens):
            small = text.lower()
            if not match_case and len(text) == 1 and small != text and small.upper() == text:
                self.small[token] = vocabulary.ids.get(small, token)
        self._capitals = np.flatnonzero(self.small != np.arange(len(vocabulary)))
        self._table = {int(capital): int(self.small[capital]) for capital in self._capitals}
        self._capital = {small: capital for capital, small in self._table.items()}

    def fold(self, tokens: str) -> str:
        """Token ids, as characters, with small letters for capitals."""
        return tokens.translate(self._table) if self._table else tokens

    def fold_frames(self, frames: Floats) -> Floats:
        """(T, V) log-probabilities -> the same with those of capitals added to those of their small letters."""
        if not len(self._capitals):
            return frames
        folded = frames.copy()
        small = self.small[self._capitals]
        folded[:, small] = np.logaddexp(frames[:, small], frames[:, self._capitals])
        folded[:, self._capitals] = -np.inf
        return folded

    def spell(self, word: str, spans: Sequence[Span], frames: Floats, listed: Iterable[str] = ()) -> str:
        """word: a folded word, spans: the frames of each of its tokens -> the spelling that the frames show best.

        The usual ones (those that the lexicon lists, small, capitalised, capitals) come before a mixture.
        """
        if not self._capital.keys() & {ord(c) for c in word}:
            return word
        capitals = "".join(chr(self._capital.get(ord(c), ord(c))) for c in word)
        peaks = [frames[first:last].max(axis=0) for first, last in spans]

        def evidence(spelling: str) -> float:
            return float(sum(peak[ord(c)] for peak, c in zip(peaks, spelling, strict=True)))

        usual = max((*listed, word, capitals[0] + word[1:], capitals), key=evidence)
        seen = "".join(max(pair, key=lambda c, peak=peak: float(peak[ord(c)]))  # type: ignore[misc]
                       for pair, peak in zip(zip(word, capitals, strict=True), peaks, strict=True))
        return seen if evidence(seen) > evidence(usual) + UNUSUAL else usual
