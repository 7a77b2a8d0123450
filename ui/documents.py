"""The list of documents and the report of an upload, as HTML. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index.types import Article, Language
from ui.labels import LABELS
from ui.markup import button, inert, table

if TYPE_CHECKING:
    from index.build import Report


def listing(articles: Sequence[Article], language: Language) -> str:
    """The list of what is indexed, with a search box that the page's script serves."""
    labels = LABELS[language]
    if not articles:
        return f'<p class="hint">{labels["no_articles"]}</p>'
    heads = [labels[name] for name in ("headline", "publisher", "published", "language", "file", "actions")]
    find = (
        f'<div class="find"><input type="search" data-role="find" aria-label="{labels["find"]}" '
        f'placeholder="{labels["find"]}"><span class="hint" data-role="shown" data-words="{labels["shown"]}" '
        f'data-none="{labels["none_found"]}" aria-live="polite">{labels["shown"].format(len(articles))}</span></div>'
    )
    return f"{find}{table(heads, [_row(article, language) for article in articles], 'listing')}{_sure(language)}"


def _row(article: Article, language: Language) -> str:
    labels, title = LABELS[language], inert(article.title or article.source)
    name = f' data-article="{inert(article.id)}" data-title="{title}"'
    acts = button(labels["ask_only"], "only", f'{name} aria-label="{labels["ask_only"]}: {title}"')
    acts += button(labels["remove"], "remove", f'{name} aria-label="{labels["remove"]}: {title}"', "quiet danger")
    return (
        f'<td lang="{article.language}">{title}</td><td>{inert(article.publisher) or "–"}</td>'
        f"<td>{inert(article.published or '') or labels['undated']}</td><td>{labels[article.language]}</td>"
        f'<td><code>{inert(article.source)}</code></td><td class="acts">{acts}</td>'
    )


def _sure(language: Language) -> str:
    """What is asked before a document is removed."""
    labels = LABELS[language]
    choices = button(labels["cancel"], "cancel") + button(labels["remove"], "sure", classes="danger solid")
    return (
        f'<dialog class="sure" aria-labelledby="sure-title"><p id="sure-title" class="headline"></p>'
        f'<p>{labels["remove_sure"]}</p><div class="actions">{choices}</div></dialog>'
    )


def progress(done: int, total: int, name: str, left: float | None, language: Language) -> str:
    """How far an indexing run is; ``left`` are the seconds that it will still take, if that can be told."""
    labels = LABELS[language]
    rest = f" · {labels['left'].format(max(1, round(left)))}" if left is not None else ""
    told = f"{labels['reading']} · {done}/{total}{rest}"
    bar = f'<progress max="{max(total, 1)}" value="{done}" aria-label="{labels["reading"]}"></progress>'
    return f'<div class="progress" role="status"><p>{told}</p>{bar}<p class="hint">{inert(name)}</p></div>'


def outcomes(report: Report) -> list[tuple[str, str, str]]:
    """An indexing run's report as rows of (path, outcome, reason)."""
    done = {"added": report.added, "updated": report.updated, "unchanged": report.unchanged, "removed": report.removed}
    rows = [(path, outcome, "") for outcome, paths in done.items() for path in paths]
    return rows + [(path, "skipped", reason) for path, reason in report.skipped.items()]


def report_table(rows: Iterable[tuple[str, str, str]], language: Language) -> str:
    """What an indexing run did, by file.

    :param rows: a file's path, one of ``added updated unchanged removed skipped``, and why it was skipped.
    """
    labels = LABELS[language]
    cells = [
        f'<td><code>{inert(Path(path).name)}</code></td><td class="{outcome}">{labels[outcome]}'
        f"{f': {inert(reason)}' if reason else ''}</td>"
        for path, outcome, reason in rows
    ]
    return table([labels["file"], labels["result"]], cells, "report")
