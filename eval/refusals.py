"""How well a system knows what it cannot answer: AUROC, the risk–coverage curve and the operating point. Pure functions.

A refusal counts as the positive finding: *recall* is the share of unanswerable questions that are refused, *precision*
the share of refusals that were due.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval.metrics import RESAMPLES, SEED, Ratio, interval, ratio

POINTS = 20  # of a recorded curve


@dataclass(frozen=True, slots=True)
class Reading:
    """One question put to one text. ``chance`` in [0, 1] is how sure the system was that it can answer.

    ``right`` says whether what it would answer is right, which is never so where there is no answer. Readings of one
    ``group``, such as a paragraph, fail together: intervals draw whole groups.
    """

    chance: float
    answerable: bool
    right: bool
    group: str


@dataclass(frozen=True, slots=True)
class Point:
    """Where questions below ``threshold`` are refused: ``coverage`` is the share answered, ``risk`` the share of wrong
    answers among these, ``recall`` the share of unanswerable questions refused, ``false_refusals`` that of answerable
    ones. All in [0, 1]; a share of nothing is 0."""

    threshold: float
    coverage: float
    risk: float
    recall: float
    false_refusals: float


def auroc(readings: Sequence[Reading]) -> Ratio:
    """The chance that an answerable question scores higher than an unanswerable one, ties counting half.

    The area under the ROC curve as the Mann–Whitney statistic (Hanley and McNeil 1982, Radiology 143), with a
    percentile bootstrap interval over groups. ``None`` where either side is empty; ``count`` is not counted.
    """
    chances = np.array([reading.chance for reading in readings])
    labels = np.array([reading.answerable for reading in readings], dtype=bool)
    if not labels.any() or labels.all():
        return Ratio(None, None, None, 0.0, len(readings))
    _, groups = np.unique([reading.group for reading in readings], return_inverse=True)
    draws = np.random.default_rng(SEED)
    count = int(groups.max()) + 1
    drawn = (np.bincount(draws.integers(0, count, count), minlength=count)[groups] for _ in range(RESAMPLES))
    order = np.argsort(chances, kind="stable")
    found = [area(chances[order], labels[order], weights[order].astype(float)) for weights in drawn]
    low, high = interval([value for value in found if value is not None])
    return Ratio(area(chances[order], labels[order], np.ones(len(order))), low, high, 0.0, len(readings))


def area(chances: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> float | None:
    """The area under the ROC curve of weighted readings, in ascending order of ``chances``, all of shape (readings,).

    ``None`` where one side weighs nothing.
    """
    _, place = np.unique(chances, return_inverse=True)
    yes = np.bincount(place, weights * labels)
    no = np.bincount(place, weights * ~labels)
    pairs = yes.sum() * no.sum()
    return float((yes * (np.cumsum(no) - no / 2)).sum() / pairs) if pairs else None


def point(readings: Sequence[Reading], threshold: float) -> Point:
    """What refusing below ``threshold`` does to ``readings``."""
    answered = [reading for reading in readings if reading.chance >= threshold]
    refused = [reading for reading in readings if reading.chance < threshold]
    unanswerable = sum(not reading.answerable for reading in readings)
    return Point(
        threshold=threshold,
        coverage=_share(len(answered), len(readings)),
        risk=_share(sum(not reading.right for reading in answered), len(answered)),
        recall=_share(sum(not reading.answerable for reading in refused), unanswerable),
        false_refusals=_share(sum(r.answerable for r in refused), len(readings) - unanswerable),
    )


def curve(readings: Sequence[Reading], points: int = POINTS) -> list[Point]:
    """The risk–coverage curve (El-Yaniv and Wiener 2010, JMLR 11), from full coverage down, at quantiles of the chance."""
    chances = [reading.chance for reading in readings]
    thresholds: Sequence[float] = (
        np.quantile(chances, np.arange(points) / points, method="higher").tolist() if chances else []
    )
    return [point(readings, threshold) for threshold in dict.fromkeys(thresholds)]


def recall(readings: Sequence[Reading], threshold: float) -> Ratio:
    """The share of unanswerable questions that are refused below ``threshold``, with its interval."""
    return _refused([reading for reading in readings if not reading.answerable], threshold)


def false_refusals(readings: Sequence[Reading], threshold: float) -> Ratio:
    """The share of answerable questions that are refused below ``threshold``, with its interval."""
    return _refused([reading for reading in readings if reading.answerable], threshold)


def _refused(readings: Sequence[Reading], threshold: float) -> Ratio:
    groups: dict[str, list[float]] = {}
    for reading in readings:
        groups.setdefault(reading.group, []).append(float(reading.chance < threshold))
    return ratio(list(groups.values()))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
