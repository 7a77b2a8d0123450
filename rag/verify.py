"""Whether a span of an article supports a sentence: pure, and used on every sentence before it is shown.

Support means that every figure and date of the sentence agrees with one of the span after normalisation across
languages, that every name is there in either script, that both affirm or both deny, and that enough of the sentence's
content is in the span. Where one of these fails the verdict says which.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index import lexicon
from index.korean import HANGUL, Term
from index.normalise import language_of
from index.quantity import agree, quantities
from index.terms import analyse
from index.transliteration import sounds_alike

ENOUGH = 0.5  # share of the sentence's content words, by rarity, that the span must hold
ALIKE = 0.7  # how alike two names must sound
_DENIAL = {
    "ko": re.compile(r"않|아니|없|못하|못했|안 |부인|금지|불가|중단|철회|취소"),
    "en": re.compile(
        r"\b(?:not|no|never|none|neither|nor|without|cannot|denied|refus\w+|cancel\w*|ban\w*|halt\w*)\b|n't\b", re.I
    ),
}
_NAME_TAGS = ("NNP", "name")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a span supports a sentence; ``reasons`` name what failed: figure, name, denial or content."""

    supported: bool
    reasons: tuple[str, ...] = ()


def verify(sentence: str, span: str, published: str | None = None) -> Verdict:
    """Check ``sentence`` (either language) against ``span``, the text of an article published on ``published``."""
    if sentence.strip() and sentence.strip() in span:
        return Verdict(True)
    checks = {
        "figure": figures_agree(sentence, span, published),
        "name": _names_agree(sentence, span),
        "denial": _denies(sentence) == _denies(span),
        "content": overlap(sentence, span) >= ENOUGH,
    }
    failed = tuple(name for name, passed in checks.items() if not passed)
    return Verdict(not failed, failed)


def figures_agree(sentence: str, span: str, published: str | None = None) -> bool:
    """Whether every figure and date of ``sentence`` agrees with one of ``span``."""
    known = quantities(span, published)
    return all(any(agree(q, k) for k in known) for q in quantities(sentence, published))


def overlap(sentence: str, span: str) -> float:
    """The share of the sentence's content words that the span holds, by word or translation, weighted by rarity."""
    words = _words(sentence)
    if not words:
        return 1.0
    known = frozenset(map(str, analyse(span)))
    rarity = lexicon.load().rarity
    total = sum(rarity(t) for t in words) or 1.0
    return sum(rarity(t) * _found(t, known) for t in words) / total


def _words(text: str) -> list[Term]:
    return [t for t in analyse(text) if t.tag not in ("compound", "number", "NR", "NNBC")]


def _found(term: Term, known: frozenset[str]) -> float:
    if term in known:
        return 1.0
    table = lexicon.load()
    bag = table.word(term, "ko" if HANGUL.search(term) else "en")
    if any(translation in known for translation in bag):
        return 1.0
    return float(_alike(term, known)) if term.tag in _NAME_TAGS or not bag else 0.0


def _alike(term: Term, known: frozenset[str]) -> bool:
    hangul = bool(HANGUL.search(term))
    others = (k for k in known if bool(HANGUL.search(k)) != hangul and len(k) > 1 and not k[0].isdigit())
    return any(sounds_alike(str(term), other) >= ALIKE for other in others)


def _names_agree(sentence: str, span: str) -> bool:
    """Whether every name of ``sentence`` is in ``span``, literally, translated or by sound."""
    known = frozenset(map(str, analyse(span)))
    names = [t for t in analyse(sentence) if t.tag in _NAME_TAGS and t.start > 0]
    return all(_found(name, known) > 0 for name in names)


def _denies(text: str) -> bool:
    return bool(_DENIAL[language_of(text)].search(text))
