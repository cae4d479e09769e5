"""The text of an atom, whatever it is, and its bonds -> the group that it means: an atom, a variable, a formula, salts.

Hydrogens that a text has are those that the atom has; where it has none, they are left to the valence. What stands for
many things (R, R^1, Ar, X, Z', *) stays an open atom with its label. A text that means nothing becomes one, too, and
the second value says so in words.
"""

import re
from dataclasses import replace

from glyphic.notations.molecule.chemistry.abbreviations import Abbreviations
from glyphic.notations.molecule.chemistry.elements import ORGANIC, SYMBOLS
from glyphic.notations.molecule.chemistry.formulas import group
from glyphic.notations.molecule.chemistry.fragments import Fragment, GroupAtom

_RAISED = re.compile(r"\^\{([^}]*)\}|\^(.)")
_PIECE = re.compile(r"\^\{(?P<braces>[^}]*)\}|\^(?P<one>.)|(?P<symbol>[A-Z][a-z]?)(?P<count>\d*)")
_CHARGE = re.compile(r"(\d*)([+-]+)")
_VARIABLE = re.compile(r"(?:R[fg]?|Ar|Het|Hal|Alk|Aryl|PG|LG|Nu|EWG|EDG|Pol|Cyc|[XYZQALGEWMJUV])"
                       r"(?:\d{1,3}[a-z]?|[a-e]\d?|[n-p])?'*|\*")
_ALSO_ELEMENTS = frozenset(["Ra", "Rb", "Rg", "Rn", "Rf", "Ar", "Y", "W", "U", "V"])
MOST = 6  # copies of a salt


def meaning(text: str, bonds: tuple[tuple[int, int], ...], table: Abbreviations) -> tuple[Fragment, str]:
    """A canonical text, its bonds as (order, side of formulas.py) -> the group, its ends in the order of the bonds, and
    a problem in words ("" if there is none)."""
    plain = text.replace("\n", "")
    found = None
    if plain not in table.wholes:
        found = _variable(plain, bool(bonds)) or _atom(plain)
    if found:
        return Fragment((found,), (), tuple((0, order) for order, _ in bonds)), ""
    fragment = group(plain, bonds, table) or (None if bonds else _salts(plain, table))
    if fragment:
        return fragment, ""
    atom = _variable(plain, bool(bonds)) or _atom(plain)
    problem = ""
    if atom is None:
        atom = GroupAtom("*", label=_flat(plain))
        problem = f"no group is known that is written {plain!r} and has {_told(bonds)}"
    return Fragment((atom,), (), tuple((0, order) for order, _ in bonds)), problem


def _told(bonds: tuple[tuple[int, int], ...]) -> str:
    total = sum(order for order, _ in bonds)
    return "no bonds" if not bonds else "one bond" if total == 1 else f"bonds of the orders {total} in all" if len(
        bonds) == 1 else f"{len(bonds)} bonds"


def _flat(text: str) -> str:
    return _RAISED.sub(lambda raised: raised[1] or raised[2], text)


def _variable(text: str, bound: bool) -> GroupAtom | None:
    label = _flat(text)
    if not _VARIABLE.fullmatch(label) or (label in _ALSO_ELEMENTS and not bound):
        return None
    return GroupAtom("*", label="" if label == "*" else label)


def _atom(text: str) -> GroupAtom | None:
    """One atom with its hydrogens, charge and isotope, in any order; None for anything else."""
    symbol, hydrogens, charge, isotope, radical, at = "", 0, 0, 0, 0, 0
    pieces = list(_PIECE.finditer(text))
    for number, piece in enumerate(pieces):
        if piece.start() != at:
            return None
        at = piece.end()
        raised = piece["braces"] or piece["one"]
        if raised:
            sign = _CHARGE.fullmatch(raised.strip("·"))
            if sign and not charge:
                amount = int(sign[1]) if sign[1] else len(sign[2])
                charge = amount if sign[2][0] == "+" else -amount
            elif raised.isdigit() and not isotope and number + 1 < len(pieces) and pieces[number + 1]["symbol"]:
                isotope = int(raised)
            elif raised.strip("·"):
                return None
            radical += raised.count("·")
        elif piece["symbol"] == "H" and len(pieces) > 1 and (symbol or _heavy(pieces)):
            hydrogens += int(piece["count"] or 1)
        elif symbol or piece["count"] or piece["symbol"] not in (*SYMBOLS, "D", "T"):
            return None
        else:
            symbol = piece["symbol"]
    if at != len(text) or (not symbol and not (charge or radical)):
        return None
    if symbol in ("D", "T"):
        return GroupAtom("H", charge, 2 if symbol == "D" else 3, 0, radical)
    written = hydrogens if hydrogens or (symbol and symbol not in ORGANIC) else None
    return GroupAtom(symbol or "C", charge, isotope, written, radical)


def _heavy(pieces: list[re.Match[str]]) -> bool:
    return any(piece["symbol"] not in (None, "H") for piece in pieces)


def _salts(text: str, table: Abbreviations) -> Fragment | None:
    """`2HCl`, `·H2O`, `HCl·H2O`, `(CO2H)2` beside a drawing -> the molecules; None where one of them is unknown."""
    result = Fragment(())
    for part in re.split(r"[·.]", _RAISED.sub(lambda raised: "·" if raised[0] == "^·" else raised[0], text)):
        if not part:
            continue
        amount = re.fullmatch(r"(\d{1,2}|)x?(.+)", part)
        count = int(amount[1] or 1) if amount else 1
        name = amount[2] if amount else part
        atom = None if name in table.wholes else _atom(name)
        one = Fragment((atom,)) if atom else group(name, (), table)
        if not one or not 0 < count <= MOST:
            return None
        for _ in range(count):
            base = len(result.atoms)
            result = replace(result, atoms=(*result.atoms, *one.atoms), bonds=(
                *result.bonds, *((a + base, b + base, order) for a, b, order in one.bonds)))
    return result if result.atoms else None
