r"""The text of an atom -> units as a chemist reads them: elements with counts, groups, parts of the table, charges.

`NHC(=O)CH2Ph` is `N H (=O C)...` in units: what stands for what is decided by formulas.py; here is only the spelling.
A text may be cut in several ways (`COCs`, `NR2`); the likely ones come first.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import islice

from glyphic.notations.molecule.chemistry.abbreviations import Abbreviations
from glyphic.notations.molecule.chemistry.elements import SINGLE
from glyphic.notations.molecule.chemistry.fragments import Fragment, GroupAtom

READINGS = 6  # of one text that are tried

_ELEMENTS = ("Cl", "Br", "Si", "Se", "Sn", "Na", "Li", "Mg", "Zn", "Hg", "As", "Te", "Ge", "Cs", "Rb", "Al", "Ag",
             "C", "H", "N", "O", "S", "F", "P", "I", "B", "K", "D", "T")
_OPEN = re.compile(r"(R(?:f(?![a-z]))?|Ar|Het|Hal|X(?![a-z])|Z(?![a-z]))((?:\^\{[^}]*\}|\^[^{+\-·])?'*)")
_RAISED = re.compile(r"\^\{([^}]*)\}|\^(.)")
_CHARGE = re.compile(r"(\d*)([+-]+)")
_COUNT = re.compile(r"\d+")
_CLOSING = {"(": ")", "[": "]"}


@dataclass(frozen=True, slots=True)
class Atoms:
    """An element, or what is left open (symbol `*`), and how many of it."""

    symbol: str
    count: int = 1
    isotope: int = 0
    label: str = ""

    @property
    def single(self) -> bool:
        """Whether it has one bond only, and hangs at what stands beside it."""
        return self.symbol in SINGLE or self.symbol == "*"


@dataclass(frozen=True, slots=True)
class Part:
    """A group of the table, by its one open end."""

    fragment: Fragment
    count: int = 1


@dataclass(frozen=True, slots=True)
class Bracket:
    """What stands in brackets, and how often."""

    units: "tuple[Unit, ...]"
    count: int = 1


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge, or an unpaired electron, of an atom beside it."""

    value: int = 0
    radical: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A written bond."""

    order: int


Unit = Atoms | Part | Bracket | Charge | Line


def readings(text: str, table: Abbreviations, backwards: bool = False) -> Iterator[tuple[Unit, ...]]:
    """The ways to cut a canonical text into units, at most READINGS of them, likely ones first.

    backwards: the text is one that stands to the left of its bond (`O2NH2C`); its units come in the order of reading,
    from right to left.
    """
    cuts = islice(_cuts(text.replace("\n", ""), 0, _names(table, backwards)), READINGS)
    for cut in cuts:
        units = _with_chains(tuple(unit for unit, _ in cut))
        yield reversed_units(units) if backwards else units


class _Names:
    """Names of parts, likely ones and others, and the length of the longest."""

    def __init__(self, likely: Mapping[str, Fragment], others: Mapping[str, Fragment]):
        self.likely, self.others = likely, others
        self.longest = max(map(len, (*likely, *others)), default=0)

    def at(self, text: str, at: int, names: Mapping[str, Fragment]) -> Iterator[tuple[Part, int]]:
        for length in range(min(self.longest, len(text) - at), 0, -1):
            if text[at:at + length] in names:
                count, end = _count(text, at + length)
                yield Part(names[text[at:at + length]], count), end


@lru_cache(maxsize=16)
def _names(table: Abbreviations, backwards: bool) -> _Names:
    """Backwards, what is spelled with elements (NO2) is turned as the text is (O2N), at least likely so."""
    fragments = {name: part.fragment for name, part in table.parts.items()}
    if not backwards:
        return _Names(fragments, {})
    names = {name: part.fragment for name, part in table.parts.items() if not part.turns}
    bare = _unturned(table)
    for name, part in table.parts.items():
        if part.turns and part.weight:
            names.setdefault(_turned(name, bare), part.fragment)
    return _Names(names, fragments)


@lru_cache(maxsize=16)
def _unturned(table: Abbreviations) -> _Names:
    return _Names({name: part.fragment for name, part in table.parts.items() if not part.turns}, {})


@lru_cache(maxsize=4096)
def turned(text: str, table: Abbreviations) -> str:
    """A text as it stands to the left of its bond: `CO2Me` -> `MeO2C`, `NMe3^+` -> `Me3N^+`; itself if nothing fits."""
    return _turned(text, _unturned(table))


def _turned(text: str, names: _Names) -> str:
    cut = next(_cuts(text, 0, names), None)
    if not cut:
        return text
    charges = "".join(piece for unit, piece in cut if isinstance(unit, Charge))
    body = "".join(piece for unit, piece in reversed(cut) if not isinstance(unit, Charge))
    return charges + body if "-" in charges else body + charges


def reversed_units(units: tuple[Unit, ...]) -> tuple[Unit, ...]:
    """Units from right to left, those in brackets too: `CH3O` -> `O H3 C`."""
    return tuple(replace(unit, units=reversed_units(unit.units)) if isinstance(unit, Bracket) else unit
                 for unit in reversed(units))


def _cuts(text: str, at: int, names: _Names) -> Iterator[tuple[tuple[Unit, str], ...]]:
    """The ways to cut text[at:] into units, each with its spelling."""
    if at == len(text):
        yield ()
        return
    for unit, end in _first(text, at, names):
        for rest in _cuts(text, end, names):
            yield ((unit, text[at:end]), *rest)


def _first(text: str, at: int, names: _Names) -> Iterator[tuple[Unit, int]]:
    character = text[at]
    if character in "([":
        end = _partner(text, at)
        if end:
            count, behind = _count(text, end + 1)
            for cut in islice(_cuts(text[at + 1:end], 0, names), 3):
                if cut:
                    yield Bracket(_with_chains(tuple(unit for unit, _ in cut)), count), behind
        return
    raised = _RAISED.match(text, at)
    if raised:
        inner = raised[1] or raised[2]
        charge = _CHARGE.fullmatch(inner)
        if charge:
            amount = int(charge[1] or 1) * len(charge[2]) if charge[1] != "0" else 0
            yield Charge(amount if charge[2][0] == "+" else -amount), raised.end()
        elif inner == "·":
            yield Charge(radical=1), raised.end()
        elif inner.isdigit() and raised.end() < len(text) and text[raised.end()].isupper():
            for unit, end in _first(text, raised.end(), names):
                if isinstance(unit, Atoms) and unit.symbol != "*":
                    yield replace(unit, isotope=int(inner)), end
    if character == "-" and at == len(text) - 1:
        yield Charge(-1), at + 1  # COO-
    elif character in "-=#":
        yield Line("-=#".index(character) + 1), at + 1
    if text.startswith("n-C", at):
        yield from _first(text, at + 2, names)  # n-C4H9: chains are straight anyway
    yield from names.at(text, at, names.likely)
    variable = _OPEN.match(text, at)
    if variable:
        label = variable[1] + _RAISED.sub(lambda m: m[1] or m[2], variable[2])
        count, end = _count(text, variable.end())
        if count > 1 or end > variable.end():
            yield Atoms("*", 1, label=label + text[variable.end():end]), end
        yield Atoms("*", count, label=label), end
    for symbol in _ELEMENTS:
        if text.startswith(symbol, at):
            count, end = _count(text, at + len(symbol))
            isotope = {"D": 2, "T": 3}.get(symbol, 0)
            yield Atoms("H" if isotope else symbol, count, isotope), end
    yield from names.at(text, at, names.others)


def _count(text: str, at: int) -> tuple[int, int]:
    found = _COUNT.match(text, at)
    return (min(int(found[0]), 60), found.end()) if found and found[0] != "0" else (1, at)


def _partner(text: str, at: int) -> int:
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] in "([") - (text[i] in ")]")
        if not depth:
            return i if text[i] == _CLOSING[text[at]] else 0
    return 0


def _with_chains(units: tuple[Unit, ...]) -> tuple[Unit, ...]:
    """`C4 H9`, `H9 C4`, `C2 F5` and `C3 H6` become chains; all else stays as it is."""
    result: list[Unit] = []
    for unit in units:
        chain = _alkyl(result[-1], unit) or _alkyl(unit, result[-1]) if result else None
        if chain:
            result[-1] = chain
        else:
            result.append(unit)
    return tuple(result)


def _alkyl(carbon: Unit, other: Unit) -> Part | None:
    if not isinstance(carbon, Atoms) or not isinstance(other, Atoms) or carbon.symbol != "C" or carbon.isotope:
        return None
    if other.symbol not in ("H", "F", "Cl") or not 1 < carbon.count <= 40:
        return None
    return _chain(carbon.count, other.count, other.symbol, other.isotope)


@cache
def _chain(carbons: int, others: int, symbol: str, isotope: int) -> Part | None:
    if others not in (2 * carbons, 2 * carbons + 1):
        return None
    light = symbol == "H" and not isotope
    atoms = [GroupAtom("C")] * carbons
    bonds = [(i, i + 1, 1) for i in range(carbons - 1)]
    for i in range(carbons):
        for _ in range(0 if light else 2 + (i == carbons - 1 and others > 2 * carbons)):
            bonds.append((i, len(atoms), 1))
            atoms.append(GroupAtom(symbol, isotope=isotope))
    ends = ((0, 1),) if others > 2 * carbons else ((0, 1), (carbons - 1, 1))
    return Part(Fragment(tuple(atoms), tuple(bonds), ends))
