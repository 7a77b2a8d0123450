"""Do the readers stand any file? Reads spoilt documents for as long as it is given, and says what went wrong.

``python -m eval.fuzz --minutes 20``. Sound documents of every kind (:mod:`eval.specimens`) are spoilt at random
(:mod:`eval.distort`) and read in a process of their own. A case has failed where anything but an
:class:`~index.errors.UnreadableDocument` comes out, where it takes more than ``SECONDS`` of the processor or ``MEMORY``
bytes, where the process dies, or where an article comes out that cleaning would change again. A case is known by its
number: ``--case N`` reads it once more and keeps its file.

What it does not know: whether the text of a spoilt document is the right one, and which lines of code it has reached.
"""

from __future__ import annotations

import argparse
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from eval.distort import distort
from eval.record import tell
from eval.run import show
from eval.specimens import specimens
from index.clean import clean
from index.errors import UnreadableDocument
from index.normalise import normalise
from index.read import read_article
from index.types import Article

SECONDS = 10  # of the processor that a case may take
PATIENCE = 300.0  # seconds after which a case that takes none of the processor's time is given up
MEMORY = 1_000_000_000  # bytes of address space that a case may take beyond what the process had
_FORK = get_context("fork")


@dataclass
class Tally:
    """What became of the cases, by kind of file; ``failures`` names each by its number, ``slowest`` is in seconds."""

    seed: int
    cases: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0
    slowest_case: int = -1
    peak_mb: float = 0.0
    minutes: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """``what`` is ``read``, ``refused`` or what failed; seconds of the processor; the process's peak in MB."""

    what: str
    seconds: float = 0.0
    peak_mb: float = 0.0


def case(seed: int, number: int) -> tuple[str, bytes]:
    """The suffix and the bytes of a case."""
    chance, sound = random.Random(f"{seed}/{number}"), specimens()
    chosen = sound[number % len(sound)]
    return chosen.suffix, distort(chosen, sound, chance)


def outcome(suffix: str, data: bytes) -> Outcome:
    """Read one document; anything unexpected is named by its kind and its place."""
    started = time.process_time()
    try:
        what = unsound(read_article(Path(f"case{suffix}"), data=data)) or "read"
    except UnreadableDocument as error:
        line = str(error)
        what = "refused" if "\n" not in line and "MemoryError" not in line else f"said {line[:200]!r}"
    except (Exception, RecursionError, MemoryError) as error:  # noqa: BLE001  # it is what is looked for
        frame = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}: {str(error)[:100]!a}"
    return Outcome(what, time.process_time() - started, peak())


def unsound(article: Article) -> str:
    """What is amiss with an article that was read, else empty."""
    if not article.text or normalise(article.text) != article.text:
        return "text that is not normalised"
    if clean(article.text).text != article.text:
        return "text that cleaning changes again"
    every = (article.title, article.publisher, article.author, article.published or "")
    return "a fact of several lines" if any("\n" in fact for fact in every) else ""


def peak() -> float:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1000 if sys.platform != "darwin" else 1_000_000)


class Fuzzer:
    """Reads cases in a process that is started again whenever one has ended it."""

    def __init__(self, seed: int) -> None:
        self.tally = Tally(seed)
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = _FORK.Pipe()
        self._worker = _FORK.Process(target=_work, args=(theirs, self._pipe, self.tally.seed), daemon=True)
        self._worker.start()
        theirs.close()

    def run(self, minutes: float, most: int | None = None) -> Tally:
        """Read cases for so long, or ``most`` of them."""
        started, number = time.monotonic(), 0
        while time.monotonic() - started < 60 * minutes and number != most:
            self._one(number)
            number += 1
            if number % 100 == 0:
                show(number, number, f"{len(self.tally.failures)} failed")
        self._pipe.close()
        self._worker.join()
        self.tally.minutes = round((time.monotonic() - started) / 60, 1)
        return self.tally

    def _one(self, number: int) -> None:
        tally, suffix = self.tally, specimens()[number % len(specimens())].suffix
        self._pipe.send(number)
        found = self._answer()
        tally.cases[suffix] += 1
        tally.peak_mb = max(tally.peak_mb, round(found.peak_mb))
        if found.seconds > tally.slowest:
            tally.slowest, tally.slowest_case = round(found.seconds, 2), number
        if found.what in ("read", "refused"):
            (tally.read if found.what == "read" else tally.refused)[suffix] += 1
        else:
            tally.failures.append(f"case {number} ({suffix}): {found.what}")

    def _answer(self) -> Outcome:
        try:
            if self._pipe.poll(PATIENCE):
                answer: Outcome = self._pipe.recv()
                return answer
            self._worker.kill()
        except EOFError:
            pass
        self._worker.join()
        code = self._worker.exitcode
        self._pipe.close()
        self._start()
        if code == -signal.SIGPROF:
            return Outcome(f"more than {SECONDS} s of the processor", SECONDS)
        return Outcome(f"the process ended with {code}")


def _work(pipe: Connection, other: Connection, seed: int) -> None:
    other.close()  # so that receiving ends with the one who asks
    for sound in specimens():  # load every library before its memory counts
        outcome(sound.suffix, sound.join(sound.parts))
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY, held + MEMORY))
    while True:
        try:
            number = pipe.recv()
        except EOFError:
            return
        made = case(seed, number)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # its signal ends the process
        found = outcome(*made)
        signal.setitimer(signal.ITIMER_PROF, 0)
        pipe.send(found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz, print the tally and record it where asked; 1 where a case failed."""
    parser = argparse.ArgumentParser("python -m eval.fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20.0, help="how long (default: 20)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--case", type=int, help="read this case alone, and keep its file here")
    parser.add_argument("--record", action="store_true", help="write the tally to eval/results")
    options = parser.parse_args(arguments)
    if options.case is not None:
        suffix, data = case(options.seed, options.case)
        Path(f"case-{options.seed}-{options.case}{suffix}").write_bytes(data)
        sys.stdout.write(f"{outcome(suffix, data)}\n")
        return 0
    tally = Fuzzer(options.seed).run(options.minutes)
    command = f"python -m eval.fuzz --minutes {options.minutes:g} --seed {options.seed}"
    tell("fuzz", command, vars(tally), keep=options.record)
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
