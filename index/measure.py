"""One measured value: a figure or a date as a text states it, in canonical units, and when two of them agree.

This module knows nothing about how figures are written; ``index.quantity`` finds them, ``index.figures`` writes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

Kind = Literal[
    "number", "count", "ordinal", "ratio", "money", "area", "length", "weight", "measure", "percent", "duration",
    "date", "relative", "weekday", "time",
]  # fmt: skip
Bound = Literal["", "about", "over", "under", "upto"]

PLAIN: frozenset[str] = frozenset({"number", "count", "ordinal"})
# Two readings of one surface are told apart by unit only in these kinds; "0.25%p" and "0.25 percent" are both percent.
LOOSE_UNIT: frozenset[str] = frozenset({"percent"})
ROUNDED = Decimal("0.05")  # relative slack once a text says "about", "more than", 약, 여 …
CONVERTED = Decimal("0.005")  # relative slack for physical units: 1 square mile is printed as 2.59 km²
EXACT = Decimal("0.00005")  # half a unit of the fourth significant digit at its coarsest
_MONEY_PLAIN = Decimal(10) ** 8  # headlines drop the currency of such amounts, so they are keyed as numbers too
LARGE = Decimal(10_000)  # from here on a bare number is rare enough to stand for the same amount with a unit


class PartialDate(NamedTuple):
    """A calendar date of which any part may be unsaid: ``year`` 1–9999, ``month`` 1–12, ``day`` 1–31."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def iso(self) -> str:
        """ISO 8601, with the truncated forms of its 2000 edition: ``2023-04-28``, ``2023-04``, ``--04-28``."""
        if self.year is not None:
            parts = [f"{self.year:04d}", *(f"{part:02d}" for part in (self.month, self.day) if part is not None)]
            return "-".join(parts)
        if self.month is None:
            return f"---{self.day or 0:02d}"
        return f"--{self.month:02d}" + ("" if self.day is None else f"-{self.day:02d}")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure or date found in a text.

    ``value`` is in the base unit: won, dollars … for money, m², m, kg, per cent, the named unit for durations, minutes
    after midnight for times, ISO weekday 1–7, an offset for relative dates (-1 is last year), the antecedent of a ratio
    (its consequent is the unit: ``1,200 to 1`` is 1200 with unit ``1``). Dates hold a ``PartialDate``; one that names
    a decade has the unit ``decade``. ``start``/``end`` are offsets into the text asked about, end exclusive, and
    ``text`` is that slice. ``upper`` is the far end of a range. ``bound`` says how the text hedges the value.
    """

    kind: Kind
    value: Decimal | PartialDate
    unit: str
    start: int
    end: int
    text: str = ""
    upper: Decimal | None = None
    bound: Bound = ""

    @property
    def approximate(self) -> bool:
        """Whether the text says about, some, more than, up to, 약, 여, 이상 … of the value."""
        return bool(self.bound)

    @property
    def date(self) -> PartialDate:
        """The value of a date; for all other kinds a date of which nothing is known."""
        return self.value if isinstance(self.value, PartialDate) else PartialDate()

    @property
    def amount(self) -> Decimal:
        """The value of everything but a date; for dates the day of the month (0 when unsaid)."""
        return Decimal(self.value.day or 0) if isinstance(self.value, PartialDate) else self.value


def plain(value: Decimal) -> str:
    """``value`` without exponent or trailing zeros: ``270000000000``, ``0.25``."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def agree(a: Quantity, b: Quantity) -> bool:
    """Whether two figures state the same thing: same value after normalisation, within the rounding the texts admit.

    Parts that one date leaves unsaid do not count against it. A number needs no unit or counter to match a count, and
    from 10,000 on none to match an amount. Symmetric and reflexive.
    """
    if "date" in (a.kind, b.kind):
        return _dates_agree(a, b)
    if not _comparable(a, b):
        return False
    if a.kind == "relative" or a.kind == "weekday" or a.kind == "time":
        return a.value == b.value
    return _values_agree(a, b, CONVERTED if a.kind in {"area", "length", "weight"} else EXACT)


