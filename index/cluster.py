"""Reading an index whose legs are in a distributed engine: a view of one generation that holds no passage in memory.

Texts come from the manifest as they are needed, from a transaction that stays open, so that all of them belong to the
generation that was opened. In memory are only the terms with their frequencies, and what was read last.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from index.corpus import Candidates, Corpus, Wanted, checked
from index.embed import Encoder
from index.engine import MILVUS, batches
from index.errors import VectorsMissing
from index.lexical import best
from index.manifest import Described, Manifest
from index.milvus import MOST, Leg, MilvusStore
from index.sparse import DEPTH, Sparse, query_vector
from index.types import Article, Filter, Passage
from index.weights import Excerpt, TermTable

REMEMBERED = 2000  # articles, and passages
AT_ONCE = 1000  # passages looked up in the manifest


def open_corpus(home: Path, encoder: Encoder, url: str | None = None) -> Corpus:
    """The index in ``home``, opened for reading; ``url`` as in :mod:`index.engine`, errors as in :class:`Corpus`."""
    return (ClusterCorpus if url and url.startswith(MILVUS) else Corpus)(home, encoder, url)


class _Articles(Mapping[str, Article]):
    """The ready articles of a manifest, read one by one, in the order that :meth:`Manifest.articles` gives."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._read = functools.lru_cache(maxsize=REMEMBERED)(manifest.article)

    def __getitem__(self, article_id: str) -> Article:
        found = self._read(article_id)
        if found is None:
            raise KeyError(article_id)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._manifest.ids())

    def __len__(self) -> int:
        return self._manifest.count()[0]


class ClusterCorpus(Corpus):
    """The index in ``home`` with its legs in a Milvus server or cluster; see :class:`Corpus`.

    It has neither ``passages`` nor ``numbers``: use :meth:`take`.
    """

    vectors: MilvusStore  # type: ignore[assignment]

    def _load(self) -> None:
        while True:
            self._manifest.hold()
            self._read()
            try:
                assert self._url is not None
                self.vectors = MilvusStore(self.collection, self._url.removeprefix(MILVUS), create=False)
                return
            except VectorsMissing:
                self._manifest.hold()
                if self._manifest.generation == self._generation:
                    raise  # else another one has been published since and this one deleted

    def _read(self) -> None:
        self.collection = checked(self._manifest, self._home, self.encoder.name)
        self._generation = self._manifest.generation
        self.articles = _Articles(self._manifest)
        self._passages: dict[str, Passage] = {}
        self.lexical = self._words(TermTable)

    def refresh(self) -> None:
        """Take up the changes of an indexing run that has ended since."""
        with self._lock:
            self._manifest.hold()
            if self._manifest.generation != self._generation:
                self.vectors.close()
                self._load()

    def article(self, article_id: str) -> Article:
        """:raises KeyError: if there is no such article."""
        with self._lock:
            return self.articles[article_id]

    def take(self, passage_ids: Sequence[str]) -> list[Passage]:
        """Passages by their ids."""
        with self._lock:
            if len(self._passages) > REMEMBERED:
                self._passages = {}
            missing = [i for i in passage_ids if i not in self._passages]
            for part in batches(missing, AT_ONCE):
                self._passages.update(self._manifest.passages_by_id(part))
            return [self._passages[i] for i in passage_ids]

    def candidates(self, wanted: Wanted, limit: int, only: Filter | None = None) -> Candidates:
        """The ``limit`` best passages of each leg, of all articles or of those in ``only``."""
        assert isinstance(self.lexical, TermTable)
        query = query_vector(wanted.units, self.lexical, wanted.language, wanted.cross_weight)
        cosines, near = self._leg("dense", wanted.vector, limit, limit, only)
        _, told = self._leg("sparse", query, DEPTH, limit, only)
        rows = sorted({row.id: row for row in (*near, *told)}.values(), key=lambda row: (row.article.id, row.number))
        languages = [row.article.language for row in rows]
        excerpt = Excerpt(self.lexical, [row.terms for row in rows], languages, wanted.units)
        scores = excerpt.scores(wanted.units, wanted.language, wanted.cross_weight)
        proposed = {rows[n].id for n in best(scores, limit) if scores[n] > 0} | {row.id for row in near}
        held = [n for n, row in enumerate(rows) if row.id in proposed]
        ids = [rows[n].id for n in held]
        for i, stored in self.vectors.vectors([i for i in ids if i not in cosines]).items():
            cosines[i] = float(stored @ wanted.vector)
        dense = np.array([cosines.get(i, 0.0) for i in ids], dtype=np.float32)
        return Candidates(ids, scores[np.array(held, dtype=np.int64)], dense)

    def _leg(
        self, leg: Leg, query: np.ndarray | Sparse, asked: int, limit: int, only: Filter | None
    ) -> tuple[dict[str, float], list[Described]]:
        """Scores of what the engine proposes, and of at least ``limit`` of them what the manifest knows.

        Others are passed over: those that a run in progress has stored or an ended one left, and those that the engine
        takes for admitted and are not.
        """
        while True:
            found = self.vectors.nearest(leg, query, asked, only)
            with self._lock:
                rows = [row for part in batches(found, AT_ONCE) for row in self._manifest.described(part)]
            kept = [row for row in rows if only is None or only.admits(row.article)]
            if len(kept) >= limit or len(found) < asked or asked >= MOST:
                return found, sorted(kept, key=lambda row: -found[row.id])[: asked if leg == "sparse" else limit]
            asked *= 4
