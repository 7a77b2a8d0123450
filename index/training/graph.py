"""A BERT's weights as an ONNX graph with int8 arithmetic.

The graph is written out node by node rather than exported, because exporters quantise activations by the batch: a text
would then get another vector in other company. Here every token is scaled by its own largest value, so that a text's
vector depends on nothing but the text. Between the layers all tokens of a batch are rows of one matrix (tokens, 384), as
ONNX quantises by row only there; one operator of ONNX Runtime's own turns the integer products back into floats.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper, numpy_helper, save
from safetensors.numpy import save as pack

Weights = Mapping[str, npt.NDArray[np.float32]]
HIDDEN, HEADS, EPSILON = 384, 12, 1e-12
MASKED = -1e4  # added to the attention that a padding token would get
OPSET, IR = 21, 10
RUNTIME = "com.microsoft"  # the domain of ONNX Runtime's own operators
SHAPES: Mapping[str, list[str | int]] = {
    "words": ["batch", "length", HIDDEN],
    "mask": ["batch", "length"],
    "types": ["batch", "length"],
}


class _Graph:
    """Nodes and constants in the order they are made; every method returns the name of what it makes."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def constant(self, name: str, value: npt.ArrayLike, kind: Any = np.float32) -> str:
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(np.asarray(value, dtype=kind)), name)
        return name

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        output = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def embed(self) -> str:
        """The given word embeddings with those of position and type added."""
        types = self.weights["embeddings.token_type_embeddings.weight"]
        length = self.node("Shape", "mask", start=1)
        places = self.constant("places", self.weights["embeddings.position_embeddings.weight"] + types[0])
        places = self.node("Slice", places, self.constant("first", [0], np.int64), length)
        second = self.node("Unsqueeze", "types", self.constant("last", [-1], np.int64))
        second = self.node("Mul", second, self.constant("second", types[1] - types[0]))
        words = "words"
        if "match" in self.weights:
            words = self.node("Add", words, self.node("MatMul", "match", self.constant("signs", self.weights["match"])))
        return self.normalise(self.node("Add", self.node("Add", words, places), second), "embeddings.LayerNorm")

    def normalise(self, states: str, name: str) -> str:
        scale, bias = (self.constant(f"{name}.{part}", self.weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.node("LayerNormalization", states, scale, bias, epsilon=EPSILON, axis=-1)

    def quantise(self, states: str) -> tuple[str, str]:
        """Each row's numbers as unsigned bytes around 128, and the row's scale (rows, 1)."""
        top, least, last = (
            self.constant("top", 127.0),
            self.constant("least", 1e-9),
            self.constant("last", [-1], np.int64),
        )
        largest = self.node("Max", self.node("ReduceMax", self.node("Abs", states), last, keepdims=1), least)
        scale = self.node("Div", largest, top)
        scales = self.node("Reshape", scale, last)
        middles = self.node("Expand", self.constant("middle", [128], np.uint8), self.node("Shape", scales))
        return self.node("QuantizeLinear", states, scales, middles, axis=0), scale

    def linear(self, quantised: tuple[str, str], name: str) -> str:
        """states · weight + bias, with one scale per row of the states and one per column of the weight."""
        matrix = self.weights[f"{name}.weight"].T
        whole, scales = int8(matrix, axis=0)
        columns = self.constant(f"{name}.columns", whole, np.int8), self.constant(f"{name}.scales", scales[0])
        levels, scale = quantised
        one, zero = self.constant("one", 1.0), self.constant("zero", 128, np.uint8)
        product = self.node("MatMulIntegerToFloat", levels, columns[0], one, columns[1], zero, domain=RUNTIME)
        product = self.node("Mul", product, scale)
        return self.node("Add", product, self.constant(f"{name}.bias", self.weights[f"{name}.bias"]))

    def flat(self, states: str) -> str:
        """The tokens of all texts as rows (tokens, 384)."""
        return self.node("Reshape", states, self.constant("rows", [-1, HIDDEN], np.int64))

    def layer(self, states: str, shape: str, bias: str, name: str) -> str:
        """One transformer block (Devlin et al. 2019): self-attention and a feed-forward part, each with a residual.

        ``states`` are rows; ``shape`` is what they have as (batch, length, 384).
        """
        entered = self.quantise(states)
        split = self.constant("split", [0, 0, HEADS, HIDDEN // HEADS], np.int64)
        parts = [self.linear(entered, f"{name}.attention.self.{part}") for part in ("query", "key", "value")]
        query, key, value = (self.node("Reshape", self.node("Reshape", part, shape), split) for part in parts)
        query, value = (self.node("Transpose", part, perm=[0, 2, 1, 3]) for part in (query, value))
        scores = self.node("MatMul", query, self.node("Transpose", key, perm=[0, 2, 3, 1]))
        scores = self.node("Mul", scores, self.constant("root", (HIDDEN // HEADS) ** -0.5))
        attention = self.node("Softmax", self.node("Add", scores, bias), axis=-1)
        read = self.flat(self.node("Transpose", self.node("MatMul", attention, value), perm=[0, 2, 1, 3]))
        read = self.linear(self.quantise(read), f"{name}.attention.output.dense")
        states = self.normalise(self.node("Add", states, read), f"{name}.attention.output.LayerNorm")
        wide = self.node("Gelu", self.linear(self.quantise(states), f"{name}.intermediate.dense"))
        narrow = self.linear(self.quantise(wide), f"{name}.output.dense")
        return self.normalise(self.node("Add", states, narrow), f"{name}.output.LayerNorm")

    def padding(self) -> str:
        """What attention adds for each token: 0, or ``MASKED`` for padding; (batch, 1, 1, length)."""
        absent = self.node("Sub", self.constant("there", 1.0), "mask")
        bias = self.node("Mul", absent, self.constant("masked", MASKED))
        return self.node("Unsqueeze", bias, self.constant("heads", [1, 2], np.int64))


def write(weights: Weights, path: Path, layers: int = 6) -> None:
    """Write all of a BERT but its word embeddings.

    ``weights`` go by the names of transformers' BertModel. All inputs are float32: ``words`` (batch, length, 384),
    ``mask`` and ``types`` (batch, length) of 0 and 1. ``output`` is (batch, length, 384). With a weight ``match``
    (signs, 384) there is an input ``match`` (batch, length, signs), which is projected and added to the words; with a
    weight ``head.weight`` (outputs, 384) and ``head.bias``, the output is (batch, length, outputs).
    """
    graph = _Graph(weights)
    shape, bias, states = graph.node("Shape", "words"), graph.padding(), graph.flat(graph.embed())
    for number in range(layers):
        states = graph.layer(states, shape, bias, f"encoder.layer.{number}")
    states = graph.node("Reshape", states, shape)
    width, shapes = HIDDEN, dict(SHAPES)
    if "head.weight" in weights:
        width = len(weights["head.weight"])
        head, bias = (
            graph.constant("head.matrix", weights["head.weight"].T),
            graph.constant("head.bias", weights["head.bias"]),
        )
        states = graph.node("Add", graph.node("MatMul", states, head), bias)
    if "match" in weights:
        shapes["match"] = ["batch", "length", len(weights["match"])]
    graph.nodes.append(helper.make_node("Identity", [states], ["output"]))
    tensor = helper.make_tensor_value_info
    body = helper.make_graph(
        graph.nodes,
        "mundap",
        [tensor(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()],
        [tensor("output", TensorProto.FLOAT, ["batch", "length", width])],
        list(graph.constants.values()),
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(RUNTIME, 1)]
    path.parent.mkdir(parents=True, exist_ok=True)
    save(helper.make_model(body, opset_imports=opsets, ir_version=IR), path)


def write_words(table: npt.NDArray[np.float32], path: Path) -> None:
    """Write word embeddings (pieces, 384) as int8 rows with a scale each."""
    rows, scales = int8(table, axis=1)
    path.write_bytes(pack({"rows": rows, "scales": scales[:, 0]}))


def int8(matrix: npt.NDArray[np.float32], axis: int) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """``matrix`` as bytes from -127 to 127 and the scales that make it again, of size 1 along ``axis``."""
    scales = np.maximum(np.abs(matrix).max(axis=axis, keepdims=True), 1e-9) / 127
    return np.round(matrix / scales).astype(np.int8), scales.astype(np.float32)
