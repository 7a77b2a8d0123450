"""Where a text says what another one says: words of a claim paired with words of a span, in either language.

A pair is the same dictionary form, a translation (word or phrase, from either side), a paraphrase, or the same name by
sound. What it does not know: which of several places is meant; that is for those who use it.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_right
from collections.abc import Sequence

from index import english, korean, lexicon
from index.korean import HANGUL, Term
from index.transliteration import key, sounds_alike
from index.types import Language

ALIKE = 0.7  # how alike two names must sound
_SEEMS = 0.5  # share of their sounds that two names must have in common to be looked at closely
_TRANSLATES = 0.03  # least weight of a translation
_PARAPHRASES = 0.04  # and of a word of the same language that is translated alike
NEIGHBOUR = 0.75  # what a neighbour is worth, per word between
_BORDER, _END = 3, 6  # words that a clause border and a sentence end count for
_CLAUSE = re.compile(
    r"[,;:—()\n](?=\s|$)|[;(—]|(?<=[고며])(?=\s)|(?<=지만|는데|으나|면서)(?=\s)"
    r"|\s(?:and|but|while|whereas|with|against|plus)\b|(?P<end>[.!?]['\"”’)]*(?=\s|$))"
)
_WORD = re.compile(r"\S+")


class Reading:
    """A text with its terms, the clauses between which words stand farther apart, and its forms for look-up."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.morphemes = korean.terms(text) if HANGUL.search(text) else []
        content = [term for term in self.morphemes if term not in korean.STOP_WORDS]
        everything = sorted(english.terms(text) + content, key=lambda term: (term.start, term.end))
        self.terms = [t for t in everything if t.tag != "compound"]
        self.compounds = [t for t in everything if t.tag == "compound"]
        self._starts = [m.start() for m in _WORD.finditer(text)]
        borders = list(_CLAUSE.finditer(text))
        self._borders = [m.start() for m in borders]
        self._costs = [0]
        for match in borders:
            self._costs.append(self._costs[-1] + (_END if match["end"] else _BORDER))

    def place(self, offset: int) -> int:
        """How many words into the text ``offset`` is, clause borders counted as several."""
        return bisect_right(self._starts, offset) + self._costs[bisect_right(self._borders, offset)]

    def distance(self, one: int, other: int) -> int:
        """Words between two offsets, clause borders counted as several."""
        return abs(self.place(one) - self.place(other))

    def clause(self, offset: int) -> int:
        """The number, from 0, of the clause in which ``offset`` is."""
        return bisect_right(self._borders, offset)

    @functools.cached_property
    def content(self) -> list[Term]:
        """Terms that say something beside the figures, which are compared by their values."""
        return [t for t in self.terms if t.tag not in ("number", "NR", "NNBC")]

    @functools.cached_property
    def squeezed(self) -> str:
        """Lower-case text without white space."""
        return re.sub(r"\s+", "", self.text).lower()

    @functools.cached_property
    def forms(self) -> dict[str, list[Term]]:
        """Terms by their own form."""
        found: dict[str, list[Term]] = {}
        for term in (*self.terms, *self.compounds):
            found.setdefault(str(term), []).append(term)
        return found

    @functools.cached_property
    def translated(self) -> dict[str, list[Term]]:
        """Terms by every form of the other language that means the same."""
        found: dict[str, list[Term]] = {}
        for terms, translations in self.concepts:
            for translation in translations:
                found.setdefault(translation, []).extend(terms)
        return found

    @functools.cached_property
    def concepts(self) -> list[tuple[tuple[Term, ...], tuple[str, ...]]]:
        """The text's words and known phrases, each with its translations."""
        return concepts(self.terms)

    @functools.cached_property
    def names(self) -> list[tuple[Term, str]]:
        """Every form that may be a name, with its sounds: terms, and runs of the parts of a compound."""
        forms = [*self.terms, *self.compounds, *_runs(self.terms)]
        return [(t, key(str(t))) for t in forms if len(t) > 1 and t.tag not in ("number", "NR", "VV", "VA", "MAG")]


def _runs(terms: Sequence[Term]) -> list[Term]:
    """Adjoining Korean terms without a space between them (새|벌|의료|원), every run of two to four of them."""
    found = []
    for i, first in enumerate(terms):
        run, end = str(first), first.end
        for term in terms[i + 1 : i + 4]:
            if term.start != end or not HANGUL.search(term):
                break
            run, end = run + term, term.end
            found.append(Term(run, first.start, end, "run"))
    return found


