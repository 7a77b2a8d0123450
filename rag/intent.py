"""What a question asks for: an amount, a date, a person …, from the words it asks with.

The kinds are coarse on purpose: they pick which figures or names may answer, and how the answer is led.
"""

from __future__ import annotations

import re
from typing import Literal

from index.quantity import Quantity
from index.types import Language

Kind = Literal[
    "amount", "percent", "area", "duration", "number", "date", "person", "place", "reason", "list", "definition",
    "yesno", "statement",
]  # fmt: skip

# The first pattern that matches decides, so the special stands before the general.
_KOREAN: tuple[tuple[Kind, str], ...] = (
    ("reason", r"왜|이유|까닭|무엇 때문|뭣 때문|원인"),
    (
        "area",
        r"면적|넓이|(?:부지|땅|터|단지)(?:의|는|가)? ?(?:규모|크기|얼마)|몇 ?(?:㎡|제곱|평)|얼마나 (?:넓|큰 (?:땅|부지))",
    ),
    ("percent", r"몇 ?(?:%|퍼센트|프로|배)|비율|비중|점유율|[가-힣]+률(?:은|이|는|을)|증가율|인상폭"),
    (
        "duration",
        r"얼마나 오래|얼마 ?동안|얼마 ?만에|몇 ?(?:년|달|개월|주|일|시간|분) ?(?:간|동안|만)|며칠 ?(?:간|동안|만)|기간",
    ),
    (
        "date",
        r"언제|며칠|몇 ?(?:년|월|일)(?!간)|날짜|일자|시점|몇 시|어느 해|시기|연도|무슨 요일|[가-힣]\s해(?:는|가|에)?\s?\?",
    ),
    (
        "amount",
        r"얼마(?!나)|얼마나 (?:들|투자|쓰|받|지원|내|될|되)|금액|비용|예산|액수|투자(?:액|금| ?규모)|사업비|몇 ?(?:억|조|만)? ?(?:원|달러)"
        r"|[가-힣]+액(?:은|이|을|도|의)|돈(?:은|이|을)? |수출액|매출|시가총액|시총",
    ),
    (
        "number",
        r"몇(?! ?몇)|얼마나|개수|숫자|건수|인원|얼마나 많은|몇이나|(?:총|모두) 몇|[가-힣]+ ?수(?:는|가|를|도)?(?: |\?|$)|수효|몇째",
    ),
    (
        "person",
        r"누구|누가|인물|사람은|이름은|어떤 (?:사람|장관|대통령|인사)|(?:대표|장관|차관|원장|회장|국장|기자|필자|저자)(?:은|는|이) ?(?:누|어)",
    ),
    ("place", r"어디|장소|위치|어느 (?:도시|나라|지역|주|곳|구|동|국가)|어떤 (?:도시|나라|지역|곳|장소)|개최지|소재지"),
    (
        "list",
        r"나열|열거|무엇무엇|무엇들|어떤 [가-힣 ]{1,20}들|누구누구|각각|[가-힣]+들(?:은|이|을) ?(?:무엇|누구|어디)|종류|모두 (?:말|알|대|적)|목록",
    ),
    (
        "definition",
        r"(?:이?란|라는 것은) ?(?:무엇|뭐|뭔|어떤|\?|$)|무슨 뜻|의미|정의|뭐하는|무엇을 하는|어떤 (?:곳|회사|기관|기업|단체|사업|시설)(?:이|인|\?)",
    ),
)
_ENGLISH: tuple[tuple[Kind, str], ...] = (
    ("reason", r"\bwhy\b|\breasons?\b|\bwhat (?:led|caused|prompted|explains)|\bhow come\b|\bwhat for\b"),
    ("area", r"\bhow (?:big|large) (?:is|was|will|a|an|the) [\w\s-]*\b(?:site|plot|land|area|campus|lot|complex|ground)|\b(?:floor|land|surface|total|site|plot) (?:area|size)\b|\barea of\b|square (?:met|feet|kilo|mile)|\bhow much land\b"),
    ("percent", r"\bpercent(?:age)?\b|\bper cent\b|\bwhat (?:share|proportion|rate|ratio)\b|\bhow many times\b"),
    ("duration", r"\bhow long\b|\bhow many (?:years|months|weeks|days|hours|minutes)\b"),
    ("date", r"\bwhen\b|\b(?:what|which|on what|by what) (?:date|day|year|month|time)\b|\bdate\b|\bdeadline\b"),
    (
        "amount",
        r"\bhow much\b|\bcosts?\b|\bbudget\b|\bamounts?\b|\bprice\b|\bhow (?:big|large) (?:is|was|an?|the) [\w\s-]*(?:investment|deal|fund|budget|export)"
        r"|\bwhat (?:sum|value|size)\b|\binvestment (?:size|total|figure|volume)\b|\bworth\b|\b(?:total|planned|maximum|minimum|annual) (?:\w+ )?(?:investment|size|value|funding|spending|exports?|sales)\b|\bvaluation\b",
    ),
    ("number", r"\bhow many\b|\bnumber of\b|\bhow often\b|\bwhat (?:number|rank)\b|\bheadcount\b|\btally\b"),
    ("person", r"\bwho(?:m|se)?\b|\bwhich (?:person|official|minister|president|executive|professor)\b|\bname of the (?:person|man|woman|minister|director|president|reporter)"),
    ("place", r"\bwhere\b|\b(?:what|which|in which|in what) (?:city|cities|country|countries|place|venue|location|town|state|district|region|neighbou?rhood)\b|\blocation\b|\bvenue\b"),
    ("list", r"\b(?:name|list|enumerate) (?:the|all|some|two|three|four|five|\d)|\bwhat are the\b|\bwhich (?:\w+ )?(?:\w+s)\b(?! the)|\bwho are\b|\bwhat (?:kinds|types|sorts)\b"),
    ("definition", r"^what(?:'s| is| are| was) (?:an? )?[\w\s'’&.()-]{2,50}\?*$|\bwhat does [\w\s]+ (?:mean|stand for|do)\b|\bdefin|\bmeaning of\b"),
)  # fmt: skip
_YES_NO = {
    "ko": re.compile(r"(?:나요|습니까|ㅂ니까|[가-힣]니까|는가|은가|인가|인가요|했나|되나|하나|있나|가요|ㄹ까|까요|지요|죠|맞나|맞아|니)\s*\?*\s*$"),
    "en": re.compile(r"^(?:so |and |but |then )?(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|may)\b", re.I),
}  # fmt: skip
_ASKING = re.compile(r"무엇|뭐|무슨|어떤|어느|어떻게|어때|뭘|뭣")
_PATTERNS = {
    "ko": tuple((kind, re.compile(pattern)) for kind, pattern in _KOREAN),
    "en": tuple((kind, re.compile(pattern, re.I)) for kind, pattern in _ENGLISH),
}
_FIGURES: dict[Kind, frozenset[str]] = {
    "amount": frozenset({"money"}),
    "percent": frozenset({"percent", "ratio"}),
    "area": frozenset({"area"}),
    "duration": frozenset({"duration"}),
    "date": frozenset({"date", "time", "relative", "weekday"}),
    "number": frozenset({"number", "count", "ordinal", "measure", "length", "weight", "duration", "ratio", "percent"}),
}


