"""Formulas -> new formulas, by exchanging letters, branches and sides between them: millions from thousands.

The crude synthesis that lifted every architecture in CROHME 2023 was text from a corpus; recombination keeps its
statistics (which symbols meet, how deep scripts go) and yet hardly ever repeats itself.
"""

import random
from collections.abc import Callable, Sequence

from glyphic.notations.latex import symbols
from glyphic.notations.latex.parser import parse
from glyphic.notations.latex.text import to_text
from glyphic.notations.latex.tree import EMPTY, Array, Construct, Node, Row, Symbol, is_script, simplified

_CLASSES = (
    tuple("abcdefghijklmnopqrstuvwxyz"), tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), tuple("0123456789"),
    symbols.GREEK[:29], symbols.GREEK[29:], symbols.OPERATORS, symbols.LARGE, symbols.RELATIONS, symbols.ARROWS,
    symbols.BINARY, symbols.ORDINARY,
    *(tuple(f"\\{font}{{{c}}}" for c in characters) for font, characters in symbols.FONTS.items()),
)
_CLASS_OF = {token: tokens for tokens in _CLASSES for token in tokens}
_STYLED = {letter: tuple(f"\\{font}{{{letter}}}" for font, letters in symbols.FONTS.items() if letter in letters)
           for letter in symbols.LETTERS}
_RARE = (symbols.RELATIONS, symbols.ARROWS, symbols.BINARY, symbols.ORDINARY, symbols.GREEK, symbols.LARGE)
_ALIGNED = frozenset(["=", "<", ">", *symbols.RELATIONS])
_SIDES = _ALIGNED | {",", r"\rightarrow"}

ECHOED = 0.25  # of the recombinations have a term that comes again
LINED = 0.1  # stand in several lines, where some of the corpus do
STAGGERED = 0.1  # have a tensor whose indices stand one behind the other, where some of the corpus have
_INDEXED = (*"ABCDEFGHKLMNPQRSTUVWXYZabcefghmpqtuvwxyz", r"\Gamma", r"\Lambda", r"\epsilon", r"\delta", r"\omega")
_JOINTS = ("", "", "", "+", "+", "-", ",", "=")

SEEDS = tuple(r"""
E=mc^2
x=\frac{-b\pm\sqrt{b^2-4ac}}{2a}
e^{i\pi}+1=0
\int_{-\infty}^{\infty}e^{-x^2}dx=\sqrt{\pi}
\sum_{n=1}^{\infty}\frac{1}{n^2}=\frac{\pi^2}{6}
\nabla\times\mathbf{E}=-\frac{\partial\mathbf{B}}{\partial t}
i\hbar\frac{\partial}{\partial t}\Psi(\mathbf{r},t)=\hat{H}\Psi(\mathbf{r},t)
\lim_{x\to 0}\frac{\sin x}{x}=1
\left(\begin{array}{cc}a&b\\c&d\end{array}\right)^{-1}=\frac{1}{ad-bc}\begin{pmatrix}d&-b\\-c&a\end{pmatrix}
f(x)=\begin{cases}x^2&\text{if }x>0\\0&\text{otherwise}\end{cases}
R_{\mu\nu}-\frac{1}{2}Rg_{\mu\nu}+\Lambda g_{\mu\nu}=\frac{8\pi G}{c^4}T_{\mu\nu}
P(A|B)=\frac{P(B|A)P(A)}{P(B)}
\oint_{\partial\Sigma}\mathbf{F}\cdot d\mathbf{r}=\iint_\Sigma(\nabla\times\mathbf{F})\cdot d\mathbf{S}
\binom{n}{k}=\frac{n!}{k!(n-k)!}
\begin{aligned}a&=b+c\\&=d-e\end{aligned}
\det(A-\lambda I)=0
\langle\phi|\hat{O}|\psi\rangle=\int\phi^*(x)\hat{O}\psi(x)\,dx
\mathcal{L}=\bar{\psi}(i\gamma^\mu D_\mu-m)\psi-\frac{1}{4}F_{\mu\nu}F^{\mu\nu}
\forall\epsilon>0\;\exists\delta>0:|x-a|<\delta\Rightarrow|f(x)-f(a)|<\epsilon
\Gamma(z)=\int_0^\infty t^{z-1}e^{-t}\,dt
\sqrt[3]{x^3+y^3}\leq\sqrt{x^2+y^2}
\hat{\theta}=\arg\max_{\theta}\prod_{i=1}^{n}p(x_i|\theta)
\mathbb{R}^n\setminus\{0\}\cong S^{n-1}\times\mathbb{R}_{+}
x_{n+1}=x_n-\frac{f(x_n)}{f'(x_n)}
\overline{z_1z_2}=\bar{z}_1\,\bar{z}_2
\|u+v\|\leq\|u\|+\|v\|
\frac{d}{dx}\left(\int_a^xf(t)\,dt\right)=f(x)
A\xrightarrow{f}B\hookrightarrow C
\mathfrak{g}=\mathfrak{k}\oplus\mathfrak{p}
\sigma^2=\frac{1}{N}\sum_{i=1}^{N}(x_i-\mu)^2
\zeta(s)=\prod_p\frac{1}{1-p^{-s}},\quad\Re(s)>1
\lfloor x\rfloor\leq x<\lfloor x\rfloor+1
\underbrace{1+1+\cdots+1}_{n}=n
\vec{F}=m\ddot{\vec{x}}
A\cup(B\cap C)=(A\cup B)\cap(A\cup C)
H^{k}(X;\mathbb{Z})\otimes\mathbb{Q}
T^{\mu}{}_{\nu}=g^{\mu\rho}T_{\rho\nu}
a\equiv b\pmod{n}
0\longrightarrow A\longrightarrow B\longrightarrow C\longrightarrow 0
\tan^{-1}\left(\frac{y}{x}\right)
""".strip().splitlines())


