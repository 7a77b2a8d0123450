"""The command line of the benchmarks: ``python -m eval.bench --help``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from eval.bench import DATA, NAMES, measure
from eval.errors import EvalError
from eval.plots import growth
from eval.run import show
from rag.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one benchmark; returns the exit code: 0 done, 2 a user's error."""
    from index.errors import CorpusError

    parser = argparse.ArgumentParser("python -m eval.bench", description="Measure Mundap on public sets.")
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--data", type=Path, default=DATA, help="folder that holds bench/ and data/ (../shared)")
    parser.add_argument("--all", action="store_true", help="whole sets where a sample is the default")
    parser.add_argument("--record", action="store_true", help="write the outcome to eval/results")
    options = parser.parse_args(arguments)
    try:
        bench = measure(options.name, Settings.from_env(), options.data, show, everything=options.all)
    except (EvalError, CorpusError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(bench.table() + "\n")
    if options.record:
        path = bench.save()
        if drawing := growth(bench.record()):
            path.with_suffix(".svg").write_text(drawing, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
