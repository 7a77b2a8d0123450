"""An index with both legs in a distributed engine finds what the embedded one finds, and is as hard to break.

The engine is Milvus Lite behind its real client and a port where the extra ``cluster`` is installed, and in any case one
in memory that multiplies vectors plainly.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

import index.cluster
import index.milvus
from eval.alike import apart
from eval.servers import milvus_server
from index.build import index_paths, rebuild, remove_articles
from index.builder import Builder
from index.cluster import ClusterCorpus, open_corpus
from index.corpus import LEXICAL, Corpus
from index.embed import load_encoder
from index.engine import MILVUS
from index.errors import CorpusError, IndexMissing, VectorsMissing
from index.files import article_id, snapshot
from index.lexical import LexicalIndex, Unit
from index.milvus import MilvusStore, _expression
from index.read import read_article
from index.sparse import Sparse, passage_vector, query_vector
from index.types import Entry, Filter
from index.weights import Excerpt, TermTable
from rag import Assistant, Settings
from rag.premises import survey
from rag.query import QueryMaker
from test_build import HUB, hub_and_ferry

INSTALLED = importlib.util.find_spec("pymilvus") is not None
WORDS = load_encoder("words")
QUESTIONS = (
    "K-바이오 랩 허브의 사업비는 얼마인가요?",
    "How many firms met Korean startups in Boston on April 28?",
    "규제 완화",
    "When will the bio hub in Songdo be finished?",
    "윤 대통령의 미국 국빈 방문으로 유치한 투자액은 얼마인가요?",
    "venture capital",
)
FILTERS = (None, Filter(languages=frozenset({"ko"})), Filter(since="2023-05-10"), Filter(publishers=frozenset({"x"})))


class Shelf:
    """An engine in memory: what :class:`MilvusStore` promises, by plain multiplication over all that it holds."""

    kept: dict[str, dict[str, tuple[Entry, np.ndarray, Sparse]]] = {}

    def __init__(self, collection: str, url: str, *, create: bool = True) -> None:
        if collection not in self.kept and not create:
            raise VectorsMissing(collection)
        self._rows = self.kept.setdefault(collection, {})

    def close(self) -> None:
        pass

    def add(self, entries: Sequence[Entry], vectors: np.ndarray) -> None:
        for entry, vector in zip(entries, vectors, strict=True):
            self._rows[entry.passage.id] = entry, vector, passage_vector(entry.terms, entry.article.language)

    def describe(self, entries: Sequence[Entry]) -> None:
        self.add(entries, np.stack([self._rows[entry.passage.id][1] for entry in entries]))

    def delete(self, ids: Sequence[str]) -> None:
        for i in ids:
            self._rows.pop(i, None)

    def drop(self, collections: Collection[str]) -> None:
        for name in collections:
            self.kept.pop(name, None)

    def known(self, ids: Sequence[str]) -> set[str]:
        return {i for i in ids if i in self._rows}

    def count(self) -> int:
        return len(self._rows)

    def vectors(self, ids: Sequence[str]) -> dict[str, np.ndarray]:
        return {i: self._rows[i][1] for i in ids if i in self._rows}

    def nearest(self, leg: str, query: np.ndarray | Sparse, limit: int, only: Filter | None = None) -> dict[str, float]:
        found = {}
        for i, (entry, dense, sparse) in self._rows.items():
            if only is None or only.admits(entry.article):
                found[i] = (
                    float(dense @ query) if leg == "dense" else sum(w * query.get(d, 0.0) for d, w in sparse.items())
                )
        ranked = sorted(found, key=lambda i: -found[i])
        return {i: found[i] for i in ranked[:limit] if leg == "dense" or found[i] > 0}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not INSTALLED:
        warnings.warn("NO MILVUS: its client is not tested. Run `make cluster`.", stacklevel=1)
        pytest.skip("the extra cluster is not installed: make cluster")
    with milvus_server(tmp_path_factory.mktemp("milvus") / "data") as address:
        yield MILVUS + address


@pytest.fixture(params=["in memory", "Milvus Lite"])
def url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "Milvus Lite":
        return str(request.getfixturevalue("server"))
    monkeypatch.setattr(index.milvus, "MilvusStore", Shelf)
    monkeypatch.setattr(index.cluster, "MilvusStore", Shelf)
    monkeypatch.setattr(Shelf, "kept", {})
    return f"{MILVUS}memory"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return hub_and_ferry(tmp_path / "documents")


def test_the_ten_best_are_those_of_the_embedded_index(samples_home: Path, own_samples: Path, url: str) -> None:
    encoder = load_encoder()
    rebuild(own_samples, encoder, url)
    embedded, cluster = Corpus(samples_home, encoder), open_corpus(own_samples, encoder, url)
    assert isinstance(cluster, ClusterCorpus) and (cluster.vectors.count(), len(cluster.lexical)) == (
        len(embedded.passages),
        len(embedded.lexical),
    )
    assert list(cluster.lexical.vocabulary) == list(embedded.lexical.vocabulary)
    one, other = Assistant(embedded), Assistant(cluster)
    for question in QUESTIONS:
        for only in FILTERS:
            hits = one.search(question, 10, only)
            assert apart(hits, other.search(question, 10, only)) == []
            assert bool(hits) == (only is not FILTERS[-1])
    first, second = one.ask(QUESTIONS[0]), other.ask(QUESTIONS[0])
    assert (first.text, first.citations) == (second.text, second.citations) and first.status == "answered"
    assert other.articles() == one.articles()
    embedded.vectors.close()


def test_a_run_adds_updates_and_removes_and_readers_keep_what_they_opened(
    folder: Path, tmp_path: Path, url: str
) -> None:
    home = tmp_path / "home"
    index_paths(home, [folder], WORDS, url)
    corpus = open_corpus(home, WORDS, url)
    reader = Assistant(corpus)
    assert {hit.article_id for hit in reader.search("실험실 예산")} == {article_id(p) for p in folder.iterdir()}
    (folder / "hub.md").write_text(HUB.replace("270억", "310억"), encoding="utf-8")
    (folder / "ferry.md").unlink()
    index_paths(home, [folder], WORDS, url)
    assert "270억" in reader.article(article_id(folder / "hub.md")).text
    reader.refresh()
    (hit,) = reader.search("실험실 예산")
    assert "310억" in reader.passage(hit).text and corpus.vectors.count() == 1
    remove_articles(home, [hit.article_id], WORDS, url)
    with pytest.raises(IndexMissing):
        open_corpus(home, WORDS, url)


def test_metadata_that_changed_alone_is_taken_up_by_the_filter(folder: Path, tmp_path: Path, url: str) -> None:
    """The passage is the same, and so is its id: its vector is not made again, but the engine must know the new date."""
    home, page = tmp_path / "home", folder / "dated.md"
    text = "---\ntitle: A pier\ndate: {}\n---\n\nThe pier of Larkhaven opens and has room for nine boats.\n"
    page.write_text(text.format("2021-03-04"), encoding="utf-8")
    index_paths(home, [folder], WORDS, url)
    page.write_text(text.format("2024-03-04"), encoding="utf-8")
    index_paths(home, [folder], WORDS, url)
    reader = Assistant(open_corpus(home, WORDS, url))
    assert [hit.article_id for hit in reader.search("pier", only=Filter(since="2023-01-01"))] == [article_id(page)]
    assert not reader.search("pier", only=Filter(until="2022-01-01"))


def test_what_a_killed_run_staged_is_not_seen_and_then_finished(folder: Path, tmp_path: Path, url: str) -> None:
    home = tmp_path / "home"
    index_paths(home, [folder / "hub.md"], WORDS, url)
    builder = Builder(home, WORDS, url)
    builder.check()
    data, fingerprint = snapshot(folder / "ferry.md")
    builder.add(
        [(read_article(folder / "ferry.md", article_id=article_id(folder / "ferry.md"), data=data), fingerprint)]
    )
    builder.settle()
    builder.close()  # as if it ended here
    corpus = open_corpus(home, WORDS, url)
    assert corpus.vectors.count() == 2 and len(corpus.articles) == 1
    assert [hit.article_id for hit in Assistant(corpus).search("ferry")] == [article_id(folder / "hub.md")]
    index_paths(home, [folder], WORDS, url)
    assert len(open_corpus(home, WORDS, url).articles) == 2


def test_another_kind_of_word_index_is_made_again(folder: Path, tmp_path: Path, url: str) -> None:
    home = tmp_path / "home"
    index_paths(home, [folder], WORDS, url)
    table = TermTable.load(home / LEXICAL)
    with pytest.raises(VectorsMissing):
        Corpus(home, WORDS)
    LexicalIndex([]).save(home / LEXICAL, table.generation)
    corpus = open_corpus(home, WORDS, url)
    assert corpus.lexical.vocabulary == table.vocabulary and len(corpus.lexical) == len(table) == 2


def test_proposals_hold_the_best_and_an_excerpt_scores_them_as_the_whole(samples_home: Path) -> None:
    corpus = Corpus(samples_home, load_encoder())
    rows = list(corpus._manifest.terms())
    table, maker = TermTable(rows), QueryMaker(list(corpus.lexical.vocabulary))
    assert isinstance(corpus.lexical, LexicalIndex)
    sparse = [passage_vector(terms, language) for terms, language in rows]
    for question in QUESTIONS:
        query = maker.make(question, "en" if question.isascii() else "ko")
        scores = corpus.lexical.scores(query.units, query.language, 1.1)
        excerpt = Excerpt(table, [rows[n][0] for n in (3, 1, 2)], [rows[n][1] for n in (3, 1, 2)], query.units)
        assert excerpt.scores(query.units, query.language, 1.1).tolist() == scores[[3, 1, 2]].tolist()
        asked = query_vector(query.units, table, query.language, 1.1)
        products = np.array([sum(w * asked.get(d, 0.0) for d, w in row.items()) for row in sparse])
        assert (products > 0).tolist() == (scores > 0).tolist()
        best = set(np.argsort(-scores, kind="stable")[:3].tolist())
        assert best <= set(np.argsort(-products, kind="stable")[:10].tolist())


def test_of_single_terms_the_product_is_the_score() -> None:
    rows = [(["a"] * 2 + ["b"] * 78, "en"), (["a"] + ["c"] * 79, "en"), (["a"] * 5 + ["d"] * 75, "ko")]
    table, whole = TermTable(rows), LexicalIndex(rows)  # type: ignore[arg-type]
    units = [Unit("a", {}), Unit("b", {}, 0.5), Unit("z", {})]
    asked = query_vector(units, table, "en", 1.5)
    products = [sum(w * asked.get(d, 0.0) for d, w in passage_vector(*row).items()) for row in rows]  # type: ignore[arg-type]
    assert products == pytest.approx(whole.scores(units, "en", 1.5).tolist(), rel=1e-5)


class TestMilvus:
    def test_a_filter_says_nothing_that_a_visitor_wrote(self) -> None:
        hostile = '"] or id != "'
        only = Filter(frozenset({"ko", hostile}), frozenset({hostile}), frozenset({"a1b2", hostile}), hostile, hostile)
        said = _expression(only)
        assert said is not None and hostile not in said and "or" not in said.split()
        assert _expression(Filter(articles=frozenset({hostile}))) is None
        assert _expression(Filter(since="2023-01-01")) == 'published >= "2023-01-01"'

    def test_a_server_that_does_not_answer_is_told(self, tmp_path: Path) -> None:
        if not INSTALLED:
            with pytest.raises(CorpusError, match=r"pip install 'mundap\[cluster\]'"):
                MilvusStore("any", "http://127.0.0.1:9")
            return
        with milvus_server(tmp_path / "data") as address:
            store = MilvusStore("any", address)
        for task in (lambda: store.count() or store.drop(["x"]), lambda: MilvusStore("any", f"{address}")):
            with pytest.raises(CorpusError, match=r"^No Milvus server answers at .*unset MUNDAP_MILVUS_URL\.$"):
                task()

    @pytest.mark.skipif(not INSTALLED, reason="the extra cluster is not installed: make cluster")
    @pytest.mark.parametrize("address", ["127.0.0.1:19530", "ftp://127.0.0.1", "http://", "http://me:secret@"])
    def test_a_bad_address_is_told_without_its_password(self, address: str) -> None:
        with pytest.raises(CorpusError, match="MUNDAP_MILVUS_URL is ") as told:
            MilvusStore("any", address)
        assert "secret" not in str(told.value)

    def test_two_places_are_one_too_many(self) -> None:
        both = {"MUNDAP_CHROMA_URL": "http://127.0.0.1:8000", "MUNDAP_MILVUS_URL": "http://me:secret@127.0.0.1"}
        settings = Settings.from_env(both)
        assert "secret" not in repr(settings)
        with pytest.raises(CorpusError, match="both set"):
            _ = settings.store_url
        assert Settings.from_env({"MUNDAP_MILVUS_URL": "http://h:1"}).store_url == "milvus+http://h:1"


def test_the_doctor_counts_in_the_engine_and_tells_no_password(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.milvus, "MilvusStore", Shelf)
    monkeypatch.setattr(Shelf, "kept", {})
    settings = Settings(tmp_path / "home", embedder="words", milvus_url="http://me:secret@host:19530")
    index_paths(settings.home, [folder], WORDS, settings.store_url)
    (found,) = (finding for finding in survey(settings) if finding.name == "vectors")
    assert found.grade == "ok" and found.seen.startswith("2 in the Milvus server at http://")
    assert "secret" not in found.seen
    Shelf.kept.clear()
    (found,) = (finding for finding in survey(settings) if finding.name == "vectors")
    assert found.grade == "problem"
