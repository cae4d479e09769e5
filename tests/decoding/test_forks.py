"""What else might stand in a reading."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glyphic.core.guide import Both, accepts
from glyphic.core.options import DecodingOptions
from glyphic.core.vocabulary import Vocabulary
from glyphic.decoding.ctc import FrameTask, Lattice, best_path, token_logprobs, usable_frames
from glyphic.decoding.forks import AGREED, LEAST, LONGER, frame_forks, next_logprobs, step_forks
from glyphic.decoding.guides import ForcedPrefix
from glyphic.decoding.likelihood import text_logprobs
from glyphic.decoding.task import DecodingTask
from tests.toys import BRACES, BraceGuide, TableModel, images

CTC = Vocabulary.of("abc", blank=True)


@given(st.integers(0, 200), st.booleans(), st.sets(st.integers(0, 11), min_size=1, max_size=4), st.integers(1, 3))
def test_a_fork_is_what_a_forced_beginning_leads_to(seed, guided, places, width):
    guide = BraceGuide() if guided else None
    model = TableModel(seed)
    task = DecodingTask(model, BRACES, guide, DecodingOptions(max_tokens=12))
    [[best]] = task.run(images(1))
    places = sorted(place for place in places if place < len(best.tokens))
    found = step_forks(task, model.encode(images(1)), best.tokens, places, width)
    assert sorted(found) == places
    room = min(12, len(best.tokens) + LONGER)
    for place, forks in found.items():
        assert len(forks) <= width and len({fork.token for fork in forks}) == len(forks)
        for fork in forks:
            assert fork.token != best.tokens[place] and fork.p >= LEAST
            assert fork.p == pytest.approx(math.exp(model.logprobs(0, (*best.tokens[:place], fork.token))[place]),
                                           rel=1e-5)
            assert guide is None or accepts(guide, fork.tokens, BRACES.eos)
            if fork.token == BRACES.eos:
                assert fork.tokens == best.tokens[:place]
                continue
            forced = ForcedPrefix((*best.tokens[:place], fork.token), BRACES)
            whole = replace(task, guide=Both((forced, guide)) if guide else forced,
                            options=DecodingOptions(max_tokens=room))
            assert whole.run(images(1))[0][0].tokens == fork.tokens


class Wordy:
    """Writes `abab...` to the 20th token, whatever it has written; only at the first `c` is as likely as `a`."""

    def __init__(self):
        self.steps = 0

    def encode(self, given):
        return np.zeros(len(given), np.int64)

    def step(self, tokens, state):
        self.steps += 1
        found = np.full((len(tokens), len(BRACES)), -50.0, np.float32)
        for row, place in enumerate(state):
            found[row, BRACES.eos if place == 20 else WORDS[place % 2]] = -0.1
        found[state == 0, WORDS[2]] = -0.2
        return found, state + 1

    def select(self, state, rows):
        return state[rows]


WORDS = [token for token in range(len(BRACES)) if token not in BRACES.specials][:3]


@pytest.mark.parametrize("guided", [False, True])
def test_a_reading_that_comes_back_is_not_written_to_its_end(guided):
    model = Wordy()
    task = DecodingTask(model, BRACES, Few() if guided else None, DecodingOptions(max_tokens=30))
    [[best]] = task.run(images(1))
    assert len(best.tokens) == 20
    model.steps = 0
    found = step_forks(task, model.encode(images(1)), best.tokens, [0], 1)
    assert [fork.tokens for fork in found[0]] == [(WORDS[2], *best.tokens[1:])]
    assert model.steps == 1 + AGREED


class Few:
    """A guide that lets everything be written."""

    def start(self):
        return 0

    def advance(self, state, token):
        return state

    def bias(self, state, remaining):
        return np.zeros(len(BRACES))


def test_what_a_guide_forbids_to_go_on_is_written_to_its_end():
    class Fussy(Few):
        """Forbids, once `c` is written, the token that would be the 16th."""

        def advance(self, state, token):
            return state + 1 if state or token == WORDS[2] else 0

        def bias(self, state, remaining):
            found = np.zeros(len(BRACES))
            if state == 15:
                found[WORDS[1]] = -np.inf
            return found

    model = Wordy()
    task = DecodingTask(model, BRACES, Fussy(), DecodingOptions(max_tokens=30))
    [[best]] = task.run(images(1))
    [fork] = step_forks(task, model.encode(images(1)), best.tokens, [0], 1)[0]
    assert fork.tokens[:15] == (WORDS[2], *best.tokens[1:15]) and fork.tokens[15:] != best.tokens[15:]


def test_a_certain_reading_has_no_forks():
    model = TableModel(0, spread=0.0, lift=[-50, -50, 0, -50, -50, 50, -50])
    task = DecodingTask(model, BRACES, None, DecodingOptions(max_tokens=6))
    [[best]] = task.run(images(1))
    assert step_forks(task, model.encode(images(1)), best.tokens, [0, 2], 3) == {0: [], 2: []}
    assert step_forks(task, model.encode(images(1)), best.tokens, [], 3) == {}


def frames(seed: int, count: int) -> np.ndarray:
    raw = np.random.default_rng(seed).normal(size=(count, len(CTC))) * 2
    raw[:, [CTC.pad, CTC.bos, CTC.eos]] = -np.inf
    return (raw - np.logaddexp.reduce(raw, axis=1, keepdims=True)).astype(np.float32)


@given(st.integers(0, 300), st.integers(1, 8))
def test_the_next_token_of_frames_has_its_exact_probability(seed, count):
    logprobs = frames(seed, count)
    tokens = best_path(logprobs, CTC)[0].tokens
    usable = usable_frames(logprobs, CTC)
    lattice = Lattice(logprobs, tokens, CTC, np.logaddexp)
    for place in range(len(tokens) + 1):
        found = next_logprobs(lattice, usable, place, tokens, CTC)
        assert np.exp(found).sum() == pytest.approx(1.0)
        for token in CTC.encode("abc"):
            expected = token_logprobs(logprobs, (*tokens[:place], token), CTC)[place]
            assert found[token] == pytest.approx(expected, abs=1e-4) or max(found[token], expected) < -20
        ends = token_logprobs(logprobs, tokens[:place], CTC)[-1]
        assert found[CTC.eos] == pytest.approx(ends, abs=1e-4) or max(found[CTC.eos], ends) < -20


@given(st.integers(0, 300), st.integers(1, 8))
def test_forks_of_frames_go_on_with_the_most_probable_rest(seed, count):
    logprobs = frames(seed, count)
    tokens = best_path(logprobs, CTC)[0].tokens
    found = frame_forks(FrameTask(None, CTC), logprobs, tokens, range(len(tokens)), 2)
    for place, forks in found.items():
        for fork in forks:
            before, after = tokens[:place], tokens[place + 1:]
            if fork.token == CTC.eos:
                assert fork.tokens == before
                continue
            rests = [(fork.token, *after), (fork.token, tokens[place], *after)]
            if after[:1] == (fork.token,):
                rests.append(after)
            texts = [(*before, *rest) for rest in rests]
            scores = text_logprobs(usable_frames(logprobs, CTC), texts, CTC.blank)
            assert fork.tokens in texts and scores[texts.index(fork.tokens)] == pytest.approx(scores.max())


def test_a_guide_also_holds_for_what_else_might_stand_there():
    logprobs = frames(1, 6)
    tokens = best_path(logprobs, CTC)[0].tokens
    forced = ForcedPrefix(tokens, CTC)
    assert not any(frame_forks(FrameTask(None, CTC, forced), logprobs, tokens, [0], 3)[0])
