"""The direct answer: whether the span that an answer leads with is what was asked for. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from eval.metrics import normalise
from eval.sets import Question
from index.measure import Quantity
from index.quantity import agree, quantities

KINDS = frozenset({"amount", "number", "date", "person", "place", "organisation"})
SPARE = 10  # characters that a unit, a title or a particle takes: 제곱미터, billion won, Minister


def asked(question: Question) -> bool:
    """Whether ``question`` asks for a span: it has an answer and wants a figure, a date or a name."""
    return question.answerable and question.kind in KINDS


def right(direct: str, facts: Sequence[Sequence[str]]) -> bool:
    """Whether ``direct`` is the span that answers, and little else.

    As the exact match of SQuAD (Rajpurkar et al. 2016, §6.1), after :func:`eval.metrics.normalise`; a figure or date
    may be written in either language's way. A set's facts are the keys of an answer and not whole answers (``2022``
    and ``August`` for August 2022), so that a span is right which states one alternative of **every** fact, none of
    them as part of a longer figure, and is at most as long again as these and :data:`SPARE` characters.
    """
    said, figures = normalise(direct), quantities(direct)
    stated = [max((_length(alternative, said, figures) for alternative in group), default=0) for group in facts]
    return bool(stated) and all(stated) and len(said) <= 2 * sum(stated) + SPARE


def _length(alternative: str, said: str, figures: Sequence[Quantity]) -> int:
    """How many characters of an alternative are stated, as they are or as figures: all of them or none."""
    written = normalise(alternative)
    wanted = quantities(alternative)
    if _stands(written, said) or wanted and all(any(_states(own, one) for own in figures) for one in wanted):
        return len(written)
    return 0


def _states(own: Quantity, wanted: Quantity) -> bool:
    """Whether a figure is the wanted one and leaves no part of it unsaid."""
    parts = zip(own.date, wanted.date, strict=True)
    return agree(own, wanted) and all(part is None or said == part for said, part in parts)


def _stands(alternative: str, said: str) -> bool:
    """Whether ``said`` holds ``alternative`` without cutting a figure: ``28`` is not in ``1283``."""
    start = said.find(alternative)
    while alternative and start >= 0:
        before, after = said[:start][-1:], said[start + len(alternative) :][:1]
        if not (before.isdigit() and alternative[0].isdigit() or after.isdigit() and alternative[-1].isdigit()):
            return True
        start = said.find(alternative, start + 1)
    return False
