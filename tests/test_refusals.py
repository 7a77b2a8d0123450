"""Measures of refusal against scikit-learn and against definitions written out slowly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from eval import refusals
from eval.refusals import Reading

chances = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5000001, 0.9, 1.0])
readings = st.lists(
    st.builds(Reading, chances, st.booleans(), st.booleans(), st.sampled_from("abcd")), min_size=2, max_size=30
)


def measured(found: list[Reading]) -> tuple[float, float]:
    """AUROC's interval."""
    measure = refusals.auroc(found)
    assert measure.value is not None and measure.low is not None and measure.high is not None
    assert measure.low <= measure.value <= measure.high
    return measure.low, measure.high


def sound(found: list[Reading]) -> list[Reading]:
    """What is unanswerable cannot be answered rightly."""
    return [Reading(r.chance, r.answerable, r.right and r.answerable, r.group) for r in found]


@settings(deadline=None, max_examples=50)
@given(readings, st.data())
def test_the_area_is_that_of_scikit_learn(found: list[Reading], data: st.DataObject) -> None:
    ordered = sorted(found, key=lambda reading: reading.chance)
    labels, scores = np.array([r.answerable for r in ordered]), np.array([r.chance for r in ordered])
    weights = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(found), max_size=len(found))), dtype=float)
    assume(weights[labels].sum() and weights[~labels].sum())
    expected = roc_auc_score(labels, scores, sample_weight=weights)
    assert refusals.area(scores, labels, weights) == pytest.approx(expected)


def test_auroc_lies_in_its_interval_which_narrows_with_more_groups() -> None:
    few, many = ([Reading(i % 7 / 7, i % 3 > 0, False, f"g{i}") for i in range(size)] for size in (40, 400))
    low, high = measured(few)
    assert low < roc_auc_score([r.answerable for r in few], [r.chance for r in few]) < high
    narrow = measured(many)
    assert narrow[1] - narrow[0] < 0.5 * (high - low)


def test_auroc_of_one_side_alone_is_not_measured() -> None:
    assert refusals.auroc([Reading(0.5, True, True, "a")] * 3).value is None


def test_auroc_draws_whole_groups() -> None:
    """Readings that repeat within their group carry no more information than one each: the interval stays as wide."""
    single = [Reading(i % 7 / 7, i % 3 > 0, False, f"g{i}") for i in range(40)]
    repeated = [reading for reading in single for _ in range(10)]
    one, ten = measured(single), measured(repeated)
    assert ten[1] - ten[0] == pytest.approx(one[1] - one[0], rel=0.05)


@settings(deadline=None, max_examples=50)
@given(readings.map(sound), chances)
def test_a_point_is_what_counting_says(found: list[Reading], threshold: float) -> None:
    point = refusals.point(found, threshold)
    answered = [r for r in found if r.chance >= threshold]
    assert point.coverage == len(answered) / len(found)
    if answered:
        assert point.risk == pytest.approx(1 - sum(r.right for r in answered) / len(answered))
    for answerable, share, measure in (
        (False, point.recall, refusals.recall),
        (True, point.false_refusals, refusals.false_refusals),
    ):
        concerned = [r for r in found if r.answerable == answerable]
        if concerned:
            assert share == pytest.approx(sum(r.chance < threshold for r in concerned) / len(concerned))
            assert measure(found, threshold).value == pytest.approx(share)


@settings(deadline=None, max_examples=50)
@given(readings.map(sound))
def test_the_curve_falls_from_full_coverage(found: list[Reading]) -> None:
    curve = refusals.curve(found)
    assert curve[0].coverage == 1.0
    assert [p.coverage for p in curve] == sorted((p.coverage for p in curve), reverse=True)
    assert len({p.threshold for p in curve}) == len(curve)
