"""The state of a run <-> one file, written whole or not at all; what the next run needs travels light in fp16."""

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from glyphic.core.errors import GlyphicError

State = dict[str, Any]

BY_TOKEN = {"generation.embedding.weight", "generation.out.weight", "generation.out.bias",  # a row a token
            "count_head.weight", "count_head.bias"}
ADDABLE = ("opens", "closes")  # parameters of a generation that weights from before they were there can go on with

KEPT = ("recipe", "step", "pool", "names", "tokens")  # of a state, beside its weights, what a later run needs
_HALF_MAX = torch.finfo(torch.float16).max


def save(path: Path, state: State) -> None:
    """Writes beside the target first, so that a kill at any moment leaves the old file or the new one."""
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def load(path: Path) -> State:
    """A full or a light state, on the CPU; only plain values and tensors are taken from the file."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise GlyphicError(f"{path} is not a checkpoint of a run, or it is damaged: {error}") from error
    if not isinstance(state, dict) or not {"weights", "names", "step"} <= set(state):
        raise GlyphicError(f"{path} is not a checkpoint of a run: it lacks weights, names or step")
    return state


def light(state: State) -> State:
    """What a later run continues from, without optimizers: averaged weights in fp16 (2 bytes a parameter, 10 MB for
    5 M), the names of the glyph classes and tokens, where in the schedule and in the pictures the run was."""
    weights = {key: value.half() if value.is_floating_point() and value.abs().max() < _HALF_MAX else value
               for key, value in ((key, value.cpu()) for key, value in state["weights"].items())}
    return {**{key: state[key] for key in KEPT if key in state}, "weights": weights}


def restore(network: nn.Module, weights: dict[str, Tensor], old: Sequence[str], new: Sequence[str],
            old_tokens: Sequence[str] = (), new_tokens: Sequence[str] = ()) -> None:
    """Loads weights; rows of the glyph head follow their class names, new classes start afresh. Where the tokens are
    others than before, as from formulas to molecules, so do the rows of what reads and writes tokens. The head that
    counts tokens may be there before or after, or not; what counts open groups may be new."""
    weights = {k: v.float() if v.is_floating_point() else v for k, v in weights.items()}
    own = network.state_dict()
    for key in [k for k in weights if k.startswith("glyph_head.")]:
        if key in own:
            weights[key] = _followed(weights[key], own[key], old, new)
        else:
            del weights[key]
    for key in [k for k in weights if k.startswith("count_head.") and k not in own]:
        del weights[key]
    for key in own:
        if key.startswith(("glyph_head.", "count_head.", "generation.open_groups.")) and key not in weights:
            weights[key] = own[key]
    if tuple(old_tokens) != tuple(new_tokens):
        for key in BY_TOKEN & weights.keys() & own.keys():
            weights[key] = _followed(weights[key], own[key], old_tokens, new_tokens)
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise GlyphicError(f"these weights belong to another network: {error}") from error


def _followed(rows: Tensor, fresh: Tensor, old: Sequence[str], new: Sequence[str]) -> Tensor:
    """`fresh` with the rows, (len(old), ...), of those names that are old as well as new."""
    row_of = {name: i for i, name in enumerate(old)}
    merged = fresh.clone()
    for i, name in enumerate(new):
        if name in row_of:
            merged[i] = rows[row_of[name]]
    return merged
