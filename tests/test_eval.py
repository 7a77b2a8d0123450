"""The evaluation: sets and their validation, asking through an assistant, reports, the gate, the README's tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from eval import gate, origin, published, readme, sets
from eval import run as runner
from eval.asking import Library, ask_all
from eval.errors import EvalError, SetError
from eval.report import MEASURES, Report, render
from index.types import Article
from rag.settings import Settings
from rag.types import Answer, Citation, Turn

KOREAN = Article("k1", "hub.md", "hub.md", "ko", "허브는 송도에 짓는다. 2025년에 문을 연다.")
ENGLISH = Article("e1", "visit.md", "visit.md", "en", "The visit lasts six days.")
LIBRARY = Library.of([KOREAN, ENGLISH])

WHERE = {"ko": "허브는 어디에 짓나요?", "en": "Where is the hub?", "kind": "place", "facts": [["송도", "Songdo"]]}
WHERE |= {"sources": ["hub.md"]}
WHEN = {"ko": "언제 여나요?", "en": "When does it open?", "kind": "date", "facts": [["2025"]], "sources": ["hub.md"]}
SINGLE: dict[str, Any] = {"id": "q1", "answerable": True, **WHERE}
NONE: dict[str, Any] = {"id": "q2", "kind": "number", "ko": "화성까지는?", "en": "How far is Mars?"}
NONE |= {"answerable": False, "why": "off-topic", "facts": [], "sources": []}
TURNS: dict[str, Any] = {"id": "q3", "turns": [WHERE, WHEN]}


def write(folder: Path, *rows: object) -> Path:
    path = folder / "mine.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def without(row: dict[str, Any], key: str) -> dict[str, Any]:
    return {k: v for k, v in row.items() if k != key}


# Sets


@pytest.mark.parametrize("path", sorted(sets.FOLDER.glob("*.jsonl")), ids=lambda path: path.stem)
def test_every_committed_set_keeps_to_the_format(path: Path) -> None:
    entries = sets.load(path)
    assert len(entries) >= 80
    assert sum(not question.answerable for entry in entries for question in entry.turns) >= 20


@pytest.mark.parametrize("name", ["articles", "samples"])
def test_the_sets_that_are_tuned_on_hold_conversations(name: str) -> None:
    assert sum(entry.multi_turn for entry in sets.load(sets.find(name))) >= 10


def test_the_held_out_set_repeats_no_question_of_the_open_one() -> None:
    """Opening questions only: a follow-up such as "since when?" says little by itself. The failure shows a count."""
    openings = [{entry.turns[0].ko for entry in sets.load(sets.find(name))} for name in ("articles", "blind")]
    shared = len(openings[0] & openings[1])
    assert shared == 0


def test_entries_are_read_as_they_were_written(tmp_path: Path) -> None:
    single, none, turns = sets.load(write(tmp_path, SINGLE, "", NONE, TURNS))
    assert single.turns[0].facts == (("송도", "Songdo"),) and single.turns[0].answerable
    assert none.turns[0].why == "off-topic" and not none.turns[0].answerable
    assert turns.multi_turn and turns.turns[1].text("en") == "When does it open?"
    assert turns.place.endswith("mine.jsonl:4")
    assert (single.turns[0].answered_in("ko"), single.turns[0].answered_in("en")) == ("ko", "en")


def test_an_answer_may_be_due_in_the_other_language(tmp_path: Path) -> None:
    (entry,) = sets.load(write(tmp_path, SINGLE | {"reply": "other"}))
    assert (entry.turns[0].answered_in("ko"), entry.turns[0].answered_in("en")) == ("en", "ko")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"id": "q9", "ko":', "not JSON"),
        ("[1]", "list, and an object"),
        ('{"id": "q9", "id": "q8"}', "'id' is given twice"),
        (without(SINGLE, "en"), "'en' is missing"),
        (without(SINGLE, "id"), "'id' is None"),
        (SINGLE | {"id": "q9", "note": "x"}, "unknown key 'note'"),
        (SINGLE | {"id": "q9", "ko": " "}, "'ko' is ' '"),
        (SINGLE | {"id": "q9", "kind": "colour"}, "kind 'colour'"),
        (SINGLE | {"id": "q9", "reply": "French"}, "'reply' is 'French'"),
        (SINGLE | {"id": "q9", "answerable": "yes"}, "true or false"),
        (SINGLE | {"id": "q9", "facts": []}, "at least one fact"),
        (SINGLE | {"id": "q9", "facts": [[]]}, "group of 'facts' is empty"),
        (SINGLE | {"id": "q9", "facts": ["송도"]}, "group 1 of 'facts' is '송도'"),
        (SINGLE | {"id": "q9", "facts": [["송도", " , "]]}, "holds ' , '"),
        (SINGLE | {"id": "q9", "sources": []}, "0 sources"),
        (SINGLE | {"id": "q9", "sources": "hub.md"}, "'sources' is 'hub.md'"),
        (SINGLE | {"id": "q9", "why": "near-miss"}, "'answerable' is true"),
        (NONE | {"id": "q9", "why": "because"}, "'why' is 'because'"),
        (NONE | {"id": "q9", "facts": [["1"]], "sources": ["a"]}, "no facts and no sources"),
        ({"id": "q9", "turns": [WHERE]}, "at least two"),
        ({"id": "q9", "turns": [WHERE, without(WHEN, "kind")]}, "(turn 2): 'kind' is missing"),
        ({"id": "q9", "turns": [WHERE, WHEN], "kind": "date"}, "unknown key 'kind'"),
        (SINGLE, "'q1' was used at"),
    ],
)
def test_a_wrong_line_is_pointed_at(tmp_path: Path, row: object, message: str) -> None:
    path = write(tmp_path, SINGLE, NONE, row)
    with pytest.raises(SetError) as caught:
        sets.load(path)
    assert str(caught.value).startswith(f"{path}:3") and message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_other_encodings_and_empty_sets_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_bytes(b'{"id": "q1"}\n' + "{송도}".encode("cp949"))
    with pytest.raises(SetError, match=":2: this is not UTF-8"):
        sets.load(path)
    path.write_text("\n\n", encoding="utf-8")
    with pytest.raises(SetError, match="the set is empty"):
        sets.load(path)
    with pytest.raises(EvalError, match="articles, blind, samples"):
        sets.find("nowhere")


# Asking


class Scripted:
    """An assistant that gives the answers it was given, in order, and keeps what it was asked."""

    def __init__(self, answers: Sequence[tuple[str, str, Citation | None]], articles: Sequence[Article]) -> None:
        self._answers, self._articles = list(answers), list(articles)
        self.asked: list[tuple[str, list[Turn], str]] = []

    def ask(self, question: str, history: Sequence[Turn] = (), language: str = "auto") -> Answer:
        self.asked.append((question, list(history), language))
        text, spoken, citation = self._answers.pop(0)
        status = "answered" if citation else "no_evidence"
        cited = (citation,) if citation else ()
        return Answer(question, question, spoken, status, text, "scripted", cited)  # type: ignore[arg-type]

    def articles(self) -> list[Article]:
        return self._articles


def cite(article: Article, start: int = 0, end: int = 6) -> Citation:
    quote = article.text[start:end]
    return Citation(1, article.id, "", "", None, article.language, article.source, quote, start, end)


def ask(tmp_path: Path, rows: Sequence[object], answers: Sequence[tuple[str, str, Citation | None]]) -> Report:
    assistant = Scripted(answers, [KOREAN, ENGLISH])
    path = write(tmp_path, *rows)
    entries = sets.load(path)
    origins = {"command": "test", "date": "2023-07-04", "set_sha256": origin.digest([path])}
    return Report("mine", tuple(ask_all(assistant, entries, LIBRARY)), origins)


GOOD, REFUSED = ("송도 [1]", "ko", cite(KOREAN)), ("모릅니다", "ko", None)
GOOD_EN, REFUSED_EN = ("Songdo [1]", "en", cite(KOREAN)), ("Not there.", "en", None)
BAD_QUOTE = ("Songdo [1]", "en", replace(cite(KOREAN), quote="허브가 송도"))


def test_every_entry_is_asked_in_both_languages_and_turns_follow_own_answers(tmp_path: Path) -> None:
    entries = sets.load(write(tmp_path, TURNS))
    assistant = Scripted([("하나", "ko", None), ("둘", "ko", None), ("one", "en", None), ("two", "en", None)], [KOREAN])
    steps: list[tuple[int, int, str]] = []
    rows = list(ask_all(assistant, entries, LIBRARY, lambda *step: steps.append(step)))
    assert [row.id for row in rows] == ["q3/ko/1", "q3/ko/2", "q3/en/1", "q3/en/2"]
    assert assistant.asked == [
        ("허브는 어디에 짓나요?", [], "auto"),
        ("언제 여나요?", [Turn("허브는 어디에 짓나요?", "하나")], "auto"),
        ("Where is the hub?", [], "auto"),
        ("When does it open?", [Turn("Where is the hub?", "one")], "auto"),
    ]
    assert steps == [(0, 4, "q3"), (1, 4, "q3"), (2, 4, "q3"), (3, 4, "q3"), (4, 4, "")]


def test_directions_follow_the_languages_of_the_sources(tmp_path: Path) -> None:
    both = SINGLE | {"id": "q5", "sources": ["hub.md", "visit.md"]}
    single, mixed, none = (entry.turns[0] for entry in sets.load(write(tmp_path, SINGLE, both, NONE)))
    assert [LIBRARY.direction(single, "ko"), LIBRARY.direction(single, "en")] == ["ko→ko", "en→ko"]
    assert [LIBRARY.direction(mixed, "ko"), LIBRARY.direction(mixed, "en")] == ["ko→ko", "en→en"]
    assert LIBRARY.direction(none, "en") == ""


def test_a_source_that_is_not_indexed_is_pointed_at(tmp_path: Path) -> None:
    path = write(tmp_path, NONE, SINGLE | {"sources": ["hub.md", "lost.md"]})
    with pytest.raises(SetError, match=r"mine\.jsonl:2: the source lost\.md is not indexed"):
        LIBRARY.check(sets.load(path))


# Reports


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """q1: right in Korean, a changed quote in English; q2: refused, then answered; q3: a false refusal."""
    answers = [GOOD, BAD_QUOTE, REFUSED, BAD_QUOTE, GOOD, REFUSED, GOOD, ("2025 [1]", "en", cite(KOREAN))]
    return ask(tmp_path, [SINGLE, NONE, TURNS], answers)


def test_measures_count_what_they_say(report: Report) -> None:
    found = {name: (report.measure(name).count, report.measure(name).n) for name in MEASURES}
    assert found == {
        "same": (1, 1),
        "cross": (0, 1),
        "ko→ko": (1, 1),
        "en→en": (0, 0),
        "ko→en": (0, 0),
        "en→ko": (0, 1),
        "turns": (3, 4),
        "refusals": (1, 2),
        "refusal_precision": (1, 2),
        "false_refusals": (1, 6),
        "direct": (0, 2),
        "direct_figure": (0, 0),
        "direct_date": (0, 0),
        "direct_name": (0, 2),
        "consistency": (1, 1),
        "quotes": (4, 6),
        "dated": (0, 6),
        "citation_recall": (5, 6),
        "citation_precision": (5, 6),
        "language": (7, 8),
    }
    assert report.summary["latency"]["n"] == 8
    assert {row.id: row.problems for row in report.failures} == {
        "q1/en": ("quote",),
        "q2/en": ("answered",),
        "q3/ko/2": ("refused",),
    }


def test_precision_and_recall_of_refusals_are_scikit_learns(report: Report) -> None:
    drawn = np.random.default_rng(7).integers(0, 2, (60, 2)).astype(bool)
    statuses = [("no_evidence" if refused else "answered", bool(answerable)) for refused, answerable in drawn]
    rows = [replace(report.rows[0], entry=f"q{n}", status=s, answerable=a) for n, (s, a) in enumerate(statuses)]
    measured = replace(report, rows=tuple(rows))
    due, refused = ~drawn[:, 1], drawn[:, 0]
    assert measured.measure("refusals").value == pytest.approx(sklearn.metrics.recall_score(due, refused))
    assert measured.measure("refusal_precision").value == pytest.approx(sklearn.metrics.precision_score(due, refused))


def test_the_time_of_every_step_is_summed_up(report: Report) -> None:
    rows = tuple(replace(row, timings={"read": n / 10, "rewrite": 0.0}) for n, row in enumerate(report.rows))
    timed = replace(report, rows=rows)
    assert timed.summary["steps"]["read"] == {"p50": pytest.approx(0.35), "p95": pytest.approx(0.665), "n": 8}
    assert "| read, p50 / p95 | 350 / 665 ms | | 8 |" in timed.table()


def test_an_answer_in_the_other_language_s_words_is_not_in_the_question_s(tmp_path: Path) -> None:
    english = "The hub rises in Songdo and opens soon. [1]"
    said = [(english, "ko", cite(KOREAN)), (english, "en", cite(KOREAN))]
    assert ask(tmp_path, [SINGLE], said).measure("language").count == 1


def test_a_record_from_before_a_measure_was_taken_still_makes_tables(report: Report, tmp_path: Path) -> None:
    gate.record(replace(report, name="samples"), tmp_path)
    path = tmp_path / "samples.json"
    old = json.loads(path.read_text(encoding="utf-8"))
    del old["summary"]["consistency"], old["summary"]["steps"]
    path.write_text(json.dumps(old), encoding="utf-8")
    assert "Same fact" not in readme.render(tmp_path) and "Same fact" not in render(old["summary"])


def test_a_measure_over_nothing_is_left_out_of_the_table(report: Report) -> None:
    table = report.table()
    assert "| Same language, right | 100.0 | 100.0–100.0 | 1 |" in table
    assert "en→en" not in table and "None" not in table


def test_what_is_recorded_holds_no_text(report: Report) -> None:
    text = json.dumps(report.record(), ensure_ascii=False)
    assert "허브" not in text and "Songdo" not in text and "q1/en" in text


# The gate


def test_the_gate_passes_what_was_recorded_and_names_what_changed(report: Report, tmp_path: Path) -> None:
    gate.record(report, tmp_path)
    assert gate.check(report, tmp_path) == ()
    answers = [REFUSED, GOOD_EN, REFUSED, REFUSED_EN, GOOD, GOOD, REFUSED_EN, REFUSED_EN]
    worse = ask(tmp_path, [SINGLE, NONE, TURNS], answers)
    lines = gate.check(worse, tmp_path)
    assert "mine: Same language, right: 0.0 % is below the floor 98.5 %" in lines
    assert "mine: Answerable, refused: 50.0 % is above the ceiling 17.7 %" in lines
    assert lines[-1].startswith("mine: amiss now, not when the floors were recorded: q1/ko (refused), q1/en (incons")
    assert lines[-1].endswith("q3/en/1 (refused, inconsistent), q3/en/2 (refused)") and "quote" not in lines[-1]


def test_the_gate_allows_what_got_better(report: Report, tmp_path: Path) -> None:
    gate.record(report, tmp_path)
    right, right_en = (("2025 [1]", language, cite(KOREAN, 8, 13)) for language in ("ko", "en"))
    answers = [GOOD, GOOD_EN, REFUSED, REFUSED_EN, GOOD, right, GOOD_EN, right_en]
    better = ask(tmp_path, [SINGLE, NONE, TURNS], answers)
    assert not better.failures
    assert gate.check(better, tmp_path) == ()


def test_the_gate_says_that_nothing_was_recorded(report: Report, tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="--set mine --record"):
        gate.check(report, tmp_path)


def test_quotes_have_no_margin(report: Report, tmp_path: Path) -> None:
    gate.record(report, tmp_path)
    limits = json.loads((tmp_path / "baseline.json").read_text(encoding="utf-8"))["mine"]["limits"]
    assert limits["quotes"] == pytest.approx(4 / 6, abs=1e-4) and limits["quotes"] <= 4 / 6
    assert limits["same"] == 0.985


def test_a_measure_without_a_margin_may_fall_as_far_as_its_interval(report: Report, tmp_path: Path) -> None:
    gate.record(report, tmp_path)
    limits = json.loads((tmp_path / "baseline.json").read_text(encoding="utf-8"))["mine"]["limits"]
    low = report.measure("language").low
    assert low is not None and low - 1e-4 < limits["language"] <= low < 7 / 8


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 40), st.integers(0, 40))
def test_the_sign_test_is_scipys(gained: int, lost: int) -> None:
    if gained + lost:
        expected = scipy.stats.binomtest(gained, gained + lost, alternative="greater").pvalue
        assert gate.sign_test(gained, lost) == pytest.approx(expected)
    else:
        assert gate.sign_test(0, 0) == 1.0


def test_the_gate_sees_what_an_interval_hides(report: Report, tmp_path: Path) -> None:
    """Seven of many questions lose their direct answer: within the interval of the measure, and no coin's toss."""
    sample = report.rows[0]
    rows = [replace(sample, id=f"q{n}/ko", entry=f"q{n}", direct_right=n % 2 == 0) for n in range(100)]
    recorded = replace(report, rows=tuple(rows))
    gate.record(recorded, tmp_path)
    hurt = tuple(replace(row, direct_right=False) if n < 14 else row for n, row in enumerate(rows))
    told = gate.check(replace(recorded, rows=hurt), tmp_path)
    assert told[0] == "mine: direct: 7 questions more and 0 fewer than recorded (p = 0.0078)" and len(told) == 2
    fewer = tuple(replace(row, direct_right=False) if n < 10 else row for n, row in enumerate(rows))
    assert gate.check(replace(recorded, rows=fewer), tmp_path) == ()
    other = replace(recorded, rows=hurt, origin={**recorded.origin, "set_sha256": "another"})
    assert gate.check(other, tmp_path) == ()


