"""A model's streamed reply to sentences with the document numbers that each one claims.

Knows nothing of evidence: whether a claim holds is decided elsewhere. A sentence that could still carry something other
than plain text (an image, a link, HTML, brackets that look like a marker) is not given out at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from index.english import sentence_spans

LONGEST = 1_200  # characters of one sentence; whatever runs on past this is no sentence
_PENDING = 48  # characters for which an open bracket at the end may still become a marker
_SLICE = 1_000  # characters taken at once: the patterns below may take the square of what they search

_MARK = (
    r"[\[【［]\s*(?:\^|(?:문서|출처|자료|기사|근거|documents?|docs?|sources?|articles?|refs?|no)[\s.:#]*)?"
    r"(\d{1,4}(?:\s*(?:[,;、，·∙/&]|[-–—~∼～]|and|및|와|과)\s*\d{1,4})*)\s*(?:†[^\]】］]{0,24})?[\]】］]"
)
_MARKER = re.compile(rf"\s*{_MARK}", re.I)
_OPEN = re.compile(r"[\[【［][^\]】］\n]*$")
_TRAILING = re.compile(rf"([.!?。…]+[\"'”’)*_]*)((?:\s*{_MARK})+)", re.I)
# A marker and a full stop: nothing that belongs to the sentence comes after them, so it need not wait for the next one.
_SHUT = re.compile(rf"{_MARK}\s{{0,3}}[.!?。]", re.I)
# Between a marker that was found behind its full stop, and that stop: more markers may follow. It is no visible
# character, so no reply can hold it.
_MOVED = "\u2060"
_ORPHANS = ".!?。…\"'”’)*_"  # what may stand right behind such a full stop, and is left out
_RANGE = re.compile(r"(\d+)\s*[-–—~∼～]\s*(\d+)|(\d+)")
_LEFTOVER = re.compile(r"[\[【［]\s*\^?\d|\d\s*[\]】］]")
_ACTIVE = re.compile(
    r"!\[|\]\s*\(|^\s*\[[^\]]*\]\s*:|<[/!?a-z]|&(?:#\w+|lt|gt|quot);|(?:https?|ftp|wss?|file)\s*:|\bwww\.|//\w"
    r"|\b(?:javascript|vbscript|mailto)\s*:|\bdata\s*:\s*\w+/|\$\$",
    re.I,
)
_BULLET = re.compile(r"^\s*(?:#{1,6}\s+|>\s*|[-*•‣·]\s+|\(?\d{1,2}[.)]\s+(?=[^\d\s]))+")
_EMPHASIS = re.compile(r"(?<!\w)(\*{1,3}|_{2,3})(?=\S)(.+?)(?<=\S)\1(?!\*)")
_ENDED = re.compile(r"(?<!\d)[.!?。…]+[\"'”’)*]*$")  # "272." may be the beginning of 272.6
_STOPS = re.compile(r"[.!?。…]{4,}")
_SPACES = re.compile(r"\s+")
_DATE = re.compile(r"\d{4}\.\s*\d{1,2}\.(?:\s*\d{1,2}\.)?$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Plain text without markers, and the document numbers it claims, in order, each once."""

    text: str
    numbers: tuple[int, ...] = ()


class Splitter:
    """Takes a reply in pieces of any size and gives its sentences as soon as each is whole.

    ``documents`` is how many there are: a number beyond it is dropped. ``withheld`` counts sentences that were not given
    out because they are not plain text. A sentence that ends in a marker and a full stop is whole at once; any other
    is when the next one begins, for a marker may follow. Where the pieces are cut makes no difference.
    """

    def __init__(self, documents: int) -> None:
        self.withheld = 0
        self._documents = documents
        self._rest = ""
        self._skipping = self._shut = False

    def feed(self, piece: str) -> Iterator[Sentence]:
        """The sentences that ``piece`` completes."""
        for start in range(0, len(piece), _SLICE):
            yield from self._feed(piece[start : start + _SLICE])

    def _feed(self, piece: str) -> Iterator[Sentence]:
        self._rest = _STOPS.sub("...", self._rest + visible(piece))
        if self._shut:
            self._rest = self._rest.lstrip(_ORPHANS)
            self._shut = not self._rest
        if self._hide_thoughts():
            return
        *lines, self._rest = re.split(r"[\n\r\u2028\u2029]+", self._rest)
        for line in lines:
            yield from self._sentences(_pieces(line))
        yield from self._open_line()

    def close(self, complete: bool) -> Iterator[Sentence]:
        """What is left; a reply that broke off (not ``complete``) keeps its last words only if they end a sentence."""
        rest, self._rest = self._rest, ""
        if self._skipping or not complete and not _ENDED.search(_MARKER.sub("", rest).rstrip()):
            return
        yield from self._sentences(_pieces(rest))

    def _open_line(self) -> Iterator[Sentence]:
        """Sentences of a line that is still being written; its last one is kept back, for a marker may follow it."""
        pending = _OPEN.search(self._rest)
        held = self._rest[pending.start() :] if pending and len(self._rest) - pending.start() <= _PENDING else ""
        written = self._rest.removesuffix(held)
        pieces = _pieces(written)
        ends = [match.end() for match in _SHUT.finditer(written)]
        last = "" if not pieces or ends and not written[ends[-1] :].strip(_ORPHANS).strip() else pieces.pop()
        self._shut = bool(ends) and not written[ends[-1] :].strip(_ORPHANS) and not held
        self._rest = last[-2 * LONGEST :] + held
        yield from self._sentences(pieces)

    def _sentences(self, pieces: list[str]) -> Iterator[Sentence]:
        for piece in pieces:
            if (sentence := read(piece, self._documents)) is not None:
                yield sentence
            else:
                self.withheld += any(c.isalnum() for c in _MARKER.sub("", piece))

    def _hide_thoughts(self) -> bool:
        """Skip ``<think>…</think>``, in which some servers send a model's reasoning; true while inside it."""
        if not self._skipping and self._rest.lstrip().startswith("<think>"):
            self._skipping = True
        if self._skipping and "</think>" in self._rest:
            self._skipping, self._rest = False, self._rest.split("</think>", 1)[1]
        if self._skipping:
            self._rest = self._rest[-2 * LONGEST :]
        return self._skipping or "<think>".startswith(self._rest.lstrip() or "-")


