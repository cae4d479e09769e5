"""What the stages hand each other: samples, hypotheses, recognitions, scores."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels of the given picture


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
class ModelIdentity:
    """Which model read: of an ensemble, all names and versions with ` + ` between them."""

    name: str = ""
    version: str = ""
    sha256: str = ""  # of the bundle's manifest, which holds the hash of every other file; "" where there is none

    def __str__(self) -> str:
        pairs = zip(self.name.split(" + "), self.version.split(" + "), strict=False)
        return " + ".join(" ".join(filter(None, pair)) for pair in pairs)

    def to_json(self) -> dict[str, str]:
        return {"name": self.name, "version": self.version, "sha256": self.sha256}


@dataclass(frozen=True)
class Token:
    """One token of a reading, the network's log-probability of it given those before it, and where it was seen."""

    text: str
    logprob: float
    box: Box | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values; "box" only where it is known, and null for the log-probability of what is impossible."""
        return {"text": self.text, "logprob": _finite(self.logprob), **({"box": _plain(self.box)} if self.box else {})}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Token":
        return cls(data["text"], -math.inf if data["logprob"] is None else data["logprob"], _box(data.get("box")))


@dataclass(frozen=True)
class Choice:
    """Another token in the place of a doubtful one: its probability there, and the whole reading that it leads to."""

    token: str  # "" where the reading ends instead
    text: str
    p: float

    def to_json(self) -> dict[str, Any]:
        return {"token": self.token, "text": self.text, "p": self.p}


@dataclass(frozen=True)
class Spot:
    """A doubtful token of a reading."""

    index: int  # among the tokens
    span: tuple[int, int]  # the characters of the text that it wrote, from the first to before the last
    token: str
    p: float  # its probability given those before it, under the network
    box: Box | None = None
    alternatives: tuple[Choice, ...] = ()  # the likeliest first

    def to_json(self) -> dict[str, Any]:
        return {"index": self.index, "span": list(self.span), "token": self.token, "p": self.p,
                "box": _plain(self.box) if self.box else None, "alternatives": [c.to_json() for c in self.alternatives]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Spot":
        return cls(data["index"], (data["span"][0], data["span"][1]), data["token"], data["p"], _box(data["box"]),
                   tuple(Choice(**choice) for choice in data["alternatives"]))


@dataclass(frozen=True)
class Place:
    """A part of a reading, as an atom of a molecule, and the point of the given picture, in pixels, where it stands."""

    text: str
    x: float
    y: float

    def to_json(self) -> dict[str, Any]:
        return {"text": self.text, "x": round(float(self.x), 2), "y": round(float(self.y), 2)}


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
    """The reading of one picture; `recognition.schema.json`, beside this file, says the same of its JSON.

    `confidence` is exp(mean token log-probability) in [0, 1]: an uncalibrated score, not a probability of being right;
    0 where nothing was read, and small where the reading does not fit the picture, which a warning then says.
    `calibrated` tells when it is one; only then is there a `decision` ("accept" or "review") and the `policy` behind
    it.
    """

    text: str
    notation: str
    confidence: float
    tokens: tuple[Token, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    warnings: tuple[str, ...] = ()
    model: ModelIdentity = ModelIdentity()
    image: Mapping[str, Any] = field(default_factory=dict)  # width, height of the given picture; crop; scale; turned
    milliseconds: float = 0.0
    formats: Mapping[str, str] = field(default_factory=dict)  # the text in other formats, those that were asked for
    places: tuple[Place, ...] = ()  # of the parts that the notation names (atoms, in their order in the text)
    checks: tuple[Check, ...] = ()  # what the notation says of parts of the text, as of each bar
    spots: tuple[Spot, ...] = ()  # the least certain tokens, in their order in the text, where they were asked for
    notation_confidence: float | None = None  # the probability of the notation, where it was chosen by the picture
    calibrated: bool = False
    decision: str | None = None
    policy: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values: what `glyphic read --json` prints and the service answers."""
        return {
            "notation": self.notation,
            "notation_confidence": self.notation_confidence,
            "text": self.text,
            "formats": dict(self.formats),
            "confidence": self.confidence,
            "calibrated": self.calibrated,
            "decision": self.decision,
            "policy": None if self.policy is None else dict(self.policy),
            "spots": [spot.to_json() for spot in self.spots],
            "tokens": [token.to_json() for token in self.tokens],
            "alternatives": [{"text": a.text, "confidence": a.confidence} for a in self.alternatives],
            "checks": [check.to_json() for check in self.checks],
            "places": [place.to_json() for place in self.places],
            "warnings": list(self.warnings),
            "model": self.model.to_json(),
            "image": dict(self.image),
            "milliseconds": self.milliseconds,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Recognition":
        """What `to_json` wrote; fields that this version does not know are left out.

        Errors: KeyError, TypeError or ValueError for what is no recognition.
        """
        return cls(
            data["text"], data["notation"], data["confidence"], tuple(map(Token.from_json, data["tokens"])),
            tuple(Alternative(a["text"], a["confidence"]) for a in data["alternatives"]), tuple(data["warnings"]),
            ModelIdentity(**data["model"]), dict(data["image"]), data["milliseconds"], dict(data["formats"]),
            tuple(Place(p["text"], p["x"], p["y"]) for p in data["places"]),
            tuple(Check(**{**check, "words": tuple(check["words"])}) for check in data["checks"]),
            tuple(map(Spot.from_json, data["spots"])), data["notation_confidence"], data["calibrated"],
            data["decision"], data["policy"])


@dataclass(frozen=True)
class Score:
    """One measured figure: value in [0, 1], its 95 % interval, and over how many samples."""

    value: float
    low: float
    high: float
    count: int

    def to_json(self) -> dict[str, float | int]:
        return {"value": self.value, "low": self.low, "high": self.high, "count": self.count}


def _finite(value: float) -> float | None:
    """JSON has no infinity."""
    return value if math.isfinite(value) else None


def _plain(box: Box) -> list[float]:
    """Whatever numbers they were, as numpy's, which JSON does not know."""
    return [float(side) for side in box]


def _box(data: Any) -> Box | None:
    return None if data is None else (data[0], data[1], data[2], data[3])
