"""Numerals in Korean and English text: digits with 만/억/조 or million/billion, and number words of both languages.

Knows nothing about units and dates; what a numeral counts is read in ``index.quantity``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

DIGITS = r"(?:\d{1,3}(?:,\d{3}){1,6}|\d{1,15})(?:\.\d{1,8})?(?![\d])(?!\.\d)"

_SMALL = {"십": 10, "백": 100, "천": 1000}
_BIG = {"만": 10**4, "억": 10**8, "조": 10**12, "경": 10**16}
_SINO = {syllable: value for value, syllable in enumerate("일이삼사오육칠팔구", 1)}
_NATIVE_ONES = {
    "한": 1, "하나": 1, "두": 2, "둘": 2, "양": 2, "세": 3, "셋": 3, "석": 3, "네": 4, "넷": 4, "넉": 4, "다섯": 5,
    "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9,
}  # fmt: skip
_NATIVE_TENS = {
    "열": 10, "스물": 20, "스무": 20, "서른": 30, "마흔": 40, "쉰": 50, "예순": 60, "일흔": 70, "여든": 80, "아흔": 90,
}  # fmt: skip
_ONES = {
    word: value
    for value, word in enumerate(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ],
        1,
    )
}
_TENS = {
    word: 10 * n
    for n, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
_SCALES = {"hundred": 10**2, "dozen": 12, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ABBREVIATED = {"k": 10**3, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9, "t": 10**12, "tn": 10**12, "tr": 10**12}
_ORDINALS = {
    word: value
    for value, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
        ],
        1,
    )
} | {word[:-1] + "ieth": value for word, value in _TENS.items()}
DAYS = {"이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "엿새": 6, "이레": 7, "여드레": 8, "아흐레": 9, "열흘": 10,
        "보름": 15}  # fmt: skip
_FRACTIONS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
              "ninth": 9, "tenth": 10}  # fmt: skip

# What a Korean number word must stand before to be read as a number: 백 is also a bag, 천 cloth, 이천 a city.
_COUNTER = (
    "(?:명|개|곳|건|번|차례|가지|시간|살|달|해|년|개월|주|일|분|초|원|달러|유로|엔|위안|권|대|척|마리|배|팀|군데|편|장|채|그루|잔|병|"
    "종|쪽|층|인|표|평|톤|킬로|미터|퍼센트|세|차|회|위|나라|사람|회사|단계|여|시(?=[에까\\s])(?! ?민)|골|"
    "점|줄|끼|송이|켤레|벌|통|쌍|호|량|㎡|만|억|조)"
)
_NOT_NUMBER = "(?<![가-힣\\d])(?<!\\s수 )(?<!몇 )"
_DIGIT = "[일이삼사오육칠팔구]"
_SECTION = f"(?:{_DIGIT}?천)?(?:{_DIGIT}?백)?(?:{_DIGIT}?십)?{_DIGIT}?"
_ONES_KO = "다섯|여섯|일곱|여덟|아홉"
# What may follow 백, 천, 만 written alone, or a number in letters with no space between: 만장일치 and 오만 are words.
_STRICT = "(?:명|원|개|년(?!가)|건|달러|여|번|살|권|인분|\\s그루|\\s마리|\\s대(?=[를가의 ]))"
_NATIVE = (
    f"(?:(?:스물|서른|마흔|예순|일흔|여든|아흔)(?:한|하나|두|둘|세|셋|네|넷|{_ONES_KO})?|스무|"
    f"열(?:한|두|{_ONES_KO})|(?:열|쉰)(?:세|네)?(?=\\s{_COUNTER}|명|개|곳|번|가지|살|달|시간)|쉰(?:한|두|{_ONES_KO})|(?:{_ONES_KO})(?=\\s|[가-힣])|"
    # 두 before any noun is two; 세 before these is tax, 네 is also "your", so it needs a noun with a space.
    "두(?=\\s[가-힣])|세(?=\\s(?!부담|감면|수입|혜택|공제|인하|인상)[가-힣])|네(?=\\s[가-힣])|"
    f"(?:두|세|네)(?=(?:명|개|곳|건|번|차례|가지|시간|살|달))|(?:석|넉)(?=\\s?(?:달|장|대))|"
    "(?:둘|셋)(?=\\s|[로이은을의])|양(?=국|측|당(?=[의은이과\\s])|\\s(?:대학|기관|정상|팀|도시))|"
    f"한(?=\\s?(?:돈|명|개|곳|건|번|차례|가지|시간|살|달|해|대|척|마리|쪽|나라|사람|회사)))"
)
_SECT = rf"{DIGITS}(?:[천백십](?:\d{{1,3}}(?!\d)(?![,.]\d))?){{0,3}}"
# What may follow 만 or 억 without a scale of its own: 2만8천500, 1만 5,000, 3만 5천, but not 3억 2024년.
_TAIL = (
    r"(?:\s?(?:\d{1,2}천(?:\d{1,3}(?!\d))?|\d{1,2}백|\d{4}(?![\d,년])|\d,\d{3}(?!\d))"
    r"|\d{1,3}(?![\d,.월일시년%])(?=여?\s?[가-힣㎡m])|\s\d{1,3}(?![\d,.월일시년%])(?=여?(?:[명개원건대곳인톤평도세채]|마리|가구|리터|배럴|k?m|kg|\s[원명개곳엔톤]|\s달러|\s유로|\s위안|\s파운드)))"
)
_KOREAN = rf"{_SECT}(?:여?[만억조경](?!큼)(?:\s?{_SECT}여?[만억조](?!큼)){{0,3}}{_TAIL}?)?"
_EN_TENS, _EN_ONES, _EN_ORD = "|".join(_TENS), "|".join(sorted(_ONES, key=len, reverse=True)), "|".join(_ORDINALS)
_SUB100 = f"(?:(?:{_EN_TENS})(?:[-\\s](?:{_EN_ONES})\\b)?|(?:{_EN_ONES}))\\b"
_SUB1000 = f"(?:(?:{_SUB100}|\\ba)[-\\s]hundred\\b(?:\\s(?:and\\s)?{_SUB100})?|{_SUB100})"
_WORDS = (
    f"(?:\\b{_SUB1000}|\\ba\\b|\\bhalf a\\b)(?:[-\\s](?:thousand|million|billion|trillion|dozen|hundred)(?![A-Za-z])"
    f"(?:,?\\s(?:and\\s)?{_SUB1000}(?:[-\\s](?:thousand|million|billion)\\b)?){{0,3}})"
    f"|\\b{_SUB1000}(?:\\sand\\sa\\shalf\\b)?"
)
_TOPS, _BOTTOMS = "|".join(list(_ONES)[:9]), "third|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
_EN_FRACTION = (
    rf"\b(?:(?P<quarters>(?:one|three)[-\s]quarters?)\b|(?P<top>{_TOPS})(?:-|\s(?=\w+s\b|\w+\sof\b|\w+\sthe\b))(?P<bottom>{_BOTTOMS})s?\b|a\s(?P<lone>{_BOTTOMS}|quarter)\b(?=\sof\b)"
    r"|(?<!first )(?<!second )(?<!second-)(?<!other )(?<!latter )(?<!first-)(?P<half>half)\b"
    r"(?=\s(?:of|the|its|their|all)\b)"
    r"|(?:(?<=nearly )|(?<=about )|(?<=almost )|(?<=than )|(?<=by )|(?<=to ))(?P<about>half)\b"
    r"(?![-\s](?:an?|hour|year|century)\b))"
)
_IN_DIGITS = (
    r"(?P<frac>(?<!\d)(?P<den>\d{1,4})\s?분의\s?(?P<num>\d{1,4}))"
    rf"|(?P<article>(?:(?<=제)|(?<=제 )){DIGITS}"
    rf"|(?:(?<=[법령])|(?<=[법령] )|(?<=조약 )|(?<=협약 )|(?<=규약 )|(?<=헌장 )|(?<=규칙 )|(?<=규정 )){DIGITS}"
    r"(?=조(?:[는의에와를]|\s?\d+항|\s(?!원|\d|달러|규모))))"
    rf"|(?P<ko>(?<!\d)(?<!\d\.){_KOREAN})(?:(?P<suffix>st|nd|rd|th|(?<=\d0)s)\b"
    r"|[\s-]?(?P<scale>(?i:hundred|thousand|million|billion|trillion|dozen))(?![A-Za-z])"
    r"|\s?(?P<abbr>(?:bn|mn|tn|tr|B|M|K)(?![A-Za-z0-9])))?"
)
_IN_HANGUL = (
    r"(?P<halfko>절반)|(?P<nth>(?:첫째?|둘째|셋째|넷째|다섯째)(?=\s|[가는를로와의은,]))"
    rf"|(?P<days>(?:{'|'.join(DAYS)})(?!달))|(?P<native>{_NATIVE})"
    rf"|(?P<sino>(?=[일이삼사오육칠팔구십백천만억조])(?:{_SECTION}억)?(?:{_SECTION}만)?{_SECTION}"
    rf"(?=\s?{_STRICT}|(?<=[가-힣][가-힣])\s{_COUNTER}))"
)
_IN_ENGLISH = (
    rf"(?P<enfrac>{_EN_FRACTION})|(?P<enord>\b(?:(?:{_EN_TENS})-)?(?:{_EN_ORD})\b(?![-\s]half\b))|(?P<en>{_WORDS})"
    rf"|(?P<fold>\b(?:{_EN_TENS}|{_EN_ONES})(?=fold\b))"
    r"|(?P<times>\b(?:twice|thrice|doubl(?:e|ed|es|ing)|tripl(?:e|ed|es|ing)|quadrupl(?:e|ed|es|ing))\b)"
)
# The first letters of all English number words, to leave other words at once.
_NUMERAL = re.compile(
    rf"(?=\d)(?:{_IN_DIGITS})|(?=[가-힣]){_NOT_NUMBER}(?:{_IN_HANGUL})|(?=[a-zA-Z])(?i:\b(?=[adefhnoqst])(?:{_IN_ENGLISH}))"
)


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as written at ``text[start:end]``.

    ``scale`` is what its last scale word multiplies by (1 without one), ``bare`` tells plain digits (a year may be
    written so), ``worded`` letters only, ``ordinal`` 5th, third, 제5 or 둘째.
    """

    start: int
    end: int
    value: Decimal
    scale: Decimal = Decimal(1)
    bare: bool = False
    worded: bool = False
    ordinal: bool = False
    fraction: bool = False


