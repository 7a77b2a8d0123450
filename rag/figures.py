"""Whether every figure and date of a claim is one that its span states.

Stricter than :func:`index.quantity.agree`, which is made for search: a hedged figure must be the span's own, rounded to
the digits that the claim writes, a day of the week must be the date's, and "more than" is not "less than".
"""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

from index.measure import PLAIN, PartialDate, Quantity
from index.quantity import agree, quantities

_DAYS = "monday|월요일 tuesday|화요일 wednesday|수요일 thursday|목요일 friday|금요일 saturday|토요일 sunday|일요일"
_WEEKDAYS = tuple(re.compile(rf"\b(?:{name})", re.I) for name in _DAYS.split())
_LETTER = re.compile(r"\(([월화수목금토일])\)")
_YEAR = re.compile(r"(?<!\d)(?:1\d|20)\d\d(?!\d)")
_DIGIT = re.compile(r"\d")
# "a year", "1년" and "last year" are one span of time; only the digit 1 is a figure of it.
_SINGLE = re.compile(
    r"\b(?:an?|one|per|each|every|last|a full)\s(?:year|month|week|day|hour)|\b(?:yearly|annual\w*|monthly|daily)\b"
    r"|[한매]\s?(?:해|달|년|월|주|시간)|매(?:년|달|월|주|일)|해마다|다달이|전년|작년|지난해|지난달|하루|연간|올해|이듬해",
    re.I,
)
_FIRST = re.compile(
    r"\b(?:first|1st|initial|top|leading|inaugural|ever|unprecedented|debut)\b|첫|처음|최초|사상|초대|만[에이]|으뜸|(?<!\d)1(?!\d)",
    re.I,
)
_ONE = re.compile(
    r"\b(?:an?|one|per|each|every|single|sole|first|top|leading|once|alone)\b|[가-힣]당\s|[첫각매단한]\s?|처음|유일|하나",
    re.I,
)
# "The two cities" needs no figure where two are named.
_PAIR = re.compile(r"\b(?:both|and|each other)\b|[가-힣][와과]\s|양\s|양[측국사]|서로|·")
_DECADE = re.compile(r"\bdecade\b|십\s?년")
_NAMING = re.compile(r"\s?(?:호|차(?=\s|[례에로])|단계|부두|번(?![에째]*\s?만)|기(?=\s)|회(?=[^의]))")
_NAMED = re.compile(r"(?:[A-Z][a-z]+|No\.)\s$")


class Source:
    """A text with its figures; ``published`` (ISO date) is the day on which it was written, where that is known."""

    def __init__(self, text: str, published: str | None = None) -> None:
        self.text, self.published = text, published

    @functools.cached_property
    def figures(self) -> tuple[Quantity, ...]:
        """Found when first asked for: a context's are seldom needed."""
        return quantities(self.text, self.published)


def figures_hold(claim: Source, span: Source, context: Source | None = None) -> bool:
    """Whether each figure of ``claim`` is stated by ``span``.

    ``context`` may number a thing (Line 2, 제5차 회의), which is a part of its name, but it gives no figure.
    """
    for figure in claim.figures:
        known = any(states(k, figure) for k in span.figures) or _in_other_words(figure, claim, span)
        if not known and not (context is not None and _is_number_of(figure, claim.text) and _numbered(figure, context)):
            return False
        if not weekday_right(figure):
            return False
    return True


def states(stated: Quantity, claimed: Quantity) -> bool:
    """Whether ``claimed`` is what ``stated`` says: agreeing, and no further off than its own rounding."""
    if not agree(claimed, stated):
        return _undated(stated, claimed)
    if {claimed.bound, stated.bound} in ({"over", "under"}, {"over", "upto"}):
        return False
    if claimed.kind == "date" or claimed.upper is not None or stated.upper is not None:
        return True
    bare = agree(replace(claimed, bound=""), replace(stated, bound=""))
    return bare or _rounded(stated.amount, claimed.amount) == claimed.amount


def _undated(stated: Quantity, claimed: Quantity) -> bool:
    """Whether two dates differ only in a year that neither of them writes: it was guessed for both."""
    if stated.kind != "date" or claimed.kind != "date" or _YEAR.search(stated.text) or _YEAR.search(claimed.text):
        return False
    one, other = stated.date, claimed.date
    return one.month is not None and one.month == other.month and one.day == other.day


