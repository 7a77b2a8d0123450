"""Figures in both languages: golden values, agreement across languages, rendering, and properties on any text."""

from __future__ import annotations

import gc
import time
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.quantity import PartialDate, Quantity, agree, keys, quantities, render


def figures(text: str, published: str | None = None) -> list[tuple[str, str, str]]:
    """What ``text`` holds as (kind, value, unit), which tables can state on one line."""
    return [(q.kind, _value(q), q.unit) for q in quantities(text, published)]


def _value(quantity: Quantity) -> str:
    if isinstance(quantity.value, PartialDate):
        return quantity.value.iso()
    low = f"{quantity.value.normalize():f}"
    return low if quantity.upper is None else f"{low}..{quantity.upper.normalize():f}"


def one(text: str) -> Quantity:
    (quantity,) = quantities(text)
    return quantity


GOLDEN = [
    # money in Korean
    ("2700억 원", "money 270000000000 KRW"),
    ("2,700억원을", "money 270000000000 KRW"),
    ("7조9000억 원", "money 7900000000000 KRW"),
    ("48조 7,000억 원", "money 48700000000000 KRW"),
    ("590조원", "money 590000000000000 KRW"),
    ("1천300조 원", "money 1300000000000000 KRW"),
    ("5천억원", "money 500000000000 KRW"),
    ("845억원 규모", "money 84500000000 KRW"),
    ("6만2천 원", "money 62000 KRW"),
    ("1만 30원", "money 10030 KRW"),
    ("2억 5천만 원", "money 250000000 KRW"),
    ("천만 원", "money 10000000 KRW"),
    ("1조 2,345억 6,789만 원", "money 1234567890000 KRW"),
    ("12.55억 달러", "money 1255000000 USD"),
    ("2억200만 달러", "money 202000000 USD"),
    ("420만 달러", "money 4200000 USD"),
    ("20억 유로", "money 2000000000 EUR"),
    ("100억 엔", "money 10000000000 JPY"),
    ("30억 위안", "money 3000000000 CNY"),
    ("10억 파운드", "money 1000000000 GBP"),
    ("홍콩달러가 아니라 5억 홍콩달러", "money 500000000 HKD"),
    ("￦3,000", "money 3000 KRW"),
    ("10만원대", "money 100000 KRW"),
    ("59억 달러(약 7조9000억 원)", "money 5900000000 USD; money 7900000000000 KRW"),
    ("5~6억 원", "money 500000000..600000000 KRW"),
    # money in English
    ("$5.9 billion", "money 5900000000 USD"),
    ("US$300 million", "money 300000000 USD"),
    ("270 billion won ($202 million)", "money 270000000000 KRW; money 202000000 USD"),
    ("890 trillion KRW", "money 890000000000000 KRW"),
    ("KRW 890 trillion", "money 890000000000000 KRW"),
    ("₩5,000", "money 5000 KRW"),
    ("€5.9bn", "money 5900000000 EUR"),
    ("£10 million", "money 10000000 GBP"),
    ("$1.2M", "money 1200000 USD"),
    ("5 billion yen", "money 5000000000 JPY"),
    ("3 billion yuan", "money 3000000000 CNY"),
    ("2.5 billion euros", "money 2500000000 EUR"),
    ("a 100,000-won fee", "money 100000 KRW"),
    ("half a million dollars", "money 500000 USD"),
    ("50 cents", "money 0.5 USD"),
    ("10,030 won an hour", "money 10030 KRW"),
    ("$5-6 billion", "money 5000000000..6000000000 USD"),
    ("the team with 15 won the cup", "number 15 "),
    # areas, lengths, weights, other measures
    ("4만㎡", "area 40000 m2"),
    ("4만m2", "area 40000 m2"),
    ("4만 제곱미터", "area 40000 m2"),
    ("40,000-square-meter site", "area 40000 m2"),
    ("40,000 m²", "area 40000 m2"),
    ("2.59km²", "area 2590000 m2"),
    ("2.59㎢", "area 2590000 m2"),
    ("1스퀘어마일", "area 2589988.110336 m2"),
    ("one square mile", "area 2589988.110336 m2"),
    ("100평", "area 330.5785 m2"),
    ("5헥타르", "area 50000 m2"),
    ("5 ha of land", "area 50000 m2"),
    ("10 acres", "area 40468.564224 m2"),
    ("300㎞", "length 300000 m"),
    ("925km 밖", "length 925000 m"),
    ("3나노 공정", "length 0.000000003 m"),
    ("a 3-nanometer process", "length 0.000000003 m"),
    ("쓰레기 2톤", "weight 2000 kg"),
    ("two tons of trash", "weight 2000 kg"),
    ("850그램", "weight 0.85 kg"),
    ("1.5GW", "measure 1500000000 W"),
    ("시속 100㎞", "measure 100 km/h"),
    ("100 kilometers per hour", "measure 100 km/h"),
    ("영하 12도", "measure -12 degree"),
    ("minus 12 degrees", "measure -12 degree"),
    # per cent
    ("0.25%p", "percent 0.25 %p"),
    ("1%포인트", "percent 1 %p"),
    ("one percentage point", "percent 1 %p"),
    ("25 basis points", "percent 0.25 %p"),
    ("3.5%", "percent 3.5 %"),
    ("３.５％", "percent 3.5 %"),
    ("71.3퍼센트", "percent 71.3 %"),
    ("3.5 percent", "percent 3.5 %"),
    ("-0.3%", "percent -0.3 %"),
    # counts and numbers
    ("50건의 협약", "number 50 "),
    ("50 business deals", "number 50 "),
    ("15개사", "count 15 firm"),
    ("1,000 companies", "count 1000 firm"),
    ("22개국", "count 22 country"),
    ("Twenty-two countries", "count 22 country"),
    ("11명", "count 11 person"),
    ("3만5천명", "count 35000 person"),
    ("2만8천500명", "count 28500 person"),
    ("2백만 마리", "number 2000000 "),
    ("30여 개 기관", "number 30 "),
    ("over 30 organizations", "number 30 "),
    ("six agreements", "number 6 "),
    ("forty-two dogs", "number 42 "),
    ("two hundred and fifty guests", "number 250 "),
    ("three million, two hundred thousand votes", "number 3200000 "),
    ("two dozen eggs", "number 24 "),
    ("a dozen eggs", "number 12 "),
    ("more than a thousand trees", "number 1000 "),
    ("12 million barrels", "measure 12000000 barrel"),
    ("다섯 가지", "number 5 "),
    ("세 곳", "number 3 "),
    ("두 회사는", "number 2 "),
    ("열두 명", "count 12 person"),
    ("스무 명", "count 20 person"),
    ("마흔다섯 명", "count 45 person"),
    ("백 명", "count 100 person"),
    ("삼십 명", "count 30 person"),
    ("12배", "number 12 "),
    ("twice as many", "number 2 "),
    ("매출이 두 배로", "number 2 "),
    ("10대 기업", "number 10 "),
    ("in his 30s", "number 30 "),
    ("65세 이상", "count 65 age"),
    ("a 12-year-old boy", "count 12 age"),
    ("3분의 2", "number 0.666667 "),
    ("two-thirds of voters", "number 0.666667 "),
    ("one-fourth", "number 0.25 "),
    ("1,800~1,900개", "number 1800..1900 "),
    ("1,800 to 1,900 clusters", "number 1800..1900 "),
    ("between 10 and 20 days", "duration 10..20 day"),
    # ordinals, ranks, ratios
    ("the 5th meeting", "ordinal 5 "),
    ("제5차 회의", "ordinal 5 "),
    ("5차 회의", "ordinal 5 "),
    ("57th", "ordinal 57 "),
    ("twenty-first", "ordinal 21 "),
    ("두 번째", "ordinal 2 "),
    ("셋째 아이", "ordinal 3 "),
    ("첫 회의", "ordinal 1 "),
    ("70주년", "ordinal 70 "),
    ("헌법 제10조", "ordinal 10 "),
    ("헌장 5조는", "ordinal 5 "),
    ("시총 1위", "ordinal 1 rank"),
    ("ranked No. 1", "ordinal 1 rank"),
    ("1:1 상담", "ratio 1 1"),
    ("1,200대 1을", "ratio 1200 1"),
    ("a ratio of 1,200 to 1, with", "ratio 1200 1"),
    ("2 대 1 역전승", "ratio 2 1"),
    ("a 5-4 vote", "ratio 5 4"),
    # durations
    ("70년 전", "duration 70 year"),
    ("seven decades", "duration 70 year"),
    ("30년간", "duration 30 year"),
    ("12 years", "duration 12 year"),
    ("70-year history", "duration 70 year"),
    ("three months", "duration 3 month"),
    ("석 달", "duration 3 month"),
    ("3개월", "duration 3 month"),
    ("2주간", "duration 2 week"),
    ("99 days", "duration 99 day"),
    ("100일", "duration 100 day"),
    ("사흘 동안", "duration 3 day"),
    ("24시간", "duration 24 hour"),
    ("8시간 30분", "duration 8 hour; duration 30 minute"),
    ("20분 만에", "duration 20 minute"),
    ("a 14th consecutive month", "duration 14 month"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), GOLDEN, ids=[text for text, _ in GOLDEN])
