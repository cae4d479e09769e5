"""The reading of a picture becomes its doubtful spots: the least certain tokens, and what else might stand there."""

import math
from collections.abc import Callable, Sequence

from glyphic.core.alignment import Span, spread
from glyphic.core.errors import NotationError
from glyphic.core.notation import Notation
from glyphic.core.results import Choice, Hypothesis, Spot
from glyphic.core.vocabulary import Vocabulary
from glyphic.decoding.forks import Fork
from glyphic.reading.answers import Answer, confidence

MOST = 5  # spots of a reading
CHOICES = 3  # others at each
SURE = 0.95  # a token that is more probable than this is no spot
# of readings with less confidence than this, nothing else that might stand in them is looked for: they are long, mostly
# of what is no picture of the notation, and no choice would set them right
HOPELESS = 0.4


class Spotter:
    """Finds the spots of readings. vocabulary: the model's; decode: its ids -> the canonical text."""

    def __init__(self, notation: Notation, vocabulary: Vocabulary, decode: Callable[[Sequence[int]], str]):
        self.notation, self.vocabulary, self.decode = notation, vocabulary, decode

    def spots(self, best: Hypothesis, text: str, found: Answer) -> tuple[Spot, ...]:
        """best: the reading of `found`, text: as decoded -> its spots, in their order in the text, and apart."""
        tokens = [self.vocabulary.tokens[token] for token in best.tokens]
        doubtful = sorted((i for i, logprob in enumerate(best.logprobs[:len(tokens)]) if logprob < math.log(SURE)),
                          key=lambda i: best.logprobs[i])
        if not doubtful or not text:
            return ()
        spans = token_spans(self.notation, tokens, text)
        chosen: dict[Span, int] = {}  # of tokens that share their characters, the least certain one
        for index in doubtful:
            start, end = spans[index]
            if start < end and len(chosen) < MOST:
                chosen.setdefault((start, end), index)
        worthwhile = confidence(best) >= HOPELESS
        forks = found.forks(sorted(chosen.values()), CHOICES) if worthwhile else {}
        return tuple(Spot(index, span, tokens[index], math.exp(best.logprobs[index]),
                          found.boxes[index] if index < len(found.boxes) else None,
                          self._choices(forks.get(index, ()), text)) for span, index in sorted(chosen.items()))

    def _choices(self, forks: Sequence[Fork], text: str) -> tuple[Choice, ...]:
        """Readings that differ in their text, and that the notation holds."""
        result: dict[str, Choice] = {}
        for fork in sorted(forks, key=lambda fork: -fork.p):
            try:
                other = self.decode(fork.tokens)
                self.notation.normalize(other)
            except NotationError:
                continue
            token = "" if fork.token == self.vocabulary.eos else self.vocabulary.tokens[fork.token]
            if other and other != text:
                result.setdefault(other, Choice(token, other, fork.p))
        return tuple(result.values())


def token_spans(notation: Notation, tokens: Sequence[str], text: str) -> Sequence[Span]:
    """Tokens as the network wrote them, and their text -> the characters of each, as `Notation.spans` says it; of
    notations that do not, by the characters of the tokens."""
    if notation.spans:
        return notation.spans(tokens, text)
    for between in ("", " "):
        if between.join(tokens) == text:
            ends = [0]
            for token in tokens:
                ends.append(ends[-1] + len(token) + len(between))
            return [(start, start + len(token)) for start, token in zip(ends, tokens, strict=False)]
    return spread(tokens, list(text))
