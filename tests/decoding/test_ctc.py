import itertools
from collections import defaultdict

import numpy as np
import pytest

from glyphic.core.errors import OptionError
from glyphic.core.guide import accepts
from glyphic.core.options import DecodingOptions
from glyphic.core.vocabulary import Vocabulary
from glyphic.decoding.ctc import FrameTask, align, best_path, prefix_beam, token_logprobs
from glyphic.decoding.guides import TrieLexicon
from glyphic.decoding.likelihood import text_logprobs
from tests.toys import BRACES, BraceGuide, Prices, images

LETTERS = Vocabulary.of("ab", blank=True)
BRACED = Vocabulary.of("{}ab", blank=True)
WIDE = DecodingOptions(beam_width=400, alternatives=5)
SEEDS = range(6)


def noise(seed, frames, vocabulary, spread=2.0, specials=-8):
    """(T, V) log-probabilities; the specials but the blank hold little."""
    raw = np.random.default_rng(seed).normal(size=(frames, len(vocabulary))) * spread
    raw[:, sorted(vocabulary.specials - {vocabulary.blank})] += specials
    return (raw - np.logaddexp.reduce(raw, axis=1, keepdims=True)).astype(np.float32)


def alignments(logprobs, vocabulary):
    """Every alignment: (symbol of each frame), its text, its log-probability."""
    symbols = [i for i in range(len(vocabulary)) if i == vocabulary.blank or i not in vocabulary.specials]
    for path in itertools.product(symbols, repeat=len(logprobs)):
        text = tuple(s for s, _ in itertools.groupby(path) if s != vocabulary.blank)
        yield path, text, sum(float(frame[s]) for frame, s in zip(logprobs, path, strict=True))


def texts(logprobs, vocabulary):
    """Text -> log-probability, by summing over all alignments."""
    sums = defaultdict(float)
    for _, text, logprob in alignments(logprobs, vocabulary):
        sums[text] += np.exp(logprob)
    return {text: float(np.log(total)) for text, total in sums.items()}


def best(scores, count):
    return sorted(scores, key=lambda text: -scores[text])[:count]


@pytest.mark.parametrize("frames", [0, 1, 2, 4, 6])
def test_a_wide_prefix_beam_equals_the_sum_over_all_alignments(frames):
    for seed in SEEDS:
        logprobs = noise(seed, frames, LETTERS)
        expected = texts(logprobs, LETTERS)
        found = prefix_beam(logprobs, LETTERS, None, WIDE)
        assert [h.tokens for h in found] == best(expected, 6)
        for h in found:
            assert h.finished and h.score == pytest.approx(expected[h.tokens], abs=1e-5)
            assert h.logprob == pytest.approx(expected[h.tokens], abs=1e-5)


@pytest.mark.parametrize("frames", [1, 3, 5])
def test_under_a_grammar_a_wide_prefix_beam_equals_the_grammatical_part_of_the_sum(frames):
    grammar = BraceGuide(BRACED)
    for seed in SEEDS:
        logprobs = noise(seed, frames, BRACED)
        expected = {text: p for text, p in texts(logprobs, BRACED).items() if accepts(grammar, text, BRACED.eos)}
        found = prefix_beam(logprobs, BRACED, grammar, WIDE)
        assert [h.tokens for h in found] == best(expected, 6)
        assert [h.score for h in found] == pytest.approx([expected[h.tokens] for h in found], abs=1e-5)
        assert all(h.finished for h in found)


def test_a_guides_biases_count_once_for_each_token_and_once_for_the_end():
    prices = [0.0, 0.0, -0.4, 0.0, -1.5, 0.7]
    for seed in SEEDS:
        logprobs = noise(seed, 5, LETTERS)
        sums = texts(logprobs, LETTERS)
        expected = {text: p + sum(prices[t] for t in (*text, LETTERS.eos)) for text, p in sums.items()}
        found = prefix_beam(logprobs, LETTERS, Prices(prices), WIDE)
        assert [h.tokens for h in found] == best(expected, 6)
        assert [h.score for h in found] == pytest.approx([expected[h.tokens] for h in found], abs=1e-5)
        assert found[0].logprob == pytest.approx(texts(logprobs, LETTERS)[found[0].tokens], abs=1e-5)


