"""The exact probabilities of many texts under the frames of one picture, all at once.

The forward algorithm of connectionist temporal classification (Graves et al. 2006), over all candidates of a lexicon.
Letters: T frames, V vocabulary, C candidates, U tokens of the longest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

CHUNK = 2048  # candidates at a time: what is gathered for them stays below 100 MB
UNDERFLOW = 1e-280  # less than this is too near to the end of the float64 range to be trusted


@dataclass(frozen=True)
class Arithmetic:
    """How probabilities add up and multiply, and what is impossible and certain."""

    add: Callable[..., Floats]
    times: Callable[..., Floats]
    never: float
    sure: float


PLAIN = Arithmetic(np.add, np.multiply, 0.0, 1.0)
LOGS = Arithmetic(np.logaddexp, np.add, -np.inf, 0.0)  # ten times slower, and never underflows


def text_logprobs(frames: Floats, texts: Sequence[Sequence[int]], blank: int) -> Floats:
    """frames: (T, V) log-probabilities, texts: token ids of each -> (C,) log-probability of each text, summed over
    all its alignments; -inf where the frames cannot hold it.
    """
    if len(texts) > CHUNK:
        parts = (texts[i:i + CHUNK] for i in range(0, len(texts), CHUNK))
        return np.concatenate([text_logprobs(frames, part, blank) for part in parts])
    lengths = np.array([len(text) for text in texts], np.int64)
    table = np.full((len(texts), int(lengths.max(initial=0))), blank, np.int64)
    for row, text in zip(table, texts, strict=True):
        row[:len(text)] = text
    top = frames.max(axis=1, initial=-np.inf, keepdims=True)
    if not np.isfinite(top).all():
        return np.full(len(texts), -np.inf)
    relative = frames - top  # so that the most probable alignment has the probability 1
    totals = _forward(np.exp(relative), table, lengths, blank, PLAIN)
    known = totals > UNDERFLOW
    result = np.full(len(texts), -np.inf)
    result[known] = np.log(totals[known])
    repeats = ((table[:, 1:] == table[:, :-1]) & (table[:, 1:] != blank)).sum(axis=1)  # each needs a blank between
    doubtful = np.flatnonzero(~known & (lengths + repeats <= len(frames)))
    if len(doubtful):
        result[doubtful] = _forward(relative, table[doubtful], lengths[doubtful], blank, LOGS)
    scores: Floats = result + top.sum()
    return scores


def _forward(frames: Floats, table: Ids, lengths: Ids, blank: int, by: Arithmetic) -> Floats:
    """frames: (T, V), table: (C, U) -> (C,) sums over all alignments."""
    written = frames[:, table]  # (T, C, U)
    follows = np.full(table.shape, by.sure)  # a token may follow its predecessor without a blank, if they differ
    follows[:, 1:][table[:, 1:] == table[:, :-1]] = by.never
    shape = (len(table), table.shape[1] + 1)
    blank_ended, token_ended = np.full(shape, by.never), np.full(shape, by.never)  # of the first 0 ... U tokens
    blank_ended[:, 0] = by.sure
    for frame, tokens in zip(frames, written, strict=True):
        either = by.add(blank_ended, token_ended)
        entering = by.add(blank_ended[:, :-1], by.times(token_ended[:, :-1], follows))
        token_ended[:, 1:] = by.times(by.add(token_ended[:, 1:], entering), tokens)
        blank_ended = by.times(either, frame[blank])
    rows = np.arange(len(table))
    return by.add(blank_ended[rows, lengths], token_ended[rows, lengths])
