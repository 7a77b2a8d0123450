"""The command line over the real samples and the bundled model: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pytest_socket import SocketConnectBlockedError
from typer.main import get_command
from typer.testing import CliRunner, Result

import cli
from conftest import ROOT, SAMPLES
from index.corpus import DATABASE
from index.manifest import Manifest

HUB = SAMPLES / "ko" / "songdo-bio-hub.md"
KENDALL = SAMPLES / "en" / "kendall-square.md"
COUNT = len(list(SAMPLES.glob("*/*.md")))
QUESTION = "K-바이오 랩 허브는 몇 년에 완공되나요?"
UNANSWERED = "고양이는 몇 살까지 사나요?"
COMMANDS: dict[str, Any] = get_command(cli.app).commands  # type: ignore[attr-defined]
UNDATED = """달빛시 도서관이 새 건물로 이사했다

달빛시는 시립 도서관이 새 건물로 옮겨 문을 열었다고 밝혔다. 새 도서관의 열람석은 모두 730석이다.
"""


def invoke(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli.app, list(words), input=stdin)


def done(*words: str) -> Result:
    result = invoke(*words)
    assert result.exit_code == 0, result.output
    assert "Traceback" not in result.stderr
    return result


def value(*words: str) -> Any:
    """What a command prints with ``--json``: the whole of standard output is one JSON value."""
    return json.loads(done(*words, "--json").stdout_bytes.decode("utf-8"))


def refused(result: Result) -> str:
    """The one line of a user's error."""
    assert result.exit_code == 2, result.output
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("mundap: "), result.stderr
    return lines[0]


