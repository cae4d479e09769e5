"""Tokens hold every staff as it is drawn, two a note and one a sign, and anything made of tokens is read."""

from itertools import pairwise

import hypothesis.strategies as st
from hypothesis import given

from glyphic.notations.music import NOTATION
from glyphic.notations.music.semantic import Multirest, parse, write
from glyphic.notations.music.tokens import VOCABULARY, from_tokens, to_tokens
from tests.notations.music import staves


@given(staves.anything)
def test_a_staff_comes_back_from_its_tokens(staff):
    assert from_tokens(to_tokens(staff)) == staff


@given(st.lists(st.integers(0, len(VOCABULARY) - 1), max_size=30))
def test_any_tokens_are_some_staff(ids):
    text = NOTATION.tokenizer.decode(ids)
    assert NOTATION.normalize(text) == text
    assert NOTATION.tokenizer.decode(NOTATION.tokenizer.encode(text)) == text


def test_a_note_is_two_tokens_and_marks_are_one_each():
    assert to_tokens(parse("note-F5_eighth")) == ["F5", "eighth"]
    assert to_tokens(parse("gracenote-C5_sixteenth. note-C5_half.._fermata tie rest-half._fermata")) == \
        ["C5", "grace-sixteenth", ".", "C5", "half", "..", "fermata", "tie", "rest-half", ".", "fermata"]
    assert to_tokens(parse("timeSignature-12/8 timeSignature-C multirest-23")) == \
        ["beats-1", "beats-2", "unit-8", "timeSignature-C", "bars-2", "bars-3"]


@given(staves.anything)
def test_notes_need_no_blank_between_their_tokens(staff):
    """CTC needs one between equal neighbours; only digits, rests and signatures that are repeated ever do."""
    tokens = to_tokens(staff)
    for a, b in pairwise(tokens):
        assert a != b or a.startswith(("beats", "unit", "bars", "rest", "clef", "key", "time", "barline", "tie"))


def test_signs_are_written_where_they_are_drawn_and_say_what_sounds_up_to_the_barline():
    text = ("clef-G2 keySignature-FM note-Bb4_half note-B4_half note-B4_half barline note-Bb4_half note-F#4_half tie "
            "barline note-F#4_half note-F#4_half barline note-F4_half gracenote-Ebb5_eighth note-Ebb5_half")
    tokens = to_tokens(parse(text))
    assert " ".join(tokens) == (
        "clef-G2 keySignature-FM B4 half sign-n B4 half B4 half barline B4 half sign-# F4 half tie "
        "barline F4 half sign-# F4 half barline F4 half sign-bb E5 grace-eighth E5 half")
    assert write(from_tokens(tokens)) == text


def test_a_sign_that_the_rules_do_not_ask_for_is_read_as_what_it_says():
    tokens = "clef-G2 sign-# F4 half sign-# F4 half F4 half barline sign-n F4 half".split()
    assert write(from_tokens(tokens)) == (
        "clef-G2 note-F#4_half note-F#4_half note-F#4_half barline note-F4_half")


def test_what_is_incomplete_is_left_out():
    tokens = ["clef-G2", "C4", "D4", "half", ".", "fermata", "fermata", "quarter", "beats-3", "barline", "bars-0",
              "tie", "unit-4", "..", "sign-#", "half", "sign-b", "sign-n", "C5", "E4"]
    assert write(from_tokens(tokens)) == "clef-G2 note-D4_half._fermata barline tie"


def test_a_number_has_no_end_until_another_token_comes():
    assert from_tokens(["bars-1"] * 4) == (Multirest(1111),)
    assert from_tokens(["bars-1"] * 5) == ()


def test_the_vocabulary_is_the_one_that_models_are_trained_with():
    """Ids are stored in packs and bundles: tokens are added at the end or not at all."""
    import hashlib

    assert len(VOCABULARY) == 151 and VOCABULARY.blank == 3
    assert hashlib.sha256("\n".join(VOCABULARY.tokens).encode()).hexdigest().startswith("98e4cd8d0565f08e")
