"""A network in training becomes the StepModel or FrameModel that decoding reads with, without any export.

Letters: N images, M memories, B rows, S cells, T tokens or frames, V vocabulary.
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
from glyphic.models.generation import Shape
from glyphic.models.layers import HIDDEN

Pictures = FloatArray | Sequence[FloatArray]  # (N, 1, H, W), or N of (1, H, W) or (H, W), each of its own size


@dataclass(frozen=True)
class TorchState:
    """B rows in the middle of writing: rows[b] is the picture that row b reads. Nothing in it is ever changed."""

    pictures: tuple[Tensor, ...]  # the generation's memories (N, ...), and the bias (N, S) that hides their padding
    rows: IntArray  # (B,)
    memory: tuple[Tensor, ...]  # the same of the rows: M = B, or M = 1 where all read one picture
    states: tuple[Tensor, ...]  # the generation's states (B, ...)
    position: int  # tokens written so far


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
            return self.begin([self._features(batch) for batch in batches])

    @torch.no_grad()
    def begin(self, features: Sequence[Tensor]) -> TorchState:
        """features: what the network's refinement made of pictures, each (N, D, h, w) of its own size."""
        generation = self.network.generation
        with self._computing():
            found = [generation.project(batch) for batch in features]
        memory = _pad(found, list(generation.memories.values()))
        rows = np.arange(len(memory[0]))
        free = {"B": len(rows), "S": memory[-1].shape[1], "T": 0}
        states = tuple(memory[0].new_zeros([size if isinstance(size, int) else free[size] for size in shape])
                       for shape in generation.states.values())
        return TorchState(memory, rows, _of(memory, rows), states, 0)

    @torch.no_grad()
    def step(self, tokens: IntArray, state: TorchState) -> tuple[FloatArray, TorchState]:
        """tokens: (B,) the last token of each row -> log-probabilities (B, V), the state after it."""
        ids = torch.from_numpy(np.asarray(tokens, np.int64)).to(self.device)
        position = torch.tensor(state.position, device=self.device)
        with self._computing():
            logprobs, *states, _ = self.network.generation.step(ids, position, *state.memory, *state.states)
        return logprobs.float().cpu().numpy(), replace(state, states=tuple(states), position=state.position + 1)

    @torch.no_grad()
    def select(self, state: TorchState, rows: IntArray) -> TorchState:
        """Keep, repeat or reorder rows; rows: (B',)."""
        picked = state.rows[rows]
        memory = state.memory if np.array_equal(picked, state.rows) else _of(state.pictures, picked)
        index = torch.from_numpy(np.asarray(rows, np.int64)).to(self.device)
        return replace(state, rows=picked, memory=memory, states=tuple(part[index] for part in state.states))


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


def _pad(found: Sequence[tuple[Tensor, ...]], shapes: Sequence[Shape]) -> tuple[Tensor, ...]:
    """Memories of several numbers of cells -> one of the longest, and the bias that hides what was added."""
    axes = [shape.index("S") if "S" in shape else None for shape in shapes]
    some = next(number for number, axis in enumerate(axes) if axis is not None)
    sizes = [(len(parts[some]), parts[some].shape[axes[some]]) for parts in found]  # pictures, cells
    longest = max(size for _, size in sizes)
    whole = [torch.cat([part if axis is None else _longer(part, axis, longest) for part in parts])
             for axis, parts in zip(axes, zip(*found, strict=True), strict=True)]
    bias = torch.zeros(sum(count for count, _ in sizes), longest, device=whole[0].device)
    first = 0
    for count, size in sizes:
        bias[first:first + count, size:] = HIDDEN
        first += count
    return *whole, bias


def _longer(part: Tensor, axis: int, size: int) -> Tensor:
    """Zeros behind a tensor along one axis."""
    if part.shape[axis] == size:
        return part
    missing = list(part.shape)
    missing[axis] = size - part.shape[axis]
    return torch.cat((part, part.new_zeros(missing)), axis)


def _of(pictures: tuple[Tensor, ...], rows: IntArray) -> tuple[Tensor, ...]:
    """The memories of the given pictures; a single one, without a copy, where all are the same."""
    if len(rows) and (rows == rows[0]).all():
        one = int(rows[0])
        return tuple(part[one:one + 1] for part in pictures)
    if np.array_equal(rows, np.arange(len(pictures[0]))):
        return pictures
    index = torch.from_numpy(rows).to(pictures[0].device)
    return tuple(part[index] for part in pictures)
