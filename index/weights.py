"""How telling every term of a large index is, without its postings, which a distributed engine holds.

A reader keeps this table in memory, one number a term, and scores the few passages that the engine proposes exactly as
:class:`index.lexical.LexicalIndex` would score all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from index.durable import durable
from index.lexical import LANGUAGES, LexicalIndex, Unit, Weights, mean_lengths
from index.types import Language


class TermTable(Weights):
    """In how many passages each term stands, how many passages there are, and their mean lengths by language.

    :param passages: the search terms and the language of each passage; read once.
    """

    generation = 0

    def __init__(self, passages: Iterable[tuple[Sequence[str], Language]]) -> None:
        counts: Counter[str] = Counter()
        lengths, languages = [], []
        for terms, language in passages:
            counts.update(dict.fromkeys(terms, 1))  # in the order of the text, as the embedded index numbers them
            lengths.append(len(terms))
            languages.append(LANGUAGES.index(language))
        self.vocabulary = {term: number for number, term in enumerate(counts)}
        self._counts = np.fromiter(counts.values(), dtype=np.int64, count=len(counts))
        self._total = len(lengths)
        self.means = mean_lengths(np.array(lengths, dtype=np.float32), np.array(languages, dtype=np.int8))

    def __len__(self) -> int:
        return self._total

    def document_frequency(self, term: str) -> int:
        """In how many passages ``term`` stands."""
        number = self.vocabulary.get(term)
        return 0 if number is None else int(self._counts[number])

    def save(self, path: Path, generation: int = 0) -> None:
        """Write the table to one ``.npz`` file, which is on the disk when this returns."""
        names = np.frombuffer("\n".join(self.vocabulary).encode(), dtype=np.uint8)
        about = {"generation": np.array([generation]), "total": np.array([self._total]), "means": self.means}
        with durable(path) as out:
            np.savez(out, names=names, frequencies=self._counts, **about)  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a table that :meth:`save` wrote. Raises one of ``index.lexical.DAMAGED`` where it is damaged or gone."""
        table = cls.__new__(cls)
        with np.load(path) as data:
            table.generation, table._total = int(data["generation"][0]), int(data["total"][0])
            table._counts, table.means = data["frequencies"], data["means"]
            names = data["names"].tobytes().decode()
        table.vocabulary = {term: number for number, term in enumerate(names.split("\n") if names else [])}
        return table


class Excerpt(LexicalIndex):
    """A few passages of a large index, which get the scores that they would have in it.

    :param table: of the whole index.
    """

    def __init__(
        self, table: TermTable, passages: Sequence[Sequence[str]], languages: Sequence[Language], units: Sequence[Unit]
    ) -> None:
        self._table, self._whole = table, [len(terms) for terms in passages]
        asked = {term for unit in units for term in (unit.own, *unit.cross)}
        met = ([term for term in terms if term in asked] for terms in passages)
        super().__init__(zip(met, languages, strict=True))

    def _means(self) -> np.ndarray:
        self._lengths = np.array(self._whole, dtype=np.float32)  # not of the terms asked for alone
        return self._table.means

    def idf(self, unit: Unit) -> float:
        """Inverse document frequency of ``unit`` in the whole index."""
        return self._table.idf(unit)
