"""A sentence is supported when its figures, names, polarity and content are the span's."""

from __future__ import annotations

import pytest

from rag.verify import figures_agree, overlap, verify

KOREAN = "시는 내년까지 1,200억 원을 들여 4만㎡ 터에 연구 단지를 짓지만 아파트는 짓지 않는다."
ENGLISH = (
    "The city will spend 120 billion won on a 40,000-square-meter research complex, the mayor said on April 28, 2023."
)


def test_verbatim_sentence_is_supported() -> None:
    assert verify(ENGLISH, ENGLISH).supported


@pytest.mark.parametrize(
    ("sentence", "span"),
    [
        ("시는 연구 단지에 1,200억 원을 쓴다고 시장이 말했다.", ENGLISH),
        ("The research complex will cost the city 120 billion won.", ENGLISH),
        ("시장은 2023년 4월 28일에 연구 단지 계획을 말했다.", ENGLISH),
    ],
)
def test_true_sentence_is_supported_across_languages(sentence: str, span: str) -> None:
    assert verify(sentence, span).supported


@pytest.mark.parametrize(
    ("sentence", "span", "reason"),
    [
        ("시는 연구 단지에 1,200조 원을 쓴다고 시장이 말했다.", ENGLISH, "figure"),
        ("The research complex will cost the city 12 billion won.", ENGLISH, "figure"),
        ("시장은 2023년 4월 29일에 연구 단지 계획을 말했다.", ENGLISH, "figure"),
        ("The city will not spend 120 billion won on a research complex.", ENGLISH, "denial"),
        ("The research complex in Busan will cost the city 120 billion won.", ENGLISH, "name"),
        ("기온이 떨어지고 눈이 내릴 것으로 보인다.", ENGLISH, "content"),
    ],
)
def test_corrupted_sentence_is_caught(sentence: str, span: str, reason: str) -> None:
    verdict = verify(sentence, span)
    assert not verdict.supported and reason in verdict.reasons


def test_a_date_without_its_year_takes_it_from_the_publication_date() -> None:
    assert figures_agree("The fair opened on April 28, 2023.", "박람회는 4월 28일 열렸다.", "2023-05-01")
    assert not figures_agree("The fair opened on April 27, 2023.", "박람회는 4월 28일 열렸다.", "2023-05-01")


def test_overlap_is_a_share() -> None:
    assert overlap(KOREAN, KOREAN) == pytest.approx(1.0)
    assert overlap("눈이 내린다", ENGLISH) == pytest.approx(0.0)


SHARES = "The state will pay 109.5 billion won and the city 155 billion won."


@pytest.mark.parametrize(
    ("sentence", "span", "reason"),
    [
        ("The state will pay 155 billion won and the city 109.5 billion won.", SHARES, "roles"),
        ("Exports rose 17.4 percent in March.", "Exports fell 17.4 percent in March.", "direction"),
        ("수출은 3월에 17.4% 늘었다.", "Exports fell 17.4 percent in March.", "direction"),
        ("시장은 이 계획에 찬성했다.", "시장은 이 계획에 반대했다.", "direction"),
        ("The trip will take 52 minutes instead of 21.", "The trip will fall to 21 minutes from 52 minutes.", "roles"),
        ("The fair opened on Monday, April 28, 2023.", "박람회는 2023년 4월 28일 열렸다.", "figure"),
    ],
)
def test_a_turned_sentence_is_caught(sentence: str, span: str, reason: str) -> None:
    verdict = verify(sentence, span)
    assert not verdict.supported and reason in verdict.reasons


def test_the_context_gives_names_but_no_figures() -> None:
    span, context = "The company will open a plant in Busan.", "Garam Vaccine expands\nIt has 300 employees."
    assert not verify("Garam Vaccine will open a plant in Busan.", span).supported
    assert verify("Garam Vaccine will open a plant in Busan.", span, context=context).supported
    assert not verify("Garam Vaccine will open a plant in Busan with 300 employees.", span, context=context).supported
