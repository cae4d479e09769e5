"""What a drawing says in atoms and bonds: elements, charges, hydrogens, orders and stereo marks, with coordinates.

It is the one graph from which molfile, SMILES and InChI are made (expansion.py makes it from a drawing). The y axis
points upwards here, as in molfiles; the unit of length is the drawing's bond.
"""

from dataclasses import dataclass
from enum import IntEnum

from glyphic.notations.molecule.chemistry.fragments import GroupAtom


class Order(IntEnum):
    """The order of a bond; the numbers are those of a molfile."""

    SINGLE = 1
    DOUBLE = 2
    TRIPLE = 3
    AROMATIC = 4
    ANY = 8
    DATIVE = 9


class Mark(IntEnum):
    """How a bond shows stereo, seen from its first atom; the numbers are those of a molfile."""

    NONE = 0
    UP = 1
    EITHER_DOUBLE = 3
    EITHER = 4
    DOWN = 6


@dataclass(frozen=True, slots=True)
class PlacedAtom:
    """An atom, where it is, and the atom of the drawing that it comes from."""

    atom: GroupAtom
    x: float
    y: float
    source: int

    @property
    def number(self) -> int:
        """n of a group Rn; 0 for all else."""
        label = self.atom.label
        return int(label[1:]) if label[:1] == "R" and label[1:].isdecimal() and len(label) < 4 else 0


@dataclass(frozen=True, slots=True)
class PlacedBond:
    """A bond from one atom, by its number, to another."""

    begin: int
    end: int
    order: Order = Order.SINGLE
    mark: Mark = Mark.NONE


@dataclass(frozen=True)
class Constitution:
    """Atoms and bonds; the groups that stood there as one text (text, atoms); and what could not be told, in words."""

    atoms: tuple[PlacedAtom, ...]
    bonds: tuple[PlacedBond, ...]
    groups: tuple[tuple[str, tuple[int, ...]], ...] = ()
    problems: tuple[str, ...] = ()

    def bond_sum(self, atom: int) -> int:
        """The sum of the orders of an atom's bonds; bonds of no certain order count as one, a donor's not at all."""
        total = 0
        for bond in self.bonds:
            if atom in (bond.begin, bond.end):
                total += bond.order if bond.order <= Order.TRIPLE else (bond.order != Order.DATIVE)
        return total
