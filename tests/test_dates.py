"""Dates and times: every written form, what publication fills in, and what only looks like a date."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.quantity import PartialDate, Quantity, agree, quantities, render

PUBLISHED = "2023-05-16"  # a Tuesday


def read(text: str, published: str | None = None) -> list[str]:
    """The dates of ``text`` in ISO form; other kinds as ``kind value``."""
    return [q.date.iso() if q.kind == "date" else f"{q.kind} {q.unit}{q.amount}" for q in quantities(text, published)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023년 4월 28일", "2023-04-28"),
        ("2023년4월28일(금)", "2023-04-28"),
        ("2023.05.03", "2023-05-03"),
        ("2023. 5. 16. 발행", "2023-05-16"),
        ("2023-05-03", "2023-05-03"),
        ("2023/05/03", "2023-05-03"),
        ("'23.5.3", "2023-05-03"),
        ("April 28, 2023", "2023-04-28"),
        ("Apr. 28, 2023, in Boston", "2023-04-28"),
        ("Friday, April 28, 2023", "2023-04-28"),
        ("28 April 2023", "2023-04-28"),
        ("the 28th of April 2023", "2023-04-28"),
        ("04/28/2023", "2023-04-28"),
        ("4월 28일", "--04-28"),
        ("4월28일부터", "--04-28"),
        ("4.28(금)", "--04-28"),
        ("(4.25)", "--04-25"),
        ("4.28 한미 정상회담", "--04-28"),
        ("4. 28.(금)", "--04-28"),
        ("규모(5.3일 기준)", "--05-03"),
        ("4·3사건", "--04-03"),
        ("12·3 비상계엄", "--12-03"),
        ("April 28", "--04-28"),
        ("on Sept. 1.", "--09-01"),
        ("June 1st", "--06-01"),
        ("1 June", "--06-01"),
        ("2023년 3월", "2023-03"),
        ("March 2023", "2023-03"),
        ("In August 1910, it", "1910-08"),
        ("in April", "--04"),
        ("since May", "--05"),
        ("지난 3월", "--03"),
        ("9월 말", "--09"),
        ("2025년까지", "2025"),
        ("by 2025", "2025"),
        ("The 2024 budget", "2024"),
        ("2011년 이후", "2011"),
        ("1894년 설립된", "1894"),
        ("in 1443", "1443"),
        ("‘23년", "2023"),
        ("2019~2023년", "2019 2023"),
        ("4월 28~30일", "--04-28 --04-30"),
        ("4월 28일부터 30일까지", "--04-28 --04-30"),
        ("April 28-30", "--04-28 --04-30"),
        ("11일 서울에서 열린", "---11"),
        ("on the 11th.", "---11"),
        ("on the morning of the 14th and", "---14"),
        ("15:13", "time 913"),
        ("오전 9시", "time 540"),
        ("오후 3시 30분", "time 930"),
        ("낮 12시 반", "time 750"),
        ("3:30 p.m.", "time 930"),
        ("9 a.m.", "time 540"),
        ("12 a.m.", "time 0"),
        ("at noon", "time 720"),
        ("올해", "relative year0"),
        ("지난해 말", "relative year-1"),
        ("next year", "relative year1"),
        ("이달", "relative month0"),
        ("last week", "relative week-1"),
        ("어제", "relative day-1"),
        ("금요일", "weekday 5"),
        ("on Thursday", "weekday 4"),
    ],
)
def test_reads_dates_as_written(text: str, expected: str) -> None:
    """Without a day of publication, what the text leaves unsaid stays unsaid."""
    assert " ".join(read(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4월 28일", "2023-04-28"),
        ("4.28(금)", "2023-04-28"),
        ("in April", "2023-04"),
        ("12월 30일", "2022-12-30"),
        ("올해 3월", "2023-03"),
        ("올해", "2023"),
        ("last year", "2022"),
        ("지난해 12월 1일", "2022-12-01"),
        ("in March of next year", "2024-03"),
        ("지난달", "2023-04"),
        ("어제", "2023-05-15"),
        ("오늘", "2023-05-16"),
        ("tomorrow", "2023-05-17"),
        ("said Thursday", "2023-05-11"),
        ("on Tuesday", "2023-05-16"),
        ("지난 금요일", "2023-05-12"),
        ("오는 금요일", "2023-05-19"),
        ("next Tuesday", "2023-05-23"),
        ("1일 밝혔다", "2023-05-01"),
        ("on the 1st, he", "2023-05-01"),
        ("14일 오전", "2023-05-14"),
        ("4월 28일부터 30일까지", "2023-04-28 2023-04-30"),
        ("2011년", "2011"),
        ("10일간", "duration day10"),
    ],
)
def test_publication_fills_in_what_is_unsaid(text: str, expected: str) -> None:
    """Months are taken near the day of publication, lone days nearest to it, weekdays on or before it."""
    assert " ".join(read(text, PUBLISHED)) == expected


@pytest.mark.parametrize(
    ("published", "text", "expected"),
    [
        ("2023-04-10", "오는 10월", "2023-10"),
        ("2023-04-10", "10월에 문을 연다", "2023-10"),
        ("2023-04-10", "this coming October", "2023-10"),
        ("2023-04-10", "지난 10월", "2022-10"),
        ("2023-04-10", "오는 4월", "2023-04"),
        ("2023-04-10", "오는 24일", "2023-04-24"),
        ("2023-05-16", "지난 24일", "2023-04-24"),
        ("2023-04-10", "upcoming June 3", "2023-06-03"),
        ("2023-04-10", "지난달 24일", "2023-03-24"),
        ("2023-12-10", "내달 5일", "2024-01-05"),
        ("2023-12-10", "4월에 열렸다", "2023-04"),
        ("2023-12-10", "opened in April", "2023-04"),
        ("2023-12-10", "in January", "2024-01"),
        ("2023-01-10", "12월 30일", "2022-12-30"),
        ("2023-01-10", "in November", "2022-11"),
    ],
)
def test_a_month_is_of_the_same_year_unless_the_text_or_the_turn_of_the_year_says_otherwise(
    published: str, text: str, expected: str
) -> None:
    assert read(text, published) == [expected]


@pytest.mark.parametrize("text", ["on Mondays", "every Monday", "매주 월요일", "월요일마다"])
@pytest.mark.parametrize("published", [None, PUBLISHED])
def test_a_day_that_comes_every_week_is_no_date(text: str, published: str | None) -> None:
    assert read(text, published) == ["weekday 1"]


@pytest.mark.parametrize("text", ["It came to 1.08", "1.08, down from 1.21.", "합계는 1.08"])
def test_a_plain_decimal_is_no_date(text: str) -> None:
    assert {q.kind for q in quantities(text, PUBLISHED)} == {"number"}


@pytest.mark.parametrize(
    "text",
    [
        "2월 30일생의 4.35", "규모 5.21 지진", "평점 4.28", "4.28%", "4.28배", "2.59km²", "$4.28", "10일간",
        "10일에서 20일로", "3개월", "13월의 월급",
        "we may march", "24시간", "4.28 million", "3.14 per cent", "25:61", "두 시즌",
    ],
)  # fmt: skip
def test_decimals_and_durations_are_no_whole_dates(text: str) -> None:
    """No month and day is read where the number measures something or no such day exists."""
    assert not [q for q in quantities(text) if q.kind == "date" and q.date.month and q.date.day]


def test_leap_day_needs_a_leap_year() -> None:
    """February 29 is a day when the year is open, not in 2023, and falls in the nearest leap year."""
    assert read("2월 29일") == ["--02-29"]
    assert "2023-02-29" not in read("2023년 2월 29일")
    assert read("2월 29일", "2024-05-16") == ["2024-02-29"]


def test_a_date_without_year_agrees_with_the_full_one() -> None:
    """Unsaid parts do not count; stated ones must be equal."""
    (full,), (short,), (other,) = quantities("2023년 4월 28일"), quantities("April 28"), quantities("April 29")
    assert agree(full, short) and agree(short, full)
    assert not agree(full, other)
    (day,), (days,) = quantities("20일"), quantities("20 days")
    assert agree(day, days)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_rendered_dates_read_back(day: date) -> None:
    """A full date survives both languages exactly."""
    quantity = Quantity("date", PartialDate(day.year, day.month, day.day), "", 0, 1)
    assert read(render(quantity, "ko")) == read(render(quantity, "en")) == [day.isoformat()]


@given(st.dates(date(1990, 1, 8), date(2060, 1, 1)), st.integers(0, 6))
def test_weekday_is_the_last_one_up_to_publication(published: date, back: int) -> None:
    """Korean and English weekday names resolve to the same day, at most six days before publication."""
    day = published - timedelta(days=back)
    korean = "월화수목금토일"[day.weekday()] + "요일"
    assert read(korean, published.isoformat()) == [day.isoformat()]
    assert read(f"{day:%A}", published.isoformat()) == [day.isoformat()]
