import numpy as np
import pytest

from glyphic.decoding.ctc import token_logprobs, usable_frames
from glyphic.decoding.likelihood import CHUNK, text_logprobs
from tests.decoding.test_ctc import LETTERS, noise, texts

A, B = LETTERS.encode("ab")


@pytest.mark.parametrize("frames", [0, 1, 3, 6])
def test_the_probability_of_each_text_is_the_sum_over_its_alignments(frames):
    for seed in range(4):
        logprobs = usable_frames(noise(seed, frames, LETTERS), LETTERS)
        expected = texts(logprobs, LETTERS)
        scores = text_logprobs(logprobs, list(expected), LETTERS.blank)
        assert scores.tolist() == pytest.approx(list(expected.values()), abs=1e-9)


def test_what_the_frames_cannot_hold_is_impossible():
    logprobs = usable_frames(noise(0, 2, LETTERS), LETTERS)
    assert text_logprobs(logprobs, [(A, A), (A, B, A), (LETTERS.eos,)], LETTERS.blank).tolist() == [-np.inf] * 3
    logprobs[1] = -np.inf
    assert text_logprobs(logprobs, [(A,), ()], LETTERS.blank).tolist() == [-np.inf] * 2


def test_texts_far_below_the_smallest_float_have_their_probability():
    logprobs = usable_frames(noise(5, 40, LETTERS, spread=60.0), LETTERS)
    candidates = [(A,) * n for n in range(20)] + [(A, B) * n for n in range(18)]
    scores = text_logprobs(logprobs, candidates, LETTERS.blank)
    assert scores.min() < -1000
    assert scores.tolist() == pytest.approx([sum(token_logprobs(logprobs, c, LETTERS)) for c in candidates], rel=1e-9)


def test_more_candidates_than_are_scored_at_once_have_the_same_scores():
    logprobs = usable_frames(noise(1, 6, LETTERS), LETTERS)
    few = text_logprobs(logprobs, [(A,), (B, A)], LETTERS.blank)
    many = text_logprobs(logprobs, [(A,), (B, A)] * (CHUNK // 2 + 5), LETTERS.blank)
    assert np.array_equal(many, np.tile(few, CHUNK // 2 + 5)) and len(text_logprobs(logprobs, [], LETTERS.blank)) == 0
