"""What the stages hand each other: samples, hypotheses, recognitions, scores."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Sample:
    """One labelled picture of a data set."""

    path: Path
    text: str


@dataclass(frozen=True)
class Hypothesis:
    """One candidate token sequence, without <bos> and <eos>."""

    tokens: tuple[int, ...]
    logprobs: tuple[float, ...]  # one per token, then the one of <eos> if finished
    finished: bool  # False: cut off by max_tokens
    score: float  # what the search ranked by: length-normalised log-probability plus guide biases

    @property
    def logprob(self) -> float:
        """Log-probability of the whole sequence under the network."""
        return sum(self.logprobs)


@dataclass(frozen=True)
class Token:
    """One token of a reading, the network's log-probability of it given those before it, and where it was seen."""

    text: str
    logprob: float
    box: tuple[float, float, float, float] | None = None  # left, top, right, bottom in pixels of the given picture

    def to_json(self) -> dict[str, Any]:
        """Plain values; "box" only where it is known."""
        return {"text": self.text, "logprob": self.logprob, **({"box": list(self.box)} if self.box else {})}


@dataclass(frozen=True)
class Place:
    """A part of a reading, as an atom of a molecule, and the point of the given picture, in pixels, where it stands."""

    text: str
    x: float
    y: float

    def to_json(self) -> dict[str, Any]:
        return {"text": self.text, "x": round(self.x, 2), "y": round(self.y, 2)}


@dataclass(frozen=True)
class Check:
    """A part of a reading that its notation can judge by itself, as the bars of a staff by their sums."""

    part: str  # what it is, as "bar 3"
    verdict: str  # one of the notation's own words
    found: str  # what was judged, as "5/8"; what was expected, as "3/4"; "" where that is not known
    wanted: str
    words: tuple[int, int]  # of the text, from the first to before the last

    def to_json(self) -> dict[str, Any]:
        return {"part": self.part, "verdict": self.verdict, "found": self.found, "wanted": self.wanted,
                "words": list(self.words)}


@dataclass(frozen=True)
class Alternative:
    """Another reading of the same picture."""

    text: str
    confidence: float


@dataclass(frozen=True)
class Recognition:
    """The reading of one picture.

    `confidence` is exp(mean token log-probability) in [0, 1]: an uncalibrated score, not a probability of being right;
    0 where nothing was read, and small where the reading does not fit the picture, which a warning then says.
    """

    text: str
    notation: str
    confidence: float
    tokens: tuple[Token, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    warnings: tuple[str, ...] = ()
    model: str = ""
    image: Mapping[str, Any] = field(default_factory=dict)  # width, height of the given picture; crop; scale; turned
    milliseconds: float = 0.0
    formats: Mapping[str, str] = field(default_factory=dict)  # the text in other formats, those that were asked for
    places: tuple[Place, ...] = ()  # of the parts that the notation names (atoms, in their order in the text)
    checks: tuple[Check, ...] = ()  # what the notation says of parts of the text, as of each bar

    def to_json(self) -> dict[str, Any]:
        """Plain values, as `glyphic read --json` prints them."""
        return {
            "notation": self.notation,
            "text": self.text,
            "confidence": self.confidence,
            "tokens": [token.to_json() for token in self.tokens],
            "alternatives": [{"text": a.text, "confidence": a.confidence} for a in self.alternatives],
            "warnings": list(self.warnings),
            "model": self.model,
            "image": dict(self.image),
            "milliseconds": self.milliseconds,
            "formats": dict(self.formats),
            "places": [place.to_json() for place in self.places],
            "checks": [check.to_json() for check in self.checks],
        }


@dataclass(frozen=True)
class Score:
    """One measured figure: value in [0, 1], its 95 % interval, and over how many samples."""

    value: float
    low: float
    high: float
    count: int

    def to_json(self) -> dict[str, float | int]:
        return {"value": self.value, "low": self.low, "high": self.high, "count": self.count}
