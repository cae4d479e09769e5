"""A folder with packs and pictures of each kind becomes views to train a classifier of kinds on.

The folder has a subfolder for each of `KINDS`, with packs (NAME.npz, of any vocabulary, as `glyphic synth --packs`
writes them) and pictures at any depth. Long lines of text and pictures of no kind are made here as well, so text may
have nothing but packs of words, and `none` may have nothing.
"""

import functools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from glyphic.core import kinds
from glyphic.core.errors import GlyphicError, OptionError
from glyphic.core.images import Image, edge_level
from glyphic.data import ink, nothing
from glyphic.data.degrade import compressed, resized, rotated, with_neighbour
from glyphic.data.packs import Pack
from glyphic.notations import text_looks
from glyphic.notations.molecule.rendering.scanning import scanned, soiled

Grey = npt.NDArray[np.uint8]  # (H, W)
Load = Callable[[Path], Image]

PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
LINES = 0.3  # so many of the texts are long lines, made here
REAL = 0.5  # of a kind that has packs and pictures, so many are pictures
SCANS = {"molecule": 0.15}  # but fewer where others like it have none, or what scanners do would tell print from hands
PHOTOGRAPHS = 0.35  # and of what is no kind, where some are given; parts of them are taken
LARGEST = 1_500_000  # pixels of what is degraded; larger pictures are seen from further away
NO_MARKS = np.zeros((0, 3), np.float32)


@dataclass(frozen=True)
class Shelf:
    """What a kind's folder holds."""

    packs: tuple[Pack, ...] = ()
    pictures: tuple[Path, ...] = ()
    inks: tuple[Path, ...] = ()
    real: float = REAL  # share of the pictures, where there are packs or ink as well

    @classmethod
    def of(cls, folder: Path) -> "Shelf":
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return cls(tuple(Pack(path) for path in files if path.suffix == ".npz"),
                   tuple(path for path in files if path.suffix.lower() in PICTURES),
                   tuple(path for path in files if path.suffix == ".inkml"), SCANS.get(folder.name, REAL))

    def __bool__(self) -> bool:
        return bool(self.packs or self.pictures or self.inks)

    def draw(self, rng: random.Random, load: Load) -> Grey:
        """One picture, chosen at random."""
        real = self.pictures and (rng.random() < self.real or not (self.packs or self.inks))
        if real:
            return (load(rng.choice(self.pictures)) * 255).round().astype(np.uint8)
        if self.inks and (rng.random() < REAL or not self.packs):
            return ink.drawn(self._strokes(rng), rng)
        pack = rng.choice(self.packs)
        return pack[rng.randrange(len(pack))].pixels

    def _strokes(self, rng: random.Random) -> list[ink.Points]:
        """Those of a file; one without any, as CROHME has a few, is passed over."""
        for _ in range(20):
            try:
                return ink.read_inkml(rng.choice(self.inks))[0]
            except GlyphicError as error:
                refused = error
        raise refused


class Gallery:
    """The pictures of a folder of kinds: number i of a kind follows from the seed, the kind and i."""

    def __init__(self, folder: Path, load: Load, seed: int = 0):
        self.seed, self.load = seed, load
        self.shelves = {kind: Shelf.of(folder / kind) for kind in kinds.KINDS}
        missing = [kind for kind in kinds.KINDS if kind != kinds.NONE and not self.shelves[kind]]
        if missing:
            raise OptionError(f"{folder} holds no packs (*.npz), pictures or ink (*.inkml) of: {', '.join(missing)}; "
                              "it has a subfolder for each kind")
        single = {kind: functools.partial(self.shelves[kind].draw, load=load)
                  for kind in kinds.KINDS if self.shelves[kind].packs}
        self.makers = {"text": nothing.line, kinds.NONE: nothing.nothing(single)}

    def picture(self, kind: str, number: int) -> Image:
        """(H, W) in [0, 1], as somebody may give it to be read."""
        rng = random.Random(f"{self.seed}/{kind}/{number}")
        made = self.makers.get(kind)
        shelf = self.shelves[kind]
        share = (1.0 - PHOTOGRAPHS * bool(shelf) if kind == kinds.NONE else LINES) if made else 0.0
        while True:
            drawn = rng.random() < share
            pixels = made(rng) if made and drawn else shelf.draw(rng, self.load)
            if kind == kinds.NONE and not drawn:
                pixels = part(pixels, rng)
            if min(pixels.shape) >= kinds.LEAST:
                return seen(pixels, rng)

    def views(self, count: int, first: int = 0) -> Iterator[tuple[str, Grey]]:
        """`count` views of each kind, from number `first` on, the kinds in turn: (kind, view as uint8)."""
        for number in range(first, first + count):
            for kind in kinds.KINDS:
                yield kind, (kinds.view(self.picture(kind, number)) * 255).round().astype(np.uint8)


