"""What chemists draw is likelier than what looks like it; the table counts environments as they are asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("rdkit")

from glyphic.core.errors import NotationError
from glyphic.notations.molecule.chemistry import familiarity
from glyphic.notations.molecule.chemistry.familiarity import environments, log_prior, table_of

SCRIPT = Path(__file__).parents[4] / "scripts" / "environments"


@pytest.mark.parametrize(("usual", "odd"), [
    ("CC(C)(Oc1ccccc1)C(=O)O", "CC(C)(Oc1ccccc1)C(=O)[O-]"),  # the sign of a charge is soon seen where there is none
    ("Nc1ccccc1NC(=O)c1cccs1", "Nc1ccccc1NC(=O)C1=CCC(N)=CS1"),
    ("CCCc1ccc(S(=O)(=O)NC)cc1", "CCCc1ccc(S(=O)NC)cc1"),
    ("CCN(Cc1ccccc1)CC", "CCN([NH2+]c1ccccc1)CC"),
    ("CN(C)CC(C)=O", "CN(C)CC(C)=[Te]"),
])
def test_what_chemists_draw_is_likelier(usual, odd):
    assert log_prior(usual) > log_prior(odd) + 0.5


@pytest.mark.parametrize("smiles", ["CCO", "CC(=O)Oc1ccccc1C(=O)O", "Cn1c(=O)c2c(ncn2C)n(C)c1=O", "C[N+](=O)[O-]"])
def test_usual_molecules_are_no_surprise(smiles):
    assert log_prior(smiles) > -1.5


def test_charges_that_balance_each_other_cost_nothing_but_their_rarity():
    alone, salt = log_prior("CC(=O)[O-]"), log_prior("CC(=O)[O-].[Na+]")
    assert alone < -familiarity.CHARGED
    assert salt > alone - familiarity.WEIGHT * 7, "sodium is a surprise, but the charge is none any more"


def test_the_order_of_a_smiles_changes_nothing():
    assert sorted(environments("OC(=O)CN")) == sorted(environments("NCC(O)=O"))
    assert log_prior("OC(=O)C[Se]") == pytest.approx(log_prior("[Se]CC(O)=O"))


def test_environments_tell_rings_hydrogens_charges_and_bonds_apart():
    assert environments("C1CC1")[0] != environments("CCC")[1] != environments("C=CC")[1]
    assert environments("c1ccccc1")[0] != environments("C1=CCCCC1")[0]
    assert environments("C[NH3+]")[1] != environments("CN")[1]


def test_what_is_no_smiles_is_refused_and_left_out_of_counts():
    with pytest.raises(NotationError):
        log_prior("C(")
    total, counts = table_of(["CCO", "C(", "CCO", "C"])
    assert total == 3 and counts["OH1 -C"] == 2 and max(counts.values()) == 2


def test_the_table_is_of_the_kind_that_is_looked_up():
    table = familiarity._table()
    assert len(table) > 500 and min(table.values()) > 0 and max(table.values()) <= 1
    assert {"CH3 -C", "OH1 -C"} <= table.keys()


def test_the_script_says_how_it_is_called():
    told = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True)
    assert told.returncode == 2 and "list.smi" in told.stderr
