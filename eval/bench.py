"""Benchmarks on public sets, which are not part of this repository: passage search and sentence alignment.

``python -m eval.bench retrieval|encoder [--data DIR] [--record]``. ``retrieval`` asks the whole pipeline; ``encoder``
asks the encoder alone, so that the two show what each leg of the search brings.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eval import metrics, origin
from eval.errors import EvalError
from eval.gate import RESULTS
from eval.metrics import Ratio
from eval.report import dump
from index.types import Article, Language
from rag.settings import Settings, be_quiet

if TYPE_CHECKING:
    from index.embed import Encoder
    from rag import Assistant

Progress = Callable[[int, int, str], None]
DATA = Path("../shared")
LIMIT = 100  # passages asked for; a paragraph that is not among them counts 0
BATCH = 200  # paragraphs indexed at once
DIRECTIONS = ("ko→ko", "en→en", "ko→en", "en→ko")
RETRIEVAL = (
    "1,204 paragraphs, 400 questions: KorQuAD 1.0 dev (korquad.github.io) and XQuAD English "
    "(github.com/google-deepmind/xquad), each question also translated"
)
TATOEBA = "1,000 sentence pairs: Tatoeba kor-eng as in github.com/facebookresearch/LASER, data/tatoeba/v1"
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


@dataclass(frozen=True, slots=True)
class Bench:
    """A benchmark's outcome: for each row (a direction or a task) its measures, and what it was made from."""

    name: str
    rows: Mapping[str, Mapping[str, Ratio]]
    origin: Mapping[str, Any]

    def table(self) -> str:
        """The measures as a Markdown table, with 95 % intervals."""
        return render(self.record())

    def record(self) -> dict[str, Any]:
        """The outcome as JSON; holds no text of the sets."""
        rows = {name: {key: asdict(value) for key, value in row.items()} for name, row in self.rows.items()}
        return {"bench": self.name, **self.origin, "rows": rows}

    def save(self, folder: Path = RESULTS) -> Path:
        """Write ``bench-<name>.json`` to ``folder``; its path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"bench-{self.name}.json"
        path.write_text(dump(self.record()), encoding="utf-8")
        return path


def render(record: Mapping[str, Any]) -> str:
    """A recorded benchmark as a Markdown table."""
    columns = list(dict.fromkeys(key for row in record["rows"].values() for key in row))
    lines = ["| | " + " | ".join([*columns, "of"]) + " |", "|---|" + "---:|" * (len(columns) + 1)]
    for name, row in record["rows"].items():
        cells = [f"{c['value']:.3f} ({c['low']:.2f}–{c['high']:.2f})" for c in (row[key] for key in columns)]
        lines.append(f"| {name} | {' | '.join(cells)} | {row[columns[0]]['n']} |")
    return "\n".join(lines)


def retrieval(settings: Settings, data: Path = DATA, progress: Progress = lambda *_: None) -> Bench:
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
    latency = {"p50": metrics.percentile(seconds, 50), "p95": metrics.percentile(seconds, 95), "n": len(seconds)}
    files = _files(data, RETRIEVAL, "bench/retrieval/passages.jsonl.gz", "bench/retrieval/questions.jsonl")
    return Bench("retrieval", rows, _origin("retrieval", settings, files) | {"latency": latency})


def _measure(direction: str, queries: Sequence[Query], ranked: Sequence[Sequence[str]]) -> dict[str, Ratio]:
    pairs = [(r, [q.paragraph]) for q, r in zip(queries, ranked, strict=True) if q.direction == direction]
    return {name: metrics.ratio([[score(*pair)] for pair in pairs]) for name, score in COLUMNS.items()}


def encoder(settings: Settings, data: Path = DATA, progress: Progress = lambda *_: None) -> Bench:
    """R@1 of the encoder alone: the translation of a sentence among 1,000, and the paragraph of a question.

    The first is the Tatoeba accuracy of Artetxe and Schwenk (2019, TACL 7), by cosine. For the second a paragraph is as
    near as its nearest passage, exactly, without the vector store's approximation.

    :raises EvalError: if a set is not below ``data``, saying where it comes from.
    """
    be_quiet()
    from index.embed import load_encoder

    model = load_encoder(settings.embedder)
    korean, english = load_tatoeba(data)
    articles, queries = load_retrieval(data)
    progress(0, 2, "sentences")
    ko, en = model.encode(korean), model.encode(english)
    right = {"Tatoeba ko→en": nearest_is_own(ko, en), "Tatoeba en→ko": nearest_is_own(en, ko)}
    progress(1, 2, "paragraphs")
    hits = _dense_hits(model, articles, queries)
    for direction in DIRECTIONS:
        wanted = [hit for hit, query in zip(hits, queries, strict=True) if query.direction == direction]
        right[f"Paragraphs {direction}"] = wanted
    progress(2, 2, "")
    files = _files(data, RETRIEVAL, "bench/retrieval/passages.jsonl.gz", "bench/retrieval/questions.jsonl")
    files += _files(data, TATOEBA, "data/tests/tatoeba.kor-eng.tsv")
    rows = {name: {"R@1": metrics.ratio([[float(v)] for v in values])} for name, values in right.items()}
    return Bench("encoder", rows, _origin("encoder", settings, files))


def nearest_is_own(queries: np.ndarray, documents: np.ndarray) -> list[bool]:
    """For each row i of ``queries`` whether row i of ``documents`` is its nearest. Both (n, dimensions), normalised."""
    nearest = (queries @ documents.T).argmax(axis=1)
    return [bool(found == own) for own, found in enumerate(nearest)]


def _dense_hits(model: Encoder, articles: Sequence[Article], queries: Sequence[Query]) -> list[bool]:
    """Whether the passage nearest to each query is one of its paragraph, embedded as the index embeds it."""
    from index.chunk import chunk

    passages = [(article, passage) for article in articles for passage in chunk(article)]
    documents = model.encode([f"{article.title}\n{passage.text}" for article, passage in passages])
    nearest = (model.encode([query.text for query in queries]) @ documents.T).argmax(axis=1)
    return [passages[int(i)][0].id == query.paragraph for i, query in zip(nearest, queries, strict=True)]


@contextmanager
def searchable(
    settings: Settings, articles: Sequence[Article], progress: Progress = lambda *_: None
) -> Iterator[Assistant]:
    """An assistant over ``articles`` in a temporary home, indexed by the pipeline's own parts."""
    be_quiet()
    from index.build import Builder
    from index.embed import load_encoder
    from index.manifest import Fingerprint
    from rag import Assistant

    with tempfile.TemporaryDirectory(prefix="mundap-bench-", ignore_cleanup_errors=True) as home:
        local = replace(settings, home=Path(home), chroma_url=None)
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
    passages, questions = _files(
        data, RETRIEVAL, "bench/retrieval/passages.jsonl.gz", "bench/retrieval/questions.jsonl"
    )
    with gzip.open(passages, "rt", encoding="utf-8") as lines:
        articles = [_article(json.loads(line)) for line in lines]
    rows = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines() if line.strip()]
    queries = [
        Query(row["question"], row["passage_id"], f"{row['question_language']}→{row['passage_language']}")
        for row in rows
    ]
    return articles, queries


