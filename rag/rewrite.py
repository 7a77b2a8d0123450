"""Follow-up questions to stand-alone ones: what an earlier turn named and this question leaves out.

"그럼 비용은요?", "When will it be finished?" and "No, the area, not the cost" lean on what was asked before. Such a question is
given the topic of the turns it leans on as context, which helps to find passages; what must be answered is the question
itself. Whether a question of few words leans or opens a new topic cannot be told from its words alone: then
:mod:`rag.reading` asks the documents.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from index.korean import Term
from index.terms import analyse
from index.types import Language
from rag.correction import correction
from rag.intent import Kind, asks_with, kind_of
from rag.language import question_language
from rag.types import Turn

Lean = Literal["", "perhaps", "likely", "surely"]
FEW = 3  # a question of so few content words and no name may lean on what went before
REACH = 3  # turns looked back at
ANTECEDENT = 3  # content words before a pronoun, of which one is what it stands for
_LINK = {
    "ko": re.compile(
        r"^\s*(?:(?:그럼|그러면|그렇다면|그런데|그리고|근데|또|또한|이어서|추가로|아까|네|예|응|그렇군요|알겠습니다|고마워요|감사합니다)(?:[\s,.!]+|$))+"
    ),
    "en": re.compile(
        r"^\s*(?:(?:and|but|so|then|also|what about|how about|ok|okay|thanks|i see)\b[\s,.!]*)+|^\s*what else\b", re.I
    ),
}
_POINTER = {
    "ko": re.compile(
        r"(?<![가-힣])(?:그(?:는|가|의|를|에게|녀|들|것|거|건|걸|게|곳|쪽|때|날|해|중|분)(?![가-힣]{3})|거기|여기|"
        r"이(?:곳|것|건|걸|들|날|때|중)(?=[은는이가을를에서의도로]|\s|$)|(?:그|이|저|해당|같은|위)\s+[가-힣])"
    ),
    "en": re.compile(
        r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|those|these|the same|each of them|"
        r"(?<!is )(?<!are )(?<!was )(?<!were )there|(?:which|the other|the first|the second) ones?)\b",
        re.I,
    ),
}
# "that" after a noun opens a clause; after these it points.
_THAT = re.compile(
    r"(?:^|\b(?:of|in|at|on|for|to|with|by|from|about|after|before|does|did|do|is|was|are|were|will|would|has|have|had|can|and)\s+)"
    r"(?:that|this|those|these)\b(?!\s+(?:year|season|month|week|morning|time|spring|summer|autumn|winter)\b)",
    re.I,
)
_PREDICATE = {
    "ko": re.compile(
        r"(?:나요|까요?|니까|가요|죠|지요|[어아해예에세래데]요|[은는인던]가|다|줘|니|냐|라|지|대|야|나|까|[가-힣]어)\W*$"
    ),
    "en": re.compile(
        r"\b(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|may|might|must|'s|tell|explain|give|name|list)\b"
        r"|^\W*(?:who|whose|which|what)\b(?:\s+\S+){2}",
        re.I,
    ),
}
_POLITE = re.compile(r"(?:(?<=[은는도만지서에건])요|이요)(?=\W*$)")  # 비용은요? asks 비용은?
_ASKING: dict[Language, dict[Kind, str]] = {
    "ko": {
        "amount": "얼마?", "date": "언제?", "person": "누구?", "place": "어디?", "reason": "왜?", "number": "몇?",
        "percent": "몇 퍼센트?", "duration": "얼마나 오래?",
    },
    "en": {
        "amount": "how much?", "date": "when?", "person": "who?", "place": "where?", "reason": "why?",
        "number": "how many?", "percent": "what percentage?", "duration": "how long?",
    },
}  # fmt: skip
_WHO = re.compile(r"어느|어떤|누구|누가|어디|\b(?:who|which|where)\b", re.I)
_PERSONAL = re.compile(
    r"\b(?:he|him|his|she|her|they|them|their|there|that)\b|(?<![가-힣])그(?!(?:것|거|건|걸|게)(?:[은는이가을를도의]|\s|$))",
    re.I,
)
_OWNED = frozenset({"its", "their", "his", "her"})
_MARKER = re.compile(r"\s*\[\d+\]")
_QUOTE = re.compile(r"“(.+?)”")
_NAMING = ("NNP", "name")
_PRICE = re.compile(r"^[가-힣]{2,}(?:비|료|액)$")  # 건설비, 통행료: what is asked for, not what about
_UNTIL = ("until", "sinc")  # they ask for an end or a beginning, and are about nothing
_TOPICAL = ("NNG", "NNP", "XR", "SL", "name", "word", "number")  # parts of speech that say what a question is about


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question with the context it leans on, nearest turn last; no context where it stands alone.

    ``lean`` says how surely it leans, for it might as well open a topic of its own. ``restated`` is the whole in the words
    of a language model, which then are the context too.
    """

    question: str
    context: tuple[str, ...] = ()
    lean: Lean = ""
    restated: str = ""


