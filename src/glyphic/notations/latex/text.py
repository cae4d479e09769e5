r"""The tree of a formula -> its canonical LaTeX, compact and ready to paste.

Delimiters grow where they hold something tall (`\left( \frac{a}{b} \right)`), matrices take the environment of their
delimiters (pmatrix, cases): both follow from the tree alone, so one tree has one spelling.
"""

from glyphic.notations.latex import symbols
from glyphic.notations.latex.tree import CELL, EMPTY, LINE, NOT, SPACE, Array, Construct, Node, Row, Symbol

_STYLED = {f"\\{font}{{{c}}}": (font, c) for font, characters in symbols.FONTS.items() for c in characters}
_TALL = frozenset([r"\frac{", r"\binom{", r"\overset{", r"\underset{", r"\overbrace{", r"\underbrace{",
                   *symbols.LARGE])
_PARTNER = dict(zip(symbols.OPENING, symbols.CLOSING, strict=True))


def to_text(row: Row) -> str:
    """A row -> LaTeX."""
    return _join(_pieces(row))


def _join(pieces: list[str]) -> str:
    """Pieces side by side, a blank only where a command would run into a letter."""
    text = ""
    for piece in pieces:
        if text and piece and _names(piece[0]) and _ends_in_command(text):
            text += " "
        text += piece
    return text


def _names(character: str) -> bool:
    """Whether a command's name would go on with this character; to KaTeX, @ is a letter."""
    return character == "@" or (character.isascii() and character.isalpha())


def _ends_in_command(text: str) -> bool:
    end = len(text)
    while end and _names(text[end - 1]):
        end -= 1
    return 0 < end < len(text) and text[end - 1] == "\\" and (end < 2 or text[end - 2] != "\\" or text.endswith(r"\\"))


def _pieces(row: Row) -> list[str]:
    pieces: list[str] = []
    grown = {i: side for pair in grown_pairs(row) for i, side in zip(pair, (r"\left", r"\right"), strict=True)}
    i = 0
    while i < len(row):
        node = row[i]
        following = row[i + 1] if i + 1 < len(row) else None
        if isinstance(following, Array) and (name := delimited(row, i)):
            pieces.append(_array(following, name))
            i += 2 if name == "cases" else 3
            continue
        if isinstance(following, Array) and _token(node) in symbols.OPENING and not (i in grown or _negated(row, i)):
            pieces += [r"\left", _token(node), _array(following, following.environment), r"\right."]
            i += 2
            continue
        if isinstance(node, Array) and _token(following) in symbols.CLOSING and i + 1 not in grown:
            pieces += [r"\left.", _array(node, node.environment), r"\right", _token(following)]
            i += 2
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


def _token(node: Node | None) -> str:
    return node.token if isinstance(node, Symbol) else ""


def delimited(row: Row, i: int) -> str | None:
    """The environment of the matrix right after the delimiter at i (and before another, or none), if there is one."""
    before, matrix = _token(row[i]), row[i + 1] if i + 1 < len(row) else None
    if not before or not isinstance(matrix, Array) or matrix.environment != "matrix":
        return None
    after = _token(row[i + 2]) if i + 2 < len(row) else ""
    if (before, after) in symbols.DELIMITED:
        return symbols.DELIMITED[before, after]
    return "cases" if before == r"\{" and all(i != opening for opening, _ in grown_pairs(row)) else None


def _negated(row: Row, i: int) -> bool:
    return i > 0 and row[i - 1] == Symbol(NOT)


def grown_pairs(row: Row) -> list[tuple[int, int]]:
    """Where matching delimiters of this row stand that hold something tall: (opening, closing) each."""
    stack: list[int] = []
    grown: list[tuple[int, int]] = []
    tall = [0]  # how many tall nodes there are before each
    for i, node in enumerate(row):
        tall.append(tall[-1] + _tall(node))
        token = _token(node)
        if token in symbols.OPENING and not _negated(row, i):
            stack.append(i)
        elif token in symbols.CLOSING and stack and not _negated(row, i):
            # its own kind if that is open, whatever lies between; else the last that is: [0, 1)
            own = (k for k in reversed(range(len(stack))) if _PARTNER[_token(row[stack[k]])] == token)
            k = next(own, len(stack) - 1)
            if tall[i] > tall[stack[k] + 1]:
                grown.append((stack[k], i))
            del stack[k:]
    return grown


def _tall(node: Node) -> bool:
    if isinstance(node, Array) or _token(node) in _TALL:
        return True
    if isinstance(node, Construct):
        if node.opener in ("_{", "^{"):
            return False
        return node.opener in _TALL or any(_tall(inner) for argument in node.arguments for inner in argument)
    return False
