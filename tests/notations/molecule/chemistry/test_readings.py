"""Readings and labels are compared as the molecules that they are."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphic.core.errors import NotationError
from glyphic.core.results import Place
from glyphic.notations.molecule import to_drawing, to_target
from glyphic.notations.molecule.chemistry import balance
from glyphic.notations.molecule.chemistry.interpretation import from_molfile
from glyphic.notations.molecule.chemistry.readings import (
    METRICS,
    is_smiles,
    log_prior,
    remarks,
    to_inchi,
    to_molfile,
    to_placed_molfile,
    to_smiles,
)
from tests.notations.molecule.drawings import DRAWINGS

pytest.importorskip("rdkit", reason="needs rdkit: pip install 'glyphic[chem]'")

TOLUENE = "?[a] double [:90] [:30] double [:330] branch( [:0] branch) [:270] double [:210] [a]"
R_ALCOHOL = "branch( [:150] F branch) branch( wedge< [:270] Cl branch) [:30] O H"  # C(F)(Cl)OH, Cl towards the reader


def figure(name: str, prediction: str, reference: str) -> float:
    metric = METRICS[name]
    return float(metric.value(np.array([metric.statistics(prediction, reference)]).sum(axis=0)))


@pytest.mark.parametrize("name", ["exact", "exact_no_stereo", "inchi", "tanimoto", "valid"])
def test_a_target_and_a_smiles_of_one_molecule_are_alike(name):
    for prediction in (TOLUENE, "Cc1ccccc1", "C1=CC=CC=C1C"):
        assert figure(name, prediction, "Cc1ccccc1") == 1.0


def test_stereo_counts_where_it_should():
    smiles = to_smiles(R_ALCOHOL)
    other = smiles.replace("@@", "!").replace("@", "@@").replace("!", "@")
    assert "@" in smiles and figure("exact", R_ALCOHOL, other) == 0.0
    assert figure("exact_no_stereo", R_ALCOHOL, other) == 1.0
    assert figure("inchi", R_ALCOHOL, other) == 0.0


def test_tautomers_share_an_inchi_only():
    assert figure("exact", "Cc1c[nH]cn1", "Cc1cnc[nH]1") == 0.0
    assert figure("inchi", "Cc1c[nH]cn1", "Cc1cnc[nH]1") == 1.0


def test_molecules_with_open_atoms_are_compared_without_inchi():
    assert to_inchi("*c1ccccc1") == ""
    assert figure("inchi", "C1=CC=CC=C1*", "*c1ccccc1") == 1.0
    assert figure("inchi", "Cc1ccccc1", "*c1ccccc1") == 0.0


def test_tanimoto_lies_between_for_relatives():
    assert 0.0 < figure("tanimoto", "Cc1ccccc1", "CCc1ccccc1") < 1.0


def test_what_is_no_molecule_is_wrong_in_all():
    five = "branch( [:0] F branch) branch( [:60] F branch) branch( [:120] F branch) branch( [:180] F branch) [:240] F"
    for name in METRICS:
        assert figure(name, five, "FC(F)(F)F") == 0.0
        assert figure(name, "C(C", "CC") == 0.0
    with pytest.raises(NotationError, match="valence"):
        to_smiles(five)


def test_corpus_figures_are_means():
    metric = METRICS["exact"]
    sums = np.array([metric.statistics("C", "C"), metric.statistics("C", "N")]).sum(axis=0)
    assert metric.value(sums) == 0.5


def test_labels_are_told_apart():
    assert is_smiles("CCO") and is_smiles("[Na+].[Cl-]") and is_smiles(r"C/C=C\C")
    assert is_smiles(r"C/C=N\OC") and is_smiles(r"CC/C(=C\Cl)\Br") and is_smiles(r"C/C(=N\NC)c1cccs1")
    assert not is_smiles(r"\circle") and not is_smiles(r"C\Chemabove{H}{N}")
    assert not is_smiles(TOLUENE) and not is_smiles("C l") and not is_smiles(r"\chemfig { O H }")


def test_a_line_with_one_arrow_is_a_reaction():
    line = "[:30] O H + H Br -> above( H 2 S O 4 above) below( △ below) [:30] Br + H 2 O"
    assert to_smiles(line) == "CO.Br>O=S(=O)(O)O>CBr.O"
    with pytest.raises(NotationError, match="reaction"):
        to_molfile(line)


def test_the_molfile_of_a_target_is_that_molecule():
    assert from_molfile(to_molfile(TOLUENE)).smiles == "Cc1ccccc1"


@settings(max_examples=40)
@given(DRAWINGS)
def test_molfile_and_smiles_of_every_reading_are_the_same_molecule(drawing):
    text = to_target(drawing)
    try:
        smiles = to_smiles(text)
    except NotationError as problem:
        assert remarks(text), f"refused without a word: {problem}"
    else:
        assert from_molfile(to_molfile(text)).smiles == smiles


@settings(max_examples=40)
@given(DRAWINGS, st.integers(0, 99), st.floats(0.0, 0.8))
def test_wherever_atoms_are_found_the_molfile_is_the_same_molecule(drawing, seed, noise):
    text = to_target(drawing)
    rng = random.Random(seed)
    places = [Place(atom.text, 30 * (atom.x + rng.gauss(0, noise)), 30 * (atom.y + rng.gauss(0, noise)))
              for atom in to_drawing(text).atoms]
    placed, plain = from_molfile(to_placed_molfile(text, places)), from_molfile(to_molfile(text))
    assert placed.smiles == plain.smiles
    assert to_placed_molfile(text, places[:-1]) == to_molfile(text), "places of another reading"


def test_remarks_say_why_a_drawing_is_no_molecule_and_let_words_be():
    assert remarks(TOLUENE) == []
    five = "branch( [:0] F branch) branch( [:60] F branch) branch( [:120] F branch) branch( [:180] F branch) [:240] F"
    (why,) = remarks(five)
    assert why.startswith("no molecule: ") and "valence" in why
    assert remarks("[:30] O H + H Br -> above( 8 0 °C above) [:30] Br") == []


@pytest.mark.parametrize(("text", "sound"), [
    ("[:30] O H", True), ("R [:30] O H", True), ("not a target", True),
    ("[:30] branch( double [:330] O branch) double [:90] double [:0] O", False),
])
def test_what_means_no_molecule_has_no_probability(text, sound):
    assert (log_prior(text) > -math.inf) == sound


def test_a_line_of_a_reaction_is_judged_by_its_balance_alone():
    """What pupils draw on it may be odd, or no molecule."""
    ordinary, odd = "[:30] O H", "[:30] O ^-"
    assert log_prior(ordinary) > log_prior(odd)
    assert log_prior(f"{ordinary} + H Br -> above( 8 0 °C above) {odd}") == 0.0
    assert log_prior(f"{ordinary} -> {ordinary}") == balance.BALANCED
