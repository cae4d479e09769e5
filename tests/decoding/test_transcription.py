"""Frames beside a lexicon: nearest words, the gate, the marks around words, and their case."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphic.core.errors import OptionError
from glyphic.core.options import DecodingOptions
from glyphic.core.vocabulary import Vocabulary
from glyphic.decoding.ctc import FrameTask, best_path, token_logprobs
from glyphic.decoding.lexicon import CHOICE, METHODS, Lexicon, LexiconOptions
from glyphic.decoding.task import DecodingTask
from glyphic.decoding.transcription import LexiconFrameTask, LexiconStepTask, transcribe
from glyphic.decoding.trie import word_beam
from tests.decoding.test_ctc import LETTERS, noise
from tests.toys import BRACES, A, B, TableModel, images, sequences

WRITTEN = Vocabulary.of("abcdehlorstwABCDEHLORSTW 0.,'!", blank=True)
WORDS = ["hotel", "hostel", "water", "a", "bad", "the", "cat's", "west"]
AB_WORDS = st.lists(st.text("ab", min_size=1, max_size=5), min_size=1, max_size=12, unique=True)


def seen(text, sure=0.9, vocabulary=WRITTEN, **doubts):
    """(T, V) frames that show the text; doubts: letter=(other, share) a letter that looks like another."""
    rows = []
    for character in text:
        share = np.full(len(vocabulary), (1 - sure) / len(vocabulary))
        other, part = doubts.get(character, (character, 0.0))
        share[vocabulary.ids[character]] += sure * (1 - part)
        share[vocabulary.ids[other]] += sure * part
        pause = np.full(len(vocabulary), (1 - sure) / len(vocabulary))
        pause[vocabulary.blank] += sure
        rows += [share, pause]
    return np.log(np.array(rows)).astype(np.float32)


def lexicon(words=WORDS, vocabulary=WRITTEN, **options):
    return Lexicon(map(vocabulary.encode, words), vocabulary, LexiconOptions(**options))


def read(frames, words):
    return ["".join(words.vocabulary.decode(map(ord, text))) for text, _ in transcribe(frames, words, 3)][:1]


@given(AB_WORDS, st.integers(0, 500), st.integers(1, 9))
@settings(max_examples=60)
def test_every_method_that_looks_far_enough_gives_the_most_probable_word(words, seed, frames):
    logprobs = noise(seed, frames, LETTERS)
    scores = {tuple(LETTERS.encode(w)): sum(token_logprobs(logprobs, LETTERS.encode(w), LETTERS)) for w in words}
    possible = sorted((t for t in scores if scores[t] > -math.inf), key=lambda t: -scores[t])
    for method in METHODS:
        found = transcribe(logprobs, lexicon(words, LETTERS, method=method, distance=9), 12)
        assert [tuple(map(ord, text)) for text, _ in found[:1]] == possible[:1]
        assert [score for _, score in found] == pytest.approx([scores[tuple(map(ord, t))] for t, _ in found], abs=1e-4)
        assert len(found) == len(possible) or method == "trie"  # which need not look at all
        assert transcribe(logprobs, lexicon(words, LETTERS, method=method, distance=9))[:1] == found[:1]


@given(AB_WORDS, st.integers(0, 500), st.integers(10, 30), st.sampled_from([0.0, 1e-4]))
@settings(max_examples=40)
def test_a_narrow_beam_finds_words_of_the_list_whatever_the_frames_hold(words, seed, frames, worth):
    logprobs = noise(seed, frames, LETTERS, spread=8.0).astype(np.float64)
    coded = sorted("".join(map(chr, LETTERS.encode(word))) for word in words)
    found = word_beam(logprobs, coded, LETTERS.blank, 2, worth)
    assert set(found) <= set(coded) and (found or worth)


def test_a_word_is_found_even_where_its_letters_are_the_most_unlikely_ones():
    frames = noise(3, 7, LETTERS)
    frames[:, LETTERS.ids["b"]] -= 40
    b = chr(LETTERS.ids["b"])
    assert word_beam(frames.astype(np.float64), [b * 3], LETTERS.blank, 2) == [b * 3]


@pytest.mark.parametrize("method", METHODS)
def test_a_doubtful_letter_is_decided_by_the_lexicon(method):
    frames = seen("hosel", s=("t", 0.4))
    assert "".join(WRITTEN.decode(best_path(frames, WRITTEN)[0].tokens)) == "hosel"
    assert read(frames, lexicon(method=method, gate=1.0)) == ["hotel"]


@pytest.mark.parametrize("method", METHODS)
def test_the_gate_keeps_what_is_in_no_lexicon_and_an_infinite_one_forces_a_word(method):
    frames = seen("coral", sure=0.99)
    assert read(frames, lexicon(method=method, gate=1.0, distance=3)) == []
    assert len(read(frames, lexicon(method=method, distance=4))) == 1


@given(AB_WORDS, st.integers(0, 500), st.integers(5, 9), st.integers(0, 3))
@settings(max_examples=60)
def test_in_a_complete_list_the_tree_looks_further_until_it_has_a_choice(words, seed, frames, distance):
    logprobs = noise(seed, frames, LETTERS)
    scores = {tuple(LETTERS.encode(w)): sum(token_logprobs(logprobs, LETTERS.encode(w), LETTERS)) for w in words}
    found = transcribe(logprobs, lexicon(words, LETTERS, method="bk", distance=distance), 12)
    possible = sum(score > -math.inf for score in scores.values())
    assert min(possible, 1) <= len(found) <= possible
    if len(words) <= CHOICE and possible:
        assert tuple(map(ord, found[0][0])) == max(scores, key=lambda t: scores[t])
    gated = transcribe(logprobs, lexicon(words, LETTERS, method="bk", distance=0, gate=50.0), 12)
    assert len(gated) <= 1, "behind a gate, only what is near is looked at"


@given(st.integers(0, 300), st.floats(0, 3), st.floats(0, 3))
@settings(max_examples=40)
def test_a_wider_gate_lets_through_what_a_narrower_one_does(seed, gate, other):
    frames = noise(seed, 6, LETTERS)
    narrow, wide = (transcribe(frames, lexicon(["ab", "bba"], LETTERS, gate=g)) for g in sorted((gate, other)))
    assert not narrow or narrow == wide


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("text", ["Hotel", "HOTEL", "hotel,", "'Hotel'!", "Cat's", "WATER.", "A"])
def test_the_case_and_the_marks_of_the_picture_stay(text, method):
    words = lexicon(method=method, gate=1.0)
    assert read(seen(text), words) == [text] and words.holds(WRITTEN.encode(text))


def test_an_unusual_case_needs_better_reasons_than_a_usual_one():
    words = lexicon()
    assert read(seen("wesT", T=("t", 0.4)), words) == ["west"]
    assert read(seen("wEsT", sure=0.99), words) == ["wEsT"]


def test_words_are_spelled_as_listed_where_their_case_must_match():
    words = lexicon(["West", "the"], match_case=True)
    assert read(seen("west"), words) == ["West"] and not words.holds(WRITTEN.encode("west"))


def test_a_letter_split_between_its_cases_counts_as_one():
    assert read(seen("hoTel", sure=0.99, T=("t", 0.5)), lexicon(["hotel", "hoel"], gate=0.1)) == ["hotel"]


@pytest.mark.parametrize("method", METHODS)
def test_the_words_of_a_line_are_looked_up_one_by_one(method):
    words = lexicon(method=method, gate=1.0)
    assert read(seen("The hosel, 00 West!", s=("t", 0.4)), words) == ["The hotel, 00 West!"]
    assert words.holds(WRITTEN.encode("The hotel, West!")) and not words.holds(WRITTEN.encode("The hosel"))
    assert read(seen("00 000", sure=0.99), words) == []


def test_a_complete_list_has_one_word_a_picture_with_a_space_or_not():
    assert read(seen("ho tel"), lexicon(["hotel", "water"])) == ["hotel"]


def test_a_lexicon_refuses_nonsense():
    for wrong in ({"method": "tree"}, {"distance": -1}, {"gate": -0.1}, {"gate": math.nan}):
        with pytest.raises(OptionError, match="lexicon's"):
            LexiconOptions(**wrong)
    with pytest.raises(OptionError, match="at least one word"):
        lexicon([])
    with pytest.raises(OptionError, match="<blank>"):
        Lexicon([(WRITTEN.blank,)], WRITTEN)


def frame_task(words, **options):
    return LexiconFrameTask(FrameTask(None, WRITTEN, None, DecodingOptions(**options)), words)


def test_hypotheses_are_words_with_their_probabilities_and_where_none_passes_the_free_reading():
    found = frame_task(lexicon(), beam_width=4, alternatives=2).search(seen("Hostel", s=("o", 0.3)))
    assert ["".join(WRITTEN.decode(h.tokens)) for h in found[:2]] == ["Hostel", "Hotel"] and len(found) == 3
    assert all(h.finished and len(h.logprobs) == len(h.tokens) + 1 for h in found)
    assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)
    frames = seen("coral", sure=0.99)
    assert frame_task(lexicon(gate=1.0)).search(frames) == [best_path(frames, WRITTEN)[0]]


def step_read(words, model, count=5, **options):
    made = Lexicon(words, BRACES, LexiconOptions(**options, punctuation=False))
    return [h[0] for h in LexiconStepTask(DecodingTask(model, BRACES, None, DecodingOptions(max_tokens=9)), made).run(
        images(count))]


def test_a_step_model_reads_the_most_probable_word_of_a_complete_list():
    words = [t for t in sequences(4, (A, B)) if t]
    for seed in range(4):
        model = TableModel(seed)
        for image, h in enumerate(step_read(words[:5], model)):
            assert h.tokens == max(words[:5], key=lambda w, i=image: sum(model.logprobs(i, w)))


def test_behind_a_gate_a_step_model_reads_freely_what_the_lexicon_would_spoil():
    model = TableModel(2)
    free = [h[0] for h in DecodingTask(model, BRACES, None, DecodingOptions(max_tokens=9)).run(images(5))]
    forced = step_read([(A, B, A)], model)
    assert step_read([(A, B, A)], model, gate=0.0) == [
        f if w.logprob < f.logprob else w for f, w in zip(free, forced, strict=True)]
    assert {h.tokens for h in forced} == {(A, B, A)} and step_read([(A, B, A)], model, gate=1e9) == forced


def test_a_step_model_has_no_frames_to_score_words_on():
    with pytest.raises(OptionError, match="step model"):
        step_read([(A,)], TableModel(), method="bk")
