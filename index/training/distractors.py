"""Questions that a report does not answer, made from ones that some report does.

A question put to another report, the likelier to mislead the nearer its subject; and a question with one word turned,
such that it asks about what the report does not say: another month, another country, the opposite of what happened
(after the negatives of Rajpurkar, Jia and Liang 2018, which people wrote: entity swap, antonym, another year).
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

import numpy as np

from index.embed import load_words
from index.training.data import Pair
from index.training.exercises import Exercise

NEAREST = 8  # reports of like subject, of which one is drawn
_ANCHOR = re.compile(r"(?<=\s)[“\"‘']?(?:[A-Z]\w+|\d[\d,.]*)")
_LIKE_EN = """\
January/February/March/April/June/July/August/September/October/November/December
Korea/Japan/China/India/Vietnam/France/Germany/Britain/Italy/Spain/Russia/Canada/Australia/Brazil/Mexico
Seoul/Busan/Daegu/Incheon/Gwangju/Daejeon/Ulsan/Suwon/Jeju/Jeonju/Pohang/Changwon/Gangneung
London/Paris/Berlin/Tokyo/Beijing/Boston/Chicago/Washington/Singapore/Sydney/Toronto/Geneva/Vienna
first/second/third/fourth/fifth
president/prime minister/governor/mayor/minister/chairman/spokesman
men/women
boys/girls
largest/smallest
the most/the least
highest/lowest
oldest/youngest
exports/imports
open/close
rise/fall
increase/decrease
win/lose
buy/sell
before/after
approve/reject
begin/end
minimum/maximum
last year/next year
north/south
east/west
spring/autumn
domestic/foreign
public/private
profit/loss
birth/death
hire/dismiss"""
_LIKE_KO = """\
1월/2월/3월/4월/5월/6월/7월/8월/9월/10월/11월/12월
한국/일본/중국/인도/베트남/프랑스/독일/영국/이탈리아/스페인/러시아/캐나다/호주/브라질/멕시코
서울/부산/대구/인천/광주/대전/울산/수원/제주/전주/포항/창원/강릉
런던/파리/베를린/도쿄/베이징/보스턴/시카고/워싱턴/싱가포르/시드니/토론토/제네바
첫 번째/두 번째/세 번째/네 번째
1단계/2단계/3단계
1차/2차/3차/4차
대통령/총리/도지사/시장/장관/회장/대변인
남성/여성
남자/여자
가장 큰/가장 작은
가장 많은/가장 적은
가장 높은/가장 낮은
최고/최저
최대/최소
수출/수입
착공/완공
늘어/줄어
늘었/줄었
증가/감소
상승/하락
찬성/반대
시작/종료
지난해/내년
북쪽/남쪽
동쪽/서쪽
국내/해외
공공/민간
이익/손실
태어난/숨진
상반기/하반기
도입/폐지
인상/인하
여당/야당"""
_LIKE = tuple([line.split("/") for line in table.splitlines()] for table in (_LIKE_KO, _LIKE_EN))
_PARTICLES = ("을를", "은는", "이가", "과와")  # after a final consonant, and after none
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")


def anchored(question: Pair) -> bool:
    """Whether a question says by a name or a figure what it is about, so that another report hardly answers it."""
    return bool(_ANCHOR.search(question[1]))


def neighbours(exercises: Sequence[Exercise]) -> list[list[Exercise]]:
    """For each exercise one of every report, other than its own, that stands nearest to its question."""
    shelf: dict[object, Exercise] = {}
    for each in exercises:
        shelf.setdefault(each.report, each)
    reports, words = list(shelf.values()), load_words()
    told = words.encode([" ".join(each.report[1]) for each in reports])
    asked = words.encode([each.question[1] for each in exercises])
    found = []
    for each, vector in zip(exercises, asked, strict=True):
        order = np.argsort(-(told @ vector))[: NEAREST + 1]
        found.append([reports[n] for n in order if reports[n].report != each.report][:NEAREST])
    return found


def turned(question: str, report: Sequence[str], language: int, draw: random.Random) -> str | None:
    """``question`` (0 Korean, 1 English) with one word turned into one that ``report`` has not; None if it has none.

    ``report`` is all that is known in that language.
    """
    told = " ".join(report).lower()
    ways: list[tuple[int, int, list[str]]] = []
    for group in _LIKE[language]:
        for word in group:
            for place in _places(word, question, language):
                others = [each for each in group if each != word and each.lower() not in told]
                ways.append((*place, others))
    for year in _YEAR.finditer(question):
        near = [str(int(year[0]) + by) for by in (-10, -3, -2, -1, 1, 2, 3, 10)]
        ways.append((*year.span(), [each for each in near if each not in told]))
    ways = [way for way in ways if way[2]]
    if not ways:
        return None
    start, end, others = draw.choice(ways)
    other = draw.choice(others)
    return question[:start] + other + (question[end:] if language else _fitting(other, question[end:]))


def _places(word: str, question: str, language: int) -> list[tuple[int, int]]:
    """Where a word begins in the question; an English one ends there, too."""
    end = r"\b" if language else ""
    return [match.span() for match in re.finditer(rf"(?<!\w){re.escape(word)}{end}", question)]


def _fitting(word: str, after: str) -> str:
    """What follows a Korean word, its particle being the one that goes with ``word``."""
    closed = (ord(word[-1]) - ord("가")) % 28 != 0
    for pair in _PARTICLES:
        if after[:1] in set(pair) and not after[1:2].isalnum():
            return pair[not closed] + after[1:]
    return after
