"""The names of one or several models become checked bundles, and those the one network that reads with all of them.

`formula+runs/mine` names two. Members may differ in everything but what they write and how pictures are fitted: the
ensemble writes by the mean of their probabilities (`glyphic.decoding.ensemble`).
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from glyphic.core.errors import OptionError
from glyphic.core.model import FrameModel, StepModel
from glyphic.decoding.ensemble import Ensemble, FrameEnsemble, LookingEnsemble
from glyphic.reading.bundle import Bundle

JOIN = "+"


def bundles(source: Bundle | str | os.PathLike[str]) -> tuple[Bundle, ...]:
    """A bundle, the name or folder of one, or several names and folders with `+` between them.

    Errors: those of `Bundle.load`; OptionError for models that cannot read as one.
    """
    if isinstance(source, Bundle):
        return (source,)
    if not isinstance(source, str) or JOIN not in source or Path(source).exists():
        return (Bundle.load(source),)
    found = tuple(Bundle.load(part.strip()) for part in source.split(JOIN))
    for other in found[1:]:
        for what in ("notation", "kind", "vocabulary", "input"):
            if getattr(other, what) != getattr(found[0], what):
                raise OptionError(f"an ensemble's models share notation, kind, vocabulary and input; {found[0].name} "
                                  f"and {other.name} differ in their {what}")
    return found


def network(members: Sequence[Bundle], threads: int) -> StepModel | FrameModel:
    """The network of a bundle, or of several as one."""
    parts = [_network(bundle, threads) for bundle in members]
    if len(parts) == 1:
        return parts[0]
    if members[0].kind == "frames":
        return FrameEnsemble(tuple(cast(Any, parts)))
    alike = len({bundle.strides for bundle in members}) == 1  # else their cells are not the same places
    return (LookingEnsemble if alike else Ensemble)(tuple(cast(Any, parts)))


def _network(bundle: Bundle, threads: int) -> StepModel | FrameModel:
    from glyphic.reading.onnx import OnnxFrameModel, OnnxStepModel  # onnxruntime: 0.1 s that others need not pay

    if bundle.kind == "frames":
        return OnnxFrameModel(bundle.path("frames.onnx"), threads)
    return OnnxStepModel(bundle.path("encoder.onnx"), bundle.path("step.onnx"), threads)
