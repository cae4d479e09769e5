"""Our Muon moves as PyTorch's does, in whatever precision, and takes over its moments."""

import copy

import pytest
import torch
from torch import nn

from glyphic.training import schedule
from glyphic.training.muon import Muon, orthogonal

COEFFICIENTS, STEPS = (3.4445, -4.7750, 2.0315), 5  # those of Jordan et al.
SETTINGS = {"lr": 0.02, "weight_decay": 0.1, "momentum": 0.95}


def layers() -> nn.ModuleList:
    torch.manual_seed(0)
    return nn.ModuleList([nn.Linear(24, 40, bias=False), nn.Linear(40, 24, bias=False), nn.Linear(24, 40, bias=False)])


def moved(layers: nn.ModuleList, optimizer: torch.optim.Optimizer, steps: int = 3) -> list[torch.Tensor]:
    for number in range(steps):
        torch.manual_seed(number)
        for layer in layers:
            layer.weight.grad = torch.randn_like(layer.weight)
        optimizer.step()
    return [layer.weight.detach() for layer in layers]


@pytest.mark.parametrize(("dtype", "near"), [(torch.bfloat16, 2e-3), (torch.float32, 6e-3)])
def test_it_moves_weights_as_pytorch_does(dtype, near):
    ours, theirs = layers(), layers()
    one = moved(ours, Muon(ours.parameters(), dtype, **SETTINGS))
    other = moved(theirs, torch.optim.Muon(theirs.parameters(), **SETTINGS))
    began = [layer.weight.detach() for layer in layers()]
    for mine, its, before in zip(one, other, began, strict=True):
        assert (its - before).abs().mean() > 5e-3, "something moved"
        torch.testing.assert_close(mine, its, atol=near, rtol=0.0)


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 20, 50), (3, 50, 20)])
def test_singular_values_come_to_about_one(shape):
    torch.manual_seed(1)
    values = torch.linalg.svdvals(orthogonal(torch.randn(shape), COEFFICIENTS, STEPS))
    assert values.min() > 0.3 and values.max() < 1.3


def test_matrices_do_not_see_each_other():
    torch.manual_seed(2)
    several = torch.randn(4, 12, 30)
    together = orthogonal(several, COEFFICIENTS, STEPS)
    alone = torch.cat([orthogonal(one[None], COEFFICIENTS, STEPS) for one in several])
    torch.testing.assert_close(together, alone)


def test_nothing_is_no_matrix_and_stays_nothing():
    assert not orthogonal(torch.zeros(1, 4, 6), COEFFICIENTS, STEPS).any()


def test_the_moments_of_pytorchs_muon_are_taken_over():
    theirs, expected = layers(), layers()
    before = torch.optim.Muon(theirs.parameters(), **SETTINGS)
    moved(theirs, before)
    expected.load_state_dict(copy.deepcopy(theirs.state_dict()))
    ours = Muon(expected.parameters(), torch.float32, **SETTINGS)
    for group in ours.param_groups:
        group["initial_lr"] = group["lr"]
    schedule.load(ours, before.state_dict())
    for mine, its in zip(moved(expected, ours, 1), moved(theirs, before, 1), strict=True):
        torch.testing.assert_close(mine, its, atol=6e-3, rtol=0.0)


def test_a_parameter_without_a_gradient_stays():
    ours = layers()
    optimizer, before = Muon(ours.parameters(), torch.float32, **SETTINGS), ours[0].weight.detach().clone()
    ours[1].weight.grad = torch.ones_like(ours[1].weight)
    optimizer.step()
    assert torch.equal(ours[0].weight, before)


def test_a_cpu_that_only_emulates_bfloat16_is_not_asked_for_it(monkeypatch):
    layer = nn.ModuleDict({"hidden": nn.Linear(8, 8)})
    for native, dtype in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(schedule, "fast_bf16", lambda device, native=native: native)
        _, muon = schedule.optimizers(layer, schedule.TrainingSpec())
        assert isinstance(muon, Muon) and muon.dtype is dtype
