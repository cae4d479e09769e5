"""Recurrent cells do the arithmetic of their papers; coverage knows where it is in pictures of any shape."""

import torch

from glyphic.models.recurrent import GruCell, LstmCell
from tests.models.test_build import network


def test_the_gru_cell_is_the_one_that_torch_has():
    own, theirs = GruCell(5, 8), torch.nn.GRUCell(5, 8)
    theirs.weight_ih, theirs.bias_ih, theirs.weight_hh, theirs.bias_hh = (
        own.enter.weight, own.enter.bias, own.back.weight, own.back.bias)
    x, hidden = torch.randn(3, 5), torch.randn(3, 8)
    torch.testing.assert_close(own(x, (hidden,))[0], theirs(x, hidden))


def test_the_lstm_cell_is_the_one_that_torch_has():
    own, theirs = LstmCell(5, 8), torch.nn.LSTMCell(5, 8)
    order = torch.cat((torch.arange(16), torch.arange(24, 32), torch.arange(16, 24)))  # torch: out behind new
    for name, tensor in (("ih", own.enter), ("hh", own.back)):
        getattr(theirs, f"weight_{name}").data = tensor.weight.data[order]
        getattr(theirs, f"bias_{name}").data = tensor.bias.data[order]
    x, hidden, cell = torch.randn(3, 5), torch.randn(3, 8), torch.randn(3, 8)
    for ours, expected in zip(own(x, (hidden, cell)), theirs(x, (hidden, cell)), strict=True):
        torch.testing.assert_close(ours, expected)


def test_what_is_near_a_cell_is_near_in_its_own_picture():
    generation = network(generation="coverage").generation
    wide, high = torch.rand(2, 3), torch.rand(4, 1)
    places = [generation.project(torch.zeros(1, 16, *part.shape))[-1] for part in (wide, high)]
    coverage = torch.zeros(2, 6)
    coverage[0], coverage[1, :4] = wide.flatten(), high.flatten()
    together = torch.cat((places[0], torch.nn.functional.pad(places[1], (0, 2))))
    found = generation._nearby(coverage, together)
    for row, part in zip(found, (wide, high), strict=True):
        alone = generation.around(part[None, None]).flatten(2)[0].T
        torch.testing.assert_close(row[:part.numel()], alone)


def test_coverage_moves_the_attention_and_plain_attention_has_none():
    built = network(generation="coverage").generation
    features = torch.randn(1, 16, 2, 6)
    memories, bias, tokens = built.project(features), torch.zeros(1, 12), torch.tensor([4])
    seen = torch.zeros(1, 12)
    fresh = built.step(tokens, torch.tensor(0), *memories, bias, torch.zeros(1, 24), seen)
    torch.testing.assert_close(fresh[2], fresh[3])  # after the first look, the coverage is that look
    looked = built.step(tokens, torch.tensor(0), *memories, bias, torch.zeros(1, 24), seen + 3 * fresh[3])
    assert (fresh[3] - looked[3]).abs().max() > 1e-3
    assert "state_seen" not in network(generation="attention").generation.states


def test_a_decoder_without_attention_knows_the_mean_of_the_memory_alone():
    built = network(generation="encoder-decoder").generation
    features, tokens = torch.randn(1, 16, 2, 6), torch.tensor([[1, 4, 5]])
    mixed = features.flatten(2)[:, :, torch.randperm(12)].view_as(features)
    torch.testing.assert_close(built(features, None, tokens), built(mixed, None, tokens))
