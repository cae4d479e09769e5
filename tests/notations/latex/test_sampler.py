"""Sampled formulas are canonical, the same for the same seed, and hardly ever the same twice."""

import itertools
import random
import re

from glyphic.notations.latex import NOTATION, normalize, sampler
from glyphic.notations.latex.parser import parse
from glyphic.notations.latex.sampler import SEEDS, Recombiner, sample
from glyphic.notations.latex.text import to_text
from glyphic.notations.latex.tree import Array, Construct, to_tokens


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


def test_lines_are_aligned_at_relations_or_flush_left_and_spelled_canonically():
    recombiner, kinds = Recombiner([parse(text) for text in SEEDS]), set()
    for seed in range(200):
        rng = random.Random(seed)
        row = recombiner._lined(rng.choice(recombiner.rows), rng)
        text = to_text(row)
        assert to_text(parse(text)) == text
        if isinstance(row[0], Array) and len(row) == 1 and row[0].environment == "aligned":
            assert 2 <= len(row[0].cells) <= 4 and all(len(line) == 2 for line in row[0].cells)
            kinds.add(f"aligned, {'a' if any(not left for left, _ in row[0].cells[1:]) else 'no'} left side missing")
        elif isinstance(row[0], Array) and len(row) == 1 and len(row[0].cells[0]) == 1:
            kinds.add("flush left")
    assert kinds == {"aligned, a left side missing", "aligned, no left side missing", "flush left"}


def test_indices_of_a_tensor_stand_one_behind_the_other():
    for seed in range(100):
        text = to_text(sampler._staggered(parse(r"x^{2}=\frac{a}{b}"), random.Random(seed)))
        assert to_text(parse(text)) == text and re.search(r"[_^]\{[^{}]+\}\{\}[_^]\{[^{}]+\}", text), text
