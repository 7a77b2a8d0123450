"""Given the paragraph: is an answer inside the sentence chosen first, and is it known when there is none?

The assistant that answers users reads each paragraph as if its search had found it and nothing else. Beside it stands
BM25 over the sentences of the same paragraph, in the question's own words. What counts is whether a sentence contains
one of the given answers as it is written.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval import refusals
from eval.bench import mrc
from eval.bench.mrc import Case
from eval.bench.outcome import DATA, Bench, Progress, made_from
from eval.metrics import Ratio, latency, ratio
from eval.refusals import Reading
from index.builder import passage_terms
from index.chunk import chunk
from index.corpus import Corpus
from index.embed import Encoder, load_encoder
from index.lexical import LANGUAGES, LexicalIndex, Unit
from index.terms import analyse
from index.types import Article, Hit, Language, Span
from rag.assistant import Assistant, confidence
from rag.judge import load as load_judge
from rag.settings import Settings, be_quiet

SAMPLE = 600  # questions of each set
SELECTION = ("KorQuAD 1.0 dev", "SQuAD 1.1 dev")
ABSTENTION = "KorQuAD, right or wrong paragraph"


class Paragraphs(Corpus):
    """Articles held in memory, to be read and not to be searched: there are no vectors of passages.

    Those of sentences, which an index keeps, are made when a passage is given out.
    """

    def __init__(self, articles: Iterable[Article], encoder: Encoder) -> None:
        self.encoder = encoder
        self.articles = {article.id: article for article in articles}
        cut = {name: chunk(article) for name, article in self.articles.items()}
        self.passages = [passage for passages in cut.values() for passage in passages]
        self.numbers = {passage.id: number for number, passage in enumerate(self.passages)}
        self._sentences: dict[str, np.ndarray] = {}
        self._hits = {name: tuple(Hit(name, p.id, 1.0, p.start, p.end) for p in found) for name, found in cut.items()}
        owned = ((self.articles[passage.article_id], passage) for passage in self.passages)
        self.lexical = LexicalIndex((passage_terms(owner, passage), owner.language) for owner, passage in owned)

    def sentence_cosines(self, passage_ids: Sequence[str], vector: np.ndarray) -> dict[str, np.ndarray]:
        """As :meth:`index.corpus.Corpus.sentence_cosines`, of passages that :meth:`hits` has given."""
        return {i: self._sentences[i] @ vector for i in passage_ids}

    def hits(self, article_id: str) -> tuple[Hit, ...]:
        """Every passage of an article, as a search would have found them, all alike."""
        text = self.article(article_id).text
        for passage in self.take([hit.passage_id for hit in self._hits[article_id]]):
            if passage.id not in self._sentences:
                self._sentences[passage.id] = self.encoder.encode([text[start:end] for start, end in passage.sentences])
        return self._hits[article_id]


class Baseline:
    """BM25 over single sentences, document frequencies over all of ``corpus``."""

    def __init__(self, corpus: Paragraphs) -> None:
        self._spans: dict[str, list[tuple[int, Span]]] = {}
        rows: list[tuple[list[str], Language]] = []
        for passage in corpus.passages:
            article = corpus.articles[passage.article_id]
            for span in passage.sentences:
                self._spans.setdefault(article.id, []).append((len(rows), span))
                rows.append(([str(term) for term in analyse(article.text[slice(*span)])], article.language))
        self._index = LexicalIndex(rows)

    def first(self, question: str, article: Article) -> str:
        """The best sentence of ``article``; the earliest of equals."""
        units = [Unit(name, {}) for name in dict.fromkeys(str(term) for term in analyse(question))]
        scores = self._index.scores(units, article.language)
        spans = self._spans[article.id]
        best = int(np.argmax([scores[number] for number, _ in spans]))
        return article.text[slice(*spans[best][1])]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What came of one case: whether the first sentence, one of three, BM25's first hold an answer, and how sure."""

    first: bool
    third: bool
    bm25: bool
    chance: float
    seconds: float


