"""Terms of one script on a shelf, found by their sound keys: an inverted index of key bigrams, then edit distance."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

_VOWEL = re.compile("[a-z0-9]+")
# Terms that go on from the bigrams to the edit distance, and from there to the caller.
_COARSE, CANDIDATES = 400, 12
_SKIP, _FULL = 1 << 16, 1 << 17


class Shelf:
    """Terms with their keys (see :func:`index.transliteration.key`); a term may stand here under several keys."""

    def __init__(self, terms: Sequence[str], keys: Sequence[str]) -> None:
        self.terms = list(terms)
        consonants = [_VOWEL.sub("", key) for key in keys]
        self._keys, self._consonants = (np.array(texts, dtype=object) for texts in (keys, consonants))
        codes, owners = _grams(consonants, keys)
        order = np.argsort(codes, kind="stable")
        self._owners = owners[order]
        self._codes, self._starts = np.unique(codes[order], return_index=True)
        self._ends = np.append(self._starts[1:], len(codes))
        self._rarity = np.log1p(len(terms) / np.maximum(1, self._ends - self._starts)).astype(np.float32)
        squares = np.repeat(self._rarity**2, self._ends - self._starts)
        self._norms = np.sqrt(np.maximum(1e-6, np.bincount(self._owners, squares, minlength=len(terms))))

    def candidates(self, keys: Sequence[str]) -> list[str]:
        """The terms whose key is nearest to any of ``keys``, nearest first, at most ``CANDIDATES``."""
        found: dict[int, float] = {}
        for wanted in filter(None, dict.fromkeys(keys)):
            for place, score in self._nearest(wanted):
                found[place] = max(score, found.get(place, 0.0))
        best = sorted(found, key=lambda place: (-found[place], place))
        return list(dict.fromkeys(self.terms[place] for place in best))[:CANDIDATES]

    def _nearest(self, wanted: str) -> list[tuple[int, float]]:
        skeleton = _VOWEL.sub("", wanted)
        coarse = self._overlap(skeleton, wanted)
        places = _top(coarse, _COARSE)
        fine = coarse[places] + _likeness(skeleton, self._consonants[places])
        fine = fine + _likeness(wanted, self._keys[places])
        return [(int(places[p]), float(fine[p])) for p in _top(fine, CANDIDATES)]

    def _overlap(self, skeleton: str, wanted: str) -> NDArray[np.float64]:
        """Cosine, 0 to 1 up to a constant, of the rare-weighted bigrams of every term; shape (len(terms),)."""
        scores = np.zeros(len(self.terms))
        for code in np.unique(_grams([skeleton], [wanted])[0]):
            slot = int(np.searchsorted(self._codes, code))
            if slot < len(self._codes) and self._codes[slot] == code:
                # A bigram that a term holds twice counts once here.
                scores[self._owners[self._starts[slot] : self._ends[slot]]] += self._rarity[slot] ** 2
        scores /= self._norms
        return scores / max(1e-6, float(scores.max(initial=0.0)))


def _grams(consonants: Sequence[str], keys: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Codes and owners of the bigrams (borders included), consonants one apart too; each of shape (grams,)."""
    parts = [_pairs(consonants, 1, 0), _pairs(consonants, 2, _SKIP), _pairs(keys, 1, _FULL)]
    return np.concatenate([codes for codes, _ in parts]), np.concatenate([owners for _, owners in parts])


def _pairs(texts: Sequence[str], gap: int, offset: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    joined = ("\n" + "\n".join(texts) + "\n").encode("ascii", "replace")
    symbols = np.frombuffer(joined, dtype=np.uint8).astype(np.int32)
    border = symbols == ord("\n")
    owners = (np.cumsum(border) - 1).astype(np.int32)
    first, second = symbols[:-gap], symbols[gap:]
    # With neighbours the borders count; pairs one apart stay within a term. The last border owns nothing.
    whole = ~(border[:-1] & border[1:]) if gap == 1 else owners[:-gap] == owners[gap:]
    if gap > 1:
        whole &= ~border[:-gap]
    return (first * 256 + second + offset)[whole], np.minimum(owners[:-gap], len(texts) - 1)[whole]


def _likeness(wanted: str, keys: NDArray[np.object_]) -> NDArray[np.float32]:
    """Levenshtein similarity, 0 to 1, of ``wanted`` to each of ``keys``; shape (len(keys),)."""
    row: NDArray[np.float32] = process.cdist(
        [wanted], keys, scorer=Levenshtein.normalized_similarity, dtype=np.float32
    )[0]
    return row


def _top(scores: NDArray[np.floating], count: int) -> NDArray[np.intp]:
    return np.argpartition(-scores, count - 1)[:count] if len(scores) > count else np.arange(len(scores))
