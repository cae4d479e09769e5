"""Sampled formulas are canonical, the same for the same seed, and hardly ever the same twice."""

import itertools
import random

from glyphic.notations.latex import NOTATION, normalize, sampler
from glyphic.notations.latex.parser import parse
from glyphic.notations.latex.sampler import SEEDS, Recombiner, sample
from glyphic.notations.latex.text import to_text
from glyphic.notations.latex.tree import Construct, to_tokens


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


def test_a_term_comes_again_and_all_that_was_there_stays(monkeypatch):
    monkeypatch.setattr(sampler, "_exchange", lambda rng, share: str)  # the term comes again letter for letter
    row = parse(r"W_{ab}W_{bc}^{2}+\frac{1}{N}\operatorname{tr}M=0")
    seen = set()
    for seed in range(300):
        echoed = sampler._echoed(row, random.Random(seed))
        text = to_text(echoed)
        assert normalize(text) == text and parse(text) == echoed
        kept = iter(to_tokens(echoed))
        assert all(token in kept for token in to_tokens(row)), "in order"
        assert len(echoed) > len(row)
        assert not any(a.opener in ("_{", "^{") and a.opener == b.opener for a, b in itertools.pairwise(echoed)
                       if isinstance(a, Construct) and isinstance(b, Construct)), "no script without its base"
        seen.add(text)
    assert len(seen) > 60
    assert sampler._echoed(parse("^{2}"), random.Random(0)) == parse("^{2}")


def test_the_notation_samples_with_it():
    assert NOTATION.sample is sample and NOTATION.examples == SEEDS