def shell(words: Sequence[str | bytes], **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The program as a process of its own, with the environment of the test."""
    command = [sys.executable, str(ROOT / "cli.py"), *words]
    return subprocess.run(command, capture_output=True, env=os.environ | environment, check=False, timeout=120)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A user's folder of two documents."""
    place = tmp_path / "documents"
    place.mkdir()
    shutil.copy(HUB, place / "hub.md")
    shutil.copy(KENDALL, place / "kendall.md")
    return place


def counts(report: dict[str, Any]) -> dict[str, int]:
    return {name: len(files) for name, files in report.items() if files}


class TestHelp:
    def test_no_command_shows_the_help(self) -> None:
        assert done().stdout == done("--help").stdout

    def test_every_command_of_the_contract_is_there(self) -> None:
        assert set(COMMANDS) == {"index", "ask", "search", "chat", "list", "remove", "doctor", "eval", "bench"}

    @pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
    def test_help_has_an_example_and_korean(self, command: tuple[str, ...]) -> None:
        text = done(*command, "--help").stdout
        assert re.search(r"Example / 예:\n +mundap " + (command[0] if command else "index"), text)
        assert re.search(r"^ +[^ ]*[가-힣].*[다.]$", text, re.MULTILINE)

    def test_nothing_heavy_is_imported_for_it(self) -> None:
        program = (
            "import sys, cli\n"
            "try:\n    cli.app(['--help'])\nexcept SystemExit as end:\n    assert not end.code\n"
            "found = set(sys.argv[1:]) & sys.modules.keys()\nassert not found, found"
        )
        heavy = ["torch", "chromadb", "gradio", "llama_index", "sentence_transformers", "numpy", "kiwipiepy", "rich"]
        ran = subprocess.run([sys.executable, "-c", program, *heavy], cwd=ROOT, capture_output=True, check=False)
        assert ran.returncode == 0, ran.stderr.decode()

    def test_it_takes_less_than_a_third_of_a_second(self) -> None:
        def processor_seconds() -> float:
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            return used.ru_utime + used.ru_stime

        def once() -> float:
            before = processor_seconds()
            assert shell(["--help"]).returncode == 0
            return processor_seconds() - before

        assert min(once() for _ in range(3)) < 0.3

    def test_version(self) -> None:
        assert done("--version").stdout.startswith("mundap ")


class TestIndex:
    def test_new_unchanged_changed_and_deleted_files(self, folder: Path) -> None:
        assert value("index", str(folder))["added"] == [str(folder / "hub.md"), str(folder / "kendall.md")]
        assert counts(value("index", str(folder))) == {"unchanged": 2}
        (folder / "hub.md").write_text(UNDATED, encoding="utf-8")
        assert value("index", str(folder))["updated"] == [str(folder / "hub.md")]
        (folder / "kendall.md").unlink()
        report = value("index", str(folder))
        assert report["removed"] == [str(folder / "kendall.md")]
        assert list(report) == ["added", "updated", "unchanged", "removed", "skipped"]
        assert [article["source"] for article in value("list")] == ["hub.md"]

    def test_text_has_the_counts_and_no_progress_in_a_pipe(self, folder: Path) -> None:
        result = done("index", str(folder))
        assert result.stdout == "2 added, 0 updated, 0 unchanged, 0 removed, 0 skipped\n"
        assert result.stderr == ""

    @pytest.mark.parametrize(
        ("name", "content"),
        [("broken.pdf", b"%PDF-1.7 cut short"), ("noise.txt", bytes(range(256)) * 20), ("x\ny\x1b[31m.pdf", b"no")],
    )
    def test_an_unreadable_file_is_told_and_the_rest_kept(self, folder: Path, name: str, content: bytes) -> None:
        bad = folder / name
        bad.write_bytes(content)
        result = invoke("index", str(folder), "--json")
        line = refused(result)
        assert name.split("\n")[0] in line and "\x1b" not in line
        report = json.loads(result.stdout)
        assert counts(report) == {"added": 2, "skipped": 1}
        assert list(report["skipped"]) == [str(bad)]
        assert len(value("list")) == 2

    def test_samples_left_beside_own_documents_are_pointed_at(self, own_samples: Path, folder: Path) -> None:
        assert f"{COUNT} bundled samples" in (text := done("index", str(folder)).stdout)
        assert "mundap remove --samples" in text
        assert done("remove", "--samples").stdout == f"{COUNT} removed, 2 left\n"
        assert {article["source"] for article in value("list")} == {"hub.md", "kendall.md"}
        assert "samples" not in done("index", str(folder)).stdout

    def test_samples_alone_are_no_news(self, own_samples: Path) -> None:
        assert "bundled" not in done("index", str(SAMPLES / "ko"), str(SAMPLES / "en")).stdout

    def test_rebuild_needs_no_path_and_keeps_every_article(self, folder: Path) -> None:
        done("index", str(folder))
        before = value("list")
        shutil.rmtree(folder)
        assert len(value("index", "--rebuild")["updated"]) == 2
        assert value("list") == before
        assert value("search", "Kendall Square", "--limit", "1")[0]["source"] == "kendall.md"


class TestAsk:
    def test_json_is_the_answer_and_every_quote_is_verbatim(self, use_samples: Path) -> None:
        answer = value("ask", QUESTION)
        fields = ["question", "query", "language", "status", "text", "generator", "citations", "hits", "timings"]
        fields += ["notice", "read", "dropped", "direct", "confidence", "agreements", "conflicts"]
        assert list(answer) == fields
        assert (answer["question"], answer["language"], answer["status"]) == (QUESTION, "ko", "answered")
        texts = {article["id"]: article["text"] for article in value("list")}
        assert answer["citations"]
        for citation in answer["citations"]:
            assert texts[citation["article_id"]][citation["start"] : citation["end"]] == citation["quote"]
            assert f"[{citation['number']}]" in answer["text"]

    def test_text_shows_the_answer_then_each_source_with_its_quote(self, use_samples: Path) -> None:
        answer = value("ask", QUESTION)
        text = done("ask", QUESTION).stdout
        assert text.startswith(answer["text"])
        for citation in answer["citations"]:
            origin = [citation["title"], citation["publisher"], citation["published"]]
            origin += [{"ko": "한국어", "en": "영어"}[citation["language"]], citation["source"]]
            assert f"\n[{citation['number']}] {' · '.join(origin)}\n    {citation['quote']}\n" in text

    @pytest.mark.parametrize(("language", "label"), [("ko", "날짜 없음"), ("en", "undated")])
    def test_a_missing_date_is_told(self, folder: Path, language: str, label: str) -> None:
        (folder / "library.txt").write_text(UNDATED, encoding="utf-8")
        done("index", str(folder / "library.txt"))
        text = done("ask", "달빛시 새 도서관의 열람석은 몇 석인가요?", "--language", language).stdout
        assert "730" in text
        assert f"· {label} ·" in text

    def test_a_refusal_shows_related_passages(self, use_samples: Path) -> None:
        answer = value("ask", UNANSWERED)
        assert (answer["status"], answer["citations"]) == ("no_evidence", [])
        text = done("ask", UNANSWERED).stdout
        assert text.startswith(answer["text"])
        assert "관련 문서 (답은 아님):" in text
        assert any(article["title"] in text for article in value("list"))

    def test_a_question_from_standard_input(self, use_samples: Path) -> None:
        piped = invoke("ask", "-", "--json", stdin=QUESTION)
        assert json.loads(piped.stdout)["citations"] == value("ask", QUESTION)["citations"]


class TestSearch:
    def test_json_has_the_hits_with_their_articles(self, use_samples: Path) -> None:
        hits = value("search", "Kendall Square biotech", "--limit", "3")
        assert len(hits) == 3
        expected = ["article_id", "passage_id", "score", "start", "end", "title", "source", "language", "text"]
        assert all(sorted(hit) == sorted(expected) for hit in hits)
        assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
        assert hits[0]["source"] == "kendall-square.md"
        texts = {article["id"]: article["text"] for article in value("list")}
        assert all(texts[hit["article_id"]][hit["start"] : hit["end"]] == hit["text"] for hit in hits)

    def test_text_is_ranked(self, use_samples: Path) -> None:
        lines = done("search", "Kendall Square biotech", "--limit", "2").stdout.splitlines()
        assert [line.split()[0] for line in lines[::2]] == ["1.", "2."]
        assert "kendall-square.md" in lines[0] and "2023-05-20" in lines[0]


class TestListAndRemove:
    def test_json_has_every_field_of_an_article(self, use_samples: Path) -> None:
        articles = value("list")
        assert len(articles) == COUNT
        expected = ["id", "source", "path", "language", "text", "title", "publisher", "author", "published"]
        assert all(list(article) == expected for article in articles)

    def test_text_has_a_line_for_each_article(self, use_samples: Path) -> None:
        lines = done("list").stdout.splitlines()
        assert len(lines) == COUNT + 1
        assert all(re.match(r"[0-9a-f]{12}  (\d{4}-\d\d-\d\d|undated)   ?(ko|en)  ", line) for line in lines[:-1])

    def test_an_empty_home_lists_nothing_and_stays_empty(self, tmp_path: Path) -> None:
        assert value("list") == []
        assert "mundap index PATH" in done("list").stdout
        assert not (tmp_path / "home").exists()

    def test_remove_by_id(self, folder: Path) -> None:
        done("index", str(folder))
        first, second = value("list")
        assert done("remove", first["id"]).stdout == "1 removed, 1 left\n"
        assert value("list") == [second]
        assert (folder / first["source"]).exists()

    def test_an_unknown_id_removes_nothing(self, own_samples: Path) -> None:
        known = value("list")
        line = refused(invoke("remove", known[0]["id"], "0123456789ab"))
        assert "0123456789ab" in line and known[0]["id"] not in line and "mundap list" in line
        assert value("list") == known


class TestChat:
    def test_an_empty_home_gets_the_samples_first(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for language, file in (("ko", "hub.md"), ("en", "kendall.md")):
            (folder / language).mkdir()
            (folder / file).rename(folder / language / file)
        opened: list[tuple[str, int | None, bool, int]] = []

        def launch(host: str, port: int | None, open_to_all: bool) -> None:
            opened.append((host, port, open_to_all, len(value("list"))))

        page = types.SimpleNamespace(launch=launch)
        monkeypatch.setitem(sys.modules, "app", page)
        monkeypatch.setattr(cli, "SAMPLES", folder)
        done("chat")
        shutil.rmtree(folder)  # an index that is there is left alone
        done("chat", "--host", "0.0.0.0", "--port", "8123", "--open-to-all")
        assert opened == [("127.0.0.1", None, False, 2), ("0.0.0.0", 8123, True, 2)]


class TestEval:
    def test_a_set_of_ones_own(self, folder: Path, tmp_path: Path) -> None:
        library = tmp_path / "library"
        library.mkdir()
        (library / "library.txt").write_text(UNDATED, encoding="utf-8")
        question = {"ko": "달빛시 새 도서관의 열람석은 몇 석인가요?", "en": "How many seats does the library have?"}
        row = {"id": "q1", **question, "kind": "number", "answerable": True, "facts": [["730"]]}
        questions = tmp_path / "mine.jsonl"
        questions.write_text(json.dumps(row | {"sources": ["library.txt"]}), encoding="utf-8")
        words = ("eval", "--set", str(questions), "--documents", str(library), "--report", str(tmp_path / "report"))
        assert "Quotes verbatim" in done(*words).stdout
        record = json.loads((tmp_path / "report" / "mine.json").read_text(encoding="utf-8"))
        assert record["set"] == "mine"
        assert record["summary"]["ko→ko"]["value"] == 1.0
        assert value("list") == []  # the user's own index is left alone


class TestUsersErrors:
    @pytest.mark.parametrize("question", ["", "   ", "?!…", "가" * 100_000, "a" * 100_000])
    @pytest.mark.parametrize("command", ["ask", "search"])
    def test_questions_that_are_none(self, use_samples: Path, command: str, question: str) -> None:
        line = refused(invoke(command, question))
        assert "100,000" in line if question.strip("?!… ") else "empty" in line

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (("index",), "--rebuild"),
            (("index", ""), "a path is empty"),
            (("index", "nowhere/at/all"), "nowhere/at/all"),
            (("index", "x" * 5_000), "too long"),
            (("index", "--rebuild"), "mundap index PATH"),
            (("ask", "무엇?"), "mundap index PATH"),
            (("ask",), "QUESTION"),
            (("ask", "What?", "--language", "fr"), "'auto', 'ko', 'en'"),
            (("search", "hub", "--limit", "0"), "--limit"),
            (("search", "hub", "--limit", "many"), "--limit"),
            (("search", "hub"), "mundap index PATH"),
            (("remove",), "--samples"),
            (("remove", "0123456789ab"), "mundap list"),
            (("eval", "--set", "nope"), "samples"),
            (("eval", "--set", "articles", "--data", "nowhere"), "--data"),
            (("bench", "retrieval", "--data", "nowhere"), "korquad"),
            (("bench", "guessing"), "'retrieval', 'encoder', 'answers', 'peers'"),
            (("chat", "--port", "0"), "--port"),
            (("serch", "hub"), "Did you mean 'search'"),
            (("list", "--yaml"), "--yaml"),
        ],
    )
    def test_one_line_says_what_to_do(self, words: tuple[str, ...], told: str) -> None:
        assert told in refused(invoke(*words))

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        assert "no document" in refused(invoke("index", str(tmp_path / "empty")))

    def test_a_missing_path_changes_nothing(self, own_samples: Path, folder: Path) -> None:
        known = value("list")
        refused(invoke("index", str(folder), str(folder / "gone")))
        assert value("list") == known

    def test_a_home_that_cannot_be_written(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MUNDAP_HOME", str(folder / "hub.md" / "home"))  # below a file: not even root can
        assert "MUNDAP_HOME" in refused(invoke("index", str(folder)))
        assert "mundap index" in refused(invoke("ask", QUESTION))

    def test_a_damaged_index(self, own_samples: Path) -> None:
        for file in own_samples.glob(DATABASE + "*"):
            file.write_bytes(b"this was a database once" * 100)
        for words in (("list",), ("ask", QUESTION), ("index", str(HUB)), ("remove", "--samples")):
            assert str(own_samples) in refused(invoke(*words))

    def test_an_index_of_another_embedder_is_kept_and_can_be_rebuilt(self, folder: Path, tmp_path: Path) -> None:
        done("index", str(folder))
        known = value("list")
        manifest = Manifest(tmp_path / "home" / DATABASE)
        manifest.set("encoder", "another-model@768")
        manifest.close()
        for words in (("ask", QUESTION), ("search", "hub"), ("index", str(folder)), ("remove", known[0]["id"])):
            line = refused(invoke(*words))
            assert "another-model@768" in line and "mundap index --rebuild" in line
        assert value("list") == known
        done("index", "--rebuild")
        assert value("search", "Kendall Square", "--limit", "1")[0]["source"] == "kendall.md"

    def test_control_c(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(cli, "_assistant", interrupt)
        result = invoke("ask", QUESTION)
        assert (result.exit_code, result.stderr.splitlines()) == (130, ["mundap: stopped; what was done is kept."])


class TestBytes:
    """Arguments, file names and terminals that are not UTF-8."""

    def test_a_question_that_is_not_utf8(self, use_samples: Path) -> None:
        ran = shell(["ask", b"\xff\xfe " + QUESTION.encode(), "--json"])
        assert ran.returncode == 0, ran.stderr.decode()
        assert json.loads(ran.stdout.decode("utf-8"))["question"].startswith("\ufffd\ufffd ")

    def test_a_path_that_is_not_utf8(self, tmp_path: Path) -> None:
        ran = shell(["index", bytes(tmp_path) + b"/\xff\xfe"])
        assert ran.returncode == 2
        assert ran.stderr.startswith(b"mundap: ") and ran.stderr.count(b"\n") == 1

    def test_a_file_whose_name_is_not_utf8(self, folder: Path) -> None:
        try:
            shutil.copy(bytes(HUB), bytes(folder) + b"/\xff\xfe.md")
        except OSError:
            pytest.skip("this file system takes no such name")
        ran = shell(["index", str(folder)])
        assert ran.returncode == 2
        assert ran.stderr.startswith(b"mundap: ") and ran.stderr.count(b"\n") == 1
        assert b"name" in ran.stderr

    def test_json_is_utf8_on_any_terminal(self, use_samples: Path) -> None:
        ran = shell(["list", "--json"], PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0")
        assert ran.returncode == 0, ran.stderr.decode()
        assert json.loads(ran.stdout.decode("utf-8")) == value("list")

    def test_text_is_shown_as_far_as_the_terminal_can(self, use_samples: Path) -> None:
        ran = shell(["list"], PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0")
        assert ran.returncode == 0, ran.stderr.decode()
        assert b"small-business-ministry.md" in ran.stdout


class TestIsolation:
    """What ``conftest.py`` promises to every test."""

    @pytest.mark.filterwarnings("ignore:A test tried to use socket")
    def test_no_connection_leaves_this_machine(self) -> None:
        with socket.socket() as outward, pytest.raises(SocketConnectBlockedError):
            outward.connect(("192.0.2.1", 80))
        with pytest.raises(RuntimeError, match=r"example\.org"):
            socket.create_connection(("example.org", 80), timeout=1)

    def test_loopback_is_open(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), timeout=1).close()

    def test_state_stays_in_the_test(self, tmp_path: Path) -> None:
        assert cli._settings().home == tmp_path / "home"
        assert cli._settings().llm_base_url is None
