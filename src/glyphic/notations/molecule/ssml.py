r"""SSML, the markup of the EDU-CHEMC data set, <-> lines of drawings.

Both of its spellings are read and written: `ssml_normed`, whose bonds have an angle and a length (`-[:24.0,1.0]`), and
`ssml_sd`, whose bonds have one of 24 directions (`-[:30]`). Tokens stand between spaces:

    \chemfig { ?[a] -[:90] =[:30] -[:330] branch( -[:0] B r branch) =[:270] -[:210] ?[a,{=}] } + H B r

Atoms are chemfig's, one character a token; `?[a,{=}]` is a double bond back to the atom that bears `?[a]`; a circle is
an atom `\circle` at the end of a `-:` bond. The bonds that only a target has (wavy, bold, dative ...) have no spelling
in SSML, and NotationError says so.

Order. SSML walks from the leftmost atom (of several the lowest) and takes circles, then bonds by their angle, ascending
from 0; the last of them stands in no branch, where a bond counts that is drawn from its other end (not so at the first
atom). This has been found out from labels, not read in a specification. Labels deviate where their sources wrote
negative angles (335 before 90), which the picture does not show.
"""

import math
import re
from collections.abc import Callable, Sequence

from glyphic.core.errors import NotationError
from glyphic.notations.molecule import texts
from glyphic.notations.molecule.graph import (
    DIRECTED,
    Arrow,
    ArrowKind,
    Atom,
    Bond,
    BondKind,
    Circle,
    Drawing,
    Plus,
    Scheme,
    beside,
    direction,
)
from glyphic.notations.molecule.layout import ring_towards
from glyphic.notations.molecule.tokens import STEP, angle_bin

# chemfig's glyph -> the kind, and whether it runs from the atom written first
GLYPHS: dict[str, tuple[BondKind, bool]] = {
    "-": (BondKind.SINGLE, True), "=": (BondKind.DOUBLE, True), "~": (BondKind.TRIPLE, True),
    "<": (BondKind.WEDGE, True), ">": (BondKind.WEDGE, False), "<:": (BondKind.HASH, True),
    ">:": (BondKind.HASH, False), "<|": (BondKind.HOLLOW, True), ">|": (BondKind.HOLLOW, False),
    "-:": (BondKind.DASHED, True)}
_GLYPH_OF = {bond: glyph for glyph, bond in GLYPHS.items()}
WORDS = {r"\triangle": "△", r"\bigtriangleup": "△", r"\downarrow": "↓", r"\uparrow": "↑", r"\textcelsius": "℃",
         r"\cdot": "·", r"\circ": "°", r"\sim": "~", r"\prime": "'", r"\%": "%", r"\alpha": "α", r"\beta": "β",
         r"\gamma": "γ", r"\nu": "ν", r"\phi": "φ", r"\psi": "ψ"}
_WORD_OF = {character: word for word, character in reversed(WORDS.items())}
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
_PLAIN_ARROWS = {r"\rightarrow": ArrowKind.RIGHT, r"\leftarrow": ArrowKind.LEFT, r"\Rightarrow": ArrowKind.RETRO,
                 r"\rightleftharpoons": ArrowKind.EQUILIBRIUM, r"\leftrightharpoons": ArrowKind.EQUILIBRIUM,
                 r"\rightleftarrows": ArrowKind.EQUILIBRIUM, r"\leftrightarrow": ArrowKind.RESONANCE}
_LONG_ARROWS = {r"\xrightarrow": ArrowKind.RIGHT, r"\xleftarrow": ArrowKind.LEFT, r"\xRightarrow": ArrowKind.RETRO,
                r"\xrightleftharpoons": ArrowKind.EQUILIBRIUM, r"\xleftrightarrow": ArrowKind.RESONANCE}
_PLAIN_OF = {kind: word for word, kind in reversed(_PLAIN_ARROWS.items())}
_LONG_OF = {kind: word for word, kind in _LONG_ARROWS.items()}

_BOND = re.compile(r"([-=~<>][:|]?)\[:(-?\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?\]")
_HOOK = re.compile(r"\?\[(\w+)(?:,\{([-=~<>][:|]?)\})?\]")
_STACKS = {r"\Chemabove": True, r"\chemabove": True, r"\Chembelow": False, r"\chembelow": False}


def is_ssml(text: str) -> bool:
    r"""Whether a text is meant as SSML: it has a command, `\chemfig` first of all, or something lowered, `_ { 2 }`.

    What follows the backslash of a SMILES, as in `C/C=N\OC`, has only letters of elements that need no bracket.
    """
    return bool(re.search(r"\\[A-Za-z]*[adefghijkmqtuvwxyz]|_ *\{", text))


