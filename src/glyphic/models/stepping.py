"""A network in training becomes the StepModel or FrameModel that decoding reads with, without any export.

Letters: N images, M memories, B rows, L layers, S cells, T tokens or frames, V vocabulary.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from glyphic.core.errors import OptionError
from glyphic.core.model import FloatArray, IntArray
from glyphic.models.build import Network
from glyphic.models.layers import HIDDEN

Pictures = FloatArray | Sequence[FloatArray]  # (N, 1, H, W), or N of (1, H, W) or (H, W), each of its own size


@dataclass(frozen=True)
class TorchState:
    """B rows in the middle of writing: rows[b] is the picture that row b reads. Nothing in it is ever changed."""

    pictures: tuple[Tensor, Tensor, Tensor]  # keys and values (N, L, heads, S, dh), bias (N, S)
    rows: IntArray  # (B,)
    memory: tuple[Tensor, Tensor, Tensor]  # the same of the rows: M = B, or M = 1 where all read one picture
    cache_keys: Tensor  # (B, L, heads, T, dh)
    cache_values: Tensor


class _Reader:
    """What the two faces of a network share: it is switched to evaluation, and no gradient is kept.

    bf16: compute under autocast, several times faster where the CPU has the instructions.
    """

    def __init__(self, network: Network, kind: str, bf16: bool):
        if network.generation.kind != kind:
            raise OptionError(f"this network's generation writes {network.generation.kind}, not {kind}")
        self.network, self.bf16 = network.eval(), bf16
        self.device = next(network.parameters()).device

    def _features(self, images: FloatArray) -> Tensor:
        shaped = np.asarray(images, np.float32).reshape(-1, 1, *images.shape[-2:])
        return self.network.memory(torch.from_numpy(shaped).to(self.device))[0]

    def _computing(self) -> AbstractContextManager[None]:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16)


class TorchStepModel(_Reader):
    """A StepModel (`glyphic.core.model`) from a network whose generation is of the kind "step"."""

    def __init__(self, network: Network, bf16: bool = False):
        super().__init__(network, "step", bf16)

    @torch.no_grad()
    def encode(self, images: Pictures) -> TorchState:
        """images: (N, 1, H, W) at once, or a sequence of (1, H, W) or (H, W), each encoded alone at its own size."""
        batches = [images] if isinstance(images, np.ndarray) else list(images)
        with self._computing():
            found = [self.network.generation.project(self._features(batch)) for batch in batches]
        memory = _pad([keys for keys, _ in found], [values for _, values in found])
        rows = np.arange(len(memory[0]))
        empty = memory[0].new_zeros((len(rows), *memory[0].shape[1:3], 0, memory[0].shape[4]))
        return TorchState(memory, rows, _of(memory, rows), empty, empty)

    @torch.no_grad()
    def step(self, tokens: IntArray, state: TorchState) -> tuple[FloatArray, TorchState]:
        """tokens: (B,) the last token of each row -> log-probabilities (B, V), the state after it."""
        ids = torch.from_numpy(np.asarray(tokens, np.int64)).to(self.device)
        position = torch.tensor(state.cache_keys.shape[3], device=self.device)
        with self._computing():
            logprobs, keys, values, _ = self.network.generation.step(ids, position, *state.memory, state.cache_keys,
                                                                     state.cache_values)
        return logprobs.float().cpu().numpy(), replace(state, cache_keys=keys, cache_values=values)

    @torch.no_grad()
    def select(self, state: TorchState, rows: IntArray) -> TorchState:
        """Keep, repeat or reorder rows; rows: (B',)."""
        picked = state.rows[rows]
        memory = state.memory if np.array_equal(picked, state.rows) else _of(state.pictures, picked)
        index = torch.from_numpy(np.asarray(rows, np.int64)).to(self.device)
        return replace(state, rows=picked, memory=memory, cache_keys=state.cache_keys[index],
                       cache_values=state.cache_values[index])


class TorchFrameModel(_Reader):
    """A FrameModel (`glyphic.core.model`) from a network whose generation is of the kind "frames"."""

    def __init__(self, network: Network, bf16: bool = False):
        super().__init__(network, "frames", bf16)

    @torch.no_grad()
    def frames(self, images: Pictures) -> tuple[FloatArray, IntArray]:
        """images as for `TorchStepModel.encode` -> log-probabilities (N, T, V), -inf beyond the lengths (N,)."""
        batches = [images] if isinstance(images, np.ndarray) else list(images)
        with self._computing():
            found = [row.cpu().numpy() for batch in batches
                     for row in self.network.generation.logprobs(self._features(batch), None)]
        lengths = np.array([len(row) for row in found], np.int64)
        logprobs = np.full((len(found), int(lengths.max()), found[0].shape[1]), -np.inf, np.float32)
        for target, row in zip(logprobs, found, strict=True):
            target[:len(row)] = row
        return logprobs, lengths


def _pad(keys: list[Tensor], values: list[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """Memories of several numbers of cells -> one of the longest, and the bias that hides what was added."""
    count, longest = sum(len(part) for part in keys), max(part.shape[3] for part in keys)
    shape = (count, *keys[0].shape[1:3], longest, keys[0].shape[4])
    whole_keys, whole_values = keys[0].new_zeros(shape), keys[0].new_zeros(shape)
    bias = torch.full((count, longest), HIDDEN, device=keys[0].device)
    first = 0
    for part_keys, part_values in zip(keys, values, strict=True):
        rows, own = slice(first, first + len(part_keys)), part_keys.shape[3]
        whole_keys[rows, :, :, :own], whole_values[rows, :, :, :own], bias[rows, :own] = part_keys, part_values, 0.0
        first = rows.stop
    return whole_keys, whole_values, bias


def _of(pictures: tuple[Tensor, Tensor, Tensor], rows: IntArray) -> tuple[Tensor, Tensor, Tensor]:
    """The memories of the given pictures; a single one, without a copy, where all are the same."""
    if len(rows) and (rows == rows[0]).all():
        one = int(rows[0])
        return pictures[0][one:one + 1], pictures[1][one:one + 1], pictures[2][one:one + 1]
    if np.array_equal(rows, np.arange(len(pictures[0]))):
        return pictures
    index = torch.from_numpy(rows).to(pictures[0].device)
    return pictures[0][index], pictures[1][index], pictures[2][index]
