"""Decided items become a folder of labelled pictures, images/ and labels.tsv: as a whole or not at all."""

import contextlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from glyphic.core.errors import OptionError
from glyphic.data.samples import LABELS

DECISIONS = "decisions.tsv"
UNKNOWN = "img"

_SIGNATURES = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"), (b"GIF8", "gif"), (b"BM", "bmp"),
               (b"II*\x00", "tif"), (b"MM\x00*", "tif"), (b"II+\x00", "tif"))


def suffix(picture: bytes) -> str:
    """What a file with these bytes is called, as "png"; "img" for formats that are seldom seen."""
    if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP":
        return "webp"
    return next((name for start, name in _SIGNATURES if picture.startswith(start)), UNKNOWN)


@contextlib.contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """A new folder to write into, which becomes `folder` when the block ends, and is removed if it fails.

    Errors: OptionError for a folder that is there already and not empty.
    """
    taken = OptionError(f"{folder} is there already; give a new folder")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise taken
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = folder.parent / f".{folder.name}.{uuid.uuid4().hex}.tmp"
    beside.mkdir()
    try:
        yield beside
        try:
            if folder.exists():
                folder.rmdir()
            os.rename(beside, folder)
        except OSError as error:  # another wrote it in between
            raise taken from error
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def write(folder: Path, rows: Sequence[Any], picture: Callable[[int], bytes]) -> None:
    """rows with id, notation, format, decision, label, decided_by and decided -> a data set, or one a notation."""
    spoken = sorted({row.notation for row in rows})
    if len(spoken) > 1:
        for number, notation in enumerate(spoken):
            plain = notation if notation.isidentifier() or notation.replace("-", "").isalnum() else f"{number:02d}"
            write(folder / plain, [row for row in rows if row.notation == notation], picture)
        return
    (folder / "images").mkdir(parents=True)
    labels, log = [], []
    for row in rows:
        path = f"images/{row.id:06d}.{row.format}"
        (folder / path).write_bytes(picture(row.id))
        labels.append(f"{path}\t{row.label}\n")
        at = datetime.fromtimestamp(row.decided, UTC).isoformat(timespec="seconds")
        log.append(f"{path}\t{row.notation}\t{row.decision}\t{row.decided_by}\t{at}\n")
    for name, lines in ((DECISIONS, log), (LABELS, labels)):
        (folder / name).write_text("".join(lines), encoding="utf-8", newline="\n")

