"""Many labelled pictures in one file: tar shards and LMDB, to and from (picture, label) pairs.

Of the three ways to keep crops, a folder is the easiest to look at, a tar the quickest to copy and to read through, an
LMDB the one that is read in any order and that the field exchanges. benchmarks/reading_data.py measures them.
"""

import io
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from glyphic.core.errors import GlyphicError, MissingExtraError

PICTURES = frozenset("png jpg jpeg webp bmp tif tiff gif".split())


@dataclass(frozen=True)
class Labelled:
    """One picture as its file holds it, and its label."""

    picture: bytes  # PNG, JPEG ...
    text: str
    name: str = ""  # what its source calls it
    lexicon: tuple[str, ...] = ()  # the words of which it holds one, where the data set gives such


def read_tar(path: Path) -> Iterator[Labelled]:
    """A tar shard in the manner of WebDataset: KEY.png (or jpg ...) and KEY.txt (UTF-8) next to each other.

    Read from front to back, so a pipe would do. A key is a member's path up to the first dot of its name. Errors:
    GlyphicError for a file that is no tar, and for a picture without a text or a text without a picture.
    """
    key, picture, text = "", b"", None  # type: str, bytes, str | None
    try:
        with tarfile.open(path, "r|*") as archive:
            for member in archive:
                if not member.isfile():
                    continue
                place = PurePosixPath(member.name)
                stem, _, suffix = place.name.partition(".")
                if str(place.parent / stem) != key:
                    yield from _complete(path, key, picture, text)
                    key, picture, text = str(place.parent / stem), b"", None
                content = archive.extractfile(member)
                assert content is not None  # it is a file
                kind = suffix.lower().rpartition(".")[2]
                if kind in PICTURES:
                    picture = content.read()
                elif kind == "txt":
                    text = content.read().decode("utf-8")
        yield from _complete(path, key, picture, text)
    except (tarfile.TarError, OSError, UnicodeDecodeError) as error:
        raise GlyphicError(f"{path} cannot be read as a tar of KEY.png and KEY.txt: {error}") from error


def _complete(path: Path, key: str, picture: bytes, text: str | None) -> Iterator[Labelled]:
    if picture and text is not None:
        yield Labelled(picture, text, key)
    elif picture or text is not None:
        lacking = "text" if picture else "picture"
        raise GlyphicError(f"{path}: {key} has no {lacking}; a shard holds KEY.png and KEY.txt next to each other")


def write_tar(path: Path, samples: Iterable[Labelled]) -> int:
    """Writes a tar shard that `read_tar` reads; returns how many samples it holds. The same samples, the same bytes."""
    count = 0
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        for count, sample in enumerate(samples, 1):
            for suffix, content in ((suffix_of(sample.picture), sample.picture), ("txt", sample.text.encode("utf-8"))):
                member = tarfile.TarInfo(f"{count - 1:09d}.{suffix}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    return count


def read_lmdb(path: Path) -> Iterator[Labelled]:
    """An LMDB as the field exchanges them: num-samples, image-000000001 and label-000000001 (UTF-8), from 1 on.

    Errors: MissingExtraError without the package lmdb, GlyphicError for another layout.
    """
    with _opened(path, readonly=True, lock=False, readahead=False) as environment, environment.begin() as transaction:
        number = transaction.get(b"num-samples")
        if number is None:
            raise GlyphicError(f"{path} has no num-samples; wanted is an LMDB of image-%09d and label-%09d")
        for index in range(1, int(number) + 1):
            picture, text = transaction.get(b"image-%09d" % index), transaction.get(b"label-%09d" % index)
            if picture is None or text is None:
                raise GlyphicError(f"{path} lacks number {index} of its {int(number)} samples")
            yield Labelled(bytes(picture), bytes(text).decode("utf-8"), f"{index:09d}")


def write_lmdb(path: Path, samples: Iterable[Labelled]) -> int:
    """Writes an LMDB folder that `read_lmdb` reads; returns how many samples it holds."""
    count = 0
    with _opened(path, map_size=1 << 40) as environment, environment.begin(write=True) as transaction:
        for count, sample in enumerate(samples, 1):
            transaction.put(b"image-%09d" % count, sample.picture)
            transaction.put(b"label-%09d" % count, sample.text.encode("utf-8"))
        transaction.put(b"num-samples", b"%d" % count)
    return count


def _opened(path: Path, **options: Any) -> Any:
    try:
        import lmdb
    except ImportError as error:
        raise MissingExtraError("an LMDB", "data") from error
    try:
        return lmdb.open(str(path), subdir=not path.is_file(), **options)
    except lmdb.Error as error:
        raise GlyphicError(f"{path} cannot be opened as an LMDB: {error}") from error


def suffix_of(picture: bytes) -> str:
    """What the file of a picture is called, by its first bytes."""
    known = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif", b"BM": "bmp", b"RIFF": "webp",
             b"II*\x00": "tif", b"MM\x00*": "tif"}
    return next((suffix for start, suffix in known.items() if picture.startswith(start)), "png")
