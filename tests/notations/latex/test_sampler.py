"""Sampled formulas are canonical, the same for the same seed, and hardly ever the same twice."""

import random

from glyphic.notations.latex import NOTATION, normalize
from glyphic.notations.latex.parser import parse
from glyphic.notations.latex.sampler import SEEDS, Recombiner, sample
from glyphic.notations.latex.text import to_text
from glyphic.notations.latex.tree import to_tokens


def test_a_seed_gives_a_formula():
    assert [sample(random.Random(seed)) for seed in range(100)] == [sample(random.Random(seed)) for seed in range(100)]


def test_samples_are_canonical():
    for seed in range(300):
        text = sample(random.Random(seed))
        assert text and normalize(text) == text


def test_samples_differ():
    assert len({sample(random.Random(seed)) for seed in range(500)}) > 400


def test_a_recombiner_gives_rows_that_spell_themselves():
    recombiner = Recombiner([parse(text) for text in SEEDS])
    rng = random.Random(1)
    for _ in range(300):
        row = recombiner.sample(rng)
        assert parse(to_text(row)) == row


def test_recombination_keeps_to_what_it_was_given():
    recombiner = Recombiner([parse(r"a=\frac{b}{c}"), parse("x^{2}=y")])
    tokens = {token for seed in range(200) for token in to_tokens(recombiner.sample(random.Random(seed)))}
    assert {r"\frac{", "^{"} <= tokens
    assert not tokens & {r"\sqrt{", "_{", r"\begin{matrix}"}


def test_the_notation_samples_with_it():
    assert NOTATION.sample is sample and NOTATION.examples == SEEDS
