"""Ink whose symbols are told apart (CROHME's InkML) becomes an alphabet: the ways people wrote each character."""

import contextlib
import random
from collections import defaultdict
from pathlib import Path

from glyphic.core.errors import GlyphicError
from glyphic.data.ink import ink_files, read_symbols
from glyphic.notations.molecule.rendering import penstrokes

MOST = 1_500  # ways to write a character that are kept, of a random choice of the files
# characters that are written alike, and LaTeX's names: whose ink a character may take beside its own
ALIKE = {
    "C": "c", "I": "|", "K": "k", "O": "o0", "P": "p", "S": "s", "V": "v", "X": "x", "Z": "z", "0": "o", "o": "0",
    "l": "|", "−": "-", "–": "-",
}
NAMED = {
    "\\alpha": "α", "\\beta": "β", "\\gamma": "γ", "\\mu": "μ", "\\pi": "π", "\\Delta": "△Δ", "\\prime": "'",
    "\\rightarrow": "", "\\lt": "<", "\\gt": ">",
}


def alphabet(folder: Path, seed: int = 0) -> penstrokes.Letters:
    """All symbols in the InkML files below a folder, as far as their shape is near one of ours.

    Errors: GlyphicError where the folder has no ink, or none whose symbols are told apart.
    """
    paths = list(ink_files(folder))
    random.Random(seed).shuffle(paths)
    found: dict[str, list[list[penstrokes.Points]]] = defaultdict(list)
    for path in paths:
        with contextlib.suppress(GlyphicError):  # CROHME has a few empty files
            for label, strokes in read_symbols(path):
                for character in NAMED.get(label, label if len(label) == 1 else ""):
                    if len(found[character]) < MOST:
                        found[character].append(strokes)
    letters = {}
    for character in penstrokes.LETTERS:
        inks = [strokes for source in character + ALIKE.get(character, "") for strokes in found.get(source, ())]
        forms = [form for strokes in inks[:MOST] if (form := penstrokes.as_written(character, strokes))]
        if forms:
            letters[character] = forms
    if not letters:
        raise GlyphicError(f"{folder} has ink, but no file says which strokes are which symbol (traceGroup)")
    return letters