def test_reads_value_and_unit(text: str, expected: str) -> None:
    """The kind, the canonical value and the unit of every figure in the text, and nothing else."""
    assert "; ".join(" ".join(figure) for figure in figures(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "COVID-19", "코로나19로", "코로나(COVID)-19", "B-52H", "K-2", "CES 2023", "5G", "LK-99", "화성-20형",
        "정부24 접속", "R&D", "F-35A",
        "KF-21", "032-123-4567", "010-1234-5678", "1588-1234", "version 1.2.3", "https://example.org/2023/04/28",
        "a9@example.org",
        "수백억 원", "수십 명", "몇 명", "hundreds of people", "tens of billions of won", "만장일치로", "이천 시민",
        "오만과 편견", "열대야",
        "one of them", "①②③", "x²", "세배를 올렸다", "만 나이", "백화점", "천안시", "두부", "사과 한 쪽이 아니라",
        "maybe March on", "the first half",
    ],
)  # fmt: skip
def test_names_and_vague_amounts_are_no_figures(text: str) -> None:
    """Digits of names, phone numbers and versions, and words that only look like numbers, are left alone."""
    assert [q for q in quantities(text) if q.value != 1] == []


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("약 2700억 원", "about"), ("about 270 billion won", "about"), ("some 140 cars", "about"),
        ("140여 대", "about"),
        ("3천여㎡", "about"), ("50명가량", "about"), ("more than 1,000", "over"), ("over $5 billion", "over"),
        ("50억 원 이상", "over"),
        ("50 or more", "over"), ("at least 50", "over"), ("10명 미만", "under"), ("fewer than 10 people", "under"),
        ("최대 7년", "upto"),
        ("up to seven years", "upto"), ("10% 이하", "upto"), ("50명", ""), ("Under 270 billion won in funding", ""),
    ],
)  # fmt: skip
def test_reads_how_the_text_hedges(text: str, bound: str) -> None:
    """Approximation is read on both sides of the figure and never becomes part of it."""
    assert one(text).bound == bound
    assert one(text).approximate == bool(bound)


