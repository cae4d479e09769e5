"""A picture's frames, or a step model, beside a lexicon -> readings that are words of it, where that is believable.

Lexicon-based transcription as in CRNN (Shi et al. 2016, sections 2.3 and 2.4): the reading without the lexicon comes
first, then the words near it, ranked by their probability given the frames, summed over all alignments. A gate keeps
what is in no lexicon. Letters: N images, T frames, V vocabulary.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from glyphic.core.errors import OptionError
from glyphic.core.guide import Both
from glyphic.core.model import FloatArray, IntArray, State
from glyphic.core.results import Hypothesis
from glyphic.decoding.casing import Span
from glyphic.decoding.ctc import FrameTask, align, collapse, token_logprobs, usable_frames
from glyphic.decoding.lexicon import Lexicon
from glyphic.decoding.likelihood import text_logprobs
from glyphic.decoding.task import DecodingTask

Answer = tuple[str, float]  # a folded text, its log-probability

SURE = math.log(0.5)  # a text with more than half of all probability: no other has as much
STEP_WIDTH = 5  # beams of a step model under the trie, at least: at the first letters, many words are still open


@dataclass(frozen=True)
class LexiconFrameTask:
    """How a frame model reads with a lexicon. `free` reads what the lexicon does not hold."""

    free: FrameTask
    lexicon: Lexicon

    def run(self, images: FloatArray) -> list[list[Hypothesis]]:
        """images: (N, 1, H, W) in [0, 1] -> for each image its hypotheses, best first."""
        return self.run_from(*self.free.model.frames(images)) if len(images) else []

    def run_from(self, logprobs: FloatArray, lengths: IntArray) -> list[list[Hypothesis]]:
        """logprobs: (N, T, V), lengths: (N,) -> as `run`."""
        return [self.search(frames[:length]) for frames, length in zip(logprobs, lengths.tolist(), strict=True)]

    def search(self, frames: FloatArray) -> list[Hypothesis]:
        """frames: (T, V) of one image -> words or, where none passes the gate, free readings, best first.

        A word's score is its log-probability in any case; its logprobs are those of its spelling.
        """
        found = []
        for text, score in transcribe(frames, self.lexicon, 1 + self.free.options.alternatives):
            tokens = tuple(map(ord, text))
            found.append(Hypothesis(tokens, token_logprobs(frames, tokens, self.free.vocabulary), True, score))
        return found or self.free.search(frames)


@dataclass(frozen=True)
class LexiconStepTask:
    """How a step model reads with a lexicon: under its trie, and with a gate a second time without. Words are ranked
    by their probability, without length normalisation."""

    free: DecodingTask
    lexicon: Lexicon

    def __post_init__(self) -> None:
        if self.lexicon.options.method not in (None, "trie"):
            raise OptionError("a step model looks words up in the trie, since it has no frames that words could be "
                              f"scored on; got the method {self.lexicon.options.method!r}")

    def run(self, images: FloatArray) -> list[list[Hypothesis]]:
        """images: (N, 1, H, W) in [0, 1] -> for each image its hypotheses, best first."""
        return self.run_from(self.free.model.encode(images), len(images)) if len(images) else []

    def run_from(self, state: State, count: int) -> list[list[Hypothesis]]:
        """state: what the model made of `count` images, one row each -> as `run`."""
        free, options = self.free, self.free.options
        guide = Both((self.lexicon.guide, free.guide)) if free.guide else self.lexicon.guide
        wider = replace(options, beam_width=max(options.beam_width, STEP_WIDTH), length_penalty=0.0)
        words = replace(free, guide=guide, options=wider).run_from(state, count)
        if self.lexicon.options.gate == math.inf and all(found[0].finished for found in words):
            return words
        return [found if self._passes(found[0], read[0]) else read
                for found, read in zip(words, free.run_from(state, count), strict=True)]

    def _passes(self, word: Hypothesis, read: Hypothesis) -> bool:
        room = self.lexicon.options.gate * max(1, len(read.tokens))
        return word.finished and read.logprob - word.logprob <= room


def transcribe(logprobs: FloatArray, lexicon: Lexicon, wanted: int = 1) -> list[Answer]:
    """logprobs: (T, V) -> up to `wanted` texts of the lexicon (strings of token ids), best first, with the
    log-probability of each in any case; none where nothing passes the gate. A line of words has one reading at most.
    """
    seen = usable_frames(logprobs, lexicon.vocabulary)
    look = Look(lexicon, lexicon.casing.fold_frames(seen))
    answers = look.answers(wanted)[:wanted]
    return [(lexicon.spell(text, look.aligned(text), seen), score) for text, score in answers]


class Look:
    """The folded frames of one picture, what they read without the lexicon, and what with it."""

    def __init__(self, lexicon: Lexicon, frames: npt.NDArray[np.float64]):
        assert lexicon.vocabulary.blank is not None  # `usable_frames` refuses such a vocabulary
        self.lexicon, self.frames, self.blank = lexicon, frames, lexicon.vocabulary.blank
        tokens, self.spans = collapse(frames.argmax(axis=1), lexicon.vocabulary)
        self.text = "".join(map(chr, tokens))
        self.score = self._scores([self.text])[0]

    def answers(self, wanted: int = 1) -> list[Answer]:
        """What passes the gate, best first: words for the whole reading, or the line with its words set right."""
        gate, places = self.lexicon.options.gate, self.lexicon.places(self.text)
        many = len(places) > 1 and gate < math.inf
        if wanted == 1 and self.score > SURE and self._is_held(many):
            return [(self.text, self.score)]
        whole = [answer for answer in self._ranked(self.text, (0, len(self.text)))
                 if self.score - answer[1] <= gate * max(1, len(self.text))]
        line = self._line(places) if many else []
        return max(line, whole, key=lambda answers: answers[0][1] if answers else -math.inf)

    def aligned(self, text: str) -> tuple[Span, ...]:
        """The frames of each token of a text."""
        return self.spans if text == self.text else align(self.frames, tuple(map(ord, text)), self.lexicon.vocabulary)

    def _is_held(self, many: bool) -> bool:
        return self.lexicon.knows(self.text) or (many and self.lexicon.holds(tuple(map(ord, self.text))))

    def _line(self, places: list[Span]) -> list[Answer]:
        """Each word of a line by itself: the nearest of the lexicon where that passes the gate, else as it was read."""
        line, score = self.text, self.score
        for first, last in reversed(places):  # from the right, so that the places on the left stay where they are
            best = self._ranked(line, (first, last))[:1]
            if best and score - best[0][1] <= self.lexicon.options.gate * (last - first):
                line, score = best[0]
        return [(line, score)] if line != self.text or self._is_held(True) else []

    def _ranked(self, text: str, place: Span) -> list[Answer]:
        """The text with words of the lexicon in this place, those that the frames can hold, best first."""
        first, last = place
        texts = list(dict.fromkeys(text[:first] + word + text[last:] for word in self._words(first, last)))
        scores = self._scores(texts)
        order = sorted(range(len(texts)), key=lambda i: -scores[i])
        return [(texts[i], scores[i]) for i in order if scores[i] > -math.inf]

    def _words(self, first: int, last: int) -> Iterator[str]:
        """Words for a part of the free reading: as they are, and with the marks that stand around it."""
        part = self.text[first:last]
        yield from self._near(first, last)
        begin, end = self.lexicon.core(part)
        if end - begin < len(part):
            yield from (part[:begin] + word + part[end:] for word in self._near(first + begin, first + end))

    def _near(self, first: int, last: int) -> Iterator[str]:
        """Words for these tokens of the free reading, from the frames that no other token takes."""
        begin = self.spans[first - 1][1] if first else 0
        end = self.spans[last][0] if last < len(self.spans) else len(self.frames)
        yield from self.lexicon.near(self.text[first:last], self.frames[begin:end], self.blank)

    def _scores(self, texts: list[str]) -> list[float]:
        tokens = [tuple(map(ord, text)) for text in texts]
        return [float(score) for score in text_logprobs(self.frames, tokens, self.blank)] if texts else []
