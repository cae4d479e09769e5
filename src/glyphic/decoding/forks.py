"""A reading and its doubtful places -> where else it might have gone: other tokens, and the readings they lead to.

Letters: T frames or steps, V vocabulary. `width` is how many other tokens are followed at each place.
"""

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from glyphic.core.guide import accepts
from glyphic.core.model import FloatArray, State
from glyphic.core.vocabulary import Vocabulary
from glyphic.decoding.ctc import FrameTask, Lattice
from glyphic.decoding.likelihood import text_logprobs
from glyphic.decoding.search import Beam, BeamSearch
from glyphic.decoding.task import DecodingTask

LEAST = 0.002  # a choice that is less probable than this is none
AGREED = 8  # tokens in a row after which another reading is taken to go on as the one that was found
LONGER = 16  # tokens by which another reading may exceed the one that was found


@dataclass(frozen=True)
class Fork:
    """Another token at one place of a reading, its probability there under the network, and the reading it leads to."""

    token: int  # <eos> where the reading ends instead
    p: float
    tokens: tuple[int, ...]


Forks = Mapping[int, Sequence[Fork]]  # place -> the likeliest first


def step_forks(task: DecodingTask, state: State, tokens: Sequence[int], places: Sequence[int], width: int,
               written: int = 0) -> Forks:
    """state: one row, a picture as encoded, or after as many steps of the reading as `written` says; tokens: what was
    read in it -> what else might stand at `places`, none of which is before `written`.

    The reading is written once more from there, and at each place the others branch off and are finished greedily, all
    of them rows of one batch. What has written the same AGREED tokens as the reading is not written to its end: it goes
    on as the reading does, if the guide lets it, as it nearly always would have.
    """
    if not places:
        return {}
    vocabulary, guide = task.vocabulary, task.guide
    greedy = replace(task.options, beam_width=1, alternatives=0,
                     max_tokens=min(task.options.max_tokens, len(tokens) + LONGER))
    trunk = Beam(None, vocabulary.bos, 0.0, 0.0, guide.start() if guide else None)
    for token in tokens[:written]:
        trunk = Beam(trunk, token, 0.0, 0.0, guide.advance(trunk.state, token) if guide else None)
    found: dict[int, list[Fork]] = {place: [] for place in places}
    live: list[tuple[int, Fork, BeamSearch]] = []  # the rows behind the first, which is the reading itself
    last, rows = np.array([trunk.token], np.int64), 1
    for step in range(written, greedy.max_tokens):
        logprobs, state = task.model.step(last, state)  # (rows, V)
        remaining = greedy.max_tokens - step
        writing = step < len(tokens) and step <= max(places)  # whether the first row is still needed
        keep, chosen, still = ([0], [tokens[step]], []) if writing else ([], [], [])
        first = rows - len(live)
        for row, branch in enumerate(live, first):
            place, fork, search = branch
            steps = search.advance(logprobs[row:row + 1], remaining)
            if steps and (whole := _rejoined(search.beams[0], tokens, place, task, remaining - 1)):
                _finish(found[place], fork, whole)
            elif not steps:
                _finish(found[place], fork, _ended(search))
            else:
                keep.append(row)
                chosen.append(steps[0][1])
                still.append(branch)
        if writing and step in found:
            for token in _others(logprobs[0], tokens[step], trunk.state, task, remaining, width):
                logprob = float(logprobs[0, token])
                search = BeamSearch(vocabulary, guide, greedy)
                beam = Beam(trunk, token, logprob, logprob, guide.advance(trunk.state, token)
                            if guide and token != vocabulary.eos else None)
                search.beams, search.length = [beam], step + 1
                fork = Fork(token, min(1.0, math.exp(logprob)), tuple(tokens[:step]))
                found[step].append(fork)
                if token != vocabulary.eos:
                    keep.append(0)
                    chosen.append(token)
                    still.append((step, fork, search))
        if writing:
            trunk = Beam(trunk, tokens[step], 0.0, 0.0, guide.advance(trunk.state, tokens[step]) if guide else None)
        live = still
        if not live and not (writing and step < max(places)):
            break
        if keep != list(range(rows)):
            state = task.model.select(state, np.array(keep, np.int64))
        last, rows = np.array(chosen, np.int64), len(keep)
    for place, fork, search in live:
        _finish(found[place], fork, _ended(search))
    return found


def _others(logprobs: FloatArray, written: int, state: object, task: DecodingTask, remaining: int,
            width: int) -> list[int]:
    """The likeliest tokens but the one that was written, as far as the guide lets them stand."""
    scores = logprobs.astype(np.float64)
    if task.guide:
        scores = scores + task.guide.bias(state, remaining)
    scores[[written, *(task.vocabulary.specials - {task.vocabulary.eos})]] = -np.inf
    scores = np.fmax(scores, -np.inf)
    best = np.argsort(-scores, kind="stable")[:width].tolist()
    return [token for token in best if scores[token] > -np.inf and logprobs[token] >= math.log(LEAST)]