def standalone(question: str, history: Sequence[Turn], language: Language) -> Standalone:
    """``question`` with the topic of the earlier turns that it leans on."""
    if not history:
        return Standalone(question)
    corrected = correction(question, history[-1].question, language)
    if corrected:
        stated = _completed(corrected.wanted, history, language) if corrected.of_subject else corrected.wanted
        return Standalone(stated, _context(stated, history, corrected.rejected), "surely")
    lean = leaning(question, language)
    if not lean:
        return Standalone(question)
    stated = _completed(_LINK[language].sub("", question) or question, history, language)
    return Standalone(stated, _context(question, history), lean)


def leans(question: str, language: Language) -> bool:
    """Whether ``question`` may leave out what it is about."""
    return bool(leaning(question, language))


def leaning(question: str, language: Language) -> Lean:
    """How surely ``question`` leaves out what it is about."""
    words = _words(question)
    named = any(t.tag in (*_NAMING, "number") and not (language == "en" and t.start == 0) for t in words)
    topical = _topical_words(question, language)
    if _points(question, words, language):
        return "perhaps" if named else "surely"
    linked, bare = bool(_LINK[language].search(question)), _bare(question, language)
    if not (topical or named) or bare and (linked or _POLITE.search(question)):
        return "surely"
    if named or not linked and kind_of(question, language) == "definition":
        return "perhaps" if linked else ""
    if len(topical) < 2:
        return "likely"
    return "perhaps" if linked or len(words) <= FEW and len(topical) < FEW else ""


def _points(question: str, words: Sequence[Term], language: Language) -> bool:
    """Whether a pronoun or the like stands for something outside of ``question``."""
    if language == "en" and _THAT.search(question):
        return True
    match = _POINTER[language].search(question)
    if match is None or language == "ko":
        return match is not None
    before = [term for term in words if term.end <= match.start()]
    enough = 1 if match.group().lower() in _OWNED else ANTECEDENT  # "which company sold its stake"
    return len(before) < enough and not any(t.tag in _NAMING and t.start for t in before)


def _bare(question: str, language: Language) -> bool:
    """Whether ``question`` has no predicate: "비용은요?", "And the cost?"."""
    return not _PREDICATE[language].search(_LINK[language].sub("", question))


def _completed(question: str, history: Sequence[Turn], language: Language) -> str:
    """A question without predicate as one that asks like the last that has one: "코닝은요?" is "코닝은 얼마?".

    Only a short one is another subject of the same question; a longer one names another side of the topic.
    """
    if not _bare(question, language):
        return question
    question = _POLITE.sub("", question)
    if kind_of(question, language) != "statement" or len(_topical_words(question, language)) >= FEW:
        return question
    for turn in reversed(history[-REACH:]):
        spoken = question_language(turn.question)
        if not _bare(turn.question, spoken):
            asking = _ASKING[language].get(kind_of(turn.question, spoken), "")
            joint = " " if language == "ko" else ", "
            return f"{question.rstrip(' ?.!')}{joint}{asking}" if asking else question
    return question


def _context(question: str, history: Sequence[Turn], rejected: Sequence[str] = ()) -> tuple[str, ...]:
    """The topics of the turns that ``question`` leans on, and names in the last answer that it may point at."""
    parts: list[str] = []
    for place in range(len(history) - 1, max(-1, len(history) - 1 - REACH), -1):
        asked = history[place].question
        spoken = question_language(asked)
        corrected = correction(asked, history[place - 1].question, spoken) if place else None
        parts.insert(0, _topic(corrected.wanted if corrected else asked, spoken, rejected))
        rejected = (*rejected, *(corrected.rejected if corrected else ()))
        if not corrected and not leans(asked, spoken):
            break
    last = history[-1]
    points = _points(question, _words(question), question_language(question))
    if points and (_WHO.search(last.question) or _PERSONAL.search(question)):
        parts.append(_names(last.answer))
    return tuple(part for part in parts if part)


def _words(question: str) -> list[Term]:
    """Content words of ``question``, each once."""
    return [term for term in analyse(question) if term.tag != "compound"]


def _topical_words(question: str, language: Language, rejected: Sequence[str] = ()) -> list[str]:
    """Words that say what ``question`` is about, as written: not how it asks, no verbs where they can be told, and
    nothing that a correction rejects; terms that touch stay one word."""
    asking = {*asks_with(kind_of(question, language)), *_UNTIL, *rejected}
    spans: list[list[int]] = []
    for term in analyse(question):
        if term.tag not in _TOPICAL or str(term) in asking:
            continue
        if spans and term.start <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], term.end)
        else:
            spans.append([term.start, term.end])
    return list(dict.fromkeys(question[start:end] for start, end in spans))


def _topic(question: str, language: Language, rejected: Sequence[str] = ()) -> str:
    """What a later question may lean on: the topical words, without the price of the thing where there is the thing."""
    words = _topical_words(question, language, rejected)
    return " ".join([word for word in words if not _PRICE.search(word)] or words)


def _names(answer: str) -> str:
    """Names in the first line of an answer, or in what it quotes: what a pronoun may stand for."""
    line = _MARKER.sub("", answer.strip().split("\n", 1)[0])
    quote = _QUOTE.search(line)
    line = quote.group(1) if quote else line
    return " ".join(dict.fromkeys(line[t.start : t.end] for t in analyse(line) if t.tag in _NAMING))