PAIRS = [
    ("약 2700억 원", "270 billion won"),
    ("59억 달러", "$5.9 billion"),
    ("7조9000억 원", "7.9 trillion won"),
    ("4만㎡", "40,000-square-meter"),
    ("1스퀘어마일", "2.59 square kilometers"),
    ("1만평", "33,058 square meters"),
    ("0.25%포인트", "0.25 percentage points"),
    ("50건", "50 business deals"),
    ("여섯 개", "six agreements"),
    ("30여 개 기관", "over 30 organizations"),
    ("1,000개 이상", "more than 1,000 companies"),
    ("제5차", "the fifth"),
    ("70년", "seven decades"),
    ("석 달", "three months"),
    ("2023년 4월 28일", "April 28, 2023"),
    ("4.28(금)", "April 28"),
    ("2025년까지", "by 2025"),
    ("오후 3시", "3 p.m."),
    ("65세", "aged 65"),
    ("금요일", "Friday"),
    ("지난해", "last year"),
    ("1,800~1,900개", "1,800 to 1,900"),
    ("2700억 투자", "270 billion won"),
    ("1,368.2원", "1,368.2 won"),
]  # fmt: skip


@pytest.mark.parametrize(("korean", "english"), PAIRS, ids=[korean for korean, _ in PAIRS])
def test_same_figure_agrees_across_languages(korean: str, english: str) -> None:
    """Agreement is symmetric and, but for units that were converted, shows in equal search terms."""
    a, b = one(korean), one(english)
    assert agree(a, b) and agree(b, a)
    assert set(keys(korean)) & set(keys(english))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("2700억 원", "$270 billion"), ("2700억 원", "27 billion won"), ("2700억 원", "280 billion won"),
        ("3.5%", "3.5 years"),
        ("4만㎡", "40,000 meters"), ("4월 28일", "April 29"), ("2023년 4월 28일", "April 28, 2024"),
        ("오전 9시", "9 p.m."),
        ("50건", "500 deals"), ("5,012명", "5,021 people"), ("3대 2", "3대 1"), ("1980년대", "1980년"),
        ("지난해", "this year"),
        ("1,800~1,900개", "1,800"), ("50", "$50"), ("-0.3%", "0.3%"),
    ],
)  # fmt: skip
def test_different_figures_do_not_agree(a: str, b: str) -> None:
    """Neither another value nor another unit passes for the same."""
    assert not agree(one(a), one(b))


