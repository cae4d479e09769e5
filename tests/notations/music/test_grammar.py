"""The grammar lets every staff be written without a token to spare, and always ends in time."""

import random

import numpy as np
import pytest
from hypothesis import given

from glyphic.core.guide import accepts
from glyphic.notations.music import NOTATION
from glyphic.notations.music.grammar import MusicGrammar
from glyphic.notations.music.semantic import Note, Tie, parse
from glyphic.notations.music.tokens import VOCABULARY, to_tokens
from tests.notations.music import staves

GRAMMAR = MusicGrammar()
IDS, EOS = VOCABULARY.ids, VOCABULARY.eos


def allowed(tokens: list[str], remaining: int = 100) -> set[str]:
    """What may follow these tokens."""
    state = GRAMMAR.start()
    for token in tokens:
        state = GRAMMAR.advance(state, IDS[token])
    return {VOCABULARY.tokens[i] for i in np.flatnonzero(GRAMMAR.bias(state, remaining) > -np.inf)}


def walk(seed: int, budget: int) -> list[int]:
    """Tokens that the grammar allows, drawn at random; <eos> only when it must be, or by chance."""
    rng, state, ids = random.Random(seed), GRAMMAR.start(), []
    while True:
        options = np.flatnonzero(GRAMMAR.bias(state, budget - len(ids)) > -np.inf).tolist()
        token = rng.choice(options)
        if token == EOS:
            return ids
        ids.append(token)
        state = GRAMMAR.advance(state, token)


@given(staves.sampled)
def test_it_accepts_what_is_sampled(staff):
    assert accepts(GRAMMAR, VOCABULARY.encode(to_tokens(staff)), EOS)


@pytest.mark.parametrize("budget", [2, 3, 4, 5, 9, 40])
def test_every_budget_is_enough_to_end(budget):
    for seed in range(60):
        assert 0 < len(walk(seed, budget)) < budget


def test_its_own_walks_are_staves_without_anything_left_out():
    for seed in range(200):
        ids = walk(seed, 60)
        assert NOTATION.tokenizer.decode(ids) == NOTATION.normalize(NOTATION.tokenizer.decode(ids))
        staff = parse(NOTATION.tokenizer.decode(ids))
        given, written = ([t for t in tokens if t != "keySignature-CM" and not t.startswith("sign-")]
                          for tokens in (VOCABULARY.decode(ids), to_tokens(staff)))
        assert written in (given, given[:-1])  # the last barline, if it is no end of a bar
        for index, symbol in enumerate(staff):
            if isinstance(symbol, Tie):
                following = next((s for s in staff[index:] if isinstance(s, Note)), None)
                assert following is None or following.pitch.height == staff[index - 1].pitch.height


@pytest.mark.parametrize(("tokens", "token"), [
    ([], "<eos>"), ([], "keySignature-DM"), ([], "C4"), ([], "barline"), (["clef-G2"], "clef-G2"),
    (["clef-G2"], "half"), (["clef-G2"], "."), (["clef-G2"], "tie"), (["clef-G2"], "unit-4"),
    (["clef-G2", "keySignature-DM"], "keySignature-GM"), (["clef-G2", "beats-3"], "barline"),
    (["clef-G2", "beats-3"], "<eos>"), (["clef-G2"], "beats-0"), (["clef-G2", "beats-1", "beats-2"], "beats-2"),
    (["clef-G2", "beats-3"], "unit-0"), (["clef-G2", "C4"], "C4"), (["clef-G2", "C4"], "<eos>"),
    (["clef-G2", "C4", "half", "."], "."), (["clef-G2", "C4", "half", "fermata"], "fermata"),
    (["clef-G2", "C4", "half", "fermata"], "."), (["clef-G2", "C4", "grace-half"], "fermata"),
    (["clef-G2", "C4", "grace-half"], "tie"), (["clef-G2", "rest-half"], "tie"),
    (["clef-G2", "barline"], "barline"), (["clef-G2", "C4", "half"], "bars-1"), (["clef-G2", "bars-1"], "C4"),
    (["clef-G2"], "bars-0"), (["clef-G2", *["bars-1"] * 4], "bars-1"),
    (["clef-G2", "C4", "half", "tie"], "D4"), (["clef-G2", "C4", "half", "tie", "barline"], "C5"),
    (["clef-G2", "C4", "half", "tie"], "rest-half"), (["clef-G2", "C4", "half", "tie", "barline"], "bars-1"),
    (["clef-G2", "C4", "half", "tie", "C4"], "grace-half"), (["clef-G2", "C4", "half", "tie"], "tie"),
    (["clef-G2", "sign-#"], "half"), (["clef-G2", "sign-#"], "sign-b"), (["clef-G2", "sign-#"], "<eos>"),
    (["clef-G2", "C4", "half", "tie", "sign-#"], "D4"),
    (["clef-G2"], "<pad>"), (["clef-G2"], "<bos>"), (["clef-G2"], "<blank>"),
])
def test_it_forbids_what_no_staff_has(tokens, token):
    assert token not in allowed(tokens)


@pytest.mark.parametrize(("tokens", "token"), [
    (["clef-G2"], "<eos>"), (["clef-G2"], "barline"), (["clef-G2"], "C4"), (["clef-G2"], "bars-9"),
    (["clef-G2", "timeSignature-C"], "beats-3"), (["clef-G2", "timeSignature-C"], "clef-F4"),
    (["clef-G2", "beats-1"], "beats-0"), (["clef-G2", "beats-1", "unit-1"], "unit-6"),
    (["clef-G2", "bars-1", "bars-0"], "bars-0"), (["clef-G2", "bars-1"], "barline"),
    (["clef-G2", "C4", "half"], "."), (["clef-G2", "C4", "half", ".", "fermata"], "tie"),
    (["clef-G2", "C4", "half", "barline"], "bars-1"), (["clef-G2", "rest-half", "."], "fermata"),
    (["clef-G2", "C4", "half", "tie"], "sign-#"), (["clef-G2", "C4", "half", "tie"], "barline"),
    (["clef-G2", "C4", "half", "tie", "barline", "clef-F4"], "C4"), (["clef-G2", "C4", "half", "tie"], "<eos>"),
    (["clef-G2", "C4", "half", "tie", "C4", "half"], "D4"), (["clef-G2", "C4", "grace-eighth"], "."),
])
def test_it_allows_what_staves_have(tokens, token):
    assert token in allowed(tokens)


def test_a_budget_without_room_for_a_duration_begins_no_note():
    assert "C4" in allowed(["clef-G2"], 3) and "beats-3" in allowed(["clef-G2"], 3)
    assert not {"C4", "beats-3"} & allowed(["clef-G2"], 2) and "rest-half" in allowed(["clef-G2"], 2)
    assert allowed(["clef-G2"], 1) == {"<eos>"}
