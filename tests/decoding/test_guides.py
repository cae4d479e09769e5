import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphic.core.errors import OptionError
from glyphic.core.guide import Both, accepts
from glyphic.core.options import DecodingOptions
from glyphic.core.vocabulary import Vocabulary
from glyphic.decoding.casing import Casing
from glyphic.decoding.ctc import FrameTask
from glyphic.decoding.guides import AllowOnly, ForcedPrefix, NoRepeat, TrieLexicon
from glyphic.decoding.task import DecodingTask
from tests.decoding.test_ctc import LETTERS, noise
from tests.toys import BRACES, CLOSE, OPEN, A, B, BraceGuide, TableModel, V, balanced, images, sequences

TOKENS = st.integers(min_value=3, max_value=V - 1)
WORDS = st.lists(st.lists(TOKENS, max_size=5).map(tuple), min_size=1, max_size=12)


def read(model, guide, count=6, **options):
    return [h[0] for h in DecodingTask(model, BRACES, guide, DecodingOptions(**options)).run(images(count))]


@pytest.mark.parametrize("width", [1, 3])
def test_a_reading_begins_with_its_forced_prefix_and_goes_on_under_the_grammar(width):
    prefix = (A, OPEN, B)
    for h in read(TableModel(), Both((BraceGuide(), ForcedPrefix(prefix, BRACES))), beam_width=width, max_tokens=9):
        assert h.tokens[:3] == prefix and balanced(h.tokens) and h.finished


def test_an_empty_forced_prefix_forces_nothing():
    assert read(TableModel(), ForcedPrefix((), BRACES), max_tokens=8) == read(TableModel(), None, max_tokens=8)


def test_a_forced_prefix_refuses_special_tokens():
    with pytest.raises(OptionError, match="<eos>"):
        ForcedPrefix((A, BRACES.eos), BRACES)


@given(WORDS)
def test_a_lexicon_accepts_its_words_and_nothing_else(words):
    lexicon = TrieLexicon(words, BRACES)
    listed = set(words)
    for tokens in sequences(5):
        assert accepts(lexicon, tokens, BRACES.eos) == (tokens in listed)


@given(WORDS, st.integers(min_value=2, max_value=8), st.sampled_from([1, 2, 4]), st.integers(0, 5))
def test_a_reading_under_a_lexicon_is_a_word_that_fits_the_budget(words, budget, width, seed):
    fitting = {word for word in words if len(word) < budget}
    for h in read(TableModel(seed), TrieLexicon(words, BRACES), 2, beam_width=width, max_tokens=budget):
        assert h.finished == bool(fitting)
        assert not fitting or h.tokens in fitting


def test_a_wide_beam_finds_the_best_word():
    words = [tokens for i, tokens in enumerate(sequences(5)) if i % 7 == 3]
    model = TableModel(8)
    best = max(words, key=lambda word: sum(model.logprobs(0, word)))
    found = read(model, TrieLexicon(words, BRACES), 1, beam_width=200, max_tokens=9, length_penalty=0.0)
    assert found[0].tokens == best


def test_a_lexicon_refuses_no_words_and_special_tokens():
    with pytest.raises(OptionError, match="at least one word"):
        TrieLexicon([], BRACES)
    with pytest.raises(OptionError, match="<bos>"):
        TrieLexicon([(A,), (A, BRACES.bos)], BRACES)


def copies(tokens, longest):
    """The most times in a row that any group of up to `longest` tokens ends the sequence."""
    most = 0
    for period in range(1, min(longest, len(tokens)) + 1):
        group, count = tokens[-period:], 1
        while tokens[len(tokens) - (count + 1) * period:len(tokens) - count * period] == group \
                and (count + 1) * period <= len(tokens):
            count += 1
        most = max(most, count)
    return most


@given(st.lists(st.sampled_from([A, B]), max_size=24), st.integers(1, 4), st.integers(1, 3))
def test_the_loop_guard_forbids_just_the_token_that_repeats_a_group_once_too_often(tokens, longest, times):
    guard = NoRepeat(BRACES, longest, times, math.inf)
    state = guard.start()
    for token in tokens:
        state = guard.advance(state, token)
    bias = guard.bias(state, 9)
    for token in (A, B):
        assert (bias[token] == -np.inf) == (copies((*tokens, token), longest) > times)
    assert np.isfinite(bias[[OPEN, CLOSE, BRACES.eos]]).all()


