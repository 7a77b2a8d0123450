"""The language of the answer: the question's own, or the one that a question asks for."""

from __future__ import annotations

import pytest

from rag.language import Wording, wording
from rag.request import request
from rag.types import Turn

HUB = Turn("랩 허브는 어디에 있나요?", "인천 송도에 있습니다. [1]")


@pytest.mark.parametrize(
    ("text", "rest", "wanted"),
    [
        ("코닝은요? 영어로 답해 주세요.", "코닝은요?", "en"),
        ("송도 랩 허브를 영어로 설명해 줘", "송도 랩 허브를 설명해 줘", "en"),
        ("영어로, 랩 허브의 사업비는 얼마인가요?", "랩 허브의 사업비는 얼마인가요?", "en"),
        ("한국어로 답해 주세요: When was UL founded?", "When was UL founded?", "ko"),
        ("And Corning? Answer in Korean.", "And Corning?", "ko"),
        ("Tell me in Korean who founded Boston Dynamics.", "who founded Boston Dynamics.", "ko"),
        ("Could you answer in English: what is the lab hub?", "what is the lab hub?", "en"),
        ("Explain the hub in Korean.", "Explain the hub.", "ko"),
        ("Who founded Moderna? In Korean, please.", "Who founded Moderna?", "ko"),
    ],
)
def test_a_request_inside_a_question_is_taken_out_of_it(text: str, rest: str, wanted: str) -> None:
    assert wording(text) == Wording(rest, wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["영어로 답해 주세요.", "답을 영어로 해 주세요", "같은 내용을 영어로 알려 주세요.", "영어로는요?", "영어로 다시 부탁해요", "Answer in English, please.", "Please tell me the same in English.", "And in English?", "Can you explain that in English?"],
)  # fmt: skip
def test_a_request_alone_leaves_nothing(text: str) -> None:
    assert wording(text) == Wording("", "en")


@pytest.mark.parametrize(
    "text",
    [
        "대통령은 영어로 연설했나요?",
        "이 문서를 영어로 번역한 사람은 누구인가요?",
        "국회에서 영어로 연설한 날은 언제인가요?",
        "Did Yoon address Congress in English?",
        "Which documents are in Korean?",
        "Who teaches English at the school?",
        "How do you say it in Korean?",
        "How much did Korean exports fall?",
    ],
)
def test_a_question_about_a_language_asks_for_none(text: str) -> None:
    assert wording(text) == Wording(text)


def test_a_request_alone_repeats_the_last_question_in_that_language() -> None:
    asked = request("Answer in English, please.", [HUB])
    assert (asked.question, asked.asked_in, asked.reply, asked.turns) == (HUB.question, "ko", "en", ())


def test_a_request_alone_at_the_beginning_is_kept_as_a_question() -> None:
    asked = request("영어로 답해 주세요.", [])
    assert (asked.question, asked.reply) == ("영어로 답해 주세요.", "en")


def test_a_request_holds_for_one_answer_unless_it_says_more() -> None:
    once = [HUB, Turn("영어로 답해 주세요.", "In Songdo. [1]")]
    on = [HUB, Turn("앞으로는 영어로 답해 주세요.", "In Songdo. [1]")]
    assert request("언제 완공되나요?", once).reply == "ko"
    assert request("언제 완공되나요?", on).reply == "en"
    assert request("언제 완공되나요? 한국어로 답해 주세요.", on).reply == "ko"


def test_the_chosen_language_comes_before_the_one_asked_for() -> None:
    asked = request("Who founded UL? Answer in English.", [], "ko")
    assert (asked.question, asked.reply) == ("Who founded UL?", "ko")


def test_the_language_may_change_in_the_middle() -> None:
    asked = request("When will it be finished?", [HUB])
    assert (asked.asked_in, asked.reply) == ("en", "en")
