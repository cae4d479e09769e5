"""A table of inputs, CSV or Parquet, becomes entries: a column of paths and, where there is one, a column "id"."""

import csv
import os
from collections.abc import Iterator
from typing import Any

from glyphic.bulk.storage import Entry, is_url, opened
from glyphic.core.errors import MissingExtraError, OptionError

SUFFIXES = (".csv", ".tsv", ".parquet")
ID = "id"


def is_manifest(source: str) -> bool:
    """By its name."""
    return source.lower().endswith(SUFFIXES)


def entries(manifest: str, column: str = "path") -> Iterator[Entry]:
    """One for each line with a path; paths that do not begin at a root are below the manifest's folder.

    Errors: OptionError for a table that cannot be read or has no such column, MissingExtraError for Parquet without
    pyarrow.
    """
    folder = manifest.rpartition("/")[0] if is_url(manifest) else os.path.dirname(os.path.abspath(manifest))
    for name, path in (_parquet if manifest.lower().endswith(".parquet") else _text)(manifest, column):
        yield Entry(name, path if is_url(path) or os.path.isabs(path) else f"{folder}/{path}")


def _text(manifest: str, column: str) -> Iterator[tuple[str, str]]:
    """CSV, or with tabs; its first line names the columns."""
    import io

    with opened(manifest) as file, io.TextIOWrapper(file, "utf-8-sig", newline="") as lines:
        table = csv.DictReader(lines, delimiter="\t" if manifest.lower().endswith(".tsv") else ",")
        try:
            _require(manifest, column, table.fieldnames or ())
            for row in table:
                if row[column]:
                    yield row.get(ID) or row[column], row[column]
        except (csv.Error, UnicodeDecodeError) as error:
            raise OptionError(f"{manifest} is no table in UTF-8: {error}") from error


def _parquet(manifest: str, column: str) -> Iterator[tuple[str, str]]:
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError(f"reading {manifest}", "bulk") from error
    with opened(manifest) as file:
        try:
            table = pyarrow.parquet.ParquetFile(file)
        except pyarrow.ArrowException as error:
            raise OptionError(f"{manifest} is no Parquet: {error}") from error
        names = table.schema_arrow.names
        _require(manifest, column, names)
        for batch in table.iter_batches(columns=[column, *([ID] if ID in names else [])]):
            for row in batch.to_pylist():
                if row[column]:
                    name = row.get(ID)
                    yield str(row[column] if name is None else name), str(row[column])


def _require(manifest: str, column: str, names: Any) -> None:
    if column not in names:
        raise OptionError(f"{manifest} has no column {column!r}; it has: {', '.join(map(str, names)) or 'none'}. Name "
                          "the one with paths by --column")
