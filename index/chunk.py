"""Articles to passages, on sentence borders, sized in tokens.

A passage holds whole sentences of one article and nothing else, so ``article.text[p.start:p.end] == p.text`` and the
same holds for every sentence. The title and date that a passage is searched with are context, kept out of its text.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from index import tokens
from index.terms import sentences
from index.types import Article, Passage, Span

MAX_TOKENS = 320  # about 500 syllables or 240 words: a news article gives two to six passages
_NOTE = re.compile(r"^\s*(\*{1,3})\s*(?=[^\s*])")


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote: its own span, and the span of the sentence whose mark it explains."""

    span: Span
    anchor: Span


def chunk(article: Article, max_tokens: int = MAX_TOKENS) -> tuple[Passage, ...]:
    """Cut ``article`` into passages of at most ``max_tokens`` tokens (a longer sentence stands alone)."""
    spans = sentences(article.text)
    return tuple(_passages(article, _group(article.text, spans, max_tokens)))


def _passages(article: Article, groups: list[list[Span]]) -> Iterator[Passage]:
    seen: Counter[str] = Counter()
    for group in groups:
        start, end = group[0][0], group[-1][1]
        text = article.text[start:end]
        digest = hashlib.sha256(embedded_text(article, text).encode()).hexdigest()[:12]
        seen[digest] += 1
        again = f"-{seen[digest]}" if seen[digest] > 1 else ""
        yield Passage(f"{article.id}:{digest}{again}", article.id, start, end, text, tuple(group))


def embedded_text(article: Article, text: str) -> str:
    """What the vector of a passage with ``text`` is made from. Its id is a digest of it: same id, same vector."""
    return f"{article.title}\n{text}"


def _group(text: str, spans: list[Span], max_tokens: int) -> list[list[Span]]:
    """Fill passages sentence by sentence; a footnote stays with what it explains, even past the limit."""
    groups: list[list[Span]] = []
    size = 0
    for span in spans:
        length = tokens.count(text[span[0] : span[1]]) + 1
        if groups and (size + length <= max_tokens or _NOTE.match(text[span[0] : span[1]])):
            groups[-1].append(span)
            size += length
        else:
            groups.append([span])
            size = length
    return groups


def notes(text: str, spans: tuple[Span, ...] | list[Span]) -> list[Note]:
    """Footnotes among sentences: a line that opens with ``*`` explains the nearest earlier sentence with that mark.

    ``spans`` are the sentences of ``text`` in order. A mark is as many stars as the note has (``*`` is not ``**``);
    where no sentence carries it, the note explains the sentence before it.
    """
    found: list[Note] = []
    is_note = [bool(_NOTE.match(text[a:b])) for a, b in spans]
    for number, (start, end) in enumerate(spans):
        opening = _NOTE.match(text[start:end])
        earlier = [spans[i] for i in range(number) if not is_note[i]]
        if opening and earlier:
            mark = re.compile(r"(?<!\*)" + re.escape(opening.group(1)) + r"(?!\*)")
            anchor = next((s for s in reversed(earlier[-12:]) if mark.search(text[s[0] : s[1]])), earlier[-1])
            found.append(Note((start, end), anchor))
    return found
