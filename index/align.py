"""Learn term translation probabilities from parallel text: ``python -m index.align --data ../shared``.

IBM Model 1 (Brown et al. 1993, *The Mathematics of Statistical Machine Translation*, section 4.1), trained by
expectation maximisation in both directions over search terms, so that the table speaks the index's own vocabulary.
The result, ``index/lexicon/probabilities.tsv.gz``, holds one row per pair that either direction gives a fair share:
``korean<TAB>english<TAB>p(english|korean)<TAB>p(korean|english)``. Beside it, ``phrases.tsv.gz`` holds the hand-made
lexicon in search terms, so that a start need not analyse 24,560 rows, and ``frequencies.tsv.gz`` says in how many of
this project's own news-like texts and questions a term occurs, which tells common words from telling ones.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from index.terms import analyse

ITERATIONS = 6
MIN_COUNT = 2  # a term seen once aligns with whatever stands beside it
MIN_SHARE = 0.04  # shares below this are mostly noise of long sentences
MAX_TERMS = 60
HAND_MADE = ("core.tsv", "economy.tsv", "society.tsv", "state.tsv")
LEXICON_WEIGHT = 3  # a lexicon row is hand-made evidence: it counts as this many sentences
PERMITTED = ("pydocs", "tfdocs", "reactdocs", "msdocs")  # sources whose terms allow derived weights to ship

log = logging.getLogger(__name__)
Pair = tuple[list[str], list[str]]


def pairs(data: Path, lexicon: Path) -> Iterator[Pair]:
    """Analysed (Korean, English) pairs of the permitted sources below ``data`` and the rows of ``lexicon``."""
    with gzip.open(data / "data" / "parallel.train.tsv.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            korean, english, source = line.rstrip("\n").split("\t")[:3]
            if source.startswith(PERMITTED):
                yield _terms(korean), _terms(english)
    for line in (data / "data" / "sentences.tsv").read_text(encoding="utf-8").splitlines():
        yield from [(_terms(line.split("\t")[0]), _terms(line.split("\t")[1]))] * LEXICON_WEIGHT
    with (data / "data" / "passages.jsonl").open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % 10:  # every tenth passage is kept back to measure on
                row = json.loads(line)
                yield _terms(row["ko"]), _terms(row["en"])
                yield from ((_terms(q["ko"]), _terms(q["en"])) for q in row["questions"])
    for path in (lexicon / name for name in HAND_MADE):
        for line in path.read_text(encoding="utf-8").splitlines():
            korean, english = line.split("\t")
            combined = [(_terms(k), _terms(e)) for k in korean.split("|") for e in english.split("|")]
            yield from combined * LEXICON_WEIGHT


def _terms(text: str) -> list[str]:
    return [str(term) for term in analyse(text) if term.tag not in ("compound", "number")][:MAX_TERMS]


def phrases(lexicon: Path) -> list[str]:
    """The rows of ``lexicon`` as search terms: ``ko terms<TAB>en terms``, one row per pair of variants, sorted."""
    rows: set[str] = set()
    for path in (lexicon / name for name in HAND_MADE):
        for line in path.read_text(encoding="utf-8").splitlines():
            korean, english = line.split("\t")
            lefts, rights = ([" ".join(_terms(v)) for v in side.split("|")] for side in (korean, english))
            rows.update(f"{k}\t{e}" for k in lefts for e in rights if k and e)
    return sorted(rows)


def frequencies(data: Path) -> list[str]:
    """``term<TAB>document frequency`` over the project's own sentences, passages and questions; first the total."""
    counts: Counter[str] = Counter()
    texts = [line.split("\t")[:2] for line in (data / "data" / "sentences.tsv").read_text("utf-8").splitlines()]
    for number, line in enumerate((data / "data" / "passages.jsonl").read_text("utf-8").splitlines()):
        if number % 10:
            row = json.loads(line)
            texts += [[row["ko"], row["en"]], *([q["ko"], q["en"]] for q in row["questions"])]
    for pair in texts:
        for text in pair:
            counts.update({str(term) for term in analyse(text) if term.tag not in ("compound", "number")})
    rows = sorted(f"{term}\t{count}" for term, count in counts.items() if count >= MIN_COUNT)
    return [f"\t{len(texts)}", *rows]


