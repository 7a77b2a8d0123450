"""Where an article contradicts itself: dates and figures of its own that cannot all be right.

Three rules, each of which is arithmetic and needs everything stated in the text: a day of the week against its date, a
stated number of days against the two dates that bound it, and parts against their sum. What it does not know: which of
the figures is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from index.english import STOP_WORDS
from index.english import terms as english_terms
from index.korean import HANGUL
from index.korean import terms as korean_terms
from index.measure import PLAIN, PartialDate, Quantity
from index.quantity import quantities, render
from index.types import Language, Span
from rag.figures import weekday_right

SHARED = 3  # words that two sentences have in common for them to tell of the same event
_AFTER = re.compile(r"\s?(?:만에|만인|만이|만이다|뒤|후|지나)|\s(?:after|later|since|from)\b")
_BEFORE = re.compile(r"\s?(?:전|앞둔|앞두고)(?![가-힣]{2})|\s(?:before|ahead of|until)\b")
_SAME_DAY = re.compile(r"\b(?:(?:the )?same day|that day|on the day)\b|이날|같은 ?날|당일", re.I)
_TOTAL = re.compile(
    r"(?:총|모두|전체|합쳐|a total of|total(?:ing|ling)?|altogether|in all)\s?(?:약\s?|about\s)?[$€£¥₩]?$", re.I
)
_LIST = re.compile(r"\s?[가-힣A-Za-z]{0,12}\s?(?:\(|: |— |, of which | — )")
_BETWEEN = re.compile(r"[^.;()]{0,40}")
_ROUNDING = Decimal("0.01")  # share of the sum by which rounded parts may be off
_REASONS = {
    "weekday": {
        "ko": "원문의 요일과 날짜가 맞지 않습니다: {one}은(는) {right}입니다.",
        "en": "The source's weekday does not fit its date: {one} was a {right}.",
    },
    "period": {
        "ko": "원문의 날짜와 기간이 함께 맞을 수 없습니다: {one}에서 {days}일이면 {right}인데, 원문은 {other}(이)라고 합니다.",
        "en": "The source's dates and day count cannot both be right: {days} days from {one} is {right}, but it says {other}.",
    },
    "sum": {
        "ko": "원문의 부분과 합계가 맞지 않습니다: 부분을 더하면 {right}인데, 원문의 합계는 {one}입니다.",
        "en": "The source's parts do not add up: together they make {right}, but it gives {one}.",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Spans of one article that cannot all be right, in order; ``reason`` says why, in the language asked for."""

    spans: tuple[Span, ...]
    reason: str


def contradictions(
    text: str, sentences: Sequence[Span], place: Span, published: str | None, language: Language
) -> Iterator[Contradiction]:
    """What in ``text[place]``, one of its ``sentences``, contradicts itself or an earlier sentence on the same event."""
    figures = quantities(text[slice(*place)], published)
    yield from _weekdays(figures, place, language)
    yield from _sums(text[slice(*place)], figures, place, language)
    yield from _periods(text, sentences, place, published, language)


def _weekdays(figures: Sequence[Quantity], place: Span, language: Language) -> Iterator[Contradiction]:
    for figure in figures:
        if not weekday_right(figure):
            day = _day(figure.date)
            assert day is not None
            right = render(Quantity("weekday", day.isoweekday(), "", 0, 0), language)  # type: ignore[arg-type]
            reason = _REASONS["weekday"][language].format(one=render(figure, language), right=right)
            yield Contradiction((_at(figure, place),), reason)


def _sums(sentence: str, figures: Sequence[Quantity], place: Span, language: Language) -> Iterator[Contradiction]:
    for number, whole in enumerate(figures):
        opens = _LIST.match(sentence, whole.end)
        if whole.kind in ("date", "ordinal") or whole.upper or not _TOTAL.search(sentence[: whole.start]) or not opens:
            continue
        parts = _parts(sentence, figures[number + 1 :], whole, opens.end())
        total = sum((part.amount for part in parts), start=Decimal(0))
        if len(parts) > 1 and abs(total - whole.amount) > whole.amount * _ROUNDING:
            summed = Quantity(whole.kind, total, whole.unit, 0, 0)
            reason = _REASONS["sum"][language].format(one=render(whole, language), right=render(summed, language))
            yield Contradiction((_at(whole, place), *(_at(part, place) for part in parts)), reason)


def _parts(sentence: str, figures: Sequence[Quantity], whole: Quantity, start: int) -> list[Quantity]:
    """The figures of the same unit that follow ``start`` one after another, up to the end of the bracket or clause."""
    parts: list[Quantity] = []
    for figure in figures:
        alike = (figure.kind, figure.unit) == (whole.kind, whole.unit) or {figure.kind, whole.kind} <= PLAIN
        if not alike or not _BETWEEN.fullmatch(sentence[start : figure.start]):
            break
        parts.append(figure)
        start = figure.end
    return parts


