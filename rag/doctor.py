"""Is the language model's server fit for use? What ``mundap doctor`` says, one finding after another.

Each finding says what was seen and, where something is amiss, how to mend it. Nothing but the server that the settings
name is asked, and neither the key nor a password in the address is repeated.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from rag.completion import ServerFailure, cause_of
from rag.llm import LanguageModel, masked
from rag.notice import mend
from rag.settings import Settings

Grade = Literal["ok", "warning", "problem"]
NEEDED = 4_096  # tokens: the prompt and its answer
PATIENCE = 60.0  # seconds for a reply of one word; a model may have to be loaded first
SLOW = 20.0  # seconds after which an answer is tedious to wait for
LISTED = 8  # models named
PROBE = "Reply with the single word: ready"
# Where servers state a context's size, the one in force before the one that the model could have: llama.cpp, LM Studio,
# vLLM, Ollama and OpenRouter, Mistral, llama.cpp again.
_SIZES = ("n_ctx", "loaded_context_length", "max_model_len", "context_length", "context_window", "max_context_length", "n_ctx_train")  # fmt: skip
_PAGES = ("/props", "/api/ps", "/api/v0/models")  # beside the API: llama.cpp, Ollama, LM Studio


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what was ``seen``, and the ``advice`` that mends it, empty where all is well."""

    name: str
    grade: Grade
    seen: str
    advice: str = ""


def examine(settings: Settings, patience: float = PATIENCE) -> Iterator[Finding]:
    """Findings on the language model that ``settings`` name, as they are made; just one where they name none."""
    if not settings.llm_base_url:
        yield Finding("settings", "ok", "no language model is set; answers are quoted from the documents", _HOW)
        return
    model = LanguageModel.from_settings(settings)
    yield _settings(settings, model)
    listed = _get(model, model.base_url.rstrip("/") + "/models")
    yield _server(model, listed)
    if listed.cause == "unreachable":
        return
    yield from _models(settings, listed.value)
    yield _reply(model, patience)
    yield _context(model, listed.value)


_HOW = (
    "To have them written, set MUNDAP_LLM_BASE_URL (Ollama: http://127.0.0.1:11434/v1), MUNDAP_LLM_MODEL and, where the "
    "server asks for one, MUNDAP_LLM_API_KEY"
)


@dataclass(frozen=True, slots=True)
class _Page:
    """What a GET gave: JSON or ``None``, the HTTP status or 0, the seconds it took, and why it failed or empty."""

    value: Any = None
    status: int = 0
    seconds: float = 0.0
    cause: str = ""


def _get(model: LanguageModel, url: str) -> _Page:
    import httpx

    started = time.perf_counter()
    try:
        with model.client() as client:
            answer = client.get(url, headers=model.headers)
        seconds = time.perf_counter() - started
        try:
            return _Page(answer.json() if answer.is_success else None, answer.status_code, seconds)
        except ValueError:
            return _Page(None, answer.status_code, seconds)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
        return _Page(cause=cause_of(error), seconds=time.perf_counter() - started)


