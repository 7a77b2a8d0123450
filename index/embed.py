"""Texts to vectors: the bundled Korean–English model by default, any sentence-transformers model by name.

The bundled model is a table with one row per piece of text. A text is the normalised mean of its pieces' rows, so that
encoding needs a tokenizer and numpy only: neither torch nor sentence_transformers is imported for it. It knows nothing
of word order.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from index.errors import CorpusError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

Vectors = npt.NDArray[np.float32]

BUNDLED = Path(__file__).parent / "model"
_BATCH = 256  # texts tokenised at once, in parallel


class EmbedderUnavailable(CorpusError):
    """The model that turns text into vectors cannot be loaded."""


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
    """The bundled encoder for ``None`` or ``"bundled"``, else the sentence-transformers model of that path or name.

    A path never reaches for the network. A name is looked up in the local cache and then on the hub, unless
    ``HF_HUB_OFFLINE=1``. Raises EmbedderUnavailable where the model cannot be loaded.
    """
    if name in (None, "", "bundled"):
        return _bundled()
    assert name is not None
    return TransformerEncoder(name, _load_transformer(name))


@lru_cache(maxsize=1)
def _bundled() -> StaticEncoder:
    return StaticEncoder.from_folder(BUNDLED)


class StaticEncoder:
    """The mean of one row per piece, L2-normalised: what sentence-transformers' StaticEmbedding + Normalize compute."""

    def __init__(self, name: str, tokenizer: Tokenizer, rows: npt.NDArray[np.int8], scales: Vectors) -> None:
        """``rows`` is (pieces, dimensions), ``scales`` (pieces,): row times scale is the vector of a piece.

        The rows stay int8 in memory, a quarter of float32; scaling on the way out costs nothing measurable.
        """
        self.name = name
        self._tokenizer = tokenizer
        self._rows = rows
        self._scales = scales

    @classmethod
    def from_folder(cls, folder: Path) -> StaticEncoder:
        """Reads ``tokenizer.json`` and the int8 rows with one scale each of ``model.safetensors``."""
        from safetensors.numpy import load
        from tokenizers import Tokenizer

        missing = [file for file in ("tokenizer.json", "model.safetensors") if not (folder / file).is_file()]
        if missing:
            raise EmbedderUnavailable(
                f"The bundled model in {folder} lacks {' and '.join(missing)}: reinstall Mundap, "
                "or train it with `python -m index.train`."
            )
        stored = (folder / "model.safetensors").read_bytes()
        tensors = load(stored)
        name = f"mundap-static-1@{hashlib.sha256(stored).hexdigest()[:12]}"
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        return cls(name, tokenizer, tensors["embeddings"], tensors["weights"].astype(np.float32))

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self._rows.shape[1])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors (len(texts), dimensions), float32; a text without a known piece gives zeros."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = self._tokenizer.encode_batch_fast(list(texts[start : start + _BATCH]), add_special_tokens=False)
            for row, encoding in enumerate(batch, start):
                if encoding.ids:
                    vectors[row] = self._scales[encoding.ids] @ self._rows[encoding.ids].astype(np.float32)
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
