"""An HTML page's own statements (title, site, author, date) and the removal of what a reader never sees."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import html
from lxml.etree import ParserError

from index.byline import author_name, is_publisher
from index.normalise import normalise, squeeze
from index.pubdate import MAX_STAMP, iso_date, read_stamp

_UNSEEN = (
    "script style template noscript iframe object embed svg dialog select button input textarea canvas audio video"
)
_UNSEEN_TAGS = frozenset(_UNSEEN.split())
_UNSEEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|em|%|pt)?\s*(?:;|$|!)"
    r"|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$|!)"
    r"|(?:left|top|text-indent)\s*:\s*-\d{3,}",
    re.I,
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CONSENT = re.compile(
    r"cookie|consent|gdpr|newsletter|subscri(?:be|ption)|paywall|share|social|breadcrumb|related|recommend", re.I
)
_DATES = (
    "article:published_time", "og:article:published_time", "datepublished", "dc.date.issued", "dc.date",
    "dcterms.issued", "parsely-pub-date", "sailthru.date", "pubdate", "publishdate", "publish_date",
    "citation_publication_date", "date",
)  # fmt: skip
CELL_LENGTH = 400
"""Characters: a table with a longer cell lays out the page."""
CONSENT_LENGTH = 1_500
"""Characters: a box named after cookies, sharing or related news is dropped only where it is shorter than this."""


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page's head states; empty or ``None`` where it states nothing."""

    title: str = ""
    publisher: str = ""
    author: str = ""
    published: str | None = None


def parse_page(source: str) -> html.HtmlElement | None:
    """The page as a tree, or ``None`` where there is nothing to parse."""
    try:
        # Bytes in a stated encoding: lxml refuses text that carries an XML encoding declaration.
        tree = html.document_fromstring(source.encode("utf-8", "ignore"), parser=html.HTMLParser(encoding="utf-8"))
    except (ParserError, ValueError):
        return None
    if "&#" in source or _CONTROL.search(source):
        _drop_controls(tree)
    return tree


def _drop_controls(tree: html.HtmlElement) -> None:
    """Drops, in place, control characters, which lxml reads, written out or as ``&#28;``, and then refuses to write."""
    for element in tree.iter():
        if element.tail and _CONTROL.search(element.tail):
            element.tail = _CONTROL.sub("", element.tail)
        if not isinstance(element.tag, str):
            continue
        if element.text and _CONTROL.search(element.text):
            element.text = _CONTROL.sub("", element.text)
        for name, value in element.items():
            if _CONTROL.search(value):
                element.set(name, _CONTROL.sub("", value))


def page_facts(tree: html.HtmlElement) -> PageFacts:
    """What the page states in its meta tags, JSON-LD and ``<time>``. Call before ``drop_unseen``: it reads scripts."""
    meta = _meta(tree)
    data = next((item for item in _json_ld(tree) if "headline" in item or "datePublished" in item), {})
    site = _text(meta.get("og:site_name")) or _name(data.get("publisher")) or _text(meta.get("application-name"))
    author = author_name(_name(data.get("author")) or _text(meta.get("author")) or _text(meta.get("article:author")))
    stated = [_text(data.get("datePublished")), *(meta.get(name, "") for name in _DATES), *_times(tree)]
    published = next((iso for value in stated if value and (iso := iso_date(value))), None) or _printed_date(tree)
    return PageFacts(_title(tree, meta, data, site), site, author, published)


def drop_unseen(tree: html.HtmlElement) -> None:
    """Drops, in place, scripts, forms, hidden elements, and short boxes for consent, sharing and related news."""
    for element in list(tree.iter()):
        if element.getparent() is None or not isinstance(element.tag, str):
            continue
        style = element.get("style") or ""
        if element.tag in _UNSEEN_TAGS or "hidden" in element.attrib or _UNSEEN_STYLE.search(style) or _is_box(element):
            element.drop_tree()


