"""Publication dates as news pages state them: a short line of its own, often labelled. Prose is not read for dates."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from index.remember import remembered

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<mon>(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*)\.?"
_DATES = (
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)\s?[./년-]\s?(?P<m>\d{1,2})\s?[./월-]\s?(?P<d>\d{1,2})(?!\d)(?:일|\.)?"),
    re.compile(rf"\b{_MONTH}\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<y>(?:19|20)\d\d)\b", re.I),
    re.compile(rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s{_MONTH},?\s(?P<y>(?:19|20)\d\d)\b", re.I),
)
_TIME = re.compile(
    r"T?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:[ap]\.?m\.?)?(?:Z|[+-]\d{2}:?\d{2})?|\d{1,2}시(?:\s?\d{1,2}분)?"
    r"|\b(?:오전|오후|AM|PM|KST|GMT|UTC|EST|EDT|BST)\b(?:\s?[+-]\d{1,2})?"
    r"|\b(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\b|\(?[월화수목금토일](?:요일)?\)"
    r"|[월화수목금토일]요일",
    re.I,
)
_PUBLISHED = re.compile(
    r"(?:기사\s?)?(?:최초\s?)?(?:입력|등록|승인|송고|게재|발행|작성|배포|보도)\s?(?:일시|일자|시간|시점|시각|일)?"
    r"|\b(?:first\s)?(?:published|posted|issued|released?|press release|publication date|publish date"
    r"|date)(?:\s(?:on|at))?\b"
    r"|\ball news\b",
    re.I,
)
_UPDATED = re.compile(
    r"(?:최종\s?)?(?:수정|갱신|업데이트|변경)\s?(?:일시|일자|시간|시각|일)?|\b(?:last\s)?(?:updated|modified"
    r"|edited|revised)"
    r"(?:\s(?:on|at))?\b",
    re.I,
)
_NOISE = re.compile(r"즉시\s?보도|보도\s?자료|조간|석간|\b(?:on|at)\b|[\s|·:/,.()\[\]<>{}~–—-]+", re.I)
MAX_STAMP = 120
"""Characters: a longer line with a date in it is prose or a table, not the date line of a page."""

LABEL_GAP = 25
"""Most characters between a label and the date that it names."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date line. ``published`` is ISO or ``None`` where only an update is dated; ``rest`` is what else is there."""

    published: str | None
    labelled: bool
    rest: str


def find_dates(text: str) -> list[tuple[int, int, str]]:
    """Every full calendar date in ``text`` as (start, end, ISO date), in order; impossible dates are passed over."""
    found = [(*m.span(), iso) for pattern in _DATES for m in pattern.finditer(text) if (iso := _iso(m))]
    return sorted(found)


def iso_date(text: str) -> str | None:
    """The first full date in a metadata value such as ``2024-03-05T09:10:00+09:00`` or ``20240305``, or ``None``."""
    compact = re.fullmatch(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:\d{4,6})?", text.strip())
    dates = find_dates("-".join(compact.groups()) if compact else text)
    return dates[0][2] if dates else None


@remembered
def read_stamp(line: str) -> Stamp | None:
    """The line as a date line, or ``None``: it must hold a full date and little else but times, labels and a name."""
    dates = find_dates(line) if len(line) <= MAX_STAMP else []
    if not dates:
        return None
    published, labelled, updated_only, end = None, False, True, 0
    for start, stop, iso in dates:
        before, end = line[end:start], stop
        if _UPDATED.search(before):
            continue
        updated_only = False
        named = _is_labelled(before)
        if published is None or (named and not labelled):
            published, labelled = iso, named
    return Stamp(None if updated_only else published, labelled or updated_only, _rest(line, dates))


def _is_labelled(before: str) -> bool:
    """Whether a label such as ``Published :`` leads up to the date; an English verb inside a sentence is none."""
    label = _PUBLISHED.search(before)
    if label is None or len(_TIME.sub("", before[label.end() :])) > LABEL_GAP:
        return False
    lead = before[: label.start()].strip()
    return not label[0].isascii() or not lead or lead[-1] in "|·:/)]>-–—,"


def _rest(line: str, dates: list[tuple[int, int, str]]) -> str:
    for start, stop, _ in reversed(dates):
        line = line[:start] + " | " + line[stop:]
    for pattern in (_TIME, _UPDATED, _PUBLISHED):
        line = pattern.sub(" | ", line)
    parts = (part.strip(" .,:/·()[]<>-–—~") for part in re.split(r"[|ㅣ·]|\s[-–—/]\s", line))
    return " | ".join(part for part in parts if _NOISE.sub("", part))


def _iso(match: re.Match[str]) -> str | None:
    parts = match.groupdict()
    month = int(parts["m"]) if "m" in parts else _MONTHS.index(parts["mon"][:3].lower()) + 1
    try:
        return datetime.date(int(parts["y"]), month, int(parts["d"])).isoformat()
    except ValueError:
        return None