def numerals(text: str) -> Iterator[Numeral]:
    """The numerals of a folded text (``index.folding``), in order and without overlap, in linear time."""
    for match in _NUMERAL.finditer(text):
        numeral = _read(match)
        if numeral is not None and numeral.end > numeral.start:
            yield numeral


def _read(match: re.Match[str]) -> Numeral | None:
    start, end = match.span()
    kind = match.lastgroup if match.lastgroup not in {"scale", "suffix", "abbr"} else "ko"
    written = match.group()
    if kind == "ko":
        return _read_digits(match)
    if match["article"]:
        return Numeral(start, end, decimal(written), ordinal=True)
    if match["frac"]:
        return _fraction(start, end, int(match["num"]), int(match["den"]))
    if match["halfko"]:
        return _fraction(start, end, 1, 2)
    if match["enfrac"]:
        return _read_english_fraction(match)
    return _read_words(match, start, end, written)


def _read_words(match: re.Match[str], start: int, end: int, written: str) -> Numeral | None:
    if match["nth"]:
        value = 1 if written.startswith("첫") else _NATIVE_ONES[written[:-1]]
        return Numeral(start, end, Decimal(value), worded=True, ordinal=True)
    if match["days"]:
        return Numeral(start, end, Decimal(DAYS[written]), worded=True)
    if match["native"]:
        return Numeral(start, end, Decimal(_native(written)), worded=True)
    if match["sino"]:
        return None if written in _SINO else Numeral(start, end, _korean(written), worded=True)
    if match["enord"]:
        words = re.split("[-\\s]", written.lower())
        value = sum(_TENS.get(word, 0) or _ORDINALS[word] for word in words)
        return Numeral(start, end, Decimal(value), worded=True, ordinal=True)
    if match["times"]:
        value = {"t": 2, "d": 2, "q": 4}[written[0].lower()] + (written[:3].lower() in {"thr", "tri"})
        return Numeral(start, end, Decimal(value), worded=True)
    value_en, scale = _english(written)
    return Numeral(start, end, value_en, scale, worded=True)


