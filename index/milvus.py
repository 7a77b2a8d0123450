"""Passages in Milvus: both legs of the search, dense and sparse, and what filters ask for, in one collection.

The client speaks to a single server, to a cluster and to Milvus Lite, the small server of the tests, alike. Everything a
person wrote is compared as a digest, so that no filter expression holds a document's or a visitor's text.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import urlsplit

import numpy as np

from index.engine import batches
from index.errors import CorpusError, IndexUnwritable, VectorsMissing
from index.lexical import LANGUAGES
from index.sparse import Sparse, passage_vector
from index.types import Entry, Filter

BATCH = 1000  # passages a request: about 3 MB
MOST = 16_384  # hits that Milvus gives at once
GONE, SILENT = 100, 2  # its codes for a collection that is not there and a server that does not answer
PATIENCE = 10.0  # seconds for a server to answer at all
_GRAPH = {"M": 16, "efConstruction": 100}  # of the dense leg, as Chroma's
_ID = re.compile(r"[\w.:-]{1,128}")
_DAY = re.compile(r"[0-9-]{1,10}")
Leg = Literal["dense", "sparse"]


class MilvusStore:
    """A collection of passages in Milvus.

    :param url: such as ``http://127.0.0.1:19530``, with ``user:password@`` where the server asks for them.
    :raises VectorsMissing: if the collection is not there and is not to be made.
    :raises CorpusError: if the server does not answer or the extra is not installed.
    """

    def __init__(self, collection: str, url: str, *, create: bool = True) -> None:
        self._name, self._place = collection.replace("-", "_"), _shown(url)
        self._client = _connected(url, self._place)
        self._made = self._ask(lambda: self._client.has_collection(self._name))
        if not self._made and not create:
            self.close()
            raise self._missing()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _ask(self, task: Callable[[], Any]) -> Any:
        """What ``task`` gives.

        :raises VectorsMissing: if the collection has gone.
        :raises CorpusError: if the server refuses or answers no more.
        """
        from pymilvus.exceptions import MilvusException

        try:
            return task()
        except MilvusException as error:
            if error.code == GONE:
                raise self._missing() from error
            raise _refused(self._place, error) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """:raises IndexUnwritable: where the server refuses to write."""
        from pymilvus.exceptions import MilvusException

        try:
            yield
        except MilvusException as error:
            if error.code == SILENT:
                raise _refused(self._place, error) from error
            message = f"{self._place} cannot be written ({_why(error)}). See its log, then run the command again."
            raise IndexUnwritable(message) from error

    def _missing(self) -> VectorsMissing:
        return VectorsMissing(f"The index is not in {self._place}. Make it again with: mundap index --rebuild")

    def _make(self, dimensions: int) -> None:
        from pymilvus import DataType

        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=192)
        for name in ("article", "language", "publisher", "published"):
            schema.add_field(name, DataType.VARCHAR, max_length=128)
        schema.add_field("dense", DataType.FLOAT_VECTOR, dim=dimensions)
        schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
        indexes = self._client.prepare_index_params()
        indexes.add_index("dense", index_type="HNSW", metric_type="COSINE", params=_GRAPH)
        indexes.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
        # Strong: what a run has published is found at once, by every reader.
        self._client.create_collection(
            self._name, schema=schema, index_params=indexes, consistency_level="Strong", timeout=PATIENCE * 6
        )
        self._made = True

    def add(self, entries: Sequence[Entry], vectors: np.ndarray) -> None:
        """Store passages and their vectors (n, dimensions) in place of earlier ones with the same ids."""
        with self._writing():
            if not self._made:
                self._make(vectors.shape[1])
            rows = zip(entries, vectors.astype(np.float32), strict=True)
            for part in batches(rows, BATCH):
                self._client.upsert(self._name, [_row(entry, vector) for entry, vector in part])

    def describe(self, entries: Sequence[Entry]) -> None:
        """Take up changed metadata and terms of stored passages."""
        held = self.vectors([entry.passage.id for entry in entries])
        found = [entry for entry in entries if entry.passage.id in held]
        if found:
            self.add(found, np.stack([held[entry.passage.id] for entry in found]))

    def delete(self, ids: Sequence[str]) -> None:
        """Forget passages; unknown ids are no error."""
        with self._writing():
            for part in batches(ids if self._made else (), BATCH):
                self._client.delete(self._name, ids=part)

    def drop(self, collections: Collection[str]) -> None:
        """Delete other collections, those of them that are there."""
        with self._writing():
            for name in collections:
                self._client.drop_collection(name.replace("-", "_"))

    def known(self, ids: Sequence[str]) -> set[str]:
        """Those of ``ids`` that are stored."""
        return {row["id"] for row in self._rows(ids, "id")}

    def vectors(self, ids: Sequence[str]) -> dict[str, np.ndarray]:
        """The stored vectors of ``ids``; unknown ids are left out."""
        return {row["id"]: np.array(row["dense"], dtype=np.float32) for row in self._rows(ids, "id", "dense")}

    def _rows(self, ids: Sequence[str], *fields: str) -> Iterator[dict[str, Any]]:
        for part in batches(ids if self._made else (), BATCH):
            yield from self._ask(lambda w=part: self._client.get(self._name, ids=w, output_fields=list(fields)))  # type: ignore[misc]

    def count(self) -> int:
        """How many passages are stored."""
        if not self._made:
            return 0
        (row,) = self._ask(lambda: self._client.query(self._name, filter="", output_fields=["count(*)"]))
        return int(row["count(*)"])

    def nearest(self, leg: Leg, query: np.ndarray | Sparse, limit: int, only: Filter | None = None) -> dict[str, float]:
        """Ids and scores of the ``limit`` best passages of one leg, best first: cosines, or dot products.

        :param query: (dimensions,) for the dense leg.
        :param only: the articles to look in, as the engine knows them; by default all.
        """
        expression = _expression(only) if only else ""
        if expression is None or not len(query):
            return {}
        width = {"ef": min(max(limit, 100), MOST)} if leg == "dense" else {}
        metric = "COSINE" if leg == "dense" else "IP"
        (hits,) = self._ask(
            lambda: self._client.search(
                self._name,
                data=[query],
                anns_field=leg,
                limit=min(limit, MOST),
                filter=expression,
                output_fields=["id"],
                search_params={"metric_type": metric, "params": width},
            )
        )
        return {hit["id"]: float(hit["distance"]) for hit in hits}


def _row(entry: Entry, vector: np.ndarray) -> dict[str, Any]:
    article = entry.article
    return {
        "id": entry.passage.id,
        "article": article.id,
        "language": article.language,
        "publisher": _digest(article.publisher),
        "published": article.published or "",
        "dense": vector,
        "sparse": passage_vector(entry.terms, article.language),
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def _expression(only: Filter) -> str | None:
    """``only`` as Milvus reads it, ``None`` where it admits nothing; what cannot be said is left to who asks."""
    parts = (
        ("language", only.languages, [language for language in LANGUAGES if language in only.languages]),
        ("publisher", only.publishers, sorted(map(_digest, only.publishers))),
        ("article", only.articles, sorted(filter(_ID.fullmatch, only.articles))),
    )
    if any(asked and not sayable for _, asked, sayable in parts):
        return None
    said = [f"{name} in {json.dumps(sayable)}" for name, _, sayable in parts if sayable]
    said += [f'published >= "{only.since}"'] if _DAY.fullmatch(only.since) else []
    said += [f'published > "" and published <= "{only.until}"'] if _DAY.fullmatch(only.until) else []
    return " and ".join(said)


def _connected(url: str, place: str) -> Any:
    os.environ.setdefault("PYTHON_DOTENV_DISABLED", "1")  # a stray .env must not change what the program does
    try:
        from pymilvus import MilvusClient
        from pymilvus.exceptions import MilvusException
    except ImportError as error:
        raise CorpusError("MUNDAP_MILVUS_URL needs the extra cluster: pip install 'mundap[cluster]'") from error
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it tells every error twice, with a traceback
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CorpusError(f"MUNDAP_MILVUS_URL is {place!r}; expected something like http://127.0.0.1:19530")
    try:
        return MilvusClient(
            uri=f"{parts.scheme}://{parts.hostname}:{parts.port or 19530}",
            user=parts.username or "",
            password=parts.password or "",
            timeout=PATIENCE,
        )
    except MilvusException as error:
        raise _refused(place, error) from error


def _refused(place: str, error: Any) -> CorpusError:
    if error.code == SILENT:
        return CorpusError(f"No Milvus server answers at {place}. Start it, or unset MUNDAP_MILVUS_URL.")
    return CorpusError(f"The Milvus server at {place} refuses ({_why(error)}). See its log.")


def _why(error: Any) -> str:
    return " ".join(str(error.message).split())[:200]


def _shown(url: str) -> str:
    """``url`` without the password in it."""
    parts = urlsplit(url)
    return url.replace(f"{parts.netloc}", parts.netloc.rpartition("@")[2]) if "@" in parts.netloc else url
