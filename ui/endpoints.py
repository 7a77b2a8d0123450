"""What programs may call: ``ask``, ``search`` and ``index`` by gradio_client, the first two as MCP tools as well.

The docstrings and type hints are the documentation that both kinds of clients are given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradio as gr
from gradio import events
from gradio_client.utils import is_http_url_like

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
            direct (the figure, date or name that answers, where one stands out), generator, citations (number,
            article_id, title, publisher, published, language, source, quote, start, end), hits, timings, notice (one
            line where a language model's answer was amiss), how many sentences the model wrote (read) and how many of
            them were left out (dropped), confidence (0 to 1), agreements and conflicts between the cited articles.
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
            report = add_documents(self._desk.settings, [Path(file) for file in files or ()])
        except CorpusError as error:
            raise gr.Error(str(error)) from error
        done = {"added": report.added, "updated": report.updated, "unchanged": report.unchanged}
        named = {outcome: [Path(path).name for path in paths] for outcome, paths in done.items()}
        return {**named, "skipped": {Path(path).name: reason for path, reason in report.skipped.items()}}

    # Language models ask and search; what is indexed is for people and their programs. Gradio knows no public way to
    # keep an endpoint that is documented from being a tool.
    index._mcp_type = "none"  # type: ignore[attr-defined]


def upload_box(**options: Any) -> gr.File:
    """A file box that takes what visitors upload and fetches nothing: gradio's own would download an address."""
    box = gr.File(file_count="multiple", **options)
    keep = box.async_move_resource_to_block_cache

    async def keep_uploads(place: Any) -> str | None:
        if is_http_url_like(str(place)):
            raise gr.Error("Upload the file itself; addresses are not fetched.")
        kept: str | None = await keep(place)
        return kept

    box.async_move_resource_to_block_cache = keep_uploads  # a subclass would make gradio write a stub file beside it
    return box


def offer(endpoints: Endpoints) -> None:
    """Publish the endpoints on the page that is being laid out."""
    events.api(endpoints.ask, api_name="ask")
    events.api(endpoints.search, api_name="search")
    # Through a file box of its own, which admits only what was uploaded: a bare path could name any file.
    files, done = upload_box(label="files", visible=False), gr.JSON(label="outcome", visible=False)
    gr.Button(visible=False).click(
        endpoints.index, files, done, api_name="index", concurrency_limit=1, concurrency_id="index"
    )


def _turns(history: Sequence[dict[str, str]]) -> list[Turn]:
    try:
        return [Turn(str(turn["question"]), str(turn["answer"])) for turn in history]
    except (KeyError, TypeError) as error:
        raise gr.Error('Each turn of the history must be {"question": text, "answer": text}.') from error


def _found(hit: Hit, article: Article) -> dict[str, Any]:
    about = {"title": article.title, "published": article.published, "source": article.source}
    return {**asdict(hit), **about, "text": article.text[hit.start : hit.end]}
