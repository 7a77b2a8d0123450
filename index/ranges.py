"""Neighbouring figures that belong together: 1,800~1,900개 is one range, 4월 28~30일 two days of one month."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from index.dates import complete
from index.measure import PartialDate, Quantity

_AROUND = 24  # characters of context read before a range
_RANGE = re.compile(r"\s?(?:~|-|내지)\s?|\sto\s")
_FROM = re.compile(r"(?:\bfrom|[가-힣]에서)\s?[$₩€£¥]?$", re.I)
_BETWEEN = re.compile(r"\bbetween\s[$₩€£¥]?$", re.I)
_SPANNED = frozenset({"number", "count", "money", "area", "length", "weight", "measure", "percent", "duration"})
_LIST = re.compile(r"\s?(?:~|-|to|through|부터|과|와|,|·|and)\s?")
_LONE_DAY = re.compile(r"(?P<day>\d{1,2})(?:일(?:\s?\(.\))?)?")


def merge(found: Iterable[Quantity], text: str) -> Iterator[Quantity]:
    """``found``, in order of the folded ``text``, with ranges joined and lone days given their month."""
    last: Quantity | None = None
    for quantity in found:
        if last is not None:
            gap = text[last.end : quantity.start]
            joined = _join(last, quantity, gap, text)
            if joined is not None:
                last = joined
                continue
            quantity = _inherit(last, quantity, text)
            yield last
        last = quantity
    if last is not None:
        yield last


def _join(low: Quantity, high: Quantity, gap: str, text: str) -> Quantity | None:
    """The range from ``low`` to ``high``, or ``None`` where they stand apart. Either end may leave out the unit."""
    if low.upper is not None or not _SPANNED.issuperset((low.kind, high.kind)):
        return None
    left = text[max(0, low.start - _AROUND) : low.start]
    if not (_RANGE.fullmatch(gap) or (gap.strip() == "and" and _BETWEEN.search(left))):
        return None
    if low.kind != "number" and high.kind == "number":
        high = replace(high, kind=low.kind, unit=low.unit)
    elif low.kind != "number" and ((low.kind, low.unit) != (high.kind, high.unit) or _FROM.search(left)):
        return None
    value = _rescale(low, high, text)
    if not value < high.amount:
        return None
    return replace(high, value=value, upper=high.amount, start=low.start, bound=low.bound or high.bound)


def _rescale(low: Quantity, high: Quantity, text: str) -> Decimal:
    """The low end in the unit and scale that only the high end states: 5~6억 원, $5-6 billion, 2 to 3 hectares."""
    mantissa = re.search(r"\d[\d,]*(?:\.\d+)?", text[high.start : high.end])
    if mantissa is None or _scaled(low, text) or (low.kind == high.kind != "number" and not _scaled(high, text)):
        return low.amount
    stated = Decimal(mantissa.group().replace(",", ""))
    return low.amount * (high.amount / stated) if 0 < low.amount < stated else low.amount


def _inherit(first: Quantity, second: Quantity, text: str) -> Quantity:
    """``second`` with the month of ``first`` where it is a lone day after it: 4월 28일부터 30일까지, April 28-30."""
    year, month, day = first.date
    if month is None or day is None or not _LIST.fullmatch(text[first.end : second.start]):
        return second
    lone = _LONE_DAY.fullmatch(text[second.start : second.end])
    if lone is None or second.kind not in {"date", "duration", "number"} or not day < int(lone["day"]) <= 31:
        return second
    value = complete(PartialDate(year, month, int(lone["day"])), None)
    return second if value is None else Quantity("date", value, "", second.start, second.end)


def _scaled(quantity: Quantity, text: str) -> bool:
    return re.search("[천만억조십백]|illion|thousand", text[quantity.start : quantity.end]) is not None
