"""Next-token log-probabilities of one image, step by step -> its best token sequences; width 1 is greedy."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from glyphic.core.guide import Guide, closing
from glyphic.core.model import FloatArray
from glyphic.core.options import DecodingOptions
from glyphic.core.results import Hypothesis
from glyphic.core.vocabulary import Vocabulary

Totals = npt.NDArray[np.float64]


@dataclass(slots=True, eq=False)
class Beam:
    """A sequence as its last token and the beam before it: growing one costs the same at any length."""

    parent: "Beam | None"
    token: int
    logprob: float  # of this token, under the network
    total: float  # log-probabilities plus guide biases of the whole sequence
    state: Hashable  # of the guide

    def chain(self) -> list["Beam"]:
        """The beams from the first token to this one."""
        links, beam = [], self
        while beam.parent is not None:
            links.append(beam)
            beam = beam.parent
        return links[::-1]


class BeamSearch:
    """Beam search over one image (B beams, V vocabulary).

    Sequences are ranked by total / length ** length_penalty, <eos> counted; a finished one competes as soon as its
    <eos> is among the best continuations of a step. A beam is given up only when no continuation could bring it among
    the wanted hypotheses: log-probabilities (and biases, which are taken to be at most 0 here) only lower a total, so
    its rank is bounded by its present total at the most favourable length. <pad>, <bos> and <blank> are never written,
    nor is a token whose log-probability is NaN.
    """

    def __init__(self, vocabulary: Vocabulary, guide: Guide | None, options: DecodingOptions):
        self.eos, self.never = vocabulary.eos, np.array(sorted(vocabulary.specials - {vocabulary.eos}), np.int64)
        self.guide, self.options = guide, options
        self.beams = [Beam(None, vocabulary.bos, 0.0, 0.0, guide.start() if guide else None)]
        self.length = 0  # tokens of each unfinished beam
        self.finished: list[tuple[float, Beam]] = []  # the wanted ones, best first, by rank

    def advance(self, logprobs: FloatArray, remaining: int) -> list[tuple[int, int]]:
        """logprobs: (B, V) -> the (row, token) of each beam to go on with; empty when the search is over.

        remaining: how many tokens may still be written, this one and <eos> included.
        """
        width, wanted = self.options.beam_width, 1 + self.options.alternatives
        totals = self._totals(logprobs, remaining)
        grown: list[tuple[int, Beam]] = []
        ended: list[Beam] = []
        for row, token in self._best(totals):
            beam, total = self.beams[row], float(totals[row, token])
            if total == -np.inf or len(grown) == width:
                break
            logprob = float(logprobs[row, token])
            if token == self.eos:
                ended.append(Beam(beam, token, logprob, total, None))
            else:
                state = self.guide.advance(beam.state, token) if self.guide else None
                grown.append((row, Beam(beam, token, logprob, total, state)))
        if not grown and not ended and not self.finished:
            return []  # everything is forbidden: what was written so far is all there is
        self.length += 1
        if ended:
            self.finished += [(self._rank(beam.total, self.length), beam) for beam in ended]
            self.finished = sorted(self.finished, key=lambda pair: -pair[0])[:wanted]
        if self.finished:
            grown = [(row, beam) for row, beam in grown if self._may_win(beam, self.length + remaining - 1, wanted)]
        self.beams = [beam for _, beam in grown]
        return [(row, beam.token) for row, beam in grown] if remaining > 1 else []

    def hypotheses(self) -> list[Hypothesis]:
        """The wanted number of hypotheses or fewer, best first: finished ones, then those that were cut off."""
        cut = sorted(((self._rank(beam.total, self.length), beam) for beam in self.beams), key=lambda pair: -pair[0])
        ranked = [(*pair, True) for pair in self.finished] + [(*pair, False) for pair in cut]
        return [_hypothesis(*entry) for entry in ranked[: 1 + self.options.alternatives]]

    def _totals(self, logprobs: FloatArray, remaining: int) -> Totals:
        """(B, V) totals of every continuation; float64, so that long sequences keep their small differences."""
        totals = logprobs.astype(np.float64)
        for row, beam in enumerate(self.beams):
            if self.guide:
                bias = self.guide.bias(beam.state, remaining)
                if bias[self.eos] == -np.inf and (token := closing(self.guide, beam.state)) is not None:
                    # what would end now but for an open brace means to close it, not to write on
                    totals[row, token] = np.logaddexp(totals[row, token], totals[row, self.eos])
                totals[row] += bias
            totals[row] += beam.total
        totals[:, self.never] = -np.inf
        return np.fmax(totals, -np.inf, out=totals)  # NaN becomes -inf

    def _best(self, totals: Totals) -> Iterator[tuple[int, int]]:
        """(row, token) in falling order, as many as a step can use: B of them may be <eos>, which takes no place."""
        rows, size = totals.shape
        if self.options.beam_width == 1:
            yield 0, int(totals[0].argmax())
            return
        count = min(self.options.beam_width + rows, rows * size)
        flat = totals.ravel()
        top = np.argpartition(flat, -count)[-count:]
        for index in top[np.lexsort((top, -flat[top]))].tolist():
            yield divmod(index, size)

    def _rank(self, total: float, length: int) -> float:
        return total / float(max(1, length) ** self.options.length_penalty)

    def _may_win(self, beam: Beam, longest: int, wanted: int) -> bool:
        """Whether some ending of this beam, at most `longest` tokens in all, could still be among the wanted ones."""
        if len(self.finished) < wanted:
            return True
        best_length = longest if beam.total < 0 else self.length + 1
        return self._rank(beam.total, best_length) > self.finished[-1][0]


def _hypothesis(score: float, beam: Beam, finished: bool) -> Hypothesis:
    chain = beam.chain()
    tokens = tuple(link.token for link in (chain[:-1] if finished else chain))
    return Hypothesis(tokens, tuple(link.logprob for link in chain), finished, score)
