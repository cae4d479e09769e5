"""The held-out pictures of every kind: data sets, ink and texts become a folder that benchmarks/kinds.py measures on.

    python benchmarks/kind_held_out.py held-out \\
        --take formula=im2latex_real:75 --take formula=data/formula/held-out:75 \\
        --take formula-handwritten=CROHME/TestINKMLGT:150 \\
        --take molecule=jpo:28 --take molecule=clef:44 --take molecule=uob:43 --take molecule=uspto:43 \\
        --take molecule-handwritten=edu_chemc:45 --take molecule-handwritten=held-out.smi:60:handwritten \\
        --take music=primus:31 --take music=held-out-staves.txt:60:camera --take music=lilypond:60 \\
        --take text=held-out/iiit5k:38 --take text=held-out/svt:37 --take text=held-out/icdar2003:37 \\
        --take text=held-out/icdar2015:38
    python benchmarks/kinds.py held-out --model bundle --draw 150

KIND=SOURCE:COUNT takes COUNT of a source, evenly over its length: of a data set (a folder with labels.tsv) its
pictures as they are; of a folder of InkML its strokes, written by some pen on some paper; of a file of texts (as
`glyphic synth --strings` takes them) what the renderer draws of them, in the look that stands behind. The same sources
give the same pictures. OUT/KIND/labels.tsv has their labels, for `glyphic synth --exclude`. Nothing is taken twice, and
none of it may be trained on: of ink, no writer; of crops of one photograph, none.
"""

import argparse
import dataclasses
import functools
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from glyphic import notations
from glyphic.core.errors import GlyphicError, OptionError
from glyphic.core.kinds import KINDS
from glyphic.data import ink
from glyphic.data.samples import LABELS, read_folder
from glyphic.data.sources import Choice, of_file
from glyphic.data.synthesis import batch

SEED = 20_000  # far from those of training


@dataclasses.dataclass(frozen=True)
class Take:
    """So many pictures of a kind, from where, in which look."""

    kind: str
    source: Path
    count: int
    look: str = ""

    @classmethod
    def of(cls, words: str) -> "Take":
        """As the command line has it."""
        kind, _, rest = words.partition("=")
        source, *more = rest.split(":")
        if kind not in KINDS or not 1 <= len(more) <= 2 or not more[0].isdecimal():
            raise OptionError(f"--take {words}: give KIND=SOURCE:COUNT or KIND=TEXTS:COUNT:LOOK, with a kind of "
                              f"{', '.join(KINDS)}")
        return cls(kind, Path(source), int(more[0]), *more[1:])

    def pictures(self) -> Iterator[tuple[Path | np.ndarray, str]]:
        """(file, or (H, W) uint8; label). Errors: GlyphicError, of the source."""
        if self.source.is_file():
            return self._drawn()
        return self._given() if (self.source / LABELS).is_file() else self._written()

    def _given(self) -> Iterator[tuple[Path | np.ndarray, str]]:
        for sample in self._evenly(read_folder(self.source)):
            yield sample.path, sample.text

    def _written(self) -> Iterator[tuple[Path | np.ndarray, str]]:
        for path in self._evenly(list(ink.ink_files(self.source))):
            strokes, text = ink.read_inkml(path)
            yield ink.drawn(strokes, random.Random(f"{SEED}/{path.name}")), text

    def _drawn(self) -> Iterator[tuple[Path | np.ndarray, str]]:
        notation = notations.get(self.kind.partition("-")[0])
        if self.look not in notation.looks:
            raise OptionError(f"look {self.look!r} of {notation.name}; there are: {', '.join(notation.looks)}")
        notation = dataclasses.replace(notation, render_many=functools.partial(notation.render_many, look=self.look))
        source, found, index = of_file(notation.name, self.source, Choice(), Path()), 0, 0
        while found < self.count:
            for sample in batch(notation, source, SEED, index, size=20)[:self.count - found]:
                found += 1
                yield sample.rendering.pixels, notation.normalize(sample.text)
            index += 1

    def _evenly(self, found: list) -> list:
        if len(found) < self.count:
            raise OptionError(f"{self.source} holds {len(found)} pictures; {self.count} were asked for")
        return [found[i * len(found) // self.count] for i in range(self.count)]


def build(takes: list[Take], out: Path) -> dict[str, int]:
    """Writes the pictures into a new folder; how many each kind has. Errors: OptionError for a folder that exists."""
    if out.exists():
        raise OptionError(f"{out} exists; give a folder that does not, or remove it")
    labels: dict[str, list[str]] = {}
    for take in takes:
        name = f"{take.source.parent.name}-{take.source.stem}" if take.look else take.source.name
        folder = out / take.kind / "images"
        folder.mkdir(parents=True, exist_ok=True)
        for number, (picture, label) in enumerate(take.pictures()):
            suffix = picture.suffix if isinstance(picture, Path) else ".png"
            path = folder / f"{name}-{number:03}{suffix}"
            if path.exists():
                raise OptionError(f"{path.name} is there already: two sources of {take.kind} have the same name")
            if isinstance(picture, Path):
                shutil.copyfile(picture, path)
            else:
                Image.fromarray(picture).save(path)
            labels.setdefault(take.kind, []).append(f"images/{path.name}\t{' '.join(label.split())}\n")
    for kind, lines in labels.items():
        (out / kind / LABELS).write_text("".join(lines), encoding="utf-8")
    return {kind: len(lines) for kind, lines in labels.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--take", action="append", required=True, metavar="KIND=SOURCE:COUNT[:LOOK]")
    given = parser.parse_args()
    try:
        for kind, count in build([Take.of(words) for words in given.take], given.out).items():
            print(f"{kind}: {count}")
    except GlyphicError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
