"""Names of recipes, and recipes of one's own."""

import re

import pytest

from glyphic import notations, recipes
from glyphic.core.errors import OptionError, UnknownNameError
from glyphic.notations.latex import symbols

SOURCE = """
from glyphic.core.options import InputSpec
from glyphic.core.recipe import ModelSpec, Recipe
RECIPE = Recipe("mine", "formula", ModelSpec("cnn", "ctc"), InputSpec())
"""


def test_a_python_file_is_a_recipe(tmp_path):
    (tmp_path / "mine.py").write_text(SOURCE)
    assert recipes.get(str(tmp_path / "mine.py")).name == "mine"


def test_a_file_without_a_recipe_says_what_it_must_define(tmp_path):
    (tmp_path / "mine.py").write_text("RECIPE = 3")
    with pytest.raises(OptionError, match=r"must define RECIPE"):
        recipes.get(str(tmp_path / "mine.py"))
    with pytest.raises(OptionError, match=r"no such recipe file"):
        recipes.get(str(tmp_path / "other.py"))


def test_dashes_and_underscores_are_one(monkeypatch, tmp_path):
    (tmp_path / "formula_tiny_recipe.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(recipes.BUILT_IN, "formula_tiny", "formula_tiny_recipe")
    assert recipes.get("formula-tiny") is recipes.get("formula_tiny")


def test_an_unknown_name_lists_those_there_are():
    with pytest.raises(UnknownNameError, match=r"no recipe or Python file 'formulas'; there are: .*formula"):
        recipes.get("formulas")


def test_what_opens_and_closes_a_group_follows_the_notation():
    def tokens(name, notation):
        parameters = recipes.get(name).model.generation_parameters
        return [{token for token in notation.tokenizer.vocabulary.tokens if re.fullmatch(parameters[side], token)}
                for side in ("opens", "closes")]

    opens, closes = tokens("formula", notations.get("formula"))
    environments = {f"\\begin{{{name}}}" for name in symbols.ENVIRONMENTS}
    assert opens == {*symbols.CONSTRUCTS, *environments}
    assert closes == {"}", *(name.replace("begin", "end") for name in environments)}
    for name in ("molecule", "molecule-handwritten"):
        opens, closes = tokens(name, notations.get("molecule"))
        assert opens == {"branch(", "above(", "below("} and closes == {"branch)", "above)", "below)"}
