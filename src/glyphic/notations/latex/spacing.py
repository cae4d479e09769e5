r"""Spaces in LaTeX that change what one sees: how far they move what follows.

Most spaces only part things, and canonical LaTeX has none. But a script that begins with one stands behind the other
script of its base, as in `R^{a}_{~b}`, and a slash that is drawn back over a symbol strikes it out, as in `D\!\!\!/`.
Widths are points of a text of ten, as TeX has them in scripts (`\quad` and `\ ` are as wide there as in the text).
"""

import re
from collections.abc import Sequence

from glyphic.notations.latex.lexemes import Reader
from glyphic.notations.latex.tree import EMPTY, SPACE, Array, Construct, Node, Symbol

LETTER = 4.0  # points: a letter of a script, with what is around it
STRIKES = -3.0  # so far back, at least, a slash is drawn that strikes out the symbol before it
STRUCK = -4.0  # and so far back the symbol is drawn that it strikes out, where the slash comes first

_WIDTHS = {"~": 3.3, r"\ ": 3.3, r"\space": 3.3, r"\nobreakspace": 3.3, r"\quad": 10.0, r"\qquad": 20.0,
           r"\enspace": 5.0, r"\enskip": 5.0, r"\;": 1.9, r"\thickspace": 1.9, r"\:": 1.6, r"\>": 1.6,
           r"\medspace": 1.6, r"\,": 1.2, r"\thinspace": 1.2, r"\!": -1.7, r"\negthinspace": -1.7}
_PHANTOMS = frozenset([r"\phantom", r"\hphantom"])
_BRACED = frozenset([r"\hspace", r"\hspace*"])
_BARE = frozenset([r"\hskip", r"\kern", r"\mskip", r"\mkern"])
_LENGTH = re.compile(r"(-?)(\d*\.?\d+)(pt|em|ex|mu|mm|cm|in)")
_UNITS = {"pt": 1.0, "em": 10.0, "ex": 4.3, "mu": 0.56, "mm": 2.85, "cm": 28.5, "in": 72.3}

MOVES = frozenset(_WIDTHS) | _PHANTOMS | _BRACED | _BARE


def passed(reader: Reader) -> float:
    """Reads past the spaces that come next: how many points they are wide, less than 0 where they lead back."""
    width = 0.0
    while reader.next in MOVES or reader.next.isspace():
        lexeme = reader.take()
        if lexeme.text in _PHANTOMS:
            width += LETTER * len(re.findall(r"\\[a-zA-Z]+|[^\s{}^_]", reader.raw(lexeme)))
        elif lexeme.text in _BRACED:
            width += _points(reader.raw(lexeme))
        elif lexeme.text in _BARE:
            start = reader.lexemes[reader.i].position
            reader.dimension()
            width += _points(reader.source[start:reader.lexemes[reader.i].position])
        else:
            width += _WIDTHS.get(lexeme.text, 0.0)
    return width


def indent(reader: Reader) -> float:
    """How wide the spaces are with which the argument in braces that comes next begins; nothing is read."""
    mark, width = reader.i, 0.0
    reader.skip_space()
    if reader.next == "{":
        reader.take()
        width = passed(reader)
    reader.i = mark
    return width


def behind(indented: float, other: Sequence[Node]) -> bool:
    """Whether a script that is indented so far stands behind the other script of its base: by half of it and more."""
    return indented > 0 and indented >= 0.5 * LETTER * _letters(other)


def _letters(row: Sequence[Node]) -> int:
    return sum(node.token not in (EMPTY, SPACE) if isinstance(node, Symbol) else
               max(map(_letters, node.arguments)) if isinstance(node, Construct) else _columns(node) for node in row)


def _columns(array: Array) -> int:
    return max(sum(map(_letters, line)) for line in array.cells)


def _points(length: str) -> float:
    found = _LENGTH.search("".join(length.split()))
    return float(found[2]) * _UNITS[found[3]] * (-1 if found[1] else 1) if found else 0.0

