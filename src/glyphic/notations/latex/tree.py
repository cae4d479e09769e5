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

CLOSE, NEXT, CELL, LINE, EMPTY, SPACE, NOT = "}", "}{", "&", r"\\", "{}", "~", r"\not"


def _vocabulary() -> Vocabulary:
    styled = [f"\\{font}{{{character}}}" for font, characters in symbols.FONTS.items() for character in characters]
    plain = [t for t in (*symbols.GREEK, *symbols.OPERATORS, *symbols.LARGE, *symbols.RELATIONS, *symbols.ARROWS,
                         *symbols.BINARY, *symbols.ORDINARY, *symbols.DELIMITERS)]
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


def from_tokens(tokens: Sequence[str]) -> Row:
    """Tokens -> the row they spell, simplified; NotationError (with the token's number) where they do not nest.

    What is still open at the end is closed, so that a reading which was cut off is still a formula.
    """
    row, end = _row(tokens, 0, frozenset())
    if end < len(tokens):
        raise NotationError(f"token number {end}, {tokens[end]!r}, closes what nothing opened")
    return row


def _row(tokens: Sequence[str], i: int, stops: frozenset[str]) -> tuple[Row, int]:
    nodes: list[Node] = []
    while i < len(tokens) and tokens[i] not in stops:
        token = tokens[i]
        if token in symbols.CONSTRUCTS:
            arguments = []
            for last in range(symbols.CONSTRUCTS[token], 0, -1):
                argument, i = _row(tokens, i + 1, frozenset([NEXT if last > 1 else CLOSE]))
                arguments.append(argument)
            nodes.append(Construct(token, tuple(arguments)))
        elif token.startswith(r"\begin{"):
            end, lines = token.replace("begin", "end"), [[]]  # type: list[list[Row]]
            while True:
                cell, i = _row(tokens, i + 1, frozenset([CELL, LINE, end]))
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


def simplified(nodes: Sequence[Node]) -> Row:
    r"""One spelling for what looks alike within a row.

    Upright `s i n` is `\sin`; three dots are `\ldots`, three centred ones `\cdots`; `||` is `\|`; a word space counts
    only between upright letters; `{}` stands only, and always, between scripts that have no base of their own.
    """
    nodes, row = _spaces(nodes), []  # type: list[Node], list[Node]
    for i, node in enumerate(nodes):
        if node == Symbol(EMPTY) and not (row and is_script(row[-1]) and i + 1 < len(nodes) and is_script(nodes[i + 1])):
            continue
        if row and is_script(node) and is_script(row[-1]) and (_opener(row[-1]), _opener(node)) != ("_{", "^{"):
            row.append(Symbol(EMPTY))
        row.append(node)
        for repeated, single in ((("|",) * 2, r"\|"), ((".",) * 3, r"\ldots"), ((r"\cdot",) * 3, r"\cdots")):
            if tuple(n.token if isinstance(n, Symbol) else "" for n in row[-len(repeated):]) == repeated:
                row[-len(repeated):] = [Symbol(single)]
    return tuple(_operators(row))


def _opener(node: Node) -> str:
    return node.opener if isinstance(node, Construct) else ""


def is_script(node: Node) -> bool:
    return _opener(node) in ("_{", "^{")


def _is_roman(node: Node | None) -> bool:
    return isinstance(node, Symbol) and node.token in _ROMAN


def _spaces(row: Sequence[Node]) -> list[Node]:
    kept: list[Node] = []
    for i, node in enumerate(row):
        if node == Symbol(SPACE):
            following = next((n for n in row[i + 1:] if n != Symbol(SPACE)), None)
            if not (kept and _is_roman(kept[-1]) and _is_roman(following)):
                if kept and is_script(kept[-1]):
                    kept.append(Symbol(EMPTY))  # a script after it stands apart from the one before
                continue
        kept.append(node)
    return kept


def _operators(row: Sequence[Node]) -> list[Node]:
    result: list[Node] = []
    run: list[Node] = []
    for node in [*row, None]:
        if node is not None and (_is_roman(node)):
            run.append(node)
            continue
        name = "".join(_ROMAN[n.token] for n in run if isinstance(n, Symbol))
        result += [Symbol(_OPERATOR_NAMES[name])] if name in _OPERATOR_NAMES else run
        run = []
        if node is not None:
            result.append(node)
    return result