def measure(
    settings: Settings, data: Path = DATA, progress: Progress = lambda *_: None, sample: int | None = SAMPLE
) -> Bench:
    """Sentence selection on KorQuAD and SQuAD 1.1, answerability on SQuAD 2.0 and on KorQuAD beside wrong paragraphs.

    AUROC is that of the assistant's confidence. *Refused* and *Refused wrongly* are at the shipped operating point,
    which the record holds together with each set's risk–coverage curve.

    :param sample: questions drawn of each set, ``None`` for all.
    :raises EvalError: if a set is not below ``data``, saying where it comes from.
    """
    be_quiet()
    read = mrc.paths(data)
    sets = {name: mrc.load(data, name, sample) for name in mrc.SETS} | {ABSTENTION: mrc.beside_wrong(data, sample)}
    chosen = _choose(settings, [case for cases in sets.values() for case in cases], progress)
    rows = {name: _selection(sets[name], chosen) for name in SELECTION}
    threshold, told = load_judge().threshold, {}
    for name in ("SQuAD 2.0 dev", ABSTENTION):
        readings = [_reading(case, chosen[_key(case)]) for case in sets[name]]
        rows[name] = {
            "AUROC": refusals.auroc(readings),
            "Refused": refusals.recall(readings, threshold),
            "Refused wrongly": refusals.false_refusals(readings, threshold),
        }
        told[name] = _curve(readings, threshold)
    seconds = [choice.seconds for choice in chosen.values()]
    made = made_from("answers" + (" --all" if sample is None else ""), settings, read)
    return Bench("answers", rows, made | {"sample": sample, "latency": latency(seconds), "refusals": told})


def _choose(settings: Settings, cases: Sequence[Case], progress: Progress) -> dict[tuple[str, str], Chosen]:
    """What is chosen in each case, those that sets share only once; the paragraphs of a language are one corpus."""
    wanted = {_key(case): case for case in cases}
    encoder = load_encoder(settings.embedder)
    chosen: dict[tuple[str, str], Chosen] = {}
    for language in LANGUAGES:
        own = {key: case for key, case in wanted.items() if case.paragraph.language == language}
        progress(len(chosen), len(wanted), "cutting into sentences")
        corpus = Paragraphs((case.paragraph for case in own.values()), encoder)
        assistant, baseline = Assistant(corpus), Baseline(corpus)
        for key, case in own.items():
            progress(len(chosen), len(wanted), "reading")
            chosen[key] = _chosen(case, assistant, baseline, corpus.hits(case.paragraph.id))
    progress(len(wanted), len(wanted), "")
    return chosen


def _chosen(case: Case, assistant: Assistant, baseline: Baseline, hits: Sequence[Hit]) -> Chosen:
    started = time.perf_counter()
    ranked = assistant.evidence(case.question, hits)
    seconds = time.perf_counter() - started
    held = [_holds(case, item.text) for item in ranked[:3]]
    bm25 = _holds(case, baseline.first(case.question, case.paragraph))
    return Chosen(held[0], any(held), bm25, confidence(ranked), seconds)


def _key(case: Case) -> tuple[str, str]:
    return case.id, case.paragraph.id


def _holds(case: Case, sentence: str) -> bool:
    return any(answer in sentence for answer in case.answers)


def _reading(case: Case, choice: Chosen) -> Reading:
    return Reading(choice.chance, case.answerable, choice.first, case.paragraph.id if case.answerable else case.id)


def _selection(cases: Sequence[Case], chosen: Mapping[tuple[str, str], Chosen]) -> dict[str, Ratio]:
    """Shares of the cases; questions of one paragraph are drawn together."""
    groups: dict[str, list[Chosen]] = {}
    for case in cases:
        groups.setdefault(case.paragraph.id, []).append(chosen[_key(case)])
    return {
        "First sentence": ratio([[float(c.first) for c in group] for group in groups.values()]),
        "One of three": ratio([[float(c.third) for c in group] for group in groups.values()]),
        "BM25 first": ratio([[float(c.bm25) for c in group] for group in groups.values()]),
    }


def _curve(readings: Sequence[Reading], threshold: float) -> dict[str, Any]:
    """The operating point and the risk–coverage curve, rounded for the record."""
    points = [refusals.point(readings, threshold), *refusals.curve(readings)]
    operating, *curve = [{name: round(value, 4) for name, value in asdict(p).items()} for p in points]
    return {"operating": operating, "curve": curve}