def _settings(settings: Settings, model: LanguageModel) -> Finding:
    key = "set (not shown)" if settings.llm_api_key else "none"
    seen = f"address {model.address}, model {settings.llm_model or 'none named'}, key {key}"
    parts = urlsplit(model.address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return Finding(
            "settings", "problem", seen, "MUNDAP_LLM_BASE_URL must begin with http:// or https:// and a host"
        )
    return Finding("settings", "ok", seen)


def _server(model: LanguageModel, page: _Page) -> Finding:
    if page.cause:
        return Finding("server", "problem", f"{model.address} {mend(page.cause)}")
    seen = f"answers in {1000 * page.seconds:.0f} ms"
    if page.status in (401, 403):
        return Finding("server", "problem", f"{seen}, but refused the key", "Check MUNDAP_LLM_API_KEY")
    if 300 <= page.status < 400:
        return Finding(
            "server", "problem", f"{seen}, but points elsewhere", "Set MUNDAP_LLM_BASE_URL to the new address"
        )
    if page.value is not None or page.status == 200:
        return Finding("server", "ok", seen)
    other = model.base_url.rstrip("/") + "/v1"
    if page.status == 404 and _get(model, other + "/models").value is not None:
        return Finding("server", "problem", f"{seen}, but not here", f"Set MUNDAP_LLM_BASE_URL to {masked(other)}")
    return Finding("server", "warning", f"{seen}, but lists no models (HTTP {page.status})")


def _models(settings: Settings, value: Any) -> Iterator[Finding]:
    names = [str(entry["id"]) for entry in _entries(value) if entry.get("id")]
    if not names:
        return
    shown = ", ".join(names[:LISTED]) + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")
    if settings.llm_model in names:
        yield Finding("model", "ok", f"{settings.llm_model} is among the {len(names)} listed")
    elif settings.llm_model is None and len(names) == 1:
        yield Finding("model", "ok", f"none named; the server has one: {shown}")
    else:
        seen = f"{settings.llm_model or 'none named'}; the server lists {shown}"
        yield Finding("model", "warning", seen, "Set MUNDAP_LLM_MODEL to one of them")


def _reply(model: LanguageModel, patience: float) -> Finding:
    """A request like those for answers: streamed, with a system message."""
    asked = [{"role": "system", "content": "You test a connection."}, {"role": "user", "content": PROBE}]
    started, first = time.perf_counter(), 0.0
    try:
        with model.ask(asked, patience) as reply:
            for piece in reply:
                first = first or (time.perf_counter() - started if piece else 0.0)
    except ServerFailure as failure:
        return Finding("reply", "problem", f"{model.address} {mend(failure.cause)}")
    total = time.perf_counter() - started
    named = f" as {model.answered_as}" if model.answered_as and model.answered_as != model.model else ""
    seen = f"{model.model} replied{named}: first word after {first:.2f} s, round trip {total:.2f} s"
    if total > SLOW:
        return Finding("reply", "warning", seen, "Answers will be slow. Use a smaller model or a faster machine")
    return Finding("reply", "ok", seen)


def _context(model: LanguageModel, listed: Any) -> Finding:
    """The context's size as the server states it; the last to be asked, for some know it once a model is loaded."""
    root = model.base_url.rstrip("/").removesuffix("/v1")
    pages = (_get(model, root + path).value for path in _PAGES)
    sizes = (size for value in (*pages, listed) if (size := context_size(value, model.model)) is not None)
    size = next(sizes, None)
    if size is None:
        return Finding("context", "ok", f"the server does not state its size; {NEEDED:,} tokens are needed")
    if size < NEEDED:
        seen, advice = (
            f"{size:,} tokens, {NEEDED:,} are needed",
            "Raise it (Ollama: OLLAMA_CONTEXT_LENGTH, llama.cpp: -c)",
        )
        return Finding("context", "problem", seen, advice)
    return Finding("context", "ok", f"{size:,} tokens, {NEEDED:,} are needed")


def context_size(value: Any, model: str) -> int | None:
    """Tokens of context that a server states for ``model``, in any of the places where servers do."""
    entries = _entries(value)
    named = [entry for entry in entries if model in (entry.get("id"), entry.get("name"), entry.get("model"))]
    return _size(named[0] if named else entries[0] if len(entries) == 1 else value if not entries else None)


def _entries(value: Any) -> list[Mapping[str, Any]]:
    """The models in a list of them, ``{"data": […]}`` or Ollama's ``{"models": […]}``."""
    found = (value.get("data") or value.get("models")) if isinstance(value, dict) else value
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _size(entry: Any) -> int | None:
    if not isinstance(entry, dict):
        return None
    for name in _SIZES:
        if isinstance(size := entry.get(name), int) and not isinstance(size, bool) and size > 0:
            return size
    inner = (_size(part) for part in entry.values() if isinstance(part, dict))
    return next((size for size in inner if size is not None), None)
