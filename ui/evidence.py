"""The evidence panel as HTML: each cited article once and whole, with the cited spans marked. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from index.types import Article, Hit, Language, Span
from rag.types import Answer, Citation
from ui.charts import timeline
from ui.conversation import mark_id, marker
from ui.history import RELATED
from ui.labels import LABELS
from ui.markup import button, inert

Mark = tuple[Span, str, str]  # the span, its element id, its label: "1" or nothing
Find = Callable[[str], Article]


def evidence(answer: Answer | None, find: Find, turn: int, language: Language) -> str:
    """The panel for one answer.

    :param find: gives an article by its id; of one that has changed or gone since, only the words quoted are shown.
    """
    labels = LABELS[language]
    if answer is None:
        return _panel(labels["evidence"], f'<p class="hint empty">{labels["evidence_empty"]}</p>', language)
    if answer.status == "no_evidence":
        return _related(answer, find, turn, language)
    groups = _grouped(answer.citations)
    articles = {article_id: found(find, article_id) for article_id in groups}
    sections = [
        _cited(articles[i], cited, turn, language, number == 0) for number, (i, cited) in enumerate(groups.items())
    ]
    dated = [(articles[i], mark_id(turn, cited[0].number)) for i, cited in groups.items()]
    line = timeline([(article, mark) for article, mark in dated if article], language)
    return _panel(labels["evidence"], f"{_asked(answer, language)}{line}{''.join(sections)}", language)


def _related(answer: Answer, find: Find, turn: int, language: Language) -> str:
    labels = LABELS[language]
    first: dict[str, Hit] = {}
    for hit in answer.hits:
        first.setdefault(hit.article_id, hit)
    sections = []
    for place, hit in enumerate(list(first.values())[:RELATED]):
        article = found(find, hit.article_id)
        if article and hit.end <= len(article.text):
            mark = ((hit.start, hit.end), f"hit-{turn}-{place}", "")
            sections.append(_section(article, [mark], language, excerpt=article.text[hit.start : hit.end]))
    note = labels["related_note"] if sections else labels["nothing_related"]
    body = f'{_asked(answer, language)}<p class="hint">{note}</p>{"".join(sections)}'
    return _panel(labels["related"], body, language)


def _asked(answer: Answer, language: Language) -> str:
    return f'<p class="asked"><span class="sr">{LABELS[language]["evidence_for"]}: </span>{inert(answer.question)}</p>'


def _grouped(citations: Iterable[Citation]) -> dict[str, list[Citation]]:
    groups: dict[str, list[Citation]] = {}
    for citation in citations:
        groups.setdefault(citation.article_id, []).append(citation)
    return groups


def found(find: Find, article_id: str) -> Article | None:
    """The article, or ``None`` where it has been removed since."""
    try:
        return find(article_id)
    except KeyError:
        return None


def _panel(heading: str, body: str, language: Language) -> str:
    back = button(f"↑ {LABELS[language]['back']}", "back", classes="quiet back")
    return f'<section class="panel" aria-label="{heading}"><h2>{heading}</h2>{body}{back}</section>'


def _cited(article: Article | None, citations: Sequence[Citation], turn: int, language: Language, opened: bool) -> str:
    if article is None or any(article.text[c.start : c.end] != c.quote for c in citations):
        return _gone(citations, turn, language, opened)
    marks = [((c.start, c.end), mark_id(turn, c.number), str(c.number)) for c in citations]
    return _section(article, marks, language, opened, badges=_badges(citations, turn))


def _badges(citations: Sequence[Citation], turn: int) -> str:
    return "".join(marker(turn, c.number, c.title or c.source) for c in citations)


def _gone(citations: Sequence[Citation], turn: int, language: Language, opened: bool) -> str:
    """The words that were quoted from an article that is no longer there as it was."""
    first = citations[0]
    quotes = "".join(
        f"<p>{_piece(c.quote, [((0, 0), mark_id(turn, c.number), str(c.number))], anchored=True)}</p>"
        for c in citations
    )
    body = f'<p class="hint">{LABELS[language]["gone"]}</p><div lang="{first.language}">{quotes}</div>'
    about = meta(first.publisher, first.published, first.language, first.source, language)
    return _folded(first.title or first.source, first.language, about, body, opened, _badges(citations, turn))


def _section(
    article: Article,
    marks: Sequence[Mark],
    language: Language,
    opened: bool = False,
    badges: str = "",
    excerpt: str = "",
) -> str:
    """One article: a heading that folds, and under it the whole text with its marks."""
    about = meta(article.publisher, article.published, article.language, article.source, language)
    if excerpt:
        about += f'<span class="excerpt" lang="{article.language}">{inert(excerpt)}</span>'
    body = f'<div class="body" lang="{article.language}">{marked(article.text, marks)}</div>'
    return _folded(article.title or article.source, article.language, about, body, opened, badges)


def _folded(title: str, tongue: Language, about: str, body: str, opened: bool, badges: str) -> str:
    # A button inside a summary would be a control inside a control: the badges stand beside it.
    numbers = f'<div class="badges">{badges}</div>' if badges else ""
    return (
        f'<div class="source">{numbers}<details class="article{"" if badges else " related"}"{" open" if opened else ""}>'
        f'<summary><span class="headline" lang="{tongue}">{inert(title)}</span><span class="meta">{about}</span></summary>'
        f"{body}</details></div>"
    )


def meta(publisher: str, published: str | None, tongue: Language, source: str, language: Language) -> str:
    """Publisher, date, language and file of an article, each said or said to be missing."""
    labels = LABELS[language]
    facts = [
        inert(publisher) or labels["unknown_publisher"],
        inert(published or "") or labels["undated"],
        labels[tongue],
        f"<code>{inert(source)}</code>",
    ]
    return " · ".join(facts)


def marked(text: str, marks: Sequence[Mark]) -> str:
    """``text`` escaped, with each mark's span in ``<mark>`` elements; joined, those of one id read as the span does.

    Spans may overlap: the text is cut wherever one begins or ends. The first piece of a span carries its id, and every
    piece names all of its spans in ``data-marks``.
    """
    borders = sorted({0, len(text)} | {min(max(place, 0), len(text)) for span, _, _ in marks for place in span})
    pieces = []
    for start, end in zip(borders, borders[1:], strict=False):
        covering = [mark for mark in marks if mark[0][0] <= start and end <= mark[0][1]]
        begun = [mark for mark in covering if mark[0][0] == start]
        pieces.append(_anchors(begun) + _piece(text[start:end], covering) if covering else inert(text[start:end]))
    return "".join(pieces)


def _piece(text: str, covering: Sequence[Mark], anchored: bool = False) -> str:
    names = " ".join(name for _, name, _ in covering)
    return f'{_anchors(covering) if anchored else ""}<mark data-marks="{names}">{inert(text)}</mark>'


def _anchors(begun: Sequence[Mark]) -> str:
    return "".join(
        f'<span class="anchor" id="{name}" tabindex="-1" data-label="{inert(label)}"></span>'
        for _, name, label in begun
    )
