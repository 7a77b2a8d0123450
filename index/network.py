"""The bundled transformers: a tokenizer, a table of int8 word embeddings, and int8 ONNX graphs over them.

Neither torch nor transformers is imported, and nothing is fetched.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.errors import CorpusError
from index.rows import Rows

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MODEL = Path(__file__).parent / "model"
WORDS = "words.safetensors"  # the file of a model's word embeddings
BATCH, TOKENS = 32, 640  # texts run at once and their tokens: more leave the cache, and take half as long again
SENTENCES = 4000  # of which the pieces are remembered
AHEAD = 16  # batches whose output may wait
States = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Row:
    """One text, or two that are read together, as tokens.

    ``types`` tells for each of ``ids`` whether it belongs to the second text (0 or 1). ``match`` (tokens, signs), where
    the graph takes it, tells how each token is met by the other text.
    """

    ids: Sequence[int]
    types: Sequence[int]
    match: States | None = None


class EmbedderUnavailable(CorpusError):
    """The model that turns text into vectors cannot be loaded."""


class Vocabulary:
    """Pieces of text and their embeddings.

    :param folder: holds the embeddings.
    :param pieces: the folder that holds ``tokenizer.json``, by default the same.
    :raises EmbedderUnavailable: if a file is missing or damaged.
    """

    def __init__(self, folder: Path, pieces: Path | None = None) -> None:
        try:
            self._rows = Rows(folder / WORDS)
            self._tokenizer = _tokenizer(_read((pieces or folder) / "tokenizer.json"))
        except FileNotFoundError as error:
            raise _lacking(folder / WORDS) from error
        except ValueError as problem:
            raise EmbedderUnavailable(f"The model in {folder} is damaged ({problem}): reinstall Mundap.") from problem
        self.digest = self._rows.digest
        # The ids and offsets of a text's pieces, remembered: the same sentences are read for many questions.
        self.laid = functools.lru_cache(maxsize=SENTENCES)(self._laid)
        self.start, self.end = (int(self._tokenizer.token_to_id(mark) or 0) for mark in ("[CLS]", "[SEP]"))

    @property
    def middle(self) -> States:
        """The mean embedding (384,), which is to be taken off before two are compared."""
        return self._rows.middle

    def pieces(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of each text's pieces, without markers."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def offsets(self, text: str) -> list[tuple[int, int]]:
        """Where each piece of ``text`` stands in it, in characters."""
        return self.laid(text)[1]

    def _laid(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return encoding.ids, encoding.offsets

    def embeddings(self, ids: npt.NDArray[np.int64]) -> States:
        """One embedding per id, float32, of shape ``ids.shape + (384,)``."""
        return self._rows[ids]


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
        # Batches side by side keep the cores busier than one batch divided among them, whose operators are short.
        options.intra_op_num_threads = 1
        # Where the processor lacks instructions for 8-bit sums, the quick way to them overflows: take the exact one there.
        options.add_session_config_entry("session.x64quantprecision", "1")
        try:
            self._session = onnxruntime.InferenceSession(stored, options, providers=["CPUExecutionProvider"])
        except (state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf) as problem:
            raise EmbedderUnavailable(f"{graph} is damaged ({problem}): reinstall Mundap.") from problem

    def run(self, rows: Sequence[Row], batch: int = BATCH) -> Iterator[tuple[list[int], States, States]]:
        """Per batch of rows: which, their outputs (n, tokens, width), and the mask (n, tokens) of 0 and 1.

        A batch holds rows of like length, so that little is padding, and at most ``batch`` of them. Long rows come
        first, so that no core is left with the longest at the end.
        """
        order = sorted(range(len(rows)), key=lambda i: -len(rows[i].ids))
        batches: list[list[int]] = []
        start = 0
        while start < len(order):
            size = max(1, min(batch, TOKENS // len(rows[order[start]].ids)))
            batches.append(order[start : start + size])
            start += size
        if len(batches) == 1:
            yield self._batch(rows, batches[0])
            return
        running: deque[Future[tuple[list[int], States, States]]] = deque()
        for chosen in batches:
            if len(running) == AHEAD:
                yield running.popleft().result()
            running.append(_pool().submit(self._batch, rows, chosen))
        while running:
            yield running.popleft().result()

    def _batch(self, rows: Sequence[Row], chosen: list[int]) -> tuple[list[int], States, States]:
        ids, feeds = padded([rows[i] for i in chosen])
        (output,) = self._session.run(None, {"words": self.vocabulary.embeddings(ids), **feeds})
        return chosen, output, feeds["mask"]


def padded(rows: Sequence[Row]) -> tuple[npt.NDArray[np.int64], dict[str, States]]:
    """Ids (n, tokens), and ``types`` and ``mask`` of that shape, ``match`` (n, tokens, signs) where rows have it.

    Padding is id 0 with mask 0.
    """
    shape = (len(rows), max(len(row.ids) for row in rows))
    ids, feeds = np.zeros(shape, np.int64), {name: np.zeros(shape, np.float32) for name in ("types", "mask")}
    first = rows[0].match
    if first is not None:
        feeds["match"] = np.zeros((*shape, first.shape[1]), np.float32)
    for number, row in enumerate(rows):
        length = len(row.ids)
        ids[number, :length], feeds["types"][number, :length], feeds["mask"][number, :length] = row.ids, row.types, 1.0
        if row.match is not None:
            feeds["match"][number, :length] = row.match
    return ids, feeds


@functools.lru_cache(maxsize=2)
def _tokenizer(described: bytes) -> Tokenizer:
    """The tokenizer of a ``tokenizer.json``, one for all that read the same, for it takes 20 MB of memory."""
    from tokenizers import Tokenizer

    return Tokenizer.from_buffer(described)


@functools.cache
def _pool() -> ThreadPoolExecutor:
    """As many threads as there are cores, shared by all networks: more would wait for each other."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return ThreadPoolExecutor(cores, thread_name_prefix="network")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise _lacking(path) from error


def _lacking(path: Path) -> EmbedderUnavailable:
    return EmbedderUnavailable(
        f"The bundled model lacks {path}: reinstall Mundap, or train it with `python -m index.train`."
    )
