"""The recipes of music build networks of their size, with a frame for every token of a dense staff."""

import pytest
import torch

from glyphic import notations, recipes
from glyphic.core.recipe import Recipe
from glyphic.models.build import build, parameter_count

VOCABULARY = notations.get("music").tokenizer.vocabulary


@pytest.mark.parametrize(("name", "frames"), [("music", 80), ("music-crnn", 40)])
def test_a_music_recipe_survives_json_and_writes_frames(name, frames):
    recipe = recipes.get(name)
    assert recipe.name == name and Recipe.from_json(recipe.to_json()) == recipe and "Limits" in recipes.notes(name)
    network = build(recipe.model, VOCABULARY).eval()
    assert network.strides == (recipe.input.max_height, 8), "a picture is one row of cells"
    with torch.no_grad():
        logits = network(torch.rand(1, 1, recipe.input.max_height, 320), torch.tensor([[1, 5]]))
    assert logits.shape == (1, frames, len(VOCABULARY))


def test_the_music_network_fits_in_eight_megabytes_of_half_precision():
    assert 1e6 < parameter_count(build(recipes.get("music").model, VOCABULARY)) < 3.9e6


def test_the_classic_has_a_hundred_frames_of_a_picture_of_128_x_800():
    spec = recipes.get("music-crnn").input
    assert (spec.max_height, spec.max_width, spec.max_width // 8) == (128, 800, 100)
