"""Labels mean groups: every line of the table, turned or not, and formulas that no table holds."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphic.core.errors import NotationError
from glyphic.notations.molecule import texts
from glyphic.notations.molecule.chemistry.abbreviations import Abbreviations, built_in
from glyphic.notations.molecule.chemistry.condensed import turned
from glyphic.notations.molecule.chemistry.formulas import ANYWHERE, LEFT, RIGHT, group
from glyphic.notations.molecule.chemistry.fragments import from_smiles
from glyphic.notations.molecule.chemistry.labels import meaning
from tests.notations.molecule.groups import code

TABLE = built_in()
PARTS = Abbreviations(tuple(entry for entry in TABLE.entries if entry.part))  # no whole labels: formulas must be read
NO_FORMULAS = {"NMe", "NCF3", "AsO3H2", "NCN"}  # RDKit's names that leave a hydrogen out; acids; a cyanamide's half
LABELS = [(name, entry) for entry in TABLE.entries if not entry.part and len(entry.fragment.ends) == 1
          for name in entry.names if name not in NO_FORMULAS]

RDKIT = """CO2Et COOEt OiBu nDec nNon nOct nHept nHex nPent iPent tBu iBu nBu iPr nPr Et NCF3 CF3 CCl3 CN NC N(OH)CH3
    NO2 NO SO3H CO2H COOH OEt OAc NHAc Ac CHO NMe SMe OMe CO2^- COO^-""".split()
PATENTS = """OMe MeO Me Et Ph CF3 F3C OCF3 CO2H HO2C COOH CO2Me CN NC NO2 O2N SO2NH2 Boc NHBoc Cbz NHCbz OAc AcO t-Bu
    tBu PMB Bn Ts Ms OMs TBS TBDPS N3 PPh2 HOOC MeO2C EtO2C BocHN CbzHN TBSO TsO MsO H2NO2S Me2N Et2N F3CO""".split()


def bonds(*sides: int, order: int = 1) -> tuple[tuple[int, int], ...]:
    return tuple((order, side) for side in sides)


@pytest.mark.parametrize(("name", "entry"), LABELS, ids=[name for name, _ in LABELS])
def test_a_label_is_read_as_a_formula_from_both_sides(name, entry):
    expected = code(entry.fragment)
    orders = [order for _, order in entry.fragment.ends]
    for text, side in ((name, LEFT), (turned(name, TABLE), RIGHT)):
        found = group(text, bonds(side, order=orders[0]), PARTS)
        assert found and code(found) == expected, text


@pytest.mark.parametrize("name", [*RDKIT, *PATENTS])
def test_the_names_that_others_know_are_known(name):
    assert any(meaning(name, bonds(side), TABLE)[1] == "" for side in (LEFT, RIGHT))


def test_the_table_has_hundreds_of_names():
    assert len({name for entry in TABLE.entries for name in entry.names}) > 600


@pytest.mark.parametrize(("text", "sides", "smiles"), [
    ("N(CH2CH3)2", [LEFT], "*N(CC)CC"),
    ("(CH3CH2)2N", [RIGHT], "*N(CC)CC"),
    ("(H5C2)2N", [RIGHT], "*N(CC)CC"),
    ("H5C2O", [RIGHT], "*OCC"),
    ("H3CO2S", [RIGHT], "*S(=O)(=O)C"),
    ("CH3", [RIGHT], "*C"),
    ("CH3CH2", [RIGHT], "*CC"),
    ("CF3CH2", [RIGHT], "*CC(F)(F)F"),
    ("HOOCCH2", [RIGHT], "*CC(=O)O"),
    ("^-OOC", [RIGHT], "*C(=O)[O-]"),
    ("CHOHCH3", [LEFT], "*C(O)C"),
    ("CHNH2COOH", [LEFT], "*C(N)C(=O)O"),
    ("N=C(NH2)2", [LEFT], "*N=C(N)N"),
    ("(OCH2CH2)3OMe", [LEFT], "*OCCOCCOCCOC"),
    ("CH2OPO3^{2-}", [LEFT], "*COP(=O)([O-])[O-]"),
    ("C(CF3)2OH", [LEFT], "*C(C(F)(F)F)(C(F)(F)F)O"),
    ("SiMe2CH2Cl", [LEFT], "*[Si](C)(C)CCl"),
    ("PhCH2O", [RIGHT], "*OCC1=CC=CC=C1"),
    ("t-BuO2C", [RIGHT], "*C(=O)OC(C)(C)C"),
    ("^{13}CH3CO", [RIGHT], "*C(=O)[13C]"),
    ("CD2OH", [LEFT], "*C([2H])([2H])O"),
    ("CH2COONa", [LEFT], "*CC(=O)[O-].[Na+]"),
    ("PMBN", [RIGHT, RIGHT], "*N(*)CC1=CC=C(OC)C=C1"),
    ("N\nMe", [LEFT, RIGHT], "*N(*)C"),
    ("CHCOOH", [LEFT, RIGHT], "*C(*)C(=O)O"),
    ("OCH2CH2O", [LEFT, RIGHT], "*OCCO*"),
    ("CONH", [LEFT, RIGHT], "*C(=O)N*"),
    ("SO2NH", [LEFT, RIGHT], "*S(=O)(=O)N*"),
    ("(CH2)4", [LEFT, RIGHT], "*CCCC*"),
    ("(CH2)4", [LEFT, LEFT], "*CCCC*"),
    ("H2CO", [LEFT, RIGHT], "*CO*"),
    ("CH2CH2CH2CH", [LEFT, RIGHT, RIGHT], "*CCCC(*)*"),
    ("CH3COOC2H5", [], "CC(=O)OCC"),
    ("NC", [RIGHT], "*C#N"),
    ("CN", [RIGHT], "*C#N"),
    ("NC", [LEFT], "*[N+]#[C-]"),
    ("NC", [ANYWHERE], "*C#N"),
    ("OCN", [RIGHT], "*N=C=O"),
    ("OCN", [LEFT], "*OC#N"),
    ("MeO", [ANYWHERE], "*OC"),
    ("O2N", [ANYWHERE], "*[N+](=O)[O-]"),
])
def test_formulas_close_every_valence(text, sides, smiles):
    found = group(text, bonds(*sides), TABLE)
    assert found and code(found) == code(from_smiles(smiles))


@pytest.mark.parametrize(("text", "smiles"), [
    ("CHCH3", "*=CC"), ("NNHCONH2", "*=NNC(=O)N"), ("H2C", "*=C"), ("CMe2", "*=C(C)C"), ("NOCH3", "*=NOC")])
def test_a_double_bond_takes_two_valences(text, smiles):
    found, problem = meaning(text, ((2, LEFT),), TABLE)
    assert not problem and code(found) == code(from_smiles(smiles))


def test_the_ends_come_in_the_order_of_the_bonds():
    for sides in ((LEFT, RIGHT), (RIGHT, LEFT)):
        found = group("OCH2", bonds(*sides), TABLE)
        assert [found.atoms[atom].symbol for atom, _ in found.ends] == ["O" if side == LEFT else "C" for side in sides]


@pytest.mark.parametrize(("text", "labels"), [("NR2", ["R", "R"]), ("NR1R2", ["R1", "R2"]), ("CO2R^3", ["R3"]),
                                              ("R1O", ["R1"]), ("NHAr", ["Ar"]), ("COX", ["X"])])
def test_variables_inside_of_formulas_stay_open(text, labels):
    found = group(text, bonds(RIGHT if text == "R1O" else LEFT), TABLE)
    assert sorted(atom.label for atom in found.atoms if atom.symbol == "*") == labels


@given(st.lists(st.sampled_from(texts.TOKENS[:60] + texts.PAIRS), min_size=1, max_size=40))
def test_any_text_has_a_meaning_or_a_problem_soon(tokens):
    text = texts.from_tokens(list(tokens))
    if text.strip("\n"):
        start = time.process_time()
        found, problem = meaning(text, bonds(LEFT), TABLE)
        assert time.process_time() - start < 2.0
        assert found.atoms and len(found.ends) == 1
        assert not problem or found.atoms[0].symbol == "*"


@pytest.mark.parametrize(("text", "hydrogens", "charge", "isotope", "radical"), [
    ("NH2", 2, 0, 0, 0), ("H2N", 2, 0, 0, 0), ("N\nH", 1, 0, 0, 0), ("H\nN", 1, 0, 0, 0), ("N", None, 0, 0, 0),
    ("NH3^+", 3, 1, 0, 0), ("H3N^+", 3, 1, 0, 0), ("O^-", None, -1, 0, 0), ("^{13}CH3", 3, 0, 13, 0),
    ("Pt^{2+}", 0, 2, 0, 0), ("O^·", None, 0, 0, 1), ("D", 0, 0, 2, 0), ("^+", None, 1, 0, 0)])
def test_an_atom_has_what_it_is_written_with(text, hydrogens, charge, isotope, radical):
    found, problem = meaning(text, bonds(LEFT), TABLE)
    (atom,) = found.atoms
    assert not problem
    assert (atom.hydrogens, atom.charge, atom.isotope, atom.radical) == (hydrogens, charge, isotope, radical)


@pytest.mark.parametrize("text", ["R", "R^1", "R12", "R'", "Ar", "X", "Z", "Q", "A", "*", "L1", "R1a", "Y", "W"])
def test_variables_stay_open_atoms_with_their_label(text):
    (atom,) = meaning(text, bonds(LEFT), TABLE)[0].atoms
    assert atom.symbol == "*"
    assert atom.label == ("" if text == "*" else text.replace("^", ""))


def test_a_text_that_means_nothing_stays_with_a_problem_that_names_it():
    found, problem = meaning("C5X9q", bonds(LEFT), TABLE)
    assert found.atoms[0].label == "C5X9q" and "'C5X9q'" in problem


@pytest.mark.parametrize(("text", "count"), [("2HCl", 2), ("HCl·H2O", 2), ("·HCl", 1), ("NaOH", 2), ("TFA", 7)])
def test_salts_beside_a_drawing_are_molecules(text, count):
    found, problem = meaning(text, (), TABLE)
    assert not problem and len(found.atoms) == count


def test_a_users_line_counts_before_those_of_the_package():
    table = TABLE.extended({"Ph": "*C1CC1", "Foo": "*OC"})
    assert len(group("Ph", bonds(LEFT), table).atoms) == 3
    assert len(group("CH2Foo", bonds(LEFT), table).atoms) == 3
    assert len(group("FooH2C", bonds(RIGHT), TABLE.extended("Foo Fo\t*OC\t2\n")).atoms) == 3


@pytest.mark.parametrize("lines", ["Foo", "Foo\t*c1ccccc1", "\t*C"])
def test_a_users_line_that_cannot_be_read_is_refused(lines):
    with pytest.raises(NotationError):
        TABLE.extended(lines)
