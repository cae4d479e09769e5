"""Both targets are trained on the same pictures, and one table says what came of it."""

import random
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rdkit", reason="needs rdkit: pip install 'glyphic[chem]'")
if not shutil.which("fc-list"):
    pytest.skip("needs fontconfig: apt-get install fontconfig", allow_module_level=True)

from glyphic import notations, recipes
from glyphic.data.molecules import MoleculeSource
from glyphic.data.packs import Pack
from glyphic.data.samples import write_folder
from glyphic.data.synthesis import write_pack
from glyphic.notations.molecule.chemistry.readings import to_smiles
from glyphic.training.loop import train

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import molecule_targets as benchmark

SMALL = ["training.steps=2", "training.batch=4", "training.workers=0", "training.log_every=1", "training.curriculum=[]",
         "training.precision=fp32", 'model.extraction_parameters={"channels": [4, 8, 16], "blocks": [0, 1, 1]}',
         'model.refinement_parameters={"layers": 1, "heads": 2, "width": 16, "hidden": 16}',
         'model.generation_parameters={"width": 16, "layers": 1, "heads": 2, "hidden": 16}']


@pytest.fixture(scope="module")
def packs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packs")
    source = MoleculeSource(["CCO", "c1ccccc1Cl", "CC(=O)O", "OC1CC1"])
    for _ in write_pack(folder / "printed-000.npz", notations.get("molecule"), source, 12, 0, 0):
        pass
    smiles = ["CCO", "CC(=O)O"]
    made = notations.get("smiles").render_many(smiles, random.Random(0))
    write_folder(folder / "validation", [(one.pixels, text) for one, text in zip(made, smiles, strict=True)])
    return folder


def test_a_translated_pack_has_the_same_pictures_and_the_molecules_of_their_targets(packs, tmp_path):
    assert benchmark.translated(packs / "printed-000.npz", tmp_path / "t.npz") == 0
    molecule, smiles = notations.get("molecule").tokenizer, notations.get("smiles").tokenizer
    before = Pack(packs / "printed-000.npz", molecule.vocabulary)
    after = Pack(tmp_path / "t.npz", smiles.vocabulary)
    assert len(before) == len(after) == 12
    for i in range(12):
        assert np.array_equal(before[i].pixels, after[i].pixels)
        assert to_smiles(molecule.decode(before[i].target.tolist())) == smiles.decode(after[i].target.tolist())


def test_both_targets_are_trained_and_stand_in_one_table(packs, tmp_path):
    for notation in benchmark.TARGETS:
        recipe = benchmark.recipe_of(notation, SMALL)
        assert recipe.input == recipes.get("molecule").input
        train(recipe, benchmark.data_of(notation, packs, tmp_path), tmp_path / notation)
    text = benchmark.table([benchmark.row(notation, tmp_path / notation) for notation in benchmark.TARGETS])
    assert text.count("\n") == 4 and "| molecule | 2 | 8 |" in text and "| smiles | 2 | 8 |" in text
    assert "exact_no_stereo" in text
