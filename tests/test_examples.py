"""The example pictures: labelled in the notation, unlike anything that is trained on, and read."""

from pathlib import Path

import pytest

import glyphic
from glyphic import notations
from glyphic.core import images
from glyphic.data.samples import read_folder
from glyphic.reading import pictures
from glyphic.recipes import get

FOLDER = Path(__file__).parents[1] / "examples"
EXAMPLES = read_folder(FOLDER)
FORMULA = notations.get("formula")


def test_every_picture_has_its_label():
    assert sorted(sample.path for sample in EXAMPLES) == sorted((FOLDER / "images").iterdir())
    assert len(EXAMPLES) == 10


@pytest.mark.parametrize("sample", EXAMPLES, ids=lambda sample: sample.path.name)
def test_an_example_is_canonical_and_is_no_seed_of_the_sampler(sample):
    assert FORMULA.normalize(sample.text) == sample.text
    assert sample.text not in [FORMULA.normalize(seed) for seed in FORMULA.examples]


@pytest.mark.parametrize("sample", EXAMPLES, ids=lambda sample: sample.path.name)
def test_an_example_fits_at_the_size_that_the_recipe_asks_for(sample):
    fitted = images.fit(pictures.load(sample.path), get("formula").input)
    assert not fitted.blank and fitted.scale == fitted.wanted


@pytest.mark.skipif("formula" not in glyphic.list_models(), reason="no model is in the package")
def test_at_least_eight_of_ten_examples_are_read_right():
    read = [glyphic.read(sample.path).text for sample in EXAMPLES]
    assert sum(text == sample.text for text, sample in zip(read, EXAMPLES, strict=True)) >= 8
