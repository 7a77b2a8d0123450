"""Reading an index: articles, passages, and the two legs that a search stands on.

A corpus is a view of one generation. :meth:`Corpus.refresh` takes up what an indexing run has changed since.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.annotation import Annotation
from index.embed import Encoder
from index.errors import IndexMissing, IndexStale, IndexUnwritable, VectorsMissing
from index.lexical import DAMAGED, LexicalIndex
from index.manifest import Manifest
from index.store import VectorStore
from index.types import Article, Passage

log = logging.getLogger(__name__)
FORMAT = "2"  # raised whenever cleaning, chunking or terms change what an index holds
DATABASE, VECTORS, LEXICAL = "mundap.db", "chroma", "lexical.npz"
FEW = 12  # one passage in so many, or fewer, are looked for by the engine's own filter


def stale_reason(manifest: Manifest, encoder: str) -> str | None:
    """Why what is indexed cannot be used with ``encoder``, or ``None`` where it can."""
    built, written = manifest.get("encoder"), manifest.get("format")
    if written not in (None, FORMAT):
        return f"The index has the format {written}, and this version writes {FORMAT}. Run: mundap index --rebuild"
    if built in (None, encoder):
        return None
    return (
        f"The index was built with the encoder {built}, and {encoder} is set now. "
        "Set MUNDAP_EMBEDDER back, or make the index again with: mundap index --rebuild"
    )


@dataclass(frozen=True, slots=True)
class Selection:
    """Some of the passages: ids of their articles, their own ids, and 1 or 0 for every passage of the corpus."""

    articles: Sequence[str]
    passages: Collection[str]
    mask: np.ndarray


class Corpus:
    """The index in ``home``, opened for reading.

    :raises IndexMissing: if nothing is indexed there.
    :raises IndexStale: if it was built with another encoder.
    """

    def __init__(self, home: Path, encoder: Encoder, url: str | None = None) -> None:
        if not (home / DATABASE).exists():
            raise IndexMissing(f"Nothing is indexed in {home}. Add documents with: mundap index PATH")
        self._home, self._url = home, url
        self.encoder = encoder
        self._lock = threading.Lock()
        try:
            self._manifest = Manifest(home / DATABASE)
            self._load()
        except sqlite3.DatabaseError as error:
            raise IndexUnwritable(f"{home / DATABASE} cannot be opened ({error}). Check its permissions.") from error

    def _load(self) -> None:
        while True:
            collection = self._read()
            try:
                self.vectors = VectorStore(self._home / VECTORS, collection, self._url, create=False)
                return
            except VectorsMissing:
                if self._manifest.generation == self._generation:
                    raise  # else another one has been published since and this one deleted

    def _read(self) -> str:
        """Take up all but the vectors, of one generation; the name of their collection."""
        with self._manifest.reading():
            if not self._manifest.fingerprints():
                raise IndexMissing(f"The index in {self._home} holds no article. Add documents with: mundap index PATH")
            if reason := stale_reason(self._manifest, self.encoder.name):
                raise IndexStale(reason)
            self._generation = self._manifest.generation
            self.articles = {article.id: article for article in self._manifest.articles()}
            self.passages = self._manifest.passages()
            self.numbers = {passage.id: number for number, passage in enumerate(self.passages)}
            self.lexical = self._lexical()
            return self._manifest.get("vectors") or ""

    def _lexical(self) -> LexicalIndex:
        """The saved lexical index where it fits what is ready, else one made from the manifest."""
        try:
            saved = LexicalIndex.load(self._home / LEXICAL)
            if saved.generation == self._generation:
                return saved
        except DAMAGED:
            log.warning("%s is damaged or gone; it is made again from the manifest.", self._home / LEXICAL)
        return LexicalIndex(self._manifest.terms())

    def nearest(self, vector: np.ndarray, limit: int, among: Selection | None = None) -> dict[str, float]:
        """Ids and cosine similarities in [-1, 1] of the ``limit`` passages nearest to ``vector``, nearest first.

        :param among: the passages to look in; by default all.
        """
        if among is None:
            return self.vectors.nearest(vector, limit, None, self.numbers)
        share = len(among.passages) / len(self.passages)
        if share * FEW < 1:
            return self.vectors.nearest(vector, limit, among.articles, among.passages)
        # The engine's own filter takes many times as long as passing over what is not wanted.
        return self.vectors.nearest(vector, limit, None, among.passages, share)

    def select(self, admits: Callable[[Article], bool]) -> Selection:
        """The passages of the articles that ``admits`` lets through."""
        articles = frozenset(article.id for article in self.articles.values() if admits(article))
        inside = [passage.article_id in articles for passage in self.passages]
        passages = frozenset(p.id for p, held in zip(self.passages, inside, strict=True) if held)
        return Selection(sorted(articles), passages, np.array(inside, dtype=np.float32))

    def annotations(self, passages: Sequence[Passage]) -> dict[str, Annotation]:
        """What was found in ``passages`` when they were indexed, by id; those of an index in change are left out."""
        with self._lock:
            return self._manifest.annotations([passage.id for passage in passages], self._generation)

    def refresh(self) -> None:
        """Take up the changes of an indexing run that has ended since."""
        with self._lock:
            if self._manifest.generation != self._generation:
                self.vectors.close()  # another process's changes are seen only by an engine that is started anew
                self._load()

    def article(self, article_id: str) -> Article:
        """:raises KeyError: if there is no such article."""
        return self.articles[article_id]
