"""The indexing run: files → articles → passages → vectors and search terms, incremental and safe to kill.

One process writes at a time, held by a lock that names its owner. Each batch of articles is written to the manifest as
pending, its vectors are stored, and then it is marked ready; the lexical index is written last, under a new name. A run
that was killed leaves pending articles, which the next run finishes from their stored text, and articles that were on
their way out, which it removes, before it does anything else.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from index import terms as search_terms
from index.chunk import chunk
from index.corpus import DATABASE, FORMAT, LEXICAL, VECTORS, describe, stale_reason
from index.embed import Encoder
from index.errors import IndexStale, IndexUnwritable, UnreadableDocument
from index.lexical import LexicalIndex
from index.manifest import Fingerprint, Manifest
from index.quantity import keys
from index.read import SUFFIXES, read_article
from index.store import VectorStore
from index.types import Article, Passage

LEAVING = "leaving"  # the state of an article that is being removed
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


def article_id(path: Path) -> str:
    """The id of the article read from ``path``: twelve hexadecimal digits of its resolved place."""
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]


def passage_terms(article: Article, passage: Passage) -> list[str]:
    """Search terms of a passage: its words and figures, the figures' canonical keys, and its title's words."""
    text = [str(term) for term in search_terms.analyse(passage.text)]
    title = [str(term) for term in search_terms.analyse(article.title)]
    return text + title + list(keys(passage.text, article.published))


def find_files(paths: Iterable[Path], skipped: dict[str, str] | None = None) -> list[Path]:
    """Supported files at and below ``paths``, sorted, each once; hidden files and folders are passed over.

    :param skipped: takes up the folders that cannot be opened, and why.
    :raises UnreadableDocument: if a path is not there, or a folder holds no supported file.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise UnreadableDocument(f"{path}: there is no such file or folder. Check the path.")
        files = sorted(_walk(path, skipped)) if path.is_dir() else [path]
        if not files:
            kinds = " ".join(sorted(SUFFIXES))
            raise UnreadableDocument(f"{path}: this folder holds no document. Supported files: {kinds}")
        found.update(dict.fromkeys(file.resolve() for file in files))
    return list(found)


def _walk(folder: Path, skipped: dict[str, str] | None) -> Iterator[Path]:
    seen: set[str] = set()

    def unopened(error: OSError) -> None:
        if skipped is not None:
            skipped[str(error.filename)] = f"this folder cannot be opened ({error.strerror}). Check its permissions."

    for place, folders, files in os.walk(folder, onerror=unopened, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:  # a link that leads back up
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place) / f for f in files if not f.startswith(".") and Path(f).suffix.lower() in SUFFIXES)


@contextmanager
def owner(home: Path) -> Iterator[None]:
    """Hold the home folder's lock: two writers at once would corrupt the vector store.

    :raises IndexUnwritable: if the folder cannot be written or another process holds it.
    """
    from filelock import FileLock, Timeout

    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / "lock")
        lock.acquire(timeout=0)
    except Timeout as error:
        holder = _read(home / "owner") or "unknown"
        message = f"{home} is being indexed by process {holder}. Wait for it to end, then run the command again."
        raise IndexUnwritable(message) from error
    except OSError as error:
        message = f"{home} cannot be written ({error.strerror}). Set MUNDAP_HOME to a folder that you own."
        raise IndexUnwritable(message) from error
    try:
        (home / "owner").write_text(str(os.getpid()), encoding="ascii")
        yield
    except sqlite3.DatabaseError as error:
        raise IndexUnwritable(f"{home / DATABASE} cannot be written ({error}). Nothing was lost; try again.") from error
    finally:
        lock.release()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""


class Builder:
    """Writes an index. Use :func:`index_paths`, :func:`remove_articles` or :func:`rebuild`."""

    def __init__(self, home: Path, encoder: Encoder, url: str | None = None) -> None:
        self._home, self._encoder = home, encoder
        self.manifest = Manifest(home / DATABASE)
        self._store = VectorStore(home / VECTORS, encoder.name, url)

    def check(self) -> None:
        """:raises IndexStale: if what is indexed was made by another encoder or format."""
        if reason := stale_reason(self.manifest, self._encoder.name):
            raise IndexStale(reason)
        self.manifest.set("encoder", self._encoder.name)
        self.manifest.set("format", FORMAT)

    def recover(self) -> None:
        """End what a killed run had begun: finish its additions and its removals."""
        leaving = [article.id for article in self.manifest.articles(LEAVING)]
        if leaving:
            self._store.delete(leaving)
            self.manifest.delete(leaving)
        prints = self.manifest.fingerprints("pending")
        for article in self.manifest.articles("pending"):
            self.add([(article, prints[article.id])])

    def add(self, batch: Sequence[tuple[Article, Fingerprint]]) -> None:
        """Index articles in place of their earlier versions."""
        chunked = [(article, fingerprint, chunk(article)) for article, fingerprint in batch]
        for article, fingerprint, passages in chunked:
            self.manifest.put(article, fingerprint, passages, [passage_terms(article, p) for p in passages])
        self._store.delete([article.id for article, _, _ in chunked])
        self._embed([(article, p) for article, _, passages in chunked for p in passages])
        self.manifest.mark([article.id for article, _, _ in chunked], "ready")

    def _embed(self, pairs: Sequence[tuple[Article, Passage]]) -> None:
        if pairs:
            vectors = self._encoder.encode([f"{a.title}\n{p.text}" for a, p in pairs])
            self._store.upsert([p.id for _, p in pairs], vectors, [describe(a) for a, _ in pairs])

    def remove(self, ids: Sequence[str]) -> None:
        """Forget articles: first marked, so that a kill between leaves nothing readable half gone."""
        self.manifest.mark(ids, LEAVING)
        self._store.delete(ids)
        self.manifest.delete(ids)

    def reembed(self, progress: Progress) -> None:
        """Make every vector and search term again from the stored text, for another encoder or format."""
        prints = self.manifest.fingerprints()
        articles = self.manifest.articles()
        self.manifest.mark(prints, "pending")  # the vectors go first: a kill from here on is mended by recover()
        self._store.clear()
        for number, article in enumerate(articles):
            progress(number, len(articles), article.source)
            self.add([(article, prints[article.id])])
        self.manifest.set("encoder", self._encoder.name)
        self.manifest.set("format", FORMAT)

    def finish(self) -> None:
        """Write the lexical index of what is ready now."""
        rows = list(self.manifest.terms())
        lexical = LexicalIndex([terms for terms, _ in rows], [language for _, language in rows])
        temporary = self._home / (LEXICAL + ".new")
        lexical.save(temporary)
        os.replace(temporary, self._home / LEXICAL)
        self.manifest.set("lexical", str(self.manifest.generation))

    def close(self) -> None:
        """Close the manifest."""
        self.manifest.close()


