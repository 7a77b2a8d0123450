"""Do processes that share a Chroma server lose anything? Writers and readers at once, compared with an index built alone.

``python -m eval.sharing --writers 4 --readers 8``. A real server (``chroma run``) is started on this machine. Each writer
has a folder of invented articles, which it changes (adds, edits, deletes) and indexes again, round after round. In the
first part all write to one home folder, each waiting for its turn; in the second each has a home of its own, so that all
write to the server at the same time. Meanwhile every reader opens an index, searches it, and opens it anew once it has
changed. No process may fail, every search must find something, and in the end each home's manifest, every vector bit for
bit, its lexical index and the scores of fixed questions must be those of an index that one process built from the same
folders, with nothing left over.

What it does not know: what becomes of a server that is killed; its files are Chroma's own.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from eval.crash import load
from eval.invented import Articles
from eval.portrait import QUESTIONS, differences, portrait
from eval.record import tell
from eval.servers import PATIENCE, chroma_server
from index import lexicon
from index.build import index_paths
from index.corpus import Corpus
from index.embed import Encoder, load_encoder
from index.errors import IndexMissing
from rag import Assistant
from rag.settings import be_quiet

PAUSE = 2.0  # times as long as a search took until a reader's next one, so that the writers get on
_FORK = get_context("fork")  # a child has the analysers and encoders loaded


@dataclass
class Tally:
    """What the processes did, and every failure and difference found."""

    runs: int = 0
    searches: int = 0
    seconds: float = 0.0
    amiss: list[str] = field(default_factory=list)


class Crowd:
    """Writers and readers in ``place``, an empty folder, at the server at ``url``."""

    def __init__(self, place: Path, url: str, encoder: Encoder, seed: int) -> None:
        self._place, self._url, self._encoder, self._seed = place, url, encoder, seed

    def run(self, homes: int, writers: int, readers: int, rounds: int) -> Tally:
        """Let all write to and read from ``homes`` home folders, one after another where writers outnumber them."""
        started, tally = time.perf_counter(), Tally()
        chances = [random.Random(self._seed + number) for number in range(writers)]
        folders = [Articles(self._place / f"articles{number}", chance) for number, chance in enumerate(chances)]
        places = [self._place / f"home{number % homes}" for number in range(writers)]
        over, said = _FORK.Event(), _FORK.SimpleQueue()
        writing = [
            _FORK.Process(target=self._write, args=(said, *pair, rounds)) for pair in zip(places, folders, strict=True)
        ]
        reading = [
            _FORK.Process(target=self._read, args=(said, places[number % homes], over)) for number in range(readers)
        ]
        for process in (*writing, *reading):
            process.start()
        told = [said.get() for _ in writing]
        over.set()
        told += [said.get() for _ in reading]
        for process in (*writing, *reading):
            process.join()
        for kind, count, amiss in told:
            tally.runs += count if kind == "runs" else 0
            tally.searches += count if kind == "searches" else 0
            tally.amiss += amiss
        for home in dict.fromkeys(places):
            held = [f.folder for f, p in zip(folders, places, strict=True) if p == home]
            # Not here: a process that has opened a vector store must not fork, and this one has another part to go.
            comparing = _FORK.Process(target=self._compare, args=(said, home, held))
            comparing.start()
            tally.amiss += said.get()
            comparing.join()
        tally.seconds = time.perf_counter() - started
        return tally

    def _write(self, said: Any, home: Path, articles: Articles, rounds: int) -> None:
        runs, amiss = 0, []
        try:
            for number in range(rounds):
                if number:
                    getattr(articles, ("add", "update", "delete")[number % 3])()
                report = index_paths(home, [articles.folder], self._encoder, self._url, wait=PATIENCE)
                amiss += [f"{home.name}: {path} was skipped ({why})" for path, why in report.skipped.items()]
                runs += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            amiss.append(f"a writer of {home.name}: {error!r}")
        said.put(("runs", runs, amiss))

    def _read(self, said: Any, home: Path, over: Event) -> None:
        searches, amiss = 0, []
        try:
            assistant, pause = Assistant(self._opened(home)), 0.0
            while not (over.wait(pause) and searches):
                started = time.perf_counter()
                if not assistant.search(QUESTIONS[searches % len(QUESTIONS)]):
                    amiss.append(f"a reader of {home.name}: nothing was found")
                searches += 1
                assistant.refresh()
                pause = PAUSE * (time.perf_counter() - started)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            amiss.append(f"a reader of {home.name}: {error!r}")
        said.put(("searches", searches, amiss))

    def _opened(self, home: Path) -> Corpus:
        """The index in ``home``, once there is one."""
        while True:
            try:
                return Corpus(home, self._encoder, self._url)
            except IndexMissing:
                time.sleep(0.05)

    def _compare(self, said: Any, home: Path, folders: Sequence[Path]) -> None:
        """What is not as if one process had indexed ``folders`` in one go."""
        alone = home.with_name(f"{home.name}-alone")
        try:
            index_paths(alone, folders, self._encoder)
            found = differences(portrait(home, self._encoder, self._url), portrait(alone, self._encoder))
            said.put([f"{home.name}: {what} differ" for what in found])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            said.put([f"comparing {home.name}: {error!r}"])


def measure(writers: int, readers: int, rounds: int, seed: int) -> dict[str, Any]:
    """Both parts, each as JSON."""
    be_quiet()
    encoder, found = load_encoder("words"), {}
    load(encoder)
    lexicon.load()
    with tempfile.TemporaryDirectory(prefix="mundap-sharing-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        with chroma_server(place / "chroma") as url:
            for part, homes in (("one home, in turns", 1), ("a home each, at once", writers)):
                (place / part).mkdir()
                tally = Crowd(place / part, url, encoder, seed).run(homes, writers, readers, rounds)
                found[part] = {**vars(tally), "seconds": round(tally.seconds, 1)}
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run both parts, print what they did and record it where asked; 1 where anything was amiss."""
    parser = argparse.ArgumentParser("python -m eval.sharing", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=10, help="how often each writer indexes (default: 10)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--record", action="store_true", help="write the tally to eval/results")
    options = parser.parse_args(arguments)
    found = measure(options.writers, options.readers, options.rounds, options.seed)
    shown = f"--writers {options.writers} --readers {options.readers} --rounds {options.rounds} --seed {options.seed}"
    tell("sharing", f"python -m eval.sharing {shown}", {"parts": found}, keep=options.record)
    return int(any(part["amiss"] for part in found.values()))


if __name__ == "__main__":
    sys.exit(main())
