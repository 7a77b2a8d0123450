"""Serving the page: its look, its guard, its address."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import gradio as gr
from starlette.middleware import Middleware

from index.errors import CorpusError, IndexMissing
from rag.settings import Settings
from ui.desk import Desk
from ui.guard import Guard, LaunchRefused, credentials, is_loopback
from ui.library import LARGEST_FILE
from ui.page import asset, lay_out, translate

if TYPE_CHECKING:
    from rag import Assistant

PORT = 7860


def build(factory: Callable[[], Assistant] | None = None, settings: Settings | None = None) -> gr.Blocks:
    """The page. Nothing is opened, loaded or indexed before a visitor comes or :func:`launch` is called.

    :param factory: makes the assistant; by default the one over ``settings.home``, with the samples if that is empty.
    """
    return lay_out(Desk(settings or Settings.from_env(), factory))


def launch(
    host: str = "127.0.0.1",
    port: int | None = None,
    settings: Settings | None = None,
    factory: Callable[[], Assistant] | None = None,
    block: bool = True,
    open_to_all: bool = False,
) -> gr.Blocks:
    """Serve the chat; with ``block`` until it is interrupted. An empty home gets the bundled samples first.

    :param port: by default the first free one from 7860.
    :param open_to_all: let other machines in without a password.
    :raises LaunchRefused: if the address is open to other machines without a password, or the port is taken.
    :raises CorpusError: if the index cannot be opened.
    """
    auth = credentials(host, os.environ.get("MUNDAP_AUTH"), open_to_all)
    desk = Desk(settings or Settings.from_env(), factory)
    with contextlib.suppress(IndexMissing):  # the page says so, and takes documents
        desk.assistant()
        threading.Thread(target=_choose_examples, args=(desk,), daemon=True).start()
    page = lay_out(desk)
    tools = importlib.util.find_spec("mcp") is not None  # comes with the extra "mcp"
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # gradio announces its tools even when it is told to be quiet
            _serve(page, host, port, auth, tools)
    except OSError as error:
        raise LaunchRefused(f"{host}:{port or PORT} cannot be listened on ({error}). Choose another --port.") from error
    print(f"Mundap 문답  {page.local_url}", flush=True)  # noqa: T201
    if tools:
        print(f"MCP          {page.local_url}gradio_api/mcp/", flush=True)  # noqa: T201
    if block:
        page.block_thread()
    return page


def close(page: gr.Blocks) -> None:
    """End the service of a page that :func:`launch` returned without blocking; nothing if it has ended.

    Gradio sets its stop event, which belongs to the server's loop, from the caller's thread: asyncio then fails if a
    browser's stream leaves at that very moment. The rest of what gradio does is made up for here.
    """
    try:
        page.close(verbose=False)
    except RuntimeError:
        page.app.stop_event.clear()
        page.app.stop_event.set()
        if page.server:
            page.server.close()


def _serve(page: gr.Blocks, host: str, port: int | None, auth: tuple[str, str] | None, tools: bool) -> None:
    page.launch(
        server_name=host,
        server_port=port,
        auth=auth,
        app_kwargs={"middleware": [Middleware(Guard, local=is_loopback(host))]},
        prevent_thread_lock=True,
        quiet=True,
        css=asset("page.css"),
        theme=_theme(),
        i18n=translate,
        footer_links=[],
        enable_monitoring=False,
        run_history=False,
        ssr_mode=False,
        share=False,
        mcp_server=tools,
        pwa=False,
        max_file_size=LARGEST_FILE,
        allowed_paths=[],
    )


def _choose_examples(desk: Desk) -> None:
    with contextlib.suppress(CorpusError):  # told to the visitor who comes first
        desk.examples("ko")
        desk.examples("en")


def _theme() -> gr.themes.Base:
    fonts = ["system-ui", "-apple-system", "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR", "Noto Sans CJK KR"]
    theme = gr.themes.Base(
        primary_hue="teal", neutral_hue="stone", font=[*fonts, "sans-serif"], font_mono=["ui-monospace", "monospace"]
    )
    # The defaults fall short of the contrast of 4.5 to 1 that WCAG 2.2 asks for (success criterion 1.4.3).
    return theme.set(
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        input_placeholder_color="*neutral_600",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
    )
