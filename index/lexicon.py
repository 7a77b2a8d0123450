"""Terms of one language to weighted terms of the other.

Two sources are combined: a hand-made lexicon of words and phrases (``lexicon/*.tsv``), whose alternatives carry no
weights, and probabilities learned from parallel text (``lexicon/probabilities.tsv.gz``, see ``index/align.py``).
``index/lexicon`` the folder is data; this module is the only one that reads it.
"""

from __future__ import annotations

import functools
import gzip
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from index.korean import Term
from index.types import Language

DATA = Path(__file__).parent / "lexicon"
LONGEST = 6  # terms in a phrase
HAND_SHARE = 0.35  # what the hand-made alternatives of a word weigh against the learned ones
SMALLEST = 0.03
REMEMBERED = 4096  # terms of which the learned shares are kept at hand

Bag = dict[str, float]


@dataclass(frozen=True, slots=True)
class Concept:
    """What one word or phrase of a query may be called in the other language.

    ``terms`` are the query's own; ``translations`` weigh terms of the other language and sum to at most 1 per query
    term covered. An empty bag means that the lexicon does not know the word.
    """

    terms: tuple[Term, ...]
    translations: Bag


class Lexicon:
    """Both directions of the lexicon. Use :func:`load`, which keeps one per process."""

    def __init__(
        self,
        phrases: Iterable[tuple[str, str]],
        shares: Iterable[tuple[str, str, float, float]],
        frequencies: dict[str, int],
    ) -> None:
        # What a term may be called is kept as one text, a line each: as lists and dicts it would take three times as much.
        self._frequencies = frequencies
        self._phrases: dict[Language, dict[str, str]] = {"ko": {}, "en": {}}
        for korean, english in phrases:
            _add(self._phrases["ko"], korean, english)
            _add(self._phrases["en"], english, korean)
        self._shares: dict[Language, dict[str, str]] = {"ko": {}, "en": {}}
        for korean, english, p_english, p_korean in shares:
            _add(self._shares["ko"], korean, f"{english}\t{p_english}")
            _add(self._shares["en"], english, f"{korean}\t{p_korean}")
        self._learned = functools.lru_cache(maxsize=REMEMBERED)(self._read)

    def concepts(self, terms: list[Term], language: Language) -> list[Concept]:
        """Cover ``terms`` (of ``language``, in order, without compounds) by the longest known phrases and words."""
        found, i = [], 0
        while i < len(terms):
            length = self._longest(terms, i, language)
            covered = tuple(terms[i : i + length])
            bag = self._phrase(covered, language) if length > 1 else self.word(terms[i], language)
            found.append(Concept(covered, bag))
            i += length
        return found

    def _longest(self, terms: list[Term], start: int, language: Language) -> int:
        table = self._phrases[language]
        for length in range(min(LONGEST, len(terms) - start), 1, -1):
            if " ".join(terms[start : start + length]) in table:
                return length
        return 1

    def _phrase(self, terms: tuple[Term, ...], language: Language) -> Bag:
        """A phrase's own translations share half of the weight with those of its words, which keep the recall."""
        bag = self._hand(" ".join(terms), language)
        total = sum(bag.values()) or 1.0
        merged = {t: len(terms) * 0.6 * w / total for t, w in bag.items()}
        for term in terms:
            for translation, share in self.word(term, language).items():
                merged[translation] = merged.get(translation, 0.0) + 0.4 * share
        return merged

    def word(self, term: str, language: Language) -> Bag:
        """Weighted translations of one term, summing to at most 1."""
        learned = self._learned(str(term), language)
        hand = self._hand(str(term), language)
        if not hand or not learned:
            return _pruned(hand or learned)
        merged: Bag = defaultdict(float)
        for share, bag in ((1 - HAND_SHARE, learned), (HAND_SHARE, hand)):
            for translation, weight in bag.items():
                merged[translation] += share * weight
        return _pruned(merged)

    def _read(self, term: str, language: Language) -> Bag:
        """The learned shares of a term; not to be changed."""
        lines = self._shares[language].get(term, "").splitlines()
        return {translation: float(share) for translation, _, share in (line.partition("\t") for line in lines)}

    def _hand(self, phrase: str, language: Language) -> Bag:
        """Alternatives of a hand-made entry, alike in weight; an alternative of several terms splits its own."""
        alternatives = self._phrases[language].get(phrase, "").splitlines()
        bag: Bag = defaultdict(float)
        for alternative in alternatives:
            parts = alternative.split(" ")
            for part in parts:
                bag[part] += 1 / (len(alternatives) * len(parts))
        return bag

    def knows(self, term: str, language: Language) -> bool:
        """Whether either source has the term."""
        return str(term) in self._phrases[language] or str(term) in self._shares[language]

    def paraphrases(self, term: str, language: Language) -> Bag:
        """Other terms of the same language that translate alike, by way of the other language.

        Bannard and Callison-Burch (2005, *Paraphrasing with Bilingual Parallel Corpora*, eq. 2): the sum over
        translations of the probability there and back.
        """
        other: Language = "en" if language == "ko" else "ko"
        bag: Bag = defaultdict(float)
        for translation, there in self.word(term, language).items():
            for back, share in self.word(translation, other).items():
                if back != term:
                    bag[back] += there * share
        return _pruned(bag)

    def rarity(self, term: str) -> float:
        """How telling a term is, in [0, 1]: its idf in news-like text over that of a term never seen there."""
        total = self._frequencies[""]
        return math.log((total + 1) / (self._frequencies.get(str(term), 0) + 1)) / math.log(total + 1)

    def equivalent(self, korean: str, english: str) -> float:
        """How far two single terms translate each other, in [0, 1]: the better of both directions."""
        forward = self.word(korean, "ko").get(english, 0.0)
        backward = self.word(english, "en").get(korean, 0.0)
        return max(forward, backward, math.sqrt(forward * backward))


def _add(table: dict[str, str], term: str, line: str) -> None:
    known = table.get(term)
    table[term] = f"{known}\n{line}" if known else line


def _pruned(bag: Bag) -> Bag:
    return {term: weight for term, weight in bag.items() if weight >= SMALLEST}


@functools.cache
def load() -> Lexicon:
    """The bundled lexicon."""
    return Lexicon(
        ((k, e) for k, e in _rows("phrases.tsv.gz")),
        ((k, e, float(a), float(b)) for k, e, a, b in _rows("probabilities.tsv.gz")),
        {term: int(count) for term, count in _rows("frequencies.tsv.gz")},
    )


def _rows(name: str) -> Iterator[list[str]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n").split("\t")
