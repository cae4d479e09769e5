"""A network read step by step says what it says under teacher forcing, for any rows in any order."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from glyphic.core.errors import OptionError
from glyphic.core.options import DecodingOptions
from glyphic.decoding.task import DecodingTask
from glyphic.models.build import Network
from glyphic.models.stepping import TorchFrameModel, TorchStepModel
from tests.models.test_build import COUNTING, STEPPING, VOCABULARY, network

PICTURES = np.random.default_rng(0).random((3, 1, 32, 48), np.float32)
NETWORKS = {name: network("resnet", "transformer", name) for name in STEPPING}
NETWORKS[COUNTING] = network("resnet", "transformer", opens="[abc]", closes="[de]")
NETWORK = NETWORKS["transformer"]
LINE = network("crnn", "bigru", "coverage", cell="lstm")


def forced(built: Network, picture: np.ndarray, tokens: list[int]) -> np.ndarray:
    """(T, V) log-probabilities after each of the tokens, under teacher forcing."""
    with torch.no_grad():
        logits = built(torch.from_numpy(picture.reshape(1, 1, *picture.shape[-2:])), torch.tensor([tokens]))
    return logits[0].log_softmax(-1).numpy()


def test_a_transformer_carries_each_layer_apart_and_its_keys_turned():
    features, _ = NETWORK.memory(torch.from_numpy(PICTURES))
    shapes = [tuple(part.shape) for part in NETWORK.generation.project(features)]
    assert shapes == [(3, 2, 16, 24)] * 2 + [(3, 2, 24, 16)] * 2  # N, heads, then dh and S
    assert list(NETWORK.generation.memories) == ["memory_keys_0", "memory_keys_1", "memory_values_0", "memory_values_1"]


def test_rows_of_one_picture_share_its_memory():
    generation = NETWORK.generation
    with torch.no_grad():
        features, _ = NETWORK.memory(torch.from_numpy(PICTURES[:1]))
        one = generation.project(features)
        each = [part.expand(4, *part.shape[1:]) for part in one]
        tokens, past = torch.tensor([3, 4, 5, 6]), [torch.zeros(4, 2, 0, 16)] * 4
        shared = generation.step(tokens, torch.tensor(0), *one, torch.zeros(1, 24), *past)
        apart = generation.step(tokens, torch.tensor(0), *each, torch.zeros(4, 24), *past)
    for ours, theirs in zip(shared, apart, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)


@pytest.mark.parametrize("generation", NETWORKS)
def test_every_step_member_equals_teacher_forcing_and_names_what_it_carries(generation):
    built, tokens = NETWORKS[generation].generation, torch.randint(0, len(VOCABULARY), (3, 7))
    with torch.no_grad():
        features, _ = NETWORKS[generation].memory(torch.from_numpy(PICTURES))
        expected = built(features, None, tokens).log_softmax(-1)
        memories, free = built.project(features), {"M": 3, "B": 3, "S": 24, "T": 0}
        assert [m.shape for m in memories] == [tuple(free.get(k, k) for k in s) for s in built.memories.values()]
        states = [torch.zeros([free.get(k, k) for k in shape]) for shape in built.states.values()]
        for position in range(7):
            logprobs, *states, attention = built.step(tokens[:, position], torch.tensor(position), *memories,
                                                      torch.zeros(3, 24), *states)
            free["T"] = position + 1
            assert [s.shape for s in states] == [tuple(free.get(k, k) for k in s) for s in built.states.values()]
            torch.testing.assert_close(logprobs, expected[:, position], atol=1e-4, rtol=0)
            torch.testing.assert_close(attention.sum(1), torch.ones(3))


@pytest.mark.parametrize("generation", NETWORKS)
@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.lists(st.integers(0, 99), min_size=1, max_size=4), st.integers(0, 99)), max_size=5),
       st.booleans())
def test_rows_in_any_order_say_what_teacher_forcing_says(generation, moves, mixed_sizes):
    model = TorchStepModel(NETWORKS[generation])
    pictures = [PICTURES[0], PICTURES[1, 0, :16, :32], PICTURES[2]] if mixed_sizes else PICTURES
    state = model.encode(pictures)
    rows = [(i, [VOCABULARY.bos]) for i in range(3)]
    for chosen, seed in [*moves, ([0, 1, 2], 0)]:
        logprobs, state = model.step(np.array([tokens[-1] for _, tokens in rows]), state)
        assert logprobs.dtype == np.float32
        for row, (picture, tokens) in zip(logprobs, rows, strict=True):
            np.testing.assert_allclose(row, forced(model.network, pictures[picture], tokens)[-1], atol=1e-4)
        picks = np.array([i % len(rows) for i in chosen])
        state = model.select(state, picks)
        rows = [(rows[i][0], [*rows[i][1], (seed + n) % len(VOCABULARY)]) for n, i in enumerate(picks)]


@pytest.mark.parametrize("width", [1, 4])
@pytest.mark.parametrize("built", [*NETWORKS.values(), LINE], ids=[*NETWORKS, "line"])
def test_a_batch_reads_like_its_pictures_one_by_one(built, width):
    task = DecodingTask(TorchStepModel(built), VOCABULARY, options=DecodingOptions(width, 12))
    together = task.run(PICTURES)
    for row, picture in zip(together, PICTURES, strict=True):
        alone = task.run(picture[None])[0]
        assert [h.tokens for h in row] == [h.tokens for h in alone]
        np.testing.assert_allclose(row[0].logprobs, alone[0].logprobs, atol=1e-4)


def test_reading_goes_on_where_positions_end_but_training_refuses():
    built = network(longest=3)
    model = TorchStepModel(built)
    state = model.encode(PICTURES[:1])
    for _ in range(6):
        logprobs, state = model.step(np.array([VOCABULARY.bos]), state)
    assert np.isfinite(logprobs).all()
    with pytest.raises(OptionError, match="positions for 3 tokens; got 4"):
        built(torch.from_numpy(PICTURES[:1]), torch.zeros(1, 4, dtype=torch.int64))


@pytest.mark.parametrize("generation", NETWORKS)
def test_bf16_stays_near_fp32(generation):
    exact, rough = TorchStepModel(NETWORKS[generation]), TorchStepModel(NETWORKS[generation], bf16=True)
    tokens = np.full(3, VOCABULARY.bos)
    expected, found = exact.step(tokens, exact.encode(PICTURES))[0], rough.step(tokens, rough.encode(PICTURES))[0]
    assert 0 < np.abs(expected - found).max() < 0.2


def test_frames_of_different_widths_are_padded_with_impossibility():
    built = network("resnet", "bilstm", "ctc")
    model = TorchFrameModel(built)
    logprobs, lengths = model.frames([PICTURES[0], PICTURES[1, :, :, :32]])
    assert logprobs.shape == (2, 6, len(VOCABULARY))
    assert lengths.tolist() == [6, 4]
    assert (logprobs[1, 4:] == -np.inf).all()
    np.testing.assert_allclose(logprobs[1, :4], model.frames(PICTURES[1:2, :, :, :32])[0][0], atol=1e-6)
    np.testing.assert_allclose(np.exp(logprobs[0]).sum(-1), 1, atol=1e-5)


def test_a_network_of_the_other_kind_is_refused():
    with pytest.raises(OptionError, match="writes step, not frames"):
        TorchFrameModel(NETWORK)