class Recombiner:
    """A source of formulas made from the parts of others."""

    def __init__(self, rows: Sequence[Row]):
        self.rows = [row for row in rows if row]
        self.sides: list[Row] = []
        self.parts: dict[str, list[Node]] = {}
        for row in self.rows:
            self.sides += _split(row)
            for node in row:
                self._collect(node)
        self.lines = any(isinstance(node, Array) and len(node.cells) > 1 for row in self.rows for node in _nodes(row))
        self.staggers = any(node == Symbol(EMPTY) for row in self.rows for node in _nodes(row))

    def _collect(self, node: Node) -> None:
        if isinstance(node, Construct):
            self.parts.setdefault(node.opener, []).append(node)
            for argument in node.arguments:
                for inner in argument:
                    self._collect(inner)

    def sample(self, rng: random.Random) -> Row:
        """A new formula: one of the corpus, or two spliced at their relations, with branches and letters exchanged."""
        row = rng.choice(self.rows)
        if rng.random() < 0.6:
            row = self._splice(row, rng)
        branches = rng.choice((0.0, 0.1, 0.25))
        row = _mapped(row, lambda node: self._branch(node, rng, branches))
        letters = _exchange(rng, rng.choice((0.0, 0.3, 0.6)))
        row = _renamed(row, letters)
        if rng.random() < 0.15:
            row = _rarer(row, rng)
        if rng.random() < ECHOED:
            row = _echoed(row, rng)
        if self.staggers and rng.random() < STAGGERED:
            row = _staggered(row, rng)
        if self.lines and row and rng.random() < LINED:
            row = self._lined(row, rng)
        return row if row else rng.choice(self.rows)

    def _splice(self, row: Row, rng: random.Random) -> Row:
        sides = _split(row)
        for i in range(len(sides)):
            if rng.random() < 0.5:
                sides[i] = rng.choice(self.sides)
        while len(sides) > 1 and rng.random() < 0.2:
            sides.pop(rng.randrange(len(sides)))
        return simplified([node for side in sides for node in side])

    def _lined(self, row: Row, rng: random.Random) -> Row:
        """Two to four lines, the row among them: aligned at their relations, or flush left. A row that has lines of its
        own stays as it is."""
        if _holds_array(row):
            return row
        more = rng.choice((1, 1, 1, 2, 3))
        lines = [row, *(_renamed(rng.choice(self.rows), _exchange(rng, 0.3)) for _ in range(more))]
        rng.shuffle(lines)
        lines = [line for line in lines if not _holds_array(line)]
        if len(lines) < 2:
            return row
        if rng.random() < 0.3:
            return (Array("matrix", tuple((line,) for line in lines)),)
        cells: list[tuple[Row, ...]] = []
        for line in lines:
            at = next((i for i, node in enumerate(line) if isinstance(node, Symbol) and node.token in _ALIGNED), None)
            left, right = (line[:at], line[at:]) if at is not None else ((), (Symbol("="), *line))
            cells.append((() if cells and rng.random() < 0.4 else left, right))
        return (Array("aligned", tuple(cells)),)

    def _branch(self, node: Node, rng: random.Random, share: float) -> Node:
        if isinstance(node, Construct) and rng.random() < share:
            return rng.choice(self.parts[node.opener])
        return node


def sample(rng: random.Random) -> str:
    """A random formula from the parts of a few dozen well-known ones."""
    global _seeds
    _seeds = _seeds or Recombiner([parse(text) for text in SEEDS])
    return to_text(_seeds.sample(rng))


_seeds: Recombiner | None = None


