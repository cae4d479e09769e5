r"""Files of LaTeX formulas -> the texts that training pictures are made of, with a part held out for good.

A strings file has a line `source<TAB>formula` each. Whatever a file's authors defined for themselves (`\Spec`) is
spelled out by the macros below.
"""

import hashlib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glyphic.core.errors import NotationError
from glyphic.notations.latex import to_text, to_tokens
from glyphic.notations.latex.parser import parse
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
    """The formulas of a strings file that the notation holds, each canonical spelling once, without the excluded."""
    seen = set(exclude)
    formulas = []
    for line in path.read_text(encoding="utf-8").splitlines():
        source, _, text = line.partition("\t")
        try:
            row, plain = parse(text), True
        except NotationError:
            try:
                row, plain = parse(text, MACROS), False
            except NotationError:
                continue
        canonical = to_text(row)
        if len(to_tokens(row)) > 1 and canonical not in seen:
            seen.add(canonical)
            formulas.append(Formula(source, text, row, plain))
    return formulas


def held_out(path: Path, source: str, count: int) -> list[str]:
    """The `count` texts of one source whose hashes are lowest: the same on every machine, never to be trained on."""
    texts = {text for line in path.read_text(encoding="utf-8").splitlines()
             for name, _, text in [line.partition("\t")] if name == source}
    return sorted(texts, key=lambda text: hashlib.sha256(text.encode()).hexdigest())[:count]


def canonical_or_none(text: str) -> str | None:
    try:
        return to_text(parse(text))
    except NotationError:
        return None


class FormulaSource:
    """A random source of formulas: those of a corpus as written, and recombinations of them.

    weights: source name -> how often, relative to the others, it is drawn from; the default is 1.
    """

    def __init__(self, formulas: Sequence[Formula], weights: dict[str, float], recombined: float = 0.7):
        names = sorted({f.source for f in formulas})
        self.groups = [[f for f in formulas if f.source == name] for name in names]
        self.recombiners = [Recombiner([f.row for f in group]) for group in self.groups]
        self.weights = [weights.get(name, 1.0) for name in names]
        self.recombined = recombined

    def __call__(self, rng: random.Random) -> str:
        k = rng.choices(range(len(self.groups)), self.weights)[0]
        if rng.random() < self.recombined:
            return respell(to_text(self.recombiners[k].sample(rng)), rng)
        formula = rng.choice(self.groups[k])
        return formula.text if formula.plain and rng.random() < 0.8 else respell(to_text(formula.row), rng)


def respell(text: str, rng: random.Random) -> str:
    """Another spelling of a canonical text, as authors write: other spaces, other sizes of delimiters."""
    if rng.random() < 0.3:
        size = rng.choice(("", "", r"\big", r"\Big"))
        text = re.sub(r"\\(left|right)(?![a-zA-Z])", lambda _: size, text)
    elif rng.random() < 0.2 and text.count("(") == text.count(")") and r"\left" not in text and "}" not in text:
        text = text.replace("(", r"\left(").replace(")", r"\right)")
    if rng.random() < 0.3:
        text = text.replace(",", "," + rng.choice((r"\,", r"\;", r"\quad{}", r"\ ", r"\qquad{}")))
    if rng.random() < 0.3 and r"\text" not in text:
        text = text + rng.choice(("", r"\,", r"\;", r"\ ", "~")) + rng.choice(".,;")
    return text
