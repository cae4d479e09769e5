"""A group of atoms with its open ends, without coordinates: what an abbreviation stands for, read from a small SMILES.

The SMILES of tables are Kekulé forms without stereo, each open end a `*`: `*C(=O)OC(C)(C)C` (Boc), `*N(*)C` (NMe).
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property

from glyphic.core.errors import NotationError

_SMILES = re.compile(r"\[(?P<isotope>\d*)(?P<symbol>[A-Z][a-z]?|\*)(?P<h>H\d*)?(?P<charge>[+-]\d*)?\]"
                     r"|(?P<plain>Cl|Br|[BCNOPSFI*])|(?P<bond>[-=#])|(?P<ring>\d|%\d\d)|(?P<other>[().])")
_ORDERS = {"-": 1, "=": 2, "#": 3}


@dataclass(frozen=True, slots=True)
class GroupAtom:
    """An atom of a group: an element, or `*` with a label (R, Ar) for what is left open."""

    symbol: str
    charge: int = 0
    isotope: int = 0
    hydrogens: int | None = None  # as written; None: as many as its valence asks for
    radical: int = 0  # unpaired electrons
    label: str = ""


@dataclass(frozen=True)
class Fragment:
    """Atoms, bonds (atom, atom, order) and open ends: the atom, and the order of the bond, that each of them is for."""

    atoms: tuple[GroupAtom, ...]
    bonds: tuple[tuple[int, int, int], ...] = ()
    ends: tuple[tuple[int, int], ...] = ()

    @cached_property
    def neighbours(self) -> tuple[tuple[int, ...], ...]:
        """The atoms that each atom is bound to."""
        result: list[list[int]] = [[] for _ in self.atoms]
        for a, b, _ in self.bonds:
            result[a].append(b)
            result[b].append(a)
        return tuple(map(tuple, result))

    @cached_property
    def ring_bonds(self) -> frozenset[int]:
        """The numbers of the bonds that lie in a ring: those whose loss leaves their atoms connected."""
        result = set()
        for number, (a, b, _) in enumerate(self.bonds):
            seen, ahead = {a}, [a]
            while ahead:
                atom = ahead.pop()
                fresh = {n for n in self.neighbours[atom] if n not in seen and {atom, n} != {a, b}}
                seen |= fresh
                ahead += fresh
            if b in seen:
                result.add(number)
        return frozenset(result)

    def used(self, atom: int) -> int:
        """The sum of the orders of an atom's bonds inside the group."""
        return sum(order for a, b, order in self.bonds if atom in (a, b))


@cache
def from_smiles(smiles: str) -> Fragment:
    """The SMILES of a group -> its atoms and ends; NotationError for aromatic letters, stereo and what is unknown."""
    atoms: list[GroupAtom] = []
    bonds: list[tuple[int, int, int]] = []
    hosts: list[int | None] = []
    rings: dict[str, tuple[int, int]] = {}
    last: int | None = None
    order = at = 0
    while at < len(smiles):
        found = _SMILES.match(smiles, at)
        if not found:
            raise NotationError("the SMILES of a group is a Kekulé form without stereo", smiles, at)
        at = found.end()
        symbol = found["plain"] or found["symbol"]
        if symbol:
            charge = found["charge"] or ""
            amount = int(charge[1:] or 1) if charge else 0
            count = found["h"]
            atoms.append(GroupAtom(symbol, -amount if charge[:1] == "-" else amount, int(found["isotope"] or 0),
                                   int(count[1:] or 1) if count else None))
            if last is not None:
                bonds.append((last, len(atoms) - 1, order or 1))
            last, order = len(atoms) - 1, 0
        elif found["bond"]:
            order = _ORDERS[found["bond"]]
        elif found["ring"] and last is not None:
            if found["ring"] in rings:
                other, before = rings.pop(found["ring"])
                bonds.append((other, last, order or before or 1))
            else:
                rings[found["ring"]] = (last, order)
            order = 0
        elif found["other"] == "(":
            hosts.append(last)
        elif found["other"] == ")" and hosts:
            last = hosts.pop()
        elif found["other"] == ".":
            last = None
        else:
            raise NotationError("a bracket or ring of this SMILES stands by itself", smiles, at - 1)
    if rings or hosts:
        raise NotationError("a bracket or ring of this SMILES is not closed", smiles, len(smiles) - 1)
    return _opened(atoms, bonds)


def _opened(atoms: list[GroupAtom], bonds: list[tuple[int, int, int]]) -> Fragment:
    """The stars of a SMILES become ends."""
    stars = [i for i, atom in enumerate(atoms) if atom.symbol == "*"]
    degree = Counter(end for a, b, _ in bonds for end in (a, b))
    if any(degree[star] != 1 for star in stars):
        raise NotationError("an open end of a group, *, has one bond")
    kept = [i for i in range(len(atoms)) if i not in set(stars)]
    number = {old: new for new, old in enumerate(kept)}
    ends = []
    for star in stars:
        a, b, order = next(bond for bond in bonds if star in bond[:2])
        ends.append((number[b if a == star else a], order))
    return Fragment(tuple(atoms[i] for i in kept),
                    tuple((number[a], number[b], order) for a, b, order in bonds if a in number and b in number),
                    tuple(ends))
