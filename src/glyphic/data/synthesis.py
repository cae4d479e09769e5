"""An index becomes a batch of rendered samples, the same on every machine; batches become packs."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glyphic.core import images
from glyphic.core.errors import NotationError, OptionError
from glyphic.core.notation import Notation, Rendering
from glyphic.data import staves
from glyphic.data.packs import PackWriter

MISJUDGED = 1.4  # times too large or too small: estimates of the symbol size that training leaves as they are
BATCHES = 1_000  # numbers of batches that a pack has to itself; it needs far fewer

Source = Callable[[random.Random], str]
"""A random source -> a text of the notation, in any valid spelling."""


@dataclass(frozen=True)
class Synthetic:
    """One rendered text: its spelling as rendered, its token ids, its picture."""

    text: str
    target: list[int]
    rendering: Rendering


def batch(notation: Notation, source: Source, seed: int, index: int, size: int = 250) -> list[Synthetic]:
    """Up to `size` samples of batch `index`, fewer where the renderer refuses some; they follow from seed and index."""
    rng = random.Random(f"{notation.name}/{seed}/{index}")
    texts: list[str] = []
    targets: list[list[int]] = []
    while len(texts) < size:
        text = source(rng)
        try:
            target = notation.tokenizer.encode(text)
        except NotationError:
            continue
        if target:
            texts.append(text)
            targets.append(target)
    return [Synthetic(text, target, rendering)
            for text, target, rendering in zip(texts, targets, _rendered(notation, texts, rng), strict=True)
            if rendering is not None]


def _rendered(notation: Notation, texts: list[str], rng: random.Random) -> list[Rendering | None]:
    if notation.render_many is not None:
        return notation.render_many(texts, rng)
    if notation.render is None:
        raise OptionError(f"the notation {notation.name} has no renderer")
    return [Rendering(notation.render(text, rng)) for text in texts]


def write_pack(path: Path, notation: Notation, source: Source, count: int, seed: int, first: int,
               max_tokens: int = 160) -> Iterator[int]:
    """Packs `count` samples of the batches from `first` on into one file; yields how many are done."""
    writer = PackWriter(notation.tokenizer.vocabulary)
    index, empty = first, 0
    while len(writer) < count:
        before = len(writer)
        for sample in batch(notation, source, seed, index):
            if len(sample.target) <= max_tokens and len(writer) < count:
                _add(writer, notation, sample)
        empty = empty + 1 if len(writer) == before else 0
        if empty == 3:  # one batch may die as a whole, of a formula that stops TeX
            raise OptionError(f"batches up to {index} of {notation.name} gave no picture; does its renderer work?")
        index += 1
        yield len(writer)
    path.parent.mkdir(parents=True, exist_ok=True)
    writer.write(path)


def _add(writer: PackWriter, notation: Notation, sample: Synthetic) -> None:
    """Packs a sample with its symbol size measured, or as a staff that lies level."""
    pixels, marks = sample.rendering.pixels, sample.rendering.marks
    if notation.staves:
        level, space, moved = staves.laid(pixels.astype(np.float32) / 255, marks)
        writer.add(level, space, sample.target, moved)
        return
    grey = images.stretch_contrast(pixels.astype(np.float32) / 255)
    measured, known = notation.measure(grey < images.INK), sample.rendering.size
    if known is not None and not known / MISJUDGED < measured < known * MISJUDGED:
        measured = known  # the network is not to learn from what is scaled beyond recognition
    writer.add(pixels, measured, sample.target, marks)
