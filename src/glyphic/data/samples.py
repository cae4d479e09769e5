"""Folders of labelled pictures become lists of `Sample`, and back: `images/` and `labels.tsv` (`path<TAB>label`)."""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from glyphic.core.errors import GlyphicError, NotationError, OptionError
from glyphic.core.results import Sample

LABELS = "labels.tsv"
LEXICONS = "lexicons.tsv"


def read_folder(folder: str | Path) -> list[Sample]:
    """The samples of a data set, in the order of its labels.tsv; paths are those below `folder`.

    The pictures are not opened. Errors: GlyphicError for a missing labels.tsv or a line without a tab.
    """
    folder = Path(folder)
    labels = folder / LABELS
    if not labels.is_file():
        raise GlyphicError(f"{folder} is no data set: it has no {LABELS} (lines of path<TAB>label)")
    return [Sample(folder / path, text) for path, text in _pairs(labels, "label")]


def labels_of(path: Path) -> list[str]:
    """The labels of a data set's folder, or of a file with lines of path<TAB>label."""
    if path.is_dir():
        return [sample.text for sample in read_folder(path)]
    return [text for line in path.read_text(encoding="utf-8").splitlines() for _, tab, text in [line.partition("\t")]
            if tab]


def read_lexicons(folder: str | Path) -> dict[str, tuple[str, ...]]:
    """Path (as in labels.tsv) -> the words of which that picture holds one, from lines of `path<TAB>word word ...`.

    Errors: GlyphicError for a missing lexicons.tsv or a line without a tab.
    """
    lexicons = Path(folder) / LEXICONS
    if not lexicons.is_file():
        raise GlyphicError(f"{folder} has no {LEXICONS} (lines of path<TAB>word word ...), which says what words each "
                           "picture may hold")
    return {path: tuple(words.split()) for path, words in _pairs(lexicons, "word word ...")}


def _pairs(file: Path, wanted: str) -> Iterator[tuple[str, str]]:
    """The lines of a file as (path, what stands behind the tab)."""
    # not splitlines: a label may hold characters that it takes for line breaks
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").split("\n"), 1):
        line = line.removesuffix("\r")
        if not line:
            continue
        path, tab, text = line.partition("\t")
        if not tab:
            raise GlyphicError(f"{file}, line {number}: a line is path<TAB>{wanted}; got {line[:80]!r}")
        yield path, text


def write_folder(folder: str | Path, pictures: Iterable[tuple[npt.NDArray[np.uint8], str]]) -> list[Sample]:
    """pictures: ((H, W) or (H, W, 3) uint8, text) -> images/000000.png ... and labels.tsv, which is written last.

    Errors: NotationError for a text with a line break.
    """
    folder = Path(folder)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    samples = []
    for index, (pixels, text) in enumerate(pictures):
        breaks = [text.index(c) for c in "\r\n" if c in text]
        if breaks:
            raise NotationError(f"a line of {LABELS} holds one text; this one has a line break", text, min(breaks))
        path = folder / "images" / f"{index:06d}.png"
        Image.fromarray(pixels).save(path)
        samples.append(Sample(path, text))
    lines = (f"{sample.path.relative_to(folder).as_posix()}\t{sample.text}\n" for sample in samples)
    (folder / LABELS).write_text("".join(lines), encoding="utf-8", newline="\n")
    return samples


def limit(samples: Sequence[Sample], count: int, folder: str | Path) -> list[Sample]:
    """The `count` samples whose paths (relative to `folder`) hash lowest: the same ones everywhere, in their order.

    A smaller count takes a subset of a larger one.
    """
    chosen = set(sorted(range(len(samples)), key=lambda i: (_hash(relative(samples[i], folder)), i))[:count])
    return [sample for i, sample in enumerate(samples) if i in chosen]


def relative(sample: Sample, folder: str | Path) -> str:
    """The sample's path as its labels.tsv spells it."""
    path, folder = sample.path, Path(folder)
    return (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix()


def split(samples: Iterable[Sample], share: float = 0.1,
          key: Callable[[str], str] = str) -> tuple[list[Sample], list[Sample]]:
    """(training, validation): a `share` of the texts goes to validation, chosen by the hash of key(text).

    All pictures of one text fall on the same side, on every machine and whatever else is in the data. `key` may be a
    notation's `normalize`, so that two spellings of one text count as one.
    """
    training: list[Sample] = []
    validation: list[Sample] = []
    for sample in samples:
        held_out = int(_hash(key(sample.text))[:16], 16) < share * 2**64
        (validation if held_out else training).append(sample)
    return training, validation


def cut(folder: str | Path, training: str | Path, held_out: str | Path, share: float) -> tuple[int, int]:
    """Makes two data sets of one, its lexicons with it; returns how many pictures each has.

    The last `share` of the pictures is held out, in the order of their names with numbers counted as numbers: crops of
    one photograph mostly follow each other and so stay on one side. Pictures are linked where the disk allows it.
    Errors: OptionError for a share outside of (0, 1) or a folder that has a labels.tsv already.
    """
    folder, outs = Path(folder), (Path(training), Path(held_out))
    if not 0 < share < 1:
        raise OptionError(f"the share that is held out lies between 0 and 1; got {share}")
    for out in outs:
        if (out / LABELS).exists():
            raise OptionError(f"{out} is a data set already; give a new folder")
    samples = sorted(read_folder(folder), key=lambda sample: _natural(relative(sample, folder)))
    lexicons = read_lexicons(folder) if (folder / LEXICONS).exists() else {}
    last = len(samples) - round(share * len(samples))
    for out, chosen in zip(outs, (samples[:last], samples[last:]), strict=True):
        labels, words = [], []
        for sample in chosen:
            path = relative(sample, folder)
            _link(sample.path, out / path)
            labels.append(f"{path}\t{sample.text}\n")
            if path in lexicons:
                words.append(f"{path}\t{' '.join(lexicons[path])}\n")
        out.mkdir(parents=True, exist_ok=True)
        if words:
            (out / LEXICONS).write_text("".join(words), encoding="utf-8", newline="\n")
        (out / LABELS).write_text("".join(labels), encoding="utf-8", newline="\n")
    return last, len(samples) - last


def _natural(path: str) -> tuple[tuple[str, int], ...]:
    """A key that sorts word_9 before word_10."""
    return tuple((text, int(number or 0)) for text, number in re.findall(r"(\D*)(\d*)", path))


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        target.hardlink_to(source)
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, target)


def leaks(training: Iterable[Sample], held_out: Iterable[Sample], key: Callable[[str], str] = str) -> list[str]:
    """The texts (as `key` gives them) that stand in both: empty when the held-out figures can be believed."""
    return sorted({key(s.text) for s in training} & {key(s.text) for s in held_out})


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
