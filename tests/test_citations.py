"""Citation recall and precision against the procedure of ALCE's own evaluation, and their judge against a person."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval import citations, labelled
from eval.citations import Cited
from eval.labelled import agreement
from index.types import Article
from rag.types import Answer, Citation

TEXT = "The hub costs 270 billion won. It opens in 2026. Lee Young wrote a column."
ARTICLE = Article("a", "hub.md", "hub.md", "en", TEXT, "A hub for biotech", "Daily", "", "2023-05-16")


def holds(statement: str, cited: Sequence[Cited]) -> bool:
    """A judge for which a statement is a set of letters, and spans support it that hold all of them."""
    return set(statement) <= set("".join(one.span for one in cited))


def as_alce_does(statement: str, cited: Sequence[Cited]) -> tuple[int, int]:
    """Whether the statement is supported, and how many citations count, step by step as in section 4.3 of the paper."""
    if not cited:
        return 0, 0
    together = int(holds(statement, cited))
    if not together or len(cited) == 1:
        return together, together
    counted = 0
    for number, one in enumerate(cited):
        if holds(statement, [one]):
            counted += 1
            continue
        rest = [other for place, other in enumerate(cited) if place != number]
        counted += not holds(statement, rest)
    return together, counted


@settings(deadline=None)
@given(st.sets(st.sampled_from("abcd"), min_size=1), st.lists(st.text("abcde", max_size=4), max_size=4))
def test_recall_and_precision_are_those_of_alce(letters: set[str], spans: list[str]) -> None:
    statement, cited = "".join(sorted(letters)), [Cited(span) for span in spans]
    recall, counted = as_alce_does(statement, cited)
    assert citations.recalled(statement, cited, holds) == bool(recall)
    marks = citations.relevant(statement, cited, holds)
    assert len(marks) == len(cited) and sum(marks) == counted


def cite(number: int, quote: str) -> Citation:
    start = TEXT.index(quote)
    return Citation(number, "a", "", "", None, "en", "hub.md", quote, start, start + len(quote))


def test_an_answer_is_scored_line_by_line() -> None:
    cost, column = cite(1, "The hub costs 270 billion won."), cite(2, "Lee Young wrote a column.")
    text = "영어 기사 원문: “The hub costs 270 billion won.” (2,700억 원) [1][2]\nIt costs 300 billion won. [1]\nNothing [7]"
    answer = Answer("?", "?", "ko", "answered", text, "scripted", (cost, column))
    assert citations.score(answer, {"a": ARTICLE}) == ((True, False, False), (True, False, False))
    refused = Answer("?", "?", "ko", "no_evidence", "모릅니다.", "scripted")
    assert citations.score(refused, {"a": ARTICLE}) == ((), ())


def test_the_sentence_before_a_span_is_its_context() -> None:
    opens = cite(1, "It opens in 2026.")
    answer = Answer("?", "?", "en", "answered", "The hub opens in 2026. [1]", "scripted", (opens,))
    assert citations.score(answer, {"a": ARTICLE}) == ((True,), (True,))


def test_own_words_are_without_markers_and_quotations() -> None:
    text = "59억 달러 [1]\n영어 기사 원문: “counted $5.9 billion” (59억 달러) [1][2]"
    assert citations.own_words(text).split() == ["59억", "달러", "영어", "기사", "원문:", "(59억", "달러)"]
    within = "영어 기사 원문: “the “Most Innovative Mile” has grown” and “so” on"
    assert citations.own_words(within).split() == ["영어", "기사", "원문:", "and", "on"]


def test_kappa_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import cohen_kappa_score

    judged, labels = [True, True, False, True, False, False, True], [True, False, False, True, True, False, True]
    found = agreement(judged, labels)
    assert found.kappa == pytest.approx(cohen_kappa_score(judged, labels))
    assert found.share == pytest.approx(5 / 7)


def test_the_judge_agrees_with_a_person() -> None:
    """Recorded: .82 of 82 statements and .84 of 111 citations; it misses roles that have changed places."""
    rows = labelled.load()
    found = labelled.measure(rows)
    assert found["precision"].n >= 100
    assert found["recall"].share >= 0.8 and found["precision"].share >= 0.8
    assert found["recall"].kappa >= 0.55 and found["precision"].kappa >= 0.6
    ids = [row.id for row in rows]
    assert len(set(ids)) == len(ids)


def test_a_wrong_line_is_pointed_at(tmp_path_factory: pytest.TempPathFactory) -> None:
    from eval.errors import SetError

    path = tmp_path_factory.mktemp("labels") / "mine.jsonl"
    lines = labelled.FILE.read_text(encoding="utf-8").splitlines()[:1]
    for wrong in ("{", '{"id": "c2"}', lines[0].replace('"anchor": "', '"anchor": "nowhere ')):
        path.write_text(f"{lines[0]}\n{wrong}\n", encoding="utf-8")
        with pytest.raises(SetError, match=r"^mine\.jsonl:2"):
            labelled.load(path)
