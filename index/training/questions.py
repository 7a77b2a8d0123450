"""Questions with the passages that answer them, as the encoder learns from them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from index.embed import load_words
from index.training.data import Lesson, Pair
from index.training.distractors import anchored

SECTIONS, LEAST_SECTION, SECTION = 6_000, 120, 700  # sections of documentation, and their characters
NEAREST = 12  # passages of like subject that are looked at for a group
TOGETHER = 4  # questions of a group


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and a passage that answers it, each in (Korean, English); ``of`` numbers what the passage consists of.

    Passages that share a number answer the same questions.
    """

    question: Pair
    passage: Pair
    of: frozenset[int]


def gather(passages: Iterable[dict[str, Any]], lessons: Sequence[Lesson], headings: Iterable[Pair]) -> list[Asked]:
    """The questions of our own passages and reports, and headings with their sections, which are in one language.

    A paragraph of an article of several stands by itself and together with its neighbours, as passages are longer than
    a report.
    """
    found: list[Asked] = []
    for passage in passages:
        of = frozenset([len(found)])
        found += [Asked((q["ko"], q["en"]), (passage["ko"], passage["en"]), of) for q in passage["questions"]]
    first = len(found)
    for number, lesson in enumerate(lessons):
        found += _asked(lesson, [lesson], frozenset([first + number]))
    for number, (one, other) in enumerate(pairwise(lessons)):
        if (one.domain, one.topic) == (other.domain, other.topic):
            of = frozenset([first + number, first + number + 1])
            found += [each for lesson in (one, other) for each in _asked(lesson, [one, other], of)]
    first += len(lessons)
    sections = [(heading, section) for heading, section in headings if len(section) > LEAST_SECTION][:SECTIONS]
    for number, (heading, section) in enumerate(sections):
        found.append(Asked((heading, heading), (section[:SECTION], section[:SECTION]), frozenset([first + number])))
    return found


def _asked(lesson: Lesson, told: Sequence[Lesson], of: frozenset[int]) -> list[Asked]:
    passage = (" ".join(s for each in told for s in each.ko), " ".join(s for each in told for s in each.en))
    return [Asked((question.ko, question.en), passage, of) for question in lesson.answered()]


def grouped(asked: Sequence[Asked], draw: random.Random) -> list[int]:
    """All numbers of ``asked`` in random order, up to :data:`TOGETHER` side by side whose passages are of like subject.

    So the passages that a question is told apart from are not only ones that any word tells apart. Questions that do
    not say what they are about stand alone: a passage of like subject would answer them as well.
    """
    waiting: dict[str, list[int]] = defaultdict(list)
    for number in draw.sample(range(len(asked)), len(asked)):
        waiting[asked[number].passage[1]].append(number)
    texts = list(waiting)
    place = {text: number for number, text in enumerate(texts)}
    vectors, last = load_words().encode(texts), min(NEAREST, len(texts) - 1)
    order: list[int] = []
    for number in draw.sample(range(len(asked)), len(asked)):
        text = asked[number].passage[1]
        if number not in waiting[text]:
            continue
        waiting[text].remove(number)
        group, of = [number], asked[number].of
        if not anchored(asked[number].question):
            order.append(number)
            continue
        for near in np.argpartition(-(vectors @ vectors[place[text]]), last)[:NEAREST]:
            left = waiting[texts[near]]
            if left and len(group) < TOGETHER and not asked[left[-1]].of & of and anchored(asked[left[-1]].question):
                of |= asked[left[-1]].of
                group.append(left.pop())
        order += group
    return order
