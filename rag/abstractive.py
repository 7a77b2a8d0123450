"""Answers written by a language model, held to the verifier.

The model sees numbered passages and writes; each sentence of the stream is matched with the exact sentence of a passage
that supports it, and one that nothing supports is dropped. Whatever goes wrong with the server, an answer still comes:
the extractive one. The documents are taken to be hostile, and the model to obey them: what it cannot do is add a
sentence that no document supports.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from index.types import Language
from rag.attribution import attribute, foreign
from rag.completion import DEADLINE, ServerFailure
from rag.draft import Draft
from rag.evidence import Evidence
from rag.generate import Extractive
from rag.llm import LanguageModel
from rag.material import Document, Message, messages, number, room
from rag.notice import mend, notice
from rag.query import Query
from rag.reply import Sentence, Splitter
from rag.types import Outcome

SENTENCES = 8  # sentences shown; the prompt asks for three
READ = 40  # sentences read before the model is taken to ramble
FOREIGN = 2  # sentences in another language after which a reply that shows nothing yet is given up
NO_ANSWER = "NO_ANSWER"
AGAIN = ("language", "overflow")  # what a second request may mend, worded or measured otherwise
WAITING = Draft("", ())  # no sentence: the model is still at work, and the caller may leave
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Tally:
    """What has become of the sentences of one reply to a question: texts shown, and how many were read, dropped and in another language."""

    question: str
    shown: set[str] = field(default_factory=set)
    read: int = 0
    dropped: int = 0
    foreign: int = 0

    def add(self, sentence: Sentence, documents: Sequence[Document], language: Language) -> Draft | None:
        """The draft to show for the next sentence, if it is supported and new."""
        self.read += 1
        self.foreign += foreign(sentence.text, language)
        draft = attribute(sentence, documents, language, self.question)
        self.dropped += draft is None
        if draft is None or draft.text in self.shown:
            return None
        self.shown.add(draft.text)
        return draft

    @property
    def enough(self) -> bool:
        """Whether the rest of the reply need not be read."""
        return len(self.shown) == SENTENCES or self.read >= READ or (self.foreign >= FOREIGN and not self.shown)


class Abstractive:
    """Writes drafts with a language model, or leaves them to the extractive generator."""

    def __init__(self, model: LanguageModel, deadline: float = DEADLINE) -> None:
        self.model, self.name = model, model.name
        self._deadline = deadline
        self._otherwise = Extractive()

    def drafts(self, query: Query, question: str, ranked: Sequence[Evidence]) -> Iterator[Draft | Outcome]:
        """A draft for each sentence of the reply that evidence supports, as soon as it is whole, ``WAITING`` between, an outcome last.

        A reply of ``NO_ANSWER`` alone gives no draft. A failure, or a reply with no supported sentence, gives the
        extractive generator's drafts; a failure after a first draft ends the answer there.
        """
        end, tally = time.monotonic() + self._deadline, _Tally(query.text)
        cause = yield from self._attempt(query, question, ranked, tally, end)
        if cause in AGAIN and not tally.shown:
            tally = _Tally(query.text)
            cause = yield from self._attempt(query, question, ranked, tally, end, cause)
        if cause == NO_ANSWER:
            yield Outcome(self.name)
            return
        if cause:
            log.warning("The language model at %s %s", self.model.address, mend(cause))
        said = notice(query.reply, cause, bool(tally.shown), tally.dropped)
        if not tally.shown:
            yield from self._otherwise.drafts(query, question, ranked)
        yield Outcome(self.name if tally.shown else self._otherwise.name, said, tally.read, tally.dropped)

    def _attempt(
        self, query: Query, question: str, ranked: Sequence[Evidence], tally: _Tally, end: float, after: str = ""
    ) -> Generator[Draft, None, str]:
        """One request; what was wrong with it, empty where nothing was, or ``NO_ANSWER``.

        ``after`` is what was wrong with the one before: half the documents are sent after an overflow.
        """
        space = room(query.text, question)
        documents = number(ranked, space // 2 if after == "overflow" else space)
        asked = messages(query, question, documents, again=after == "language")
        try:
            return (yield from self._supported(asked, documents, query.reply, tally, end - time.monotonic()))
        except ServerFailure as failure:
            return failure.cause

    def _supported(
        self, asked: Sequence[Message], documents: Sequence[Document], language: Language, tally: _Tally, left: float
    ) -> Generator[Draft, None, str]:
        splitter = Splitter(len(documents))
        try:
            with closing(self._sentences(asked, splitter, left)) as sentences:
                for sentence in sentences:
                    if sentence is None:
                        yield WAITING
                        continue
                    if not tally.read and sentence.text.startswith(NO_ANSWER):
                        return NO_ANSWER
                    draft = tally.add(sentence, documents, language)
                    if draft is not None:
                        yield draft
                    if tally.enough:
                        break
        finally:
            tally.read += splitter.withheld
            tally.dropped += splitter.withheld
        if tally.shown:
            return ""
        return "language" if tally.foreign * 2 >= max(1, tally.read) else "unsupported"

    def _sentences(
        self, asked: Sequence[Message], splitter: Splitter, left: float
    ) -> Generator[Sentence | None, None, None]:
        """The reply's sentences, and ``None`` while waiting.

        :raises ServerFailure: if the server fails, or ends the reply at a limit of length before its first sentence.
        """
        empty = True
        with self.model.ask(asked, left) as reply:
            for piece in reply:
                if not piece:
                    yield None
                for sentence in splitter.feed(piece):
                    empty = False
                    yield sentence
                if splitter.withheld >= READ:
                    return
            for sentence in splitter.close(reply.complete):
                empty = False
                yield sentence
            if empty and reply.ending == "length":
                raise ServerFailure("overflow")
