"""RDKit's and Indigo's pictures: the drawing that comes with one is the one that it shows."""

import random

import numpy as np
import pytest

from glyphic.notations.molecule import texts
from glyphic.notations.molecule.graph import BondKind
from glyphic.notations.molecule.rendering import toolkits

Chem = pytest.importorskip("rdkit.Chem", reason="needs rdkit")

SMILES = ("Nc1ccccc1", "C[N+](C)(C)CC(=O)[O-]", "OC(=O)C1CCNC1", "F[C@H](Cl)Br", "CC=CC", "C/C=C/C#N", "[13CH3]O.[Na+]",
          "*c1ccc(C(=O)OC)nc1", "O=S(=O)(N)c1ccccc1")


@pytest.mark.parametrize("smiles", SMILES)
def test_rdkit_drawings_have_their_atoms_at_their_marks(smiles):
    mol = Chem.MolFromSmiles(smiles)
    for seed in range(4):
        rendering, drawing = toolkits.drawn_by_rdkit(mol, random.Random(seed))
        again, _ = toolkits.drawn_by_rdkit(mol, random.Random(seed))
        assert np.array_equal(rendering.pixels, again.pixels) and rendering.marks == again.marks
        assert [name for name, _, _ in rendering.marks[:len(drawing.atoms)]] == [a.text or "C" for a in drawing.atoms]
        paper = float(np.median(rendering.pixels))
        for _, x, y in rendering.marks:
            row, column = round(y), round(x)
            near = rendering.pixels[max(row - 9, 0):row + 10, max(column - 9, 0):column + 10].astype(float)
            assert np.abs(near - paper).max() > 30


def test_rdkit_labels_are_read_as_they_stand():
    aniline = Chem.MolFromSmiles("Nc1ccccc1")
    found = {toolkits.drawn_by_rdkit(aniline, random.Random(seed))[1].atoms[0].text for seed in range(30)}
    assert found <= {"NH2", "H2N"} and len(found) == 2
    ester = Chem.MolFromSmiles("CCOC(=O)c1ccccc1")
    drawings = [toolkits.drawn_by_rdkit(ester, random.Random(seed), abbreviated=1.0)[1] for seed in range(30)]
    found = {atom.text for drawing in drawings for atom in drawing.atoms}
    assert {"CO2Et", "EtO2C"} & found
    assert all(texts.is_canonical(text) for text in found)


def test_stereo_bonds_are_those_that_are_drawn():
    kinds = {b.kind for s in range(6)
             for b in toolkits.drawn_by_rdkit(Chem.MolFromSmiles("C[C@H](O)[C@@H](N)CC"), random.Random(s))[1].bonds}
    assert kinds & {BondKind.WEDGE, BondKind.HASH}


@pytest.mark.parametrize("smiles", SMILES)
def test_indigo_drawings_have_no_hydrogens_and_all_bonds(smiles):
    pytest.importorskip("indigo", reason="needs epam.indigo")
    mol = Chem.MolFromSmiles(smiles)
    rendering, drawing = toolkits.drawn_by_indigo(mol, random.Random(1))
    assert len(drawing.bonds) == mol.GetNumBonds() and not rendering.marks
    assert not any("H" in atom.text for atom in drawing.atoms)
    assert rendering.pixels.ndim == 2 and rendering.pixels.min() < 128
    kinds = [bond.kind for bond in drawing.bonds]
    assert (BondKind.CROSSED in kinds) == (smiles == "CC=CC")
    assert BondKind.AROMATIC not in kinds
