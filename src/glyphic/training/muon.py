"""Muon (Jordan et al. 2024), its matrices made orthogonal in a precision that the machine is fast in.

PyTorch's own does that in bfloat16, which is emulated on CPUs without it: there a step took 40 times as long.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

EPSILON = 1e-7


class Muon(torch.optim.Muon):
    """PyTorch's Muon, with its state and settings; `dtype` is that of the Newton-Schulz iteration."""

    def __init__(self, params: Any, dtype: torch.dtype = torch.bfloat16, **settings: Any):
        super().__init__(params, **settings)
        self.dtype = dtype

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            alike: dict[torch.Size, list[Tensor]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    alike[parameter.shape].append(parameter)
            for parameters in alike.values():
                self._move(parameters, group)
        return loss

    def _move(self, parameters: Sequence[Tensor], group: dict[str, Any]) -> None:
        """One step of parameters of one shape."""
        momentum, updates = group["momentum"], []
        for parameter in parameters:
            state, gradient = self.state[parameter], parameter.grad
            assert gradient is not None
            if "momentum_buffer" not in state:
                state["momentum_buffer"] = torch.zeros_like(gradient)
            state["momentum_buffer"].lerp_(gradient, 1 - momentum)
            updates.append(gradient.lerp(state["momentum_buffer"], momentum) if group["nesterov"]
                           else state["momentum_buffer"])
        stacked = orthogonal(torch.stack(updates).to(self.dtype), group["ns_coefficients"], group["ns_steps"])
        rows, columns = parameters[0].shape
        rate = group["lr"] * max(1.0, rows / columns) ** 0.5
        for parameter, update in zip(parameters, stacked.to(parameters[0].dtype), strict=True):
            parameter.mul_(1 - group["lr"] * group["weight_decay"]).add_(update, alpha=-rate)


def orthogonal(matrices: Tensor, coefficients: tuple[float, float, float], steps: int) -> Tensor:
    """(N, A, B) -> (N, A, B): each with its singular values moved to about 1, by a quintic Newton-Schulz iteration."""
    a, b, c = coefficients
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=EPSILON)
    for _ in range(steps):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x
