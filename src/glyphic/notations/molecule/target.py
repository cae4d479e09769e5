"""A drawing or a reaction line <-> its target, the tokens that a network writes: canonical, visually grounded, exact.

    to_target(scheme or drawing) -> text            one drawing has one target (traversal.py says how it is walked)
    to_scheme(text), to_drawing(text)               the graph again, with coordinates rebuilt (layout.py)
    normalize(text)                                 any spelling of a target, or an SSML string -> canonical target

What the target drops is the length of bonds. What it keeps of angles is one of 24 directions.
"""

from collections.abc import Sequence

from glyphic.core.errors import NotationError
from glyphic.notations.molecule import grammar, texts, walk
from glyphic.notations.molecule.graph import Arrow, ArrowKind, Drawing, Plus, Scheme
from glyphic.notations.molecule.layout import lay_out
from glyphic.notations.molecule.tokens import (
    ABOVE,
    ABOVE_END,
    APART,
    ARROWS,
    BELOW,
    BELOW_END,
    CLOSINGS,
    NAMES,
    OPENINGS,
    PLUS,
    VOCABULARY,
)
from glyphic.notations.molecule.traversal import walks

Part = tuple[walk.Step, ...] | str  # a component, or the token of a sign

_GRAMMAR = grammar.MoleculeGrammar()
_SIGNS = frozenset([APART, PLUS, ABOVE, ABOVE_END, BELOW, BELOW_END, *ARROWS])


def to_target(drawn: Scheme | Drawing) -> str:
    """A drawing or a line of them -> its target; NotationError where more rings are open at a time than have names."""
    return " ".join(_written(_parts_of((drawn,) if isinstance(drawn, Drawing) else drawn.parts)))


def to_scheme(text: str) -> Scheme:
    """A target -> the line that it writes, each drawing laid out by itself; NotationError with the position if none."""
    return _scheme(_read(checked(text))[0])


def to_drawing(text: str) -> Drawing:
    """A target without signs -> its drawing, atoms in the order of the target; NotationError for a reaction line."""
    scheme = to_scheme(text)
    if len(scheme.parts) != 1 or not isinstance(scheme.parts[0], Drawing):
        raise NotationError("this is the line of a reaction, not one drawing: use to_scheme", text)
    return scheme.parts[0]


def canonical(text: str) -> str:
    """A target -> its one spelling: names in the order of their use, the longest text tokens, single spaces.

    How the drawing was walked is kept, for the picture may have other angles than the 24. NotationError as `to_scheme`.
    """
    return " ".join(_written(_read(checked(text))[0]))


def repaired(tokens: Sequence[str]) -> list[str]:
    """Any tokens -> those that the grammar lets stand, and what closes them: what a network without guide has meant."""
    state, result = _GRAMMAR.start(), []
    for token in tokens:
        if _GRAMMAR.allows(state, token):
            result.append(token)
            state = grammar.follow(state, token)
    while result and not _GRAMMAR.may_end(state):
        bias = _GRAMMAR.bias(state, grammar.needed(state))
        token = next(t for t in (*CLOSINGS, *VOCABULARY.tokens[3:]) if bias[VOCABULARY.ids[t]] == 0.0)
        result.append(token)
        state = grammar.follow(state, token)
    return result


def spelled(tokens: Sequence[str]) -> str:
    """Tokens that the grammar lets stand -> the canonical target."""
    return " ".join(_written(_read(tokens)[0]))


def atom_places(tokens: Sequence[str]) -> list[int]:
    """Tokens that the grammar lets stand -> for each atom of the scheme's drawings, in their order, the index of the
    token that introduces it: the angle of the bond that leads to it, or the first token of its component."""
    return _read(tokens)[1]


