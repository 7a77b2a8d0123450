"""Indexing by workers gives what indexing here gives: with a cluster in this process, and with a real one of Ray."""

from __future__ import annotations

import importlib.util
import json
import pickle
import random
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conftest import ROOT
from eval.invented import Articles
from eval.portrait import differences, portrait
from index import spread
from index.build import index_paths
from index.corpus import Corpus
from index.embed import load_encoder
from index.errors import CorpusError
from index.spread import index_spread

WORDS = load_encoder("words")
INSTALLED = importlib.util.find_spec("ray") is not None


class Failed(Exception):
    """What a cluster says of a task that failed."""


class Here:
    """A cluster in this process: what goes to a worker and comes back is pickled, and the last task ends first."""

    exceptions = SimpleNamespace(RayError=Failed)

    def __init__(self) -> None:
        self.tasks = 0

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 2.0}

    def remote(self, **options: int) -> Callable[[Callable[..., Any]], Any]:
        assert options == {"num_cpus": 1, "max_retries": spread.RETRIES}
        return lambda function: SimpleNamespace(remote=lambda *given: self._begin(function, given))

    def _begin(self, function: Callable[..., Any], given: tuple[Any, ...]) -> tuple[Callable[..., Any], bytes]:
        self.tasks += 1
        return function, pickle.dumps(given)

    def wait(self, tasks: list[Any]) -> tuple[list[Any], list[Any]]:
        return tasks[-1:], tasks[:-1]

    def get(self, task: tuple[Callable[..., Any], bytes]) -> Any:
        try:
            return pickle.loads(pickle.dumps(task[0](*pickle.loads(task[1]))))
        except CorpusError as error:
            raise Failed(str(error)) from error


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Here:
    engine = Here()

    @contextmanager
    def cluster(address: str) -> Iterator[Here]:
        yield engine

    monkeypatch.setattr(spread, "_cluster", cluster)
    monkeypatch.setattr(spread, "BATCH_BYTES", 2_000)
    return engine


@pytest.fixture
def articles(tmp_path: Path) -> Articles:
    return Articles(tmp_path / "articles", random.Random(5))


def test_workers_give_the_index_of_one_process_and_take_up_what_changes(
    here: Here, articles: Articles, tmp_path: Path
) -> None:
    (articles.folder / "noise.txt").write_bytes(bytes(range(256)) * 9)
    for change in (articles.update, articles.delete, articles.add):
        told = index_spread(tmp_path / "spread", [articles.folder], "words")
        alone = index_paths(tmp_path / "alone", [articles.folder], WORDS)
        for kind in ("added", "updated", "unchanged", "removed"):
            assert sorted(getattr(told, kind)) == sorted(getattr(alone, kind)), kind
        assert told.skipped == alone.skipped and len(told.skipped) == 1
        assert differences(portrait(tmp_path / "spread", WORDS), portrait(tmp_path / "alone", WORDS)) == []
        change()
    assert here.tasks > 5


def test_an_unchanged_folder_gives_workers_nothing(here: Here, articles: Articles, tmp_path: Path) -> None:
    index_spread(tmp_path / "home", [articles.folder], "words")
    before = here.tasks
    assert index_spread(tmp_path / "home", [articles.folder], "words").added == []
    assert here.tasks == before


def test_what_was_done_before_a_failure_is_kept(
    here: Here, articles: Articles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine with another encoder is found out, and nothing of its is stored."""
    encoders = iter([WORDS, WORDS, SimpleNamespace(name="another")])
    monkeypatch.setattr(spread, "_encoder", lambda name: next(encoders))
    with pytest.raises(CorpusError, match=r"expected mundap-static.* same version there.*run it again"):
        index_spread(tmp_path / "home", [articles.folder], "words")
    encoders = iter([WORDS] * 99)
    index_spread(tmp_path / "home", [articles.folder], "words")
    assert len(Corpus(tmp_path / "home", WORDS).articles) == len(list(articles.folder.iterdir()))


def test_without_the_extra_the_remedy_is_told(
    articles: Articles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(CorpusError, match=r"pip install 'mundap\[cluster\]'"):
        index_spread(tmp_path / "home", [articles.folder], "words")


def test_a_real_cluster_that_loses_a_worker_gives_the_same_index() -> None:
    """In a process of its own, which starts the cluster's nodes and kills one of their workers."""
    if not INSTALLED:
        warnings.warn("NO RAY: indexing across machines is not tested. Run `make cluster`.", stacklevel=1)
        pytest.skip("the extra cluster is not installed: make cluster")
    command = [sys.executable, "-m", "eval.machines", "--articles", "20", "--encoder", "words"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout[done.stdout.index("{") :])
    assert (found["workers_killed"], found["nodes"], found["amiss"]) == (1, 3, [])