def _rounded(value: Decimal, like: Decimal) -> Decimal:
    """``value`` with as many significant digits as ``like`` is written with."""
    digits = len(like.normalize().as_tuple().digits)
    return round(value, digits - 1 - value.adjusted()) if value else value


def _in_other_words(figure: Quantity, claim: Source, span: Source) -> bool:
    """Whether the span says ``figure`` as something that is no figure by itself, or as two."""
    if figure.kind == "date":
        same = any(k.text == figure.text for k in span.figures)  # 1.08 may be read as a day in one of the texts
        return same or _this_year(figure, claim) or _named_day(figure, span.text)
    if figure.kind == "duration" and figure.amount == 1:
        return bool(_SINGLE.search(span.text))
    if figure.kind in PLAIN:
        return _plainly(figure, span) or _elliptic(figure, claim, span)
    if figure.kind == "duration" and figure.unit == "year" and figure.amount == 10 and _DECADE.search(span.text):
        return True
    if figure.kind == "duration" and any(k.kind == "ordinal" and k.amount == figure.amount for k in span.figures):
        return True
    if figure.upper is not None:
        ends = (replace(figure, upper=None), replace(figure, value=figure.upper, upper=None))
        return all(any(states(k, end) for k in span.figures) for end in ends)
    return any(k.upper is not None and _is_end(figure, k) for k in span.figures)


def _plainly(figure: Quantity, span: Source) -> bool:
    """Whether the span says a small bare number in words that are no figure: the first, per share, both."""
    if figure.amount == 1:
        return bool((_FIRST if figure.kind == "ordinal" else _ONE).search(span.text))
    if figure.amount == 2 and not _DIGIT.search(figure.text):
        return bool(_PAIR.search(span.text))
    run = figure.kind == "ordinal"  # a third week is the third of three weeks
    return any(k.kind == ("duration" if run else "ordinal") and k.amount == figure.amount for k in span.figures)


def _elliptic(figure: Quantity, claim: Source, span: Source) -> bool:
    """Whether a bare number has the unit of another figure of the claim, left out: 21 minutes instead of 52."""
    units = {(q.kind, q.unit) for q in claim.figures if q.unit}
    meant = (replace(figure, kind=k.kind, unit=k.unit) for k in span.figures if (k.kind, k.unit) in units)
    return figure.kind == "number" and any(states(k, other) for other in meant for k in span.figures)


def _is_end(figure: Quantity, stated: Quantity) -> bool:
    ends = (replace(stated, upper=None), replace(stated, value=stated.upper or stated.value, upper=None))
    return any(states(end, figure) for end in ends)


def _this_year(figure: Quantity, claim: Source) -> bool:
    """올해, this month: true of whatever an article reports as news, unless the span dates it otherwise."""
    if claim.published is None or _DIGIT.search(figure.text) or figure.date.day is not None:
        return False
    return figure.date.month is None and str(figure.date.year) == claim.published[:4]


def _named_day(figure: Quantity, text: str) -> bool:
    """Whether the figure is a day of the week by name (on Mondays) that the text names, too."""
    return any(day.match(figure.text.lstrip()) is not None and day.search(text) is not None for day in _WEEKDAYS)


def weekday_right(figure: Quantity) -> bool:
    """Whether the day of the week that stands in a full date is the one that it was."""
    if figure.kind != "date" or None in figure.date or not _DIGIT.search(figure.text):
        return True
    letter = _LETTER.search(figure.text)
    named = {i for i, day in enumerate(_WEEKDAYS) if day.search(figure.text)}
    named |= {"월화수목금토일".index(letter[1])} if letter else set()
    return not named or named == {_weekday(figure.date)}


def _weekday(day: PartialDate) -> int:
    try:
        return date(day.year or 1, day.month or 1, day.day or 1).weekday()
    except ValueError:
        return -1


def _is_number_of(figure: Quantity, text: str) -> bool:
    """Whether a figure numbers a thing and counts nothing: Line 2, 4차 회의, the third meeting."""
    if figure.kind not in PLAIN or figure.upper is not None:
        return False
    before, after = text[max(0, figure.start - 16) : figure.start], text[figure.end : figure.end + 6]
    return figure.kind == "ordinal" or _NAMING.match(after) is not None or _NAMED.search(before) is not None


def _numbered(figure: Quantity, context: Source) -> bool:
    return any(states(k, figure) and _is_number_of(k, context.text) for k in context.figures)
