"""Learns ``lexicon/sounds.tsv``: hard EM (Viterbi alignment counts) over names written in both scripts.

It starts from the consonant classes of :func:`index.sounds.key`. Each round aligns every pair with the weights so far
and counts the chunks used and the merger of each two neighbours, so that longer chunks (션 = tion) grow where they pay.
Pairs that fit worst are left out: many are translations or other names, not transliterations.

    python -m index.sounds_learn names.tsv.gz [--source wikidata-person-names] [--weights PATH]

Of the names, those whose checksum is 0 modulo 16 are never looked at, so that they can measure the result; those with
1 fit the calibration of :func:`index.transliteration.similarity`; the rest teach the weights.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import logging
import math
import random
import unicodedata
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from index import transliteration
from index.sounds import (
    MAX_JAMO,
    MAX_LETTERS,
    UNSEEN,
    WEIGHTS,
    Chunks,
    Weights,
    align,
    classes,
    jamo,
    letters,
    weights,
)  # fmt: skip

log = logging.getLogger(__name__)

Pair = tuple[str, str]
# Nats per symbol below which a pair is taken for a translation or another name, not a transliteration.
MISFIT = 0.25
ROUNDS = 5
LEAST_COUNT = 3
# Names, and as many of their words, that fit the calibration.
SAMPLE = 700
# The fit sees the worst look-alikes of a large vocabulary; most pairs met in use are further apart. So its log odds are
# moved up until 0.5 keeps nine true words in ten, and made steeper to use the range up to 1.
PRIOR, STEEPNESS = 1.27, 1.5
FOLDS, MEASURE, CALIBRATE = 16, 0, 1
ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def seed() -> dict[str, dict[str, float]]:
    """First weights, by rule: equal classes agree, any vowel may stand for any vowel, the rest is left out."""
    vowels = [chr(c) for c in range(0x1161, 0x1176)]
    symbols = [chr(c) for c in (*range(0x1100, 0x1113), *range(0x11A8, 0x11C3)) if chr(c) != "\u110b"]
    spellings = ["".join(s) for size in (1, 2) for s in itertools.product(ALPHABET, repeat=size)]
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for sound in symbols + vowels:
        found[sound][""] = -0.5 if sound == "\u1173" else -3.0
        for spelling in spellings:
            if classes(spelling) == classes(sound):
                found[sound][spelling] = 2.0
            elif sound in vowels and set(spelling) <= set("aeiouyw"):
                found[sound][spelling] = 0.5
    found[""] = {c: -2.0 if c in "aeiouyhw" else -3.0 for c in ALPHABET}
    return found


def path(sounds: str, spelling: str, chunks: Chunks) -> list[Pair]:
    """The chunks along the best alignment, in order; empty where there is none."""
    best: dict[tuple[int, int], tuple[float, tuple[int, int]]] = {(0, 0): (0.0, (0, 0))}
    inserted = chunks.get("", {})
    for i, j in itertools.product(range(len(sounds) + 1), range(len(spelling) + 1)):
        if (i, j) not in best:
            continue
        score = best[i, j][0]
        steps = [((i, j + 1), inserted.get(spelling[j], UNSEEN))] if j < len(spelling) else []
        for a in range(i + 1, min(i + MAX_JAMO, len(sounds)) + 1):
            choices = chunks.get(sounds[i:a], {"": UNSEEN} if a == i + 1 else {})
            for b in range(j, min(j + MAX_LETTERS, len(spelling)) + 1):
                if (weight := choices.get(spelling[j:b])) is not None:
                    steps.append(((a, b), weight))
        for place, weight in steps:
            if place not in best or best[place][0] < score + weight:
                best[place] = (score + weight, (i, j))
    return _trace(sounds, spelling, best)


def _trace(sounds: str, spelling: str, best: dict[tuple[int, int], tuple[float, tuple[int, int]]]) -> list[Pair]:
    place, found = (len(sounds), len(spelling)), []
    while place in best and place != (0, 0):
        start = best[place][1]
        found.append((sounds[start[0] : place[0]], spelling[start[1] : place[1]]))
        place = start
    return found[::-1]


def readings(hangul: str, latin: str) -> list[list[Pair]]:
    """The ways in which the words of a name may pair up, as (Hangul, Latin) words; one-word names split a surname."""
    korean, words = hangul.split(), latin.replace("-", " ").split() if " " not in hangul else latin.split()
    if len(korean) == len(words):
        turned = words[-1:] + words[:-1]
        return [list(zip(korean, order, strict=True)) for order in ([words] if len(words) == 1 else [words, turned])]
    if len(korean) == 1 and 2 <= len(hangul) <= 4 and len(words) in (2, 3):
        family, given = hangul[0], hangul[1:]
        return [[(family, words[0]), (given, "".join(words[1:]))], [(family, words[-1]), (given, "".join(words[:-1]))]]
    return []


def learn(names: Iterable[Pair]) -> tuple[Chunks, Chunks]:
    """Chunk and surname weights from (Hangul, Latin) names."""
    options = [r for hangul, latin in names if (r := readings(hangul, latin))]
    chunks: Chunks = seed()
    surnames: Chunks = {}
    for turn in range(ROUNDS):
        pairs, families = _choose(options, chunks)
        final = turn == ROUNDS - 1
        chunks, surnames = _weigh(pairs, families, chunks, LEAST_COUNT if final else 2, merge=not final)
        log.info("round %d: %d pairs, %d chunks", turn + 1, len(pairs), sum(map(len, chunks.values())))
    return chunks, surnames


def _choose(options: Sequence[list[list[Pair]]], chunks: Chunks) -> tuple[set[Pair], Counter[Pair]]:
    """The word pairs of the better reading of each name that fit, and how often each surname was spelled how."""
    cache: dict[Pair, float] = {}
    pairs, families = set(), Counter[Pair]()

    def score(pair: Pair) -> float:
        if pair not in cache:
            cache[pair] = align(jamo(pair[0]), letters(pair[1]), chunks)
        return cache[pair]

    for option in options:
        reading = max(option, key=lambda r: sum(map(score, r)))
        split = len(option) == 2 and len(reading[0][0]) == 1 and len(reading) == 2
        if split and score(reading[1]) >= MISFIT * len(letters(reading[1][1])):
            families[reading[0][0], letters(reading[0][1])] += 1
        for hangul, latin in reading[1:] if split else reading:
            if score((hangul, latin)) >= MISFIT * (len(jamo(hangul)) + len(letters(latin))):
                pairs.add((jamo(hangul), letters(latin)))
    return pairs, families


def _weigh(
    pairs: Iterable[Pair], families: Counter[Pair], chunks: Chunks, least: int, *, merge: bool
) -> tuple[Chunks, Chunks]:
    used, merged, sounds, spellings = Counter[Pair](), Counter[Pair](), Counter[str](), Counter[str]()
    for sound, spelling in pairs:
        sounds.update(sound)
        spellings.update(spelling)
        steps = path(sound, spelling, chunks)
        used.update(steps)
        merged.update((a + c, b + d) for (a, b), (c, d) in itertools.pairwise(steps))
    if merge:
        fitting = {p: n for p, n in merged.items() if len(p[0]) <= MAX_JAMO and len(p[1]) <= MAX_LETTERS and p[0]}
        used |= Counter(fitting)
    total, jamo_total, letter_total = used.total(), sounds.total(), spellings.total()

    def weight(pair: Pair, count: int) -> float:
        expected = sum(math.log(sounds[c] / jamo_total) for c in pair[0] if sounds[c])
        expected += sum(math.log(spellings[c] / letter_total) for c in pair[1] if spellings[c])
        return math.log(count / total) - expected

    return (
        _table({p: weight(p, n) for p, n in used.items() if n >= least or len(p[0] + p[1]) == 1}),
        _table({p: weight((jamo(p[0]), p[1]), n) for p, n in families.items() if n >= LEAST_COUNT}),
    )


def _table(weights: dict[Pair, float]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for (sound, spelling), value in sorted(weights.items()):
        found[sound][spelling] = round(value, 1)
    return dict(found)


def calibrate(names: Sequence[Pair], vocabulary: Sequence[str]) -> tuple[float, ...]:
    """Logistic factors of :func:`index.transliteration.features`, from names against their nearest wrong terms."""
    index = transliteration.SoundIndex([*itertools.chain.from_iterable(names), *vocabulary])
    rows, labels, rng = [], [], random.Random(1)
    for hangul, latin in names:
        koreans = [term for term, _ in index.search(latin, 5, 0.0) if _differs(jamo(term), jamo(hangul))]
        latins = [term for term, _ in index.search(hangul, 5, 0.0) if _differs(letters(term), letters(latin))]
        wrong = [(term, latin) for term in koreans[:1]] + [(hangul, term) for term in latins[:1]]
        for pair in ((hangul, latin), *wrong, (hangul, rng.choice(names)[1])):
            size = len(jamo(pair[0])) + len(letters(pair[1]))
            weight = transliteration.evidence(*pair)
            if size and (pair != (hangul, latin) or weight >= MISFIT * size):
                rows.append(transliteration.features(weight, size))
                labels.append(float(pair == (hangul, latin)))
    constant, *slopes = _logistic_fit(np.array(rows), np.array(labels))
    return tuple(round(STEEPNESS * f, 4) for f in (constant + PRIOR, *slopes))


def _differs(one: str, other: str) -> bool:
    """Whether two terms are more than two spellings of one name (Johan, Johann)."""
    return Levenshtein.normalized_similarity(one, other) < 0.7


def _logistic_fit(rows: np.ndarray, labels: np.ndarray, ridge: float = 1e-3) -> tuple[float, ...]:
    """Newton's method (iteratively reweighted least squares) on (n, features) rows and (n,) labels of 0 and 1."""
    factors = np.zeros(rows.shape[1])
    for _ in range(30):
        expected = 1 / (1 + np.exp(-np.clip(rows @ factors, -30, 30)))
        curvature = (rows * (expected * (1 - expected))[:, None]).T @ rows + ridge * np.eye(rows.shape[1])
        factors += np.linalg.solve(curvature, rows.T @ (labels - expected) - ridge * factors)
    return tuple(float(f) for f in factors)


