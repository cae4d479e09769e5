"""The conformance check passes a good notation and names what is wrong with a bad one."""

import random
from dataclasses import replace

import numpy as np
import pytest

from glyphic import notations
from glyphic.core.errors import NotationError
from glyphic.core.notation import Rendering
from glyphic.core.vocabulary import Vocabulary
from glyphic.notations import conformance
from tests import bars

GOOD = bars.NOTATION
RNG = random.Random(0)


class Decoder(bars.Letters):
    def decode(self, ids):
        return super().decode(ids)[::-1]


class Framed(bars.Letters):
    def encode(self, text):
        return [*super().encode(text), bars.VOCABULARY.eos]


class Narrow(bars.Grammar):
    def bias(self, state, remaining):
        bias = super().bias(state, remaining)
        bias[bars.VOCABULARY.ids["c"]] = -np.inf
        return bias


class Spendthrift(bars.Grammar):
    """Wants a token to spare."""

    def bias(self, state, remaining):
        return super().bias(state, remaining - 1)


class Short(bars.Grammar):
    def bias(self, state, remaining):
        return super().bias(state, remaining)[:-1]


class Half(bars.Exact):
    def statistics(self, prediction, reference):
        return 0.5 * (prediction == reference), 1.0


class Kind(bars.Exact):
    def statistics(self, prediction, reference):
        return 1.0, 1.0


class Flat(bars.Exact):
    def value(self, sums):
        return float(sums.sum(axis=0)[0] / sums.sum(axis=0)[1]) if sums.ndim > 1 else sums[0] / sums[1]


def growing(text):
    return bars.normalize(text) + "a"


def vague(text):
    try:
        return bars.normalize(text)
    except NotationError:
        raise NotationError("no") from None


def test_a_good_notation_passes():
    conformance.check(GOOD)
    conformance.check(replace(GOOD, grammar=None, render=None, sample=None))
    conformance.check(replace(GOOD, render_many=lambda texts, rng: [Rendering(bars.render(t, rng)) for t in texts]))


@pytest.mark.parametrize(("change", "sentence"), [
    ({"sample": None, "examples": ()}, "a sampler or examples"),
    ({"metrics": {}}, "at least one metric"),
    ({"examples": ("abd",)}, "'abd' is an example or sample, and is refused"),
    ({"sample": lambda rng: "abd"}, "is refused"),
    ({"sample": lambda rng: RNG.choice("ab") * RNG.randint(1, 9)}, "one seed must give one sample"),
    ({"normalize": growing}, "not idempotent"),
    ({"tokenizer": Decoder()}, r"decode\(encode\(t\)\) must be normalize"),
    ({"tokenizer": Framed()}, "writes a special token"),
    ({"tokenizer": bars.Letters(Vocabulary.of("ab"))}, "is refused"),
    ({"grammar": Narrow()}, "the grammar forbids"),
    ({"grammar": Spendthrift()}, "the grammar forbids"),
    ({"grammar": Short()}, r"bias must be \(6,\)"),
    ({"metrics": {"half": Half()}}, "of identical texts must be 1"),
    ({"metrics": {"kind": Kind()}}, "calls different texts identical"),
    ({"metrics": {"flat": Flat()}}, r"into \(...\)"),
    ({"normalize": vague}, "a position in it"),
    ({"normalize": lambda text: text.translate({0: "", 1: ""}).replace(" ", "")}, "must be refused"),
    ({"render": lambda text, rng: bars.render(text, rng) / 255}, "uint8"),
    ({"render": lambda text, rng: 255 - bars.render(text, rng)}, "mostly dark"),
    ({"render": lambda text, rng: np.full((9, 9), 255, np.uint8)}, "no ink"),
    ({"render_many": lambda texts, rng: []}, "gave 0 pictures"),
    ({"render_many": lambda texts, rng: [None for _ in texts]}, "none of"),
    ({"render_many": lambda texts, rng: [Rendering(bars.render(t, rng), (("a", 999.0, 0.0),)) for t in texts]},
     "outside"),
])
def test_a_broken_promise_is_named(change, sentence):
    with pytest.raises(AssertionError, match=sentence):
        conformance.check(replace(GOOD, **change), count=30)


def test_the_looks_of_a_notation_are_those_of_its_renderer():
    from glyphic.notations.molecule import rendering as molecules
    from glyphic.notations.music import rendering as staves

    assert tuple(notations.get("molecule").looks) == tuple(molecules.LOOKS)
    assert tuple(notations.get("music").looks) == tuple(staves.LOOKS)
    assert "mathjax" in notations.get("formula").looks and not notations.get("text").looks
