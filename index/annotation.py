"""The search terms of a heading and of single sentences, which a search compares the question with.

They are found while documents are indexed and kept in the manifest, for analysing the sentences of thirty passages takes
longer than all the rest of a search.
"""

from __future__ import annotations

from collections.abc import Sequence

from index import terms
from index.quantity import Quantity, quantities
from index.quantity import terms as quantity_terms
from index.types import Article, Passage

Annotation = tuple[frozenset[str], ...]
"""The terms of a passage's heading, and then those of each of its sentences."""


def annotate(article: Article, passages: Sequence[Passage]) -> list[list[list[str]]]:
    """Per passage the terms of the article's heading and of every sentence, each list in alphabetical order."""
    heading = words(heading_text(article))
    return [[sorted(found) for found in (heading, *_sentences(article, passage))] for passage in passages]


def _sentences(article: Article, passage: Passage) -> list[frozenset[str]]:
    texts = [article.text[start:end] for start, end in passage.sentences]
    return [words(text) | figure_terms(quantities(text, article.published)) for text in texts]


def heading_text(article: Article) -> str:
    """What stands above the text: title, publisher and author."""
    return f"{article.title}\n{article.publisher} {article.author}"


def words(text: str) -> frozenset[str]:
    """Search terms of ``text`` without its figures' canonical keys."""
    return frozenset(terms.words(text))


def figure_terms(figures: Sequence[Quantity]) -> frozenset[str]:
    """The canonical keys of figures and dates."""
    return frozenset(key for quantity in figures for key in quantity_terms(quantity))
