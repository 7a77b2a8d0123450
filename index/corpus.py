"""Reading an index: articles, passages, and the two legs that a search stands on.

A corpus is a view of one generation. :meth:`Corpus.refresh` takes up what an indexing run has changed since.
"""

from __future__ import annotations

import functools
import logging
import sqlite3
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from index.annotation import Annotation
from index.embed import Encoder
from index.errors import IndexMissing, IndexStale, IndexUnwritable, VectorsMissing
from index.lexical import DAMAGED, LexicalIndex, Unit, Weights, best
from index.manifest import Manifest
from index.store import VectorStore
from index.types import Article, Filter, Language, Passage
from index.vector_table import VectorTable, table_path
from index.weights import TermTable

log = logging.getLogger(__name__)
FORMAT = "4"  # raised whenever cleaning, chunking or terms change what an index holds
Words = TypeVar("Words", LexicalIndex, TermTable)
DATABASE, VECTORS, LEXICAL = "mundap.db", "chroma", "lexical.npz"
SELECTIONS = 16  # filters whose passages are remembered
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


def checked(manifest: Manifest, home: Path, encoder: str) -> str:
    """The name of the collection of what is indexed in ``home``.

    :raises IndexMissing: if that is nothing.
    :raises IndexStale: if it was built with another encoder.
    """
    if not manifest.count()[0]:
        raise IndexMissing(f"The index in {home} holds no article. Add documents with: mundap index PATH")
    if reason := stale_reason(manifest, encoder):
        raise IndexStale(reason)
    return manifest.get("vectors") or ""


@dataclass(frozen=True, slots=True)
class Selection:
    """Some of the passages: ids of their articles, their own ids, and 1 or 0 for every passage of the corpus."""

    articles: Sequence[str]
    passages: Collection[str]
    mask: np.ndarray


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for: by its words, of a query in ``language``, and by its ``vector`` (dimensions,).

    ``cross_weight`` is what a passage of the other language weighs.
    """

    units: Sequence[Unit]
    language: Language
    cross_weight: float
    vector: np.ndarray


@dataclass(frozen=True, slots=True)
class Candidates:
    """Passages that either leg proposes, in the order of article and place: BM25 scores and cosines, each (ids,)."""

    ids: Sequence[str]
    lexical: np.ndarray
    dense: np.ndarray


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
            self._read()
            try:
                self.vectors: VectorStore | VectorTable = self._table() or VectorStore(
                    self._home / VECTORS, self.collection, self._url, create=False
                )
                return
            except VectorsMissing:
                if self._manifest.generation == self._generation:
                    raise  # else another one has been published since and this one deleted

    def _read(self) -> None:
        """Take up all but the vectors, of one generation, and the name of their collection."""
        with self._manifest.reading():
            self.collection = checked(self._manifest, self._home, self.encoder.name)
            self._generation = self._manifest.generation
            self.articles: Mapping[str, Article] = {article.id: article for article in self._manifest.articles()}
            self.passages = self._manifest.passages()
            self.numbers = {passage.id: number for number, passage in enumerate(self.passages)}
            self.lexical: Weights = self._words(LexicalIndex)
            self._selected = functools.lru_cache(maxsize=SELECTIONS)(self._select)

    def _words(self, kind: type[Words]) -> Words:
        """The saved index of words where it fits what is ready, else one made from the manifest."""
        try:
            saved = kind.load(self._home / LEXICAL)
            if saved.generation == self._generation:
                return saved
        except DAMAGED:
            log.warning("%s is damaged or gone; it is made again from the manifest.", self._home / LEXICAL)
        return kind(self._manifest.terms())

    def _table(self) -> VectorTable | None:
        """The table of the embedded store's vectors, where there is one."""
        if self._url or not (self._home / VECTORS).exists():
            return None
        path = table_path(self._home, self._generation)
        try:
            return VectorTable(path, self.numbers)
        except FileNotFoundError:  # more passages than it is made for, or an index of before
            return None
        except DAMAGED:
            log.warning("%s is damaged; the vector store is searched instead.", path)
            return None

    def nearest(self, vector: np.ndarray, limit: int, among: Selection | None = None) -> dict[str, float]:
        """Ids and cosine similarities in [-1, 1] of the ``limit`` passages nearest to ``vector``, nearest first.

        :param among: the passages to look in; by default all.
        """
        if isinstance(self.vectors, VectorTable):
            return self.vectors.nearest(vector, limit, None if among is None else among.mask)
        if among is None:
            return self.vectors.nearest(vector, limit, None, self.numbers)
        share = len(among.passages) / len(self.passages)
        if share * FEW < 1:
            return self.vectors.nearest(vector, limit, among.articles, among.passages)
        # The engine's own filter takes many times as long as passing over what is not wanted.
        return self.vectors.nearest(vector, limit, None, among.passages, share)

    def candidates(self, wanted: Wanted, limit: int, only: Filter | None = None) -> Candidates:
        """The ``limit`` best passages of each leg, of all articles or of those in ``only``."""
        assert isinstance(self.lexical, LexicalIndex)
        lexical = self.lexical.scores(wanted.units, wanted.language, wanted.cross_weight)
        among = self._selected(only) if only else None
        if among is not None:
            lexical *= among.mask
        cosines = self.nearest(wanted.vector, limit, among)
        numbers = {int(n) for n in best(lexical, limit) if lexical[n] > 0}
        missing = [self.passages[n].id for n in numbers if self.passages[n].id not in cosines]
        for passage_id, stored in self.vectors.vectors(missing).items():
            cosines[passage_id] = float(stored @ wanted.vector)
        ordered = sorted(numbers | {self.numbers[i] for i in cosines})
        ids = [self.passages[n].id for n in ordered]
        dense = np.array([cosines.get(i, 0.0) for i in ids], dtype=np.float32)
        return Candidates(ids, lexical[np.array(ordered, dtype=np.int64)], dense)

    def sentence_cosines(self, passage_ids: Sequence[str], vector: np.ndarray) -> dict[str, np.ndarray]:
        """The cosines (sentences,) of ``vector`` with the sentences of passages; passages without any kept are left out."""
        with self._lock:
            held = self._manifest.sentences(self.collection, passage_ids, self.encoder.dimensions)
        held = {i: rows for i, rows in held.items() if len(rows)}
        if not held:
            return {}
        sentences = np.concatenate(list(held.values())).astype(np.float32)
        cosines = sentences @ vector / np.maximum(np.linalg.norm(sentences, axis=1), 1.0)
        return dict(zip(held, np.split(cosines, np.cumsum([len(rows) for rows in held.values()])[:-1]), strict=True))

    def best_sentences(self, passage_ids: Sequence[str], vector: np.ndarray) -> np.ndarray:
        """The cosine (ids,) of ``vector`` with the sentence nearest to it of each passage; NaN where none is kept."""
        found = self.sentence_cosines(passage_ids, vector)
        return np.array([found[i].max() if i in found else np.nan for i in passage_ids], dtype=np.float32)

    def take(self, passage_ids: Sequence[str]) -> list[Passage]:
        """Passages by their ids."""
        return [self.passages[self.numbers[i]] for i in passage_ids]

    def _select(self, only: Filter) -> Selection:
        """The passages of the articles in ``only``."""
        articles = frozenset(article.id for article in self.articles.values() if only.admits(article))
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