def read(text: str) -> Scheme:
    """An SSML string -> its line; NotationError, with the position, for what has no place in a drawing."""
    reader = _Reader(text)
    parts = reader.line(())
    if not parts:
        raise NotationError("this SSML string draws nothing", text or " ", 0)
    return Scheme(tuple(parts))


class _Reader:
    """One pass over the tokens of a string."""

    def __init__(self, text: str):
        self.text = text
        self.tokens = [(found[0], found.start()) for found in re.finditer(r"\S+", text)]
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        if not token or (wanted and token != wanted):
            raise self.error(f"{wanted or 'another token'!r} is missing here")
        self.at += 1
        return token

    def error(self, message: str) -> NotationError:
        position = self.tokens[self.at][1] if self.at < len(self.tokens) else len(self.text)
        return NotationError(message, self.text or " ", position)

    def line(self, ends: Sequence[str]) -> list[Drawing | Plus | Arrow]:
        """Drawings and signs up to one of `ends`, which is left, or to the end of the string."""
        parts: list[Drawing | Plus | Arrow] = []
        row: list[Drawing] = []
        while self.peek() not in ("", *ends):
            token = self.peek()
            if token == r"\chemfig":
                self.take()
                self.take("{")
                if self.peek() != "}":
                    row.append(self.drawing())
                self.take("}")
                continue
            if token == r"\space":
                self.take()
                continue
            if token != "+" and token not in _PLAIN_ARROWS and token not in _LONG_ARROWS:
                stops = {"+", r"\chemfig", r"\space", *ends, *_PLAIN_ARROWS, *_LONG_ARROWS}
                row.append(Drawing((Atom(self.label(lambda t, stops=stops: t in stops),  # type: ignore[misc]
                                         0.0, 0.0),)))
                continue
            self.take()
            if row:
                parts.append(beside(row) if len(row) > 1 else row[0])
                row.clear()
            parts.append(Plus() if token == "+" else self.arrow(token))
        if row:
            parts.append(beside(row) if len(row) > 1 else row[0])
        return parts

    def arrow(self, token: str) -> Arrow:
        if token in _PLAIN_ARROWS:
            return Arrow(_PLAIN_ARROWS[token])
        sides: dict[str, tuple[Drawing | Plus, ...]] = {"[": (), "{": ()}
        for opener, closer in ("[]", "{}"):
            if self.peek() == opener:
                self.take()
                inner = self.line((closer,))
                if any(isinstance(part, Arrow) for part in inner):
                    raise self.error("an arrow stands at another arrow")
                sides[opener] = tuple(part for part in inner if not isinstance(part, Arrow))
                self.take(closer)
        return Arrow(_LONG_ARROWS[token], above=sides["{"], below=sides["["])

    def label(self, stops: Callable[[str], bool]) -> str:
        """The text of an atom up to a token that stops it."""
        first, written = self.at, ""
        while self.peek() and not stops(self.peek()):
            token = self.take()
            if token in _STACKS:
                sides = [self.group(), self.group()]
                written += "\n".join(reversed(sides) if _STACKS[token] else sides)
            elif token in ("_", "^"):
                inner = self.group()
                written += inner if token == "_" else "^{" + inner.replace("^", "").strip("{}") + "}"
            elif token == r"\textcircled":
                inner = self.group()
                if not (inner.isdigit() and 0 < int(inner) <= len(_CIRCLED)):
                    raise self.error(f"a circled {inner!r} has no token")
                written += _CIRCLED[int(inner) - 1]
            elif token in WORDS:
                written += WORDS[token]
            elif len(token) == 1 and token not in "{}^_\\":
                written += token
            else:
                self.at -= 1
                raise self.error(f"{token!r} has no place in the text of an atom")
        try:
            return texts.canonical(written)
        except NotationError as error:
            self.at = first
            raise self.error(error.message) from None

    def group(self) -> str:
        """What stands in the next braces, as a text."""
        self.take("{")
        inner = self.label(lambda token: token == "}")
        self.take("}")
        return inner

    def drawing(self) -> Drawing:
        """What stands between the braces of a \\chemfig."""
        labels: list[str] = []
        places: list[tuple[float, float]] = []
        bonds: list[Bond] = []
        circles: list[tuple[int, float, float]] = []
        hooks: dict[str, int] = {}
        stack: list[int] = []
        atom, fresh = -1, True  # fresh: the next text begins the atom `atom`

        def add(x: float, y: float) -> int:
            labels.append("")
            places.append((x, y))
            return len(labels) - 1

        def is_mark(token: str) -> bool:
            return (token in ("}", "branch(", "branch)", r"\circle", r"\chemfig", r"\space")
                    or bool(_BOND.fullmatch(token) or _HOOK.fullmatch(token)))

        atom = add(0.0, 0.0)
        while self.peek() not in ("", "}"):
            token = self.peek()
            if not is_mark(token):
                if not fresh:
                    raise self.error("a text must follow the bond that leads to its atom")
                labels[atom], fresh = self.label(is_mark), False
                continue
            if bond := _BOND.fullmatch(token):
                self.take()
                angle, length = math.radians(float(bond[2])), float(bond[3] or 1.0)
                x, y = places[atom]
                x, y = x + length * math.cos(angle), y - length * math.sin(angle)
                if self.peek() == r"\circle":
                    self.take()
                    circles.append((atom, x, y))
                    continue
                child = add(x, y)
                bonds.append(_bond(bond[1], atom, child))
                atom, fresh = child, True
            elif hook := _HOOK.fullmatch(token):
                if hook[1] in hooks:
                    begin, end = hooks.pop(hook[1]), atom
                    if begin == end or any({begin, end} == {b.begin, b.end} for b in bonds):
                        raise self.error("a second bond between the same atoms, or one from an atom to itself")
                    bonds.append(_bond(hook[2] or "-", begin, end))
                else:
                    hooks[hook[1]] = atom
                self.take()
            elif token == "branch(":
                self.take()
                stack.append(atom)
                fresh = False
            elif token == "branch)":
                if not stack:
                    raise self.error("a branch ends here that none has begun")
                self.take()
                atom, fresh = stack.pop(), False
            else:
                raise self.error(f"{token!r} has no place here")
        if stack:
            raise self.error("a branch is not closed")
        if hooks:
            raise self.error(f"the reconnections of {', '.join(sorted(hooks))} are not closed")
        try:
            bare = Drawing(tuple(Atom(t, x, y) for t, (x, y) in zip(labels, places, strict=True)), tuple(bonds))
        except NotationError as error:
            raise self.error(error.message) from None
        return Drawing(bare.atoms, bare.bonds, tuple(_circle(bare, *circle) for circle in circles))


