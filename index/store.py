"""The vector store: Chroma, embedded in the home folder by default, or a Chroma server by URL.

Vectors are always given, so Chroma never loads an embedding function of its own. A collection is tied to one encoder by
its name: vectors of different encoders are never mixed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import numpy as np

from index.errors import CorpusError

BATCH = 4096  # Chroma refuses more than 5,461 records at once
_METADATA = ("article_id", "language", "publisher", "published")


class VectorStore:
    """Passage vectors by passage id.

    :param folder: where embedded Chroma keeps its files; ignored when ``url`` is given.
    :param encoder: the identity of the encoder that made the vectors.
    :param url: a Chroma server such as ``http://127.0.0.1:8000``.
    :raises CorpusError: if the server does not answer.
    """

    def __init__(self, folder: Path, encoder: str, url: str | None = None) -> None:
        os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
        self._client = _server(url) if url else _embedded(folder)
        self._name = "mundap-" + hashlib.sha256(encoder.encode()).hexdigest()[:16]
        self._collection = self._open()

    def _open(self) -> Any:
        # Cosine distance cannot be set later, and Chroma's default (l2) misses neighbours of vectors like these.
        return self._client.get_or_create_collection(
            self._name, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
        )

    def upsert(self, ids: Sequence[str], vectors: np.ndarray, metadata: Sequence[dict[str, str]]) -> None:
        """Store vectors of shape (n, dimensions) in place of earlier ones with the same ids."""
        for start in range(0, len(ids), BATCH):
            part = slice(start, start + BATCH)
            self._collection.upsert(
                ids=list(ids[part]), embeddings=vectors[part].astype(np.float32), metadatas=list(metadata[part])
            )

    def delete(self, article_ids: Sequence[str]) -> None:
        """Forget all vectors of articles; unknown ids are no error."""
        for article_id in article_ids:
            self._collection.delete(where={"article_id": article_id})

    def clear(self) -> None:
        """Forget every vector of this encoder."""
        self._client.delete_collection(self._name)
        self._collection = self._open()

    def count(self) -> int:
        """How many vectors are stored."""
        return int(self._collection.count())

    def nearest(self, vector: np.ndarray, limit: int, articles: Sequence[str] | None = None) -> dict[str, float]:
        """Passage ids and cosine similarities in [-1, 1] of the ``limit`` nearest vectors, nearest first.

        :param articles: the ids of the articles to look in; by default all.
        """
        limit = min(limit, self.count())
        if limit == 0 or (articles is not None and not articles):
            return {}
        found = self._collection.query(
            query_embeddings=[vector.astype(np.float32)],
            n_results=limit,
            where=None if articles is None else {"article_id": {"$in": list(articles)}},  # type: ignore[dict-item]
            include=["distances"],
        )
        return {i: 1.0 - float(d) for i, d in zip(found["ids"][0], found["distances"][0], strict=True)}

    def vectors(self, ids: Sequence[str]) -> dict[str, np.ndarray]:
        """The stored vectors of ``ids``; unknown ids are left out."""
        if not ids:
            return {}
        found = self._collection.get(ids=list(ids), include=["embeddings"])
        return dict(zip(found["ids"], found["embeddings"], strict=True))


def _embedded(folder: Path) -> Any:
    import chromadb

    folder.mkdir(parents=True, exist_ok=True)
    # A stray .env in the working folder must not change what the program does.
    settings = chromadb.Settings(_env_file=None, anonymized_telemetry=False)  # type: ignore[attr-defined,call-arg]
    try:
        return chromadb.PersistentClient(path=str(folder), settings=settings)
    except (chromadb.errors.ChromaError, ValueError) as error:
        advice = "Delete that folder, then run: mundap index --rebuild"
        raise CorpusError(f"The vector store in {folder} is damaged ({type(error).__name__}). {advice}") from error


def _server(url: str) -> Any:
    import chromadb

    parts = urlparse(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CorpusError(f"MUNDAP_CHROMA_URL is {url!r}; expected something like http://127.0.0.1:8000")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    settings = chromadb.Settings(_env_file=None, anonymized_telemetry=False)  # type: ignore[attr-defined,call-arg]
    try:
        return chromadb.HttpClient(parts.hostname, port, ssl=parts.scheme == "https", settings=settings)
    except ValueError as error:
        raise CorpusError(f"No Chroma server answers at {url}. Start it, or unset MUNDAP_CHROMA_URL.") from error
