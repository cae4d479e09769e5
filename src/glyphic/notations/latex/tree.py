r"""The formula as a tree of symbols, constructs and arrays, and the flat token sequence that a network writes.

A row is a tuple of nodes from left to right. Scripts are nodes of their own, right after what they belong to, `_`
before `^`. Tokens follow the tree in order: `x _{ 1 } ^{ 2 }` for $x_1^2$, `\frac{ a }{ b }` for a fraction.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from glyphic.core.errors import NotationError
from glyphic.core.vocabulary import Vocabulary
from glyphic.notations.latex import symbols


@dataclass(frozen=True)
class Symbol:
    """One token that stands for itself: `x`, `\\alpha`, `\\mathbf{x}`, `\\sin`, `\\not`, `{}` (an empty base), `~`."""

    token: str


@dataclass(frozen=True)
class Construct:
    """A command or script with its arguments; `opener` is a key of symbols.CONSTRUCTS."""

    opener: str
    arguments: tuple["Row", ...]


@dataclass(frozen=True)
class Array:
    """Rows of cells: a matrix or aligned lines."""

    environment: str
    cells: tuple[tuple["Row", ...], ...]


Node = Symbol | Construct | Array
Row = tuple[Node, ...]

MAX_DEPTH = 40  # of constructs and arrays in each other: far above any formula, far below Python's own limit
CLOSE, NEXT, CELL, LINE, EMPTY, SPACE, NOT = "}", "}{", "&", r"\\", "{}", "~", r"\not"


def _vocabulary() -> Vocabulary:
    styled = [f"\\{font}{{{character}}}" for font, characters in symbols.FONTS.items() for character in characters]
    plain = [*symbols.GREEK, *symbols.OPERATORS, *symbols.LARGE, *symbols.RELATIONS, *symbols.ARROWS, *symbols.BINARY,
             *symbols.ORDINARY, *symbols.DELIMITERS]
    environments = [f"\\{side}{{{name}}}" for name in symbols.ENVIRONMENTS for side in ("begin", "end")]
    structure = [*symbols.CONSTRUCTS, CLOSE, NEXT, CELL, LINE, EMPTY, SPACE, NOT, *environments]
    return Vocabulary.of([*symbols.CHARACTERS, *plain, *structure, *styled])


VOCABULARY = _vocabulary()


def to_tokens(row: Row) -> list[str]:
    """A row -> its tokens."""
    tokens: list[str] = []
    for node in row:
        if isinstance(node, Symbol):
            tokens.append(node.token)
        elif isinstance(node, Construct):
            tokens.append(node.opener)
            for i, argument in enumerate(node.arguments):
                tokens += ([NEXT] if i else []) + to_tokens(argument)
            tokens.append(CLOSE)
        else:
            tokens.append(f"\\begin{{{node.environment}}}")
            for i, line in enumerate(node.cells):
                tokens += [LINE] if i else []
                for j, cell in enumerate(line):
                    tokens += ([CELL] if j else []) + to_tokens(cell)
            tokens.append(f"\\end{{{node.environment}}}")
    return tokens


def depth(row: Row) -> int:
    """How deep constructs and arrays lie in each other."""
    deepest = 0
    for node in row:
        if isinstance(node, Construct):
            deepest = max(deepest, 1 + max(map(depth, node.arguments)))
        elif isinstance(node, Array):
            deepest = max(deepest, 1 + max(depth(cell) for line in node.cells for cell in line))
    return deepest


def from_tokens(tokens: Sequence[str]) -> Row:
    """Tokens -> the row they spell, simplified; NotationError (with the token's number) where they do not nest, or nest
    more than MAX_DEPTH deep.

    What is still open at the end is closed, so that a reading which was cut off is still a formula.
    """
    row, end = _row(tokens, 0, frozenset(), 0)
    if end < len(tokens):
        raise NotationError(f"token number {end}, {tokens[end]!r}, closes what nothing opened")
    return row


def _row(tokens: Sequence[str], i: int, stops: frozenset[str], depth: int) -> tuple[Row, int]:
    if depth > MAX_DEPTH:
        raise NotationError(f"token number {i} nests more than {MAX_DEPTH} deep")
    nodes: list[Node] = []
    while i < len(tokens) and tokens[i] not in stops:
        token = tokens[i]
        if token in symbols.CONSTRUCTS:
            arguments = []
            for last in range(symbols.CONSTRUCTS[token], 0, -1):
                argument, i = _row(tokens, i + 1, frozenset([NEXT if last > 1 else CLOSE]), depth + 1)
                arguments.append(argument)
            nodes.append(Construct(token, tuple(arguments)))
        elif token.startswith(r"\begin{"):
            end = token.replace("begin", "end")
            lines: list[list[Row]] = [[]]
            while True:
                cell, i = _row(tokens, i + 1, frozenset([CELL, LINE, end]), depth + 1)
                lines[-1].append(cell)
                if i >= len(tokens) or tokens[i] == end:
                    break
                if tokens[i] == LINE:
                    lines.append([])
            nodes.append(Array(token[7:-1], tuple(map(tuple, lines))))
        elif token in (CLOSE, NEXT, CELL, LINE) or token.startswith(r"\end{"):
            return simplified(nodes), i
        else:
            nodes.append(Symbol(token))
        i += 1
    return simplified(nodes), i


_ROMAN = {f"\\mathrm{{{letter}}}": letter for letter in symbols.LETTERS}
_OPERATOR_NAMES = {name[1:]: name for name in symbols.OPERATORS}
_EMPTY, _SPACE, _NOT = Symbol(EMPTY), Symbol(SPACE), Symbol(NOT)
_MERGED: tuple[tuple[tuple[str, ...], str], ...] = (
    (("|",) * 2, r"\|"), ((".",) * 3, r"\ldots"), ((r"\cdot",) * 3, r"\cdots"), ((r"\lim", r"\sup"), r"\limsup"),
    ((r"\lim", r"\inf"), r"\liminf"), *(((NOT, plain), negated) for plain, negated in symbols.NEGATED.items()))
_MERGED_LAST = frozenset(parts[-1] for parts, _ in _MERGED)


def simplified(nodes: Sequence[Node]) -> Row:
    r"""One spelling for what looks alike within a row.

    Upright `s i n` is `\sin`; three dots are `\ldots`, three centred ones `\cdots`; `||` is `\|`, `\not=` is `\neq`; an
    array of one cell is what is in the cell; a word space counts only between upright letters; `{}` stands only, and
    always, between scripts that have no base of their own; two of them on one side are one; an empty script is none,
    nor is a \not before no symbol.
    """
    return tuple(_merged(_operators(_joined(_parted(_spaces(_unboxed(nodes)))))))


def _unboxed(nodes: Sequence[Node]) -> list[Node]:
    """What cannot be seen is gone: empty lines (space between others), empty last cells, a box around one cell, & in a
    single line; a script of nothing in a script, with which authors make it smaller."""
    row: list[Node] = []
    for node in nodes:
        if isinstance(node, Array):
            lines = [_trimmed(line) for line in node.cells]
            lines = [line for line in lines if line != ((),)] or lines[:1]
            if len(lines) == 1 and (node.environment == "aligned" or len(lines[0]) == 1):
                # a script in the box does not stand above or below one outside
                row += [_EMPTY, *(part for cell in lines[0] for part in cell), _EMPTY]
                continue
            node = Array(node.environment, tuple(lines))
        elif isinstance(node, Construct) and node.opener.endswith("[") and not node.arguments[0]:
            node = Construct(node.opener[:-1] + "{", node.arguments[1:])
        elif is_script(node):
            inner = node.arguments[0]  # type: ignore[union-attr]
            if not inner:
                continue
            if len(inner) == 1 and _opener(inner[0]) == _opener(node):
                node = inner[0]
        row.append(node)
    return row


def _trimmed(line: tuple[Row, ...]) -> tuple[Row, ...]:
    count = len(line)
    while count > 1 and not line[count - 1]:
        count -= 1
    return line[:count]


def _opener(node: Node) -> str:
    return node.opener if isinstance(node, Construct) else ""


def is_script(node: Node) -> bool:
    return _opener(node) in ("_{", "^{")


def _is_roman(node: Node | None) -> bool:
    return isinstance(node, Symbol) and node.token in _ROMAN


def _spaces(row: list[Node]) -> list[Node]:
    if _SPACE not in row:
        return row
    kept: list[Node] = []
    after: list[Node | None] = [None]  # what follows each node, spaces left out
    for node in reversed(row[1:]):
        after.append(after[-1] if node == _SPACE else node)
    for node, following in zip(row, reversed(after), strict=True):
        if node == _SPACE and not (kept and _is_roman(kept[-1]) and _is_roman(following)):
            if kept and is_script(kept[-1]):
                kept.append(_EMPTY)  # a script after it stands apart from the one before
            continue
        kept.append(node)
    return kept


def _parted(row: list[Node]) -> list[Node]:
    """`{}` where, and only where, two scripts would otherwise share a base."""
    result: list[Node] = []
    for i, node in enumerate(row):
        if isinstance(node, Symbol):
            if node.token == EMPTY and not (result and is_script(result[-1]) and _script_follows(row, i + 1)):
                continue
        elif result and is_script(node) and is_script(result[-1]) and _opener(result[-1]) + _opener(node) != "_{^{":
            result.append(_EMPTY)
        result.append(node)
    return result


def _joined(row: list[Node]) -> list[Node]:
    """Two superscripts, or two subscripts, side by side and none on the other side: one, as they stand in one line."""
    result: list[Node] = []
    for i, node in enumerate(row):
        if len(result) > 1 and is_script(node) and result[-1] == _EMPTY and _opener(result[-2]) == _opener(node):
            alone = len(result) < 3 or not is_script(result[-3])  # else the other script of the same base
            if alone and not _script_follows(row, i + 1):
                _, before = result.pop(), result.pop()
                inner = (*before.arguments[0], *node.arguments[0])  # type: ignore[union-attr]
                result.append(Construct(_opener(node), (simplified(inner),)))
                continue
        result.append(node)
    return result


def _script_follows(row: list[Node], i: int) -> bool:
    return i < len(row) and is_script(row[i])


def _operators(row: list[Node]) -> list[Node]:
    result: list[Node] = []
    run: list[str] = []
    for node in row:
        if isinstance(node, Symbol) and node.token in _ROMAN:
            run.append(node.token)
            continue
        if run:
            result += _operator(run)
            run = []
        result.append(node)
    return result + _operator(run)


def _operator(run: list[str]) -> list[Node]:
    name = "".join(_ROMAN[token] for token in run)
    return [Symbol(_OPERATOR_NAMES[name])] if name in _OPERATOR_NAMES else [Symbol(token) for token in run]


def _merged(row: list[Node]) -> list[Node]:
    result: list[Node] = []
    for i, node in enumerate(row):
        if node == _NOT and not (i + 1 < len(row) and isinstance(row[i + 1], Symbol) and row[i + 1] != _EMPTY):
            continue
        result.append(node)
        if isinstance(node, Symbol) and node.token in _MERGED_LAST:
            for parts, single in _MERGED:
                if tuple(n.token if isinstance(n, Symbol) else "" for n in result[-len(parts):]) == parts:
                    result[-len(parts):] = [Symbol(single)]
    return result
