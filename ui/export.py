"""A conversation as plain text with its sources, as Markdown and as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict

from index.types import Language
from rag.types import Answer, Citation
from ui.history import Exchange
from ui.labels import LABELS

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#+\-!|~&$])")


def plain(answer: Answer, language: Language) -> str:
    """An answer with its sources under it, to paste anywhere."""
    sources = [f"[{c.number}] {source(c, language)}\n    “{c.quote}”" for c in answer.citations]
    return "\n".join([answer.text, *(["", f"{LABELS[language]['sources']}:", *sources] if sources else [])])


def source(citation: Citation, language: Language) -> str:
    """What a citation stands in: title, publisher, date and file."""
    facts = [citation.title, citation.publisher, citation.published or LABELS[language]["undated"], citation.source]
    return ", ".join(fact for fact in facts if fact)


def markdown(exchanges: Sequence[Exchange], language: Language) -> str:
    """The conversation for a text editor. What was quoted is escaped, so that it is read as text there too."""
    parts = [f"# {LABELS[language]['title']}"]
    for exchange in exchanges:
        parts.append(f"## {_escaped(exchange.question)}")
        if exchange.answer is None:
            parts.append(_escaped(exchange.notice or LABELS[language]["stopped"]))
            continue
        parts += [_escaped(line) for line in exchange.answer.text.split("\n")]
        parts += [f"- \\[{c.number}\\] {_escaped(source(c, language))}  \n{_quoted(c.quote)}" for c in _cited(exchange)]
    return "\n\n".join(parts) + "\n"


def _cited(exchange: Exchange) -> Sequence[Citation]:
    return exchange.answer.citations if exchange.answer else ()


def _quoted(quote: str) -> str:
    return "\n".join(f"  > {_escaped(line)}" for line in quote.split("\n"))


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def as_json(exchanges: Sequence[Exchange]) -> str:
    """The conversation for programs: question, answer with its citations and evidence, notice and verdict."""
    return json.dumps([asdict(exchange) for exchange in exchanges], ensure_ascii=False, indent=2) + "\n"
