"""Whether a span of an article supports a sentence: pure, and used on every sentence before it is shown.

Support means that every figure and date of the sentence agrees with one of the span after normalisation across
languages, that every name is there in either script, that neither denies or turns round what the other says, that no
two things have changed places, and that enough of the sentence's content is in the span. Where one of these fails the
verdict says which.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from index import lexicon
from rag.figures import Source, figures_hold
from rag.names import names_agree
from rag.pairing import Pairing, Reading
from rag.polarity import denials_agree, directions_agree
from rag.roles import exchanged

ENOUGH = 0.25  # share of the sentence's content words, by rarity, that the span must hold; see eval/claims.py


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a span supports a sentence; ``reasons`` name what failed.

    They are ``figure``, ``name``, ``denial``, ``direction``, ``roles`` and ``content``.
    """

    supported: bool
    reasons: tuple[str, ...] = ()


def verify(sentence: str, span: str, published: str | None = None, *, context: str = "") -> Verdict:
    """Check ``sentence`` (either language) against ``span``, the text of an article published on ``published``.

    ``context`` is the article's title and the sentence before the span: where the span says only "the company", names
    and words may come from there, but no figure does.
    """
    if sentence.strip() and sentence.strip() in span:
        return Verdict(True)
    claim, pairing = _pairing(sentence, span)
    around = Pairing(claim, _reading(context)) if context else None
    claimed, stated = _source(sentence, published), _source(span, published)
    checks = {
        "figure": figures_hold(claimed, stated, _source(context, published) if context else None),
        "name": names_agree(pairing, around, claimed.figures),
        "denial": denials_agree(pairing),
        "direction": directions_agree(pairing),
        "roles": not exchanged(pairing, claimed.figures, stated.figures),
        "content": _overlap(pairing, around) >= ENOUGH,
    }
    failed = tuple(name for name, passed in checks.items() if not passed)
    return Verdict(not failed, failed)


def figures_agree(sentence: str, span: str, published: str | None = None) -> bool:
    """Whether every figure and date of ``sentence`` agrees with one of ``span``."""
    return figures_hold(_source(sentence, published), _source(span, published))


def overlap(sentence: str, span: str) -> float:
    """The share of the sentence's content words that the span holds, by word or translation, weighted by rarity."""
    return _overlap(_pairing(sentence, span)[1], None)


@functools.lru_cache(maxsize=256)
def _reading(text: str) -> Reading:
    return Reading(text)


@functools.lru_cache(maxsize=256)
def _source(text: str, published: str | None) -> Source:
    return Source(text, published)


def _pairing(sentence: str, span: str) -> tuple[Reading, Pairing]:
    claim = _reading(sentence)
    return claim, Pairing(claim, _reading(span))


def _overlap(pairing: Pairing, around: Pairing | None) -> float:
    words = pairing.claim.content
    rarity = lexicon.load().rarity
    total = sum(rarity(t) for t in words)
    met = sum(rarity(t) for t in words if pairing.of(t) or around is not None and around.of(t))
    return met / total if total else 1.0
