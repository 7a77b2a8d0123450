"""Reading-comprehension sets: a question, a paragraph, and whether and where the paragraph answers it.

SQuAD 1.1 (Rajpurkar et al. 2016), SQuAD 2.0 (Rajpurkar et al. 2018), KorQuAD 1.0 (Lim et al. 2019), and KorQuAD's
questions beside a paragraph that is near but holds no answer. Nothing here knows how a paragraph is read.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.bench.outcome import files
from eval.metrics import SEED
from index.types import Article, Language

FOLDER = "data/mrc"
SETS: Mapping[str, tuple[str, str]] = {
    "KorQuAD 1.0 dev": ("korquad-1.0-dev.jsonl.gz", "5,774 questions: korquad.github.io"),
    "SQuAD 1.1 dev": ("squad-1.1-dev.jsonl.gz", "10,570 questions: rajpurkar.github.io/SQuAD-explorer"),
    "SQuAD 2.0 dev": ("squad-2.0-dev.jsonl.gz", "11,873 questions: rajpurkar.github.io/SQuAD-explorer"),
}
WRONG = ("korquad-abstain.ids.tsv", "for each question of KorQuAD 1.0 dev a near paragraph that does not answer it")


@dataclass(frozen=True, slots=True)
class Case:
    """A question beside one paragraph. ``answers`` are strings of the paragraph; empty where it holds no answer."""

    id: str
    question: str
    paragraph: Article
    answers: tuple[str, ...]

    @property
    def answerable(self) -> bool:
        """Whether the paragraph answers the question."""
        return bool(self.answers)


def paths(data: Path) -> list[Path]:
    """The files of all sets.

    :raises EvalError: if one is not below ``data``.
    """
    return [path for name, what in (*SETS.values(), WRONG) for path in files(data, what, f"{FOLDER}/{name}")]


def load(data: Path, name: str, sample: int | None = None) -> list[Case]:
    """Cases of one of :data:`SETS`; see :func:`_drawn` for the sample.

    :raises EvalError: if the set is not below ``data``.
    """
    return [_case(row) for row in _drawn(_rows(data, name), sample)]


def beside_wrong(data: Path, sample: int | None = None) -> list[Case]:
    """KorQuAD's cases, the first half of what :func:`load` draws, each followed by its question beside a wrong paragraph.

    :raises EvalError: if the set is not below ``data``.
    """
    rows = _rows(data, "KorQuAD 1.0 dev")
    by_id = {row["id"]: row for row in rows}
    (pairs,) = files(data, WRONG[1], f"{FOLDER}/{WRONG[0]}")
    wrong = dict(line.split("\t") for line in pairs.read_text(encoding="utf-8").splitlines()[1:])
    cases = []
    for row in _drawn(rows, sample and sample // 2):
        other = by_id[wrong[row["id"]]]
        cases += [_case(row), Case(row["id"], row["question"], _article(other), ())]
    return cases


def _rows(data: Path, name: str) -> list[dict[str, Any]]:
    file, what = SETS[name]
    (path,) = files(data, what, f"{FOLDER}/{file}")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _drawn(rows: list[dict[str, Any]], sample: int | None) -> list[dict[str, Any]]:
    """The first ``sample`` questions of the paragraphs in the order of a seeded digest, which is the same in any set.

    Whole paragraphs, because the second question about one costs a quarter of the first; SQuAD 2.0's paragraphs are
    among SQuAD 1.1's, so that the two samples share theirs. Intervals must draw whole paragraphs too.
    """
    if sample is None:
        return rows
    return sorted(rows, key=lambda row: hashlib.sha256(f"{SEED}:{row['context']}".encode()).digest())[:sample]


def _case(row: Mapping[str, Any]) -> Case:
    answers = () if row["is_impossible"] else tuple(dict.fromkeys(row["answers"]))
    return Case(row["id"], row["question"], _article(row), answers)


def _article(row: Mapping[str, Any]) -> Article:
    """The paragraph; its id is that of its text, so that sets which share it agree."""
    name = hashlib.sha256(row["context"].encode()).hexdigest()[:16]
    language: Language = "ko" if row["lang"] == "ko" else "en"
    return Article(name, f"{name}.txt", "", language, row["context"], row["title"].replace("_", " "))
