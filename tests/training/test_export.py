"""What is exported reads as the network does, at sizes the export never saw; what does not is refused."""

import json
import logging

import numpy as np
import onnx
import pytest
import torch

from glyphic.core.errors import ExportError
from glyphic.core.options import DecodingOptions, InputSpec
from glyphic.core.recipe import ModelSpec, Recipe
from glyphic.decoding.ctc import FrameTask
from glyphic.decoding.task import DecodingTask
from glyphic.models.stepping import TorchFrameModel, TorchStepModel
from glyphic.reading.bundle import Bundle
from glyphic.reading.onnx import OnnxFrameModel, OnnxStepModel
from glyphic.training import export as module
from glyphic.training.export import export
from tests.models.test_build import STEPPING, VOCABULARY, network

RANDOM = np.random.default_rng(0)
PICTURES = [RANDOM.random(size, np.float32) for size in ((32, 48), (16, 16), (48, 112))]
UNSEEN = [RANDOM.random(size, np.float32) for size in ((16, 96), (64, 32), (80, 80))]
LINES = [RANDOM.random((32, width), np.float32) for width in (48, 32, 144)]
UNSEEN_LINES = [RANDOM.random((32, width), np.float32) for width in (64, 16, 208)]
RECIPE = Recipe("tiny", "formula", ModelSpec("resnet", "transformer"), InputSpec(symbol_size=20.0))
DECODING = DecodingOptions(beam_width=3, max_tokens=12)


def make(built, folder, **changes):
    arguments = {"check_images": PICTURES, "name": "tiny", "version": "7", "decoding": DECODING,
                 "scores": {"exact": 0.5}, "card": "# tiny\n", **changes}
    return export(built, RECIPE, VOCABULARY, folder, **arguments)


def step_models(built, folder):
    bundle = Bundle.load(folder)
    return TorchStepModel(built), OnnxStepModel(bundle.path("encoder.onnx"), bundle.path("step.onnx"))


SQUARE = [(extraction, refinement, "transformer") for extraction in ("resnet", "fast", "densenet")
          for refinement in ("none", "bilstm", "transformer")]
RECURRENT = [("resnet", "bigru", generation) for generation in STEPPING if generation != "transformer"]
LINE = [("crnn", "bigru", "attention"), ("resnet15", "none", "coverage"), ("resnet23", "bilstm", "encoder-decoder")]


@pytest.mark.parametrize("names", [*SQUARE, *RECURRENT, *LINE], ids="-".join)
def test_a_step_bundle_reads_unseen_sizes_as_the_network_does(tmp_path, names):
    built = network(*names)
    check, unseen = (LINES, UNSEEN_LINES) if names in LINE else (PICTURES, UNSEEN)
    models = step_models(built, make(built, tmp_path / "tiny", check_images=check))
    states = [model.encode(unseen) for model in models]
    for tokens in RANDOM.integers(0, len(VOCABULARY), (12, len(unseen))):
        (ours, first), (theirs, second) = (model.step(tokens, state)
                                           for model, state in zip(models, states, strict=True))
        np.testing.assert_allclose(ours, theirs, atol=1e-3)
        assert np.abs(ours[0] - ours[1]).max() > 0.005  # the pictures matter, or what they read says nothing
        states = [first, second]
    expected, found = (DecodingTask(model, VOCABULARY, options=DecodingOptions(3, 12, 2)).run(unseen)
                       for model in models)
    for ours, theirs in zip(expected, found, strict=True):
        assert [h.tokens for h in ours] == [h.tokens for h in theirs]
        np.testing.assert_allclose(ours[0].logprobs, theirs[0].logprobs, atol=1e-3)


