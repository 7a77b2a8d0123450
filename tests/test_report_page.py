"""The report's files: self-contained, escaped, worst first, compared with what is recorded."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from eval import page
from eval.plots import plots
from eval.report import Report, Row, changes, render
from rag.types import Citation

HOSTILE = "</blockquote><script>alert(1)</script><img src=x onerror=alert(2)>“송도”"


def row(name: str, problems: tuple[str, ...] = (), language: str = "ko", **more: object) -> Row:
    cited = Citation(1, "a", "", "", None, "ko", "<b>hub.md", HOSTILE, 0, 9)
    made = Row(
        f"{name}/{language}", name, 0, language, "place", f"{language}→ko", True, f"{name}? {HOSTILE}", "answered",
        language, f"{HOSTILE} [1]", "송도", True, False, (cited,), (True,), (True,), (True,), problems, 0.2,
        {"read": 0.1}, 0.7, language,
    )  # fmt: skip
    return replace(made, **more)


@pytest.fixture
def report() -> Report:
    rows = (row("q1"), row("q2", direct_right=False), row("q3", ("fact 1", "source")), row("q4", ("quote",), "en"))
    return Report("mine", rows, {"command": "test", "date": "2023-07-04", "commit": None})


@pytest.fixture(autouse=True)
def plotless(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes most of a page's time: only the tests marked ``plotted`` draw."""
    if "plotted" not in request.fixturenames:
        monkeypatch.setattr(page, "plots", lambda _: {})


@pytest.fixture
def plotted() -> None:
    """The page is drawn with its plots."""


class Page(HTMLParser):
    """The tags of a page with their attributes, and the text of its articles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_three_files_are_written_worst_first(report: Report, tmp_path: Path) -> None:
    data, markdown, html = page.save(report, tmp_path / "out" / "deep")
    loaded = json.loads(data.read_text(encoding="utf-8"))
    assert loaded["summary"]["same"]["n"] == 3 and loaded["rows"][2]["problems"] == ["fact 1", "source"]
    assert loaded["remarks"] == {"q2/ko": ["direct"], "q3/ko": ["fact 1", "source"], "q4/en": ["quote"]}
    assert render(loaded["summary"]) == report.table()
    for path in (markdown, html):
        text = path.read_text(encoding="utf-8")
        assert [text.index(name) for name in ("q3/ko", "q4/en", "q2/ko", "q1/ko")] == sorted(
            text.index(name) for name in ("q1/ko", "q2/ko", "q3/ko", "q4/en")
        )


def test_what_documents_say_runs_nowhere(report: Report) -> None:
    text = page.render(report)
    found = Page(text)
    assert len(found.named("script")) == 1 and not found.named("img") and not found.named("b")
    assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on")]
    assert text.count("&lt;script&gt;alert(1)") == 4 * 3
    policy = next(m["content"] for m in found.named("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None and policy.startswith("default-src 'none'") and "script-src 'sha256-" in policy


def test_it_needs_nothing_from_elsewhere(report: Report, plotted: None) -> None:
    pytest.importorskip("matplotlib")
    found = Page(page.render(report))
    assert len(found.named("svg")) == 3
    for tag, attributes in found.tags:
        for name in ("src", "href", "xlink:href", "action"):
            assert (attributes.get(name) or "#").startswith("#"), (tag, attributes)


def test_its_filters_know_every_direction_and_kind(report: Report) -> None:
    text = page.render(report)
    found = Page(text)
    assert [a["class"] for a in found.named("article")] == ["wrong", "wrong", "remarked", "right"]
    assert {a["data-direction"] for a in found.named("article")} == {"ko→ko", "en→ko"}
    assert "<option>ko→ko</option>" in text and "<option>place</option>" in text
    assert set(re.findall(r'"(text|mark|direction|kind|count)"', page.SCRIPT)) == {
        "text",
        "mark",
        "direction",
        "kind",
        "count",
    }
    assert {"text", "mark", "direction", "kind", "count"} <= {a.get("id") for _, a in found.tags}


def test_it_tells_what_has_changed_since(report: Report) -> None:
    before = replace(report, rows=(row("q1", ("refused",)), *report.rows[1:3], row("q4", (), "en"))).record()
    assert changes(before["remarks"], report) == (["q4/en (quote)"], ["q1/ko (refused)"])
    text = page.render(report, before)
    assert "worse 1: q4/en (quote)" in text and "better 1: q1/ko (refused)" in text
    assert '<td class="better">+33.3</td>' in text and '<td class="worse">-100.0</td>' in text
    assert "recorded" not in page.render(report)


def test_a_held_out_report_shows_no_question_and_no_answer(report: Report, tmp_path: Path) -> None:
    for path in page.save(replace(report, held_out=True), tmp_path):
        text = path.read_text(encoding="utf-8")
        assert "송도" not in text and "alert(1)" not in text and "q3/ko" not in text.replace('"q3/ko": [', "")


def test_plots_are_the_same_bytes_for_the_same_report(report: Report) -> None:
    pytest.importorskip("matplotlib")
    first, second = plots(report), plots(report)
    assert first == second and len(first) == 3
    assert all(svg.startswith("<svg") and "<script" not in svg for svg in first.values())
    assert "en→ko" in first["Right answers by direction"]


def test_without_a_row_there_is_no_plot() -> None:
    empty = Report("mine", (), {"command": "test", "date": "2023-07-04"})
    assert plots(empty) == {} and "Plots need matplotlib" in page.render(empty)
