"""Small pictures as inline SVG: a timeline of articles, and bars. Pure; nothing is loaded, nothing moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from index.types import Article, Language
from ui.labels import LABELS
from ui.markup import inert

WIDTH, HEIGHT, MARGIN = 640, 64, 40  # of a timeline, in its own units
CLOSEST = 18  # two dots nearer than this are stacked


def timeline(dated: Sequence[tuple[Article, str]], language: Language) -> str:
    """A line with a dot for every dated article; nothing where fewer than two have a date.

    :param dated: articles, each with the element id that its dot leads to.
    """
    days = [(day, article, mark) for article, mark in dated if (day := _day(article.published))]
    if len({day for day, _, _ in days}) < 2:
        return ""
    days.sort(key=lambda item: item[0])
    first, last = days[0][0], days[-1][0]
    dots = "".join(_dot(*item, x, lane, language) for item, (x, lane) in zip(days, _places(days), strict=True))
    ends = "".join(
        f'<text x="{x}" y="{HEIGHT - 6}" text-anchor="{anchor}">{day.isoformat()}</text>'
        for day, x, anchor in ((first, MARGIN - 8, "start"), (last, WIDTH - MARGIN + 8, "end"))
    )
    label = LABELS[language]["timeline"]
    return (
        f'<figure class="timeline"><figcaption>{label}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="group" aria-label="{label}">'
        f'<line x1="{MARGIN}" y1="34" x2="{WIDTH - MARGIN}" y2="34"></line>{dots}{ends}</svg></figure>'
    )


def _day(published: str | None) -> date | None:
    try:
        return date.fromisoformat(published or "")
    except ValueError:
        return None


def _places(days: Sequence[tuple[date, Article, str]]) -> list[tuple[float, int]]:
    """Where each dot stands: its x, and how many dots it is above the line because they share its place."""
    first, span = days[0][0], (days[-1][0] - days[0][0]).days
    places: list[tuple[float, int]] = []
    for day, _, _ in days:
        x = MARGIN + (WIDTH - 2 * MARGIN) * (day - first).days / span
        crowded = places and x - places[-1][0] < CLOSEST
        places.append((round(x, 1), places[-1][1] + 1 if crowded else 0))
    return places


def _dot(day: date, article: Article, mark: str, x: float, lane: int, language: Language) -> str:
    name = f"{day.isoformat()} · {inert(article.title or article.source)} · {LABELS[language][article.language]}"
    return (
        f'<g class="dot {article.language}" role="button" tabindex="0" data-action="show" data-mark="{mark}" '
        f'aria-label="{name}"><title>{name}</title><circle cx="{x}" cy="{34 - 12 * lane}" r="7"></circle></g>'
    )


def columns(counts: Sequence[tuple[str, int]], caption: str, counted: str) -> str:
    """Upright bars side by side, for counts in time.

    :param counts: names, not yet escaped, with how many; in their order.
    :param counted: how a number is said, such as ``"{} documents"``.
    """
    most = max((count for _, count in counts), default=0)
    items = "".join(
        f'<li style="--share:{count / most:.3f}"><span class="count"><span class="sr">{counted.format(count)}</span>'
        f'<span aria-hidden="true">{count}</span></span><span class="bar"></span><span class="name">{inert(name)}</span></li>'
        for name, count in counts
    )
    return f'<section class="columns"><h3>{caption}</h3><ul>{items}</ul></section>'


def bars(counts: Sequence[tuple[str, int]], caption: str, counted: str, classes: str = "") -> str:
    """Labelled horizontal bars as a list, which reads as one without its picture too.

    :param counts: names, not yet escaped, with how many; in the order to be shown.
    :param counted: how a number is said, such as ``"{} documents"``.
    """
    most = max((count for _, count in counts), default=0)
    rows = "".join(
        f'<li><span class="name">{inert(name)}</span><span class="bar" style="--share:{count / most:.3f}"></span>'
        f'<span class="count">{counted.format(count)}</span></li>'
        for name, count in counts
    )
    return f'<section class="bars {classes}"><h3>{caption}</h3><ul>{rows}</ul></section>'
