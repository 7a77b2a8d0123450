"""Does an index survive being killed? Kills indexing runs at random instants, and compares with one built from nothing.

``python -m eval.crash --kills 200 --seed 0``. Each round changes a folder of invented articles in both languages (adds,
edits, deletes) or the encoder, and starts the run that takes the change up in a process of its own. It is killed with
SIGKILL at an instant drawn uniformly from the time that such a run takes, which is estimated as it goes. What a reader
sees then must be the whole index from before the run or the whole one after it. The run is started again, and a quarter
of these are killed too; the last one ends, and then the manifest, every vector bit for bit, the lexical index and the
scores of fixed questions must be those of an index built from nothing, with nothing left over.

What it does not know: whether the disk kept what it acknowledged when the power fails; a killed process loses only what
was in the process.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from eval.invented import Articles
from eval.portrait import Portrait, View, differences, portrait, unlike, view
from eval.record import tell
from eval.run import show
from index.build import index_paths, rebuild
from index.embed import Encoder, Vectors, load_encoder
from index.errors import CorpusError, IndexStale
from index.store import VectorStore
from index.terms import analyse, sentences
from rag.settings import be_quiet

AGAIN = 0.25  # share of restarted runs that are killed too
_FORK = get_context("fork")  # a child has the analysers and encoders loaded, so that it dies in its own work


class HalfEncoder:
    """Another encoder that gives the same vector whatever stands beside a text: the first half of each word vector."""

    def __init__(self, whole: Encoder) -> None:
        self._whole, self.dimensions, self.name = whole, whole.dimensions // 2, f"half of {whole.name}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors (len(texts), dimensions), float32, each of length 1."""
        half = self._whole.encode(texts)[:, : self.dimensions]
        scaled: Vectors = half / np.maximum(np.linalg.norm(half, axis=1, keepdims=True), 1e-9)
        return scaled


@dataclass
class Tally:
    """What became of the kills: by operation, what readers saw after them, and every difference found."""

    kills: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    finished: int = 0
    rounds: int = 0
    differences: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def record(self) -> dict[str, Any]:
        """The tally as JSON."""
        return {
            "kills": self.kills.total(),
            "kills_by_change": dict(sorted(self.kills.items())),
            "seen_after_a_kill": dict(sorted(self.seen.items())),
            "ended_before_the_kill": self.finished,
            "comparisons": self.rounds,
            "differences": self.differences,
            "seconds": round(self.seconds, 1),
        }


class Stress:
    """Rounds of change, kill, restart and comparison in ``place``, an empty folder."""

    def __init__(self, place: Path, seed: int) -> None:
        be_quiet()
        self._home, self._fresh, self._chance = place / "home", place / "fresh", random.Random(seed)
        words = load_encoder("words")
        self._encoders: list[Encoder] = [words, HalfEncoder(words)]
        self._articles = Articles(place / "articles", self._chance)
        self._took: dict[str, float] = {}
        self.tally = Tally()
        load(words)
        self._before: View | None = None

    def run(self, kills: int) -> Tally:
        """Go on until ``kills`` runs have been killed."""
        started = time.perf_counter()
        while self.tally.kills.total() < kills:
            show(self.tally.kills.total(), kills, "kills")
            self._round()
        self.tally.seconds = time.perf_counter() - started
        return self.tally

    def _round(self) -> None:
        change = self._chance.choice(("first", "add", "update", "delete", "re-embed"))
        if change == "first":
            shutil.rmtree(self._home, ignore_errors=True)
            self._before = None
        elif change != "re-embed":
            getattr(self._articles, change)()
        else:
            self._encoders.reverse()
        self.tally.rounds += 1
        after = self._in_child(_built, self._fresh, self._articles.folder, self._encoders[0])
        while self._killed(change):
            self._look(change, after.view)
            if self._chance.random() > AGAIN:
                self._in_child(self._operation(change))
                break
        found = self._in_child(portrait, self._home, self._encoders[0])
        self._note(change, differences(found, after))
        self._before = after.view

    def _operation(self, change: str) -> Callable[[], object]:
        encoder, folder = self._encoders[0], self._articles.folder
        if change == "re-embed" and self._before:
            return lambda: rebuild(self._home, encoder)
        return lambda: index_paths(self._home, [folder], encoder)

    def _killed(self, change: str) -> bool:
        """Start the run and kill it; whether it was still running."""
        process = _FORK.Process(target=self._operation(change))
        started = time.perf_counter()
        process.start()
        process.join(self._chance.random() * self._took.get(change, 0.5))
        if process.is_alive():
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
        process.join()
        if process.exitcode == -signal.SIGKILL:
            self.tally.kills[change] += 1
            self._took[change] = 1.1 * self._took.get(change, 0.5)  # a busy machine takes longer than it took last
            return True
        if process.exitcode:
            self._note(change, [f"exit code {process.exitcode}"])
        self._took[change] = time.perf_counter() - started
        self.tally.finished += 1
        return False

    def _look(self, change: str, after: View) -> None:
        """What a reader sees after a kill is what was there before or what comes after, never something between."""
        other = self._encoders[1] if change == "re-embed" and self._before else self._encoders[0]
        try:
            seen = self._in_child(view, self._home, other)
        except IndexStale:
            seen = self._in_child(view, self._home, self._encoders[0])
        apart = unlike(seen, after)
        name = "before" if not unlike(seen, self._before) else "something between" if apart else "after"
        self.tally.seen[name] += 1
        if name == "something between":
            self._note(change, [f"what a reader sees: {part}" for part in apart])

    def _note(self, change: str, found: Sequence[str]) -> None:
        kills = self.tally.kills.total()
        self.tally.differences += [f"round {self.tally.rounds} ({change}, {kills} kills): {what}" for what in found]

    def _in_child(self, task: Callable[..., Any], *arguments: Any) -> Any:
        """What ``task`` returns or raises in a process of its own: this one must never open what is compared."""
        receiver, sender = _FORK.Pipe(duplex=False)
        process = _FORK.Process(target=_answer, args=(receiver, sender, task, arguments))
        process.start()
        sender.close()
        result = receiver.recv()
        process.join()
        if isinstance(result, Exception):
            raise result
        return result


def _answer(receiver: Connection, sender: Connection, task: Callable[..., Any], arguments: Sequence[Any]) -> None:
    receiver.close()  # so that sending ends with the one who asked
    try:
        sender.send(task(*arguments))
    except IndexStale as error:
        sender.send(error)


def _built(home: Path, folder: Path, encoder: Encoder) -> Portrait:
    """An index built from nothing, which is what every other must equal."""
    shutil.rmtree(home, ignore_errors=True)
    index_paths(home, [folder], encoder)
    return portrait(home, encoder)


def load(encoder: Encoder) -> None:
    """Load what a run uses, so that forked children need not."""
    sentences("달빛시는 실험실을 짓는다.")
    analyse("달빛시는 ferry")
    encoder.encode(["가"])
    with suppress(CorpusError):
        VectorStore(Path(), "", "no address")  # imports Chroma and opens nothing


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the stress, print its tally and record it where asked; 1 where anything differed."""
    parser = argparse.ArgumentParser("python -m eval.crash", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="how many runs to kill (default: 200)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--record", action="store_true", help="write the tally to eval/results")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="mundap-crash-") as place:
        tally = Stress(Path(place), options.seed).run(options.kills)
    command = f"python -m eval.crash --kills {options.kills} --seed {options.seed}"
    tell("crash", command, tally.record(), keep=options.record)
    return 1 if tally.differences else 0


if __name__ == "__main__":
    sys.exit(main())
