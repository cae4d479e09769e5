import numpy as np
import pytest

from glyphic.core.options import DecodingOptions
from glyphic.decoding.search import BeamSearch
from glyphic.decoding.task import DecodingTask
from tests.toys import BRACES, A, B, TableModel, images


class Scripted:
    """Log-probabilities looked up by what was written so far; anything unlisted is very unlikely."""

    def __init__(self, table):
        self.table, self.steps = table, 0

    def encode(self, images):
        return [() for _ in images]

    def step(self, tokens, state):
        self.steps += 1
        state = [(*written, int(token)) for written, token in zip(state, tokens, strict=True)]
        rows = np.full((len(state), len(BRACES)), -20.0, np.float32)
        for row, written in zip(rows, state, strict=True):
            for token, probability in self.table.get(written[1:], {BRACES.eos: 0.99}).items():
                row[token] = np.log(probability)
        return rows, state

    def select(self, state, rows):
        return [state[row] for row in rows]


# "a" has the better sum (0.55), "bbb" the better mean (0.45 x 0.98 x 0.98 x 0.99)
SHORT_OR_LONG = {(): {A: 0.55, B: 0.45}, (A,): {BRACES.eos: 1.0}, (B,): {B: 0.98}, (B, B): {B: 0.98}}


def read(model, **options):
    return DecodingTask(model, BRACES, None, DecodingOptions(**options)).run(images(1))[0]


def test_without_length_penalty_the_better_sum_wins_and_with_it_the_better_mean():
    assert read(Scripted(SHORT_OR_LONG), beam_width=4, length_penalty=0.0)[0].tokens == (A,)
    assert read(Scripted(SHORT_OR_LONG), beam_width=4, length_penalty=1.0)[0].tokens == (B, B, B)


@pytest.mark.parametrize("penalty", [0.0, 0.5, 1.0, 1.7])
def test_a_score_is_the_log_probability_over_the_length_with_eos_to_the_power_of_the_penalty(penalty):
    for h in read(TableModel(3), beam_width=5, max_tokens=7, alternatives=4, length_penalty=penalty):
        assert h.score == pytest.approx(h.logprob / max(1, len(h.logprobs)) ** penalty)


def test_hypotheses_come_best_first_and_differ():
    for seed in range(10):
        found = read(TableModel(seed), beam_width=6, max_tokens=6, alternatives=5)
        ranks = [(not h.finished, -h.score) for h in found]
        assert ranks == sorted(ranks) and len({(h.tokens, h.finished) for h in found}) == len(found) == 6


def test_a_search_without_length_normalisation_stops_as_soon_as_nothing_can_win():
    model = Scripted(SHORT_OR_LONG)
    read(model, beam_width=4, max_tokens=100, length_penalty=0.0)
    assert model.steps == 2  # "a<eos>" has 0.55, and no other beam has as much


def test_a_search_goes_on_while_a_longer_sequence_can_still_win():
    table = {(): {A: 0.6, B: 0.4}, (A,): {BRACES.eos: 1.0}}
    table |= {(B,) * n: {B: 0.999} for n in range(1, 30)}  # its mean overtakes that of "a" after four tokens
    model = Scripted(table)
    assert read(model, beam_width=2, max_tokens=60)[0].tokens == (B,) * 30
    assert read(Scripted(table), beam_width=2, max_tokens=3)[0].tokens == (A,)
    assert model.steps < 60


def unhurried(model, width, budget, penalty):
    """Beam search that never stops early: the best normalised score among all that finish."""
    live, best = [((0, BRACES.bos), 0.0)], -np.inf
    for length in range(1, budget + 1):
        options = [(total + float(lp), (*prefix, token)) for prefix, total in live
                   for token, lp in enumerate(model.row(prefix)) if token not in (BRACES.pad, BRACES.bos)]
        live = []
        for total, prefix in sorted(options, reverse=True):
            if len(live) == width:
                break
            if prefix[-1] == BRACES.eos:
                best = max(best, total / length ** penalty)
            else:
                live.append((prefix, total))
    return best


@pytest.mark.parametrize("penalty", [0.0, 0.7, 1.0, 1.5])
def test_stopping_early_never_costs_the_winner(penalty):
    for seed in range(25):
        model = TableModel(seed, lift=[0, 0, 1, 0, 0, 0, 0])
        found = read(model, beam_width=3, max_tokens=10, length_penalty=penalty)[0]
        assert found.score >= unhurried(model, 3, 10, penalty) - 1e-5


def test_the_search_speaks_in_rows_and_tokens():
    search = BeamSearch(BRACES, None, DecodingOptions(beam_width=2, max_tokens=4))
    row = np.log(np.array([0.5, 0.1, 0.1, 0.05, 0.05, 0.15, 0.05], np.float32))
    assert search.advance(row[None], 4)[0] == (0, A)
    assert len(search.beams) == 2
    rows = np.stack([row - 5, row])  # the second beam is now far better
    assert [step[0] for step in search.advance(rows, 3)] == [1, 1]


def test_log_probabilities_handed_in_are_left_alone():
    rows = np.full((1, len(BRACES)), -1.5, np.float32)
    rows.setflags(write=False)
    for width in (1, 3):
        BeamSearch(BRACES, None, DecodingOptions(width)).advance(rows, 5)
    assert (rows == -1.5).all()
