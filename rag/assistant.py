"""The whole flow on one screen: question and history → query → hits → evidence → drafts → verified answer.

``ask`` is ``stream`` run to the end, so that no face can show what another would not.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Generator as Flow
from collections.abc import Iterator, Sequence

from index.cluster import open_corpus
from index.corpus import Corpus
from index.embed import load_encoder
from index.normalise import normalise
from index.types import Article, Hit, Passage
from rag.abstractive import Abstractive
from rag.attribution import supports
from rag.byline import byline
from rag.draft import Comparison, Draft
from rag.errors import EmptyQuestion, QuestionTooLong
from rag.evidence import PASSAGES, Evidence, Reader
from rag.followup import restate
from rag.generate import REFUSAL, Extractive, Generator
from rag.judge import Judge, load
from rag.language import question_language
from rag.llm import LanguageModel
from rag.match import Annotations
from rag.query import Query, QueryMaker
from rag.reading import Interpreter
from rag.request import Request, request
from rag.retrieve import Retriever
from rag.rewrite import Standalone, standalone
from rag.settings import Settings, be_quiet
from rag.types import Agreement, Answer, Citation, Conflict, Filter, Outcome, Stated, Status, Turn

log = logging.getLogger(__name__)
LONGEST_QUESTION = 2_000  # characters; the longest in public question sets is below 400
HITS = 10
READ = max(HITS, PASSAGES)
_WORD = re.compile(r"\w")
_BRACKETED = re.compile(r"\[(\s*\d+(?:\s*[,–-]\s*\d+)*\s*)\]")


class Assistant:
    """Answers questions over one corpus. Make it with :meth:`from_settings`.

    Safe to call from several threads as long as :meth:`refresh` is not called at the same time.
    """

    def __init__(
        self, corpus: Corpus, generator: Generator | Abstractive | None = None, judge: Judge | None = None
    ) -> None:
        """``judge`` decides which sentences answer, and whether any does; by default the one that ships."""
        self._corpus = corpus
        self._judge = judge or load()
        self._generator = generator or Extractive()
        self._open()

    @classmethod
    def from_settings(cls, settings: Settings, judge: Judge | None = None) -> Assistant:
        """Open the index of ``settings.home``; ``judge`` as in the constructor.

        :raises index.errors.IndexMissing: if nothing is indexed there.
        :raises index.errors.IndexStale: if it was built with another encoder.
        """
        be_quiet()
        generator: Abstractive | None = None
        if settings.llm_base_url:
            generator = Abstractive(LanguageModel.from_settings(settings))
        return cls(open_corpus(settings.home, load_encoder(settings.embedder), settings.store_url), generator, judge)

    def _open(self) -> None:
        self._maker = QueryMaker(list(self._corpus.lexical.vocabulary))
        known = Annotations(self._corpus)
        self._retriever, self._reader = Retriever(known), Reader(known, self._judge)
        self._interpreter = Interpreter(self._maker, self._retriever, known)

    def refresh(self) -> None:
        """Take up what an indexing run has changed."""
        self._corpus.refresh()
        self._open()
        log.debug("refreshed", extra={"facts": {"articles": len(self._corpus.articles)}})

    def articles(self) -> list[Article]:
        """All indexed articles, oldest first, undated last."""
        return list(self._corpus.articles.values())

    def article(self, article_id: str) -> Article:
        """:raises KeyError: if there is no such article."""
        return self._corpus.article(article_id)

    def passage(self, hit: Hit) -> Passage:
        """The passage that a hit points at."""
        (passage,) = self._corpus.take([hit.passage_id])
        return passage

    def search(self, query: str, limit: int = HITS, only: Filter | None = None) -> tuple[Hit, ...]:
        """The best passages for ``query``, best first, of all articles or of those in ``only``.

        :raises EmptyQuestion: if there is nothing to search for.
        """
        text = _checked(query)
        return self._retriever.retrieve(self._maker.make(text, question_language(text)), limit, only)

    def evidence(self, question: str, hits: Sequence[Hit] | None = None) -> list[Evidence]:
        """Every sentence read for a stand-alone ``question``, likeliest first: what an answer would be made from.

        :param hits: passages to read instead of those that a search finds.
        :raises EmptyQuestion: if there is nothing to answer.
        """
        text = _checked(question)
        query = self._maker.make(text, question_language(text))
        return self._ranked(query, text, self._retriever.retrieve(query, READ) if hits is None else hits)

    def _ranked(self, query: Query, question: str, hits: Sequence[Hit]) -> list[Evidence]:
        return sorted(self._reader.read(query, question, hits), key=lambda e: -e.chance)

    def ask(
        self, question: str, history: Sequence[Turn] = (), language: str = "auto", only: Filter | None = None
    ) -> Answer:
        """Answer ``question``; see :meth:`stream`."""
        *_, answer = self.stream(question, history, language, only)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self, question: str, history: Sequence[Turn] = (), language: str = "auto", only: Filter | None = None
    ) -> Iterator[str | Answer]:
        """The answer's text piece by piece, each piece verified, and at last the whole :class:`Answer`.

        With ``only``, nothing is found in or said from any other article.

        While a language model is at work an empty piece comes every quarter of a second: closing the iterator then, or
        at any other piece, ends the request to its server.

        :raises EmptyQuestion: if there is nothing to answer.
        :raises QuestionTooLong: if it has more than ``LONGEST_QUESTION`` characters.
        :raises UnknownLanguage: if ``language`` is not ``auto``, ``ko`` or ``en``.
        """
        clock = _Clock()
        text = _checked(question)
        turns = [Turn(normalise(turn.question), normalise(turn.answer)) for turn in history]
        asked = request(text, turns, language)
        stated = yield from self._stated(asked)
        clock.lap("rewrite")
        reading = self._interpreter.read(stated, asked.asked_in, asked.reply, READ, only)
        query, text, hits, reply = reading.query, reading.question, reading.hits, asked.reply
        clock.lap("retrieve")
        ranked = self._ranked(query, text, hits)
        clock.lap("read")
        page, outcome = _Page(), Outcome(Extractive.name)
        for said in self._drafts(query, text, ranked):
            if isinstance(said, Outcome):
                outcome = said
            elif not said.text:
                yield ""
            elif supported(said):
                yield page.add(said)
        clock.lap("generate")
        status: Status = "answered" if page.citations else "no_evidence"
        if not page.citations:
            yield page.say(REFUSAL[reply])
        log.info("answered", extra={"facts": _facts(status, reply, outcome, page, hits) | {"seconds": clock.laps}})
        yield Answer(
            question=question,
            query=query.text,
            language=reply,
            status=status,
            text=page.text,
            generator=outcome.generator,
            citations=tuple(page.citations),
            hits=hits[:HITS],
            timings=clock.laps,
            notice=outcome.notice,
            read=outcome.read,
            dropped=outcome.dropped,
            direct=page.direct,
            confidence=round(confidence(ranked), 4),
            agreements=tuple(page.agreements),
            conflicts=tuple(page.conflicts),
        )

    def _stated(self, asked: Request) -> Flow[str, None, Standalone]:
        """The question with what it leans on, in the language model's words or by the rules."""
        if isinstance(self._generator, Abstractive):
            stated = yield from restate(self._generator.model, asked.question, asked.turns, asked.asked_in)
            if stated:
                return Standalone(asked.question, (stated,), "surely", stated)
        return standalone(asked.question, asked.turns, asked.asked_in)

    def _drafts(self, query: Query, question: str, ranked: Sequence[Evidence]) -> Iterator[Draft | Outcome]:
        """What may be said, an article's own byline or the generator's drafts where the evidence is enough, by whom."""
        if said := byline(question, query, ranked):
            yield said
        elif confidence(ranked, self._judge) >= self._judge.threshold:
            yield Outcome(self._generator.name)
            yield from self._generator.drafts(query, question, ranked)


