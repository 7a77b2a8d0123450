"""Conversations over the bundled samples: a follow-up carries its topic, a new topic carries nothing of the old one."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval import sets
from eval.calibrate import DEVELOPMENT
from eval.dialogue import polluted
from index.types import Language
from rag.assistant import Assistant
from rag.settings import Settings
from rag.types import Answer, Turn

HUB = Turn("K-바이오 랩 허브의 부지는 얼마나 넓은가요?", "약 4만㎡입니다. [1]")
HUB_EN = Turn("How large is the site of the K-Bio Lab Hub?", "Roughly 40,000 square meters. [1]")
UL = Turn("UL 솔루션즈는 언제 설립됐나요?", "1894년입니다. [1]")
UL_EN = Turn("When was UL Solutions founded?", "In 1894. [1]")
LAB = frozenset({"songdo-bio-hub.md", "k-bio-lab-hub.md", "songdo-free-zone.md"})


@pytest.fixture(scope="module")
def assistant(samples_home: Path) -> Assistant:
    return Assistant.from_settings(Settings(samples_home))


def first(assistant: Assistant, answer: Answer) -> str:
    """The file that the best hit is from."""
    return assistant.article(answer.hits[0].article_id).source


@pytest.mark.parametrize(
    ("question", "before"),
    [
        ("그럼 비용은요?", HUB),
        ("언제 완공되나요?", HUB),
        ("아니, 면적 말고 사업비.", HUB),
        ("And the cost?", HUB_EN),
        ("When will it be finished?", HUB_EN),
        ("No, I meant the budget, not the area.", HUB_EN),
        ("When will it be finished?", HUB),
        ("그건 언제 완공되나요?", HUB_EN),
    ],
)
def test_a_follow_up_is_searched_for_where_its_topic_is(assistant: Assistant, question: str, before: Turn) -> None:
    assert first(assistant, assistant.ask(question, [before])) in LAB


@pytest.mark.parametrize(
    ("question", "before"),
    [
        ("그럼 모더나는 언제 설립됐나요?", UL),
        ("Then when was Moderna founded?", UL_EN),
        ("네거티브 규제란 무엇인가요?", UL),
        ("What is negative regulation?", UL_EN),
        ("유니콘은 몇 개인가요?", HUB),
    ],
)
def test_a_new_topic_leaves_the_old_one(assistant: Assistant, question: str, before: Turn) -> None:
    answer, alone = assistant.ask(question, [before]), assistant.ask(question)
    assert first(assistant, answer) == first(assistant, alone)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_question_that_stands_alone_is_answered_as_alone(assistant: Assistant, language: Language) -> None:
    entries = sets.load(DEVELOPMENT / "samples" / "questions.jsonl")[::8]
    assert [asked for asked in polluted(assistant, entries, language) if asked.problems] == []


def test_the_last_answer_is_given_again_in_the_language_asked_for(assistant: Assistant) -> None:
    question = "Who founded Boston Dynamics?"
    answer = assistant.ask(question)
    again = assistant.ask("한국어로 답해 주세요.", [Turn(question, answer.text)])
    assert (answer.language, again.language) == ("en", "ko")
    assert [hit.passage_id for hit in again.hits] == [hit.passage_id for hit in answer.hits]
    assert any("Raibert" in citation.quote for citation in again.citations)
