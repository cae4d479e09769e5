"""The grammar lets every target be written without a token to spare, ends in time, and refuses what has no drawing."""

import random
from functools import cache

import numpy as np
import pytest

from glyphic.core.guide import accepts, closing
from glyphic.notations.molecule import NOTATION, sampler
from glyphic.notations.molecule.grammar import _MEMBERS, MoleculeGrammar, follow, needed
from glyphic.notations.molecule.structure import same_structure
from glyphic.notations.molecule.target import canonical, to_scheme
from glyphic.notations.molecule.tokens import BRANCH, CIRCLE, CLOSINGS, OPENINGS, RETURN, VOCABULARY

GRAMMAR, TOKENIZER = NOTATION.grammar, NOTATION.tokenizer
IDS, EOS = VOCABULARY.ids, VOCABULARY.eos
_WEIGHTS = np.array([{BRANCH: 60, RETURN: 20, CIRCLE: 5}.get(t, 60 if t in OPENINGS else 5 if t in CLOSINGS else 1)
                     for t in VOCABULARY.tokens], np.float64)


@cache
def walk(seed: int, low: int = 5, high: int = 60) -> tuple[int, ...]:
    """A random path of the grammar within a random budget, fond of branches and rings or of none."""
    rng = random.Random(seed)
    weights = _WEIGHTS ** (seed % 3 / 2)
    state, ids = GRAMMAR.start(), []
    for remaining in range(rng.randint(low, high), 0, -1):
        chances = np.where(GRAMMAR.bias(state, remaining) > -np.inf, weights, 0.0).cumsum()
        assert chances[-1] > 0, f"nothing may follow {VOCABULARY.decode(ids)} with {remaining} tokens to go"
        token = int(np.searchsorted(chances, rng.random() * chances[-1], side="right"))
        if token == EOS:
            return tuple(ids)
        ids.append(token)
        state = GRAMMAR.advance(state, token)
    raise AssertionError(f"the budget ran out: {VOCABULARY.decode(ids)}")


def allowed(text: str, remaining: int = 100) -> set[str]:
    """What may follow these tokens."""
    state = GRAMMAR.start()
    for token in text.split():
        state = GRAMMAR.advance(state, IDS[token])
    return {VOCABULARY.tokens[i] for i in np.flatnonzero(GRAMMAR.bias(state, remaining) > -np.inf)}


def test_it_accepts_what_is_written():
    for seed in range(300):
        ids = TOKENIZER.encode(sampler.sample(random.Random(seed)))
        assert accepts(GRAMMAR, ids, EOS), VOCABULARY.decode(ids)


def test_every_walk_is_a_drawing():
    """No bond twice, none from an atom to itself, no atom without ink: Drawing would refuse them."""
    for seed in range(300):
        text = TOKENIZER.decode(walk(seed))
        assert canonical(text) == text and len(text.split()) <= len(walk(seed))
        assert same_structure(to_scheme(text), to_scheme(canonical(text)))
        assert accepts(GRAMMAR, TOKENIZER.encode(text), EOS), text


@pytest.mark.parametrize("budget", range(2, 30))
def test_every_budget_is_enough_to_end(budget):
    for seed in range(60):
        assert 0 < len(walk(seed, budget, budget)) < budget


def ends_within(state, count: int) -> bool:
    """Whether some ending has at most so many tokens, <eos> included; tried out, one token of each class."""
    classes = GRAMMAR.classes(state)
    return count > 0 and ("" in classes or any(
        ends_within(follow(state, _MEMBERS.get(kind, (kind,))[0]), count - 1) for kind in classes))


def test_what_is_needed_to_end_is_neither_more_nor_less():
    tried = set()
    for seed in range(200):
        state = GRAMMAR.start()
        for token in walk(seed, 4, 14):
            state = GRAMMAR.advance(state, token)
            count = needed(state)
            if count <= 6 and state not in tried:
                tried.add(state)
                assert ends_within(state, count) and not ends_within(state, count - 1), state
    assert len(tried) > 100


