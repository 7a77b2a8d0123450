"""What the tests of language models share: a scripted OpenAI-compatible server on a real socket, and evidence to ask about."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from index.english import sentence_spans
from index.types import Article, Language, Passage
from rag.abstractive import Abstractive
from rag.draft import Draft
from rag.evidence import Evidence
from rag.generate import Extractive
from rag.llm import LanguageModel
from rag.query import Query
from rag.types import Outcome

KEY = "sk-very-secret-0123456789"
Step = str | float | bytes  # text to send, seconds to wait, or raw bytes in place of an event
Script = Callable[[dict[str, Any]], Sequence[Step]]


@dataclass
class Server:
    """Says what ``script`` makes of the request, as a stream of events, or answers with ``status``."""

    script: Script
    status: int = 200
    error: dict[str, Any] | None = None
    ending: bytes = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    sent: int = 0
    lost: float = 0.0  # when writing failed because the client had gone
    pages: dict[str, Any] = field(default_factory=dict)  # what GET gives, by path, as JSON; else 404
    asked_for: list[str] = field(default_factory=list)  # paths of GET
    times: list[float] = field(default_factory=list)  # when the sending of each step began
    url: str = ""


def event(text: str) -> bytes:
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m"}
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}
    return f"data: {json.dumps({**chunk, 'choices': [choice]})}\n\n".encode()


def handler_for(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.requests.append(body)
            server.headers.append(dict(self.headers))
            self.send_response(server.status)
            self.send_header("Content-Type", "text/event-stream")
            if 300 <= server.status < 400:
                self.send_header("Location", server.url + "/elsewhere")
            self.end_headers()
            try:
                if server.status == 200:
                    self.write(server.script(body))
                else:
                    self.wfile.write(json.dumps({"error": server.error or {"message": f"no, {KEY}"}}).encode())
            except OSError:  # the client has gone, as some tests want
                server.lost = time.monotonic()

        def do_GET(self) -> None:
            server.asked_for.append(self.path)
            server.headers.append(dict(self.headers))
            known = server.status == 200 and self.path in server.pages
            self.send_response(200 if known else 404 if server.status == 200 else server.status)
            self.end_headers()
            self.wfile.write(json.dumps(server.pages[self.path]).encode() if known else b"no")

        def write(self, steps: Sequence[Step]) -> None:
            for step in steps:
                if isinstance(step, float):
                    time.sleep(step)
                    continue
                server.times.append(time.monotonic())  # before the client can have it, and so look here
                self.wfile.write(step if isinstance(step, bytes) else event(step))
                self.wfile.flush()
                server.sent += 1
            self.wfile.write(server.ending)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


def comes(holds: Callable[[], object], patience: float = 10.0) -> bool:
    """Whether something comes to hold within ``patience`` seconds: a busy machine takes its time."""
    end = time.monotonic() + patience
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(holds())


Serve = Callable[..., Server]


@contextmanager
def serving() -> Iterator[Serve]:
    """Starts any number of servers; all end with the ``with``."""
    running = []

    def start(*steps: Step, script: Script | None = None, **changes: Any) -> Server:
        server = Server(script or (lambda _: steps), **changes)
        http = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(server))
        http.daemon_threads = True
        threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        server.url = f"http://127.0.0.1:{http.server_address[1]}/v1"
        running.append(http)
        return server

    yield start
    for http in running:
        http.shutdown()
        http.server_close()


def evidence(text: str, name: str, language: Language = "en", title: str = "News", rank: float = 0.5) -> list[Evidence]:
    """Every sentence of an article of one passage, as evidence."""
    article = Article(name, f"{name}.md", f"{name}.md", language, text, title, "Daily", "", "2023-05-16")
    spans, start = [], 0
    for line in text.split("\n"):
        spans += [(start + a, start + b) for a, b in sentence_spans(line)]
        start += len(line) + 1
    passage = Passage(f"{name}:0", name, 0, len(text), text, tuple(spans))
    features = {
        "typical": 0.0,
        "untypical": 0.0,
        "soft_near": 0.0,
        "odds_share": 0.0,
        "soft_missing": 1.0,
    }  # no figure to lead with
    return [Evidence(article, passage, span, features, (), rank - i / 1000) for i, span in enumerate(spans)]


HUB = evidence(
    "The laboratory hub in Songdo will cost 272.6 billion won. It will open to tenants in 2026. "
    "The city gave the land at no charge.",
    "hub",
    rank=0.9,
)
TRIP = evidence("대통령은 4월에 보스턴을 방문했다. 연구 협약에는 32개 기관이 참여했다.", "trip", "ko", rank=0.8)
RANKED = [*HUB, *TRIP]
QUESTION = "How much will the laboratory hub cost?"
COST = "The laboratory hub in Songdo will cost 272.6 billion won"
OPENS = "The hub will open to tenants in 2026"


def asked(question: str = QUESTION, language: Language = "en", context: str = "") -> Query:
    return Query(f"{context} {question}".strip(), language, (), language)


def model_of(server: Server, **options: Any) -> Abstractive:
    deadline = options.pop("deadline", 20.0)
    return Abstractive(LanguageModel(server.url, "m", KEY, **{"pause": 10.0, **options}), deadline)


def run_out(said: Iterator[Draft | Outcome]) -> tuple[list[Draft], Outcome]:
    """All drafts, without those that only say that the model is at work, and the outcome."""
    items = list(said)
    assert isinstance(items[-1], Outcome)
    return [item for item in items if isinstance(item, Draft) and item.text], items[-1]


def draw(server: Server, ranked: Sequence[Evidence] = RANKED, **options: Any) -> tuple[list[Draft], Outcome]:
    return run_out(model_of(server, **options).drafts(asked(), QUESTION, ranked))


def extracted(ranked: Sequence[Evidence] = RANKED) -> list[Draft]:
    return list(Extractive().drafts(asked(), QUESTION, ranked))


def said(drafts: Sequence[Draft]) -> list[str]:
    return [draft.text for draft in drafts]


def warm() -> None:
    """Load the client libraries, which takes seconds that no deadline should have to allow for."""
    list(Abstractive(LanguageModel("http://127.0.0.1:1/v1")).drafts(asked(), QUESTION, RANKED))
