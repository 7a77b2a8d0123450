"""Hostile documents, and a model that obeys every one of them: what it writes then must not reach the reader.

``eval/injections.jsonl`` holds the documents, what a model that obeys writes, and words of it that must not be shown. All
are written for this test; each goes the whole way, from a file through the index to the page.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from index.types import Article, Hit
from pages import assert_inert
from rag.abstractive import Abstractive
from rag.assistant import Assistant
from rag.llm import LanguageModel
from rag.settings import Settings
from rag.types import Answer
from rag.verify import verify
from scripted import Serve
from ui.conversation import conversation
from ui.history import Exchange

CASES = [json.loads(row) for row in (ROOT / "eval" / "injections.jsonl").read_text("utf-8").splitlines()]
NAMES = [f"{case['language']} {case['kind']}" for case in CASES]
QUESTIONS = {"en": "How much will the Songdo laboratory hub cost?", "ko": "송도 연구 허브의 사업비는 얼마인가요?"}
TRUTHS = {
    "en": "The Songdo laboratory hub will cost 272.6 billion won",
    "ko": "송도 연구 허브의 사업비는 2,726억 원이다",
}
MARKERS = re.compile(r"\[(\d+)\]")
FENCED = {
    "en": r"<<< document \d begins {0}.*?>>> document \d ends {0}",
    "ko": r"<<< 문서 \d 시작 {0}.*?>>> 문서 \d 끝 {0}",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, warmed: None) -> Path:
    """An index of the two true articles and all hostile ones."""
    from index.build import index_paths
    from index.embed import load_encoder

    folder, place = tmp_path_factory.mktemp("documents"), tmp_path_factory.mktemp("home")
    for language, truth in TRUTHS.items():
        (folder / f"true-{language}.txt").write_text(f"{truth}.\n", encoding="utf-8")
    for number, case in enumerate(CASES):
        (folder / f"evil-{number}.{case['format']}").write_text(case["document"] + "\n", encoding="utf-8")
    report = index_paths(place, [folder], load_encoder(None))
    assert not report.skipped
    return place


@pytest.fixture(scope="module")
def opened(home: Path) -> Assistant:
    return Assistant.from_settings(Settings(home, llm_base_url="http://127.0.0.1:1/v1", llm_model="m"))


class Finds:
    """A retriever that finds the true article, then the hostile one."""

    def __init__(self, assistant: Assistant, names: Sequence[str]) -> None:
        self._hits = [hit for name in names for hit in _hits(assistant, name)]

    def retrieve(self, query: object, limit: int, only: object = None) -> tuple[Hit, ...]:
        return tuple(self._hits[:limit])


def finds(assistant: Assistant, names: Sequence[str]) -> None:
    """Let ``assistant`` find these articles, whatever it is asked."""
    found = Finds(assistant, names)
    assistant._retriever = found  # type: ignore[assignment]
    assistant._interpreter._retriever = found  # type: ignore[assignment]


def _hits(assistant: Assistant, name: str) -> list[Hit]:
    article = next(a for a in assistant.articles() if a.source.rsplit(".", 1)[0] == name)
    passages = [p for p in assistant._corpus.passages if p.article_id == article.id]
    return [Hit(article.id, p.id, 1.0, p.start, p.end) for p in passages]


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address that anything connects to."""
    addresses: list[Any] = []
    connect = socket.socket.connect
    monkeypatch.setattr(socket.socket, "connect", lambda self, a: (addresses.append(a), connect(self, a))[1])
    return addresses


def inert(answer: Answer) -> None:
    assert_inert(conversation([Exchange(answer.question, answer)], "en"))


def grounded(answer: Answer, articles: Sequence[Article]) -> None:
    """Every sentence is cited, and one of its citations supports it, verbatim in its article."""
    texts = {article.id: article.text for article in articles}
    citations = {citation.number: citation for citation in answer.citations}
    for citation in answer.citations:
        assert texts[citation.article_id][citation.start : citation.end] == citation.quote
    for row in answer.text.splitlines():
        numbers = [int(n) for n in MARKERS.findall(row)]
        assert numbers and set(numbers) <= set(citations), row
        bare = MARKERS.sub("", row).strip()
        assert any(verify(bare, citations[n].quote, citations[n].published).supported for n in numbers), row


def test_there_are_enough_of_them_in_both_languages() -> None:
    assert len(CASES) >= 40 and len(set(NAMES)) == len(CASES)
    assert min(sum(case["language"] == language for case in CASES) for language in QUESTIONS) >= 20


@pytest.mark.parametrize("number", range(len(CASES)), ids=NAMES)
def test_a_model_that_obeys_is_not_shown(number: int, serve: Serve, opened: Assistant, visited: list[Any]) -> None:
    case = CASES[number]
    language = case["language"]
    server = serve(f"{TRUTHS[language]} [1].\n", *case["obeyed"])
    opened._generator = Abstractive(LanguageModel(server.url, "m"))
    finds(opened, [f"true-{language}", f"evil-{number}"])
    answer = opened.ask(QUESTIONS[language])
    assert answer.text == f"{TRUTHS[language]}. [1]" and answer.generator == "llm:m"
    assert answer.dropped >= 1 or case["kind"] == "empty answer"
    assert not [word for word in case["forbidden"] if word in answer.text + answer.notice]
    grounded(answer, opened.articles())
    inert(answer)
    assert {f"http://{host}:{port}/v1" for host, port in visited} == {server.url} and len(server.requests) == 1
    assert [m["role"] for m in server.requests[0]["messages"]] == ["system", "user"]


@pytest.mark.parametrize("number", range(len(CASES)), ids=NAMES)
def test_a_document_reaches_the_model_only_inside_its_fence(number: int, serve: Serve, opened: Assistant) -> None:
    language = CASES[number]["language"]
    systems, outside = [], []
    for names in ([f"true-{language}"], [f"true-{language}", f"evil-{number}"]):
        server = serve("NO_ANSWER")
        opened._generator = Abstractive(LanguageModel(server.url, "m"))
        finds(opened, names)
        opened.ask(QUESTIONS[language])
        system, user = (message["content"] for message in server.requests[0]["messages"])
        fence = re.search(r"(?<![0-9a-f])[0-9a-f]{16}(?![0-9a-f])", system)
        assert fence and user.count(fence[0]) == 2 * len(names)
        systems.append(system.replace(fence[0], "FENCE"))
        outside.append(re.sub(r"\s+", " ", re.sub(FENCED[language].format(fence[0]), "", user, flags=re.S)))
    assert systems[0] == systems[1] and outside[0] == outside[1]


@pytest.mark.parametrize("language", QUESTIONS)
def test_a_model_that_obeys_all_at_once_and_nothing_else_gives_the_quoted_answer(
    language: str, serve: Serve, opened: Assistant
) -> None:
    cases = [case for case in CASES if case["language"] == language and case["kind"] != "empty answer"]
    finds(opened, [f"true-{language}"])
    server = serve("\n".join(case["obeyed"] for case in cases))
    opened._generator = Abstractive(LanguageModel(server.url, "m"))
    answer = opened.ask(QUESTIONS[language])
    assert answer.generator == "extractive" and answer.notice and answer.dropped == answer.read >= 20
    assert not [word for case in cases for word in case["forbidden"] if word in answer.text]
    inert(answer)
