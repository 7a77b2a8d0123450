"""Other spellings of a word in its own script: 케임브리지 and 캠브리지, Incheon and Inchon, and slips of the keyboard."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from rapidfuzz import fuzz, process

from index.korean import HANGUL

SHORTEST = 3  # syllables or letters; shorter words differ from each other by too little
CLOSE = 80.0  # per cent of equal letters (jamo for Hangul): 케임브리지–캠브리지 80
CLOSE_SHORT = 84.0  # for words of three syllables, of which one is a third: 대구시–대구시장 stays apart
LETTERS = 6  # a shorter Latin word has too many neighbours that are other words


class SpellingIndex:
    """Finds terms of a vocabulary that are spelled almost like a word. ``terms`` are search terms of either script."""

    def __init__(self, terms: Sequence[str]) -> None:
        self._terms = {
            True: [t for t in terms if HANGUL.search(t) and len(t) >= SHORTEST],
            False: [t for t in terms if not HANGUL.search(t) and len(t) >= LETTERS and t.isalpha()],
        }
        self._letters = {script: [_letters(t) for t in found] for script, found in self._terms.items()}

    def search(self, word: str, limit: int = 3) -> list[tuple[str, float]]:
        """Up to ``limit`` other terms with their likeness in [0, 1], best first; none for words that are too short."""
        script = bool(HANGUL.search(word))
        if len(word) < (SHORTEST if script else LETTERS):
            return []
        close = CLOSE_SHORT if len(word) == SHORTEST else CLOSE
        letters = self._letters[script]
        found = process.extract(_letters(word), letters, scorer=fuzz.ratio, score_cutoff=close, limit=limit + 1)
        named = [(self._terms[script][place], score / 100) for _, score, place in found]
        return [(term, score) for term, score in named if term != word][:limit]


def _letters(word: str) -> str:
    return unicodedata.normalize("NFD", word)
