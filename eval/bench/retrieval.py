"""Passage search through the whole pipeline: Korean and English paragraphs in one index, asked in four directions."""

from __future__ import annotations

import gzip
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from eval import metrics
from eval.bench.outcome import DATA, DIRECTIONS, Bench, Progress, files, made_from
from eval.metrics import Ratio
from index.types import Article, Language
from rag.settings import Settings, be_quiet

if TYPE_CHECKING:
    from rag import Assistant

LIMIT = 100  # passages asked for; a paragraph that is not among them counts 0
BATCH = 200  # paragraphs indexed at once
RETRIEVAL = (
    "1,204 paragraphs, 400 questions: KorQuAD 1.0 dev (korquad.github.io) and XQuAD English "
    "(github.com/google-deepmind/xquad), each question also translated"
)
COLUMNS: Mapping[str, Callable[[Sequence[str], Sequence[str]], float]] = {
    "R@1": lambda ranked, relevant: metrics.recall_at(1, ranked, relevant),
    "R@5": lambda ranked, relevant: metrics.recall_at(5, ranked, relevant),
    "MRR": metrics.reciprocal_rank,
    "nDCG@10": lambda ranked, relevant: metrics.ndcg_at(10, ranked, relevant),
}


@dataclass(frozen=True, slots=True)
class Query:
    """A question and the one paragraph that answers it. ``direction`` is question → paragraph, as ``ko→en``."""

    text: str
    paragraph: str
    direction: str


def measure(settings: Settings, data: Path = DATA, progress: Progress = lambda *_: None) -> Bench:
    """R@1, R@5, MRR and nDCG@10 of paragraphs, in four directions, through ``Assistant.search`` on one mixed index.

    A paragraph is ranked by its best passage, among the first :data:`LIMIT` passages.

    :raises EvalError: if the benchmark is not below ``data``, saying where it comes from.
    """
    articles, queries = load_retrieval(data)
    seconds: list[float] = []
    ranked: list[list[str]] = []
    with searchable(settings, articles, progress) as assistant:
        for number, query in enumerate(queries):
            progress(number, len(queries), "asking")
            started = time.perf_counter()
            hits = assistant.search(query.text, limit=LIMIT)
            seconds.append(time.perf_counter() - started)
            ranked.append(list(dict.fromkeys(hit.article_id for hit in hits)))
    progress(len(queries), len(queries), "")
    rows = {direction: _measure(direction, queries, ranked) for direction in DIRECTIONS}
    made = made_from("retrieval", settings, retrieval_files(data))
    return Bench("retrieval", rows, made | {"latency": metrics.latency(seconds)})


def _measure(direction: str, queries: Sequence[Query], ranked: Sequence[Sequence[str]]) -> dict[str, Ratio]:
    pairs = [(r, [q.paragraph]) for q, r in zip(queries, ranked, strict=True) if q.direction == direction]
    return {name: metrics.ratio([[score(*pair)] for pair in pairs]) for name, score in COLUMNS.items()}


@contextmanager
def searchable(
    settings: Settings, articles: Sequence[Article], progress: Progress = lambda *_: None
) -> Iterator[Assistant]:
    """An assistant over ``articles`` in a temporary home, indexed by the pipeline's own parts."""
    be_quiet()
    from index.builder import Builder
    from index.embed import load_encoder
    from index.manifest import Fingerprint
    from rag import Assistant

    with tempfile.TemporaryDirectory(prefix="mundap-bench-", ignore_cleanup_errors=True) as home:
        local = replace(settings, home=Path(home), chroma_url=None, milvus_url=None)
        builder = Builder(local.home, load_encoder(local.embedder))
        try:
            builder.check()
            for start in range(0, len(articles), BATCH):
                progress(start, len(articles), "indexing")
                builder.add([(a, Fingerprint(a.id, len(a.text), 0)) for a in articles[start : start + BATCH]])
            builder.finish()
        finally:
            builder.close()
        yield Assistant.from_settings(local)


def load_retrieval(data: Path) -> tuple[list[Article], list[Query]]:
    """The paragraphs as articles, and the questions.

    :raises EvalError: if they are not below ``data``.
    """
    passages, questions = retrieval_files(data)
    with gzip.open(passages, "rt", encoding="utf-8") as lines:
        articles = [_article(json.loads(line)) for line in lines]
    rows = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines() if line.strip()]
    queries = [
        Query(row["question"], row["passage_id"], f"{row['question_language']}→{row['passage_language']}")
        for row in rows
    ]
    return articles, queries


def retrieval_files(data: Path) -> list[Path]:
    """Paragraphs and questions.

    :raises EvalError: if they are not below ``data``.
    """
    return files(data, RETRIEVAL, "bench/retrieval/passages.jsonl.gz", "bench/retrieval/questions.jsonl")


def _article(row: Mapping[str, str]) -> Article:
    name = f"{row['id']}.txt"
    language: Language = "ko" if row["language"] == "ko" else "en"
    return Article(row["id"], name, name, language, row["text"], row["title"])