def _read_digits(match: re.Match[str]) -> Numeral:
    written, end = match["ko"], match.end()
    value = _korean(written)
    if match["suffix"]:
        return Numeral(match.start(), end, value, ordinal=match["suffix"] != "s", worded=match["suffix"] == "s")
    word, letter = (match["scale"] or "").lower(), (match["abbr"] or "").lower()
    scale = Decimal(_SCALES.get(word, 0) or _ABBREVIATED.get(letter, 1))
    if scale == 1 and written[-1] in _BIG:
        return Numeral(match.start(), end, value, Decimal(_BIG[written[-1]]))
    return Numeral(match.start(), end, value * scale, scale, bare=scale == 1 and written.isdecimal())


def _fraction(start: int, end: int, top: int, bottom: int) -> Numeral | None:
    if not bottom:
        return None
    value = (Decimal(top) / Decimal(bottom)).quantize(Decimal("0.000001"))
    return Numeral(start, end, value, worded=True, fraction=True)


def _read_english_fraction(match: re.Match[str]) -> Numeral | None:
    if match["quarters"]:
        return _fraction(*match.span(), 3 if match["quarters"].lower().startswith("three") else 1, 4)
    if match["half"] or match["about"]:
        return _fraction(*match.span(), 1, 2)
    if match["lone"]:
        return _fraction(*match.span(), 1, _FRACTIONS[match["lone"].lower()])
    top, bottom = _ONES[match["top"].lower()], _FRACTIONS[match["bottom"].lower()]
    return _fraction(*match.span(), top, bottom) if top < bottom else None


