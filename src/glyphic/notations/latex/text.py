r"""The tree of a formula -> its canonical LaTeX, compact and ready to paste.

Delimiters grow where they hold something tall (`\left( \frac{a}{b} \right)`), matrices take the environment of their
delimiters (pmatrix, cases): both follow from the tree alone, so one tree has one spelling.
"""

from glyphic.notations.latex import symbols
from glyphic.notations.latex.tree import CELL, EMPTY, LINE, NOT, SPACE, Array, Construct, Node, Row, Symbol

_STYLED = {f"\\{font}{{{c}}}": (font, c) for font, characters in symbols.FONTS.items() for c in characters}
_TALL = frozenset([r"\frac{", r"\binom{", r"\overset{", r"\underset{", r"\overbrace{", r"\underbrace{"])
_PARTNER = dict(zip(symbols.OPENING, symbols.CLOSING, strict=True))


def to_text(row: Row) -> str:
    """A row -> LaTeX."""
    return _join(_pieces(row))


def _join(pieces: list[str]) -> str:
    """Pieces side by side, a blank only where a command would run into a letter."""
    text = ""
    for piece in pieces:
        if text and piece and piece[0].isascii() and piece[0].isalpha() and _ends_in_command(text):
            text += " "
        text += piece
    return text


def _ends_in_command(text: str) -> bool:
    end = len(text)
    while end and text[end - 1].isascii() and text[end - 1].isalpha():
        end -= 1
    return 0 < end < len(text) and text[end - 1] == "\\" and (end < 2 or text[end - 2] != "\\" or text.endswith(r"\\"))


def _pieces(row: Row) -> list[str]:
    pieces: list[str] = []
    grown = _grown(row)
    i = 0
    while i < len(row):
        node = row[i]
        following = row[i + 1] if i + 1 < len(row) else None
        last = row[i + 2] if i + 2 < len(row) else None
        if isinstance(node, Symbol) and isinstance(following, Array) and following.environment == "matrix":
            name = _delimited(node, last, row, i)
            if name:
                pieces.append(_array(following, name))
                i += 2 if name == "cases" else 3
                continue
        if isinstance(node, Symbol) and node.token in _STYLED:
            end, piece = _styled_run(row, i)
            pieces.append(piece)
            i = end
            continue
        if isinstance(node, Symbol):
            before = grown.get(i, "")
            pieces += [before, node.token] if before else [{SPACE: "~", EMPTY: "{}"}.get(node.token, node.token)]
        elif isinstance(node, Construct):
            pieces.append(_construct(node))
        else:
            pieces.append(_array(node, node.environment))
        i += 1
    return pieces


def _construct(node: Construct) -> str:
    arguments = [to_text(argument) for argument in node.arguments]
    if node.opener.endswith("["):  # an optional argument: a bracket in it would end it
        first = "{" + arguments[0] + "}" if "]" in arguments[0] or "[" in arguments[0] else arguments[0]
        return f"{node.opener}{first}]{{{arguments[1]}}}"
    return node.opener + "}{".join(arguments) + "}"


def _array(node: Array, name: str) -> str:
    lines = []
    for line in node.cells:
        text = _join([piece for j, cell in enumerate(line) for piece in ([CELL] if j else []) + [to_text(cell)]])
        lines.append(("{}" if text.startswith(("[", "*")) else "") + text)  # else it would be an argument of \\
    return f"\\begin{{{name}}}" + LINE.join(lines) + f"\\end{{{name}}}"




def _styled_run(row: Row, start: int) -> tuple[int, str]:
    r"""Neighbours in one font share its braces: \mathrm{d}\mathrm{x} is \mathrm{dx}; with spaces it is \text{a b}."""
    font = _STYLED[_token(row[start])][0]
    end, characters = start, []
    while end < len(row):
        token = _token(row[end])
        if token in _STYLED and _STYLED[token][0] == font:
            characters.append(_STYLED[token][1])
        elif token == SPACE and font == "mathrm" and characters:
            characters.append(" ")
        else:
            break
        end += 1
    if " " in characters:
        return end, r"\text{" + "".join(characters) + "}"
    return end, f"\\{font}{{{_join(characters)}}}"


def _token(node: Node) -> str:
    return node.token if isinstance(node, Symbol) else ""


def _delimited(before: Symbol, after: Node | None, row: Row, i: int) -> str | None:
    """The environment for a matrix right between these two, if there is one."""
    closing = _token(after) if after is not None else ""
    if (before.token, closing) in symbols.DELIMITED:
        return symbols.DELIMITED[before.token, closing]
    rest = [_token(node) for node in row[i + 2:]]
    if before.token == r"\{" and r"\}" not in rest:
        return "cases"
    return None


def _grown(row: Row) -> dict[int, str]:
    r"""Index of a delimiter -> \left or \right, for matching pairs in this row that hold something tall."""
    stack: list[int] = []
    grown: dict[int, str] = {}
    for i, node in enumerate(row):
        token = _token(node)
        if token in symbols.OPENING and not (i and row[i - 1] == Symbol(NOT)):
            stack.append(i)
        elif token in symbols.CLOSING and stack and not row[i - 1] == Symbol(NOT):
            start = stack.pop()
            if any(_tall(inner) for inner in row[start + 1:i]):
                grown |= {start: r"\left", i: r"\right"}
    return grown


def _tall(node: Node) -> bool:
    if isinstance(node, Array):
        return True
    if isinstance(node, Construct):
        if node.opener in ("_{", "^{"):
            return False
        return node.opener in _TALL or any(_tall(inner) for argument in node.arguments for inner in argument)
    return False
