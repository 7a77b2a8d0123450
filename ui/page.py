"""The page laid out: conversation on the left, evidence on the right, documents behind a tab. It wires controls to what
:mod:`ui.asking` and :mod:`ui.shelf` do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from ui.asking import Asking
from ui.desk import Desk
from ui.endpoints import Endpoints, offer, upload_box
from ui.history import MOST_CHATS, Chat
from ui.labels import LABELS
from ui.scope import Scope
from ui.shelf import Shelf

ASSETS = Path(__file__).parent / "assets"
STORE = "mundap-chats"  # the browser's name for its conversations
KEPT = f"(() => {{ try {{ return JSON.parse(localStorage.getItem('{STORE}')) ?? {{}} }} catch {{ return {{}} }} }})()"
translate = gr.I18n(ko=dict(LABELS["ko"]), en=dict(LABELS["en"]))
quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
# One after the other, so that the page ends up showing the conversation that it has.
turn: dict[str, Any] = {**quiet, "concurrency_limit": 1, "concurrency_id": "turn"}


def asset(name: str) -> str:
    """The text of a script or style of the page."""
    return (ASSETS / name).read_text(encoding="utf-8")


def _html(name: str, script: str | None = None) -> gr.HTML:
    return gr.HTML("", elem_id=name, js_on_load=asset(script) if script else "", apply_default_css=False)


@dataclass(frozen=True, slots=True)
class Parts:
    """The components that the conversation's controls change."""

    box: gr.Textbox
    log: gr.HTML
    chat: gr.State
    evidence: gr.HTML
    menu: gr.HTML
    keep: gr.Textbox
    file: gr.JSON
    only: gr.State

    @property
    def shown(self) -> list[Any]:
        """In the order in which :class:`ui.asking.Asking` gives their values."""
        return [self.box, self.log, self.chat, self.evidence, self.keep]


def lay_out(desk: Desk) -> gr.Blocks:
    """The page over one desk."""
    with gr.Blocks(title="Mundap 문답", fill_height=True, fill_width=True, delete_cache=(3600, 3600)) as page:
        gr.HTML(asset("masthead.html"), elem_id="masthead", js_on_load=asset("masthead.js"), apply_default_css=False)
        shelf, scope = Shelf(desk), Scope(desk)
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab(translate("chat"), id="chat"):
                parts, ranges, told = _chat_tab(scope)
            with gr.Tab(translate("documents"), id="documents") as documents:
                listing, changes = _documents_tab(shelf, documents)
            with gr.Tab(translate("overview"), id="overview") as glance:
                survey = _html("overview")
            glance.select(shelf.survey, None, survey, **quiet)
        narrowed = listing.only(scope.only_one, None, [*ranges, tabs], **quiet)
        narrowed.then(scope.change, ranges, told, **quiet)
        do = Asking(desk)
        _wire(page, parts, do)
        for change in changes:
            known = change.then(scope.choices, ranges[1:3], ranges[1:3], **quiet)
            ranged = known.then(scope.change, ranges, told, **quiet)  # without the documents that are gone
            _offer(ranged.then(do.offer, parts.chat, parts.log, **turn), parts, do)
        offer(Endpoints(desk))
    page.queue(default_concurrency_limit=8)
    return page  # type: ignore[no-any-return]


def _chat_tab(scope: Scope) -> tuple[Parts, list[Any], list[Any]]:
    chat, only = gr.State(Chat("")), gr.State(None)  # a visitor's page opens one of its own, see open_page
    keep = gr.Textbox(visible="hidden")  # what the browser is told to keep, see assets/keep.js
    file = gr.JSON(visible=False)
    with gr.Row(equal_height=True, elem_id="desk"):
        with gr.Column(scale=5, min_width=320, elem_id="conversation"):
            menu = _html("menu", "menu.js")
            log = _html("log", "conversation.js")
            ranges, told = _scope(scope, only)
            with gr.Row(elem_id="ask"):
                box = gr.Textbox(
                    label=translate("question"),
                    show_label=False,
                    container=False,
                    placeholder=translate("placeholder"),
                    submit_btn=True,
                    autofocus=True,
                    max_lines=6,
                )
        with gr.Column(scale=6, min_width=320):
            evidence = _html("evidence", "evidence.js")
    return Parts(box, log, chat, evidence, menu, keep, file, only), ranges, told


