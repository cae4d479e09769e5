"""A reading's tokens and the frames that wrote them -> where each symbol stands in the picture.

Its words say at which height a note's head is, for the staff lies level and its lines are known; the frames of its
tokens tell how far from the left. What has no height of its own (clefs, rests, barlines) stands on the middle line.
"""

from collections.abc import Sequence

import numpy as np

from glyphic.core.notation import Sight
from glyphic.core.results import Place
from glyphic.notations.music.agnostic import bottom
from glyphic.notations.music.semantic import Clef, GraceNote, Note, Symbol, canonical
from glyphic.notations.music.tokens import SIGNS, symbols_at

MIDDLE = 4  # the middle line, in steps above the lowest


def places(sight: Sight) -> list[Place]:
    """One place for each word of the reading's text; x is the middle of what its tokens were read from."""
    if sight.space is None or len(sight.points) != len(sight.tokens):
        return []
    found: list[Place] = []
    clef = Clef("G", 2)
    middle = (len(sight.image) - 1) / 2
    for symbol, start, stop in _written(sight.tokens):
        clef = symbol if isinstance(symbol, Clef) else clef
        steps = symbol.pitch.height - bottom(clef) - MIDDLE if isinstance(symbol, Note | GraceNote) else 0
        start += sight.tokens[start] in SIGNS  # what stands before the head
        x = float(np.mean(sight.points[start:stop, 0]))
        found.append(Place(str(symbol), x, middle - steps * sight.space / 2))
    return found


def _written(tokens: Sequence[str]) -> list[tuple[Symbol, int, int]]:
    """The symbols that the canonical text has, and the tokens of each, from the first to before the last; a barline
    that was not seen, for it follows from the sum of the last bar, stands where the last token does."""
    found = symbols_at(tokens)
    given, last = iter(found), len(tokens) - 1
    wanted = canonical([symbol for symbol, _, _ in found])
    return [next((item for item in given if item[0] == symbol), (symbol, last, last + 1)) for symbol in wanted]
