"""Articles that state the same, and articles that do not: the answer's value looked for in the other articles' evidence.

Values are compared in their canonical form, so that 2,700억 원 and 270 billion won are one. Groups hold equal values
only: one that is merely close, or that lacks a part of the date, is in no group. Figures that are not equal are told
side by side, never merged. What it does not know: why sources differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from index.measure import CONVERTED, PLAIN, Quantity
from index.quantity import agree, quantities, render
from index.types import Language
from rag import span
from rag.draft import Comparison, Draft
from rag.evidence import Evidence
from rag.intent import wants_figure
from rag.pairing import Pairing, Reading
from rag.query import Query
from rag.wording import worded

MOST = 3  # other figures told, so that there is room for the grounds
READ = 12  # sentences, likeliest first, in which other articles' values are looked for
SHARE, MEETS = 0.1, 0.25  # of the lead's chance that a sentence must have to be compared, and of the question
# For an unequal figure to be another one for the same thing, its sentence must be nearly as likely, be read as an answer
# (log-odds), meet the question nearly as well, and the span must be sure: two figures are soon told of two things.
RIVALS, READ_SO, MET, CERTAIN = 0.9, 0.0, 0.65, 0.8
_MEASURED = frozenset({"area", "length", "weight"})
_AGREE = {
    "ko": "기사 {n}건이 일치 · {languages}",
    "en": "{n} articles agree · {languages}",
}
_NAMES = {("ko", "ko"): "한국어 {n}", ("ko", "en"): "영어 {n}", ("en", "ko"): "{n} Korean", ("en", "en"): "{n} English"}
_DIFFER = {"ko": "기사마다 다릅니다(최신순): {each}", "en": "Articles differ, newest first: {each}"}


@dataclass(frozen=True, slots=True)
class Statement:
    """What one sentence answers: the span, as shown and as it stands there."""

    item: Evidence
    found: span.Found
    shown: str
    original: str


def state(item: Evidence, question: str, query: Query) -> Statement | None:
    """What ``item`` answers to ``question``, where a span of it stands out."""
    found = span.find(item.text, question, query.language, item.article.published, item.words)
    if found is None:
        return None
    return Statement(item, found, *worded(found.candidate, item.text, question, query.reply))


def compare(lead: Statement, ranked: Sequence[Evidence], question: str, query: Query) -> Iterator[Draft]:
    """That other articles state the same as ``lead``, and that others state another figure for it, each where it is so."""
    others = list(_others(lead, ranked, question, query))
    same = [lead, *(other for other in others if equal(lead, other))]
    if len(same) > 1:
        yield _agreeing(same, query.reply)
    kind = span.sought(question, query.language)
    differing = [other for other in others if _another(lead, other)] if wants_figure(kind) else []
    if differing:
        yield _differing([lead, *differing[:MOST]], query.reply)


def _others(lead: Statement, ranked: Sequence[Evidence], question: str, query: Query) -> Iterator[Statement]:
    """The best statement of each other article, among evidence that meets the question."""
    seen = {lead.item.article.id}
    for item in ranked[:READ]:
        weak = item.chance < SHARE * lead.item.chance or item.features["soft_near"] < MEETS
        if item.article.id in seen or weak:
            continue
        if statement := state(item, question, query):
            seen.add(item.article.id)
            yield statement


def equal(statement: Statement, other_statement: Statement) -> bool:
    """Whether two statements give the same value: figure by figure, or the same name in either script."""
    one, other = statement.found.candidate, other_statement.found.candidate
    if not one.figures and not other.figures:
        return same_name(statement.original, other_statement.original)
    return len(one.figures) == len(other.figures) and all(map(same_figure, one.figures, other.figures))


def same_figure(one: Quantity, other: Quantity) -> bool:
    """Whether two figures have one canonical value; hedges aside, and within the rounding of a converted unit."""
    if not _alike(one, other):
        return False
    if one.kind == "date":
        return one.date == other.date
    slack = CONVERTED if one.kind in _MEASURED else Decimal(0)
    ends = ((one.amount, other.amount), (one.upper, other.upper))
    return all(a == b or a and b and abs(a - b) <= slack * max(abs(a), abs(b)) for a, b in ends)


def _alike(one: Quantity, other: Quantity) -> bool:
    """Whether two figures are of one sort: the same unit, or counts of which one leaves the unit out."""
    return one.kind == other.kind and one.unit == other.unit or {one.kind, other.kind} <= PLAIN


def _another(lead: Statement, other: Statement) -> bool:
    """Whether ``other`` surely gives another figure for the same thing: of the same sort, and not just less exact."""
    one, two = lead.found.candidate.figures, other.found.candidate.figures
    rival = other.item.chance >= RIVALS * lead.item.chance and other.item.features["odds"] > READ_SO
    if not rival or other.item.features["soft_near"] < MET or min(lead.found.chance, other.found.chance) < CERTAIN:
        return False
    if len(one) != 1 or len(two) != 1:
        return False
    (mine,), (its,) = one, two
    dated = mine.kind == "date" and (agree(mine, its) or None in (mine.date.month, its.date.month))
    return _alike(mine, its) and not same_figure(mine, its) and not dated


def same_name(one: str, other: str) -> bool:
    """Whether two names are one, in either script: every word of each is met by the other."""
    if one == other:
        return True
    readings = Reading(one), Reading(other)
    return all(Pairing(a, b).whole for a, b in (readings, readings[::-1]))


def _agreeing(same: Sequence[Statement], language: Language) -> Draft:
    spoken = [statement.item.article.language for statement in same]
    counts = [(spoken.count(own), own) for own in ("ko", "en") if own in spoken]
    listed = ", ".join(_NAMES[language, own].format(n=n) for n, own in counts)
    return _draft(_AGREE[language].format(n=len(same), languages=listed), same, agree=True)


def _differing(statements: Sequence[Statement], language: Language) -> Draft:
    newest = sorted(statements, key=lambda s: s.item.article.published or "", reverse=True)
    each = " · ".join(f"{s.shown} ({_origin(s.item, language)})" for s in newest)
    return _draft(_DIFFER[language].format(each=each), newest, agree=False)


def _origin(item: Evidence, language: Language) -> str:
    """Publisher and date, as far as the page states them, else the file's name."""
    article = item.article
    day = render(quantities(article.published)[0], language) if article.published else ""
    return ", ".join(part for part in (article.publisher, day) if part) or article.source


def _draft(text: str, statements: Sequence[Statement], agree: bool) -> Draft:
    shown, originals = tuple(s.shown for s in statements), tuple(s.original for s in statements)
    return Draft(text, tuple(s.item for s in statements), comparison=Comparison(agree, shown, originals))
