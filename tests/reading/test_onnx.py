"""ONNX graphs behind the faces of StepModel and FrameModel."""

import os
import random
import subprocess
import sys

import numpy as np
import pytest

from glyphic.core.errors import BundleError
from glyphic.core.images import fit
from glyphic.core.options import DecodingOptions
from glyphic.decoding.forks import step_forks
from glyphic.decoding.task import DecodingTask
from glyphic.reading.bundle import Bundle
from glyphic.reading.onnx import OnnxFrameModel, OnnxStepModel
from tests import bars as toy

TEXTS = ["abc", "c", "aabbccab", "ba"]


def images(bundle: Bundle, texts: list[str] = TEXTS) -> list[np.ndarray]:
    return [fit(toy.render(t, random.Random(0)).astype(np.float32) / 255, bundle.input).pixels for t in texts]


def model(bundle: Bundle) -> OnnxStepModel:
    return OnnxStepModel(bundle.path("encoder.onnx"), bundle.path("step.onnx"))


def read(bundle: Bundle, pictures: object, width: int = 1) -> list:
    options = DecodingOptions(width, 20, alternatives=width - 1)
    return DecodingTask(model(bundle), toy.VOCABULARY, toy.Grammar(), options).run(pictures)


def texts(answers: list) -> list[str]:
    return [toy.NOTATION.tokenizer.decode(hypotheses[0].tokens) for hypotheses in answers]


def test_pictures_of_different_sizes_are_read_in_one_batch(step_bundle):
    assert texts(read(step_bundle, images(step_bundle))) == TEXTS


@pytest.mark.parametrize("width", [1, 3])
def test_a_batch_reads_as_one_by_one(step_bundle, width):
    together = read(step_bundle, images(step_bundle), width)
    alone = [read(step_bundle, [image], width)[0] for image in images(step_bundle)]
    assert [[h.tokens for h in answer] for answer in together] == [[h.tokens for h in answer] for answer in alone]
    for a, b in zip(together, alone, strict=True):
        for one, other in zip(a, b, strict=True):
            np.testing.assert_allclose(one.logprobs, other.logprobs, atol=1e-5)


def test_an_array_and_a_list_of_pictures_are_the_same(step_bundle):
    pictures = images(step_bundle, ["abc", "cba"])
    array = np.stack(pictures)[:, None]
    assert read(step_bundle, array) == read(step_bundle, pictures) == read(step_bundle, [p[None] for p in pictures])


def test_selected_rows_go_on_as_if_they_had_been_written_alone(step_bundle):
    """Random steps and selections over several pictures equal writing each row's tokens from the start."""
    network, pictures, source = model(step_bundle), images(step_bundle), np.random.default_rng(5)
    state = network.encode(pictures)
    owners, histories = list(range(len(pictures))), [[] for _ in pictures]
    for _ in range(7):
        tokens = source.integers(3, 6, len(owners))
        logprobs, state = network.step(tokens, state)
        histories = [[*h, int(t)] for h, t in zip(histories, tokens, strict=True)]
        for row, owner in enumerate(owners):
            single = network.encode([pictures[owner]])
            for token in histories[row]:
                expected, single = network.step(np.array([token]), single)
            np.testing.assert_allclose(logprobs[row], expected[0], atol=1e-5)
        rows = source.integers(0, len(owners), source.integers(1, 7))
        state = network.select(state, rows)
        owners, histories = [owners[r] for r in rows], [histories[r] for r in rows]


def test_select_never_copies_the_memory(step_bundle):
    network = model(step_bundle)
    _, state = network.step(np.array([1, 1]), network.encode(images(step_bundle, ["ab", "cc"])))
    narrowed = network.select(state, np.array([1, 1, 1]))
    assert narrowed.encoded is state.encoded
    _, after = network.step(np.array([3, 4, 5]), narrowed)
    assert after.arranged[1] is state.encoded[1], "rows of one picture share its memory, which is broadcast"


def test_the_memory_is_arranged_anew_only_when_the_rows_read_other_pictures(step_bundle):
    network = model(step_bundle)
    _, state = network.step(np.array([1, 1]), network.encode(images(step_bundle, ["ab", "abccc"])))
    _, same = network.step(np.array([3, 3]), network.select(state, np.array([0, 1])))
    assert same.arranged is state.arranged
    _, swapped = network.step(np.array([3, 3]), network.select(state, np.array([1, 0])))
    assert swapped.arranged is not state.arranged
    one = network.encode(images(step_bundle, ["ab"]))
    _, wide = network.step(np.array([1, 1, 1]), network.select(one, np.zeros(3)))
    _, wider = network.step(np.full(5, 3), network.select(wide, np.array([2, 2, 0, 1, 1])))
    assert wider.arranged is wide.arranged


