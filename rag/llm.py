"""A language model behind an OpenAI-compatible server: Ollama, vLLM, llama.cpp, LM Studio, ``transformers serve``, a vendor.

The one home of llama_index's adapter. It knows how the model is asked and nothing of what: prompts, documents and
checks are elsewhere.
"""

from __future__ import annotations

import functools
import ssl
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rag.completion import DEADLINE, Completion, Line, Part, ServerFailure
from rag.settings import Settings

if TYPE_CHECKING:
    import httpx

CONNECT = 5.0  # seconds
PAUSE = 60.0  # seconds without a byte: a large prompt on a CPU takes this long before the first token
AWAY = 10.0  # seconds for which a server that cannot be reached is not tried again: one question makes two requests
Message = dict[str, str]
# The client library adds these from the environment: they are for its own vendor.
_FOREIGN = ("openai-organization", "openai-project")


class LanguageModel:
    """One model of one server. The key is kept out of ``repr``, the address's password too.

    ``answered_as`` is the name that the server itself gave the model in its latest reply, empty before.
    """

    def __init__(
        self,
        base_url: str,
        model: str | None = None,
        api_key: str | None = None,
        *,
        pause: float = PAUSE,
        connect: float = CONNECT,
    ) -> None:
        self.base_url, self._key = base_url, api_key
        self.model = model or "default"  # llama.cpp and other servers of one model take any name
        self.name = f"llm:{self.model}"
        self.answered_as = ""
        self._pause, self._connect = pause, min(connect, pause)
        self._away_until = 0.0

    @classmethod
    def from_settings(cls, settings: Settings) -> LanguageModel:
        """The model that ``settings`` name.

        :raises ValueError: if they name no server.
        """
        if not settings.llm_base_url:
            raise ValueError("No language model is set. Set MUNDAP_LLM_BASE_URL, such as http://127.0.0.1:11434/v1.")
        return cls(settings.llm_base_url, settings.llm_model, settings.llm_api_key)

    def __repr__(self) -> str:
        return f"LanguageModel({self.model!r} at {self.address}, key {'***' if self._key else 'none'})"

    @property
    def address(self) -> str:
        """The server's address without a password or a query, which may be secrets."""
        return masked(self.base_url)

    @contextmanager
    def ask(self, asked: Sequence[Message], deadline: float = DEADLINE) -> Iterator[Completion]:
        """The reply to a conversation, to be iterated inside the ``with``; leaving it ends the request.

        :raises ServerFailure: if the server was found away less than ``AWAY`` seconds ago.
        """
        if time.monotonic() < self._away_until:
            raise ServerFailure("unreachable")
        line = Line()
        reply = Completion(self._parts(asked, line), line, deadline)
        try:
            yield reply
        except ServerFailure as failure:
            if failure.cause == "unreachable":
                self._away_until = time.monotonic() + AWAY
            raise
        finally:
            reply.stop()

    def client(self, line: Line | None = None) -> httpx.Client:
        """An HTTP client that follows no redirect: what is meant for the server goes nowhere else."""
        import httpx

        def prepare(request: httpx.Request) -> None:
            for name in _FOREIGN:
                request.headers.pop(name, None)
            if line is not None:
                request.extensions["trace"] = line.trace

        limits = httpx.Timeout(self._pause, connect=self._connect)
        hooks = {"request": [prepare]}
        return httpx.Client(timeout=limits, follow_redirects=False, event_hooks=hooks, verify=self._trust)

    @functools.cached_property
    def _trust(self) -> ssl.SSLContext:
        """Made once: reading the certificates takes longer than a short answer."""
        import httpx

        return httpx.create_ssl_context()

    @property
    def headers(self) -> dict[str, str]:
        """What a request other than a completion carries."""
        return {"Authorization": f"Bearer {self._key}"} if self._key else {}

    def _parts(self, asked: Sequence[Message], line: Line) -> Generator[Part, None, None]:
        from llama_index.core.llms import ChatMessage
        from llama_index.llms.openai_like import OpenAILike

        with self.client(line) as client:
            llm = OpenAILike(
                model=self.model,
                api_base=self.base_url,
                # Without a key of its own the library would send the server OPENAI_API_KEY from the environment.
                api_key=self._key or "none",
                is_chat_model=True,
                temperature=0.0,
                max_retries=0,
                timeout=self._pause,
                http_client=client,
            )
            for part in llm.stream_chat([ChatMessage(**message) for message in asked], timeout=client.timeout):
                self.answered_as = str(getattr(part.raw, "model", "") or self.answered_as)
                yield part.delta or "", _ending(part.raw)


def masked(url: str) -> str:
    """``url`` without a password or a query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that is none"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _ending(chunk: Any) -> str:
    """Why a chunk ends the reply: ``stop`` of the model's own accord, ``length`` at a limit; empty if it does not."""
    return str(chunk.choices[0].finish_reason or "") if chunk is not None and chunk.choices else ""
