"""Korean: terms for search and sentence borders.

Terms come from mecab-ko (16 MB in memory, 0.2 ms a query); sentence borders from Kiwi, whose splitter is the best of
those measured but whose model takes half a gigabyte, so that it is loaded only while documents are indexed.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from index.types import Span

HANGUL = re.compile(r"[가-힣]")
_HANGUL_RUN = re.compile(r"[가-힣]+")

_FINAL = re.compile(r"[다요죠까오음함임됨][.!?…][\"'”’)\]]*$")

# Parts of speech (Sejong tags) that carry content: nouns, numerals, pronouns, verbs, adjectives, determiners, adverbs.
_CONTENT = frozenset({"NNG", "NNP", "NNB", "NNBC", "NR", "NP", "VV", "VA", "MM", "MAG", "XR", "XPN"})
_NOMINAL = frozenset({"NNG", "NNP", "NNBC", "NNB", "NR", "XR", "XPN", "XSN", "MM", "SN", "NP"})
_ENDING = re.compile(r"^(J|E|X|VC|S)")

# Words that ask, point or merely hold a sentence together: they say nothing of what is sought.
STOP_WORDS = frozenset(
    [
        "무엇",
        "뭐",
        "무슨",
        "어떤",
        "어느",
        "어디",
        "누구",
        "누가",
        "언제",
        "왜",
        "어떻게",
        "어떠",
        "얼마",
        "몇",
        "얼마나",
        "것",
        "거",
        "수",
        "등",
        "및",
        "점",
        "바",
        "때",
        "하",
        "되",
        "있",
        "이",
        "그",
        "저",
        "이것",
        "그것",
        "저것",
        "여기",
        "거기",
        "이런",
        "그런",
        "저런",
        "우리",
        "저희",
        "나",
        "너",
        "주",
        "대하",
        "관하",
        "위하",
        "따르",
        "통하",
        "의하",
        "말",
        "알리",
        "알",
        "다음",
        "중",
        "내",
        "경우",
        "지",
        "데",
    ]
)


class Term(str):
    """A dictionary form with where it stands: ``start``/``end`` are offsets, ``tag`` the part of speech."""

    start: int
    end: int
    tag: str

    def __new__(cls, form: str, start: int, end: int, tag: str) -> Term:
        """Build a term; ``tag`` is a Sejong tag for Korean, "word" or "number" otherwise."""
        term = super().__new__(cls, form)
        term.start, term.end, term.tag = start, end, tag
        return term


@functools.cache
def _mecab() -> Any:
    import mecab

    return mecab.MeCab()


@functools.cache
def _kiwi() -> Any:
    from kiwipiepy import Kiwi

    return Kiwi(num_workers=1)


def _lemma(surface: str, tag: str, expression: str | None) -> tuple[str, str]:
    """The dictionary form of an inflected morpheme: 열렸 (VV+EP) is 열리."""
    if expression and "+" in tag:
        first = expression.split("+", 1)[0].split("/")
        return first[0], first[1] if len(first) > 1 else tag.split("+")[0]
    return surface, tag.split("+")[0]


def terms(text: str) -> list[Term]:
    """Content terms of the Hangul in ``text``, with compounds.

    A run of nouns inside one word (랩센트럴, 중소벤처기업부) gives its parts and then the whole, because the analyser
    splits names that it does not know differently in different contexts. Other scripts are skipped.
    """
    found: list[Term] = []
    run: list[Any] = []
    for morpheme in _mecab().parse(text):
        form, tag = _lemma(morpheme.surface, morpheme.feature.pos, morpheme.feature.expression)
        start, end = morpheme.span.start, morpheme.span.end
        if run and (start != run[-1].span.end or tag not in _NOMINAL):
            found.extend(_compound(text, run))
            run = []
        if tag in _NOMINAL and HANGUL.search(morpheme.surface):
            run.append(morpheme)
        if tag in _CONTENT and HANGUL.search(form):
            found.append(Term(form, start, end, tag))
    found.extend(_compound(text, run))
    return found


def _compound(text: str, run: list[Any]) -> list[Term]:
    """The whole of a run of nominal morphemes written without a space, where it has several parts."""
    if len(run) < 2:
        return []
    start, end = run[0].span.start, run[-1].span.end
    whole = text[start:end]
    return [Term(whole, start, end, "compound")] if _HANGUL_RUN.fullmatch(whole) else []


def tags(text: str) -> list[tuple[str, str, int, int, str]]:
    """Every morpheme as (surface, tag, start, end, semantic class such as 인명 or 지명, else "")."""
    return [
        (m.surface, m.feature.pos, m.span.start, m.span.end, m.feature.semantic or "") for m in _mecab().parse(text)
    ]


def sentence_spans(line: str) -> list[Span]:
    """Sentence borders of one line of Korean text, from Kiwi; spans hold no outer white space.

    Kiwi takes the full stop of an abbreviation for an end (워싱턴 D.C.에서). A border without a space behind it stands
    only after a final ending.
    """
    spans: list[Span] = []
    for sentence in _kiwi().split_into_sents(line):
        part = line[sentence.start : sentence.end]
        # Kiwi and Python do not call the same characters white space.
        start, end = sentence.end - len(part.lstrip()), sentence.start + len(part.rstrip())
        if spans and start == spans[-1][1] and not _FINAL.search(line[:start]):
            spans[-1] = (spans[-1][0], end)
        elif end > start:
            spans.append((start, end))
    return spans
