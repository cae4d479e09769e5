"""A reading, or the error in its place, becomes a row of the output: one shape for every notation and every file."""

from typing import Any

from glyphic.bulk.storage import Entry
from glyphic.core.errors import GlyphicError, ImageError
from glyphic.core.results import Recognition

Row = dict[str, Any]

# kinds of errors beside those of `ImageError` and `storage.fetch`
BROKEN = "failed"  # any other error of the library
CRASHED = "crashed"  # the worker died of it, each time
SLOW = "too-slow"


def row(entry: Entry, result: Recognition | GlyphicError, spots: bool) -> Row:
    """Fields are called as in the JSON of a Recognition; a row has an `error` or a `text`, and the other is null."""
    if isinstance(result, GlyphicError):
        return failure(entry, str(result), result.kind if isinstance(result, ImageError) else BROKEN)
    found = result.to_json()
    return {
        "input": entry.name, "notation": found["notation"], "notation_confidence": found["notation_confidence"],
        "text": found["text"], "formats": found["formats"], "confidence": found["confidence"],
        "calibrated": found["calibrated"], "decision": found["decision"],
        "spots": found["spots"] if spots else None, "alternatives": found["alternatives"],
        "warnings": found["warnings"], "error": None, "error_kind": None, "model": found["model"],
        "image": {"width": found["image"].get("width"), "height": found["image"].get("height")},
        "milliseconds": round(found["milliseconds"], 3)}


def failure(entry: Entry, error: str, kind: str) -> Row:
    """The row of an input that was not read."""
    return {"input": entry.name, "notation": None, "notation_confidence": None, "text": None, "formats": {},
            "confidence": None, "calibrated": False, "decision": None, "spots": None, "alternatives": [],
            "warnings": [], "error": error, "error_kind": kind, "model": None, "image": None, "milliseconds": None}


def doubtful(row: Row, threshold: float) -> bool:
    """Whether a person should look at a reading: as the model's policy decides, or below the threshold."""
    if row["error"] is not None:
        return False
    return bool(row["decision"] == "review" or (row["decision"] is None and row["confidence"] < threshold))
