"""Faults to put into the code, one at a time: what a slip of the hand might do, which the gate must not let through.

Each names a file and the words of it to exchange, so that a fault is as real as an edit. A test sees to it that each
still fits the code. :mod:`eval.mutations` puts them in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """``says`` tells what goes wrong; in ``file``, from the root, ``changes`` are exchanged, the first word by the second."""

    says: str
    file: str
    changes: tuple[tuple[str, str], ...]


_ASSISTANT = "rag/assistant.py"
_CITATIONS = "citations=tuple(page.citations),"
_SHUFFLED = """def _amiss(citations):
    import dataclasses

    last = len(citations) + 1
    return tuple(dataclasses.replace(one, number=last - one.number) for one in citations)


class _Page:"""
_SWAPPED = """def _amiss(citations, articles):
    import dataclasses

    next_one = {one.source: articles[place - 1].source for place, one in enumerate(articles)}
    return tuple(dataclasses.replace(one, source=next_one[one.source]) for one in citations)


class _Page:"""

FAULTS: Mapping[str, Fault] = {
    "no lexicon": Fault(
        "nothing is translated",
        "index/lexicon.py",
        (
            ('((k, e) for k, e in _rows("phrases.tsv.gz"))', "()"),
            ('((k, e, float(a), float(b)) for k, e, a, b in _rows("probabilities.tsv.gz"))', "()"),
        ),
    ),
    "citations shuffled": Fault(
        "a marker points at another citation of the answer",
        _ASSISTANT,
        ((_CITATIONS, "citations=_amiss(page.citations),"), ("class _Page:", _SHUFFLED)),
    ),
    "offsets off by one": Fault(
        "a quote is said to begin a character later", _ASSISTANT, (("start=start,", "start=start + 1,"),)
    ),
    "passages truncated": Fault(
        "a passage loses its second half",
        "index/chunk.py",
        (("for group in groups:", "for group in (each[: (len(each) + 1) // 2] for each in groups):"),),
    ),
    "history ignored": Fault(
        "follow-ups are read as if they stood alone",
        _ASSISTANT,
        (("for turn in history]", "for turn in history[:0]]"),),
    ),
    "always answers": Fault(
        "no question is refused",
        _ASSISTANT,
        (("elif confidence(ranked, self._judge) >= self._judge.threshold:", "elif ranked:"),),
    ),
    "never answers": Fault(
        "every question is refused",
        _ASSISTANT,
        (("confidence(ranked, self._judge) >= self._judge.threshold", "confidence(ranked, self._judge) > 1"),),
    ),
    "wrong language": Fault(
        "answers come in the other language",
        "rag/request.py",
        (("own if choice ==", '("en" if own == "ko" else "ko") if choice =='),),
    ),
    "index stale": Fault(
        "a file that has changed counts as unchanged",
        "index/build.py",
        (("if known and (known.size, known.modified) == (stat.st_size, stat.st_mtime_ns):", "if known:"),),
    ),
    "dates lost": Fault(
        "no article has its date of publication",
        "index/read.py",
        (("published=stated.published or fallback.published or cleaned.published", "published=None"),),
    ),
    "dates unread": Fault(
        "no date in a text is recognised",
        "index/quantity.py",
        (("for quantity in dates(text, day):", "for quantity in ():"),),
    ),
    "numbers misread": Fault(
        "만, 억 and 조 count ten times too much",
        "index/numerals.py",
        (('"만": 10**4, "억": 10**8, "조": 10**12', '"만": 10**5, "억": 10**9, "조": 10**13'),),
    ),
    "sources swapped": Fault(
        "a citation names another file",
        _ASSISTANT,
        ((_CITATIONS, "citations=_amiss(page.citations, self.articles()),"), ("class _Page:", _SWAPPED)),
    ),
}