def open_layout_tables(tree: html.HtmlElement) -> None:
    """Turns, in place, tables that lay out a page rather than hold figures into plain boxes."""
    for table in list(tree.iter("table")):
        if (
            table.xpath(".//table | .//td//p | .//td//h1")
            or max(map(_length, table.iter("td")), default=0) > CELL_LENGTH
        ):
            for part in table.xpath("descendant-or-self::*[self::table or self::tbody or self::tr or self::td]"):
                if next(part.iterancestors("table"), part) is table or part is table:
                    part.tag = "div"


def _length(element: html.HtmlElement) -> int:
    return len(element.text_content())


def _is_box(element: html.HtmlElement) -> bool:
    names = f"{element.get('id') or ''} {element.get('class') or ''}"
    boxed = element.tag == "form" or (
        element.tag in ("div", "section", "aside", "ul", "p", "nav") and _CONSENT.search(names)
    )
    return bool(boxed) and len(element.text_content()) < CONSENT_LENGTH and not element.xpath(".//article|.//h1")


def _meta(tree: html.HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        found.setdefault(name.lower(), element.get("content") or "")
    return found


def _json_ld(tree: html.HtmlElement) -> Iterator[dict[str, object]]:
    for element in tree.xpath("//script[@type='application/ld+json']"):
        try:
            loaded = json.loads(element.text_content())
        except (ValueError, RecursionError):
            continue
        graph = loaded.get("@graph", [loaded]) if isinstance(loaded, dict) else loaded
        yield from (item for item in graph if isinstance(item, dict)) if isinstance(graph, list) else ()


def _times(tree: html.HtmlElement) -> list[str]:
    """``<time>`` elements marked as the publication, or the only one on the page; others date related news."""
    marked = tree.xpath("//time[@pubdate or @itemprop='datePublished' or contains(@class, 'publish')]")
    times = marked or tree.xpath("//article//time | //header//time")
    return [
        element.get("datetime") or element.text_content() for element in (times if marked or len(times) == 1 else [])
    ]


def _printed_date(tree: html.HtmlElement) -> str | None:
    """The date that the page prints: labelled (``입력 2024-03-05``), or alone in an element named after dates."""
    unlabelled = None
    for element in tree.iter("p", "span", "div", "li", "dd", "td", "em", "time", "small"):
        names = f"{element.get('id') or ''} {element.get('class') or ''}"
        text = normalise(element.text_content()) if len(element) < 12 else ""
        stamp = read_stamp(text.replace("\n", " ")) if 6 < len(text) <= MAX_STAMP else None
        if stamp and stamp.published and stamp.labelled:
            return stamp.published
        if stamp and unlabelled is None and not stamp.rest and re.search(r"date|time|publish", names, re.I):
            unlabelled = stamp.published
    return unlabelled


def _title(tree: html.HtmlElement, meta: dict[str, str], data: dict[str, object], site: str) -> str:
    page = _text(tree.findtext(".//title"))
    if stated := _text(meta.get("og:title")) or _text(data.get("headline")):
        return _without_site(stated, site)
    # A page's <title> carries the site's name; a heading that it opens with is the headline alone.
    heads = [text for element in tree.iter("h1", "h2") if (text := _text(element.text_content()))]
    tops = [text for element in tree.iter("h1") if (text := _text(element.text_content()))]
    head = next((text for text in heads if page.startswith(text)), tops[0] if len(tops) == 1 else "")
    title = head or _without_site(page, site)
    return title if len(title.split()) >= 3 or len(squeeze(title)) >= 10 or head else ""


def _without_site(title: str, site: str) -> str:
    """``Headline | Site`` as ``Headline``: a name after a dash goes only where it is known to be the site's."""
    parts = re.split(r"\s(?:\||::|»|[-–—<:])\s", title)
    tail = title[len(title) - len(parts[-1]) :]
    if len(parts) > 1 and (tail == site or is_publisher(tail)):
        title = title[: -len(tail)].rstrip(" |:»<–—-")
    return re.split(r"\s(?:\||::|»)\s", title)[0].strip()


def _name(value: object) -> str:
    """The name or names in a JSON-LD person or organisation."""
    if isinstance(value, list):
        return ", ".join(filter(None, (_name(item) for item in value[:10])))
    return _text(value.get("name") if isinstance(value, dict) else value)


def _text(value: object) -> str:
    return normalise(value).replace("\n", " ")[:300] if isinstance(value, str) else ""
