"""A span of a sentence in the asker's language and conventions: figures and dates rendered, names in the asker's script.

``2,726억 원`` is 272.6 billion won to an English reader, ``April 28`` of a 2023 article is 2023년 4월 28일 to a Korean
one, and 김범석 is Kim Beom-seok. What is not known in the other script stays as it is written.
"""

from __future__ import annotations

import functools
import re

from index import lexicon
from index.english import stem
from index.korean import HANGUL
from index.measure import PLAIN
from index.quantity import render
from index.romanization import romanize
from index.sounds import weights
from index.types import Language
from rag.naming import AND, Named
from rag.pairing import ALIKE, alike
from rag.span import Candidate

_COUNTER = r"(?P<counter>개사|개국|가구|가지|군데|구간|마리|병상|사람|세대|자리|차례|여\s?(?:개|곳|명|건)|[개곳명건종대척채편권번회층석동기점쪽호팀쌍])"
_COUNTER_ASKED = re.compile(rf"몇 ?{_COUNTER}")
_COUNTER_SAID = re.compile(rf"\s?{_COUNTER}")
_AS_WRITTEN = {"ko": "원문에 적힌 그대로입니다", "en": "as it is written in the source"}
_RANGE = re.compile(r"부터|에서|[~–∼-]|\b(?:to|through|until|and)\b")


def worded(candidate: Candidate, sentence: str, question: str, language: Language) -> tuple[str, str]:
    """The candidate for a reader of ``language``, and as it stands in ``sentence``; the two may be the same."""
    original = sentence[candidate.start : candidate.end].strip()
    if candidate.named is not None:
        return _name(candidate.named, original, language), original
    if len(candidate.figures) > 1:
        return _dates(candidate, sentence, language), original
    (figure,) = candidate.figures
    shown = render(figure, language)
    if language == "ko" and figure.kind in PLAIN and shown[-1].isdigit():
        said, asked = _COUNTER_SAID.match(sentence, figure.end), _COUNTER_ASKED.search(question)
        original += said.group() if said else ""
        shown += (said or asked or {"counter": ""})["counter"]
    return shown, original


def noted(shown: str, language: Language) -> str:
    """``shown``, with a note in ``language`` behind it where it is all in the other script: a name that stays as it is."""
    letters = [c for c in shown if c.isalpha()]
    ours = sum(bool(HANGUL.match(c)) == (language == "ko") for c in letters)
    return f"{shown} ({_AS_WRITTEN[language]})" if letters and not ours else shown


def _dates(candidate: Candidate, sentence: str, language: Language) -> str:
    """A day with its time, or the first and the last day of a span."""
    one, other = candidate.figures
    first, second = render(one, language), render(other, language)
    if other.kind == "time":
        return f"{first} {second}" if language == "ko" else f"{first}, {second}"
    assert _RANGE.search(sentence[one.end : other.start])
    return f"{first}~{second}" if language == "ko" else f"{first} to {second}"


def _name(name: Named, written: str, language: Language) -> str:
    if bool(HANGUL.search(written)) == (language == "ko"):
        return written
    if name.sort not in ("person", "place"):
        return written
    return ", ".join(_turned(part, name.sort, language) for part in AND.split(written) if part.strip(", "))


def _turned(written: str, sort: str, language: Language) -> str:
    """One name in the other script, word by word; as it is where a word of it is not known there."""
    words = [_in_korean(word) if language == "ko" else _in_latin(word, sort) for word in written.split()]
    return " ".join(words) if all(words) and len(words) <= 3 else written


@functools.lru_cache(maxsize=4096)
def _in_korean(word: str) -> str:
    """What Korean calls a name by its sound, where the lexicon has it: Boston is 보스턴."""
    bag = lexicon.load().word(stem(word), "en") or lexicon.load().word(word.lower(), "en")
    best = max(bag, key=lambda form: bag[form], default="")
    return best if best and alike(best, word) >= ALIKE else ""


@functools.lru_cache(maxsize=4096)
def _in_latin(word: str, sort: str) -> str:
    """A Korean name in Latin letters: as the lexicon has it, else a person's by surname, a place's as romanised."""
    bag = lexicon.load().word(word, "ko")
    best = max(bag, key=lambda form: bag[form], default="")
    if best and stem(best) == best and not best.endswith(("tt", "i")) and alike(word, best) >= ALIKE:
        return best.title()
    if sort == "place":
        return _romanised(word)
    variants = weights().surnames.get(word[0], {})
    if not 2 <= len(word) <= 4 or not variants:
        return ""
    family = max(variants, key=lambda latin: variants[latin])
    given = [romanize(syllable) for syllable in word[1:]]
    return f"{family.title()} {'-'.join(given).capitalize()}"


def _romanised(place: str) -> str:
    """해담시 as Haedam-si: the official romanisation, with the word for what it is set off."""
    division = re.fullmatch(r"([가-힣]{2,})([시도군구읍면동리])", place)
    return f"{romanize(division[1]).title()}-{romanize(division[2])}" if division else romanize(place).title()