# The README


def test_tables_are_written_between_the_markers_only(report: Report, tmp_path: Path) -> None:
    gate.record(replace(report, name="samples"), tmp_path)
    tables = readme.render(tmp_path)
    assert "Bundled samples" in tables and "| Quotes verbatim | 66.7 (" in tables
    page = f"# T\n{readme.START}\nold\n{readme.END}\nrest\n"
    new = readme.rewrite(page, tables)
    assert new.startswith("# T\n") and new.endswith("\nrest\n") and "old" not in new
    assert readme.current(new) == tables and readme.rewrite(new, tables) == new


def test_a_readme_without_markers_is_refused() -> None:
    assert readme.current("# T") is None
    for page in ("# T", f"{readme.END} {readme.START}"):
        with pytest.raises(EvalError, match="lacks the markers"):
            readme.rewrite(page, "x")


def test_the_card_puts_the_encoder_beside_minilm_bm25_and_what_is_published(tmp_path: Path) -> None:
    share = {"low": 0, "high": 1, "count": 1, "n": 2}
    rows = {
        "Tatoeba ko→en": {"R@1": {"value": 0.5, **share}, "MiniLM R@1": {"value": 0.25, **share}},
        "Paragraphs ko→ko": {"R@1": {"value": 0.75, **share}},
    }
    record = {"rows": rows, "command": "python -m eval.bench encoder", "date": "2026-01-02"}
    (tmp_path / "bench-encoder.json").write_text(json.dumps(record), encoding="utf-8")
    ((card, table),) = published.tables(tmp_path).items()
    assert card.parent.name == "model" and "| Tatoeba ko→en | 0.50 | 0.25 | – | multilingual-e5-small .80" in table
    assert "| Paragraphs ko→ko | 0.75 | – | – | – |" in table and "2026-01-02" in table
    peers = {"rows": {published.BM25: {"ko→ko": {"value": 0.9, **share}}}}
    (tmp_path / "bench-peers.json").write_text(json.dumps(peers), encoding="utf-8")
    assert "| Paragraphs ko→ko | 0.75 | – | 0.90 | – |" in published.tables(tmp_path)[card]


