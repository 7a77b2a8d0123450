"""Writes an index: articles cut into passages, analysed, and stored so that a killed run loses nothing.

Each batch of articles is staged in the manifest, and then the vectors that are missing are stored, which readers do not
see. At the end one transaction publishes all of it, together with what is removed, and only then are the vectors deleted
that no article needs any more. A run that was killed leaves either staged articles, whose vectors the next run completes
and publishes, or articles that are leaving, which it forgets. A rebuild works in a collection of its own; a run for the
index as it is gives an interrupted one up.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np

from index.annotation import annotate
from index.chunk import chunk, embedded_text
from index.corpus import DATABASE, FORMAT, LEXICAL, VECTORS, stale_reason
from index.embed import Encoder, encode_passages
from index.engine import MILVUS, Engine, open_engine
from index.errors import IndexStale, IndexUnwritable
from index.lexical import LexicalIndex, saved_generation
from index.manifest import Fingerprint, Manifest, Version
from index.quantity import keys
from index.store import fresh_name
from index.terms import words
from index.types import Article, Entry, Passage
from index.vector_table import MOST, forget_tables, table_path, write_table
from index.weights import TermTable

BATCH_CHARACTERS = 40_000  # about a hundred passages: small enough for the progress bar to tell the truth
Progress = Callable[[int, int, str], None]


def passage_terms(article: Article, passage: Passage) -> list[str]:
    """Search terms of a passage: the words of its sentences, its title's, and its figures' canonical keys, each once."""
    sentences = [article.text[start:end] for start, end in passage.sentences]
    figures = (key for sentence in sentences for key in keys(sentence, article.published))
    return [*chain.from_iterable(map(words, [*sentences, article.title])), *dict.fromkeys(figures)]


def version(article: Article, fingerprint: Fingerprint) -> Version:
    """An article cut into passages and analysed."""
    passages = chunk(article)
    terms = [passage_terms(article, p) for p in passages]
    return Version(article, fingerprint, passages, terms, annotate(article, passages))


def embed(encoder: Encoder, passages: Sequence[tuple[Article, Passage]]) -> dict[str, np.ndarray]:
    """By passage id the vectors (1 + sentences, dimensions) of passages and of their sentences."""
    texts = [embedded_text(article, passage.text) for article, passage in passages]
    spans = []
    for text, (_, passage) in zip(texts, passages, strict=True):
        moved = len(text) - len(passage.text) - passage.start  # the title stands before
        spans.append([(start + moved, end + moved) for start, end in passage.sentences])
    return dict(zip((passage.id for _, passage in passages), encode_passages(encoder, texts, spans), strict=True))


def batched(read: Iterable[tuple[Article, Fingerprint]]) -> Iterator[list[tuple[Article, Fingerprint]]]:
    """Articles in batches of :data:`BATCH_CHARACTERS` or a little more."""
    batch: list[tuple[Article, Fingerprint]] = []
    for each in read:
        batch.append(each)
        if sum(len(article.text) for article, _ in batch) > BATCH_CHARACTERS:
            yield batch
            batch = []
    if batch:
        yield batch


class Builder:
    """Writes an index. Use the functions of :mod:`index.build`, which let one process write at a time.

    Facts in the manifest: ``vectors``, ``encoder`` and ``format`` of what is published; ``rebuilding``, the same of a
    rebuild that has not ended; ``former``, collections to delete, one a line.
    """

    def __init__(self, home: Path, encoder: Encoder, url: str | None = None) -> None:
        self._home, self.encoder, self._url = home, encoder, url
        self.manifest = Manifest(home / DATABASE)
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="encoding")
        self._coming: tuple[list[Version], Future[dict[str, np.ndarray]]] | None = None

    @cached_property
    def _store(self) -> Engine:
        return open_engine(self._home / VECTORS, self._collection, self._url)

    @cached_property
    def _collection(self) -> str:
        return (self._rebuilding or {"vectors": self.manifest.get("vectors") or ""})["vectors"]

    @property
    def _rebuilding(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.manifest.get("rebuilding") or "{}")
        return found

    def _fresh(self) -> dict[str, str]:
        return {"vectors": fresh_name(), "encoder": self.encoder.name, "format": FORMAT}

    def check(self) -> None:
        """Get ready to change the index, and finish what a killed run had begun.

        :raises IndexStale: if what is indexed was made by another encoder or format.
        """
        if reason := stale_reason(self.manifest, self.encoder.name):
            if self.manifest.fingerprints():
                raise IndexStale(reason)
            self._give_up(self.manifest.get("vectors"))  # nothing of it was ever published
        if rebuilding := self._rebuilding:
            self._give_up(rebuilding["vectors"])
        if self.manifest.get("vectors") is None or stale_reason(self.manifest, self.encoder.name):
            self.manifest.record(self._fresh())
        self._recover()

    def check_rebuild(self) -> None:
        """Get ready to make the index again, or to go on with that where a killed run had left off."""
        wanted = self._fresh()
        begun = self._rebuilding
        if {**begun, "vectors": ""} != {**wanted, "vectors": ""}:
            self._give_up(begun.get("vectors"))
            self.manifest.record({"rebuilding": json.dumps(wanted)})
        self._recover()

    def _give_up(self, collection: str | None) -> None:
        """Forget what is staged, and the collection that its vectors are in."""
        self.manifest.unstage({"rebuilding": None, "former": self._former(collection)})

    def _former(self, collection: str | None) -> str:
        return "\n".join(filter(None, [self.manifest.get("former"), collection]))

    def _recover(self) -> None:
        self._clear()
        for article in self.manifest.articles("staged"):
            passages, rows = self.manifest.passages(article.id, "staged"), self.manifest.terms(article.id, "staged")
            self._embed([Entry(article, p, terms) for p, (terms, _) in zip(passages, rows, strict=True)], {})
        if saved_generation(self._home / LEXICAL) != self.manifest.generation:
            self._save_lexical()
            self._show_lexical()
        if not self._rebuilding and not table_path(self._home, self.manifest.generation).exists():
            self._save_table()  # of an index that a version without tables has written

    def add(self, batch: Sequence[tuple[Article, Fingerprint]]) -> None:
        """Stage articles, which take the place of their earlier versions when all is published.

        They are staged when the next batch comes or the run ends: the encoder works while the next is read.
        """
        versions = [version(article, fingerprint) for article, fingerprint in batch]
        pairs = [(v.article, passage) for v in versions for passage in v.passages]
        known = self._store.known([passage.id for _, passage in pairs]) if pairs else ()
        making = self._beside.submit(embed, self.encoder, [pair for pair in pairs if pair[1].id not in known])
        self.settle()
        self._coming = (versions, making)

    def settle(self) -> None:
        """Stage the batch whose vectors are being made, once they are."""
        if self._coming:
            (versions, making), self._coming = self._coming, None
            self.stage(versions, making.result())

    def stage(self, versions: Sequence[Version], vectors: Mapping[str, np.ndarray] | None = None) -> None:
        """The same for articles that have been cut into passages and analysed.

        ``vectors`` are those known, by passage id, as :func:`embed` gives them.
        """
        self.manifest.stage(versions)
        pairs = ((v.article, p, terms) for v in versions for p, terms in zip(v.passages, v.terms, strict=True))
        self._embed([Entry(*pair) for pair in pairs], vectors or {})

    def _embed(self, entries: Sequence[Entry], vectors: Mapping[str, np.ndarray]) -> None:
        """Store the vectors that are not there: those of a text that did not change have the same id.

        Those of sentences are kept before their passage's, whose being there means that all are.
        """
        if not entries:
            return
        known = self._store.known([entry.passage.id for entry in entries])
        missing = [entry for entry in entries if entry.passage.id not in known]
        if missing:
            left = [(e.article, e.passage) for e in missing if e.passage.id not in vectors]
            made = {**vectors, **embed(self.encoder, left)}
            held = {entry.passage.id: made[entry.passage.id] for entry in missing}
            self.manifest.keep_sentences(self._collection, {i: each[1:] for i, each in held.items()})
            self._store.add(missing, np.stack([held[entry.passage.id][0] for entry in missing]))
        if known:
            self._store.describe([entry for entry in entries if entry.passage.id in known])

    def reembed(self, progress: Progress) -> None:
        """Stage every article again from its stored text."""
        staged = self.manifest.fingerprints("staged")
        prints = self.manifest.fingerprints()
        articles = [article for article in self.manifest.articles() if article.id not in staged]

        def told() -> Iterator[tuple[Article, Fingerprint]]:
            for number, article in enumerate(articles, len(staged)):
                progress(number, len(prints), article.source)
                yield article, prints[article.id]

        for batch in batched(told()):
            self.add(batch)

    def finish(self, gone: Collection[str] = ()) -> None:
        """Publish what is staged, without the articles ``gone``, and tidy up."""
        self.settle()
        rebuilt, held = self._rebuilding, self.manifest.paths()
        gone = [i for i in gone if i in held]
        if not (gone or rebuilt or self.manifest.fingerprints("staged")):
            return
        facts: dict[str, str | None] = {**rebuilt, "rebuilding": None}
        if rebuilt:
            facts["former"] = self._former(self.manifest.get("vectors"))
        former = None if rebuilt else self.manifest.generation
        with self.manifest.publishing(gone, facts):
            self._save_lexical()
            self._save_table(former)
        self._show_lexical()
        if not (rebuilt and self._url):  # other processes' questions under way look in a server's former collection
            self._clear()

    def _save_lexical(self) -> None:
        with _writing(self._home):
            self._weights().save(self._home / (LEXICAL + ".new"), self.manifest.generation)

    def _save_table(self, former: int | None = None) -> None:
        """Write the table of the vectors of what is published, those that the table of ``former`` has from there."""
        if self._url or self.manifest.count()[1] > MOST:
            return
        path, ids = table_path(self._home, self.manifest.generation), self.manifest.passage_ids()
        earlier = None if former is None else table_path(self._home, former)
        with _writing(self._home):
            write_table(path, ids, self.encoder.dimensions, self._store.vectors, earlier)

    def _weights(self) -> LexicalIndex | TermTable:
        """The lexical index; where the engine holds the postings, the table that it is asked by."""
        if self._url and self._url.startswith(MILVUS):
            return TermTable(self.manifest.terms())
        return LexicalIndex(self.manifest.terms())

    def _show_lexical(self) -> None:
        with _writing(self._home):
            os.replace(self._home / (LEXICAL + ".new"), self._home / LEXICAL)

    def _clear(self) -> None:
        """Delete what nobody reads any more: a former collection, and vectors without an article."""
        if former := self.manifest.get("former"):
            self._store.drop(former.split("\n"))
            for collection in former.split("\n"):
                self.manifest.forget_sentences(collection)
        self.manifest.record({"former": None})
        if leaving := self.manifest.leaving():
            self._store.delete(leaving)
            self.manifest.forget_sentences(self._collection, leaving)
        self.manifest.forget()
        forget_tables(self._home, self.manifest.generation)

    def close(self) -> None:
        """Close the manifest and the vectors; a batch that was not staged is left to the next run."""
        self._beside.shutdown(cancel_futures=True)
        self.manifest.close()
        if "_store" in self.__dict__:
            self._store.close()


def unwritable(place: Path, why: object) -> IndexUnwritable:
    return IndexUnwritable(f"{place} cannot be written ({why}). Nothing was lost: make room there, then try again.")


@contextmanager
def _writing(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unwritable(home, error.strerror) from error
