"""Where pictures are kept: a path, a part of an archive, or a URL of fsspec becomes bytes."""

import functools
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from glyphic.core.errors import GlyphicError, ImageError, MissingExtraError, OptionError

MAX_BYTES = 128_000_000  # of a picture: 20 million pixels of three 16-bit colours, and a little


@dataclass(frozen=True, slots=True)
class Entry:
    """One input: its name in the output, and where its bytes are."""

    name: str
    path: str  # of the file or of the archive, or a URL
    offset: int | None = None  # of the bytes in the archive
    size: int | None = None
    problem: str = ""  # why it cannot be read, where that was seen already

    def to_json(self) -> dict[str, Any]:
        """Plain values; only those that say something."""
        found: dict[str, Any] = {"name": self.name, "path": self.path}
        if self.offset is not None:
            found |= {"offset": self.offset, "size": self.size}
        return found | ({"problem": self.problem} if self.problem else {})

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Entry":
        return cls(**data)


def is_url(path: str) -> bool:
    """Whether a path is one of fsspec's, as s3://bucket/scans."""
    return "://" in path


@functools.lru_cache(maxsize=16)
def filesystem(protocol: str) -> Any:
    """fsspec's file system of a protocol, with what it finds of credentials in the environment and its own settings.

    Errors: MissingExtraError without fsspec; OptionError for a protocol that is unknown, or whose package is missing.
    """
    try:
        import fsspec
    except ImportError as error:
        raise MissingExtraError(f"reading from {protocol}://", "bulk") from error
    try:
        return fsspec.filesystem(protocol)
    except (ImportError, ValueError) as error:
        raise OptionError(f"{protocol}:// cannot be read here: {error}") from error


def opened(path: str) -> BinaryIO:
    """A file for reading, by its path or URL. Errors: OSError, and those of `filesystem`."""
    if is_url(path):
        found: BinaryIO = filesystem(path.partition("://")[0]).open(path, "rb")
        return found
    return Path(path).open("rb")


def fetch(entry: Entry) -> bytes:
    """The bytes of an input; ImageError says what is in the way, with one of the kinds "missing", "storage" (another
    try may help) and "too-large" beside those of pictures."""
    if entry.problem:
        raise ImageError(entry.problem, "unreadable")
    try:
        data = _remote(entry) if is_url(entry.path) else _local(entry)
    except FileNotFoundError:
        raise ImageError(f"no such file: {entry.path}", "missing") from None
    except GlyphicError:
        raise
    except Exception as error:  # fsspec's file systems raise whatever their clients do
        what = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        raise ImageError(f"cannot read {entry.path}: {what}", "storage") from error
    if not data:
        raise ImageError(f"{entry.name} is empty", "empty")
    if entry.size is not None and len(data) < entry.size:
        raise ImageError(f"{entry.path} ends before the end of {entry.name}: the archive is cut short", "damaged")
    return data


def _local(entry: Entry) -> bytes:
    # what is no file might never end, or not even open: a pipe waits for who writes into it
    with open(entry.path, "rb", opener=_at_once) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ImageError(f"{entry.path} is no file", "unreadable")
        _refuse_huge(entry, status.st_size if entry.size is None else entry.size)
        if entry.offset is not None:
            file.seek(entry.offset)
        return file.read() if entry.size is None else file.read(entry.size)


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _remote(entry: Entry) -> bytes:
    system = filesystem(entry.path.partition("://")[0])
    if entry.offset is not None and entry.size is not None:
        _refuse_huge(entry, entry.size)
        return bytes(system.cat_file(entry.path, start=entry.offset, end=entry.offset + entry.size))
    _refuse_huge(entry, system.info(entry.path).get("size") or 0)
    return bytes(system.cat_file(entry.path))


def _refuse_huge(entry: Entry, size: int) -> None:
    if size > MAX_BYTES:
        raise ImageError(f"{entry.name} has {size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} are read", "too-large")
