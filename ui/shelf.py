"""What the controls of the document list do. Each takes and returns plain values, so that tests can call it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from index.errors import CorpusError
from index.types import Language
from ui.asking import sent, visitors_language
from ui.desk import Desk
from ui.documents import listing, outcomes, progress, report_table
from ui.library import adding, remove_documents
from ui.markup import notice
from ui.overview import overview


class Shelf:
    """The documents of everyone who uses this Mundap."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: gr.Request) -> str:
        """The list of what is indexed."""
        return self._listing(visitors_language(request))

    def _listing(self, language: Language) -> str:
        try:
            return listing(self._desk.articles(), language)
        except CorpusError as error:
            return notice(str(error), "error")

    def survey(self, request: gr.Request) -> str:
        """What is indexed, at a glance."""
        language = visitors_language(request)
        try:
            return overview(self._desk.articles(), language)
        except CorpusError as error:
            return notice(str(error), "error")

    def upload(self, files: list[str] | None, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Index uploaded files, yielding (file box, progress or report, list) as it goes on."""
        language = visitors_language(request)
        if not files:
            yield gr.skip(), gr.skip(), gr.skip()
            return
        try:
            for step in adding(self._desk.settings, [Path(file) for file in files]):
                if isinstance(step, tuple):
                    yield gr.skip(), progress(*step, language), gr.skip()
                else:
                    yield None, report_table(outcomes(step), language), self._listing(language)
        except CorpusError as error:
            yield None, notice(str(error), "error"), gr.skip()

    def remove(self, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """Remove the document whose removal was confirmed: (report, list)."""
        language = visitors_language(request)
        chosen = [article for article in self._desk.articles() if article.id == sent(event, "article")]
        if not chosen:
            return gr.skip(), self._listing(language)
        try:
            remove_documents(self._desk.settings, chosen)
        except CorpusError as error:
            return notice(str(error), "error"), gr.skip()
        return report_table([(a.source, "removed", "") for a in chosen], language), self._listing(language)
