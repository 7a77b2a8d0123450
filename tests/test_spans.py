"""The direct answer's span, and the two languages of a question."""

from __future__ import annotations

import pytest

from eval import spans
from eval.consistency import consistent
from eval.report import Row
from eval.sets import Question
from rag.types import Citation


@pytest.mark.parametrize(
    ("direct", "facts", "right"),
    [
        ("2,700억 원", [["2,700억", "270 billion"]], True),
        ("약 2700억원", [["2,700억"]], True),
        ("270 billion won", [["2,700억", "270 billion"]], True),
        ("2022년 8월", [["2022"], ["8월", "August"]], True),
        ("August", [["2022"], ["8월", "August"]], False),
        ("이영 중소벤처기업부 장관", [["이영", "Lee Young"]], True),
        ("", [["이영"]], False),
        ("1,283곳", [["28"]], False),
        ("128 and 28 firms", [["28"]], True),
        ("59억 달러", [["5.9 billion"]], True),
        ("58억 달러", [["5.9 billion"]], False),
        ("5.9 billion won", [["59억 달러"]], False),
        ("40 people", [["대학생 40명"]], True),
        ("April 28, 2023", [["2023년 4월 28일"]], True),
        ("April 28", [["2023년 4월 28일"]], False),
        ("2023", [["2023년 4월 28일"]], False),
        ("정부가 집계한 투자 유치액은 59억 달러, 우리 돈으로 약 7조 9,000억 원이다", [["59억"]], False),
        ("송도", [], False),
    ],
)
def test_a_span_is_right_that_states_every_fact_and_little_else(
    direct: str, facts: list[list[str]], right: bool
) -> None:
    assert spans.right(direct, facts) is right


def test_spans_are_asked_for_by_questions_for_figures_dates_and_names() -> None:
    def question(kind: str, answerable: bool = True) -> Question:
        return Question("?", "?", kind, (("1",),) if answerable else (), (), answerable)

    assert spans.asked(question("amount")) and spans.asked(question("person"))
    assert not spans.asked(question("reason")) and not spans.asked(question("amount", answerable=False))


def row(article: str = "", start: int = 0, problems: tuple[str, ...] = ()) -> Row:
    """An answer that cites ten characters of ``article``; a refusal without one."""
    cited = (Citation(1, article, "", "", None, "ko", f"{article}.md", "q", start, start + 10),) if article else ()
    status = "answered" if article else "no_evidence"
    return Row(
        "q", "q", 0, "ko", "place", "ko→ko", True, "?", status, "ko", "", "", None, False, cited, (True,), (), (),
        problems, 0.1, {}, 0.5, "ko",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("korean", "english", "same"),
    [
        (row("a"), row("a", 50), True),  # both state every fact: where in the article does not matter
        (row("a"), row("b"), False),
        (row(), row(), True),
        (row(), row("a"), False),
        (row("a", problems=("fact 1",)), row("a", 50), False),
        (row("a", problems=("fact 1",)), row("a", 5, ("fact 1",)), True),  # wrong alike
        (row("a", problems=("length",)), row("a", 50), True),
    ],
)
def test_two_forms_are_consistent_with_the_same_fact_from_the_same_article(
    korean: Row, english: Row, same: bool
) -> None:
    assert consistent(korean, english) is same
