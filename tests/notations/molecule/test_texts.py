"""Atom texts have one spelling, and their tokens say it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphic.core.errors import NotationError
from glyphic.notations.molecule import texts
from glyphic.notations.molecule.texts import canonical, from_tokens, is_canonical, runs, to_tokens

LABELS = st.lists(st.sampled_from(texts.TOKENS), max_size=8).map(from_tokens)


@given(LABELS)
def test_tokens_say_the_text_and_the_text_is_canonical(text):
    assert is_canonical(text) and canonical(text) == text and from_tokens(to_tokens(text)) == text


@given(LABELS)
def test_runs_hold_every_character_once(text):
    assert "".join(characters for characters, _ in runs(text)) == text.translate(dict.fromkeys(map(ord, "^{}")))


@given(st.text(max_size=12))
def test_what_is_accepted_becomes_canonical_and_all_else_has_a_position(text):
    try:
        assert is_canonical(canonical(text))
    except NotationError as error:
        assert 0 <= error.position < len(text)


@pytest.mark.parametrize(("written", "text"), [
    ("NH₂", "NH2"), ("N⁺", "N^+"), ("N+", "N^+"), ("SO₄²⁻", "SO4^{2-}"), ("CO_2Me", "CO2Me"), ("R^{1}", "R^1"),
    ("^{13}CH3", "^{13}CH3"), ("Fe^3^+", "Fe^{3+}"), ("O−", "O-"), ("N⊕", "N^+"), ("N\n\nH", "N\nH"), (" N H ", "NH"),
    ("C˙", "C·"), ("∆", "△"), ("", ""),
])
def test_common_spellings_are_understood(written, text):
    assert canonical(written) == text


@pytest.mark.parametrize("text", ["NH₂", "N+", "R^{1}", "Fe^3^+", "\nN", "N\n", "N\n\nH", "^", "^{2", "a b", "\0",
                                  "N_2"])
def test_other_spellings_are_not_canonical(text):
    assert not is_canonical(text)


@pytest.mark.parametrize(("text", "expected"), [
    ("CO2Me", [("CO", 0), ("2", -1), ("Me", 0)]), ("2NaOH", [("2NaOH", 0)]), ("(CH2)nOH", [
        ("(CH", 0), ("2", -1), (")", 0), ("n", -1), ("OH", 0)]),
    ("SO4^{2-}", [("SO", 0), ("4", -1), ("2-", 1)]), ("^{13}CH3", [("13", 1), ("CH", 0), ("3", -1)]),
    ("N\nH", [("N", 0), ("\n", 0), ("H", 0)]), ("", []),
])
def test_numbers_behind_letters_hang(text, expected):
    assert runs(text) == expected


def test_frequent_pairs_are_one_token():
    assert to_tokens("CH2Cl") == ["C", "H", "2", "Cl"] and to_tokens("N\nBoc") == ["N", "over", "Boc"]
