"""The bundled transformers: a tokenizer, a table of int8 word embeddings, and int8 ONNX graphs over them.

Neither torch nor transformers is imported, and nothing is fetched.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.errors import CorpusError

MODEL = Path(__file__).parent / "model"
BATCH = 32  # texts run at once, alike in length so that little is padding
States = npt.NDArray[np.float32]
Row = tuple[list[int], list[int]]  # ids of tokens, and for each whether it belongs to the second text (0 or 1)


class EmbedderUnavailable(CorpusError):
    """The model that turns text into vectors cannot be loaded."""


class Vocabulary:
    """Pieces of text and their embeddings.

    :param folder: holds ``tokenizer.json`` and ``words.safetensors``.
    :raises EmbedderUnavailable: if a file is missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        from safetensors import SafetensorError
        from safetensors.numpy import load
        from tokenizers import Tokenizer

        stored, described = _read(folder / "words.safetensors"), _read(folder / "tokenizer.json")
        try:
            tensors = load(stored)
            self._rows, self._scales = tensors["rows"], tensors["scales"]
            self._tokenizer = Tokenizer.from_buffer(described)
        except (SafetensorError, KeyError, ValueError) as problem:
            raise EmbedderUnavailable(f"The model in {folder} is damaged ({problem}): reinstall Mundap.") from problem
        self.digest = hashlib.sha256(stored).hexdigest()
        self.start, self.end = (int(self._tokenizer.token_to_id(mark) or 0) for mark in ("[CLS]", "[SEP]"))

    def pieces(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of each text's pieces, without markers."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def embeddings(self, ids: npt.NDArray[np.int64]) -> States:
        """One embedding per id, float32, of shape ``ids.shape + (384,)``."""
        found: States = self._rows[ids].astype(np.float32) * self._scales[ids][..., None]
        return found


class Network:
    """A transformer's body: rows of ids to one row of numbers per token.

    :param graph: an ONNX file as :mod:`index.training.graph` writes it.
    :raises EmbedderUnavailable: if the file is missing or damaged.
    """

    def __init__(self, graph: Path, vocabulary: Vocabulary) -> None:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as state

        stored = _read(graph)
        self.vocabulary = vocabulary
        self.digest = hashlib.sha256(vocabulary.digest.encode() + stored).hexdigest()
        options = onnxruntime.SessionOptions()
        # Spinning threads starve a busy neighbour, and are starved by one.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(stored, options, providers=["CPUExecutionProvider"])
        except (state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf) as problem:
            raise EmbedderUnavailable(f"{graph} is damaged ({problem}): reinstall Mundap.") from problem

    def run(self, rows: Sequence[Row]) -> Iterator[tuple[list[int], States, States]]:
        """Per batch: which rows, their outputs (n, tokens, width), and the mask (n, tokens) of 0 and 1."""
        order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            ids, types, mask = _padded([rows[i] for i in chosen])
            feeds = {"words": self.vocabulary.embeddings(ids), "types": types, "mask": mask}
            (output,) = self._session.run(None, feeds)
            yield chosen, output, mask


def _padded(rows: Sequence[Row]) -> tuple[npt.NDArray[np.int64], States, States]:
    """Ids, types and mask, each (n, tokens); padding is id 0 with mask 0."""
    shape = (len(rows), max(len(ids) for ids, _ in rows))
    padded, types, mask = np.zeros(shape, np.int64), np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for number, (ids, second) in enumerate(rows):
        padded[number, : len(ids)], types[number, : len(ids)], mask[number, : len(ids)] = ids, second, 1.0
    return padded, types, mask


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise EmbedderUnavailable(
            f"The bundled model lacks {path}: reinstall Mundap, or train it with `python -m index.train`."
        ) from error


@functools.cache
def vocabulary() -> Vocabulary:
    """The bundled vocabulary, one per process."""
    return Vocabulary(MODEL)
