"""How usual a staff is, whatever its picture says: the log of its prior probability, up to a constant.

Where a head is blurred, a half and a quarter look alike, and a breve and a whole note; what stands around them tells
them apart. Bars mostly fill their metre, and rhythms recur: rhythms.tsv.gz has which symbols follow which in incipits
of RISM, pitches left out (`scripts/rhythms` writes it). A model of five symbols, each order smoothed by the next lower
one (Witten and Bell, "The zero-frequency problem", 1991), says how probable the next one is.
"""

import gzip
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources

from glyphic.core.errors import NotationError
from glyphic.notations.music.bars import WRONG, bars
from glyphic.notations.music.semantic import (
    Clef,
    GraceNote,
    Key,
    Multirest,
    Note,
    Rest,
    Staff,
    Symbol,
    canonical,
    parse,
)

TABLE = "rhythms.tsv.gz"
ORDER = 5  # symbols, the one that is predicted included
LEAST = 4  # times that two symbols and more must have been seen together before what follows them says anything
START, END = "<", ">"
UNSEEN = 50  # kinds of symbols that may come and never did
RHYTHM = 0.15  # of a rhythm's log-probability counts: the network has seen its neighbours, too
SYMBOL = 1.0  # nats for each symbol, so that a reading does not gain by leaving one out
# nats for each bar: in real incipits 7 % of the inner bars contradict their metre, in wrong readings most do
VERDICTS = {"complete": 0.5, "short": -1.5, "long": -1.5, "pickup": -0.7, "cut": -0.7}
MOST = 4  # more wrong bars than that cost no more: such a staff has no metre to be held to

Counts = Mapping[tuple[str, ...], Counter[str]]  # of what stood before: how often each symbol followed


def log_prior(text: str) -> float:
    """A text in the semantic encoding -> nats, higher for what is more usual; -inf for what is none."""
    try:
        staff = canonical(parse(text))
    except NotationError:
        return -math.inf
    verdicts = [bar.verdict for bar in bars(staff)]
    wrong = sum(verdict in WRONG for verdict in verdicts)
    filled = sum(VERDICTS.get(verdict, 0.0) for verdict in verdicts) - VERDICTS["short"] * max(0, wrong - MOST)
    words = rhythm(staff)
    return filled + RHYTHM * (log_probability(words) + SYMBOL * len(words))


def rhythm(staff: Staff) -> list[str]:
    """The symbols of a staff without their pitches, keys, counts and fermatas."""
    return [_word(symbol) for symbol in staff]


def log_probability(words: Sequence[str]) -> float:
    """words: as of `rhythm` -> the natural log of the probability of this sequence and its end."""
    padded = [*[START] * (ORDER - 1), *words, END]
    return sum(_log_probability(tuple(padded[place - ORDER + 1:place]), padded[place])
               for place in range(ORDER - 1, len(padded)))


@lru_cache(100_000)  # the readings of a beam differ in a few symbols, and rhythms recur
def _log_probability(before: tuple[str, ...], word: str) -> float:
    """Of a symbol behind ORDER - 1 others."""
    table, kinds = _table()
    probability = 1 / kinds
    for first in range(len(before), -1, -1):
        found = table.get(before[first:])
        if found is None:
            break
        seen, follows = found
        probability = (follows.get(word, 0) + len(follows) * probability) / (seen + len(follows))
    return math.log(probability)


def table_of(rhythms: Iterable[Sequence[str]]) -> Counts:
    """rhythms: as of `rhythm` -> how often each symbol followed zero to four others; rare ones of two and more are
    left out."""
    counts: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for words in rhythms:
        padded = [*[START] * (ORDER - 1), *words, END]
        for place in range(ORDER - 1, len(padded)):
            for before in range(ORDER):
                counts[tuple(padded[place - before:place])][padded[place]] += 1
    return {before: followed for before, followed in counts.items() if len(before) < 2 or followed.total() >= LEAST}


def written(counts: Counts) -> str:
    """A table as text: a line for each context, then tabs between what followed and how often."""
    rows = ("\t".join((" ".join(before), *(f"{word} {count}" for word, count in sorted(followed.items()))))
            for before, followed in sorted(counts.items()))
    return "".join(f"{row}\n" for row in rows)


def _word(symbol: Symbol) -> str:
    match symbol:
        case Note():
            return str(symbol.value)
        case Rest():
            return f"rest-{symbol.value}"
        case GraceNote():
            return f"grace-{symbol.value}"
        case Clef() | Key() | Multirest():
            return type(symbol).__name__.lower()
        case _:
            return str(symbol)


@cache
def _table() -> tuple[dict[tuple[str, ...], tuple[int, dict[str, int]]], int]:
    """What stood before -> how often, and what followed how often; and how many kinds of symbols there may be."""
    packed = resources.files(__package__).joinpath(TABLE).read_bytes()
    table: dict[tuple[str, ...], tuple[int, dict[str, int]]] = {}
    for line in gzip.decompress(packed).decode("utf-8").splitlines():
        if line.startswith("#"):
            continue
        before, *followed = line.split("\t")
        follows = {word: int(count) for word, count in (pair.split(" ") for pair in followed)}
        table[tuple(before.split())] = sum(follows.values()), follows
    return table, len(table[()][1]) + UNSEEN
