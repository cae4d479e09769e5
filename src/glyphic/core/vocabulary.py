"""Token strings and their ids; the special tokens have names, never arithmetic."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from glyphic.core.errors import NotationError, OptionError


@dataclass(frozen=True)
class Vocabulary:
    """The closed list of tokens a model can write; stored in its bundle.

    `pad`, `bos`, `eos` and (for CTC) `blank` are indices into `tokens`.
    """

    tokens: tuple[str, ...]
    pad: int = 0
    bos: int = 1
    eos: int = 2
    blank: int | None = None

    def __post_init__(self) -> None:
        twice = [t for t, n in _counts(self.tokens).items() if n > 1]
        if twice:
            raise OptionError(f"tokens must differ; given twice: {', '.join(twice[:5])}")
        specials = [i for i in (self.pad, self.bos, self.eos, self.blank) if i is not None]
        if len(set(specials)) < len(specials) or not all(0 <= i < len(self.tokens) for i in specials):
            raise OptionError(f"pad, bos, eos, blank must be different indices below {len(self.tokens)}; "
                              f"got {specials}")

    @classmethod
    def of(cls, tokens: Iterable[str], blank: bool = False) -> "Vocabulary":
        """The given tokens behind the special ones: <pad>, <bos>, <eos> and, if asked for, <blank>."""
        head = ("<pad>", "<bos>", "<eos>") + (("<blank>",) if blank else ())
        return cls(head + tuple(tokens), 0, 1, 2, 3 if blank else None)

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def ids(self) -> dict[str, int]:
        """Token -> id."""
        return {token: i for i, token in enumerate(self.tokens)}

    @cached_property
    def specials(self) -> frozenset[int]:
        """Ids that never stand in a text."""
        return frozenset(i for i in (self.pad, self.bos, self.eos, self.blank) if i is not None)

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """Tokens -> ids; NotationError names the first token that is not in the vocabulary."""
        result = []
        for position, token in enumerate(tokens):
            if token not in self.ids:
                raise NotationError(f"token {token!r} (number {position}) is not in the vocabulary of {len(self)}")
            result.append(self.ids[token])
        return result

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Ids -> tokens, without the special ones."""
        return [self.tokens[int(i)] for i in ids if int(i) not in self.specials]

    def to_json(self) -> dict[str, Any]:
        return {"tokens": list(self.tokens), "pad": self.pad, "bos": self.bos, "eos": self.eos, "blank": self.blank}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Vocabulary":
        return cls(tuple(data["tokens"]), data["pad"], data["bos"], data["eos"], data["blank"])


def _counts(tokens: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for token in tokens:
        counts[token] = counts.get(token, 0) + 1
    return counts
