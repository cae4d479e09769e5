"""ONNX graphs on the CPU become a `StepModel` or a `FrameModel`; the only place that knows onnxruntime.

A step graph names its own memories (`memory_...`) and states (`cache_...` or `state_...`); their shapes tell, by the
letters that the export gave to their free sizes, along which axis they hold cells or steps.
Letters: N images, M memories, B rows, S memory cells, T steps, V vocabulary.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # before it is loaded: from 1.31 on it would report to its makers
import onnxruntime  # type: ignore[import-untyped]

from glyphic.core.errors import BundleError
from glyphic.core.model import FloatArray, IntArray

Graph = str | os.PathLike[str]
Pictures = FloatArray | Sequence[FloatArray]  # (N, 1, H, W), or N of (1, H, W) or (H, W), each of its own size

MASKED = np.float32(-1e9)
MASK = "memory_mask"

Array = npt.NDArray[Any]
Shape = tuple[int | str, ...]  # numbers, and letters for the free sizes


@dataclass(frozen=True)
class Memory:
    """What the decoder looks at: the graph's memories, M of each, and the mask (M, S) of 0 or -1e9."""

    parts: Mapping[str, Array]
    mask: FloatArray


@dataclass(frozen=True)
class StepState:
    """B rows in the middle of writing. Nothing in it is ever changed: steps and selections make new ones."""

    encoded: tuple[Memory, ...]  # one per picture (M = 1), shared by all states of a run
    pictures: tuple[int, ...]  # row -> picture
    states: Mapping[str, FloatArray]  # the graph's states, B rows of each
    position: int  # steps made
    arranged: tuple[tuple[int, ...], Memory] | None = None  # for which pictures, in which order, and their memory


class OnnxStepModel:
    """A StepModel (`glyphic.core.model`) from encoder.onnx and step.onnx.

    Every picture is encoded alone at its own size, and kept once however many rows read it.
    """

    def __init__(self, encoder: Graph, step: Graph, threads: int = 1):
        self._encoder = _session(encoder, threads, arena=False)
        self._step = _session(step, threads, arena=True)
        shapes: dict[str, Shape] = {value.name: tuple(value.shape) for value in self._step.get_inputs()}
        self._inputs = set(shapes)
        self._memories = {name: shape for name, shape in shapes.items() if name.startswith("memory_") and name != MASK}
        self._states = {name: shape for name, shape in shapes.items() if name.startswith(("cache_", "state_"))}
        self._step_path = Path(step)

    @cached_property
    def batch_invariant(self) -> bool:
        """Whether a row's answer is independent of the rows beside it.

        Dynamic quantisation scales activations by their range over the whole batch, so there it is not.
        """
        return b"DynamicQuantizeLinear" not in self._step_path.read_bytes()

    def encode(self, images: Pictures) -> StepState:
        """images: (N, 1, H, W), or a sequence of (1, H, W) or (H, W) of different sizes -> a state of N rows."""
        encoded = tuple(self._memory(image) for image in images)
        free = {"B": len(encoded), "S": max(memory.mask.shape[1] for memory in encoded), "T": 0}
        states = {name: np.zeros([size if isinstance(size, int) else free[size] for size in shape], np.float32)
                  for name, shape in self._states.items()}
        return StepState(encoded, tuple(range(len(encoded))), states, 0)

    def step(self, tokens: IntArray, state: StepState) -> tuple[FloatArray, StepState]:
        """tokens: (B,) the last token of each row -> log-probabilities (B, V), the state after it."""
        (logprobs,), after = self._run(["logprobs"], tokens, state)
        return logprobs, after

    def select(self, state: StepState, rows: IntArray) -> StepState:
        """Keep, repeat or reorder rows; rows: (B',). Copies the states of the rows, never the memory."""
        rows = np.asarray(rows, np.int64)
        if np.array_equal(rows, np.arange(len(state.pictures))):
            return state
        pictures = tuple(state.pictures[row] for row in rows)
        chosen = replace(state, pictures=pictures, states={name: part[rows] for name, part in state.states.items()})
        if state.arranged and state.arranged[0] != _arrangement(pictures):
            chosen = replace(chosen, arranged=None)  # rebuilt by the next step
        return chosen

    def rewound(self, state: StepState, steps: int) -> StepState | None:
        """The state as it was after so many of its steps; None for a network that keeps more than what each step made.
        """
        axes = {name: shape.index("T") for name, shape in self._states.items() if "T" in shape}
        if len(axes) < len(self._states):
            return None
        cut = {name: np.take(part, range(steps), axes[name]) for name, part in state.states.items()}
        return replace(state, states=cut, position=steps)

    def attention(self, tokens: Sequence[int], state: StepState, row: int) -> FloatArray:
        """Where the network looks after each of `tokens`, given to it in turn from this row of the state on:
        (T, S), S = the cells of the row's picture, row-major. It writes again what a search has found, so a search
        need not keep what it rarely has to tell.
        """
        state = self.select(state, np.array([row]))
        steps = np.empty((len(tokens), state.encoded[state.pictures[0]].mask.shape[1]), np.float32)
        for place, token in enumerate(tokens):
            (attention,), state = self._run(["attention"], np.array([token]), state)
            steps[place] = attention[0]
        return steps

    def _run(self, outputs: list[str], tokens: IntArray, state: StepState) -> tuple[list[FloatArray], StepState]:
        """One step of the graph: the outputs asked for, and the state after it."""
        arranged = state.arranged or self._arrange(state)
        memory = arranged[1]
        cells = memory.mask.shape[1]
        states = {name: _resized(part, self._states[name], cells) for name, part in state.states.items()}
        given = {"tokens": np.asarray(tokens, np.int64), "position": np.array(state.position, np.int64),
                 **memory.parts, MASK: memory.mask, **states}
        found = self._step.run([*outputs, *(f"{name}_out" for name in states)],
                               {name: part for name, part in given.items() if name in self._inputs})
        after = dict(zip(states, found[len(outputs):], strict=True))
        return found[:len(outputs)], StepState(state.encoded, state.pictures, after, state.position + 1, arranged)

    def _memory(self, image: FloatArray) -> Memory:
        found = self._encoder.run(list(self._memories), {"images": _one(image)})
        parts = dict(zip(self._memories, found, strict=True))
        cells = next(part.shape[self._memories[name].index("S")] for name, part in parts.items()
                     if "S" in self._memories[name])
        return Memory(parts, np.zeros((1, cells), np.float32))

    def _arrange(self, state: StepState) -> tuple[tuple[int, ...], Memory]:
        """The memories that a step needs, padded to one number of cells; what pads them is masked."""
        order = _arrangement(state.pictures)
        if len(order) == 1:
            return order, state.encoded[order[0]]
        memories = [state.encoded[picture] for picture in order]
        cells = max(memory.mask.shape[1] for memory in memories)
        mask = np.full((len(order), cells), MASKED)
        for row, memory in zip(mask, memories, strict=True):
            row[:memory.mask.shape[1]] = 0.0
        return order, Memory({name: np.concatenate([_resized(memory.parts[name], shape, cells) for memory in memories])
                              for name, shape in self._memories.items()}, mask)


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


