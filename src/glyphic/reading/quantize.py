"""ONNX graphs on disk become smaller ones that read nearly the same: matrices and convolutions in 8 bits, storage in 8
and 16 bits."""

import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx  # type: ignore[import-untyped,unused-ignore]
from onnx import TensorProto, helper, numpy_helper

Graph = str | os.PathLike[str]

SMALL = 256  # numbers; a weight of no more is not worth a Cast


def quantize_matrices(source: Graph, target: Graph) -> None:
    """Weights of matrix products in 8 bits, activations quantised as they come (MatMul and Gemm, nothing else).

    Convolutions stay as they are: dynamic ConvInteger is slow and can destroy depthwise networks. One scale per output
    channel. Weights are unsigned: CPUs without VNNI saturate when they multiply signed with unsigned ones.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic  # type: ignore[import-untyped]

    model = onnx.load(os.fspath(source))
    _untie(model.graph)
    # the exporter has folded what the quantiser would otherwise, through the root logger, ask us to fold first
    helper.set_model_props(model, {"onnx.quant.pre_process": "onnxruntime.quant"})
    quantize_dynamic(model, os.fspath(target), op_types_to_quantize=["MatMul", "Gemm"], per_channel=True,
                     weight_type=QuantType.QUInt8, extra_options={"MatMulConstBOnly": True})


def quantize_convolutions(source: Graph, target: Graph, inputs: Iterable[Mapping[str, npt.NDArray[Any]]]) -> None:
    """Convolutions, and the sums and rectifiers between them, in 8 bits throughout, in half the time.

    inputs: what the graph is given, some hundred times, of the kinds that it will be given: the ranges of activations
    are those seen here, fixed in the graph, and what lies beyond them is cut off. (Dynamic ranges would make each
    convolution wait for its input to be looked at.) Weights have one scale per output channel, and 7 of the 8 bits:
    CPUs without VNNI add two products in 16 bits, which 8 would overflow. Where an average pool comes before a
    convolution, as in a residual network's shortcuts, both stay as they are: the pool in 8 bits takes longer.
    """
    from onnxruntime.quantization import (
        CalibrationDataReader,
        QuantFormat,
        QuantType,
        quantize_static,
    )

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        left = iter(inputs)

        def get_next(self) -> Mapping[str, npt.NDArray[Any]] | None:
            return next(self.left, None)

    model = onnx.load(os.fspath(source))
    pooled = {output for node in model.graph.node if node.op_type == "AveragePool" for output in node.output}
    kept = [node.name for node in model.graph.node if node.op_type == "Conv" and node.input[0] in pooled]
    helper.set_model_props(model, {"onnx.quant.pre_process": "onnxruntime.quant"})
    quantize_static(model, os.fspath(target), Reader(), quant_format=QuantFormat.QDQ, per_channel=True,
                    op_types_to_quantize=["Conv", "Add", "Relu"], nodes_to_exclude=kept, reduce_range=True,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)


def store_bytes(source: Graph, target: Graph) -> None:
    """Weights of matrix products in 8 bits behind a DequantizeLinear to 32, which is done once, when they are loaded: a
    quarter of the file, and activations stay as exact as they were. Symmetric, one scale per output channel."""
    model = onnx.load(os.fspath(source))
    _untie(model.graph)
    weights = {weight.name: weight for weight in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        if node.op_type in ("MatMul", "Gemm") and node.input[1] in weights:
            name = node.input[1]
            values = numpy_helper.to_array(weights.pop(name))
            axis = 0 if any(part.name == "transB" and part.i for part in node.attribute) else 1  # of the outputs
            scales = np.abs(values).max(axis=1 - axis, keepdims=True).clip(1e-12) / np.float32(127)
            for suffix, array in (("bytes", np.round(values / scales).astype(np.int8)),
                                  ("scale", scales.astype(np.float32).ravel())):
                weights[f"{name}.{suffix}"] = numpy_helper.from_array(array, f"{name}.{suffix}")
            nodes.append(helper.make_node("DequantizeLinear", [f"{name}.bytes", f"{name}.scale"], [name], axis=axis))
    nodes.extend(model.graph.node)
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(weights.values())
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, os.fspath(target))


def store_half(source: Graph, target: Graph) -> None:
    """Weights in 16 bits behind a Cast to 32: half the file, the same arithmetic, weights rounded to 11 bits."""
    model = onnx.load(os.fspath(source))
    casts, weights = [], []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype == np.float32 and values.size > SMALL and np.abs(values).max() < np.finfo(np.float16).max:
            half = f"{weight.name}.half"
            casts.append(helper.make_node("Cast", [half], [weight.name], to=TensorProto.FLOAT))
            weights.append(numpy_helper.from_array(values.astype(np.float16), half))
        else:
            weights.append(weight)
    nodes = [*casts, *model.graph.node]
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(weights)
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, os.fspath(target))


def _untie(graph: Any) -> None:
    """Every matrix product gets weights of its own: the quantiser changes them in place, also under an embedding."""
    weights = {weight.name: weight for weight in graph.initializer}
    users = [name for node in graph.node for name in node.input]
    for node in graph.node:
        if node.op_type in ("MatMul", "Gemm") and node.input[1] in weights and users.count(node.input[1]) > 1:
            copy = TensorProto()
            copy.CopyFrom(weights[node.input[1]])
            copy.name = f"{node.input[1]}.{node.name}"
            graph.initializer.append(copy)
            node.input[1] = copy.name