def learn(corpus: list[Pair]) -> dict[tuple[str, str], float]:
    """Model 1 probabilities p(target|source) for every (source, target) that co-occurs in ``corpus``."""
    source_ids, target_ids = _vocabulary(p[0] for p in corpus), _vocabulary(p[1] for p in corpus)
    sources, targets, groups = _cells(corpus, source_ids, target_ids)
    cell_keys = sources.astype(np.int64) * len(target_ids) + targets
    unique, cell_pair = np.unique(cell_keys, return_inverse=True)
    pair_source = (unique // len(target_ids)).astype(np.int32)
    share = np.full(len(unique), 1.0 / len(target_ids))
    for iteration in range(ITERATIONS):
        weight = share[cell_pair]
        weight /= np.bincount(groups, weight)[groups]  # each target term is explained by its sentence's sources
        counts = np.bincount(cell_pair, weight, minlength=len(unique))
        share = counts / np.bincount(pair_source, counts)[pair_source]
        log.info("iteration %d of %d", iteration + 1, ITERATIONS)
    source_names, target_names = list(source_ids), list(target_ids)
    kept = np.flatnonzero(share >= MIN_SHARE / 4)
    return {
        (source_names[unique[i] // len(target_ids)], target_names[unique[i] % len(target_ids)]): float(share[i])
        for i in kept
    }


def _vocabulary(texts: Iterator[list[str]]) -> dict[str, int]:
    counts = Counter(term for text in texts for term in text)
    return {term: i for i, term in enumerate(sorted(t for t, n in counts.items() if n >= MIN_COUNT))}


def _cells(
    corpus: list[Pair], source_ids: dict[str, int], target_ids: dict[str, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One cell for each (source, target) of each pair, with the number of the target occurrence it explains."""
    sources, targets, groups = [], [], []
    group = 0
    for source, target in corpus:
        left = np.array([source_ids[t] for t in source if t in source_ids], dtype=np.int32)
        right = np.array([target_ids[t] for t in target if t in target_ids], dtype=np.int32)
        if len(left) and len(right):
            sources.append(np.tile(left, len(right)))
            targets.append(np.repeat(right, len(left)))
            groups.append(np.repeat(np.arange(group, group + len(right), dtype=np.int32), len(left)))
            group += len(right)
    return np.concatenate(sources), np.concatenate(targets), np.concatenate(groups)


def main() -> None:
    """Learn both directions and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared"))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "lexicon")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    lexicon = Path(__file__).parent / "lexicon"
    _write(arguments.out / "phrases.tsv.gz", phrases(lexicon))
    _write(arguments.out / "frequencies.tsv.gz", frequencies(arguments.data))
    corpus = list(pairs(arguments.data, lexicon))
    log.info("%d pairs", len(corpus))
    forward = learn(corpus)
    backward = learn([(english, korean) for korean, english in corpus])
    both = sorted(set(forward) | {(k, e) for e, k in backward})
    rows = [(k, e, forward.get((k, e), 0.0), backward.get((e, k), 0.0)) for k, e in both]
    # A pair counts only when each side gives the other some share: one-sided pairs are garbage collectors.
    kept = [r for r in rows if min(r[2], r[3]) > 0 and max(r[2], r[3]) >= MIN_SHARE]
    lines = [f"{k}\t{e}\t{p_english:.3f}\t{p_korean:.3f}" for k, e, p_english, p_korean in kept]
    _write(arguments.out / "probabilities.tsv.gz", lines)


def _write(path: Path, lines: list[str]) -> None:
    """Write ``lines`` compressed, byte for byte the same for the same lines."""
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as out:
        out.write("".join(line + "\n" for line in lines).encode())
    log.info("%d rows to %s", len(lines), path)


if __name__ == "__main__":
    main()