@pytest.mark.parametrize(
    ("text", "korean", "english"),
    [
        ("2700억 원", "2,700억 원", "270 billion won"),
        ("7조9000억 원", "7조 9,000억 원", "7.9 trillion won"),
        ("12.55억 달러", "12억 5,500만 달러", "$1.255 billion"),
        ("$202 million", "2억 200만 달러", "$202 million"),
        ("약 590조원", "약 590조 원", "about 590 trillion won"),
        ("1조 2,345억 6,789만 원", "1조 2,345억 6,789만 원", "1,234,567,890,000 won"),
        ("3,000원", "3,000원", "3,000 won"),
        ("5 billion yen", "50억 엔", "5 billion yen"),
        ("€1.5 million", "150만 유로", "€1.5 million"),
        ("4만㎡", "4만㎡", "40,000 square meters"),
        ("one square mile", "2.59㎢", "2.59 square kilometers"),
        ("300만톤", "300만 톤", "3 million tons"),
        ("3나노", "3나노미터", "3 nanometers"),
        ("0.25%p", "0.25%p", "0.25 percentage points"),
        ("one percentage point", "1%p", "1 percentage point"),
        ("3.5 percent", "3.5%", "3.5%"),
        ("-0.3%", "-0.3%", "-0.3%"),
        ("3만5천명", "3만 5,000명", "35,000 people"),
        ("15개사", "15개사", "15 companies"),
        ("over 30 organizations", "30 이상", "more than 30"),
        ("1,800~1,900개", "1,800~1,900", "1,800 to 1,900"),
        ("two-thirds of", "3분의 2", "two-thirds"),
        ("1:1", "1 대 1", "1-to-1"),
        ("제5차", "5번째", "5th"),
        ("the 22nd", "22번째", "22nd"),
        ("시총 1위", "1위", "No. 1"),
        ("12년", "12년", "12 years"),
        ("1 month", "1개월", "1 month"),
        ("65세", "65세", "65 years old"),
        ("2023-04-28", "2023년 4월 28일", "April 28, 2023"),
        ("4.28(금)", "4월 28일", "April 28"),
        ("2023년 3월", "2023년 3월", "March 2023"),
        ("in April", "4월", "April"),
        ("2025년까지", "2025년", "2025"),
        ("1980년대", "1980년대", "1980s"),
        ("15:13", "오후 3시 13분", "3:13 p.m."),
        ("오전 9시", "오전 9시", "9 a.m."),
        ("Thursday", "목요일", "Thursday"),
        ("작년", "지난해", "last year"),
    ],
)
def test_renders_in_either_language(text: str, korean: str, english: str) -> None:
    """The conventions of both languages, whichever the figure was read in."""
    assert (render(one(text), "ko"), render(one(text), "en")) == (korean, english)


@pytest.mark.parametrize("text", [text for text, _ in GOLDEN] + [text for pair in PAIRS for text in pair])
def test_rendered_golden_figures_read_back(text: str) -> None:
    """Every golden figure survives being written in the other language."""
    for quantity in quantities(text):
        for language in ("ko", "en"):
            written = render(quantity, language)
            back = quantities(written)
            assert len(back) == 1, written
            assert agree(back[0], quantity), written


def test_keys_are_canonical() -> None:
    """The documented forms, most specific first, without repetition."""
    assert keys("2023년 4월 28일") == ("date:2023-04-28", "date:04-28", "date:2023-04", "month:4", "date:2023")
    assert keys("4만㎡, 40,000 m², 4만 제곱미터") == ("m2:40000",)
    assert keys("0.25%p와 1,200대 1") == ("%:0.25", "ratio:1200:1")
    assert keys("270 billion won") == ("KRW:270000000000", "n:270000000000")
    assert keys("one, first, 1위, 한 명") == ()


def test_spans_exclude_particles_and_include_units() -> None:
    """A span is the figure as written: sign, number, scale and unit, no particle, no approximator."""
    text = "정부는 약 2,700억원을 4만㎡에 2025년까지, 즉 $202 million을"
    assert [q.text for q in quantities(text)] == ["2,700억원", "4만㎡", "2025년", "$202 million"]
    assert all(text[q.start : q.end] == q.text for q in quantities(text))


def test_decomposed_hangul_keeps_its_own_offsets() -> None:
    """NFD input gives the same values; its spans slice the NFD text."""
    text = unicodedata.normalize("NFD", "약 2,700억 원을 다섯 곳에")
    found = quantities(text)
    assert [unicodedata.normalize("NFC", text[q.start : q.end]) for q in found] == ["2,700억 원", "다섯"]
    assert keys(text) == keys(unicodedata.normalize("NFC", text))


