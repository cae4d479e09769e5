"""A notation of the letters a, b, c drawn as bars of 1, 2, 3 pixels, and hand-made networks that read them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from glyphic.core.errors import NotationError
from glyphic.core.notation import Notation
from glyphic.core.vocabulary import Vocabulary
from glyphic.reading.bundle import Bundle, write_bundle

LETTERS = "abc"
VOCABULARY = Vocabulary.of(LETTERS)
CELL = 8  # pixels of a letter, and the networks' stride


def normalize(text: str) -> str:
    for position, character in enumerate(text):
        if character not in LETTERS + " ":
            raise NotationError(f"bars are a, b and c; got {character!r}", text, position)
    return text.replace(" ", "")


@dataclass(frozen=True)
class Letters:
    vocabulary: Vocabulary = VOCABULARY

    def encode(self, text: str) -> list[int]:
        return self.vocabulary.encode(normalize(text))

    def decode(self, ids: Sequence[int]) -> str:
        return "".join(self.vocabulary.decode(ids))


class Grammar:
    """Any letters, and an end in time."""

    def start(self) -> int:
        return 0

    def advance(self, state: int, token: int) -> int:
        return 0

    def bias(self, state: int, remaining: int) -> np.ndarray:
        bias = np.full(len(VOCABULARY), -np.inf, np.float32)
        bias[VOCABULARY.eos] = 0
        if remaining > 1:
            bias[3:] = 0
        return bias


class Exact:
    def statistics(self, prediction: str, reference: str) -> Sequence[float]:
        return float(prediction == reference), 1.0

    def value(self, sums: np.ndarray) -> np.ndarray:
        return sums[..., 0] / sums[..., 1]


class Places:
    """The share of places with the right letter."""

    def statistics(self, prediction: str, reference: str) -> Sequence[float]:
        equal = sum(p == r for p, r in zip(prediction, reference, strict=False))
        return float(equal), float(max(len(prediction), len(reference)))

    def value(self, sums: np.ndarray) -> np.ndarray:
        return sums[..., 0] / np.maximum(sums[..., 1], 1e-9)


def render(text: str, source: random.Random) -> np.ndarray:
    """Bars 8 pixels high on generous paper, so that most pixels are paper; (H, W) uint8."""
    text = normalize(text)
    pixels = np.full((40, CELL * len(text) + 32), 255, np.uint8)
    for place, letter in enumerate(text):
        left = 16 + CELL * place
        pixels[16:24, left:left + 1 + LETTERS.index(letter)] = 0
    return pixels


def sample(source: random.Random) -> str:
    return "".join(source.choices(LETTERS, k=source.randint(1, 9)))


NOTATION = Notation(
    name="bars", tokenizer=Letters(), normalize=normalize, metrics={"exact": Exact(), "places": Places()},
    grammar=Grammar(), render=render, sample=sample, examples=("abc", "a b"))


def write_step_bundle(folder: Path, **changes: object) -> Bundle:
    """A bundle that reads bars; its logits also depend a little on the cache, so that a wrong cache shows."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(encoder_graph(), folder / "encoder.onnx")
    onnx.save(step_graph(), folder / "step.onnx")
    (folder / "MODEL_CARD.md").write_text("Reads bars.\n")
    return write_bundle(folder, manifest("step", VOCABULARY, **changes))


def write_frame_bundle(folder: Path) -> Bundle:
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(frame_graph(), folder / "frames.onnx")
    return write_bundle(folder, manifest("frames", Vocabulary.of(LETTERS, blank=True)))


def manifest(kind: str, vocabulary: Vocabulary, **changes: object) -> dict[str, object]:
    return {
        "name": "toy", "version": "1", "notation": "bars", "kind": kind, "vocabulary": vocabulary.to_json(),
        "input": {"symbol_size": None, "line_height": None, "max_height": 32, "max_width": 512, "margin": 0,
                  "multiple": 16},
        "decoding": {"beam_width": 1, "max_tokens": 40, "alternatives": 0, "length_penalty": 1.0},
        "recipe": {}, "stride": CELL, "scores": {"bars": {"exact": {"value": 1.0, "low": 0.9, "high": 1.0}}}, **changes,
    }


def encoder_graph() -> onnx.ModelProto:
    """Keys = values = the width of the bar in each 8 x 8 cell: (N, 1, 1, S, 1)."""
    nodes = [
        *_bar_widths(CELL),
        helper.make_node("Reshape", ["widths", "memory_shape"], ["memory_keys"]),
        helper.make_node("Identity", ["memory_keys"], ["memory_values"]),
    ]
    outputs = [_value(name, ["N", 1, 1, "S", 1]) for name in ("memory_keys", "memory_values")]
    return _model(nodes, [_value("images", ["N", 1, "H", "W"])], outputs,
                  one=np.float32(1), scale=np.float32(CELL), memory_shape=np.array([0, 1, 1, -1, 1]))


