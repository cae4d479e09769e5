import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphic.core.errors import OptionError
from glyphic.core.options import InputSpec
from glyphic.core.recipe import DataSpec, ModelSpec, Recipe, TrainingSpec

RECIPE = Recipe(
    name="formula-small",
    notation="formula",
    model=ModelSpec("densenet", "transformer", extraction_parameters={"widths": [16, 32], "block": {"kernel": 5}}),
    input=InputSpec(symbol_size=20.0),
    data=DataSpec(weights={"crohme": 2.0}),
    training=TrainingSpec(curriculum=((1000, 16), (3000, 40))),
)

recipes = st.builds(
    Recipe,
    name=st.text(), notation=st.text(),
    model=st.builds(ModelSpec, st.text(), st.text(), st.text(),
                    st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text(), max_size=3)),
    input=st.builds(InputSpec, symbol_size=st.none() | st.floats(1, 90), margin=st.integers(0, 20)),
    data=st.builds(DataSpec, degradation=st.floats(0, 1),
                   weights=st.dictionaries(st.text(), st.floats(0, 9), max_size=3)),
    training=st.builds(TrainingSpec, steps=st.integers(), learning_rate=st.floats(0, 1),
                       curriculum=st.lists(st.tuples(st.integers(), st.integers()), max_size=3).map(tuple),
                       optimizer=st.sampled_from(["muon", "adamw"])),
)


@given(recipes)
def test_a_recipe_survives_json(recipe):
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


def test_a_recipe_without_optional_parts_has_their_defaults():
    data = {"name": "x", "notation": "text", "model": {"extraction": "crnn", "generation": "ctc"}, "input": {}}
    assert Recipe.from_json(data) == Recipe("x", "text", ModelSpec("crnn", "ctc"), InputSpec())


@pytest.mark.parametrize(("setting", "path", "value"), [
    ("training.steps=1000", ("training", "steps"), 1000),
    ("training.learning_rate=0.5", ("training", "learning_rate"), 0.5),
    ("training.learning_rate=2", ("training", "learning_rate"), 2.0),
    ("training.schedule=linear", ("training", "schedule"), "linear"),
    ("training.curriculum=[[10, 5]]", ("training", "curriculum"), ((10, 5),)),
    ("training.curriculum=[]", ("training", "curriculum"), ()),
    ("input.symbol_size=null", ("input", "symbol_size"), None),
    ("input.symbol_size=12", ("input", "symbol_size"), 12.0),
    ("model.extraction=resnet", ("model", "extraction"), "resnet"),
    ("model.extraction_parameters.depth=3", ("model", "extraction_parameters", "depth"), 3),
    ("model.extraction_parameters.block.kernel=3", ("model", "extraction_parameters", "block", "kernel"), 3),
    ("model.extraction_parameters={}", ("model", "extraction_parameters"), {}),
    ("data.weights.im2latex=0.5", ("data", "weights", "im2latex"), 0.5),
    ("name=with=equals", ("name",), "with=equals"),
    (" training.steps = 7", ("training", "steps"), 7),
])
def test_a_setting_changes_its_place_and_no_other(setting, path, value):
    changed, expected = RECIPE.override([setting]).to_json(), RECIPE.to_json()
    place = expected
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    assert changed == expected
    found = changed
    for part in path:
        found = found[part]
    assert type(found) is type(value)


def test_no_settings_change_nothing_and_the_original_stays():
    before = RECIPE.to_json()
    assert RECIPE.override([]) == RECIPE
    RECIPE.override(["model.extraction_parameters.block.kernel=9", "data.weights.crohme=7", "training.steps=1"])
    assert RECIPE.to_json() == before


def test_of_two_settings_for_one_place_the_later_holds():
    assert RECIPE.override(["training.steps=1", "training.steps=2"]).training.steps == 2


@pytest.mark.parametrize(("setting", "message"), [
    ("training.steps=many", "training.steps must be int; got 'many'"),
    ("training.steps=1.5", "training.steps must be int; got 1.5"),
    ("training.steps=true", "training.steps must be int; got True"),
    ("training.steps=null", "training.steps must be int; got None"),
    ("training.learning_rate=fast", "training.learning_rate must be float; got 'fast'"),
    ("training.learning_rate=false", "training.learning_rate must be float; got False"),
    ("training.precision=fp8", "training.precision must be one of bf16, fp32; got 'fp8'"),
    ("training.curriculum=5", "training.curriculum must be a list; got 5"),
    ("training.curriculum=soon", "training.curriculum must be a list; got 'soon'"),
    ("training.curriculum=[5]", r"training.curriculum\[0\] must be a list; got 5"),
    ("training.curriculum=[[1, 2], [1, 2, 3]]", r"training.curriculum\[1\] must be a list of 2; got \[1, 2, 3\]"),
    ('training.curriculum=[[1, "b"]]', r"training.curriculum\[0\]\[1\] must be int; got 'b'"),
    ("training=5", "training must be an object; got 5"),
    ("model.extraction_parameters=5", "model.extraction_parameters must be an object; got 5"),
    ("data.weights=[1, 2]", r"data.weights must be an object; got \[1, 2\]"),
    ("input.symbol_size=big", "input.symbol_size must be float; got 'big'"),
    ("input.line_height=32", "not two"),
    ("training.step=5", "no setting 'training.step'; training has: .*steps"),
    ("trainin.steps=5", "no setting 'trainin.steps'; a recipe has: .*training"),
    ("name.first=5", "no setting 'name.first'; a recipe has: "),
    ("steps=5", "no setting 'steps'; a recipe has: "),
    ("training.steps", "a setting reads path=value"),
])
def test_settings_that_do_not_fit_are_refused_with_their_reason(setting, message):
    with pytest.raises(OptionError, match=message):
        RECIPE.override([setting])


@pytest.mark.parametrize(("data", "message"), [
    ({}, "a recipe lacks input, model, name, notation"),
    ([], "a recipe must be an object"),
    ({**RECIPE.to_json(), "model": {"extraction": "crnn"}}, "model lacks generation"),
    ({**RECIPE.to_json(), "training": {"stepz": 1}}, "no setting training.stepz; there are: accumulate, "),
    ({**RECIPE.to_json(), "colour": 1}, "no setting colour; there are: data, "),
])
def test_json_that_is_no_recipe_is_refused(data, message):
    with pytest.raises(OptionError, match=message):
        Recipe.from_json(data)