def test_a_best_path_that_is_probable_enough_is_not_searched_further():
    for seed in range(40):
        frames = noise(seed, 12, LETTERS, spread=4.0)
        path, _ = best_path(frames, LETTERS)
        sure = float(np.exp(np.mean(path.logprobs)))
        searched = FrameTask(None, LETTERS, None, DecodingOptions(5, alternatives=4)).search(frames)
        for certain, expected in ((sure * 0.99, [path]), (min(1.0, sure * 1.01), searched)):
            options = DecodingOptions(5, alternatives=4, certain=certain)
            assert FrameTask(None, LETTERS, None, options).search(frames) == expected
    with pytest.raises(OptionError, match="certain"):
        DecodingOptions(certain=0.0)


@pytest.mark.parametrize("width", [1, 2, 5])
def test_under_a_grammar_every_reading_of_any_width_is_grammatical_and_claims_no_more_than_the_whole_sum(width):
    grammar = BraceGuide(BRACED)
    for seed in range(30):
        logprobs = noise(seed, 5, BRACED)
        expected = texts(logprobs, BRACED)
        found = prefix_beam(logprobs, BRACED, grammar, DecodingOptions(width, alternatives=width - 1))
        assert found[0].finished
        for h in found:
            assert h.score <= expected[h.tokens] + 1e-5
            assert h.finished == accepts(grammar, h.tokens, BRACED.eos)
            assert len(h.logprobs) == len(h.tokens) + h.finished


def silent(logprobs, vocabulary, seed):
    """The same with frames between that are blank, nearly for certain."""
    rng = np.random.default_rng(seed)
    quiet = np.full(len(vocabulary), -14.0, np.float32)
    quiet[vocabulary.blank] = np.log1p(-np.exp(-14.0) * (len(vocabulary) - 1))
    parts = [part for frame in logprobs for part in ([frame], [quiet] * rng.integers(0, 3))]
    return np.array([frame for part in parts for frame in part], np.float32).reshape(-1, len(vocabulary))


def test_frames_that_are_blank_for_certain_are_passed_and_change_nothing():
    for seed in SEEDS:
        logprobs = silent(noise(seed, 4, LETTERS), LETTERS, seed)
        expected = texts(logprobs, LETTERS)
        found = prefix_beam(logprobs, LETTERS, None, WIDE)
        assert [h.tokens for h in found] == best(expected, 6)
        assert [h.score for h in found] == pytest.approx([expected[h.tokens] for h in found], abs=1e-3)


@pytest.mark.parametrize("width", [1, 2, 5])
def test_frames_that_are_blank_for_certain_do_not_keep_a_text_from_being_ended(width):
    grammar = BraceGuide(BRACED)
    for seed in range(40):
        logprobs = silent(noise(seed, 5, BRACED, spread=5.0), BRACED, seed)
        found = prefix_beam(logprobs, BRACED, grammar, DecodingOptions(width))[0]
        assert found.finished and accepts(grammar, found.tokens, BRACED.eos)


def test_a_text_that_leaves_the_beam_and_comes_back_stands_in_it_once():
    for seed in range(40):
        found = prefix_beam(noise(seed, 25, LETTERS, spread=3.0), LETTERS, None, DecodingOptions(10, alternatives=9))
        assert len({h.tokens for h in found}) == len(found) == 10


@pytest.mark.parametrize("frames", [1, 2, 3, 8, 13])
def test_noise_of_any_length_is_read_as_grammatical_text_by_the_narrowest_beam(frames):
    grammar = BraceGuide(BRACED)
    for seed in range(60):
        h = prefix_beam(noise(seed, frames, BRACED, spread=5.0), BRACED, grammar, DecodingOptions(1))[0]
        assert h.finished and accepts(grammar, h.tokens, BRACED.eos)