def test_the_pages_show_what_is_recorded() -> None:
    for path, tables in readme.pages().items():
        assert readme.current(path.read_text(encoding="utf-8")) == tables, f"{path.name}: run python -m eval.readme"


def test_recorded_sets_are_the_committed_ones() -> None:
    """A set that changed after its result was recorded makes the README's figures those of another set."""
    for name in readme.SETS:
        path = gate.RESULTS / f"{name}.json"
        if path.exists():
            recorded = json.loads(path.read_text(encoding="utf-8"))["set_sha256"]
            assert recorded == origin.digest([sets.find(name)]), f"run: python -m eval.run --set {name} --record"


# Running


def test_missing_articles_are_explained(tmp_path: Path) -> None:
    with pytest.raises(EvalError, match=r"articles: there is no such folder.*--data.*--set samples"):
        runner.run(Settings(home=tmp_path / "home"), "articles", data=tmp_path)
    assert not (tmp_path / "home").exists()


def test_a_user_error_is_one_line_and_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, SINGLE | {"kind": "colour"})
    assert runner.main(["--set", str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and f"{path}:1" in said.err


def test_only_committed_sets_are_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["--set", str(write(tmp_path, SINGLE)), "--record"]) == 2
    assert "only the sets in eval/sets" in capsys.readouterr().err


def test_a_set_of_ones_own_is_asked_over_its_own_documents(tmp_path: Path) -> None:
    """The whole way, through the real index and assistant, without touching the user's home."""
    documents = tmp_path / "documents"
    documents.mkdir()
    text = "인천시는 26일 해양박물관을 새로 연다고 밝혔다. 건립에는 1,250억 원이 들었다. 관람료는 3천 원이다.\n"
    (documents / "museum.txt").write_text(text, encoding="utf-8")
    row = {"id": "m1", "kind": "amount", "ko": "해양박물관 건립에 얼마가 들었나요?", "answerable": True}
    row |= {"en": "How much did the maritime museum cost to build?", "facts": [["1,250억", "125 billion"]]}
    path = write(tmp_path, row | {"sources": ["museum.txt"]})
    home = tmp_path / "home"
    found = runner.run(Settings(home=home), str(path), tmp_path / "out", documents=documents)
    assert not home.exists()
    assert [row.direction for row in found.rows] == ["ko→ko", "en→ko"]
    assert found.rows[0].right, found.rows[0].text
    assert found.measure("quotes").value in (1.0, None)
    assert str(tmp_path) not in json.dumps(found.record()) and (tmp_path / "out" / "mine.md").is_file()
