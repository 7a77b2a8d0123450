"""BM25 against a slow and obvious twin; saving; the frequency of a unit."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.lexical import K1, B, LexicalIndex, Unit
from index.types import Language

TERMS = st.sampled_from(["a", "b", "c", "d", "e", "가", "나", "다"])
PASSAGES = st.lists(st.tuples(st.lists(TERMS, max_size=9), st.sampled_from(["ko", "en"])), max_size=8)
WEIGHTS = st.floats(0.01, 1.0)
UNITS = st.lists(
    st.builds(Unit, TERMS | st.just("unseen"), st.dictionaries(TERMS, WEIGHTS, max_size=3), WEIGHTS), max_size=4
)


def build(rows: list[tuple[list[str], Language]]) -> LexicalIndex:
    return LexicalIndex(iter(rows))


def twin(
    rows: list[tuple[list[str], Language]], units: list[Unit], asked: Language, cross_weight: float
) -> list[float]:
    """Robertson and Zaragoza (2009), eq. 3.15, with the frequencies of Darwish and Oard (2003), term by term."""
    scores = []
    for terms, language in rows:
        lengths = [len(other) for other, its in rows if its == language]
        mean = max(sum(lengths) / len(lengths), 1.0)
        score = 0.0
        for unit in units:
            wanted = [(unit.own, 1.0), *unit.cross.items()]
            df = min(sum(w * sum(t in other for other, _ in rows) for t, w in wanted), len(rows))
            tf = sum(w * terms.count(t) for t, w in wanted)
            idf = math.log(1 + (len(rows) - df + 0.5) / (df + 0.5))
            score += unit.importance * idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * len(terms) / mean))
        scores.append(score * (1.0 if language == asked else cross_weight))
    return scores


@given(PASSAGES, UNITS, st.sampled_from(["ko", "en"]), st.floats(0.1, 2))
@settings(max_examples=150, deadline=None)
def test_scores_equal_those_of_the_twin(
    rows: list[tuple[list[str], Language]], units: list[Unit], asked: Language, cross_weight: float
) -> None:
    scores = build(rows).scores(units, asked, cross_weight)
    assert scores.shape == (len(rows),) and scores.dtype == np.float32
    assert scores.tolist() == pytest.approx(twin(rows, units, asked, cross_weight), rel=1e-4, abs=1e-5)


@given(rows=PASSAGES, units=UNITS)
@settings(max_examples=40, deadline=None)
def test_a_saved_index_scores_the_same(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[list[str], Language]], units: list[Unit]
) -> None:
    path = tmp_path_factory.mktemp("lexical") / "lexical.npz"
    index = build(rows)
    index.save(path)
    loaded = LexicalIndex.load(path)
    assert len(loaded) == len(index) == len(rows)
    assert loaded.vocabulary == index.vocabulary
    for language in ("ko", "en"):
        assert np.array_equal(loaded.scores(units, language), index.scores(units, language))


def test_saving_replaces_what_was_there(tmp_path: Path) -> None:
    build([(["a"], "en")]).save(tmp_path / "x")
    build([(["b"], "en"), (["b"], "ko")]).save(tmp_path / "x")
    assert list(LexicalIndex.load(tmp_path / "x").vocabulary) == ["b"]


class TestUnits:
    rows: list[tuple[list[str], Language]] = [
        (["허브", "투자", "허브"], "ko"),
        (["hub", "invest"], "en"),
        (["hub", "cost"], "en"),
        (["비용"], "ko"),
    ]

    def test_frequency_is_the_weighted_sum_over_terms(self) -> None:
        index = build(self.rows)
        assert index.frequency(Unit("허브", {})) == 1.0
        assert index.frequency(Unit("허브", {"hub": 0.5})) == pytest.approx(2.0)
        assert index.frequency(Unit("unseen", {"hub": 0.25, "cost": 0.5})) == pytest.approx(1.0)
        assert index.frequency(Unit("unseen", {})) == 0.0

    def test_frequency_is_at_most_the_number_of_passages(self) -> None:
        everything = Unit("허브", dict.fromkeys(("hub", "invest", "cost", "투자", "비용"), 1.0))
        index = build(self.rows)
        assert index.frequency(everything) == len(self.rows)
        assert index.idf(everything) >= 0

    def test_a_translation_finds_the_other_language(self) -> None:
        scores = build(self.rows).scores([Unit("허브", {"hub": 0.5})], "ko")
        assert scores[0] > scores[1] > 0 and scores[3] == 0

    def test_the_weight_of_the_other_language(self) -> None:
        index, units = build(self.rows), [Unit("허브", {"hub": 0.5})]
        plain, doubled = index.scores(units, "ko"), index.scores(units, "ko", 2.0)
        assert doubled.tolist() == pytest.approx([plain[0], 2 * plain[1], 2 * plain[2], 0])
