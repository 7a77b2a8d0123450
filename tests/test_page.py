"""What the page shows, as HTML: right, complete in both languages, and never active, whatever the texts hold."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacks import ATTACKS
from index.types import Hit
from pages import ENGLISH, KOREAN, Page, answered, article, assert_inert, cite, visible
from rag.types import Agreement, Answer, Conflict, Stated
from ui.charts import bars, timeline
from ui.conversation import conversation, support, welcome
from ui.documents import listing, progress, report_table
from ui.evidence import evidence, marked
from ui.history import Chat, Exchange, History
from ui.labels import LABELS, interface_language
from ui.markup import inert, notice
from ui.menu import history_menu
from ui.overview import leading_words, overview


def test_there_are_enough_attacks() -> None:
    assert len(set(ATTACKS)) >= 60


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_text_is_shown_and_never_active(attack: str) -> None:
    hostile = article(text=f"{KOREAN}{attack}", title=attack, publisher=attack, published=attack)
    hostile = replace(hostile, source=attack, id=attack)
    whole = cite(1, hostile, 0, len(hostile.text))
    answer = answered(f"{attack} [1]", whole, question=attack, notice=attack)
    refusal = replace(answer, status="no_evidence", citations=(), hits=(Hit(attack, "p", 1.0, 3, len(hostile.text)),))
    exchange = Exchange(attack, answer)
    for html in (
        evidence(refusal, lambda _: hostile, 0, "en"),
        listing([hostile], "ko"),
        report_table([(f"/tmp/{attack}", "skipped", attack)], "en"),
        progress(1, 2, attack, 3.0, "ko"),
        history_menu(History((Chat(attack, (exchange,)),)), "ko"),
        welcome([attack], "en", 1),
        conversation([exchange], "ko", growing=attack),
        conversation([Exchange(attack, notice=attack)], "en"),
        notice(attack, "error"),
        bars([(attack, 3)], "a", "{}"),
        timeline([(replace(hostile, published=day), "m") for day in ("2024-01-01", "2024-02-01")], "ko"),
    ):
        assert_inert(html)
    shown = assert_inert(evidence(answer, lambda _: hostile, 0, "ko"))
    assert shown.highlighted("cite-0-1") == visible(hostile.text)
    changed = assert_inert(evidence(answer, lambda _: article(), 0, "ko"))
    assert changed.highlighted("cite-0-1") == visible(hostile.text)
    said = assert_inert(conversation([exchange], "ko"))
    assert visible(attack) in said.text


@given(st.text())
def test_inert_text_reads_as_written_and_has_no_ascii_punctuation_of_its_own(text: str) -> None:
    html = inert(text)
    assert Page(html).text == visible(text)
    assert not re.search(r"[<>\"'`*_{}$\\/.:@|~=()\[\]!-]", html)


def test_only_the_answers_own_markers_become_buttons() -> None:
    of = article()
    answer = answered("하나 [1] 둘 [2] 각주 [7]", cite(1, of, 0, 5), cite(2, of, 6, 9))
    page = Page(conversation([Exchange("가"), Exchange("나"), Exchange("다"), Exchange("라", answer)], "ko"))
    assert [button["data-mark"] for button in page.doing("show")] == ["cite-3-1", "cite-3-2"]
    assert "각주 [7]" in page.text


@given(st.text(min_size=1, max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=5))
def test_marks_read_exactly_as_their_spans_even_where_they_overlap(text: str, ends: list[tuple[int, int]]) -> None:
    spans = [(min(a, b), max(a, b)) for a, b in ends if min(a, b) < max(a, b) <= len(text)]
    page = Page(marked(text, [(span, f"m{n}", "") for n, span in enumerate(spans)]))
    assert page.text == visible(text)
    for number, (start, end) in enumerate(spans):
        assert page.highlighted(f"m{number}") == visible(text[start:end])
    assert page.having("id").count("m0") == min(len(spans), 1)


def test_evidence_tells_of_each_article_once_and_opens_the_first() -> None:
    one = article(1, title="도서관", publisher="하늘신문", published="2024-05-03")
    two = article(2, ENGLISH, language="en", title="Ferry", publisher="Sea Daily", published="2024-06-01")
    find = {"a1": one, "a2": two}.__getitem__
    answer = answered("가 [1] 나 [2] 다 [3]", cite(1, one, 0, 25), cite(2, two, 0, 40), cite(3, one, 26, 40))
    page = Page(evidence(answer, find, 0, "ko"))
    assert ["open" in attributes for tag, attributes in page.tags if tag == "details"] == [True, False]
    assert "하늘신문 · 2024-05-03 · 한국어 · news1.txt" in page.text
    for citation in answer.citations:
        assert page.highlighted(f"cite-0-{citation.number}") == citation.quote
    dots = [button["data-mark"] for button in page.doing("show") if button.get("role") == "button"]
    assert dots == ["cite-0-1", "cite-0-2"]


def test_what_is_not_stated_is_said_to_be_missing() -> None:
    answer = answered("가 [1]", cite(1, article(), 0, 5))
    assert "발행처 없음 · 날짜 없음 · 한국어" in Page(evidence(answer, lambda _: article(), 0, "ko")).text
    assert "publisher not stated · undated · Korean" in Page(evidence(answer, lambda _: article(), 0, "en")).text


def test_of_a_removed_or_changed_article_only_the_quoted_words_are_shown() -> None:
    def gone(article_id: str) -> None:
        raise KeyError(article_id)

    answer = answered("가 [1]", cite(1, article(), 0, 5))
    for find in (gone, lambda _: article(text="다른 글이다. 아주 다르다.")):
        page = Page(evidence(answer, find, 0, "ko"))  # type: ignore[arg-type]
        assert LABELS["ko"]["gone"] in page.text
        assert page.highlighted("cite-0-1") == KOREAN[:5]


def test_a_refusal_shows_related_passages_as_no_answer() -> None:
    hits = (Hit("a1", "p1", 0.9, 0, 25), Hit("a1", "p2", 0.8, 26, 40))
    refusal = Answer("q", "q", "ko", "no_evidence", "찾지 못했습니다.", "fake", (), hits)
    page = Page(evidence(refusal, lambda _: article(), 2, "ko"))
    assert "관련은 있지만 답은 아닙니다" in page.text
    assert page.highlighted("hit-2-0") == KOREAN[0:25]
    assert [tag for tag, _ in page.tags].count("details") == 1
    assert "Related, but not an answer" in evidence(refusal, lambda _: article(), 2, "en")
    assert LABELS["en"]["refused"] in Page(conversation([Exchange("q", refusal)], "en")).text


def test_what_stands_behind_an_answer_is_told_in_words() -> None:
    one = article(1, publisher="하늘신문")
    two = article(2, ENGLISH, language="en", publisher="Sea Daily")
    both = answered("가 [1] 나 [2]", cite(1, one, 0, 5), cite(2, two, 0, 5))
    assert support(both, 0, "ko") == ["한국어·영어 문서 2건에서 인용했습니다, 발행처 2곳."]
    assert support(both, 0, "en") == ["Quoted from 2 documents in English and Korean, 2 publishers."]
    alone = answered("가 [1] 나 [2]", cite(1, one, 0, 5), cite(2, one, 6, 9))
    assert support(alone, 0, "ko") == ["한국어 문서 1건에서 인용했습니다."]
    assert support(alone, 0, "en") == ["Quoted from 1 document in Korean."]
    dropped = replace(alone, read=5, dropped=2)
    assert "5문장 가운데 2문장은" in support(dropped, 0, "ko")[1]
    assert "Of 5 sentences" in support(dropped, 0, "en")[1] and "2 were left out" in support(dropped, 0, "en")[1]


def test_what_agrees_and_what_differs_is_told_with_its_markers() -> None:
    one, two = article(1), article(2, ENGLISH, language="en")
    same, other = Stated("30억 원", 1), Stated("<b>31억 원", 2)
    answer = answered("가 [1] 나 [2]", cite(1, one, 0, 5), cite(2, two, 0, 5))
    answer = replace(
        answer,
        agreements=(Agreement((same, Stated("30억 원", 2))),),
        conflicts=(Conflict((same, other)), Conflict((same, Stated("x", 9)), "합이 <i>맞지 않는다")),
    )
    agree, differ, contradicts = (assert_inert(line) for line in support(answer, 4, "ko")[1:])
    assert agree.text == "같은 값: 30억 원 1 · 30억 원 2"
    assert differ.text == "서로 다른 값: 30억 원 1 · <b>31억 원 2"
    assert contradicts.text == "한 문서 안에서 어긋남: 30억 원 1 합이 <i>맞지 않는다"
    assert [button["data-mark"] for button in differ.doing("show")] == ["cite-4-1", "cite-4-2"]


def test_a_timeline_needs_two_dates_and_keeps_dots_apart() -> None:
    days = ["2024-05-01", "2024-05-02", "2024-12-31", None]
    page = Page(timeline([(article(n, published=day), f"m{n}") for n, day in enumerate(days)], "ko"))
    places = [(float(a["cx"] or 0), a["cy"]) for tag, a in page.tags if tag == "circle"]
    assert len(places) == 3 and len(set(places)) == 3
    assert places[0][0] < places[2][0] and places[0][1] != places[1][1]
    assert timeline([(article(1, published="2024-05-01"), "m1"), (article(2), "m2")], "ko") == ""


@pytest.mark.parametrize(
    ("accept", "chosen", "language"),
    [
        ("ko-KR,ko;q=0.9,en-US;q=0.8", "", "ko"),
        ("en-US,en;q=0.9,ko;q=0.8", "", "en"),
        ("en-US,en;q=0.9,ko;q=0.8", "ko", "ko"),
        ("ko", "en", "en"),
        ("ko", "<script>", "ko"),
        ("fr,ko;q=0.5,en;q=0.4", "", "ko"),
        ("en;q=0.3, ko;q=0.7", "", "ko"),
        ("ja,fr;q=0.9", "", "en"),
        ("ko;q=banana", "", "ko"),
        ("", "", "en"),
    ],
)
def test_the_interface_follows_the_visitors_choice_then_the_browser(accept: str, chosen: str, language: str) -> None:
    assert interface_language(accept, chosen) == language


def test_both_languages_say_everything_and_differ() -> None:
    assert LABELS["ko"].keys() == LABELS["en"].keys()
    for name in LABELS["ko"]:
        korean, english = LABELS["ko"][name], LABELS["en"][name]
        assert re.search(r"[가-힣]", korean) or name.startswith("export_"), name
        assert english.strip() and not re.search(r"[가-힣]", english), name
        assert korean.count("{}") == english.count("{}"), name


class TestOverview:
    def test_it_counts_by_month_language_and_publisher(self) -> None:
        articles = [
            article(1, publisher="하늘신문", published="2024-05-03"),
            article(2, publisher="하늘신문", published="2024-05-30"),
            article(3, ENGLISH, language="en", published="2024-06-01"),
            article(4, ENGLISH, language="en"),
        ]
        page = assert_inert(overview(articles, "ko"))
        for told in ("문서 4건", "2024-05", "2024-06", "하늘신문", "발행처 없음", "날짜 없음: 문서 1건"):
            assert told in page.text
        assert page.having("style")[:2] == ["--share:1.000", "--share:0.500"]
        assert "2 documents" in assert_inert(overview(articles, "en")).text
        assert LABELS["en"]["no_articles"] in overview([], "en")

    def test_leading_words_are_names_of_things_in_their_own_language(self) -> None:
        korean = [article(n, "도서관이 새 도서관을 열었다. AI 도서관이다. 주민이 왔다.") for n in range(2)]
        english = [article(n, "Ferries sail. The ferries sailed to Busan.", language="en") for n in range(2, 4)]
        ko = leading_words([*korean, *english], "ko")
        en = leading_words([*korean, *english], "en")
        piece = [article(4, "중소벤처기업부가 중소 기업을 돕는다."), article(5, "중소벤처기업부는 크다.")]
        assert "중소" not in dict(leading_words(piece[1:], "ko"))
        assert ("도서관", 2) in ko and not any(word.isascii() for word, _ in ko)
        assert ("ferries", 2) in en and ("busan", 2) in en and "the" not in dict(en)
