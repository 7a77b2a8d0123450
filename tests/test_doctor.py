"""What ``mundap doctor`` and ``mundap eval --generator llm`` say of a language model's server."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import cli
from eval.errors import EvalError
from eval.run import main, run
from eval.witness import DETERMINISM, told_of_model
from pages import visitor
from rag.doctor import Finding, context_size, examine
from rag.settings import Settings
from rag.types import Answer
from scripted import KEY, Serve
from ui.conversation import conversation
from ui.history import Exchange, fresh

pytestmark = pytest.mark.usefixtures("warmed")


def listed(*names: str, **facts: Any) -> dict[str, Any]:
    return {"/v1/models": {"object": "list", "data": [{"id": name, **facts} for name in names]}}


def found(tmp_path: Path, url: str, model: str | None = "qwen") -> dict[str, Finding]:
    settings = Settings(tmp_path, llm_base_url=url, llm_model=model, llm_api_key=KEY)
    findings = list(examine(settings, patience=5.0))
    assert KEY not in str(findings)
    return {finding.name: finding for finding in findings}


def grades(findings: dict[str, Finding]) -> dict[str, str]:
    return {name: finding.grade for name, finding in findings.items()}


def test_a_healthy_server_is_said_to_be_so(serve: Serve, tmp_path: Path) -> None:
    server = serve("ready", pages=listed("qwen", "llama", max_model_len=32_768))
    findings = found(tmp_path, server.url)
    assert set(grades(findings).values()) == {"ok"}
    assert list(findings) == ["settings", "server", "model", "reply", "context"]
    assert "32,768 tokens" in findings["context"].seen
    assert "replied as m: first word after" in findings["reply"].seen and "round trip" in findings["reply"].seen
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert len(server.requests) == 1


def test_without_a_server_it_says_how_to_set_one(tmp_path: Path) -> None:
    (finding,) = examine(Settings(tmp_path))
    assert finding.grade == "ok" and "MUNDAP_LLM_BASE_URL" in finding.advice


def test_a_server_that_is_down_costs_one_request_and_no_secret(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    findings = found(tmp_path, f"http://user:hunter2@127.0.0.1:{port}/v1?token=abc")
    assert grades(findings) == {"settings": "ok", "server": "problem"}
    assert "cannot be reached. Start it" in findings["server"].seen
    assert "hunter2" not in str(findings) and "token=abc" not in str(findings)


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1/v1", "http://[::1", "http://"])
def test_an_address_that_is_none_is_a_problem(tmp_path: Path, url: str) -> None:
    assert "problem" in grades(found(tmp_path, url)).values()


@pytest.mark.parametrize(
    ("status", "name", "told"),
    [
        (401, "server", "MUNDAP_LLM_API_KEY"),
        (401, "reply", "MUNDAP_LLM_API_KEY"),
        (404, "reply", "MUNDAP_LLM_MODEL"),
        (429, "reply", "Try again later"),
        (500, "reply", "its own log"),
        (307, "server", "MUNDAP_LLM_BASE_URL"),
    ],
)
def test_every_fault_comes_with_its_mend(serve: Serve, tmp_path: Path, status: int, name: str, told: str) -> None:
    finding = found(tmp_path, serve(status=status).url)[name]
    assert finding.grade == "problem" and told in f"{finding.seen} {finding.advice}"


def test_a_forgotten_v1_is_found(serve: Serve, tmp_path: Path) -> None:
    server = serve("ready", pages=listed("qwen"))
    findings = found(tmp_path, server.url.removesuffix("/v1"))
    assert findings["server"].grade == "problem" and findings["server"].advice.endswith(server.url)


def test_a_model_that_is_not_listed_is_told_with_those_that_are(serve: Serve, tmp_path: Path) -> None:
    server = serve("ready", pages=listed("llama", "gemma"))
    for model, seen in (("qwen", "qwen; the server lists llama, gemma"), (None, "none named; the server lists llama")):
        finding = found(tmp_path, server.url, model)["model"]
        assert finding.grade == "warning" and seen in finding.seen and "MUNDAP_LLM_MODEL" in finding.advice
    assert found(tmp_path, serve("ready", pages=listed("only")).url, None)["model"].grade == "ok"


def test_a_context_too_short_is_a_problem(serve: Serve, tmp_path: Path) -> None:
    server = serve("ready", pages=listed("qwen") | {"/props": {"default_generation_settings": {"n_ctx": 2048}}})
    finding = found(tmp_path, server.url)["context"]
    assert finding.grade == "problem" and "2,048 tokens" in finding.seen and "OLLAMA_CONTEXT_LENGTH" in finding.advice


@pytest.mark.parametrize(
    ("page", "size"),
    [
        ({"data": [{"id": "qwen", "max_model_len": 8192}]}, 8192),
        ({"data": [{"id": "other", "max_model_len": 1}, {"id": "qwen", "max_model_len": 8192}]}, 8192),
        ({"data": [{"id": "a", "max_model_len": 1}, {"id": "b", "max_model_len": 2}]}, None),
        ({"data": [{"id": "x.gguf", "meta": {"n_ctx_train": 131072}}]}, 131072),
        ({"data": [{"id": "qwen", "loaded_context_length": 4096, "max_context_length": 32768}]}, 4096),
        ({"models": [{"name": "qwen", "context_length": 4096}]}, 4096),
        ({"n_ctx": 512}, 512),
        ({"data": []}, None),
        ({"data": [{"id": "qwen", "context_length": "big"}]}, None),
        ([], None),
        ("no", None),
        (None, None),
    ],
)
def test_the_context_is_read_wherever_servers_state_it(page: Any, size: int | None) -> None:
    assert context_size(page, "qwen") == size


@pytest.mark.parametrize(
    "pages", [{"/v1/models": "odd"}, {"/v1/models": {"data": [1, None]}}, {"/v1/models": None}, {}]
)
def test_odd_lists_of_models_are_survived(serve: Serve, tmp_path: Path, pages: dict[str, Any]) -> None:
    assert found(tmp_path, serve("ready", pages=pages).url)["reply"].grade == "ok"


# The command line and the page ----------------------------------------------------------------------------------------


def invoke(*words: str) -> Any:
    return CliRunner().invoke(cli.app, list(words))


def use(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    for name, value in (("BASE_URL", url), ("MODEL", "qwen"), ("API_KEY", KEY)):
        monkeypatch.setenv(f"MUNDAP_LLM_{name}", value)


def test_the_command_tells_and_its_exit_code_says_whether_something_is_to_be_mended(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert invoke("doctor").exit_code == 0
    use(monkeypatch, serve("ready", pages=listed("qwen")).url)
    well = invoke("doctor")
    assert well.exit_code == 0 and "round trip" in well.stdout and KEY not in well.output
    use(monkeypatch, serve(status=401).url)
    ill = invoke("doctor", "--json")
    assert ill.exit_code == 2 and KEY not in ill.output
    (reply,) = (finding for finding in json.loads(ill.stdout) if finding["name"] == "reply")
    assert reply["grade"] == "problem" and "MUNDAP_LLM_API_KEY" in reply["advice_ko"]
    assert "서버를 켜고" in invoke("doctor").stdout


def test_the_faces_show_the_notice(serve: Serve, use_samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, serve(status=500).url)
    shown = invoke("ask", "K-바이오 랩 허브에 얼마를 투자하나요?").stdout
    assert "\n(언어 모델 서버에 오류가 나서 문서에서 그대로 옮겨 답합니다.)\n" in shown
    answer = Answer("q", "q", "en", "answered", "It opens. [1]", "extractive", notice="A <b>line</b>.")
    page = conversation([Exchange("q", answer)], "en")
    assert "line" in page and "<b>" not in page
    assert page.count('class="remark"') == 1


def test_stopping_the_page_ends_the_request(serve: Serve, use_samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui.asking import Asking
    from ui.desk import Desk

    server = serve(0.6, *[b": still working\n\n", 0.05] * 100)
    use(monkeypatch, server.url)
    shown = Asking(Desk(Settings.from_env())).respond(
        "K-바이오 랩 허브에 얼마를 투자하나요?", fresh(), {}, None, visitor()
    )
    next(shown)  # the question
    next(shown)  # the model is at work: nothing changes on the page, but it may be left
    left = time.monotonic()
    shown.close()  # type: ignore[attr-defined]
    time.sleep(1.2)
    assert 0 <= server.lost - left < 1.0


# The evaluation -------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(tmp_path: Path) -> dict[str, Any]:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "library.txt").write_text("The town library in Haesong holds 730 books.\n", encoding="utf-8")
    question = {"ko": "해송 도서관에는 책이 몇 권 있나요?", "en": "How many books does the Haesong library hold?"}
    row = {"id": "q1", **question, "kind": "number", "answerable": True, "facts": [["730"]], "sources": ["library.txt"]}
    (tmp_path / "mine.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    return {"set_name": str(tmp_path / "mine.jsonl"), "documents": folder}


def test_an_evaluation_records_the_model_the_prompts_and_the_drop_rate(
    serve: Serve, tmp_path: Path, asked: dict[str, Any]
) -> None:
    server = serve("The town library in Haesong holds 730 books [1]. The mayor resigned in anger [1].")
    settings = Settings(tmp_path / "home", llm_base_url=server.url, llm_model="qwen")
    report = run(settings, report_dir=tmp_path / "report", generator="llm", **asked)
    record = json.loads((tmp_path / "report" / "mine.json").read_text(encoding="utf-8"))
    assert record["generator"] == "llm:qwen" and len(record["prompts_sha256"]) == 64
    assert record["command"].endswith("--generator llm")
    model = record["model"]
    assert model["determinism"] == DETERMINISM and model["asked"] == 2 and model["written"] >= 1
    english = next(row for row in report.rows if row.language == "en")
    assert english.right and "730" in english.text
    assert 0 < model["dropped"] < model["sentences"]
    assert model["drop_rate"] == round(model["dropped"] / model["sentences"], 4)
    assert "dropped by the verifier" in told_of_model(report.origin) and server.url not in json.dumps(record)


def test_by_default_no_model_is_asked_whatever_is_set(serve: Serve, tmp_path: Path, asked: dict[str, Any]) -> None:
    server = serve("NO_ANSWER")
    report = run(Settings(tmp_path / "home", llm_base_url=server.url), **asked)
    assert report.origin["generator"] == "extractive" and "model" not in report.origin and server.requests == []
    assert told_of_model(report.origin) == ""


def test_a_model_that_is_not_set_and_floors_that_are_not_its_own_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: dict[str, Any]
) -> None:
    with pytest.raises(EvalError, match="MUNDAP_LLM_BASE_URL"):
        run(Settings(tmp_path), generator="llm", **asked)
    with pytest.raises(EvalError, match="extractive or llm"):
        run(Settings(tmp_path), generator="magic", **asked)
    assert main(["--set", "samples", "--generator", "llm", "--gate"]) == 2
    assert "floors" in capsys.readouterr().err


def test_the_command_line_says_what_came_of_the_model(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    words = ("eval", "--set", asked["set_name"], "--documents", str(asked["documents"]), "--generator", "llm")
    assert "mundap doctor" in invoke(*words).stderr
    use(monkeypatch, serve(status=500).url)
    told = invoke(*words)
    assert told.exit_code == 0 and "0 of 2 answers written, " in told.stdout and "(none read)" in told.stdout
