"""Metrics against independent twins: trec_eval (by ir-measures), scikit-learn, SciPy, and definitions written out slowly."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from eval import metrics
from eval.sets import Question
from rag.types import Answer, Citation

ITEMS = [f"p{i}" for i in range(12)]
rankings = st.permutations(ITEMS)
relevants = st.sets(st.sampled_from(ITEMS), min_size=1)

TEXT = "송도에 4만㎡ 규모로 짓는다. It opens in 2025."
TEXTS = {"a": TEXT}
QUESTION = Question("면적은?", "How large?", "number", (("4만㎡", "40,000 m2"), ("2025",)), ("one.md", "two.md"))


def citation(source: str = "one.md", start: int = 0, end: int = 16, quote: str | None = None) -> Citation:
    return Citation(1, "a", "", "", None, "ko", source, TEXT[start:end] if quote is None else quote, start, end)


def answer(text: str = "4만㎡, 2025년 [1]", status: str = "answered", *citations: Citation) -> Answer:
    cited = citations or ((citation(),) if status == "answered" else ())
    return Answer("면적은?", "면적은?", "ko", status, text, "extractive", cited)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("2,700억 원", "2700억원"),
        ("40,000㎡", "40000 m2"),
        ("２０２５", "2025"),
        ("270 Billion\nwon", "270billionwon"),
        (unicodedata.normalize("NFD", "송도"), "송도"),
        ("다\u00a0쏘", "다쏘"),
    ],
)
def test_normalise_equates_what_differs_in_form_only(left: str, right: str) -> None:
    assert metrics.normalise(left) == metrics.normalise(right)


def test_normalise_keeps_what_carries_meaning() -> None:
    assert metrics.normalise("5.9") != metrics.normalise("59")
    assert metrics.normalise("-3%") == "-3%"


@given(st.text())
def test_normalise_is_idempotent(text: str) -> None:
    once = metrics.normalise(text)
    assert metrics.normalise(once) == once
    assert "," not in once and not any(character.isspace() for character in once)


def test_a_right_answer_has_no_problem() -> None:
    assert metrics.problems(answer(), QUESTION, TEXTS) == ()
    assert metrics.problems(answer("40,000 M2 by 2025"), QUESTION, TEXTS) == ()


def test_a_citation_of_another_source_beside_an_acceptable_one_is_right() -> None:
    both = answer("4만㎡ 2025", "answered", citation("other.md"), citation("two.md"))
    assert metrics.problems(both, QUESTION, TEXTS) == ()


@pytest.mark.parametrize(
    ("given_answer", "expected"),
    [
        (answer("4만㎡"), ("fact 2",)),
        (answer("아직 모릅니다"), ("fact 1", "fact 2")),
        (answer("4만㎡ 2025", "answered", citation("other.md")), ("source",)),
        (answer("4만㎡ 2025", "answered", citation(), citation(quote="4만㎡")), ("quote",)),
        (answer("4만㎡ 2025" + "." * 693), ("length",)),
        (answer("4만㎡ 2025", "no_evidence"), ("refused",)),
    ],
)
def test_each_problem_is_named(given_answer: Answer, expected: tuple[str, ...]) -> None:
    assert metrics.problems(given_answer, QUESTION, TEXTS) == expected


def test_seven_hundred_characters_are_allowed() -> None:
    text = "4만㎡ 2025"
    assert metrics.problems(answer(text + "." * (700 - len(text))), QUESTION, TEXTS) == ()


def test_an_answer_without_citations_has_no_acceptable_source() -> None:
    bare = Answer("q", "q", "ko", "answered", "4만㎡ 2025", "extractive")
    assert metrics.problems(bare, QUESTION, TEXTS) == ("source",)


def test_an_unanswerable_question_is_right_only_when_refused() -> None:
    question = Question("?", "?", "number", (), (), answerable=False, why="off-topic")
    assert metrics.problems(answer(status="no_evidence"), question, TEXTS) == ()
    assert metrics.problems(answer(), question, TEXTS) == ("answered",)


@given(st.integers(-5, len(TEXT) + 5), st.integers(-5, len(TEXT) + 5))
def test_verbatim_is_the_slice_and_nothing_else(start: int, end: int) -> None:
    inside = start in range(len(TEXT)) and end in range(len(TEXT) + 1)
    slow = inside and "".join(TEXT[i] for i in range(start, end)) != ""
    assert metrics.is_verbatim(citation(start=start, end=end), TEXTS) == slow


@pytest.mark.parametrize("bad", [citation(quote=""), citation(quote=TEXT[:15]), citation(quote=TEXT[1:17])])
def test_other_quotes_are_not_verbatim(bad: Citation) -> None:
    assert metrics.is_verbatim(citation(), TEXTS)
    assert not metrics.is_verbatim(bad, TEXTS)


def test_a_quote_of_an_unknown_article_is_not_verbatim() -> None:
    assert not metrics.is_verbatim(citation(), {"b": TEXT})


@given(rankings, relevants, st.integers(1, 14))
def test_recall_counts_each_relevant_item_by_its_rank(ranked: list[str], relevant: set[str], k: int) -> None:
    slow = sum(1 for item in relevant if ranked.index(item) + 1 <= k) / len(relevant)
    assert metrics.recall_at(k, ranked, relevant) == pytest.approx(slow)


@given(rankings, relevants)
def test_reciprocal_rank_is_one_over_the_best_rank(ranked: list[str], relevant: set[str]) -> None:
    slow = max(1 / (ranked.index(item) + 1) for item in relevant)
    assert metrics.reciprocal_rank(ranked, relevant) == pytest.approx(slow)
    assert metrics.reciprocal_rank([], relevant) == 0.0


@given(rankings, relevants, st.integers(1, 12))
def test_ndcg_is_scikit_learns(ranked: list[str], relevant: set[str], k: int) -> None:
    gains = np.array([[float(item in relevant) for item in ITEMS]])
    scores = np.array([[-float(ranked.index(item)) for item in ITEMS]])
    assert metrics.ndcg_at(k, ranked, relevant) == pytest.approx(ndcg_score(gains, scores, k=k))


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.sampled_from(["q1/ko", "q2/en", "q3/ko/2"]), st.tuples(rankings, relevants), min_size=1))
def test_retrieval_metrics_are_those_of_trec_eval(asked: dict[str, tuple[list[str], set[str]]]) -> None:
    """Question by question and in the mean, whatever the order and the number of relevant items."""
    ir_measures = pytest.importorskip("ir_measures")
    RR, R, nDCG = ir_measures.RR, ir_measures.R, ir_measures.nDCG
    ours = {
        R @ 1: lambda ranked, relevant: metrics.recall_at(1, ranked, relevant),
        R @ 5: lambda ranked, relevant: metrics.recall_at(5, ranked, relevant),
        RR: metrics.reciprocal_rank,
        nDCG @ 10: lambda ranked, relevant: metrics.ndcg_at(10, ranked, relevant),
    }
    qrels = {name: dict.fromkeys(relevant, 1) for name, (_, relevant) in asked.items()}
    run = {name: {item: 1 / rank for rank, item in enumerate(ranked, 1)} for name, (ranked, _) in asked.items()}
    for found in ir_measures.iter_calc(list(ours), qrels, run):
        assert ours[found.measure](*asked[found.query_id]) == pytest.approx(found.value)
    means = ir_measures.calc_aggregate(list(ours), qrels, run)
    for measure, score in ours.items():
        assert metrics.ratio([[score(*pair)] for pair in asked.values()]).value == pytest.approx(means[measure])


def test_an_item_ranked_twice_gains_once() -> None:
    assert metrics.ndcg_at(10, ["a", "a", "b"], {"a", "b"}) == pytest.approx(1.0)
    assert metrics.recall_at(2, ["a", "a"], {"a", "b"}) == 0.5


def test_nothing_relevant_is_an_error() -> None:
    for measure in (
        metrics.reciprocal_rank,
        lambda r, w: metrics.recall_at(1, r, w),
        lambda r, w: metrics.ndcg_at(1, r, w),
    ):
        with pytest.raises(ValueError, match="relevant"):
            measure(["a"], set())


@settings(deadline=None, max_examples=10)
@given(st.lists(st.sampled_from([0.0, 1.0]), min_size=20, max_size=60).filter(lambda v: 0 < sum(v) < len(v)))
def test_bootstrap_of_single_values_is_scipys_percentile_interval(values: list[float]) -> None:
    low, high = metrics.bootstrap([[value] for value in values], resamples=5000)
    twin = scipy.stats.bootstrap((values,), np.mean, method="percentile", n_resamples=5000, rng=1).confidence_interval
    assert low == pytest.approx(twin.low, abs=1.5 / len(values))  # one question's worth, and a little
    assert high == pytest.approx(twin.high, abs=1.5 / len(values))


def test_bootstrap_draws_whole_groups() -> None:
    """Ten copies of each value say nothing new: the interval stays as wide as that of one copy."""
    values = [1.0] * 12 + [0.0] * 8
    copied = metrics.bootstrap([[value] * 10 for value in values])
    assert copied == metrics.bootstrap([[value] for value in values])
    apart = metrics.bootstrap([[value] for value in values for _ in range(10)])
    assert apart[1] - apart[0] < 0.5 * (copied[1] - copied[0])


def test_bootstrap_weighs_groups_by_their_size() -> None:
    low, high = metrics.bootstrap([[1.0, 1.0, 1.0], [0.0]])
    assert (low, high) == (0.0, 1.0)
    assert metrics.ratio([[1.0, 1.0, 1.0], [0.0]]).value == 0.75


def test_intervals_are_reproducible_and_seeded() -> None:
    groups = [[float(i % 3 == 0)] for i in range(50)]
    assert metrics.bootstrap(groups) == metrics.bootstrap(groups)
    assert metrics.bootstrap(groups, seed=1) != metrics.bootstrap(groups, seed=2)


def test_a_ratio_counts_and_a_ratio_of_nothing_is_none() -> None:
    found = metrics.ratio([[1.0], [], [0.0, 1.0]])
    assert found.value == pytest.approx(2 / 3) and (found.count, found.n) == (2.0, 3)
    assert found.low is not None and found.high is not None and found.low <= 2 / 3 <= found.high
    assert metrics.ratio([[], []]) == metrics.Ratio(None, None, None, 0.0, 0)
    with pytest.raises(ValueError, match="no value"):
        metrics.bootstrap([[]])


def test_percentiles() -> None:
    assert metrics.percentile([4.0, 1.0, 3.0, 2.0], 50) == 2.5
    assert metrics.percentile([], 95) is None


def test_spearman_agrees_with_scipy_ties_included() -> None:
    drawn = np.random.default_rng(3)
    left, right = drawn.integers(0, 6, 200), drawn.normal(size=200)
    found = metrics.spearman(left + 0.0, right + left)
    assert found.value == pytest.approx(scipy.stats.spearmanr(left, right + left).statistic)
    assert found.low < found.value < found.high and found.n == 200
