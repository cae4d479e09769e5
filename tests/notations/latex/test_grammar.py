"""The grammar lets every formula be written without a token to spare, and always ends in time."""

import random

import numpy as np
import pytest

from glyphic.core.guide import accepts
from glyphic.notations.latex import NOTATION
from glyphic.notations.latex.grammar import LatexGrammar
from glyphic.notations.latex.sampler import SEEDS, sample
from glyphic.notations.latex.tree import VOCABULARY
from tests.notations.latex.walks import GRAMMAR, TOKENIZER, TOKENS, context, walk

IDS, EOS = VOCABULARY.ids, VOCABULARY.eos


def allowed(tokens: list[str], remaining: int = 100) -> set[str]:
    """What may follow these tokens."""
    state = GRAMMAR.start()
    for token in tokens:
        state = GRAMMAR.advance(state, IDS[token])
    return {VOCABULARY.tokens[i] for i in np.flatnonzero(GRAMMAR.bias(state, remaining) > -np.inf)}


def test_it_accepts_what_is_written():
    texts = [*SEEDS, *(sample(random.Random(seed)) for seed in range(300))]
    contexts = [VOCABULARY.encode(context(token)) for token in TOKENS]
    for ids in [*map(TOKENIZER.encode, texts), *contexts]:
        assert accepts(GRAMMAR, ids, EOS), VOCABULARY.decode(ids)


def test_it_accepts_the_canonical_tokens_of_its_own_walks():
    for seed in range(300):
        ids = TOKENIZER.encode(TOKENIZER.decode(walk(seed)))
        assert accepts(GRAMMAR, ids, EOS) or not ids, VOCABULARY.decode(ids)


@pytest.mark.parametrize("budget", range(2, 26))
def test_every_budget_is_enough_to_end(budget):
    for seed in range(60):
        assert 0 < len(walk(seed, budget, budget)) < budget


def test_a_budget_of_one_token_ends_an_empty_formula():
    """Nothing fits but the end, which the grammar forbids at the start: a reading has at least one token."""
    assert allowed([], 1) == set() and allowed(["x"], 1) == {"<eos>"}


def test_slack_beyond_the_longest_construct_makes_no_difference():
    state = GRAMMAR.advance(GRAMMAR.start(), IDS["x"])
    assert np.array_equal(GRAMMAR.bias(state, 12), GRAMMAR.bias(state, 1000))


@pytest.mark.parametrize(("tokens", "token"), [
    ([], "<eos>"), ([], "}"), ([], "&"), ([], "~"), ([], "{}"), (["_{"], "}"), ([r"\frac{", "a"], "}"),
    ([r"\hat{", "a"], "}{"),
    ([r"\frac{", "a"], "<eos>"), (["x", "_{", "a", "}"], "_{"), (["x", "^{", "a", "}"], "_{"),
    (["x", "^{", "a", "}"], "^{"),
    (["x", "_{", "a", "}", "{}"], "y"), (["x", "_{", "a", "}", "{}"], "<eos>"), ([r"\mathrm{a}", "~"], "x"),
    (["x"], "~"),
    ([r"\not"], "<eos>"), ([r"\not"], "_{"), ([r"\begin{matrix}"], r"\end{aligned}"),
    ([r"\begin{matrix}", r"\hat{"], "&"),
    (["x"], "<pad>"), (["x"], "<bos>"),
])
def test_it_forbids_what_does_not_nest(tokens, token):
    assert token not in allowed(tokens)


@pytest.mark.parametrize(("tokens", "token"), [
    (["x"], "<eos>"), (["x", "_{", "a", "}"], "^{"), (["x", "^{", "a", "}"], "{}"), (["x", "^{", "a", "}", "{}"], "_{"),
    ([r"\frac{"], "}{"), ([r"\frac{", "}{"], "}"), ([r"\mathrm{a}"], "~"), ([r"\mathrm{a}", "~"], r"\mathrm{b}"),
    ([r"\not"], "="),
    ([r"\begin{matrix}", "a"], "&"), ([r"\begin{matrix}", "a", r"\\"], r"\end{matrix}"), ([], "^{"),
])
def test_it_allows_what_does(tokens, token):
    assert token in allowed(tokens)


def test_it_nests_no_deeper_than_it_is_told():
    shallow = LatexGrammar(max_depth=3)
    state, depth = shallow.start(), 0
    while shallow.bias(state, 100)[IDS[r"\sqrt{"]] > -np.inf:
        state, depth = shallow.advance(state, IDS[r"\sqrt{"]), depth + 1
    assert depth == 3


def test_no_bias_is_worse_than_another():
    for seed in range(50):
        state = GRAMMAR.start()
        for token in walk(seed):
            assert set(np.unique(GRAMMAR.bias(state, 50))) <= {-np.inf, 0.0}
            state = GRAMMAR.advance(state, token)


def test_the_notation_uses_this_grammar():
    assert isinstance(NOTATION.grammar, LatexGrammar)