def _facts(status: Status, reply: str, outcome: Outcome, page: _Page, hits: Sequence[Hit]) -> dict[str, object]:
    """What a log may hold of an answer."""
    counts = {"hits": len(hits), "citations": len(page.citations), "read": outcome.read, "dropped": outcome.dropped}
    return {"status": status, "language": reply, "by_model": outcome.generator != Extractive.name, **counts}


def confidence(ranked: Sequence[Evidence], judge: Judge | None = None) -> float:
    """The chance, in [0, 1], that the best sentence answers; 0 where there is none."""
    return (judge or load()).answer({**ranked[0].features, "chance": ranked[0].chance}) if ranked else 0.0


def supported(draft: Draft) -> bool:
    """Whether one of the spans that ``draft`` claims supports what it says; of a comparison, each its own value."""
    if told := draft.comparison:
        whole = "\n".join(item.text for item in draft.evidence)
        each = zip(draft.evidence, told.originals, strict=False)
        return (
            all(supports(item, own) for item, own in each)
            if not told.reason
            else all(o in whole for o in told.originals)
        )
    return any(supports(item, draft.checked) for item in draft.evidence)


def _checked(question: str) -> str:
    """The question in one Unicode form, without hidden characters."""
    question = normalise(question)
    if not _WORD.search(question):
        raise EmptyQuestion("The question is empty. Ask something, in Korean or English.")
    if len(question) > LONGEST_QUESTION:
        raise QuestionTooLong(
            f"The question has {len(question):,} characters; at most {LONGEST_QUESTION:,} are read. Shorten it."
        )
    return question


def _unmarked(text: str) -> str:
    """``text`` of a document, whose own [7] would read as one of our markers."""
    return _BRACKETED.sub(r"［\1］", text)


class _Page:
    """The answer's text so far and its citations, numbered in the order of their first use."""

    def __init__(self) -> None:
        self.text = self.direct = ""
        self.citations: list[Citation] = []
        self.agreements: list[Agreement] = []
        self.conflicts: list[Conflict] = []

    def add(self, draft: Draft) -> str:
        if not self.text:
            self.direct = _unmarked(draft.direct)
        numbers = [self._number(item) for item in draft.evidence]
        if draft.comparison:
            self._compare(draft.comparison, numbers)
        markers = "".join(f"[{number}]" for number in dict.fromkeys(numbers))
        return self.say(f"{_unmarked(draft.text)} {markers}")

    def _compare(self, told: Comparison, numbers: Sequence[int]) -> None:
        stated = tuple(Stated(_unmarked(value), number) for value, number in zip(told.values, numbers, strict=False))
        if told.agree:
            self.agreements.append(Agreement(stated))
        else:
            self.conflicts.append(Conflict(stated, told.reason))

    def say(self, line: str) -> str:
        piece = f"\n{line}" if self.text else line
        self.text += piece
        return piece

    def _number(self, item: Evidence) -> int:
        for citation in self.citations:
            if (citation.article_id, citation.start, citation.end) == (item.article.id, *item.span):
                return citation.number
        article, (start, end) = item.article, item.span
        self.citations.append(
            Citation(
                number=len(self.citations) + 1,
                article_id=article.id,
                title=article.title,
                publisher=article.publisher,
                published=article.published,
                language=article.language,
                source=article.source,
                quote=article.text[start:end],
                start=start,
                end=end,
            )
        )
        return len(self.citations)


class _Clock:
    """Seconds per step."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self.laps[step] = round(now - self._last, 4)
        self._last = now