def test_slack_beyond_the_longest_ending_makes_no_difference():
    for seed in range(30):
        state = GRAMMAR.start()
        for token in walk(seed):
            state = GRAMMAR.advance(state, token)
            assert np.array_equal(GRAMMAR.bias(state, needed(state) + 8), GRAMMAR.bias(state, needed(state) + 7))


@pytest.mark.parametrize(("text", "token"), [
    ("", "<eos>"), ("", "&"), ("", "[a]"), ("", "branch)"), ("", "above("), ("N", "[a]"),
    ("N &", "<eos>"), ("N &", "+"), ("N over", "<eos>"), ("[:0]", "over"), ("N double", "double"), ("N double", "N"),
    ("N branch(", "branch("), ("N branch( [:0]", "<eos>"), ("N branch( [:0] branch)", "<eos>"),
    ("N branch( [:0] branch)", "O"), ("N ?[a]", "N"), ("N ?[a]", "?[a]"), ("N ?[a]", "?[c]"), ("N ?[a]", "[a]"),
    ("N ?[a] [:0]", "[a]"), ("N ?[a] [:0] [:60]", "<eos>"), ("N ?[a] [:0] [:60] [a]", "[a]"),
    ("?[a] ?[b] [:0] [:60] [a]", "[b]"), ("?[a] [:0] [:60] ?[b]", "[a]"), ("?[a] [:0] [:60] circle [:0]", "?[b]"),
    ("N branch(", "?[a]"), ("branch( [:0] ?[a] [:60] [:120]", "branch)"), ("N circle", "N"),
    ("N circle [:0]", "O"), ("N -> above(", "above)"), ("N -> above( O", "below)"), ("N -> above( O", "->"),
    ("N -> above( O above)", "above("), ("N + ", "above("), ("N", "<pad>"), ("N", "<bos>"), ("?[a]", "<eos>"),
    ("circle [:0]", "<eos>"),
])
def test_it_forbids_what_has_no_drawing(text, token):
    assert token not in allowed(text)


@pytest.mark.parametrize(("text", "token"), [
    ("", "?[a]"), ("", "[:0]"), ("", "double"), ("", "+"), ("", "->"), ("N", "<eos>"), ("N", "over"), ("N", "branch("),
    ("[:0]", "<eos>"), ("N branch( [:0]", "branch)"), ("N branch( [:0] branch)", "double"), ("N &", "O"),
    ("N ->", "<eos>"),
    ("N -> below(", "+"), ("N -> above( O above)", "below("), ("N -> above( O", "&"), ("?[a] [:0] [:60]", "[a]"),
    ("?[a] [:0] [:60] double", "[a]"), ("?[a] ?[b] [:0] [:60] [a] [:120]", "[b]"), ("N circle [:0]", "circle"),
    ("?[a]", "?[b]"), ("?[a] [:0] [:60] [a]", "?[a]"),
])
def test_it_allows_what_has_one(text, token):
    assert token in allowed(text)


def test_branches_nest_no_deeper_than_it_is_told():
    shallow = MoleculeGrammar(max_depth=3)
    state, depth = shallow.start(), 0
    while shallow.bias(state, 100)[IDS[BRANCH]] > -np.inf:
        state, depth = shallow.advance(shallow.advance(state, IDS[BRANCH]), IDS["[:0]"]), depth + 1
    assert depth == 3


@pytest.mark.parametrize(("text", "token"), [
    ("?[a] [:0] [:60]", "[a]"), ("N branch( [:0]", "branch)"), ("N -> above( O", "above)"), ("N -> below( O", "below)"),
    ("branch( [:0] ?[a] [:60] [:120]", "[a]"),
])
def test_who_wants_to_end_is_told_what_to_close(text, token):
    state = GRAMMAR.start()
    for t in text.split():
        state = GRAMMAR.advance(state, IDS[t])
    assert closing(GRAMMAR, state) == IDS[token]


def test_what_ends_is_allowed_wherever_it_is_told():
    for seed in range(100):
        state = GRAMMAR.start()
        for token in walk(seed):
            state = GRAMMAR.advance(state, token)
            ending = closing(GRAMMAR, state)
            assert ending is None or GRAMMAR.bias(state, 100)[ending] == 0.0
