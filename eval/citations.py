"""Citation recall and precision as ALCE defines them, with this project's verifier as the judge of support.

Gao, Yen, Yu and Chen (2023), *Enabling Large Language Models to Generate Text with Citations*, §4.3.
:mod:`eval.labelled` says how far the judge agrees with a person.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from index.terms import sentences
from index.types import Article
from rag.types import Answer, Citation
from rag.verify import verify

_MARKERS = re.compile(r"(?:\s*\[\d+\])+\s*$")
_NUMBER = re.compile(r"\d+")
_QUOTE = re.compile(r"“((?:[^“”]|“[^“”]*”)*)”")  # what it quotes may quote


@dataclass(frozen=True, slots=True)
class Cited:
    """What a marker points at: the quoted span, its article's date, and the title and the sentence before it."""

    span: str
    published: str | None = None
    context: str = ""


Judge = Callable[[str, Sequence[Cited]], bool]


def supports(statement: str, cited: Sequence[Cited]) -> bool:
    """Whether the spans, read as one text, support ``statement``: the verifier in the place of ALCE's NLI model."""
    if not cited:
        return False
    context = "\n".join(one.context for one in cited)
    return verify(statement, "\n".join(one.span for one in cited), cited[0].published, context=context).supported


def recalled(statement: str, cited: Sequence[Cited], judge: Judge = supports) -> bool:
    """Citation recall of one statement: 1 where it has citations and all of them together support it."""
    return bool(cited) and judge(statement, cited)


def relevant(statement: str, cited: Sequence[Cited], judge: Judge = supports) -> tuple[bool, ...]:
    """Citation precision of each citation: 0 where the statement is not supported, or where the citation alone does not
    support it and the others do without it."""
    if not recalled(statement, cited, judge):
        return (False,) * len(cited)
    return tuple(
        judge(statement, [one]) or not judge(statement, [other for other in cited if other is not one]) for one in cited
    )


def score(
    answer: Answer, articles: Mapping[str, Article], judge: Judge = supports
) -> tuple[tuple[bool, ...], tuple[bool, ...]]:
    """Recall of each statement of ``answer`` and precision of each of their citations; empty for a refusal.

    A statement is a line; where it presents a quotation in the other language, what is quoted.
    """
    cited = {c.number: _cited(c, articles[c.article_id]) for c in answer.citations if c.article_id in articles}
    recall: list[bool] = []
    precision: list[bool] = []
    for line in answer.text.splitlines() if answer.citations else ():
        statement, spans = stated(line), [cited[n] for n in _numbers(line) if n in cited]
        recall.append(recalled(statement, spans, judge))
        precision += relevant(statement, spans, judge)
    return tuple(recall), tuple(precision)


def stated(line: str) -> str:
    """What a line of an answer states: without its markers, and where it presents a quotation, the quotation."""
    bare = _MARKERS.sub("", line)
    quote = _QUOTE.search(bare)
    return quote[1] if quote and bare[: quote.start()].rstrip().endswith(":") else bare


def own_words(text: str) -> str:
    """An answer's text without its markers and quotations: what it says in its own language."""
    return "\n".join(_QUOTE.sub(" ", _MARKERS.sub("", line)) for line in text.splitlines())


def _numbers(line: str) -> list[int]:
    markers = _MARKERS.search(line)
    return [int(number) for number in _NUMBER.findall(markers[0])] if markers else []


def _cited(citation: Citation, article: Article) -> Cited:
    earlier = [span for span in _sentences(article.text) if span[1] <= citation.start]
    before = article.text[slice(*earlier[-1])] if earlier else ""
    return Cited(citation.quote, article.published, f"{article.title}\n{before}")


@functools.lru_cache(maxsize=64)
def _sentences(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(sentences(text))