def checked(text: str) -> list[str]:
    """A text -> its tokens, names exchanged for the first free ones; NotationError at the first that may not stand.

    The text of an atom may be written as one word: `CO2Me` for `C O 2 Me`.
    """
    state, result, position = _GRAMMAR.start(), [], 0
    renamed: dict[str, str] = {}  # the closing of an open name in the text -> that in the result
    for word in text.split():
        position = text.index(word, position)
        for token in [word] if word in VOCABULARY.ids else _label(word, text, position):
            if token in OPENINGS:
                free = next((i for i in range(len(NAMES)) if CLOSINGS[i] not in renamed.values()), None)
                if token[1:] in renamed or free is None:
                    raise NotationError(f"the name of {word!r} is in use, or all {len(NAMES)} are", text, position)
                renamed[token[1:]], token = CLOSINGS[free], OPENINGS[free]
            elif token in CLOSINGS:
                if token not in renamed:
                    raise NotationError(f"no atom bears the name of {word!r} here", text, position)
                token = renamed.pop(token)
            if not _GRAMMAR.allows(state, token):
                raise NotationError(f"{word!r} may not stand here", text, position)
            state = grammar.follow(state, token)
            result.append(token)
        position += len(word)
    if not _GRAMMAR.may_end(state):
        raise NotationError("the target ends too early: a branch, ring, bond or side of an arrow is open, or it is "
                            "empty", text or " ", len(text))
    return result


def _label(word: str, text: str, position: int) -> list[str]:
    try:
        return texts.to_tokens(texts.canonical(word))
    except NotationError as error:
        raise NotationError(f"{word!r} is no token of a molecule: {error.message}", text,
                            position + error.position) from None


# ---- the line


def _parts_of(parts: Sequence[Drawing | Plus | Arrow]) -> list[Part]:
    result: list[Part] = []
    for part in parts:
        if isinstance(part, Drawing):
            for i, component in enumerate(walks(part)):
                result += [APART, component] if i else [component]
        elif isinstance(part, Plus):
            result.append(PLUS)
        else:
            result.append(part.kind.value)
            if part.above:
                result += [ABOVE, *_parts_of(part.above), ABOVE_END]
            if part.below:
                result += [BELOW, *_parts_of(part.below), BELOW_END]
    return result


def _written(parts: Sequence[Part]) -> list[str]:
    return [token for part in parts for token in ([part] if isinstance(part, str) else walk.to_tokens(part))]


def _read(tokens: Sequence[str]) -> tuple[list[Part], list[int]]:
    parts: list[Part] = []
    places: list[int] = []
    start = 0
    for end, token in enumerate((*tokens, PLUS)):
        if token in _SIGNS:
            if end > start:
                steps, at = walk.from_tokens(tokens[start:end])
                parts.append(tuple(steps))
                places += [start + place for place in at]
            parts.append(token)
            start = end + 1
    return parts[:-1], places


def _scheme(parts: Sequence[Part]) -> Scheme:
    line: list[Drawing | Plus | Arrow] = []
    sides: dict[str, tuple[Drawing | Plus, ...]] = {}
    components: list[tuple[walk.Step, ...]] = []
    inner: list[Drawing | Plus] = []
    at_arrow = False

    def end_drawing() -> None:
        if components:
            (inner if at_arrow else line).append(lay_out(components))
            components.clear()

    for part in parts:
        if not isinstance(part, str):
            components.append(part)
            continue
        if part == APART:
            continue
        end_drawing()
        if part == PLUS:
            (inner if at_arrow else line).append(Plus())
        elif part in (ABOVE, BELOW):
            at_arrow = True
        elif part in (ABOVE_END, BELOW_END):
            arrow = line.pop()
            assert isinstance(arrow, Arrow)
            sides = {"above": arrow.above, "below": arrow.below, part[:-1]: tuple(inner)}
            line.append(Arrow(arrow.kind, sides["above"], sides["below"]))
            inner.clear()
            at_arrow = False
        else:
            line.append(Arrow(ArrowKind(part)))
    end_drawing()
    return Scheme(tuple(line))
