"""Benchmarks on public sets, which are not part of this repository.

``python -m eval.bench NAME [--data DIR] [--all] [--record]``. ``retrieval`` asks the whole search; ``encoder`` asks the
encoder alone, so that the two show what each leg of the search brings; ``answers`` gives the right paragraph, or a wrong
one, and asks which sentence answers and whether any does; ``peers`` puts other tools to the same search; ``speed`` holds
indexing, searching and starting against their limits; ``scale`` shows how they grow with the index.
"""

from __future__ import annotations

from pathlib import Path

from eval.bench import answers, encoder, peers, retrieval, scale, speed
from eval.bench.outcome import DATA, Bench, Progress, render
from rag.settings import Settings

NAMES = ("retrieval", "encoder", "answers", "peers", "speed", "scale")

__all__ = ["DATA", "NAMES", "Bench", "measure", "render"]


def measure(
    name: str,
    settings: Settings,
    data: Path = DATA,
    progress: Progress = lambda *_: None,
    *,
    everything: bool = False,
) -> Bench:
    """Run the benchmark ``name``, one of :data:`NAMES`.

    :param everything: read whole sets where a benchmark would take a sample.
    :raises EvalError: if a set is not below ``data``, saying where it comes from.
    """
    if name == "answers":
        return answers.measure(settings, data, progress, None if everything else answers.SAMPLE)
    if name == "speed":
        return speed.measure(settings, data, progress, speed.WHOLE if everything else speed.SAMPLE)
    if name == "scale":
        return scale.measure(settings, data, progress, scale.ALL_SIZES if everything else scale.SIZES)
    run = {"retrieval": retrieval.measure, "encoder": encoder.measure, "peers": peers.measure}[name]
    return run(settings, data, progress)
