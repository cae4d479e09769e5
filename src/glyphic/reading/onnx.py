"""ONNX graphs on the CPU become a `StepModel` or a `FrameModel`; the only place that knows onnxruntime.

Letters: N images, M memories, B rows, L layers, S memory cells, T steps, V vocabulary.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]

from glyphic.core.errors import BundleError
from glyphic.core.model import FloatArray, IntArray

Graph = str | os.PathLike[str]
Pictures = FloatArray | Sequence[FloatArray]  # (N, 1, H, W), or N of (1, H, W) or (H, W), each of its own size

MASKED = np.float32(-1e9)


@dataclass(frozen=True)
class Memory:
    """What the decoder attends to: keys and values (M, L, heads, S, dh), mask (M, S) of 0 or -1e9."""

    keys: FloatArray
    values: FloatArray
    mask: FloatArray


@dataclass(frozen=True)
class Trail:
    """The attention of one step, and through `previous` of all before it; row r came from row parents[r] of those."""

    attention: FloatArray  # (B, S)
    parents: IntArray  # (B,)
    previous: "Trail | None"


@dataclass(frozen=True)
class StepState:
    """B rows in the middle of writing. Nothing in it is ever changed: steps and selections make new ones."""

    encoded: tuple[Memory, ...]  # one per picture (M = 1), shared by all states of a run
    pictures: tuple[int, ...]  # row -> picture
    cache_keys: FloatArray  # (B, L, heads, T, dh)
    cache_values: FloatArray
    arranged: tuple[tuple[int, ...], Memory] | None = None  # for which pictures, in which order, and their memory
    trail: Trail | None = None
    rows: IntArray | None = None  # the rows of the last step that the present rows continue; None: they themselves


class OnnxStepModel:
    """A StepModel (`glyphic.core.model`) from encoder.onnx and step.onnx.

    Every picture is encoded alone at its own size, and kept once however many rows read it.
    keep_attention: remember where each token looked, for `attention`; costs S floats per row and step.
    """

    def __init__(self, encoder: Graph, step: Graph, threads: int = 1, keep_attention: bool = False):
        self._encoder = _session(encoder, threads, arena=False)
        self._step = _session(step, threads, arena=True)
        self._step_path = Path(step)
        self._outputs = ["logprobs", "cache_keys_out", "cache_values_out"] + ["attention"] * keep_attention

    @cached_property
    def batch_invariant(self) -> bool:
        """Whether a row's answer is independent of the rows beside it.

        Dynamic quantisation scales activations by their range over the whole batch, so there it is not.
        """
        return b"DynamicQuantizeLinear" not in self._step_path.read_bytes()

    def encode(self, images: Pictures) -> StepState:
        """images: (N, 1, H, W), or a sequence of (1, H, W) or (H, W) of different sizes -> a state of N rows."""
        encoded = tuple(self._memory(image) for image in images)
        layers, heads, width = (encoded[0].keys.shape[i] for i in (1, 2, 4))
        empty = np.zeros((len(encoded), layers, heads, 0, width), np.float32)
        return StepState(encoded, tuple(range(len(encoded))), empty, empty)

    def step(self, tokens: IntArray, state: StepState) -> tuple[FloatArray, StepState]:
        """tokens: (B,) the last token of each row -> log-probabilities (B, V), the state after it."""
        arranged = state.arranged or _arrange(state)
        memory = arranged[1]
        logprobs, keys, values, *attention = self._step.run(self._outputs, {
            "tokens": np.asarray(tokens, np.int64),
            "position": np.array(state.cache_keys.shape[3], np.int64),
            "memory_keys": memory.keys, "memory_values": memory.values, "memory_mask": memory.mask,
            "cache_keys": state.cache_keys, "cache_values": state.cache_values,
        })
        trail = None
        if attention:
            parents = np.arange(len(state.pictures)) if state.rows is None else state.rows
            trail = Trail(attention[0], parents, state.trail)
        return logprobs, StepState(state.encoded, state.pictures, keys, values, arranged, trail)

    def select(self, state: StepState, rows: IntArray) -> StepState:
        """Keep, repeat or reorder rows; rows: (B',). Copies the caches of the rows, never the memory."""
        rows = np.asarray(rows, np.int64)
        if np.array_equal(rows, np.arange(len(state.pictures))):
            return state
        pictures = tuple(state.pictures[row] for row in rows)
        chosen = replace(state, pictures=pictures, cache_keys=state.cache_keys[rows],
                         cache_values=state.cache_values[rows], rows=rows if state.rows is None else state.rows[rows])
        if state.arranged and state.arranged[0] != _arrangement(pictures):
            chosen = replace(chosen, arranged=None)  # rebuilt by the next step
        return chosen

    def attention(self, state: StepState, row: int) -> FloatArray:
        """Where each token written so far looked: (T, S), S = the cells of that row's picture, row-major."""
        cells = state.encoded[state.pictures[row]].keys.shape[3]
        row = row if state.rows is None else int(state.rows[row])
        steps, trail = [], state.trail
        while trail:
            steps.append(trail.attention[row, :cells])
            row, trail = int(trail.parents[row]), trail.previous
        return np.array(steps[::-1], np.float32).reshape(-1, cells)

    def _memory(self, image: FloatArray) -> Memory:
        keys, values = self._encoder.run(["memory_keys", "memory_values"], {"images": _one(image)})
        return Memory(keys, values, np.zeros((1, keys.shape[3]), np.float32))


class OnnxFrameModel:
    """A FrameModel (`glyphic.core.model`) from frames.onnx; every picture goes through it alone, at its own size."""

    batch_invariant = True

    def __init__(self, frames: Graph, threads: int = 1):
        self._frames = _session(frames, threads, arena=False)

    def frames(self, images: Pictures) -> tuple[FloatArray, IntArray]:
        """images -> log-probabilities (N, T, V) and lengths (N,); frames beyond a picture's length are -inf."""
        found = [self._frames.run(["logprobs"], {"images": _one(image)})[0][0] for image in images]
        lengths = np.array([len(frames) for frames in found], np.int64)
        logprobs = np.full((len(found), int(lengths.max()), found[0].shape[1]), -np.inf, np.float32)
        for row, frames in zip(logprobs, found, strict=True):
            row[:len(frames)] = frames
        return logprobs, lengths


def _arrangement(pictures: tuple[int, ...]) -> tuple[int, ...]:
    """Which memory a step needs: one for all rows where they read the same picture, else one for each."""
    return pictures[:1] if len(set(pictures)) == 1 else pictures


def _arrange(state: StepState) -> tuple[tuple[int, ...], Memory]:
    order = _arrangement(state.pictures)
    if len(order) == 1:
        return order, state.encoded[order[0]]
    first = state.encoded[order[0]].keys
    cells = max(state.encoded[picture].keys.shape[3] for picture in order)
    shape = (len(order), *first.shape[1:3], cells, first.shape[4])
    keys, values = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    mask = np.full((len(order), cells), MASKED)
    for row, picture in enumerate(order):
        memory = state.encoded[picture]
        own = memory.keys.shape[3]
        keys[row, :, :, :own], values[row, :, :, :own], mask[row, :own] = memory.keys[0], memory.values[0], 0.0
    return order, Memory(keys, values, mask)


def _one(image: FloatArray) -> FloatArray:
    """(1, H, W) or (H, W) -> (1, 1, H, W)."""
    image = np.asarray(image, np.float32)
    return image.reshape(1, 1, *image.shape[-2:])


def _session(graph: Graph, threads: int, arena: bool) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # do not burn a core while waiting
    options.log_severity_level = 3  # errors only, and those are raised as well
    # An arena keeps what it once took. The encoder's pictures differ in size, so it would keep the largest of each
    # layer; memory patterns assume one shape, and every step of the decoder has another.
    options.enable_cpu_mem_arena = arena
    options.enable_mem_pattern = False
    try:
        return onnxruntime.InferenceSession(os.fspath(graph), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions share no parent
        raise BundleError(f"{os.fspath(graph)} is no graph that onnxruntime {onnxruntime.__version__} can run: "
                          f"{error}") from error
