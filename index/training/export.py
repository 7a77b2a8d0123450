"""The bundled encoder as an ordinary sentence-transformers folder, for tools that know nothing of ONNX."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from safetensors.numpy import load_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Normalize, Pooling
from sentence_transformers.models import Transformer as Reading
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from index.embed import LONGEST
from index.network import WORDS
from index.training.graph import EPSILON, HEADS

Weights = dict[str, npt.NDArray[np.float32]]


def read_weights(folder: Path) -> Weights:
    """The weights of a model folder, float32, by the names of transformers' BertModel.

    The inverse of :func:`index.training.graph.write`, which adds the embedding of the first type to every position's.
    """
    words = load_file(folder / WORDS)
    rows = words["rows"].astype(np.float32) * words["scales"][:, None]
    return {"embeddings.word_embeddings.weight": rows, **read_graph(folder / "encoder.onnx")}


def read_graph(path: Path) -> Weights:
    """The weights of a graph without its words; the cross-encoder's own are ``match`` and ``head``."""
    graph = onnx.load(path).graph
    held = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    first = np.zeros_like(held["second"])
    found = {
        "embeddings.position_embeddings.weight": held["places"],
        "embeddings.token_type_embeddings.weight": np.stack([first, held["second"]]),
    }
    for name, value in held.items():
        if name.endswith(".columns"):
            matrix = name.removesuffix(".columns")
            scaled = value.astype(np.float32) * held[f"{matrix}.scales"]
            found[f"{matrix}.weight"] = np.ascontiguousarray(scaled.T)
        elif name.endswith((".bias", "LayerNorm.weight")):
            found[name] = value
    if "signs" in held:
        found["match"] = held["signs"]
        found["head.weight"] = np.ascontiguousarray(held["head.matrix"].T)
    return found


def read_body(folder: Path) -> BertModel:
    """The weights of a model folder in transformers' own network.

    :raises RuntimeError: if the graph's weights are not those of a BERT.
    """
    weights = read_weights(folder)
    pieces, width = weights["embeddings.word_embeddings.weight"].shape
    config = BertConfig(
        vocab_size=pieces,
        hidden_size=width,
        num_hidden_layers=sum(name.endswith("intermediate.dense.weight") for name in weights),
        num_attention_heads=HEADS,
        intermediate_size=len(weights["encoder.layer.0.intermediate.dense.weight"]),
        max_position_embeddings=len(weights["embeddings.position_embeddings.weight"]),
        layer_norm_eps=EPSILON,
    )
    config._attn_implementation = "eager"  # torch's own attention takes twice as long to learn from on a processor
    # The pooler, which a mean has no use for, is there because BertModel.from_pretrained would miss it.
    pooler = {"pooler.dense.weight": torch.zeros(width, width), "pooler.dense.bias": torch.zeros(width)}
    body = BertModel(config)
    body.load_state_dict({name: torch.tensor(value) for name, value in weights.items()} | pooler)
    body.eval()  # type: ignore[no-untyped-call]
    return body


def export(folder: Path, out: Path) -> None:
    """Write the model folder ``folder`` to ``out`` such that ``SentenceTransformer(out)`` loads it."""
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=Tokenizer.from_file(str(folder / "tokenizer.json")),
        model_max_length=LONGEST,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )
    out.mkdir(parents=True, exist_ok=True)
    read_body(folder).save_pretrained(out)
    tokenizer.save_pretrained(out)
    reading = Reading(str(out), max_seq_length=LONGEST)
    model = SentenceTransformer(modules=[reading, Pooling(reading.get_embedding_dimension(), "mean"), Normalize()])
    model.save(str(out))
