"""A turn of a conversation read against the documents: as a follow-up of what was asked before, or by itself.

"언제 완공되나요?" after a question about a laboratory asks about the laboratory; "게 어획량은 얼마나 줄었나요?" after one about
shipyards opens a new topic. Their words do not tell, the documents do: a follow-up loses nothing when it is searched for
together with what it leans on, while the words of a new topic are met elsewhere, and no longer where the old topic is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.types import Hit, Language
from rag.match import Annotations, Matcher
from rag.query import COMPOUND_IMPORTANCE, Query, QueryMaker
from rag.retrieve import Retriever
from rag.rewrite import Standalone
from rag.types import Filter

# A question opens a new topic where the old one's best passage meets less than KEPT of what its own best passage meets of
# it, and that is at least ALONE. Of a question of one word the documents must say so clearly.
ALONE = {"perhaps": 0.0, "likely": 0.95}
KEPT = {"perhaps": 0.5, "likely": 0.35}


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as it was understood, what was searched for, and what that found, best first."""

    question: str
    query: Query
    hits: tuple[Hit, ...]


class Interpreter:
    """Chooses between the readings of a question over one corpus."""

    def __init__(self, maker: QueryMaker, retriever: Retriever, annotations: Annotations) -> None:
        self._maker, self._retriever, self._known = maker, retriever, annotations

    def read(
        self, asked: Standalone, language: Language, reply: Language, limit: int, only: Filter | None = None
    ) -> Reading:
        """The reading of ``asked``, a question of ``language``, with its ``limit`` best passages of those in ``only``."""
        alone = self._maker.make(asked.question, language, reply=reply)
        if not asked.context:
            return Reading(asked.question, alone, self._retriever.retrieve(alone, limit, only))
        led = self._maker.make(asked.question, language, asked.context, reply)
        led = replace(led, text=asked.restated or led.text)
        hits = self._retriever.retrieve(led, limit, only)
        if asked.lean in KEPT:
            others = self._retriever.retrieve(alone, limit, only)
            met = self._met(alone, others[:1])
            if met >= ALONE[asked.lean] and self._met(alone, hits[:1]) < KEPT[asked.lean] * met:
                return Reading(asked.question, alone, others)
        return Reading(asked.question, led, hits)

    def _met(self, query: Query, hits: Sequence[Hit]) -> float:
        """How much of ``query`` the best of ``hits`` meets, in [0, 1]; rare words count for more."""
        # A name of the other script may be met as a whole only: here compounds count.
        clues = tuple(clue if clue.weight else replace(clue, weight=COMPOUND_IMPORTANCE) for clue in query.clues)
        matcher = Matcher(replace(query, clues=clues), self._known.corpus.lexical)
        met = matcher.meet(*(self._terms(hit) for hit in hits))
        return float(matcher.coverage(met, local=True).max(initial=0.0))

    def _terms(self, hit: Hit) -> frozenset[str]:
        article = self._known.corpus.article(hit.article_id)
        return self._known.terms(article, (hit.start, hit.end)) | self._known.heading(article)
