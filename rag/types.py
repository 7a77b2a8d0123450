"""The public shapes of a conversation: a turn, a citation and an answer with all of its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from index.types import Filter as Filter
from index.types import Hit, Language

Status = Literal["answered", "no_evidence"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of the conversation."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact passage that supports a marker ``[number]`` of an answer.

    ``quote`` is ``article.text[start:end]``, verbatim and in the article's own language.
    ``source`` is the file's name; ``published`` an ISO date or ``None`` where the page states none.
    """

    number: int
    article_id: str
    title: str
    publisher: str
    published: str | None
    language: Language
    source: str
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Stated:
    """What one article states, in the answer's language and conventions; ``citation`` is the number of the sentence."""

    value: str
    citation: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """Articles that state one value, each in a sentence of its own: never two values in one agreement."""

    stated: tuple[Stated, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Values for one thing that are not equal, newest first; or, with a ``reason``, an article that contradicts itself.

    ``reason`` says in the answer's language what in the article cannot all be right.
    """

    stated: tuple[Stated, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an answer came about. ``generator`` wrote it; ``notice`` is one line for the reader, in the answer's language.

    ``read`` counts the sentences that a language model wrote, ``dropped`` those of them that were not shown because no
    document supports them, or because they were not plain text in the answer's language.
    """

    generator: str
    notice: str = ""
    read: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the assistant says, with the evidence it says it from.

    ``text`` is plain text with markers ``[1]``; every marker has a citation and every citation a marker.
    With status ``no_evidence`` there are no citations, and ``hits`` holds the nearest passages as related reading.
    ``query`` is the stand-alone question that was searched for; ``timings`` are seconds per step. ``generator`` is who
    wrote the text. Where a language model was asked, ``notice`` tells the reader what was amiss, if anything, and
    ``read`` and ``dropped`` count its sentences, as in :class:`Outcome`. ``direct`` is the span that answers (a figure, a
    date, a name …) in the asker's conventions, where one stands out: ``text`` begins with it. It is empty otherwise.
    ``confidence`` in [0, 1] is how likely the best sentence found answers, whether or not the question was refused.
    ``agreements`` and ``conflicts`` say which of the cited articles state the same, and which do not.
    """

    question: str
    query: str
    language: Language
    status: Status
    text: str
    generator: str
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    notice: str = ""
    read: int = 0
    dropped: int = 0
    direct: str = ""
    confidence: float = 0.0
    agreements: tuple[Agreement, ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The JSON object that ``mundap ask --json`` prints."""
        return asdict(self)
