"""The head of a page: what stands between its first line and the article's prose.

A headline counts as stated where a date line, a byline or a control of the page follows it; then it is metadata and
leaves the text. Otherwise the first line serves as the title and stays in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from index.byline import is_publisher, is_role, read_byline, read_signature, title_author
from index.furniture import HEADLINE_MAX, is_furniture, is_heading, is_item, is_prose, is_soft
from index.normalise import hangul_share, squeeze
from index.pubdate import read_stamp

HEAD_LINES = 30
"""Most lines of a head: portals print up to some twenty lines of menu above the headline."""
HEAD_PROSE = 3
"""A head ends before its third line of prose: decks may be sentences, and a caption may be one."""


@dataclass(slots=True)
class Header:
    """What the head states; ``drop`` holds the indices of its lines that do not belong to the article's text."""

    title: str = ""
    author: str = ""
    publisher: str = ""
    published: str | None = None
    drop: set[int] = field(default_factory=set)


def read_header(lines: list[str], title: str = "") -> Header:
    """The head of ``lines``. ``title`` is the headline where another source states it; its line is dropped."""
    header = Header()
    head = _head(lines)
    anchors = [i for i in head if _read_anchor(lines, i, header)]
    furniture = [i for i in head if is_furniture(lines[i]) or is_soft(lines[i])]
    header.drop.update(furniture)
    for i in head:
        if is_publisher(lines[i]) and (not anchors or i < max(anchors)) and not header.publisher:
            header.publisher = lines[i]
    rest = [i for i in head if i not in header.drop]
    if title:
        header.title = title
        _drop_title(lines, rest, header)
    else:
        _find_title(lines, rest, anchors, furniture, header)
    header.author = header.author or title_author(header.title)
    return header


def _head(lines: list[str]) -> range:
    body = [
        i
        for i, line in enumerate(lines[:HEAD_LINES])
        if is_prose(line) and not is_furniture(line) and not is_soft(line)
    ]
    if len(body) >= HEAD_PROSE:
        return range(body[HEAD_PROSE - 1])
    ends = len(lines) <= HEAD_LINES and body
    return range(body[-1] if ends else min(len(lines), HEAD_LINES))


def _read_anchor(lines: list[str], i: int, header: Header) -> bool:
    """Whether line ``i`` is a date line or a byline; what it states goes into ``header``."""
    line = lines[i]
    following = lines[i + 1] if i + 1 < len(lines) else ""
    # Some pages put the name and the office (``기자``, ``Reporter``) on two lines.
    byline = read_byline(line) or (
        read_byline(f"{line} {following}") if len(following) <= 15 and is_role(following) else None
    )
    if byline:
        header.author = header.author or byline.author
        header.publisher = header.publisher or byline.publisher
        header.drop.add(i)
        if is_role(following):
            header.drop.add(i + 1)
        return True
    stamp = read_stamp(line)
    if stamp is None or is_prose(line) or not (stamp.labelled or _is_credit(stamp.rest)):
        return False
    header.published = header.published or stamp.published
    for part in filter(None, stamp.rest.split(" | ")):
        by = read_byline(part)
        header.author = header.author or (by.author if by else read_signature(part))
        if not by and not read_signature(part) and not is_furniture(part):
            header.publisher = header.publisher or (part if is_publisher(part) else "")
    header.drop.add(i)
    return True


def _is_credit(rest: str) -> bool:
    """Whether what stands beside an unlabelled date is a name, an office or a section, not a headline."""
    return all(
        len(part.split()) <= 2 or is_publisher(part) or read_byline(part) or read_signature(part) or is_furniture(part)
        for part in filter(None, rest.split(" | "))
    )


def _drop_title(lines: list[str], rest: list[int], header: Header) -> None:
    key = squeeze(header.title)
    for i in rest:
        line = squeeze(lines[i])
        if line and (line == key or (len(line) >= 12 and key.startswith(line) and not is_prose(lines[i]))):
            header.drop.add(i)
            header.drop.update(j for j in rest if j < i and not _is_headline(lines[j]))
            return


def _find_title(lines: list[str], rest: list[int], anchors: list[int], furniture: list[int], header: Header) -> None:
    candidates = [i for i in rest if not is_prose(lines[i]) and not _is_set_apart(lines[i])]
    limit = max(anchors) if anchors else max(furniture, default=-1)
    stated = [i for i in candidates if i < limit]
    if anchors and not [i for i in stated if i < min(anchors)]:
        stated = stated if any(_is_headline(lines[i]) for i in stated) else []
    if stated:
        best = next((i for i in stated if _is_headline(lines[i])), max(stated, key=lambda i: len(lines[i])))
        header.title = lines[best]
        header.drop.update(i for i in rest if i <= best and not is_prose(lines[i]))
        header.drop.update(i for i in rest if i < limit and is_publisher(lines[i]))
    elif (
        rest
        and not is_prose(lines[rest[0]])
        and len(lines[rest[0]]) <= HEADLINE_MAX + 20
        and not is_publisher(lines[rest[0]])
    ):
        header.title = re.sub(r"^#+\s", "", lines[rest[0]])


def _is_set_apart(line: str) -> bool:
    """Whether the line is no headline by its form: a site's name, a list item, a bracketed credit or label."""
    return is_publisher(line) or is_item(line) or is_heading(line)


def _is_headline(line: str) -> bool:
    """Whether the line is long enough for a headline: three words, or ten syllables of Korean, which packs more."""
    long = len(line.split()) >= 3 or (hangul_share(line) > 0.5 and len(squeeze(line)) >= 10)
    return long and len(line) <= HEADLINE_MAX + 20