def _bond(glyph: str, first: int, second: int) -> Bond:
    kind, forward = GLYPHS[glyph]
    return Bond(first, second, kind) if forward else Bond(second, first, kind)


def _circle(drawing: Drawing, atom: int, x: float, y: float) -> Circle:
    at = drawing.atoms[atom]
    ring = ring_towards(drawing, atom, direction(x - at.x, y - at.y))
    return Circle(tuple(ring) or (atom,), x, y)


# ---- writing


def write(scheme: Scheme | Drawing, lengths: bool = False) -> str:
    """A line or drawing -> SSML: ssml_sd, or with `lengths` ssml_normed; NotationError for what SSML cannot hold."""
    return " ".join(_line((scheme,) if isinstance(scheme, Drawing) else scheme.parts, lengths))


def _line(parts: Sequence[Drawing | Plus | Arrow], lengths: bool) -> list[str]:
    result: list[str] = []
    for part in parts:
        if isinstance(part, Drawing):
            result += _drawing(part, lengths)
        elif isinstance(part, Plus):
            result.append("+")
        elif part.above or part.below:
            below = ["[", *_line(part.below, lengths), "]"] if part.below else []
            result += [_LONG_OF[part.kind], *below, "{", *_line(part.above, lengths), "}"]
        else:
            result.append(_PLAIN_OF[part.kind])
    return result


def _drawing(drawing: Drawing, lengths: bool) -> list[str]:
    result: list[str] = []
    after_text = False
    for component in sorted(drawing.components, key=lambda atoms: min(drawing.atoms[i].x for i in atoms)):
        if len(component) == 1:
            result += [*([r"\space"] if after_text else []), *_label(drawing.atoms[component[0]].text)]
        else:
            result += [r"\chemfig", "{", *_Writer(drawing, lengths).component(component), "}"]
        after_text = len(component) == 1
    return result


def _label(text: str) -> list[str]:
    if "\n" in text:
        upper, lower = text.rsplit("\n", 1)
        return [r"\Chemabove", "{", *_label(lower), "}", "{", *_label(upper), "}"]
    result: list[str] = []
    for characters, level in texts.runs(text):
        spelled: list[str] = []
        for c in characters:
            spelled += ([r"\textcircled", "{", str(_CIRCLED.index(c) + 1), "}"] if c in _CIRCLED
                        else [_WORD_OF.get(c, c) if c != "'" else c])
        result += [*("_^"[level > 0] if level else ""), "{", *spelled, "}"] if level else spelled
    return result


