"""Sentences as evidence: how well each sentence of the retrieved passages meets a question.

Every candidate sentence is described by a few features in [0, 1]: how much of the question it meets itself, with its
neighbours and in its article, how near its vector is, and whether it holds the kind of figure that is asked for.
:mod:`rag.judge` turns them into the chance that the sentence answers. The passages that hold the likeliest are then read
together with the question by a cross-encoder, and all are judged once more.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.chunk import notes
from index.quantity import quantities
from index.quantity import terms as quantity_terms
from index.reading import Words, load_reader
from index.types import Article, Hit, Passage, Span
from rag.intent import Kind, answers, asks_with, focus, kind_of, typical, wants_figure
from rag.judge import Judge, load
from rag.match import Annotations, Matcher
from rag.met import Met
from rag.query import Query

PASSAGES = 12  # passages read sentence by sentence
OUTSTANDING = 5.0  # standard deviations that count as much as more
LONG = 300  # characters of a long sentence
ASKABLE = ("reason", "definition", "person", "place", "list", "yesno", "statement")
_WHOLE = re.compile(r"[.!?…][\"'”’)\]]*$|[다요죠까며고],?$")  # a heading or a fragment ends otherwise
ASKED_MET = 0.8  # how far an amount meets the word "cost"

# Stretches that the cross-encoder reads: at first, and all in all where none of those holds an answer at these log-odds.
AT_FIRST, CLOSELY, SETTLED = 3, 5, 1.0
STRETCH = 7  # sentences of a stretch at most, as many as the reports have that it learned from
LOWEST = -12.0  # log-odds below this, and those of sentences not read closely, are all alike

# Few on purpose: with the rest below, or with distances from the best sentence, the model fitted the development
# folders a little better (best of three .885 for .866) and follow-up questions, which are not among them, worse.
SCAN_FEATURES = (
    "near", "wide_local", "cosine", "nearest", "meaning", "meaning_best", "passage_score", "typical", "untypical", "typical_near", "soft_own",
    "soft_near", "lean", "fragment", "length", "cross",
)  # fmt: skip
SENTENCE_FEATURES = (*SCAN_FEATURES, "scan", "read", "odds", "odds_share", "sure")
ANSWER_FEATURES = (
    "chance", "odds", "odds_best", "sure", "suits", "own_local", "near_local", "passage", "passage_local", "article_local", "cosine", "meaning", "meaning_best", "missing",
    "missing_name", "missing_figure", "name_near", "soft_own", "soft_near", "soft_passage", "soft_missing", "lean",
    "lean_local", "cross_own", "typical", "untypical", "cross", "clues", "focused", "focus_own", "focus_near",
    "focus_passage", "lost_near_1", "lost_near_2", "lost_near_3", "lost_passage_1", "lost_passage_2", "lost_passage_3",
    *(f"asks_{name}" for name in ASKABLE),
)  # fmt: skip


Place = tuple[str, int]  # which sentence: its article's id and where it starts
Stretch = tuple[Article, Sequence[Span]]  # some sentences of an article, one after the other


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence with what speaks for it. ``chance`` is the probability that it answers the question.

    ``words`` are those of its words that answer, if it does, as the cross-encoder reads it; a span of ``text``, ``None``
    where it was not read closely.
    """

    article: Article
    passage: Passage
    span: Span
    features: Mapping[str, float]
    met: tuple[float, ...]
    chance: float = 0.0
    words: Words | None = None

    @property
    def place(self) -> Place:
        """Which sentence it is: its article and where it starts."""
        return self.article.id, self.span[0]

    @property
    def text(self) -> str:
        """The sentence, verbatim."""
        return self.article.text[self.span[0] : self.span[1]]

    @property
    def before(self) -> str:
        """The sentence before it in its passage, verbatim; empty where it is the first."""
        earlier = [span for span in self.passage.sentences if span[1] <= self.span[0]]
        return self.article.text[slice(*earlier[-1])] if earlier else ""


