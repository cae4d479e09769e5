"""A list of words becomes a `Lexicon`: what belongs to it, what is near a reading, and how its words are spelled.

Texts are strings here whose characters are token ids: C compares, hashes and bisects them. T frames, V vocabulary.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from glyphic.core.errors import OptionError
from glyphic.core.vocabulary import Vocabulary
from glyphic.decoding.bktree import BKTree
from glyphic.decoding.casing import Casing, Span
from glyphic.decoding.guides import TrieLexicon
from glyphic.decoding.trie import word_beam

METHODS = ("exact", "trie", "bk")
FEW = 1000  # words: so many are all scored where no method is given
WIDTH = 16  # of the beam over the trie
CHOICE = 10  # words that "bk" scores at least where the picture is known to hold one of the list


@dataclass(frozen=True)
class LexiconOptions:
    """How a lexicon is used.

    method: which words are scored: all ("exact"), those of a prefix beam over the words ("trie"), or those within an
    edit `distance` of the free reading ("bk"; without a gate further off, too, until there are CHOICE words); None
    takes exact for up to FEW words and the trie for more.
    gate: a word is taken if its log-probability is at most so much below the free reading's, per token of that; what
    is not in the list (names, codes, numbers) then stays as it was read. math.inf: the picture holds one of the words.
    match_case: words are spelled as they are listed; otherwise their case is read from the picture.
    punctuation: marks before and behind a word stay, and with a gate the words of a line are looked up one by one.
    """

    method: str | None = None
    distance: int = 2
    gate: float = math.inf
    match_case: bool = False
    punctuation: bool = True

    def __post_init__(self) -> None:
        if self.method not in (None, *METHODS):
            raise OptionError(f"a lexicon's method is one of {', '.join(METHODS)}; got {self.method!r}")
        if self.distance < 0:
            raise OptionError(f"a lexicon's distance must not be negative; got {self.distance}")
        if not self.gate >= 0:
            raise OptionError(f"a lexicon's gate must not be negative; got {self.gate}")


class Lexicon:
    """Words, prepared for looking them up; small letters stand for capitals, too, unless the case is to match.

    `words` are sorted, and for the trie that is all it takes: 10 MB for 88,000 words with the set that knows them.
    The tree of "bk" (7 MB more) and the table of a step model's guide (11 MB) are built when they are first needed,
    in a third of a second.
    """

    def __init__(self, words: Iterable[Sequence[int]], vocabulary: Vocabulary, options: LexiconOptions | None = None):
        """words: token ids of each. Errors: OptionError for no words and for special tokens within a word."""
        self.vocabulary, self.options = vocabulary, options or LexiconOptions()
        self.casing = Casing(vocabulary, self.options.match_case)
        given = {"".join(map(chr, word)) for word in words}
        if not given:
            raise OptionError("a lexicon needs at least one word; got none")
        if wrong := set("".join(given)) & set(map(chr, vocabulary.specials)):
            names = ", ".join(sorted(vocabulary.tokens[ord(c)] for c in wrong))
            raise OptionError(f"the words of a lexicon hold no special tokens; got {names}")
        self._set = frozenset(map(self.casing.fold, given))
        self.words = sorted(self._set)
        self._listed: dict[str, list[str]] = {}  # word -> its spellings in the list, where they are others
        for word in sorted(given - self._set):
            self._listed.setdefault(self.casing.fold(word), []).append(word)
        self.method = self.options.method or ("exact" if len(self.words) <= FEW else "trie")
        self.marks, self._space = "", ""
        if self.options.punctuation:
            self.marks = "".join(chr(i) for i, text in enumerate(vocabulary.tokens)
                                 if len(text) == 1 and not text.isalnum())
            self._space = chr(vocabulary.ids[" "]) if " " in vocabulary.ids else ""

    @cached_property
    def tree(self) -> BKTree:
        return BKTree(self.words)

    @cached_property
    def guide(self) -> TrieLexicon:
        """For step models: words in any case, with marks around them."""
        return TrieLexicon([tuple(map(ord, word)) for word in self.words], self.vocabulary, self.casing.small,
                           tuple(map(ord, self.marks)))

    def knows(self, text: str) -> bool:
        """Whether a folded text is a word of the list, marks around it aside."""
        return text in self._set or (bool(self.marks) and text.strip(self.marks) in self._set)

    def holds(self, tokens: Sequence[int]) -> bool:
        """Whether a text is a word of the list, or a line of them."""
        text = self.casing.fold("".join(map(chr, tokens)))
        return self.knows(text) or all(self.knows(text[first:last]) for first, last in self.places(text))

    def places(self, text: str) -> list[Span]:
        """Where the words of a line are, marks included: whatever stands between spaces."""
        places, first = [], 0
        for part in text.split(self._space) if self._space else [text]:
            if part:
                places.append((first, first + len(part)))
            first += len(part) + 1
        return places

    def core(self, text: str) -> Span:
        """Where a word is without the marks around it; a word of the list has none, and of nothing but marks all is."""
        core = text if text in self._set or not self.marks else text.strip(self.marks)
        first = text.index(core) if core else 0
        return (first, first + len(core)) if core else (0, len(text))

    def near(self, text: str, frames: npt.NDArray[np.float64], blank: int) -> Sequence[str]:
        """text: a free reading, frames: (T, V) folded log-probabilities that it was read from -> words to score."""
        if self.method == "exact":
            return self.words
        if self.method == "bk":
            return self._around(text)
        return word_beam(frames, self.words, blank, WIDTH, math.exp(-self.options.gate * max(1, len(text))))

    def _around(self, text: str) -> Sequence[str]:
        """The words of the tree within the distance, or a larger one where one of the list must be the right one."""
        found: Sequence[str] = self.tree.near(text, self.options.distance)
        if self.options.gate == math.inf:
            distance, wanted = self.options.distance, min(CHOICE, len(self.words))
            while len(found) < wanted:  # no word is further away than the longer of the two is long
                distance += 1
                found = self.tree.near(text, distance)
        return found

    def spell(self, text: str, spans: Sequence[Span], frames: npt.NDArray[np.float64]) -> str:
        """A folded text, the frames of each of its tokens, and (T, V) what they show -> the text with its capitals."""
        parts, end = [], 0
        for first, last in self.places(text):
            begin, stop = (first + place for place in self.core(text[first:last]))
            word = text[begin:stop]
            parts += [text[end:begin], self.casing.spell(word, spans[begin:stop], frames, self._listed.get(word, ()))]
            end = stop
        return "".join(parts) + text[end:]
