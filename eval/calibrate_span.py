"""Learn which words of a sentence answer: ``python -m eval.calibrate_span`` writes ``rag/span.json``.

The questions are those of bilingual lessons, each with the sentence that answers and the words in it that do, in either
language; each is put in both languages to the sentence in both. All figures reported come from leaving one fifth of the
lessons out: no question is judged by trees that have learned from its report.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval import metrics, origin
from eval.sets import LANGUAGES
from index.quantity import agree, quantities
from rag import span
from rag.intent import Kind, wants_figure
from rag.judge import Boosted

LESSONS = origin.ROOT / "index" / "training" / "lessons"
FOLDS = 5
_SENTENCE = re.compile(r"(?<=[.!?])[\"'”’]?\s+")
_TRIM = re.compile(r"^(?:the|an?|약|about)\s|(?:에서|으로|에게|이다|은|는|이|가|을|를|의|에)$|[\s\"'“”‘’.,]", re.I)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Case:
    """One question put to the sentence that answers it: its candidates' features, and which of them are right."""

    report: int
    kind: Kind
    direction: str
    features: list[span.Features]
    right: list[bool]


def read(files: Sequence[Path]) -> Iterator[Case]:
    """Cases of every lesson with answers in ``files``."""
    number = 0
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            lesson = json.loads(line)
            number += 1
            for question in lesson["questions"]:
                if "answer_ko" in question:
                    yield from _cases(number, lesson, question)


def _cases(number: int, lesson: dict[str, Any], question: dict[str, Any]) -> Iterator[Case]:
    for told in LANGUAGES:
        answer = question[f"answer_{told}"]
        sentence = _sentence(lesson[told], question.get("sentence"), answer)
        for asked in LANGUAGES:
            kind = span.sought(question[asked], asked)
            found = span.candidates(sentence, question[asked], kind, None)
            if found:
                rows = span.describe(found, sentence, question[asked], asked, kind)
                right = [_right(candidate, sentence, answer, kind) for candidate in found]
                yield Case(number, kind, f"{asked}→{told}", rows, right)


def _sentence(text: str | list[str], number: int | None, answer: str) -> str:
    if isinstance(text, list):
        return text[number or 0]
    return next((s for s in _SENTENCE.split(text) if answer in s), text)


def _right(candidate: span.Candidate, sentence: str, answer: str, kind: Kind) -> bool:
    if wants_figure(kind):
        stated, own = quantities(answer), candidate.figures
        return len(stated) == len(own) and all(map(agree, stated, own))
    one, other = _plain(span.slice_of(candidate, sentence)), _plain(answer)
    return (
        one == other or min(len(one), len(other)) >= 0.7 * max(len(one), len(other)) and (one in other or other in one)
    )


def _plain(text: str) -> str:
    return metrics.normalise(_TRIM.sub("", text))


def learn(cases: Sequence[Case], names: Sequence[str]) -> Boosted:
    """Trees that tell right candidates from others."""
    from sklearn.ensemble import GradientBoostingClassifier

    held = [case for case in cases if any(case.right)]
    rows = np.array([[row[name] for name in names] for case in held for row in case.features])
    labels = np.array([label for case in held for label in case.right])
    model = GradientBoostingClassifier(
        n_estimators=120, learning_rate=0.08, max_depth=3, subsample=0.5, min_samples_leaf=15, max_features=0.4, random_state=0
    ).fit(rows, labels)  # fmt: skip
    share = float(labels.mean())
    trees = [nested(stage[0].tree_, 0, model.learning_rate, names) for stage in model.estimators_]
    return Boosted(round(float(np.log(share / (1 - share))), 5), trees)


def nested(tree: Any, node: int, rate: float, names: Sequence[str]) -> Any:
    """A scikit-learn tree over the features ``names`` as nested lists, leaves scaled by ``rate``."""
    if tree.children_left[node] < 0:
        return round(float(tree.value[node][0][0]) * rate, 6)
    sides = [nested(tree, int(child[node]), rate, names) for child in (tree.children_left, tree.children_right)]
    return [names[tree.feature[node]], round(float(tree.threshold[node]), 6), *sides]


def measure(cases: Sequence[Case], names: Sequence[str]) -> list[tuple[Case, float, bool]]:
    """For each case the chance of its best candidate and whether that is right, judged by trees of other reports."""
    judged = []
    for fold in range(FOLDS):
        model = learn([case for case in cases if case.report % FOLDS != fold], names)
        for case in (case for case in cases if case.report % FOLDS == fold):
            chances = [model(row) for row in case.features]
            best = int(np.argmax(chances))
            judged.append((case, chances[best], case.right[best]))
    return judged


def summary(judged: Sequence[tuple[Case, float, bool]]) -> dict[str, Any]:
    """By kind and by direction: cases, the share in which some candidate is right, the best one is, leads, leads right."""
    groups: dict[str, list[tuple[Case, float, bool]]] = defaultdict(list)
    for entry in judged:
        groups[entry[0].kind].append(entry)
        groups[entry[0].direction].append(entry)
    report = {}
    for name, group in groups.items():
        leads = [float(right) for case, chance, right in group if chance >= span.LEAST[wants_figure(case.kind)]]
        shares: dict[str, float] = {
            "cases": len(group),
            "a candidate is right": float(np.mean([any(case.right) for case, *_ in group])),
            "the best is right": float(np.mean([right for *_, right in group])),
            "led with": len(leads) / len(group),
            "leads right": float(np.mean(leads or [0.0])),
        }
        report[name] = {told: round(share, 3) for told, share in shares.items()}
    return report


def main() -> int:
    """Learn, measure and write the trees."""
    parser = argparse.ArgumentParser("python -m eval.calibrate_span", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=span.LEARNED)
    parser.add_argument("--lessons", type=Path, nargs="*", default=[], help="more lessons, as .jsonl")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    cases = list(read([*sorted(LESSONS.glob("reading*.jsonl")), *arguments.lessons]))
    log.info("%d cases", len(cases))
    figures, named = ([c for c in cases if wants_figure(c.kind) == wanted] for wanted in (True, False))
    judged = [*measure(figures, span.FIGURE_FEATURES), *measure(named, span.NAME_FEATURES)]
    report = summary(judged)
    models = {"figure": learn(figures, span.FIGURE_FEATURES), "name": learn(named, span.NAME_FEATURES)}
    data = {"report": report, **{n: {"bias": m.bias, "trees": m.trees} for n, m in models.items()}}
    arguments.out.write_text(json.dumps(data, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write("".join(f"{name:14} {row}\n" for name, row in report.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
