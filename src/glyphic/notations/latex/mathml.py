r"""A formula's text or tree -> MathML Core, which browsers draw by themselves and word processors understand.

Operators get the spaces that TeX would give them (The TeXbook, chapter 18) where MathML's own dictionary, which goes by
position only, would give others: the minus of `=-x`, a bar, an operator name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from glyphic.notations.latex import symbols
from glyphic.notations.latex.parser import parse
from glyphic.notations.latex.text import delimited, grown_pairs
from glyphic.notations.latex.tree import EMPTY, NOT, SPACE, Array, Construct, Node, Row, Symbol, is_script
from glyphic.notations.latex.unicode import CHARACTERS, styled

NAMESPACE = "http://www.w3.org/1998/Math/MathML"

# What an atom is to its neighbours.
ORDINARY, OPERATOR, BINARY, RELATION, OPENING, CLOSING, PUNCTUATION = (
    "ordinary", "operator", "binary", "relation", "opening", "closing", "punctuation")
_CLASSES = {
    **dict.fromkeys((*symbols.OPERATORS, *symbols.LARGE), OPERATOR),
    **dict.fromkeys((*symbols.BINARY, "+", "-", "*"), BINARY),
    **dict.fromkeys((*symbols.RELATIONS, *symbols.ARROWS, "=", "<", ">", ":"), RELATION),
    **dict.fromkeys((*symbols.OPENING, r"\ulcorner", r"\llcorner"), OPENING),
    **dict.fromkeys((*symbols.CLOSING, r"\urcorner", r"\lrcorner", "!", "?"), CLOSING),
    **dict.fromkeys((",", ";"), PUNCTUATION),
}
_LIMITS = frozenset((r"\lim", r"\liminf", r"\limsup", r"\max", r"\min", r"\sup", r"\inf", r"\det", r"\gcd", r"\Pr"))
_INTEGRALS = frozenset((r"\int", r"\oint"))
_UPRIGHT = frozenset((*symbols.GREEK[29:], r"\nabla"))  # a lone letter would be italic
_SIGNS = frozenset((r"\forall", r"\exists", r"\nexists", r"\neg", r"\prime", "/", "|", r"\|", "."))  # mo without spaces
_ACCENTS = {  # construct -> the character above, whether it grows with what it stands on
    r"\hat{": ("ˆ", False), r"\check{": ("ˇ", False), r"\tilde{": ("˜", False), r"\acute{": ("´", False),
    r"\grave{": ("`", False), r"\dot{": ("˙", False), r"\ddot{": ("¨", False), r"\dddot{": ("⃛", False),
    r"\breve{": ("˘", False), r"\bar{": ("¯", False), r"\vec{": ("→", False), r"\mathring{": ("˚", False),
    r"\widehat{": ("^", True), r"\widetilde{": ("~", True), r"\overrightarrow{": ("→", True),
    r"\overleftarrow{": ("←", True), r"\overleftrightarrow{": ("↔", True), r"\overbrace{": ("⏞", True),
}
# Lines: menclose is what other programs know; browsers that go by MathML Core take it for an mrow and draw its border,
# which is as wide as it should be in any font.
_LINES = {
    r"\overline{": ("top", "border-top: 0.05em solid; padding-top: 0.12em"),
    r"\underline{": ("bottom", "border-bottom: 0.05em solid; padding-bottom: 0.12em"),
    r"\boxed{": ("box", "border: 0.05em solid; padding: 0.25em"),
}
_ARROWS = {r"\xrightarrow{": "→", r"\xrightarrow[": "→", r"\xleftarrow{": "←"}
_BARE = frozenset((OPENING, PUNCTUATION))  # a script behind these belongs to what follows, as in (_{2}F_{1}
_THIN = '<mspace width="0.1667em"/>'
_CORE = re.compile(r"^((?:<m(?:sub|sup|subsup|under|over|underover)>)*)<mo\b")  # the sign that others are put on
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


@dataclass(frozen=True)
class Atom:
    """One element of a row: its XML, what it is to its neighbours, and where its scripts go."""

    xml: str
    kind: str = ORDINARY
    name: bool = False  # a word, which is set apart from letters beside it
    limits: bool = False  # scripts stand above and below


def to_mathml(text: str) -> str:
    """LaTeX that the notation holds -> a <math display="block"> element; NotationError with the position otherwise."""
    return from_row(parse(text))


def from_row(row: Row) -> str:
    """A tree -> a <math display="block"> element."""
    return f'<math xmlns="{NAMESPACE}" display="block">{_row(row)}</math>'


def _row(row: Row, infix: bool = False) -> str:
    """Exactly one element. infix: something stands on the left, as before the = of aligned lines."""
    return _grouped(_spaced(_atoms(row), infix))


def _grouped(elements: Sequence[str]) -> str:
    return elements[0] if len(elements) == 1 else _tag("mrow", *elements)


def _tag(name: str, *children: str, **attributes: str) -> str:
    start = name + "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{start}>{''.join(children)}</{name}>" if children else f"<{start}/>"


def _leaf(name: str, text: str, **attributes: str) -> str:
    return _tag(name, text.translate(_ESCAPES), **attributes)


# --- rows ------------------------------------------------------------------------------------------------------------


def _atoms(row: Row) -> list[Atom]:
    atoms: list[Atom] = []
    pairs = dict(grown_pairs(row))
    free = False  # whether the last atom may take scripts
    i = 0
    while i < len(row):
        node = row[i]
        if is_script(node):
            scripts = {}
            while i < len(row) and is_script(row[i]) and _opener(row[i]) not in scripts:
                scripts[_opener(row[i])] = row[i].arguments[0]  # type: ignore[union-attr]
                i += 1
            base = atoms.pop() if free and atoms[-1].kind not in _BARE else Atom(_tag("mrow"))
            atoms.append(_scripted(base, scripts.get("_{"), scripts.get("^{")))
            free = False
            continue
        end, atom = _atom(row, i, pairs)
        atoms += [atom] if atom else []
        free, i = atom is not None, end
    return atoms


def _atom(row: Row, i: int, pairs: dict[int, int]) -> tuple[int, Atom | None]:
    """The atom at i, and the index behind it."""
    node = row[i]
    if isinstance(node, Construct):
        return i + 1, _construct(node)
    following = row[i + 1] if i + 1 < len(row) else None
    if isinstance(node, Array):
        if _token(following) in symbols.CLOSING and i + 1 not in pairs.values():
            return i + 2, Atom(_tag("mrow", _array(node, "left"), _fence(_token(following), "postfix")))
        return i + 1, Atom(_array(node, "center"))
    environment = delimited(row, i)
    one_sided = node.token in symbols.OPENING and i not in pairs and not (i and row[i - 1] == Symbol(NOT))
    if isinstance(following, Array) and (environment == "cases" or (one_sided and not environment)):
        return i + 2, Atom(_tag("mrow", _fence(node.token, "prefix"), _array(following, "left")))
    closing = i + 2 if environment else pairs.get(i)
    if closing is not None:
        inner = _spaced(_atoms(row[i + 1:closing]))
        after = row[closing]
        assert isinstance(after, Symbol)
        return closing + 1, Atom(_tag("mrow", _fence(node.token, "prefix"), *inner, _fence(after.token, "postfix")))
    if node.token in symbols.DIGITS:
        return _number(row, i)
    if node.token.startswith(r"\mathrm{"):
        return _word(row, i)
    if node.token == NOT:
        return (i + 2, _struck(row[i + 1])) if i + 1 < len(row) and not is_script(row[i + 1]) else (i + 1, None)
    if node.token == SPACE:
        return i + 1, Atom(_tag("mspace", width="0.3333em"))
    return i + 1, None if node.token == EMPTY else _symbol(node.token)


def _number(row: Row, start: int) -> tuple[int, Atom]:
    """Digits side by side, with a point between digits, are one number."""
    tokens = [_token(node) for node in row[start:]]
    end = 0
    while end < len(tokens) and (tokens[end] in symbols.DIGITS or (
            tokens[end] == "." and end + 1 < len(tokens) and tokens[end + 1] in symbols.DIGITS)) and tokens[end]:
        end += 1
    return start + end, Atom(_leaf("mn", "".join(tokens[:end])))


def _word(row: Row, start: int) -> tuple[int, Atom]:
    """Upright letters side by side are a name; with spaces between them they are text."""
    end, letters = start, ""
    while end < len(row) and (_token(row[end]).startswith(r"\mathrm{") or row[end] == Symbol(SPACE)):
        letters += "\u00a0" if row[end] == Symbol(SPACE) else CHARACTERS[_token(row[end])]
        end += 1
    if "\u00a0" in letters:
        return end, Atom(_leaf("mtext", letters), name=True)
    if len(letters) == 1:
        return end, Atom(_leaf("mi", letters, mathvariant="normal"))
    return end, Atom(_leaf("mi", letters), name=True)


def _symbol(token: str) -> Atom:
    text, kind = CHARACTERS[token], _CLASSES.get(token, ORDINARY)
    if token in symbols.OPERATORS:
        if token in _LIMITS:
            xml = _leaf("mo", text, movablelimits="true", form="prefix", lspace="0", rspace="0")
            return Atom(xml, OPERATOR, name=True, limits=True)
        return Atom(_leaf("mi", text), OPERATOR, name=True)
    if token in symbols.LARGE:
        return Atom(_leaf("mo", text), OPERATOR, limits=token not in _INTEGRALS)
    if kind in (OPENING, CLOSING):
        form = "prefix" if kind == OPENING else "postfix"
        return Atom(_leaf("mo", text, form=form, stretchy="false"), kind)
    if token in _SIGNS:
        return Atom(_leaf("mo", text, lspace="0", rspace="0", stretchy="false"))
    if token in symbols.ARROWS:
        return Atom(_leaf("mo", text, stretchy="false"), kind)
    if kind != ORDINARY:
        return Atom(_leaf("mo", text), kind)
    return Atom(_leaf("mi", text, mathvariant="normal") if token in _UPRIGHT else _leaf("mi", text))


def _struck(node: Node) -> Atom:
    r"""\not and what it strikes out."""
    token = _token(node)
    if not token:  # a construct: the grammar forbids it
        atom = Atom(_row((node,)))
        return Atom(_tag("mrow", _leaf("mo", "\u0338", lspace="0", rspace="0"), atom.xml))
    text, kind = CHARACTERS.get(token, ""), _CLASSES.get(token, ORDINARY)
    if len(token) == 1 and token in symbols.LETTERS:
        text = styled("italic", token)  # with the stroke it is no longer a single letter, which would be italic
    if kind in (BINARY, RELATION):
        return Atom(_leaf("mo", text + "\u0338", stretchy="false"), kind)
    return Atom(_leaf("mi", text + "\u0338"))


def _spaced(atoms: Sequence[Atom], infix: bool = False) -> list[str]:
    """The atoms' elements, with the spaces that depend on neighbours."""
    result: list[str] = []
    kinds = _kinds(atoms, infix)
    for i, (atom, kind) in enumerate(zip(atoms, kinds, strict=True)):
        before = kinds[i - 1] if i else ""
        after_name = bool(i) and atoms[i - 1].name
        if (atom.name and before in (ORDINARY, CLOSING, OPERATOR)) or (after_name and kind in (ORDINARY, OPERATOR)):
            result.append(_THIN)
        xml = atom.xml
        if atom.kind == BINARY and kind == ORDINARY:
            xml = _CORE.sub(r'\1<mo lspace="0" rspace="0"', xml)
        elif atom.kind in (BINARY, RELATION) and infix and not i:
            xml = _CORE.sub(r'\1<mo form="infix"', xml)
        result.append(xml)
    return result