class _Writer:
    """One component in SSML's order."""

    def __init__(self, drawing: Drawing, lengths: bool):
        self.drawing, self.lengths = drawing, lengths
        self.met: dict[int, int] = {}  # atom -> when it was met
        self.names: dict[frozenset[int], str] = {}  # the two atoms of a closing -> the name of the first
        self.closings: dict[int, list[Bond]] = {}  # atom met later -> its bonds to atoms met before
        self.children: dict[int, list[tuple[float, Bond]]] = {}
        self.circles: dict[int, list[Circle]] = {}
        for circle in drawing.circles:
            first = min(circle.atoms, key=self._place)
            self.circles.setdefault(first, []).append(circle)

    def _place(self, atom: int) -> tuple[float, float]:
        at = self.drawing.atoms[atom]
        return round(at.x, 3), -at.y

    def component(self, atoms: Sequence[int]) -> list[str]:
        first = min(atoms, key=self._place)
        self._walk(first)
        return self._written(first, first)

    def _angle(self, atom: int, bond: Bond) -> float:
        """Rounded to a tenth, so that 359.97 is 0."""
        return round(self.drawing.angle(atom, bond.other(atom)), 1) % 360.0

    def _walk(self, first: int) -> None:
        ahead: list[tuple[int, int, Bond | None]] = [(first, -1, None)]
        while ahead:
            atom, parent, arrival = ahead.pop()
            if atom in self.met:
                continue
            self.met[atom] = len(self.met)
            if arrival:
                self.children.setdefault(parent, []).append((self._angle(parent, arrival), arrival))
            around = sorted((bond for bond in self.drawing.neighbours[atom] if bond is not arrival),
                            key=lambda bond, atom=atom: self._angle(atom, bond))  # type: ignore[misc]
            for bond in around:
                if bond.other(atom) in self.met:
                    self.closings.setdefault(atom, []).append(bond)
            ahead += [(bond.other(atom), atom, bond) for bond in reversed(around) if bond.other(atom) not in self.met]
        count = 0
        for atom in sorted(self.met, key=self.met.__getitem__):  # names are given as they are first written
            later = [other for other in self.met for bond in self.closings.get(other, ()) if bond.other(other) == atom]
            for other in sorted(later, key=self.met.__getitem__):
                self.names[frozenset((atom, other))] = _name(count)
                count += 1

    def _written(self, atom: int, first: int) -> list[str]:
        result = _label(self.drawing.atoms[atom].text)
        opened = [other for other in self.met for bond in self.closings.get(other, ()) if bond.other(other) == atom]
        result += [f"?[{self.names[frozenset((atom, other))]}]" for other in sorted(opened, key=self.met.__getitem__)]
        for bond in self.closings.get(atom, ()):
            other = bond.other(atom)
            glyph = _glyph(bond, other)
            result.append(f"?[{self.names[frozenset((atom, other))]},{{{glyph}}}]")
        for circle in self.circles.get(atom, ()):
            at = self.drawing.atoms[atom]
            dx, dy = circle.x - at.x, circle.y - at.y
            result += ["branch(", self._aim("-:", direction(dx, dy), math.hypot(dx, dy)), r"\circle", "branch)"]
        children = sorted(self.children.get(atom, ()), key=lambda child: child[0])
        last = max((self.drawing.angle(atom, other) for other in opened), default=0.0) if atom != first else 0.0
        for i, (angle, bond) in enumerate(children):
            tokens = [self._bond(bond, atom), *self._written(bond.other(atom), first)]
            result += tokens if i == len(children) - 1 and angle >= last else ["branch(", *tokens, "branch)"]
        return result

    def _bond(self, bond: Bond, here: int) -> str:
        a, b = self.drawing.atoms[here], self.drawing.atoms[bond.other(here)]
        dx, dy = b.x - a.x, b.y - a.y
        return self._aim(_glyph(bond, here), direction(dx, dy), math.hypot(dx, dy))

    def _aim(self, glyph: str, angle: float, length: float) -> str:
        if self.lengths:
            return f"{glyph}[:{round(angle, 1) % 360.0},{round(length, 2)}]"
        return f"{glyph}[:{STEP * angle_bin(angle)}]"


def _glyph(bond: Bond, first: int) -> str:
    key = (bond.kind, bond.begin == first or bond.kind not in DIRECTED)
    if key not in _GLYPH_OF:
        raise NotationError(f"SSML has no {bond.kind} bonds; it has {', '.join(sorted({k for k, _ in _GLYPH_OF}))}")
    return _GLYPH_OF[key]


def _name(number: int) -> str:
    """a, b ... z, aa, ab ..."""
    return (_name(number // 26 - 1) if number >= 26 else "") + chr(ord("a") + number % 26)
