"""Drafts of an answer from evidence. The extractive generator, the default, needs no model and repeats exactly.

A generator yields drafts: a sentence to show and the spans that it stands on. What is shown is decided by
:mod:`rag.verify`, not here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from index.quantity import quantities, render
from index.types import Language, Span
from rag.agreement import Statement, compare, state
from rag.contradiction import contradictions
from rag.draft import Comparison, Draft
from rag.evidence import Evidence
from rag.intent import Kind, kind_of
from rag.query import Query
from rag.wording import noted

LONGEST = 690  # characters of an answer, markers included: room for two to five sentences
MOST = 5  # sentences quoted
# How likely the best sentence must be to answer, as the cross-encoder reads it, against its favourite, for a span of it to
# stand for the answer. On four development folders 72 % of the questions that ask for a span then get a lead and 53 % a
# right one; at one half it was 61 and 45 %.
FAVOURED = 0.05
CHECKED = 3  # sentences whose articles are checked for contradicting themselves
MARKER = 6  # characters of a marker with its space and line end
LONGEST_LIST = 450  # characters of a bulleted list quoted whole
LISTED: frozenset[Kind] = frozenset({"list", "statement", "definition", "place"})
_BULLET = re.compile(r"\s*(?:[-•·∙◦▪‣○●□■◇◆▶►①-⑳]|\d{1,2}[.)])\s+\S")
CLOSE = 6.0  # how far below the best one's log-odds those of a further sentence may be
REFUSAL = {
    "ko": "색인된 문서에서는 이 질문의 답을 찾지 못했습니다. 관련이 있을 수 있는 대목은 아래와 같습니다.",
    "en": "The indexed documents do not answer this question. The nearest passages are listed as related reading.",
}
_ORIGIN = {
    ("ko", "en"): "영어 기사 원문: “{quote}”",
    ("en", "ko"): "From a Korean article: “{quote}”",
}
_SPACES = re.compile(r"\s+")


class Generator(Protocol):
    """Writes drafts. ``name`` is recorded with every answer."""

    name: str

    def drafts(self, query: Query, question: str, ranked: Sequence[Evidence]) -> Iterator[Draft]:
        """Drafts of an answer to ``question`` from evidence in order of merit."""
        ...


class Extractive:
    """Leads with the figure that is asked for, then quotes the best sentences in their own language."""

    name = "extractive"

    def drafts(self, query: Query, question: str, ranked: Sequence[Evidence]) -> Iterator[Draft]:
        """The lead, where one stands out, then up to ``MOST`` quotes within ``LONGEST`` characters, its grounds first."""
        kind = kind_of(question, query.language)
        items = [whole_list(item) if kind in LISTED else item for item in with_figure(ranked)[: MOST * 4]]
        lead = _lead(items[0], question, query) if items else None
        told = [_shown(lead, query.reply), *compare(lead, ranked, question, query)] if lead else []
        amiss = list(_contradicted(items[:CHECKED], ranked, query.reply))
        # What states the lead's value, or another for it, is its grounds: before what only touches the topic.
        grounds = {item.place for draft in told for item in draft.evidence}
        items.sort(key=lambda item: item.place not in grounds)
        yield from told
        yield from choose(items, query.reply, LONGEST - sum(map(_cost, [*told, *amiss])))
        yield from amiss


def with_figure(ranked: Sequence[Evidence]) -> list[Evidence]:
    """``ranked`` with the best sentence that holds a figure of the kind asked for moved up to the second place.

    Whoever asks for an amount is not answered by sentences without one, however well they fit the topic.
    """
    if not ranked or not ranked[0].features["untypical"]:
        return list(ranked)
    figure = next((item for item in ranked[1:] if item.features["typical"]), None)
    if figure is None:
        return list(ranked)
    moved = replace(figure, chance=ranked[0].chance)  # it is shown for its figure, whatever its chance
    return [ranked[0], moved, *(item for item in ranked[1:] if item is not figure)]


def choose(ranked: Sequence[Evidence], language: Language, room: int = LONGEST) -> Iterator[Draft]:
    """Quotes of the best sentence and of those close behind it, as many as fit into ``room`` characters."""
    chosen: list[Evidence] = []
    for item in ranked:
        draft = _quoted(item, language)
        if chosen and (_odds(item) < _odds(chosen[0]) - CLOSE or _cost(draft) > room or _repeats(item, chosen)):
            continue
        chosen.append(item)
        room -= _cost(draft)
        yield draft
        if len(chosen) == MOST:
            return


def _odds(item: Evidence) -> float:
    """The log-odds that a sentence answers; of near certain ones these differ where the chances hardly do."""
    chance = min(max(item.chance, 1e-9), 1 - 1e-9)
    return math.log(chance / (1 - chance))


def _cost(draft: Draft | None) -> int:
    """Characters that a draft takes up with its markers and line end."""
    return len(draft.text) + MARKER * len(draft.evidence) if draft else 0


def _repeats(item: Evidence, chosen: Sequence[Evidence]) -> bool:
    return any(
        item.text == other.text
        or (item.article.id == other.article.id and item.span[0] < other.span[1] and other.span[0] < item.span[1])
        for other in chosen
    )


def whole_list(item: Evidence) -> Evidence:
    """``item`` widened to the bulleted list that it is part of or that it announces, where that is short enough."""
    text = item.article.text
    start, end = _line(text, item.span[0])[0], _line(text, item.span[1])[1]
    lead, bulleted = item.span[0], bool(_BULLET.match(text[start:end]))
    while bulleted and start and _BULLET.match(text[_line(text, start - 1)[0] : start]):
        start = lead = _line(text, start - 1)[0]
    if bulleted and start and text[: start - 1].rstrip().endswith(":"):
        lead = _line(text, start - 1)[0]
    while end < len(text) and _BULLET.match(text[end + 1 : _line(text, end + 1)[1]]):
        end, bulleted = _line(text, end + 1)[1], True
    if not bulleted or end - lead > LONGEST_LIST:
        return item
    return replace(item, span=(lead, end))


def _line(text: str, place: int) -> Span:
    """The bounds of the line that holds ``place``."""
    end = text.find("\n", place)
    return text.rfind("\n", 0, place) + 1, len(text) if end < 0 else end


def _lead(best: Evidence, question: str, query: Query) -> Statement | None:
    """The span that answers, where one stands out in the best sentence and the cross-encoder reads the same."""
    return state(best, question, query) if best.features["odds_share"] >= FAVOURED else None


def _shown(lead: Statement, language: Language) -> Draft:
    told = noted(lead.shown, language)
    text = told if lead.original in lead.shown else f"{told} ({lead.original})"
    return Draft(text, (lead.item,), claim=lead.original, direct=lead.shown)


def _contradicted(items: Sequence[Evidence], ranked: Sequence[Evidence], language: Language) -> Iterator[Draft]:
    """What the articles of the best sentences contradict themselves in, as far as their passages were read."""
    for item in items:
        article = item.article
        read = {other.span: other for other in ranked if other.article.id == article.id}
        for found in contradictions(article.text, sorted(read), item.span, article.published, language):
            evidence = [
                next((e for span, e in read.items() if span[0] <= start < span[1]), item) for start, _ in found.spans
            ]
            originals = tuple(article.text[start:end] for start, end in found.spans)
            yield Draft(found.reason, tuple(evidence), comparison=Comparison(False, originals, originals, found.reason))


def _quoted(item: Evidence, language: Language) -> Draft:
    quote = _SPACES.sub(" ", item.text)
    frame = _ORIGIN.get((language, item.article.language))
    if frame is None:
        return Draft(quote, (item,), claim=item.text)
    gloss = _gloss(item, language)
    return Draft(frame.format(quote=quote) + (f" ({gloss})" if gloss else ""), (item,), claim=item.text)


def _gloss(item: Evidence, language: Language) -> str:
    """The quote's figures in the asker's language, for a reader who does not read the quote's."""
    found = [q for q in quantities(item.text) if q.kind in ("money", "date", "area", "count")]
    shown = (render(q, language) for q in found[:4])
    return " · ".join(dict.fromkeys(s for s in shown if s and s not in item.text))
