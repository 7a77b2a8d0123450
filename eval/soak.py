"""Does the program stay as it is for hours? Asks, indexes and deletes in one process, and watches its memory.

``python -m eval.soak --minutes 30``. Each round changes a folder of invented articles beside the bundled samples. While
one thread brings the index up to date and removes an article, two others ask the questions of the samples' set and about
what was invented; then the assistant takes the changes up. Every citation must be verbatim, and nothing may be raised.

Memory is what the process holds in RAM (its resident set) after each round. Its growth is the median of the last fifth of
the rounds over that of the first fifth after the warm-up, in which caches fill.
"""

from __future__ import annotations

import argparse
import gc
import random
import resource
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

from eval import origin
from eval.invented import Articles
from eval.record import tell
from eval.run import show
from eval.sets import LANGUAGES, find, load
from index.build import index_paths, remove_articles
from index.embed import Encoder, load_encoder
from rag import Assistant, Settings
from rag.settings import be_quiet

SAMPLES = origin.ROOT / "index" / "samples"
ASKERS, EACH = 2, 4  # threads that ask, and questions of each in a round
WARM = 0.2  # share of the time in which caches fill
LIMIT = 0.05  # growth of the memory after that
INVENTED = (
    "달빛시는 실험실에 얼마를 투자하나요?",
    "How many people does the ferry of Larkhaven carry?",
    "솔마을 시장에는 점포가 몇 곳 들어서나요?",
    "When does the harbour of Veldport open?",
    "그럼 새벽읍은요?",
)


@dataclass
class Tally:
    """What was done, and what the process held after each round: minutes since the start, and MB."""

    rounds: int = 0
    asked: int = 0
    answered: int = 0
    indexed: int = 0
    removed: int = 0
    articles: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)

    def growth(self) -> float:
        """Of the memory after the warm-up, as a share; 0 where there are too few rounds to tell."""
        end = self.memory[-1][0] if self.memory else 0.0
        warm = [held for minute, held in self.memory if minute >= WARM * end]
        fifth = len(warm) // 5
        return median(warm[-fifth:]) / median(warm[:fifth]) - 1 if fifth else 0.0

    def record(self) -> dict[str, Any]:
        """The figures, with the memory of some twenty rounds."""
        step = max(1, len(self.memory) // 20)
        some = [[round(minute, 1), round(held)] for minute, held in self.memory[::step]]
        ends = self.articles[:1] + self.articles[-1:]
        return {**vars(self), "articles": ends, "memory": some, "growth": round(self.growth(), 4), "limit": LIMIT}


class Soak:
    """The rounds, over a home of their own in ``place``."""

    def __init__(
        self,
        place: Path,
        seed: int,
        embedder: str | None = None,
        samples: Sequence[Path] = (SAMPLES / "ko", SAMPLES / "en"),
    ) -> None:
        self.tally = Tally()
        self._chance = random.Random(seed)
        self._home = place / "home"
        self._articles = Articles(place / "articles", self._chance)
        self._encoder: Encoder = load_encoder(embedder)
        self._folders = [*samples, self._articles.folder]
        self._index()
        self._assistant = Assistant.from_settings(Settings(self._home, embedder))
        self._questions = cycle(_questions())
        self._started = time.monotonic()

    def run(self, minutes: float) -> Tally:
        """Go on for so long, or until something is amiss."""
        while self._minutes() < minutes and not self.tally.errors:
            self.round()
            show(round(self._minutes()), round(minutes), f"{self.tally.memory[-1][1]:.0f} MB")
        return self.tally

    def _minutes(self) -> float:
        return (time.monotonic() - self._started) / 60

    def round(self) -> None:
        """Change, index, remove and ask at once, then take it up."""
        change = self._chance.choice((self._articles.add, self._articles.update, self._articles.delete))
        asked = [[next(self._questions) for _ in range(EACH)] for _ in range(ASKERS)]
        with ThreadPoolExecutor(ASKERS + 1) as pool:
            pool.submit(self._guarded, self._write, change)
            for questions in asked:
                pool.submit(self._guarded, self._ask, questions)
        self._guarded(self._assistant.refresh)
        gc.collect()
        self.tally.rounds += 1
        self.tally.memory.append((self._minutes(), resident()))
        self.tally.articles.append(len(self._assistant.articles()))

    def _guarded(self, task: Callable[..., object], *arguments: object) -> None:
        try:
            task(*arguments)
        except Exception as error:  # noqa: BLE001  # it is what is looked for
            frame = traceback.extract_tb(error.__traceback__)[-1]
            self.tally.errors.append(f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}")

    def _write(self, change: Callable[[], None]) -> None:
        change()
        self._index()
        mine = [
            a.id for a in self._assistant.articles() if Path(a.path).is_relative_to(self._articles.folder.resolve())
        ]
        remove_articles(self._home, self._chance.sample(mine, 1), self._encoder)  # the next round indexes it again
        self.tally.removed += 1

    def _index(self) -> None:
        report = index_paths(self._home, self._folders, self._encoder)
        self.tally.indexed += len(report.added) + len(report.updated)
        self.tally.errors += [f"not indexed: {len(report.skipped)} files"] if report.skipped else []

    def _ask(self, questions: Sequence[str]) -> None:
        for question in questions:
            answer = self._assistant.ask(question)
            texts = [self._assistant.article(cited.article_id).text for cited in answer.citations]
            for text, cited in zip(texts, answer.citations, strict=True):
                assert text[cited.start : cited.end] == cited.quote
            self.tally.asked += 1
            self.tally.answered += answer.status == "answered"


def _questions() -> Iterator[str]:
    """Those of the samples' set, in both languages, and now and then one about what was invented."""
    invented = cycle(INVENTED)
    for entry in load(find("samples")):
        for language in LANGUAGES:
            yield from (turn.text(language) for turn in entry.turns)
        yield next(invented)


def resident() -> float:
    """What this process holds in RAM, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rounds, print the tally and record it where asked; 1 where anything failed or the memory grew."""
    parser = argparse.ArgumentParser("python -m eval.soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30.0, help="how long (default: 30)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--record", action="store_true", help="write the tally to eval/results")
    options = parser.parse_args(arguments)
    be_quiet()
    with tempfile.TemporaryDirectory(prefix="mundap-soak-") as place:
        tally = Soak(Path(place), options.seed).run(options.minutes)
    tell(
        "soak",
        f"python -m eval.soak --minutes {options.minutes:g} --seed {options.seed}",
        tally.record(),
        keep=options.record,
    )
    return 1 if tally.errors or tally.growth() > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
