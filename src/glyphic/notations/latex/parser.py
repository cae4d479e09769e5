r"""LaTeX as people write it -> the tree of the formula, by recursive descent.

Why a parser of our own, and not KaTeX at data-preparation time: readings, labels and other people's predictions are
normalised wherever Glyphic is evaluated, where there is no Node; and errors must carry a position. KaTeX stays the
reference for what is valid: the tests run it on what this parser emits.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from glyphic.core.errors import NotationError
from glyphic.notations.latex import spacing, symbols
from glyphic.notations.latex.lexemes import END, Lexeme, Reader, split
from glyphic.notations.latex.tree import (
    EMPTY,
    MAX_DEPTH,
    NOT,
    SPACE,
    Array,
    Construct,
    Node,
    Row,
    Symbol,
    depth,
    is_script,
    simplified,
)

_BREAKS = frozenset([r"\linebreak", r"\nolinebreak", r"\pagebreak", r"\nopagebreak", r"\displaybreak"])
_SCRIPTS = frozenset("_^'")
_SLASHES = ("/", r"\slash")
_WITH_LIMITS = frozenset([*symbols.LARGE, *symbols.OPERATORS])  # whose scripts are not side by side
_NEVER_STRUCK = frozenset([EMPTY, SPACE, *_SLASHES, *symbols.OPENING, *symbols.CLOSING])
_INFIX = frozenset([r"\over", r"\atop", r"\choose", r"\above", r"\brack", r"\brace"])
_FRACTIONS = frozenset([r"\frac", r"\dfrac", r"\tfrac", r"\cfrac"])
_BINOMIALS = frozenset([r"\binom", r"\dbinom", r"\tbinom"])
_STACKS = frozenset([r"\overset", r"\stackrel", r"\underset"])
_TEXT_ACCENTS = {
    r"\'": r"\acute{", r"\`": r"\grave{", r"\^": r"\hat{", r'\"': r"\ddot{", r"\~": r"\tilde{", r"\=": r"\bar{",
    r"\.": r"\dot{", r"\u": r"\breve{", r"\v": r"\check{", r"\r": r"\mathring{",
}
_RELATIONS = frozenset(["=", "<", ">", *symbols.RELATIONS, *symbols.ARROWS])
_MAX_GROUPS = MAX_DEPTH + 20  # authors nest more braces than the tree has constructs


@dataclass(frozen=True)
class Style:
    """What surrounds a piece of input: the font in force, and whether it is text (spaces count) or mathematics."""

    font: str = ""
    text: bool = False


@dataclass
class _Level:
    r"""What has been read of a row, or since a \left in it: a \left opens no recursion, since hundreds may nest."""

    style: Style
    opened: Lexeme | None = None
    before: Row = ()
    nodes: list[Node] = field(default_factory=list)
    infix: tuple[Lexeme, Row] | None = None


def parse(source: str, macros: Mapping[str, str] | None = None) -> Row:
    r"""LaTeX -> its tree; NotationError with the position for what is not LaTeX or not in the notation.

    macros: command -> LaTeX that stands for it, without arguments (a text's own `\Spec`, say).
    """
    return _Parser(source, macros or {}).formula()


class _Parser(Reader):
    def __init__(self, source: str, macros: Mapping[str, str], lexemes: Sequence[Lexeme] = ()):
        super().__init__(source, lexemes or split(source))
        self.macros = macros
        self.depth = 0
        self.deepest = 0, self.lexemes[0]
        self.tried = 0  # up to this lexeme spaces are known to lead back to no slash

    # --- rows --------------------------------------------------------------------------------------------------------

    def formula(self) -> Row:
        lines = self.lines(frozenset([END]), Style())
        if self.next != END:
            raise self.error(f"{self.next!r} closes what nothing opened")
        if all(len(line) == 1 for line in lines):  # outside an alignment TeX passes over \\\\
            row = simplified([node for line in lines for node in line[0]])
        else:
            row = simplified([_array("aligned", lines)])
        if self.deepest[0] > MAX_DEPTH // 2 and depth(row) > MAX_DEPTH:
            raise self.error(f"nested more than {MAX_DEPTH} deep", self.deepest[1])
        return row

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
        while match and self.next != END and self.lexemes[self.i].position < match.end():
            self.i += 1

    def row(self, stops: frozenset[str], style: Style) -> Row:
        """Nodes up to one of `stops` or the end; the stop is left in place."""
        self.descend()
        outer: list[_Level] = []
        level = _Level(style)
        while True:
            if self.next in stops or self.next in (END, "}"):
                if level.opened is None:
                    break
                self.expect(r"\right", level.opened)
            elif self.next == r"\left":
                opened = self.take()
                outer.append(level)
                level = _Level(level.style, opened, self.delimiter(opened))
            elif self.next == r"\right" and outer:
                closed, inner = self.take(), level
                level = outer.pop()
                level.nodes += [*inner.before, *self.finished(inner), *self.delimiter(closed)]
                if is_script((level.nodes or [Symbol(EMPTY)])[-1]):
                    level.nodes.append(Symbol(EMPTY))  # what follows \right. is no script of what lies within
            elif self.next in symbols.FONT_SWITCHES:
                level.style = Style(symbols.FONT_SWITCHES[self.take().text], style.text)
            elif self.next in _INFIX:
                if level.infix:
                    raise self.error(f"a second {self.next} in one group; part them by braces")
                level.infix, level.nodes = (self.take(), simplified(level.nodes)), []
                if level.infix[0].text == r"\above":
                    self.dimension()
            elif not self.struck(level):
                level.nodes += self.node(level.style)
        self.depth -= 1
        return self.finished(level)

    def descend(self) -> None:
        self.depth += 1
        if self.depth > self.deepest[0]:
            self.deepest = self.depth, self.lexemes[self.i]
        if self.depth > _MAX_GROUPS:
            raise self.error(f"nested more than {_MAX_GROUPS} deep")

    def finished(self, level: _Level) -> Row:
        row = simplified(level.nodes)
        return self.infix(*level.infix, row) if level.infix else row

    def struck(self, level: _Level) -> bool:
        r"""Whether a slash and a symbol are drawn over each other here, D\!\!\!/ or /\!\!\!D, which is \not D."""
        if level.style.text or self.i < self.tried or not (self.next in spacing.MOVES or self.next in _SLASHES):
            return False
        mark, last = self.i, level.nodes[-1] if level.nodes else None
        if self.next in _SLASHES:
            self.take()
            if spacing.passed(self) <= spacing.STRUCK and self.next not in (*_SLASHES, *_SCRIPTS, "{", "}", END):
                following = self.atom(level.style)
                if following and _can_be_struck(following[0]):
                    level.nodes += [Symbol(NOT), *following, *self.scripts(level.style, following)]
                    return True
        elif spacing.passed(self) <= spacing.STRIKES and self.next in _SLASHES and _can_be_struck(last):
            self.take()
            level.nodes.insert(-1, Symbol(NOT))
            return True
        else:
            self.tried = self.i
        self.i = mark
        return False

    def infix(self, command: Lexeme, above: Row, below: Row) -> Row:
        if command.text in (r"\over", r"\above"):
            return (Construct(r"\frac{", (above, below)),)
        if command.text == r"\choose":
            return (Construct(r"\binom{", (above, below)),)
        stack = Array("matrix", ((above,), (below,)))
        before, after = {r"\brack": ("[", "]"), r"\brace": (r"\{", r"\}")}.get(command.text, ("", ""))
        return simplified([*_symbols(before), stack, *_symbols(after)])

    def argument(self, style: Style, command: Lexeme) -> Row:
        """A group in braces, or the one thing that follows."""
        self.skip_space()
        if self.next == "{":
            return self.group(style)
        if self.next in (END, "}", "&", r"\\", "^", "_", r"\left", r"\right") or self.next in _INFIX:
            found = "the end" if self.next == END else repr(self.next)
            raise self.error(f"{command.text} needs an argument, not {found}")
        if self.next[0] != "\\":
            return simplified(self.symbol(self.take(), style))
        self.descend()
        row = simplified(self.atom(style))
        self.depth -= 1
        return row

    def group(self, style: Style) -> Row:
        opened = self.take()
        row = self.row(frozenset(["}"]), style)
        self.expect("}", opened)
        return row

    # --- nodes -------------------------------------------------------------------------------------------------------

    def node(self, style: Style) -> list[Node]:
        """The next thing in a row, its scripts included."""
        if style.text and self.next in _SCRIPTS:
            if self.next != "'":
                raise self.error(f"{self.next} stands in text; put mathematics between $ and $")
            self.take()
            return [Construct("^{", (_symbols(r"\prime"),))]
        base = [] if self.next in _SCRIPTS else self.atom(style)
        scripts = [] if style.text else self.scripts(style, base)
        # {x_a}^b is not x_a^b: its b stands to the right of a
        return [*base, Symbol(EMPTY), *scripts] if base and scripts and is_script(base[-1]) else base + scripts

    def scripts(self, style: Style, base: Sequence[Node]) -> list[Node]:
        """The scripts of what has been read, in its font; one that is indented stands behind the other."""
        below: Row | None = None
        above: list[Node] | None = None
        indented = {"_": 0.0, "^": 0.0}
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
                indented["^"] = spacing.indent(self)
                above = [*(above or []), *self.argument(Style(style.font), command)]
            elif self.next == "_":
                command = self.take()
                if below is not None:
                    raise self.error("a second subscript; part them by {}", command)
                indented["_"] = spacing.indent(self)
                below = self.argument(Style(style.font), command)
            else:
                self.i = mark
                break
        lower = [Construct("_{", (below,))] if below else []
        upper = [Construct("^{", (simplified(above),))] if above else []
        if not (below and above) or (base and isinstance(base[-1], Symbol) and base[-1].token in _WITH_LIMITS):
            return [*lower, *upper]
        if spacing.behind(indented["^"], below):
            return [*lower, Symbol(EMPTY), *upper]
        return [*upper, Symbol(EMPTY), *lower] if spacing.behind(indented["_"], above) else [*lower, *upper]

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
            return list(self.nested(self.macros[name], style, at))
        if name in symbols.SYMBOLS:
            return _styled(name, style.font)
        if name in symbols.SYNONYMS:
            expansion = symbols.SYNONYMS[name]
            simple = expansion in symbols.SYMBOLS or len(expansion) == 1
            return _styled(expansion, style.font) if simple else list(self.nested(expansion, Style(), at))
        if name in symbols.EXPANSIONS:
            return list(self.nested(symbols.EXPANSIONS[name], style, at))
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

    def nested(self, source: str, style: Style, command: Lexeme) -> Row:
        """What a command stands for, read in its place; an error in it is the command's."""
        try:
            return self.within(source, split(source), style)
        except NotationError as error:
            raise self.error(f"{command.text} stands for {source!r}: {error.message}", command) from None

    def within(self, source: str, lexemes: Sequence[Lexeme], style: Style) -> Row:
        """These lexemes as a row of its own."""
        inner = _Parser(source, self.macros, lexemes)
        inner.depth = self.depth
        row = inner.row(frozenset(), style)
        if inner.next != END:
            raise inner.error(f"{inner.next!r} closes what nothing opened")
        return row

    def bracketed(self, lexemes: list[Lexeme], style: Style) -> Row:
        """What stands in an optional argument."""
        return self.within(self.source, [*lexemes, Lexeme(END, lexemes[-1].position + 1)], style) if lexemes else ()

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
            self.starred()
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
            below = self.bracketed(self.optional(), style)
            above = self.argument(style, at)
            if below and name == r"\xrightarrow":
                return [Construct(r"\xrightarrow[", (below, above))]
            return [Construct(name + "{", (above,))]
        if name == r"\sqrt":
            index = self.bracketed(self.optional(), Style())
            return [Construct(r"\sqrt[", (index, self.argument(style, at)))]
        if name + "{" in symbols.CONSTRUCTS:
            return [Construct(name + "{", (self.argument(style, at),))]
        if name in _BREAKS:
            self.optional()
            return []
        if name in _TEXT_ACCENTS and style.text:
            return [Construct(_TEXT_ACCENTS[name], (self.argument(style, at),))]
        special = {r"\begin": self.environment, r"\not": self.negated,
                   r"\dots": self.dots, r"\root": self.root, r"\buildrel": self.buildrel, r"\pmod": self.pmod,
                   r"\substack": self.substack, r"\textcolor": self.textcolor, r"\middle": self.middle,
                   r"\slashed": self.slashed, r"\rule": self.rule, r"\(": self.nothing, r"\)": self.nothing,
                   r"\[": self.nothing, r"\]": self.nothing, r"\matrix": self.plain_matrix,
                   r"\pmatrix": self.plain_matrix, r"\cases": self.plain_matrix, r"\pod": self.pmod,
                   r"\nicefrac": self.slanted, r"\sfrac": self.slanted, r"\raisebox": self.raised,
                   r"\raise": self.raised, r"\lower": self.raised, r"\makebox": self.boxed,
                   r"\right": self.unopened, r"\end": self.unopened}.get(name)
        if special is None:
            raise self.error(f"the formula notation has no command {at.text}", at)
        return special(at, style)

    def nothing(self, at: Lexeme, style: Style) -> list[Node]:
        return []

    def unopened(self, at: Lexeme, style: Style) -> list[Node]:
        raise self.error(f"{at.text!r} closes what nothing opened", at)

    def slanted(self, at: Lexeme, style: Style) -> list[Node]:
        above, below = self.argument(style, at), self.argument(style, at)
        return [Construct("^{", (above,)), Symbol("/"), Construct("_{", (below,))]

    def raised(self, at: Lexeme, style: Style) -> list[Node]:
        """What is moved up or down counts, its height does not."""
        if at.text != r"\raisebox":
            self.dimension()
            return list(self.argument(style, at))
        self.raw(at)
        return self.boxed(at, style)

    def boxed(self, at: Lexeme, style: Style) -> list[Node]:
        self.optional()
        self.optional()
        return list(self.argument(Style("mathrm", True), at))

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
            lines = [[line[0], tuple(n for cell in line[1:] for n in cell)] for line in lines]
        elif name == "array" and environment == "matrix" and _is_relation_column(lines):
            environment = "aligned"
            lines = [[line[0], tuple(n for cell in line[1:3] for n in cell), *line[3:]] for line in lines]
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
        while self.next.isspace() or self.next in symbols.IGNORED or self.next in symbols.NARROW_SPACES:
            self.take()
        following = self.argument(style, at)
        if not following or not isinstance(following[0], Symbol):
            raise self.error("\\not needs a symbol to strike out", at)
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
        word = self.nested(r"\mathrm{mod}", Style(), at) if at.text == r"\pmod" else ()
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


def _can_be_struck(node: Node | None) -> bool:
    return isinstance(node, Symbol) and node.token not in _NEVER_STRUCK


def _symbols(*tokens: str) -> Row:
    return tuple(Symbol(token) for token in tokens if token)


def _styled(token: str, font: str) -> list[Node]:
    # \mathbf leaves small Greek letters as they are, and capital ones it makes upright and bold, as \boldsymbol does
    if font == "mathbf" and token in symbols.CAPITAL_GREEK:
        font = "boldsymbol"
    elif font == "boldsymbol" and token in symbols.DIGITS:
        font = "mathbf"
    if font and token in symbols.FONTS[font]:
        return [Symbol(f"\\{font}{{{token}}}")]
    return [Symbol(token)]


def _is_relation_column(lines: list[list[Row]]) -> bool:
    """Whether the second cells of an array are relations, up to empty ones: then it is a column of equations."""
    seconds = [line[1] if len(line) > 1 else () for line in lines]
    relations = [len(cell) == 1 and isinstance(cell[0], Symbol) and cell[0].token in _RELATIONS for cell in seconds]
    return sum(relations) > 1 and all(is_one or not cell for is_one, cell in zip(relations, seconds, strict=True))


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
