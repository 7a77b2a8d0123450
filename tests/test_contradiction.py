"""Where an article contradicts itself, and where it only seems so."""

from __future__ import annotations

import re

import pytest

from index.types import Language
from rag.contradiction import contradictions


def found(text: str, published: str | None = None, language: Language = "en") -> list[str]:
    """The reasons for which the last sentence of ``text`` cannot be right."""
    sentences = [match.span() for match in re.finditer(r"\S[^.]*(?:\.(?!\s|$)[^.]*)*\.", text)]
    return [c.reason for c in contradictions(text, sentences, sentences[-1], published, language)]


@pytest.mark.parametrize(
    "text",
    [
        "The bridge opened on June 1, 99 days after work began on April 23.",
        "4월 23일 착공 이후 99일 만인 6월 1일 다리가 열렸다.",
        "The city council held a budget meeting on the 1st. "
        "The budget meeting of the city council, 99 days after the fourth one on April 23, was long.",
        "시의회는 1일 예산 회의를 열었다. 시의회의 이 예산 회의는 4월 23일 회의 이후 99일 만에 열렸다.",
    ],
)
@pytest.mark.parametrize("published", [None, "2023-06-01"])
def test_a_count_of_days_that_does_not_fit_its_dates(text: str, published: str | None) -> None:
    (reason,) = found(text, published)
    assert "99 days" in reason and "July 31" in reason
    (korean,) = found(text, published, "ko")
    assert "99일" in korean and "7월 31일" in korean


@pytest.mark.parametrize(
    "text",
    [
        "The bridge opened on June 1, 39 days after work began on April 23.",
        "The bridge opened on June 1, 40 days after work began on April 23.",  # the first day counted
        "2월 23일 착공 이후 99일 만인 6월 1일 다리가 열렸다.",
        "The council met on the 1st. Sales of tickets doubled 15 days after the launch on April 23.",
        "The bridge opened about 99 days after work began on April 23.",
        "It took 99 days from April 23.",
    ],
)
def test_no_contradiction_where_the_days_fit_or_are_not_bound(text: str) -> None:
    assert found(text, "2023-06-01") == []


@pytest.mark.parametrize("text", ["It opened on Friday, April 28, 2023.", "원탁회의는 4.28(금) 열렸다."])
def test_a_day_of_the_week_is_checked_against_its_date(text: str) -> None:
    assert found(text, "2023-05-16") == []
    (reason,) = found(text.replace("Friday", "Monday").replace("(금)", "(월)"), "2023-05-16")
    assert "Friday" in reason and "April 28" in reason


def test_parts_are_checked_against_their_sum() -> None:
    assert found("A total of 1,250 people (700 men, 550 women) took part.") == []
    (reason,) = found("A total of 1,250 people (700 men, 600 women) took part.")
    assert "1,300" in reason and "1,250" in reason
    (korean,) = found("모두 1,250명(남성 700명, 여성 600명)이 참가했다.", language="ko")
    assert "1,300명" in korean
    assert found("A total of 1,250 people, including 700 men and 200 children, took part.") == []
