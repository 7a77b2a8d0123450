"""The table of vectors: what it finds, and that it never stands for another index than its own."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from index.build import index_paths, rebuild
from index.corpus import VECTORS, Corpus
from index.store import VectorStore
from index.vector_table import VectorTable, table_path, write_table
from test_build import FERRY, HUB, LETTERS, MARKET, Letters, sources

ROWS = np.random.default_rng(0).normal(size=(40, 16)).astype(np.float32)
IDS = [f"article:{n}" for n in range(40)]


def known(ids: Sequence[str]) -> dict[str, np.ndarray]:
    return {i: ROWS[IDS.index(i)] for i in ids if i in IDS}


def none(ids: Sequence[str]) -> dict[str, np.ndarray]:
    raise AssertionError(f"{ids} are asked for")


def numbered(ids: Sequence[str]) -> dict[str, int]:
    return {i: n for n, i in enumerate(ids)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return table_path(tmp_path, 3)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "hub.md").write_text(HUB, encoding="utf-8")
    (tmp_path / "ferry.md").write_text(FERRY, encoding="utf-8")
    index_paths(tmp_path / "home", [tmp_path / "hub.md", tmp_path / "ferry.md"], LETTERS)
    return tmp_path / "home"


class TestTable:
    def test_vectors_come_back_as_they_were(self, path: Path) -> None:
        assert write_table(path, IDS, 16, known)
        table = VectorTable(path, numbered(IDS))
        found = table.vectors([IDS[7], "unknown", IDS[0]])
        assert list(found) == [IDS[7], IDS[0]] and np.array_equal(found[IDS[7]], ROWS[7])
        assert table.count() == 40

    @given(
        vector=arrays.arrays(np.float32, 16, elements=st.floats(-1, 1, width=32)),
        limit=st.integers(1, 50),
        mask=arrays.arrays(np.bool_, 40),
    )
    def test_the_nearest_are_those_of_all_that_are_admitted(
        self, tmp_path_factory: pytest.TempPathFactory, vector: np.ndarray, limit: int, mask: np.ndarray
    ) -> None:
        path = table_path(tmp_path_factory.mktemp("table"), 1)
        write_table(path, IDS, 16, known)
        table, cosines = VectorTable(path, numbered(IDS)), ROWS @ vector
        found = table.nearest(vector, limit, mask.astype(np.float32))
        order = [n for n in np.argsort(-cosines, kind="stable") if mask[n]][:limit]
        assert sorted(found.values(), reverse=True) == list(found.values())
        assert np.allclose(list(found.values()), cosines[order], atol=1e-5)
        assert all(mask[IDS.index(i)] for i in found)
        assert len(table.nearest(vector, limit)) == min(limit, 40)

    def test_what_an_earlier_table_has_is_not_fetched(self, path: Path, tmp_path: Path) -> None:
        former = table_path(tmp_path, 2)
        write_table(former, IDS[10:30], 16, known)
        asked: list[str] = []

        def fetch(ids: Sequence[str]) -> dict[str, np.ndarray]:
            asked.extend(ids)
            return known(ids)

        assert write_table(path, IDS[:25], 16, fetch, former)
        assert asked == IDS[:10]
        held = VectorTable(path, numbered(IDS[:25]))
        assert np.array_equal(np.stack(list(held.vectors(IDS[:25]).values())), ROWS[:25])

    @pytest.mark.parametrize("damage", [b"", b"no table", None])
    def test_an_earlier_table_that_is_damaged_or_gone_is_done_without(
        self, path: Path, tmp_path: Path, damage: bytes | None
    ) -> None:
        former = table_path(tmp_path, 2)
        if damage is not None:
            former.write_bytes(damage)
        assert write_table(path, IDS, 16, known, former)
        assert np.array_equal(VectorTable(path, numbered(IDS)).vectors([IDS[5]])[IDS[5]], ROWS[5])

    def test_an_earlier_table_of_other_dimensions_is_done_without(self, path: Path, tmp_path: Path) -> None:
        write_table(table_path(tmp_path, 2), IDS, 8, lambda ids: {i: v[:8] for i, v in known(ids).items()})
        assert write_table(path, IDS, 16, known, table_path(tmp_path, 2))
        assert np.array_equal(VectorTable(path, numbered(IDS)).vectors([IDS[5]])[IDS[5]], ROWS[5])

    def test_none_is_written_without_all_vectors(self, path: Path) -> None:
        write_table(path, IDS, 16, known)
        assert not write_table(path, [*IDS, "other"], 16, known)
        assert not path.exists()

    def test_none_is_written_of_too_many(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("index.vector_table.MOST", 39)
        assert not write_table(path, IDS, 16, none)

    @pytest.mark.parametrize("ids", [IDS[:-1], [*IDS[1:], IDS[0]], [*IDS[:-1], "other"]])
    def test_a_table_of_other_passages_is_refused(self, path: Path, ids: list[str]) -> None:
        write_table(path, IDS, 16, known)
        with pytest.raises(ValueError, match="holds"):
            VectorTable(path, numbered(ids))


class TestIndex:
    def test_a_small_index_is_searched_without_the_engine(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(VectorStore, "__init__", lambda *_, **__: pytest.fail("the engine was opened"))
        corpus = Corpus(home, LETTERS)
        assert isinstance(corpus.vectors, VectorTable)
        (first, *_) = corpus.nearest(LETTERS.encode(["A new ferry\n" + FERRY.split("\n\n")[1].strip()])[0], 2)
        assert corpus.article(first.split(":")[0]).source == "ferry.md"

    def test_it_finds_what_the_engine_finds(self, home: Path) -> None:
        vector = LETTERS.encode(["The ferry 배"])[0]
        told = Corpus(home, LETTERS).nearest(vector, 5)
        table_path(home, 1).unlink()
        corpus = Corpus(home, LETTERS)
        assert isinstance(corpus.vectors, VectorStore)
        assert corpus.nearest(vector, 5) == pytest.approx(told, abs=1e-5)

    @pytest.mark.parametrize("damage", [b"", b"no table", None])
    def test_a_damaged_table_is_told_and_done_without(
        self, home: Path, damage: bytes | None, caplog: pytest.LogCaptureFixture
    ) -> None:
        path = table_path(home, 1)
        path.write_bytes(path.read_bytes()[:-8] if damage is None else damage)
        assert isinstance(Corpus(home, LETTERS).vectors, VectorStore)
        assert str(path) in caplog.text

    def test_a_run_takes_the_place_of_the_table(self, home: Path) -> None:
        reader = Corpus(home, LETTERS)
        (home.parent / "market.md").write_text(MARKET, encoding="utf-8")
        index_paths(home, [home.parent / "market.md"], LETTERS)
        assert [path.name for path in home.glob("vectors.*")] == ["vectors.2.npy"]
        assert reader.vectors.count() == 2  # of the generation that it was opened at
        reader.refresh()
        assert reader.vectors.count() == 3 and isinstance(reader.vectors, VectorTable)

    def test_an_index_of_an_earlier_version_gets_its_table(self, home: Path) -> None:
        table_path(home, 1).unlink()
        index_paths(home, [home.parent / "hub.md"], LETTERS)  # unchanged
        assert isinstance(Corpus(home, LETTERS).vectors, VectorTable)

    def test_a_rebuild_with_another_encoder_keeps_none_of_the_vectors(self, home: Path) -> None:
        class Mirrored(Letters):
            def encode(self, texts: Sequence[str]) -> np.ndarray:
                return super().encode(texts)[:, ::-1].copy()

        other = Mirrored("mirrored-1@16")
        before = Corpus(home, LETTERS)
        rebuild(home, other)
        after = Corpus(home, other)
        assert isinstance(after.vectors, VectorTable) and sources(home, other) == ["ferry.md", "hub.md"]
        for i, vector in after.vectors.vectors(list(after.numbers)).items():
            assert np.allclose(vector, before.vectors.vectors([i])[i][::-1], atol=1e-6)

    def test_without_the_vector_store_there_is_no_table(self, home: Path) -> None:
        shutil.rmtree(home / VECTORS)
        with pytest.raises(Exception, match="--rebuild"):
            Corpus(home, LETTERS)
