"""Articles that agree are told together, figures that differ side by side, and never one as the other."""

from __future__ import annotations

import pytest

from index.quantity import quantities
from rag import Answer, Assistant, Settings
from rag.agreement import same_figure

ARTICLES = {
    "harbour-ko.md": ("해담신문", "2024-03-04", "해담항 재개발", "해담항 재개발 사업비는 2,700억 원이다. 공사는 2025년 9월에 시작된다. 새 부두의 길이는 820m다."),
    "harbour-en.md": ("Haedam Herald", "2024-03-06", "Haedam harbour renewal", "The Haedam harbour renewal will cost 270 billion won. Work will begin in September 2025. Gulls nest on the old quay."),
    "harbour-new.md": ("해담경제", "2024-11-20", "해담항 재개발 설계 변경", "설계가 바뀌어 해담항 재개발 사업비는 3,150억 원이다. 등대는 그대로 남는다."),
    "report.md": ("Haedam Post", "2024-05-02", "Council on trams", "The Haedam council held its tram safety hearing on May 1. The tram safety hearing of the council, 30 days after the first one on February 1, lasted six hours."),
}  # fmt: skip


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    from index.build import index_paths
    from index.embed import load_encoder

    folder, home = tmp_path_factory.mktemp("documents"), tmp_path_factory.mktemp("home")
    for name, (publisher, published, title, text) in ARTICLES.items():
        heading = f"---\ntitle: {title}\npublisher: {publisher}\ndate: {published}\n---\n"
        (folder / name).write_text(heading + text + "\n", encoding="utf-8")
    index_paths(home, [folder], load_encoder(None))
    return Assistant.from_settings(Settings(home=home))


def sources(answer: Answer, stated: object) -> list[str]:
    """The files behind what was stated, in order."""
    named = {citation.number: citation.source for citation in answer.citations}
    return [named[one.citation] for one in stated]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("question", "value", "line"),
    [
        ("해담항 재개발 공사는 언제 시작되나요?", "2025년 9월", "기사 2건이 일치 · 한국어 1, 영어 1"),
        (
            "When will work on the Haedam harbour renewal begin?",
            "September 2025",
            "2 articles agree · 1 Korean, 1 English",
        ),
    ],
)
def test_articles_of_both_languages_that_agree(assistant: Assistant, question: str, value: str, line: str) -> None:
    answer = assistant.ask(question)
    assert answer.direct == value and not answer.conflicts
    (agreement,) = answer.agreements
    assert {one.value for one in agreement.stated} == {value}
    assert sorted(sources(answer, agreement.stated)) == ["harbour-en.md", "harbour-ko.md"]
    shown = next(row for row in answer.text.split("\n") if row.startswith(line))
    assert all(f"[{one.citation}]" in shown for one in agreement.stated)


def test_figures_that_differ_are_told_newest_first(assistant: Assistant) -> None:
    answer = assistant.ask("해담항 재개발 사업비는 얼마인가요?")
    (conflict,) = answer.conflicts
    assert [one.value for one in conflict.stated] == ["3,150억 원", "2,700억 원"]
    assert sources(answer, conflict.stated) == ["harbour-new.md", "harbour-ko.md"]
    line = next(row for row in answer.text.split("\n") if "3,150억 원" in row and "2,700억 원" in row)
    new, old = (
        line.index("3,150억 원 (해담경제, 2024년 11월 20일)"),
        line.index("2,700억 원 (해담신문, 2024년 3월 4일)"),
    )
    assert new < old and all(f"[{one.citation}]" in line for one in conflict.stated)


def test_no_agreement_holds_two_values(assistant: Assistant) -> None:
    for question in ("해담항 재개발 사업비는 얼마인가요?", "How much will the Haedam harbour renewal cost?"):
        for agreement in assistant.ask(question).agreements:
            assert len({one.value for one in agreement.stated}) == 1
            assert "harbour-new.md" not in sources(assistant.ask(question), agreement.stated)


def test_an_article_that_contradicts_itself_is_pointed_out(assistant: Assistant) -> None:
    answer = assistant.ask("When was the first tram safety hearing of the council?")
    (conflict,) = answer.conflicts
    assert "30 days" in conflict.reason and conflict.reason in answer.text
    assert set(sources(answer, conflict.stated)) == {"report.md"}
    told = answer.as_dict()["conflicts"][0]
    assert told["reason"] == conflict.reason and told["stated"][0].keys() == {"value", "citation"}


def test_an_answer_from_one_article_claims_no_agreement(assistant: Assistant) -> None:
    answer = assistant.ask("새 부두의 길이는 얼마나 되나요?")
    assert answer.direct == "820m" and not answer.agreements and not answer.conflicts


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2,700억 원", "270 billion won", True),
        ("약 4만㎡", "40,000 square meters", True),
        ("2,700억 원", "2,726억 원", False),
        ("2,700억 원", "2,700억 달러", False),
        ("2025년", "2025년 9월", False),
        ("4월 28일", "2023년 4월 28일", False),
        ("1,800~1,900개", "1,800개", False),
    ],
)
def test_only_equal_values_are_one(one: str, other: str, same: bool) -> None:
    (first,), (second,) = quantities(one), quantities(other)
    assert same_figure(first, second) is same is same_figure(second, first)