def test_each_token_has_its_probability_given_those_before_it():
    logprobs = noise(3, 5, LETTERS, specials=-80)
    sums = texts(logprobs, LETTERS)
    for text in best(sums, 12):
        conditional = token_logprobs(logprobs, text, LETTERS)
        for length in range(1, len(text) + 1):
            beginning = np.logaddexp.reduce([p for other, p in sums.items() if other[:length] == text[:length]])
            assert sum(conditional[:length]) == pytest.approx(beginning, abs=1e-5)
        assert sum(conditional) == pytest.approx(sums[text], abs=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_texts_of_a_beam_have_the_probabilities_that_each_has_alone(seed):
    logprobs = noise(seed, 14, LETTERS)
    found = prefix_beam(logprobs, LETTERS, None, DecodingOptions(beam_width=8, alternatives=7))
    starts = {tokens[:n] for tokens in (h.tokens for h in found) for n in range(1, len(tokens))}
    assert len(found) == 8 and len(starts) < sum(max(len(h.tokens) - 1, 0) for h in found), "some begin alike"
    for h in found:
        np.testing.assert_allclose(h.logprobs, token_logprobs(logprobs, h.tokens, LETTERS), atol=1e-12)


def test_a_text_that_the_frames_cannot_hold_is_impossible_and_not_nan():
    a = LETTERS.ids["a"]
    assert sum(token_logprobs(noise(0, 2, LETTERS), (a, a), LETTERS)) == -np.inf
    assert sum(token_logprobs(noise(0, 2, LETTERS), (a,) * 5, LETTERS)) == -np.inf
    with pytest.raises(OptionError, match="2 frames cannot hold 2 tokens"):
        align(noise(0, 2, LETTERS), (a, a), LETTERS)
    with pytest.raises(OptionError, match="0 frames cannot hold 1 tokens"):
        align(noise(0, 0, LETTERS), (a,), LETTERS)


def spans_of(path, blank):
    edges = [0, *(i for i in range(1, len(path)) if path[i] != path[i - 1]), len(path)]
    return tuple((i, j) for i, j in itertools.pairwise(edges) if path[i] != blank)


@pytest.mark.parametrize("frames", [1, 3, 6])
def test_best_path_is_the_text_of_the_most_probable_alignment_and_tells_its_frames(frames):
    for seed in SEEDS:
        logprobs = noise(seed, frames, LETTERS)
        path, text, logprob = max(alignments(logprobs, LETTERS), key=lambda alignment: alignment[2])
        hypothesis, spans = best_path(logprobs, LETTERS)
        assert hypothesis.tokens == text and hypothesis.finished
        assert hypothesis.score == pytest.approx(logprob, abs=1e-5)
        assert hypothesis.logprob == pytest.approx(texts(logprobs, LETTERS)[text], abs=1e-5)
        assert spans == spans_of(path, LETTERS.blank)


def test_a_text_is_aligned_as_in_its_most_probable_alignment():
    for seed in SEEDS:
        logprobs = noise(seed, 5, LETTERS)
        tops = {}
        for path, text, logprob in alignments(logprobs, LETTERS):
            if text not in tops or logprob > tops[text][1]:
                tops[text] = (path, logprob)
        for text, (path, _) in tops.items():
            assert align(logprobs, text, LETTERS) == spans_of(path, LETTERS.blank)


@pytest.mark.parametrize("frames", [4, 9])
def test_any_text_is_aligned_in_order_with_a_blank_between_repeats(frames):
    a, b = LETTERS.encode("ab")
    for seed in SEEDS:
        logprobs = noise(seed, frames, LETTERS, spread=6.0)
        for text in ((), (a,), (a, a), (b, a, b, a)[:frames], (a, a, b, b)[:frames // 2]):
            spans = align(logprobs, text, LETTERS)
            assert len(spans) == len(text)
            for (_, end), (first, _), left, right in zip(spans, spans[1:], text, text[1:], strict=False):
                assert end <= first if left != right else end < first
            assert all(0 <= first < end <= frames for first, end in spans)


def test_a_line_of_a_thousand_frames_has_the_probability_that_the_usual_recursion_gives():
    logprobs = noise(0, 1000, LETTERS, spread=8.0)
    text = tuple(np.random.default_rng(1).choice(LETTERS.encode("ab"), 150).tolist())
    found = sum(token_logprobs(logprobs, text, LETTERS))
    usual = text_logprobs(logprobs.astype(np.float64), [text], LETTERS.blank)[0]
    assert found == pytest.approx(usual, rel=1e-9) and usual < -700, "beyond what floats hold without logarithms"


def test_no_frames_hold_the_empty_text():
    empty = np.zeros((0, len(LETTERS)), np.float32)
    hypothesis, spans = best_path(empty, LETTERS)
    assert (hypothesis.tokens, hypothesis.logprobs, hypothesis.finished, spans) == ((), (0.0,), True, ())


def test_special_tokens_are_never_written_even_where_they_are_likeliest():
    logprobs = noise(1, 6, LETTERS)
    logprobs[:, [LETTERS.pad, LETTERS.bos, LETTERS.eos]] = -0.01
    for hypothesis in (best_path(logprobs, LETTERS)[0], *prefix_beam(logprobs, LETTERS, None, WIDE)):
        assert not LETTERS.specials & set(hypothesis.tokens)


def test_a_frame_that_forbids_everything_or_is_nan_leaves_a_number():
    for poison in (-np.inf, np.nan):
        logprobs = noise(1, 4, LETTERS)
        logprobs[2] = poison
        for h in prefix_beam(logprobs, LETTERS, None, DecodingOptions(3)):
            assert not np.isnan(h.score) and not np.isnan(h.logprob)


def test_reading_under_a_lexicon_gives_its_most_probable_word():
    words = [LETTERS.encode(word) for word in ("a", "ab", "bab", "abba", "bb")]
    for seed in SEEDS:
        logprobs = noise(seed, 6, LETTERS)
        scores = {tuple(word): sum(token_logprobs(logprobs, word, LETTERS)) for word in words}
        found = prefix_beam(logprobs, LETTERS, TrieLexicon(words, LETTERS), DecodingOptions(60, alternatives=4))
        assert [h.tokens for h in found] == best(scores, 5)


class Frames:
    def frames(self, images):
        lengths = np.array([3 + int(image.sum()) for image in images])
        batch = np.full((len(images), int(lengths.max()) + 2, len(LETTERS)), np.nan, np.float32)  # padding is poison
        for row, length in zip(batch, lengths, strict=True):
            row[:length] = noise(int(length), length, LETTERS)
        return batch, lengths


@pytest.mark.parametrize("width", [1, 4])
def test_a_batch_is_read_as_its_images_one_by_one_without_its_padding(width):
    task = FrameTask(Frames(), LETTERS, None, DecodingOptions(width, alternatives=width - 1))
    alone = [task.run(images(4)[i:i + 1])[0] for i in range(4)]
    assert task.run(images(4)) == alone and all(alone)
    assert task.run(images(0)) == []


def test_width_one_without_a_guide_is_best_path():
    task = FrameTask(Frames(), LETTERS)
    assert task.run(images(2))[1] == [best_path(noise(4, 4, LETTERS), LETTERS)[0]]


@pytest.mark.parametrize("seed", range(40))
def test_width_one_is_best_path_where_the_guide_lets_it_be_and_else_what_the_guide_lets(seed):
    frames, guide = noise(seed, 6, BRACED), BraceGuide(BRACED)
    found = FrameTask(Frames(), BRACED, guide).search(frames)
    free = best_path(frames, BRACED)[0]
    right = accepts(guide, free.tokens, BRACED.eos)
    assert found == ([free] if right else prefix_beam(frames, BRACED, guide, DecodingOptions()))
    assert accepts(guide, found[0].tokens, BRACED.eos)


def test_a_guide_that_favours_something_is_not_passed_over():
    frames, dear = noise(1, 4, LETTERS), Prices([0, 0, 0, 0, -5, 0])
    assert FrameTask(Frames(), LETTERS, dear).search(frames) == prefix_beam(frames, LETTERS, dear, DecodingOptions())


def test_a_vocabulary_without_blank_is_refused():
    with pytest.raises(OptionError, match="blank=True"):
        best_path(np.zeros((2, len(BRACES)), np.float32), BRACES)