@pytest.mark.parametrize("loop", [(A,), (A, B), (A, A, B, OPEN, CLOSE)])
@pytest.mark.parametrize("width", [1, 3])
def test_the_loop_guard_leads_a_network_out_of_its_loop(loop, width):
    class Looping(TableModel):
        def row(self, prefix):
            row = super().row(prefix) - 12
            row[loop[(len(prefix) - 2) % len(loop)]] = -1e-4
            return row

    def most(guide):
        tokens = read(Looping(), guide, 1, beam_width=width, max_tokens=60)[0].tokens
        return max((copies(tokens[:end], 8) for end in range(len(tokens) + 1)), default=0)

    assert most(None) > 3
    assert most(NoRepeat(BRACES, longest=8, times=3)) <= 3


def test_the_loop_guard_lets_a_grammar_close_its_braces():
    class Opening(TableModel):
        def row(self, prefix):
            row = super().row(prefix)
            row[OPEN] += 50
            return row

    guide = Both((BraceGuide(), NoRepeat(BRACES, longest=1, times=2)))
    h = read(Opening(), Both((guide, ForcedPrefix((OPEN, OPEN, A) * 3, BRACES))), 1, max_tokens=18)[0]
    assert h.finished and balanced(h.tokens) and h.tokens[-4:] == (CLOSE,) * 4


def test_the_loop_guard_refuses_nonsense():
    for wrong in ({"longest": 0}, {"times": 0}, {"penalty": 0.0}, {"penalty": math.nan}):
        with pytest.raises(OptionError, match="loop guard"):
            NoRepeat(BRACES, **wrong)


MIXED = Vocabulary.of("abAB.- ")
SMALL = Casing(MIXED).small
MIXED_WORDS = st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=6)


@given(MIXED_WORDS, st.text("abAB.- ", max_size=7))
def test_a_lexicon_takes_its_words_in_any_case_and_with_marks_around_them(words, text):
    guide = TrieLexicon(map(MIXED.encode, words), MIXED, SMALL, MIXED.encode(".- "))
    parts = re.split(r"[.\- ]+", text.lower())
    assert accepts(guide, MIXED.encode(text), MIXED.eos) == (
        bool(text) and all(part in words for part in parts if part))


@given(MIXED_WORDS, st.text("ab.", max_size=6))
def test_a_mark_that_stands_in_a_word_is_part_of_it(words, text):
    words = [f"{word}.{word}" for word in words]
    guide = TrieLexicon(map(MIXED.encode, words), MIXED, None, MIXED.encode("."))
    accepted = accepts(guide, MIXED.encode(text), MIXED.eos)
    assert accepted >= (text in words) and accepted <= (not text.strip(".") or any(word in text for word in words))


@given(st.sets(TOKENS, min_size=1), st.sampled_from([1, 3]))
def test_only_allowed_tokens_are_written(allowed, width):
    guide = AllowOnly(allowed, BRACES)
    assert all(set(h.tokens) <= allowed for h in read(TableModel(), guide, beam_width=width, max_tokens=9))
    assert read(TableModel(), AllowOnly(range(3, V), BRACES), max_tokens=9) == read(TableModel(), None, max_tokens=9)


@given(st.sets(st.sampled_from([4, 5]), min_size=1), st.integers(0, 99))
def test_over_a_frame_model_the_allowed_tokens_are_as_under_the_guide(allowed, seed):
    class Frames:
        def frames(self, images):
            return noise(seed, 6, LETTERS)[None], np.array([6])

    guide, options = AllowOnly(allowed, LETTERS), DecodingOptions(200, alternatives=3)
    over = FrameTask(guide.over(Frames()), LETTERS, None, options).run(images(1))[0]
    under = FrameTask(Frames(), LETTERS, guide, options).run(images(1))[0]
    assert [h.tokens for h in over] == [h.tokens for h in under]
    assert [h.score for h in over] == pytest.approx([h.score for h in under])
    assert set(FrameTask(guide.over(Frames()), LETTERS).run(images(1))[0][0].tokens) <= allowed


def test_a_list_of_nothing_that_may_be_written_is_refused():
    with pytest.raises(OptionError, match="at least one token"):
        AllowOnly([BRACES.eos], BRACES)
