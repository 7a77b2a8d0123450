"""Example questions drawn from the indexed articles: names that they speak of, asked for, and kept only if answered."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

from index.english import STOP_WORDS
from index.types import Article, Language
from rag.types import Answer

OFFERED = 4
TRIED = 10  # questions asked at most: one takes about a tenth of a second
_QUOTED = re.compile(r"[‘“]([^‘’“”\n]{3,24})[’”]")
_NAMED = re.compile(r"\b(?:[A-Z][\w-]*[a-z][\w-]*)(?: (?:(?:of|for|the|and) )?[A-Z][\w-]+){1,3}")
_MONTHS = frozenset(calendar.month_name[1:]) | frozenset(calendar.day_name)
_MONEY = {
    "ko": re.compile(r"\d[\d,.]*(?:조|억|만)[^.\n]{0,12}(?:원|달러)"),
    "en": re.compile(r"[$₩€]\d|\d won|\d dollars"),
}
_HANGUL_END = re.compile(r"[가-힣]$")


def choose(articles: Sequence[Article], ask: Callable[[str], Answer], language: Language) -> list[str]:
    """Up to ``OFFERED`` questions, the page's language first, each of another article where there are enough.

    A question is kept only if its answer quotes the article that it was drawn from.
    """
    own = [a for a in reversed(articles) if a.language == language]
    others = [a for a in reversed(articles) if a.language != language]
    kept: list[str] = []
    tried = 0
    for article, question in [*_in_turn(own), *_in_turn(others)]:
        share = OFFERED if article.language == language and not others else OFFERED - 1
        if article.language == language and len(kept) >= share:
            continue
        if len(kept) == OFFERED or tried == TRIED:
            break
        tried += 1
        answer = ask(question)
        if any(citation.article_id == article.id for citation in answer.citations[:1]):
            kept.append(question)
    return kept


def _in_turn(articles: Sequence[Article]) -> Iterator[tuple[Article, str]]:
    """The first question of every article, then the second ones."""
    columns = [[(article, question) for question in questions(article)] for article in articles]
    return (pair for row in zip_longest(*columns) for pair in row if pair)


def questions(article: Article) -> list[str]:
    """What could be asked of an article: what its names are, and what money goes into them."""
    found = _QUOTED if article.language == "ko" else _NAMED
    places = [*found.finditer(article.title), *found.finditer(article.text)]
    names = list(dict.fromkeys(filter(None, (_name(match, article.language) for match in places))))
    asked = []
    for name in names[:3]:
        if any(name in line and _MONEY[article.language].search(line) for line in article.text.split("\n")):
            asked.append(
                f"{name}에 드는 돈은 얼마인가요?" if article.language == "ko" else f"How much money goes into {name}?"
            )
        asked.append(f"{name}{_topic(name)} 무엇인가요?" if article.language == "ko" else f"What is said about {name}?")
    return asked[:2]


def _name(match: re.Match[str], language: Language) -> str:
    """The name that was found, or nothing where it is none: "In August" begins a sentence, “끝낸다” ends one."""
    if language == "ko":
        return "" if match[1].endswith("다") else match[1].strip()
    words = match[0].split()
    while words and words[0].lower() in STOP_WORDS:
        words.pop(0)
    return " ".join(words) if len(words) > 1 and not _MONTHS & set(words) else ""


def _topic(word: str) -> str:
    """The topic particle that fits: 은 after a final consonant, else 는."""
    closed = _HANGUL_END.search(word) and (ord(word[-1]) - ord("가")) % 28
    return "은" if closed else "는"
