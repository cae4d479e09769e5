"""SMILES are drawn so that they can be read back."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphic.core.errors import NotationError, OptionError
from glyphic.notations.molecule.chemistry import interpretation
from glyphic.notations.molecule.chemistry.depiction import Style, depict, with_stereo
from glyphic.notations.molecule.graph import BondKind
from glyphic.notations.molecule.target import to_drawing, to_target

pytest.importorskip("rdkit", reason="needs rdkit: pip install 'glyphic[chem]'")

MOLECULES = """C[C@H](N)C(=O)O  CC(=O)Oc1ccccc1C(=O)O  O=C(OC)/C=C/c1ccc(OC)cc1  CN1CCC[C@H]1c1cccnc1
    COc1ccc2[nH]cc(CCNC(C)=O)c2c1  CC(C)(C)OC(=O)N[C@@H](Cc1ccccc1)C(=O)OC  [O-][N+](=O)c1ccc(C#N)cc1
    C[C@]12CC[C@H]3[C@@H](CCc4cc(O)ccc43)[C@@H]1CC[C@@H]2O  CCN(CC)CC.Cl  [Na+].[O-]C(=O)c1ccccc1
    FC(F)(F)c1cc(S(N)(=O)=O)ccc1Cl  C/C(=N\\O)c1ccccc1  CC=CC  C[S@](=O)c1ccccc1  [2*]c1ccc(*)cc1  c1ccc2ccccc2c1
    c1ccsc1  Cn1cnc2c1c(=O)n(C)c(=O)n2C  [13CH3]C([2H])([2H])O  C[N+](C)(C)CC([O-])=O  OB(O)c1ccccc1
    C[Si](C)(C)C#CC1=CCCC1  O=P(OCC)(OCC)Cc1ccccc1  N=[N+]=[N-]  C=C=C  [Cu+2].[Cl-].[Cl-]  CC(C)=NNC(N)=O
    c1ccc2c(c1)c1ccccc1[nH]2  C1CC2CCC1C2  O=C1c2ccccc2C(=O)N1  c1cc[n+](C)cc1.[I-]  [CH2]C  [NH4+].[Br-]
    N#Cc1ccccc1C#N  O=C=Nc1ccc(N=C=S)cc1
    C/C=C/[C@@H]1O[C@H](CO)[C@@H](O)[C@H](O)[C@H]1O  CCCCCCCC(=O)OCCO  CC(F)(F)OCC(Cl)(Cl)Cl""".split()
STYLES = st.builds(Style, abbreviations=st.sampled_from((0.0, 0.4, 1.0)), methyls=st.sampled_from((0.0, 1.0)),
                   circles=st.sampled_from((0.0, 1.0)), stacked=st.sampled_from((0.0, 1.0)),
                   turn=st.sampled_from(("none", "any", "steps")), untold=st.sampled_from(("crossed", "wavy")),
                   layout=st.sampled_from(("rdkit", "coordgen")))


@pytest.mark.parametrize("smiles", MOLECULES)
@settings(max_examples=3, deadline=None)
@given(STYLES, st.integers(0, 10**6))
def test_what_is_drawn_is_read_back(smiles, style, seed):
    drawing = depict(smiles, random.Random(seed), style)
    assert interpretation.interpret(drawing).smiles == interpretation.canonical(smiles)
    again = to_drawing(to_target(drawing))
    assert interpretation.interpret(again).smiles == interpretation.canonical(smiles)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("smiles", ["C[C@]12[C@@H]3C[C@H]4[C@H]5CC([C@@H](C35)[C@@H]1NCc1ccccc1)[C@@H]42",
                                    "O[C@H]1O[C@]2(C)CCC3[C@H](C)CC[C@@H]([C@H]1C)C23"])
def test_the_stereo_of_a_cage_is_drawn_so_that_it_is_read_back(smiles, seed):
    drawing = depict(smiles, random.Random(seed), Style(turn="any"))
    assert interpretation.interpret(drawing).smiles == interpretation.canonical(smiles)


def test_the_same_seed_draws_the_same():
    style = Style(abbreviations=0.5, circles=0.5, turn="any")
    first, second = (depict(MOLECULES[5], random.Random(3), style) for _ in range(2))
    assert first == second != depict(MOLECULES[5], random.Random(4), style)


def test_groups_are_contracted_and_turned_towards_their_bond():
    seen = {atom.text for seed in range(40) for atom in depict(
        "CC(C)(C)OC(=O)Nc1ccc(OC)cc1", random.Random(seed), Style(abbreviations=1.0, turn="any")).atoms}
    assert {"NHBoc", "BocHN", "OMe", "MeO"} <= seen


def test_methyls_and_circles_come_as_asked_for():
    plain = depict("Cc1ccccc1", random.Random(0))
    assert not plain.circles and all(not atom.text for atom in plain.atoms)
    asked = depict("Cc1ccccc1", random.Random(0), Style(methyls=1.0, circles=1.0))
    assert len(asked.circles) == 1 and {atom.text for atom in asked.atoms} & {"CH3", "H3C", "Me"}
    assert all(bond.kind == BondKind.SINGLE for bond in asked.bonds)


def test_double_bonds_without_stereo_are_drawn_as_asked_for():
    for untold, kind in (("crossed", BondKind.CROSSED), ("wavy", BondKind.WAVY), ("plain", BondKind.DOUBLE)):
        assert kind in {bond.kind for bond in depict("CC=CC", random.Random(0), Style(untold=untold)).bonds}


def test_free_stereo_is_decided_at_random_and_given_stereo_stays():
    mol = interpretation.parsed("C[C@H](N)C(O)C=CC")
    found = {interpretation.smiles_of(with_stereo(mol, random.Random(seed))) for seed in range(40)}
    assert len(found) == 4
    assert {interpretation.smiles_of(with_stereo(mol, random.Random(0), 0.0))} == {interpretation.smiles_of(mol)}


@pytest.mark.parametrize("options", [{"abbreviations": 1.5}, {"turn": "left"}, {"untold": "bold"}, {"layout": "own"}])
def test_a_style_refuses_nonsense(options):
    with pytest.raises(OptionError, match=next(iter(options))):
        Style(**options)


def test_what_rdkit_does_not_hold_is_refused():
    with pytest.raises(NotationError):
        depict("C(C)(C)(C)(C)C", random.Random(0))
