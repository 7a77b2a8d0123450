"""What a numeral may count: the units of Korean and English text and their size in the base unit of their kind.

Sizes: the international mile, foot, acre and pound (1959 agreement),
평 = 400/121 m², 돈 = 3.75 g (Korean Measures Act).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from index.measure import Kind


@dataclass(frozen=True, slots=True)
class Unit:
    """``factor`` turns an amount in this unit into the base unit ``name``: 1 ha is 10,000 m2."""

    kind: Kind
    name: str
    factor: Decimal = Decimal(1)


# kind | base unit | factor | Korean words | English words (case ignored) | signs (case kept)
_TABLE = """
percent|%p|1|%포인트,% 포인트,퍼센트포인트,퍼센트 포인트,프로포인트|percentage points,percentage point|%p,%P,%pt,pp
percent|%p|0.01|베이시스포인트,bp|basis points,basis point|bp,bps
percent|%|1|퍼센트|percent,per cent,pct|%
money|KRW|1|원|won,Korean won,South Korean won|KRW,₩
money|USD|1|달러,미국 달러,불|dollars,dollar,U.S. dollars,US dollars|USD,US$,$
money|USD|0.01|센트|cents,cent|¢
money|AUD|1|호주 달러,호주달러|Australian dollars|AUD
money|CAD|1|캐나다 달러,캐나다달러|Canadian dollars|CAD
money|HKD|1|홍콩 달러,홍콩달러|Hong Kong dollars|HKD
money|SGD|1|싱가포르 달러,싱가포르달러|Singapore dollars|SGD
money|TWD|1|대만 달러,대만달러|Taiwan dollars,New Taiwan dollars|TWD
money|EUR|1|유로|euros,euro|EUR,€
money|JPY|1|엔|yen,Japanese yen|JPY,¥
money|CNY|1|위안|yuan,Chinese yuan,renminbi|CNY,RMB
money|GBP|1|파운드,영국 파운드|pounds sterling,British pounds|GBP,£
money|RUB|1|루블|rubles,ruble,roubles|RUB
money|INR|1|루피|rupees,rupee|INR,₹
money|CHF|1|스위스 프랑,프랑|Swiss francs,francs,franc|CHF
money|THB|1|바트|baht|THB
money|IDR|1|루피아|rupiah|IDR
money|VND|1|베트남 동|dong|VND
money|KPW|1|북한 원|North Korean won|KPW
area|m2|1|제곱미터,평방미터|square meters,square meter,square metres,square metre,sq. meters,sq m,sqm|m2
area|m2|1000000|제곱킬로미터,평방킬로미터|square kilometers,square kilometer,square kilometres,sq. km,sq km|km2
area|m2|10000|헥타르|hectares,hectare|ha
area|m2|4046.8564224|에이커|acres,acre|
area|m2|3.305785|평|pyeong|
area|m2|2589988.110336|제곱마일,평방마일,스퀘어마일,스퀘어 마일|square miles,square mile,sq mi|
area|m2|0.09290304|제곱피트,평방피트,스퀘어피트|square feet,square foot,sq ft|
length|m|1|미터|meters,meter,metres,metre|m
length|m|1000|킬로미터|kilometers,kilometer,kilometres,kilometre|km
length|m|0.01|센티미터,센티|centimeters,centimeter,centimetres,centimetre|cm
length|m|0.001|밀리미터,밀리|millimeters,millimeter,millimetres,millimetre|mm
length|m|0.000000001|나노미터,나노|nanometers,nanometer,nanometre,nano|nm
length|m|1609.344|마일|miles,mile|
length|m|1852|해리|nautical miles,nautical mile|
length|m|0.3048|피트|feet,foot|ft
length|m|0.0254|인치|inches,inch|
weight|kg|1|킬로그램|kilograms,kilogram,kilos|kg
weight|kg|1000|톤|tons,ton,tonnes,tonne,metric tons,metric ton|t
weight|kg|0.001|그램|grams,gram|g
weight|kg|0.000001|밀리그램|milligrams,milligram|mg
weight|kg|0.45359237||pounds,pound,lbs|lb
weight|kg|0.00375|돈|don of|
measure|L|1|리터|liters,liter,litres,litre|L
measure|L|0.001|밀리리터|milliliters,milliliter|ml,mL
measure|barrel|1|배럴|barrels,barrel|
measure|m3|1|세제곱미터,입방미터|cubic meters,cubic meter,cubic metres|m3
measure|W|1000|킬로와트|kilowatts,kilowatt|kW
measure|W|1000000|메가와트|megawatts,megawatt|MW
measure|W|1000000000|기가와트|gigawatts,gigawatt|GW
measure|Wh|1000|킬로와트시|kilowatt-hours,kilowatt-hour,kilowatt hours|kWh
measure|Wh|1000000|메가와트시|megawatt-hours,megawatt-hour|MWh
measure|Wh|1000000000|기가와트시|gigawatt-hours,gigawatt-hour|GWh
measure|km/h|1|킬로미터퍼아워|kilometers per hour,kilometers an hour,kilometres per hour,kph|km/h
measure|byte|1000000000|기가바이트|gigabytes,gigabyte|GB
measure|byte|1000000000000|테라바이트|terabytes,terabyte|TB
measure|degree|1|도|degrees,degree,degrees Celsius|℃,°C,°
duration|year|1|년간,년|years,year|
duration|year|10||decades,decade|
duration|year|100||centuries,century|
duration|month|1|개월간,개월,달|months,month,month-old|
duration|week|1|주간,주일,주|weeks,week|
duration|day|1|일간,일|days,day|
duration|hour|1|시간|hours,hour|
duration|minute|1|분간,분|minutes,minute|
duration|second|1|초간,초|seconds,second|
count|age|1|살,세|years old,year-old,years-old,year-olds|
count|person|1|명,사람|people,persons,person|
count|firm|1|개사,개 회사,개 기업,개 업체|companies,company,firms,firm|
count|country|1|개국,개 나라,개 국가|countries,country,nations,nation|
count|time|1|차례|times|
ordinal|rank|1|위||
"""
# Particles and suffixes that may stand right after a Korean unit; anything else makes it part of another word
# (원 in 원칙, 명 in 명령, 분 in 분야).
_AFTER = (
    "(?:이상|이하|이내|미만|초과|가량|정도|안팎|남짓|내외|규모|수준|상당|어치|짜리|까지|부터|보다|에서|으로|이며|이고|이다|입니|이었|였|이던|"
    "동안|만에|연속|이나|조차|마다|들|은|는|이|가|을|를|의|에|로|과|와|도|만|씩|당|대|여|쯤|권|선|인|라|란|넘|내|간|째|나|뿐|밖|전|후|뒤|"
    "중|치|하|처|급|제|생|한|꼴|된|안|분|더|께)"
)


def _rows() -> list[tuple[Unit, list[str], list[str], list[str]]]:
    rows = []
    for line in _TABLE.strip().splitlines():
        kind, name, factor, *forms = line.split("|")
        korean, english, signs = ([form for form in group.split(",") if form] for group in forms)
        rows.append((Unit(kind, name, Decimal(factor)), korean, english, signs))  # type: ignore[arg-type]
    return rows


def _any(forms: list[str]) -> str:
    return "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))


_ROWS = _rows()
BY_FORM: dict[str, Unit] = {form: unit for unit, korean, _, signs in _ROWS for form in (*korean, *signs)}
_BY_WORDS: dict[str, Unit] = {re.sub("[ -]", "", word.lower()): unit for unit, _, words, _ in _ROWS for word in words}
_KOREAN = [form for _, korean, _, _ in _ROWS for form in korean]
_ENGLISH = [form for _, _, english, _ in _ROWS for form in english]
_SIGNS = [form for _, _, _, signs in _ROWS for form in signs]
_SCALED_POUNDS = Unit("money", "GBP")
_HYPHENED = _any(_ENGLISH).replace(r"\ ", r"[\s-]").replace(r"\-", r"[\s-]")
UNIT = re.compile(
    rf"(?:(?:여|-odd)?\s?(?:(?P<ko>{_any(_KOREAN)})(?=[^가-힣]|$|(?<!세){_AFTER}|(?<=세)(?!대|기|계){_AFTER})"
    rf"|(?P<sign>{_any(_SIGNS)})(?![A-Za-z0-9]))|[\s-]{{1,2}}(?i:(?:(?:more|additional|consecutive|straight|full)\s)?(?P<en>{_HYPHENED}))(?![A-Za-z]))"
)
# Before the figure: $5, KRW 890 trillion, 미화 5달러. A sign may have a space after it, never letters before it.
SYMBOL = re.compile(
    r"(?:(?<![A-Za-z])(?P<code>KRW|USD|US\$|EUR|JPY|CNY|RMB|GBP|AUD|CAD|HKD|SGD|A\$|C\$|HK\$|S\$|NT\$|CHF|INR)|(?P<sign>[$₩€£¥₹]))\s?$"
)
_PREFIXED = {"A$": "AUD", "C$": "CAD", "HK$": "HKD", "S$": "SGD", "NT$": "TWD", "US$": "USD"}
SYMBOL_REACH = 5  # the longest prefix with its space
# "15 won the award": a verb. The won that is money is followed by none of these.
_VERB_WON = re.compile(r"\s(?:the|a|an|their|his|her|gold|silver|bronze|seats)\b", re.IGNORECASE)


def unit_after(text: str, position: int, *, scaled: bool) -> tuple[Unit, int] | None:
    """The unit that starts at ``position`` of a folded text and where it ends. ``scaled``: after million, 억 …"""
    match = UNIT.match(text, position)
    if match is None:
        return None
    if match["en"] is not None:
        return _english_unit(text, match, scaled)
    form: str = match["ko"] or match["sign"]
    unit = BY_FORM[form]
    if (form == "불" and not scaled) or (form == "주" and scaled):  # 불: fire; 10만 주: shares
        return None
    return unit, match.end()


def _english_unit(text: str, match: re.Match[str], scaled: bool) -> tuple[Unit, int] | None:
    form = match["en"].lower()
    if form == "won" and not scaled and _VERB_WON.match(text, match.end()):
        return None
    if form in {"pounds", "pound"} and scaled:
        return _SCALED_POUNDS, match.end()
    return _BY_WORDS[re.sub(r"[\s-]", "", form)], match.end()


def symbol_before(text: str, position: int) -> tuple[Unit, int] | None:
    """The currency sign or code that ends at ``position`` of a folded text and where it starts."""
    window = text[max(0, position - SYMBOL_REACH) : position]
    match = SYMBOL.search(window)
    if match is None:
        return None
    form = match["code"] or match["sign"]
    unit = BY_FORM.get(form) or Unit("money", _PREFIXED.get(form, form))
    return unit, position - len(window) + match.start()