def kind_of(question: str, language: Language) -> Kind:
    """The kind of answer that ``question`` asks for; ``statement`` where nothing tells."""
    if language == "en" and _YES_NO["en"].search(question.strip()):
        return "yesno"
    for kind, pattern in _PATTERNS[language]:
        if pattern.search(question):
            return kind
    if language == "ko" and _YES_NO["ko"].search(question) and not _ASKING.search(question):
        return "yesno"
    return "statement"


# Words that say what is asked for rather than what about: an amount meets "cost" in "what is the cost of …".
_ASKED: dict[Kind, str] = {
    "amount": "비용 금액 예산 액수 규모 투자액 가격 돈 사업비 cost amount budget price sum valu size money figur total total much",
    "percent": "비율 비중 률 퍼센트 프로 percent percentag share rate proport ratio",
    "area": "면적 넓이 규모 크기 부지 땅 area size larg big land",
    "duration": "기간 동안 오래 long durat period year month day",
    "number": "개수 숫자 수 건수 인원 규모 number count mani total",
    "date": "날짜 일자 시점 시기 연도 해 년 월 일 date day year month time",
    "person": "사람 인물 이름 person name man woman peopl",
    "place": "장소 위치 곳 도시 지역 나라 place locat venu citi countri",
    "reason": "이유 까닭 원인 배경 reason caus",
    "list": "목록 종류 이름 list name kind type",
    "definition": "의미 뜻 정의 mean definit",
}
_TYPICAL: dict[Kind, re.Pattern[str]] = {
    "person": re.compile(
        r"[가-힣]{2,4} ?(?:장관|차관|대통령|대표|원장|회장|부회장|국장|교수|실장|총리|의원|시장|지사|사장|소장|위원장|박사|기자|씨)"
        r"|(?:장관|차관|대통령|대표|원장|국장|교수) ?[가-힣]{2,4}|\b[A-Z][a-z]+(?: [A-Z][a-z]+|[ -][A-Z]?[a-z]+ [A-Z][a-z]+)"
    ),
    "place": re.compile(
        r"[가-힣]+(?:시|구|동|도|군|역|주|국)(?:에|의|\s|,)|[가-힣]에서|위치|소재|들어서|\b(?:in|at|near|to) [A-Z]|located"
    ),
    "reason": re.compile(
        r"때문|위해|위하여|위한|따라|이유|덕분|판단|목적|목표|고자|도록|까닭|\b(?:because|due to|owing|since|as a result|so that|"
        r"in order|to \w+|aim\w*|reason|result|thanks|judg\w+|goal|purpose)\b"
    ),
}


