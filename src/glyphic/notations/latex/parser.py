r"""LaTeX as people write it -> the tree of the formula, by recursive descent.

Why a parser of our own, and not KaTeX at data-preparation time: readings, labels and other people's predictions are
normalised wherever Glyphic is evaluated, where there is no Node; and errors must carry a position. KaTeX stays the
reference for what is valid: the tests run it on what this parser emits.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from glyphic.core.errors import NotationError
from glyphic.notations.latex import symbols
from glyphic.notations.latex.tree import EMPTY, NOT, SPACE, Array, Construct, Node, Row, Symbol, simplified

_LEXEME = re.compile(r"\\(?:[a-zA-Z]+\*?|.)|%[^\n]*\n?|\s+|.", re.DOTALL)
_STARRED = frozenset([r"\operatorname*", r"\tag*", r"\hspace*", r"\vspace*"])
_DIMENSION = re.compile(r"\s*=?\s*[+-]?\s*[\d.,\s]*(?:\\[a-zA-Z]+|\s*(?:p\s*t|e\s*m|e\s*x|m\s*u|c\s*m|m\s*m|i\s*n|p\s*c"
                        r"|s\s*p|b\s*p|t\s*r\s*u\s*e\s*\w+))")
_END = "<end>"
_SCRIPTS = frozenset("_^'")
_INFIX = frozenset([r"\over", r"\atop", r"\choose", r"\above", r"\brack", r"\brace"])
_FRACTIONS = frozenset([r"\frac", r"\dfrac", r"\tfrac", r"\cfrac"])
_BINOMIALS = frozenset([r"\binom", r"\dbinom", r"\tbinom"])
_STACKS = frozenset([r"\overset", r"\stackrel", r"\underset"])
_MAX_DEPTH = 60


class Lexeme(NamedTuple):
    text: str
    position: int


@dataclass(frozen=True)
class Style:
    """What surrounds a piece of input: the font in force, and whether it is text (spaces count) or mathematics."""

    font: str = ""
    text: bool = False


def parse(source: str, macros: Mapping[str, str] | None = None) -> Row:
    r"""LaTeX -> its tree; NotationError with the position for what is not LaTeX or not in the notation.

    macros: command -> LaTeX that stands for it, without arguments (a text's own `\Spec`, say).
    """
    return _Parser(source, macros or {}).formula()


class _Parser:
    def __init__(self, source: str, macros: Mapping[str, str]):
        self.source, self.macros = source, macros
        self.lexemes = list(_lexemes(source))
        self.i = 0
        self.depth = 0

    # --- lexemes -----------------------------------------------------------------------------------------------------

    @property
    def next(self) -> str:
        return self.lexemes[self.i].text

    def take(self) -> Lexeme:
        lexeme = self.lexemes[self.i]
        self.i += lexeme.text != _END
        return lexeme

    def skip_space(self) -> None:
        while self.next.isspace():
            self.i += 1

    def expect(self, text: str, opened: Lexeme) -> None:
        if self.next != text:
            found = "the end" if self.next == _END else repr(self.next)
            raise self.error(f"{opened.text!r} is closed by {text!r}, not by {found}")
        self.i += 1

    def error(self, message: str, at: Lexeme | None = None) -> NotationError:
        return NotationError(message, self.source, (at or self.lexemes[self.i]).position)

    # --- rows --------------------------------------------------------------------------------------------------------

    def formula(self) -> Row:
        lines = self.lines(frozenset([_END]), Style())
        if self.next != _END:
            raise self.error(f"{self.next!r} closes what nothing opened")
        if len(lines) == 1 and len(lines[0]) == 1:
            return lines[0][0]
        return simplified([_array("aligned", lines)])

    def lines(self, stops: frozenset[str], style: Style) -> list[list[Row]]:
        """Cells parted by & in lines parted by \\\\, up to one of `stops`, which is left in place."""
        lines: list[list[Row]] = [[]]
        while True:
            lines[-1].append(self.row(stops | {"&", r"\\", r"\cr", r"\tabularnewline"}, style))
            if self.next == "&":
                self.take()
            elif self.next in (r"\\", r"\cr", r"\tabularnewline"):
                self.take()
                self.line_skip()
                lines.append([])
            else:
                break
        while len(lines) > 1 and not any(lines[-1]):  # a last \\ opens no line
            lines.pop()
        return lines

    def line_skip(self) -> None:
        """The [2pt] that may stand after \\\\."""
        match = re.compile(r"\s*\*?\s*\[\s*-?[\d.\s]+[a-z\s]+\]").match(self.source, self.lexemes[self.i].position)
        while match and self.next != _END and self.lexemes[self.i].position < match.end():
            self.i += 1

    def row(self, stops: frozenset[str], style: Style) -> Row:
        """Nodes up to one of `stops` or the end; the stop is left in place."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise self.error(f"nested more than {_MAX_DEPTH} deep")
        nodes: list[Node] = []
        infix: tuple[Lexeme, list[Node]] | None = None
        while self.next not in stops and self.next not in (_END, "}"):
            if self.next in symbols.FONT_SWITCHES:
                style = Style(symbols.FONT_SWITCHES[self.take().text], style.text)
            elif self.next in _INFIX:
                if infix:
                    raise self.error(f"a second {self.next} in one group; part them by braces")
                infix, nodes = (self.take(), nodes), []
                if infix[0].text == r"\above":
                    self.dimension()
            else:
                nodes += self.node(style)
        self.depth -= 1
        if infix:
            return self.infix(infix[0], simplified(infix[1]), simplified(nodes))
        return simplified(nodes)

    def infix(self, command: Lexeme, above: Row, below: Row) -> Row:
        if command.text in (r"\over", r"\above"):
            return (Construct(r"\frac{", (above, below)),)
        if command.text == r"\choose":
            return (Construct(r"\binom{", (above, below)),)
        stack = Array("matrix", ((above,), (below,)))
        before, after = {r"\brack": ("[", "]"), r"\brace": (r"\{", r"\}")}.get(command.text, ("", ""))
        return (*_symbols(before), stack, *_symbols(after))

    def argument(self, style: Style, command: Lexeme) -> Row:
        """A group in braces, or the one thing that follows."""
        self.skip_space()
        if self.next == "{":
            return self.group(style)
        if self.next in (_END, "}", "&", r"\\", "^", "_") or self.next in _INFIX:
            found = "the end" if self.next == _END else repr(self.next)
            raise self.error(f"{command.text} needs an argument, not {found}")
        if self.next[0] != "\\":
            return simplified(self.symbol(self.take(), style))
        return simplified(self.atom(style))

    def group(self, style: Style) -> Row:
        opened = self.take()
        row = self.row(frozenset(["}"]), style)
        self.expect("}", opened)
        return row

    def raw(self, command: Lexeme) -> str:
        """The characters of a braced argument, unread."""
        self.skip_space()
        if self.next != "{":
            raise self.error(f"{command.text} needs an argument in braces")
        start, level = self.i + 1, 0
        while True:
            lexeme = self.take()
            level += {"{": 1, "}": -1}.get(lexeme.text, 0)
            if lexeme.text == _END:
                raise self.error(f"the argument of {command.text} is not closed", command)
            if level == 0:
                return "".join(x.text for x in self.lexemes[start:self.i - 1])

    def optional(self) -> str | None:
        """The characters of a [..] argument, if there is one."""
        mark = self.i
        self.skip_space()
        if self.next != "[":
            self.i = mark
            return None
        start, level = self.i + 1, 0
        while True:
            lexeme = self.take()
            if lexeme.text == _END:
                self.i = mark
                return None
            level += {"{": 1, "}": -1}.get(lexeme.text, 0)
            if lexeme.text == "]" and level == 0:
                return "".join(x.text for x in self.lexemes[start:self.i - 1])

    def dimension(self) -> None:
        """A bare length, as after \\kern."""
        match = _DIMENSION.match(self.source, self.lexemes[self.i].position)
        if not match:
            raise self.error("a length was expected, as in 2pt")
        while self.next != _END and self.lexemes[self.i].position < match.end():
            self.i += 1

    # --- nodes -------------------------------------------------------------------------------------------------------

    def node(self, style: Style) -> list[Node]:
        """The next thing in a row, its scripts included."""
        if style.text and self.next in _SCRIPTS:
            if self.next != "'":
                raise self.error(f"{self.next} stands in text; put mathematics between $ and $")
            self.take()
            return [Construct("^{", (_symbols(r"\prime"),))]
        base = [] if self.next in _SCRIPTS else self.atom(style)
        return base + ([] if style.text else self.scripts(style))

    def scripts(self, style: Style) -> list[Node]:
        below: Row | None = None
        above: list[Node] | None = None
        while True:
            mark = self.i
            while self.next.isspace() or self.next in (r"\limits", r"\nolimits", r"\displaylimits"):
                self.take()
            if self.next == "'":
                self.take()
                above = [*(above or []), Symbol(r"\prime")]
            elif self.next == "^":
                command = self.take()
                if above and any(n != Symbol(r"\prime") for n in above):
                    raise self.error("a second superscript; part them by {}", command)
                above = [*(above or []), *self.argument(Style(), command)]
            elif self.next == "_":
                command = self.take()
                if below is not None:
                    raise self.error("a second subscript; part them by {}", command)
                below = self.argument(Style(), command)
            else:
                self.i = mark
                break
        result: list[Node] = []
        if below:
            result.append(Construct("_{", (below,)))
        if above:
            result.append(Construct("^{", (simplified(above),)))
        return result

    def atom(self, style: Style) -> list[Node]:
        """One symbol, group or command with its arguments, without scripts."""
        at = self.lexemes[self.i]
        name = at.text
        if name.isspace():
            self.take()
            return [Symbol(SPACE)] if style.text else []
        if name == "{":
            return self.braced(style)
        if name == "$":
            return self.embedded(style)
        if name[0] != "\\" or len(name) == 1:
            return self.symbol(self.take(), style)
        self.take()
        if name in self.macros:
            return list(self.nested(self.macros[name], style))
        if name in symbols.SYMBOLS:
            return _styled(name, style.font)
        if name in symbols.SYNONYMS:
            expansion = symbols.SYNONYMS[name]
            simple = expansion in symbols.SYMBOLS or len(expansion) == 1
            return _styled(expansion, style.font) if simple else list(self.nested(expansion, Style()))
        if name in symbols.EXPANSIONS:
            return list(self.nested(symbols.EXPANSIONS[name], style))
        if name in symbols.SPACES:
            return [Symbol(SPACE)]
        if name in symbols.NARROW_SPACES:
            return [Symbol(EMPTY)]  # nothing, unless it parts two scripts
        if name in symbols.IGNORED:
            return []
        return self.command(at, style)

    def braced(self, style: Style) -> list[Node]:
        row = list(self.group(style))
        mark = self.i
        self.skip_space()
        scripted = self.next in _SCRIPTS and not style.text
        self.i = mark
        return [Symbol(EMPTY)] if scripted and not row else row

    def embedded(self, style: Style) -> list[Node]:
        """Mathematics between $ and $ within text; elsewhere a $ around the whole formula is let pass."""
        opened = self.take()
        if not style.text:
            return []
        row = self.row(frozenset(["$"]), Style())
        self.expect("$", opened)
        return list(row)

    def nested(self, source: str, style: Style) -> Row:
        inner = _Parser(source, self.macros)
        inner.depth = self.depth + 1
        return inner.row(frozenset(), style)

    def symbol(self, at: Lexeme, style: Style) -> list[Node]:
        if at.text in symbols.CHARACTERS:
            return _styled(at.text, style.font)
        if at.text in symbols.SPACES:
            return [Symbol(SPACE)]
        if at.text in ("'", "`", '"') and style.text:
            return [] if at.text != "'" else [Construct("^{", (_symbols(r"\prime"),))]
        if at.text in _UNICODE:
            return _styled(_UNICODE[at.text], style.font)
        raise self.error(f"the formula notation has no {at.text!r}", at)

    def command(self, at: Lexeme, style: Style) -> list[Node]:
        name = symbols.ACCENT_SYNONYMS.get(at.text, at.text)
        if name in symbols.FONT_COMMANDS:
            return list(self.argument(Style(symbols.FONT_COMMANDS[name], style.text), at))
        if name in symbols.TEXT_COMMANDS:
            return list(self.argument(Style(symbols.TEXT_COMMANDS[name], True), at))
        if name in symbols.UNWRAPPED:
            return list(self.argument(style, at))
        if name in symbols.DROPPED:
            self.raw(at)
            return []
        if name in symbols.SKIPS:
            self.dimension()
            return []
        if name in _FRACTIONS:
            return [Construct(r"\frac{", (self.argument(style, at), self.argument(style, at)))]
        if name in _BINOMIALS:
            return [Construct(r"\binom{", (self.argument(style, at), self.argument(style, at)))]
        if name in _STACKS:
            opener = r"\underset{" if name == r"\underset" else r"\overset{"
            return [Construct(opener, (self.argument(style, at), self.argument(style, at)))]
        if name + "{" in symbols.CONSTRUCTS and name[1:] in ("xrightarrow", "xleftarrow"):
            below = self.optional()
            above = self.argument(style, at)
            if below and name == r"\xrightarrow":
                return [Construct(r"\xrightarrow[", (self.nested(below, style), above))]
            return [Construct(name + "{", (above,))]
        if name == r"\sqrt":
            index = self.optional()
            radicand = self.argument(style, at)
            if index and index.strip():
                return [Construct(r"\sqrt[", (self.nested(index, Style()), radicand))]
            return [Construct(r"\sqrt{", (radicand,))]
        if name + "{" in symbols.CONSTRUCTS:
            return [Construct(name + "{", (self.argument(style, at),))]
        special = {r"\left": self.left_right, r"\begin": self.environment, r"\not": self.negated,
                   r"\dots": self.dots, r"\root": self.root, r"\buildrel": self.buildrel, r"\pmod": self.pmod,
                   r"\substack": self.substack, r"\textcolor": self.textcolor, r"\middle": self.middle,
                   r"\slashed": self.slashed, r"\rule": self.rule, r"\(": self.nothing, r"\)": self.nothing,
                   r"\[": self.nothing, r"\]": self.nothing, r"\matrix": self.plain_matrix,
                   r"\pmatrix": self.plain_matrix, r"\cases": self.plain_matrix, r"\pod": self.pmod}.get(name)
        if special is None:
            raise self.error(f"the formula notation has no command {at.text}", at)
        return special(at, style)

    def nothing(self, at: Lexeme, style: Style) -> list[Node]:
        return []

    def left_right(self, at: Lexeme, style: Style) -> list[Node]:
        before = self.delimiter(at)
        row = self.row(frozenset([r"\right"]), style)
        self.expect(r"\right", at)
        return [*before, *row, *self.delimiter(at)]

    def middle(self, at: Lexeme, style: Style) -> list[Node]:
        return list(self.delimiter(at))

    def delimiter(self, at: Lexeme) -> Row:
        """What follows \\left, \\right, \\middle; a full stop is nothing."""
        self.skip_space()
        lexeme = self.take()
        if lexeme.text == "{":
            self.skip_space()
            lexeme = self.take()
            self.skip_space()
            self.expect("}", at)
        token = {"<": r"\langle", ">": r"\rangle"}.get(lexeme.text, symbols.SYNONYMS.get(lexeme.text, lexeme.text))
        if token == ".":
            return ()
        if token not in ("(", ")", "[", "]", "|", "/", r"\setminus", *symbols.DELIMITERS, *symbols.ARROWS):
            raise self.error(f"{lexeme.text!r} is no delimiter for {at.text}", lexeme)
        return (Symbol(token),)

    def environment(self, at: Lexeme, style: Style) -> list[Node]:
        name = "".join(self.raw(at).split())
        if name in symbols.TRANSPARENT:
            row = list(self.row(frozenset([r"\end"]), style))
            self.end(at, name)
            return row
        if name not in symbols.ARRAYS:
            raise self.error(f"the formula notation has no environment {name!r}", at)
        columns = ""
        if name in ("array", "subarray", "tabular", "alignedat", "alignat", "alignat*"):
            self.optional()
            columns = "".join(c for c in self.raw(at) if c in "lcr|")
        elif name in ("aligned", "split", "gathered"):
            self.optional()
        if "|" in columns:
            raise self.error("the formula notation has no vertical rules in arrays", at)
        lines = self.lines(frozenset([r"\end"]), style)
        self.end(at, name)
        environment, before, after = symbols.ARRAYS[name]
        if columns in ("rcl", "rl", "lcl") and len(lines) > 1:
            environment = "aligned"
        if environment == "aligned" and (name.startswith("eqnarray") or columns in ("rcl", "lcl")):
            lines = [[line[0], tuple(n for cell in line[1:] for n in cell)] if len(line) > 1 else line for line in lines]
        return [*_symbols(before), _array(environment, lines), *_symbols(after)]

    def end(self, opened: Lexeme, name: str) -> None:
        self.expect(r"\end", opened)
        closed = "".join(self.raw(opened).split())
        if closed != name:
            raise self.error(f"\\begin{{{name}}} is closed by \\end{{{closed}}}", opened)

    def plain_matrix(self, at: Lexeme, style: Style) -> list[Node]:
        r"""Plain TeX's \matrix{a & b \cr c & d}."""
        self.skip_space()
        opened = self.take()
        if opened.text != "{":
            raise self.error(f"{at.text} needs an argument in braces", at)
        lines = self.lines(frozenset(["}"]), style)
        self.expect("}", opened)
        environment, before, after = symbols.ARRAYS[at.text[1:]]
        return [*_symbols(before), _array(environment, lines), *_symbols(after)]

    def substack(self, at: Lexeme, style: Style) -> list[Node]:
        return self.plain_matrix(at._replace(text=r"\matrix"), style)

    def negated(self, at: Lexeme, style: Style) -> list[Node]:
        following = self.argument(style, at)
        if not following or not isinstance(following[0], Symbol):
            raise self.error("\\not needs a symbol to strike out", at)
        if following[0].token in symbols.NEGATED:
            return [Symbol(symbols.NEGATED[following[0].token]), *following[1:]]
        return [Symbol(NOT), *following]

    def slashed(self, at: Lexeme, style: Style) -> list[Node]:
        return self.negated(at, style)

    def dots(self, at: Lexeme, style: Style) -> list[Node]:
        """Centred between operators and relations, on the line otherwise, as amsmath does."""
        self.skip_space()
        token = symbols.SYNONYMS.get(self.next, self.next)
        centred = token in ("+", "-", "=", "<", ">", "*", *symbols.RELATIONS, *symbols.ARROWS, *symbols.BINARY,
                            *symbols.LARGE)
        return [Symbol(r"\cdots" if centred else r"\ldots")]

    def root(self, at: Lexeme, style: Style) -> list[Node]:
        index = self.row(frozenset([r"\of"]), Style())
        self.expect(r"\of", at)
        return [Construct(r"\sqrt[", (index, self.argument(style, at)))]

    def buildrel(self, at: Lexeme, style: Style) -> list[Node]:
        above = self.row(frozenset([r"\over"]), style)
        self.expect(r"\over", at)
        return [Construct(r"\overset{", (above, self.argument(style, at)))]

    def pmod(self, at: Lexeme, style: Style) -> list[Node]:
        modulus = self.argument(style, at)
        word = self.nested(r"\mathrm{mod}", Style()) if at.text == r"\pmod" else ()
        return [Symbol("("), *word, *modulus, Symbol(")")]

    def textcolor(self, at: Lexeme, style: Style) -> list[Node]:
        self.raw(at)
        return list(self.argument(style, at))

    def rule(self, at: Lexeme, style: Style) -> list[Node]:
        """Only struts, which are invisible."""
        self.optional()
        sizes = [re.sub(r"[a-z\s]", "", self.raw(at)) for _ in range(2)]
        if all(re.search(r"[1-9]", size) for size in sizes):
            raise self.error("the formula notation has no visible \\rule", at)
        return []


def _lexemes(source: str) -> Sequence[Lexeme]:
    lexemes = []
    position = 0
    while position < len(source):
        match = _LEXEME.match(source, position)
        assert match is not None  # the pattern's last branch takes any character
        text = match.group()
        if text.endswith("*") and len(text) > 2 and text not in _STARRED:
            text = text[:-1]
        text = {r"\sp": "^", r"\sb": "_", r"\lq": "'", r"\rq": "'"}.get(text, text)
        if text[0] != "%":
            lexemes.append(Lexeme(" " if text.isspace() else text, position))
        position += len(text)
    return [*lexemes, Lexeme(_END, len(source))]


def _symbols(*tokens: str) -> Row:
    return tuple(Symbol(token) for token in tokens if token)


def _styled(token: str, font: str) -> list[Node]:
    if font == "mathbf" and token in symbols.GREEK or font == "boldsymbol" and token in symbols.DIGITS:
        font = "boldsymbol" if font == "mathbf" else "mathbf"
    if font and token in symbols.FONTS[font]:
        return [Symbol(f"\\{font}{{{token}}}")]
    return [Symbol(token)]


def _array(environment: str, lines: list[list[Row]]) -> Array:
    return Array(environment, tuple(map(tuple, lines)))


_UNICODE = dict(zip(
    "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ",
    r"\alpha \beta \gamma \delta \varepsilon \zeta \eta \theta \iota \kappa \lambda \mu \nu \xi \pi \rho \sigma \tau "
    r"\upsilon \varphi \chi \psi \omega \Gamma \Delta \Theta \Lambda \Xi \Pi \Sigma \Upsilon \Phi \Psi \Omega".split(),
    strict=True,
)) | {"−": "-", "–": "-", "×": r"\times", "±": r"\pm", "·": r"\cdot", "≤": r"\leq", "≥": r"\geq", "≠": r"\neq",
      "∞": r"\infty", "→": r"\rightarrow", "∂": r"\partial", "∈": r"\in", "∑": r"\sum", "∫": r"\int", "∇": r"\nabla",
      "′": r"\prime", "…": r"\ldots", "≈": r"\approx", "≡": r"\equiv", "÷": r"\div"}
