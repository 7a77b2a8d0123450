"""What a model is given: the passages of the best evidence, numbered, and the prompt around them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import prompts
from index import tokens
from rag.evidence import Evidence
from rag.query import Query
from rag.reply import visible

# Tokens of documents. With 600 of rules and 600 of answer they fit into 4,096, the least that servers commonly give,
# even for a model whose tokens are a third shorter than the ones counted here.
BUDGET = 1_800
LEAST = 600  # tokens of documents that even the longest question leaves
PASSAGES = 8
FRAME = 60  # tokens around each document, its title included
Message = dict[str, str]
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Document:
    """A numbered passage as the model sees it, with every sentence that may be cited from it."""

    number: int
    title: str
    publisher: str
    published: str
    text: str
    sentences: tuple[Evidence, ...]


def number(ranked: Sequence[Evidence], budget: int = BUDGET) -> list[Document]:
    """The passages of the best evidence, numbered from 1, as many as fit into ``budget`` tokens (at least one)."""
    groups: dict[str, list[Evidence]] = {}
    for item in ranked:
        groups.setdefault(item.passage.id, []).append(item)
    chosen: list[Document] = []
    for group in groups.values():
        document = _document(len(chosen) + 1, group, budget)
        cost = tokens.count(document.text) + FRAME
        if chosen and cost > budget:
            continue
        budget -= cost
        chosen.append(document)
        if len(chosen) == PASSAGES:
            break
    return chosen


def _document(place: int, group: list[Evidence], budget: int) -> Document:
    article, text = group[0].article, visible(group[0].passage.text)
    if place == 1 and (size := tokens.count(text)) > budget:
        text = text[: len(text) * budget // size]
    heading = (line(article.title)[:200], line(article.publisher)[:100], article.published or "")
    return Document(place, *heading, text, tuple(group))


def line(text: str) -> str:
    """``text`` on one line, without characters that do not show."""
    return _SPACES.sub(" ", visible(text)).strip()


def room(context: str, question: str) -> int:
    """Tokens left for documents beside a question and what it leans on. A question of ordinary length (100) costs
    nothing; a long one takes its own.
    """
    asked = tokens.count(question) + tokens.count(context.removesuffix(question))
    return max(LEAST, BUDGET - max(0, asked - 100))


def messages(query: Query, question: str, documents: Sequence[Document], again: bool = False) -> list[Message]:
    """The prompt; ``again`` asks once more for the answer's language, after a reply in another one."""
    written = [part for d in documents for part in (d.title, d.publisher, d.published, d.text)]
    context = query.text.removesuffix(question).strip()
    return prompts.load("answer", query.reply).render(
        documents=documents,
        question=line(question),
        context=line(context),
        fence=fence([question, *written]),
        again=again,
    )


def fence(texts: Sequence[str]) -> str:
    """16 hexadecimal digits that mark the borders of ``texts``: a digest of them, which none of them can contain."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
