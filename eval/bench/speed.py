"""How fast it is: every figure beside its limit, measured in the same run, for machines and their load differ.

Searching is held against what it cannot do without, encoding the question and comparing it with every vector exactly.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from eval.bench import crowd
from eval.bench.outcome import DATA, Bench, Progress, made_from
from eval.bench.retrieval import load_retrieval, retrieval_files
from eval.origin import ROOT
from index.build import index_paths
from index.builder import embed
from index.corpus import Corpus
from index.embed import Encoder, load_encoder, load_words
from index.types import Language
from rag import Assistant
from rag.settings import Settings, be_quiet
from rag.types import Filter

TOP = 10
FILTERS: Mapping[str, Filter] = {
    "language": Filter(languages=frozenset({"ko"})),
    "publisher": Filter(publishers=frozenset({"Publisher 7"})),
    "date": Filter(since="2018-01-01", until="2020-12-31"),
}


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: numbers of passages searched, paragraphs of each language that these are put together from,
    questions (each asked once, for what has been read is remembered), documents of each language that are indexed,
    files of the folder that is indexed twice, and starts of the program, of which the median counts."""

    sizes: Sequence[int]
    paragraphs: int
    questions: int
    documents: int
    files: int
    starts: int


SAMPLE = Scale((10_000,), paragraphs=600, questions=24, documents=4, files=1_000, starts=3)
WHOLE = Scale((10_000, 100_000), paragraphs=6_000, questions=60, documents=40, files=10_000, starts=3)


