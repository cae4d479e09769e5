"""The rate rises, then falls as the recipe says; each parameter has one optimizer, and its moments survive."""

import copy
import dataclasses

import pytest
import torch

from glyphic.core.errors import OptionError
from glyphic.core.recipe import TrainingSpec
from glyphic.training import schedule
from glyphic.training.schedule import factor
from tests.models.test_build import network

SPEC = TrainingSpec(steps=1_000, warmup=100, final=0.05)


@pytest.mark.parametrize("name", ["cosine", "linear", "constant"])
def test_the_rate_rises_to_the_full_one_and_never_rises_again(name):
    spec = dataclasses.replace(SPEC, schedule=name)
    rates = [factor(step, spec) for step in range(1_001)]
    assert rates[0] == pytest.approx(0.01) and rates[99] == rates[100] == 1.0
    assert rates[:100] == sorted(rates[:100]) and rates[100:] == sorted(rates[100:], reverse=True)
    assert rates[-1] == pytest.approx(1.0 if name == "constant" else 0.05)
    assert factor(5_000, spec) == pytest.approx(rates[-1]), "and stays there beyond the last step"


def test_cosine_and_linear_are_half_way_down_in_the_middle():
    for name in ("cosine", "linear"):
        assert factor(550, dataclasses.replace(SPEC, schedule=name)) == pytest.approx(0.525)


def test_without_a_warmup_the_first_step_has_the_full_rate():
    assert factor(0, dataclasses.replace(SPEC, warmup=0)) == 1.0


def test_by_the_clock_the_descent_follows_the_time_that_is_gone():
    spec = dataclasses.replace(SPEC, by_clock=True, minutes=1.0)
    assert factor(50, spec, gone=0.5) == factor(50, SPEC), "the warmup still counts steps"
    assert factor(200, SPEC, gone=0.5) == factor(200, SPEC), "by steps, if not told otherwise"
    assert [factor(200, spec, gone=share) for share in (0.0, 0.5, 1.0, 1.7)] == pytest.approx([1.0, 0.525, 0.05, 0.05])
    with pytest.raises(OptionError, match="minutes"):
        TrainingSpec(by_clock=True)


def test_optimizers_without_a_memory_begin_gently_wherever_they_begin():
    rates = [factor(step, SPEC, restarted=500) for step in range(500, 700)]
    assert rates[0] == pytest.approx(factor(500, SPEC) / schedule.RAMP)
    assert rates[schedule.RAMP:] == [factor(step, SPEC) for step in range(500 + schedule.RAMP, 700)]


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_every_parameter_has_exactly_one_optimizer(optimizer):
    built = network("resnet", "transformer", glyph_classes=5)
    found = [p for o in schedule.optimizers(built, dataclasses.replace(SPEC, optimizer=optimizer))
             for group in o.param_groups for p in group["params"]]
    assert {id(p) for p in found} == {id(p) for p in built.parameters()} and len(found) == len(list(built.parameters()))


def test_muon_moves_hidden_matrices_and_nothing_else():
    built = network("resnet", "transformer", glyph_classes=5)
    names = {id(p): name for name, p in built.named_parameters()}
    adamw, muon = schedule.optimizers(built, SPEC)
    mine = {names[id(p)] for group in muon.param_groups for p in group["params"]}
    assert "generation.layers.0.cross_query.weight" in mine
    assert not any("embedding" in name or "norm" in name or "bias" in name or "glyph" in name for name in mine)
    decays = {names[id(p)]: group["weight_decay"] for group in adamw.param_groups for p in group["params"]}
    assert decays["generation.norm.bias"] == 0 and decays["generation.embedding.weight"] == SPEC.weight_decay


def test_rates_are_set_from_the_first_ones():
    optimizers = schedule.optimizers(network(), dataclasses.replace(SPEC, learning_rate=0.1, muon_rate=0.2))
    for scale in (0.5, 0.25):
        schedule.set_rates(optimizers, scale)
        assert {group["lr"] for o in optimizers for group in o.param_groups} == {0.1 * scale, 0.2 * scale}


def test_loaded_moments_go_on_with_the_rates_of_the_recipe():
    first = network()
    old = schedule.optimizers(first, SPEC)
    for parameter in first.parameters():
        parameter.grad = torch.ones_like(parameter)
    for optimizer in old:
        optimizer.step()
    second = copy.deepcopy(first)
    new = schedule.optimizers(second, dataclasses.replace(SPEC, learning_rate=7e-3, muon_rate=5e-2))
    for optimizer, saved in zip(new, old, strict=True):
        state = copy.deepcopy(saved.state_dict())
        state["param_groups"][0]["fused"] = True  # as a GPU writes it
        schedule.load(optimizer, state)
    assert [o.param_groups[0]["initial_lr"] for o in new] == [7e-3, 5e-2]
    assert new[0].param_groups[0]["fused"] is None
    for optimizer, saved in zip(new, old, strict=True):
        for (_, mine), (_, theirs) in zip(optimizer.state.items(), saved.state.items(), strict=True):
            assert all(torch.equal(mine[k], theirs[k]) for k in mine if torch.is_tensor(mine[k]))
