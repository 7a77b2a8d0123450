"""BM25 over passages of both languages in one index, with cross-lingual query terms.

A query becomes *units*: a unit is one wish, satisfied by any of several weighted terms of either language. Its
frequency in a passage is the weighted sum of theirs, and so is its document frequency: probabilistic structured
queries (Darwish and Oard 2003), scored with BM25 (Robertson and Zaragoza 2009, eq. 3.15). One document frequency over
both languages keeps the scores of Korean and English passages comparable; passage length is measured against the mean
of the passage's own language, for a Korean sentence has fewer and longer terms.
"""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from zipfile import BadZipFile

import numpy as np

from index.durable import durable
from index.types import Language

K1, B = 1.2, 0.75  # the values that Robertson and Zaragoza (2009) recommend
LANGUAGES: tuple[Language, Language] = ("ko", "en")


@dataclass(frozen=True, slots=True)
class Unit:
    """One wish of a query: index terms with weights in (0, 1], and how much the wish counts.

    ``cross`` are the translations and ``own`` the query's own words; a passage is free to use both.
    """

    own: str
    cross: dict[str, float]
    importance: float = 1.0


DAMAGED = (OSError, ValueError, KeyError, EOFError, BadZipFile)
"""What loading a damaged index raises."""


def saved_generation(path: Path) -> int | None:
    """The generation that the index at ``path`` was saved for, or ``None`` where it is damaged or gone."""
    try:
        with np.load(path) as data:
            return int(data["generation"][0])
    except DAMAGED:
        return None


class Weights(ABC):
    """How telling terms are. ``vocabulary`` numbers those that any passage holds."""

    vocabulary: dict[str, int]

    @abstractmethod
    def __len__(self) -> int:
        """How many passages there are."""

    @abstractmethod
    def document_frequency(self, term: str) -> int:
        """In how many passages ``term`` stands."""

    def frequency(self, unit: Unit) -> float:
        """Document frequency of ``unit``: the weighted sum over its terms, at most the number of passages."""
        crossed = sum(w * self.document_frequency(t) for t, w in unit.cross.items())
        return min(float(self.document_frequency(unit.own) + crossed), float(len(self)))

    def idf(self, unit: Unit) -> float:
        """Inverse document frequency of ``unit``; never negative."""
        frequency = self.frequency(unit)
        return math.log(1 + (len(self) - frequency + 0.5) / (frequency + 0.5))


class LexicalIndex(Weights):
    """Postings of every term over passages 0…n-1. Build it once, save it, score many queries.

    :param passages: the search terms and the language of each passage. They are taken one by one, so that a million of
        them need not be held at once.
    """

    generation = 0

    def __init__(self, passages: Iterable[tuple[Sequence[str], Language]]) -> None:
        vocabulary: dict[str, int] = {}
        rows, columns, counts, lengths, languages = array("i"), array("i"), array("f"), array("f"), array("b")
        for number, (terms, language) in enumerate(passages):
            found = Counter(terms)
            rows.extend(vocabulary.setdefault(term, len(vocabulary)) for term in found)
            columns.extend(itertools.repeat(number, len(found)))
            counts.extend(found.values())
            lengths.append(len(terms))
            languages.append(LANGUAGES.index(language))
        numbers = np.array(rows, dtype=np.int32)
        order = np.argsort(numbers, kind="stable")
        self._passages = np.array(columns, dtype=np.int32)[order]
        self._counts = np.array(counts, dtype=np.float32)[order]
        occurrences = np.bincount(numbers, minlength=len(vocabulary))
        self._bounds = np.concatenate([[0], np.cumsum(occurrences)]).astype(np.int64)
        self._lengths = np.array(lengths, dtype=np.float32)
        self._language = np.array(languages, dtype=np.int8)
        self._prepare(list(vocabulary))

    def _prepare(self, terms: list[str]) -> None:
        self.vocabulary = {term: i for i, term in enumerate(terms)}
        means = self._means()
        self._norms = K1 * (1 - B + B * self._lengths / np.maximum(means[self._language], 1.0))

    def _means(self) -> np.ndarray:
        return mean_lengths(self._lengths, self._language)

    def __len__(self) -> int:
        return len(self._lengths)

    def save(self, path: Path, generation: int = 0) -> None:
        """Write the index to one ``.npz`` file, which is on the disk when this returns.

        :param generation: of the manifest, to tell whether they belong together.
        """
        names = np.frombuffer("\n".join(self.vocabulary).encode(), dtype=np.uint8)
        arrays = {"passages": self._passages, "counts": self._counts, "bounds": self._bounds}
        with durable(path) as out:
            arrays["generation"] = np.array([generation])
            np.savez(out, names=names, lengths=self._lengths, language=self._language, **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read an index that :meth:`save` wrote.

        Raises one of ``DAMAGED`` where it is damaged or gone.
        """
        index = cls.__new__(cls)
        with np.load(path) as data:
            index.generation = int(data["generation"][0])
            index._passages, index._counts, index._bounds = data["passages"], data["counts"], data["bounds"]
            index._lengths, index._language = data["lengths"], data["language"]
            names = data["names"].tobytes().decode()
        index._prepare(names.split("\n") if names else [])
        return index

    def document_frequency(self, term: str) -> int:
        """In how many passages ``term`` stands."""
        return len(self._postings(term)[0])

    def scores(self, units: Sequence[Unit], language: Language, cross_weight: float = 1.0) -> np.ndarray:
        """BM25 scores of shape (passages,), float32, ≥ 0.

        :param language: the query's language; passages of the other one are weighted by ``cross_weight``, which
            makes up for what a translation loses.
        """
        result = np.zeros(len(self._lengths), dtype=np.float32)
        frequency = np.zeros(len(self._lengths), dtype=np.float32)  # of one unit; most passages have none of its terms
        for unit in units:
            met = []
            for term, weight in ((unit.own, 1.0), *unit.cross.items()):
                passages, counts = self._postings(term)
                frequency[passages] += weight * counts
                met.append(passages)
            touched = np.concatenate(met)  # a passage that stands here twice is given the same value twice
            found = frequency[touched]
            result[touched] += unit.importance * self.idf(unit) * found * (K1 + 1) / (found + self._norms[touched])
            frequency[touched] = 0.0
        weights = np.full(len(LANGUAGES), cross_weight, dtype=np.float32)
        weights[LANGUAGES.index(language)] = 1.0
        result *= weights[self._language]
        return result

    def _postings(self, term: str) -> tuple[np.ndarray, np.ndarray]:
        i = self.vocabulary.get(term)
        if i is None:
            return self._passages[:0], self._counts[:0]
        part = slice(self._bounds[i], self._bounds[i + 1])
        return self._passages[part], self._counts[part]


def mean_lengths(lengths: np.ndarray, languages: np.ndarray) -> np.ndarray:
    """The mean number of terms of the passages of each of :data:`LANGUAGES`, float32."""
    members = [lengths[languages == i] for i in range(len(LANGUAGES))]
    return np.array([m.mean() if len(m) else 1.0 for m in members], dtype=np.float32)


def best(scores: np.ndarray, limit: int) -> np.ndarray:
    """The numbers of the ``limit`` greatest of ``scores``, greatest first and the earlier of equals first.

    What a stable sort of all would give, without sorting those that come after.
    """
    if len(scores) <= limit:
        return np.argsort(-scores, kind="stable")
    least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
    numbers = np.flatnonzero(scores >= least)
    return numbers[np.argsort(-scores[numbers], kind="stable")][:limit]