@pytest.mark.parametrize("refinement", ["bilstm", "transformer"])
def test_a_frame_bundle_reads_unseen_sizes_as_the_network_does(tmp_path, refinement):
    built = network("resnet", refinement, "ctc")
    bundle = Bundle.load(make(built, tmp_path / "tiny"))
    assert bundle.kind == "frames"
    models = TorchFrameModel(built), OnnxFrameModel(bundle.path("frames.onnx"))
    (ours, lengths), (theirs, same) = (model.frames(UNSEEN) for model in models)
    assert lengths.tolist() == same.tolist() == [12, 4, 10]
    np.testing.assert_allclose(np.exp(ours), np.exp(theirs), atol=1e-4)
    expected, found = (FrameTask(model, VOCABULARY).run(UNSEEN) for model in models)
    assert [h[0].tokens for h in expected] == [h[0].tokens for h in found]


@pytest.mark.parametrize("extraction", ["crnn", "resnet15", "resnet23"])
def test_a_frame_bundle_of_lines_has_a_frame_for_four_columns(tmp_path, extraction):
    built = network(extraction, "bilstm", "ctc")
    folder = make(built, tmp_path / "tiny", check_images=LINES)
    assert json.loads((folder / "bundle.json").read_text())["stride"] == [32, 4]
    bundle = Bundle.load(folder)
    assert bundle.strides == (32, 4)
    models = TorchFrameModel(built), OnnxFrameModel(bundle.path("frames.onnx"))
    (ours, lengths), (theirs, same) = (model.frames(UNSEEN_LINES) for model in models)
    assert lengths.tolist() == same.tolist() == [16, 4, 52]
    np.testing.assert_allclose(np.exp(ours), np.exp(theirs), atol=1e-4)


def test_a_graph_names_the_memories_and_states_that_its_network_carries(tmp_path):
    graph = onnx.load(make(network(generation="coverage", cell="lstm"), tmp_path / "tiny") / "step.onnx").graph
    shapes = {value.name: [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]
              for value in [*graph.input, *graph.output]}
    assert shapes["memory_places"] == ["M", 2, "S"]
    assert shapes["memory_keys"] == ["M", "S", 12]
    assert shapes["state_seen"] == ["B", "S"] and shapes["state_hidden"] == shapes["state_cell"] == ["B", 24]
    assert {"state_seen_out", "state_hidden_out", "state_cell_out", "logprobs", "attention"} <= set(shapes)


def test_a_graph_that_counts_open_groups_reads_as_its_network_and_can_be_rewound(tmp_path):
    built = network(opens="[abc]", closes="[de]")
    ours, theirs = step_models(built, make(built, tmp_path / "tiny"))
    first, second = ours.encode(UNSEEN[:1]), theirs.encode(UNSEEN[:1])
    written, kept = [VOCABULARY.bos, *VOCABULARY.encode("aabcdfeadb")], []
    for token in written:
        (expected, first), (found, second) = (model.step(np.array([token]), state)
                                              for model, state in ((ours, first), (theirs, second)))
        np.testing.assert_allclose(expected, found, atol=1e-3)
        kept.append(found)
    again, _ = theirs.step(np.array([written[4]]), theirs.rewound(second, 4))
    np.testing.assert_allclose(again, kept[4], atol=1e-4)


def test_the_graphs_keep_to_the_contract(tmp_path):
    folder = make(network(), tmp_path / "tiny")
    shapes = {}
    for name in ("encoder", "step"):
        graph = onnx.load(folder / f"{name}.onnx").graph
        for value in [*graph.input, *graph.output]:
            shapes[value.name] = [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]
    assert shapes.pop("images") == ["N", 1, "H", "W"]
    assert shapes.pop("position") == []
    layers = {f"memory_keys_{n}": ["M", 2, 16, "S"] for n in (0, 1)}
    layers |= {f"memory_values_{n}": ["M", 2, "S", 16] for n in (0, 1)}
    for name in ("cache_keys", "cache_values"):
        layers |= {f"{name}_{n}": ["B", 2, "T", 16] for n in (0, 1)}
        layers |= {f"{name}_{n}_out": ["B", 2, "T_out", 16] for n in (0, 1)}
    assert shapes == {"tokens": ["B"], "memory_mask": ["M", "S"], "logprobs": ["B", len(VOCABULARY)],
                      "attention": ["B", "S"], **layers}
    # nothing of training is left: batch norms are folded into the convolutions
    assert "BatchNormalization" not in {n.op_type for n in onnx.load(folder / "encoder.onnx").graph.node}


