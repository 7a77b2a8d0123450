"""Follow-up questions lean on earlier turns; stand-alone ones do not."""

from __future__ import annotations

import pytest

from index.types import Language
from rag.correction import correction
from rag.rewrite import leans, standalone
from rag.types import Turn

HUB = Turn("인천 송도의 랩 허브는 어떤 사업인가요?", "송도에 짓는 창업 지원 시설입니다. [1]")
HUB_EN = Turn("What is the lab hub in Songdo, Incheon?", "Minister Lee Young called it a one-stop service. [1]")
COST = Turn("수소터미널의 건설비는 얼마인가요?", "4,300억 원입니다. [1]")
COST_EN = Turn("What is the construction cost of the hydrogen terminal?", "430 billion won. [1]")


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
def test_whole_question_stands_alone(question: str, language: Language) -> None:
    assert not leans(question, language)
    assert standalone(question, [HUB], language).context == ()


def test_follow_up_takes_the_topic_of_the_turn_before() -> None:
    assert "랩 허브" in " ".join(standalone("그럼 비용은요?", [HUB], "ko").context)
    assert "Songdo" in " ".join(standalone("When will it be finished?", [HUB_EN], "en").context)


def test_chain_of_follow_ups_reaches_back_to_the_topic() -> None:
    history = [HUB, Turn("그럼 비용은요?", "약 2,700억 원입니다. [1]")]
    assert "송도" in " ".join(standalone("완공은 언제죠?", history, "ko").context)


def test_pronoun_may_stand_for_a_name_in_the_answer() -> None:
    assert "Lee" in " ".join(standalone("What did she say about it?", [HUB_EN], "en").context)


def test_no_history_no_context() -> None:
    assert standalone("그럼 비용은요?", [], "ko").context == ()


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("네거티브 규제란 무엇인가요?", "ko"),
        ("동부고속화도로의 길이는 몇 킬로미터인가요?", "ko"),
        ("태그는 어떤 기준으로 붙이고 어디에 저장하나요?", "ko"),
        ("What is negative regulation?", "en"),
        ("What does South Jeolla promise to commercialize in its zone?", "en"),
        ("Which certification body joined so that startups could try their products there?", "en"),
    ],
)
def test_a_pronoun_or_a_definition_inside_a_whole_question_does_not_lean(question: str, language: Language) -> None:
    assert not leans(question, language)


@pytest.mark.parametrize(
    ("question", "language", "history", "wanted", "kept", "rejected"),
    [
        ("아니, 비용 말고 면적.", "ko", COST, "면적.", "수소터미널", "건설비"),
        ("아니요, 면적을 물은 거예요, 비용 말고요.", "ko", COST, "면적", "수소터미널", "건설비"),
        ("No, I meant the area, not the cost.", "en", COST_EN, "the area", "hydrogen", "cost"),
        ("Not the cost, the area.", "en", COST_EN, "the area", "hydrogen", "cost"),
        ("No, I asked when it will be finished, not what it costs.", "en", COST_EN, "when it will be finished", "hydrogen", "cost"),
    ],
)  # fmt: skip
def test_a_correction_asks_for_the_other_side_of_the_same(
    question: str, language: Language, history: Turn, wanted: str, kept: str, rejected: str
) -> None:
    asked = standalone(question, [history], language)
    context = " ".join(asked.context)
    assert (asked.question, asked.lean) == (wanted, "surely")
    assert kept in context and rejected not in context


def test_a_correction_of_the_subject_asks_the_same_of_another() -> None:
    history = [Turn("경전철 2호선에는 얼마가 투입되나요?", "1조 6,200억 원. [1]")]
    asked = standalone("아니, 2호선 말고 1호선이요.", history, "ko")
    assert asked.question == "1호선 얼마?" and "투입" in " ".join(asked.context)


@pytest.mark.parametrize(
    "question", ["서울 말고 어느 도시가 참여하나요?", "Why did they not sue?", "No one came. Why?"]
)
def test_a_negation_is_no_correction(question: str) -> None:
    language: Language = "ko" if question[0] == "서" else "en"
    assert correction(question, COST.question, language) is None


def test_a_follow_up_of_a_correction_keeps_the_topic() -> None:
    history = [COST, Turn("아니, 비용 말고 면적.", "112,000㎡. [1]")]
    assert "수소터미널" in standalone("언제 완공되나요?", history, "ko").context


def test_a_question_without_predicate_asks_as_the_one_before() -> None:
    history = [Turn("넷플릭스는 한국 콘텐츠에 얼마를 투자하나요?", "25억 달러. [1]")]
    assert standalone("코닝은요?", history, "ko").question == "코닝은 얼마?"
    assert standalone("And Corning?", history, "en").question == "Corning, how much?"
    assert standalone("그럼 언제까지요?", history, "ko").question == "언제까지요?"


def test_context_may_be_of_the_other_language() -> None:
    assert "랩 허브" in " ".join(standalone("When will it be finished?", [HUB], "en").context)