def _kinds(atoms: Sequence[Atom], infix: bool) -> list[str]:
    """What each atom is where it stands: a binary sign without two operands is an ordinary symbol."""
    kinds: list[str] = []
    for i, atom in enumerate(atoms):
        kind = atom.kind
        before = kinds[-1] if kinds else ORDINARY if infix else ""
        after = atoms[i + 1].kind if i + 1 < len(atoms) else ""
        if kind == BINARY and (before in ("", OPERATOR, BINARY, RELATION, OPENING, PUNCTUATION)
                               or after in ("", RELATION, CLOSING, PUNCTUATION)):
            kind = ORDINARY
        kinds.append(kind)
    return kinds


# --- constructs ------------------------------------------------------------------------------------------------------


def _scripted(base: Atom, below: Row | None, above: Row | None) -> Atom:
    names = ("munder", "mover", "munderover") if base.limits else ("msub", "msup", "msubsup")
    if below is not None and above is not None:
        xml = _tag(names[2], base.xml, _row(below), _row(above))
    elif below is not None:
        xml = _tag(names[0], base.xml, _row(below))
    else:
        xml = _tag(names[1], base.xml, _row(above or ()))
    return Atom(xml, base.kind, base.name)


def _construct(node: Construct) -> Atom:
    opener, arguments = node.opener, [_row(argument) for argument in node.arguments]
    if opener == r"\frac{":
        return Atom(_tag("mfrac", *arguments))
    if opener == r"\binom{":
        fraction = _tag("mfrac", *arguments, linethickness="0")
        return Atom(_tag("mrow", _fence("(", "prefix"), fraction, _fence(")", "postfix")))
    if opener == r"\sqrt{":
        return Atom(_tag("msqrt", *arguments))
    if opener == r"\sqrt[":
        return Atom(_tag("mroot", arguments[1], arguments[0]))
    if opener in (r"\overset{", r"\underset{"):
        inner = _atoms(node.arguments[1])
        sign = len(inner) == 1 and inner[0].kind in (BINARY, RELATION)  # it stays one with something above
        base = inner[0] if sign else Atom(arguments[1])
        return Atom(_tag("mover" if opener == r"\overset{" else "munder", base.xml, arguments[0]), base.kind)
    if opener in _ARROWS:
        arrow = _leaf("mo", _ARROWS[opener], stretchy="true", lspace="0", rspace="0")
        gap = _tag("mspace", width="0.6em")  # any font's shortest arrow is covered
        scripts = [_tag("mrow", gap, argument, gap) for argument in arguments]
        around = _tag("mspace", width="0.2778em")  # browsers differ in the spaces of an operator that stretches
        return Atom(_tag("mrow", around, _tag("mover" if len(scripts) == 1 else "munderover", arrow, *scripts), around))
    if opener in _LINES:
        line, style = _LINES[opener]
        return Atom(_tag("menclose", *arguments, notation=line, style=style))
    if opener == r"\underbrace{":
        return Atom(_tag("munder", *arguments, _leaf("mo", "⏟", stretchy="true"), accentunder="true"), limits=True)
    character, grows = _ACCENTS[opener]
    size = {"mathsize": "70%"} if opener == r"\vec{" else {}
    above = _leaf("mo", character, stretchy="true" if grows else "false", **size)
    return Atom(_tag("mover", *arguments, above, accent="true"), limits=opener == r"\overbrace{")


def _array(node: Array, align: str) -> str:
    """columnalign is for readers of MathML 3; browsers go by the cells' style."""
    aligned = node.environment == "aligned"
    width = max(map(len, node.cells))
    columns = [("right", "left")[j % 2] if aligned else align for j in range(width)]
    lines = []
    for line in node.cells:
        cells = []
        for j, cell in enumerate(line):
            style = f"text-align: {columns[j]}" + ("; padding-left: 0; padding-right: 0" if aligned else "")
            attributes = {} if columns[j] == "center" else {"style": style}
            cells.append(_tag("mtd", _row(cell, infix=aligned and j > 0), **attributes))
        lines.append(_tag("mtr", *cells))
    display = {"displaystyle": "true"} if aligned else {}
    return _tag("mtable", *lines, columnalign=" ".join(columns), **display)


def _fence(token: str, form: str) -> str:
    return _leaf("mo", CHARACTERS[token], form=form, fence="true", stretchy="true")


def _token(node: Node | None) -> str:
    return node.token if isinstance(node, Symbol) else ""


def _opener(node: Node) -> str:
    return node.opener if isinstance(node, Construct) else ""