def test_the_manifest_tells_what_was_given(tmp_path):
    built = network().train()
    folder = make(built, tmp_path / "deep" / "tiny")
    bundle, manifest = Bundle.load(folder), json.loads((folder / "bundle.json").read_text())
    assert (bundle.name, bundle.version, bundle.notation, bundle.kind, bundle.strides) == (
        "tiny", "7", "formula", "step", (8, 8))
    assert bundle.vocabulary == VOCABULARY
    assert bundle.decoding == DECODING
    assert bundle.input == RECIPE.input
    assert Recipe.from_json(bundle.recipe) == RECIPE
    assert bundle.scores == {"exact": 0.5}
    assert manifest["storage"] == {"encoder.onnx": "fp32", "step.onnx": "fp32"}
    assert set(bundle.files) == {"encoder.onnx", "step.onnx", "MODEL_CARD.md"}
    assert built.training  # the caller's network is left as it was


def test_a_graph_that_reads_otherwise_is_refused_and_nothing_is_left(tmp_path, monkeypatch):
    built, other = network(seed=0), network(seed=1)
    write = module.write_graphs
    monkeypatch.setattr(module, "write_graphs", lambda _, folder: write(other, folder))
    with pytest.raises(ExportError, match=r"torch and ONNX read picture \d differently"):
        make(built, tmp_path / "tiny")
    assert list(tmp_path.iterdir()) == []


def test_the_same_tokens_with_other_probabilities_are_refused_too(tmp_path, monkeypatch):
    built = network()
    bent = network()
    bent.generation.out.bias.data[VOCABULARY.bos] += 0.5  # never written, but it takes probability from all others
    write = module.write_graphs
    monkeypatch.setattr(module, "write_graphs", lambda _, folder: write(bent, folder))
    with pytest.raises(ExportError, match="log-probabilities differ by"):
        make(built, tmp_path / "tiny", decoding=DecodingOptions(max_tokens=2))


