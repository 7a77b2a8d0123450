"""The exact spans that support a sentence of a language model, whatever markers it put there. Pure.

The model is taken to obey hostile documents: a sentence is given spans only where :mod:`rag.verify` finds support, and
where the span holds most of what the sentence says beyond the question. Whoever writes freely can repeat the
question's words, which the best span holds too, and add "was demolished"; a sentence that is quoted cannot.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index import lexicon
from index.korean import HANGUL
from index.normalise import language_of
from index.quantity import keys, quantities, terms
from index.terms import analyse
from index.types import Language
from rag.draft import Draft
from rag.evidence import Evidence
from rag.material import Document
from rag.pairing import Pairing, Reading
from rag.reply import Sentence
from rag.verify import overlap, verify

SOURCES = 3  # spans cited for one sentence
NEWS = 0.55  # share of what a sentence says beyond the question; see eval/inventions.py
FIGURE = 1.5  # what a figure counts for beside words, of which the rarest counts 1: it is compared by its value
_LETTERS = 20  # a shorter sentence may be a name or a figure, which has no language; a syllable counts as two
# What asks the reader something, or to do something, states nothing that a document could support.
_REQUEST = re.compile(
    r"[?？][\"'”’)]*$|^(?:please|kindly)\b|\bplease\b[^“\"]*$|(?:세요|십시오|시오|바랍니다|바란다|해라|하라)[.!]*$",
    re.I,
)


def attribute(sentence: Sentence, documents: Sequence[Document], language: Language, question: str) -> Draft | None:
    """``sentence`` with the exact spans that support it as an answer to ``question``, ``None`` where there are none.

    Of every document that it claims the best supporting sentence is cited. Where no claim holds, or none is made, the
    best of all documents is: a wrong marker is put right, and a missing one is found.
    """
    if not analyse(sentence.text) or _REQUEST.search(sentence.text) or foreign(sentence.text, language):
        return None
    claimed = [d for d in documents if d.number in sentence.numbers]
    spans = [span for d in claimed if (span := best(sentence.text, d.sentences, question)) is not None]
    if not spans:
        rest = [item for d in documents if d not in claimed for item in d.sentences]
        spans = [span for span in [best(sentence.text, rest, question)] if span is not None]
    unique = {(item.article.id, item.span): item for item in spans}
    return Draft(sentence.text, tuple(unique.values())[:SOURCES]) if unique else None


def best(sentence: str, candidates: Sequence[Evidence], question: str) -> Evidence | None:
    """The candidate that supports ``sentence`` and shares most with it; of equals the one ranked first."""
    fitting = [
        item
        for item in candidates
        if not item.text.rstrip("\"'”’) ").endswith(("?", "？"))  # what is asked is not stated
        and supports(item, sentence)
        and news(sentence, item, question) >= NEWS
    ]
    return max(fitting, key=lambda item: overlap(sentence, item.text), default=None)


def news(sentence: str, item: Evidence, question: str) -> float:
    """The share, by rarity, of what ``sentence`` says beyond ``question`` that its span or what is before it holds.

    A figure that the question does not give counts as held: :func:`rag.verify.verify` has seen to it.
    """
    claim, rarity = Reading(sentence), lexicon.load().rarity
    asked, stated = Pairing(claim, Reading(question)), Pairing(claim, Reading(f"{item.text}\n{before(item)}"))
    words, given = [term for term in claim.content if not asked.of(term)], set(keys(question))
    figures = FIGURE * sum(not given.issuperset(terms(figure)) for figure in quantities(sentence))
    total = figures + sum(rarity(term) for term in words)
    return (figures + sum(rarity(term) for term in words if stated.of(term))) / total if total else 1.0


def supports(item: Evidence, sentence: str) -> bool:
    """Whether the span of ``item``, read after its article's title and the sentence before, supports ``sentence``."""
    return verify(sentence, item.text, item.article.published, context=before(item)).supported


def before(item: Evidence) -> str:
    """The article's title and the sentence before the span: what "it" and "the company" there may stand for."""
    return f"{item.article.title}\n{item.before}"


def foreign(text: str, language: Language) -> bool:
    """Whether ``text`` is long enough to have a language, and has another than ``language``."""
    return sum(c.isalpha() for c in text) + len(HANGUL.findall(text)) >= _LETTERS and language_of(text) != language
