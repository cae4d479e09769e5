"""Whether a word is English, and so the log of a text's prior probability, whatever its picture says.

The words are kept as a Bloom filter (Bloom 1970): ten bits and seven hashes for each, so that one of a hundred strings
that are no words is taken for one, and no word is missed. `scripts/dictionary` writes it from a list of words.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

FILE = "dictionary.bin"
BITS, HASHES = 10, 7  # for each word
UNKNOWN = 2.0  # nats: what a word costs that is in no dictionary

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


def log_prior(text: str) -> float:
    """0 for a text whose words, in any case, are in the dictionary, less by `UNKNOWN` for each that is not.

    Digits and signs are neither. What this prior says of other languages is wrong alike of all readings of a word, and
    mostly cancels out.
    """
    return -UNKNOWN * sum(not known(word) for word in words_of(text)) + 0.0


def words_of(text: str) -> list[str]:
    """The words of a text, in small letters, without the 's of a genitive."""
    return [word.removesuffix("'s") for word in _WORD.findall(text.lower())]


def known(word: str) -> bool:
    """Whether a word in small letters is in the dictionary."""
    bits = _bits()
    return all(bits[place >> 3] >> (place & 7) & 1 for place in _places(word, 8 * len(bits)))


def filter_of(words: Iterable[str]) -> bytes:
    """Words, in any case -> the filter that holds them."""
    unique = {part for word in words for part in words_of(word)}
    bits: npt.NDArray[np.uint8] = np.zeros(max(8, BITS * len(unique) // 8), np.uint8)
    for word in unique:
        for place in _places(word, 8 * len(bits)):
            bits[place >> 3] |= 1 << (place & 7)
    return bits.tobytes()


def _places(word: str, size: int) -> Iterator[int]:
    """The bits of a word, by double hashing (Kirsch and Mitzenmacher 2008)."""
    digest = hashlib.blake2b(word.encode(), digest_size=16).digest()
    first, step = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little") | 1
    return ((first + i * step) % size for i in range(HASHES))


@cache
def _bits() -> bytes:
    return resources.files(__package__).joinpath(FILE).read_bytes()
