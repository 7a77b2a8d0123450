"""How soon the chat page is there, and how it answers eight visitors at once: ``python -m eval.service [--record]``.

Runs ``mundap chat`` as a user would, over the bundled samples in a home of its own, and looks at it from outside: with
the system's Chromium, and over plain HTTP, for gradio's client takes a third of an answer's processor time itself, and
visitors bring their own. Seconds depend on the machine and on what else it does; the record names both.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eval import origin
from eval.errors import EvalError
from eval.gate import RESULTS
from eval.metrics import latency
from eval.report import dump
from eval.servers import listens
from eval.sets import LANGUAGES, find, load

SAMPLES = origin.ROOT / "index" / "samples"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
VISITORS, ROUNDS = 8, 3
PATIENCE = 300  # seconds for anything to happen at all
LIMITS = {"start": 15.0, "page": 3.0, "answer_p95": 2.0}  # seconds on two cores that do nothing else


def measure() -> dict[str, Any]:
    """Seconds from ``mundap chat``, started for the second time, until the page can be used (``start``); from the server's
    first word until then (``page``); and of each answer to eight visitors who ask at once (``answers``).

    :raises EvalError: if there is no browser, or the chat does not start.
    """
    with tempfile.TemporaryDirectory() as home, _browser() as browser:
        environment = {**os.environ, "MUNDAP_HOME": home, "PYTHONPATH": str(origin.ROOT)}
        with _chat(environment):  # the first start: everything is indexed and read from the disk once
            pass
        busy, begun = os.getloadavg()[0], time.perf_counter()
        with _chat(environment) as (address, process):
            up = time.perf_counter()
            with _page(browser, address) as page:
                usable, work = time.perf_counter(), _cpu(process)
                page.locator(".example").first.wait_for()  # chosen by asking, which the visitors should not wait for
            answers = ask_at_once(address)
    return {
        "start": round(usable - begun, 2),
        "start_cpu": work,
        "page": round(usable - up, 2),
        "answers": latency(answers),
        "limits": LIMITS,
        "machine": {"cores": _cores(), "load_before": round(busy, 1)},
    }


@contextmanager
def _browser() -> Iterator[Any]:
    """A running browser, so that its own start is no part of the page's."""
    path = next(filter(None, (shutil.which(name) for name in BROWSERS)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        raise EvalError("The page is measured in a browser. Install one, and playwright, with: make browser install")
    with sync_playwright() as play, play.chromium.launch(executable_path=path, args=["--no-sandbox"]) as browser:
        yield browser


@contextmanager
def _chat(environment: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """``mundap chat`` until the block ends: its address, once it listens there, and the process's number."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "cli", "chat", "--port", str(port)]
    running = subprocess.Popen(command, cwd=origin.ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        if not listens(running, port, PATIENCE):
            ended = running.poll()
            raise EvalError(f"mundap chat did not listen on port {port} within {PATIENCE} s (exit code {ended}).")
        yield f"http://127.0.0.1:{port}/", running.pid
    finally:
        running.terminate()
        running.wait()


@contextmanager
def _page(browser: Any, address: str) -> Iterator[Any]:
    """The page of a fresh visitor, once there is a question in its box that could be sent."""
    page = browser.new_page(locale="ko-KR")
    page.set_default_timeout(1000 * PATIENCE)
    page.goto(address)
    page.locator("#log .welcome").wait_for()
    page.locator("#ask textarea").fill("송도")
    page.locator("#ask button:enabled").first.wait_for()
    yield page
    page.close()


def _cpu(process: int) -> float | None:
    """Seconds of processor time that a process has taken, which other programs lengthen little; ``None`` if untold."""
    try:
        told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return round(sum(map(int, told[11:13])) / os.sysconf("SC_CLK_TCK"), 2)


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ask_at_once(address: str, visitors: int = VISITORS, rounds: int = ROUNDS) -> list[float]:
    """Seconds of every answer to ``visitors`` who each ask ``rounds`` questions of their own, one after the other.

    :raises EvalError: if a visitor is given the answer to a question that was not theirs.
    """
    import httpx

    questions = _questions(visitors * rounds)
    clients = [httpx.Client(base_url=f"{address}gradio_api/call/", timeout=PATIENCE) for _ in range(visitors)]
    _seconds(clients[0], questions[0])  # the first question loads the models

    def visit(number: int) -> list[float]:
        return [_seconds(clients[number], question) for question in questions[number::visitors]]

    with ThreadPoolExecutor(visitors) as pool:
        return [seconds for seen in pool.map(visit, range(visitors)) for seconds in seen]


def _questions(count: int) -> list[str]:
    """Questions about the samples, in both languages by turns."""
    entries = load(find("samples"))
    return [entries[n % len(entries)].turns[0].text(LANGUAGES[n % 2]) for n in range(count)]


def _seconds(client: Any, question: str) -> float:
    begun = time.perf_counter()
    asked = client.post("ask", json={"data": [question, "auto", []]}).raise_for_status().json()["event_id"]
    told = client.get(f"ask/{asked}").raise_for_status().text  # ends when the answer is there
    event, _, data = told.rpartition("data: ")
    if not event.endswith("event: complete\n"):
        raise EvalError(f"{question!r} was not answered: {told.strip()[-200:]}")
    (answer,) = json.loads(data)
    if answer["question"] != question:
        raise EvalError(f"{question!r} was asked, and {answer['question']!r} answered.")
    return time.perf_counter() - begun


def table(found: Mapping[str, Any]) -> str:
    """What was measured, as a Markdown table beside its limits."""
    limits, answers, machine = found["limits"], found["answers"], found["machine"]
    lines = ["| Seconds | measured | at most |", "|---|---:|---:|"]
    for name, value, limit in (
        ("`mundap chat`, second start, until the page can be used", found["start"], limits["start"]),
        ("the program's own processor time until then", found["start_cpu"], None),
        ("server up, until the page can be used", found["page"], limits["page"]),
        (f"answers to {VISITORS} visitors at once, median", answers["p50"], None),
        (f"answers to {VISITORS} visitors at once, 95th percentile", answers["p95"], limits["answer_p95"]),
    ):
        lines.append(f"| {name} | {'–' if value is None else f'{value:.2f}'} | {limit or '–'} |")
    return "\n".join([*lines, "", f"{machine['cores']} cores, load {machine['load_before']} before the start."])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and record if asked to; the exit code: 0 done, 2 a user's error."""
    parser = argparse.ArgumentParser("python -m eval.service", description="Measure the chat page from outside.")
    parser.add_argument("--record", action="store_true", help="write the outcome to eval/results/service.json")
    options = parser.parse_args(arguments)
    try:
        found = measure()
    except EvalError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(table(found) + "\n")
    if options.record:
        made = {"command": "python -m eval.service", "date": origin.today(), "commit": origin.commit()}
        Path(RESULTS / "service.json").write_text(dump({**made, **found}), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
