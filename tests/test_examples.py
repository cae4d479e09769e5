"""The example pictures: labelled in their notation, unlike anything that is trained on, and read."""

from pathlib import Path

import numpy as np
import pytest

import glyphic
from glyphic import notations
from glyphic.core import images
from glyphic.data.samples import read_folder
from glyphic.reading import pictures
from glyphic.recipes import get

FOLDER = Path(__file__).parents[1] / "examples"
WANTED = {"formula": (8, 10), "molecule": (3, 4), "music": (4, 4), "text": (4, 5)}  # so many of so many are read right
NEEDS = {"molecule": "rdkit"}  # to tell what a drawing means
EXAMPLES = [(name, sample) for name in WANTED for sample in read_folder(FOLDER / name)]
each_example = pytest.mark.parametrize(("name", "sample"), EXAMPLES, ids=[sample.path.name for _, sample in EXAMPLES])


def test_every_notation_with_examples_has_a_folder_of_them():
    assert sorted(WANTED) == sorted(folder.name for folder in FOLDER.iterdir())


@pytest.mark.parametrize("name", WANTED)
def test_every_picture_has_its_label(name):
    samples = read_folder(FOLDER / name)
    assert sorted(sample.path for sample in samples) == sorted((FOLDER / name / "images").iterdir())
    assert len(samples) == WANTED[name][1]


@each_example
def test_an_example_is_canonical_and_is_no_seed_of_the_sampler(name, sample):
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    notation = notations.get(name)
    assert notation.spelled(sample.text) == sample.text
    assert sample.text not in [notation.normalize(seed) for seed in notation.examples]


@each_example
def test_an_example_fits_at_the_size_that_the_recipe_asks_for(name, sample):
    fitted = images.fit(pictures.load(sample.path), get(name).input)
    assert not fitted.blank and fitted.scale == fitted.wanted


@pytest.mark.parametrize("name", WANTED)
def test_the_examples_are_read_right(name):
    if name not in glyphic.list_models():
        pytest.skip(f"the package has no model {name}")
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    reader = glyphic.load(name)
    samples = read_folder(FOLDER / name)
    metric = next(iter(reader.notation.metrics_for([sample.text for sample in samples]).values()))
    read = (metric.statistics(reader.read(sample.path).text, sample.text) for sample in samples)
    assert sum(float(metric.value(np.asarray(found))) == 1.0 for found in read) >= WANTED[name][0]
