"""Three small learned models: which sentences to read closely, which of them answers, and whether any does.

Their numbers are in ``calibration.json``, learned by ``python -m eval.calibrate`` from the questions in
``eval/development``. Nothing here knows how a feature is measured.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CALIBRATION = Path(__file__).parent / "calibration.json"
Features = Mapping[str, float]
# A node of a decision tree: [feature, threshold, below or equal, above]; a leaf is its value.
Tree = Any


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic model over named features: ``1 / (1 + exp(-(bias + Σ weight × feature)))``."""

    bias: float
    weights: Features

    def __call__(self, features: Features) -> float:
        return _sigmoid(self.bias + sum(weight * features[name] for name, weight in self.weights.items()))


@dataclass(frozen=True, slots=True)
class Boosted:
    """Gradient-boosted trees over named features (Friedman 2001): ``1 / (1 + exp(-(bias + Σ leaf)))``."""

    bias: float
    trees: Sequence[Tree]

    def __call__(self, features: Features) -> float:
        return _sigmoid(self.bias + sum(_leaf(tree, features) for tree in self.trees))


@dataclass(frozen=True, slots=True)
class Judge:
    """The models and the operating point: the chance from which a question counts as answered.

    ``scan`` judges a sentence before it is read closely, ``sentence`` after.
    """

    scan: Logistic
    sentence: Logistic
    answer: Logistic
    threshold: float


def _leaf(tree: Tree, features: Features) -> float:
    while isinstance(tree, list):
        name, threshold, below, above = tree
        tree = below if features[name] <= threshold else above
    return float(tree)


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, value))))


@functools.cache
def load(path: Path = CALIBRATION) -> Judge:
    """The judge that ships."""
    data = json.loads(path.read_text(encoding="utf-8"))
    scan, sentence, answer = (
        Logistic(data[name]["bias"], data[name]["weights"]) for name in ("scan", "sentence", "answer")
    )
    return Judge(scan, sentence, answer, data["threshold"])
