"""The 1781 symbols of PrIMuS's semantic vocabulary, which the benchmark's models choose from, and what lies outside.

The strings of this notation are spelled as the official ones, so mapping is the identity; the list is needed to count
what a model with 1781 classes could never have read, and to build one.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources

from glyphic.notations.music.semantic import Symbol


@cache
def official() -> tuple[str, ...]:
    """The official strings, by kind: signatures and rests, then notes by duration."""
    text = resources.files("glyphic.notations.music").joinpath("official.txt").read_text(encoding="utf-8")
    return tuple(word for line in text.splitlines() if not line.startswith("#") for word in _expanded(line))


def outside(staff: Iterable[Symbol]) -> list[str]:
    """The symbols of a staff that are not in the official list."""
    known = _known()
    return [word for word in map(str, staff) if word not in known]


@cache
def _known() -> frozenset[str]:
    return frozenset(official())


def _expanded(line: str) -> Iterator[str]:
    head, _, endings = line.partition(":")
    kind, _, duration = head.partition(" ")
    for ending in endings.split() or [""]:
        first, _, last = ending.partition("..") if kind == "multirest" else (ending, "", "")
        if last:
            yield from (f"{kind}-{number}" for number in range(int(first), int(last) + 1))
        else:
            yield kind + (f"-{ending}" if ending else "") + (f"_{duration}" if duration else "")
