"""What a question asks for, in both languages."""

from __future__ import annotations

import pytest

from index.quantity import quantities
from rag.intent import Kind, answers, kind_of, typical

KOREAN: list[tuple[str, Kind]] = [
    ("이 사업에 드는 돈은 얼마인가요?", "amount"),
    ("예산 규모는?", "amount"),
    ("회의는 언제 열렸습니까?", "date"),
    ("몇 명이 참석했나요?", "number"),
    ("누가 개막식에서 연설했나요?", "person"),
    ("행사는 어디에서 열렸나요?", "place"),
    ("공사가 늦어진 이유는 무엇인가요?", "reason"),
    ("단지 면적은 얼마나 되나요?", "area"),
    ("실업률은 몇 퍼센트인가요?", "percent"),
    ("공사 기간은 얼마나 걸리나요?", "duration"),
    ("탄소중립이란 무엇인가요?", "definition"),
    ("두 나라가 협정을 맺었습니까?", "yesno"),
]
ENGLISH: list[tuple[str, Kind]] = [
    ("How much will the project cost?", "amount"),
    ("What was the total investment?", "amount"),
    ("When did the meeting take place?", "date"),
    ("How many people attended?", "number"),
    ("Who gave the opening speech?", "person"),
    ("Where was the event held?", "place"),
    ("Why was construction delayed?", "reason"),
    ("What percentage of firms agreed?", "percent"),
    ("How long will the work take?", "duration"),
    ("What is a sandbox?", "definition"),
    ("Did the two countries sign the pact?", "yesno"),
    ("Name the three companies involved.", "list"),
]


@pytest.mark.parametrize(("question", "kind"), KOREAN)
def test_korean_question(question: str, kind: Kind) -> None:
    assert kind_of(question, "ko") == kind


@pytest.mark.parametrize(("question", "kind"), ENGLISH)
def test_english_question(question: str, kind: Kind) -> None:
    assert kind_of(question, "en") == kind


def test_figures_answer_questions_of_their_kind_only() -> None:
    money, date = quantities("2,700억 원을 2025년까지")
    assert answers(money, "amount") and not answers(money, "date")
    assert answers(date, "date") and not answers(date, "amount")


@pytest.mark.parametrize("text", ["Mayor Kim Minji opened it.", "김민지 시장이 열었다."])
def test_a_person_is_typical_of_a_question_for_a_person(text: str) -> None:
    assert typical("person", text, False) is True


def test_nothing_tells_what_a_statement_looks_like() -> None:
    assert typical("statement", "anything", False) is None
