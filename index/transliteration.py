"""The same name in two scripts: 랩센트럴 and LabCentral, 이영 and Lee Young, found by sound and not by a list.

Three steps. :func:`key` reduces a word of either script to sound classes, so that rapidfuzz can pick a dozen
candidates out of the whole vocabulary in milliseconds. :func:`index.sounds.align` explains each candidate letter by
letter with learned weights. :func:`similarity` turns that weight into a probability.

What it does not know: meaning. 강 and "river" are for the lexicon; a German or French name that Korean writes by its
sound and English by its spelling is found only as far as its letters were seen in other names.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence

from rapidfuzz.distance import Levenshtein

from index.romanization import pronounce, romanize
from index.sound_shelf import Shelf
from index.sounds import align, classes, jamo, letters, second_classes, weights

__all__ = ["THRESHOLD", "SoundIndex", "key", "romanize", "similarity", "sounds_alike"]

# Keeps nine in ten of held-out names and loanwords and no random pair. The nearest wrong term of 25,000 passes it one
# time in four, for single first or last names one in two: so rank, and check that two words are the same at 0.8.
THRESHOLD = 0.5

_HANGUL = re.compile("[가-힣\u1100-\u11ff]")  # decomposed text too
# Spellings of a surname, or surnames of a spelling, that are looked for.
_VARIANTS = 3
_LETTER_NAMES = {
    "에이": "a", "비": "b", "씨": "c", "시": "c", "디": "d", "이": "e", "에프": "f", "지": "g", "에이치": "h",
    "아이": "i", "제이": "j", "케이": "k", "엘": "l", "엠": "m", "엔": "n", "오": "o", "피": "p", "큐": "q", "알": "r",
    "아르": "r", "에스": "s", "티": "t", "유": "u", "브이": "v", "더블유": "w", "더블류": "w", "엑스": "x",
    "와이": "y", "제트": "z",
}  # fmt: skip
_LETTER_NAME = re.compile("|".join(sorted(_LETTER_NAMES, key=len, reverse=True)))
# Final letters that French leaves unspoken (Renault, Bordeaux, Charles), and what leaving them out costs in nats.
_SILENT, _SILENT_COST = re.compile(r"(?<=[aeiouy])l?[tdxsp]s?\b|(?<=[a-zà-ÿ])es\b"), 2.0
_ACRONYM, _LONGEST_ACRONYM = 0.95, 6


def key(word: str) -> str:
    """The sounds of ``word``, comparable across scripts: consonant classes in capitals, vowels in small letters.

    랩센트럴 → ``LePSeNTLoL``, LabCentral → ``LaPSeNTLaL``. Empty where ``word`` has no Hangul, letter or digit.
    """
    return classes(jamo(word) if _HANGUL.search(word) else letters(word))


def sounds_alike(one: str, other: str) -> float:
    """How likely, 0 to 1, ``one`` and ``other`` are the same name; in whichever order and script they come.

    Two words of one script are the same (1.0) or not (0.0), spaces, case and accents aside.
    """
    korean = bool(_HANGUL.search(one))
    if korean != bool(_HANGUL.search(other)):
        return similarity(one, other) if korean else similarity(other, one)
    plain = jamo if korean else letters
    return float(plain(one) == plain(other) != "")


def similarity(hangul: str, latin: str, threshold: float = 0.0) -> float:
    """How likely, 0 to 1, ``latin`` is the name or loanword ``hangul`` in Latin letters; 0 where either is empty.

    What lies below ``threshold`` may come out lower than it is.

    A logistic function of the alignment weight, in all and per symbol, fitted on held-out names against the nearest
    wrong ones. The words of ``latin`` may come in another order (Lee Young, Young Lee).
    """
    hangul = unicodedata.normalize("NFC", hangul)
    size = len(jamo(hangul)) + len(letters(latin))
    if not jamo(hangul) or not letters(latin):
        return 0.0
    if len(letters(latin)) > 1 and spelled_out(hangul) == letters(latin):
        return _ACRONYM
    weight = evidence(hangul, latin, _needed(threshold, size))
    return _logistic(features(weight, size))


def evidence(hangul: str, latin: str, least: float = -math.inf) -> float:
    """The weight in nats of the best reading of ``latin`` as ``hangul``: a log likelihood ratio, negative if unlike.

    What lies below ``least`` may come out lower than it is.
    """
    wanted, orders, chunks = key(hangul), (latin, *_turned(latin)), weights().chunks
    if len(orders) > 1:  # only the likeliest order is worth an alignment
        orders = (max(orders, key=lambda order: Levenshtein.normalized_similarity(wanted, key(order))),)
    best = max(align(sounds, letters(orders[0]), chunks, least) for sounds in _sounds(hangul))
    if (spoken := _SILENT.sub("", orders[0].lower())) != orders[0].lower():
        silent = (align(sounds, letters(spoken), chunks, least + _SILENT_COST) for sounds in _sounds(hangul))
        best = max(best, max(silent) - _SILENT_COST)
    return max(best, _as_person(hangul.strip(), latin))


def features(weight: float, size: int) -> tuple[float, ...]:
    """What the calibration looks at: constant, nats, nats per symbol, symbols (jamo and letters together)."""
    return 1.0, weight, 10 * weight / size, float(size)


def _needed(threshold: float, size: int) -> float:
    """The weight in nats from which the similarity of ``size`` symbols is at least ``threshold``."""
    if threshold <= 0:
        return -math.inf
    constant, nats, per_symbol, symbols = weights().calibration
    return (math.log(threshold / (1 - threshold)) - constant - symbols * size) / (nats + 10 * per_symbol / size) - 1e-9


def spelled_out(hangul: str) -> str:
    """The letters that ``hangul`` names one by one (엠아이티 → ``mit``), or "" where it does not."""
    plain = unicodedata.normalize("NFC", hangul).replace(" ", "")
    return "" if _LETTER_NAME.sub("", plain) else _LETTER_NAME.sub(lambda m: _LETTER_NAMES[m.group()], plain)


class SoundIndex:
    """A vocabulary of Hangul and Latin terms, searched from the other script by sound."""

    def __init__(self, terms: Sequence[str]) -> None:
        """``terms`` may be words or short runs of words, in either script; duplicates are dropped."""
        unique = list(dict.fromkeys(terms))
        hangul = [term for term in unique if _HANGUL.search(term)]
        latin = [term for term in unique if not _HANGUL.search(term) and letters(term)]
        self._hangul = _shelf(hangul)
        self._latin = _shelf(latin)
        self._acronyms: dict[str, list[str]] = {}
        for term in hangul + [term for term in latin if len(term) <= _LONGEST_ACRONYM]:
            if spelled := spelled_out(term) if _HANGUL.search(term) else letters(term):
                self._acronyms.setdefault(spelled, []).append(term)

    def search(self, word: str, limit: int = 5, threshold: float = THRESHOLD) -> list[tuple[str, float]]:
        """The terms of the other script that sound like ``word`` with their similarity, best first.

        At most ``limit`` terms, none below ``threshold`` (0 to 1). ``word`` may be a run of a few words.
        """
        word = unicodedata.normalize("NFC", word)
        korean = bool(_HANGUL.search(word))
        spelled = spelled_out(word) if korean else letters(word)
        terms = dict.fromkeys(t for t in self._acronyms.get(spelled, ()) if bool(_HANGUL.search(t)) != korean)
        terms |= dict.fromkeys((self._latin if korean else self._hangul).candidates(_keys(word)))
        pairs = ((word, term) if korean else (term, word) for term in terms)
        found = [(term, similarity(*pair, threshold)) for term, pair in zip(terms, pairs, strict=True)]
        kept = [pair for pair in found if pair[1] >= threshold]
        return sorted(kept, key=lambda pair: (-pair[1], pair[0]))[:limit]


def _shelf(terms: Sequence[str]) -> Shelf:
    """``terms`` under their key and, where letters have a second reading, under that too."""
    keyed = [(term, key(term)) for term in terms]
    keyed += [(t, other) for t, k in keyed if not _HANGUL.search(t) and (other := second_classes(letters(t))) != k]
    return Shelf([term for term, _ in keyed], [k for _, k in keyed])


def _keys(word: str) -> list[str]:
    """The keys under which ``word`` may stand: as it is, as pronounced, and as a person with the words turned round."""
    found = [key(order) for order in (word, pronounce(word), *_turned(word))]
    if not _HANGUL.search(word):
        found += [second_classes(letters(order)) for order in (word, *_turned(word))]
    for family, given in _families(word):
        found += [key(family) + key(given), key(given) + key(family)]
    return found


def _turned(word: str) -> Iterator[str]:
    words = word.split()
    if len(words) > 1:
        yield " ".join(words[1:] + words[:1])
    if len(words) > 2:
        yield " ".join(words[-1:] + words[:-1])


def _families(word: str) -> Iterator[tuple[str, str]]:
    """(surname as the other script writes it, given name) where ``word`` may be a Korean person."""
    words = word.replace("-", " ").split()
    if _is_person(word):
        variants = weights().surnames[word[0]]
        for family in sorted(variants, key=lambda v: -variants[v])[:_VARIANTS]:
            yield family, word[1:]
    elif len(words) in (2, 3):
        for family, given in ((words[0], words[1:]), (words[-1], words[:-1])):
            for hangul in _surnames().get(letters(family), ()):
                yield hangul, "".join(given)


def _is_person(hangul: str) -> bool:
    return 2 <= len(hangul) <= 4 and " " not in hangul and hangul[0] in weights().surnames


@functools.cache
def _surnames() -> dict[str, list[str]]:
    """Hangul surnames by their Latin spelling, likeliest first."""
    pairs = [(weight, hangul, v) for hangul, variants in weights().surnames.items() for v, weight in variants.items()]
    found: dict[str, list[str]] = {}
    for _, hangul, variant in sorted(pairs, reverse=True):
        found.setdefault(variant, []).append(hangul)
    return {variant: hangul[:_VARIANTS] for variant, hangul in found.items()}


@functools.lru_cache(maxsize=4096)
def _sounds(hangul: str) -> tuple[str, ...]:
    """The jamo of ``hangul`` as written and, where assimilation changes them, as pronounced."""
    return tuple(dict.fromkeys((jamo(hangul), jamo(pronounce(hangul)))))


def _as_person(hangul: str, latin: str) -> float:
    """The weight of ``latin`` as a Korean person's name: a surname by its own table, in front or at the end."""
    table, words = weights(), latin.replace("-", " ").split()
    if len(words) < 2 or not _is_person(hangul):
        return -math.inf
    variants, best = table.surnames[hangul[0]], -math.inf
    for family, given in ((words[0], words[1:]), (words[-1], words[:-1])):
        if (weight := variants.get(letters(family))) is not None:
            given_weight = max(align(s, letters("".join(given)), table.chunks) for s in _sounds(hangul[1:]))
            best = max(best, weight + given_weight)
    return best


def _logistic(values: Sequence[float]) -> float:
    exponent = sum(f * v for f, v in zip(weights().calibration, values, strict=True))
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, exponent))))