def step_graph() -> onnx.ModelProto:
    """Token p is the bar in cell p (none: <eos>), give or take a trace of what was written before."""
    nodes = [
        helper.make_node("Reshape", ["memory_values", "flat"], ["cells"]),  # (M, S)
        helper.make_node("Shape", ["cells"], ["size"], start=1, end=2),
        helper.make_node("Sub", ["size", "last"], ["end"]),
        helper.make_node("Min", ["position", "end"], ["place"]),  # (1,)
        helper.make_node("Gather", ["cells", "place"], ["width_"], axis=1),  # (M, 1)
        helper.make_node("Sub", ["width_", "table"], ["off"]),  # (M, V)
        helper.make_node("Mul", ["off", "off"], ["off2"]),
        helper.make_node("Mul", ["off2", "sharp"], ["fit"]),
        helper.make_node("Cast", ["tokens"], ["token"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["token", "cache_shape"], ["fresh"]),  # (B, 1, 1, 1, 1)
        helper.make_node("Concat", ["cache_keys", "fresh"], ["cache_keys_out"], axis=3),
        helper.make_node("Concat", ["cache_values", "fresh"], ["cache_values_out"], axis=3),
        helper.make_node("Reshape", ["cache_keys_out", "flat"], ["history"]),  # (B, T + 1)
        helper.make_node("ReduceSum", ["history", "last"], ["total"], keepdims=1),  # (B, 1)
        helper.make_node("Mul", ["total", "ids"], ["phase"]),
        helper.make_node("Sin", ["phase"], ["trace"]),  # (B, V)
        helper.make_node("Add", ["fit", "trace"], ["logits"]),
        helper.make_node("LogSoftmax", ["logits"], ["logprobs"], axis=-1),
        helper.make_node("Add", ["cells", "memory_mask"], ["masked"]),
        helper.make_node("Mul", ["total", "zero"], ["nothing"]),
        helper.make_node("Add", ["masked", "nothing"], ["seen"]),  # (B, S)
        helper.make_node("Softmax", ["seen"], ["attention"], axis=-1),
    ]
    memory, cache = ["M", 1, 1, "S", 1], ["B", 1, 1, "T", 1]
    inputs = [_value("tokens", ["B"], TensorProto.INT64), _value("position", [], TensorProto.INT64),
              _value("memory_keys", memory), _value("memory_values", memory), _value("memory_mask", ["M", "S"]),
              _value("cache_keys", cache), _value("cache_values", cache)]
    outputs = [_value("logprobs", ["B", len(VOCABULARY)]), _value("cache_keys_out", ["B", 1, 1, "U", 1]),
               _value("cache_values_out", ["B", 1, 1, "U", 1]), _value("attention", ["B", "S"])]
    widths = np.array([[9, 9, 0, 1, 2, 3]], np.float32)  # <pad> <bos> <eos> a b c
    return _model(nodes, inputs, outputs, flat=np.array([0, -1]), last=np.array([1]), table=widths,
                  sharp=np.float32(-6), cache_shape=np.array([-1, 1, 1, 1, 1]), zero=np.float32(0),
                  ids=np.arange(len(VOCABULARY), dtype=np.float32)[None])


def frame_graph() -> onnx.ModelProto:
    """One frame for 4 columns: the bar in it, or the blank."""
    nodes = [
        *_bar_widths(4),
        helper.make_node("Slice", ["widths", "first", "behind", "rows"], ["top"]),  # (N, 1, 1, T)
        helper.make_node("Reshape", ["top", "frames_shape"], ["frames"]),  # (N, T, 1)
        helper.make_node("Sub", ["frames", "table"], ["off"]),
        helper.make_node("Mul", ["off", "off"], ["off2"]),
        helper.make_node("Mul", ["off2", "sharp"], ["logits"]),
        helper.make_node("LogSoftmax", ["logits"], ["logprobs"], axis=-1),
    ]
    widths = np.array([[[9, 9, 9, 0, 1, 2, 3]]], np.float32)  # <pad> <bos> <eos> <blank> a b c
    return _model(nodes, [_value("images", ["N", 1, "H", "W"])], [_value("logprobs", ["N", "T", 7])],
                  one=np.float32(1), scale=np.float32(4), table=widths, sharp=np.float32(-6),
                  frames_shape=np.array([0, -1, 1]), first=np.array([0]), behind=np.array([1]), rows=np.array([2]))


def _bar_widths(columns: int) -> list[onnx.NodeProto]:
    return [
        helper.make_node("Sub", ["one", "images"], ["ink"]),
        helper.make_node("AveragePool", ["ink"], ["mean"], kernel_shape=[CELL, columns], strides=[CELL, columns]),
        helper.make_node("Mul", ["mean", "scale"], ["widths"]),
    ]


def _value(name: str, shape: list[object], kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def _model(nodes: list[onnx.NodeProto], inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto],
           **constants: np.ndarray) -> onnx.ModelProto:
    stored = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "toy", inputs, outputs, stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model
