"""Revised Romanization of Korean: Hangul as it is pronounced, in plain Latin letters.

Source: National Institute of Korean Language, "Romanization of Korean" (Ministry of Culture and Tourism notice 2000-8).
Assimilation at syllable borders is written (종로 Jongno, 신라 Silla), tensing is not (압구정 Apgujeong), and an ㅎ
after ㄱ ㄷ ㅂ stays (묵호 Mukho). Readings that need a dictionary (그림엽서 with an inserted ㄴ) are not known here.
"""

from __future__ import annotations

import re
import unicodedata

Syllable = tuple[str, str, str]

_RUN = re.compile("[가-힣]+")
_ONSETS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_CODAS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
_ONSET_SPELLINGS = "g kk n d tt r m b pp s ss - j jj ch k t p h"
_VOWEL_SPELLINGS = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i"
_ONSET_LETTERS = dict(zip(_ONSETS, _ONSET_SPELLINGS.replace("-", "").split(" "), strict=True))
_VOWEL_LETTERS = dict(zip(_VOWELS, _VOWEL_SPELLINGS.split(), strict=True))
_CODA_LETTERS = {"": "", "ㄱ": "k", "ㄴ": "n", "ㄷ": "t", "ㄹ": "l", "ㅁ": "m", "ㅂ": "p", "ㅇ": "ng"}
# A coda of two consonants, as what stays and what moves to a following vowel.
_SPLIT = {
    "ㄳ": ("ㄱ", "ㅅ"), "ㄵ": ("ㄴ", "ㅈ"), "ㄶ": ("ㄴ", "ㅎ"), "ㄺ": ("ㄹ", "ㄱ"),
    "ㄻ": ("ㄹ", "ㅁ"), "ㄼ": ("ㄹ", "ㅂ"), "ㄽ": ("ㄹ", "ㅅ"), "ㄾ": ("ㄹ", "ㅌ"),
    "ㄿ": ("ㄹ", "ㅍ"), "ㅀ": ("ㄹ", "ㅎ"), "ㅄ": ("ㅂ", "ㅅ"),
}  # fmt: skip
# The seven codas that are told apart in speech.
_NEUTRAL = {
    **dict.fromkeys("ㄱㄲㄳㅋㄺ", "ㄱ"),
    **dict.fromkeys("ㄴㄵㄶ", "ㄴ"),
    **dict.fromkeys("ㄷㅅㅆㅈㅊㅌㅎ", "ㄷ"),
    **dict.fromkeys("ㄹㄼㄽㄾㅀ", "ㄹ"),
    **dict.fromkeys("ㅁㄻ", "ㅁ"),
    **dict.fromkeys("ㅂㅄㅍㄿ", "ㅂ"),
    "ㅇ": "ㅇ",
    "": "",
}
_ASPIRATED = {"ㄱ": "ㅋ", "ㄷ": "ㅌ", "ㅈ": "ㅊ"}
_PALATAL = {"ㄷ": "ㅈ", "ㅌ": "ㅊ"}
_NASAL = {"ㄱ": "ㅇ", "ㄷ": "ㄴ", "ㅂ": "ㅁ"}


def romanize(hangul: str) -> str:
    """``hangul`` in Revised Romanization, small letters; whatever is not Hangul stays as it is. 종로3가 → jongno3ga."""
    return _RUN.sub(lambda run: "".join(map(_letters, spoken(run.group()))).replace("lr", "ll"), _composed(hangul))


def pronounce(hangul: str) -> str:
    """``hangul`` respelled as it is pronounced: 종로 → 종노, 신라 → 실라, 독립문 → 동님문."""
    return _RUN.sub(lambda run: "".join(map(_compose, spoken(run.group()))), _composed(hangul))


def spoken(run: str) -> list[Syllable]:
    """The syllables of ``run`` (nothing but Hangul) as (onset, vowel, coda), after assimilation."""
    syllables = [_split(c) for c in run]
    for place in range(len(syllables) - 1):
        (onset, vowel, coda), (head, nucleus, tail) = syllables[place : place + 2]
        coda, head = _assimilate(*_link(coda, head, nucleus))
        syllables[place : place + 2] = [(onset, vowel, coda), (head, nucleus, tail)]
    return [(onset, vowel, _NEUTRAL[coda]) for onset, vowel, coda in syllables]


def _link(coda: str, head: str, nucleus: str) -> tuple[str, str]:
    """Liaison, palatalisation and ㅎ: what the coda hands to the next syllable."""
    stay, move = _SPLIT.get(coda, ("", coda))
    if move == "ㅎ" and head in _ASPIRATED:
        return stay, _ASPIRATED[head]
    if head == "ㅇ" and coda not in ("", "ㅇ"):
        if move == "ㅎ":
            return ("", stay) if stay else ("", "ㅇ")
        return stay, _PALATAL.get(move, move) if nucleus == "ㅣ" else move
    return coda, head


def _assimilate(coda: str, head: str) -> tuple[str, str]:
    """Nasals and liquids at the border."""
    coda = _NEUTRAL[coda]
    if head == "ㄹ" and coda in "ㄱㄷㅂㅁㅇ" and coda:
        head = "ㄴ"
    if (coda, head) in (("ㄴ", "ㄹ"), ("ㄹ", "ㄴ")):
        return "ㄹ", "ㄹ"
    if head in "ㄴㅁ":
        coda = _NASAL.get(coda, coda)
    return coda, head


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _split(syllable: str) -> Syllable:
    rest, coda = divmod(ord(syllable) - 0xAC00, 28)
    onset, vowel = divmod(rest, 21)
    return _ONSETS[onset], _VOWELS[vowel], _CODAS[coda]


def _compose(syllable: Syllable) -> str:
    onset, vowel, coda = syllable
    return chr(0xAC00 + (_ONSETS.index(onset) * 21 + _VOWELS.index(vowel)) * 28 + _CODAS.index(coda))


def _letters(syllable: Syllable) -> str:
    onset, vowel, coda = syllable
    return _ONSET_LETTERS[onset] + _VOWEL_LETTERS[vowel] + _CODA_LETTERS[coda]
