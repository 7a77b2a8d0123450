"""Indexing across machines: Ray's workers read, cut, analyse and encode; this process alone writes.

The run is that of :func:`index.build.index_paths`, batch by batch, but that a batch is a task for whichever machine of the
cluster is free. A file's bytes travel with the task, so that the machines need no folder in common; each needs the same
version of Mundap and the extra ``cluster``. What a dead worker or machine was at is done again elsewhere. Passages and
vectors are those of a run on one machine, for a batch is encoded as that run would encode it.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from index.build import Changed, Report, Run, running
from index.builder import BATCH_CHARACTERS, Builder, Progress, embed, version
from index.embed import Encoder, load_encoder
from index.errors import CorpusError, UnreadableDocument
from index.manifest import Version
from index.read import read_article

RETRIES = 5  # times that a batch is begun anew where its worker dies
BATCH_BYTES = BATCH_CHARACTERS  # a guess at the characters in a file, which nobody has read yet
WAITING = 4  # batches under way for each processor


@dataclass(slots=True)
class Worked:
    """What became of a batch: articles as they are to be stored, their vectors as :func:`embed` gives them, and why files were left out."""

    versions: list[Version] = field(default_factory=list)
    vectors: dict[str, np.ndarray] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)


def index_spread(
    home: Path,
    paths: Sequence[Path],
    embedder: str | None = None,
    url: str | None = None,
    progress: Progress = lambda *_: None,
    wait: float = 0,
    *,
    ray: str = "local",
) -> Report:
    """As :func:`index.build.index_paths`, with the work done in a Ray cluster.

    :param embedder: as :func:`index.embed.load_encoder` takes it; every machine loads it by itself.
    :param ray: the cluster's address, ``auto`` for the one that this machine belongs to, ``local`` for one of its own.
    :raises CorpusError: if the cluster cannot be reached, a machine has another encoder, or a batch killed every worker.
    """
    with _cluster(ray) as engine, running(home, paths, load_encoder(embedder), url, progress, wait) as run:
        _work(engine, run, embedder)
    return run.report


@contextmanager
def _cluster(address: str) -> Iterator[Any]:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise CorpusError("Indexing by Ray needs the extra cluster: pip install 'mundap[cluster]'") from error
    if ray.is_initialized():
        yield ray
        return
    where = {"include_dashboard": False} if address == "local" else {"address": address}
    try:
        ray.init(log_to_driver=False, logging_level="ERROR", configure_logging=False, **where)
    except (ConnectionError, ValueError, RuntimeError) as error:
        message = f"No Ray cluster answers at {address!r}. Start one with: ray start --head, or give --ray local"
        raise CorpusError(message) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _work(ray: Any, run: Run, embedder: str | None) -> None:
    """Hand out batches, so many at a time that none is held up, and store what comes back."""
    task = ray.remote(num_cpus=1, max_retries=RETRIES)(work)
    most = WAITING * max(1, int(ray.cluster_resources().get("CPU", 1)))
    under_way: dict[Any, Sequence[Changed]] = {}

    def store(at_most: int) -> None:
        while len(under_way) > at_most:
            (done,), _ = ray.wait(list(under_way))
            batch = under_way.pop(done)
            try:
                _store(run, batch, ray.get(done))
            except ray.exceptions.RayError as error:
                names = ", ".join(changed.path.name for changed in batch[:3])
                what = " ".join(str(getattr(error, "cause", error)).split())[:200]
                raise CorpusError(
                    f"Workers fail at {names} … ({what}). What was done is kept: run it again."
                ) from error

    for batch in _batches(run):
        under_way[task.remote(batch, _held(run.builder, batch), embedder, run.builder.encoder.name)] = batch
        store(most)
    store(0)


def _batches(run: Run) -> Iterator[list[Changed]]:
    batch: list[Changed] = []
    for changed in run.changed():
        batch.append(changed)
        if sum(len(one.data) for one in batch) > BATCH_BYTES:
            yield batch
            batch = []
    if batch:
        yield batch


def _held(builder: Builder, batch: Sequence[Changed]) -> frozenset[str]:
    """Ids of passages of earlier versions, whose vectors need not be made again."""
    return frozenset(p.id for changed in batch for p in builder.manifest.passages(changed.id))


def _store(run: Run, batch: Sequence[Changed], worked: Worked) -> None:
    run.builder.stage(worked.versions, worked.vectors)
    read = {each.article.id for each in worked.versions}
    for changed in batch:
        if changed.id in read:
            run.tell(changed)
    run.report.skipped.update(worked.skipped)


def work(batch: Sequence[Changed], held: frozenset[str], embedder: str | None, name: str) -> Worked:
    """Read, cut and analyse files, and encode their passages but for those ``held``; in a worker.

    :raises CorpusError: if this machine's encoder is not the one called ``name``.
    """
    encoder, worked = _encoder(embedder), Worked()
    if encoder.name != name:
        raise CorpusError(f"a machine has the encoder {encoder.name}, expected {name}: install the same version there")
    for changed in batch:
        try:
            article = read_article(changed.path, article_id=changed.id, data=changed.data)
            worked.versions.append(version(article, changed.fingerprint))
        except UnreadableDocument as error:
            worked.skipped[str(changed.path)] = str(error)
    pairs = [(each.article, p) for each in worked.versions for p in each.passages if p.id not in held]
    worked.vectors = embed(encoder, pairs)
    return worked


@functools.cache
def _encoder(name: str | None) -> Encoder:
    return load_encoder(name)
