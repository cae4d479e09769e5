import dataclasses
import json

import pytest

from glyphic.core.errors import GlyphicError, OptionError
from glyphic.core.options import DecodingOptions, InputSpec


@pytest.mark.parametrize(("wrong", "message"), [
    ({"beam_width": 0}, "beam_width must be at least 1; got 0"),
    ({"max_tokens": 1}, "max_tokens must be at least 2"),
    ({"alternatives": 1}, "1 alternatives need a beam wider than 1; got beam_width=1"),
    ({"beam_width": 3, "alternatives": 3}, "3 alternatives need a beam wider than 3; got beam_width=3"),
    ({"beam_width": 3, "alternatives": -1}, "alternatives"),
    ({"length_penalty": -0.5}, "length_penalty must not be negative; got -0.5"),
    ({"token_bonus": float("inf")}, "token_bonus is a number of nats; got inf"),
    ({"least_prior": 0.5}, "least_prior is a number of nats, 0 or less; got 0.5"),
    ({"least_prior": float("-inf")}, "least_prior is a number of nats, 0 or less; got -inf"),
    ({"length_penalty": float("nan")}, "length_penalty must not be negative; got nan"),
])
def test_nonsense_is_refused_when_decoding_options_are_built(wrong, message):
    with pytest.raises(OptionError, match=message):
        DecodingOptions(**wrong)


@pytest.mark.parametrize(("wrong", "message"), [
    ({"symbol_size": 20.0, "line_height": 32}, "not two; got symbol_size=20.0 and line_height=32"),
    ({"max_height": 100}, "multiples of 16; got 100 and 1024"),
    ({"max_width": 100}, "multiples of 16; got 256 and 100"),
    ({"max_height": 16, "margin": 8}, "margin of 8 leaves no room in 16 x 1024"),
    ({"line_height": 32, "turned_from": 0.5}, "turned_from must be at least 1"),
    ({"line_height": 8, "margin": 4}, "line_height must be above 8"),
    ({"line_height": 0}, "line_height must be above 8"),
    ({"symbol_size": 0.0}, "symbol_size must be above 0; got 0.0"),
    ({"symbol_size": -3.0}, "symbol_size must be above 0; got -3.0"),
    ({"margin": -1}, "margin must not be negative; got -1"),
    ({"multiple": 0}, "multiple must be at least 1; got 0"),
])
def test_nonsense_is_refused_when_an_input_spec_is_built(wrong, message):
    with pytest.raises(OptionError, match=message):
        InputSpec(**wrong)


def test_option_errors_are_value_errors_and_glyphics_own():
    assert issubclass(OptionError, ValueError) and issubclass(OptionError, GlyphicError)


@pytest.mark.parametrize("spec", [InputSpec(), InputSpec(symbol_size=18.5), InputSpec(line_height=32, max_height=32)])
def test_an_input_spec_survives_json(spec):
    assert InputSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


def test_options_are_frozen():
    for options in (InputSpec(), DecodingOptions()):
        with pytest.raises(dataclasses.FrozenInstanceError):
            options.margin = 3
