"""Learn what evidence is worth: ``python -m eval.calibrate`` writes ``rag/calibration.json``.

Development questions, written for this and used for nothing else, are asked in both languages over the articles that
they were written about: those in ``eval/development`` and the bundled samples. Logistic models learn which sentence
holds the answer, and from the best one whether there is an answer. All figures reported come from leaving one folder out:
no question is judged by a model that has learned from its articles.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from eval import metrics, origin, sets
from eval.run import SAMPLES, indexed
from eval.sets import LANGUAGES
from rag.evidence import ANSWER_FEATURES, SCAN_FEATURES, SENTENCE_FEATURES
from rag.judge import CALIBRATION, Judge, Logistic, load
from rag.settings import Settings

DEVELOPMENT = origin.ROOT / "eval" / "development"
FALSE_REFUSALS = (
    0.0125  # answerable questions that the operating point refuses, left out; of real articles twice as many
)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Case:
    """One question in one language: the features of every sentence read for it, and which of them hold the answer."""

    folder: str
    answerable: bool
    features: list[dict[str, float]]
    holds: list[bool]


def read_all() -> list[Case]:
    """Cases of every development folder."""
    cases: list[Case] = []
    for folder in sorted(path for path in DEVELOPMENT.iterdir() if path.is_dir()):
        samples = tuple(SAMPLES / language for language in LANGUAGES)
        cases += read(folder.name, samples if folder.name == "samples" else (folder,))
        log.info("%s: %d cases so far", folder.name, len(cases))
    return cases


def read(name: str, documents: Sequence[Path]) -> list[Case]:
    """Cases of one folder of documents."""
    cases = []
    # Which passages are read closely is for the last calibration's scan to say; the other models are not known yet.
    unlearned = replace(load(), sentence=Logistic(0.0, {}))
    with tempfile.TemporaryDirectory() as home, indexed(Settings(Path(home)), documents, unlearned) as assistant:
        for entry in sets.load(DEVELOPMENT / name / "questions.jsonl"):
            question = entry.turns[0]
            for language in LANGUAGES:
                found = assistant.evidence(question.text(language))
                holds = [
                    question.answerable
                    and item.article.source in question.sources
                    and not metrics.missing_facts(item.text, question.facts)
                    for item in found
                ]
                if found:
                    cases.append(Case(name, question.answerable, [dict(item.features) for item in found], holds))
    return cases


def learn(cases: Sequence[Case]) -> Judge:
    """The models from ``cases``; the threshold is left at one half."""
    scan, sentence = _sentence(cases, SCAN_FEATURES), _sentence(cases, SENTENCE_FEATURES)
    rows = np.array([_top(case, sentence) for case in cases])
    answer = _logistic(rows, [case.answerable for case in cases], ANSWER_FEATURES, penalty=0.03)
    return Judge(scan, sentence, answer, 0.5)


def _sentence(cases: Sequence[Case], names: Sequence[str]) -> Logistic:
    held = [case for case in cases if any(case.holds)]
    table = np.array([[row[name] for name in names] for case in held for row in case.features])
    labels = [label for case in held for label in case.holds]
    return _logistic(table, labels, names, penalty=0.3, class_weight="balanced")


def _logistic(
    table: np.ndarray, labels: Sequence[bool], names: Sequence[str], penalty: float, class_weight: str | None = None
) -> Logistic:
    """A model of ``table`` (rows, names); ``penalty`` is scikit-learn's C, the smaller the stronger."""
    from sklearn.linear_model import LogisticRegression

    spread = np.maximum(table.std(axis=0), 1e-6)  # one penalty for all features needs one scale
    model = LogisticRegression(C=penalty, class_weight=class_weight, max_iter=5000).fit(table / spread, labels)
    weights = {name: round(float(w), 4) for name, w in zip(names, model.coef_[0] / spread, strict=True)}
    return Logistic(round(float(model.intercept_[0]), 4), weights)


def _top(case: Case, sentence: Logistic) -> list[float]:
    """The answer model's features of the sentence that ranks first."""
    chances = [sentence(row) for row in case.features]
    best = int(np.argmax(chances))
    return [chances[best] if name == "chance" else case.features[best][name] for name in ANSWER_FEATURES]


def measure(cases: Sequence[Case]) -> tuple[dict[str, float], float]:
    """What the models do on folders that they have not learned from, and the threshold for ``FALSE_REFUSALS``."""
    chances: list[tuple[bool, float]] = []
    first, third, answerable = 0, 0, 0
    for folder in sorted({case.folder for case in cases}):
        judge = learn([case for case in cases if case.folder != folder])
        for case in (case for case in cases if case.folder == folder):
            row = dict(zip(ANSWER_FEATURES, _top(case, judge.sentence), strict=True))
            chances.append((case.answerable, judge.answer(row)))
            if case.answerable:
                order = np.argsort([-judge.sentence(features) for features in case.features])
                answerable += 1
                first += case.holds[order[0]]
                third += any(case.holds[i] for i in order[:3])
    yes = np.array([chance for label, chance in chances if label])
    no = np.array([chance for label, chance in chances if not label])
    threshold = float(np.quantile(yes, FALSE_REFUSALS))
    report = {
        "cases": len(chances),
        "best sentence holds the answer": first / answerable,
        "one of the best three does": third / answerable,
        "AUROC": float(np.mean(yes[:, None] > no[None, :])),
    }
    for allowed in (0.01, 0.02, 0.03, 0.05, 0.1):
        report[f"refused at {allowed:.0%} false refusals"] = float(np.mean(no < np.quantile(yes, allowed)))
    return {name: round(value, 3) for name, value in report.items()}, threshold


def main() -> int:
    """Learn, measure and write the calibration."""
    parser = argparse.ArgumentParser("python -m eval.calibrate", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=CALIBRATION)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    cases = read_all()
    report, threshold = measure(cases)
    judge = learn(cases)
    data = {
        "report": report,
        "threshold": round(threshold, 4),
        "scan": {"bias": judge.scan.bias, "weights": judge.scan.weights},
        "sentence": {"bias": judge.sentence.bias, "weights": judge.sentence.weights},
        "answer": {"bias": judge.answer.bias, "weights": judge.answer.weights},
    }
    arguments.out.write_text(json.dumps(data, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
