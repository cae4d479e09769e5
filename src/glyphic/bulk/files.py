"""Files of the output: written as a whole or not at all, and said so where they cannot be."""

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from glyphic.core.errors import GlyphicError


class OutputError(GlyphicError):
    """The output cannot be written; what was done is kept."""

    def __init__(self, path: Path, error: OSError):
        super().__init__(f"{path} cannot be written: {error.strerror or error}. What was read is kept: free some "
                         "space, or set the rights, and give the same command again")


@contextlib.contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A file beside `path`, hidden, which takes its place when the block ends, and is removed if it fails.

    What is there afterwards is on the disk: a machine that loses its power has the old file, none, or the new one.
    Errors: OutputError for a disk that is full, read-only and the like.
    """
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        try:
            with part.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink()
            raise
        _settle(path.parent)
    except OSError as error:
        raise OutputError(path, error) from error


def _settle(folder: Path) -> None:
    """The names in a folder, on the disk."""
    if os.name == "posix":
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        except OSError:  # some network file systems have no such thing
            pass
        finally:
            os.close(number)


def sweep(folder: Path) -> None:
    """Removes what writers that died left behind; only while no run writes here."""
    for path in folder.glob(".*.tmp"):
        with contextlib.suppress(OSError):
            path.unlink()


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Holds a folder for one run. The lock is the system's and ends with the process, however that ends.

    Errors: GlyphicError where another run holds it, OutputError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("ab")
    except OSError as error:
        raise OutputError(folder, error) from error
    with lock:
        try:
            import fcntl
        except ImportError:  # Windows: two runs would do the same work twice, and write the same
            yield
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GlyphicError(f"another run writes into {folder}; wait for it, or give another folder") from None
        except OSError:  # a file system without locks
            pass
        yield
