"""What makes a search quick must not change what it finds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import corpus as reading
from index.corpus import DATABASE, Corpus
from index.embed import load_encoder
from index.lexical import best
from index.manifest import Manifest
from rag import Assistant, Filter
from rag.match import Annotations

QUESTIONS = (
    "K-바이오 랩 허브의 사업비는 얼마인가요?",
    "How many firms met startups in Boston on April 28?",
    "규제 완화",
)


@pytest.fixture(scope="module")
def samples(samples_home: Path) -> Iterator[Corpus]:
    corpus = Corpus(samples_home, load_encoder())
    yield corpus
    corpus.vectors.close()


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(1, 12))
@settings(max_examples=200, deadline=None)
def test_the_best_are_those_of_a_stable_sort(scores: list[int], limit: int) -> None:
    values = np.array(scores, dtype=np.float32)
    assert best(values, limit).tolist() == np.argsort(-values, kind="stable")[:limit].tolist()


def test_what_is_kept_of_sentences_is_what_analysing_them_gives(samples: Corpus) -> None:
    kept, analysed = Annotations(samples), Annotations(samples)
    kept.recall(samples.passages)
    assert len(samples.annotations(samples.passages)) == len(samples.passages) > 14
    for passage in samples.passages:
        article = samples.article(passage.article_id)
        assert kept.heading(article) == analysed.heading(article) != frozenset()
        assert (article.id, passage.sentences[-1]) in kept._kept
        for span in passage.sentences:
            assert kept.terms(article, span) == analysed.terms(article, span)


def test_an_index_of_the_earlier_layout_finds_the_same(own_samples: Path, samples: Corpus) -> None:
    """It keeps nothing of the sentences, so that they are analysed as before."""
    with closing(sqlite3.connect(own_samples / DATABASE)) as database:
        database.executescript("ALTER TABLE passages DROP COLUMN annotation; PRAGMA user_version = 2;")
    earlier = Corpus(own_samples, load_encoder())
    assert earlier.annotations(earlier.passages) == {}
    for question in QUESTIONS:
        assert Assistant(earlier).search(question) == Assistant(samples).search(question)
    earlier.vectors.close()


def test_the_nearest_sentence_of_a_passage_is_that_of_its_sentences_vectors(samples: Corpus) -> None:
    (asked,) = load_encoder().encode([QUESTIONS[0]])
    ids = [passage.id for passage in samples.passages]
    found = samples.best_sentences([*ids, "nothing:0"], asked)
    assert np.isnan(found[-1]) and len(found) == len(ids) + 1
    for passage, cosine in list(zip(samples.passages, found[:-1], strict=True))[:8]:
        text = samples.article(passage.article_id).text
        apart = load_encoder().encode([text[start:end] for start, end in passage.sentences]) @ asked
        assert cosine == pytest.approx(float(apart.max()), abs=0.01)  # they are kept in a byte a number


def test_sentences_that_mean_what_is_asked_stand_out(samples: Corpus) -> None:
    found = Assistant(samples).evidence(QUESTIONS[0])
    meant = [item.features["meaning"] for item in found]
    assert all(0.0 <= value <= 1.0 for value in meant) and len(set(meant)) > len(meant) // 4
    (best,) = {item.features["meaning_best"] for item in found}
    assert best == max(meant) > 0.3
    (asked,) = load_encoder().encode([QUESTIONS[0]])
    nearest = max(found, key=lambda item: float(load_encoder().encode([item.text])[0] @ asked))
    assert nearest.features["meaning"] == pytest.approx(best, abs=0.05)


def test_where_no_sentences_are_kept_a_passage_is_found_by_its_own_vector(own_samples: Path) -> None:
    with closing(sqlite3.connect(own_samples / DATABASE)) as database:
        database.executescript("DROP TABLE sentences; PRAGMA user_version = 3;")
    earlier = Corpus(own_samples, load_encoder())
    ids = [passage.id for passage in earlier.passages]
    assert np.isnan(earlier.best_sentences(ids, np.ones(earlier.encoder.dimensions))).all()
    assert all(Assistant(earlier).search(question) for question in QUESTIONS)
    assert {item.features["meaning"] for item in Assistant(earlier).evidence(QUESTIONS[0])} == {0.0}
    earlier.vectors.close()


def test_nothing_is_taken_from_another_generation(samples_home: Path, samples: Corpus) -> None:
    ids = [passage.id for passage in samples.passages]
    with closing(Manifest(samples_home / DATABASE)) as manifest:
        assert len(manifest.annotations(ids, manifest.generation)) == len(ids)
        assert manifest.annotations(ids, manifest.generation + 1) == {}


@pytest.mark.parametrize(
    "only", [Filter(languages=frozenset({"ko"})), Filter(since="2023-05-10"), Filter(publishers=frozenset({"nobody"}))]
)
def test_both_ways_to_look_among_some_passages_find_the_same(
    samples: Corpus, only: Filter, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for few in (0, 10**9):  # never by the engine's own filter, and always
        monkeypatch.setattr(reading, "FEW", few)
        found.append([Assistant(samples).search(question, only=only) for question in QUESTIONS])
    assert found[0] == found[1]
    assert any(found[0]) == (not only.publishers)
