"""Names to notations; a notation's module is imported when it is first asked for."""

import importlib
from typing import TYPE_CHECKING

from glyphic.core.errors import UnknownNameError
from glyphic.core.notation import Notation

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

BUILT_IN = {
    "formula": "glyphic.notations.latex",
    "molecule": "glyphic.notations.molecule",
    "music": "glyphic.notations.music",
    "smiles": "glyphic.notations.smiles",
    "text": "glyphic.notations.text",
}
GROUP = "glyphic.notations"  # entry points of other packages: name = "module" or "module:NOTATION"


def get(name: str) -> Notation:
    """The notation of this name; UnknownNameError lists those there are."""
    if name in BUILT_IN:
        notation: Notation = importlib.import_module(BUILT_IN[name]).NOTATION
        return notation
    for point in _installed().select(name=name):
        found = point.load()
        notation = getattr(found, "NOTATION", found)
        return notation
    raise UnknownNameError("notation", name, names())


def names() -> tuple[str, ...]:
    """All names, built in and installed by other packages, sorted."""
    return tuple(sorted({*BUILT_IN, *_installed().names}))


def _installed() -> "EntryPoints":
    from importlib.metadata import entry_points  # 20 ms that reading with a built-in notation need not pay

    return entry_points(group=GROUP)
