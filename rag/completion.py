"""One streamed completion, read so that it cannot hang, and the names of what can go wrong with its server.

Knows nothing of prompts, sentences or documents, nor how a server is asked. Whatever goes wrong becomes a
:class:`ServerFailure`, in time; nothing that an error says is repeated, for it may quote the key.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing

DEADLINE = 180.0  # seconds for the whole reply
BY_STATUS = {
    400: "rejected", 401: "key", 403: "key", 404: "unknown", 408: "slow", 413: "rejected", 422: "rejected",
    429: "busy", 503: "busy", 504: "slow",
}  # fmt: skip
Part = tuple[str, bool]  # a piece of text, and whether the model ends the reply with it
log = logging.getLogger(__name__)


class ServerFailure(Exception):
    """The server gave no usable reply.

    ``cause`` says why: unreachable, slow, key, unknown, busy, rejected, failed or broken.
    """

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class Completion:
    """One streamed reply, read in a thread of its own so that no server can hold the caller past the deadline.

    ``parts`` is a generator: it is run and closed in that thread. ``deadline`` is in seconds from now.
    """

    def __init__(self, parts: Generator[Part, None, None], deadline: float = DEADLINE) -> None:
        self.complete = False  # whether the model itself ended the reply
        self._parts, self._empty = parts, True
        self._deadline = time.monotonic() + deadline
        self._pieces: queue.SimpleQueue[str | ServerFailure | None] = queue.SimpleQueue()
        self._stopped = threading.Event()
        threading.Thread(target=self._read, name="mundap-llm", daemon=True).start()

    def __iter__(self) -> Iterator[str]:
        """Pieces of text as they come.

        :raises ServerFailure: if the server fails or the deadline passes.
        """
        while True:
            try:
                piece = self._pieces.get(timeout=max(0.0, self._deadline - time.monotonic()))
            except queue.Empty:
                raise ServerFailure("slow") from None
            if isinstance(piece, ServerFailure):
                raise piece
            if piece is None:
                break
            self._empty = False
            yield piece
        if self._empty and not self.complete:
            raise ServerFailure("broken")

    def stop(self) -> None:
        """End the request: the connection is closed at the next piece."""
        self._stopped.set()

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
            for text, ended in parts:
                if self._stopped.is_set():
                    return
                self.complete = self.complete or ended
                if text:
                    self._pieces.put(text)


def cause_of(error: BaseException) -> str:
    """Which of the known causes an exception of the client libraries stands for."""
    import httpx
    import openai

    if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
        return "slow"
    if isinstance(error, openai.APIStatusError):
        return BY_STATUS.get(error.status_code, "failed")
    if isinstance(error, openai.APIConnectionError | httpx.ConnectError | httpx.InvalidURL | httpx.UnsupportedProtocol):
        return "unreachable"
    if isinstance(error, openai.OpenAIError | httpx.HTTPError | OSError):
        return "failed"
    return "broken"
