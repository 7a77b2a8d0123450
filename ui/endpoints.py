"""What programs may call: ``ask``, ``search`` and ``index`` by gradio_client, the first two as MCP tools as well.

The docstrings and type hints are the documentation that both kinds of clients are given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradio as gr

from index.errors import CorpusError
from index.types import Article, Hit
from rag.errors import AskError
from rag.types import Turn
from ui.desk import Desk
from ui.library import add_documents

MOST_HITS = 100


class Endpoints:
    """The program interface over one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def ask(self, question: str, language: str = "auto", history: list[dict[str, str]] | None = None) -> dict[str, Any]:
        """Answer a question from the indexed documents in Korean or English, every sentence with a verified citation. Where the documents do not answer, the status says so and the nearest passages come as hits.

        Args:
            question: What is asked, in Korean or English; at most 2,000 characters.
            language: The answer's language: "ko", "en", or "auto" for the question's own.
            history: Earlier exchanges of the conversation, each {"question": ..., "answer": ...}, oldest first.

        Returns:
            The answer: question, query, language, status ("answered" or "no_evidence"), text with markers [1],
            generator, citations (number, article_id, title, publisher, published, language, source, quote, start,
            end), hits, timings, notice (one line where a language model's answer was amiss), and how many sentences the
            model wrote (read) and how many of them were left out (dropped).
        """
        try:
            return self._desk.assistant().ask(question, _turns(history or []), language).as_dict()
        except (AskError, CorpusError) as error:
            raise gr.Error(str(error)) from error

    def search(self, query: str, limit: int = 10) -> list[dict[str, Any]]:
        """Find the passages of the indexed documents that are nearest to a query, best first. A Korean query finds English passages too, and the reverse.

        Args:
            query: What to look for, in Korean or English.
            limit: How many passages at most, 1 to 100.

        Returns:
            For each passage: article_id, passage_id, score, start, end, title, published, source and text.
        """
        try:
            assistant = self._desk.assistant()
            hits = assistant.search(query, limit=min(max(limit, 1), MOST_HITS))
        except (AskError, CorpusError) as error:
            raise gr.Error(str(error)) from error
        return [_found(hit, assistant.article(hit.article_id)) for hit in hits]

    def index(self, files: list[str]) -> dict[str, Any]:
        """Add documents to the index, or bring them up to date: .txt .md .html .pdf .docx, up to 20 MB each, 200 at a time. A file replaces its namesake.

        Args:
            files: The uploaded files, in gradio_client each as handle_file(path).

        Returns:
            File names by what became of them: added, updated, unchanged, and skipped with the reason for each.
        """
        try:
            report = add_documents(self._desk.settings, [Path(file) for file in files])
        except CorpusError as error:
            raise gr.Error(str(error)) from error
        done = {"added": report.added, "updated": report.updated, "unchanged": report.unchanged}
        named = {outcome: [Path(path).name for path in paths] for outcome, paths in done.items()}
        return {**named, "skipped": {Path(path).name: reason for path, reason in report.skipped.items()}}


def _turns(history: Sequence[dict[str, str]]) -> list[Turn]:
    try:
        return [Turn(str(turn["question"]), str(turn["answer"])) for turn in history]
    except (KeyError, TypeError) as error:
        raise gr.Error('Each turn of the history must be {"question": text, "answer": text}.') from error


def _found(hit: Hit, article: Article) -> dict[str, Any]:
    about = {"title": article.title, "published": article.published, "source": article.source}
    return {**asdict(hit), **about, "text": article.text[hit.start : hit.end]}
