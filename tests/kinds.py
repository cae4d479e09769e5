"""A classifier of kinds whose every answer is known: by how wide a picture is. And a folder of kinds to train on."""

import random
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from glyphic.core.kinds import KINDS
from glyphic.reading.bundle import write_manifest
from glyphic.reading.kinds import GRAPH, MANIFEST
from tests import bars


def write_bundle(folder: Path, shares: dict[str, float]) -> Path:
    """A bundle that gives every picture these probabilities."""
    folder.mkdir(parents=True)
    values = np.array([[shares.get(kind, 0.0) for kind in KINDS]], np.float32)
    nodes = [helper.make_node("ReduceMean", ["images"], ["mean"], axes=[1, 2, 3], keepdims=0),
             helper.make_node("Unsqueeze", ["mean", "one"], ["column"]),
             helper.make_node("Mul", ["column", "zero"], ["nothing"]),
             helper.make_node("Add", ["nothing", "shares"], ["probabilities"])]
    constants = [numpy_helper.from_array(np.array([1], np.int64), "one"),
                 numpy_helper.from_array(np.zeros(1, np.float32), "zero"), numpy_helper.from_array(values, "shares")]
    graph = helper.make_graph(
        nodes, "known", [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["N", 1, "H", "W"])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", len(KINDS)])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.save(model, str(folder / GRAPH))
    write_manifest(folder, {"name": "kind", "version": "1", "kinds": list(KINDS), "scores": {}}, MANIFEST)
    return folder


def write_folder(folder: Path, each: int = 4) -> Path:
    """Some pictures of bars for every kind, of another size for each: formulas are squares, texts the widest."""
    for number, kind in enumerate(kind for kind in KINDS if kind != "none"):
        (folder / kind).mkdir(parents=True)
        for index in range(each):
            rng = random.Random(f"{kind} {index}")
            pixels = bars.render("".join(rng.choices(bars.LETTERS, k=4)), rng)
            Image.fromarray(pixels).resize((60 + 60 * number, 60)).save(folder / kind / f"{index}.png")
    return folder
