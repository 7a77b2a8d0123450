"""What a question asks for: an amount, a date, a person …, from the words it asks with.

The kinds are coarse on purpose: they pick which figures or names may answer, and how the answer is led.
"""

from __future__ import annotations

import re
from typing import Literal

from index.quantity import Quantity
from index.types import Language

Kind = Literal[
    "amount", "percent", "area", "duration", "number", "date", "person", "place", "organisation", "reason", "list",
    "definition", "yesno", "statement",
]  # fmt: skip

# The first pattern that matches decides, so that the asking words stand before what merely names a figure.
_KOREAN: tuple[tuple[Kind, str], ...] = (
    ("reason", r"왜|이유|까닭|무엇 때문|뭣 때문|원인"),
    ("person", r"누구|누가|어떤 (?:사람|인물|장관|대통령|인사)"),
    ("place", r"어디|어느 (?:도시|나라|지역|주|곳|구|동|국가|동네)|어떤 (?:도시|나라|지역|곳|장소)|개최지|소재지|장소"),
    (
        "duration",
        r"얼마나 (?:오래|걸)|기간은 얼마|얼마 ?동안|얼마 ?만에|몇 ?(?:년|달|개월|주|일|시간|분) ?(?:간|동안|만|뒤|후|이내|안)|며칠 ?(?:간|동안|만)",
    ),
    ("date", r"언제|며칠|몇 ?(?:년|월|일)(?!간)|몇 시(?!간)|어느 해|무슨 요일"),
    (
        "area",
        r"면적|넓이|(?:부지|땅|터|단지)(?:의|는|가)? ?(?:규모|크기|얼마)|몇 ?(?:㎡|㎢|제곱|평)|얼마나 (?:넓|큰 (?:땅|부지))",
    ),
    (
        "percent",
        r"몇 ?(?:%|퍼센트|프로|배)|[가-힣]+(?:률|율)(?:은|이|을|과)?(?:\s|\?|$)|비율|비중|점유율|인상 ?폭|상승 ?폭|하락 ?폭",
    ),
    ("amount", r"얼마(?!나)|얼마나 (?:들|투자|쓰|받|지원|내|될|되)|몇 ?(?:억|조|만)? ?(?:원|달러)"),
    ("number", r"몇(?! ?몇)|얼마나|몇이나"),
    (
        "amount",
        r"(?:금액|비용|예산|액수|총액|투자(?:액|금| ?규모)|사업비|건설비|가격|요금|통행료|입장료|수수료|부채|부담|적자|흑자|세수|임금|월급|연봉|수출액|매출|시가총액|시총|펀드) ?(?:규모|수준|총액|금액|목표)?"
        r"(?:은|는|이|가|을|를|도|의)?\s*(?:\?|$|알려|말해|알고|대 ?줘|과 |와 )",
    ),
    (
        "date",
        r"(?:날짜|일자(?!리)|개최일|시점|시기|연도|기한|마감|[는은던된한난온] ?(?:날|해))(?:은|는|이|가|을|를)?\s*(?:\?|$|알려|말해|알고|대 ?줘)",
    ),
    (
        "number",
        r"(?:개수|숫자|건수|대수|인원|수효|규모|용량|분량|길이|총연장|거리|높이|나이|연령|순위|양)(?:은|는|이|가|을|를|과|와)?\s*(?:\?|$|알려|말해|알고|대 ?줘)|[가-힣]+ ?수(?:는|가)?\s*(?:\?|$)",
    ),
    ("person", r"인물|사람은|이름은|(?:대표|장관|차관|원장|회장|국장|기자|필자|저자)(?:은|는|이)?\s*\??$"),
    (
        "list",
        r"나열|열거|무엇무엇|무엇들|어떤 [가-힣 ]{1,20}들|각각|[가-힣]+들(?:은|이|을) ?(?:무엇|알려|말해)|종류|모두 (?:말|알|대|적)|목록|명단|(?:두|세|네|다섯|여섯|일곱|여덟) (?:곳|개|가지|명|나라|도시|회사|기관)(?:을|를|은|는|의 이름)?\s*(?:\?|$|알려|말해|꼽|대 ?줘|골라|적어|들어|무엇|어디|누구)",
    ),
    (
        "definition",
        r"(?:이?란|라는 것은) ?(?:무엇|뭐|뭔|어떤|\?|$)|무슨 뜻|의미|정의|뭐하는|무엇을 하는|어떤 (?:곳|회사|기관|기업|단체|사업|시설)(?:이|인|\?)",
    ),
)
_GROW = r"(?:grow|grew|rise|rose|fall|fell|increase|decrease|swell|drop|climb|go up|went up|go down|shrink|jump|decline|gain|lose|shortened|cut|change)"
_MEASURE = r"(?:far|sharply|fast|tall|high|deep|heavy|fierce|steeply|old|often|wide|hot|strong|close|late|early)"
_ENGLISH: tuple[tuple[Kind, str], ...] = (
    ("reason", r"\bwhy\b|\breasons?\b|\bwhat (?:led|caused|prompted|explains)|\bhow come\b|\bwhat for\b"),
    ("duration", r"\bhow long\b|\bhow many (?:years|months|weeks|days|hours|minutes)\b"),
    ("number", rf"\bhow many\b|\bby how much\b|\bhow much (?:did|has|have|will|do|does)\b.*\b{_GROW}|\bhow {_MEASURE}\b|\bnumber of\b|\bheadcount\b|\btally\b"),
    ("area", r"\bhow (?:big|large) (?:is|was|will|a|an|the) [\w\s-]*\b(?:site|plot|land|area|campus|lot|complex|ground)|\bsize of the (?:site|plot|land|campus)|\b(?:floor|land|surface|total|site|plot) (?:area|size)\b|\barea of\b|square (?:met|feet|kilo|mile)|\bhow much (?:land|space)\b"),
    ("amount", r"\bhow (?:much|costly|expensive)\b|\bhow (?:big|large) (?:is|was|were|an?|the)\b"),
    ("person", r"\bwho(?:m|se)?\b|\bwhich (?:person|official|minister|president|executive|professor)\b|\bname of the (?:person|man|woman|minister|director|president|reporter)"),
    ("place", r"\bwhere\b|\b(?:what|which|in which|in what) (?:city|cities|country|countries|place|venue|location|town|state|district|region|neighbou?rhood)\b|\b(?:location|venue) (?:of|for)\b"),
    ("date", r"^(?:and |so |but |then )?when\b|[,;] when\b|\bknow when\b|\b(?:what|which|on what|by what|from what) (?:date|day|year|month|time)\b|\b(?:date|deadline|year) (?:of|for|when|by)\b"),
)  # fmt: skip
_ENGLISH_REST: tuple[tuple[Kind, str], ...] = (
    ("list", r"\b(?:name|list|enumerate) (?:the|all|some|two|three|four|five|every|\d)|\bwhat are the\b|\bwhich (?:\w+ )?(?:\w+s)\b(?! the)|\bwho are\b|\bwhat (?:kinds|types|sorts)\b"),
    ("definition", r"^what(?:'s| is| are| was) (?:an? )?[\w\s'’&.()-]{2,50}\?*$|\bwhat does [\w\s]+ (?:mean|stand for|do)\b|\bdefin|\bmeaning of\b"),
)  # fmt: skip
# What the thing asked for is called tells what it is measured in: "what is the fare", "which share".
_CALLED: tuple[tuple[Kind, str], ...] = (
    ("percent", r"percentage|percent|per cent|share|proportion|portion|rate|ratio|stake"),
    ("date", r"date|day|year|month|deadline|time|window"),
    ("amount", r"cost|price|budget|fare|fee|toll|value|sum|amount|investment|funding|fund|spending|surplus|deficit|debt|allowance|payout|penalty|fine|grant|subsid|revenue|sales|exports?|salary|pay|wage|ceiling|contribution|tag|bill|valuation|worth|rent|income|loan|target|forecast"),
    ("number", r"size|capacity|population|ridership|ranking|rank|number|count|distance|length|height|weight|age|output|total|level|speed"),
)  # fmt: skip
_YES_NO = {
    "ko": re.compile(r"(?:나요|습니까|ㅂ니까|[가-힣]니까|는가|은가|인가|인가요|했나|되나|하나|있나|가요|ㄹ까|까요|지요|죠|맞나|맞아|니)\s*\?*\s*$"),
    "en": re.compile(r"^(?:so |and |but |then )?(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|may)\b", re.I),
}  # fmt: skip
_ASKING = re.compile(r"무엇|뭐|무슨|어떤|어느|어떻게|어때|뭘|뭣")
_PATTERNS = {
    "ko": tuple((kind, re.compile(pattern)) for kind, pattern in _KOREAN),
    "en": tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _ENGLISH),
}
_REST = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _ENGLISH_REST)
_NAMED = tuple((kind, re.compile(rf"\b(?:{pattern})(?:s|es|ies|y)?\b", re.IGNORECASE)) for kind, pattern in _CALLED)
_WHEN = re.compile(r"\b(?:last|this|next|per|a|each|every) (?:year|month|day|time)\b", re.IGNORECASE)
_BARE = re.compile(r"\b(?:wh\w+|how|is|are|was|were|do|does|did|has|have|had|will|would|can|could)\b", re.IGNORECASE)
_FIGURES: dict[Kind, frozenset[str]] = {
    "amount": frozenset({"money"}),
    "percent": frozenset({"percent", "ratio"}),
    "area": frozenset({"area"}),
    "duration": frozenset({"duration", "length"}),
    "date": frozenset({"date", "time", "relative", "weekday"}),
    "number": frozenset(
        {"number", "count", "ordinal", "measure", "length", "weight", "duration", "ratio", "percent", "money"}
    ),
}


