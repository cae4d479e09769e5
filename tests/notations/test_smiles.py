"""The notation smiles keeps what conformance asks of any, and holds the molecules of the notation molecule."""

import random
import shutil

import pytest

pytest.importorskip("rdkit", reason="needs rdkit: pip install 'glyphic[chem]'")
if not shutil.which("fc-list"):
    pytest.skip("needs fontconfig: apt-get install fontconfig", allow_module_level=True)

from glyphic import notations
from glyphic.core.errors import NotationError
from glyphic.notations import conformance, molecule
from glyphic.notations.molecule.chemistry.depiction import depict
from glyphic.notations.molecule.chemistry.readings import to_smiles
from glyphic.notations.smiles import EXAMPLES, NOTATION


def test_it_keeps_what_conformance_asks():
    conformance.check(NOTATION, count=40)


def test_atoms_of_two_letters_and_double_ats_are_one_token():
    tokens = NOTATION.tokenizer.vocabulary
    assert tokens.decode(NOTATION.tokenizer.encode("ClCCBr")) == ["Cl", "C", "C", "Br"] or tokens.decode(
        NOTATION.tokenizer.encode("ClCCBr")) == ["Br", "C", "C", "Cl"]
    assert "@@" in {token for text in ("C[C@H](N)O", "C[C@@H](N)O")
                    for token in tokens.decode(NOTATION.tokenizer.encode(text))}


@pytest.mark.parametrize("smiles", EXAMPLES)
def test_a_drawing_of_a_molecule_is_the_same_molecule_in_both_notations(smiles):
    drawn = molecule.to_target(depict(smiles, random.Random(0)))
    assert to_smiles(drawn) == NOTATION.normalize(smiles)


def test_every_element_has_its_letters():
    from rdkit.Chem import GetPeriodicTable

    for number in range(1, 119):
        symbol = GetPeriodicTable().GetElementSymbol(number)
        assert NOTATION.tokenizer.decode(NOTATION.tokenizer.encode(f"[{symbol}]")) == NOTATION.normalize(f"[{symbol}]")


def test_what_is_no_molecule_is_refused_when_encoded_and_kept_as_it_is_when_decoded():
    with pytest.raises(NotationError, match="c1cc"):
        NOTATION.tokenizer.encode("c1cc")
    ids = NOTATION.tokenizer.vocabulary.encode("c1cc")
    assert NOTATION.tokenizer.decode(ids) == "c1cc"


def test_it_is_measured_as_molecules_are():
    assert NOTATION.metrics_for(["CCO"]).keys() == notations.get("molecule").metrics_for(["CCO"]).keys()
