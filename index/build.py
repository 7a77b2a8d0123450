"""The indexing run: files → articles → passages → vectors and search terms, incremental and safe to kill.

One process writes at a time. It stages each batch of articles in the manifest and then stores the vectors that are
missing, which readers do not see. At the end one transaction publishes all of it, together with what is removed, and
only then are the vectors deleted that no article needs any more. A run that was killed leaves either staged articles,
whose vectors the next run completes and publishes, or articles that are leaving, which it forgets. A rebuild works in a
collection of its own; a run for the index as it is gives an interrupted one up.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from index import terms as search_terms
from index.annotation import annotate
from index.chunk import chunk, embedded_text
from index.corpus import DATABASE, FORMAT, LEXICAL, VECTORS, stale_reason
from index.embed import Encoder
from index.engine import MILVUS, Engine, open_engine
from index.errors import IndexStale, IndexUnwritable, UnreadableDocument
from index.files import article_id, find_files, snapshot
from index.lexical import LexicalIndex, saved_generation
from index.lock import owner
from index.manifest import Fingerprint, Manifest, Version
from index.quantity import keys
from index.read import read_article
from index.store import fresh_name
from index.types import Article, Entry, Passage
from index.weights import TermTable

log = logging.getLogger(__name__)
_KINDS = ("added", "updated", "unchanged", "removed", "skipped")
BATCH_CHARACTERS = 40_000  # about a hundred passages: small enough for the progress bar to tell the truth
Progress = Callable[[int, int, str], None]


@dataclass(slots=True)
class Report:
    """What a run did, by file: paths, and for the unreadable ones why."""

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)


def passage_terms(article: Article, passage: Passage) -> list[str]:
    """Search terms of a passage: its words and figures, the figures' canonical keys, and its title's words."""
    text = [str(term) for term in search_terms.analyse(passage.text)]
    title = [str(term) for term in search_terms.analyse(article.title)]
    return text + title + list(keys(passage.text, article.published))


def version(article: Article, fingerprint: Fingerprint) -> Version:
    """An article cut into passages and analysed."""
    passages = chunk(article)
    terms = [passage_terms(article, p) for p in passages]
    return Version(article, fingerprint, passages, terms, annotate(article, passages))


class Builder:
    """Writes an index. Use :func:`index_paths`, :func:`remove_articles` or :func:`rebuild`.

    Facts in the manifest: ``vectors``, ``encoder`` and ``format`` of what is published; ``rebuilding``, the same of a
    rebuild that has not ended; ``former``, collections to delete, one a line.
    """

    def __init__(self, home: Path, encoder: Encoder, url: str | None = None) -> None:
        self._home, self.encoder, self._url = home, encoder, url
        self.manifest = Manifest(home / DATABASE)

    @cached_property
    def _store(self) -> Engine:
        facts = self._rebuilding or {"vectors": self.manifest.get("vectors") or ""}
        return open_engine(self._home / VECTORS, facts["vectors"], self._url)

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

    def add(self, batch: Sequence[tuple[Article, Fingerprint]]) -> None:
        """Stage articles, which take the place of their earlier versions when all is published."""
        self.stage([version(article, fingerprint) for article, fingerprint in batch])

    def stage(self, versions: Sequence[Version], vectors: Mapping[str, np.ndarray] | None = None) -> None:
        """The same for articles that have been cut into passages and analysed; ``vectors`` are those known by passage."""
        self.manifest.stage(versions)
        pairs = ((v.article, p, terms) for v in versions for p, terms in zip(v.passages, v.terms, strict=True))
        self._embed([Entry(*pair) for pair in pairs], vectors or {})

    def _embed(self, entries: Sequence[Entry], vectors: Mapping[str, np.ndarray]) -> None:
        """Store the vectors that are not there: those of a text that did not change have the same id."""
        if not entries:
            return
        known = self._store.known([entry.passage.id for entry in entries])
        missing = [entry for entry in entries if entry.passage.id not in known]
        made = [entry for entry in missing if entry.passage.id in vectors]
        if made:
            self._store.add(made, np.stack([vectors[entry.passage.id] for entry in made]))
        if left := [entry for entry in missing if entry.passage.id not in vectors]:
            texts = [embedded_text(entry.article, entry.passage.text) for entry in left]
            self._store.add(left, self.encoder.encode(texts))
        if known:
            self._store.describe([entry for entry in entries if entry.passage.id in known])

    def reembed(self, progress: Progress) -> None:
        """Stage every article again from its stored text."""
        staged = self.manifest.fingerprints("staged")
        prints = self.manifest.fingerprints()
        articles = [article for article in self.manifest.articles() if article.id not in staged]
        for number, article in enumerate(articles, len(staged)):
            progress(number, len(prints), article.source)
            self.add([(article, prints[article.id])])

    def finish(self, gone: Collection[str] = ()) -> None:
        """Publish what is staged, without the articles ``gone``, and tidy up."""
        rebuilt, held = self._rebuilding, self.manifest.paths()
        gone = [i for i in gone if i in held]
        if not (gone or rebuilt or self.manifest.fingerprints("staged")):
            return
        facts: dict[str, str | None] = {**rebuilt, "rebuilding": None}
        if rebuilt:
            facts["former"] = self._former(self.manifest.get("vectors"))
        with self.manifest.publishing(gone, facts):
            self._save_lexical()
        self._show_lexical()
        if not (rebuilt and self._url):  # other processes' questions under way look in a server's former collection
            self._clear()

    def _save_lexical(self) -> None:
        with _writing(self._home):
            self._weights().save(self._home / (LEXICAL + ".new"), self.manifest.generation)

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
        self.manifest.record({"former": None})
        if leaving := self.manifest.leaving():
            self._store.delete(leaving)
        self.manifest.forget()

    def close(self) -> None:
        """Close the manifest and the vectors."""
        self.manifest.close()
        if "_store" in self.__dict__:
            self._store.close()


def _unwritable(place: Path, why: object) -> IndexUnwritable:
    return IndexUnwritable(f"{place} cannot be written ({why}). Nothing was lost: make room there, then try again.")


@contextmanager
def _writing(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritable(home, error.strerror) from error


@contextmanager
def _builder(home: Path, encoder: Encoder, url: str | None, wait: float) -> Iterator[Builder]:
    with owner(home, wait):
        try:
            builder = Builder(home, encoder, url)
            try:
                yield builder
            finally:
                builder.close()
        except sqlite3.DatabaseError as error:
            raise _unwritable(home / DATABASE, error) from error


def index_paths(
    home: Path,
    paths: Sequence[Path],
    encoder: Encoder,
    url: str | None = None,
    progress: Progress = lambda *_: None,
    wait: float = 0,
) -> Report:
    """Bring the index in ``home`` up to date with the files at and below ``paths``.

    Changed files are updated and unchanged ones skipped; an article whose file has gone from one of the folders given
    is removed. A file that cannot be read is reported and the rest are indexed. Readers see the earlier index until the
    run ends.

    :param progress: called with (files done, files in all, file name).
    :param wait: seconds to wait for another process that writes to the home folder.
    :raises UnreadableDocument: if a path is not there or a folder is empty; nothing is changed then.
    :raises IndexStale: if the index was built with another encoder.
    :raises IndexUnwritable: if the home folder cannot be written or is held by another process.
    """
    with running(home, paths, encoder, url, progress, wait) as run:
        batch: list[tuple[Article, Fingerprint]] = []
        for changed in run.changed():
            if article := run.read(changed):
                batch.append((article, changed.fingerprint))
            if sum(len(article.text) for article, _ in batch) > BATCH_CHARACTERS:
                run.builder.add(batch)
                batch = []
        run.builder.add(batch)
    return run.report


@contextmanager
def running(
    home: Path, paths: Sequence[Path], encoder: Encoder, url: str | None, progress: Progress, wait: float
) -> Iterator[Run]:
    """The frame of :func:`index_paths`, which says what the parameters and errors are: inside, files are to be staged."""
    report = Report()
    files = find_files(paths, report.skipped)
    with _builder(home, encoder, url, wait) as builder:
        builder.check()
        gone = _gone(builder.manifest, paths)
        report.removed = list(gone.values())
        run = Run(builder, report, files, progress)
        yield run
        builder.manifest.touch(run.touched)
        builder.finish(gone)
    progress(len(files), len(files), "")
    log.info("indexed", extra={"facts": {kind: len(getattr(report, kind)) for kind in _KINDS}})


def _gone(manifest: Manifest, paths: Sequence[Path]) -> dict[str, str]:
    """Path, by id, of articles that were read from below one of ``paths`` and whose file is not there any more."""
    folders = [path.resolve() for path in paths if path.is_dir()]
    return {
        i: path
        for i, path in manifest.paths().items()
        if any(Path(path).is_relative_to(folder) for folder in folders) and _is_gone(path)
    }


def _is_gone(path: str) -> bool:
    """Whether there is no such file; one that merely cannot be reached counts as there."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


