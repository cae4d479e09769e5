"""The recipes of text build networks of the wanted size that write a frame for four pixels, or step by step."""

import pytest
import torch

from glyphic import recipes
from glyphic.core.recipe import Recipe
from glyphic.core.vocabulary import Vocabulary
from glyphic.models.build import build, parameter_count
from glyphic.recipes.text_classics import RECIPES

VOCABULARY = Vocabulary.of(map(chr, range(32, 127)), blank=True)


def test_the_classics_are_in_the_table_under_their_own_names():
    assert len(RECIPES) == 5
    for name, recipe in RECIPES.items():
        assert recipes.get(name) is recipe is recipes.get(name.replace("-", "_"))
        assert recipe.name == name
    assert set(RECIPES) < set(recipes.names())


@pytest.mark.parametrize("name", ["text", *RECIPES])
def test_a_text_recipe_survives_json_and_reads_lines(name):
    recipe = recipes.get(name)
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert (recipe.input.line_height, recipe.input.multiple % 32) == (32, 0), "the height of a line is one cell"
    network = build(recipe.model, VOCABULARY).eval()
    with torch.no_grad():
        logits = network(torch.rand(1, 1, 32, 96), torch.tensor([[1, 5, 6]]))
    assert network.strides == (32, 4)
    assert logits.shape == (1, 24 if recipe.model.generation == "ctc" else 3, len(VOCABULARY))


def test_the_text_network_fits_in_eight_megabytes_of_half_precision():
    assert 1.5e6 < parameter_count(build(recipes.get("text").model, VOCABULARY)) < 3.9e6
