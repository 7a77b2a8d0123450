"""Asking a set, question by question, in both languages, and scoring what comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from eval import citations, metrics, spans
from eval.citations import own_words
from eval.consistency import consistent
from eval.errors import SetError
from eval.report import Row
from eval.sets import LANGUAGES, Entry, Question
from eval.witness import Answerer
from index.types import Article, Language
from rag.attribution import foreign
from rag.types import Turn

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Library:
    """What a set is asked over, once indexed: every article by its id, and the languages of each file's name."""

    articles: Mapping[str, Article]
    languages: Mapping[str, frozenset[Language]]

    @classmethod
    def of(cls, articles: Sequence[Article]) -> Library:
        """The library of what is indexed."""
        languages: dict[str, frozenset[Language]] = {}
        for article in articles:
            languages[article.source] = languages.get(article.source, frozenset()) | {article.language}
        return cls({article.id: article for article in articles}, languages)

    @property
    def texts(self) -> dict[str, str]:
        """The cleaned text of every article, by its id."""
        return {name: article.text for name, article in self.articles.items()}

    def check(self, entries: Sequence[Entry]) -> None:
        """:raises SetError: naming the first line whose sources are not all indexed."""
        for entry in entries:
            wanted = {source for question in entry.turns for source in question.sources}
            if absent := sorted(wanted - self.languages.keys()):
                known = ", ".join(sorted(self.languages))
                raise SetError(f"{entry.place}: the source {', '.join(absent)} is not indexed. Indexed are: {known}")

    def direction(self, question: Question, language: Language) -> str:
        """``ko→ko``, ``en→en``, ``ko→en`` or ``en→ko``; empty where there is no answer.

        The same language where any acceptable source is in it: the answer can then be found without crossing over.
        """
        if not question.answerable:
            return ""
        spoken = {name for source in question.sources for name in self.languages[source]}
        other: Language = "en" if language == "ko" else "ko"
        return f"{language}→{language if language in spoken else other}"


def ask_all(
    assistant: Answerer, entries: Sequence[Entry], library: Library, progress: Progress = lambda *_: None
) -> Iterator[Row]:
    """Ask every entry in Korean, then in English; the turns of a conversation follow the system's own answers."""
    total, done = 2 * sum(len(entry.turns) for entry in entries), 0
    for entry in entries:
        earlier: list[Row] = []
        for language in LANGUAGES:
            history: list[Turn] = []
            for number in range(1, len(entry.turns) + 1):
                progress(done, total, entry.id)
                row = _ask(assistant, entry, number, language, history, library)
                history.append(Turn(row.question, row.text))
                done += 1
                if language == LANGUAGES[0]:
                    earlier.append(row)
                elif row.answerable:
                    row = replace(row, consistent=consistent(earlier[number - 1], row))
                yield row
    progress(done, total, "")


def _ask(
    assistant: Answerer, entry: Entry, number: int, language: Language, history: Sequence[Turn], library: Library
) -> Row:
    question = entry.turns[number - 1]
    started = time.perf_counter()
    answer = assistant.ask(question.text(language), history=list(history), language="auto")
    seconds = time.perf_counter() - started
    supported, relevant = citations.score(answer, library.articles)
    return Row(
        id=entry.asked_as(language, number),
        entry=entry.id,
        turn=number if entry.multi_turn else 0,
        language=language,
        kind=question.kind,
        direction=library.direction(question, language),
        answerable=question.answerable,
        question=question.text(language),
        status=answer.status,
        answer_language=answer.language,
        text=answer.text,
        direct=answer.direct,
        direct_right=spans.right(answer.direct, question.facts) if spans.asked(question) else None,
        foreign=foreign(own_words(answer.text), question.answered_in(language)),
        citations=answer.citations,
        verbatim=tuple(metrics.is_verbatim(citation, library.texts) for citation in answer.citations),
        supported=supported,
        relevant=relevant,
        problems=metrics.problems(answer, question, library.texts),
        seconds=round(seconds, 4),
        timings=answer.timings,
        confidence=answer.confidence,
        reply=question.answered_in(language),
    )
