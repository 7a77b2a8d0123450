"""Drafts of an answer from evidence. The extractive generator, the default, needs no model and repeats exactly.

A generator yields drafts: a sentence to show and the spans that it stands on. What is shown is decided by
:mod:`rag.verify`, not here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from index.quantity import agree, quantities, render
from index.types import Language
from rag.evidence import Evidence
from rag.intent import Kind, answers, kind_of, wants_figure
from rag.query import Query

LONGEST = 640  # characters of an answer, markers included: room for two or three sentences
MOST = 3  # sentences quoted
CLOSE = 0.5  # a further sentence must have this share of the best one's chance
REFUSAL = {
    "ko": "색인된 문서에서는 이 질문의 답을 찾지 못했습니다. 관련이 있을 수 있는 대목은 아래와 같습니다.",
    "en": "The indexed documents do not answer this question. The nearest passages are listed as related reading.",
}
_ORIGIN = {
    ("ko", "en"): "영어 기사 원문: “{quote}”",
    ("en", "ko"): "From a Korean article: “{quote}”",
}
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence to show, without markers, and the evidence it claims."""

    text: str
    evidence: tuple[Evidence, ...]
    claim: str = ""

    @property
    def checked(self) -> str:
        """The part of the text that must be supported: all of it, unless the generator marks its own frame."""
        return self.claim or self.text


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
        """The lead, where one figure stands out, then up to three quotes."""
        kind = kind_of(question, query.language)
        chosen = choose(ranked)
        if chosen and (lead := _lead(chosen[0], kind, query)):
            yield lead
        for item in chosen:
            yield _quoted(item, query.reply)


def choose(ranked: Sequence[Evidence]) -> list[Evidence]:
    """The best sentence and those close behind it, as many as are short enough together."""
    chosen: list[Evidence] = []
    room = LONGEST
    for item in ranked[: MOST * 4]:
        cost = len(item.text) + 40
        if chosen and (item.chance < CLOSE * chosen[0].chance or cost > room or _repeats(item, chosen)):
            continue
        chosen.append(item)
        room -= cost
        if len(chosen) == MOST:
            break
    return chosen


def _repeats(item: Evidence, chosen: Sequence[Evidence]) -> bool:
    return any(item.text == other.text for other in chosen)


def _lead(item: Evidence, kind: Kind, query: Query) -> Draft | None:
    """The figure that is asked for, in the asker's language, where the sentence holds exactly one that is new."""
    if not wants_figure(kind):
        return None
    asked = quantities(query.text)
    fitting = [
        q
        for q in quantities(item.text, item.article.published)
        if answers(q, kind) and not any(agree(q, other) for other in asked)
    ]
    if len(fitting) != 1:
        return None
    shown, original = render(fitting[0], query.reply), fitting[0].text.strip()
    text = shown if shown == original else f"{shown} ({original})"
    return Draft(text, (item,), claim=original)


def _quoted(item: Evidence, language: Language) -> Draft:
    quote = _SPACES.sub(" ", item.text)
    frame = _ORIGIN.get((language, item.article.language))
    if frame is None:
        return Draft(quote, (item,), claim=item.text)
    gloss = _gloss(item, language)
    return Draft(frame.format(quote=quote) + (f" ({gloss})" if gloss else ""), (item,), claim=item.text)


def _gloss(item: Evidence, language: Language) -> str:
    """The quote's figures in the asker's language, for a reader who does not read the quote's."""
    found = [q for q in quantities(item.text, item.article.published) if q.kind in ("money", "date", "area", "count")]
    shown = (render(q, language) for q in found[:4])
    return " · ".join(dict.fromkeys(s for s in shown if s and s not in item.text))
