"""The durable record of what is indexed: articles with their cleaned text, passages and search terms, in SQLite.

The manifest is the truth; vectors and the lexical index can be made from it again. Every version of an article is in
one of three states. ``staged``: written by an indexing run that has not ended. ``ready``: what readers see, one version
an article. ``leaving``: replaced or removed, kept until its vectors are deleted. One transaction publishes all that is
staged, so that a reader sees the index before a run or the one after it and never something between.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from index.annotation import Annotation
from index.types import Article, Language, Passage

State = Literal["leaving", "ready", "staged"]  # in the order of the alphabet, by which the newest version is found
_LAYOUT = 4
# Vectors of a passage's sentences: a row of int8 each, in their order. The passage's own is in the vector store.
_SENTENCES = """
CREATE TABLE IF NOT EXISTS sentences (
    passage TEXT NOT NULL, collection TEXT NOT NULL, vectors BLOB NOT NULL, PRIMARY KEY (passage, collection));
"""
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS articles (
    version INTEGER PRIMARY KEY, state TEXT NOT NULL, id TEXT NOT NULL,
    digest TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,
    source TEXT NOT NULL, path TEXT NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL, title TEXT NOT NULL,
    publisher TEXT NOT NULL, author TEXT NOT NULL, published TEXT);
CREATE INDEX IF NOT EXISTS articles_by_id ON articles(id, state);
CREATE INDEX IF NOT EXISTS articles_by_state ON articles(state);
CREATE TABLE IF NOT EXISTS passages (
    id TEXT NOT NULL, version INTEGER NOT NULL REFERENCES articles(version) ON DELETE CASCADE, number INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, sentences TEXT NOT NULL, terms TEXT NOT NULL,
    annotation TEXT NOT NULL DEFAULT '', PRIMARY KEY (version, number));
CREATE INDEX IF NOT EXISTS passages_by_id ON passages(id);
{_SENTENCES}
PRAGMA user_version = {_LAYOUT};
"""
# Layout 1 held one version of an article. Its passages had other ids and are made again by --rebuild.
_FROM_LAYOUT_1 = """
DROP TABLE passages;
ALTER TABLE articles RENAME TO articles_1;
{schema}
INSERT INTO articles SELECT NULL, 'ready', id, digest, size, modified, source, path, language, text, title, publisher,
    author, published FROM articles_1;
DROP TABLE articles_1;
"""
# Layout 3 held no sentences' vectors, without which a passage is found by its own; layout 2 no annotations either,
# which can be found again.
_FROM_LAYOUT_3 = f"{_SENTENCES} PRAGMA user_version = {_LAYOUT};"
_FROM_LAYOUT_2 = f"ALTER TABLE passages ADD COLUMN annotation TEXT NOT NULL DEFAULT ''; {_FROM_LAYOUT_3}"
_BY_DAY = "ORDER BY published IS NULL, published, source, id"
_FIELDS = "id, source, path, language, text, title, publisher, author, published"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells whether a file has changed: a digest of its bytes, its size in bytes and its mtime in ns."""

    digest: str
    size: int
    modified: int


@dataclass(frozen=True, slots=True)
class Version:
    """An article as a run has read it; ``terms`` and ``annotations`` have one list per passage."""

    article: Article
    fingerprint: Fingerprint
    passages: Sequence[Passage]
    terms: Sequence[Sequence[str]]
    annotations: Sequence[Sequence[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Described:
    """A passage without its text: its number in its article, which has no text either, and its search terms."""

    id: str
    number: int
    article: Article
    terms: list[str]


class Manifest:
    """The manifest at ``path``, made if it is not there. Safe for one writer and many readers.

    :raises sqlite3.Error: if the file cannot be opened or written.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False, timeout=30)
        try:
            self._prepare()
        except sqlite3.Error:
            self._db.close()
            raise

    def _prepare(self) -> None:
        self._db.execute("PRAGMA foreign_keys=ON")
        layout = self._db.execute("PRAGMA user_version").fetchone()[0]
        if layout == _LAYOUT:
            return  # nothing to write, which a reader of a home that is not its own could not
        self._db.execute("PRAGMA journal_mode=WAL")
        old = self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'articles'").fetchone()
        earlier = {2: _FROM_LAYOUT_2, 3: _FROM_LAYOUT_3}.get(layout, _FROM_LAYOUT_1.format(schema=_SCHEMA))
        script = earlier if old else _SCHEMA
        self._db.executescript(f"BEGIN IMMEDIATE; {script} COMMIT;")

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def hold(self) -> None:
        """Read what is there now from here on, whatever is published meanwhile, until this is called again."""
        self._db.rollback()
        self._db.execute("BEGIN")
        self._db.execute("SELECT 1 FROM meta LIMIT 1").fetchone()  # a transaction begins with its first reading

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Everything read inside belongs to one generation, whatever is published meanwhile."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.rollback()

    def get(self, key: str) -> str | None:
        """A fact about the whole index, or ``None``."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set(self, key: str, value: str | None) -> None:
        """Record a fact about the whole index; ``None`` forgets it."""
        self.record({key: value})

    def record(self, facts: Mapping[str, str | None]) -> None:
        """Record several facts at once."""
        with self._db:
            self._record(facts)

    def _record(self, facts: Mapping[str, str | None]) -> None:
        for key, value in facts.items():
            if value is None:
                self._db.execute("DELETE FROM meta WHERE key = ?", (key,))
            else:
                self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @property
    def generation(self) -> int:
        """Counts what has been published; what was built from another generation is out of date."""
        return int(self.get("generation") or 0)

    def fingerprints(self, state: State = "ready") -> dict[str, Fingerprint]:
        """The fingerprint of every article in ``state``, by its id."""
        rows = self._db.execute("SELECT id, digest, size, modified FROM articles WHERE state = ?", (state,))
        return {row[0]: Fingerprint(*row[1:]) for row in rows}

    def count(self) -> tuple[int, int]:
        """How many articles are ready, and how many passages they have."""
        query = (
            "SELECT count(*), (SELECT count(*) FROM passages JOIN articles USING (version) WHERE state = 'ready') "
            "FROM articles WHERE state = 'ready'"
        )
        articles, passages = self._db.execute(query).fetchone()
        return int(articles), int(passages)

    def paths(self) -> dict[str, str]:
        """The path that every ready or staged article was read from, by its id."""
        return dict(self._db.execute("SELECT id, path FROM articles WHERE state <> 'leaving'"))

    def touch(self, fingerprints: Mapping[str, Fingerprint]) -> None:
        """Record, by article id, that files were written again with the same content."""
        update = (
            "UPDATE articles SET size = ?, modified = ? WHERE id = ? "
            "AND state = (SELECT max(state) FROM articles WHERE id = ?)"
        )
        with self._db:
            self._db.executemany(update, [(f.size, f.modified, i, i) for i, f in fingerprints.items()])

    def stage(self, versions: Iterable[Version]) -> None:
        """Write new versions of articles, in place of earlier ones that were staged; readers do not see them yet."""
        with self._db:
            for version in versions:
                self._leave([version.article.id], "staged")
                self._insert(version)

    def _insert(self, version: Version) -> None:
        a, f = version.article, version.fingerprint
        values = (a.id, f.digest, f.size, f.modified, a.source, a.path, a.language, a.text, a.title)
        values += (a.publisher, a.author, a.published)  # type: ignore[assignment]
        slots = ", ".join("?" * len(values))
        number = self._db.execute(f"INSERT INTO articles VALUES (NULL, 'staged', {slots})", values).lastrowid
        rows = [
            (p.id, number, n, p.start, p.end, json.dumps(p.sentences), "\n".join(t), _compact(found))
            for n, (p, t, found) in enumerate(zip(version.passages, version.terms, version.annotations, strict=True))
        ]
        self._db.executemany("INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def _leave(self, article_ids: Iterable[str], state: State) -> None:
        update = "UPDATE articles SET state = 'leaving' WHERE id = ? AND state = ?"
        self._db.executemany(update, [(i, state) for i in article_ids])

    def unstage(self, facts: Mapping[str, str | None]) -> None:
        """Give up all that is staged, and record ``facts``, at once."""
        with self._db:
            self._db.execute("UPDATE articles SET state = 'leaving' WHERE state = 'staged'")
            self._record(facts)

    @contextmanager
    def publishing(self, gone: Collection[str] = (), facts: Mapping[str, str | None] | None = None) -> Iterator[None]:
        """Make what is staged ready, let the articles ``gone`` leave and record ``facts``, all in one transaction.

        Inside, this manifest shows the new index; other readers see it when the block ends without an error.
        """
        with self._db:
            self._leave(gone, "staged")
            self._leave(gone, "ready")
            staged = "SELECT id FROM articles WHERE state = 'staged'"
            self._db.execute(f"UPDATE articles SET state = 'leaving' WHERE state = 'ready' AND id IN ({staged})")
            self._db.execute("UPDATE articles SET state = 'ready' WHERE state = 'staged'")
            self._record({"generation": str(self.generation + 1), **(facts or {})})
            yield

    def keep_sentences(self, collection: str, vectors: Mapping[str, np.ndarray]) -> None:
        """Keep the vectors (sentences, dimensions) of passages' sentences, by passage id; their lengths are not kept."""
        rows = [(i, collection, _rounded(each).tobytes()) for i, each in vectors.items()]
        with self._db:
            self._db.executemany("INSERT OR REPLACE INTO sentences VALUES (?, ?, ?)", rows)

    def forget_sentences(self, collection: str, passage_ids: Sequence[str] | None = None) -> None:
        """Forget the vectors of passages' sentences; of all passages of the collection by default."""
        with self._db:
            if passage_ids is None:
                self._db.execute("DELETE FROM sentences WHERE collection = ?", (collection,))
            else:
                delete = "DELETE FROM sentences WHERE passage = ? AND collection = ?"
                self._db.executemany(delete, [(i, collection) for i in passage_ids])

    def sentences(self, collection: str, passage_ids: Sequence[str], dimensions: int) -> dict[str, np.ndarray]:
        """The vectors of passages' sentences, int8 (sentences, dimensions) of any length; unknown ids are left out."""
        query = f"SELECT passage, vectors FROM sentences WHERE collection = ? AND passage IN ({_slots(passage_ids)})"
        with closing(self._db.execute(query, (collection, *passage_ids))) as rows:
            return {i: np.frombuffer(found, np.int8).reshape(-1, dimensions) for i, found in rows}

    def count_sentences(self) -> int:
        """Of how many passages sentences' vectors are kept, in all collections together."""
        return int(self._db.execute("SELECT count(*) FROM sentences").fetchone()[0])

    def leaving(self) -> list[str]:
        """Ids of passages that no article needs any more."""
        query = (
            "SELECT DISTINCT p.id FROM passages p JOIN articles a USING (version) WHERE a.state = 'leaving' AND NOT EXISTS "
            "(SELECT 1 FROM passages q JOIN articles b USING (version) WHERE q.id = p.id AND b.state <> 'leaving')"
        )
        return [row[0] for row in self._db.execute(query)]

    def forget(self) -> None:
        """Delete the articles that are leaving; their vectors must be gone by now."""
        with self._db:
            self._db.execute("DELETE FROM articles WHERE state = 'leaving'")

    def articles(self, state: State = "ready") -> list[Article]:
        """All articles in ``state``, oldest publication first, undated last."""
        rows = self._db.execute(f"SELECT {_FIELDS} FROM articles WHERE state = ? {_BY_DAY}", (state,))
        return [Article(*row) for row in rows]

    def ids(self) -> list[str]:
        """The ids of all ready articles, in the order of :meth:`articles`."""
        return [row[0] for row in self._db.execute(f"SELECT id FROM articles WHERE state = 'ready' {_BY_DAY}")]

    def article(self, article_id: str, state: State = "ready") -> Article | None:
        """One article in ``state``, or ``None``."""
        query = f"SELECT {_FIELDS} FROM articles WHERE id = ? AND state = ?"
        row = self._db.execute(query, (article_id, state)).fetchone()
        return Article(*row) if row else None

    def passages(self, article_id: str | None = None, state: State = "ready") -> list[Passage]:
        """Passages of every article in ``state`` (or of one), in the order of article and place."""
        where = "a.state = ? AND (? IS NULL OR a.id = ?)"
        return self._passages(where, (state, article_id, article_id))

    def passage_ids(self) -> list[str]:
        """The ids of all ready passages, in the order of :meth:`passages`."""
        query = "SELECT p.id FROM passages p JOIN articles a USING (version) WHERE a.state = 'ready' ORDER BY a.id, p.number"
        return [row[0] for row in self._db.execute(query)]

    def passages_by_id(self, passage_ids: Sequence[str]) -> dict[str, Passage]:
        """Ready passages by their ids; unknown ids are left out."""
        where = f"a.state = 'ready' AND p.id IN ({_slots(passage_ids)})"
        return {passage.id: passage for passage in self._passages(where, tuple(passage_ids), "CROSS JOIN")}

    def _passages(self, where: str, values: tuple[str | None, ...], join: str = "JOIN") -> list[Passage]:
        query = (
            "SELECT p.id, a.id, p.start, p.end, substr(a.text, p.start + 1, p.end - p.start), p.sentences "
            f"FROM passages p {join} articles a USING (version) WHERE {where} ORDER BY a.id, p.number"
        )
        return [
            Passage(i, of, start, end, text, tuple((a, b) for a, b in json.loads(spans)))
            for i, of, start, end, text, spans in self._db.execute(query, values)
        ]

    def described(self, passage_ids: Sequence[str]) -> list[Described]:
        """What is known of ready passages but for their texts; unknown ids are left out."""
        query = (
            "SELECT p.id, p.number, p.terms, a.id, source, path, language, '', title, publisher, author, published "
            "FROM passages p CROSS JOIN articles a USING (version) "  # as below
            f"WHERE a.state = 'ready' AND p.id IN ({_slots(passage_ids)})"
        )
        rows = self._db.execute(query, tuple(passage_ids))
        return [Described(i, n, Article(*about), terms.split("\n") if terms else []) for i, n, terms, *about in rows]

    def terms(self, article_id: str | None = None, state: State = "ready") -> Iterator[tuple[list[str], Language]]:
        """Search terms and language of every passage that :meth:`passages` gives, in its order."""
        query = (
            "SELECT p.terms, a.language FROM passages p JOIN articles a USING (version) "
            "WHERE a.state = ? AND (? IS NULL OR a.id = ?) ORDER BY a.id, p.number"
        )
        with closing(self._db.execute(query, (state, article_id, article_id))) as rows:
            for terms, language in rows:
                yield terms.split("\n") if terms else [], language

    def annotations(self, passage_ids: Sequence[str], generation: int) -> dict[str, Annotation]:
        """What was found in ready passages, by id: all that is kept, or nothing where ``generation`` has passed."""
        # CROSS JOIN keeps SQLite from reading through all articles that are ready to find the few that matter.
        query = (
            "SELECT p.id, p.annotation FROM passages p CROSS JOIN articles a USING (version) WHERE a.state = 'ready' "
            f"AND p.id IN ({_slots(passage_ids)}) AND (SELECT value FROM meta WHERE key = 'generation') = ?"
        )
        with closing(self._db.execute(query, (*passage_ids, str(generation)))) as rows:
            return {i: _annotation(found) for i, found in rows if found}


def _slots(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _rounded(vectors: np.ndarray) -> np.ndarray:
    """Rows as int8, the largest number of each being 127 or -127."""
    largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True, initial=0.0), 1e-9)
    rows: np.ndarray = np.rint(vectors * (127 / largest)).astype(np.int8)
    return rows


def _compact(annotation: Sequence[Sequence[str]]) -> str:
    return json.dumps(annotation, ensure_ascii=False, separators=(",", ":"))


def _annotation(stored: str) -> Annotation:
    """Equal terms of all passages share one string, for many of them are held in memory."""
    return tuple(frozenset(map(sys.intern, found)) for found in json.loads(stored))
