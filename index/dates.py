"""Dates, months, years, weekdays and clock times in Korean and English text, whole or in part.

What a text leaves unsaid is filled from its day of publication when that is given, and otherwise stays unsaid.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from index.measure import Kind, PartialDate, Quantity

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_MONTH_NUMBER = {name[:3].lower(): number for number, name in enumerate(_MONTHS, 1)}
_WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_WEEKDAY_NUMBER = {name: n for names in (_WEEKDAYS, "월화수목금토일") for n, name in enumerate(names, 1)}

_YEAR = r"(?<!\d)(?<!\d,)(?P<y>1\d{3}|20\d{2}|21\d{2})"
_WEEK_KO = r"(?:\s?\([월화수목금토일](?:요일)?\)|\s[월화수목금토일]요일)"
_WEEK_EN = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,?\s(?:the\s)?)?"
_NAME = r"(?P<mon>" + "|".join(f"{name}\\b|{name[:3]}\\b\\.?" for name in _MONTHS) + r"|Sept\b\.?)"
_MONTH, _DAY = r"(?P<m>0?[1-9]|1[0-2])", r"(?P<d>3[01]|[12]\d|0?[1-9])"
_NTH = r"(?:st|nd|rd|th)?"
_LATER = r"(?!\s?(?:간|동안|만에|이상|이내|이하|미만|째|치|연속|정도|가량|이나|씩|짜리|넘|걸|안에|뒤|평균|휴가|로\s))"
_RELATIVE_YEAR = {"지지난해": -2, "재작년": -2, "지난해": -1, "작년": -1,
                  "올해": 0, "올": 0, "금년": 0, "내년": 1, "다음 해": 1, "내후년": 2,
                  "last": -1, "this": 0, "next": 1}  # fmt: skip
_RELATIVE = {
    "year": {**_RELATIVE_YEAR, "last year": -1, "this year": 0, "next year": 1, "previous year": -1},
    "month": {"지난달": -1, "지난 달": -1, "이달": 0, "이번 달": 0, "이번달": 0,
              "다음 달": 1, "다음달": 1, "내달": 1, "last month": -1,
              "this month": 0, "next month": 1},
    "week": {"지난주": -1, "지난 주": -1, "이번 주": 0, "이번주": 0,
             "다음 주": 1, "다음주": 1, "내주": 1, "last week": -1,
             "this week": 0, "next week": 1},
    "day": {"그저께": -2, "그제": -2, "어제": -1, "오늘": 0, "내일": 1, "모레": 2, "yesterday": -1, "today": 0,
            "tonight": 0,
            "this morning": 0, "this afternoon": 0, "this evening": 0,
            "tomorrow": 1},
}  # fmt: skip
_KO_MONTHS = "지난 ?달|이달|이번 ?달|다음 ?달|내달"
_KO_YEARS = "지지난해|재작년|지난해|작년|올해|금년|내년|내후년"
_KO_RELATIVE = (
    "(?<![가-힣])(?:올(?=\\s?(?:상반기|하반기|들어|초|연말|여름|겨울|가을|봄|\\d))|지지난해|재작년|지난해|작년|올해|금년|내년|내후년|"
    "지난 ?달|이달|이번 달|다음 ?달|내달|지난 ?주(?!년)|이번 ?주(?!말)|다음 ?주|"
    "내주(?=[에 ])|그저께|그제|어제|오늘(?!날)|내일(?!배움)|모레)(?!마다)"
)
_EN_RELATIVE = (
    r"\b(?:(?:last|this|next) (?:year|month|week|spring|summer|fall|autumn|winter)|"
    r"this (?:morning|afternoon|evening)|tonight|yesterday|today|tomorrow)\b(?!-)"
)
# Numbers of these are no dates although they look so: a magnitude of 5.21, an average of 4.25.
_NOT_DATE = (
    r"(?=\d)(?<!규모 )(?<!규모)(?<!평점 )(?<!학점 )(?<!지수 )(?<!지수는 )(?<!지수가 )"
    r"(?<!평균 )(?<!약 )(?<!약)(?<!출산율 )(?<!출산율은 )(?<!타율 )(?<!율 )(?<!율은 )"
)
# What says on which side of the day of publication a date lies that does not name its year or month.
_AHEAD = re.compile(r"(?:^|[^가-힣A-Za-z])(?:오는|다가오는|(?i:coming|upcoming))\s$")
_BACK = re.compile(r"(?:^|[^가-힣A-Za-z])(?:지난|(?i:last|this past))\s$")
_AROUND = 12  # characters in which it is looked for
_LATELY, _SOON = 150, 45  # days for which a month of another year is meant rather than the same year's
_AFTER_EVENT = r"(?!\s?(?:차|호|명|심|위|단계|분기|급|종|년|월|학년|세대|기|층|번|개|조|항|회))"


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], date | None], Quantity | None]
    needs: str  # a character without which the pattern cannot match, to spare the search


def parse_published(published: str | None) -> date | None:
    """The day of publication (``2023-05-16``, a time may follow); ``ValueError`` when it is not an ISO date."""
    if not published:
        return None
    try:
        return date.fromisoformat(published[:10])
    except ValueError as error:
        raise ValueError(f"published is {published!r}; expected an ISO date such as '2023-05-16', or None") from error


def dates(text: str, published: date | None) -> Iterator[Quantity]:
    """The dates and times of a folded text (``index.folding``), most specific reading first, without overlap."""
    taken = bytearray(len(text))
    for rule in _RULES:
        if rule.needs not in text:
            continue
        for match in rule.pattern.finditer(text):
            start, end = match.span()
            if any(taken[start:end]):
                continue
            quantity = rule.read(match, published)
            if quantity is not None:
                taken[start:end] = b"\1" * (end - start)
                yield quantity


def _number(match: re.Match[str], name: str) -> int | None:
    groups = match.groupdict()
    return int(groups[name]) if groups.get(name) else None


def _read_date(match: re.Match[str], published: date | None) -> Quantity | None:
    year, month, day = (_number(match, name) for name in ("y", "m", "d"))
    groups = match.groupdict()
    if groups.get("mon"):
        month = _MONTH_NUMBER[groups["mon"][:3].lower()]
    if groups.get("yy"):
        year = 2000 + int(groups["yy"])
    if groups.get("month"):
        months = 0 if published is None else published.year * 12 + published.month - 1
        months += _RELATIVE["month"][groups["month"]]
        year, month = (months // 12, months % 12 + 1) if published else (None, None)
    if groups.get("rel"):
        offset = _RELATIVE_YEAR[groups["rel"]]
        year = published.year + offset if published else None
    value = complete(PartialDate(year, month, day), published, _side(match))
    start = match.end("pre") if groups.get("pre") else match.start()
    return None if value is None else Quantity("date", value, "", start, match.end())


def _side(match: re.Match[str]) -> int:
    """1 where the text says that a date is to come, -1 where it says that it is past, 0 where it does not say."""
    left = match.string[max(0, match.start() - _AROUND) : match.start()]
    return 1 if _AHEAD.search(left) else -1 if _BACK.search(left) else 0


def complete(value: PartialDate, published: date | None, side: int = 0) -> PartialDate | None:
    """``value`` with its year (and month) as the day of publication tells; ``None`` where no such day exists.

    With ``side`` 1 it is the next such date from that day on, with -1 the last one up to it. Otherwise a lone day is the
    nearest, and a month is one of the same year, as news style has it (4월 in December is past), unless the turn of the
    year is near: December in January is past, January in December is to come.
    """
    if not _exists(value):
        return None
    if published is None or value.year is not None:
        return value
    if value.month is not None:
        years = (published.year - 1, published.year, published.year + 1)
        options = [PartialDate(year, value.month, value.day) for year in years]
    else:
        months = [published.year * 12 + published.month - 1 + step for step in (-1, 0, 1)]
        options = [PartialDate(index // 12, index % 12 + 1, value.day) for index in months]
    possible = [option for option in options if 1 <= (option.year or 0) <= 9998 and _exists(option)]
    return min(possible, key=lambda option: _strangeness(option, published, side, value.month is None), default=value)


def _strangeness(option: PartialDate, published: date, side: int, lone: bool) -> tuple[bool, int]:
    """The smaller, the likelier is ``option`` what a text of that day means; see :func:`complete`."""
    begun = _first_day(option)
    days = (begun - published).days
    if side:
        this_month = option.day is None and (begun.year, begun.month) == (published.year, published.month)
        return side * days < 0 and not this_month, abs(days)
    other = option.year != published.year and not -_LATELY <= days <= _SOON
    return other and not lone, abs(days)


def _exists(value: PartialDate) -> bool:
    try:
        date(value.year or 2024, value.month or 1, value.day or 1)  # 2024: a leap year, for February 29
    except ValueError:
        return False
    return True


def _first_day(value: PartialDate) -> date:
    return date(value.year or 1, value.month or 1, value.day or 1)


def _read_decade(match: re.Match[str], _: date | None) -> Quantity | None:
    year = int(match["y"]) if match["y"] else 1900 + int(match["yy"]) if int(match["yy"]) >= 30 else None
    return None if year is None else Quantity("date", PartialDate(year), "decade", *match.span())


def _read_relative(match: re.Match[str], published: date | None) -> Quantity | None:
    words = re.sub("spring|summer|fall|autumn|winter", "year", match.group().lower())
    unit, offset = next((unit, table[words]) for unit, table in _RELATIVE.items() if words in table)
    start, end = match.span()
    if published is None or unit == "week":
        return Quantity("relative", Decimal(offset), unit, start, end)
    if unit == "year":
        return Quantity("date", PartialDate(published.year + offset), "", start, end)
    if unit == "month":
        index = published.year * 12 + published.month - 1 + offset
        return Quantity("date", PartialDate(index // 12, index % 12 + 1), "", start, end)
    return _on(_shift(published, offset), start, end)


def _on(day: date | None, start: int, end: int) -> Quantity | None:
    return None if day is None else Quantity("date", PartialDate(day.year, day.month, day.day), "", start, end)


def _shift(day: date, days: int) -> date | None:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def _read_weekday(match: re.Match[str], published: date | None) -> Quantity | None:
    number = _WEEKDAY_NUMBER[match["name"]]
    if published is None or match["each"] or match["all"]:
        return Quantity("weekday", Decimal(number), "", *match.span())
    back = (published.isoweekday() - number) % 7
    days = 7 - back if match["ahead"] else -back
    return _on(_shift(published, days), *match.span())


def _read_time(match: re.Match[str], _: date | None) -> Quantity | None:
    groups = match.groupdict()
    hour, minute = int(groups["h"]), int(groups.get("min") or 0)
    if groups.get("half"):
        minute = 30
    part = (groups.get("part") or "").lower().replace(".", "").strip()
    if part in {"오후", "저녁", "밤", "pm"} and 1 <= hour < 12:
        hour += 12
    if part in {"오전", "새벽", "밤", "am"} and hour == 12:
        hour = 0
    if hour > 24 or minute > 59:
        return None
    return _clock(hour % 24 * 60 + minute, match)


def _clock(minutes: int, match: re.Match[str]) -> Quantity:
    kind: Kind = "time"
    return Quantity(kind, Decimal(minutes), "", *match.span())


def _read_named_time(match: re.Match[str], _: date | None) -> Quantity | None:
    return _clock(720 if match.group().lower() in {"noon", "정오"} else 0, match)


def _rule(
    pattern: str, read: Callable[[re.Match[str], date | None], Quantity | None] = _read_date, needs: str = ""
) -> _Rule:
    return _Rule(re.compile(pattern), read, needs)


_RULES = (
    # whole dates
    _rule(rf"{_YEAR}\s?년\s?{_MONTH}\s?월\s?{_DAY}\s?일{_WEEK_KO}?", needs="월"),
    _rule(rf"{_YEAR}(?P<sep>[-./])\s?{_MONTH}(?P=sep)\s?{_DAY}(?!\d)\.?{_WEEK_KO}?"),
    _rule(rf"(?<![\w.])'(?P<yy>\d\d)\.\s?{_MONTH}\.\s?{_DAY}(?!\d)\.?{_WEEK_KO}?"),
    _rule(rf"(?<!\d)(?<!\d/){_MONTH}/{_DAY}/(?P<y>(?:19|20)\d\d)(?!\d)", needs="/"),
    _rule(rf"\b{_WEEK_EN}{_NAME}\s{_DAY}{_NTH},?\s(?:of\s)?(?P<y>1\d{{3}}|20\d\d)(?![\d%])(?![.,]\d)"),
    _rule(rf"\b{_WEEK_EN}(?<![\d,.]){_DAY}{_NTH}\s(?:of\s)?{_NAME},?\s(?P<y>1\d{{3}}|20\d\d)(?!\d)"),
    _rule(rf"(?<![가-힣])(?P<rel>{_KO_YEARS})\s?{_MONTH}\s?월\s?{_DAY}\s?일{_WEEK_KO}?", needs="월"),
    _rule(rf"(?<![가-힣])(?P<month>{_KO_MONTHS})\s?{_DAY}\s?일{_WEEK_KO}?(?!간)", needs="달"),
    # month and day
    _rule(rf"(?<![\d.]){_MONTH}\s?월\s?{_DAY}\s?일{_WEEK_KO}?(?!간)", needs="월"),
    _rule(rf"(?<![\d.])(?:{_YEAR}\s?년\s?)?{_MONTH}\s?월\s?{_DAY}(?=\s?[~·,-]\s?\d{{1,2}}일)", needs="월"),
    _rule(rf"\b{_WEEK_EN}{_NAME}\s{_DAY}{_NTH}\b(?!,\d|\.\d|:|%)"),
    _rule(rf"\b{_WEEK_EN}(?<![\d,.$]){_DAY}{_NTH}\s(?:of\s)?{_NAME}(?!\w)"),
    _rule(rf"(?<![\d./-]){_MONTH}[./]\s?{_DAY}\.?{_WEEK_KO}"),
    _rule(rf"(?<=\(){_MONTH}[./]{_DAY}(?=\)|~)"),
    _rule(rf"(?<![\d./-]){_MONTH}\.\s{_DAY}\.(?!\d)"),
    _rule(rf"(?<![\d.,~$€₩-])(?<!~ ){_NOT_DATE}{_MONTH}\.{_DAY}일(?!간|만|\s?(?:정도|동안|걸))", needs="일"),
    _rule(rf"(?<![\d.,$€₩-]){_NOT_DATE}{_MONTH}\.(?P<d>[12]\d|3[01]|(?<=0\d\.)0[1-9])(?=\s?~\s?\d|\s[가-힣]|[에부까자](?!\d))(?!\s?(?:수준|만|억|조|천|배|점|퍼|달러|미터|톤|대\s\d|도|포인트|명|기록|로|에서))"),
    _rule(rf"(?<![\d·]){_MONTH}·{_DAY}(?![\d·]){_AFTER_EVENT}", needs="·"),
    # month, with or without its year
    _rule(rf"{_YEAR}\s?년\s?{_MONTH}\s?월(?![급드])", needs="월"),
    _rule(rf"(?<![가-힣])(?P<rel>{_KO_YEARS})\s?{_MONTH}\s?월(?![급드])", needs="월"),
    _rule(rf"{_YEAR}\.(?P<m>0[1-9]|1[0-2])(?![\d%])"),
    _rule(rf"\b{_NAME},?\s(?:of\s)?(?P<y>1\d{{3}}|20\d\d)(?![\d%])(?![.,]\d)"),
    _rule(rf"\b{_NAME}\s(?:of\s)?(?P<rel>last|this|next) year\b"),
    _rule(rf"\b(?P<rel>last|this|next)\s(?P<mon>{'|'.join(_MONTHS)})\b"),
    _rule(rf"(?<![\d.]){_MONTH}\s?월(?![급드])", needs="월"),
    _rule(r"\b(?P<mon>January|February|April|June|July|August|September|October|November|December)\b"),
    _rule(r"(?P<pre>(?i:\b(?:in|since|by|until|till|through|from|of|to|between|during|early|late|mid-|"
          r"before|after|every|and|the)[ ]?))\b(?P<mon>May|March)\b"),
    # years and decades
    _rule(r"(?<!\d)(?:(?P<y>(?:1\d|20)\d0)|(?P<yy>[3-9]0))년대", _read_decade, needs="년"),
    _rule(r"(?<![\d,])(?:(?P<y>(?:1\d|20)\d0)|(?<=')(?P<yy>[3-9]0))'?s\b", _read_decade),
    _rule(rf"{_YEAR}\s?년(?!간)", needs="년"),
    _rule(r"(?<![\w.])'(?P<yy>\d\d)년", needs="년"),
    # days, near and far
    _rule(r"(?<![가-힣])(?:(?P<ahead>오는\s|다음\s?주\s)|지난\s|지난주\s|(?P<each>매주\s|매달\s))?"
          r"(?P<name>[월화수목금토일])요일(?P<all>마다)?", _read_weekday, needs="요일"),
    _rule(rf"\b(?:(?P<ahead>(?:[Nn]ext|[Cc]oming)\s)|[Ll]ast\s|(?P<each>(?:[Ee]very|[Ee]ach)\s))?"
          rf"(?P<name>{'|'.join(_WEEKDAYS)})(?P<all>s)?\b", _read_weekday, needs="day"),
    _rule(rf"{_KO_RELATIVE}", _read_relative),
    _rule(rf"(?i:{_EN_RELATIVE})", _read_relative),
    _rule(rf"(?<![\d.,~-]){_NOT_DATE}(?<!하루 )(?<!최대 )(?<!최소 )(?<!에서 )(?<!제)"
          rf"{_DAY}일{_LATER}(?!에서\s\d)(?=[^가-힣]|[에은부까오자]|$){_WEEK_KO}?", needs="일"),
    _rule(rf"\b(?P<pre>(?:[Oo]n|of|[Bb]y|[Uu]ntil|[Ss]ince|[Ff]rom|[Ff]or|through) the ){_DAY}(?:st|nd|rd|th)\b"
          r"(?=[,.;:)?!]|$|\s(?:and|at|in|to|that|with|by|for|from|after|of (?:this|last|next|the month))\b)"),
    # times
    _rule(r"(?<!\d)(?P<h>\d{1,2}):(?P<min>[0-5]\d)(?![\d:])(?:\s?(?P<part>(?i:[ap]\.m\.|[ap]m\b)))?",
          _read_time, needs=":"),
    _rule(r"(?<![\d.])(?P<h>\d{1,2})\s?(?P<part>(?i:[ap]\.m\.|[ap]m\b))", _read_time),
    _rule(r"(?<![\d.])(?P<h>\d{1,2}) o'clock\b", _read_time, needs="o'clock"),
    _rule(r"(?:(?P<part>오전|오후|새벽|저녁|밤)\s?)?(?<![\d.])(?P<h>\d{1,2})시(?![가-간계])"
          r"(?:\s?(?P<min>\d{1,2})분(?!\s?[만간])|\s?(?P<half>반)(?![가-힣]))?", _read_time, needs="시"),
    _rule(r"(?i:\bnoon\b|\bmidnight\b)|(?<![가-힣])(?:정오|자정)(?=에|까|부|을|[^가-힣]|$)", _read_named_time),
)  # fmt: skip