@dataclass(frozen=True, slots=True)
class Changed:
    """A file that is new or differs from what is indexed: its article's id, where it is, and its bytes."""

    id: str
    path: Path
    data: bytes
    fingerprint: Fingerprint


class Run:
    """Finds the files that are new or differ from what is indexed, and says in ``report`` what became of each."""

    def __init__(self, builder: Builder, report: Report, files: Sequence[Path], progress: Progress) -> None:
        self.builder, self.report = builder, report
        self._files, self._progress = files, progress
        self._ready = builder.manifest.fingerprints()
        self._known = {**self._ready, **builder.manifest.fingerprints("staged")}
        self.touched: dict[str, Fingerprint] = {}

    def changed(self) -> Iterator[Changed]:
        """The files that are to be read, one by one."""
        for number, path in enumerate(self._files):
            self._progress(number, len(self._files), path.name)
            with self._telling(path):
                str(path).encode()
                if found := self._changed(path, article_id(path)):
                    yield found

    def read(self, changed: Changed) -> Article | None:
        """The article of a file, or ``None`` where it cannot be read."""
        with self._telling(changed.path):
            article = read_article(changed.path, article_id=changed.id, data=changed.data)
            self.tell(changed)
            return article
        return None

    @contextmanager
    def _telling(self, path: Path) -> Iterator[None]:
        """What is wrong with a file goes into the report, and the run goes on."""
        try:
            yield
        except UnicodeEncodeError:
            name = os.fsencode(path).decode(errors="replace")
            self.report.skipped[name] = "the file's name is not UTF-8. Rename it."
        except UnreadableDocument as error:
            self.report.skipped[str(path)] = str(error)
        except OSError as error:
            self.report.skipped[str(path)] = f"{path.name}: cannot be opened ({error.strerror})."

    def _changed(self, path: Path, id_: str) -> Changed | None:
        known, stat = self._known.get(id_), path.stat()
        if known and (known.size, known.modified) == (stat.st_size, stat.st_mtime_ns):
            self._tell(path, id_, known)
            return None
        data, fingerprint = snapshot(path)
        if known and known.digest == fingerprint.digest:
            self.touched[id_] = fingerprint
            self._tell(path, id_, known)
            return None
        return Changed(id_, path, data, fingerprint)

    def tell(self, changed: Changed) -> None:
        """Count a file that has been read."""
        self._tell(changed.path, changed.id, changed.fingerprint)

    def _tell(self, path: Path, id_: str, fingerprint: Fingerprint) -> None:
        """What a killed run had staged is published by this one, and so counts as its work."""
        ready, report = self._ready.get(id_), self.report
        same = ready is not None and ready.digest == fingerprint.digest
        (report.unchanged if same else report.updated if ready else report.added).append(str(path))


def remove_articles(home: Path, ids: Sequence[str], encoder: Encoder, url: str | None = None, wait: float = 0) -> None:
    """Remove articles from the index in ``home``; the files stay. Unknown ids are no error. ``wait`` as above."""
    with _builder(home, encoder, url, wait) as builder:
        builder.check()
        builder.finish(ids)
    log.info("removed", extra={"facts": {"articles": len(ids)}})


def rebuild(
    home: Path, encoder: Encoder, url: str | None = None, progress: Progress = lambda *_: None, wait: float = 0
) -> int:
    """Make the index in ``home`` again for ``encoder`` from the stored text; the number of articles.

    Readers see the earlier index until the new one is whole. ``wait`` as above.
    """
    with _builder(home, encoder, url, wait) as builder:
        builder.check_rebuild()
        builder.reembed(progress)
        builder.finish()
        articles = len(builder.manifest.fingerprints())
    log.info("rebuilt", extra={"facts": {"articles": articles}})
    return articles
