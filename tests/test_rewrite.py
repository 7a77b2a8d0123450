"""Follow-up questions lean on earlier turns; stand-alone ones do not."""

from __future__ import annotations

import pytest

from rag.rewrite import leans, standalone
from rag.types import Turn

HUB = Turn("인천 송도의 랩 허브는 어떤 사업인가요?", "송도에 짓는 창업 지원 시설입니다. [1]")
HUB_EN = Turn("What is the lab hub in Songdo, Incheon?", "Minister Lee Young called it a one-stop service. [1]")


@pytest.mark.parametrize(
    "question",
    [
        "그럼 비용은요?",
        "그곳은 언제 완공되나요?",
        "누가 참석했나요?",
        "이 회의는 어디서 열렸습니까?",
        "그는 누구인가요?",
    ],
)
def test_korean_follow_up_leans(question: str) -> None:
    assert leans(question, "ko")


@pytest.mark.parametrize(
    "question", ["And the cost?", "When will it be finished?", "Who are they?", "What about the area?"]
)
def test_english_follow_up_leans(question: str) -> None:
    assert leans(question, "en")


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("2023년 한국의 수출 목표액은 얼마인가요?", "ko"),
        ("보스턴에서 열린 원탁회의에는 누가 참석했나요?", "ko"),
        ("How many researchers will Korea send to Boston every year?", "en"),
        ("Which company developed the mRNA vaccine in Massachusetts?", "en"),
    ],
)
def test_whole_question_stands_alone(question: str, language: str) -> None:
    assert not leans(question, language)  # type: ignore[arg-type]
    assert standalone(question, [HUB], language).context == ""  # type: ignore[arg-type]


def test_follow_up_takes_the_topic_of_the_turn_before() -> None:
    assert "랩 허브" in standalone("그럼 비용은요?", [HUB], "ko").context
    assert "Songdo" in standalone("When will it be finished?", [HUB_EN], "en").context


def test_chain_of_follow_ups_reaches_back_to_the_topic() -> None:
    history = [HUB, Turn("그럼 비용은요?", "약 2,700억 원입니다. [1]")]
    assert "송도" in standalone("완공은 언제죠?", history, "ko").context


def test_pronoun_may_stand_for_a_name_in_the_answer() -> None:
    assert "Lee" in standalone("What did she say about it?", [HUB_EN], "en").context


def test_no_history_no_context() -> None:
    assert standalone("그럼 비용은요?", [], "ko").context == ""
