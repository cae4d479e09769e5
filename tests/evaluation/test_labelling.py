"""A reading becomes a label only where the given label says that it is right."""

from pathlib import Path

import pytest

pytest.importorskip("rdkit", reason="needs rdkit: pip install 'glyphic[chem]'")

from glyphic import notations
from glyphic.core.errors import ImageError
from glyphic.core.results import Alternative, Recognition, Sample
from glyphic.evaluation.labelling import confirmed

ETHANOL, ETHANE, DRAWN = "[:30] [:330] O H", "[:30]", "Cl [:30] Br"


class Reader:
    notation = notations.get("molecule")

    def read_many(self, pictures, errors):
        assert errors == "return"
        return iter([
            Recognition(ETHANOL, "molecule", 0.9),
            Recognition(ETHANE, "molecule", 0.9, alternatives=(Alternative("O H", 0.1), Alternative(ETHANOL, 0.1))),
            Recognition(ETHANE, "molecule", 0.9),
            ImageError("damaged"),
            Recognition("", "molecule", 0.0),
            Recognition("Cl", "molecule", 0.1),
        ])


def test_the_first_reading_that_means_the_label_is_kept_and_what_is_not_confirmed_is_not():
    labels = ["CCO", "OCC", "CCO", "CCO", "CCO", DRAWN]
    samples = [Sample(Path(f"{i}.png"), label) for i, label in enumerate(labels)]
    found = [sample and sample.text for sample in confirmed(Reader(), samples)]
    assert found == [ETHANOL, ETHANOL, None, None, None, DRAWN]
