"""What a run validates is what the exported bundle reads, picture by picture."""

import dataclasses
import random

import numpy as np
import pytest
from PIL import Image

from glyphic.data.samples import write_folder
from glyphic.reading.recognizer import Recognizer
from glyphic.training import release
from glyphic.training.export import export
from glyphic.training.loop import train
from glyphic.training.validation import Validation
from tests import bars as toy
from tests.training.conftest import RECIPE


@pytest.fixture
def trained(data, tmp_path):
    chosen = dataclasses.replace(RECIPE, training=dataclasses.replace(RECIPE.training, steps=150, log_every=50))
    train(chosen, data, tmp_path / "run")
    return release.load(tmp_path / "run")


def folder_of(tmp_path, count=20):
    pictures = [(toy.render(text, random.Random(0)), text)
                for text in (toy.sample(random.Random(500 + i)) for i in range(count))]
    return write_folder(tmp_path / "set", [*pictures, (np.full((30, 50), 255, np.uint8), "a")])


def test_validation_reads_as_the_exported_bundle_does(trained, tmp_path):
    samples = folder_of(tmp_path)
    chosen = dataclasses.replace(trained.recipe, data=dataclasses.replace(trained.recipe.data, validation=len(samples)))
    validation = Validation(tmp_path / "set", chosen, toy.NOTATION, trained.vocabulary, tmp_path)
    assert validation.paths == [sample.path for sample in samples]
    read = validation.read(trained.network)
    assert len(set(read)) > 5, "or it says nothing"
    fitted = [image for image, _ in release._fitted(samples, trained)]
    bundle = export(trained.network, chosen, trained.vocabulary, tmp_path / "bundle", fitted, "tiny", "1")
    recognizer = Recognizer(bundle)
    assert read == [recognizer.read(sample.path).text for sample in samples]
    assert read[-1] == "", "nothing stands on a blank picture"
    scores = validation.run(trained.network, 3)
    exact = sum(text == sample.text for text, sample in zip(read, samples, strict=True)) / len(samples)
    assert scores["exact"] == pytest.approx(exact, abs=1e-4) and set(scores) == {"exact", "places"}
    page = Image.open(tmp_path / "readings-0000003.png")
    assert page.size[0] > 1000 and np.asarray(page).min() < 50


def test_a_network_in_training_stays_in_training(trained, tmp_path):
    folder_of(tmp_path, 3)
    validation = Validation(tmp_path / "set", trained.recipe, toy.NOTATION, trained.vocabulary, tmp_path)
    assert validation.run(trained.network.train(), 1) and trained.network.training


def test_a_label_that_the_notation_cannot_hold_counts_as_wrong(trained, tmp_path):
    samples = folder_of(tmp_path, 5)
    text = (tmp_path / "set" / "labels.tsv").read_text().splitlines()
    (tmp_path / "set" / "labels.tsv").write_text("\n".join([*text[:4], text[4].split("\t")[0] + "\t???"]) + "\n")
    validation = Validation(tmp_path / "set", trained.recipe, toy.NOTATION, trained.vocabulary, tmp_path)
    assert len(samples) == 6 and len(validation.paths) == 5
    validation.read = lambda network: [sample.text for sample in samples[:5]]
    assert validation.run(trained.network, 1)["exact"] == pytest.approx(0.8)


def test_without_a_folder_there_is_nothing_to_validate(trained, tmp_path):
    assert Validation(tmp_path / "none", trained.recipe, toy.NOTATION, trained.vocabulary, tmp_path).run(
        trained.network, 1) == {}
