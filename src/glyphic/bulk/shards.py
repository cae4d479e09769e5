"""The rows of a shard become a file, JSON Lines or Parquet, and come back."""

import functools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from glyphic.bulk.files import writing
from glyphic.bulk.rows import Row
from glyphic.core.errors import GlyphicError, MissingExtraError


def write(path: Path, rows: Sequence[Row]) -> None:
    """A file of all rows, or none: see `files.writing`. Its suffix says of which kind. Errors: OutputError."""
    with writing(path) as file:
        _WRITERS[path.suffix](file, rows)


def read(path: Path) -> Iterator[Row]:
    """The rows of a file. Errors: GlyphicError for one that is no such file, or damaged."""
    try:
        with path.open("rb") as file:
            yield from _READERS[path.suffix](file)
    except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors and OSErrors
        raise GlyphicError(f"{path} cannot be read: {error}. Remove it, and give the same command again: its inputs "
                           "are read once more") from error


def require(file: str) -> None:
    """Refuses to begin what could not be written. Errors: MissingExtraError."""
    if file == "parquet":
        schema()


@functools.cache
def schema() -> Any:
    """pyarrow's schema of a row. Errors: MissingExtraError."""
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingExtraError("writing Parquet", "bulk") from error
    text, number = pa.string(), pa.float64()
    choice = pa.struct([("token", text), ("text", text), ("p", number)])
    spot = pa.struct([("index", pa.int32()), ("span", pa.list_(pa.int32())), ("token", text), ("p", number),
                      ("box", pa.list_(number)), ("alternatives", pa.list_(choice))])
    return pa.schema([
        ("input", text), ("notation", text), ("notation_confidence", number), ("text", text),
        ("formats", pa.map_(text, text)), ("confidence", number), ("calibrated", pa.bool_()), ("decision", text),
        ("spots", pa.list_(spot)), ("alternatives", pa.list_(pa.struct([("text", text), ("confidence", number)]))),
        ("warnings", pa.list_(text)), ("error", text), ("error_kind", text),
        ("model", pa.struct([("name", text), ("version", text), ("sha256", text)])),
        ("image", pa.struct([("width", pa.int32()), ("height", pa.int32())])), ("milliseconds", number)])


def _write_lines(file: BinaryIO, rows: Sequence[Row]) -> None:
    for row in rows:
        file.write(json.dumps(row, allow_nan=False).encode() + b"\n")


def _read_lines(file: BinaryIO) -> Iterator[Row]:
    for line in file:
        yield json.loads(line)


def _write_parquet(file: BinaryIO, rows: Sequence[Row]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = [{**row, "formats": list(row["formats"].items())} for row in rows]
    pq.write_table(pa.Table.from_pylist(found, schema()), file, compression="zstd")


def _read_parquet(file: BinaryIO) -> Iterator[Row]:
    schema()  # names the extra where it is missing
    import pyarrow.parquet as pq

    for batch in pq.ParquetFile(file).iter_batches():
        for row in batch.to_pylist():
            yield {**row, "formats": dict(row["formats"])}


_WRITERS = {".jsonl": _write_lines, ".parquet": _write_parquet}
_READERS = {".jsonl": _read_lines, ".parquet": _read_parquet}
