"""A Chroma server that several processes share: a real one, on a port of this machine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT
from eval.portrait import differences, portrait, unlike, view
from eval.servers import chroma_server
from index.build import index_paths, rebuild, remove_articles
from index.corpus import Corpus
from index.embed import load_encoder
from index.errors import CorpusError, IndexUnwritable, VectorsMissing
from index.files import article_id
from index.lock import owner
from index.store import VectorStore, fresh_name
from test_build import hub_and_ferry

ENCODER = load_encoder("words")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma_server(tmp_path_factory.mktemp("server") / "chroma") as address:
        yield address


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return hub_and_ferry(tmp_path / "documents")


def test_four_writers_and_eight_readers_lose_nothing() -> None:
    """In a process of its own: it forks, which one that has opened a vector store must not."""
    command = [sys.executable, "-m", "eval.sharing", "--writers", "4", "--readers", "8", "--rounds", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    parts = json.loads(done.stdout)["parts"]
    assert set(parts) == {"one home, in turns", "a home each, at once"}
    for part in parts.values():
        assert part["amiss"] == [] and part["runs"] == 8 and part["searches"] >= 8


def test_the_comparison_sees_what_a_server_lost(url: str, folder: Path, tmp_path: Path) -> None:
    for home, address in ((tmp_path / "one", url), (tmp_path / "other", None)):
        index_paths(home, [folder], ENCODER, address)
    one, other = portrait(tmp_path / "one", ENCODER, url), portrait(tmp_path / "other", ENCODER)
    assert differences(one, other) == []
    store = Corpus(tmp_path / "one", ENCODER, url).vectors
    store.delete([next(iter(one.vectors))])
    assert "vectors" in differences(portrait(tmp_path / "one", ENCODER, url), other)


def test_a_rebuild_takes_nothing_from_questions_under_way(url: str, folder: Path, tmp_path: Path) -> None:
    """Another process rebuilds: the collection that this one reads stays until the run after."""
    home = tmp_path / "home"
    index_paths(home, [folder], ENCODER, url)
    corpus, vector = Corpus(home, ENCODER, url), ENCODER.encode(["배 ferry"])[0]
    before = corpus.nearest(vector, 5)
    rebuild(home, ENCODER, url)
    assert len(before) == 2 and corpus.nearest(vector, 5) == before
    index_paths(home, [folder], ENCODER, url)
    with pytest.raises(VectorsMissing, match=r"not in http://127\.0\.0\.1"):
        corpus.nearest(vector, 5)
    corpus.refresh()
    assert corpus.nearest(vector, 5) == pytest.approx(before)


def test_homes_that_share_a_server_take_nothing_from_each_other(url: str, folder: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for home in (one, other):
        index_paths(home, [folder], ENCODER, url)
    before = portrait(other, ENCODER, url)
    rebuild(one, ENCODER, url)
    remove_articles(one, [article_id(folder / "hub.md")], ENCODER, url)
    assert differences(portrait(other, ENCODER, url), before) == []


def test_a_copy_of_a_home_reads_from_the_same_server(url: str, folder: Path, tmp_path: Path) -> None:
    """So a second machine answers: it needs the folder, and the server holds the vectors."""
    home, copy = tmp_path / "home", tmp_path / "copy"
    index_paths(home, [folder], ENCODER, url)
    shutil.copytree(home, copy)
    assert unlike(view(copy, ENCODER, url), view(home, ENCODER, url)) == []


def test_a_server_that_dies_is_told_in_one_line(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with chroma_server(tmp_path / "chroma") as address:
        index_paths(home, [folder], ENCODER, address)
        corpus = Corpus(home, ENCODER, address)
        store = VectorStore(tmp_path, fresh_name(), address)
    vector = ENCODER.encode(["ferry"])
    for task in (
        lambda: corpus.nearest(vector[0], 5),
        lambda: corpus.vectors.vectors(["x:0"]),
        lambda: store.known(["x:0"]),
        lambda: store.upsert(["x:0"], vector),
        lambda: store.drop(["another"]),
        lambda: Corpus(home, ENCODER, address),
    ):
        with pytest.raises(CorpusError, match=r"^No Chroma server answers at .*unset MUNDAP_CHROMA_URL\.$"):
            task()


def test_a_run_waits_for_its_turn(folder: Path, tmp_path: Path) -> None:
    home, reports = tmp_path / "home", []
    waiting = threading.Thread(target=lambda: reports.append(index_paths(home, [folder], ENCODER, wait=900)))
    with owner(home):
        waiting.start()
        with pytest.raises(IndexUnwritable, match=r"is being indexed by process .* --wait SECONDS"):
            index_paths(home, [folder], ENCODER, wait=0.2)
        assert reports == []
    waiting.join(900)
    assert len(reports[0].added) == len(Corpus(home, ENCODER).articles) == 2
