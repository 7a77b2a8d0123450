"""Narrowing a question to some of the documents: by language, publisher, date, or by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import gradio as gr

from index.errors import CorpusError
from index.types import Article, Language
from rag.types import Filter
from ui.asking import sent, visitors_language
from ui.desk import Desk
from ui.labels import LABELS
from ui.markup import notice


class Scope:
    """What the controls of the range do. Its values are languages, publishers, article ids, first and last day."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def choices(self, publishers: list[str] | None = None, articles: list[str] | None = None) -> tuple[Any, ...]:
        """What can be chosen now, and of what was chosen what still can: (publishers, articles)."""
        known = self._articles()
        houses = sorted({(article.publisher, article.publisher) for article in known if article.publisher})
        names = [(f"{article.title or article.source} · {article.published or '–'}", article.id) for article in known]
        return _choice(houses, publishers), _choice(names, articles)

    def _articles(self) -> list[Article]:
        try:
            return self._desk.articles()
        except CorpusError:  # told where a question is asked
            return []

    def change(
        self,
        languages: list[str] | None,
        publishers: list[str] | None,
        articles: list[str] | None,
        since: str | None,
        until: str | None,
        request: gr.Request,
    ) -> tuple[Any, ...]:
        """Take up a changed range: (filter or none, its heading, what is wrong with it)."""
        language = visitors_language(request)
        labels = LABELS[language]
        for day in (since, until):
            if day and day.strip() and not _day(day):
                return gr.skip(), gr.skip(), notice(labels["scope_wrong_date"] + day, "error")
        only = Filter(_set(languages), _set(publishers), _set(articles), _day(since), _day(until))
        if only == Filter():
            return None, gr.Accordion(label=f"{labels['scope']} · {labels['scope_none']}"), ""
        admitted = [article for article in self._articles() if only.admits(article)]
        wrong = "" if admitted else notice(labels["scope_empty"], "error")
        return only, gr.Accordion(label=f"{labels['scope']} · {told(only, len(admitted), language)}"), wrong

    def only_one(self, event: gr.EventData) -> tuple[Any, ...]:
        """Ask one document alone: (languages, publishers, articles, first day, last day, tabs)."""
        publishers, articles = self.choices([], [sent(event, "article")])
        return [], publishers, articles, "", "", gr.Tabs(selected="chat")

    def clear(self) -> tuple[Any, ...]:
        """Ask all documents again: (languages, publishers, articles, first day, last day)."""
        return [], [], [], "", ""


def _choice(offered: Sequence[tuple[str, str]], chosen: Sequence[str] | None) -> gr.Dropdown:
    known = {value for _, value in offered}
    return gr.Dropdown(
        choices=list(offered), value=[value for value in chosen or () if value in known], multiselect=True
    )


def told(only: Filter, admitted: int, language: Language) -> str:
    """A filter in a few words."""
    labels = LABELS[language]
    days = f"{only.since or '…'} – {only.until or '…'}" if only.since or only.until else ""
    tongues = [labels[tongue] for tongue in ("ko", "en") if tongue in only.languages]
    parts = [*tongues, *sorted(only.publishers), days, labels["documents_counted"].format(admitted)]
    return " · ".join(part for part in parts if part)


def _set(chosen: Sequence[str] | None) -> frozenset[str]:
    return frozenset(chosen or ())


def _day(text: str | None) -> str:
    """``text`` as an ISO date, or nothing if it is none."""
    try:
        return date.fromisoformat((text or "").strip()).isoformat()
    except ValueError:
        return ""
