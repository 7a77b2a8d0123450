"""Whether the Korean and the English form of a question are answered alike. Pure."""

from __future__ import annotations

from eval.report import Row


def consistent(korean: Row, english: Row) -> bool:
    """Whether both forms of one question were given the same fact from the same articles.

    Both refused is consistent; one refused is not. Otherwise they must share a cited article, and state the same: every
    fact of the question, or, where one does not, their first quotes must overlap.
    """
    if korean.refused or english.refused:
        return korean.refused and english.refused
    shared = {c.article_id for c in korean.citations} & {c.article_id for c in english.citations}
    return bool(shared) and (_complete(korean) and _complete(english) or _same_place(korean, english))


def _complete(row: Row) -> bool:
    return not any(problem.startswith("fact") for problem in row.problems)


def _same_place(left: Row, right: Row) -> bool:
    one, other = left.citations[0], right.citations[0]
    return one.article_id == other.article_id and one.start < other.end and other.start < one.end
