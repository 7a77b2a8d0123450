"""A cache for questions about a line of text, which holds no long lines: thousands of those would fill the memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

Verdict = TypeVar("Verdict")
LINES = 4096
"""Lines whose verdicts are remembered: every pass over a page asks about the same lines again."""
LONGEST = 500
"""Characters of the longest line that is remembered; longer ones are prose, and soon told apart."""


def remembered(judge: Callable[[str], Verdict]) -> Callable[[str], Verdict]:
    """``judge``, which must depend on its line alone, with its last verdicts on lines of usual length remembered."""
    cached = lru_cache(maxsize=LINES)(judge)

    @wraps(judge)
    def ask(line: str) -> Verdict:
        return cached(line) if len(line) <= LONGEST else judge(line)

    return ask