def _split(row: Row) -> list[Row]:
    """A row -> pieces that end with a relation or a comma."""
    sides: list[Row] = []
    start = 0
    for i, node in enumerate(row):
        if isinstance(node, Symbol) and node.token in _SIDES:
            sides.append(row[start:i + 1])
            start = i + 1
    return [side for side in (*sides, row[start:]) if side]


def _mapped(row: Row, change: Callable[[Node], Node]) -> Row:
    """The row with `change` applied to every node, from the outside in."""
    result: list[Node] = []
    for node in row:
        node = change(node)
        if isinstance(node, Construct):
            node = Construct(node.opener, tuple(_mapped(argument, change) for argument in node.arguments))
        elif isinstance(node, Array):
            node = Array(node.environment, tuple(tuple(_mapped(cell, change) for cell in line) for line in node.cells))
        result.append(node)
    return simplified(result)


def _holds_array(row: Row) -> bool:
    return any(isinstance(node, Array) for node in row)


def _renamed(row: Row, names: Callable[[str], str]) -> Row:
    return _mapped(row, lambda node: Symbol(names(node.token)) if isinstance(node, Symbol) else node)


def _rarer(row: Row, rng: random.Random) -> Row:
    """One letter takes another font, one symbol becomes any of its kind, one accent another: what no corpus shows
    often enough to be learned."""
    present = sorted({node.token for node in _nodes(row) if isinstance(node, Symbol)})
    names: dict[str, str] = {}
    letters = [token for token in present if token in _STYLED]
    if letters and rng.random() < 0.6:
        letter = rng.choice(letters)
        names[letter] = rng.choice(_STYLED[letter])
    others = [(token, kind) for token in present for kind in _RARE
              if token in kind or (token in "=<>" and kind is symbols.RELATIONS)
              or (token in "+-" and kind is symbols.BINARY)]
    if others and rng.random() < 0.6:
        token, kind = rng.choice(others)
        names[token] = rng.choice(kind)
    accent = rng.choice(symbols.ACCENTS) + "{"

    def change(node: Node) -> Node:
        if isinstance(node, Symbol):
            return Symbol(names.get(node.token, node.token))
        if isinstance(node, Construct) and node.opener[:-1] in symbols.ACCENTS and rng.random() < 0.5:
            return Construct(accent, node.arguments)
        return node

    return _mapped(row, change)


def _echoed(row: Row, rng: random.Random) -> Row:
    """A term comes again, once to three times, with other letters or the same: products of a symbol with many indices,
    sums of like terms, lists. Where all looks alike, networks lose their place: they leave a term out, write it twice,
    or go on behind another one.
    """
    starts = [i for i, node in enumerate(row) if not is_script(node)]
    if not starts:
        return row
    first = rng.randrange(len(starts))
    end = [*starts, len(row)][min(first + rng.randint(1, 6), len(starts))]
    term, again = row[starts[first]:end], list[Node]()
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        letters = _exchange(rng, rng.choice((0.0, 0.2, 0.5)))
        again += [Symbol(joint) for joint in rng.choice(_JOINTS)]
        again += _renamed(term, letters)
    return simplified([*row[:end], *again, *row[end:]])


def _staggered(row: Row, rng: random.Random) -> Row:
    """A tensor comes in whose upper and lower indices stand one behind the other, as in R^{a}{}_{b}{}^{c}."""
    letters = rng.choice((tuple("abcdefijklmn"), symbols.GREEK[:23]))
    made: list[Node] = [Symbol(rng.choice(_INDEXED))]
    upper = rng.random() < 0.5
    for number in range(rng.choice((2, 2, 2, 3, 4))):
        if number:
            made.append(Symbol(EMPTY))
        index = tuple(Symbol(rng.choice(letters)) for _ in range(rng.choice((1, 1, 1, 2, 2, 3))))
        made.append(Construct("^{" if upper else "_{", (index,)))
        upper = not upper
    at = rng.choice([i for i, node in enumerate((*row, None)) if node is None or not is_script(node)])
    return simplified([*row[:at], *made, *row[at:]])


def _nodes(row: Row) -> list[Node]:
    """All nodes of a row and of what is in them."""
    found: list[Node] = []
    for node in row:
        found.append(node)
        inner = node.arguments if isinstance(node, Construct) else ()
        cells = tuple(cell for line in node.cells for cell in line) if isinstance(node, Array) else ()
        for part in (*inner, *cells):
            found += _nodes(part)
    return found


def _exchange(rng: random.Random, share: float) -> Callable[[str], str]:
    """A consistent renaming: each symbol is, with the given chance, another of its class throughout the formula."""
    names: dict[str, str] = {}

    def rename(token: str) -> str:
        if token not in names:
            change = token in _CLASS_OF and rng.random() < share * (0.3 if len(token) > 1 else 1.0)
            names[token] = rng.choice(_CLASS_OF[token]) if change else token
        return names[token]

    return rename
