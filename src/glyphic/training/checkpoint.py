"""The state of a run <-> one file, written whole or not at all; what the next run needs travels light in fp16."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from glyphic.core.errors import GlyphicError

State = dict[str, Any]


def save(path: Path, state: State) -> None:
    """Writes beside the target first, so that a kill at any moment leaves the old file or the new one."""
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def load(path: Path) -> State:
    try:
        return torch.load(path, map_location="cpu", weights_only=False)
    except (OSError, RuntimeError, EOFError) as error:
        raise GlyphicError(f"{path} is not a checkpoint of a run, or it is damaged: {error}") from error


def light(network: nn.Module, names: list[str], step: int) -> State:
    """What a later run continues from: weights in fp16 and the names of the glyph classes, no optimizer."""
    weights = {k: v.half() if v.is_floating_point() else v for k, v in network.state_dict().items()}
    return {"weights": weights, "names": names, "step": step}


def restore(network: nn.Module, weights: dict[str, Tensor], old: list[str], new: list[str]) -> None:
    """Loads weights; rows of the glyph head follow their class names, new classes start afresh."""
    weights = {k: v.float() if v.is_floating_point() else v for k, v in weights.items()}
    own = network.state_dict()
    for key in [k for k in weights if k.startswith("glyph_head.")]:
        if key not in own:
            del weights[key]
            continue
        row_of = {name: i for i, name in enumerate(old)}
        merged = own[key].clone()
        for i, name in enumerate(new):
            if name in row_of:
                merged[i] = weights[key][row_of[name]]
        weights[key] = merged
    for key in own:
        if key.startswith("glyph_head.") and key not in weights:
            weights[key] = own[key]
    network.load_state_dict(weights)
