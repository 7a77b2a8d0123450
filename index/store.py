"""The vector store: Chroma, embedded in the home folder by default, or a Chroma server by URL.

Vectors are always given, so Chroma never loads an embedding function of its own. Each build of an index has a
collection of its own: vectors of different encoders are never mixed, and the old ones serve readers until the new ones
are whole.
"""

from __future__ import annotations

import math
import os
import uuid
import weakref
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import numpy as np

from index.errors import CorpusError, IndexUnwritable, VectorsMissing
from index.types import Entry

SPARE = 1.3  # times the neighbours that would do, were those looked for spread evenly
# Candidates that the graph keeps while it looks (Malkov and Yashunin 2018, ef). Of the exact ten nearest of 100,000 the
# search finds .84 with Chroma's own 100, in 1.5 ms, and .975 with 800, in 3.6 ms (vectors of eval.bench.crowd).
BREADTH = 800
BATCH = 4096  # Chroma refuses more than 5,461 records at once


def fresh_name() -> str:
    """A name for a collection that no index of any home has, for homes may share a server."""
    return f"mundap-{uuid.uuid4().hex}"


class VectorStore:
    """Passage vectors by passage id.

    :param folder: where embedded Chroma keeps its files; ignored when ``url`` is given.
    :param collection: the name of the collection.
    :param url: a Chroma server such as ``http://127.0.0.1:8000``.
    :param create: make the collection if it is not there.
    :raises VectorsMissing: if it is not there and is not to be made.
    :raises CorpusError: if the server does not answer or the folder is damaged.
    """

    def __init__(self, folder: Path, collection: str, url: str | None = None, *, create: bool = True) -> None:
        os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
        self._place = url or str(folder)
        self._client = _server(url) if url else _embedded(folder)
        # Chroma shares one engine among a process's clients and reads its files again only once all are closed.
        self.close = weakref.finalize(self, self._client.close)
        self._collection = self._made(collection) if create else self._found(collection)

    def _made(self, name: str) -> Any:
        # Cosine distance cannot be set later, and Chroma's default (l2) misses neighbours of vectors like these.
        space = {"hnsw": {"space": "cosine", "ef_search": BREADTH}}
        with self._writing():
            return self._client.get_or_create_collection(name, configuration=space, embedding_function=None)

    def _found(self, name: str) -> Any:
        try:
            with self._reading():
                return self._client.get_collection(name, embedding_function=None)
        except CorpusError:
            self.close()
            raise

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """:raises VectorsMissing: if the collection is not there, or has gone since it was opened.
        :raises CorpusError: if the server answers no more.
        """
        from chromadb.errors import NotFoundError
        from httpx import HTTPError

        try:
            yield
        except NotFoundError as error:
            message = f"The vectors of the index are not in {self._place}. Make them again with: mundap index --rebuild"
            raise VectorsMissing(message) from error
        except HTTPError as error:
            raise _silent(self._place) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """:raises IndexUnwritable: in place of Chroma's own errors, such as that of a full disk.
        :raises CorpusError: if the server answers no more.
        """
        from chromadb.errors import ChromaError
        from httpx import HTTPError

        try:
            yield
        except HTTPError as error:
            raise _silent(self._place) from error
        except (ChromaError, OSError) as error:
            what = " ".join(str(error).split())[:200]
            message = f"The vector store in {self._place} cannot be written ({what}). Make room there, then try again."
            raise IndexUnwritable(message) from error

    def add(self, entries: Sequence[Entry], vectors: np.ndarray) -> None:
        """Store the vectors (n, dimensions) of passages in place of earlier ones with the same ids."""
        self.upsert([entry.passage.id for entry in entries], vectors)

    def describe(self, entries: Sequence[Entry]) -> None:
        """Nothing: all that Chroma keeps of a passage but for its vector is its id."""

    def upsert(self, ids: Sequence[str], vectors: np.ndarray) -> None:
        """Store vectors of shape (n, dimensions) in place of earlier ones with the same ids."""
        with self._writing():
            for start in range(0, len(ids), BATCH):
                part = slice(start, start + BATCH)
                self._collection.upsert(
                    ids=list(ids[part]),
                    embeddings=vectors[part].astype(np.float32),
                    metadatas=[{"article_id": i.split(":")[0]} for i in ids[part]],
                )

    def delete(self, ids: Sequence[str]) -> None:
        """Forget vectors; unknown ids are no error."""
        with self._writing():
            for start in range(0, len(ids), BATCH):
                self._collection.delete(ids=list(ids[start : start + BATCH]))

    def drop(self, collections: Collection[str]) -> None:
        """Delete other collections, those of them that are there."""
        from chromadb.errors import NotFoundError

        with self._writing():
            for name in collections:
                with suppress(NotFoundError):
                    self._client.delete_collection(name)

    def collections(self) -> int:
        """How many collections the folder or the server holds, this one included."""
        return int(self._client.count_collections())

    def known(self, ids: Sequence[str]) -> set[str]:
        """Those of ``ids`` that have a vector."""
        parts = (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
        with self._reading():
            return {i for part in parts for i in self._collection.get(ids=list(part), include=[])["ids"]}

    def count(self) -> int:
        """How many vectors are stored."""
        with self._reading():
            return int(self._collection.count())

    def nearest(
        self,
        vector: np.ndarray,
        limit: int,
        articles: Sequence[str] | None = None,
        among: Collection[str] | None = None,
        share: float = 1.0,
    ) -> dict[str, float]:
        """Passage ids and cosine similarities in [-1, 1] of the ``limit`` nearest vectors, nearest first.

        :param articles: the ids of the articles to look in; by default all.
        :param among: the ids to take; others, which a run in progress has stored or an ended one left, are passed over.
        :param share: how many of the vectors, in (0, 1], are about to be taken; a guess that costs time where it is wrong.
        """
        if (articles is not None and not articles) or (among is not None and not among):
            return {}
        asked = limit if share == 1.0 else math.ceil(SPARE * limit / share)
        while True:  # counting the vectors first would take longer than finding them
            found = self._query(vector, asked, articles)
            kept = [(i, score) for i, score in found.items() if among is None or i in among]
            if len(kept) >= limit or len(found) < asked:
                return dict(kept[:limit])
            asked *= 4

    def _query(self, vector: np.ndarray, limit: int, articles: Sequence[str] | None) -> dict[str, float]:
        with self._reading():
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
        with self._reading():
            found = self._collection.get(ids=list(ids), include=["embeddings"])
        return dict(zip(found["ids"], found["embeddings"], strict=True))


def _embedded(folder: Path) -> Any:
    import chromadb

    # A stray .env in the working folder must not change what the program does.
    settings = chromadb.Settings(_env_file=None, anonymized_telemetry=False)  # type: ignore[attr-defined,call-arg]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return chromadb.PersistentClient(path=str(folder), settings=settings)
    except OSError as error:
        raise IndexUnwritable(f"{folder} cannot be written ({error.strerror}). Make room there, or own it.") from error
    except (chromadb.errors.ChromaError, ValueError) as error:
        what = " ".join(str(error).split())[:200]
        if not os.access(folder, os.W_OK):
            raise IndexUnwritable(f"{folder} cannot be written, which opening it needs ({what}).") from error
        advice = "Make room on its disk; if that does not help, delete the folder, then run: mundap index --rebuild"
        raise CorpusError(f"The vector store in {folder} cannot be opened ({what}). {advice}") from error


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
        raise _silent(url) from error


def _silent(url: str) -> CorpusError:
    return CorpusError(f"No Chroma server answers at {url}. Start it, or unset MUNDAP_CHROMA_URL.")
