"""Many labelled pictures in one file, ready to be trained on: loaded at once, unpacked one by one.

A pack is an .npz of flat arrays: pictures with 16 grey levels, compressed one by one, their targets as token ids, and
the marks (named centres) that their renderer knew. A formula of 30 tokens at 200 dpi takes some 1.5 kB.
"""

import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from glyphic.core.errors import GlyphicError, OptionError
from glyphic.core.vocabulary import Vocabulary

NIBBLES, COLUMNS = 0, 1  # layouts of a picture: rows with two levels a byte (the first packs), columns of bytes


@dataclass(frozen=True)
class Packed:
    """One sample: pixels (H, W) uint8 with 255 = paper, the symbol size measured on it, target ids, marks."""

    pixels: npt.NDArray[np.uint8]
    symbol_size: float
    target: npt.NDArray[np.int64]
    marks: npt.NDArray[np.float32]  # (K, 3): index into Pack.names, x, y


class PackWriter:
    """Collects samples and writes them as one file."""

    def __init__(self, vocabulary: Vocabulary):
        self.vocabulary = vocabulary
        self.names: dict[str, int] = {}
        self.pictures: list[bytes] = []
        self.shapes: list[tuple[int, int]] = []
        self.sizes: list[float] = []
        self.targets: list[list[int]] = []
        self.marks: list[list[tuple[int, float, float]]] = []

    def __len__(self) -> int:
        return len(self.pictures)

    def add(self, pixels: npt.NDArray[np.uint8], symbol_size: float, target: Sequence[int],
            marks: Sequence[tuple[str, float, float]] = ()) -> None:
        """pixels: (H, W), 255 = paper, cropped to the ink."""
        if pixels.ndim != 2 or not pixels.size or pixels.dtype != np.uint8:
            raise OptionError(f"a packed picture is (H, W) uint8, not empty; got {pixels.shape} {pixels.dtype}")
        levels = ((pixels.astype(np.uint16) * 15 + 127) // 255).astype(np.uint8)
        # column by column, a level a byte: a fifth smaller than row by row with two levels a byte
        self.pictures.append(zlib.compress(levels.T.tobytes(), 9))
        self.shapes.append(pixels.shape)
        self.sizes.append(symbol_size)
        self.targets.append(list(target))
        self.marks.append([(self.names.setdefault(name, len(self.names)), x, y) for name, x, y in marks])

    def write(self, path: Path) -> None:
        """Writes the file whole or not at all."""
        marks = np.array([mark for marks in self.marks for mark in marks], np.float64).reshape(-1, 3)
        partial = path.with_suffix(".partial")
        try:
            with open(partial, "wb") as file:
                np.savez(
                    file, layout=np.array(COLUMNS),
                    tokens=np.array(self.vocabulary.tokens), names=np.array(list(self.names) or [""]),
                    pictures=np.frombuffer(b"".join(self.pictures), np.uint8), picture_ends=_ends(self.pictures),
                    shapes=np.array(self.shapes, np.int32).reshape(-1, 2), sizes=np.array(self.sizes, np.float32),
                    targets=np.array([t for target in self.targets for t in target], np.uint16),
                    target_ends=_ends(self.targets), mark_ends=_ends(self.marks), marks=marks.round().astype(np.int16),
                )
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


class Pack:
    """A pack in memory; `pack[i]` is one sample, its grey levels within 1/30 and its marks within half a pixel."""

    def __init__(self, path: Path, vocabulary: Vocabulary | None = None):
        """vocabulary: that of the network to be trained, which a pack must have been written for; None takes any."""
        self.path = path
        try:
            with path.open("rb") as file, np.load(file) as arrays:
                self._take(arrays, vocabulary)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise GlyphicError(f"{path} is no pack, or it is damaged: {error}") from error

    def _take(self, arrays: Any, vocabulary: Vocabulary | None) -> None:
        if vocabulary is not None and tuple(arrays["tokens"].tolist()) != vocabulary.tokens:
            raise GlyphicError(f"{self.path} was packed for another vocabulary; pack its pictures again")
        self.names = [str(name) for name in arrays["names"]]
        self._pictures, self._picture_ends = arrays["pictures"].tobytes(), arrays["picture_ends"]
        self.shapes, self.sizes = arrays["shapes"], arrays["sizes"]
        self._targets, self._target_ends = arrays["targets"].astype(np.int64), arrays["target_ends"]
        self._marks, self._mark_ends = arrays["marks"].astype(np.float32), arrays["mark_ends"]
        self._layout = int(arrays["layout"]) if "layout" in arrays else NIBBLES

    def __len__(self) -> int:
        return len(self.shapes)

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """(N,) tokens of each target."""
        return np.diff(self._target_ends, prepend=0)

    def mark_counts(self) -> npt.NDArray[np.int64]:
        """How often each of `names` occurs in the pack."""
        return np.bincount(self._marks[:, 0].astype(np.int64), minlength=len(self.names))

    def __getitem__(self, i: int) -> Packed:
        height, width = (int(side) for side in self.shapes[i])
        start, stop = _span(self._picture_ends, i)
        levels = np.frombuffer(zlib.decompress(self._pictures[start:stop]), np.uint8)
        if self._layout == NIBBLES:
            levels = np.stack((levels >> 4, levels & 15), 1).ravel()[:height * width].reshape(height, width)
        else:
            levels = levels.reshape(width, height).T
        pixels = np.ascontiguousarray(levels * np.uint8(17))
        return Packed(pixels, float(self.sizes[i]), self._targets[slice(*_span(self._target_ends, i))],
                      self._marks[slice(*_span(self._mark_ends, i))])


def _ends(parts: Sequence[Sequence[object] | bytes]) -> npt.NDArray[np.int64]:
    return np.cumsum([len(part) for part in parts], dtype=np.int64)


def _span(ends: npt.NDArray[np.int64], i: int) -> tuple[int, int]:
    return (int(ends[i - 1]) if i else 0), int(ends[i])
