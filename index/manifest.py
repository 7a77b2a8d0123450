"""The durable record of what is indexed: articles with their cleaned text, passages and search terms, in SQLite.

The manifest is the truth; vectors and the lexical index can be made from it again. An article is written as
``pending``, then its vectors are stored, then it becomes ``ready``: a run that is killed between leaves it pending, and
the next run finishes it. Only ready articles are ever read.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from index.types import Article, Language, Passage

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS articles (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,
    source TEXT NOT NULL, path TEXT NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL, title TEXT NOT NULL,
    publisher TEXT NOT NULL, author TEXT NOT NULL, published TEXT);
CREATE TABLE IF NOT EXISTS passages (
    id TEXT PRIMARY KEY, article_id TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE, number INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, sentences TEXT NOT NULL, terms TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS passages_of_article ON passages(article_id);
"""
_FIELDS = "id, source, path, language, text, title, publisher, author, published"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells whether a file has changed: a digest of its bytes, its size in bytes and its mtime in ns."""

    digest: str
    size: int
    modified: int


class Manifest:
    """The manifest at ``path``, made if it is not there. Safe for one writer and many readers.

    :raises sqlite3.Error: if the file cannot be opened or written.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA foreign_keys=ON")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def get(self, key: str) -> str | None:
        """A fact about the whole index, or ``None``."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set(self, key: str, value: str) -> None:
        """Record a fact about the whole index."""
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @property
    def generation(self) -> int:
        """Counts the changes of what is ready; what was built from another generation is out of date."""
        return int(self.get("generation") or 0)

    def _advance(self) -> None:
        value = str(self.generation + 1)
        self._db.execute("INSERT OR REPLACE INTO meta VALUES ('generation', ?)", (value,))

    def fingerprints(self, state: str = "ready") -> dict[str, Fingerprint]:
        """The fingerprint of every article in ``state``, by its id."""
        rows = self._db.execute("SELECT id, digest, size, modified FROM articles WHERE state = ?", (state,))
        return {row[0]: Fingerprint(*row[1:]) for row in rows}

    def touch(self, article_id: str, fingerprint: Fingerprint) -> None:
        """Record that the file was written again with the same content."""
        with self._db:
            update = "UPDATE articles SET size = ?, modified = ? WHERE id = ?"
            self._db.execute(update, (fingerprint.size, fingerprint.modified, article_id))

    def put(
        self, article: Article, fingerprint: Fingerprint, passages: Sequence[Passage], terms: Sequence[Sequence[str]]
    ) -> None:
        """Write an article as pending, in place of an earlier version; ``terms`` has one list per passage."""
        with self._db:
            self._db.execute("DELETE FROM articles WHERE id = ?", (article.id,))
            values = (article.id, "pending", fingerprint.digest, fingerprint.size, fingerprint.modified)
            values += (article.source, article.path, article.language, article.text, article.title)  # type: ignore[assignment]
            values += (article.publisher, article.author, article.published)  # type: ignore[assignment]
            self._db.execute(f"INSERT INTO articles VALUES ({', '.join('?' * len(values))})", values)
            rows = [
                (p.id, article.id, n, p.start, p.end, json.dumps(p.sentences), "\n".join(t))
                for n, (p, t) in enumerate(zip(passages, terms, strict=True))
            ]
            self._db.executemany("INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def mark(self, article_ids: Iterable[str], state: str) -> None:
        """Set the state of articles: ``ready`` when their vectors are stored, ``pending`` when they must be redone."""
        with self._db:
            self._db.executemany("UPDATE articles SET state = ? WHERE id = ?", [(state, i) for i in article_ids])
            self._advance()

    def delete(self, article_ids: Iterable[str]) -> None:
        """Forget articles and their passages."""
        with self._db:
            self._db.executemany("DELETE FROM articles WHERE id = ?", [(i,) for i in article_ids])
            self._advance()

    def articles(self, state: str = "ready") -> list[Article]:
        """All articles in ``state``, oldest publication first, undated last."""
        order = "ORDER BY published IS NULL, published, source, id"
        rows = self._db.execute(f"SELECT {_FIELDS} FROM articles WHERE state = ? {order}", (state,))
        return [Article(*row) for row in rows]

    def article(self, article_id: str) -> Article | None:
        """One ready article, or ``None``."""
        query = f"SELECT {_FIELDS} FROM articles WHERE id = ? AND state = 'ready'"
        row = self._db.execute(query, (article_id,)).fetchone()
        return Article(*row) if row else None

    def passages(self, article_id: str | None = None, state: str = "ready") -> list[Passage]:
        """Passages of every article in ``state`` (or of one), in the order of article and place."""
        query = (
            "SELECT p.id, p.article_id, p.start, p.end, substr(a.text, p.start + 1, p.end - p.start), p.sentences "
            "FROM passages p JOIN articles a ON a.id = p.article_id WHERE a.state = ? AND (? IS NULL OR a.id = ?) "
            "ORDER BY p.article_id, p.number"
        )
        rows = self._db.execute(query, (state, article_id, article_id))
        return [
            Passage(i, of, start, end, text, tuple((a, b) for a, b in json.loads(spans)))
            for i, of, start, end, text, spans in rows
        ]

    def terms(self) -> Iterator[tuple[list[str], Language]]:
        """Search terms and language of every ready passage, in the order of :meth:`passages`."""
        query = (
            "SELECT p.terms, a.language FROM passages p JOIN articles a ON a.id = p.article_id "
            "WHERE a.state = 'ready' ORDER BY p.article_id, p.number"
        )
        with closing(self._db.execute(query)) as rows:
            for terms, language in rows:
                yield terms.split("\n") if terms else [], language