def test_attention_is_that_of_the_rows_own_picture_alone_or_among_others(step_bundle):
    network, pictures = model(step_bundle), images(step_bundle, ["c", "aabbccab"])
    together = network.encode(pictures)
    for row, picture in enumerate(pictures):
        found = network.attention([1, 3, 5], together, row)
        assert found.shape == (3, picture.size // 64)
        np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(found, network.attention([1, 3, 5], network.encode([picture]), 0), atol=1e-6)
        assert set(found.argmax(axis=1)) <= ({4, 5} if row else {0})  # the widest bars
    assert network.attention([], together, 0).shape == (0, pictures[0].size // 64)


def test_a_state_is_not_changed_by_steps_and_selections(step_bundle):
    network = model(step_bundle)
    _, state = network.step(np.array([1, 1]), network.encode(images(step_bundle, ["ab", "c"])))
    first, _ = network.step(np.array([3, 4]), state)
    network.step(np.array([5]), network.select(state, np.array([1])))
    again, _ = network.step(np.array([3, 4]), state)
    np.testing.assert_array_equal(first, again)


def test_a_state_goes_back_to_any_of_its_steps(step_bundle):
    network = model(step_bundle)
    states = [network.encode(images(step_bundle, ["abc"]))]
    for token in (toy.VOCABULARY.bos, 3, 4, 5):
        states.append(network.step(np.array([token]), states[-1])[1])
    for steps, state in enumerate(states):
        expected, _ = network.step(np.array([4]), state)
        found, after = network.step(np.array([4]), network.rewound(states[-1], steps))
        np.testing.assert_array_equal(found, expected)
        assert after.position == steps + 1


def test_other_readings_are_the_same_from_where_a_search_stood_as_from_the_beginning(step_bundle):
    network = model(step_bundle)
    task = DecodingTask(network, toy.VOCABULARY, toy.Grammar(), DecodingOptions(1, 20))
    encoded = network.encode(images(step_bundle))
    for row, (hypotheses, trace) in enumerate(task.traced(encoded, len(TEXTS))):
        tokens = hypotheses[0].tokens
        for first in range(len(tokens)):
            places = list(range(first, len(tokens)))
            whole = step_forks(task, network.select(encoded, np.array([row])), tokens, places, 2)
            rest = network.rewound(network.select(trace.state, np.array([trace.row])), first)
            found = step_forks(task, rest, tokens, places, 2, first)
            assert [[(fork.token, fork.tokens) for fork in found[place]] for place in places] == \
                [[(fork.token, fork.tokens) for fork in whole[place]] for place in places]


def test_frames_are_as_long_as_their_picture(frame_bundle):
    pictures = images(frame_bundle)
    network = OnnxFrameModel(frame_bundle.path("frames.onnx"))
    logprobs, lengths = network.frames(pictures)
    assert lengths.tolist() == [p.shape[1] // 4 for p in pictures]
    for row, length, picture in zip(logprobs, lengths, pictures, strict=True):
        alone, _ = network.frames([picture])
        np.testing.assert_allclose(row[:length], alone[0], atol=1e-6)
        assert (row[length:] == -np.inf).all()


def test_a_graph_that_is_none_is_named(tmp_path, step_bundle):
    broken = tmp_path / "step.onnx"
    broken.write_bytes(b"not a graph")
    with pytest.raises(BundleError, match=r"step\.onnx"):
        OnnxStepModel(step_bundle.path("encoder.onnx"), broken)


def test_a_dynamically_quantised_graph_knows_that_its_rows_influence_each_other(tmp_path, step_bundle):
    assert model(step_bundle).batch_invariant
    graph = toy.step_graph()
    graph.graph.node.extend([toy.helper.make_node("DynamicQuantizeLinear", ["logits"], ["q", "q_scale", "q_zero"])])
    toy.onnx.save(graph, tmp_path / "step.onnx")
    assert not OnnxStepModel(step_bundle.path("encoder.onnx"), tmp_path / "step.onnx").batch_invariant


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_a_reading_process_reports_to_nobody(step_bundle):
    """ONNX Runtime's telemetry has a thread of its own from the moment it is loaded; ours must be the only one."""
    code = ("import os, sys; from glyphic.reading.onnx import OnnxStepModel; OnnxStepModel(*sys.argv[1:]);"
            "print(len(os.listdir('/proc/self/task')))")
    single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    graphs = step_bundle.path("encoder.onnx"), step_bundle.path("step.onnx")
    found = subprocess.run([sys.executable, "-c", code, *graphs], env=environment | single, capture_output=True,
                           text=True, check=True)
    assert found.stdout.strip() == "1"
