"""What the index is made of: articles, the passages cut from them, the hits of a search, and what narrows one.

Every offset counts characters (Python ``str`` indices) into the *cleaned* article text, end exclusive, so that
``article.text[passage.start:passage.end] == passage.text`` and a citation can be checked by slicing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Language = Literal["ko", "en"]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Article:
    """A document after reading and cleaning.

    ``published`` is an ISO date (``2023-05-16``) or ``None`` where the page states none: it is never guessed.
    ``source`` is the file's name, ``path`` where it was read from. ``id`` is stable for the same source file.
    Text fields that the page does not state are empty strings.
    """

    id: str
    source: str
    path: str
    language: Language
    text: str
    title: str = ""
    publisher: str = ""
    author: str = ""
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one article. ``sentences`` are their spans in the article, in order."""

    id: str
    article_id: str
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage as it is stored: with its article's metadata and its search terms."""

    article: Article
    passage: Passage
    terms: Sequence[str]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found by a search. Higher scores are better; they compare only within one query."""

    article_id: str
    passage_id: str
    score: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles are asked: those that meet every part; an empty part is met by all.

    ``since`` and ``until`` are ISO dates, both included; an undated article meets neither.
    """

    languages: frozenset[str] = frozenset()
    publishers: frozenset[str] = frozenset()
    articles: frozenset[str] = frozenset()
    since: str = ""
    until: str = ""

    def admits(self, article: Article) -> bool:
        """Whether ``article`` is one of those that are asked."""
        parts = ((self.languages, article.language), (self.publishers, article.publisher), (self.articles, article.id))
        if any(wanted and value not in wanted for wanted, value in parts):
            return False
        day = article.published or ""
        return (not self.since or self.since <= day) and (not self.until or "" < day <= self.until)
