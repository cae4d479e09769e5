"""The benchmark of the five classics trains each of them and writes one table."""

import dataclasses
import importlib.util
import json
from pathlib import Path

import pytest

from glyphic.data.samples import read_folder
from glyphic.recipes.text_classics import RECIPES
from tests.training.conftest import data  # noqa: F401

SMALL = {"crnn": {"width_factor": 0.0625}, "resnet15": {"channels": [4, 8, 8, 16]},
         "resnet23": {"channels": [4, 8, 8, 16]}}
SETTINGS = ["notation=bars", "training.steps=2", "training.batch=8", "training.workers=0", "training.precision=fp32",
            "training.curriculum=[]", "training.log_every=1", "data.max_tokens=9", "input.max_width=256"]


@pytest.fixture
def benchmark():
    path = Path(__file__).parents[1] / "benchmarks" / "text_classics.py"
    spec = importlib.util.spec_from_file_location("text_classics_benchmark", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def small(recipe):
    extraction = recipe.model.extraction
    model = dataclasses.replace(recipe.model, extraction_parameters=SMALL[extraction],
                                refinement_parameters={"layers": 1, "width": 16},
                                generation_parameters={**recipe.model.generation_parameters, "width": 16})
    return dataclasses.replace(recipe, model=model)


def test_all_five_are_trained_and_stand_in_one_table(benchmark, data, tmp_path):  # noqa: F811
    rows = benchmark.compare(map(small, RECIPES.values()), data, tmp_path / "out", SETTINGS)
    assert [row["name"] for row in rows] == list(RECIPES)
    assert json.loads((tmp_path / "out" / "results.json").read_text()) == rows
    for row in rows:
        assert row["steps"] == 2 and row["pictures"] == 16
        assert row["parameters"] > 1000 and row["milliseconds"] > 0
        assert row["scores"] and row["read"] == len(read_folder(data / "validation"))
        assert all(0 <= score["low"] <= score["value"] <= score["high"] <= 1 for score in row["scores"].values())
    lines = (tmp_path / "out" / "results.md").read_text().splitlines()
    assert len(lines) == 2 + 5 and len({line.count("|") for line in lines}) == 1
    again = benchmark.compare(map(small, RECIPES.values()), data, tmp_path / "out", SETTINGS)
    assert [row["pictures"] for row in again] == [16] * 5, "what is finished is not trained again"


@pytest.mark.parametrize("name", RECIPES)
def test_half_width_is_vggs_alone(benchmark, name):
    recipe = RECIPES[name]
    halved = benchmark.halved(recipe)
    if recipe.model.extraction == "crnn":
        assert halved.model.extraction_parameters == {"width_factor": 0.5}
        assert dataclasses.replace(halved, model=recipe.model) == recipe
    else:
        assert halved == recipe
