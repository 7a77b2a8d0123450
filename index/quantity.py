"""Figures and dates of Korean and English text as canonical values that are equal across the two languages.

>>> [key for key in keys("약 2700억 원을 4만㎡에")]
['KRW:270000000000', 'n:270000000000', 'm2:40000']
>>> [key for key in keys("about 270 billion won on 40,000 square meters")]
['KRW:270000000000', 'n:270000000000', 'm2:40000']

``quantities`` finds them with exact spans, ``keys`` makes search terms, ``agree`` compares two, ``render`` writes one.
Digits that belong to a name (COVID-19, B-52H, K-2, CES 2023, 5G), a phone number, a version or an address are no
figures. Not read: vague amounts (수백 명, dozens of), Roman numerals, circled digits, the pronoun "one".
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import cast

from index.dates import dates, parse_published
from index.figures import render
from index.folding import fold
from index.measure import Bound, Kind, PartialDate, Quantity, agree, plain, terms
from index.numerals import DAYS, Numeral, numerals
from index.ranges import merge
from index.units import Unit, symbol_before, unit_after

__all__ = ["Bound", "Kind", "PartialDate", "Quantity", "agree", "keys", "quantities", "render", "terms"]

_SCALE = re.compile(r"\s?(?P<scale>[mbt])\b")
_AMOUNT = r"\d[\d,]{0,15}"
# Digits that name something: addresses, phone numbers, file names, versions.
_NAMES = re.compile(
    r"https?://[^\s]{1,300}|[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}|"
    r"(?<![\d-])(?:\+\d{1,3}[- ])?\(?0\d{1,2}\)?[- ]\d{3,4}-\d{4}(?!\d)|(?<![\d-])1[568]\d\d-\d{4}(?![\d년])|"
    r"(?<![\d'])\d{1,4}(?:\.\d{1,4}){2,6}(?!\d)|(?<!\d)\d{2,6}-\d{2,4}-\d{2,7}(?!\d)|(?<!\d)\d{16,200}(?!\d)"
)
_RATIO = re.compile(
    r"(?<![\d.:,])(?P<a>" + _AMOUNT + r"(?:\.\d{1,4})?)"
    r"\s?(?::|(?<!\s)대\s|\s대\s|-to-|\sto\s(?=1(?!\d|[,.]\d)))\s?(?P<b>"
    + _AMOUNT + r")(?![\d:,]\d|[\d%]|년|월|일|\.\d|만|억|조|천|대|개|명|인|차|위|곳)"
)  # fmt: skip
_SCORE = re.compile(r"(?<![\d\w.,-])(?P<a>\d{1,3})-(?P<b>\d{1,3})(?![\d\w,-]|\.\d|%|\s(?:percent|per cent))")
_LEFT_NAME = re.compile(r"(?:[A-Za-z.]|[가-힣]|[A-Za-z]\))-$|[A-Za-z]\.$")
_LEFT_PREFIX = re.compile(r"(?:^|[\s(\"'])(?:mid|pre|post|non|under|over|sub|a|per|top|early|late|part|and|to)-$", re.I)
_ACRONYM = re.compile(r"(?<![A-Za-z])(?!(?:AD|BC|FY|KRW|USD|EUR|JPY|CNY|RMB|GBP|CE)\s)[A-Z][A-Z&]+\s$")
_RIGHT_NAME = re.compile(r"[A-Za-z_]|-[A-Z0-9]|-(?=[A-Za-z])(?!odd)[A-Za-z]*\d")
_AROUND = 24  # characters of context read on either side
_BOUNDS_LEFT: tuple[tuple[Bound, str], ...] = (
    ("upto", r"(?:최대|최고|up to|as (?:many|much) as|at most|no more than|a maximum of)"),
    (
        "over",
        r"(?:최소|more than|over|above|at least|exceeding|topped|surpassed|"
        r"a minimum of|no less than|no fewer than)",
    ),
    ("under", r"(?:less than|fewer than|under|below)"),
    ("about", r"(?:약|대략|거의|무려|근|about|around|some|nearly|almost|approximately|roughly|close to|an estimated)"),
)
_BOUNDS_RIGHT: tuple[tuple[Bound, str], ...] = (
    ("over", r"이상|을 넘|를 넘|이 넘|가 넘|\s?넘|초과|or more|or higher|\+|plus\b"),
    ("under", r"미만|or less|or fewer|or lower"),
    ("upto", r"이하|이내"),
    ("about", r"여(?=\s|[가-힣])|가량|정도|안팎|남짓|쯤|내외|or so|-odd|에 육박"),
)
_OPENING = re.compile(r"(?:Under|Above|Below)\s[$₩€£¥]?$")  # "Under 270 billion won in funding, …" hedges nothing
_LEFT = re.compile(
    rf"(?:^|[\s(\"'~])(?:{'|'.join(f'(?P<{bound}>{words})' for bound, words in _BOUNDS_LEFT)})\s?[$₩€£¥]?$", re.I
)
_RIGHT = re.compile(rf"\s?(?:{'|'.join(f'(?P<{bound}>{words})' for bound, words in _BOUNDS_RIGHT)})", re.I)
_INSIDE = re.compile(r"[\d십백천만억조]여|-odd")
_ORDINAL_AFTER = re.compile(r"\s?(?:번째|차(?=\s|[례에])|등(?=\s)|주년|세기|분기|세대(?!당)|단계|심(?=에|\s))")
_AGED = re.compile(r"\b(?:aged|ages?|age of)\s$", re.I)
_SINCE = re.compile(r"\b(?:in|since|by|from|until|till|of|circa|around|before|after|to|year)\s$", re.I)
_MINUS = re.compile(r"(?:영하|마이너스|(?<!or )\bminus)\s?$|(?:(?<=[\s(])|^)[-△▲]$")
_CONSECUTIVE = re.compile(r"\s(?:consecutive|straight)(?=\s(?:year|month|week|day)\b)", re.I)
_STUCK = re.compile(r"[가-힣]{2}$")  # 코로나19, 정부24: names when nothing is counted
REMEMBERED = 4096  # texts whose figures are remembered, for a question looks at the same sentences several times
_LOOSE = re.compile(r"[은는이가을를의에로와과도]|[^가-힣]|$")
_RANKED = re.compile(r"\bNo\.\s?$")
_SPEED = re.compile(r"시속\s?(?:약\s)?$")


@functools.lru_cache(maxsize=REMEMBERED)
def quantities(text: str, published: str | None = None) -> tuple[Quantity, ...]:
    """Every figure and date in ``text``, in order, without overlap; both languages may be mixed.

    ``published`` (ISO date) fills in what the text leaves unsaid: the year of 4월 28일, the day of "Thursday" or 어제.
    Raises ``ValueError`` when ``published`` is no ISO date. Time is linear in the length of the text.
    """
    view = fold(text)
    day = parse_published(published)
    found: list[Quantity] = []
    for quantity in merge(sorted(_scan(view.text, day), key=lambda q: q.start), view.text):
        start, end = view.span(quantity.start, quantity.end)
        found.append(replace(quantity, start=start, end=end, text=text[start:end]))
    return tuple(found)


def keys(text: str, published: str | None = None) -> tuple[str, ...]:
    """Index terms for the figures and dates of ``text``, without repetition, in order, equal across languages.

    ``KRW:270000000000``, ``m2:40000``, ``%:0.25``, ``n:50`` (numbers, counts and ordinals alike), ``year:70``,
    ``ratio:1200:1``, ``time:15:13``, ``date:2023-04-28`` followed by the terms of its parts. A bare 1 gives no term.
    """
    return tuple(dict.fromkeys(term for quantity in quantities(text, published) for term in terms(quantity)))


def _scan(text: str, day: date | None) -> Iterator[Quantity]:
    """All quantities of a folded text: dates claim their characters first, then ratios, then numerals."""
    taken = bytearray(len(text))
    for match in _NAMES.finditer(text):
        if not _is_date(match.group()):
            _claim(taken, *match.span())
    for quantity in dates(text, day):
        if not any(taken[quantity.start : quantity.end]) and not _names_something(text, quantity.start, quantity.end):
            _claim(taken, quantity.start, quantity.end)
            yield quantity
    for quantity in _ratios(text):
        if not any(taken[quantity.start : quantity.end]) and not _names_something(text, quantity.start, quantity.end):
            _claim(taken, quantity.start, quantity.end)
            yield quantity
    for numeral in numerals(text):
        if not any(taken[numeral.start : numeral.end]):
            found = _measure(text, numeral, day)
            if found is not None and not any(taken[found.start : found.end]):
                _claim(taken, found.start, found.end)  # 세 of "1 세 만" is its unit and no three
                yield found


def _is_date(written: str) -> bool:
    return re.fullmatch(r"(?:1\d|20|21)\d\d([.-])\d{1,2}\1\d{1,2}", written) is not None


def _claim(taken: bytearray, start: int, end: int) -> None:
    taken[start:end] = b"\1" * (end - start)


def _ratios(text: str) -> Iterator[Quantity]:
    for match in _RATIO.finditer(text):
        first, second = Decimal(match["a"].replace(",", "")), match["b"].replace(",", "")
        yield Quantity("ratio", first, plain(Decimal(second)), *match.span())
    for match in _SCORE.finditer(text):
        if int(match["a"]) > int(match["b"]):  # 5-4 is a score, 4-5 a range
            yield Quantity("ratio", Decimal(match["a"]), plain(Decimal(match["b"])), *match.span())


def _names_something(text: str, start: int, end: int) -> bool:
    """Whether the digits at ``text[start:end]`` are part of a name: LK-99, 화성-20형, 5G, CES 2023."""
    if not text[start].isdigit():
        return False
    if _stuck_to_name(text, start):
        return symbol_before(text, start) is None
    if text[end - 1].isdigit() and _RIGHT_NAME.match(text, end):
        return True
    acronym = text[start - 1 : start] == " " and "A" <= text[start - 2 : start - 1] <= "Z"
    return acronym and _ACRONYM.search(text[max(0, start - _AROUND) : start]) is not None


def _stuck_to_name(text: str, start: int) -> bool:
    """Whether what stands right before ``start`` makes a name of the digits there: a letter, or a word and a hyphen."""
    before = text[start - 1 : start] if start else ""
    if before not in {"-", "."}:
        return before.isascii() and (before.isalpha() or before in {"_", "#", "/"})
    left = text[max(0, start - _AROUND) : start]
    return _LEFT_NAME.search(left) is not None and _LEFT_PREFIX.search(left) is None


def _measure(text: str, numeral: Numeral, day: date | None) -> Quantity | None:
    """The numeral with what it counts; ``None`` where it is a name or no number after all."""
    start, end = numeral.start, numeral.end
    before = symbol_before(text, start) if not numeral.worded else None
    run = _CONSECUTIVE.match(text, end) if numeral.ordinal else None
    end = run.end() if run else end
    after = None if before or (numeral.ordinal and not run) else unit_after(text, end, scaled=numeral.value >= 1000)
    if before is not None:
        unit, start = before
        value, end = _abbreviated(text, numeral)
        return _bounded(text, Quantity(unit.kind, value * unit.factor, unit.name, start, end))
    if after is None and not numeral.worded and _names_something(text, start, end):
        return None
    if after is not None and text[start].isdigit() and _stuck_to_name(text, start):
        return None
    if after is None:
        return _unitless(text, numeral)
    return _with_unit(text, numeral, *after)


def _abbreviated(text: str, numeral: Numeral) -> tuple[Decimal, int]:
    """The amount after a currency sign, where a lone m, b or t is a scale: $5m, $2.5b."""
    match = _SCALE.match(text, numeral.end)
    if match is None or numeral.scale > 1:
        return numeral.value, numeral.end
    return numeral.value * Decimal({"m": 10**6, "b": 10**9, "t": 10**12}[match["scale"]]), match.end()


def _with_unit(text: str, numeral: Numeral, unit: Unit, end: int) -> Quantity | None:
    kind: Kind = unit.kind
    name = unit.name
    if name == "m" and unit.factor == 1000 and _SPEED.search(text[max(0, numeral.start - _AROUND) : numeral.start]):
        return _bounded(text, Quantity("measure", numeral.value, "km/h", numeral.start, end))
    return _bounded(text, Quantity(kind, numeral.value * unit.factor, name, numeral.start, end))


def _unitless(text: str, numeral: Numeral) -> Quantity | None:
    start, end = numeral.start, numeral.end
    written, left = text[start:end], text[max(0, start - _AROUND) : start]
    if numeral.worded and written.lower() == "one":
        return None
    if written in DAYS:
        return _bounded(text, Quantity("duration", numeral.value, "day", start, end))
    if numeral.bare and len(written) == 4 and _is_year(text, numeral, left):
        return Quantity("date", PartialDate(int(numeral.value)), "", start, end)
    if numeral.bare and _AGED.search(left):
        return _bounded(text, Quantity("count", numeral.value, "age", start, end))
    if numeral.bare and len(written) < 4 and _STUCK.search(left) and _LOOSE.match(text, end):
        return None
    ordinal = numeral.ordinal or _ORDINAL_AFTER.match(text, end) is not None
    unit = "rank" if _RANKED.search(left) else ""
    return _bounded(text, Quantity("ordinal" if ordinal or unit else "number", numeral.value, unit, start, end))


def _is_year(text: str, numeral: Numeral, left: str) -> bool:
    """Whether four bare digits name a year: 1900–2099 anywhere, earlier ones after "in", "since" …"""
    if re.match(r"\s?[개명건곳대배위점]", text[numeral.end : numeral.end + 2]):
        return False
    return 1900 <= numeral.value < 2100 or (1000 <= numeral.value < 1900 and _SINCE.search(left) is not None)


def _bounded(text: str, quantity: Quantity) -> Quantity:
    left = text[max(0, quantity.start - _AROUND) : quantity.start]
    minus = _MINUS.search(left)
    if minus is not None and quantity.kind != "ordinal":
        start = quantity.start - len(left) + minus.start()
        return replace(quantity, value=-quantity.amount, start=start)
    hedge = _LEFT.search(left)
    if hedge is not None and not _OPENING.search(left):
        return replace(quantity, bound=cast(Bound, hedge.lastgroup))
    if _INSIDE.search(text, quantity.start, quantity.end):
        return replace(quantity, bound="about")
    hedge = _RIGHT.match(text, quantity.end)
    return quantity if hedge is None else replace(quantity, bound=cast(Bound, hedge.lastgroup))
