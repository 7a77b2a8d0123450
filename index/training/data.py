"""What the bundled models learn from: the shared data under permitted terms, and the lessons written for this project.

Every tenth passage and sentence of our own data is held back to measure on. Nothing here reads a test set.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Pair = tuple[str, str]  # the Korean text and the English one; for headings, the heading and its section

PERMITTED = ("pydocs", "tfdocs", "reactdocs", "msdocs-")  # PSF-2.0, Apache-2.0, CC BY 4.0: weights may ship
NAMES = "wikidata-person-names"  # CC0
HELD_BACK = 10  # every tenth line of our own data is never trained on
LESSONS = Path(__file__).parent / "lessons"


@dataclass(frozen=True, slots=True)
class Corpus:
    """Pairs of texts that mean the same, by kind; ``passages`` holds all of them, the held-back tenth included."""

    pairs: dict[str, list[Pair]]
    lexicon: list[tuple[list[str], list[str]]]
    passages: list[dict[str, Any]]
    dev_sentences: list[Pair]

    def kept_passages(self) -> list[dict[str, Any]]:
        """The passages that may be trained on."""
        return [passage for number, passage in enumerate(self.passages) if number % HELD_BACK]


@dataclass(frozen=True, slots=True)
class Query:
    """A question in both languages, and which sentence of its report answers it: an index, or None if none does.

    ``answer`` holds the words of that sentence that answer, in Korean and in English, where they were marked.
    """

    ko: str
    en: str
    sentence: int | None
    answer: Pair | None = None


@dataclass(frozen=True, slots=True)
class Lesson:
    """A report of 5 to 7 sentences in both languages, sentence by sentence alike, and questions about it."""

    domain: str
    topic: str
    ko: tuple[str, ...]
    en: tuple[str, ...]
    questions: tuple[Query, ...]

    def answered(self) -> list[Query]:
        """The questions that one of the sentences answers."""
        return [question for question in self.questions if question.sentence is not None]

    def unanswered(self) -> list[Query]:
        """The questions that sound like the report and that it does not answer."""
        return [question for question in self.questions if question.sentence is None]


def rows(path: Path) -> Iterator[list[str]]:
    """Tab-separated cells of each line of a plain or gzipped file."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n").split("\t")


def read_corpus(data: Path) -> Corpus:
    """Everything permitted under ``data``, split into training pairs and the held-back tenth."""
    public = data / "data"
    sentences = [(cells[0], cells[1]) for cells in rows(public / "sentences.tsv")]
    passages = [json.loads(line) for line in (public / "passages.jsonl").read_text(encoding="utf-8").splitlines()]
    lexicon = [
        (cells[0].split("|"), cells[1].split("|"))
        for path in sorted((data / "lexicon").glob("*.tsv"))
        for cells in rows(path)
    ]
    kept = [passage for number, passage in enumerate(passages) if number % HELD_BACK]
    pairs = {
        "sentence": [pair for number, pair in enumerate(sentences) if number % HELD_BACK] + list(translations(kept)),
        "question": list(questions(kept)),
        "lexicon": [(ko, en) for left, right in lexicon for ko in left for en in right],
        "technical": list(technical(public)),
        "heading": list(headings(public)),
    }
    return Corpus(pairs, lexicon, passages, [pair for n, pair in enumerate(sentences) if n % HELD_BACK == 0])


def translations(passages: Iterable[dict[str, Any]]) -> Iterator[Pair]:
    """The passage and its questions, each with its translation."""
    for passage in passages:
        yield passage["ko"], passage["en"]
        for question in passage["questions"]:
            yield question["ko"], question["en"]


def questions(passages: Iterable[dict[str, Any]]) -> Iterator[Pair]:
    """Question and passage in all four directions."""
    for passage in passages:
        for question in passage["questions"]:
            for asked in ("ko", "en"):
                for told in ("ko", "en"):
                    yield question[asked], passage[told]


def technical(public: Path) -> Iterator[Pair]:
    """Sentence and paragraph translations of documentation under permitted terms."""
    for name in ("parallel.train.tsv.gz", "parallel.paragraphs.tsv.gz"):
        for cells in rows(public / name):
            if cells[2].startswith(PERMITTED):
                yield cells[0], cells[1]