def save(table: Weights, path: Path) -> None:
    """Writes ``table`` as ``kind<TAB>key<TAB>spelling weight,...``; Hangul is composed so that people can read it."""
    lines = [
        "# Weights in nats of letters for sounds, learned from Wikidata person names (CC0) by index/sounds_learn.py.",
        "calibration\tfactors\t" + ",".join(f"f{n} {value}" for n, value in enumerate(table.calibration)),
    ]
    for kind, chunks in (("surname", table.surnames), ("chunk", table.chunks)):
        for name, choices in chunks.items():
            values = ",".join(f"{spelling} {weight}" for spelling, weight in choices.items())
            lines.append(f"{kind}\t{unicodedata.normalize('NFC', name)}\t{values}")
    path.write_text("\n".join(lines) + "\n", "utf-8")


def fold(pair: Pair) -> int:
    """Which of the 16 parts of the data a name belongs to; all its spellings in Latin letters share one."""
    return zlib.crc32(pair[0].encode()) % FOLDS


def read(path: Path, source: str) -> list[Pair]:
    """The (Hangul, Latin) names of ``source`` in a gzipped table of hangul, latin, source."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    return sorted({(row[0], row[1]) for row in rows if row[2] == source})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", type=Path)
    parser.add_argument("--source", default="wikidata-person-names")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    names = read(options.names, options.source)
    chunks, surnames = learn(n for n in names if fold(n) not in (MEASURE, CALIBRATE))
    save(Weights(chunks, surnames, (-4.0, 0.3, 0.2, 0.0)), options.weights)
    weights.cache_clear()
    random.Random(0).shuffle(names)
    held = [n for n in names if fold(n) == CALIBRATE][:SAMPLE]
    pairs = held + [w for n in held for w in _words(n)][:SAMPLE]
    vocabulary = itertools.chain.from_iterable((*n, *n[0].split(), *n[1].split()) for n in names[: 8 * SAMPLE])
    save(Weights(chunks, surnames, calibrate(pairs, list(vocabulary))), options.weights)


def _words(name: Pair) -> list[Pair]:
    korean, words = name[0].split(), name[1].split()
    return list(zip(korean, words, strict=True)) if len(korean) == len(words) > 1 else []


if __name__ == "__main__":
    main()
