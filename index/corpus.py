"""Reading an index: articles, passages, and the two legs that a search stands on.

A corpus is a view of one generation. :meth:`Corpus.refresh` takes up what an indexing run has changed since.
"""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from zipfile import BadZipFile

from index.embed import Encoder
from index.errors import IndexMissing, IndexStale, IndexUnwritable
from index.lexical import LexicalIndex
from index.manifest import Manifest
from index.store import VectorStore
from index.types import Article

log = logging.getLogger(__name__)
FORMAT = "1"  # raised whenever cleaning, chunking or terms change what an index holds
DATABASE, VECTORS, LEXICAL = "mundap.db", "chroma", "lexical.npz"


def describe(article: Article) -> dict[str, str]:
    """The metadata that a vector is stored with; Chroma takes no ``None``, so unknown fields are empty."""
    return {
        "article_id": article.id,
        "language": article.language,
        "publisher": article.publisher,
        "published": article.published or "",
    }


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


class Corpus:
    """The index in ``home``, opened for reading.

    :raises IndexMissing: if nothing is indexed there.
    :raises IndexStale: if it was built with another encoder.
    """

    def __init__(self, home: Path, encoder: Encoder, url: str | None = None) -> None:
        if not (home / DATABASE).exists():
            raise IndexMissing(f"Nothing is indexed in {home}. Add documents with: mundap index PATH")
        self._home = home
        self.encoder = encoder
        try:
            self._manifest = Manifest(home / DATABASE)
        except sqlite3.DatabaseError as error:
            raise IndexUnwritable(f"{home / DATABASE} cannot be opened ({error}). Check its permissions.") from error
        if reason := stale_reason(self._manifest, encoder.name):
            raise IndexStale(reason)
        self.vectors = VectorStore(home / VECTORS, encoder.name, url)
        self._load()

    def _load(self) -> None:
        self._generation = self._manifest.generation
        self.articles = {article.id: article for article in self._manifest.articles()}
        self.passages = self._manifest.passages()
        if not self.passages:
            raise IndexMissing(f"The index in {self._home} holds no article. Add documents with: mundap index PATH")
        self.numbers = {passage.id: number for number, passage in enumerate(self.passages)}
        self.lexical = self._lexical()

    def _lexical(self) -> LexicalIndex:
        """The saved lexical index where it fits what is ready, else one made from the manifest."""
        if self._manifest.get("lexical") == str(self._generation):
            try:
                return LexicalIndex.load(self._home / LEXICAL)
            except (OSError, ValueError, KeyError, BadZipFile):
                log.warning("%s is damaged or gone; it is made again from the manifest.", self._home / LEXICAL)
        rows = list(self._manifest.terms())
        return LexicalIndex([terms for terms, _ in rows], [language for _, language in rows])

    def refresh(self) -> None:
        """Take up the changes of an indexing run that has ended since."""
        if self._manifest.generation != self._generation:
            self._load()

    def article(self, article_id: str) -> Article:
        """:raises KeyError: if there is no such article."""
        return self.articles[article_id]
