"""How an index grows: ``python -m eval.bench scale``, 10,000 and 100,000 passages, with ``--all`` a million.

The passages are put together from public paragraphs (see :mod:`eval.bench.crowd`). At each size: how long the build took
since the one before, what a passage takes on the disk, how long a search takes, how much memory the process holds, and
how many of the exact ten nearest passages the vector store finds. At the smallest, questions are also asked while another
process indexes.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import numpy as np

from eval.bench import crowd
from eval.bench.outcome import DATA, Bench, Progress, made_from
from eval.bench.retrieval import load_retrieval, retrieval_files
from eval.errors import EvalError
from eval.origin import ROOT
from index.corpus import Corpus
from index.embed import load_encoder
from rag import Assistant
from rag.retrieve import CANDIDATES
from rag.settings import Settings, be_quiet

SIZES, ALL_SIZES = (10_000, 100_000), (10_000, 100_000, 1_000_000)
PARAGRAPHS = 6_000  # of each language, that passages are put together from
QUESTIONS, TOP = 120, 10
FILES, WORDS = 400, 120  # of the folder that is indexed meanwhile, and of each of its files
WARM = 5  # questions asked before any is timed


def measure(
    settings: Settings, data: Path = DATA, progress: Progress = lambda *_: None, sizes: Sequence[int] = SIZES
) -> Bench:
    """A row of figures for each of ``sizes``, how they grow, and searches beside an indexing run.

    :raises EvalError: if the public paragraphs or questions are not below ``data``, saying where they come from.
    """
    be_quiet()
    documents = crowd.load_documents(data)
    queries = Random(1).sample([query.text for query in load_retrieval(data)[1]], QUESTIONS)
    encoder = crowd.Turned(load_encoder(settings.embedder))
    rows: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory(prefix="mundap-scale-", ignore_cleanup_errors=True) as place:
        home = Path(place) / "home"
        home.mkdir()
        drawn = {name: Random(0).sample([t for ts in held.values() for t in ts], PARAGRAPHS) for name, held in documents.items()}  # fmt: skip
        people = crowd.Crowd(home, {name: crowd.analysed(texts, progress) for name, texts in drawn.items()}, encoder)
        beside: dict[str, float] = {}
        for size in sizes:
            started = time.perf_counter()
            people.grow(size, progress)
            built = time.perf_counter() - started
            corpus = Corpus(home, encoder)
            assistant = Assistant(corpus)
            found = {"passages": size, "build_s": round(built, 1), **_searched(assistant, queries)}
            found["recall"] = _recall(corpus, people.vectors, encoder, queries)
            rows.append({**found, "bytes_per_passage": _bytes(home) // size, "memory_mb": _memory()})
            corpus.vectors.close()
            beside = beside or _beside(settings, home, encoder, queries)
    made = made_from("scale" + (" --all" if tuple(sizes) == ALL_SIZES else ""), settings, _read(data))
    told = {"sizes": rows, "growth": growth(rows), "beside_indexing": beside, "text": crowd.PARAGRAPHS}
    return Bench("scale", {}, {**made, "load": [round(value, 1) for value in os.getloadavg()], **told})


def growth(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The exponent b of a power law a·nᵇ fitted to each figure over the number of passages n, by least squares of the
    logarithms; of the build, the seconds from nothing."""
    if len(rows) < 2:
        return {}
    series = {name: np.array([row[name] for row in rows]) for name in ("build_s", "p50_ms", "p95_ms", "memory_mb")}
    series["build_s"] = series["build_s"].cumsum()
    sizes = np.log([row["passages"] for row in rows])
    return {name: round(float(np.polyfit(sizes, np.log(values), 1)[0]), 2) for name, values in series.items()}


def _read(data: Path) -> list[Path]:
    return [data / crowd.FILE, *retrieval_files(data)]


def _searched(assistant: Assistant, queries: Sequence[str]) -> dict[str, float]:
    """p50 and p95 of searches, in ms, each question's first."""
    for query in queries[:WARM]:
        assistant.search(query, TOP)
    spent = [_milliseconds(assistant, query) for query in queries[WARM:]]
    return {"p50_ms": round(statistics.median(spent), 1), "p95_ms": round(statistics.quantiles(spent, n=20)[-1], 1)}


def _milliseconds(assistant: Assistant, query: str) -> float:
    started = time.perf_counter()
    assistant.search(query, TOP)
    return 1000 * (time.perf_counter() - started)


def _recall(corpus: Corpus, vectors: np.ndarray, encoder: crowd.Turned, queries: Sequence[str]) -> float:
    """The mean share of the exactly ``TOP`` nearest passages that are the first of those that a search gets."""
    shares = []
    for query in queries:
        vector = encoder.encode([query])[0]
        cosines = vectors @ vector
        least = np.partition(cosines, -TOP)[-TOP]
        found = list(corpus.nearest(vector, CANDIDATES).values())[:TOP]
        shares.append(sum(score >= least - 1e-5 for score in found) / TOP)
    return round(statistics.fmean(shares), 4)


def _bytes(home: Path) -> int:
    return sum(path.stat().st_size for path in home.rglob("*") if path.is_file())


def _memory() -> float:
    """What the process holds in memory now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20)


def _beside(settings: Settings, home: Path, encoder: crowd.Turned, queries: Sequence[str]) -> dict[str, float]:
    """p95 of searches of a copy of ``home`` while another process adds files to it, beside the same before."""
    place = home.parent
    shutil.copytree(home, place / "copy")
    folder, chance = place / "notes", Random(2)
    folder.mkdir()
    for number in range(FILES):
        words = " ".join(chance.choice(query.split()) for query in chance.choices(queries, k=WORDS))
        (folder / f"{number}.txt").write_text(f"No. {number}\n\n{words}.", encoding="utf-8")
    corpus = Corpus(place / "copy", encoder)
    assistant = Assistant(corpus)
    idle = _searched(assistant, queries)["p95_ms"]
    command = [sys.executable, "-m", "cli", "index", str(folder)]
    environment = {**os.environ, "MUNDAP_HOME": str(place / "copy"), "MUNDAP_EMBEDDER": settings.embedder or ""}
    spent: list[float] = []
    run = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        while run.poll() is None:
            spent.append(_milliseconds(assistant, queries[len(spent) % len(queries)]))
    finally:
        run.kill()
    corpus.vectors.close()
    if run.returncode or len(spent) < WARM:
        raise EvalError(f"mundap index ended with {run.returncode} after {len(spent)} searches beside it.")
    busy = round(statistics.quantiles(spent, n=20)[-1], 1)
    return {"idle_p95_ms": idle, "p95_ms": busy, "ratio": round(busy / idle, 2), "searches": len(spent)}
