"""What the cross-encoder learns from and is measured on: questions about reports, the sentence that answers known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from index.reading import Reading
from index.terms import sentences
from index.training import data

HELD_REPORTS = 16  # every so many reports of a file are measured on and never learnt from


@dataclass(frozen=True, slots=True)
class Exercise:
    """A question about a report, all in (Korean, English); ``sentence`` is the one that answers, or None."""

    question: data.Pair
    report: tuple[tuple[str, ...], tuple[str, ...]]
    sentence: int | None
    answer: data.Pair | None
    domain: str
    title: str


class Reads(Protocol):
    """What judges the sentences of passages by a question."""

    def read(self, question: str, passages: Sequence[Sequence[str]]) -> list[Reading]:
        """As :meth:`index.reading.CrossEncoder.read`."""
        ...


def read(corpus: data.Corpus) -> tuple[list[Exercise], list[Exercise]]:
    """Those to learn from and those held back, a report's and a passage's staying together."""
    learnt: list[Exercise] = []
    held: list[Exercise] = []
    counted: Counter[str] = Counter()
    for lesson in data.read_lessons():
        counted[lesson.domain] += 1  # file by file: another file leaves as it is what is held back of these
        number = counted[lesson.domain]
        found = [
            Exercise((q.ko, q.en), (lesson.ko, lesson.en), q.sentence, q.answer, lesson.domain, lesson.topic)
            for q in lesson.questions
        ]
        (learnt if number % HELD_REPORTS else held).extend(found)
    for number, passage in enumerate(corpus.passages):
        (learnt if number % data.HELD_BACK else held).extend(_about(passage))
    return learnt, held


def _about(passage: dict[str, Any]) -> list[Exercise]:
    """The questions of a passage whose words stand in the same one sentence of both languages."""
    ko, en = (tuple(passage[side][start:end] for start, end in sentences(passage[side])) for side in ("ko", "en"))
    if len(ko) != len(en):
        return []
    found = []
    for each in passage["questions"]:
        answer = (each["answer_ko"], each["answer_en"])
        where = [
            [n for n, text in enumerate(side) if words in text] for side, words in zip((ko, en), answer, strict=True)
        ]
        if len(where[0]) == 1 and where[0] == where[1]:
            found.append(Exercise((each["ko"], each["en"]), (ko, en), where[0][0], answer, passage["topic"], ""))
    return found


def measure(reader: Reads, held: Sequence[Exercise]) -> dict[str, float]:
    """On exercises not learnt from, by the languages of question and report.

    How often the likeliest sentence is the right one, and the area under the ROC curve of telling by its log-odds
    whether the report answers.
    """
    found: dict[str, float] = {}
    for asked, told in ((0, 0), (1, 1), (0, 1), (1, 0)):
        right: list[bool] = []
        best: dict[bool, list[float]] = {True: [], False: []}
        for each in held:
            odds = reader.read(each.question[asked], [each.report[told]])[0].odds
            best[each.sentence is not None].append(float(odds.max()))
            if each.sentence is not None:
                right.append(int(odds.argmax()) == each.sentence)
        name = f"{('ko', 'en')[asked]}-{('ko', 'en')[told]}"
        found[name] = round(float(np.mean(right)), 3)
        found[f"{name} AUROC"] = round(float(np.mean(np.greater.outer(best[True], best[False]))), 3)
    return found