class Reader:
    """Reads the passages of one corpus for evidence."""

    def __init__(self, annotations: Annotations, judge: Judge | None = None) -> None:
        self._known = annotations
        self._corpus = annotations.corpus
        self._judge = judge or load()

    def read(self, query: Query, question: str, hits: Sequence[Hit]) -> list[Evidence]:
        """Every sentence of the best passages, unranked, with its features."""
        matcher = Matcher(query, self._corpus.lexical)
        kind = kind_of(question, query.language)
        top = hits[:PASSAGES]
        best = max((s.score for s in top), default=1.0) or 1.0
        found: list[Evidence] = []
        for item in top:
            (passage,) = self._corpus.take([item.passage_id])
            found.extend(self._passage(query, question, kind, matcher, passage, item.score / best))
        return self._with_reading(query, kind, self._with_cosines(query, found))

    def _passage(
        self, query: Query, question: str, kind: Kind, matcher: Matcher, passage: Passage, score: float
    ) -> Iterable[Evidence]:
        article = self._corpus.article(passage.article_id)
        title, spans = self._known.heading(article), passage.sentences
        around = (
            title,
            *(
                self._known.terms(article, part) | title
                for part in ((passage.start, passage.end), (0, len(article.text)))
            ),
        )
        signs = [self._sign(query, kind, article, span) for span in spans]
        own = matcher.meet(*(self._known.terms(article, span) for span in spans))
        asking = np.array([str(clue.term) in asks_with(kind) for clue in matcher.clues], dtype=bool)
        own = np.where(np.outer([bool(sign) for sign in signs], asking), np.maximum(own, ASKED_MET), own)
        soft = np.maximum(own, [matcher.resemble(self._known.vectors(article.text[a:b])) for a, b in spans])
        heading, wider, whole = matcher.meet(*around)
        met = Met(own, soft, heading, wider, whole, _contexts(article, passage))
        texts, wide = [article.text[a:b] for a, b in spans], matcher.coverage(met.wide, local=True)
        foreign = article.language != query.language
        columns = {
            **met.features(matcher, _aim(query, question, matcher)),
            "cross_own": foreign * matcher.coverage(soft, local=True),
            "typical": [sign is True for sign in signs],
            "untypical": [sign is False for sign in signs],
            "typical_near": [near if sign is True else 0.0 for sign, near in zip(signs, wide, strict=True)],
            "fragment": [not _WHOLE.search(text) for text in texts],
            "length": [min(1.0, len(text) / LONG) for text in texts],
        }
        alike = {
            "passage_score": score,
            "cross": float(foreign),
            "clues": min(1.0, len(matcher.clues) / 10),
            **{f"asks_{name}": float(kind == name) for name in ASKABLE},
        }
        rows = np.array(list(columns.values()), dtype=np.float64).T.tolist()
        for span, row, near in zip(spans, rows, met.near.tolist(), strict=True):
            yield Evidence(article, passage, span, {**alike, **dict(zip(columns, row, strict=True))}, tuple(near))

    def _sign(self, query: Query, kind: Kind, article: Article, span: Span) -> bool | None:
        """Whether the sentence looks like the kind of answer asked for, by a figure that the question does not have."""
        asked = {clue.unit.own for clue in query.clues if clue.term.tag == "figure"}
        figures = [q for q in self._known.figures(article, span) if answers(q, kind)]
        fresh = any(not asked & set(quantity_terms(q)) for q in figures)
        return typical(kind, article.text[span[0] : span[1]], fresh)

    def _with_cosines(self, query: Query, found: list[Evidence]) -> list[Evidence]:
        """Add how near each sentence's vectors are to the question's, and the chance that all of this makes."""
        if not found:
            return []
        cosines = np.array([self._known.vector(e.text) for e in found]) @ self._known.vector(query.text)
        nearest = max(float(cosines.max()), 1e-6)
        meant = self._meant(query, found)
        complete = []
        for evidence, cosine, outstanding in zip(found, cosines, meant, strict=True):
            cosine = max(0.0, float(cosine))
            features = {
                **evidence.features,
                "cosine": cosine,
                "nearest": cosine / nearest,
                "meaning": float(outstanding),
                "meaning_best": float(meant.max()),
            }
            complete.append(replace(evidence, features=features, chance=self._judge.scan(features)))
        return complete

    def _meant(self, query: Query, found: Sequence[Evidence]) -> np.ndarray:
        """How far each sentence stands out by the corpus's own vectors, in standard deviations, over ``OUTSTANDING``.

        So that it means the same whatever encoder made them, whose cosines may all be low or all be high.
        """
        ids = list(dict.fromkeys(evidence.passage.id for evidence in found))
        held = self._corpus.sentence_cosines(ids, self._known.meaning(query.text))
        near = {
            (passage.id, span): cosine
            for passage in {each.passage.id: each.passage for each in found}.values()
            for span, cosine in zip(passage.sentences, held.get(passage.id, ()), strict=False)
        }
        cosines = np.array([near.get((each.passage.id, each.span), np.nan) for each in found], dtype=np.float64)
        if np.isnan(cosines).all():
            return np.zeros(len(found))
        scaled = (cosines - np.nanmean(cosines)) / max(float(np.nanstd(cosines)), 1e-6)
        return np.clip(np.nan_to_num(scaled) / OUTSTANDING, 0.0, 1.0)

    def _with_reading(self, query: Query, kind: Kind, found: list[Evidence]) -> list[Evidence]:
        """Add what the likeliest passages say, read together with the question, and judge all sentences again."""
        if not found:
            return []
        stretches = _likely(found)
        read = self._read_closely(query, stretches[:AT_FIRST])
        if max(odds for odds, _ in read.values()) < SETTLED:
            read |= self._read_closely(query, stretches[AT_FIRST:])
        best = max(odds for odds, _ in read.values())
        complete = []
        for evidence in found:
            own, words = read.get(evidence.place, (LOWEST, None))
            features = {
                **evidence.features,
                "scan": evidence.chance,
                "read": float(evidence.place in read),
                "odds": max(own, LOWEST) / -LOWEST,
                "odds_share": math.exp(max(own - best, LOWEST)),
                "odds_best": max(best, LOWEST) / -LOWEST,
                "sure": words.chance if words else 0.0,
                "suits": _suits(kind, evidence, words),
            }
            chance = self._judge.sentence(features)
            complete.append(replace(evidence, features=features, chance=chance, words=words))
        return complete

    def _read_closely(self, query: Query, stretches: Sequence[Stretch]) -> dict[Place, tuple[float, Words | None]]:
        """For each sentence of the stretches the log-odds that it answers, and with which words of it."""
        # The title leads, as it would in print; it is no candidate.
        texts = [[article.title, *(article.text[a:b] for a, b in spans)] for article, spans in stretches]
        found: dict[Place, tuple[float, Words | None]] = {}
        # Loaded at the first question: a search alone does without it.
        for (article, spans), reading in zip(stretches, load_reader().read(query.text, texts), strict=True):
            for (start, _), odds, words in zip(spans, reading.odds[1:], reading.words[1:], strict=True):
                found[article.id, start] = float(odds), words if words.start < words.end else None
        return found


