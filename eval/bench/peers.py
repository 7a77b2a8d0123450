"""Mundap beside its peers on the same paragraphs and questions, one process after another, in one run.

Settings are those that each peer's documentation starts with (:mod:`eval.bench.rivals`); nobody is tuned for this set,
save that Mundap's three weights of fusion were chosen on it (``rag/retrieve.py``). Times are of the processor, all threads
together, so that a busy machine treats all alike; they compare within one run only.
"""

from __future__ import annotations

import functools
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eval import metrics
from eval.bench.outcome import DATA, DIRECTIONS, Bench, Progress, made_from
from eval.bench.retrieval import LIMIT, Query, load_retrieval, retrieval_files
from eval.bench.rivals import RIVALS, SETTINGS, versions
from eval.errors import EvalError
from eval.metrics import Ratio
from rag.settings import Settings, be_quiet

ABSENT = 3  # exit code of a peer whose package is not installed
INSTALL = 'pip install "mundap[bench]"'
DEPTH = 10  # paragraphs that count of each ranking


def measure(
    settings: Settings, data: Path = DATA, progress: Progress = lambda *_: None, names: Sequence[str] = tuple(RIVALS)
) -> Bench:
    """R@1 of paragraphs in four directions for every peer, nDCG@10 under ``ndcg_10`` in the record, and the costs.

    ``costs`` in the record: ``start_s`` for loading and a first question, without indexing; ``paragraphs_per_s`` indexed;
    ``query_ms`` in the median; ``peak_mb`` of memory. A peer that is not installed is left out and named under ``absent``.

    :raises EvalError: if the benchmark is not below ``data``, or a peer fails.
    """
    files = retrieval_files(data)
    _, queries = load_retrieval(data)
    rows: dict[str, dict[str, Ratio]] = {}
    ndcg: dict[str, dict[str, Any]] = {}
    costs, absent = {}, []
    for number, name in enumerate(names):
        progress(number, len(names), name)
        told = _alone(name, data)
        if told is None:
            absent.append(name)
            continue
        ranked = told.pop("ranked")
        rows[name] = _by_direction(queries, ranked, functools.partial(metrics.recall_at, 1))
        deep = _by_direction(queries, ranked, functools.partial(metrics.ndcg_at, DEPTH))
        ndcg[name] = {direction: asdict(found) for direction, found in deep.items()}
        costs[name] = told
    progress(len(names), len(names), "")
    made = made_from("peers", settings, files) | {"versions": versions()}
    how = {name: SETTINGS[name] for name in rows if name in SETTINGS}
    found = {"ndcg_10": ndcg, "costs": costs, "settings": how, "absent": absent, "install": INSTALL}
    return Bench("peers", rows, made | found)


def _alone(name: str, data: Path) -> dict[str, Any] | None:
    """What ``name`` finds and costs in a process of its own; ``None`` where it is not installed."""
    ran = subprocess.run(
        [sys.executable, "-m", "eval.bench.peers", name, str(data)], capture_output=True, text=True, check=False
    )
    if ran.returncode == ABSENT:
        return None
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise EvalError(f"{name} ended with {ran.returncode}: {last}. Install the peers with: {INSTALL}")
    return dict(json.loads(ran.stdout.splitlines()[-1]))


def _by_direction(
    queries: Sequence[Query], ranked: Sequence[Sequence[str]], score: Callable[[Sequence[str], Sequence[str]], float]
) -> dict[str, Ratio]:
    """The mean ``score`` of the paragraphs found for each question, by direction."""
    scored = [(q.direction, score(found, [q.paragraph])) for q, found in zip(queries, ranked, strict=True)]
    return {name: metrics.ratio([[value] for way, value in scored if way == name]) for name in DIRECTIONS}


def run(name: str, data: Path) -> Mapping[str, Any]:
    """One peer in this process: the paragraphs found first for each question, and the costs."""
    rival, ready = RIVALS[name](), time.process_time()  # counted from the start of the process
    articles, queries = load_retrieval(data)
    filling = time.process_time()
    rival.fill(articles)
    filled = time.process_time()
    ranked, seconds = [], []
    for query in queries:
        asked = time.process_time()
        found = rival.search(query.text, LIMIT)
        seconds.append(time.process_time() - asked)
        ranked.append(list(dict.fromkeys(found))[:DEPTH])
    return {
        "ranked": ranked,
        "start_s": round(ready + seconds[0], 2),
        "paragraphs_per_s": round(len(articles) / (filled - filling), 1),
        "query_ms": round(1000 * (metrics.percentile(seconds, 50) or 0.0), 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def main(arguments: Sequence[str]) -> int:
    """Run one peer and print what it found as JSON; returns the exit code."""
    be_quiet()
    name, data = arguments
    try:
        told = run(name, Path(data))
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{error}\n")
        return ABSENT
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
