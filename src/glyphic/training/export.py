"""A trained network goes in, a bundle comes out: ONNX graphs that were seen to read as the network does.

Letters: N images, M memories, B rows, S cells, T tokens or frames, V vocabulary.
"""

import copy
import dataclasses
import math
import shutil
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from glyphic.core.errors import ExportError
from glyphic.core.model import FloatArray
from glyphic.core.options import DecodingOptions
from glyphic.core.recipe import Recipe
from glyphic.core.results import Hypothesis
from glyphic.core.vocabulary import Vocabulary
from glyphic.decoding.ctc import FrameTask
from glyphic.decoding.task import DecodingTask
from glyphic.models.build import Network
from glyphic.models.generation import Shape
from glyphic.models.stepping import TorchFrameModel, TorchStepModel
from glyphic.reading.bundle import MANIFEST, write_bundle
from glyphic.reading.onnx import OnnxFrameModel, OnnxStepModel
from glyphic.reading.quantize import quantize_convolutions, quantize_matrices, store_bytes, store_half

OPSET = 17
TOLERANCE = 1e-3  # log-probabilities of torch and ONNX
HALF_TOLERANCE = 0.05  # and of ONNX with its weights rounded to 16 bits
LARGE = 10_000_000  # bytes from which a bundle is worth rounding

Readings = list[Hypothesis]


