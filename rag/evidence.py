"""Sentences as evidence: how well each sentence of the retrieved passages meets a question.

Every candidate sentence is described by a few features in [0, 1]: how much of the question it meets itself, with its
neighbours and in its article, how near its vector is, and whether it holds the kind of figure that is asked for. Two
small logistic models, learned by ``rag/calibrate.py`` from questions with known answers, turn them into the chance that
the sentence answers and the chance that the question is answered at all.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.chunk import notes
from index.corpus import Corpus
from index.quantity import terms as quantity_terms
from index.types import Article, Passage, Span
from rag.intent import Kind, answers, asks_with, kind_of, typical
from rag.match import Annotations, Matcher
from rag.query import Query
from rag.retrieve import Scored

PASSAGES = 12  # passages read sentence by sentence
LONG = 300  # characters of a long sentence
WIDE = 0.8  # what a clue met two or three sentences earlier counts for
_WHOLE = re.compile(r"[.!?…][\"'”’)\]]*$|[다요죠까며고],?$")  # a heading or a fragment ends otherwise
ASKED_MET = 0.8  # how far an amount meets the word "cost"
CALIBRATION = Path(__file__).parent / "calibration.json"

SENTENCE_FEATURES = (
    "own", "near", "own_local", "near_local", "wide_local", "cosine", "nearest", "passage_score", "typical", "untypical",
    "typical_near", "fragment", "length", "cross",
)  # fmt: skip
ANSWER_FEATURES = (
    "chance", "own_local", "near_local", "passage", "passage_local", "article_local", "cosine", "missing",
    "missing_name", "missing_figure", "typical", "untypical", "cross",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence with what speaks for it. ``chance`` is the probability that it answers the question."""

    article: Article
    passage: Passage
    span: Span
    features: Mapping[str, float]
    met: tuple[float, ...]
    chance: float = 0.0

    @property
    def text(self) -> str:
        """The sentence, verbatim."""
        return self.article.text[self.span[0] : self.span[1]]


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic model over named features: ``1 / (1 + exp(-(bias + Σ weight × feature)))``."""

    bias: float
    weights: Mapping[str, float]

    def __call__(self, features: Mapping[str, float]) -> float:
        total = self.bias + sum(weight * features[name] for name, weight in self.weights.items())
        return float(1 / (1 + np.exp(-total)))


@functools.cache
def models(path: Path = CALIBRATION) -> tuple[Logistic, Logistic, float]:
    """The sentence model, the answer model, and the chance from which a question counts as answered."""
    data = json.loads(path.read_text(encoding="utf-8"))
    sentence, answer = (Logistic(data[key]["bias"], data[key]["weights"]) for key in ("sentence", "answer"))
    return sentence, answer, float(data["threshold"])


class Reader:
    """Reads the passages of one corpus for evidence."""

    def __init__(self, annotations: Annotations, sentence_model: Logistic | None = None) -> None:
        self._known = annotations
        self._corpus = annotations.corpus
        self._sentence_model = sentence_model or models()[0]

    def read(self, query: Query, question: str, scored: Sequence[Scored]) -> list[Evidence]:
        """Every sentence of the best passages, unranked, with its features."""
        matcher = Matcher(query, self._corpus.lexical)
        kind = kind_of(question, query.language)
        top = scored[:PASSAGES]
        best = max((s.hit.score for s in top), default=1.0) or 1.0
        found = []
        for item in top:
            passage = self._corpus.passages[self._corpus.numbers[item.hit.passage_id]]
            found.extend(self._passage(query, kind, matcher, passage, item.hit.score / best))
        return self._with_cosines(query, found)

    def _passage(
        self, query: Query, kind: Kind, matcher: Matcher, passage: Passage, score: float
    ) -> Iterable[Evidence]:
        article = self._corpus.article(passage.article_id)
        asking = np.array([str(clue.term) in asks_with(kind) for clue in matcher.clues], dtype=bool)
        whole = matcher.meet(self._known.terms(article, (0, len(article.text))) | self._known.heading(article))
        wider = matcher.meet(self._known.terms(article, (passage.start, passage.end)) | self._known.heading(article))
        signs = [self._sign(query, kind, article, span) for span in passage.sentences]
        own = [
            np.where(asking & bool(sign), np.maximum(row, ASKED_MET), row)
            for sign, row in zip(signs, (matcher.meet(self._known.terms(article, s)) for s in passage.sentences), strict=True)
        ]
        context = _contexts(article, passage)
        for number, span in enumerate(passage.sentences):
            near = _best([own[number], *(own[i] for i in context[number])])
            wide = _best([near, *(WIDE * own[i] for i in range(max(0, number - 3), number))])
            reach = _best([near, wider])
            text = article.text[span[0] : span[1]]
            features = {
                "own": matcher.coverage(own[number]),
                "near": matcher.coverage(near),
                "own_local": matcher.coverage(own[number], local=True),
                "near_local": matcher.coverage(near, local=True),
                "wide_local": matcher.coverage(wide, local=True),
                "passage": matcher.coverage(reach),
                "passage_local": matcher.coverage(reach, local=True),
                "article": matcher.coverage(_best([reach, whole])),
                "article_local": matcher.coverage(_best([reach, whole]), local=True),
                "passage_score": score,
                "typical": float(signs[number] is True),
                "untypical": float(signs[number] is False),
                "typical_near": float(signs[number] is True) * matcher.coverage(wide, local=True),
                "fragment": float(not _WHOLE.search(text)),
                "length": min(1.0, len(text) / LONG),
                "cross": float(article.language != query.language),
                "missing": matcher.missing(reach),
                "missing_name": matcher.missing(reach, names=True),
                "missing_figure": matcher.missing(near, figures=True),
            }
            yield Evidence(article, passage, span, features, tuple(near))

    def _sign(self, query: Query, kind: Kind, article: Article, span: Span) -> bool | None:
        """Whether the sentence looks like the kind of answer asked for, by a figure that the question does not have."""
        asked = {clue.unit.own for clue in query.clues if clue.term.tag == "figure"}
        figures = [q for q in self._known.figures(article, span) if answers(q, kind)]
        fresh = any(not asked & set(quantity_terms(q)) for q in figures)
        return typical(kind, article.text[span[0] : span[1]], fresh)

    def _with_cosines(self, query: Query, found: list[Evidence]) -> list[Evidence]:
        """Add how near each sentence's vector is to the question's, and the chance that all of this makes."""
        if not found:
            return []
        vectors = self._corpus.encoder.encode([query.text, *(e.text for e in found)])
        cosines = vectors[1:] @ vectors[0]
        nearest = max(float(cosines.max()), 1e-6)
        complete = []
        for evidence, cosine in zip(found, cosines, strict=True):
            features = {
                **evidence.features,
                "cosine": max(0.0, float(cosine)),
                "nearest": max(0.0, float(cosine)) / nearest,
            }
            chance = self._sentence_model(features)
            complete.append(
                Evidence(evidence.article, evidence.passage, evidence.span, features, evidence.met, chance)
            )
        return complete


def _best(rows: Sequence[np.ndarray]) -> np.ndarray:
    return np.max(np.stack(rows), axis=0)


def _contexts(article: Article, passage: Passage) -> list[list[int]]:
    """For each sentence of ``passage``, the sentences it leans on: the one before, and a footnote's anchor."""
    order = {span: number for number, span in enumerate(passage.sentences)}
    context = [[number - 1] if number else [] for number in range(len(passage.sentences))]
    for note in notes(article.text, passage.sentences):
        if note.anchor in order:
            context[order[note.span]].append(order[note.anchor])
    return context
