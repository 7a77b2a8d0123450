"""Text in either language, or both at once, to search terms and to sentences."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from index import english, korean
from index.korean import HANGUL, Term
from index.normalise import language_of
from index.types import Span

REMEMBERED = 1024  # texts, about those of a batch of articles


def analyse(text: str) -> list[Term]:
    """All content terms of ``text`` in the order of their place, whatever the script; stop words are left out."""
    latin = english.terms(text)
    if not HANGUL.search(text):
        return latin
    hangul = [term for term in korean.terms(text) if term not in korean.STOP_WORDS]
    return sorted(latin + hangul, key=lambda term: (term.start, term.end))


@functools.lru_cache(maxsize=REMEMBERED)
def words(text: str) -> tuple[str, ...]:
    """The same as strings, remembered: a sentence is looked at for its passage's terms and for its own."""
    return tuple(str(term) for term in analyse(text))


def sentences(text: str) -> list[Span]:
    """Sentence spans of ``text``. A line end is always a border; each line is split by its own language's rules."""
    found: list[Span] = []
    for start, line in _lines(text):
        split = korean.sentence_spans if language_of(line) == "ko" else english.sentence_spans
        found.extend((start + a, start + b) for a, b in split(line))
    return found


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        if line.strip():
            yield start, line
        start += len(line) + 1
