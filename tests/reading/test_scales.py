"""What one look leaves in doubt is looked at again, at several sizes."""

import random
from dataclasses import replace

import numpy as np
import pytest

from glyphic.core.errors import OptionError
from glyphic.core.options import DecodingOptions, InputSpec
from glyphic.reading.recognizer import Recognizer
from glyphic.reading.scales import Rescaled
from tests import bars as toy

pytestmark = pytest.mark.usefixtures("bars")

SPEC = InputSpec(max_height=64, max_width=128, multiple=8)


class Sized:
    """A step model that reads `a` in a picture at its own width, `b` in all others, with these probabilities."""

    batch_invariant = True

    def __init__(self, here: float, elsewhere: float):
        self.here, self.elsewhere, self.own, self.widths = here, elsewhere, 0, []

    def encode(self, images):
        self.widths += [image.shape[-1] for image in images]
        self.own = self.own or self.widths[0]
        return np.array([[image.shape[-1] == self.own, 0] for image in images], int)

    def step(self, tokens, state):
        rows = np.full((len(state), len(toy.VOCABULARY)), 1e-9, np.float32)
        for row, (own, written) in zip(rows, state, strict=True):
            a = self.here if own else 1 - self.elsewhere
            row[toy.VOCABULARY.encode("ab")] = (1e-6, 1e-6) if written else (a, 1 - a)
            row[toy.VOCABULARY.eos] = 1.0 if written else 1e-6
        return np.log(rows), state + [[0, 1]] * len(state)

    def select(self, state, rows):
        return state[rows]


def reader(bundle, network, **options):
    return Recognizer(replace(bundle, decoding=DecodingOptions(**options)), network=network)


def picture(text):
    return toy.render(text, random.Random(0))


def test_the_mean_over_sizes_decides_where_one_look_leaves_doubt(step_bundle):
    network = Sized(here=0.6, elsewhere=0.9)
    result = reader(step_bundle, network, scales=(0.5, 2.0), certain=0.9).read(picture("abc"))
    assert result.text == "b" and len(set(network.widths)) == 3  # (0.6 + 0.1 + 0.1) / 3 for `a`
    assert result.tokens[0].logprob == pytest.approx(np.log((0.4 + 0.9 + 0.9) / 3), abs=1e-4)


def test_what_is_certain_is_looked_at_once(step_bundle):
    network = Sized(here=0.95, elsewhere=0.99)
    assert reader(step_bundle, network, scales=(0.5, 2.0), certain=0.9).read(picture("abc")).text == "a"
    assert len(network.widths) == 1


def test_nothing_is_certain_enough_at_1_and_a_beam_of_1_looks_once(step_bundle):
    network = Sized(here=0.95, elsewhere=0.99)
    assert reader(step_bundle, network, scales=(0.5, 2.0)).read(picture("abc")).text == "b"
    assert len(network.widths) == 3
    quick = replace(step_bundle, decoding=DecodingOptions(scales=(0.5, 2.0)))
    assert Recognizer(quick, network=network, beam_width=1).read(picture("abc")).text == "a"


def test_alternatives_and_spots_are_those_of_all_sizes(step_bundle):
    options = {"scales": (0.5, 2.0), "certain": 0.9}
    found = Recognizer(replace(step_bundle, decoding=DecodingOptions(**options)), network=Sized(0.6, 0.9),
                       alternatives=1, spots=True).read(picture("abc"))
    assert found.text == "b" and [other.text for other in found.alternatives] == ["a"]
    assert [other.text for other in found.spots[0].alternatives] == ["a"]
    assert found.spots[0].alternatives[0].p == pytest.approx((0.6 + 0.1 + 0.1) / 3, abs=1e-4)


@pytest.mark.parametrize("options", [{"scales": (0.8, 1.25)}, {"scales": (0.8, 1.25), "certain": 0.9999},
                                     {"beam_width": 3, "certain": 0.9999}, {"beam_width": 3, "scales": (1.3,)}])
def test_many_are_read_as_each(step_bundle, options):
    found = Recognizer(replace(step_bundle, decoding=DecodingOptions(**options)))
    pictures = [picture(toy.sample(random.Random(seed))) for seed in range(8)]
    alone = [found.read(each) for each in pictures]
    many = list(found.read_many(pictures, batch=3))
    assert [result.text for result in many] == [result.text for result in alone]
    assert [result.confidence for result in many] == pytest.approx([result.confidence for result in alone], abs=1e-5)


def test_a_beam_searches_again_only_what_is_in_doubt(step_bundle):
    widths = []

    class Counted(Sized):
        def step(self, tokens, state):
            widths.append(len(state))
            return super().step(tokens, state)

    for here, most in ((0.95, 1), (0.6, 3)):
        widths.clear()
        assert reader(step_bundle, Counted(here, 0.99), beam_width=3, certain=0.9).read(picture("abc")).text == "a"
        assert max(widths) == most


@pytest.mark.parametrize(("scale", "size"), [(0.5, (16, 32)), (1.0, (24, 64)), (1.25, (32, 80)), (4.0, (48, 128)),
                                             (0.01, (8, 8))])
def test_a_picture_is_rescaled_as_far_as_there_is_room(scale, size):
    shapes = []

    class Shapes:
        def encode(self, images):
            shapes.extend(image.shape for image in images)

    Rescaled(Shapes(), scale, SPEC).encode([np.ones((24, 64), np.float32)])
    assert shapes == [(1, *size)]


def test_scales_are_sensible_numbers_and_may_come_from_json():
    assert DecodingOptions(scales=[0.8, 1.25]) == DecodingOptions(scales=(0.8, 1.25))
    for scales in ((0.1,), (5.0,), (float("nan"),)):
        with pytest.raises(OptionError, match=r"0\.25 to 4"):
            DecodingOptions(scales=scales)


def test_spots_of_several_sizes_need_not_be_written_from_the_start(step_bundle, monkeypatch):
    found = Recognizer(replace(step_bundle, decoding=DecodingOptions(scales=(0.8,))), spots=True)
    pictures = [picture(toy.sample(random.Random(seed))) for seed in range(6)]
    short = [found.read(each).spots for each in pictures]
    monkeypatch.delattr("glyphic.decoding.ensemble.Ensemble.rewound")
    whole = [found.read(each).spots for each in pictures]
    assert any(short)
    assert [[(spot.index, spot.span, [a.text for a in spot.alternatives]) for spot in spots] for spots in short] \
        == [[(spot.index, spot.span, [a.text for a in spot.alternatives]) for spot in spots] for spots in whole]


def test_alternatives_of_what_is_certain_come_from_the_picture_at_its_own_size(step_bundle):
    network = Sized(here=0.95, elsewhere=0.99)
    options = {"scales": (0.5, 2.0), "certain": 0.9}
    found = Recognizer(replace(step_bundle, decoding=DecodingOptions(**options)), network=network,
                       alternatives=1).read(picture("abc"))
    assert found.text == "a" and [other.text for other in found.alternatives] == ["b"] and len(network.widths) == 1


def test_what_leaves_no_hope_is_looked_at_once(step_bundle):
    class Lost(Sized):
        def step(self, tokens, state):
            logprobs, after = super().step(tokens, state)
            return logprobs - 2.0, after  # as if most of the probability were elsewhere

    network = Lost(here=0.6, elsewhere=0.9)
    found = reader(step_bundle, network, scales=(0.5, 2.0), certain=0.9).read(picture("abc"))
    assert found.confidence < 0.3 and len(network.widths) == 1
