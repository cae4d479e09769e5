"""Groups are read from small SMILES."""

import pytest

from glyphic.core.errors import NotationError
from glyphic.notations.molecule.chemistry.fragments import Fragment, GroupAtom, from_smiles


def test_the_open_ends_of_a_group_are_not_atoms_of_it():
    assert from_smiles("*C(=O)OC") == Fragment(
        (GroupAtom("C"), GroupAtom("O"), GroupAtom("O"), GroupAtom("C")), ((0, 1, 2), (0, 2, 1), (2, 3, 1)), ((0, 1),))


def test_charges_isotopes_and_the_orders_of_ends_are_read():
    group = from_smiles("*=[N+]([2H])[O-]")
    told = [(atom.symbol, atom.charge, atom.isotope) for atom in group.atoms]
    assert told == [("N", 1, 0), ("H", 0, 2), ("O", -1, 0)]
    assert group.ends == ((0, 2),)


def test_bonds_of_rings_are_known_from_those_of_chains():
    group = from_smiles("*CC1=CC=CC=C1")
    inside = {frozenset(group.bonds[number][:2]) for number in group.ring_bonds}
    assert inside == {frozenset((i, i % 6 + 1)) for i in range(1, 7)}


@pytest.mark.parametrize("smiles", ["*c1ccccc1", "*C(C", "*C)C", "*C1CC", "C/C=C/C", "*C$C", "C*C"])
def test_what_is_no_small_smiles_is_refused(smiles):
    with pytest.raises(NotationError):
        from_smiles(smiles)
