"""The text notation: a printed word or line, character by character. A whole notation in one file: the example to copy.

What a notation needs stands here from top to bottom: its tokens, its one spelling, its metrics, its sampler, and the
`Notation` that ties them together. (Its renderer, as large as all of this, is text_render.py.)
"""

import random
import string
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from glyphic.core.distance import levenshtein
from glyphic.core.errors import NotationError, OptionError
from glyphic.core.metrics import Exact
from glyphic.core.notation import Metric, Notation
from glyphic.core.vocabulary import Vocabulary
from glyphic.notations import dictionary
from glyphic.notations.text_render import render, render_many

PRINTABLE = "".join(map(chr, range(32, 127)))  # the 95 characters of ASCII that print, the space among them

# what typesetters make of the characters of a keyboard, and what NFKC leaves of some others
TYPOGRAPHIC = {**dict.fromkeys("‘’‚‛′`´ʹʼ", "'"), **dict.fromkeys("“”„‟″«»", '"'), **dict.fromkeys("‐‑‒–—―−", "-"),
               "⁄": "/", "∕": "/", "•": "*", "×": "x"}


# ---- tokens and spelling


@dataclass(frozen=True)
class CharacterTokenizer:
    """Text <-> ids, one a character; the vocabulary's blank (for CTC) stands before the characters, so that a wider
    charset that begins with this one keeps its ids. Step models never write it."""

    vocabulary: Vocabulary

    @classmethod
    def of(cls, charset: str) -> "CharacterTokenizer":
        """A tokenizer of these characters; OptionError for a line break or a character given twice."""
        for character in charset:
            if character != " " and (character.isspace() or unicodedata.category(character)[0] == "C"):
                raise OptionError(f"a charset holds what stands in a line of text; got {character!r}")
        return cls(Vocabulary.of(charset, blank=True))

    def normalize(self, text: str) -> str:
        """The one spelling of a text: each character as the charset has it (else in its NFKC form, and typographic
        quotes and dashes as those of a keyboard), single spaces, none at the ends.

        Errors: NotationError at the first character for which that does not help.
        """
        ids, result, position = self.vocabulary.ids, [], 0
        for cluster in _clusters(text):
            spelled = " " if cluster.isspace() else self._spelled(cluster)
            if spelled != " " and not all(c in ids and ids[c] not in self.vocabulary.specials for c in spelled):
                raise NotationError(f"the charset has no {cluster!r}", text, position)
            result.append(spelled)
            position += len(cluster)
        words = "".join(result).split()
        if len(words) > 1 and " " not in ids:
            raise NotationError("the charset has no space", text, text.index(text.split()[0]) + len(text.split()[0]))
        return " ".join(words)

    def _spelled(self, cluster: str) -> str:
        whole = unicodedata.normalize("NFC", cluster)
        if all(c in self.vocabulary.ids for c in whole):
            return whole
        plain = TYPOGRAPHIC.get(cluster) or unicodedata.normalize("NFKC", cluster)
        return "".join(c if c in self.vocabulary.ids else TYPOGRAPHIC.get(c, c) for c in plain)

    def encode(self, text: str) -> list[int]:
        return self.vocabulary.encode(self.normalize(text))

    def decode(self, ids: Sequence[int]) -> str:
        return " ".join("".join(self.vocabulary.decode(ids)).split())  # a network may write two spaces


def _clusters(text: str) -> list[str]:
    """A text, cut before every character that is no combining mark."""
    result: list[str] = []
    for character in text:
        if result and unicodedata.combining(character) and not result[-1].isspace():
            result[-1] += character
        else:
            result.append(character)
    return result


# ---- metrics


