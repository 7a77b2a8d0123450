"""Hard-wrapped lines → paragraphs, for PDF pages and for text files wrapped at a column."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from index.furniture import is_heading, is_item
from index.pubdate import read_stamp

FULL = 0.75
"""A line at least this share of the usual width runs on into the next; a shorter one ends its paragraph."""
WRAP_MAX = 120
"""Columns: text with a wider line is not wrapped."""
WRAP_LINES = 4
"""Least number of lines that run on for a text file to count as wrapped."""
WORD = 60
"""Characters of a paragraph's end that are looked at: a longer word is none that was broken at the end of a line."""
_ENDS = re.compile(r"[.!?…:][\"'”’)\]]*$")
_WORD_BREAK = re.compile(r"([A-Za-z]+)-$")
_COMPOUND = re.compile(
    r"(?<![A-Za-z])[A-Za-z]+-[A-Za-z]+"
)  # begins at a word, for trying every letter takes the square
_PAGE_NUMBER = re.compile(r"(?:page\s)?[-–—]?\s?\d{1,4}\s?(?:[-–—]|(?:/|of)\s?\d{1,4})?", re.I)


def is_wrapped(text: str) -> bool:
    """Whether the text was wrapped at a column: no long line, and most lines inside a block run on at full width."""
    blocks = [block.split("\n") for block in re.split(r"\n\s*\n", text) if block.strip()]
    width = max((columns(line) for block in blocks for line in block), default=0)
    inner = [line.rstrip() for block in blocks for line in block[:-1]]
    running = [line for line in inner if columns(line) >= FULL * width and not _ENDS.search(line)]
    return 40 <= width <= WRAP_MAX and len(running) >= max(WRAP_LINES, 0.5 * len(inner))


def unwrap(text: str) -> str:
    """The text with wrapped lines joined; blank lines, short lines, list items and headings keep paragraphs apart."""
    lines = text.split("\n")
    width = _usual_width(lines)
    spaced = _breaks_at_words(lines)
    compounds = frozenset(_COMPOUND.findall(text))
    out: list[list[str]] = []  # paragraphs in pieces: to lengthen one text again and again takes its length squared
    joins = False
    for raw in lines:
        line = raw.strip()
        starts = not line or is_item(line) or is_heading(line) or _is_date(line)
        if joins and not starts:
            _join(out[-1], line, compounds, spaced or raw.startswith(" "))
        else:
            out.append([line])
        joins = bool(line) and columns(line) >= FULL * width and not _is_date(line)
        if joins and spaced is False and raw.endswith(" "):
            out[-1].append(" ")
    return "\n".join(map("".join, out))


def join_pages(pages: list[str]) -> str:
    """Pages as one text, without page numbers and without the heads and feet that most pages share."""
    split = [[line for line in page.split("\n") if line.strip()] for page in pages]
    edges = Counter(line.strip() for page in split for line in {*page[:1], *page[-1:]})
    shared = {line for line, count in edges.items() if len(pages) >= 3 and count > len(pages) / 2}
    kept = [
        [line for i, line in enumerate(page) if not (i in (0, len(page) - 1) and _is_running(line.strip(), shared))]
        for page in split
    ]
    return "\n".join("\n".join(page) for page in kept if page)


def columns(line: str) -> int:
    """Width in columns: Hangul and other wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line.strip())


def _usual_width(lines: list[str]) -> float:
    """The width that one line in ten reaches, in columns: titles in large type and stray long lines do not count."""
    widths = sorted(columns(line) for line in lines if line.strip())
    return widths[int(0.9 * (len(widths) - 1))] if widths else 0


def _breaks_at_words(lines: list[str]) -> bool:
    """Whether lines break between words. Korean text set with breaks inside words keeps the space where a word ends."""
    hangul = [line for line in lines if re.search(r"[가-힣] ?$", line)]
    return sum(line.endswith(" ") for line in hangul) < 0.1 * len(hangul) or not hangul


def _join(pieces: list[str], right: str, compounds: frozenset[str], spaced: bool) -> None:
    """Add the line ``right`` to a paragraph."""
    left = _end(pieces)
    broken = _WORD_BREAK.search(left)
    if broken and right[:1].islower():
        compound = f"{broken[1]}-{re.split(r'[^A-Za-z]', right, maxsplit=1)[0]}"
        if compound not in compounds:
            pieces[-1] = pieces[-1][:-1]
    elif not left.endswith(" ") and (spaced or not (re.search(r"[가-힣]$", left) and re.match(r"[가-힣]", right))):
        pieces.append(" ")
    pieces.append(right)


def _end(pieces: list[str]) -> str:
    """The last ``WORD`` characters."""
    end = ""
    for piece in reversed(pieces):
        end = piece[-WORD:] + end
        if len(end) >= WORD:
            break
    return end[-WORD:]


def _is_date(line: str) -> bool:
    stamp = read_stamp(line)
    return stamp is not None and not stamp.rest


def _is_running(line: str, shared: set[str]) -> bool:
    return line in shared or bool(_PAGE_NUMBER.fullmatch(line))
