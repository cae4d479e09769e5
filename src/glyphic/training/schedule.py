"""The learning rate over the steps, and which optimizer moves which parameter."""

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from glyphic.core.recipe import TrainingSpec
from glyphic.training.muon import Muon

RAMP = 100  # steps until optimizers that lost their moments move at the full rate again


def factor(step: int, spec: TrainingSpec, restarted: int | None = None, gone: float = 0.0) -> float:
    """What the rates are multiplied by at a step: a linear warmup, then the spec's descent to `final`.

    restarted: the step at which optimizers without a memory took over; the rates rise from there on. gone: the share
    of its time that the run has used, which the descent follows if it is by the clock.
    """
    if restarted is not None:
        return min(1.0, (step - restarted + 1) / RAMP) * factor(step, spec, None, gone)
    if step < spec.warmup:
        return (step + 1) / spec.warmup
    done = min(1.0, gone if spec.by_clock else (step - spec.warmup) / max(1, spec.steps - spec.warmup))
    if spec.schedule == "constant":
        return 1.0
    if spec.schedule == "linear":
        return 1.0 - (1.0 - spec.final) * done
    return spec.final + (1.0 - spec.final) * 0.5 * (1.0 + math.cos(math.pi * done))


def optimizers(network: nn.Module, spec: TrainingSpec) -> list[torch.optim.Optimizer]:
    """Muon (Jordan et al. 2024) for the matrices of hidden layers, AdamW for all else; or AdamW alone.

    Embeddings, output layers, convolutions, norms and biases stay with AdamW, as Muon's authors advise.
    """
    hidden, matrices, vectors = [], [], []
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        if spec.optimizer == "muon" and parameter.ndim == 2 and "embedding" not in name and not name.endswith(
                ("generation.out.weight", "glyph_head.weight")):
            hidden.append(parameter)
        elif parameter.ndim >= 2:
            matrices.append(parameter)
        else:
            vectors.append(parameter)
    groups = [{"params": matrices, "weight_decay": spec.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    on_gpu = next(network.parameters()).is_cuda
    result: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(groups, lr=spec.learning_rate, betas=(0.9, 0.98), fused=on_gpu or None)]
    if hidden:
        dtype = torch.bfloat16 if fast_bf16(hidden[0].device) else torch.float32
        result.append(Muon(hidden, dtype, lr=spec.muon_rate, weight_decay=spec.weight_decay, momentum=0.95))
    for optimizer in result:
        for group in optimizer.param_groups:
            group["initial_lr"] = group["lr"]
    return result


def fast_bf16(device: torch.device) -> bool:
    """Whether a device computes in bfloat16; CPUs without it (AVX-512 or AMX) emulate it, many times slower."""
    return device.type != "cpu" or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def load(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """The moments of an earlier run; the rates, and what suits the machine, stay as they are here."""
    own = [{name: group[name] for name in ("initial_lr", "fused", "foreach") if name in group}
           for group in optimizer.param_groups]
    groups = [{**group, **ours} for group, ours in zip(state["param_groups"], own, strict=True)]
    optimizer.load_state_dict({**state, "param_groups": groups})


def set_rates(optimizers: Iterable[torch.optim.Optimizer], scale: float) -> None:
    """Every group's rate becomes its initial one times `scale`."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] * scale