def test_a_failed_export_leaves_the_older_bundle(tmp_path, monkeypatch):
    folder = make(network(), tmp_path / "tiny", version="1")
    monkeypatch.setattr(module, "TOLERANCE", -1.0)
    with pytest.raises(ExportError):
        make(network(seed=1), folder, version="2")
    assert Bundle.load(folder).version == "1"
    monkeypatch.undo()
    assert Bundle.load(make(network(seed=1), folder, version="2")).version == "2"
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def test_a_folder_with_other_things_is_not_touched(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ExportError, match="is no bundle"):
        make(network(), tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_an_export_without_pictures_to_check_is_refused(tmp_path):
    with pytest.raises(ExportError, match="at least one"):
        make(network(), tmp_path / "tiny", check_images=[])


@pytest.mark.parametrize(("accepted", "storage"), [(1, "int8"), (2, "int8 weights"), (3, "fp32")])
@pytest.mark.parametrize("tied", [True, False])
def test_eight_bits_are_taken_only_if_the_gate_lets_them(tmp_path, accepted, storage, tied):
    built = network()
    if not tied:
        built.generation.out.weight = torch.nn.Parameter(built.generation.out.weight.detach().clone())
    asked = []

    def gate(smaller):
        model, exact = (OnnxStepModel(folder / "encoder.onnx", folder / "step.onnx")
                        for folder in (smaller, smaller.parent))
        tokens = np.array([VOCABULARY.bos])
        rough, fine = (m.step(tokens, m.encode([PICTURES[0]]))[0] for m in (model, exact))
        asked.append(np.abs(rough - fine).max())
        return len(asked) == accepted

    handlers = list(logging.getLogger().handlers)
    folder = make(built, tmp_path / "tiny", gate=gate)
    assert logging.getLogger().handlers == handlers
    assert len(asked) == min(accepted, 2)
    assert all(0 < difference < 0.2 for difference in asked)
    used = [n.op_type for n in onnx.load(folder / "step.onnx").graph.node]
    assert ("MatMulInteger" in used, "DequantizeLinear" in used) == (accepted == 1, accepted == 2)
    assert json.loads((folder / "bundle.json").read_text())["storage"]["step.onnx"] == storage
    assert not (folder / "smaller").exists()


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("names", [("resnet", "transformer", "transformer"), ("resnet", "bilstm", "ctc")], ids="-".join)
def test_convolutions_are_in_8_bits_where_pictures_calibrate_them_and_the_gate_agrees(tmp_path, names, accepted):
    built = network(*names)
    seen = [RANDOM.random((32, 48), np.float32) for _ in range(8)]
    folder = make(built, tmp_path / "tiny", gate=lambda smaller: accepted, calibration=seen)
    graph = "frames.onnx" if names[-1] == "ctc" else "encoder.onnx"
    storage = json.loads((folder / "bundle.json").read_text())["storage"]
    assert storage[graph] == ("int8 convolutions" if accepted else "fp32")
    loaded = onnx.load(folder / graph).graph
    made = {output: node for node in loaded.node for output in node.output}
    whole = {weight.name: weight.data_type for weight in loaded.initializer}
    convolutions = [node for node in loaded.node if node.op_type == "Conv"]
    small = [made.get(node.input[1]) for node in convolutions if node.input[1] not in whole]
    assert bool(small) == accepted and all(node.op_type == "DequantizeLinear" for node in small)
    for node in small:  # signed, and so small that two products with unsigned numbers fit into 16 bits
        values = onnx.numpy_helper.to_array(next(w for w in loaded.initializer if w.name == node.input[0]))
        assert values.dtype == np.int8 and 32 <= np.abs(values.astype(int)).max() <= 64
    for picture in UNSEEN:
        if names[-1] == "ctc":
            found = OnnxFrameModel(folder / graph).frames([picture])[0]
            exact = TorchFrameModel(built).frames([picture])[0]
        else:
            exact, found = (model.step(np.array([VOCABULARY.bos]), model.encode([picture]))[0]
                            for model in step_models(built, folder))
        assert (1e-6 if accepted else 0) <= np.abs(exact - found).max() < (0.3 if accepted else 1e-3)


def test_without_a_gate_convolutions_stay_exact(tmp_path):
    folder = make(network(), tmp_path / "tiny", calibration=PICTURES)
    assert set(json.loads((folder / "bundle.json").read_text())["storage"].values()) == {"fp32"}


def test_a_large_bundle_is_stored_in_16_bits_where_it_still_reads_the_same(tmp_path, monkeypatch):
    built = network("resnet", "transformer")
    small = sum(path.stat().st_size for path in make(built, tmp_path / "exact").glob("*.onnx"))
    monkeypatch.setattr(module, "LARGE", 1000)
    folder = make(built, tmp_path / "half")
    assert json.loads((folder / "bundle.json").read_text())["storage"]["encoder.onnx"] == "fp16"
    # the names and shapes of such tiny graphs weigh as much as their weights
    assert sum(path.stat().st_size for path in folder.glob("*.onnx")) < 0.8 * small
    expected, found = (DecodingTask(model, VOCABULARY, options=DecodingOptions(1, 12)).run(UNSEEN)
                       for model in step_models(built, folder))
    for ours, theirs in zip(expected, found, strict=True):
        assert ours[0].tokens == theirs[0].tokens
        np.testing.assert_allclose(ours[0].logprobs, theirs[0].logprobs, atol=0.05)
    monkeypatch.setattr(module, "HALF_TOLERANCE", -1.0)
    strict = make(built, tmp_path / "strict")
    assert json.loads((strict / "bundle.json").read_text())["storage"]["encoder.onnx"] == "fp32"
    judged = make(built, tmp_path / "judged", gate=lambda smaller: True)
    assert json.loads((judged / "bundle.json").read_text())["storage"] == {"encoder.onnx": "fp16", "step.onnx": "int8"}
