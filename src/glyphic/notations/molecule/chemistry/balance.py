"""Whether the line of a reaction keeps its atoms: evidence for a reading, as a full bar is for one of a staff.

Of the equations in pupils' notebooks every second one is balanced as it is written, and of wrong readings of them (a
part left out or written twice, another digit) hardly any. Counted is what is drawn: corners are carbon, filled up with
hydrogens, and labels are read as sums, so that this needs no RDKit and no valences within a label.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from glyphic.notations.molecule.chemistry.elements import SYMBOLS
from glyphic.notations.molecule.graph import Arrow, BondKind, Drawing, Plus, Scheme

BALANCED = 2.5  # nats that a balanced equation is likelier by than one that is not

Composition = Counter[str]  # element -> how many atoms

_GROUPS = {"Me": "CH3", "Et": "C2H5", "Pr": "C3H7", "Bu": "C4H9", "Ph": "C6H5", "Ac": "C2H3O", "Bn": "C7H7",
           "Bz": "C7H5O"}
_ELEMENTS = frozenset(SYMBOLS)
_ORDERS = {BondKind.DOUBLE: 2.0, BondKind.CROSSED: 2.0, BondKind.TRIPLE: 3.0, BondKind.QUADRUPLE: 4.0,
           BondKind.AROMATIC: 1.5}
_NUMBER = re.compile(r"^(?:[(（【]?\d+[)）】][:.、]?|\d+[:.、]|[①-⑩])")  # of an exercise, before its equation
_UNCOUNTED = re.compile(r"\^(?:\{[^}]*\}|.)|[↑↓△\n=\-#·.]|[(（][^A-Za-z0-9()（）]+[)）]")  # charges, gas, bonds, (浓)
_PIECE = re.compile(r"[A-Z][a-z]?|\d+|[()\[\]]")


def sides(scheme: Scheme) -> tuple[Composition, Composition] | None:
    """The atoms of the left and of the right side of an equation; None where they cannot be told: other than one arrow,
    an empty side, words, polymers, residues."""
    arrows = [i for i, part in enumerate(scheme.parts) if isinstance(part, Arrow)]
    if len(arrows) != 1:
        return None
    left, right = _side(scheme.parts[:arrows[0]]), _side(scheme.parts[arrows[0] + 1:])
    return None if left is None or right is None else (left, right)


def hill(atoms: Composition) -> str:
    """A sum formula as Hill (1900) orders it: C, H, then the others by their names; by name alone without C."""
    first = ("C", "H") if atoms["C"] else ()
    order = sorted(atoms, key=lambda element: (first.index(element) if element in first else len(first), element))
    return "".join(element + (str(atoms[element]) if atoms[element] > 1 else "") for element in order if atoms[element])


def log_prior(scheme: Scheme) -> float:
    """The log of how likely a line is before its picture is seen, up to a constant."""
    found = sides(scheme)
    return BALANCED if found and found[0] == found[1] else 0.0


def composition(drawing: Drawing) -> Composition | None:
    """The atoms of a drawing, its coefficient counted; None for one that holds what is no formula."""
    total: Composition = Counter()
    coefficient = 1
    for part in drawing.components:
        text = _NUMBER.sub("", drawing.atoms[part[0]].text) if len(part) == 1 else ""
        if len(part) == 1 and text.isdecimal():
            coefficient = int(text)
            continue
        for i in part:
            found = formula(text) if len(part) == 1 else _atom(drawing, i)
            if found is None:
                return None
            total.update(found)
    return Counter({element: coefficient * count for element, count in total.items()})


@lru_cache(maxsize=4096)
def formula(text: str) -> Composition | None:
    """A label or formula such as `2NaOH`, `(CH3)2CO`, `NH4^+` -> its atoms; None for what is none."""
    text = _UNCOUNTED.sub("", text)
    number = re.match(r"\d*", text)
    assert number is not None  # the pattern matches nothing, too
    levels: list[Composition] = [Counter()]
    last: Composition = Counter()
    position = number.end()
    while position < len(text):
        piece = _PIECE.match(text, position)
        if piece is None:
            return None
        word, position = piece.group(), piece.end()
        if word in "([":
            levels.append(Counter())
            last = Counter()
        elif word in ")]":
            if len(levels) == 1:
                return None
            last = levels.pop()
            levels[-1].update(last)
        elif word.isdecimal():
            if not last:
                return None
            levels[-1].update({element: (int(word) - 1) * count for element, count in last.items()})
            last = Counter()
        else:
            if len(word) == 2 and word not in _GROUPS and word not in _ELEMENTS:
                word, position = word[0], position - 1
            known = formula(_GROUPS[word]) if word in _GROUPS else Counter([word]) if word in _ELEMENTS else None
            if known is None:
                return None
            last = known
            levels[-1].update(last)
    if len(levels) > 1:
        return None
    times = int(number.group() or 1)
    return Counter({element: times * count for element, count in levels[0].items()})


def _side(parts: Sequence[Drawing | Plus | Arrow]) -> Composition | None:
    total: Composition = Counter()
    for part in parts:
        if isinstance(part, Drawing):
            found = composition(part)
            if found is None:
                return None
            total.update(found)
    return total if total.total() else None


def _atom(drawing: Drawing, i: int) -> Composition | None:
    """An atom among others: a corner is a carbon with the hydrogens that its bonds leave."""
    if drawing.atoms[i].text:
        return formula(drawing.atoms[i].text)
    bonds = sum(_ORDERS.get(bond.kind, 1.0) for bond in drawing.neighbours[i])
    bonds += any(i in circle.atoms and len(circle.atoms) > 1 for circle in drawing.circles)
    return Counter({"C": 1, "H": max(0, round(4 - bonds))})
