"""Does indexing across machines give the index of one machine? Invented articles in a Ray cluster that loses workers.

``python -m eval.machines``. A cluster of three nodes is started on this machine, each with processes of its own as a real
one's machines have. While batches come back, a worker that is at one is killed with SIGKILL. In the end the manifest, every vector bit for bit, the lexical index and the scores of fixed questions must be
those of an index that one process built, with nothing left over; then some articles change, and both must agree again.

What it does not know: what networks between machines do.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from eval import origin
from eval.invented import Articles
from eval.portrait import differences, portrait
from eval.record import tell
from index import spread
from index.build import index_paths
from index.embed import load_encoder
from index.errors import CorpusError
from index.spread import index_spread
from rag.settings import be_quiet

PATIENCE = 300.0  # seconds for a worker to be found at work
BATCH = 5_000  # bytes, so that few articles make many batches
NODES = 3
TITLE = "ray::work"  # what Ray calls a process that runs index.spread.work


class Trouble(threading.Thread):
    """Waits until a worker is at a batch, and kills it."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.killed = 0

    def run(self) -> None:
        """Until that is done, or nobody has been at work for long."""
        end = time.monotonic() + PATIENCE
        while not self.killed and time.monotonic() < end:
            for process in _at_work()[:1]:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
                    self.killed = 1
            time.sleep(0.01)


def _at_work() -> list[int]:
    """Processes of this one's clusters that run a batch: grandchildren of this process, named so by Ray."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            if (place / "cmdline").read_bytes().startswith(TITLE.encode()) and _parent(
                _parent(int(place.name))
            ) == os.getpid():
                found.append(int(place.name))
    return found


def _parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])


def measure(count: int, embedder: str, seed: int) -> dict[str, Any]:
    """Index in the cluster and alone, twice, and compare."""
    be_quiet()
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["PYTHONPATH"] = str(origin.ROOT)
    try:
        import ray
        from ray.cluster_utils import Cluster
    except ImportError as error:
        raise CorpusError("Ray is not installed. Install the extra cluster: pip install 'mundap[cluster]'") from error
    encoder, amiss, seconds = load_encoder(embedder), [], {}
    spread.BATCH_BYTES = BATCH
    with tempfile.TemporaryDirectory(prefix="mundap-machines-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        articles = Articles(place / "articles", random.Random(seed))
        while len(list(articles.folder.iterdir())) < count:
            articles.add()
        (articles.folder / "noise.txt").write_bytes(bytes(range(256)) * 9)
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        for _ in range(NODES - 1):
            cluster.add_node(num_cpus=1)
        ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
        trouble = Trouble()
        trouble.start()
        try:
            for part in ("first", "changed"):
                started = time.perf_counter()
                report = index_spread(place / "spread", [articles.folder], embedder)
                seconds[part] = round(time.perf_counter() - started, 1)
                alone = index_paths(place / "alone", [articles.folder], encoder)
                told = [
                    sorted(getattr(one, kind))
                    for one in (report, alone)
                    for kind in ("added", "updated", "unchanged", "removed", "skipped")
                ]
                amiss += [] if told[:5] == told[5:] else [f"{part}: what the run told differs"]
                found = differences(portrait(place / "spread", encoder), portrait(place / "alone", encoder))
                amiss += [f"{part}: {what} differ" for what in found]
                for change in (articles.update, articles.delete, articles.add):
                    change()
            trouble.join()
        finally:
            ray.shutdown()
            cluster.shutdown()
    amiss += [] if trouble.killed else ["no worker was killed"]
    return {
        "articles": count,
        "workers_killed": trouble.killed,
        "nodes": NODES,
        "seconds": seconds,
        "amiss": amiss,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Index, compare, print and record where asked; 1 where anything differed, 2 where Ray is not installed."""
    parser = argparse.ArgumentParser("python -m eval.machines", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument(
        "--encoder", default="bundled", help="words, or a sentence-transformers model (default: bundled)"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--record", action="store_true", help="write the outcome to eval/results")
    options = parser.parse_args(arguments)
    try:
        found = measure(options.articles, options.encoder, options.seed)
    except CorpusError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    command = f"python -m eval.machines --articles {options.articles} --encoder {options.encoder} --seed {options.seed}"
    tell("machines", command, found, keep=options.record)
    return int(bool(found["amiss"]))


if __name__ == "__main__":
    sys.exit(main())
