"""A saved page's text → the article alone, and what the page states about it. Pure; no input, no output, no network.

The text is cleaned by passes that only ever drop lines, repeated until nothing more is dropped, so that cleaning a
cleaned text changes nothing. Each pass: blocks (automatic summary, posting rules, lists of links, everything after the
end mark), then the head, then single lines of furniture, then repetitions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import accumulate

from index.byline import Byline, copyright_holder, read_byline, read_signature, read_wire, release_publisher, wire_date
from index.furniture import (
    HEADLINE_MAX,
    ends_article,
    is_copyright,
    is_font_control,
    is_furniture,
    is_heading,
    is_item,
    is_prose,
    is_soft,
    opens_annex,
    opens_links,
    opens_rules,
    opens_summary,
)
from index.header import HEAD_LINES, Header, read_header
from index.normalise import hangul_share, language_of, normalise, squeeze
from index.pubdate import iso_date, read_stamp
from index.types import Language

REPEAT_MIN = 30
"""Least letters and digits of a repeated paragraph: shorter lines (headings, table cells) may recur rightly."""
CAPTION_MIN = 12
"""Least characters of a caption that a page prints twice on one line."""
SUMMARY_LINES = 12
"""Most lines of an automatic summary, from its head to the page's next control."""
LINK_LIST_LINES = 15
"""Most lines of a list of links that stands inside an article."""
TAIL_SHARE = 0.2
"""An end mark ends the article where what follows it holds at most this share of the prose before it."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The article's text, one paragraph a line, and what the page states; empty or ``None`` where it states nothing."""

    text: str
    language: Language
    title: str = ""
    publisher: str = ""
    author: str = ""
    published: str | None = None


def clean(text: str, *, title: str = "") -> Cleaned:
    """The article in a page's text. ``title`` is the headline where another source (HTML, front matter) states it.

    ``clean(clean(x).text).text == clean(x).text``, and NFD and NFC input give the same result.
    """
    page = [line for line in normalise(text).split("\n") if line]
    title = normalise(title).replace("\n", " ")
    header = read_header(_strip_blocks(page), title)
    lines = _strip(page, title)
    while (again := _strip(lines, "")) != lines:
        lines = again
    body = "\n".join(lines)
    language = language_of(body or header.title)
    return _credited(Cleaned(body, language, header.title), page, header)


def _strip(lines: list[str], title: str) -> list[str]:
    lines, author = _strip_head(_strip_blocks(lines), title)
    return _strip_repeats(_strip_lines(lines, author))


def _strip_head(lines: list[str], title: str) -> tuple[list[str], str]:
    """Without what does not belong to the article at its head, as often as that uncovers another; and its author.

    A head is read from its first lines alone, so that a page of nothing but heads takes time with its length, not
    with its square.
    """
    seen = HEAD_LINES + 1
    window, below = lines[:seen], seen
    header = read_header(window, title)
    while header.drop:
        author, drop = header.author, header.drop
        window = _strip_twins(line for i, line in enumerate(window) if i not in drop)
        end = below + seen - len(window)
        window, below = window + lines[below:end], end
        header = read_header(window)
        header.author = header.author or author
    return window + lines[below:], header.author


def _strip_blocks(lines: list[str]) -> list[str]:
    lines = _without(_without(lines, _summary), _rules)
    # Above the first paragraph, the lines after such a head may hold the headline: there the head alone goes.
    first = next((i for i, line in enumerate(lines) if _is_body(line)), len(lines))
    return _cut_tail(lines[:first] + _without(lines[first:], _links))


def _without(lines: list[str], find: Callable[[list[str], int], int]) -> list[str]:
    """Without the blocks that ``find`` sees: it gives the end of the block that opens at an index, or that index."""
    kept: list[str] = []
    i = 0
    while i < len(lines):
        end = find(lines, i)
        if end == i:
            kept.append(lines[i])
        i = max(end, i + 1)
    return kept


def _summary(lines: list[str], start: int) -> int:
    """Automatic summaries: to the font control that follows, else the lines that the article repeats."""
    if not opens_summary(lines[start]):
        return start
    end = start + 1
    control = next((i for i, line in enumerate(lines[end : end + SUMMARY_LINES], end) if is_font_control(line)), None)
    if control is not None:
        return control
    rest = squeeze("\n".join(lines[end : end + HEAD_LINES * 4]))
    while end < len(lines) and (is_furniture(lines[end]) or rest.count(squeeze(lines[end])) > 1):
        end += 1
    return end


