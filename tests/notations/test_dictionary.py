"""English words are known and cost nothing, others are not, mostly; a filter holds every word that it was made of."""

import random
import string
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphic.notations import dictionary
from glyphic.notations.dictionary import filter_of, known, log_prior, words_of

SCRIPT = Path(__file__).parents[2] / "scripts" / "dictionary"


@pytest.mark.parametrize("word", ["bakery", "california", "i", "school", "don't", "the"])
def test_english_words_are_known(word):
    assert known(word)


@pytest.mark.parametrize(("right", "wrong"), [
    ("CALIFORNIA", "CAUFORNIA"), ("School", "SCBOL"), ("Early in the morning,", "Early in tbe rnorning,"),
    ("Baker's", "Baher's"), ("$24.95 each", "$24.95 eaeh"),
])
def test_words_are_likelier_than_what_looks_like_them(right, wrong):
    assert log_prior(right) > log_prior(wrong)


@pytest.mark.parametrize("text", ["", "24.95", "#12-34", "(8)", "...", "2026"])
def test_what_has_no_letters_costs_nothing(text):
    assert log_prior(text) == 0.0


def test_each_unknown_word_counts():
    assert log_prior("qzxv") == -dictionary.UNKNOWN
    assert log_prior("qzxv bakery vxzq 12") == -2 * dictionary.UNKNOWN


def test_few_strings_that_are_no_words_are_taken_for_one():
    rng = random.Random(0)
    made = ["".join(rng.choices(string.ascii_lowercase, k=9)) for _ in range(3_000)]
    assert sum(map(known, made)) / len(made) < 0.02


@given(st.lists(st.text("abcdefg", min_size=1, max_size=6), min_size=1, max_size=50))
def test_a_filter_holds_all_its_words(words):
    with pytest.MonkeyPatch.context() as patch:
        bits = filter_of(words)
        patch.setattr(dictionary, "_bits", lambda: bits)
        assert all(known(word) for word in words)


def test_words_are_told_apart_in_any_case_and_genitives_belong_to_their_words():
    assert words_of("The Baker's 12 rolls-royces, can't") == ["the", "baker", "rolls", "royces", "can't"]


def test_the_script_says_how_it_is_called():
    told = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True)
    assert told.returncode == 2 and "american-english" in told.stderr