def _article(row: Mapping[str, str]) -> Article:
    name = f"{row['id']}.txt"
    language: Language = "ko" if row["language"] == "ko" else "en"
    return Article(row["id"], name, name, language, row["text"], row["title"])


def load_tatoeba(data: Path) -> tuple[list[str], list[str]]:
    """Korean and English sentences; each line of one translates the same line of the other.

    :raises EvalError: if they are not below ``data``.
    """
    (path,) = _files(data, TATOEBA, "data/tests/tatoeba.kor-eng.tsv")
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return [row[1] for row in rows], [row[2] for row in rows]


def _files(data: Path, what: str, *names: str) -> list[Path]:
    paths = [data / name for name in names]
    for path in paths:
        if not path.is_file():
            raise EvalError(f"{path}: not there. It holds {what}. Name the folder with --data.")
    return paths


def _origin(name: str, settings: Settings, files: Sequence[Path]) -> dict[str, Any]:
    return {
        "command": f"python -m eval.bench {name}",
        "date": origin.today(),
        "commit": origin.commit(),
        "data_sha256": origin.digest(files),
        "encoder": Path(settings.embedder).name if settings.embedder else "bundled",
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code: 0 done, 2 a user's error."""
    from index.errors import CorpusError

    parser = argparse.ArgumentParser("python -m eval.bench", description="Measure the search on public sets.")
    parser.add_argument("name", choices=["retrieval", "encoder"])
    parser.add_argument("--data", type=Path, default=DATA, help="folder that holds bench/ and data/ (../shared)")
    parser.add_argument("--record", action="store_true", help="write the outcome to eval/results")
    options = parser.parse_args(arguments)
    try:
        bench = {"retrieval": retrieval, "encoder": encoder}[options.name](Settings.from_env(), options.data)
    except (EvalError, CorpusError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(bench.table() + "\n")
    if options.record:
        bench.save()
    return 0


if __name__ == "__main__":
    sys.exit(main())