def _rules(lines: list[str], start: int) -> int:
    """Posting rules: a notice that posts may be deleted, with the items that follow it."""
    end = start + 1
    if not opens_rules(lines[start]):
        return start
    while end < len(lines) and is_item(lines[end]):
        end += 1
    return end if end > start + 2 else start


def _links(lines: list[str], start: int) -> int:
    """Lists of links: a head such as ``관련 기사`` and the run of headlines after it."""
    if not opens_links(lines[start]):
        return start
    end = start + 1
    while end < len(lines) and not is_prose(lines[end]) and len(lines[end]) <= HEADLINE_MAX:
        end += 1
    if end < len(lines):
        end = _end_inside(lines, start, end)
    return end if end > start + 1 else start


def _end_inside(lines: list[str], start: int, end: int) -> int:
    """Where a list of links inside an article ends: before a heading that opens the prose after it."""
    end = min(end, start + 1 + LINK_LIST_LINES)
    bulleted = is_item(lines[start + 1]) if start + 1 < end else False
    while end > start + 2 and (is_heading(lines[end - 1]) or (bulleted and not is_item(lines[end - 1]))):
        end -= 1
    return end


def _cut_tail(lines: list[str]) -> list[str]:
    """Up to the end mark (a copyright notice, ``(END)``), where hardly any prose follows it."""
    before = list(accumulate((len(line) if _is_body(line) else 0 for line in lines), initial=0))
    for i, line in enumerate(lines):
        if before[i] and before[-1] - before[i] <= TAIL_SHARE * before[i] and ends_article(line):
            return lines[:i]
    return lines


def _strip_lines(lines: list[str], author: str) -> list[str]:
    """Without furniture, soft furniture outside the prose, and what follows a byline or soft furniture after it."""
    solid = [i for i, line in enumerate(lines) if _is_body(line)]
    last = solid[-1] if solid else len(lines)
    first = solid[0] if solid else -1
    kept: list[str] = []
    signed = False
    for i, line in enumerate(lines):
        outside = (i < first or i > last) and is_soft(line)
        signed = i > last and not opens_annex(line) and (signed or outside or _is_credit(line, author))
        if not (signed or outside or is_furniture(line)):
            kept.append(_once(line))
    return kept


def _is_credit(line: str, author: str) -> bool:
    """Whether a line after the prose is a byline, a labelled date line, or the author's signature."""
    stamp = read_stamp(line)
    signed = bool(author) and author in (line, read_signature(line))
    return signed or bool(read_byline(line)) or (stamp is not None and stamp.labelled)


def _is_body(line: str) -> bool:
    return is_prose(line) and not is_furniture(line) and not is_soft(line)


def _once(line: str) -> str:
    """A caption printed twice on one line, once."""
    half = len(line) // 2
    once = line[:half].rstrip()
    return once if len(once) >= CAPTION_MIN and line in (once + once, f"{once} {once}") else line


def _strip_repeats(lines: list[str]) -> list[str]:
    """Without paragraphs that occurred before, and without a line straight after its twin."""
    seen: set[str] = set()
    kept: list[str] = []
    for line in _strip_twins(lines):
        key = squeeze(line)
        if len(key) >= REPEAT_MIN and key in seen:
            continue
        seen.add(key)
        kept.append(line)
    return _strip_twins(kept)


def _strip_twins(lines: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for line in lines:
        if not (kept and line == kept[-1] and len(line) >= CAPTION_MIN):
            kept.append(line)
    return kept


def _credited(cleaned: Cleaned, page: list[str], header: Header) -> Cleaned:
    """With publisher, author and date: from the head first, then from notices, the wire dateline and labelled lines."""
    opening = cleaned.text.split("\n")[:4]
    wire = next((found for line in opening if (found := read_wire(line))), Byline())
    tail = next((found for line in page[-1:-40:-1] if (found := read_byline(line))), Byline())
    notices = [copyright_holder(line) for line in page if is_copyright(line)]
    names = [*notices, header.publisher, tail.publisher, wire.publisher, *map(release_publisher, opening)]
    stamps = (stamp for line in page if (stamp := read_stamp(line)) and stamp.labelled)
    labelled = next((stamp.published for stamp in stamps if stamp.published), None)
    dateline = next((iso for line in opening if (iso := iso_date(wire_date(line)))), None)
    return replace(
        cleaned,
        publisher=_in_language([name for name in names if name], cleaned.language),
        author=header.author or wire.author or tail.author,
        published=header.published or labelled or dateline,
    )


def _in_language(names: list[str], language: Language) -> str:
    """The first name in the article's script, else the first: some English pages carry a Korean notice."""
    native = (name for name in names if (hangul_share(name) > 0.5) == (language == "ko"))
    return next(native, names[0] if names else "")
