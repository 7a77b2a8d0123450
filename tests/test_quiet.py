"""Logs are for whoever runs Mundap, and what it reads is not: nothing is said of documents, questions or the key."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from index.build import index_paths
from index.corpus import LEXICAL
from index.embed import load_encoder
from rag import Assistant, Settings
from scripted import KEY, Serve

TEXT = "Zephyrine budget\n\nThe zephyrine office of Larkhaven spends 340 million won. 달무리청은 예산을 늘렸다.\n"
QUESTION = "How much does the zephyrine office spend, quixotic as it is?"
SECRETS = ("zephyrine", "Zephyrine", "달무리청", "quixotic", KEY)


@pytest.mark.usefixtures("warmed")
def test_indexing_and_asking_say_nothing_of_what_they_read(
    serve: Serve, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not when all goes well, nor when a file, the index or the language model's server is amiss."""
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
    printed = capfd.readouterr()
    assert printed.out == "" and not any(secret in printed.err for secret in SECRETS)
    told = {record.name for record in caplog.records if record.levelno >= logging.WARNING}
    assert told == {"index.corpus", "rag.abstractive"}
    assert not any(secret in caplog.text for secret in SECRETS)