def export(network: Network, recipe: Recipe, vocabulary: Vocabulary, folder: Path, check_images: Sequence[FloatArray],
           name: str, version: str, decoding: DecodingOptions | None = None, scores: Mapping[str, Any] | None = None,
           card: str = "", gate: Callable[[Path], bool] | None = None,
           calibration: Sequence[FloatArray] = ()) -> Path:
    """Write the bundle `folder` and return it; an older bundle there is replaced, all or nothing.

    check_images: fitted pictures, (H, W) or (1, H, W), each of its own size: torch and ONNX must read the same tokens
    from them, with log-probabilities within 1e-3, greedily; else ExportError.
    gate: is handed a folder with smaller graphs (the exact ones lie in the folder above) and says whether they read
    well enough to be taken. Without one no graph is stored in 8 bits, and in 16 only where no reading changes.
    calibration: fitted pictures of every look there is, from which the ranges are taken that convolutions have in 8
    bits; without them these stay in 32.
    """
    if not len(check_images):
        raise ExportError("the exported graphs are compared with the network on pictures; give at least one")
    folder = Path(folder)
    refuse_other_folders(folder)
    decoding = decoding or recipe.decoding
    network = copy.deepcopy(network).float().cpu().eval()
    pictures, calibrating = map(_pictures, (check_images, calibration))
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        write_graphs(network, part)
        check_parity(network, part, vocabulary, decoding, pictures)
        storage = _shrink(part, network, vocabulary, decoding, pictures, gate, calibrating)
        (part / "MODEL_CARD.md").write_text(card, encoding="utf-8")
        write_bundle(part, {
            "name": name, "version": version, "notation": recipe.notation, "kind": network.generation.kind,
            "vocabulary": vocabulary.to_json(), "input": recipe.input.to_json(),
            "decoding": dataclasses.asdict(decoding), "stride": _stride(network.strides), "recipe": recipe.to_json(),
            "scores": dict(scores or {}), "storage": storage,
        })
        replace(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def _pictures(images: Sequence[FloatArray]) -> list[FloatArray]:
    """(H, W) or (1, H, W) each -> (1, H, W) each."""
    return [np.asarray(image, np.float32).reshape(1, *np.shape(image)[-2:]) for image in images]


def _stride(strides: tuple[int, int]) -> int | list[int]:
    """As a manifest has it: one number where cells are square, else those down and across."""
    return strides[0] if strides[0] == strides[1] else list(strides)


def refuse_other_folders(folder: Path) -> None:
    """ExportError for what exists and is no bundle."""
    if folder.exists() and not (folder / MANIFEST).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExportError(f"{folder} exists and is no bundle; give a new folder or that of an older bundle")


def replace(part: Path, folder: Path) -> None:
    """The finished bundle `part` takes the place of the older one in `folder`, if there is one."""
    if folder.exists():
        shutil.rmtree(folder)
    part.rename(folder)


def write_graphs(network: Network, folder: Path) -> None:
    """encoder.onnx and step.onnx, or frames.onnx, of a network in evaluation mode, in fp32."""
    down = network.strides[0]  # lines and staves have but one height
    images = torch.rand(2, 1, down * math.ceil(32 / down), 48)
    free = {"images": {0: "N", 2: "H", 3: "W"}}
    if network.generation.kind == "frames":
        _write(_Frames(network), folder / "frames.onnx", {"images": images}, ["logprobs"],
               {**free, "logprobs": {0: "N", 1: "T"}})
        return
    memories, states = network.generation.memories, network.generation.states
    _write(_Encoder(network), folder / "encoder.onnx", {"images": images}, list(memories),
           {**free, **{name: _free(shape, M="N") for name, shape in memories.items()}})
    with torch.no_grad():
        found = dict(zip(memories, _Encoder(network)(images), strict=True))
    rows, written = len(images), 3
    sizes = {"B": rows, "T": written}
    sizes["S"] = next(found[name].shape[shape.index("S")] for name, shape in memories.items() if "S" in shape)
    past = {name: torch.rand([sizes.get(side, side) for side in shape]) for name, shape in states.items()}
    inputs = {"tokens": torch.zeros(rows, dtype=torch.int64), "position": torch.tensor(written), **found,
              "memory_mask": torch.zeros(rows, sizes["S"]), **past}
    _write(_Step(network), folder / "step.onnx", inputs,
           ["logprobs", *(f"{name}_out" for name in states), "attention"],
           {"tokens": {0: "B"}, "memory_mask": {0: "M", 1: "S"}, "logprobs": {0: "B"}, "attention": {0: "B", 1: "S"},
            **{name: _free(shape) for name, shape in (memories | states).items()},
            **{f"{name}_out": _free(shape, T="T_out") for name, shape in states.items()}})


def _free(shape: Shape, **renamed: str) -> dict[int, str]:
    """The axes of free sizes and their letters, as the exporter takes them."""
    return {axis: renamed.get(side, side) for axis, side in enumerate(shape) if isinstance(side, str)}


def check_parity(network: Network, folder: Path, vocabulary: Vocabulary, decoding: DecodingOptions,
                 pictures: Sequence[FloatArray]) -> None:
    """ExportError names the first picture that torch and the graphs of `folder` do not read alike."""
    expected = _torch_readings(network, vocabulary, decoding, pictures)
    found = _onnx_readings(network, folder, vocabulary, decoding, pictures)
    for number, (ours, theirs) in enumerate(zip(expected, found, strict=True)):
        if ours.tokens != theirs.tokens:
            raise ExportError(f"torch and ONNX read picture {number} differently: {_texts(vocabulary, ours)} and "
                              f"{_texts(vocabulary, theirs)}")
        difference = _difference(ours, theirs)
        if not difference <= TOLERANCE:
            raise ExportError(f"torch and ONNX read picture {number} alike, but their log-probabilities differ by "
                              f"{difference:.2g}, more than {TOLERANCE}")


class _Encoder(nn.Module):
    """images (N, 1, H, W) -> the generation's memories, N of each."""

    def __init__(self, network: Network):
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        return self.network.generation.project(self.network.memory(images)[0])


class _Step(nn.Module):
    """The inputs and outputs of the generation's `step`."""

    def __init__(self, network: Network):
        super().__init__()
        self.generation = network.generation

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        return self.generation.step(*inputs)


class _Frames(nn.Module):
    """images (N, 1, H, W) -> log-probabilities (N, T, V)."""

    def __init__(self, network: Network):
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        return self.network.generation.logprobs(self.network.memory(images)[0], None)


def _write(module: nn.Module, path: Path, inputs: Mapping[str, Tensor], outputs: list[str],
           axes: Mapping[str, Mapping[int, str]]) -> None:
    # The TorchScript exporter: the other one ties axes together that it sees equal in the example. What it says on
    # the way is about lengths and batches it takes for constant; that they are free is what the parity gate shows.
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(module.eval(), tuple(inputs.values()), str(path), input_names=list(inputs),
                          output_names=outputs, dynamic_axes=axes, opset_version=OPSET, do_constant_folding=True,
                          dynamo=False)


def _quantized(exact: Path, smaller: Path, gate: Callable[[Path], bool]) -> str:
    """Writes the graph `exact` as `smaller` in 8 bits; where the gate finds that too few, with the weights alone in 8;
    where that is too few, as it is. Returns how it is stored."""
    quantize_matrices(exact, smaller)
    if gate(smaller.parent):
        return "int8"
    store_bytes(exact, smaller)
    if gate(smaller.parent):
        return "int8 weights"
    shutil.copyfile(exact, smaller)
    return "fp32"


def _shrink(folder: Path, network: Network, vocabulary: Vocabulary, decoding: DecodingOptions,
            pictures: Sequence[FloatArray], gate: Callable[[Path], bool] | None,
            calibration: Sequence[FloatArray]) -> dict[str, str]:
    """Make the graphs of `folder` smaller where that is wanted and harmless; returns how each is stored."""
    storage = {path.name: "fp32" for path in sorted(folder.glob("*.onnx"))}
    smaller = folder / "smaller"
    smaller.mkdir()
    for name in storage:
        shutil.copyfile(folder / name, smaller / name)
    if calibration and gate:
        name = "frames.onnx" if "frames.onnx" in storage else "encoder.onnx"
        quantize_convolutions(folder / name, smaller / name, ({"images": image[None]} for image in calibration))
        if gate(smaller):
            storage[name] = "int8 convolutions"
        else:
            shutil.copyfile(folder / name, smaller / name)
    if "step.onnx" in storage and gate:
        storage["step.onnx"] = _quantized(folder / "step.onnx", smaller / "step.onnx", gate)
    if sum(path.stat().st_size for path in smaller.iterdir()) > LARGE:
        before = _onnx_readings(network, smaller, vocabulary, decoding, pictures)
        for name in [name for name, kind in storage.items() if kind == "fp32"]:
            store_half(folder / name, smaller / name)
            after = [] if gate else _onnx_readings(network, smaller, vocabulary, decoding, pictures)
            if gate(smaller) if gate else _alike(before, after):
                storage[name] = "fp16"
            else:
                shutil.copyfile(folder / name, smaller / name)
    for name in storage:
        (smaller / name).replace(folder / name)
    smaller.rmdir()
    return storage


def _alike(before: Readings, after: Readings) -> bool:
    return all(a.tokens == b.tokens and _difference(a, b) <= HALF_TOLERANCE for a, b in zip(before, after, strict=True))


def _torch_readings(network: Network, vocabulary: Vocabulary, decoding: DecodingOptions,
                    pictures: Sequence[FloatArray]) -> Readings:
    if network.generation.kind == "frames":
        return _read(FrameTask(TorchFrameModel(network), vocabulary), pictures)
    return _read(DecodingTask(TorchStepModel(network), vocabulary, options=_greedy(decoding)), pictures)


def _onnx_readings(network: Network, folder: Path, vocabulary: Vocabulary, decoding: DecodingOptions,
                   pictures: Sequence[FloatArray]) -> Readings:
    if network.generation.kind == "frames":
        return _read(FrameTask(OnnxFrameModel(folder / "frames.onnx"), vocabulary), pictures)
    model = OnnxStepModel(folder / "encoder.onnx", folder / "step.onnx")
    return _read(DecodingTask(model, vocabulary, options=_greedy(decoding)), pictures)


def _read(task: DecodingTask | FrameTask, pictures: Sequence[FloatArray]) -> Readings:
    return [task.run(picture[None])[0][0] for picture in pictures]


def _greedy(decoding: DecodingOptions) -> DecodingOptions:
    return DecodingOptions(beam_width=1, max_tokens=decoding.max_tokens)


def _difference(a: Hypothesis, b: Hypothesis) -> float:
    return float(np.abs(np.subtract(a.logprobs, b.logprobs)).max(initial=0.0))


def _texts(vocabulary: Vocabulary, reading: Hypothesis) -> str:
    tokens = vocabulary.decode(reading.tokens)
    return repr(" ".join(tokens[:20]) + (" ..." if len(tokens) > 20 else ""))