FRAGMENTS = st.sampled_from(
    ["1", "12", "2025", "3.5", "1,200", "4", "28", "0", "만", "억", "조", "천", "백", "년", "월", "일", "시", "분", "원", "달러", "명", "개", "%", "%p", "㎡", "km²", "-", "~", ".", ",", ":", "(", ")", "'", "$", "₩", "약", "여", "제", "차", "번째", "두", "세", "다섯", "열", "million", "billion", "won", "dollars", "April", "May", "Thursday", "금요일", "first", "two-thirds", "half", "a", "an", "one", "twenty", "to", "and", "of", "the", "last", "year", "올해", "대", "분의", "²", "①", "Ａ", "５", "É"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(FRAGMENTS, st.just(" "), st.text(max_size=3)), max_size=30).map("".join)


@given(TEXTS, st.sampled_from([None, "2023-05-16", "2024-02-29T10:00:00", "0001-01-01", "9999-12-31"]))
@example("1 세 만", None)
@settings(max_examples=300, deadline=None)
def test_any_text_gives_ordered_exact_spans(text: str, published: str | None) -> None:
    """Nothing raises; spans are inside the text, in order, apart, and slice to what they say; terms are stable."""
    found = quantities(text, published)
    assert all(text[q.start : q.end] == q.text and q.text for q in found)
    assert all(a.end <= b.start for a, b in zip(found, found[1:], strict=False))
    assert keys(text, published) == tuple(dict.fromkeys(keys(text, published)))
    for quantity in found:
        assert agree(quantity, quantity)
        assert render(quantity, "ko") and render(quantity, "en")


@given(st.lists(FRAGMENTS, max_size=20).map(" ".join))
@settings(max_examples=200, deadline=None)
def test_composed_and_decomposed_text_agree(text: str) -> None:
    """NFC and NFD forms of one text have the same terms."""
    assert keys(unicodedata.normalize("NFC", text)) == keys(unicodedata.normalize("NFD", text))


AMOUNTS = st.one_of(
    st.integers(2, 10**15).map(Decimal),
    st.integers(2, 9999).flatmap(lambda n: st.integers(3, 12).map(lambda power: Decimal(n) * 10**power)),
    st.integers(1, 99999).map(lambda n: Decimal(n) / 100),
)


@given(
    AMOUNTS,
    st.sampled_from(
        [("money", "KRW"), ("money", "USD"), ("money", "EUR"), ("money", "JPY"), ("percent", "%"), ("percent", "%p"),
         ("area", "m2"),
         ("length", "m"), ("weight", "kg"), ("count", "person"), ("count", "firm"), ("measure", "L"),
         ("measure", "degree")]
    ),
    st.sampled_from(["", "about", "over", "upto", "under"]),
)  # fmt: skip
@settings(max_examples=400, deadline=None)
def test_rendered_amounts_read_back(value: Decimal, unit: tuple[str, str], bound: str) -> None:
    """What is written in either language is read as the same figure, hedge included."""
    quantity = Quantity(unit[0], value, unit[1], 0, 1, bound=bound)  # type: ignore[arg-type]
    for language in ("ko", "en"):
        written = render(quantity, language)
        (back,) = quantities(written)
        assert agree(back, quantity), written
        assert back.bound == bound, written


@pytest.mark.parametrize(
    "unit",
    ["약 2700억 원을 들여 대지에 2023년 4월 28일 ", "about $5.9 billion on May 3, 2023, and ", "1", "1,",
     "one hundred and ", "가나다 ", "일이삼", "1~2"]
)  # fmt: skip
def test_long_text_is_read_in_linear_time(unit: str) -> None:
    """Five times the text takes at most about five times the processor time; 100,000 characters stay in seconds."""

    def spent(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        gc.disable()  # a pass over what the tests before this one left would count as reading
        try:
            begun = time.thread_time()
            quantities(text, "2023-05-16")
            return time.thread_time() - begun
        finally:
            gc.enable()

    spent(1000)  # compiled patterns and the calendar are loaded once
    short, long = spent(20_000), spent(100_000)
    assert long < 4
    assert long < 15 * short + 0.2


def test_publication_date_must_be_iso() -> None:
    """A date in another form is refused with what was seen and what is expected."""
    with pytest.raises(ValueError, match=r"published is '16 May 2023'; expected an ISO date"):
        quantities("5월", "16 May 2023")
