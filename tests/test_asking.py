"""What the page's controls do: asking, stopping, rating, history, export, and documents that come and go."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import IndexMissing
from index.types import Article
from pages import ENGLISH, KOREAN, FakeAssistant, Page, answered, article, browser, cite, pressed, visitor
from rag.settings import Settings
from rag.types import Agreement, Conflict, Filter, Stated
from ui import examples, export, history
from ui.asking import Asking
from ui.desk import SAMPLES as BUNDLED
from ui.desk import Desk, ensure_index
from ui.endpoints import Endpoints
from ui.history import MOST_CHATS, Chat, Exchange, History, fresh
from ui.labels import LABELS
from ui.library import LARGEST_FILE, MOST_FILES
from ui.scope import Scope
from ui.shelf import Shelf

BOX, LOG, CHAT, EVIDENCE, KEEP = range(5)  # what an answer's steps hold


@pytest.fixture
def fake() -> FakeAssistant:
    return FakeAssistant((article(title="도서관"),), [])


@pytest.fixture
def asking(fake: FakeAssistant, tmp_path: Path) -> Asking:
    return Asking(Desk(Settings(tmp_path / "home"), lambda: fake))  # type: ignore[arg-type,return-value]


def last(steps: Iterator[tuple[Any, ...]]) -> tuple[Any, ...]:
    *_, end = steps
    return end


def test_an_answer_streams_and_then_opens_its_evidence(asking: Asking, fake: FakeAssistant) -> None:
    steps = list(asking.respond("사업비는?", fresh(), "", None, visitor()))
    assert LABELS["ko"]["searching"] in Page(steps[0][LOG]).text
    assert KOREAN[:8] in Page(steps[1][LOG]).text and KOREAN[:20] in Page(steps[2][LOG]).text
    assert [button["data-mark"] for button in Page(steps[-1][LOG]).doing("show")] == ["cite-0-1"]
    assert Page(steps[-1][EVIDENCE]).highlighted("cite-0-1") == KOREAN[:20]
    second = last(asking.respond("그럼 언제?", steps[-1][CHAT], browser(steps[-1][KEEP]), None, visitor()))
    assert [turn.question for turn in fake.histories[1]] == ["사업비는?"]
    assert [button["data-mark"] for button in Page(second[LOG]).doing("show")] == ["cite-0-1", "cite-1-1"]


def test_a_stopped_question_stays_and_can_be_asked_again(asking: Asking, fake: FakeAssistant) -> None:
    chat = next(asking.respond("사업비는?", fresh(), "", None, visitor()))[CHAT]
    _, log = asking.stop(chat, visitor())
    assert LABELS["ko"]["stopped"] in Page(log).text and Page(log).doing("retry")
    answered_now = last(asking.again(pressed(turn="0"), chat, "", None, visitor()))
    assert [e.question for e in answered_now[CHAT].exchanges] == ["사업비는?"]
    assert answered_now[CHAT].exchanges[0].answer and fake.histories == [[]]


def test_editing_takes_back_what_came_after(asking: Asking, fake: FakeAssistant) -> None:
    first = last(asking.respond("하나?", fresh(), "", None, visitor()))
    second = last(asking.respond("둘?", first[CHAT], browser(first[KEEP]), None, visitor()))
    store = browser(first[KEEP], second[KEEP])
    edited = last(asking.again(pressed(turn="0", question="셋?"), second[CHAT], store, None, visitor()))
    assert [e.question for e in edited[CHAT].exchanges] == ["셋?"]
    assert fake.histories[-1] == []
    (kept,) = history.load(browser(first[KEEP], second[KEEP], edited[KEEP])).chats
    assert [e.question for e in kept.exchanges] == ["셋?"]


@pytest.mark.parametrize("turn", ["9", "-1", "x", "", None, 3, "9" * 40])
def test_a_turn_that_is_not_there_asks_at_the_end(asking: Asking, turn: Any) -> None:
    chat = last(asking.respond("하나?", fresh(), "", None, visitor()))[CHAT]
    assert len(last(asking.again(pressed(turn=turn, question="둘?"), chat, "", None, visitor()))[CHAT].exchanges) == 2


def test_an_error_is_one_line_and_no_part_of_what_the_assistant_is_told(asking: Asking, fake: FakeAssistant) -> None:
    chat = last(asking.respond("?", fresh(), "", None, visitor()))[CHAT]
    assert chat.exchanges[-1].notice == "The question is empty. Ask something."
    last(asking.respond("사업비는?", chat, "", None, visitor()))
    assert fake.histories[-1] == []


def test_a_failure_is_said_in_place_of_the_answer(
    asking: Asking, fake: FakeAssistant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(fake, "stream", lambda *_: 1 / 0)
    box, log, chat, _, keep = last(asking.respond("사업비는?", fresh(), "", None, visitor("en")))
    assert LABELS["en"]["failed"] in Page(log).text and Page(log).doing("retry") and "division" not in Page(log).text
    assert "ZeroDivisionError" in caplog.text
    assert history.load(browser(keep)).opened().exchanges == chat.exchanges


def test_stopping_leaves_an_answer_that_came_first(asking: Asking) -> None:
    chat = last(asking.respond("사업비는?", fresh(), "", None, visitor()))[CHAT]
    assert Page(asking.stop(chat, visitor())[LOG]).doing("show")
    assert LABELS["ko"]["welcome"] in Page(asking.stop(fresh(), visitor())[LOG]).text  # restarted in the meantime


def shows(step: tuple[Any, ...]) -> bool:
    """Whether a step of an answer changes anything on the page."""
    return any("__type__" not in part if isinstance(part, dict) else True for part in step)


class TestMeanwhile:
    """What is pressed while an answer is under way."""

    def test_a_second_question_waits_in_the_box_until_the_first_is_answered(self, asking: Asking) -> None:
        first = asking.respond("하나?", fresh(), "", None, visitor())
        chat = next(first)[CHAT]
        for second in (
            asking.respond("둘?", chat, "", None, visitor()),
            asking.again(pressed(question="셋?"), chat, "", None, visitor()),
        ):
            assert not any(map(shows, second))
        assert shows(next(asking.respond("둘?", fresh(), "", None, visitor("en"))))  # another page has its own
        answered_now = last(first)
        assert "value" not in answered_now[BOX].constructor_args
        assert [e.question for e in answered_now[CHAT].exchanges] == ["하나?"]
        assert shows(next(asking.respond("둘?", answered_now[CHAT], "", None, visitor())))

    def test_only_what_was_typed_empties_the_box(self, asking: Asking) -> None:
        chat = last(asking.respond("하나?", fresh(), "", None, visitor()))[CHAT]
        assert next(asking.again(pressed(turn="0"), chat, "", None, visitor()))[BOX].value is None

    @pytest.mark.parametrize("leave", ["stop", "restart", "reopen", "leave"])
    def test_a_run_that_was_left_behind_shows_and_keeps_nothing_more(self, asking: Asking, leave: str) -> None:
        run = asking.respond("하나?", fresh(), "", None, visitor())
        _, _, chat, _, keep = next(run)
        next(run)
        act = {
            "stop": lambda: asking.stop(chat, visitor()),
            "restart": lambda: asking.restart(visitor()),
            "reopen": lambda: asking.reopen(pressed(chat=chat.id), browser(keep), visitor()),
            "leave": lambda: asking.leave(visitor()),
        }
        act[leave]()
        newer = asking.respond("둘?", fresh(), "", None, visitor())
        assert shows(next(newer))
        assert list(run) == []
        assert not shows(asking.settle(chat, visitor()))  # the newer question is under way
        assert last(newer)[CHAT].exchanges[-1].answer

    def test_the_page_settles_on_the_conversation_it_has(self, asking: Asking) -> None:
        run = asking.respond("하나?", fresh(), "", None, visitor())
        chat = next(run)[CHAT]
        asking.stop(chat, visitor())
        assert list(run) == []
        _, log = asking.settle(chat, visitor())
        assert LABELS["ko"]["stopped"] in Page(log).text and Page(log).doing("retry")
        assert not shows(asking.settle(chat, visitor()))
        last(asking.respond("하나?", fresh(), "", None, visitor()))
        assert not shows(asking.settle(chat, visitor()))

    def test_a_page_that_is_loaded_anew_still_has_the_question(self, asking: Asking) -> None:
        keep = next(asking.respond("하나?", fresh(), "", None, visitor()))[KEEP]
        log, chat, *_ = asking.open_page(browser(keep), visitor("en"))  # in the other language, too
        assert LABELS["en"]["stopped"] in Page(log).text and "하나?" in Page(log).text
        (retry,) = Page(log).doing("retry")
        again = last(asking.again(pressed(turn=retry["data-turn"]), chat, browser(keep), None, visitor("en")))
        (kept_chat,) = history.load(browser(keep, again[KEEP])).chats
        assert [bool(e.answer) for e in kept_chat.exchanges] == [True]

    def test_examples_never_cover_a_question(self, asking: Asking) -> None:
        asking.choose(fresh(), visitor())
        assert LABELS["ko"]["welcome"] in Page(asking.offer(fresh(), visitor())).text
        run = asking.respond("하나?", empty := fresh(), "", None, visitor())
        chat = next(run)[CHAT]
        for read in (empty, chat):  # the conversation as the page may have read it by the time that they are chosen
            assert not isinstance(asking.offer(read, visitor()), str)
        assert not isinstance(asking.offer(last(run)[CHAT], visitor()), str)


def test_nothing_happens_for_a_blank_question(asking: Asking, fake: FakeAssistant) -> None:
    assert len(list(asking.respond("  \n", fresh(), "", None, visitor()))) == 1
    assert fake.histories == []


def test_a_marker_of_an_earlier_answer_brings_its_evidence_back(asking: Asking) -> None:
    first = last(asking.respond("하나?", fresh(), "", None, visitor()))
    chat = last(asking.respond("답이 없는 질문", first[CHAT], "", None, visitor()))[CHAT]
    shown = asking.reveal(pressed(mark="cite-0-1"), chat, visitor())
    assert Page(shown).highlighted("cite-0-1") == KOREAN[:20]
    for wrong in ("cite-9-1", "cite-1-1x", "cite--1-1", "<script>", "", None, 7):
        assert not isinstance(asking.reveal(pressed(mark=wrong), chat, visitor()), str)


def test_a_verdict_is_kept_at_home_and_on_the_page(asking: Asking, tmp_path: Path) -> None:
    asked = last(asking.respond("사업비는?", fresh(), "", None, visitor()))
    log, chat, keep = asking.rate(pressed(turn="0", verdict="bad", reason="틀렸다\n정말"), asked[CHAT], visitor())
    (row,) = [json.loads(line) for line in (tmp_path / "home" / "feedback.jsonl").read_text("utf-8").splitlines()]
    assert (row["verdict"], row["reason"], row["question"]) == ("bad", "틀렸다\n정말", "사업비는?")
    assert row["sources"] == ["news1.txt:0-20"]
    (pressed_one,) = Page(log).doing("bad")
    assert pressed_one["aria-pressed"] == "true" and chat.exchanges[0].verdict == "bad"
    assert history.load(browser(asked[KEEP], keep)).opened().exchanges[0].verdict == "bad"
    for wrong in ({"turn": "5", "verdict": "bad"}, {"turn": "0", "verdict": "great"}, {}):
        asking.rate(pressed(**wrong), asked[CHAT], visitor())
    assert len((tmp_path / "home" / "feedback.jsonl").read_text("utf-8").splitlines()) == 1


def test_a_browser_keeps_its_conversations(asking: Asking) -> None:
    told = [last(asking.respond("하나?", fresh(), "", None, visitor()))[KEEP]]
    _, log, chat, _, keep = asking.restart(visitor())
    assert not chat.exchanges and LABELS["ko"]["welcome"] in Page(log).text
    told.append(keep)
    menu = asking.menu(browser(*told), visitor())
    (row,) = Page(menu).doing("open")
    assert "하나?" in Page(menu).text
    again = asking.reopen(pressed(chat=row["data-chat"]), browser(*told), visitor())
    assert "하나?" in Page(again[LOG]).text and Page(again[EVIDENCE]).highlighted("cite-0-1") == KOREAN[:20]
    opened = asking.open_page(browser(*told, again[KEEP]), visitor())
    assert "하나?" in Page(opened[0]).text and not Page(opened[-1]).doing("open")
    told.append(asking.forget(pressed(chat=row["data-chat"])))
    assert LABELS["ko"]["history_empty"] in Page(asking.menu(browser(*told), visitor())).text


def test_two_tabs_that_go_on_with_one_conversation_each_keep_their_own(asking: Asking) -> None:
    begun = last(asking.respond("하나?", fresh(), "", None, visitor()))
    one = last(asking.respond("둘?", begun[CHAT], browser(begun[KEEP]), None, visitor()))
    _, chat, *_ = asking.open_page(browser(begun[KEEP]), visitor())  # a tab opened before that, and used after it
    for other in (
        last(asking.respond("셋?", chat, browser(begun[KEEP], one[KEEP]), None, visitor())),
        last(asking.again(pressed(turn="0", question="셋?"), chat, browser(begun[KEEP], one[KEEP]), None, visitor())),
    ):
        told = [begun[KEEP], one[KEEP], other[KEEP]]
        kept = [[e.question for e in chat.exchanges] for chat in history.load(browser(*told)).chats]
        assert kept[1] == ["하나?", "둘?"] and kept[0][-1] == "셋?"
        more = last(asking.respond("넷?", other[CHAT], browser(*told), None, visitor()))
        assert len(history.load(browser(*told, more[KEEP])).chats) == 2


def test_what_a_browser_kept_reads_back_whole() -> None:
    of = article(title="도서관", published="2024-05-03")
    refusal = replace(answered("없다"), status="no_evidence", hits=FakeAssistant((of,), []).search("x") * 9)
    compared = {"agreements": (Agreement((Stated("30억", 1),)),), "conflicts": (Conflict((Stated("1", 1),), "왜"),)}
    first = answered("나 [1]", cite(1, of, 0, 5), confidence=1.0, **compared)
    exchanges = (Exchange("가", first, verdict="good"), Exchange("다", notice="라"))
    store = History((Chat("c1", (*exchanges, Exchange("마", refusal))),), "c1")
    written = browser(history.keep(store.chats[0])).replace("1.0", "1")  # as a browser writes it
    read = history.load(written)
    assert read.opened().exchanges[:2] == exchanges
    assert 0 < len(read.opened().exchanges[2].answer.hits) < 9  # type: ignore[union-attr]


def test_of_a_store_only_so_many_conversations_are_read() -> None:
    told = [history.keep(Chat(f"c{number}", (Exchange(f"q{number}"),))) for number in range(MOST_CHATS + 5)]
    read = history.load(browser(*told))
    assert len(read.chats) == MOST_CHATS and read.chats[0].title == f"q{MOST_CHATS + 4}"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
NAMED = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("id", "question", "answer", "notice", "verdict", "exchanges", "chats", "current"), JSON),
)


@settings(max_examples=40, deadline=None)
@given(
    st.fixed_dictionaries({"chats": st.lists(st.fixed_dictionaries({"id": st.text(), "exchanges": st.lists(NAMED)}))})
)
def test_anything_in_a_browser_is_survived(kept: Any) -> None:
    for chat in history.load(json.dumps(kept)).chats:
        assert chat.id and all(isinstance(e.question, str) and e.question for e in chat.exchanges)


@pytest.mark.parametrize("field", ["number", "title", "language", "quote", "start", "published"])
def test_an_answer_of_odd_types_is_passed_over(field: str) -> None:
    good = history.keep(Chat("c", (Exchange("가", answered("나 [1]", cite(1, article(), 0, 5))),)))
    read = json.loads(browser(good))
    read["chats"][0]["exchanges"][0]["answer"]["citations"][0][field] = {"odd": 1}
    assert history.load(json.dumps(read)).chats[0].exchanges[0].answer is None


def test_export_holds_every_question_answer_and_source() -> None:
    of = article(title="도서관 [새]", publisher="하늘신문", published="2024-05-03")
    exchanges = [
        Exchange("사업비는? <b>", answered("30억 원이다. [1]", cite(1, of, 0, 25))),
        Exchange("또?", notice="오류"),
    ]
    text = export.markdown(exchanges, "ko")
    assert "## 사업비는? \\<b\\>" in text and "30억 원이다. \\[1\\]" in text and "오류" in text
    assert "도서관 \\[새\\], 하늘신문, 2024\\-05\\-03, news1.txt" in text and f"> {KOREAN[:24]}" in text
    told = json.loads(export.as_json(exchanges))
    assert told[0]["answer"]["citations"][0]["quote"] == KOREAN[:25] and told[1]["notice"] == "오류"
    assert export.plain(exchanges[0].answer, "en").endswith(f"“{KOREAN[:25]}”")  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "name"), [("json", "mundap.json"), ("markdown", "mundap.md"), (None, "mundap.md")])
def test_the_page_gets_a_file_to_save(asking: Asking, kind: Any, name: str) -> None:
    chat = Chat("c", (Exchange("가", answered("나")),))
    assert asking.export(pressed(format=kind), chat, visitor())["name"] == name


def test_an_index_that_has_gone_is_said_in_one_line(tmp_path: Path) -> None:
    def missing() -> Any:
        raise IndexMissing("Nothing is indexed. Add documents.")

    desk = Desk(Settings(tmp_path), missing)
    chat = last(Asking(desk).respond("하나?", fresh(), "", None, visitor()))[CHAT]
    assert chat.exchanges[-1].notice == "Nothing is indexed. Add documents."
    assert LABELS["ko"]["empty_library"] in Page(Asking(desk).open_page("", visitor())[0]).text
    assert LABELS["ko"]["no_articles"] in Shelf(desk).show(visitor())


class TestExamples:
    def test_they_are_of_the_articles_and_answered_by_them(self, use_samples: Path) -> None:
        desk = Desk(Settings.from_env(), _open_only(use_samples))
        assert desk.examples_known("ko") is None
        for language, script in (("ko", r"[가-힣]"), ("en", r"^[^가-힣]+$")):
            offered = desk.examples(language)  # type: ignore[arg-type]
            assert desk.examples_known(language) == offered  # type: ignore[arg-type]
            assert 3 <= len(offered) == len(set(offered)) <= examples.OFFERED
            assert re.search(script, offered[0])
            for question in offered:
                answer = desk.assistant().ask(question)
                source = desk.assistant().article(answer.citations[0].article_id)
                assert question in examples.questions(source)

    def test_what_the_articles_do_not_answer_is_not_offered(self) -> None:
        silent = Article("a", "a.txt", "/a.txt", "ko", "‘푸른다리’ 축제가 열렸다.", title="‘푸른다리’ 축제")
        asked: list[str] = []
        assert examples.choose([silent], lambda q: asked.append(q) or answered("몰라요"), "ko") == []  # type: ignore[func-returns-value]
        assert asked == ["푸른다리는 무엇인가요?"]

    def test_what_begins_a_sentence_is_no_name(self) -> None:
        text = "In August Seoul grew. The Blue Bridge Society met. On April Fools it rained. At MIT Labs they ate."
        asked = examples.questions(Article("a", "a.txt", "/a", "en", text))
        assert asked == ["What is said about Blue Bridge Society?", "What is said about MIT Labs?"]

    def test_the_number_of_questions_tried_is_limited(self) -> None:
        many = [
            Article(f"a{n}", f"{n}.txt", "/x", "en", f"The Blue Bridge Society {n} met.", title="") for n in range(50)
        ]
        asked: list[str] = []
        examples.choose(many, lambda q: asked.append(q) or answered("no"), "en")  # type: ignore[func-returns-value]
        assert len(asked) == examples.TRIED


def _open_only(home: Path) -> Any:
    from rag import Assistant

    return lambda: Assistant.from_settings(Settings(home))


class TestDocuments:
    def test_they_come_and_go(self, tmp_path: Path) -> None:
        incoming, home = tmp_path / "incoming", tmp_path / "home"
        incoming.mkdir()
        (incoming / "도서관.txt").write_text(f"도서관 두 곳 개관\n\n{KOREAN}\n", encoding="utf-8")
        (incoming / "picture.txt").write_bytes(bytes(range(256)) * 40)
        (incoming / "program.exe").write_bytes(b"MZ")
        desk = Desk(Settings(home), _open_only(home))
        shelf, files = Shelf(desk), [str(file) for file in sorted(incoming.iterdir())]
        *steps, (box, report, listing) = shelf.upload(files, visitor("en"))
        assert steps and all("<progress" in step[1] for step in steps) and box is None
        assert re.search(r"도서관&#46;txt</code></td><td class=\"added\">", report)
        assert report.count('class="skipped"') == 2
        (row,) = Page(listing).doing("remove")
        assert "도서관" in (row["data-title"] or "")
        assert [file.name for file in (home / "uploads").iterdir()] == ["도서관.txt"]
        (hit,) = Endpoints(desk).search("도서관 사업비")
        assert "30억" in hit["text"] and hit["article_id"] == row["data-article"]
        assert 'class="unchanged"' in last(shelf.upload(files[-1:], visitor("en")))[1]
        Path(files[-1]).write_text(f"도서관 두 곳 개관\n\n{KOREAN} 장서는 3만 권이다.\n", encoding="utf-8")
        assert 'class="updated"' in last(shelf.upload(files[-1:], visitor("en")))[1]
        assert "removed" not in Page(str(shelf.remove(pressed(article="../x"), visitor("en"))[0])).text
        gone, listing = shelf.remove(pressed(article=row["data-article"]), visitor("en"))
        assert "removed" in gone and LABELS["en"]["no_articles"] in listing
        assert not list((home / "uploads").iterdir())

    def test_too_many_files_are_refused_before_any_is_read(self, tmp_path: Path) -> None:
        files = [str(tmp_path / f"{n}.txt") for n in range(MOST_FILES + 1)]
        said = last(Shelf(Desk(Settings(tmp_path / "home"))).upload(files, visitor()))[1]
        assert f"at most {MOST_FILES}" in Page(said).text

    def test_a_file_that_is_too_large_is_refused_before_it_is_read(self, tmp_path: Path) -> None:
        large = tmp_path / "large.txt"
        with large.open("wb") as out:
            out.truncate(LARGEST_FILE + 1)
        said = last(Shelf(Desk(Settings(tmp_path / "home"))).upload([str(large)], visitor()))[1]
        assert "larger than 20 MB" in Page(said).text

    def test_the_labels_tell_the_limits(self) -> None:
        for labels in LABELS.values():
            assert f"{LARGEST_FILE // 2**20}" in labels["upload_note"] and str(MOST_FILES) in labels["upload_note"]

    def test_an_empty_home_gets_the_samples_once(self, tmp_path: Path) -> None:
        settings = Settings(tmp_path / "home")
        assert ensure_index(settings)
        assert not ensure_index(settings)
        sources = {article.source for article in Desk(settings).articles()}
        assert sources == {file.name for folder in ("ko", "en") for file in (BUNDLED / folder).glob("*.md")}


def test_english_is_equal(asking: Asking) -> None:
    english = Asking(
        Desk(Settings(Path("/nonexistent")), lambda: FakeAssistant((article(2, ENGLISH, language="en"),), []))
    )  # type: ignore[arg-type,return-value]
    log = Page(last(english.respond("How much?", fresh(), "", None, visitor("en")))[LOG])
    assert "Quoted from 1 document in English." in log.text
    assert (
        "영어 문서 1건에서 인용했습니다."
        in Page(last(english.respond("How much?", fresh(), "", None, visitor("ko")))[LOG]).text
    )


class TestScope:
    DAYS = ("2024-05-03", "2024-06-01", None)

    @pytest.fixture
    def scope(self, tmp_path: Path) -> Scope:
        articles = [
            article(n, language=language, publisher=house, published=day)
            for n, (language, house, day) in enumerate(
                zip(("ko", "en", "ko"), ("하늘신문", "Sea Daily", ""), self.DAYS, strict=True)
            )
        ]
        fake = FakeAssistant(articles, [])
        return Scope(Desk(Settings(tmp_path), lambda: fake))  # type: ignore[arg-type,return-value]

    def test_a_range_is_told_and_handed_on(self, scope: Scope) -> None:
        only, fold, wrong = scope.change(["ko"], ["하늘신문"], [], " 2024-05-01 ", "", visitor())
        assert only == Filter(frozenset({"ko"}), frozenset({"하늘신문"}), since="2024-05-01") and not wrong
        assert fold.label == "질문 범위 좁히기 · 한국어 · 하늘신문 · 2024-05-01 – … · 문서 1건"
        assert scope.change([], None, [], "", None, visitor("en"))[0] is None

    @pytest.mark.parametrize("day", ["5월 1일", "2024-13-01", "2024-5-1", "<b>"])
    def test_a_date_that_is_none_is_said_and_changes_nothing(self, scope: Scope, day: str) -> None:
        only, _, wrong = scope.change([], [], [], day, "", visitor("en"))
        assert not isinstance(only, Filter) and only is not None
        assert "2023-05-01" in Page(wrong).text and day in Page(wrong).text

    def test_an_empty_range_is_said(self, scope: Scope) -> None:
        _, _, wrong = scope.change(["en"], ["하늘신문"], [], "", "", visitor())
        assert LABELS["ko"]["scope_empty"] in Page(wrong).text

    def test_one_document_can_be_asked_alone(self, scope: Scope) -> None:
        chosen = scope.only_one(pressed(article="a1"))[2]
        assert chosen.value == ["a1"] and "a1" in [value for _, value in chosen.choices]
        assert scope.only_one(pressed(article="<script>"))[2].value == []

    def test_what_can_be_chosen_is_what_is_indexed(self, scope: Scope) -> None:
        publishers, articles = scope.choices(["하늘신문", "gone"], ["a9", "a2"])
        assert [name for name, _ in publishers.choices] == ["Sea Daily", "하늘신문"]
        assert [value for _, value in articles.choices] == ["a0", "a1", "a2"]
        assert (publishers.value, articles.value) == (["하늘신문"], ["a2"])


def test_the_range_reaches_the_assistant(tmp_path: Path) -> None:
    told: list[Filter | None] = []

    class Listening(FakeAssistant):
        def stream(self, *asked: Any) -> Any:
            told.append(asked[3])
            return super().stream(*asked)

    fake = Listening((article(),), [])
    only = Filter(languages=frozenset({"ko"}))
    last(Asking(Desk(Settings(tmp_path), lambda: fake)).respond("하나?", fresh(), {}, only, visitor()))  # type: ignore[arg-type,return-value]
    assert told == [only]
