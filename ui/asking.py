"""What the controls of the conversation do. Each takes and returns plain values, so that tests can call it."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from index.errors import CorpusError
from index.types import Article, Language
from rag.errors import AskError
from rag.types import Answer, Filter
from ui import export, history
from ui.conversation import conversation, welcome
from ui.desk import Desk
from ui.evidence import evidence
from ui.feedback import record
from ui.history import Chat, Exchange, fresh
from ui.labels import COOKIE, LABELS, interface_language
from ui.menu import history_menu

log = logging.getLogger(__name__)


def visitors_language(request: gr.Request | None) -> Language:
    """The language that a visitor's page is in."""
    if request is None:
        return "en"
    return interface_language(request.headers.get("accept-language", ""), request.cookies.get(COOKIE, ""))


class Asking:
    """The conversation of one page. What is said of a turn counts the conversation's exchanges from 0.

    ``chat`` is the conversation as this page holds it, ``kept`` the browser's store of all of them, read
    when a control is used, for other tabs write there too; ``only`` is what the question is narrowed to.

    A page asks one question at a time. Gradio could cancel a run, but does so whenever its browser gets round to it, and
    then together with whatever was asked in the meantime; so a run looks for itself whether its question is still the
    page's, and ends where it was stopped or another conversation was opened.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._turns: dict[str, object] = {}  # by page: the run that answers it now
        self._left: set[str] = set()  # pages whose run was left behind, and may yet show a step too many

    def respond(
        self, question: str, chat: Chat, kept: Any, only: Filter | None, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        """Answer what was typed, yielding (question box, conversation, chat, evidence, what to keep) as it grows.

        While another question of the page is being answered, this one stays in the box.
        """
        own = history.load(kept).apart(chat)
        yield from self._run(question, own, only, request, _box(busy=True, value=""))

    def _run(
        self, question: str, chat: Chat, only: Filter | None, request: gr.Request, box: Any
    ) -> Iterator[tuple[Any, ...]]:
        page, turn = _page_of(request), object()
        if not question.strip() or self._turns.setdefault(page, turn) is not turn:
            yield (gr.skip(),) * 5
            return
        try:
            for step in self._steps(question, chat, only, visitors_language(request), box):
                if self._turns.get(page) is not turn:
                    return
                yield step
        finally:
            if self._turns.get(page) is turn:
                del self._turns[page]

    def _steps(
        self, question: str, chat: Chat, only: Filter | None, language: Language, box: Any
    ) -> Iterator[tuple[Any, ...]]:
        asked = _with(chat, [*chat.exchanges, Exchange(question)])
        said = conversation(asked.exchanges, language, growing="")
        yield box, said, asked, gr.skip(), history.keep(asked)  # a page that is loaded anew still has the question
        try:
            assistant, text = self._desk.assistant(), ""
            for event in assistant.stream(question, history.turns(chat.exchanges), "auto", only):
                if isinstance(event, Answer):
                    shown = evidence(event, assistant.article, len(chat.exchanges), language)
                    yield self._ended(chat, Exchange(question, event), language, shown)
                elif not event:  # a language model is at work: a press on "stop" takes effect here
                    yield (gr.skip(),) * 5
                else:
                    text += event
                    growing = conversation(asked.exchanges, language, growing=text)
                    yield gr.skip(), growing, *(gr.skip(),) * 3
        except (AskError, CorpusError) as error:
            yield self._ended(chat, Exchange(question, notice=str(error)), language, gr.skip())
        except Exception:  # a reason that the page cannot name, the log can
            log.exception("A question could not be answered.")
            yield self._ended(chat, Exchange(question, notice=LABELS[language]["failed"]), language, gr.skip())

    def _ended(self, chat: Chat, last: Exchange, language: Language, shown: Any) -> tuple[Any, ...]:
        chat = _with(chat, [*chat.exchanges, last])
        return _box(), conversation(chat.exchanges, language), chat, shown, history.keep(chat)

    def again(
        self, event: gr.EventData, chat: Chat, kept: Any, only: Filter | None, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        """Answer an example, an earlier question again, or one that was edited; what came after it is taken back."""
        turn = _turn(event, chat, default=len(chat.exchanges))
        question = sent(event, "question") or (chat.exchanges[turn].question if turn < len(chat.exchanges) else "")
        own = history.load(kept).apart(chat)
        yield from self._run(question, _with(own, own.exchanges[:turn]), only, request, _box(busy=True))

    def stop(self, chat: Chat, request: gr.Request) -> tuple[Any, ...]:
        """Leave a question whose answer was stopped as it stands: (question box, conversation)."""
        self._leave_off(_page_of(request))
        return _box(), self._said(chat, visitors_language(request))

    def _leave_off(self, page: str) -> None:
        if self._turns.pop(page, None):
            self._left.add(page)

    def settle(self, chat: Chat, request: gr.Request) -> tuple[Any, ...]:
        """The page as it is, once a run has ended that was left behind: (question box, conversation)."""
        page = _page_of(request)
        if page not in self._left or page in self._turns:
            return gr.skip(), gr.skip()
        self._left.discard(page)
        return _box(), self._said(chat, visitors_language(request))

    def reveal(self, event: gr.EventData, chat: Chat, request: gr.Request) -> Any:
        """The evidence of an earlier answer, whose marker was pressed."""
        wanted = re.fullmatch(r"cite-(\d{1,6})-\d{1,3}", sent(event, "mark"))
        turn = int(wanted[1]) if wanted else -1
        if not 0 <= turn < len(chat.exchanges) or not chat.exchanges[turn].answer:
            return gr.skip()
        return evidence(chat.exchanges[turn].answer, self._find, turn, visitors_language(request))

    def _find(self, article_id: str) -> Article:
        try:
            return self._desk.assistant().article(article_id)
        except CorpusError as error:
            raise KeyError(article_id) from error

    def rate(self, event: gr.EventData, chat: Chat, request: gr.Request) -> tuple[Any, ...]:
        """Keep what the visitor thinks of an answer: (conversation, chat, what to keep)."""
        turn, verdict = _turn(event, chat, default=-1), sent(event, "verdict")
        if turn < 0 or verdict not in ("good", "bad") or not chat.exchanges[turn].answer:
            return (gr.skip(),) * 3
        record(self._desk.settings.home, chat.exchanges[turn], verdict, sent(event, "reason"))
        rated = replace(chat.exchanges[turn], verdict="good" if verdict == "good" else "bad")
        chat = _with(chat, [*chat.exchanges[:turn], rated, *chat.exchanges[turn + 1 :]])
        return conversation(chat.exchanges, visitors_language(request)), chat, history.keep(chat)

    def open_page(self, kept: Any, request: gr.Request) -> tuple[Any, ...]:
        """The conversation that this browser had open: (conversation, chat, evidence, menu)."""
        store, language = history.load(kept), visitors_language(request)
        return *self._show(store.opened(), language), history_menu(store, language)

    def menu(self, kept: Any, request: gr.Request) -> str:
        """The bar above the conversation, once what the browser keeps has changed."""
        return history_menu(history.load(kept), visitors_language(request))

    def _show(self, chat: Chat, language: Language) -> tuple[Any, ...]:
        last = chat.exchanges[-1].answer if chat.exchanges else None
        shown = evidence(last, self._find, len(chat.exchanges) - 1, language)
        return self._said(chat, language), chat, shown

    def _said(self, chat: Chat, language: Language) -> str:
        if chat.exchanges:
            return conversation(chat.exchanges, language)
        try:
            documents = len(self._desk.articles())
        except CorpusError as error:
            return conversation([Exchange("", notice=str(error))], language)
        return conversation([], language, welcome(self._desk.examples_known(language), language, documents))

    def choose(self, chat: Chat, request: gr.Request) -> None:
        """Choose example questions for an empty conversation, which takes a second the first time."""
        if not chat.exchanges:
            with contextlib.suppress(CorpusError):  # told where a question is asked
                self._desk.examples(visitors_language(request))

    def offer(self, chat: Chat, request: gr.Request) -> Any:
        """The empty conversation with the example questions that there are by now."""
        if chat.exchanges or _page_of(request) in self._turns:
            return gr.skip()
        return self._said(chat, visitors_language(request))

    def leave(self, request: gr.Request) -> None:
        """Forget a page that was closed, and answer it no further."""
        self._turns.pop(_page_of(request), None)
        self._left.discard(_page_of(request))

    def restart(self, request: gr.Request) -> tuple[Any, ...]:
        """An empty conversation: (question box, conversation, chat, evidence, what to keep)."""
        return self._turn_to(fresh(), request)

    def reopen(self, event: gr.EventData, kept: Any, request: gr.Request) -> tuple[Any, ...]:
        """An earlier conversation: (question box, conversation, chat, evidence, what to keep)."""
        return self._turn_to(replace(history.load(kept), current=sent(event, "chat")).opened(), request)

    def _turn_to(self, chat: Chat, request: gr.Request) -> tuple[Any, ...]:
        self._leave_off(_page_of(request))
        return _box(), *self._show(chat, visitors_language(request)), history.keep(chat)

    def forget(self, event: gr.EventData) -> str:
        """Delete an earlier conversation from the browser."""
        return history.forget(sent(event, "chat"))

    def export(self, event: gr.EventData, chat: Chat, request: gr.Request) -> dict[str, str]:
        """The conversation as a file for the page to save: {"name", "kind", "text"}."""
        if sent(event, "format") == "json":
            return {"name": "mundap.json", "kind": "application/json", "text": export.as_json(chat.exchanges)}
        text = export.markdown(chat.exchanges, visitors_language(request))
        return {"name": "mundap.md", "kind": "text/markdown", "text": text}


def _page_of(request: gr.Request) -> str:
    return request.session_hash or ""


def _box(busy: bool = False, **more: Any) -> Any:
    """The question box; while an answer is under way it offers to stop instead of to send. What is typed stays."""
    return gr.Textbox(submit_btn=not busy, stop_btn=busy, **more)


def _with(chat: Chat, exchanges: Sequence[Exchange]) -> Chat:
    return replace(chat, exchanges=tuple(exchanges))


def sent(event: gr.EventData, name: str) -> str:
    """What the page's script sent along as ``name``: text, whatever a visitor makes of it."""
    value = getattr(event, "_data", None)
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def _turn(event: gr.EventData, chat: Chat, default: int) -> int:
    """The turn that an event is about, or ``default`` where it names none that there is."""
    said = sent(event, "turn")
    return int(said) if re.fullmatch(r"\d{1,6}", said) and int(said) < len(chat.exchanges) else default
