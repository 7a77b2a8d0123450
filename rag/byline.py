"""Questions about an article itself: who wrote it, where and when it was published.

What a page states of itself is kept as metadata, apart from the text, so such a question is answered from there, with
the article's opening sentence as the place to look. What the page does not state is not answered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from index.quantity import quantities, render
from index.types import Article, Language
from rag.draft import Draft
from rag.evidence import Evidence
from rag.query import Query
from rag.wording import noted

Field = Literal["author", "publisher", "published"]
ENOUGH = 0.5  # share of the question that the article must meet to be the one that is meant

_WORK_KO = r"(?:기사|칼럼|기고|기고문|글|보도자료|보도|뉴스|사설|리포트|보고서)"
_WORK_EN = r"(?:article|column|op-ed|opinion piece|contribution|piece|story|press release|report|release|news)"
_PATTERNS: dict[Language, tuple[tuple[Field, re.Pattern[str]], ...]] = {
    "ko": (
        ("author", re.compile(rf"(?:필자|저자|글쓴이|기고자|작성자|기고한 사람)|{_WORK_KO}[을를은는]? ?(?:누가|쓴|작성한)|기자(?:는|가|의)? ?(?:누구|이름)|누가 (?:썼|쓴|작성|기고)")),
        ("publisher", re.compile(rf"어느 (?:신문|언론|매체|일간지)|어떤 (?:신문|언론|매체)|(?:신문|언론)사(?:는|가)? ?(?:어디|무엇|이름)|{_WORK_KO}[은는이가의을를]? ?(?:출처|실린 곳|낸 곳|발행처)")),
        ("published", re.compile(rf"{_WORK_KO}[은는이가의]? ?[가-힣 ]{{0,20}}(?:언제|며칠|몇 월|날짜|게재일|발행일|보도일|작성일)|(?:게재|발행|보도|배포|작성)(?:된|한)? ?(?:날짜|일자|날|일)")),
    ),
    "en": (
        ("author", re.compile(rf"\bwho (?:wrote|authored|penned|reported|filed)\b|\bauthor(?:ed)?\b|\bbyline\b|\bwhich (?:reporter|journalist)\b|\bwritten by\b|\bwriter of\b|\bname of the (?:reporter|journalist|author)|\bwhose (?:byline|{_WORK_EN})", re.I)),
        ("publisher", re.compile(rf"\b(?:which|what) (?:newspaper|outlet|publication|paper|media|news organi[sz]ation|publisher)\b|\bwho published\b|\bwhere was (?:the|this) {_WORK_EN} published", re.I)),
        ("published", re.compile(rf"\bwhen (?:was|were|did)\b.{{0,80}}\b{_WORK_EN}\b.{{0,60}}\b(?:published|posted|released|issued|printed|run|appear|out|come out)|\bpublication date\b|\bdate of (?:the|this) {_WORK_EN}|\bwhat date (?:is|was).{{0,60}}\b{_WORK_EN}\b", re.I)),
    ),
}  # fmt: skip


def asked_field(question: str, language: Language) -> Field | None:
    """Which statement of an article about itself is asked for, if any."""
    return next((field for field, pattern in _PATTERNS[language] if pattern.search(question)), None)


def byline(question: str, query: Query, ranked: Sequence[Evidence]) -> Draft | None:
    """The author, publisher or date of the article that ``question`` is about, where its page states it."""
    field = asked_field(question, query.language)
    best = max(ranked, key=lambda e: (e.features["article"], e.features["passage_score"]), default=None)
    if field is None or best is None or best.features["article"] < ENOUGH or not getattr(best.article, field):
        return None
    opening = min((e for e in ranked if e.article.id == best.article.id), key=lambda e: e.span)
    stated = _stated(best.article, query.reply)
    text = f"{noted(stated[field], query.reply)} — {', '.join([_title(best.article), *(v for k, v in stated.items() if v and k != field)])}"
    return Draft(text, (opening,), claim=opening.text, direct=stated[field])


def _stated(article: Article, language: Language) -> dict[Field, str]:
    """What the page of ``article`` says of itself, empty where it does not."""
    date = _date(article.published, language) if article.published else ""
    return {"author": article.author, "publisher": article.publisher, "published": date}


def _title(article: Article) -> str:
    return f"“{article.title}”" if article.title else article.source


def _date(published: str, language: Language) -> str:
    found = quantities(published)
    return render(found[0], language) if found else published