def _resized(part: Array, shape: Shape, cells: int) -> Array:
    """Cut to so many cells, or padded with zeros, along the axis that holds cells; as it is if there is none.

    A state loses nothing by it: what it holds of cells that are masked is zero.
    """
    axis = shape.index("S") if "S" in shape else None
    if axis is None or part.shape[axis] == cells:
        return part
    sides = list(part.shape)
    sides[axis] = cells
    result = np.zeros(sides, part.dtype)
    own = (slice(None),) * axis + (slice(min(cells, part.shape[axis])),)
    result[own] = part[own]
    return result


def _one(image: FloatArray) -> FloatArray:
    """(1, H, W) or (H, W) -> (1, 1, H, W)."""
    image = np.asarray(image, np.float32)
    return image.reshape(1, 1, *image.shape[-2:])


class OnnxClassifier:
    """A graph of `images` (N, 1, H, W) to `probabilities` (N, K)."""

    def __init__(self, graph: Graph, threads: int = 1):
        self._session = _session(graph, threads, arena=True)  # views are small: what is kept of them is 2 MB

    def probabilities(self, images: FloatArray) -> FloatArray:
        """images: (N, 1, H, W), 1 = paper -> (N, K)."""
        found: FloatArray = self._session.run(["probabilities"], {"images": images})[0]
        return found


def _session(graph: Graph, threads: int, arena: bool) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # do not burn a core while waiting
    options.log_severity_level = 3  # errors only, and those are raised as well
    # An arena keeps what it once took, and spares asking for it again. The encoder's pictures differ in size, so it
    # would keep the largest of each layer; memory patterns assume one shape, and every step of the decoder has another.
    options.enable_cpu_mem_arena = arena
    options.enable_mem_pattern = False
    try:
        return onnxruntime.InferenceSession(os.fspath(graph), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions share no parent
        raise BundleError(f"{os.fspath(graph)} is no graph that onnxruntime {onnxruntime.__version__} can run: "
                          f"{error}") from error
