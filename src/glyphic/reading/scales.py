"""A picture read at several sizes at once: what one size leaves in doubt, another often shows.

Test-time augmentation (Krizhevsky et al. 2012): the network looks at the picture enlarged and shrunk as well, and
writes by the mean of its probabilities, token by token. An ensemble (`glyphic.decoding.ensemble`) of one network.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from glyphic.core.images import Image, pad, resize
from glyphic.core.model import FloatArray, IntArray, State, StepModel
from glyphic.core.options import InputSpec
from glyphic.decoding.ensemble import Ensemble
from glyphic.decoding.task import DecodingTask


@dataclass(frozen=True)
class Rescaled:
    """A step model that sees every picture `scale` times as large, or as large as `spec` leaves room for."""

    network: StepModel
    scale: float
    spec: InputSpec

    def encode(self, images: Sequence[Image]) -> State:
        """images: N of (H, W), each of its own size -> a state of N rows."""
        return self.network.encode(cast(Any, [self._scaled(image)[None] for image in images]))

    def step(self, tokens: IntArray, state: State) -> tuple[FloatArray, State]:
        return self.network.step(tokens, state)

    def select(self, state: State, rows: IntArray) -> State:
        return self.network.select(state, rows)

    def rewound(self, state: State, steps: int) -> State | None:
        """As `OnnxStepModel.rewound`; None where the network cannot tell."""
        network = cast(Any, self.network)
        return network.rewound(state, steps) if hasattr(network, "rewound") else None

    def _scaled(self, image: Image) -> Image:
        height, width = image.shape
        scale = min(self.scale, self.spec.max_height / height, self.spec.max_width / width)
        scaled = resize(image, max(1, round(scale * height)), max(1, round(scale * width)))
        return pad(scaled, 0, self.spec.multiple)


def closer(task: DecodingTask, state: State, image: Image, spec: InputSpec) -> tuple[DecodingTask, State]:
    """state: one row, the picture (H, W) at its own size -> the same task with a network that sees it at all of
    `DecodingOptions.scales` as well, and the row of that network's state."""
    others: list[Any] = [Rescaled(task.model, scale, spec) for scale in task.options.scales]
    return replace(task, model=Ensemble((task.model, *others))), (state, *(other.encode([image]) for other in others))
