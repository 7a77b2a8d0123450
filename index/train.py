"""The command line that makes the bundled models; the extra ``train`` and a checkout of the repository are needed.

    python -m index.train words --data ../shared     index/words: the static table
    python -m index.train encoder --data ../shared   index/model: the bilingual transformer
    python -m index.train reader --data ../shared    index/reader: the cross-encoder, after the encoder
    python -m index.train card --data ../shared      the README.md of index/model and index/reader, measured anew
    python -m index.train torch --out DIR            the encoder as a sentence-transformers folder

A run that is stopped goes on where it was when it is started again with the same ``--work`` and ``--seed``.
"""

from __future__ import annotations

import argparse
import importlib.util
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_OUT = {
    "words": Path("index/words"),
    "encoder": Path("index/model"),
    "reader": Path("index/reader"),
}
_TRAINED = ("words", "encoder", "reader")


def main(argv: Sequence[str] | None = None) -> None:
    """Runs one command; the modules that learn are imported only then, as they bring torch along."""
    options = arguments(argv)
    if importlib.util.find_spec("index.training") is None:
        raise SystemExit("index.training is no part of an installed Mundap: run this in a checkout of the repository.")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    if options.command == "torch":
        from index.network import MODEL
        from index.training.export import export

        export(MODEL, options.out)
    elif options.command == "card":
        from index.training import card

        card.write(options.data, _OUT["encoder"])
        card.write_reader(options.data, _OUT["reader"])
    else:
        train(options)


def train(options: argparse.Namespace) -> None:
    """Learns the words, the encoder or the reader."""
    steps: dict[str, Any] = {}
    if options.steps is not None:
        steps = {"steps": options.steps if options.command == "encoder" else options.steps[0]}
    if options.command == "words":
        from index.training import words

        words.train(options.data, options.out, options.work / "words", seed=options.seed, **steps)
    elif options.command == "reader":
        from index.training import comprehension

        comprehension.train(
            options.data, options.out, options.work / "reader", seed=options.seed, on=options.on, **steps
        )
    else:
        from index.training import bilingual

        bilingual.train(options.data, options.out, options.work / "encoder", seed=options.seed, on=options.on, **steps)


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line, checked."""
    parser = argparse.ArgumentParser(
        prog="python -m index.train", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name in (*_TRAINED, "card", "torch"):
        command = commands.add_parser(name)
        out = _OUT.get(name)
        if name != "card":
            command.add_argument("--out", type=Path, default=out, required=out is None, help=f"default: {out}")
        if name != "torch":
            command.add_argument("--data", type=Path, default=Path("../shared"), help="folder with data/ and lexicon/")
        if name in _TRAINED:
            count = 2 if name == "encoder" else 1
            command.add_argument("--work", type=Path, default=Path("build/train"), help="where a run keeps its state")
            command.add_argument("--seed", type=int, default=0)
            command.add_argument("--steps", type=int, nargs=count, help="of each phase" if count > 1 else None)
        if name in ("encoder", "reader"):
            command.add_argument("--on", action="store_true", help="learn on from the one that OUT holds")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
