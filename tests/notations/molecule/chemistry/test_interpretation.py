"""Drawings become SMILES, InChI and molfiles that are the same molecule."""

import math
import random
import sys

import pytest
from hypothesis import given, settings

from glyphic.core.errors import MissingExtraError, NotationError
from glyphic.notations.molecule import sampler
from glyphic.notations.molecule.chemistry import interpretation
from glyphic.notations.molecule.chemistry.abbreviations import built_in
from glyphic.notations.molecule.chemistry.molfile import from_drawing
from glyphic.notations.molecule.graph import Atom, Bond, BondKind, Drawing
from tests.notations.molecule.drawings import DRAWINGS, shuffled

Chem = pytest.importorskip("rdkit.Chem", reason="needs rdkit: pip install 'glyphic[chem]'")


def star(*arms: tuple[str, float, BondKind], centre: str = "") -> Drawing:
    """A centre with arms: their texts, directions in degrees and bonds, which begin at the centre."""
    atoms = [Atom(centre, 0.0, 0.0)]
    atoms += [Atom(text, math.cos(math.radians(a)), -math.sin(math.radians(a))) for text, a, _ in arms]
    return Drawing(tuple(atoms), tuple(Bond(0, i, kind) for i, (_, _, kind) in enumerate(arms, 1)))


def smiles(drawing: Drawing) -> str:
    return interpretation.interpret(drawing).smiles


S, W, H = BondKind.SINGLE, BondKind.WEDGE, BondKind.HASH


@settings(max_examples=60, deadline=None)
@given(DRAWINGS)
def test_molfile_smiles_and_inchi_of_any_drawing_are_one_molecule(drawing):
    found = interpretation.interpret(drawing)
    again = interpretation.from_molfile(found.molfile)
    assert (again.smiles, again.inchi) == (found.smiles, found.inchi)
    assert found.molfile == from_drawing(drawing)
    assert found.valid or found.problems
    if found.valid:
        assert interpretation.canonical(found.smiles) == found.smiles


def test_a_drawing_of_which_no_alternating_bonds_can_be_written_has_no_inchi():
    found = interpretation.interpret(sampler.drawing(random.Random(4952)))
    assert found.molfile and not found.inchi


@settings(max_examples=30, deadline=None)
@given(DRAWINGS)
def test_the_order_of_atoms_and_bonds_does_not_matter(drawing):
    other = shuffled(drawing, random.Random(len(drawing.atoms)))
    a, b = interpretation.interpret(drawing), interpretation.interpret(other)
    if a.valid and b.valid and not drawing.circles and not any(b.kind == BondKind.WAVY for b in drawing.bonds):
        assert Chem.MolFromSmiles(a.smiles).GetNumAtoms() == Chem.MolFromSmiles(b.smiles).GetNumAtoms()
        assert interpretation.canonical(a.smiles, False) == interpretation.canonical(b.smiles, False)


ALANINE = ("H2N", 150, S), ("CO2H", 30, S)


@pytest.mark.parametrize(("arms", "sign"), [
    (((*ALANINE, ("CH3", 270, W))), "R"),  # N, CO2H, CH3 run clockwise, the hydrogen lies behind
    (((*ALANINE, ("CH3", 270, H))), "S"),
    (((*ALANINE, ("CH3", 270, BondKind.HOLLOW))), "R"),
    (((*ALANINE, ("CH3", 270, BondKind.WAVY))), ""),
    (((*ALANINE, ("CH3", 270, BondKind.BOLD))), ""),
    (((*ALANINE, ("CH3", 240, S), ("H", 300, H))), "R"),
    (((*ALANINE, ("CH3", 240, S), ("H", 300, W))), "S"),
    (((*ALANINE, ("CH3", 240, W), ("H", 300, H))), "R"),
])
def test_wedges_and_hashes_decide_stereo(arms, sign):
    found = interpretation.interpret(star(*arms))
    assert interpretation.canonical(found.smiles, False) == "CC(N)C(=O)O"
    assert [kind for _, kind in Chem.FindMolChiralCenters(Chem.MolFromSmiles(found.smiles))] == [sign][:bool(sign)]


def test_only_the_narrow_end_of_a_wedge_is_spoken_of():
    drawing = star(*ALANINE, ("CH3", 270, S))
    turned = Drawing(drawing.atoms, (*drawing.bonds[:2], Bond(3, 0, W)))
    assert smiles(turned) == "CC(N)C(=O)O"


