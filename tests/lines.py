"""Lines of text without a trained network: one that reads blocks in known places, and one that was never trained."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from glyphic.core.options import InputSpec
from glyphic.core.vocabulary import Vocabulary
from glyphic.reading.bundle import Bundle, write_bundle

LINE = InputSpec(line_height=32, margin=0, max_height=32, max_width=1024, multiple=32)
TEXT = Vocabulary.of(map(chr, range(32, 127)), blank=True)
FRAME = 4  # pixels


def write_text_bundle(folder: Path) -> Bundle:
    """A linear layer over frames of 4 x 32 pixels with weights of chance; it writes some of everything."""
    rng = np.random.default_rng(0)
    weights = rng.normal(0, 0.5, (32 * FRAME, len(TEXT))).astype(np.float32)
    constants = {"cut": np.array([0, 32, -1, FRAME]), "flat": np.array([0, -1, 32 * FRAME]), "weights": weights,
                 "half": np.float32(0.5)}
    nodes = [
        helper.make_node("Sub", ["images", "half"], ["centred"]),
        helper.make_node("Reshape", ["centred", "cut"], ["columns"]),  # (N, 32, T, 4)
        helper.make_node("Transpose", ["columns"], ["frames"], perm=[0, 2, 1, 3]),
        helper.make_node("Reshape", ["frames", "flat"], ["cells"]),  # (N, T, 128)
        helper.make_node("MatMul", ["cells", "weights"], ["logits"]),
        helper.make_node("LogSoftmax", ["logits"], ["logprobs"], axis=-1),
    ]
    graph = helper.make_graph(
        nodes, "chance", [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["N", 1, 32, "W"])],
        [helper.make_tensor_value_info("logprobs", TensorProto.FLOAT, ["N", "T", len(TEXT)])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()])
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9),
              folder / "frames.onnx")
    return write_bundle(folder, {
        "name": "chance", "version": "1", "notation": "text", "kind": "frames", "vocabulary": TEXT.to_json(),
        "input": LINE.to_json(), "recipe": {}, "stride": [32, FRAME], "scores": {},
        "decoding": {"beam_width": 1, "max_tokens": 256, "alternatives": 0, "length_penalty": 1.0}})


SHAPES = {"a": (0, 16), "b": (8, 24), "c": (0, 32)}  # letter -> the rows of ink, of 32


def drawn(text: str, zoom: int = 1) -> np.ndarray:
    """A word of blocks, 32 pixels high and 16 wide for each letter, of which the right half is ink.

    On its head, a is no letter. A word needs a c, which says how high the line is.
    """
    picture = np.ones((32, 16 * len(text) + 8), np.float32)
    for place, letter in enumerate(text):
        first, last = SHAPES[letter]
        picture[first:last, 8 + 16 * place:16 + 16 * place] = 0
    return np.kron(picture, np.ones((zoom, zoom), np.float32))


class Blocks:
    """A frame model that reads what `drawn` draws, by the ink in the upper and in the lower half of the line."""

    def __init__(self, sure: float = 0.98):
        self.sure = sure
        self.pictures = 0

    def frames(self, images):
        found = [self._frames(np.asarray(image).reshape(image.shape[-2:])) for image in images]
        lengths = np.array([len(frames) for frames in found])
        batch = np.full((len(found), lengths.max(), len(TEXT)), -np.inf, np.float32)
        for row, frames in zip(batch, found, strict=True):
            row[:len(frames)] = frames
        self.pictures += len(found)
        return batch, lengths

    def _frames(self, image):
        ink = image[:, FRAME // 2::FRAME] < 0.5  # (H, T)
        rows = np.flatnonzero(ink.any(axis=1))
        line = ink[rows[0]:rows[-1] + 1] if len(rows) > 1 else ink
        cells = np.stack([half.mean(axis=0) for half in np.array_split(line, 2)])
        wanted = np.array([[0, 0], [1, 0], [0.5, 0.5], [1, 1]]).T  # blank, a, b, c
        off = np.abs(cells[:, :, None] - wanted[:, None]).max(axis=0)  # (T, 4)
        share = np.full((len(off), len(TEXT)), 1e-4)
        ids = [TEXT.blank, *TEXT.encode("abc")]
        share[:, ids] += np.where(off < 0.2, self.sure, (1 - self.sure) / 4)
        share[(off >= 0.2).all(axis=1), TEXT.ids["?"]] += 1 - self.sure  # what is no block is hardly anything
        return np.log(share / share.sum(axis=1, keepdims=True)).astype(np.float32)
