r"""Files of LaTeX formulas -> the texts that training pictures are made of, with a part held out for good.

A strings file has a line `source<TAB>formula` each. Whatever a file's authors defined for themselves (`\Spec`) is
spelled out by the macros below.
"""

import hashlib
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from glyphic.core.errors import NotationError, OptionError
from glyphic.notations.latex import to_text, to_tokens
from glyphic.notations.latex.parser import parse
from glyphic.notations.latex.render import typeset
from glyphic.notations.latex.sampler import Recombiner
from glyphic.notations.latex.tree import Row

MACROS = {f"\\{name}": f"\\mathop{{\\rm {name}}}\\nolimits" for name in (
    "Spec Hom Ker Coker Ext Mor Ob Sch Sh QCoh NL CH Tor Pic Proj Aut End Gal Isom Fun Sets Ab Br Tr id Lim Im Fib rank"
    " depth length Quot Stacks Spaces Coh Res Supp Ann Frac Rep Mod Alg dim Arrows Zariski etale fppf").split()
} | {r"\colim": r"\mathop{\rm colim}", r"\SheafHom": r"\mathop{\mathcal{H}\!\mathit{om}}", r"\defeq": ":=",
     r"\opp": r"\mathrm{op}", r"\jdeq": r"\equiv", r"\eqv": r"\simeq", r"\ct": r"\cdot", r"\N": r"\mathbb{N}",
     r"\Z": r"\mathbb{Z}", r"\R": r"\mathbb{R}", r"\Q": r"\mathbb{Q}", r"\C": r"\mathbb{C}", r"\UU": r"\mathcal{U}"}


@dataclass(frozen=True)
class Formula:
    """One formula of a strings file: as written there, and its tree."""

    source: str
    text: str
    row: Row
    plain: bool  # written without macros: LaTeX can set it as it stands


def read_strings(path: Path, exclude: frozenset[str] = frozenset()) -> list[Formula]:
    """The formulas of a strings file that the notation holds, each canonical spelling once, without the excluded.

    exclude: what `bare` gives of the texts that must stay unseen.
    """
    seen: set[str] = set()
    formulas = []
    for line in path.read_text(encoding="utf-8").splitlines():
        source, tab, text = line.partition("\t")
        formula = _formula(source, text) if tab else None
        if formula is None:
            continue
        canonical = to_text(formula.row)
        if len(to_tokens(formula.row)) > 1 and canonical not in seen and _stripped(canonical) not in exclude:
            seen.add(canonical)
            formulas.append(formula)
    return formulas


def held_out(path: Path, source: str, count: int) -> list[str]:
    """The `count` texts of one source whose hashes are lowest: the same on every machine, never to be trained on.

    Errors: OptionError for a source that the file does not have.
    """
    lines = [line.partition("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    texts = {text for name, _, text in lines if name == source}
    if not texts:
        names = ", ".join(sorted({name for name, tab, _ in lines if tab})) or "none"
        raise OptionError(f"{path} has no formulas of the source {source!r}; it has: {names}")
    return sorted(texts, key=lambda text: hashlib.sha256(text.encode()).hexdigest())[:count]


def bare(texts: Iterable[str]) -> frozenset[str]:
    """Canonical spellings without the punctuation behind them, of those texts that the notation holds.

    `x=1,` and `x=1` are one formula when it comes to what was trained on.
    """
    formulas = (_formula("", text) for text in texts)
    return frozenset(_stripped(to_text(formula.row)) for formula in formulas if formula)


def plain_pictures(texts: Sequence[str]) -> Iterator[tuple[npt.NDArray[np.uint8], str]]:
    """Each text that LaTeX can set, as it sets it by itself (Computer Modern, 200 dpi), with a margin."""
    spelled = []
    for text in texts:
        formula = _formula("", text)
        spelled.append(text if formula is None or formula.plain else to_text(formula.row))
    for start in range(0, len(texts), 100):
        made = typeset(spelled[start:start + 100])
        for text, rendering in zip(texts[start:start + 100], made, strict=True):
            if rendering is not None:
                yield np.pad(rendering.pixels, 8, constant_values=255), text


def _formula(source: str, text: str) -> Formula | None:
    try:
        return Formula(source, text, parse(text), True)
    except NotationError:
        try:
            return Formula(source, text, parse(text, MACROS), False)
        except NotationError:
            return None


def _stripped(canonical: str) -> str:
    return canonical.rstrip(".,;")


class FormulaSource:
    """A random source of formulas: those of a corpus as written, and recombinations of them.

    weights: source name -> how often, relative to the others, it is drawn from; the default is 1.
    exclude: as for `read_strings`; no recombination hits one of these by chance.
    longer: this share of the formulas is the longer one of two, since pages display longer ones than corpora hold.
    """

    def __init__(self, formulas: Sequence[Formula], weights: Mapping[str, float], recombined: float = 0.7,
                 exclude: frozenset[str] = frozenset(), longer: float = 0.5):
        names = sorted({f.source for f in formulas})
        if not names or set(weights) - set(names):
            raise OptionError(f"there are formulas of the sources {', '.join(names) or 'none'}; "
                              f"got weights for {', '.join(sorted(weights)) or 'none'}")
        self.groups = [[f for f in formulas if f.source == name] for name in names]
        self.recombiners = [Recombiner([f.row for f in group]) for group in self.groups]
        self.weights = [weights.get(name, 1.0) for name in names]
        self.recombined, self.exclude, self.longer = recombined, exclude, longer

    def __call__(self, rng: random.Random) -> str:
        k = rng.choices(range(len(self.groups)), self.weights)[0]
        return max((self._draw(k, rng) for _ in range(2 if rng.random() < self.longer else 1)), key=len)

    def _draw(self, k: int, rng: random.Random) -> str:
        while rng.random() < self.recombined:
            text = to_text(self.recombiners[k].sample(rng))
            if _stripped(text) not in self.exclude:
                return respell(text, rng)
        formula = rng.choice(self.groups[k])
        return formula.text if formula.plain and rng.random() < 0.8 else respell(to_text(formula.row), rng)


def respell(text: str, rng: random.Random) -> str:
    r"""Another spelling of a canonical text, as authors write: other spaces, other sizes of delimiters.

    It means the same, but for a full stop, comma or semicolon that may come behind it.
    """
    if rng.random() < 0.3:
        size = rng.choice(("", "", r"\big", r"\Big"))
        text = re.sub(r"(\\\\)?\\([a-zA-Z]+|.)", lambda command: _resized(command, size), text)
    elif rng.random() < 0.2 and _in_order(text):
        text = text.replace("(", r"\left(").replace(")", r"\right)")
    if rng.random() < 0.3 and r"\text" not in text:
        text = text.replace(",", "," + rng.choice((r"\,", r"\;", r"\quad{}", r"\ ", r"\qquad{}")))
    if rng.random() < 0.3 and r"\text" not in text:
        text = text + rng.choice(("", r"\,", r"\;", r"\ ", "~")) + rng.choice(".,;")
    return text


def _resized(command: re.Match[str], size: str) -> str:
    r"""`\left` and `\right` become `size`; a bracket right after a line's end would be the argument of `\\`."""
    line_end, name = command[1], command[2]
    return command[0] if name not in ("left", "right") else (line_end + "{}" if line_end else "") + size


def _in_order(text: str) -> bool:
    """Whether every parenthesis has its partner and none of them stands in a construct, array or longer pair."""
    depth = 0
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0 or character == "}":
            return False
    return depth == 0 and r"\left" not in text
