import json
import math
from dataclasses import fields, replace
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphic.core.results import (
    Alternative,
    Check,
    Choice,
    Hypothesis,
    ModelIdentity,
    Place,
    Recognition,
    Score,
    Spot,
    Token,
)

SCHEMA = json.loads((resources.files("glyphic.core") / "recognition.schema.json").read_text(encoding="utf-8"))

RECOGNITION = Recognition(
    "xy", "formula", 0.9, (Token("x", -0.1, (1, 2, 3, 4)), Token("y", -math.inf)), (Alternative("y", 0.05),),
    ("blurred",), ModelIdentity("m", "1", "0" * 64),
    {"width": 30, "height": 9, "crop": [0, 0, 1, 2], "scale": 1.5, "turned": 90}, 12.5, {"mathml": "<math/>"},
    (Place("N", 1.25, 2),), (Check("bar 1", "short", "2/4", "3/4", (0, 2)),),
    (Spot(0, (0, 1), "x", 0.5, (1, 2, 3, 4), (Choice("z", "zy", 0.25), Choice("", "", 0.1))),
     Spot(1, (1, 2), "y", 0.9)), 0.75, True, "review", {"alpha": 0.01})


def test_a_hypothesis_log_probability_is_that_of_the_whole_sequence():
    assert Hypothesis((4, 5), (-0.5, -0.25, -0.125), True, -0.3).logprob == -0.875
    assert Hypothesis((), (), False, 0.0).logprob == 0


def test_a_recognition_goes_to_json_and_back_whole():
    data = json.loads(json.dumps(RECOGNITION.to_json(), allow_nan=False))
    assert set(data) == set(Recognition.__dataclass_fields__)
    assert Recognition.from_json(data) == RECOGNITION
    assert data["tokens"] == [{"text": "x", "logprob": -0.1, "box": [1, 2, 3, 4]}, {"text": "y", "logprob": None}]
    assert data["model"] == {"name": "m", "version": "1", "sha256": "0" * 64}
    bare = Recognition("x", "formula", 0.9)
    assert Recognition.from_json(json.loads(json.dumps(bare.to_json()))) == bare


def test_json_of_a_later_version_is_read_without_what_is_new_in_it():
    assert Recognition.from_json({**RECOGNITION.to_json(), "mood": "good"}) == RECOGNITION


def test_the_schema_tells_all_fields_and_holds():
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert set(SCHEMA["required"]) == set(SCHEMA["properties"]) == {field.name for field in fields(Recognition)}
    check = jsonschema.Draft202012Validator(SCHEMA)
    image = {"width": 3, "height": 3, "crop": None, "scale": 1.0}
    for found in (RECOGNITION, Recognition("", "text", 0.0, image=image)):
        check.validate(json.loads(json.dumps(found.to_json())))
    for wrong in ({"confidence": 1.5}, {"decision": "maybe"}, {"spots": [{"index": 0}]}, {"model": "m 1"},
                  {"text": None}):
        assert not check.is_valid({**RECOGNITION.to_json(), **wrong}), wrong
    assert not check.is_valid(replace(RECOGNITION, image={}).to_json())


@given(st.lists(st.tuples(st.sampled_from(["a", "b-c"]), st.sampled_from(["1", "0.2.0"])), min_size=1, max_size=3))
def test_a_model_is_called_by_the_names_and_versions_of_all_members(members):
    identity = ModelIdentity(" + ".join(n for n, _ in members), " + ".join(v for _, v in members))
    assert str(identity) == " + ".join(f"{name} {version}" for name, version in members)


def test_a_score_goes_to_json_whole():
    expected = {"value": 0.5, "low": 0.4, "high": 0.6, "count": 10}
    assert json.loads(json.dumps(Score(0.5, 0.4, 0.6, 10).to_json())) == expected


def test_results_are_frozen():
    with pytest.raises(AttributeError):
        Recognition("x", "formula", 0.9).text = "y"
