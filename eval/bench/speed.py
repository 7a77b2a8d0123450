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
from index.chunk import embedded_text
from index.corpus import Corpus
from index.embed import Encoder, load_encoder, load_words
from index.types import Language
from rag import Assistant
from rag.settings import Settings, be_quiet
from rag.types import Filter

SIZES = (10_000, 100_000)  # passages searched
PARAGRAPHS = 2_000  # of each language, drawn for them
QUESTIONS = 60  # each asked once, for what has been read is remembered
TOP = 10
INDEXED = 20  # documents of each language
NOTES = 10_000  # files of a folder that is indexed twice
STARTS = 3  # of the program
FILTERS: Mapping[str, Filter] = {
    "language": Filter(languages=frozenset({"ko"})),
    "publisher": Filter(publishers=frozenset({"Publisher 7"})),
    "date": Filter(since="2018-01-01", until="2020-12-31"),
}


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
    settings: Settings,
    data: Path = DATA,
    progress: Progress = lambda *_: None,
    *,
    sizes: Sequence[int] = SIZES,
    paragraphs: int = PARAGRAPHS,
    notes: int = NOTES,
    starts: int = STARTS,
) -> Bench:
    """Figures of indexing, of searching at ``sizes`` passages, and of the program's start, each beside its limit.

    :param paragraphs: drawn of each language for the passages searched, see :mod:`eval.bench.crowd`.
    :param notes: files of the folder that is indexed twice.
    :param starts: of the program, of which the median counts; 0 leaves its figures out.
    :raises EvalError: if the public paragraphs or questions are not below ``data``, saying where they come from.
    """
    be_quiet()
    documents = crowd.load_documents(data)
    read = [data / crowd.FILE, *retrieval_files(data)]
    queries = [query.text for query in load_retrieval(data)[1]]
    with tempfile.TemporaryDirectory(prefix="mundap-speed-", ignore_cleanup_errors=True) as place:
        here = Path(place)
        figures = _start(here, starts) if starts else []
        figures.append(_indexing(settings, documents, here, progress))
        figures.append(_unchanged(documents, here, notes, progress))
        figures += _searching(settings, documents, queries, here, sizes, paragraphs, progress)
    made = made_from("speed", settings, read)
    load = [round(value, 1) for value in os.getloadavg()]
    return Bench("speed", {}, made | {"load": load, "figures": [figure.record() for figure in figures]})


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
    settings: Settings, documents: Mapping[Language, Mapping[str, Sequence[str]]], place: Path, progress: Progress
) -> Figure:
    """Passages a second of the whole run over whole documents, against those of the encoder alone."""
    folder, encoder = place / "documents", load_encoder(settings.embedder)
    folder.mkdir()
    for language, held in documents.items():
        for number, name in enumerate(Random(0).sample(sorted(held), min(INDEXED, len(held)))):
            (folder / f"{language}{number}.txt").write_text("\n\n".join(held[name]), encoding="utf-8")
    index_paths(place / "warm", [folder / "ko0.txt", folder / "en0.txt"], encoder)
    started = time.perf_counter()
    index_paths(place / "index", [folder], encoder, progress=progress)
    whole = time.perf_counter() - started
    corpus = Corpus(place / "index", encoder)
    texts = [embedded_text(corpus.article(p.article_id), p.text) for p in corpus.passages]
    corpus.vectors.close()
    started = time.perf_counter()
    encoder.encode(texts)
    alone = time.perf_counter() - started
    return Figure("Indexing, share of the encoder's own throughput", alone / whole, 0.85, "", least=True)


def _unchanged(
    documents: Mapping[Language, Mapping[str, Sequence[str]]], place: Path, notes: int, progress: Progress
) -> Figure:
    """The second run over a folder of small files, against the first under the quickest encoder, the hardest case."""
    folder, encoder = place / "notes", load_words()
    folder.mkdir()
    texts = [text for held in documents.values() for texts in held.values() for text in texts]
    for number, text in enumerate(Random(0).sample(texts, min(notes, len(texts)))):
        note = folder / f"{number}.txt"
        note.write_text(f"No. {number}\n\n{text[:200]}", encoding="utf-8")
        os.utime(note, (1, 1))  # a young file's time is not trusted
    spent = [time.perf_counter()]
    for _ in range(2):
        index_paths(place / "kept", [folder], encoder, progress=progress)
        spent.append(time.perf_counter())
    return Figure(f"Unchanged folder of {notes:,} files, share of the first run", (spent[2] - spent[1]) / (spent[1] - spent[0]), 0.02, "")  # fmt: skip


def _searching(
    settings: Settings,
    documents: Mapping[Language, Mapping[str, Sequence[str]]],
    queries: Sequence[str],
    place: Path,
    sizes: Sequence[int],
    paragraphs: int,
    progress: Progress,
) -> list[Figure]:
    """Searches without and with a filter, as the index grows."""
    home, encoder = place / "crowd", crowd.Turned(load_encoder(settings.embedder))
    home.mkdir()
    drawn = {name: Random(0).sample([t for ts in held.values() for t in ts], paragraphs) for name, held in documents.items()}  # fmt: skip
    people = crowd.Crowd(home, {name: crowd.analysed(texts, progress) for name, texts in drawn.items()}, encoder)
    figures: list[Figure] = []
    for size in sizes:
        people.grow(size, progress)
        corpus = Corpus(home, encoder)
        chosen = Random(size).sample(list(queries), min(2 * QUESTIONS, len(queries)))
        figures += _searched(Assistant(corpus), encoder, people.vectors, chosen, size, last=size == sizes[-1])
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
