"""How well a text meets a query's clues: by the words themselves, translations, sound, paraphrase or equal figures."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from index import lexicon
from index.annotation import figure_terms, heading_text, words
from index.corpus import Corpus
from index.embed import load_words
from index.korean import HANGUL
from index.lexical import Weights
from index.quantity import Quantity, quantities
from index.terms import analyse
from index.types import Article, Passage, Span
from rag.query import Clue, Query

LEAST_SCARCE = 0.15  # of a clue that every passage meets
KEPT = 20_000  # sentences of which what the index keeps is remembered
QUESTIONS = 64  # of which the vectors are remembered
VECTORS = 4000  # sentences whose vectors are remembered
PARAPHRASE = 0.7  # what a paraphrase in the same language weighs against the word itself


class Annotations:
    """Terms and figures of an article's spans, remembered: the same passages are read again and again."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._terms = functools.lru_cache(maxsize=50_000)(words)
        self._kept: dict[tuple[str, Span | None], frozenset[str]] = {}
        self._vectors = functools.lru_cache(maxsize=20_000)(self._encode)
        self.vector = functools.lru_cache(maxsize=VECTORS)(_vector)  # of a sentence, (dimensions,), of length 1
        self.meaning = functools.lru_cache(maxsize=QUESTIONS)(self._meaning)

    def _meaning(self, question: str) -> np.ndarray:
        """The vector (dimensions,) that the corpus is searched with, by its own encoder."""
        return np.asarray(self.corpus.encoder.encode([question])[0])

    def recall(self, passages: Sequence[Passage]) -> None:
        """Take up what the index keeps of the sentences of ``passages``, which spares analysing them."""
        if len(self._kept) > KEPT:
            self._kept = {}
        fresh = [p for p in passages if p.sentences and (p.article_id, p.sentences[0]) not in self._kept]
        found = self.corpus.annotations(fresh)
        for passage in fresh:
            if passage.id in found:
                places = (None, *passage.sentences)
                self._kept.update(zip(((passage.article_id, p) for p in places), found[passage.id], strict=True))

    def terms(self, article: Article, span: Span) -> frozenset[str]:
        """Search terms of ``article.text[span]``, words and figures."""
        kept = self._kept.get((article.id, span))
        if kept is not None:
            return kept
        return self.words(article.text[span[0] : span[1]]) | figure_terms(self.figures(article, span))

    def words(self, text: str) -> frozenset[str]:
        """Search terms of ``text`` without its figures' canonical keys."""
        return self._terms(text)

    def figures(self, article: Article, span: Span) -> tuple[Quantity, ...]:
        """Figures and dates of ``article.text[span]``."""
        return quantities(article.text[span[0] : span[1]], article.published)

    def vectors(self, text: str) -> np.ndarray:
        """One vector per distinct content word of ``text``, shape (words, dimensions), rows of length 1."""
        return self._vectors(text)

    def _encode(self, text: str) -> np.ndarray:
        return load_words().encode(_surfaces(text))

    def heading(self, article: Article) -> frozenset[str]:
        """Search terms of what stands above the text: title, publisher and author."""
        kept = self._kept.get((article.id, None))
        return self.words(heading_text(article)) if kept is None else kept


def _vector(text: str) -> np.ndarray:
    vectors = load_words().encode([text])
    return np.asarray(vectors[0])


def _surfaces(text: str) -> list[str]:
    """Distinct content words of ``text``: Korean ones in dictionary form, others as written."""
    words = [term for term in analyse(text) if term.tag not in ("compound", "number")]
    return list(dict.fromkeys(str(t) if HANGUL.search(t) else text[t.start : t.end] for t in words))


class Matcher:
    """Tells which clues of one query a set of terms meets, and how well."""

    def __init__(self, query: Query, index: Weights) -> None:
        known = lexicon.load()
        self.clues = [clue for clue in query.clues if clue.weight]
        self._weights = np.array([clue.weight for clue in self.clues], dtype=np.float64)
        self.vectors = load_words().encode([clue.surface for clue in self.clues])
        ceiling = math.log(1 + len(index))
        scarcity = np.array([index.idf(clue.unit) / ceiling for clue in self.clues], dtype=np.float64)
        self._local = self._weights * np.clip(scarcity, LEAST_SCARCE, 1.0)
        self._met_by: dict[str, list[tuple[int, float]]] = {}  # term → the clues that it meets, with how well it does
        for number, clue in enumerate(self.clues):
            for term, share in _ways(clue, known.paraphrases(clue.term, query.language)).items():
                self._met_by.setdefault(term, []).append((number, share))
        self._names = np.array([_is_name(clue) for clue in self.clues], dtype=bool)
        self._figures = np.array([clue.term.tag == "figure" for clue in self.clues], dtype=bool)

    def meet(self, *texts: frozenset[str]) -> np.ndarray:
        """How far each clue is met by the terms of each text, in [0, 1], shape (texts, clues)."""
        met = np.zeros((len(texts), len(self.clues)))
        for row, terms in zip(met, texts, strict=True):
            for term in self._met_by.keys() & terms:
                for number, share in self._met_by[term]:
                    row[number] = max(row[number], share)
        return met

    def resemble(self, vectors: np.ndarray) -> np.ndarray:
        """The best cosine of each clue with any of the words behind ``vectors``, in [0, 1], shape (clues,)."""
        if not len(vectors) or not len(self.vectors):
            return np.zeros(len(self.clues))
        return np.asarray(np.clip((self.vectors @ vectors.T).max(axis=1), 0.0, 1.0))

    # Each of the following takes what is met, of shape (..., clues), and gives an array of shape (...).

    def coverage(self, met: np.ndarray, local: bool = False) -> np.ndarray:
        """The share of the question that is met, weighted by how telling each clue is; 0 for an empty question.

        With ``local`` a clue also weighs less the more passages of this index meet it: in a folder of articles on one
        topic, the topic's name tells nothing.
        """
        weights = self._local if local else self._weights
        total = weights.sum()
        return np.asarray(met @ weights / total) if total else np.zeros(met.shape[:-1])

    def losses(self, met: np.ndarray, count: int) -> np.ndarray:
        """The ``count`` greatest weights of what is not met, the most telling first, shape (..., count); 0 where there are fewer."""
        lost = np.sort(self._weights * (1 - met))[..., ::-1][..., :count]
        return np.pad(lost, [(0, 0)] * (met.ndim - 1) + [(0, count - lost.shape[-1])])

    def missing(self, met: np.ndarray, names: bool = False, figures: bool = False) -> np.ndarray:
        """The weight of the most telling clue that is not met (only of names or of figures, where asked)."""
        asked = self._names if names else self._figures if figures else slice(None)
        return np.asarray((self._weights * (1 - met))[..., asked].max(axis=-1, initial=0.0))


def _is_name(clue: Clue) -> bool:
    return clue.term.tag in ("name", "NNP")


def _ways(clue: Clue, paraphrases: Mapping[str, float]) -> dict[str, float]:
    """All terms that meet a clue, with how well each does."""
    ways = {term: PARAPHRASE * share**0.5 for term, share in paraphrases.items()}
    for term, weight in clue.unit.cross.items():
        ways[term] = max(ways.get(term, 0.0), weight if term in clue.sounds else weight**0.5)
    ways[clue.unit.own] = 1.0
    return ways
