"""Who may talk to the page: addresses, passwords, hosts and origins; and what the page may load.

A page on another site must not be able to use a visitor's Mundap. A request that changes something and comes from
another site is refused (cross-site request forgery), and where Mundap listens on this machine alone, so is one that
calls it by any other name (DNS rebinding). The content security policy keeps the page to its own host.
"""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from index.errors import CorpusError
from ui.labels import COOKIE

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
POLICY = (
    # Gradio compiles its templates and styles in the page, hence the two "unsafe" words; every source is this host.
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
# Gradio takes its own words from the browser's first language; here the visitor's choice comes first, then whichever
# of the page's two languages the browser prefers. It must run before Gradio does, which `launch(head=…)` does not.
LANGUAGE_JS = (
    "<script>(() => {"
    f"const chosen = (document.cookie.match(/(?:^|; ){COOKIE}=(ko|en)(?:;|$)/) || [])[1];"
    "const wished = navigator.languages.map(tag => tag.split('-')[0]).find(tag => tag === 'ko' || tag === 'en');"
    "Object.defineProperty(navigator, 'language', { get: () => chosen || wished || 'en' });"
    "})()</script>"
)


class LaunchRefused(CorpusError):
    """The chat cannot be served at the address that was asked for."""


def credentials(host: str, auth: str | None, open_to_all: bool = False) -> tuple[str, str] | None:
    """The user and password that visitors must give, from ``auth``, the value of ``MUNDAP_AUTH``.

    :raises LaunchRefused: if ``host`` can be reached from other machines, there is no password, and nobody said that
        there need not be one.
    """
    user, _, password = (auth or "").partition(":")
    if user and password:
        return user, password
    if auth:
        raise LaunchRefused("MUNDAP_AUTH must be of the form user:password, neither of them empty.")
    if not is_loopback(host) and not open_to_all:
        raise LaunchRefused(
            f"{host} can be reached from other machines. Set MUNDAP_AUTH=user:password to require a password there, "
            "use --host 127.0.0.1, or let everyone in with --open-to-all."
        )
    return None


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def refusal(method: str, headers: dict[str, str], local: bool) -> str:
    """Why a request is refused, or nothing. ``headers`` have lower-case names; ``local``: served to this machine only."""
    named = headers.get("host", "")
    if local and not is_loopback(urlsplit(f"//{named}").hostname or ""):
        return f"This page is served to this machine only, not as {named!r}."
    if method in SAFE_METHODS:
        return ""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return "" if site in ("same-origin", "none") else "Requests from other sites are refused."
    origin = headers.get("origin")
    same = origin is None or urlsplit(origin).netloc == named
    return "" if same else "Requests from other sites are refused."


class Guard:
    """ASGI middleware that refuses by :func:`refusal`, and adds ``HEADERS`` and ``LANGUAGE_JS`` to what is sent."""

    def __init__(self, app: Any, local: bool) -> None:
        self._app, self._local = app, local

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if reason := refusal(scope["method"], headers, self._local):
            body = reason.encode()
            plain = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": plain})
            await send({"type": "http.response.body", "body": body})
            return
        await self._app(scope, receive, _Dressing(send))


class _Dressing:
    """Passes a response on with the headers above, and the page itself with its language script."""

    def __init__(self, send: Any) -> None:
        self._send = send
        self._start: dict[str, Any] = {}

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            added = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            held = {name for name, _ in added}
            self._start = {**message, "headers": [h for h in message["headers"] if h[0] not in held] + added}
            if not self._is_page():
                await self._send(self._start)
            return
        if self._is_page():
            message = {
                **message,
                "body": message.get("body", b"").replace(b"<head>", b"<head>" + LANGUAGE_JS.encode(), 1),
            }
            grown = [(n, v) for n, v in self._start["headers"] if n != b"content-length"]
            await self._send({**self._start, "headers": grown})
            self._start = {}
        await self._send(message)

    def _is_page(self) -> bool:
        types = [value for name, value in self._start.get("headers", ()) if name == b"content-type"]
        return bool(types) and types[0].startswith(b"text/html")