def decimal(written: str) -> Decimal:
    """Digits with thousands commas as a number: ``1,234.5``."""
    return Decimal(written.replace(",", ""))


def _korean(written: str) -> Decimal:
    total = section = digit = Decimal(0)
    seen = False
    for token in re.findall(r"[\d,.]*\d|[일이삼사오육칠팔구십백천만억조경]", written):
        if token in _BIG:
            total += (section + digit if seen or section else Decimal(1)) * _BIG[token]
            section, digit, seen = Decimal(0), Decimal(0), False
        elif token in _SMALL:
            section, digit, seen = section + (digit if seen else 1) * _SMALL[token], Decimal(0), False
        else:
            digit, seen = Decimal(_SINO[token]) if token in _SINO else decimal(token), True
    return total + section + digit


def _native(written: str) -> int:
    for word, tens in _NATIVE_TENS.items():
        if written.startswith(word):
            return tens + _NATIVE_ONES.get(written[len(word) :], 0)
    return _NATIVE_ONES[written]


def _english(written: str) -> tuple[Decimal, Decimal]:
    total = current = Decimal(0)
    scale = Decimal(1)
    for word in re.findall("[a-z]+", written.lower()):
        if word == "half":
            current += Decimal("0.5")
        elif word in _ONES or word in _TENS:
            current += _ONES.get(word, 0) or _TENS[word]
        elif word in {"hundred", "dozen"}:
            current = (current or Decimal(1)) * _SCALES[word]
        elif word in _SCALES:
            scale = Decimal(_SCALES[word])
            total, current = total + (current or Decimal(1)) * scale, Decimal(0)
    return total + current, scale if not current else Decimal(1)