def read(raw: str, documents: int) -> Sentence | None:
    """One sentence as written by a model, or ``None`` where nothing of it can be shown as plain text."""
    if len(raw) > 2 * LONGEST or active(raw):
        return None
    numbers: list[int] = []
    for match in _MARKER.finditer(raw):
        numbers.extend(_numbers(match.group(1), documents))
    text = _plain(_MARKER.sub("", raw).replace(_MOVED, ""))
    if _SHUT.search(raw):
        text = _balanced(text)
    if _LEFTOVER.search(text) or len(text) > LONGEST or not any(c.isalnum() for c in text):
        return None
    return Sentence(text, tuple(dict.fromkeys(numbers)))


def active(text: str) -> bool:
    """Whether ``text`` holds an image, a link, HTML or anything else that a page could act on."""
    return bool(_ACTIVE.search(text))


def visible(text: str) -> str:
    """``text`` without control, format (zero-width, bidirectional, tag) and private-use characters."""
    return "".join(c for c in text if c in "\n\r\t" or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs", "Cn"))


def _numbers(written: str, documents: int) -> Iterator[int]:
    """``1, 3-5`` as numbers; those without a document are dropped."""
    for first, last, single in _RANGE.findall(written):
        low, high = sorted((int(first or single), int(last or single)))
        yield from range(max(low, 1), min(high, documents) + 1)


def _plain(text: str) -> str:
    text = _EMPHASIS.sub(r"\2", _BULLET.sub("", text).replace("`", ""))
    return _SPACES.sub(" ", text).strip()


def _balanced(text: str) -> str:
    """``text``, whose closing quotation mark or emphasis stood behind its full stop, without an open one."""
    text = re.sub(r"^\*{1,3}(?=\S)", "", text) if text.count("*") in (1, 2, 3) else text
    if text.count("“") > text.count("”"):
        return text + "”"
    return text + '"' if text.count('"') % 2 else text


def _pieces(line: str) -> list[str]:
    """Raw sentences of one line, each with the markers that follow it; a marker and a full stop always end one."""
    found, start = [], 0
    for match in _SHUT.finditer(line):
        found += _spans(line[start : match.end()])
        start = match.end() + len(line[match.end() :]) - len(line[match.end() :].lstrip(_ORPHANS))
    return found + _spans(line[start:])


def _spans(line: str) -> list[str]:
    """Raw sentences of a line; their concatenation loses only white space."""
    inside = _TRAILING.sub(lambda m: m.group(2) + _MOVED + m.group(1) + " ", line)
    bullet = _BULLET.match(inside)
    start = bullet.end() if bullet else 0
    starts = [start + a for a, _ in sentence_spans(inside[start:])]
    if not starts:
        return [inside] if inside.strip() else []
    starts[0] = 0
    kept = [s for i, s in enumerate(starts) if i == 0 or not _in_date(inside, s)]
    return [inside[a:b] for a, b in zip(kept, [*kept[1:], len(inside)], strict=True)]


def _in_date(line: str, start: int) -> bool:
    """Whether the full stop before ``start`` stands inside or after a Korean date such as 2023. 5. 16."""
    before = line[max(0, start - 16) : start].rstrip()
    return bool(_DATE.search(before)) or before[-2:-1].isdigit() and line[start : start + 1].isdigit()
