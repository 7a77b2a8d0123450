"""Reading the page's HTML in tests: its elements, its text, its marks, and whether anything in it is active."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

from index.types import Article, Hit
from rag.errors import EmptyQuestion
from rag.types import Answer, Citation, Filter, Turn

SAFE_TAGS = frozenset(
    (
        "button",
        "br",
        "circle",
        "code",
        "details",
        "dialog",
        "div",
        "figcaption",
        "figure",
        "g",
        "h2",
        "h3",
        "input",
        "li",
    )
    + (
        "line",
        "mark",
        "p",
        "progress",
        "section",
        "span",
        "strong",
        "summary",
        "svg",
        "table",
        "tbody",
        "td",
        "text",
        "th",
        "thead",
    )
    + ("title", "tr", "ul")
)
SAFE_ATTRIBUTES = frozenset(
    (
        "class",
        "cx",
        "cy",
        "id",
        "lang",
        "max",
        "open",
        "placeholder",
        "r",
        "role",
        "scope",
        "style",
        "tabindex",
        "title",
    )
    + ("text-anchor", "type", "value", "viewbox", "x", "x1", "x2", "y", "y1", "y2")
)
KOREAN = "서울시는 5월 3일 도서관 두 곳을 열었다. 사업비는 30억 원이다."
ENGLISH = "Busan opened a new ferry line on June 1. It cost 2 million dollars."


class Page(HTMLParser):
    """Elements, attributes and text of rendered HTML."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.marks: list[tuple[str, str]] = []
        self._inside: str | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "mark":
            self._inside = dict(attrs)["data-marks"] or ""
        if tag == "br":
            self.text += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag == "mark":
            self._inside = None

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._inside is not None:
            self.marks.append((self._inside, data))

    def handle_comment(self, data: str) -> None:
        self.tags.append(("!--", {}))

    def highlighted(self, name: str) -> str:
        """The text of the mark whose id is ``name``."""
        return "".join(data for names, data in self.marks if name in names.split())

    def having(self, name: str) -> list[str]:
        """The values of one attribute, in order."""
        return [attributes[name] or "" for _, attributes in self.tags if name in attributes]

    def doing(self, action: str) -> list[dict[str, str | None]]:
        """The attributes of every control of one kind."""
        return [attributes for _, attributes in self.tags if attributes.get("data-action") == action]


def assert_inert(html: str) -> Page:
    """Nothing but the page's own elements and attributes, and none that loads, links or runs anything."""
    page = Page(html)
    for tag, attributes in page.tags:
        assert tag in SAFE_TAGS, tag
        odd = {name for name in attributes if not name.startswith(("data-", "aria-"))} - SAFE_ATTRIBUTES
        assert not odd, (tag, odd)
        assert re.fullmatch(r"--share:[01]\.\d{3}", attributes.get("style") or "--share:0.000")
    return page


def visible(text: str) -> str:
    """``text`` with the stand-in for each character that cannot be shown as it is."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "\ufffd", text)


def article(number: int = 1, text: str = KOREAN, **fields: Any) -> Article:
    language = fields.pop("language", "ko")
    return Article(f"a{number}", f"news{number}.txt", f"/tmp/news{number}.txt", language, text, **fields)


def cite(number: int, of: Article, start: int, end: int) -> Citation:
    about = (of.title, of.publisher, of.published, of.language, of.source)
    return Citation(number, of.id, *about, of.text[start:end], start, end)


def answered(text: str, *citations: Citation, question: str = "q", **fields: Any) -> Answer:
    return Answer(question, question, "ko", "answered", text, "extractive", citations, **fields)


@dataclass
class FakeAssistant:
    """Answers every question from its first article; refuses those that hold "없는"."""

    indexed: Sequence[Article]
    histories: list[Sequence[Turn]]

    def stream(
        self, question: str, history: Sequence[Turn] = (), language: str = "auto", only: Filter | None = None
    ) -> Iterator[str | Answer]:
        self.histories.append(history)
        if question == "?":
            raise EmptyQuestion("The question is empty. Ask something.")
        first = self.indexed[0]
        hits = (Hit(first.id, "p1", 1.0, 0, 10),)
        if "없는" in question:
            yield "찾지 못했습니다."
            yield Answer(question, question, "ko", "no_evidence", "찾지 못했습니다.", "fake", (), hits)
            return
        yield first.text[:8]
        yield f"{first.text[8:20]} [1]"
        yield answered(f"{first.text[:20]} [1]", cite(1, first, 0, 20), question=question)

    def ask(self, question: str, history: Sequence[Turn] = (), language: str = "auto") -> Answer:
        *_, answer = self.stream(question, history, language)
        assert isinstance(answer, Answer)
        return answer

    def search(self, query: str, limit: int = 10) -> tuple[Hit, ...]:
        return tuple(Hit(a.id, f"{a.id}-p", 1.0, 0, 5) for a in self.indexed)[:limit]

    def article(self, article_id: str) -> Article:
        return {a.id: a for a in self.indexed}[article_id]

    def articles(self) -> list[Article]:
        return list(self.indexed)


def browser(*told: str) -> str:
    """What a browser keeps after these changes, as ``ui/assets/keep.js`` would have it."""
    chats: list[Any] = []
    current = ""
    for change in map(json.loads, told):
        chat = change.get("chat")
        gone = {change.get("forget"), (chat or {}).get("id")}
        chats = [*filter(None, [chat]), *(other for other in chats if other["id"] not in gone)]
        current = change.get("current") or current
    return json.dumps({"chats": chats, "current": current}, ensure_ascii=False)


def visitor(accept: str = "ko-KR,ko;q=0.9", **cookies: str) -> Any:
    """A browser's request, as far as the page looks at it."""
    return SimpleNamespace(headers={"accept-language": accept}, cookies=cookies, session_hash=f"page in {accept}")


def pressed(**data: Any) -> Any:
    """What the page's script sends when a control is used."""
    return SimpleNamespace(_data=data)
