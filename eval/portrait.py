"""All that an index holds, so that two indexes can be told apart: the manifest, the vectors and what a search finds."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from index.corpus import DATABASE, LEXICAL, VECTORS, Corpus
from index.embed import Encoder
from index.errors import IndexMissing
from index.lexical import LexicalIndex, Unit
from index.manifest import Manifest
from index.store import VectorStore
from index.terms import analyse
from index.types import Article, Passage

NEAREST = 10  # passages looked for
QUESTIONS = ("달빛시 실험실 예산", "How many people does the ferry carry?", "시장 점포", "When does the harbour open?")


@dataclass(frozen=True)
class View:
    """What a reader sees."""

    articles: list[Article]
    passages: list[Passage]
    found: list[tuple[bytes, dict[str, float]]]


@dataclass(frozen=True)
class Portrait:
    """All that an index holds. ``leftover`` counts staged and leaving articles, unused collections and vectors."""

    view: View
    terms: list[list[str]]
    vectors: dict[str, bytes]
    lexical: dict[str, Any]
    leftover: int


def view(home: Path, encoder: Encoder) -> View | None:
    """What a reader sees in ``home``; ``None`` where that is no index."""
    try:
        corpus = Corpus(home, encoder)
    except IndexMissing:
        return None
    found = [_search(corpus, question) for question in QUESTIONS]
    return View(list(corpus.articles.values()), corpus.passages, found)


def _search(corpus: Corpus, question: str) -> tuple[bytes, dict[str, float]]:
    """What both legs of a search give: the lexical score of every passage, and the nearest ones with their cosines."""
    units = [Unit(str(term), {}) for term in analyse(question)]
    nearest = corpus.nearest(corpus.encoder.encode([question])[0], NEAREST)
    return corpus.lexical.scores(units, "en").tobytes(), {i: round(score, 5) for i, score in nearest.items()}


def portrait(home: Path, encoder: Encoder) -> Portrait:
    """All that the index in ``home`` holds."""
    seen = view(home, encoder) or View([], [], [])
    with closing(Manifest(home / DATABASE)) as manifest:
        terms = [found for found, _ in manifest.terms()]
        leftover = len(manifest.articles("staged")) + len(manifest.articles("leaving"))
        leftover += bool(manifest.get("rebuilding")) + bool(manifest.get("former"))
        store = VectorStore(home / VECTORS, manifest.get("vectors") or "")
    vectors = {i: v.astype(np.float32).tobytes() for i, v in store.vectors([p.id for p in seen.passages]).items()}
    leftover += store.count() - len(vectors) + store.collections() - 1
    store.close()
    lexical = {name: _plain(value) for name, value in vars(LexicalIndex.load(home / LEXICAL)).items()}
    del lexical["generation"]
    return Portrait(seen, terms, vectors, lexical, leftover)


def _plain(value: Any) -> Any:
    return value.tobytes() if isinstance(value, np.ndarray) else value


def differences(one: Portrait, other: Portrait) -> list[str]:
    """The names of what is not the same."""
    return [f.name for f in fields(Portrait) if getattr(one, f.name) != getattr(other, f.name)]
