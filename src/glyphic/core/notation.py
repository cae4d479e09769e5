"""What a notation is: its tokens, spelling, grammar, renderer, sampler and metrics, and nothing of any network."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from glyphic.core.guide import Guide
from glyphic.core.images import Image, symbol_size
from glyphic.core.results import Check, Place
from glyphic.core.vocabulary import Vocabulary


class Tokenizer(Protocol):
    """Text <-> token ids of one notation."""

    @property
    def vocabulary(self) -> Vocabulary: ...

    def encode(self, text: str) -> list[int]:
        """Any valid spelling -> ids, without <bos> and <eos>; NotationError with position for what cannot be held."""

    def decode(self, ids: Sequence[int]) -> str:
        """Ids (special ones are skipped) -> canonical text."""


class Metric(Protocol):
    """A corpus figure in [0, 1] that is a function of per-sample sums, so that it can be resampled cheaply."""

    def statistics(self, prediction: str, reference: str) -> Sequence[float]:
        """Per-sample numbers that add up over a corpus; both texts canonical."""

    def value(self, sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """sums: (..., K) -> (...) corpus figures."""


@dataclass(frozen=True)
class Rendering:
    """A rendered text, and where its parts are: marks are (name, x, y), centres in pixels; names are the renderer's."""

    pixels: npt.NDArray[np.uint8]  # (H, W), 255 = paper
    marks: tuple[tuple[str, float, float], ...] = ()
    size: float | None = None  # pixels, of what `Notation.measure` estimates, where the renderer knows it


Renderer = Callable[[str, random.Random], npt.NDArray[np.uint8]]
"""(text, random source) -> (H, W) uint8 picture, 255 = paper."""


@dataclass(frozen=True)
class OtherLabels:
    """Labels of data sets that are no texts of the notation, as SMILES are none of drawings: how they are compared."""

    recognises: Callable[[str], bool]
    normalize: Callable[[str], str]  # idempotent; NotationError for what is none after all
    metrics: Mapping[str, Metric]  # of a reading, or another such label, beside such a label; the first is the headline


@dataclass(frozen=True)
class Sight:
    """What a reading was read from. Letters: T tokens; points are in pixels of the picture as the network saw it."""

    tokens: tuple[str, ...]  # as the network wrote them, in the notation's spelling
    points: npt.NDArray[np.float64]  # (T, 2) x, y: where it looked as it wrote each; (0, 2) where that is not known
    image: Image  # (H, W) in [0, 1], 1 = paper
    space: float | None = None  # from line to line of a staff that lies level, its middle line halfway up


@dataclass(frozen=True)
class Placing:
    """How a notation says where the parts of a reading are, and whether reading and picture fit each other."""

    places: Callable[[Sight], Sequence[Place]]  # in the pixels of the sight; none where they cannot be told
    doubts: Callable[[Sight, Sequence[Place]], Sequence[str]]  # why the picture may hold none of it, in words
    formats: Mapping[str, Callable[[str, Sequence[Place]], str]]  # those of `Notation.formats` that can hold places


@dataclass(frozen=True)
class Notation:
    """The one thing that changes between formula, molecule, music and text."""

    name: str
    tokenizer: Tokenizer
    normalize: Callable[[str], str]  # any valid spelling -> canonical spelling; idempotent; NotationError otherwise
    metrics: Mapping[str, Metric]  # the first is the headline
    grammar: Guide | None = None
    render: Renderer | None = None
    render_many: Callable[..., list[Rendering | None]] | None = None  # None: cannot be set
    looks: Sequence[str] = ()  # kinds of pictures that render_many takes as look=..., where it has several
    sample: Callable[[random.Random], str] | None = None  # a random valid text
    examples: tuple[str, ...] = field(default=())  # spellings, canonical or not, that conformance is checked on
    formats: Mapping[str, Callable[[str], str]] = field(default_factory=dict)  # name -> what writes a text in it
    other_labels: OtherLabels | None = None
    placing: Placing | None = None
    remarks: Callable[[str], Sequence[str]] | None = None  # what is wrong with a text that may be right as a reading
    # how likely a text is before any picture is seen: a log-probability, up to a constant; -inf for a text that means
    # nothing. What a beam may choose its reading by
    prior: Callable[[str], float] | None = None
    checks: Callable[[str], Sequence[Check]] | None = None  # a verdict for each part of a text that it can judge
    # tokens as the network wrote them, and the text -> the characters of each, from the first to before the last: in
    # order, equal where tokens share their characters, else apart; empty where a token left no trace. None: see
    # `glyphic.reading.spots`
    spans: Callable[[Sequence[str], str], Sequence[tuple[int, int]]] | None = None
    near: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # token -> nearly right ones, their weights
    measure: Callable[[npt.NDArray[np.bool_]], float] = symbol_size  # of ink: what pictures are brought to one size by
    unsure: float = 0.4  # below this confidence, what was read is hardly what the picture holds
    staves: bool = False  # a picture shows a staff of music: packs hold it level, its lines at one distance

    def metrics_for(self, labels: Sequence[str]) -> Mapping[str, Metric]:
        """What a data set with these labels is measured by; labels of both kinds are not mixed in one set."""
        other = self.other_labels
        return other.metrics if other and any(map(other.recognises, labels)) else self.metrics

    def spelled(self, text: str) -> str:
        """A text or label of either kind in its canonical spelling; NotationError for what the notation cannot hold,
        a token outside the vocabulary included."""
        if self.other_labels and self.other_labels.recognises(text):
            return self.other_labels.normalize(text)
        self.tokenizer.encode(text)
        return self.normalize(text)
