"""Which language a question is asked in and answered in, and a request for a language that is part of it.

"Answer in English" and "한국어로 답해 주세요" say how to answer, not what is asked: such a request is taken out of the
question, so that nothing is searched for it. Only an order counts, for a question may be about a language ("did he speak
in English?"): a clause that holds nothing but the order, or one whose verb orders ("송도를 영어로 설명해 줘").
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Literal, cast

from index.korean import HANGUL
from index.types import Language
from rag.errors import UnknownLanguage

Choice = Literal["auto", "ko", "en"]
_CLAUSE = re.compile(r".+?(?:[.?!,:;…~]+(?=\s|$)|$)", re.S)
_LANGUAGE = re.compile(
    r"(?<![가-힣])(?:(?P<ko>한국어|한국말|한글|우리말|국문)|영어|영문)로(?:는|도|만)?요?(?![가-힣])"
    r"|\b(?:(?:in|into)\s+)?(?P<korean>korean)\b|\b(?:(?:in|into)\s+)?english\b",
    re.I,
)
_TELLING = r"(?:답변?|대답|말씀?|설명|얘기|이야기|번역|정리|요약)"
_DOING = r"(?:해|알려|써|적어|보여|옮겨|바꿔|하면)"
_ORDER = (
    r"(?:주세요|주십시오|주시겠어요|주실래요|줄래요?|주겠니|줘요?|줘라|다오|줄|수|있나요|있어요?|바랍니다|바라요|하세요|하십시오|"
    r"부탁(?:해요?|드려요|드립니다|합니다)?|요)"
)
# Words that a clause may hold besides the language and still ask for nothing else.
_SERVICE = re.compile(
    rf"{_TELLING}?(?:을|를|은|는|도|만)?{_DOING}?{_ORDER}?|그럼|그러면|이번[에엔]?는?|이제|앞으로[는도]?|(?:이제|지금|다음)부터[는도]?|계속|혹시|"
    r"그거|그[건걸]|그것[도을]|이[건걸]|이것[도을]|방금|위|아까|같은|내용[을은도]?|모두|전부|다시|다|또|좀|꼭|한|번|한번|더|짧게|간단히|자세히|그대로|"
    r"please|answer|reply|respond|say|tell|write|translate|repeat|explain|put|state|give|show|summari[sz]e|me|us|it|that|"
    r"this|again|back|the|same|thing|your|can|could|would|will|you|ok|okay|now|so|and|then|but|what|how|about|instead|time|"
    r"only|from|on|too|as|well|thanks|version",
    re.I,
)
_WORD = re.compile(r"[가-힣]+|[A-Za-z]+|\d+")
_POLITE = re.compile(r"\b(?:in|into|please|version)\b|[가-힣]로", re.I)
_STANDING = re.compile(r"앞으로|부터|계속|from now on|always|only", re.I)
_ORDERS_KO = re.compile(rf"{_TELLING}?(?:을|를)?\s*{_DOING}?\s*(?:주세요|주십시오|줄래요?|줘요?|부탁\S*|하세요)\W*$")
_ORDERS_EN = re.compile(
    r"^\W*(?:please,?\s+)?(?:(?:can|could|would|will) you\s+)?(?:please\s+)?(?:explain|describe|summari[sz]e|tell|say|answer)\b",
    re.I,
)
_OPENING_EN = re.compile(r"^(?:\W*(?:please|can|could|would|will|you|tell|say|answer|explain|me|us)\b)*\W*$", re.I)


@dataclass(frozen=True, slots=True)
class Wording:
    """A question without its request for a language.

    ``question`` is empty where nothing else was said; ``wanted`` is the language asked for, ``None`` without a request.
    ``standing`` says that later answers are meant too.
    """

    question: str
    wanted: Language | None = None
    standing: bool = False


def wording(text: str) -> Wording:
    """``text`` apart from the request for a language that it may hold."""
    clauses = [match.group() for match in _CLAUSE.finditer(text)]
    for place, clause in enumerate(clauses):
        for match in _LANGUAGE.finditer(clause):
            outer = any(_only_service("".join(side)) for side in (clauses[:place], clauses[place + 1 :]))
            kept = _without(clause, match, outer)
            if kept is not None:
                later = itertools.dropwhile(_only_service, clauses[place + 1 :])  # ", please."
                rest = "".join([*clauses[:place], kept, *later]).strip(" ,:;…~")
                spoken: Language = "ko" if match["ko"] or match["korean"] else "en"
                return Wording("" if _only_service(rest) else rest, spoken, bool(_STANDING.search(text)))
    return Wording(text)


def _without(clause: str, match: re.Match[str], outer: bool) -> str | None:
    """``clause`` without the request at ``match``; ``None`` where it is none. ``outer``: it opens or ends the text."""
    before, after = clause[: match.start()], clause[match.end() :]
    if _only_service(f"{before} {after}"):
        bare = not _WORD.search(f"{before}{after}")
        return "" if _POLITE.search(clause) and (outer or not bare) else None
    if HANGUL.search(match.group()):
        return f"{before.rstrip()} {after.lstrip()}" if _ORDERS_KO.search(after) else None
    if not match.group().lower().startswith("in") or not _ORDERS_EN.search(before):
        return None
    if _OPENING_EN.match(before):
        return after.lstrip()
    return None if _WORD.search(after) else before.rstrip() + after


def _only_service(text: str) -> bool:
    """Whether ``text`` says nothing but how to answer."""
    return all(_SERVICE.fullmatch(word) for word in _WORD.findall(text))


def question_language(question: str, choice: str = "auto") -> Language:
    """The language of the answer: the one chosen, else Korean for any question that holds Hangul.

    A question is short and often half made of names in the other script ("LabCentral은?"), so that one Hangul syllable
    decides, while a whole document goes by its share.

    :raises UnknownLanguage: if ``choice`` is not ``auto``, ``ko`` or ``en``.
    """
    if choice not in ("auto", "ko", "en"):
        raise UnknownLanguage(f"The language is {choice!r}; expected auto, ko or en.")
    if choice != "auto":
        return cast(Language, choice)
    return "ko" if HANGUL.search(question) else "en"
