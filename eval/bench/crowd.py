"""Passages in any number, put together from public paragraphs: what the speed of the search is measured over.

A passage is two paragraphs of one language drawn at random, an article five passages. The terms and sentence borders of
a paragraph are found once. Vectors are those of the table of words, turned into as many dimensions as the encoder's,
which keeps their cosines: a hundred thousand take a minute and not an hour. A question is given to the encoder all the
same, so that a search pays for it.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from eval.bench.outcome import Progress, files
from index.annotation import figure_terms, words
from index.builder import Builder
from index.embed import Encoder, Vectors, load_words
from index.lexical import LANGUAGES
from index.manifest import Fingerprint, Version
from index.normalise import normalise
from index.quantity import keys, quantities
from index.terms import analyse, sentences
from index.types import Article, Language, Passage, Span

PARAGRAPHS = "28,052 translated paragraphs of public manuals, Korean and English"
FILE = "data/parallel.paragraphs.tsv.gz"
PARTS, PASSAGES = 2, 5  # paragraphs a passage, passages an article
PUBLISHERS = 50
FIRST_DAY, DAYS = date(2015, 1, 1), 3650
BATCH = 500  # articles staged at once


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph's text on one line, its search terms, its sentences' spans and what is found in each of them."""

    text: str
    terms: list[str]
    sentences: list[Span]
    found: list[list[str]]


def load_documents(data: Path) -> dict[Language, dict[str, list[str]]]:
    """The paragraphs of every document, by language and the document's name.

    :raises EvalError: if they are not below ``data``.
    """
    (path,) = files(data, PARAGRAPHS, FILE)
    found: dict[Language, dict[str, list[str]]] = {"ko": {}, "en": {}}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            *texts, source, document = line.rstrip("\n").split("\t")
            for language, text in zip(LANGUAGES, texts, strict=True):
                found[language].setdefault(f"{source}/{document}", []).append(" ".join(normalise(text).split()))
    return found


def analysed(texts: Sequence[str], progress: Progress) -> list[Paragraph]:
    """Paragraphs with all that a passage made of them needs."""
    found = []
    for number, text in enumerate(texts):
        progress(number, len(texts), "reading")
        terms = [str(term) for term in analyse(text)] + list(keys(text))
        spans = sentences(text)
        within = [words(text[a:b]) | figure_terms(quantities(text[a:b])) for a, b in spans]
        found.append(Paragraph(text, terms, spans, [sorted(held) for held in within]))
    return found


class Turned:
    """Vectors of the table of words with the name and the dimensions of ``encoder``, which ``encode`` runs too."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self.name, self.dimensions = encoder, encoder.name, encoder.dimensions
        draw = np.random.default_rng(0).normal(size=(self.dimensions, load_words().dimensions))
        self._turn = np.linalg.qr(draw)[0].astype(np.float32)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors (len(texts), dimensions), float32, in the time that the encoder takes."""
        self._encoder.encode(texts)
        return self.vectors(texts)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """The same without the encoder."""
        turned: Vectors = load_words().encode(texts) @ self._turn.T
        return turned


class Crowd:
    """Fills the index in ``home``, more at each call."""

    def __init__(self, home: Path, paragraphs: dict[Language, list[Paragraph]], encoder: Turned, seed: int = 0) -> None:
        self._home, self._paragraphs, self._chance = home, paragraphs, random.Random(seed)
        self._encoder = encoder
        self._parts = {name: encoder.vectors([p.text for p in parts]) for name, parts in paragraphs.items()}
        self._sentences = {
            name: [encoder.vectors([p.text[a:b] for a, b in p.sentences]) for p in parts]
            for name, parts in paragraphs.items()
        }
        self._articles = 0
        self.vectors: Vectors = np.zeros((0, encoder.dimensions), dtype=np.float32)

    def grow(self, passages: int, progress: Progress) -> None:
        """Go on until the index holds ``passages`` passages; ``vectors`` then has all of theirs."""
        blocks = [self.vectors]
        builder = Builder(self._home, self._encoder)
        try:
            builder.check()
            while self._articles * PASSAGES < passages:
                progress(self._articles * PASSAGES, passages, "indexing")
                wanted = min(BATCH, passages // PASSAGES - self._articles)
                made = [self._article() for _ in range(wanted)]
                vectors = {i: rows for _, held in made for i, rows in held.items()}
                builder.stage([version for version, _ in made], vectors)
                blocks.append(np.stack([rows[0] for rows in vectors.values()]))
            builder.finish()
        finally:
            builder.close()
        self.vectors = np.concatenate(blocks)

    def _article(self) -> tuple[Version, dict[str, Vectors]]:
        """An article, and the vectors of its passages and their sentences as :func:`index.builder.embed` gives them."""
        language = LANGUAGES[self._articles % 2]
        name, parts = f"{self._articles:012x}", self._paragraphs[language]
        drawn = [self._chance.sample(range(len(parts)), PARTS) for _ in range(PASSAGES)]
        title, publisher = f"No. {self._articles}", f"Publisher {self._articles // 2 % PUBLISHERS}"
        day = FIRST_DAY + timedelta(days=self._chance.randrange(DAYS))
        heading = sorted(words(f"{title}\n{publisher} "))
        text, passages, terms, annotations = "", [], [], []
        for number, chosen in enumerate(drawn):
            body, spans = _joined([parts[i] for i in chosen], len(text))
            passages.append(Passage(f"{name}:{number}", name, len(text), len(text) + len(body), body, spans))
            terms.append([term for i in chosen for term in parts[i].terms])
            annotations.append([heading, *(found for i in chosen for found in parts[i].found)])
            text += body + "\n"
        article = Article(
            name, f"{name}.txt", f"/{name}.txt", language, text, title, publisher, published=day.isoformat()
        )
        self._articles += 1
        means = self._parts[language][np.array(drawn)].sum(axis=1)
        means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
        vectors = {
            passage.id: np.concatenate([mean[None], *(self._sentences[language][i] for i in chosen)])
            for passage, mean, chosen in zip(passages, means, drawn, strict=True)
        }
        return Version(article, Fingerprint(name, len(text), 0), passages, terms, annotations), vectors


def _joined(parts: Sequence[Paragraph], start: int) -> tuple[str, tuple[Span, ...]]:
    """The text of ``parts`` line by line, and their sentences' spans where it begins at ``start``."""
    body, spans = "", []
    for part in parts:
        body += "\n" if body else ""
        spans += [(start + len(body) + a, start + len(body) + b) for a, b in part.sentences]
        body += part.text
    return body, tuple(spans)
