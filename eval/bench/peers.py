"""Mundap beside its peers on the same paragraphs and questions, one process after another, in one run.

Settings are those that each peer's documentation starts with (:mod:`eval.bench.rivals`); nobody is tuned for this set,
save that Mundap's three weights of fusion were chosen on it (``rag/retrieve.py``). Times compare within one run only.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval import metrics
from eval.bench.outcome import DATA, DIRECTIONS, Bench, Progress, made_from
from eval.bench.retrieval import LIMIT, Query, load_retrieval, retrieval_files
from eval.bench.rivals import RIVALS
from eval.errors import EvalError
from eval.metrics import Ratio
from rag.settings import Settings, be_quiet

ABSENT = 3  # exit code of a peer whose package is not installed
INSTALL = 'pip install "mundap[bench]"'


def measure(
    settings: Settings, data: Path = DATA, progress: Progress = lambda *_: None, names: Sequence[str] = tuple(RIVALS)
) -> Bench:
    """R@1 of paragraphs in four directions for every peer, and what it costs.

    ``costs`` in the record: ``start_s`` until ready to index, ``paragraphs_per_s`` indexed, ``query_ms`` in the median,
    ``peak_mb`` of memory. A peer that is not installed is left out and named under ``absent``.

    :raises EvalError: if the benchmark is not below ``data``, or a peer fails.
    """
    files = retrieval_files(data)
    _, queries = load_retrieval(data)
    rows: dict[str, dict[str, Ratio]] = {}
    costs, absent = {}, []
    for number, name in enumerate(names):
        progress(number, len(names), name)
        told = _alone(name, data)
        if told is None:
            absent.append(name)
            continue
        rows[name] = _recall(queries, told.pop("ranked"))
        costs[name] = told
    progress(len(names), len(names), "")
    made = made_from("peers", settings, files)
    return Bench("peers", rows, made | {"costs": costs, "absent": absent, "install": INSTALL})


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


def _recall(queries: Sequence[Query], ranked: Sequence[str]) -> dict[str, Ratio]:
    """R@1 by direction, of the paragraph that each question found first."""
    return {
        direction: metrics.ratio(
            [
                [float(first == q.paragraph)]
                for q, first in zip(queries, ranked, strict=True)
                if q.direction == direction
            ]
        )
        for direction in DIRECTIONS
    }


def run(name: str, data: Path) -> Mapping[str, Any]:
    """One peer in this process: the paragraph found first for each question, and the costs."""
    started = time.perf_counter()
    rival = RIVALS[name]()
    ready = time.perf_counter()
    articles, queries = load_retrieval(data)
    filling = time.perf_counter()
    rival.fill(articles)
    filled = time.perf_counter()
    first, seconds = [], []
    for query in queries:
        asked = time.perf_counter()
        found = rival.search(query.text, LIMIT)
        seconds.append(time.perf_counter() - asked)
        first.append(found[0] if found else "")
    return {
        "ranked": first,
        "start_s": round(ready - started, 2),
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
