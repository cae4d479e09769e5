"""The tokens of a staff and its semantic words -> the characters that each token wrote: of a note, sign and height
wrote the pitch, and its duration, dots and fermata theirs."""

import re
from collections.abc import Sequence

from glyphic.core.alignment import Span, matched
from glyphic.notations.music.tokens import BEATS, COUNT, DOTS, FERMATA, GRACE, HEIGHTS, SIGNS, UNIT, symbols_at

_PITCH = re.compile(r"(?<=note-)[A-G](?:bb|b|##|#|x)?\d")


def spans(tokens: Sequence[str], text: str) -> list[Span]:
    """Tokens as the network wrote them, and their text -> spans as `Notation.spans` promises."""
    words = list(re.finditer(r"\S+", text))
    symbols = symbols_at(tokens)
    places = matched([str(symbol) for symbol, _, _ in symbols], [word[0] for word in words])
    found: dict[int, Span] = {}
    for (_, first, last), place in zip(symbols, places, strict=True):
        if place >= 0:
            found |= zip(range(first, last), _within(tokens[first:last], text, words[place].span()), strict=True)
    result: list[Span] = []
    for number in range(len(tokens)):  # what is in no word comes behind the one before it
        end = result[-1][1] if result else 0
        result.append(found.get(number, (end, end)))
    return result


def _within(tokens: Sequence[str], text: str, word: Span) -> list[Span]:
    """The spans of one symbol's tokens in its word."""
    result = []
    at, end = word
    for token in tokens:
        if token in SIGNS or token in HEIGHTS:
            pitch = _PITCH.search(text, *word)
            assert pitch is not None
            result.append(pitch.span())
            at = pitch.end()
            continue
        piece = _piece(token)
        start = text.find(piece, at, end)
        if start < 0:  # a zero that a number does not begin with
            result.append((at, at))
            continue
        at = start + len(piece)
        result.append((start, at))
    return result


def _piece(token: str) -> str:
    if token in BEATS or token in UNIT or token in COUNT:
        return token[-1]
    if token in GRACE:
        return GRACE[token]
    return f"_{token}" if token == FERMATA else "." * DOTS.get(token, 0) or token