def _periods(
    text: str, sentences: Sequence[Span], place: Span, published: str | None, language: Language
) -> Iterator[Contradiction]:
    sentence = text[slice(*place)]
    figures = quantities(sentence, published)
    days = [q for q in figures if q.kind == "date" and q.date.day is not None]
    for period in figures:
        if (
            period.kind != "duration"
            or period.unit not in ("day", "week")
            or period.amount < 2
            or period.upper
            or period.bound
        ):
            continue
        length = int(period.amount) * (7 if period.unit == "week" else 1)
        after, before = _AFTER.match(sentence, period.end), _BEFORE.match(sentence, period.end)
        if not (after or before):
            continue
        ends = _ends(text, sentences, place, published, days, period)
        if ends is None:
            continue
        (from_span, begun), (to_span, ended) = ends
        if not _possible(begun, ended, length if after else -length):
            right = _reached(begun, length if after else -length, language)
            reason = _REASONS["period"][language].format(
                one=_written(begun, language), days=length, right=right, other=_written(ended, language)
            )
            yield Contradiction(tuple(sorted({from_span, to_span})), reason)


def _ends(
    text: str, sentences: Sequence[Span], place: Span, published: str | None, days: Sequence[Quantity], period: Quantity
) -> tuple[tuple[Span, PartialDate], tuple[Span, PartialDate]] | None:
    """The date that the period counts from and that of the event: both in the sentence, or the event's in an earlier one."""
    if len(days) == 2:
        begun, ended = days if not _event_first(days, period, text[slice(*place)]) else reversed(days)
        return (_at(begun, place), begun.date), (_at(ended, place), ended.date)
    if len(days) == 1 and (event := _dated_before(text, sentences, place, published)):
        return (_at(days[0], place), days[0].date), event
    return None


def _event_first(days: Sequence[Quantity], period: Quantity, sentence: str) -> bool:
    """Whether the event's date stands first: "on June 1, 39 days after April 23"."""
    return not HANGUL.search(sentence) and days[0].end <= period.start < days[1].start


def _dated_before(
    text: str, sentences: Sequence[Span], place: Span, published: str | None
) -> tuple[Span, PartialDate] | None:
    """The day on which an earlier sentence puts the event that ``place`` tells of; "the same day" is carried along."""
    words = _words(text[slice(*place)])
    current: tuple[Span, PartialDate] | None = None
    found = None
    for span in sentences:
        if span[0] >= place[0]:
            break
        sentence = text[slice(*span)]
        dated = [q for q in quantities(sentence, published) if q.kind == "date" and q.date.day is not None]
        if len(dated) == 1:
            current = _at(dated[0], span), dated[0].date
        elif dated or not _SAME_DAY.search(sentence):
            current = None if dated else current
            continue
        if current is not None and len(words & _words(sentence)) >= SHARED:
            found = current
    return found


def _words(sentence: str) -> set[str]:
    terms = korean_terms(sentence) if HANGUL.search(sentence) else english_terms(sentence)
    return {str(t) for t in terms if t.tag not in ("compound", "number", "NR", "NNBC") and str(t) not in STOP_WORDS}


def _possible(begun: PartialDate, ended: PartialDate, length: int) -> bool:
    """Whether ``ended`` can be ``length`` days from ``begun``, the first day counted or not, in whatever year is unsaid."""
    step = 1 if length > 0 else -1
    for year in [begun.year] if begun.year else (2023, 2024):
        day = _day(PartialDate(year, begun.month, begun.day))
        if day is None or begun.month is None:
            return True
        reached = (day + timedelta(days=length), day + timedelta(days=length - step))
        if any(_fits(other, ended) for other in reached):
            return True
    return False


def _fits(day: date, stated: PartialDate) -> bool:
    return all(part is None or part == own for part, own in zip(stated, (day.year, day.month, day.day), strict=True))


def _reached(begun: PartialDate, length: int, language: Language) -> str:
    day = _day(PartialDate(begun.year or 2023, begun.month, begun.day))
    assert day is not None
    reached = day + timedelta(days=length)
    return _written(PartialDate(reached.year if begun.year else None, reached.month, reached.day), language)


def _written(day: PartialDate, language: Language) -> str:
    return render(Quantity("date", day, "", 0, 0), language).removeprefix("on ")


def _day(value: PartialDate) -> date | None:
    try:
        return date(value.year or 1, value.month or 1, value.day or 1)
    except ValueError:
        return None


def _at(figure: Quantity, place: Span) -> Span:
    return place[0] + figure.start, place[0] + figure.end