def _rejoined(beam: Beam, tokens: Sequence[int], place: int, task: DecodingTask,
              remaining: int) -> tuple[int, ...] | None:
    """The whole of a branch that has come back to the reading; None for one that has not. remaining: how many tokens
    may still be written, the end included."""
    chain = tuple(link.token for link in beam.chain())
    if len(chain) - place <= AGREED:
        return None
    for shift in (0, 1, -1, 2, -2, 3, -3):
        end = len(chain) + shift
        if end <= len(tokens) and tuple(tokens[end - AGREED:end]) == chain[-AGREED:] \
                and (task.guide is None or _allowed(task, beam.state, tokens[end:], remaining)):
            return (*chain, *tokens[end:])
    return None


def _allowed(task: DecodingTask, state: Hashable, rest: Sequence[int], remaining: int) -> bool:
    """Whether the guide lets `rest`, and then the end, be written from a state on."""
    assert task.guide is not None
    if len(rest) >= remaining:
        return False
    for number, token in enumerate((*rest, task.vocabulary.eos)):
        if task.guide.bias(state, remaining - number)[token] == -np.inf:
            return False
        if number < len(rest):
            state = task.guide.advance(state, token)
    return True


def _ended(search: BeamSearch) -> tuple[int, ...] | None:
    best = search.hypotheses()[0]
    return best.tokens if best.finished else None


def _finish(forks: list[Fork], fork: Fork, tokens: tuple[int, ...] | None) -> None:
    """In place of the fork as it began, the reading that it came to; nothing where that did not come to an end."""
    at = next(at for at, other in enumerate(forks) if other is fork)
    forks[at:at + 1] = [] if tokens is None else [replace(fork, tokens=tokens)]


def frame_forks(task: FrameTask, logprobs: FloatArray, tokens: Sequence[int], places: Sequence[int],
                width: int) -> Forks:
    """logprobs: (T, V) of one picture, tokens: what was read in it -> what else might stand at `places`.

    The probabilities are exact, summed over all alignments. Behind the other token, the reading goes on as it did, or
    without the token that the other one is, or from the one whose place it took: whichever is the most probable.
    """
    found: dict[int, list[Fork]] = {}
    if not places:
        return found
    vocabulary, tokens = task.vocabulary, tuple(tokens)
    assert vocabulary.blank is not None  # `usable_frames` refuses such a vocabulary
    lattice = Lattice(logprobs, tokens, vocabulary, np.logaddexp)
    usable = lattice.usable
    for place in places:
        following = next_logprobs(lattice, usable, place, tokens, vocabulary)
        following[tokens[place]] = -np.inf
        best = np.argsort(-following, kind="stable")[:width].tolist()
        others = [token for token in best if following[token] >= math.log(LEAST)]
        found[place] = []
        for token in others:
            readings = [text for text in _continued(tokens, place, token, vocabulary)
                        if task.guide is None or accepts(task.guide, text, vocabulary.eos)]
            if readings:
                scores = text_logprobs(usable, readings, vocabulary.blank)
                if scores.max() > -np.inf:
                    p = min(1.0, math.exp(float(following[token])))
                    found[place].append(Fork(token, p, readings[int(scores.argmax())]))
    return found


def next_logprobs(lattice: Lattice, usable: npt.NDArray[np.float64], place: int, tokens: Sequence[int],
                  vocabulary: Vocabulary) -> npt.NDArray[np.float64]:
    """lattice: of `tokens`, with sums; usable: (T, V) -> (V,) log-probability of each token, and of the end, behind
    the first `place` tokens; exact, as `ctc.token_logprobs`."""
    blank_ended, token_ended = lattice.blank_ended[place], lattice.token_ended[place]  # (T + 1,)
    entered = np.logaddexp(blank_ended, token_ended)[:-1, None]
    begun: npt.NDArray[np.float64] = np.logaddexp.reduce(entered + usable, axis=0)
    if place:  # the token before, again, needs a blank between
        before = tokens[place - 1]
        begun[before] = np.logaddexp.reduce(blank_ended[:-1] + usable[:, before])
    begun[sorted(vocabulary.specials)] = -np.inf
    begun[vocabulary.eos] = np.logaddexp(blank_ended[-1], token_ended[-1])
    total: npt.NDArray[np.float64] = begun - np.logaddexp.reduce(begun)
    return total


def _continued(tokens: tuple[int, ...], place: int, token: int, vocabulary: Vocabulary) -> Iterator[tuple[int, ...]]:
    before, written, after = tokens[:place], tokens[place], tokens[place + 1:]
    if token == vocabulary.eos:
        yield before
        return
    yield (*before, token, *after)
    yield (*before, token, written, *after)
    if after and after[0] == token:
        yield (*before, *after)
