"""YAML front matter at the top of a text or Markdown file: the facts that a person wrote down about the article."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

import yaml

from index.normalise import normalise
from index.pubdate import iso_date
from index.types import Language

_BLOCK = re.compile(r"---[ \t]*\n(?P<yaml>.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.S)
_LINE = re.compile(r"(?P<key>[A-Za-z가-힣_][\w -]{0,30}?)\s*:\s*(?P<value>.*)")
_KEYS = {
    "title": ("title", "headline", "제목"),
    "publisher": (
        "publisher",
        "source",
        "outlet",
        "press",
        "site",
        "site_name",
        "sitename",
        "언론사",
        "매체",
        "출처",
        "발행처",
    ),
    "author": ("author", "authors", "byline", "writer", "저자", "기자", "글쓴이", "작성자"),
    "published": (
        "published",
        "date",
        "pubdate",
        "published_at",
        "publication_date",
        "날짜",
        "발행일",
        "게재일",
        "보도일",
    ),
    "language": ("language", "lang", "언어"),
}
_LANGUAGES: dict[str, Language] = {
    "ko": "ko",
    "kor": "ko",
    "korean": "ko",
    "한국어": "ko",
    "en": "en",
    "eng": "en",
    "english": "en",
    "영어": "en",
}


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """Stated facts; empty or ``None`` where nothing is stated. ``published`` is an ISO date."""

    title: str = ""
    publisher: str = ""
    author: str = ""
    published: str | None = None
    language: Language | None = None


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """The front matter and the rest of the text. Extra keys are ignored.

    A block that is not valid YAML is read line by line; a block without a single ``key: value`` line is no front
    matter, and the text comes back whole.
    """
    text = text.lstrip("\ufeff").replace("\r\n", "\n")
    match = _BLOCK.match(text)
    found = _parse(match["yaml"]) if match else {}
    if match is None or not found:
        return FrontMatter(), text
    language = _LANGUAGES.get(re.split(r"[-_]", _first(found, "language").lower())[0])
    stated = FrontMatter(
        _first(found, "title"),
        _first(found, "publisher"),
        _first(found, "author"),
        iso_date(_first(found, "published")),
        language,
    )
    return stated, text[match.end() :]


def _parse(block: str) -> dict[str, object]:
    try:
        loaded = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError, RecursionError):  # safe_load raises ValueError on a date such as 2024-02-31
        loaded = None
    if isinstance(loaded, dict):
        return {str(key).strip().lower(): value for key, value in loaded.items()}
    lines = (_LINE.fullmatch(line.strip()) for line in block.split("\n"))
    return {match["key"].lower(): match["value"].strip("\"' ") for match in lines if match}


def _first(found: dict[str, object], field: str) -> str:
    """The first of the field's keys that holds a name, a date or a list of names; addresses are not names."""
    for key in _KEYS[field]:
        value = found.get(key)
        values = value if isinstance(value, list) else [value]
        plain = [str(item) for item in values if isinstance(item, str | int | float | datetime.date)]
        text = normalise(", ".join(plain[:20])).replace("\n", " ")
        if text and not text.startswith(("http://", "https://")):
            return text[:300]
    return ""
