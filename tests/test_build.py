"""The indexing run: what is added, updated, removed and told, and that a killed run loses nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import ROOT
from index import builder
from index.build import Report, index_paths, rebuild, remove_articles
from index.corpus import DATABASE, LEXICAL, VECTORS, Corpus
from index.embed import Encoder, load_encoder
from index.errors import CorpusError, IndexMissing, IndexStale, IndexUnwritable, UnreadableDocument, VectorsMissing
from index.files import article_id, find_files
from index.lexical import LexicalIndex, Unit
from index.lock import owner
from index.manifest import Manifest
from index.store import VectorStore
from index.vector_table import VectorTable, table_path

HUB = "달빛시 실험실\n\n달빛시는 공유 실험실을 짓는다고 밝혔다. 예산은 270억 원이며 2031년에 문을 연다.\n"
FERRY = "A new ferry\n\nThe town of Larkhaven bought a ferry. It carries 340 people and sails in May 2031.\n"
MARKET = "A market\n\nLarkhaven will open a covered market. It has room for 52 stalls.\n"


class Letters:
    """An encoder of another kind: how often each of sixteen groups of characters occurs."""

    dimensions = 16

    def __init__(self, name: str = "letters-1@16") -> None:
        self.name = name

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        counts = np.array(
            [[sum(ord(c) % 16 == i for c in text) for i in range(16)] for text in texts], dtype=np.float32
        )
        counts = counts.reshape(len(texts), 16)
        return counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9)


class Counting(Letters):
    """Keeps the passages that it is asked to encode, each under its title, in ``texts``."""

    def __init__(self, name: str = "letters-1@16") -> None:
        super().__init__(name)
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.texts += [text for text in texts if "\n" in text]  # the others are sentences of these
        return super().encode(texts)


LETTERS: Encoder = Letters()
OTHER: Encoder = Letters("letters-2@16")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "documents"
    (place / "sub").mkdir(parents=True)
    (place / "hub.md").write_text(HUB, encoding="utf-8")
    (place / "sub" / "ferry.txt").write_text(FERRY, encoding="utf-8")
    return place


def run(home: Path, *paths: Path, encoder: Encoder = LETTERS) -> Report:
    report = index_paths(home, list(paths), encoder)
    whole(home, encoder)
    return report


def told(report: Report) -> dict[str, list[str]]:
    """The names of the files in a report, leaving out what is empty."""
    found = {kind: getattr(report, kind) for kind in ("added", "updated", "unchanged", "removed", "skipped")}
    return {kind: sorted(Path(path).name for path in paths) for kind, paths in found.items() if paths}


def hub_and_ferry(place: Path) -> Path:
    """The new folder ``place`` with a Korean and an English document."""
    place.mkdir()
    (place / "hub.md").write_text(HUB, encoding="utf-8")
    (place / "ferry.md").write_text(FERRY, encoding="utf-8")
    return place


def sources(home: Path, encoder: Encoder = LETTERS) -> list[str]:
    return sorted(article.source for article in Corpus(home, encoder).articles.values())


def whole(home: Path, encoder: Encoder = LETTERS) -> None:
    """Manifest, vectors and lexical index of ``home`` agree, and nothing is left half done."""
    with closing(Manifest(home / DATABASE)) as manifest:
        passages = manifest.passages()
        assert manifest.articles("staged") == manifest.articles("leaving") == []
        assert not manifest.get("rebuilding") and not manifest.get("former")
        terms = [terms for terms, _ in manifest.terms()]
        generation, collection = manifest.generation, manifest.get("vectors") or ""
    store = VectorStore(home / VECTORS, collection)
    assert store.count() == len(passages)
    assert set(store.vectors([p.id for p in passages])) == {p.id for p in passages}
    assert [held.name for held in store._client.list_collections()] == [collection]
    store.close()
    table = VectorTable(table_path(home, generation), {p.id: n for n, p in enumerate(passages)}) if passages else None
    assert [path.name for path in home.glob("vectors.*")] == [f"vectors.{generation}.npy"] * bool(table)
    lexical = LexicalIndex.load(home / LEXICAL)
    assert lexical.generation == generation
    assert list(lexical.vocabulary) == list(dict.fromkeys(chain(*terms)))


def fail_once(monkeypatch: pytest.MonkeyPatch, owner_: Any, name: str, after: int = 0) -> None:
    """Let ``owner_.name`` raise as if the process were killed, on the call numbered ``after``, and work again later."""
    original: Callable[..., Any] = getattr(owner_, name)
    calls: list[int] = []

    def once(*args: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == after + 1:
            raise KeyboardInterrupt
        return original(*args, **options)

    monkeypatch.setattr(owner_, name, once)


class TestIncrements:
    def test_added_unchanged_updated_removed(self, home: Path, folder: Path) -> None:
        assert told(run(home, folder)) == {"added": ["ferry.txt", "hub.md"]}
        assert told(run(home, folder)) == {"unchanged": ["ferry.txt", "hub.md"]}
        (folder / "hub.md").write_text(HUB.replace("270억", "310억"), encoding="utf-8")
        (folder / "market.md").write_text(MARKET, encoding="utf-8")
        assert told(run(home, folder)) == {"added": ["market.md"], "updated": ["hub.md"], "unchanged": ["ferry.txt"]}
        view = Corpus(home, LETTERS)
        assert "310억" in view.article(article_id(folder / "hub.md")).text
        assert not any("270억" in passage.text for passage in view.passages)
        (folder / "hub.md").unlink()
        assert told(run(home, folder)) == {"removed": ["hub.md"], "unchanged": ["ferry.txt", "market.md"]}
        assert sources(home) == ["ferry.txt", "market.md"]

    def test_a_file_written_again_with_the_same_content_is_unchanged(self, home: Path, folder: Path) -> None:
        run(home, folder)
        os.utime(folder / "hub.md", ns=(1, 1))
        assert told(run(home, folder)) == {"unchanged": ["ferry.txt", "hub.md"]}
        manifest = Manifest(home / DATABASE)
        assert manifest.fingerprints()[article_id(folder / "hub.md")].modified == 1
        manifest.close()

    def test_only_the_folders_given_lose_articles(self, home: Path, folder: Path, tmp_path: Path) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "market.md").write_text(MARKET, encoding="utf-8")
        run(home, folder, elsewhere)
        (folder / "hub.md").unlink()
        assert told(run(home, elsewhere)) == {"unchanged": ["market.md"]}
        assert told(run(home, folder / "sub")) == {"unchanged": ["ferry.txt"]}
        assert told(run(home, folder)) == {"removed": ["hub.md"], "unchanged": ["ferry.txt"]}
        assert sources(home) == ["ferry.txt", "market.md"]

    def test_remove_by_id_keeps_the_file_and_ignores_unknown_ids(self, home: Path, folder: Path) -> None:
        run(home, folder)
        remove_articles(home, [article_id(folder / "hub.md"), "0" * 12], LETTERS)
        whole(home)
        assert sources(home) == ["ferry.txt"]
        assert (folder / "hub.md").exists()
        assert told(run(home, folder)) == {"added": ["hub.md"], "unchanged": ["ferry.txt"]}

    def test_removing_everything_leaves_an_index_that_says_what_to_do(self, home: Path, folder: Path) -> None:
        run(home, folder)
        remove_articles(home, [article_id(path) for path in find_files([folder])], LETTERS)
        with pytest.raises(IndexMissing, match="mundap index PATH"):
            Corpus(home, LETTERS)

    def test_an_article_keeps_its_id_however_its_file_is_named(
        self, home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run(home, folder)
        before = set(Corpus(home, LETTERS).articles)
        monkeypatch.chdir(folder / "sub")
        assert told(run(home, Path("ferry.txt"), Path("../hub.md"), folder)) == {"unchanged": ["ferry.txt", "hub.md"]}
        assert set(Corpus(home, LETTERS).articles) == before

    def test_only_passages_that_changed_are_encoded_again(self, home: Path, folder: Path) -> None:
        lines = [
            f"The {place} of Larkhaven has {n} rooms and opens in 203{n % 10}."
            for n in range(9, 90)
            for place in ("inn", "hall")
        ]
        (folder / "long.txt").write_text("Rooms\n\n" + " ".join(lines), encoding="utf-8")
        asked = Counting()
        index_paths(home, [folder], asked)
        passages = Corpus(home, LETTERS).passages
        assert len(asked.texts) == len(passages) > 8
        middle = lines[len(lines) // 2]
        edited = middle.replace("rooms", "doors")
        (folder / "long.txt").write_text("Rooms\n\n" + " ".join(lines).replace(middle, edited), encoding="utf-8")
        asked.texts.clear()
        assert told(index_paths(home, [folder], asked))["updated"] == ["long.txt"]
        assert len(asked.texts) == 1 and edited in asked.texts[0]
        whole(home)
        asked.texts.clear()
        index_paths(home, [folder], asked)
        assert asked.texts == []

    def test_an_unchanged_folder_opens_no_vectors_and_publishes_nothing(
        self, home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run(home, folder)
        before = (home / LEXICAL).stat().st_mtime_ns, Corpus(home, LETTERS)._generation
        monkeypatch.setattr(builder, "open_engine", None)
        index_paths(home, [folder], LETTERS)
        assert before == ((home / LEXICAL).stat().st_mtime_ns, Corpus(home, LETTERS)._generation)

    def test_progress_ends_at_the_number_of_files(self, home: Path, folder: Path) -> None:
        seen: list[tuple[int, int, str]] = []
        index_paths(home, [folder], LETTERS, progress=lambda *step: seen.append(step))
        assert seen == [(0, 2, "hub.md"), (1, 2, "ferry.txt"), (2, 2, "")]

    def test_batches_of_any_size_give_the_same_index(
        self, home: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run(home, folder)
        monkeypatch.setattr(builder, "BATCH_CHARACTERS", 0)
        run(tmp_path / "other", folder)
        one, other = Corpus(home, LETTERS), Corpus(tmp_path / "other", LETTERS)
        assert one.passages == other.passages
        assert one.articles == other.articles

    def test_an_open_corpus_takes_up_changes_when_told(self, home: Path, folder: Path) -> None:
        run(home, folder)
        view = Corpus(home, LETTERS)
        (folder / "market.md").write_text(MARKET, encoding="utf-8")
        run(home, folder)
        assert len(view.articles) == 2
        view.refresh()
        assert len(view.articles) == 3 and len(view.lexical) == len(view.passages)


class TestBadInput:
    @pytest.mark.parametrize(
        ("name", "content"), [("scan.pdf", b"%PDF-1.7 cut short"), ("noise.txt", bytes(range(256)) * 9), ("no.md", b"")]
    )
    def test_an_unreadable_file_is_told_and_the_rest_is_indexed(
        self, home: Path, folder: Path, name: str, content: bytes
    ) -> None:
        (folder / name).write_bytes(content)
        report = run(home, folder)
        assert told(report) == {"added": ["ferry.txt", "hub.md"], "skipped": [name]}
        (reason,) = report.skipped.values()
        assert name in reason and "\n" not in reason
        assert sources(home) == ["ferry.txt", "hub.md"]

    def test_a_file_that_turns_unreadable_keeps_its_last_good_version(self, home: Path, folder: Path) -> None:
        run(home, folder)
        (folder / "hub.md").write_bytes(bytes(range(256)))
        assert told(run(home, folder)) == {"unchanged": ["ferry.txt"], "skipped": ["hub.md"]}
        assert "270억" in Corpus(home, LETTERS).article(article_id(folder / "hub.md")).text

    def test_a_link_that_leads_nowhere_is_told(self, home: Path, folder: Path) -> None:
        (folder / "gone.md").symlink_to(folder / "nothing.md")
        report = run(home, folder)
        assert told(report)["added"] == ["ferry.txt", "hub.md"]
        assert len(report.skipped) == 1

    def test_a_folder_that_cannot_be_opened_loses_none_of_its_articles(
        self, home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Permissions are taken away by hand here, for root may open everything."""
        run(home, folder)
        scan = os.scandir

        def deny(place: Any = ".") -> Any:
            if Path(os.fsdecode(place)).name == "sub":
                raise PermissionError(13, "Permission denied", str(place))
            return scan(place)

        with monkeypatch.context() as patch:
            patch.setattr(os, "scandir", deny)
            report = index_paths(home, [folder], LETTERS)
        assert report.removed == []
        assert sources(home) == ["ferry.txt", "hub.md"]

    def test_a_missing_path_changes_nothing(self, home: Path, folder: Path) -> None:
        run(home, folder)
        (folder / "hub.md").unlink()
        with pytest.raises(UnreadableDocument, match=r"nowhere: there is no such file or folder"):
            index_paths(home, [folder, folder / "nowhere"], LETTERS)
        assert sources(home) == ["ferry.txt", "hub.md"]

    def test_an_empty_folder_names_what_can_be_read(self, home: Path, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        (tmp_path / "empty" / "picture.png").write_bytes(b"x")
        with pytest.raises(UnreadableDocument, match=r"empty.*no document.*\.docx.*\.txt"):
            index_paths(home, [tmp_path / "empty"], LETTERS)
        assert not home.exists()

    def test_nothing_indexed_yet(self, home: Path) -> None:
        with pytest.raises(IndexMissing, match="mundap index PATH"):
            Corpus(home, LETTERS)


class TestFindFiles:
    def test_hidden_files_and_folders_are_passed_over(self, folder: Path) -> None:
        (folder / ".draft.md").write_text(MARKET, encoding="utf-8")
        (folder / ".git").mkdir()
        (folder / ".git" / "market.md").write_text(MARKET, encoding="utf-8")
        (folder / "MARKET.MD").write_text(MARKET, encoding="utf-8")
        assert [path.name for path in find_files([folder])] == ["MARKET.MD", "hub.md", "ferry.txt"]

    def test_a_hidden_folder_given_by_name_is_read(self, tmp_path: Path) -> None:
        (tmp_path / ".notes").mkdir()
        (tmp_path / ".notes" / "market.md").write_text(MARKET, encoding="utf-8")
        assert [path.name for path in find_files([tmp_path / ".notes"])] == ["market.md"]

    def test_links_in_a_circle_end(self, folder: Path) -> None:
        (folder / "sub" / "up").symlink_to(folder)
        (folder / "again").symlink_to(folder / "sub")
        (folder / "copy.md").symlink_to(folder / "hub.md")
        assert sorted(path.name for path in find_files([folder])) == ["ferry.txt", "hub.md"]

    def test_each_file_once_in_a_fixed_order(self, folder: Path) -> None:
        once = find_files([folder])
        assert find_files([folder, folder / "sub", folder / "hub.md"]) == once
        assert all(path.is_absolute() for path in once)

    def test_a_hidden_file_given_by_name_stays_when_its_folder_is_indexed(self, home: Path, folder: Path) -> None:
        """Its file has not gone, so it must not be removed."""
        hidden = folder / ".market.md"
        hidden.write_text(MARKET, encoding="utf-8")
        assert told(run(home, hidden)) == {"added": [".market.md"]}
        assert "removed" not in told(run(home, folder))


class TestOneWriter:
    def test_the_lock_names_the_process_that_holds_it(self, home: Path, folder: Path) -> None:
        run(home, folder)
        program = "import sys; from pathlib import Path; from index.build import owner\n"
        program += "with owner(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
        command = [sys.executable, "-c", program, str(home)]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdout is not None and other.stdout.readline() == b"held\n"
            (folder / "market.md").write_text(MARKET, encoding="utf-8")
            with pytest.raises(IndexUnwritable, match=rf"process {other.pid}\b.*again"):
                index_paths(home, [folder], LETTERS)
            assert sources(home) == ["ferry.txt", "hub.md"]  # reading goes on
            other.communicate(b"")
        assert told(run(home, folder))["added"] == ["market.md"]

    def test_the_lock_of_a_killed_process_is_free(self, home: Path) -> None:
        program = "import os, sys; from pathlib import Path; from index.build import owner\n"
        program += "with owner(Path(sys.argv[1])): os._exit(9)"
        assert subprocess.run([sys.executable, "-c", program, str(home)], cwd=ROOT, check=False).returncode == 9
        with owner(home):
            assert (home / "owner").read_text() == str(os.getpid())

    def test_a_home_that_cannot_be_made_is_one_clear_line(self, tmp_path: Path, folder: Path) -> None:
        (tmp_path / "file").write_text("x")
        with pytest.raises(IndexUnwritable, match=r"file.*MUNDAP_HOME") as caught:
            index_paths(tmp_path / "file" / "home", [folder], LETTERS)
        assert "\n" not in str(caught.value)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_home_without_permission(self, home: Path, folder: Path) -> None:
        home.mkdir(mode=0o500)
        with pytest.raises(IndexUnwritable, match="MUNDAP_HOME"):
            index_paths(home, [folder], LETTERS)

    def test_another_process_takes_up_what_has_been_published(self, home: Path, folder: Path) -> None:
        """Chroma shows a process the vectors that it found at first, whatever others write."""
        run(home, folder)
        program = (
            "import sys; from pathlib import Path; sys.path.append('tests'); from test_build import LETTERS, Corpus\n"
            "view = Corpus(Path(sys.argv[1]), LETTERS)\n"
            "for line in sys.stdin:\n"
            "    view.refresh()\n"
            "    found = view.nearest(LETTERS.encode([line])[0], 9)\n"
            "    print(len(found), len(view.passages), flush=True)"
        )
        command = [sys.executable, "-c", program, str(home)]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
            assert other.stdin is not None and other.stdout is not None
            for text in (None, MARKET, MARKET + "It also has a clock.\n"):
                if text:
                    (folder / "market.md").write_text(text, encoding="utf-8")
                    run(home, folder)
                print("market", file=other.stdin, flush=True)
                expected = 3 if text else 2
                assert other.stdout.readline() == f"{expected} {expected}\n"
            other.stdin.close()

    def test_a_database_that_refuses_writing_is_told(
        self, home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run(home, folder)

        def refuse(*_: Any) -> None:
            raise sqlite3.OperationalError("attempt to write a readonly database")

        monkeypatch.setattr(Manifest, "stage", refuse)
        (folder / "market.md").write_text(MARKET, encoding="utf-8")
        with pytest.raises(IndexUnwritable, match=r"readonly.*Nothing was lost"):
            index_paths(home, [folder], LETTERS)
        assert sources(home) == ["ferry.txt", "hub.md"]


STEPS = [
    (Manifest, "stage"),
    (Manifest, "keep_sentences"),
    (VectorStore, "upsert"),
    (Manifest, "publishing"),
    (LexicalIndex, "save"),
    (builder, "write_table"),
    (builder.os, "replace"),
    (Manifest, "forget"),
]
"""What a run does, in order; the first ``replace`` is the table's, before all is published."""


class TestKilled:
    @pytest.mark.parametrize(("holder", "name"), STEPS)
    def test_the_next_run_finishes_what_was_begun(
        self, home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, holder: Any, name: str
    ) -> None:
        run(home, folder)
        (folder / "hub.md").write_text(HUB.replace("270억", "310억"), encoding="utf-8")
        (folder / "sub" / "ferry.txt").unlink()
        with monkeypatch.context() as patch:
            fail_once(patch, holder, name, after=name in ("replace", "forget"))  # the first clears what was left before
            with pytest.raises(KeyboardInterrupt):
                index_paths(home, [folder], LETTERS)
        published = name in ("replace", "forget")
        assert sources(home) == (["hub.md"] if published else ["ferry.txt", "hub.md"])
        report = told(run(home, folder))
        assert report == ({"unchanged": ["hub.md"]} if published else {"updated": ["hub.md"], "removed": ["ferry.txt"]})
        view = Corpus(home, LETTERS)
        assert sources(home) == ["hub.md"] and "310억" in view.article(article_id(folder / "hub.md")).text

    @pytest.mark.parametrize(("holder", "name"), STEPS[:6])
    def test_a_first_run_that_is_killed_leaves_no_index_and_its_work_is_kept(
        self, home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, holder: Any, name: str
    ) -> None:
        with monkeypatch.context() as patch:
            # The lexical index and the table of nothing are saved before.
            fail_once(patch, holder, name, after=name in ("save", "write_table"))
            with pytest.raises(KeyboardInterrupt):
                index_paths(home, [folder], LETTERS)
        with pytest.raises(IndexMissing):
            Corpus(home, LETTERS)
        asked = Counting()
        assert told(index_paths(home, [folder], asked)) == {"added": ["ferry.txt", "hub.md"]}
        assert len(asked.texts) == (0 if name in ("publishing", "save", "write_table") else 2)
        whole(home)

    def test_what_a_killed_run_staged_and_was_deleted_since_is_forgotten(
        self, home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            fail_once(patch, Manifest, "publishing")
            with pytest.raises(KeyboardInterrupt):
                index_paths(home, [folder], LETTERS)
        (folder / "hub.md").unlink()
        run(home, folder)  # checks that there are as many vectors as passages
        assert sources(home) == ["ferry.txt"]

    def test_a_killed_removal_is_finished(self, home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        run(home, folder)
        (folder / "hub.md").unlink()
        with monkeypatch.context() as patch:
            fail_once(patch, VectorStore, "delete")
            with pytest.raises(KeyboardInterrupt):
                index_paths(home, [folder], LETTERS)
        assert sources(home) == ["ferry.txt"]
        run(home, folder)
        assert sources(home) == ["ferry.txt"]

    def test_a_killed_update_loses_nothing_when_another_path_is_indexed_next(
        self, home: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run(home, folder)
        (folder / "hub.md").write_text(HUB.replace("270억", "310억"), encoding="utf-8")
        with monkeypatch.context() as patch:
            fail_once(patch, VectorStore, "upsert")
            with pytest.raises(KeyboardInterrupt):
                index_paths(home, [folder], LETTERS)
        (tmp_path / "market.md").write_text(MARKET, encoding="utf-8")
        run(home, tmp_path / "market.md")
        assert sources(home) == ["ferry.txt", "hub.md", "market.md"]

    @pytest.mark.parametrize("left", [None, b"", b"cut"])
    def test_without_its_lexical_file_an_index_still_answers(
        self, home: Path, folder: Path, left: bytes | None
    ) -> None:
        run(home, folder)
        if left is None:
            (home / LEXICAL).unlink()
        else:
            (home / LEXICAL).write_bytes(left)
        view = Corpus(home, LETTERS)
        scores = view.lexical.scores([Unit("ferri", {})], "en")
        assert view.passages[int(scores.argmax())].article_id == article_id(folder / "sub" / "ferry.txt")


class TestOtherEncoder:
    def test_an_index_of_another_encoder_is_refused_and_kept(self, home: Path, folder: Path) -> None:
        run(home, folder)
        with pytest.raises(IndexStale, match=r"letters-1@16.*letters-2@16.*--rebuild"):
            Corpus(home, OTHER)
        with pytest.raises(IndexStale):
            index_paths(home, [folder], OTHER)
        with pytest.raises(IndexStale):
            remove_articles(home, [article_id(folder / "hub.md")], OTHER)
        whole(home)
        assert sources(home) == ["ferry.txt", "hub.md"]

    def test_an_index_of_another_format_is_refused_and_kept(self, home: Path, folder: Path) -> None:
        run(home, folder)
        manifest = Manifest(home / DATABASE)
        assert manifest.get("format")
        manifest.set("format", "of long ago")
        manifest.close()
        with pytest.raises(IndexStale, match="--rebuild"):
            Corpus(home, LETTERS)
        with pytest.raises(IndexStale, match="--rebuild"):
            index_paths(home, [folder], LETTERS)
        assert rebuild(home, LETTERS) == 2
        assert told(run(home, folder)) == {"unchanged": ["ferry.txt", "hub.md"]}

    def test_rebuild_needs_no_files(self, home: Path, folder: Path) -> None:
        run(home, folder)
        before = Corpus(home, LETTERS)
        shutil.rmtree(folder)
        assert rebuild(home, OTHER) == 2
        whole(home, OTHER)
        after = Corpus(home, OTHER)
        assert after.articles == before.articles and after.passages == before.passages
        wanted = after.passages[0]
        vector = OTHER.encode([f"{after.article(wanted.article_id).title}\n{wanted.text}"])[0]
        found = after.vectors.nearest(vector, 1)
        assert found == pytest.approx({wanted.id: 1.0}, abs=1e-4)
        with pytest.raises(IndexStale):
            Corpus(home, LETTERS)

    @pytest.mark.parametrize("encoder", [LETTERS, OTHER], ids=["same", "other"])
    @pytest.mark.parametrize("name", ["upsert", "publishing"])
    def test_a_killed_rebuild_changes_nothing_and_is_taken_up_again(
        self, home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, encoder: Encoder, name: str
    ) -> None:
        run(home, folder)
        shutil.rmtree(folder)
        with monkeypatch.context() as patch:
            patch.setattr(builder, "BATCH_CHARACTERS", 0)
            fail_once(patch, VectorStore if name == "upsert" else Manifest, name, after=name == "upsert")
            with pytest.raises(KeyboardInterrupt):
                rebuild(home, encoder)
        assert sources(home, LETTERS) == ["ferry.txt", "hub.md"]
        asked = Counting(encoder.name)
        assert rebuild(home, asked) == 2
        assert len(asked.texts) == (1 if name == "upsert" else 0)
        whole(home, encoder)

    def test_an_ordinary_run_gives_a_killed_rebuild_up(
        self, home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run(home, folder)
        with monkeypatch.context() as patch:
            patch.setattr(builder, "BATCH_CHARACTERS", 0)
            fail_once(patch, VectorStore, "upsert", after=1)
            with pytest.raises(KeyboardInterrupt):
                rebuild(home, OTHER)
        with pytest.raises(IndexStale):
            index_paths(home, [folder], OTHER)
        assert told(run(home, folder)) == {"unchanged": ["ferry.txt", "hub.md"]}
        assert rebuild(home, OTHER) == 2
        whole(home, OTHER)

    def test_an_index_that_holds_nothing_takes_any_encoder(self, home: Path, folder: Path) -> None:
        """Else there would be no way on: with nothing indexed there is nothing to make again."""
        run(home, folder)
        remove_articles(home, [article_id(path) for path in find_files([folder])], LETTERS)
        assert told(run(home, folder, encoder=OTHER)) == {"added": ["ferry.txt", "hub.md"]}

    def test_the_bundled_encoder_finds_what_it_indexed(self, home: Path, folder: Path) -> None:
        encoder = load_encoder()
        run(home, folder, encoder=encoder)
        view = Corpus(home, encoder)
        found = view.vectors.nearest(encoder.encode(["배 ferry boat"])[0], 1)
        assert view.passages[view.numbers[next(iter(found))]].article_id == article_id(folder / "sub" / "ferry.txt")


class TestStore:
    def test_vectors_come_back_by_id_and_by_nearness(self, tmp_path: Path) -> None:
        store = VectorStore(tmp_path / "chroma", "any")
        rows = np.eye(3, dtype=np.float32)
        store.upsert(["x:0", "x:1", "y:0"], rows)
        assert store.count() == 3
        near = store.nearest(np.array([0.8, 0.6, 0.0], dtype=np.float32), 2)
        assert list(near) == ["x:0", "x:1"] and near == pytest.approx({"x:0": 0.8, "x:1": 0.6}, abs=1e-3)
        assert store.vectors(["y:0", "z:9"])["y:0"].tolist() == [0, 0, 1]
        assert store.known(["y:0", "z:9"]) == {"y:0"}
        assert store.vectors([]) == {}
        store.upsert(["x:0"], rows[2:])
        assert store.count() == 3
        store.delete(["x:0", "x:1", "unknown"])
        assert list(store.nearest(rows[0], 10)) == ["y:0"]
        store.delete(["y:0"])
        assert store.nearest(rows[0], 10) == {}

    def test_vectors_of_others_do_not_crowd_out_those_looked_for(self, tmp_path: Path) -> None:
        store = VectorStore(tmp_path, "any")
        angles = np.linspace(0, 1, 101, dtype=np.float32)
        store.upsert([f"x:{n}" for n in range(101)], np.stack([np.cos(angles), np.sin(angles)], axis=1))
        far = {f"x:{n}" for n in range(90, 101)}
        assert list(store.nearest(np.array([1.0, 0.0], dtype=np.float32), 3, None, far)) == ["x:90", "x:91", "x:92"]

    def test_collections_do_not_share_vectors(self, tmp_path: Path) -> None:
        one, other = VectorStore(tmp_path, "one"), VectorStore(tmp_path, "other")
        one.upsert(["x:0"], np.eye(3, dtype=np.float32)[:1])
        assert (one.count(), other.count()) == (1, 0)
        one.drop(["other", "unknown"])
        assert (one.count(), one.collections()) == (1, 1)

    def test_a_collection_that_is_gone_is_told(self, home: Path, folder: Path) -> None:
        run(home, folder)
        shutil.rmtree(home / VECTORS)
        with pytest.raises(VectorsMissing, match=r"chroma.*--rebuild"):
            Corpus(home, LETTERS)
        assert rebuild(home, LETTERS) == 2
        whole(home)

    @pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://127.0.0.1", "http://"])
    def test_a_bad_address_of_a_server_is_told(self, tmp_path: Path, url: str) -> None:
        with pytest.raises(CorpusError, match="MUNDAP_CHROMA_URL"):
            VectorStore(tmp_path, "any", url)

    def test_a_server_that_does_not_answer_is_told(self, tmp_path: Path, unused_port: int) -> None:
        with pytest.raises(CorpusError, match=r"No Chroma server answers at .*unset MUNDAP_CHROMA_URL"):
            VectorStore(tmp_path, "any", f"http://127.0.0.1:{unused_port}")


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
