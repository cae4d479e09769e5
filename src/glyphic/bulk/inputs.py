"""A folder, a pattern, archives, a manifest or a URL becomes the sorted list of all inputs, each once."""

import fnmatch
import glob
import os
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from glyphic.bulk import manifests
from glyphic.bulk.storage import Entry, filesystem, is_url, opened
from glyphic.core.errors import GlyphicError, OptionError

ARCHIVE = ".tar"
COMPRESSED = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst")


def listing(source: str, column: str = "path", only: Sequence[str] = (), apart: Path | None = None) -> list[Entry]:
    """Everything that `source` names, sorted by name, and each name once.

    source: a folder, which is walked; a pattern, as 'scans/**/*.png'; a picture; an archive (.tar), which stands for
    what is in it, here as well as in folders; a manifest (.csv, .tsv or .parquet) whose `column` has paths; or a URL of
    any of these. A name is the path below the folder, or below what comes before a pattern's first star; of a manifest
    the path as it has it, or its column "id". What is hidden is left out in folders and archives.
    only: patterns of file names, as "*.png", in place of every file. apart: a folder that is not looked into.
    Errors: OptionError where there is nothing, or what there is cannot be listed.
    """
    try:
        found = _unique(_expanded(_found(source, column, apart)), manifests.is_manifest(source))
    except OSError as error:
        raise OptionError(f"{source} cannot be listed: {getattr(error, 'strerror', None) or error}") from error
    if only:
        found = [entry for entry in found
                 if any(fnmatch.fnmatch(entry.name.rpartition("/")[2], pattern) for pattern in only)]
    if not found:
        raise OptionError(f"{source} holds nothing to read" + (f" that is called {' or '.join(only)}" if only else ""))
    return sorted(found, key=lambda entry: entry.name)


def located(source: str) -> str:
    """A source as a plan keeps it: paths of this machine are absolute, so that a run goes on from anywhere."""
    return source if is_url(source) else os.path.abspath(source)


def _found(source: str, column: str, apart: Path | None) -> Iterator[Entry]:
    if is_url(source):
        yield from _remote(source, column)
    elif os.path.isdir(source):
        yield from _walked(source, "", apart.resolve() if apart else None)
    elif os.path.exists(source):
        yield from _file(source, column)
    elif glob.has_magic(source):
        base = _base(source)
        own = apart.resolve() if apart else None
        for path in glob.iglob(source, recursive=True):
            if not os.path.isdir(path) and (own is None or own not in Path(path).absolute().parents):
                yield Entry(_name(os.path.relpath(path, base) if base else path), os.path.abspath(path))
    else:
        raise OptionError(f"there is no {source}; give a folder, a pattern in quotes, an archive (.tar), a manifest "
                          "(.csv, .tsv, .parquet) or a URL")


def _file(source: str, column: str) -> Iterator[Entry]:
    """One file, here or elsewhere."""
    if source.lower().endswith(COMPRESSED):
        raise OptionError(f"{source} is compressed, and nothing in it can be reached alone: unpack it to a .tar")
    if manifests.is_manifest(source):
        yield from manifests.entries(source, column)
    else:
        yield Entry(_name(source.rpartition("/")[2]), located(source))


def _walked(folder: str, below: str, apart: Path | None) -> Iterator[Entry]:
    """All files of a folder and of those within; links to folders are not followed, since they may lead in circles."""
    with os.scandir(folder) as found:
        for item in found:
            if item.name.startswith("."):
                continue
            name = below + item.name
            if item.is_dir(follow_symlinks=False):
                if apart is None or Path(item.path).resolve() != apart:
                    yield from _walked(item.path, name + "/", apart)
            elif not item.is_dir():
                yield Entry(_name(name), os.path.abspath(item.path))


def _remote(source: str, column: str) -> Iterator[Entry]:
    protocol = source.partition("://")[0]
    system = filesystem(protocol)
    try:
        if glob.has_magic(source):
            base = system._strip_protocol(_base(source))
            paths = [path for path in system.glob(source) if not system.isdir(path)]
        elif system.isdir(source):
            base, paths = system._strip_protocol(source), system.find(source)
        elif system.exists(source):
            yield from _file(source, column)
            return
        else:
            raise OptionError(f"there is no {source}")
    except (OSError, GlyphicError):
        raise
    except Exception as error:  # whatever the clients of storages raise
        raise OptionError(f"{source} cannot be listed: {type(error).__name__}: {error}") from error
    for path in paths:
        name = str(path)[len(base):].lstrip("/") if str(path).startswith(base) else str(path)
        if not any(part.startswith(".") for part in name.split("/")):
            yield Entry(_name(name), system.unstrip_protocol(path))


def _expanded(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The same, with what is in an archive in place of the archive."""
    for entry in entries:
        if entry.path.lower().endswith(ARCHIVE):
            yield from _members(entry)
        elif entry.path.lower().endswith(COMPRESSED):
            yield Entry(entry.name, entry.path, problem=f"{entry.name} is a compressed archive: unpack it to a .tar")
        else:
            yield entry


def _members(archive: Entry) -> Iterator[Entry]:
    """The files of an archive by where they are in it; of a damaged one those before the damage, and one that tells."""
    try:
        with opened(archive.path) as file, tarfile.open(fileobj=file, mode="r:") as found:
            for member in found:
                found.members = []  # type: ignore[attr-defined]  # it keeps all that it has seen, which may be millions
                name = f"{archive.name}/{member.name.removeprefix('./')}"
                if not member.isreg() or any(part.startswith(".") for part in name.split("/")):
                    continue
                problem = f"{name} is a sparse file of its archive: pack it anew" if member.sparse else ""
                yield Entry(_name(name), archive.path, member.offset_data, member.size, problem)
    except (tarfile.TarError, OSError, EOFError) as error:
        yield Entry(archive.name, archive.path, problem=f"{archive.name} is a damaged archive, of which only what "
                    f"comes before the damage is read: {error}")


def _unique(entries: Iterable[Entry], strict: bool) -> list[Entry]:
    """Each name once: of an archive the last one, as unpacking it would leave it. strict: one name for different
    places is an error, as two lines of a manifest with one id."""
    found: dict[str, Entry] = {}
    for entry in entries:
        if strict and found.get(entry.name, entry) != entry:
            raise OptionError(f"the manifest gives {entry.name!r} to two inputs, {found[entry.name].path} and "
                              f"{entry.path}; each needs an id of its own")
        found[entry.name] = entry
    return list(found.values())


def _base(pattern: str) -> str:
    """The folder before the first part of a pattern that has a star."""
    parts = pattern.split("/")
    first = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    return "/".join(parts[:first]) or ("/" if pattern.startswith("/") else "")


def _name(path: str) -> str:
    """As it stands in rows: with slashes, and with what is no character written out (names of files are bytes)."""
    return path.replace(os.sep, "/").encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
