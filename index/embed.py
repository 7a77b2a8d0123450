"""Texts to vectors: the bundled Korean–English models, or any sentence-transformers model by name.

Two models are bundled. ``model`` is a small transformer that reads sentences and passages. ``words`` is a table with one
row per piece of text, a text being the normalised mean of its pieces' rows: it knows nothing of word order, but compares
hundreds of words in a millisecond. Neither imports torch nor sentence_transformers.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from index.network import MODEL, EmbedderUnavailable, Network, Row, Vocabulary
from index.rows import Rows
from index.types import Span
from index.unigram import Unigram

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]

WORDS = Path(__file__).parent / "words"
LONGEST = 384  # tokens of a text that the bundled transformer reads


class Encoder(Protocol):
    """Turns texts into vectors that compare by their dot product.

    ``name`` identifies the weights: an index built under one name must not be searched under another.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors (len(texts), dimensions), float32, each of length 1; a text without a known piece gives zeros."""
        ...


def load_encoder(name: str | None = None) -> Encoder:
    """The bundled transformer for ``None`` or ``"bundled"``, the bundled table for ``"words"``, else a named model.

    Any other name is that of a sentence-transformers model. A path never reaches for the network. A name is looked up in the local cache and then on the hub, unless
    ``HF_HUB_OFFLINE=1``. Raises EmbedderUnavailable where the model cannot be loaded.
    """
    if name in (None, "", "bundled"):
        return _bundled()
    if name == "words":
        return load_words()
    assert name is not None
    return TransformerEncoder(name, _load_transformer(name))


def encode_passages(encoder: Encoder, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> list[Vectors]:
    """For each text the vectors (1 + spans, dimensions) of the whole and of the sentences at its ``spans``.

    A sentence is read by itself: a mean over its tokens within the text (late chunking) finds less.
    """
    parts = [text[start:end] for text, of in zip(texts, spans, strict=True) for start, end in of]
    made = encoder.encode([*texts, *parts])
    ends = len(texts) + np.cumsum([len(of) for of in spans], dtype=np.int64)
    return [
        np.concatenate([made[number : number + 1], made[end - len(of) : end]])
        for number, (of, end) in enumerate(zip(spans, ends, strict=True))
    ]


@lru_cache(maxsize=1)
def _bundled() -> ContextualEncoder:
    return ContextualEncoder(Network(MODEL / "encoder.onnx", Vocabulary(MODEL)))


@lru_cache(maxsize=1)
def load_words() -> StaticEncoder:
    """The bundled table of word vectors, which compares single words and is the faster, lesser encoder."""
    return StaticEncoder.from_folder(WORDS)


class ContextualEncoder:
    """The mean of a transformer's token states, L2-normalised."""

    dimensions = 384

    def __init__(self, network: Network) -> None:
        """``network`` gives states (n, tokens, 384)."""
        self._network = network
        self.name = f"mundap-encoder-1@{network.digest[:12]}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors (len(texts), 384), float32; a text without a known piece gives zeros."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        known = self._network.vocabulary
        pieces = known.pieces(texts)
        held = [row for row, ids in enumerate(pieces) if ids]
        marked = [[known.start, *pieces[row][: LONGEST - 2], known.end] for row in held]
        for chosen, states, mask in self._network.run([Row(ids, [0] * len(ids)) for ids in marked]):
            means = (states * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
            vectors[[held[i] for i in chosen]] = means
        return _normalised(vectors)


class StaticEncoder:
    """The mean of one row per piece, L2-normalised: what sentence-transformers' StaticEmbedding + Normalize compute."""

    def __init__(self, tokenizer: Unigram, rows: Rows) -> None:
        """``rows`` holds the vector of each piece that ``tokenizer`` knows."""
        self.name = f"mundap-static-1@{rows.digest[:12]}"
        self.dimensions = rows.dimensions
        self._tokenizer = tokenizer
        self._rows = rows

    @classmethod
    def from_folder(cls, folder: Path) -> StaticEncoder:
        """Reads ``tokenizer.json`` and the int8 rows with one scale each of ``model.safetensors``."""
        missing = [file for file in ("tokenizer.json", "model.safetensors") if not (folder / file).is_file()]
        if missing:
            raise EmbedderUnavailable(
                f"The bundled model in {folder} lacks {' and '.join(missing)}: reinstall Mundap, "
                "or train it with `python -m index.train`."
            )
        rows = Rows(folder / "model.safetensors", "embeddings", "weights")
        return cls(Unigram(folder / "tokenizer.json"), rows)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors (len(texts), dimensions), float32; a text without a known piece gives zeros."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            if ids := self._tokenizer.ids(text):
                vectors[row] = self._rows.total(ids)
        return _normalised(vectors)


class TransformerEncoder:
    """Any sentence-transformers model. Prompts that a model wants before its texts are the model folder's to state."""

    def __init__(self, name: str, model: SentenceTransformer) -> None:
        """``name`` is the path or the hub name that ``model`` was loaded from."""
        self._model = model
        self.dimensions = int(model.get_embedding_dimension() or 0)
        self.name = f"{Path(name).name if Path(name).exists() else name}@{self.dimensions}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors (len(texts), dimensions), float32, each of length 1."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        vectors = self._model.encode(list(texts), convert_to_numpy=True, show_progress_bar=False)
        return _normalised(np.asarray(vectors, dtype=np.float32))


def _load_transformer(name: str) -> SentenceTransformer:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    if importlib.util.find_spec("sentence_transformers") is None:
        raise EmbedderUnavailable(
            f"The embedder {name!r} needs sentence-transformers, which is not installed: "
            "`pip install sentence-transformers`, or unset MUNDAP_EMBEDDER to use the bundled model."
        )
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(name, device="cpu", local_files_only=Path(name).exists())
    except (OSError, ValueError, KeyError, RuntimeError) as problem:
        reason = str(problem).strip().splitlines()[0][:200] if str(problem).strip() else type(problem).__name__
        raise EmbedderUnavailable(
            f"The embedder {name!r} cannot be loaded ({reason}): expected the folder of a sentence-transformers model "
            "or a name on the hub. Check MUNDAP_EMBEDDER, or unset it to use the bundled model."
        ) from problem


def _normalised(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return scaled
