"""How Hangul sounds are written in Latin letters: the learned weights, the alignment, and the learning itself.

The model is a joint multigram (Bisani and Ney, 2008, "Joint-sequence models for grapheme-to-phoneme conversion"): a
name and its spelling are cut into chunks of one or two jamo against none to three letters. A chunk's weight is its
pointwise mutual information, ``log p(jamo, letters) - log p(jamo) - log p(letters)``, so the sum along the best path
is a log likelihood ratio (nats) of "the same name" against "two unrelated words". It grows with length: two letters
that agree by accident earn little.

``lexicon/sounds.tsv`` holds the weights, learned by hard EM (Viterbi alignment counts) from person names in Wikidata
(CC0). Only aggregate weights are kept. To learn them anew from rows ``hangul<TAB>latin<TAB>source``::

    python -m index.sounds_learn names.tsv.gz
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

WEIGHTS = Path(__file__).parent / "lexicon" / "sounds.tsv"
MAX_JAMO, MAX_LETTERS = 2, 3
# Weight (nats) of a jamo or a letter that was never seen to be left out.
UNSEEN = -5.0
# What a letter or a digit inside a Korean term earns where the other word has it too.
ITSELF = 2.5
# A path that falls below this many nats is given up; two words with no path left score UNLIKE.
HOPELESS, UNLIKE = -12.0, -60.0
_SILENT_ONSET = "\u110b"
_JAMO = re.compile("[\u1100-\u1112\u1161-\u1175\u11a8-\u11c2a-z0-9]")
_OTHER = re.compile("[^a-z0-9]+")
_PLAIN = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})

Chunks = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Weights:
    """``chunks[jamo][letters]`` in nats ("" on one side: left out); ``surnames[hangul][letters]`` likewise.

    ``calibration`` are the factors of :func:`index.transliteration.similarity`, constant first.
    """

    chunks: Chunks
    surnames: Chunks
    calibration: tuple[float, ...]


@functools.cache
def weights(path: Path = WEIGHTS) -> Weights:
    """The weights at ``path``, read once.

    Raises:
        ValueError: a line is not ``kind<TAB>key<TAB>spelling weight, ...``; the message shows it.
    """
    tables: dict[str, dict[str, dict[str, float]]] = {"chunk": {}, "surname": {}, "calibration": {}}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.startswith("#"):
            continue
        try:
            kind, name, values = line.split("\t")
            sounds = jamo(name) if kind == "chunk" else name
            pairs = (value.split(" ") for value in values.split(","))
            tables[kind][sounds.strip()] = {spelling: float(weight) for spelling, weight in pairs}
        except (ValueError, KeyError):
            raise ValueError(f"{path}:{number}: expected kind, key and 'spelling weight,...', got {line!r}") from None
    factors = tables["calibration"].get("factors", {})
    return Weights(tables["chunk"], tables["surname"], tuple(factors.values()))


def jamo(text: str) -> str:
    """``text`` as conjoining jamo without the silent ㅇ; Latin letters and digits in it are kept, the rest dropped."""
    return "".join(map(_jamo, unicodedata.normalize("NFC", text)))


@functools.lru_cache(maxsize=16384)
def _jamo(character: str) -> str:
    plain = unicodedata.normalize("NFKD", character).lower().replace(_SILENT_ONSET, "")
    return "".join(_JAMO.findall(plain))


def letters(text: str) -> str:
    """``text`` as a-z and 0-9 without accents, case, spaces or marks."""
    plain = text.lower()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain.translate(_PLAIN))
    return _OTHER.sub("", plain)


_ONSETS = dict(zip("ᄀᄁᄂᄃᄄᄅᄆᄇᄈᄉᄊᄌᄍᄎᄏᄐᄑᄒ", "KKNTTLMPPSSCCCKTPH", strict=True))
# In the order of the code points: ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅘ ㅙ ㅚ ㅛ ㅜ ㅝ ㅞ ㅟ ㅠ ㅡ (none) ㅢ ㅣ.
_VOWELS = dict(zip(map(chr, range(0x1161, 0x1176)), [*"aeaeoeoeoaeeouoeiu", "", "i", "i"], strict=True))
_CODAS = dict(zip(map(chr, range(0x11A8, 0x11C3)), "KKKNNNTLLMLLLPLMPPTTNTTKTPH", strict=True))
_CLASS: dict[str, str] = {**_ONSETS, **_VOWELS, **_CODAS}
_GRAPHEMES = {
    "tsch": "C", "tch": "C", "sch": "S", "sh": "S", "tz": "C", "ts": "C", "cz": "C", "dj": "C", "zh": "C", "ch": "C",
    "ck": "K", "ph": "P", "th": "T", "ng": "N", "qu": "Ku", "dg": "C", "x": "KS",
    "b": "P", "c": "K", "d": "T", "f": "P", "g": "K", "h": "H", "j": "C", "k": "K", "l": "L", "m": "M", "n": "N",
    "p": "P", "q": "K", "r": "L", "s": "S", "t": "T", "v": "P", "w": "u", "y": "i", "z": "C",
}  # fmt: skip
_GRAPHEME = re.compile(
    r"(?P<soft>c(?=[eiy]))|(?P<silent>gh(?=t|$)|(?<=[aeiou])[rh](?![aeiouy]))|" + "|".join(_GRAPHEMES)
)
# Letters with a second common reading: Ruth, George, noise, machine.
_SECOND = [
    (re.compile("th"), "s"), (re.compile("d?g(?=[eiy])"), "j"), (re.compile("(?<=[aeiouy])s(?=[aeiouym])"), "z"),
    (re.compile("(?<=[aeiouy])ch(?=[aeiouy])|^ch"), "sh"), (re.compile("chr?"), "k"),
    (re.compile("^w|(?<=[aeiou])w(?=[aeiou])"), "v"),
]  # fmt: skip
_REPEAT = re.compile(r"(.)\1+")


def classes(plain: str) -> str:
    """Jamo or letters as sound classes comparable across scripts: consonants in capitals, vowels in small letters."""
    found = _GRAPHEME.sub(_grapheme, plain) if plain.isascii() else "".join(map(_class, plain))
    return _REPEAT.sub(r"\1", found)


def second_classes(plain: str) -> str:
    """As :func:`classes`, for letters whose other reading is as common (George, machine)."""
    for pattern, other in _SECOND:
        plain = pattern.sub(other, plain)
    return classes(plain)


def _class(symbol: str) -> str:
    return _CLASS.get(symbol, symbol)


def _grapheme(match: re.Match[str]) -> str:
    if match.lastgroup:
        return "S" if match.lastgroup == "soft" else ""
    return _GRAPHEMES[match.group()]


def align(sounds: str, spelling: str, chunks: Chunks, least: float = -math.inf) -> float:
    """The weight in nats of the best path that explains all of ``sounds`` (jamo) and ``spelling`` (letters).

    :param least: a weight below this need not be known, and any other below it may be returned. Paths that cannot
        reach it by what the remaining sounds earn at most are given up; ``chunks`` must then be those of :func:`weights`.
    """
    rows = [[-math.inf] * (len(spelling) + 1) for _ in range(len(sounds) + 1)]
    rows[0][0] = 0.0
    tails = _tails(spelling)
    left_out = chunks.get("", {})
    insertion = [left_out.get(letter, UNSEEN) for letter in spelling]
    least -= sum(weight for weight in insertion if weight > 0)
    floors = [HOPELESS] * len(rows) if least == -math.inf else [max(HOPELESS, least - hope) for hope in _hopes(sounds)]
    for i, (row, floor) in enumerate(zip(rows, floors, strict=True)):
        if max(row) <= floor:
            continue
        for j, weight in enumerate(insertion):
            if row[j + 1] < row[j] + weight:
                row[j + 1] = row[j] + weight
        hopeful = [(j, score) for j, score in enumerate(row) if score > floor]
        _push(hopeful, _options(sounds, i, rows, chunks), tails)
    return max(rows[-1][-1], UNLIKE)


def _options(
    sounds: str, i: int, rows: list[list[float]], chunks: Chunks
) -> list[tuple[Mapping[str, float], list[float]]]:
    """What the next one or two of ``sounds`` may be spelled as from ``i`` on, each with the row that it leads to."""
    options = [
        (choices, rows[i + size])
        for size in range(1, MAX_JAMO + 1)
        if i + size <= len(sounds) and (choices := chunks.get(sounds[i : i + size]))
    ]
    if i < len(sounds) and "" not in chunks.get(sounds[i], {}):
        # Also a letter or a digit inside a Korean term, which stands for itself.
        options.append(({"": UNSEEN, sounds[i]: ITSELF}, rows[i + 1]))
    return options


@functools.cache
def _most() -> Mapping[str, float]:
    """The greatest weight of each chunk of sounds."""
    return {sounds: max(choices.values()) for sounds, choices in weights().chunks.items()}


@functools.lru_cache(maxsize=4096)
def _hopes(sounds: str) -> tuple[float, ...]:
    """The most that ``sounds`` from each place on can earn, in nats; shape (len(sounds) + 1,)."""
    most, found = _most(), [0.0] * (len(sounds) + 1)
    for i in range(len(sounds) - 1, -1, -1):
        ways = [most[part] + found[i + len(part)] for part in (sounds[i], sounds[i : i + 2]) if part in most]
        found[i] = max([ITSELF + found[i + 1], *ways])
    return tuple(found)


def _push(
    hopeful: list[tuple[int, float]], options: list[tuple[Mapping[str, float], list[float]]], tails: Sequence[list[str]]
) -> None:
    for choices, target in options:
        for j, score in hopeful:
            end = j
            for chunk in tails[j]:
                weight = choices.get(chunk)
                if weight is not None and target[end] < score + weight:
                    target[end] = score + weight
                end += 1


@functools.lru_cache(maxsize=1024)
def _tails(spelling: str) -> tuple[list[str], ...]:
    """The chunks that may follow at each place in ``spelling``, shortest first; shape (len(spelling) + 1,)."""
    size = len(spelling)
    return tuple([spelling[i:end] for end in range(i, min(i + MAX_LETTERS, size) + 1)] for i in range(size + 1))