def concepts(terms: Sequence[Term]) -> list[tuple[tuple[Term, ...], tuple[str, ...]]]:
    """Words and known phrases of ``terms``, each with its translations."""
    table, found = lexicon.load(), []
    for language in ("ko", "en"):
        own = [t for t in terms if bool(HANGUL.search(t)) == (language == "ko") and t.tag != "number"]
        for concept in table.concepts(own, language):
            bag = tuple(t for t, w in concept.translations.items() if w >= _TRANSLATES)
            found.append((concept.terms, bag))
    return found


class Pairing:
    """The terms of ``claim`` with the terms of ``span`` that say the same. Both are :class:`Reading`."""

    def __init__(self, claim: Reading, span: Reading) -> None:
        self.claim, self.span = claim, span
        self._found: dict[int, list[Term]] = {}
        for terms, translations in claim.concepts:
            # One syllable of a name's translation is no sign of it: 박 is also "nights" and "beats".
            least = 2 if len(terms) > 1 and HANGUL.search("".join(translations)) else 1
            places = [t for form in translations if len(form) >= least for t in span.forms.get(form, ())]
            for term in terms:
                own = self._own(term)
                self._found[term.start] = own or places

    def of(self, term: Term) -> list[Term]:
        """The terms of the span that say what ``term`` says; empty where none does."""
        if term.start not in self._found:
            self._found[term.start] = self._own(term)
        found = self._found[term.start]
        if not found and (term.tag in ("NNP", "name", "compound") or not _known(str(term))):
            found = self._found[term.start] = self.by_sound(term)
        return found

    def of_compound(self, term: Term) -> bool:
        """Whether the span has a name of several words as a whole, in either script."""
        return str(term) in self.span.forms or bool(self.by_sound(term))

    @property
    def whole(self) -> bool:
        """Whether the span says every word of the claim, as of a name in either script."""
        words = self.claim.content
        return bool(words) and (all(map(self.of, words)) or any(map(self.of_compound, self.claim.compounds)))

    def closeness(self, claimed: int, stated: int) -> float:
        """How far an offset of the claim and one of the span have the same neighbours.

        Each word near in both texts adds up to 1; those far off in either add nearly nothing.
        """
        total = 0.0
        for term in self.claim.terms:
            if term.start != claimed and (places := self.of(term)):
                near = self.claim.distance(term.start, claimed)
                total += NEIGHBOUR ** (near + min(self.span.distance(t.start, stated) for t in places))
        return total

    @functools.cached_property
    def met(self) -> frozenset[int]:
        """Where the span's terms stand that some term of the claim says."""
        return frozenset(t.start for term in self.claim.terms for t in self.of(term))

    def _own(self, term: Term) -> list[Term]:
        forms = self.span.forms
        found = [*forms.get(str(term), ())] or [*self.span.translated.get(str(term), ())]
        if not found:
            found = [t for form in synonyms(str(term)) for t in forms.get(form, ())]
        return found

    def by_sound(self, term: Term) -> list[Term]:
        """Names of the other script in the span that sound like ``term``."""
        hangul, sound = bool(HANGUL.search(term)), key(str(term))
        spelled = str(term) if hangul else english.plain(self.claim.text[term.start : term.end])
        others = [o for o, other in self.span.names if bool(HANGUL.search(o)) != hangul and _seem(sound, other)]
        return [o for o in others if _sounds(spelled, str(o)) >= ALIKE]


@functools.lru_cache(maxsize=20_000)
def alike(one: str, other: str) -> float:
    """How likely two words of different scripts are the same name, in [0, 1]; 0 where even their consonants differ."""
    return sounds_alike(one, other) if _seem(key(one), key(other)) else 0.0


def _seem(one: str, other: str) -> bool:
    """A cheap look at two names before the costly one: they share consonants, and begin or end alike."""
    first, second = {c for c in one if c.isupper()}, {c for c in other if c.isupper()}
    return len(first & second) >= _SEEMS * max(len(first), len(second))


_sounds = functools.lru_cache(maxsize=20_000)(sounds_alike)


@functools.lru_cache(maxsize=20_000)
def synonyms(form: str) -> tuple[str, ...]:
    """Words of the same language that are translated alike."""
    language: Language = "ko" if HANGUL.search(form) else "en"
    return tuple(t for t, w in lexicon.load().paraphrases(form, language).items() if w >= _PARAPHRASES)


def _known(form: str) -> bool:
    return lexicon.load().knows(form, "ko" if HANGUL.search(form) else "en")
