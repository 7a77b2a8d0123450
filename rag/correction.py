"""Corrections of the question before: "아니, 비용 말고 면적", "no, I meant the area, not the cost"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.terms import analyse
from index.types import Language
from rag.intent import asks_with, kind_of
from rag.language import question_language

_OPENING = {
    "ko": re.compile(
        r"^\s*(?:아니(?:요|오|야|에요|죠|라)?|아뇨|그게 아니(?:라|고)|그 말이 아니(?:라|고)|제 말은|내 말은)(?:[\s,.!]+)"
    ),
    "en": re.compile(r"^\s*(?:(?:no|nope|sorry|actually|wait|i said)\b[\s,.!;:—-]*)+", re.I),
}
_KO = re.compile(
    r"(?P<no>[^,.!?]+?)(?:이|가|은|는|을|를)?\s+?(?:말고|아니라|아니고|대신(?:에)?)(?:요)?[\s,]+(?P<yes>[^\s].*)$"
)
_KO_BEHIND = re.compile(
    r"(?P<yes>[^,.!?]+?)(?:이요|요)?\s*[,.]\s*(?P<no>[^,.!?]+?)(?:은|는|을|를)?\s+(?:말고|아니고)(?:요)?\W*$"
)
_ASKED_KO = re.compile(
    r"(?:을|를|이|가)?\s*(?:물(?:은|어본) ?(?:거|것|건)\S*|물었\S*|물어봤\S*|묻는 ?(?:거|것)\S*|말한 ?(?:거|것)\S*|말이에요|말입니다|궁금\S*|알고 싶\S*|이에요|예요|이요|(?<![나까가죠지])요)(?=\W*$)"
)
_MEANT = re.compile(
    r"\b(?:i|we)(?:'m| am| was)? ?(?:mean|meant|asked|asking|want|wanted)(?: (?:about|for|to (?:ask|know)(?: about)?))?\b[\s,:]*|\bwhat i (?:meant|asked) was\b[\s,:]*",
    re.I,
)
_NOT = re.compile(r"(?:[,;—-]\s*|\s+|^)(?:and |but )?(?:not|rather than|instead of)\s+(?P<no>[^,.;?!—]+)", re.I)


@dataclass(frozen=True, slots=True)
class Correction:
    """What is ``wanted`` in place of what was asked before, and the search terms of what is ``rejected``.

    ``of_subject`` where another thing is asked about ("2호선 말고 1호선"), not another side of the same.
    """

    wanted: str
    rejected: tuple[str, ...]
    of_subject: bool


def correction(question: str, before: str, language: Language) -> Correction | None:
    """The correction of the question ``before`` that ``question`` makes; ``None`` where it makes none."""
    opening = _OPENING[language].search(question)
    text = question[opening.end() :] if opening else question
    wanted, rejected = _korean(text) if language == "ko" else _english(text)
    terms = tuple(dict.fromkeys(str(term) for term in analyse(rejected)))
    spoken = question_language(before)
    asked = asks_with(kind_of(before, spoken))
    said = {str(term) for term in analyse(before)}
    meant = bool(rejected) or _MEANT.search(text)
    if not wanted or not (opening and meant or set(terms) & (said | asked)):
        return None
    return Correction(wanted, terms, bool(set(terms) & (said - asked)))


def _korean(text: str) -> tuple[str, str]:
    match = _KO_BEHIND.search(text) or _KO.search(text)
    return (_ASKED_KO.sub("", match["yes"]).strip(), match["no"]) if match else ("", "")


def _english(text: str) -> tuple[str, str]:
    rejected = " ".join(match["no"] for match in _NOT.finditer(text))
    wanted = _MEANT.sub("", _NOT.sub("", text))
    return wanted.strip(" ,.;:!—-"), rejected