@dataclass(frozen=True, slots=True)
class Figure:
    """A ``value`` beside its ``limit``, which it may not exceed (or, with ``least``, fall below)."""

    name: str
    value: float
    limit: float
    unit: str
    least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the limit is kept."""
        return self.value >= self.limit if self.least else self.value <= self.limit

    def record(self) -> dict[str, Any]:
        """The figure as JSON; ``ratio`` is that of the value to its limit."""
        rounded = {"value": round(self.value, 4), "limit": round(self.limit, 4)}
        return {**asdict(self), **rounded, "ratio": round(self.value / self.limit, 3), "holds": self.holds}


def measure(
    settings: Settings, data: Path = DATA, progress: Progress = lambda *_: None, scale: Scale = SAMPLE
) -> Bench:
    """Figures of indexing, of searching and of the program's start, each beside its limit.

    :raises EvalError: if the public paragraphs or questions are not below ``data``, saying where they come from.
    """
    be_quiet()
    documents = crowd.load_documents(data)
    read = [data / crowd.FILE, *retrieval_files(data)]
    queries = Random(0).sample([query.text for query in load_retrieval(data)[1]], 2 * scale.questions)
    with tempfile.TemporaryDirectory(prefix="mundap-speed-", ignore_cleanup_errors=True) as place:
        here = Path(place)
        figures = _start(here, scale.starts) if scale.starts else []
        figures.append(_indexing(settings, documents, here, scale.documents, progress))
        figures.append(_unchanged(documents, here, scale.files, progress))
        figures += _searching(settings, documents, queries, here, scale, progress)
    made = made_from("speed" + (" --all" if scale is WHOLE else ""), settings, read)
    load = [round(value, 1) for value in os.getloadavg()]
    told = {"scale": asdict(scale), "load": load, "figures": [figure.record() for figure in figures]}
    return Bench("speed", {}, made | told)


def _start(place: Path, starts: int) -> list[Figure]:
    """``mundap ask`` over the samples in a process of its own."""
    home = place / "samples"
    environment = {**os.environ, "MUNDAP_HOME": str(home)}
    command = [sys.executable, "-m", "cli"]
    quiet = {"cwd": ROOT, "env": environment, "stdout": subprocess.DEVNULL}
    subprocess.run([*command, "index", str(ROOT / "index" / "samples")], check=True, **quiet)  # type: ignore[call-overload]
    seconds, peaks = [], []
    for _ in range(starts):
        started = time.perf_counter()
        process = subprocess.Popen([*command, "ask", "When will the hub be finished?"], **quiet)  # type: ignore[call-overload]
        _, _, used = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - started)
        peaks.append(used.ru_maxrss / 1024)
    return [
        Figure("First answer of mundap ask", statistics.median(seconds), 2.5, "s"),
        Figure("Its memory", max(peaks), 400, "MB"),
    ]


def _indexing(
    settings: Settings,
    documents: Mapping[Language, Mapping[str, Sequence[str]]],
    place: Path,
    count: int,
    progress: Progress,
) -> Figure:
    """Passages a second of the whole run over whole documents, against those of the encoder alone on them."""
    folder, encoder = place / "documents", load_encoder(settings.embedder)
    folder.mkdir()
    for language, held in documents.items():
        for number, name in enumerate(Random(0).sample(sorted(held), min(count, len(held)))):
            (folder / f"{language}{number}.txt").write_text("\n\n".join(held[name]), encoding="utf-8")
    (place / "warm.txt").write_text("Warm\n\n문을 연다. It opens.", encoding="utf-8")
    index_paths(place / "warm", [place / "warm.txt"], encoder)  # loads what a run uses
    started = time.perf_counter()
    index_paths(place / "index", [folder], encoder, progress=progress)
    whole = time.perf_counter() - started
    corpus = Corpus(place / "index", encoder)
    passages = [(corpus.article(p.article_id), p) for p in corpus.passages]
    corpus.vectors.close()
    started = time.perf_counter()
    embed(encoder, passages)
    alone = time.perf_counter() - started
    return Figure("Indexing, share of the encoder's own throughput", alone / whole, 0.85, "", least=True)


def _unchanged(
    documents: Mapping[Language, Mapping[str, Sequence[str]]], place: Path, count: int, progress: Progress
) -> Figure:
    """The second run over a folder of small files, against the first under the quickest encoder, the hardest case."""
    folder, encoder = place / "notes", load_words()
    folder.mkdir()
    texts = [text for held in documents.values() for texts in held.values() for text in texts]
    for number, text in enumerate(Random(0).sample(texts, min(count, len(texts)))):
        note = folder / f"{number}.txt"
        note.write_text(f"No. {number}\n\n{text[:200]}", encoding="utf-8")
        os.utime(note, (1, 1))  # a young file's time is not trusted
    spent = [time.perf_counter()]
    for _ in range(2):
        index_paths(place / "kept", [folder], encoder, progress=progress)
        spent.append(time.perf_counter())
    return Figure(f"Unchanged folder of {count:,} files, share of the first run", (spent[2] - spent[1]) / (spent[1] - spent[0]), 0.02, "")  # fmt: skip


def _searching(
    settings: Settings,
    documents: Mapping[Language, Mapping[str, Sequence[str]]],
    queries: Sequence[str],
    place: Path,
    scale: Scale,
    progress: Progress,
) -> list[Figure]:
    """Searches without and with a filter, as the index grows."""
    home, encoder = place / "crowd", crowd.Turned(load_encoder(settings.embedder))
    home.mkdir()
    drawn = {name: Random(0).sample([t for ts in held.values() for t in ts], scale.paragraphs) for name, held in documents.items()}  # fmt: skip
    people = crowd.Crowd(home, {name: crowd.analysed(texts, progress) for name, texts in drawn.items()}, encoder)
    figures: list[Figure] = []
    for size in scale.sizes:
        people.grow(size, progress)
        corpus, last = Corpus(home, encoder), size == scale.sizes[-1]
        figures += _searched(Assistant(corpus), encoder, people.vectors, queries, size, last=last)
        corpus.vectors.close()
    return figures


def _searched(
    assistant: Assistant, encoder: Encoder, vectors: np.ndarray, queries: Sequence[str], size: int, *, last: bool
) -> list[Figure]:
    """p50 of searches, each question's first, beside the exact one's; of the ``last`` size, the filters' too."""
    half = len(queries) // 2
    for query in queries[:3]:
        assistant.search(query, TOP)
    spent, least = [], []
    for query in queries[3:half]:
        least.append(_seconds(lambda q=query: _exact(encoder, vectors, q)))  # type: ignore[misc]
        spent.append(_seconds(lambda q=query: assistant.search(q, TOP)))  # type: ignore[misc]
    p50 = statistics.median(spent)
    figures = [Figure(f"Search of {size:,} passages", 1000 * p50, 1500 * statistics.median(least), "ms")]
    if last:
        figures.append(Figure(f"Search of {size:,} passages when warm", 1000 * p50, 60, "ms"))
        figures += _filtered(assistant, queries[half:], size)
    return figures


def _filtered(assistant: Assistant, queries: Sequence[str], size: int) -> list[Figure]:
    """Searches with each filter, against those without; each kind is the first to ask every fourth question."""
    kinds: list[tuple[str, Filter | None]] = [("", None), *FILTERS.items()]
    for _, only in kinds:
        assistant.search(queries[0], TOP, only)
    spent: dict[str, list[float]] = {name: [] for name, _ in kinds}
    for number, query in enumerate(queries):
        for name, only in kinds[number % len(kinds) :] + kinds[: number % len(kinds)]:
            spent[name].append(_seconds(lambda q=query, f=only: assistant.search(q, TOP, f)))  # type: ignore[misc]
    p50 = {name: 1000 * statistics.median(values) for name, values in spent.items()}
    return [Figure(f"The same by {name}", p50[name], 1.2 * p50[""], "ms") for name in FILTERS]


def _exact(encoder: Encoder, vectors: np.ndarray, query: str) -> np.ndarray:
    """Numbers of the passages nearest to ``query``, by comparing it with each."""
    cosines = vectors @ encoder.encode([query])[0]
    found: np.ndarray = np.argpartition(-cosines, TOP)[:TOP]
    return found


def _seconds(task: Callable[[], object]) -> float:
    started = time.perf_counter()
    task()
    return time.perf_counter() - started