def kind_of(question: str, language: Language) -> Kind:
    """The kind of answer that ``question`` asks for; ``statement`` where nothing tells."""
    if language == "en" and _YES_NO["en"].search(question.strip()):
        return "yesno"
    for kind, pattern in _PATTERNS[language]:
        if pattern.search(question):
            return kind
    if language == "en":
        return _english_rest(question)
    return "yesno" if _YES_NO["ko"].search(question) and not _ASKING.search(question) else "statement"


def _english_rest(question: str) -> Kind:
    """By what the thing asked for is called; a question without any asking word is searched whole."""
    span = focus(question, "en")
    called = question[slice(*span)] if span else "" if _BARE.search(question) else _WHEN.sub("", question)
    for kind, pattern in (*_NAMED, *_REST):
        if pattern.search(called if (kind, pattern) in _NAMED else question):
            return kind
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


_BODY_KO = r"(?:기관|회사|기업|업체|부처|대학|대학교|병원|단체|은행|연구소|연구원|위원회|학교|팀|구단|법인|재단|협회|공사|조직|업체들|제조사|건설사|운영사|언론|방송사|매체)"
_BODY_EN = (
    r"(?:compan(?:y|ies)|firms?|agenc(?:y|ies)|ministr(?:y|ies)|organi[sz]ations?|universit(?:y|ies)|hospitals?|institut\w+|banks?|schools?|bod(?:y|ies)"
    r"|teams?|makers?|manufacturers?|contractors?|developers?|operators?|associations?|departments?|councils?|committees?|carriers?|foundations?"
    r"|business(?:es)?|brands?|airlines?|builders?|part(?:y|ies)|unions?|newspapers?|broadcasters?|startups?|partners?|authorit(?:y|ies))"
)
_ORGANISATION = {
    "ko": re.compile(
        rf"(?:어느|어떤|무슨) (?:[가-힣]+ ){{0,2}}?[가-힣]*{_BODY_KO}|{_BODY_KO}(?:의 이름)?(?:은|는|이|가)? ?(?:어디|무엇|누구|이름|\?|$)"
        r"|(?:주관|주최|시행|운영|개발|제작|제조|시공|발주|담당|소속|관할|맡[은는을]) ?(?:사|처|기관|곳|업체|회사)?(?:은|는|이|가)? ?(?:어디|누구|\?|$)"
        r"|어디(?:가|에서|서|와|과|랑)? ?(?:[가-힣]+ )?(?:맡|만들|개발|제작|운영|주관|주최|시공|짓|협약|손잡|인수|투자|발표|조사)"
    ),
    "en": re.compile(
        rf"\b(?:which|what) (?:[\w'’-]+ ){{0,3}}?{_BODY_EN}\b(?! (?:of|size))|\bname of the (?:[\w-]+ ){{0,2}}{_BODY_EN}\b"
        r"|\bwho (?:makes?|made|built|builds|is building|operates?|runs?|owns?|developed|produces?|manufactures?|organi[sz]e[sd]?|hosted|funds?|funded|sponsors?)\b",
        re.IGNORECASE,
    ),
}  # fmt: skip


def names_organisation(question: str, language: Language) -> bool:
    """Whether the answer is most likely a company, an agency, a university or the like."""
    return _ORGANISATION[language].search(question) is not None


def wants_figure(kind: Kind) -> bool:
    """Whether an answer of ``kind`` is a figure or a date."""
    return kind in _FIGURES


def answers(quantity: Quantity, kind: Kind) -> bool:
    """Whether ``quantity`` is of the sort that a question of ``kind`` asks for."""
    return quantity.kind in _FIGURES.get(kind, frozenset())
