"""Glyphic reads formulas, molecules, sheet music and text from pictures: `glyphic.read("x.png").text`."""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# Names are looked up when they are first used (PEP 562), so that `import glyphic` costs next to nothing.
_PUBLIC = {
    "load": "glyphic.reading.recognizer",
    "read": "glyphic.reading.recognizer",
    "read_many": "glyphic.reading.recognizer",
    "Recognizer": "glyphic.reading.recognizer",
    "list_models": "glyphic.reading.bundle",
    "Recognition": "glyphic.core.results",
    "GlyphicError": "glyphic.core.errors",
    "NotationError": "glyphic.core.errors",
    "ImageError": "glyphic.core.errors",
    "BundleError": "glyphic.core.errors",
    "UnknownNameError": "glyphic.core.errors",
    "OptionError": "glyphic.core.errors",
    "MissingExtraError": "glyphic.core.errors",
    "MissingProgramError": "glyphic.core.errors",
}

if TYPE_CHECKING:
    from glyphic.core.errors import (
        BundleError,
        GlyphicError,
        ImageError,
        MissingExtraError,
        MissingProgramError,
        NotationError,
        OptionError,
        UnknownNameError,
    )
    from glyphic.core.results import Recognition
    from glyphic.reading.bundle import list_models
    from glyphic.reading.recognizer import Recognizer, load, read, read_many

__all__ = [
    "BundleError", "GlyphicError", "ImageError", "MissingExtraError", "MissingProgramError", "NotationError",
    "OptionError", "Recognition", "Recognizer", "UnknownNameError", "__version__", "list_models", "load", "read",
    "read_many",
]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'glyphic' has no attribute {name!r}; it has: {', '.join(sorted(_PUBLIC))}")
    value = getattr(importlib.import_module(_PUBLIC[name]), name)
    globals()[name] = value  # the next use does not come here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
