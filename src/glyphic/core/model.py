"""A trained network as decoding sees it: step by step (attention, transformer) or frame by frame (CTC)."""

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
State = Any  # opaque to the search: caches and features, one row per sequence


class StepModel(Protocol):
    """Writes one token at a time. Letters: N images, B rows, V vocabulary."""

    def encode(self, images: FloatArray) -> State:
        """images: (N, 1, H, W) float32 in [0, 1], 1 = paper -> a state of N rows."""

    def step(self, tokens: IntArray, state: State) -> tuple[FloatArray, State]:
        """tokens: (B,) last token of each row -> log-probabilities (B, V), next state."""

    def select(self, state: State, rows: IntArray) -> State:
        """Keep, repeat or reorder rows; rows: (B',) indices into the old rows."""


class FrameModel(Protocol):
    """Writes a distribution for every frame at once (CTC). Letters: N images, T frames, V vocabulary."""

    def frames(self, images: FloatArray) -> tuple[FloatArray, IntArray]:
        """images: (N, 1, H, W) -> log-probabilities (N, T, V), lengths (N,): frames that hold picture, not padding."""