def asks_with(kind: Kind) -> frozenset[str]:
    """Search terms by which a question of ``kind`` says what it asks for."""
    return frozenset(_ASKED.get(kind, "").split())


def typical(kind: Kind, text: str, fresh_figure: bool) -> bool | None:
    """Whether ``text`` looks like an answer of ``kind``; ``None`` where nothing could tell."""
    if wants_figure(kind):
        return fresh_figure
    return bool(_TYPICAL[kind].search(text)) if kind in _TYPICAL else None


_FOCUS_KO = re.compile(
    r"(?:어느|어떤|무슨|몇)\s*(?P<after>[가-힣A-Za-z]+)|(?P<before>[가-힣A-Za-z0-9·]+?)(?:[은는이가을를도의]|에는|으로는|로는)?\s*(?:무엇|뭐|뭔|누구|어디|언제|얼마|몇|어떻게|왜|$)"
)
_FOCUS_EN = re.compile(
    r"\b(?:which|what|whose|how many|how much)\s+(?P<after>(?!(?:is|are|was|were|do|does|did|will|has|have|had|can|would|should|may|kind|type|sort)\b)[\w'’-]+(?:\s+(?!(?:is|are|was|were|do|does|did|will|has|have|had|can|would|should|may|of|in|at|on|for|to|that|from|by|with)\b)[\w'’-]+){0,2})"
    r"|\bwhat(?:'s| is| are| was| were)\s+(?:the|its|their|his|her)?\s*(?P<is>[\w'’-]+(?:\s+(?!(?:of|in|at|on|for|to|that|from|by|with)\b)[\w'’-]+){0,2})",
    re.IGNORECASE,
)


def focus(question: str, language: Language) -> tuple[int, int] | None:
    """Where the thing asked for is named: the *price* of "what is the price", the *지역* of "어느 지역"."""
    match = (_FOCUS_KO if language == "ko" else _FOCUS_EN).search(question.rstrip(" ?.!"))
    if match is None or match.lastgroup is None:
        return None
    return match.span(match.lastgroup)


def wants_figure(kind: Kind) -> bool:
    """Whether an answer of ``kind`` is a figure or a date."""
    return kind in _FIGURES


def answers(quantity: Quantity, kind: Kind) -> bool:
    """Whether ``quantity`` is of the sort that a question of ``kind`` asks for."""
    return quantity.kind in _FIGURES.get(kind, frozenset())