@pytest.mark.parametrize(("kind", "last", "expected"), [
    (BondKind.DOUBLE, (2, -1), "F/C=C/Cl"), (BondKind.DOUBLE, (2, 1), "F/C=C\\Cl"),
    (BondKind.CROSSED, (2, 1), "FC=CCl")])
def test_sides_of_double_bonds_decide_cis_and_trans(kind, last, expected):
    atoms = (Atom("F", -1, 1), Atom("", 0, 0), Atom("", 1, 0), Atom("Cl", *last))
    found = smiles(Drawing(atoms, (Bond(0, 1), Bond(1, 2, kind), Bond(2, 3))))
    assert found == interpretation.canonical(expected)


def test_a_wavy_bond_at_a_double_bond_leaves_its_side_open():
    atoms = (Atom("F", -1, 1), Atom("", 0, 0), Atom("", 1, 0), Atom("Cl", 2, -1))
    for begin, end in ((2, 3), (3, 2)):
        bonds = (Bond(0, 1), Bond(1, 2, BondKind.DOUBLE), Bond(begin, end, BondKind.WAVY))
        assert smiles(Drawing(atoms, bonds)) == interpretation.canonical("FC=CCl")


@pytest.mark.parametrize(("text", "expected"), [
    ("OMe", "COC"), ("NO2", "C[N+](=O)[O-]"), ("NH3^+", "C[NH3+]"), ("R^2", "C[2*]"), ("R'", "*C"),
    ("ONa", "C[O-].[Na+]"), ("^{13}CH3", "C[13CH3]"), ("OCD3", "COC([2H])([2H])[2H]"), ("CO2R^1", "[1*]OC(C)=O"),
    ("NH", "C[NH]")])
def test_a_label_is_part_of_the_molecule(text, expected):
    found = interpretation.interpret(Drawing((Atom("CH3", 0, 0), Atom(text, 1, 0)), (Bond(0, 1),)))
    assert found.smiles == interpretation.canonical(expected)
    assert bool(found.inchi) == ("*" not in expected)


def test_what_is_no_molecule_keeps_its_graph_and_says_why():
    drawing = star(("N", 0, BondKind.DOUBLE), ("O", 90, S), ("", 180, S), ("", 270, S))
    found = interpretation.interpret(drawing)
    assert not found.valid and (found.smiles, found.inchi, found.inchikey) == ("", "", "")
    assert "valence" in found.problems[0] and len(found.graph.atoms) == 5
    assert found.molfile == from_drawing(drawing)


def test_an_unknown_label_is_a_problem_of_a_valid_molecule():
    found = interpretation.interpret(Drawing((Atom("", 0, 0), Atom("Qxz9", 1, 0)), (Bond(0, 1),)))
    assert found.valid and found.smiles == "*C" and "'Qxz9'" in found.problems[0]


def test_a_users_abbreviation_is_expanded():
    drawing = Drawing((Atom("", 0, 0), Atom("Xyl", 1, 0)), (Bond(0, 1),))
    table = built_in().extended({"Xyl": "*C1=CC(C)=CC(C)=C1"})
    assert interpretation.interpret(drawing, table).smiles == interpretation.canonical("Cc1cc(C)cc(C)c1")


def test_canonical_drops_atom_maps_and_refuses_what_is_no_smiles():
    assert interpretation.canonical("[CH3:0][OH:7]") == "CO"
    with pytest.raises(NotationError, match="C\\(C"):
        interpretation.canonical("C(C")


def test_without_rdkit_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "rdkit", None)
    with pytest.raises(MissingExtraError, match="glyphic\\[chem\\]"):
        interpretation.interpret(Drawing((Atom("", 0, 0), Atom("", 1, 0)), (Bond(0, 1),)))
    assert from_drawing(Drawing((Atom("", 0, 0), Atom("", 1, 0)), (Bond(0, 1),)))


def test_nothing_is_printed(capfd):
    interpretation.interpret(star(("N", 0, BondKind.DOUBLE), ("O", 90, S), ("", 180, S), ("", 270, S)))
    with pytest.raises(NotationError):
        interpretation.canonical("this is none")
    assert capfd.readouterr() == ("", "")