def headings(public: Path) -> Iterator[Pair]:
    """Heading and section of documentation, machine translations left out."""
    with gzip.open(public / "qp.train.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["source"].startswith(PERMITTED) and not row["mt"]:
                yield row["query"], row["passage"][:1200]


def names(data: Path) -> list[Pair]:
    """Persons' names in both scripts."""
    return [(cells[0], cells[1]) for cells in rows(data / "data" / "dictionary.tsv.gz") if cells[2] == NAMES]


def read_lessons(folder: Path = LESSONS) -> list[Lesson]:
    """All lessons, one JSON object a line, in the order of their files.

    :raises ValueError: if a line is no lesson: its place, what is wrong, and what is expected.
    """
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                found.append(_lesson(path.stem, json.loads(line)))
            except (ValueError, KeyError, TypeError) as problem:
                wanted = "topic, ko and en of 5 to 7 sentences each, questions of ko, en and sentence (index or null)"
                raise ValueError(f"{path}, line {number} is no lesson ({problem!r}); expected {wanted}") from problem
    return found


def read_pairs(folder: Path = LESSONS) -> Iterator[Pair]:
    """Sentences of everyday and general language, which the reports lack, with their translation."""
    for path in sorted(folder.glob("*.tsv")):
        for cells in rows(path):
            yield cells[0], cells[1]


def _lesson(domain: str, row: dict[str, Any]) -> Lesson:
    asked = tuple(
        Query(
            each["ko"],
            each["en"],
            each["sentence"],
            (each["answer_ko"], each["answer_en"]) if "answer_ko" in each else None,
        )
        for each in row["questions"]
    )
    lesson = Lesson(domain, row["topic"], tuple(row["ko"]), tuple(row["en"]), asked)
    if len(lesson.ko) != len(lesson.en) or not 5 <= len(lesson.ko) <= 7:
        raise ValueError(f"{len(lesson.ko)} Korean and {len(lesson.en)} English sentences")
    wrong = [q.sentence for q in lesson.answered() if q.sentence not in range(len(lesson.ko))]
    if wrong or not lesson.answered():
        raise ValueError(f"questions point to sentences {wrong or 'never'} of {len(lesson.ko)}")
    for q in lesson.answered():
        told = (lesson.ko[q.sentence or 0], lesson.en[q.sentence or 0])
        if q.answer and not all(words in text for words, text in zip(q.answer, told, strict=True)):
            raise ValueError(f"sentence {q.sentence} does not hold the words {q.answer}")
    return lesson


def distillation(data: Path, corpus: Corpus, lessons: Iterable[Lesson], seed: int) -> dict[str, list[Pair]]:
    """Translations by kind, for a student that puts both sides where the teacher puts the English one."""
    drawn = random.Random(seed)
    sentences = [pair for pair in corpus.pairs["sentence"] if len(pair[0]) < 220]
    paragraphs = [(passage["ko"], passage["en"]) for passage in corpus.kept_passages()]
    for lesson in lessons:
        sentences += zip(lesson.ko, lesson.en, strict=True)
        sentences += [(question.ko, question.en) for question in lesson.questions]
        paragraphs.append((" ".join(lesson.ko), " ".join(lesson.en)))
    sentences += 2 * list(read_pairs())
    technical_ones = _sample(
        drawn, sorted({pair for pair in corpus.pairs["technical"] if _sentence_like(*pair)}), 25_000
    )
    paragraphs += _sample(drawn, _documentation(data), 2_000)
    plain = [pair for pair in names(data) if re.fullmatch("[가-힣0-9 ·]+", pair[0])]
    return {
        "sentence": sentences,
        "paragraph": paragraphs,
        "technical": technical_ones,
        "lexicon": sorted(set(corpus.pairs["lexicon"])),
        "name": _sample(drawn, plain, 20_000),
    }


def _sample(drawn: random.Random, pairs: list[Pair], most: int) -> list[Pair]:
    return drawn.sample(pairs, min(most, len(pairs)))


def _sentence_like(ko: str, en: str) -> bool:
    return 15 < len(ko) < 180 and len(en) < 350 and re.search("[가-힣]", ko) is not None


def _documentation(data: Path) -> list[Pair]:
    """Paragraphs of documentation about as long as a passage."""
    found = rows(data / "data" / "parallel.paragraphs.tsv.gz")
    return [(row[0], row[1]) for row in found if row[2].startswith(PERMITTED) and 200 < len(row[0]) < 600]
