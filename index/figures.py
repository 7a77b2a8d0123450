"""A figure or date written the way the reader's language writes it.

Korean groups by 조, 억 and 만 (한글 맞춤법 제44항, the orthography's rule on numbers),
English by thousand, million, billion.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from babel.dates import format_date, format_skeleton

from index.measure import Quantity, plain
from index.types import Language

_KO_GROUPS = ((Decimal(10**16), "경"), (Decimal(10**12), "조"), (Decimal(10**8), "억"), (Decimal(10**4), "만"))
_EN_GROUPS = ((Decimal(10**12), "trillion"), (Decimal(10**9), "billion"), (Decimal(10**6), "million"))
_DECIMALS = Decimal("0.001")  # three decimals of a scale word at most; what needs more is written in full
_CURRENCIES = {
    "KRW": ("원", "won"), "USD": ("달러", "$"), "EUR": ("유로", "€"), "JPY": ("엔", "yen"), "CNY": ("위안", "yuan"),
    "GBP": ("파운드", "£"), "AUD": ("호주 달러", "Australian dollars"), "CAD": ("캐나다 달러", "Canadian dollars"),
    "HKD": ("홍콩 달러", "Hong Kong dollars"), "SGD": ("싱가포르 달러", "Singapore dollars"),
    "TWD": ("대만 달러", "Taiwan dollars"), "RUB": ("루블", "rubles"), "INR": ("루피", "rupees"),
    "CHF": ("프랑", "francs"),
    "THB": ("바트", "baht"), "IDR": ("루피아", "rupiah"),
    "VND": ("베트남 동", "dong"), "KPW": ("북한 원", "North Korean won"),
}  # fmt: skip
# base unit -> larger or smaller units to choose from, largest first: factor, Korean, English singular, plural
_STEPS = {
    "m2": ((10**6, "㎢", "square kilometer", "square kilometers"), (1, "㎡", "square meter", "square meters")),
    "m": (
        (1000, "km", "kilometer", "kilometers"), (1, "m", "meter", "meters"),
        (Decimal("0.01"), "cm", "centimeter", "centimeters"),
        (Decimal("0.001"), "mm", "millimeter", "millimeters"), (Decimal("1E-9"), "나노미터", "nanometer", "nanometers"),
    ),
    "kg": (
        (1000, "톤", "ton", "tons"), (1, "kg", "kilogram", "kilograms"), (Decimal("0.001"), "g", "gram", "grams"),
        (Decimal("0.000001"), "mg", "milligram", "milligrams"),
    ),
    "L": ((1, "리터", "liter", "liters"), (Decimal("0.001"), "mL", "milliliter", "milliliters")),
    "W": ((10**9, "GW", "gigawatt", "gigawatts"), (10**6, "MW", "megawatt", "megawatts"),
          (1000, "kW", "kilowatt", "kilowatts")),
    "Wh": ((10**9, "GWh", "gigawatt-hour", "gigawatt-hours"), (10**6, "MWh", "megawatt-hour", "megawatt-hours"),
           (1000, "kWh", "kilowatt-hour", "kilowatt-hours")),
    "byte": ((10**12, "TB", "terabyte", "terabytes"), (10**9, "GB", "gigabyte", "gigabytes")),
    "barrel": ((1, "배럴", "barrel", "barrels"),),
    "m3": ((1, "세제곱미터", "cubic meter", "cubic meters"),),
    "km/h": ((1, "km/h", "kilometer per hour", "kilometers per hour"),),
    "degree": ((1, "도", "degree", "degrees"),),
    "year": ((1, "년", "year", "years"),), "month": ((1, "개월", "month", "months"),),
    "week": ((1, "주", "week", "weeks"),),
    "day": ((1, "일", "day", "days"),), "hour": ((1, "시간", "hour", "hours"),),
    "minute": ((1, "분", "minute", "minutes"),),
    "second": ((1, "초", "second", "seconds"),),
    "age": ((1, "세", "year old", "years old"),), "person": ((1, "명", "person", "people"),),
    "firm": ((1, "개사", "company", "companies"),),
    "country": ((1, "개국", "country", "countries"),), "time": ((1, "차례", "time", "times"),),
}  # fmt: skip
_TOPS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight")
_BOTTOMS = ("", "", "half", "third", "quarter", "fifth", "sixth", "seventh", "eighth", "ninth")
_BOUNDS = {
    "about": ("약 {}", "about {}"), "over": ("{} 이상", "more than {}"), "under": ("{} 미만", "less than {}"),
    "upto": ("최대 {}", "up to {}"),
}  # fmt: skip
_RELATIVE = {
    "year": {-2: ("재작년", "two years ago"), -1: ("지난해", "last year"), 0: ("올해", "this year"),
             1: ("내년", "next year"),
             2: ("내후년", "in two years")},
    "month": {-1: ("지난달", "last month"), 0: ("이달", "this month"), 1: ("다음 달", "next month")},
    "week": {-1: ("지난주", "last week"), 0: ("이번 주", "this week"), 1: ("다음 주", "next week")},
    "day": {-2: ("그제", "two days ago"), -1: ("어제", "yesterday"), 0: ("오늘", "today"), 1: ("내일", "tomorrow"),
            2: ("모레", "in two days")},
}  # fmt: skip
_WEEKDAYS = ("월화수목금토일", ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"))


def render(quantity: Quantity, language: Language) -> str:
    """``quantity`` in the conventions of ``language``: ``7조 9,000억 원``, ``7.9 trillion won``, ``April 28, 2023``.

    Reading the result back (``index.quantity.quantities``) gives a quantity that agrees with the one written.
    """
    korean = language == "ko"
    if quantity.kind == "date":
        return _date(quantity, korean)
    if quantity.kind == "time":
        return _time(int(quantity.amount), korean)
    if quantity.kind == "weekday":
        number = int(quantity.amount) - 1
        return f"{_WEEKDAYS[0][number]}요일" if korean else _WEEKDAYS[1][number]
    if quantity.kind == "relative":
        return _RELATIVE[quantity.unit][int(quantity.amount)][0 if korean else 1]
    if quantity.kind == "ratio":
        numbers = _commas(quantity.amount), _commas(Decimal(quantity.unit))
        return " 대 ".join(numbers) if korean else "-to-".join(numbers)
    written = _amount(quantity, korean)
    return _BOUNDS[quantity.bound][0 if korean else 1].format(written) if quantity.bound else written


def _amount(quantity: Quantity, korean: bool) -> str:
    low, high = quantity.amount, quantity.upper
    if quantity.kind == "money":
        return _range(low, high, korean, lambda value: _money(value, quantity.unit, korean))
    if quantity.kind == "percent":
        sign = quantity.unit if korean or quantity.unit == "%" else " percentage points"
        sign = " percentage point" if sign == " percentage points" and low == 1 and high is None else sign
        return _range(low, high, korean, lambda value: _commas(value) + sign)
    if quantity.kind == "ordinal":
        return _ordinal(quantity, korean)
    if korean and quantity.unit == "day" and high is not None:  # 10일~20일 would be the 10th to the 20th
        return f"{_commas(low)}~{_commas(high)}일"
    if quantity.unit in _STEPS:
        return _range(low, high, korean, lambda value: _stepped(value, quantity.unit, korean))
    return _range(low, high, korean, lambda value: number(value, "ko" if korean else "en"))


def _range(low: Decimal, high: Decimal | None, korean: bool, write: Callable[[Decimal], str]) -> str:
    if high is None:
        return write(low)
    return f"{write(low)}~{write(high)}" if korean else f"{write(low)} to {write(high)}"


def number(value: Decimal, language: Language) -> str:
    """``value`` in words of scale: ``7조 9,000억``, ``3만 5,000``; ``7.9 trillion``, ``35,000``."""
    if value < 0:
        return "-" + number(-value, language)
    fraction = _fraction(value, language)
    if fraction:
        return fraction
    return _korean_number(value) if language == "ko" else _english_number(value)


def _fraction(value: Decimal, language: Language) -> str:
    """Thirds and the like, which no decimal states exactly: ``3분의 2``, ``two-thirds``; otherwise nothing."""
    nearest = Fraction(value).limit_denominator(len(_BOTTOMS) - 1)
    if value >= 1 or _short(value) or abs(Fraction(value) - nearest) > Fraction(1, 10**6):
        return ""
    top, bottom = nearest.numerator, nearest.denominator
    if language == "ko":
        return f"{bottom}분의 {top}"
    return f"{_TOPS[top]}-{_BOTTOMS[bottom]}" + ("s" if top > 1 else "")


def _korean_number(value: Decimal) -> str:
    if value < 10_000 or value != value.to_integral_value():
        return _commas(value)
    parts = []
    for size, word in _KO_GROUPS:
        count, value = divmod(value, size)
        if count:
            parts.append(_commas(count) + word)
    return " ".join([*parts, *([_commas(value)] if value else [])])


def _english_number(value: Decimal) -> str:
    for size, word in _EN_GROUPS:
        if value >= size:
            scaled = value / size
            return f"{_commas(scaled)} {word}" if scaled == scaled.quantize(_DECIMALS) else _commas(value)
    return _commas(value)


def _commas(value: Decimal) -> str:
    whole, _, rest = plain(value).partition(".")
    sign = "-" if value < 0 else ""
    return f"{sign}{abs(int(whole)):,}" + (f".{rest}" if rest else "")


def _money(value: Decimal, currency: str, korean: bool) -> str:
    if value < 0:
        return "-" + _money(-value, currency, korean)
    words = _CURRENCIES.get(currency, (currency, currency))
    if korean:
        return f"{_korean_number(value)} {words[0]}" if value >= 10_000 else f"{_commas(value)}{words[0]}"
    sign = words[1]
    return sign + _english_number(value) if len(sign) == 1 else f"{_english_number(value)} {sign}"


def _stepped(value: Decimal, unit: str, korean: bool) -> str:
    if value < 0:
        return "-" + _stepped(-value, unit, korean)
    steps = _STEPS[unit]
    fitting = [step for step in steps if value >= step[0]]
    near = [step for step in fitting if value / step[0] < 10_000] or fitting
    factor, symbol, one, many = next((step for step in near if _short(value / step[0])), (near or steps[-1:])[0])
    scaled = _sensible(value / factor)
    written = _korean_number(scaled) if korean else _english_number(scaled)
    if korean:
        return f"{written} {symbol}" if written[-1] in "만억조경" and "가" <= symbol[0] <= "힣" else written + symbol
    return f"{written} {one if scaled == 1 else many}"


def _sensible(value: Decimal) -> Decimal:
    """``value`` without the false precision of a converted unit: 3,306 square meters for 1,000 pyeong."""
    if value >= 1000:
        return round(value, 0)
    return value if _short(value) else round(value, max(0, 3 - value.adjusted()))


def _short(value: Decimal) -> bool:
    return value == value.quantize(_DECIMALS) if value < 10**20 else True


def _ordinal(quantity: Quantity, korean: bool) -> str:
    written = _commas(quantity.amount)
    if quantity.unit == "rank":
        return f"{written}위" if korean else f"No. {written}"
    if korean:
        return f"{written}번째"
    last = int(quantity.amount) % 100
    return written + ("th" if last in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(last % 10, "th"))


def _date(quantity: Quantity, korean: bool) -> str:
    year, month, day = quantity.date
    locale = "ko_KR" if korean else "en_US"
    if quantity.unit == "decade":
        return f"{year}년대" if korean else f"{year}s"
    if month is None:
        if day is not None and year is None:
            return f"{day}일" if korean else f"on the {_nth(day)}"
        return f"{year}년" if korean else f"{year}"
    stand_in = date(year or 2024, month, day or 1)
    if year is not None and day is not None:
        return format_date(stand_in, "long", locale=locale)
    pattern = "yMMMM" if day is None and year is not None else "MMMM" if day is None else "MMMMd"
    return format_skeleton(pattern, stand_in, locale=locale) if pattern != "MMMM" or korean else f"{stand_in:%B}"


def _nth(day: int) -> str:
    return f"{day}" + ("th" if day in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th"))


def _time(minutes: int, korean: bool) -> str:
    hour, minute = divmod(minutes, 60)
    shown = hour % 12 or 12
    if korean:
        return f"{'오전' if hour < 12 else '오후'} {shown}시" + (f" {minute}분" if minute else "")
    return f"{shown}" + (f":{minute:02d}" if minute else "") + (" a.m." if hour < 12 else " p.m.")
