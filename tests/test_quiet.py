"""Logs are for whoever runs Mundap, and what it reads is not: nothing is said of documents, questions or the key."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.build import index_paths
from index.corpus import LEXICAL
from index.embed import load_encoder
from rag import Assistant, Settings
from rag.errors import EmptyQuestion
from rag.log import JsonLines, configure
from scripted import KEY, Serve
from test_cli import done, folder

__all__ = ["folder"]

TEXT = "Zephyrine budget\n\nThe zephyrine office of Larkhaven spends 340 million won. 달무리청은 예산을 늘렸다.\n"
QUESTION = "How much does the zephyrine office spend, quixotic as it is?"
SECRETS = ("zephyrine", "Zephyrine", "달무리청", "quixotic", KEY)


@pytest.fixture(autouse=True)
def quiet_again() -> Iterator[None]:
    yield
    configure("warning")


def lines(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines()]


@pytest.mark.usefixtures("warmed")
def test_indexing_and_asking_say_nothing_of_what_they_read(
    serve: Serve, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not at the most talkative, when all goes well or when a file, the index or the model's server is amiss."""
    configure("debug")
    folder, home = tmp_path / "documents", tmp_path / "home"
    folder.mkdir()
    (folder / "good.md").write_text(TEXT, encoding="utf-8")
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 zephyrine")
    for name in ("words", "words"):  # the second run finds nothing to do
        report = index_paths(home, [folder], load_encoder(name))
    assert len(report.unchanged) == len(report.skipped) == 1
    (home / LEXICAL).write_bytes(b"zephyrine")
    server = serve(status=500)
    settings = Settings(home, embedder="words", llm_base_url=server.url, llm_model="m", llm_api_key=KEY)
    answer = Assistant.from_settings(settings).ask(QUESTION)
    assert server.requests and answer.notice and "340 million won" in answer.text
    with pytest.raises(EmptyQuestion):
        Assistant.from_settings(Settings(home, embedder="words")).ask(" \u200b ")
    printed = capfd.readouterr()
    assert printed.out == "" and not any(secret in printed.err for secret in SECRETS)
    logged = lines(printed.err)
    assert {line["event"] for line in logged} >= {"indexed", "answered", "language model: InternalServerError"}
    assert all(line.keys() >= {"time", "level", "logger", "event"} for line in logged)
    (told,) = (line for line in logged if line["event"] == "answered")
    assert told["status"] == "answered" and told["citations"] and told["seconds"]["retrieve"] >= 0
    told = {record.name for record in caplog.records if record.levelno >= logging.WARNING}
    assert told == {"index.corpus", "rag.abstractive"}
    assert not any(secret in caplog.text for secret in SECRETS)


def test_an_error_is_told_by_its_kind_and_its_place(caplog: pytest.LogCaptureFixture) -> None:
    """Its words may quote the question, and so may a library's."""
    caplog.handler.setFormatter(JsonLines())
    try:
        raise ValueError(QUESTION)
    except ValueError:
        logging.getLogger("ui.asking").exception("A question could not be answered.")
    logging.getLogger("openai").warning(QUESTION)
    ours, theirs = lines(caplog.text)
    assert not any(secret in caplog.text for secret in SECRETS)
    assert (ours["event"], ours["error"]) == ("A question could not be answered.", "ValueError")
    assert re.fullmatch(r"test_quiet\.py:\d+", ours["at"][-1]) and re.fullmatch(r"test_quiet\.py:\d+", theirs["event"])


@pytest.mark.parametrize(
    ("level", "told"), [("", []), ("warning", []), ("INFO", ["indexed"]), ("loud", ["MUNDAP_LOG is unknown"])]
)
def test_it_is_quiet_until_it_is_asked_to_speak(
    folder: Path, monkeypatch: pytest.MonkeyPatch, level: str, told: list[str]
) -> None:
    monkeypatch.setenv("MUNDAP_LOG", level)
    monkeypatch.setenv("MUNDAP_EMBEDDER", "words")
    logged = lines(done("index", str(folder)).stderr)
    assert [line["event"].partition(";")[0] for line in logged] == told
