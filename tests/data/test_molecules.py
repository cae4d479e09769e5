"""A list of SMILES becomes targets whose molecules are those of the list, but for what is held out."""

import random

import pytest

from glyphic.core.errors import OptionError

pytest.importorskip("rdkit", reason="needs rdkit: pip install 'glyphic[chem]'")

from glyphic import notations
from glyphic.data.molecules import PARTNERS, MoleculeSource, read_smiles, skeletons
from glyphic.notations.molecule.chemistry.interpretation import canonical
from glyphic.notations.molecule.chemistry.readings import to_smiles

MOLECULE = notations.get("molecule")
LIST = ["CC(=O)Oc1ccccc1C(=O)O", "CCOC(=O)C(N)Cc1ccccc1", "FC(F)(F)c1ccc(cc1)N1CCOCC1", "CC=CC(C)O", "c1ccncc1"]


def flat(smiles: str) -> set[str]:
    return {canonical(part, stereo=False) for part in smiles.split(".")}


def test_what_is_drawn_is_a_molecule_of_the_list_perhaps_with_partners():
    known, partners = set().union(*map(flat, LIST)), set().union(*map(flat, PARTNERS))
    source, salts = MoleculeSource(LIST), 0
    for seed in range(150):
        text = source(random.Random(seed))
        assert MOLECULE.normalize(text) == text and MOLECULE.tokenizer.encode(text)
        parts = flat(to_smiles(text))
        assert len(parts & known) == 1 and parts <= known | partners, text
        salts += len(parts) > 1
    assert 0 < salts < 30


def test_a_seed_draws_the_same_molecules():
    source = MoleculeSource(LIST)
    one, two = ([source(rng) for _ in range(20)] for rng in (random.Random(3), random.Random(3)))
    assert one == two and len(set(one)) > 10


def test_what_is_held_out_is_never_drawn_in_any_stereo():
    source = MoleculeSource(LIST, skeletons(["C/C=C/[C@H](C)O", "n1ccccc1", "no smiles"]))
    drawn = set().union(*(flat(to_smiles(source(random.Random(seed)))) for seed in range(150)))
    assert not drawn & {canonical("c1ccncc1"), canonical("CC=CC(C)O")}
    assert canonical("CC(=O)Oc1ccccc1C(=O)O") in drawn


def test_a_list_without_molecules_is_an_error(tmp_path):
    with pytest.raises(OptionError, match="none of 50"):
        MoleculeSource(["this", "is", "none((("])(random.Random(0))
    with pytest.raises(OptionError, match="at least one"):
        MoleculeSource([])
    (tmp_path / "list.smi").write_text("CCO\tChEMBL\n\n# a comment\nC name of it\n")
    assert read_smiles(tmp_path / "list.smi") == ["CCO", "C"]
