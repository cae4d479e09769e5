import json

import pytest

from glyphic.core.results import Alternative, Hypothesis, Place, Recognition, Score, Token


def test_a_hypothesis_log_probability_is_that_of_the_whole_sequence():
    assert Hypothesis((4, 5), (-0.5, -0.25, -0.125), True, -0.3).logprob == -0.875
    assert Hypothesis((), (), False, 0.0).logprob == 0


def test_a_recognition_goes_to_json_whole():
    recognition = Recognition("x", "formula", 0.9, (Token("x", -0.1),), (Alternative("y", 0.05),), ("blurred",), "m 1",
                              {"width": 30, "crop": (0, 0, 1, 2)}, 12.5, {"mathml": "<math/>"}, (Place("N", 1.25, 2),))
    data = json.loads(json.dumps(recognition.to_json()))
    assert set(data) == set(Recognition.__dataclass_fields__)
    assert data["tokens"] == [{"text": "x", "logprob": -0.1}] and data["formats"] == {"mathml": "<math/>"}
    assert Token("x", -0.1, (1, 2, 3, 4)).to_json() == {"text": "x", "logprob": -0.1, "box": [1, 2, 3, 4]}
    assert data["places"] == [{"text": "N", "x": 1.25, "y": 2}]
    assert data["alternatives"] == [{"text": "y", "confidence": 0.05}]
    assert (data["text"], data["warnings"], data["image"]["crop"]) == ("x", ["blurred"], [0, 0, 1, 2])


def test_a_score_goes_to_json_whole():
    expected = {"value": 0.5, "low": 0.4, "high": 0.6, "count": 10}
    assert json.loads(json.dumps(Score(0.5, 0.4, 0.6, 10).to_json())) == expected


def test_results_are_frozen():
    with pytest.raises(AttributeError):
        Recognition("x", "formula", 0.9).text = "y"