def seen(pixels: Grey, rng: random.Random) -> Image:
    """A picture at some resolution, cropped tightly or loosely, scanned, photographed, inverted, compressed."""
    image = pixels.astype(np.float32) / 255
    shrink = min(1.0, (LARGEST / image.size) ** 0.5) * rng.choice((1.0, 1.0, rng.uniform(0.4, 1.0)))
    height, width = (max(kinds.LEAST, round(side * shrink)) for side in image.shape)
    if shrink < 1.0 and height >= 14:
        image = resized(image, height, width)
    unit = min(max(0.15 * min(image.shape), 6.0), 40.0)
    if rng.random() < 0.06 and min(image.shape) > 20:
        image, _ = with_neighbour(image, NO_MARKS, unit, rng)
    if rng.random() < 0.5:
        room = min(image.shape) * rng.choice((0.1, 0.3, 0.8))
        image = np.pad(image, [(round(rng.uniform(0, room)), round(rng.uniform(0, room))) for _ in range(2)],
                       constant_values=edge_level(image))
    if rng.random() < 0.2:
        image, _ = rotated(image, NO_MARKS, rng.gauss(0, 0.035), crop=False)
    if rng.random() < 0.4:
        image = image ** np.float32(np.exp(rng.uniform(-0.7, 0.9)))  # bolder or lighter
    if rng.random() < 0.1:
        image = (image > rng.uniform(0.45, 0.8)).astype(np.float32)
    elif rng.random() < 0.2:  # hands as well as print: what a scanner does must not tell them apart
        page = (image * 255).round().astype(np.uint8)
        page = scanned(page, max(1.6, unit / 10), rng.random() < 0.5, rng) if rng.random() < 0.6 else soiled(page, rng)
        image = page.astype(np.float32) / 255
    if rng.random() < 0.35:
        image = _on_some_ground(image, unit, rng)
    elif rng.random() < 0.4:
        image = text_looks.photographed(image, 0.5 * unit, rng)
    elif rng.random() < 0.4:
        image = compressed(image, rng.randint(30, 92))
    return 1 - image if rng.random() < 0.1 else image


def part(pixels: Grey, rng: random.Random) -> Grey:
    """A quarter to all of a picture's height and width."""
    height, width = (max(kinds.LEAST, round(side * rng.uniform(0.25, 1.0))) for side in pixels.shape)
    top, left = rng.randint(0, len(pixels) - height), rng.randint(0, pixels.shape[1] - width)
    return pixels[top:top + height, left:left + width]


def _on_some_ground(image: Image, unit: float, rng: random.Random) -> Image:
    """Paper that is grey, uneven or lit from one side, ink that is not black; then the camera."""
    paper, contrast = rng.uniform(0.45, 1.0), rng.uniform(0.25, 1.0)
    scene = paper * (1 - contrast * (1 - image))
    if rng.random() < 0.7:
        scene = scene * (1 + rng.uniform(0.02, 0.25) * text_looks.texture(image.shape, rng))  # type: ignore[arg-type]
    return text_looks.photographed(scene.astype(np.float32), unit, rng)


def pictures_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """(kind, path) of the pictures in a folder with a subfolder for each kind; GlyphicError where there are none."""
    found = [(kind, path) for kind in kinds.KINDS for path in Shelf.of(folder / kind).pictures]
    if not found:
        raise GlyphicError(f"{folder} holds no pictures in subfolders called {', '.join(kinds.KINDS)}")
    yield from found
