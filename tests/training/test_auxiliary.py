"""Counting and relaxed targets: right where they should be, free of cost when they are off."""

import dataclasses

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from glyphic.core.errors import GlyphicError, OptionError
from glyphic.core.notation import Notation
from glyphic.core.recipe import TrainingSpec
from glyphic.core.vocabulary import Vocabulary
from glyphic.models.build import build
from glyphic.notations.molecule import NOTATION as MOLECULE
from glyphic.training import auxiliary, checkpoint, loop, release
from glyphic.training.export import write_graphs
from glyphic.training.loop import train
from tests import bars as toy
from tests.training.conftest import RECIPE
from tests.training.test_loop import lines, recipe

LETTERS = Vocabulary.of("abcd")
A, B, C, D = LETTERS.encode("abcd")
NEAR = {"a": {"b": 1.0, "c": 1.0}, "b": {"a": 2.0}}


def test_counting_right_costs_nothing_and_order_does_not_matter():
    targets = torch.tensor([[A, B, A, LETTERS.eos, 0], [D, LETTERS.eos, 0, 0, 0]])
    right = torch.zeros(2, len(LETTERS))
    right[0, A], right[0, B], right[1, D] = 2, 1, 1
    right[:, LETTERS.eos] = 5.0  # <eos> and <pad> are not in the picture
    assert auxiliary.count_loss(right, targets, LETTERS) == 0.0
    assert auxiliary.count_loss(right, targets[:, [1, 0, 2, 3, 4]], LETTERS) == 0.0
    right[0, C] = 1.0
    assert float(auxiliary.count_loss(right, targets, LETTERS)) == pytest.approx(0.5 / 4)


def test_counts_sum_over_the_cells_of_the_picture_alone():
    network = build(RECIPE.model, LETTERS, counting=True)
    features, mask = torch.rand(1, network.count_head.in_channels, 2, 3), torch.ones(1, 2, 3, dtype=torch.bool)
    whole = network.counts(features, mask)
    mask[0, :, 2] = False
    torch.testing.assert_close(network.counts(features, mask), network.counts(features[..., :2], None))
    assert whole.shape == (1, len(LETTERS)) and (whole > network.counts(features, mask)).all()
    with pytest.raises(OptionError, match="counting=True"):
        build(RECIPE.model, LETTERS).counts(features, None)


def test_relaxing_is_cross_entropy_with_a_softened_target():
    share = 0.3
    near = auxiliary.neighbours(LETTERS, NEAR, share, torch.device("cpu"))
    logits = torch.randn(2, 3, len(LETTERS), generator=torch.Generator().manual_seed(0))
    targets = torch.tensor([[A, C, LETTERS.eos], [B, LETTERS.eos, LETTERS.pad]])
    soft = F.one_hot(targets, len(LETTERS)).float()
    soft[0, 0, [A, B, C]] = torch.tensor([1 - share, share / 2, share / 2])
    soft[1, 0, [B, A]] = torch.tensor([1 - share, share])
    wanted = -(soft * logits.log_softmax(-1)).sum(-1)[targets != LETTERS.pad].mean()
    hard = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=LETTERS.pad)
    torch.testing.assert_close(hard + auxiliary.relaxation(logits, targets, near, LETTERS.pad), wanted)


def test_an_angle_has_the_angles_beside_it_for_neighbours():
    vocabulary = MOLECULE.tokenizer.vocabulary
    ids, weights = auxiliary.neighbours(vocabulary, MOLECULE.near, 0.2, torch.device("cpu"))
    east = vocabulary.ids["[:0]"]
    assert {vocabulary.tokens[i] for i in ids[east].tolist()} == {"[:15]", "[:345]"}
    np.testing.assert_allclose(weights[east], 0.1)
    assert float(weights.sum()) == pytest.approx(24 * 0.2, abs=1e-4)
    assert not weights[vocabulary.ids["double"]].any()


def test_both_are_off_unless_asked_for_and_nonsense_is_refused():
    spec = TrainingSpec()
    assert spec.counting_loss == spec.relaxed_angles == 0.0
    assert build(RECIPE.model, LETTERS).count_head is None
    for wrong in ({"relaxed_angles": 1.0}, {"relaxed_from": 1.5}, {"counting_loss": -1.0}):
        with pytest.raises(OptionError, match="relaxed"):
            TrainingSpec(**wrong)


def test_a_run_learns_to_count_and_its_export_has_no_trace_of_it(data, tmp_path):
    run = tmp_path / "run"
    train(recipe(steps=120, log_every=20, counting_loss=0.3, learning_rate=1e-2), data, run)
    found = lines(run, "train")
    assert 0 < found[-1]["counting_loss"] < 0.8 * found[0]["counting_loss"]
    assert "count_head.weight" in checkpoint.load(run / "light.pt")["weights"]
    trained = release.load(run)
    assert trained.network.count_head is None
    plain, counting = build(RECIPE.model, toy.VOCABULARY), build(RECIPE.model, toy.VOCABULARY, counting=True)
    for folder, network in (("plain", plain), ("counting", counting)):
        (tmp_path / folder).mkdir()
        write_graphs(network.eval(), tmp_path / folder)
    for name in ("encoder.onnx", "step.onnx"):
        sizes = [(tmp_path / folder / name).stat().st_size for folder in ("plain", "counting")]
        assert sizes[0] == sizes[1]


@pytest.mark.parametrize(("before", "after"), [(0.0, 0.3), (0.3, 0.0)])
def test_counting_may_begin_and_end_between_two_pieces_of_a_run(data, tmp_path, before, after):
    run = tmp_path / "run"
    train(recipe(steps=4, counting_loss=before), data, run)
    train(recipe(steps=8, counting_loss=after, log_every=1), data, run)
    assert [line["step"] for line in lines(run, "train")][-4:] == [5, 6, 7, 8]
    assert (lines(run, "train")[-1]["counting_loss"] > 0) == (after > 0)


def test_targets_are_relaxed_from_their_share_of_the_steps_on(data, tmp_path, monkeypatch):
    seen, honest = [], loop.losses

    def watched(network, batch, vocabulary, spec, relaxed=None, risk=None):
        seen.append(relaxed is not None)
        return honest(network, batch, vocabulary, spec, relaxed, risk)

    monkeypatch.setattr(loop, "losses", watched)
    near: Notation = dataclasses.replace(toy.NOTATION, near=NEAR)
    monkeypatch.setattr(loop.notations, "get", lambda name: near)
    train(recipe(steps=8, relaxed_angles=0.2, relaxed_from=0.5), data, tmp_path / "late")
    assert seen == [False] * 4 + [True] * 4
    seen.clear()
    train(recipe(steps=4), data, tmp_path / "off")
    assert seen == [False] * 4


def test_weights_with_and_without_the_head_that_counts_are_exchanged():
    plain, counting = build(RECIPE.model, LETTERS), build(RECIPE.model, LETTERS, counting=True)
    checkpoint.restore(plain, counting.state_dict(), [], [])
    own = counting.count_head.weight.clone()
    checkpoint.restore(counting, plain.state_dict(), [], [])
    assert torch.equal(counting.count_head.weight, own)
    with pytest.raises(GlyphicError, match="another network"):
        checkpoint.restore(build(RECIPE.model, Vocabulary.of("ab")), counting.state_dict(), [], [])
