"""Drafts a question set from documents, for a person to correct: one question for every telling figure.

A draft asks for the gap in a sentence of the document, in both languages, so that it can be run as it is. It is no fair
test before somebody has put the questions as people would: a gapped sentence gives its own passage away.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from eval.errors import EvalError
from index.errors import UnreadableDocument
from index.figures import render
from index.files import find_files
from index.quantity import Quantity, quantities
from index.read import read_article
from index.terms import sentences
from index.types import Article

MOST = 5  # questions of one document
SHORTEST, LONGEST = 30, 250  # characters of a sentence that is asked about
GAP = "____"
KINDS = {
    "money": "amount",
    "date": "date",
    "percent": "number",
    "area": "number",
    "count": "number",
    "number": "number",
}
ASKED = {
    "ko": "‘{title}’에서 빈칸에 들어갈 말은 무엇인가요? “{gapped}”",
    "en": "In “{title}”, what fills the gap? “{gapped}”",
}
NONE = {
    "id": "none1",
    "kind": "number",
    "ko": "달까지의 거리는 몇 킬로미터인가요?",
    "en": "How many kilometers is it to the Moon?",
    "answerable": False,
    "why": "off-topic",
    "facts": [],
    "sources": [],
}


def draft(documents: Path, out: Path) -> int:
    """Write a set over the documents in a folder to ``out``, in the format of ``eval/sets/README.md``.

    :returns: how many questions were drafted, one of them without an answer.
    :raises EvalError: if there is no such folder, it holds no figure to ask about, or ``out`` is there already.
    """
    if out.exists():
        raise EvalError(f"{out}: this file is there already. Name another with --out, or move it away.")
    if not documents.is_dir():
        raise EvalError(f"{documents}: there is no such folder. Name a folder of documents with --documents.")
    rows = [row for article in _articles(documents) for row in _questions(article)]
    if not rows:
        raise EvalError(f"{documents}: no document has a sentence with a figure to ask about. Write a set by hand.")
    lines = [json.dumps(row, ensure_ascii=False) for row in (*_numbered(rows), NONE)]
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines)


def _articles(documents: Path) -> Iterator[Article]:
    """Every document that can be read; an evaluation skips the others too."""
    for path in find_files([documents]):
        try:
            yield read_article(path)
        except UnreadableDocument:
            continue


def _questions(article: Article) -> list[dict[str, object]]:
    """At most :data:`MOST` questions, spread over the article."""
    found = []
    for start, end in sentences(article.text):
        text = article.text[start:end].strip()
        figures = [q for q in quantities(text, article.published) if q.kind in KINDS and any(map(str.isdigit, q.text))]
        if SHORTEST <= len(text) <= LONGEST and len(figures) == 1 and text.count(figures[0].text.strip()) == 1:
            found.append(_question(article, " ".join(text.split()), figures[0]))
    step = max(1, -(-len(found) // MOST))
    return found[::step]


def _question(article: Article, text: str, figure: Quantity) -> dict[str, object]:
    written = " ".join(figure.text.split())
    gapped, title = text.replace(written, GAP), article.title or article.source
    asked = {language: form.format(title=title, gapped=gapped) for language, form in ASKED.items()}
    facts = dict.fromkeys([written, render(figure, "ko"), render(figure, "en")])
    told = {"kind": KINDS[figure.kind], **asked, "answerable": True}
    return told | {"facts": [list(facts)], "sources": [article.source]}


def _numbered(rows: Sequence[dict[str, object]]) -> Iterator[dict[str, object]]:
    for number, row in enumerate(rows, start=1):
        yield {"id": f"q{number:03}", **row}
