"""All that an index holds, so that two indexes can be told apart: the manifest, the vectors and what a search finds."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from index.annotation import Annotation
from index.corpus import DATABASE, LEXICAL, VECTORS, Corpus
from index.embed import Encoder
from index.errors import IndexMissing
from index.lexical import LexicalIndex, Unit
from index.manifest import Manifest
from index.store import VectorStore
from index.terms import analyse
from index.types import Article, Passage
from index.vector_table import VectorTable

NEAREST = 10  # passages looked for
CLOSE = 1e-5  # what two cosines of the same vectors may differ by
QUESTIONS = ("달빛시 실험실 예산", "How many people does the ferry carry?", "시장 점포", "When does the harbour open?")


@dataclass(frozen=True)
class View:
    """What a reader sees: for each of :data:`QUESTIONS` the lexical score of every passage and the best cosines.

    The cosines are told without their passages, for which of two equally near ones comes last is chance.
    """

    articles: list[Article]
    passages: list[Passage]
    scores: list[bytes]
    nearest: np.ndarray


@dataclass(frozen=True)
class Portrait:
    """All that an index holds. ``leftover`` counts staged and leaving articles, unused collections and vectors.

    ``vectors`` are those of passages, ``sentences`` those of their sentences, both by passage id; ``table`` says whether
    the table that is searched holds the former, where there is to be one.

    Collections in a server are not counted, for others may share it.
    """

    view: View
    terms: list[list[str]]
    annotations: dict[str, Annotation]
    vectors: dict[str, bytes]
    sentences: dict[str, bytes]
    table: bool
    lexical: dict[str, Any]
    leftover: int


def view(home: Path, encoder: Encoder, url: str | None = None) -> View | None:
    """What a reader sees in ``home``; ``None`` where that is no index."""
    try:
        corpus = Corpus(home, encoder, url)
    except IndexMissing:
        return None
    assert isinstance(corpus.lexical, LexicalIndex)
    units = [[Unit(str(term), {}) for term in analyse(question)] for question in QUESTIONS]
    scores = [corpus.lexical.scores(asked, "en").tobytes() for asked in units]
    nearest = [cosine for v in encoder.encode(QUESTIONS) for cosine in corpus.nearest(v, NEAREST).values()]
    return View(list(corpus.articles.values()), corpus.passages, scores, np.array(nearest))


def portrait(home: Path, encoder: Encoder, url: str | None = None) -> Portrait:
    """All that the index in ``home`` holds, its vectors in the Chroma server at ``url`` where one is given."""
    seen = view(home, encoder, url) or View([], [], [], np.zeros(0))
    with closing(Manifest(home / DATABASE)) as manifest:
        terms = [found for found, _ in manifest.terms()]
        annotations = manifest.annotations([p.id for p in seen.passages], manifest.generation)
        leftover = len(manifest.articles("staged")) + len(manifest.articles("leaving"))
        leftover += bool(manifest.get("rebuilding")) + bool(manifest.get("former"))
        collection = manifest.get("vectors") or ""
        kept = manifest.sentences(collection, [p.id for p in seen.passages], encoder.dimensions)
        leftover += manifest.count_sentences() - len(kept)
        store = VectorStore(home / VECTORS, collection, url)
    vectors = {i: v.astype(np.float32).tobytes() for i, v in store.vectors([p.id for p in seen.passages]).items()}
    leftover += store.count() - len(vectors) + (0 if url else store.collections() - 1)
    store.close()
    table = _table(home, encoder, url, vectors)
    lexical = {name: _plain(value) for name, value in vars(LexicalIndex.load(home / LEXICAL)).items()}
    del lexical["generation"]
    return Portrait(
        seen, terms, annotations, vectors, {i: rows.tobytes() for i, rows in kept.items()}, table, lexical, leftover
    )


def _table(home: Path, encoder: Encoder, url: str | None, vectors: Mapping[str, bytes]) -> bool:
    """Whether a reader searches a table, and that has ``vectors``; there need be none in a server or of nothing."""
    if url or not vectors:
        return True
    searched = Corpus(home, encoder, url).vectors
    if not isinstance(searched, VectorTable):
        return False
    return {i: v.tobytes() for i, v in searched.vectors(list(vectors)).items()} == vectors


def _plain(value: Any) -> Any:
    return value.tobytes() if isinstance(value, np.ndarray) else value


def differences(one: Portrait, other: Portrait) -> list[str]:
    """The names of what is not the same."""
    held = [f.name for f in fields(Portrait) if f.name != "view" and getattr(one, f.name) != getattr(other, f.name)]
    return unlike(one.view, other.view) + held


def unlike(one: View | None, other: View | None) -> list[str]:
    """The names of what two readers do not see alike."""
    if one is None or other is None:
        return [] if one is other else ["whether there is an index"]
    found = [name for name in ("articles", "passages", "scores") if getattr(one, name) != getattr(other, name)]
    near = one.nearest.shape == other.nearest.shape and np.allclose(one.nearest, other.nearest, atol=CLOSE)
    return found if near else [*found, "nearest"]
