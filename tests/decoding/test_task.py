import itertools

import numpy as np
import pytest

from glyphic.core.guide import accepts
from glyphic.core.options import DecodingOptions
from glyphic.core.vocabulary import Vocabulary
from glyphic.decoding.task import DecodingTask
from tests.toys import BRACES, BraceGuide, Prices, TableModel, V, balanced, images, sequences

GRAMMAR = BraceGuide()


def read(model, count=1, guide=GRAMMAR, **options):
    return DecodingTask(model, BRACES, guide, DecodingOptions(**options)).run(images(count))


@pytest.mark.parametrize(("budget", "width"), list(itertools.product((2, 3, 5, 9), (1, 2, 5))))
def test_every_reading_is_grammatical_at_every_budget_and_width(budget, width):
    for seed in range(3):
        for hypotheses in read(TableModel(seed), 20, beam_width=width, max_tokens=budget, alternatives=width - 1):
            assert hypotheses[0].finished
            assert all(accepts(GRAMMAR, h.tokens, BRACES.eos) and balanced(h.tokens) for h in hypotheses if h.finished)
            assert all(len(h.logprobs) <= budget for h in hypotheses)


@pytest.mark.parametrize("penalty", [0.0, 0.6, 1.0, 2.0])
def test_a_wide_beam_finds_what_enumeration_finds(penalty):
    budget, wanted = 5, 6
    for seed in range(4):
        model = TableModel(seed)
        scores = {}
        for tokens in sequences(budget):
            if balanced(tokens):
                scores[tokens] = sum(model.logprobs(0, tokens)) / (len(tokens) + 1) ** penalty
        best = sorted(scores, key=lambda tokens: -scores[tokens])[:wanted]
        found = read(model, beam_width=300, max_tokens=budget, alternatives=wanted - 1, length_penalty=penalty)[0]
        assert [h.tokens for h in found] == best
        for h in found:
            assert h.finished and h.logprobs == model.logprobs(0, h.tokens)
            assert h.score == pytest.approx(scores[h.tokens])


def test_soft_biases_count_in_the_score_and_not_in_the_log_probability():
    prices = [0.0, 0.0, -0.3, -2.0, -1.0, -0.5, -4.0]
    model, budget = TableModel(5), 5
    scores = {tokens: sum(model.logprobs(0, tokens)) + sum(prices[t] for t in (*tokens, BRACES.eos))
              for tokens in sequences(budget)}
    found = read(model, guide=Prices(prices), beam_width=500, max_tokens=budget, length_penalty=0.0)[0][0]
    assert found.tokens == max(scores, key=lambda tokens: scores[tokens])
    assert found.score == pytest.approx(scores[found.tokens])
    assert found.logprobs == model.logprobs(0, found.tokens)


@pytest.mark.parametrize("width", [1, 2, 4])
def test_a_batch_is_read_as_its_images_one_by_one(width):
    task = DecodingTask(TableModel(1), BRACES, GRAMMAR, DecodingOptions(width, 8, alternatives=width - 1))
    assert task.run(images(9)) == [task.run(images(9)[i:i + 1])[0] for i in range(9)]


def test_a_caller_may_encode_the_images_itself():
    task = DecodingTask(TableModel(1), BRACES, GRAMMAR, DecodingOptions(3, 8))
    assert task.run_from(task.model.encode(images(4)), 4) == task.run(images(4))


def test_no_images_give_no_readings():
    assert read(TableModel(), 0) == []
    assert DecodingTask(TableModel(), BRACES).run_from([], 0) == []


def test_width_one_is_greedy():
    for guide, seed in itertools.product((None, GRAMMAR), range(20)):
        model, budget, state, prefix = TableModel(seed), 7, 0, (0, BRACES.bos)
        expected: list[int] = []
        for remaining in range(budget, 0, -1):
            row = model.row(prefix) + (guide.bias(state, remaining) if guide else 0.0)
            row[[BRACES.pad, BRACES.bos]] = -np.inf
            token = int(row.argmax())
            if token == BRACES.eos:
                break
            expected.append(token)
            prefix, state = (*prefix, token), guide.advance(state, token) if guide else 0
        found = read(model, guide=guide, beam_width=1, max_tokens=budget)[0]
        assert [h.tokens for h in found] == [tuple(expected)]
        assert found[0].finished == (len(expected) < budget)


def test_a_wider_beam_is_never_asked_for_more_rows_than_its_width_per_image():
    model = TableModel(4)
    read(model, 3, beam_width=4, max_tokens=9)
    assert max(model.widths) == 12 and model.widths[0] == 3


def test_a_lone_greedy_reading_never_moves_the_state():
    model = TableModel(lift=[0, 0, -9, 0, 0, 0, 0])
    assert len(read(model, beam_width=1, max_tokens=12)[0][0].tokens) == 11
    assert model.selections == 0


def test_finished_images_leave_the_batch():
    model = TableModel(2)
    lengths = [len(h[0].logprobs) for h in read(model, 12, beam_width=1, max_tokens=9)]
    assert model.widths == [sum(length > step for length in lengths) for step in range(max(lengths))]
    assert len(set(lengths)) > 1


def test_special_tokens_are_never_written():
    vocabulary = Vocabulary.of("ab", blank=True)
    model = TableModel(size=6, lift=[9, 9, 0, 9, 0, 0])
    for width in (1, 3):
        for h in DecodingTask(model, vocabulary, None, DecodingOptions(width, 6, width - 1)).run(images(5)):
            assert all(not vocabulary.specials & set(each.tokens) for each in h)


def test_readings_without_an_end_are_cut_off_at_the_budget():
    never = Prices([0, 0, -np.inf, 0, 0, 0, 0])
    for width in (1, 3):
        found = read(TableModel(), guide=never, beam_width=width, max_tokens=5, alternatives=width - 1)[0]
        assert len(found) == width
        assert all(not h.finished and len(h.tokens) == len(h.logprobs) == 5 for h in found)
        assert [h.score for h in found] == sorted((h.logprob / 5 for h in found), reverse=True)


class DeadEnd(Prices):
    """Allows everything for a while, then nothing at all."""

    def __init__(self, after: int):
        super().__init__([0, 0, -np.inf, 0, 0, 0, 0])
        self.after = after

    def advance(self, state, token):
        return state + 1

    def bias(self, state, remaining):
        return self.prices if state < self.after else np.full(V, -np.inf, np.float32)


@pytest.mark.parametrize("after", [0, 1, 3])
@pytest.mark.parametrize("width", [1, 3])
def test_where_everything_is_forbidden_the_reading_so_far_is_cut_off(after, width):
    found = read(TableModel(), guide=DeadEnd(after), beam_width=width, max_tokens=9, alternatives=width - 1)[0]
    assert found and all(len(h.tokens) == after and not h.finished and np.isfinite(h.score) for h in found)


def test_a_token_whose_log_probability_is_nan_is_never_written():
    class Broken(TableModel):
        def row(self, prefix):
            row = super().row(prefix)
            row[[3, 5]] = np.nan
            return row

    for width in (1, 4):
        for hypotheses in read(Broken(), 5, guide=None, beam_width=width, max_tokens=6):
            assert not {3, 5} & set(hypotheses[0].tokens) and np.isfinite(hypotheses[0].score)