@contextmanager
def _builder(home: Path, encoder: Encoder, url: str | None) -> Iterator[Builder]:
    with owner(home):
        builder = Builder(home, encoder, url)
        try:
            yield builder
        finally:
            builder.close()


def index_paths(
    home: Path, paths: Sequence[Path], encoder: Encoder, url: str | None = None, progress: Progress = lambda *_: None
) -> Report:
    """Bring the index in ``home`` up to date with the files at and below ``paths``.

    Changed files are updated and unchanged ones skipped; an article whose file has gone from one of the folders given
    is removed. A file that cannot be read is reported and the rest are indexed.

    :param progress: called with (files done, files in all, file name).
    :raises UnreadableDocument: if a path is not there or a folder is empty; nothing is changed then.
    :raises IndexStale: if the index was built with another encoder.
    :raises IndexUnwritable: if the home folder cannot be written or is held by another process.
    """
    report = Report()
    files = find_files(paths, report.skipped)
    with _builder(home, encoder, url) as builder:
        builder.check()
        builder.recover()
        gone = _gone(builder.manifest, paths)
        builder.remove([article.id for article in gone])
        report.removed = [article.path for article in gone]
        batch: list[tuple[Article, Fingerprint]] = []
        known = builder.manifest.fingerprints()
        for number, path in enumerate(files):
            progress(number, len(files), path.name)
            changed = _changed(builder.manifest, known, path, report)
            if changed:
                batch.append(changed)
            if sum(len(article.text) for article, _ in batch) > BATCH_CHARACTERS:
                builder.add(batch)
                batch = []
        builder.add(batch)
        builder.finish()
    progress(len(files), len(files), "")
    return report


def _gone(manifest: Manifest, paths: Sequence[Path]) -> list[Article]:
    """Articles that were read from below one of ``paths`` and whose file is not there any more."""
    folders = [path.resolve() for path in paths if path.is_dir()]
    return [
        article
        for article in manifest.articles()
        if any(Path(article.path).is_relative_to(folder) for folder in folders) and _is_gone(article.path)
    ]


def _is_gone(path: str) -> bool:
    """Whether there is no such file; one that merely cannot be reached counts as there."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _changed(
    manifest: Manifest, known_prints: dict[str, Fingerprint], path: Path, report: Report
) -> tuple[Article, Fingerprint] | None:
    """Read ``path`` if it is new or differs from what is indexed; say in ``report`` which."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        report.skipped[os.fsencode(path).decode(errors="replace")] = "the file's name is not UTF-8. Rename it."
        return None
    known = known_prints.get(article_id(path))
    try:
        stat = path.stat()
        if known and (known.size, known.modified) == (stat.st_size, stat.st_mtime_ns):
            report.unchanged.append(str(path))
            return None
        fingerprint = Fingerprint(hashlib.sha256(path.read_bytes()).hexdigest(), stat.st_size, stat.st_mtime_ns)
        if known and known.digest == fingerprint.digest:
            manifest.touch(article_id(path), fingerprint)
            report.unchanged.append(str(path))
            return None
        article = read_article(path, article_id=article_id(path))
    except UnreadableDocument as error:
        report.skipped[str(path)] = str(error)
        return None
    except OSError as error:
        report.skipped[str(path)] = f"{path.name}: cannot be opened ({error.strerror})."
        return None
    (report.updated if known else report.added).append(str(path))
    return article, fingerprint


def remove_articles(home: Path, ids: Sequence[str], encoder: Encoder, url: str | None = None) -> None:
    """Remove articles from the index in ``home``; the files stay. Unknown ids are no error."""
    with _builder(home, encoder, url) as builder:
        builder.check()
        builder.recover()
        builder.remove(ids)
        builder.finish()


def rebuild(home: Path, encoder: Encoder, url: str | None = None, progress: Progress = lambda *_: None) -> int:
    """Make the index in ``home`` again for ``encoder`` from the stored text; the number of articles."""
    with _builder(home, encoder, url) as builder:
        builder.recover()
        builder.reembed(progress)
        builder.finish()
        return len(builder.manifest.articles())