class WordAccuracy:
    """Share of words that are right by their 36 characters 0-9 and a-z: case and all others are dropped on both sides.

    This is how the benchmarks of scene text count (Baek et al. 2019). A label of which nothing is left is no sample,
    as in the benchmark sets themselves (Bautista and Atienza 2022 drop it): whatever is read there counts as neither
    right nor wrong.
    """

    KEPT = frozenset(string.digits + string.ascii_lowercase)

    def statistics(self, prediction: str, reference: str) -> Sequence[float]:
        wanted = self.filtered(reference)
        return float(bool(wanted) and self.filtered(prediction) != wanted), float(bool(wanted))

    def value(self, sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(1.0 - sums[..., 0] / np.maximum(sums[..., 1], 1.0))

    def filtered(self, text: str) -> str:
        return "".join(c for c in text.lower() if c in self.KEPT)


class EditSimilarity:
    """Mean over the texts of 1 - edit distance / length of the longer one (1-NED of the ICDAR 2019 competitions)."""

    def statistics(self, prediction: str, reference: str) -> Sequence[float]:
        longer = max(len(prediction), len(reference), 1)
        return 1.0 - levenshtein(prediction, reference) / longer, 1.0

    def value(self, sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(sums[..., 0] / np.maximum(sums[..., 1], 1.0))


METRICS: dict[str, Metric] = {"word_accuracy": WordAccuracy(), "exact": Exact(), "edit": EditSimilarity()}


# ---- sampler


LONGEST = 25  # characters of a sampled text
RARE = "QXZJqxzj0123456789&$%#@!?+/()'\"-:;,.*=_[]{}<>|~^\\`"  # what words hardly hold


@cache
def common_words() -> tuple[str, ...]:
    """The words that come with the package, a few hundred of signs, shops and papers."""
    lines = resources.files("glyphic.notations").joinpath("text_words.txt").read_text(encoding="utf-8")
    return tuple(word for line in lines.splitlines() if not line.startswith("#") for word in line.split())


def sampler(words: Sequence[str] = (), charset: str = PRINTABLE) -> Callable[[random.Random], str]:
    """A source of texts as signs, labels and forms bear them, 1 to LONGEST characters of the charset.

    words: what most of them are made of, in place of `common_words`; spellings with capitals keep these now and then.
    """
    holds = set(charset)
    known = [word for word in words or common_words() if holds >= set(word) and 0 < len(word) <= LONGEST]
    wide = sorted(holds - set(PRINTABLE)) or sorted(holds)
    rare = [c for c in RARE if c in holds] or wide
    letters = [c for c in string.ascii_letters + string.digits if c in holds] or wide

    def word(rng: random.Random) -> str:
        if not known:
            return "".join(rng.choices(wide, k=rng.randint(1, 8)))
        # lists of words are full of long ones, which few signs bear
        return min(rng.choices(known, k=rng.choice((1, 2))), key=len)

    def noise(rng: random.Random) -> str:
        pool = rng.choice((rare, letters, wide, [*rare, *letters]))
        return "".join(rng.choices(pool, k=min(LONGEST, 1 + int(rng.expovariate(0.25)))))

    def sample(rng: random.Random) -> str:
        make = rng.choices((_word, _phrase, _punctuated, _number, _price, _date, _code, _address, None),
                           (42, 20, 8, 8, 4, 4, 4, 3, 7))[0]
        text = make(rng, word) if make else noise(rng)
        text = " ".join("".join(c for c in text if c in holds)[:LONGEST].split())
        return text or rng.choice(letters)

    return sample


Word = Callable[[random.Random], str]


def _word(rng: random.Random, word: Word) -> str:
    text = word(rng)
    style = rng.random()
    if style < 0.4:
        return text.upper()
    if style < 0.66:
        return text[:1].upper() + text[1:]
    if style < 0.68:
        return "".join(rng.choice((c.upper(), c.lower())) for c in text)
    return text


def _phrase(rng: random.Random, word: Word) -> str:
    style = rng.choice((str.upper, str.title, str.lower, str.capitalize))
    return style(" ".join(word(rng) for _ in range(rng.choice((2, 2, 2, 3, 3, 4)))))


def _punctuated(rng: random.Random, word: Word) -> str:
    text = _word(rng, word)
    pattern = rng.choice(("{},", "{}.", "{}!", "{}?", "{}:", "({})", "'{}'", '"{}"', "{}'s", "{}...", "-{}", "{};",
                          "#{}", "& {}", "{}-{}", "{}/{}", "{} & {}", "*{}", "{}'S", "[{}]"))
    return pattern.format(text, _word(rng, word))


def _number(rng: random.Random, word: Word) -> str:
    value = str(rng.randrange(10 ** rng.choice((1, 2, 2, 3, 3, 4, 4, 5, 6, 8))))
    style = rng.random()
    if style < 0.6:
        return value
    if style < 0.7:
        return f"{value}{rng.choice(('%', 'th', 'st', 'km', 'KM', ' m', 'kg', '+', 'A', 'B', 'x', ' ml', 'cm', 'ft'))}"
    if style < 0.8:
        return f"{int(value):,}"
    if style < 0.9:
        return f"{rng.choice(('No.', 'no. ', '#', '-', '+', '/', '0', '00', 'x'))}{value}"
    return f"{rng.randrange(100, 1000)}-{rng.randrange(1000):03}-{rng.randrange(10000):04}"


def _price(rng: random.Random, word: Word) -> str:
    amount = f"{rng.randrange(10 ** rng.randint(1, 4))}{rng.choice(('', '.00', '.99', '.50', '.95', ',-'))}"
    return rng.choice(("${}", "${}", "{}$", "$ {}", "{}%", "@{}", "RM{}", "S${}", "{}/-", "Rs.{}")).format(amount)


def _date(rng: random.Random, word: Word) -> str:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1900, 2040)
    name = "Jan Feb Mar Apr May June July Aug Sept Oct Nov Dec".split()[month - 1]
    time = f"{rng.randrange(24)}:{rng.randrange(60):02}"
    return rng.choice((f"{day:02}.{month:02}.{year}", f"{year}-{month:02}-{day:02}", f"{month}/{day}/{year % 100:02}",
                       f"{name} {day}", f"{day} {name} {year}", f"{year}", time, f"{month}am", f"{month}PM",
                       f"{time}-{rng.randrange(24)}:00", f"{year}-{(year + 1) % 100:02}"))


def _code(rng: random.Random, word: Word) -> str:
    shape = rng.choice(("AAA0000A", "AA00 AAA", "A0", "A00", "0A", "AA-000", "000-AA", "AAA", "A.A.", "AA0000", "A-0",
                        "00/00", "0000 0000", "A0A 0A0", "aa000", "AAAA-0000-AA", "0x00", "A.A.A."))
    kinds = {"A": string.ascii_uppercase, "a": string.ascii_lowercase, "0": string.digits}
    return "".join(rng.choice(kinds[c]) if c in kinds else c for c in shape)


def _address(rng: random.Random, word: Word) -> str:
    end = rng.choice(("com", "org", "net", "de", "co.uk", "fr", "edu", "io", "sg"))
    name, other = word(rng).lower().replace(" ", ""), word(rng).lower().replace(" ", "")
    return rng.choice((f"www.{name}.{end}", f"{name}@{other}.{end}", f"{name}.{end}", f"{name}.{other}@mail.{end}",
                       f"http://{name}.{end}", f"@{name}", f"#{name}", f"{name}_{other}", f"{name}.{end}/{other}"))


# ---- the notation


def notation(charset: str = PRINTABLE, name: str = "text") -> Notation:
    """The text notation of a charset, as in `notation(PRINTABLE + "äöüßÄÖÜ€")`; its order is that of the ids."""
    tokenizer = CharacterTokenizer.of(charset)
    return Notation(
        name=name,
        tokenizer=tokenizer,
        normalize=tokenizer.normalize,
        metrics=METRICS,
        render=render,
        render_many=render_many,
        sample=sampler(charset=charset),
        prior=dictionary.log_prior,
    )


NOTATION = notation()
