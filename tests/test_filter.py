"""Asking some of the documents: nothing is found in, or said from, any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from pages import article
from rag import Assistant, Filter, Settings

QUESTION = "K-바이오 랩 허브의 사업비는 얼마인가요?"


@pytest.fixture(scope="module")
def assistant(samples_home: Path) -> Assistant:
    return Assistant.from_settings(Settings(samples_home))


@pytest.mark.parametrize(
    ("only", "admitted"),
    [
        (Filter(), True),
        (Filter(languages=frozenset({"ko"})), True),
        (Filter(languages=frozenset({"en"})), False),
        (Filter(publishers=frozenset({"하늘신문", "바다일보"})), True),
        (Filter(publishers=frozenset({"바다일보"})), False),
        (Filter(articles=frozenset({"a1"})), True),
        (Filter(articles=frozenset({"a2"})), False),
        (Filter(since="2024-05-03", until="2024-05-03"), True),
        (Filter(since="2024-05-04"), False),
        (Filter(until="2024-05-02"), False),
        (Filter(languages=frozenset({"ko"}), publishers=frozenset({"바다일보"})), False),
    ],
)
def test_every_part_must_be_met(only: Filter, admitted: bool) -> None:
    assert only.admits(article(publisher="하늘신문", published="2024-05-03")) is admitted


@pytest.mark.parametrize("only", [Filter(since="2000-01-01"), Filter(until="2100-01-01")])
def test_an_undated_article_meets_no_limit(only: Filter) -> None:
    assert not only.admits(article())


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_search_stays_in_its_language(assistant: Assistant, language: str) -> None:
    hits = assistant.search(QUESTION, limit=50, only=Filter(languages=frozenset({language})))
    assert hits and {assistant.article(hit.article_id).language for hit in hits} == {language}
    asked = [article for article in assistant.articles() if article.language == language]
    passages = {
        hit.article_id for hit in assistant.search(QUESTION, limit=500, only=Filter(languages=frozenset({language})))
    }
    assert passages == {article.id for article in asked}  # the dense leg reaches every one of them


def test_an_answer_is_said_from_the_chosen_articles_alone(assistant: Assistant) -> None:
    free = assistant.ask(QUESTION)
    first = free.citations[0].article_id
    chosen = assistant.ask(QUESTION, only=Filter(articles=frozenset({first})))
    assert chosen.status == "answered" and {c.article_id for c in chosen.citations} == {first}
    others = frozenset(a.id for a in assistant.articles()) - {first}
    without = assistant.ask(QUESTION, only=Filter(articles=others))
    assert first not in {c.article_id for c in without.citations} | {hit.article_id for hit in without.hits}


def test_a_range_without_articles_is_refused_and_finds_nothing(assistant: Assistant) -> None:
    nobody = Filter(since="1900-01-01", until="1900-12-31")
    answer = assistant.ask(QUESTION, only=nobody)
    assert (answer.status, answer.hits) == ("no_evidence", ())
    assert assistant.search(QUESTION, only=nobody) == ()
