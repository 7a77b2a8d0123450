"""Follow-up questions to stand-alone ones: what an earlier turn named and this question leaves out.

"그럼 비용은요?" and "When will it be finished?" lean on what was asked before. Such a question is given the topic of the
turns it leans on as context, which helps to find passages; what must be answered is the question itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.terms import analyse
from index.types import Language
from rag.types import Turn

FEW = 3  # a question of so few content words and no name may lean on what went before
REACH = 3  # turns looked back at
_LINK = {
    "ko": re.compile(r"^\s*(?:그럼|그러면|그렇다면|그런데|그리고|근데|또|또한|이어서|추가로|아까)(?:\s|,)"),
    "en": re.compile(r"^\s*(?:and|but|so|then|also|what about|how about|what else|ok|okay)\b", re.I),
}
_POINTER = {
    "ko": re.compile(
        r"그(?:는|가|의|를|에게|녀|들|것|거|곳|쪽|때|날|해|중|분|게|건)(?![가-힣]{2})|(?:^|\s)(?:그|이|저|해당|같은|위)\s+[가-힣]|"
        r"거기|여기|이(?:곳|것|들은|들이|들의|날|때|중)(?=\s|[은는이가을를에서의도]|$)|이(?:를|는|가)\s"
    ),
    "en": re.compile(
        r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|there|that|those|this|these|the same|"
        r"both|one|ones|each of them|the (?:project|plan|meeting|event|company|firm|site|deal|agreement|minister|"
        r"president|official|article|center|centre|hub|cluster|program|programme))\b",
        re.I,
    ),
}
_MARKER = re.compile(r"\s*\[\d+\]")
_NAME_TAGS = ("NNP", "name")


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question with the context it leans on, empty where it stands alone."""

    question: str
    context: str = ""


def standalone(question: str, history: Sequence[Turn], language: Language) -> Standalone:
    """``question`` with the topic of the earlier turns that it leans on."""
    if not history or not leans(question, language):
        return Standalone(question)
    parts: list[str] = []
    for turn in reversed(history[-REACH:]):
        parts.insert(0, _topic(turn.question))
        if not leans(turn.question, language):
            break
    if _POINTER[language].search(question):
        parts.append(_names(history[-1].answer))
    return Standalone(question, " ".join(part for part in parts if part))


def leans(question: str, language: Language) -> bool:
    """Whether ``question`` leaves out what it is about."""
    if _LINK[language].search(question) or _POINTER[language].search(question):
        return True
    words = [t for t in analyse(question) if t.tag != "compound"]
    named = any(t.tag in (*_NAME_TAGS, "number") for t in words[1 if language == "en" else 0 :])
    return len(words) <= FEW and not named


def _topic(question: str) -> str:
    """The content words of a question, as written, in order."""
    words = [t for t in analyse(question) if t.tag not in ("compound", "VV", "VA", "MAG", "MM")]
    return " ".join(dict.fromkeys(question[t.start : t.end] for t in words))


def _names(answer: str) -> str:
    """Names in the first line of an answer: what a pronoun may stand for."""
    line = _MARKER.sub("", answer.strip().split("\n", 1)[0])
    return " ".join(dict.fromkeys(line[t.start : t.end] for t in analyse(line) if t.tag in _NAME_TAGS))
