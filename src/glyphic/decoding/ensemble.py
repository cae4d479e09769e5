"""Several networks of one vocabulary behind the face of one: the mean of their probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from glyphic.core.errors import OptionError
from glyphic.core.model import FloatArray, FrameModel, IntArray, State, StepModel


@dataclass(frozen=True)
class Ensemble:
    """A step model made of step models; the members must write the same vocabulary."""

    members: tuple[StepModel, ...]

    def __post_init__(self) -> None:
        _refuse_empty(self.members)

    @property
    def batch_invariant(self) -> bool:
        """Whether a row's answer is independent of the rows beside it, with every member."""
        return all(getattr(member, "batch_invariant", True) for member in self.members)

    def encode(self, images: FloatArray) -> State:
        """images: (N, 1, H, W) -> the members' states, N rows each."""
        return tuple(member.encode(images) for member in self.members)

    def step(self, tokens: IntArray, state: State) -> tuple[FloatArray, State]:
        """tokens: (B,) -> log of the mean probabilities (B, V), next states; OptionError where sizes differ."""
        answers = [member.step(tokens, part) for member, part in zip(self.members, state, strict=True)]
        return mean([logprobs for logprobs, _ in answers]), tuple(after for _, after in answers)

    def select(self, state: State, rows: IntArray) -> State:
        """rows: (B',) -> those rows of every member's state."""
        return tuple(member.select(part, rows) for member, part in zip(self.members, state, strict=True))

    def rewound(self, state: State, steps: int) -> State | None:
        """The state as it was after so many of its steps; None where a member cannot tell."""
        parts = [cast(Any, member).rewound(part, steps) if hasattr(member, "rewound") else None
                 for member, part in zip(self.members, state, strict=True)]
        return None if any(part is None for part in parts) else tuple(parts)


@dataclass(frozen=True)
class LookingEnsemble(Ensemble):
    """An ensemble of members that say where they look, each in the same cells."""

    def attention(self, tokens: Sequence[int], state: State, row: int) -> FloatArray:
        """(T, S): the mean of where the members look as they write after each of `tokens`, from this row on."""
        found = [cast(Any, member).attention(tokens, part, row)
                 for member, part in zip(self.members, state, strict=True)]
        result: FloatArray = np.mean(found, axis=0, dtype=np.float32)
        return result


@dataclass(frozen=True)
class FrameEnsemble:
    """A frame model made of frame models.

    The members must share vocabulary and stride, and their peaks should fall on the same frames (networks that were
    fine-tuned from one ancestor do): the mean of two displaced peaks is two half peaks.
    """

    members: tuple[FrameModel, ...]

    def __post_init__(self) -> None:
        _refuse_empty(self.members)

    def frames(self, images: FloatArray) -> tuple[FloatArray, IntArray]:
        """images: (N, 1, H, W) -> log of the mean probabilities (N, T, V), lengths (N,)."""
        answers = [member.frames(images) for member in self.members]
        averaged, lengths = mean([logprobs for logprobs, _ in answers]), [lengths for _, lengths in answers]
        if any(not np.array_equal(lengths[0], other) for other in lengths[1:]):
            raise OptionError("the members of an ensemble must give a picture the same number of frames; got "
                              + " and ".join(str(other.tolist()) for other in lengths))
        return averaged, lengths[0]


def _refuse_empty(members: Sequence[object]) -> None:
    if not members:
        raise OptionError("an ensemble needs at least one member; got none")


def mean(logprobs: list[FloatArray]) -> FloatArray:
    """Log-probabilities of equal shape -> the log of the mean of their probabilities; nothing underflows."""
    shapes = [array.shape for array in logprobs]
    if len(set(shapes)) > 1:
        raise OptionError("the members of an ensemble must have the same vocabulary and stride; their answers have the "
                          f"shapes {', '.join(map(str, shapes))}")
    stack = np.stack(logprobs)
    top = stack.max(axis=0)
    top[top == -np.inf] = 0.0  # impossible for all: exp(-inf - 0) is 0, where exp(-inf + inf) were NaN
    with np.errstate(divide="ignore"):
        result: FloatArray = np.log(np.exp(stack - top).mean(axis=0)) + top
    return result