def _suits(kind: Kind, evidence: Evidence, words: Words | None) -> float:
    """Whether the words that answer hold a figure of the sort that is asked for; one half where none is."""
    if words is None or not wants_figure(kind):
        return 0.5
    stated = quantities(evidence.text, evidence.article.published)
    return float(any(answers(q, kind) and q.start < words.end and words.start < q.end for q in stated))


def _likely(found: Sequence[Evidence]) -> list[Stretch]:
    """The ``CLOSELY`` stretches of passages that hold the likeliest sentences."""
    stretches: dict[Place, Stretch] = {}
    for item in sorted(found, key=lambda each: -each.chance):
        spans = _stretch(item)
        stretches.setdefault((item.article.id, spans[0][0]), (item.article, spans))
        if len(stretches) == CLOSELY:
            break
    return list(stretches.values())


def _stretch(item: Evidence) -> Sequence[Span]:
    """The part of its passage that ``item`` is in, of the fewest parts that have at most ``STRETCH`` sentences."""
    sentences = item.passage.sentences
    size = math.ceil(len(sentences) / math.ceil(len(sentences) / STRETCH))
    start = sentences.index(item.span) // size * size
    return sentences[start : start + size]


def _aim(query: Query, question: str, matcher: Matcher) -> np.ndarray:
    """Which clues name the thing that is asked for, shape (clues,)."""
    span = focus(question, query.language)
    inside = [
        span is not None and span[0] <= clue.term.start < span[1] and clue.term.end > clue.term.start
        for clue in matcher.clues
    ]
    return np.array(inside, dtype=bool)


def _contexts(article: Article, passage: Passage) -> list[list[int]]:
    """For each sentence of ``passage``, the sentences it leans on: the one before, and a footnote's anchor."""
    order = {span: number for number, span in enumerate(passage.sentences)}
    context = [[number - 1] if number else [] for number in range(len(passage.sentences))]
    for note in notes(article.text, passage.sentences):
        if note.anchor in order:
            context[order[note.span]].append(order[note.anchor])
    return context