def _comparable(a: Quantity, b: Quantity) -> bool:
    if a.kind in PLAIN and b.kind in PLAIN:
        return True
    if a.kind == b.kind:
        return a.unit == b.unit or a.kind in LOOSE_UNIT
    bare = a if a.kind == "number" else b
    return bare.kind == "number" and bare.amount >= LARGE and "money" in (a.kind, b.kind)


def _dates_agree(a: Quantity, b: Quantity) -> bool:
    if a.kind != b.kind:  # 20일 is the 20th or 20 days: only the context that the other text gives can tell
        return _day_number(a) is not None and _day_number(a) == _day_number(b)
    if a.unit != b.unit:
        return False
    shared = [(x, y) for x, y in zip(a.date, b.date, strict=True) if x is not None and y is not None]
    return bool(shared) and all(x == y for x, y in shared)


def _day_number(quantity: Quantity) -> Decimal | None:
    if quantity.kind == "duration" and quantity.unit == "day":
        return quantity.amount
    lone = quantity.kind == "date" and quantity.date.year is None and quantity.date.month is None
    return quantity.amount if lone else None


def _values_agree(a: Quantity, b: Quantity, slack: Decimal) -> bool:
    slack = ROUNDED if a.approximate or b.approximate else slack
    if (a.upper is None) != (b.upper is None):
        single, span = (a, b) if a.upper is None else (b, a)
        return single.approximate and span.amount <= single.amount <= (span.upper or span.amount)
    ends = [(a.amount, b.amount), (a.upper or Decimal(0), b.upper or Decimal(0))]
    return all(abs(x - y) <= slack * max(abs(x), abs(y)) for x, y in ends)


def terms(quantity: Quantity) -> tuple[str, ...]:
    """The index terms of one figure or date, most specific first; see ``index.quantity.keys``."""
    if quantity.kind == "date":
        return _date_terms(quantity)
    if quantity.kind == "ratio":
        return (f"ratio:{plain(quantity.amount)}:{quantity.unit}",)
    if quantity.kind in {"relative", "weekday", "time"}:
        return (_clock_term(quantity),)
    ends = [quantity.amount, *([] if quantity.upper is None else [quantity.upper])]
    return tuple(term for end in ends for term in _number_terms(quantity, _round(end)))


def _round(value: Decimal) -> Decimal:
    """Twelve significant digits: enough for any budget, few enough to hide the residue of unit conversion."""
    return value if not value else round(value, 11 - value.adjusted())


def _number_terms(quantity: Quantity, value: Decimal) -> Iterator[str]:
    if quantity.kind in {"number", "count", "ordinal"}:
        if value != 1:
            yield f"n:{plain(value)}"
        return
    if quantity.kind == "duration" and value == 1:  # 1년 is as often "a year", which is no figure
        return
    if quantity.kind in {"area", "length", "weight"}:  # 1 square mile and 2.59 km² are printed for one another
        value = round(value, 2 - value.adjusted()) if value else value
    yield f"{quantity.unit.rstrip('p') if quantity.kind == 'percent' else quantity.unit}:{plain(value)}"
    if quantity.kind == "money" and value >= _MONEY_PLAIN:
        yield f"n:{plain(value)}"


def _clock_term(quantity: Quantity) -> str:
    if quantity.kind == "time":
        return f"time:{int(quantity.amount) // 60:02d}:{int(quantity.amount) % 60:02d}"
    return f"{quantity.kind}:{quantity.unit}{plain(quantity.amount)}"


def _date_terms(quantity: Quantity) -> tuple[str, ...]:
    year, month, day = quantity.date
    if quantity.unit == "decade":
        return (f"decade:{year}",)
    if year is None and month is None:
        return (f"day:{day}",)
    found = [f"date:{quantity.date.iso().lstrip('-')}"] if year is not None else []
    if month is not None:
        found += [f"date:{month:02d}-{day:02d}"] if day is not None else []
        found += [f"date:{year:04d}-{month:02d}"] if year is not None else []
        found += [f"month:{month}"]
    found += [f"date:{year:04d}"] if year is not None else []
    return tuple(dict.fromkeys(found))