def _scope(scope: Scope, only: gr.State) -> tuple[list[Any], list[Any]]:
    """The question's range: languages, publishers, articles, first and last day; and what tells of it."""
    with gr.Accordion(translate("scope"), open=False, elem_id="scope") as fold:
        languages = gr.CheckboxGroup(
            [("한국어 Korean", "ko"), ("영어 English", "en")], label=translate("scope_languages")
        )
        with gr.Row():
            publishers = gr.Dropdown([], label=translate("scope_publishers"), multiselect=True)
            articles = gr.Dropdown([], label=translate("scope_articles"), multiselect=True)
        with gr.Row():
            since = gr.Textbox(label=translate("scope_since"), max_length=10)
            until = gr.Textbox(label=translate("scope_until"), max_length=10)
        clear = gr.Button(translate("scope_clear"), size="sm")
        wrong = _html("scope-notice")
    ranges = [languages, publishers, articles, since, until]
    # What a visitor changes, not what the page sets: of five parts set at once the first would be taken for all of them.
    # One run at a time for all of them together: of two that ran side by side the earlier could come last.
    changes = [part.input for part in ranges]
    told = [only, fold, wrong]
    gr.on(changes, scope.change, ranges, told, trigger_mode="always_last", **quiet)
    clear.click(scope.clear, None, ranges, **quiet).then(scope.change, ranges, told, **quiet)
    chosen = [publishers, articles]
    fold.expand(scope.choices, chosen, chosen, **quiet)
    return ranges, told


def _wire(page: gr.Blocks, parts: Parts, do: Asking) -> None:
    asked, settled = [parts.chat, parts.keep, parts.only], parts.shown[:2]
    many: dict[str, Any] = {**quiet, "trigger_mode": "multiple"}  # a run that was left behind keeps no new one out
    running = [
        parts.box.submit(do.respond, [parts.box, *asked], parts.shown, js=_fresh(2), **many),
        parts.log.ask(do.again, asked, parts.shown, js=_fresh(1), **many),
    ]
    for run in running:
        run.then(do.settle, parts.chat, settled, **turn)
    parts.box.stop(do.stop, parts.chat, settled, **turn)
    parts.log.rate(do.rate, parts.chat, [parts.log, parts.chat, parts.keep], **quiet)
    parts.evidence.reveal(do.reveal, parts.chat, parts.evidence, **quiet)
    restarted = parts.menu.restart(do.restart, None, parts.shown, **turn)
    parts.menu.open(do.reopen, parts.keep, parts.shown, js=_fresh(0), **turn)
    parts.menu.forget(do.forget, None, parts.keep, **quiet)
    save = parts.menu.export(do.export, parts.chat, parts.file, **quiet)
    save.then(None, parts.file, None, js=asset("save.js"), **quiet)
    parts.keep.change(do.menu, parts.keep, parts.menu, js=_keep(), **many)
    opened = page.load(do.open_page, parts.keep, [*parts.shown[1:4], parts.menu], js=_fresh(0), **quiet)
    for empty in (opened, restarted):
        _offer(empty, parts, do)
    page.unload(do.leave)


def _fresh(place: int) -> str:
    """Script that hands on a control's inputs, the one at ``place`` being what the browser keeps at this moment."""
    return f"(...given) => {{ given[{place}] = JSON.stringify({KEPT}); return given; }}"


def _keep() -> str:
    script = asset("keep.js").replace("KEPT", KEPT).replace("STORE", repr(STORE))
    return script.replace("MOST_CHATS", str(MOST_CHATS))


def _offer(after: Any, parts: Parts, do: Asking) -> None:
    """Example questions in an empty conversation, which are there a while after ``after``."""
    after.then(do.choose, parts.chat, None, **quiet).then(do.offer, parts.chat, parts.log, **turn)


def _documents_tab(shelf: Shelf, tab: gr.Tab) -> tuple[gr.HTML, list[Any]]:
    """The list of documents, and what may have changed them."""
    with gr.Column(elem_id="library"):
        files = upload_box(label=translate("upload"), show_label=False, height=150, elem_id="upload")
        gr.Markdown(translate("upload_note"), elem_classes="hint")
        report = _html("report")
        listing = _html("listing", "documents.js")
    writing: dict[str, Any] = {**quiet, "concurrency_limit": 1, "concurrency_id": "index"}
    changes = [
        files.upload(shelf.upload, files, [files, report, listing], **writing),
        listing.remove(shelf.remove, None, [report, listing], **writing),
    ]
    tab.select(shelf.show, None, listing, **quiet)
    return listing, changes
