"""A question to what is searched for: clues in the question's own words, in the other language, and by sound.

A *clue* is one word or figure of the question. It is met by itself, by a translation, by a name that sounds alike in
the other script, or by an equal quantity. Clues that come from earlier turns help to find but need not be met.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index import lexicon
from index.korean import HANGUL, Term
from index.lexical import Unit
from index.quantity import keys
from index.spelling import SpellingIndex
from index.terms import analyse
from index.transliteration import SoundIndex
from index.types import Language
from rag.language import question_language

COMPOUND_IMPORTANCE = 0.5  # a compound repeats the words it is made of
HISTORY_IMPORTANCE = 0.5
SOUND_LIMIT = 4
SMALLEST_RARITY = 0.1


@dataclass(frozen=True, slots=True)
class Clue:
    """One word or figure of a question, with all that meets it.

    ``weight`` in [0, 1] says how telling it is: rare words more, earlier turns' words less. A compound repeats its parts
    and has weight 0. ``surface`` is the word as written (Korean: in dictionary form). ``sounds`` are the terms that meet it by sound or by another spelling.
    """

    term: Term
    unit: Unit
    weight: float
    surface: str = ""
    sounds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Query:
    """A stand-alone question ready to be searched for. ``reply`` is the language to answer in."""

    text: str
    language: Language
    clues: tuple[Clue, ...]
    reply: Language

    @property
    def units(self) -> list[Unit]:
        """What BM25 scores."""
        return [clue.unit for clue in self.clues]


class QueryMaker:
    """Makes queries against one vocabulary, whose names it knows by sound."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._vocabulary = vocabulary
        self._known = frozenset(vocabulary)
        self._lexicon = lexicon.load()

    @functools.cached_property
    def _sounds(self) -> SoundIndex:
        return SoundIndex([t for t in self._vocabulary if len(t) > 1 and ":" not in t and not t[0].isdigit()])

    @functools.cached_property
    def _spellings(self) -> SpellingIndex:
        return SpellingIndex(self._vocabulary)

    def make(self, text: str, language: Language, history: Sequence[str] = (), reply: Language | None = None) -> Query:
        """A query for ``text``, a question of ``language``; ``history`` is what it silently refers to, of any language."""
        clues = self._clues(text, language, 1.0)
        for part in history:
            known = {str(clue.term) for clue in clues}
            found = self._clues(part, question_language(part), HISTORY_IMPORTANCE)
            clues += [_placeless(clue) for clue in found if str(clue.term) not in known]
        return Query(" ".join([*history, text]), language, tuple(clues), reply or language)

    def _clues(self, text: str, language: Language, importance: float) -> list[Clue]:
        terms = analyse(text)
        words = [t for t in terms if t.tag != "compound"]
        covering: dict[tuple[int, str], dict[str, float]] = {}
        for concept in self._lexicon.concepts(words, language):
            shares = {t: w / len(concept.terms) for t, w in concept.translations.items()}
            for term in concept.terms:
                covering[term.start, str(term)] = _lifted(shares)
        clues, seen = [], set()
        for term in terms:
            if str(term) not in seen:
                seen.add(str(term))
                cross = covering.get((term.start, str(term)), {})
                clues.append(self._clue(text, term, cross, language, importance))
        return clues + [self._figure(key, importance) for key in keys(text)]

    def _clue(self, text: str, term: Term, cross: dict[str, float], language: Language, importance: float) -> Clue:
        compound = term.tag == "compound"
        alike = self._alike(text, term, language) if _nameable(term, cross) else {}
        if str(term) not in self._known and term.tag != "number":
            alike |= dict(self._spellings.search(str(term)))
        unit = Unit(str(term), cross | alike, importance * (COMPOUND_IMPORTANCE if compound else 1.0))
        weight = 0.0 if compound else importance * max(SMALLEST_RARITY, self._lexicon.rarity(term))
        surface = str(term) if HANGUL.search(term) else text[term.start : term.end]
        return Clue(term, unit, weight, surface, frozenset(alike))

    def _figure(self, key: str, importance: float) -> Clue:
        return Clue(Term(key, 0, 0, "figure"), Unit(key, {}, importance), importance, key)

    def _alike(self, text: str, term: Term, language: Language) -> dict[str, float]:
        """Terms of the index that sound like ``term`` in the other script."""
        if language == "ko" and not HANGUL.search(term) or term.tag == "number":
            return {}
        surface = text[term.start : term.end] if language == "en" else str(term)
        return dict(self._sounds.search(surface, limit=SOUND_LIMIT))


def _placeless(clue: Clue) -> Clue:
    """``clue`` of an earlier turn, whose place there says nothing of the question."""
    return replace(clue, term=Term(str(clue.term), 0, 0, clue.term.tag))


def _nameable(term: Term, cross: dict[str, float]) -> bool:
    """Whether a term may be a name: marked so, a compound, or unknown to the lexicon."""
    return len(term) > 1 and (term.tag in ("name", "compound", "NNP") or (not cross and term.tag in ("NNG", "word")))


def _lifted(shares: dict[str, float]) -> dict[str, float]:
    """Shares divided by the root of the greatest.

    A word with many renderings gives each of them little, though the passage needs only one; raising the greatest
    share to its root meets halfway between probabilities and plain alternatives, which measured best on held-back data.
    """
    top = max(shares.values(), default=1.0) or 1.0
    return {term: min(1.0, share / top**0.5) for term, share in shares.items()}
