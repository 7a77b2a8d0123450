"""One streamed completion, read so that it cannot hang, and the names of what can go wrong with its server.

Knows nothing of prompts, sentences or documents, nor how a server is asked. Whatever goes wrong becomes a
:class:`ServerFailure`, in time; nothing that an error says is repeated, for it may quote the key.
"""

from __future__ import annotations

import logging
import queue
import re
import socket
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, suppress
from typing import Any

DEADLINE = 180.0  # seconds for the whole reply
BEAT = 0.25  # seconds after which whoever waits for a piece is given an empty one, and may leave
BY_STATUS = {
    400: "rejected", 401: "key", 403: "key", 404: "unknown", 408: "slow", 413: "overflow", 422: "rejected",
    429: "busy", 503: "busy", 504: "slow",
}  # fmt: skip
# How OpenAI, vLLM, llama.cpp, LM Studio and others say that a prompt is too long for the model.
_OVERFLOW = re.compile(
    r"context[ _](?:length|size|window)|exceed_context|n_ctx|maximum context|(?:prompt|input) is too long|too many tokens"
    r"|when context the overflows",
    re.I,
)
Part = tuple[str, str]  # a piece of text, and why the reply ends with it: "stop", "length" or another; empty before
log = logging.getLogger(__name__)


class ServerFailure(Exception):
    """The server gave no usable reply.

    ``cause`` says why: unreachable, slow, key, unknown, busy, rejected, overflow, failed or broken.
    """

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class Line:
    """The connection of one request, which another thread can cut while a read is waiting on it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._cut = False

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Take httpcore's events, as the request extension "trace" hands them over."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
                self._shut()

    def cut(self) -> None:
        """End the connection, now or as soon as there is one."""
        with self._lock:
            self._cut = True
            self._shut()

    def _shut(self) -> None:
        if self._cut and self._socket is not None:
            with suppress(OSError):  # it has ended of itself
                # Not the TLS socket's own method, which would wait for the other side's farewell.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class Completion:
    """One streamed reply, read in a thread of its own so that no server can hold the caller past the deadline.

    ``parts`` is a generator: it is run and closed in that thread, over ``line``. ``deadline`` is in seconds from now.
    """

    def __init__(
        self, parts: Generator[Part, None, None], line: Line | None = None, deadline: float = DEADLINE
    ) -> None:
        self.ending = ""  # why the reply ended, in the server's words; empty where it broke off
        self._parts, self._line, self._empty = parts, line or Line(), True
        self._deadline = time.monotonic() + deadline
        self._pieces: queue.SimpleQueue[str | ServerFailure | None] = queue.SimpleQueue()
        self._stopped = threading.Event()
        threading.Thread(target=self._read, name="mundap-llm", daemon=True).start()

    @property
    def complete(self) -> bool:
        """Whether the model itself ended the reply."""
        return self.ending == "stop"

    def __iter__(self) -> Iterator[str]:
        """Pieces of text as they come, and an empty one whenever none has come for ``BEAT`` seconds.

        :raises ServerFailure: if the server fails or the deadline passes.
        """
        while True:
            left = self._deadline - time.monotonic()
            try:
                piece = self._pieces.get(timeout=max(0.0, min(left, BEAT)))
            except queue.Empty:
                if left <= BEAT:
                    raise ServerFailure("slow") from None
                yield ""
                continue
            if isinstance(piece, ServerFailure):
                raise piece
            if piece is None:
                break
            self._empty = False
            yield piece
        if self._empty and not self.complete:
            raise ServerFailure("overflow" if self.ending == "length" else "broken")

    def stop(self) -> None:
        """End the request: its connection is closed at once, even while the server says nothing."""
        self._stopped.set()
        self._line.cut()

    def _read(self) -> None:
        try:
            self._pieces.put(self._outcome())
        finally:
            self._pieces.put(ServerFailure("failed"))  # read only if the line above raised

    def _outcome(self) -> ServerFailure | None:
        import httpx
        import openai

        # A reply that is no chat completion surfaces as one of the built-in errors, deep in the client libraries.
        broken = (ValueError, TypeError, AttributeError, LookupError)
        try:
            self._stream()
            return None
        except (openai.OpenAIError, httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError, *broken) as error:
            log.debug("language model: %s", type(error).__name__)  # its text may quote the key
            return ServerFailure(cause_of(error))

    def _stream(self) -> None:
        with closing(self._parts) as parts:
            for text, ending in parts:
                if self._stopped.is_set():
                    return
                self.ending = ending or self.ending
                if text:
                    self._pieces.put(text)


def cause_of(error: BaseException) -> str:
    """Which of the known causes an exception of the client libraries stands for."""
    import httpx
    import openai

    if isinstance(error, httpx.ConnectTimeout) or isinstance(error.__cause__, httpx.ConnectTimeout):
        return "unreachable"
    if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
        return "slow"
    if isinstance(error, openai.APIError) and _overflows(error):
        return "overflow"
    if isinstance(error, openai.APIStatusError):
        return BY_STATUS.get(error.status_code, "failed")
    if isinstance(error, openai.APIConnectionError | httpx.ConnectError | httpx.InvalidURL | httpx.UnsupportedProtocol):
        return "unreachable"
    if isinstance(error, openai.OpenAIError | httpx.HTTPError | OSError):
        return "failed"
    return "broken"


def _overflows(error: Any) -> bool:
    """Whether an error of the server says that the prompt is too long, by its code or in words."""
    status = getattr(error, "status_code", 400)  # an error inside the stream has none
    return status in (400, 413, 422, 500) and bool(_OVERFLOW.search(f"{error.code} {error.type} {error.message}"))
