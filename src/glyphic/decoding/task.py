"""A batch of images -> the hypotheses of each: encode once, then step until every search is over."""

from dataclasses import dataclass, field

import numpy as np

from glyphic.core.guide import Guide
from glyphic.core.model import FloatArray, State, StepModel
from glyphic.core.options import DecodingOptions
from glyphic.core.results import Hypothesis
from glyphic.core.vocabulary import Vocabulary
from glyphic.decoding.search import BeamSearch


@dataclass(frozen=True)
class Trace:
    """A state that has been given all tokens of a reading, in this row."""

    state: State
    row: int


@dataclass(frozen=True)
class DecodingTask:
    """How a step model reads: under which guide, with which options. Letters: N images, B rows, V vocabulary."""

    model: StepModel
    vocabulary: Vocabulary
    guide: Guide | None = None
    options: DecodingOptions = field(default_factory=DecodingOptions)

    def run(self, images: FloatArray) -> list[list[Hypothesis]]:
        """images: (N, 1, H, W) in [0, 1] -> for each image its hypotheses, best first: at least one, 1 + alternatives
        at most. An image's hypotheses do not depend on the others of its batch as far as the model's numbers do not.
        """
        return self.run_from(self.model.encode(images), len(images)) if len(images) else []

    def run_from(self, state: State, count: int) -> list[list[Hypothesis]]:
        """state: what the model made of `count` images, one row each -> as `run`."""
        return [hypotheses for hypotheses, _ in self.traced(state, count)]

    def traced(self, state: State, count: int) -> list[tuple[list[Hypothesis], Trace | None]]:
        """As `run_from`; with each image, where it was read by one beam to its end, the state in which it ended."""
        searches = [BeamSearch(self.vocabulary, self.guide, self.options) for _ in range(count)]
        traces: list[Trace | None] = [None] * count
        live = list(enumerate(searches))  # each owns the next len(search.beams) rows of the state
        tokens = np.full(count, self.vocabulary.bos, np.int64)
        for remaining in range(self.options.max_tokens, 0, -1):
            if not live:
                break
            logprobs, state = self.model.step(tokens, state)  # (B, V)
            first, rows, chosen, still = 0, [], [], []
            for image, search in live:
                beams = len(search.beams)
                if steps := search.advance(logprobs[first:first + beams], remaining):
                    rows += [first + row for row, _ in steps]
                    chosen += [token for _, token in steps]
                    still.append((image, search))
                elif beams == 1:
                    traces[image] = Trace(state, first)
                first += beams
            # one verb widens the beams, reorders them and drops finished images; greedy mostly needs none of these
            if still and rows != list(range(first)):
                state = self.model.select(state, np.array(rows, np.int64))
            live, tokens = still, np.array(chosen, np.int64)
        return [(search.hypotheses(), trace) for search, trace in zip(searches, traces, strict=True)]
