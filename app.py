"""The chat in the browser: conversation on the left, evidence on the right. Run it with ``mundap chat``.

This module is gradio's only home. It formats what an :class:`rag.Assistant` says and decides nothing; what it shows is
made in :mod:`views`. It knows no retrieval, no prompts and no file formats. ``demo`` is the page, as hosts of Gradio
apps expect it; importing it opens and indexes nothing.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.settings import Settings, be_quiet

be_quiet()  # before gradio, which contacts its makers at import

import gradio as gr  # noqa: E402
from gradio import events  # noqa: E402

import views  # noqa: E402
from index.errors import CorpusError, IndexMissing  # noqa: E402
from index.types import Article, Hit, Language  # noqa: E402
from rag.errors import AskError  # noqa: E402
from rag.types import Answer, Turn  # noqa: E402

if TYPE_CHECKING:
    from index.build import Report
    from rag import Assistant

PORT = 7860
LARGEST_FILE = 20 * 2**20  # bytes, told in views.LABELS
MOST_FILES = 200  # in one upload, told in views.LABELS
QUESTION_LENGTH = 2_000  # characters the question box takes; longer ones are refused by the assistant
SAMPLES = Path(__file__).parent / "index" / "samples"
# What can be asked, and a word that some article must hold for the question to be offered.
EXAMPLES = (
    ("국내에는 클러스터가 몇 개 있나요?", "1,800"),
    ("How many researchers will go to Boston each year?", "researchers"),
    ("클러스터 계획을 세운 지방자치단체는 몇 곳인가요?", "local governments"),
    ("Where was the fifth export strategy meeting held?", "수출전략회의"),
)

translate = gr.I18n(ko=dict(views.LABELS["ko"]), en=dict(views.LABELS["en"]))


class LaunchRefused(CorpusError):
    """The chat cannot be served at the address that was asked for."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question of the conversation with its answer, or the notice shown in its place; at first neither."""

    question: str
    answer: Answer | None = None
    notice: str = ""


class Desk:
    """The one assistant that all visitors share: opened on first use, and again whenever the index has changed."""

    def __init__(self, settings: Settings, factory: Callable[[], Assistant] | None = None) -> None:
        self.settings = settings
        self._factory = factory or self._open
        self._lock = threading.Lock()
        self._assistant: Assistant | None = None
        self._stamp, self._seeded = -1, False

    def _open(self) -> Assistant:
        from rag import Assistant

        if not self._seeded:
            ensure_index(self.settings)
            self._seeded = True
        return Assistant.from_settings(self.settings)

    def assistant(self) -> Assistant:
        """The assistant over the index as it is now. An answer under way keeps the one that it began with.

        :raises CorpusError: if the index cannot be opened.
        """
        with self._lock:
            if self._assistant is None or self._stamp != self._changed():
                self._assistant = None
                self._assistant = self._factory()
                self._stamp = self._changed()
            return self._assistant

    def _changed(self) -> int:
        """When the last indexing run ended, in ns: its last act is to replace the lexical index."""
        from index.corpus import LEXICAL

        path = self.settings.home / LEXICAL
        return path.stat().st_mtime_ns if path.exists() else 0

    def articles(self) -> list[Article]:
        """What is indexed; nothing where there is no index."""
        try:
            return list(self.assistant().articles())
        except IndexMissing:
            return []


def ensure_index(settings: Settings, progress: Callable[[int, int, str], None] = lambda *_: None) -> bool:
    """Index the bundled samples where nothing is indexed yet; whether that was so.

    :raises CorpusError: if the home cannot be written or its index cannot be used.
    """
    from index.build import index_paths
    from index.corpus import Corpus
    from index.embed import load_encoder

    encoder = load_encoder(settings.embedder)
    try:
        Corpus(settings.home, encoder, settings.chroma_url)
    except IndexMissing:
        index_paths(settings.home, [SAMPLES / "ko", SAMPLES / "en"], encoder, settings.chroma_url, progress)
        return True
    return False


def add_documents(settings: Settings, files: Sequence[Path], progress: Callable[[int, int, str], None]) -> Report:
    """Copy ``files`` to the home's ``uploads`` folder, under their own names, and index them.

    A file that cannot be read is not copied, so that it never takes the place of a namesake that can.

    :raises CorpusError: if there are too many files, or the home cannot be written.
    """
    from index.build import Report, index_paths
    from index.embed import load_encoder
    from index.errors import UnreadableDocument

    if len(files) > MOST_FILES:
        raise UnreadableDocument(f"{len(files)} files were given; at most {MOST_FILES} are taken at a time.")
    skipped: dict[str, str] = {}
    kept = [copy for file in files if (copy := _keep(file, settings.home / "uploads", skipped))]
    encoder = load_encoder(settings.embedder)
    report = index_paths(settings.home, kept, encoder, settings.chroma_url, progress) if kept else Report()
    report.skipped.update(skipped)
    return report


def _keep(file: Path, folder: Path, skipped: dict[str, str]) -> Path | None:
    """Copy one readable file to ``folder``; say in ``skipped`` why not."""
    from index.errors import IndexUnwritable, UnreadableDocument
    from index.read import read_article

    try:
        if file.stat().st_size > LARGEST_FILE:
            raise UnreadableDocument(f"{file.name}: larger than {LARGEST_FILE // 2**20} MB. Split it.")
        read_article(file, article_id="upload")
    except UnreadableDocument as error:
        skipped[str(file)] = str(error)
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copyfile(file, folder / file.name))
    except OSError as error:
        raise IndexUnwritable(f"{folder} cannot be written ({error.strerror}). Set MUNDAP_HOME elsewhere.") from error


def remove_documents(settings: Settings, articles: Sequence[Article]) -> None:
    """Take ``articles`` out of the index, and delete the files that were uploaded; a user's own files stay."""
    from index.build import remove_articles
    from index.embed import load_encoder

    remove_articles(settings.home, [a.id for a in articles], load_encoder(settings.embedder), settings.chroma_url)
    uploads = (settings.home / "uploads").resolve()
    for article in articles:
        if Path(article.path).parent == uploads:
            Path(article.path).unlink(missing_ok=True)


def _language(request: gr.Request | None) -> Language:
    return views.interface_language(request.headers.get("accept-language", "") if request else "")


def _messages(exchanges: Sequence[Exchange], language: Language) -> list[dict[str, str]]:
    """The conversation as the chat shows it."""
    messages = []
    for turn, exchange in enumerate(exchanges):
        messages.append({"role": "user", "content": views.question_html(exchange.question)})
        if exchange.answer:
            said = views.answer_html(exchange.answer.text, turn, language, exchange.answer)
        elif exchange.notice:
            said = views.notice_html(exchange.notice)
        else:
            said = views.notice_html(views.LABELS[language]["searching"], waiting=True)
        messages.append({"role": "assistant", "content": said})
    return messages


class Handlers:
    """What the page's controls do. Each takes and returns plain values, so that tests can call it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def respond(self, question: str, exchanges: list[Exchange], request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Answer ``question``, yielding (question box, messages, conversation, evidence) as the answer grows."""
        language = _language(request)
        if not question.strip():
            yield gr.skip(), gr.skip(), gr.skip(), gr.skip()
            return
        waiting = _messages([*exchanges, Exchange(question)], language)
        yield _box(busy=True), waiting, exchanges, gr.skip()
        try:
            assistant, text = self._desk.assistant(), ""
            for event in assistant.stream(question, [Turn(e.question, e.answer.text) for e in exchanges if e.answer]):
                if isinstance(event, Answer):
                    exchanges = [*exchanges, Exchange(question, event)]
                    shown = views.evidence_html(event, assistant.article, len(exchanges) - 1, language)
                    yield _box(), _messages(exchanges, language), exchanges, shown
                elif not event:  # a language model is at work: a press on "stop" takes effect here
                    yield gr.skip(), gr.skip(), gr.skip(), gr.skip()
                else:
                    text += event
                    said = {"role": "assistant", "content": views.answer_html(text, len(exchanges))}
                    yield gr.skip(), [*waiting[:-1], said], gr.skip(), gr.skip()
        except (AskError, CorpusError) as error:
            exchanges = [*exchanges, Exchange(question, notice=str(error))]
            yield _box(), _messages(exchanges, language), exchanges, gr.skip()

    def stop(self, exchanges: list[Exchange], request: gr.Request) -> tuple[Any, ...]:
        """Take back a question whose answer was stopped."""
        return _box(), _messages(exchanges, _language(request))

    def fail(self, exchanges: list[Exchange], request: gr.Request) -> tuple[Any, ...]:
        """Say that an answer failed for a reason that the page cannot name; the log can."""
        language = _language(request)
        said = {"role": "assistant", "content": views.notice_html(views.LABELS[language]["failed"])}
        return _box(), [*_messages(exchanges, language), said]

    def reveal(self, exchanges: list[Exchange], event: gr.EventData, request: gr.Request) -> Any:
        """The evidence of an earlier answer, whose marker was pressed."""
        wanted = re.fullmatch(r"cite-(\d{1,6})-\d{1,3}", str(getattr(event, "id", "")))
        turn = int(wanted[1]) if wanted else -1
        if not 0 <= turn < len(exchanges) or not exchanges[turn].answer:
            return gr.skip()
        return views.evidence_html(exchanges[turn].answer, self._desk.assistant().article, turn, _language(request))

    def restart(self, request: gr.Request) -> tuple[Any, ...]:
        """An empty conversation."""
        return _box(), [], [], views.evidence_html(None, _nothing, 0, _language(request))

    def open_page(self, request: gr.Request) -> tuple[Any, ...]:
        """What a page shows when it opens: evidence, article list, articles that can be removed, examples."""
        language = _language(request)
        empty = views.evidence_html(None, _nothing, 0, language)
        try:
            articles = self._desk.articles()
        except CorpusError as error:
            return empty, views.notice_html(str(error)), gr.skip(), gr.skip()
        chat = gr.Chatbot(examples=[{"text": example} for example in _examples(articles)])
        return empty, views.articles_html(articles, language), _choices(articles), chat

    def upload(self, files: list[str] | None, request: gr.Request, progress: gr.Progress) -> tuple[Any, ...]:
        """Index uploaded files: (file box, report, article list, articles that can be removed)."""
        language = _language(request)
        if not files:
            return gr.skip(), views.notice_html(views.LABELS[language]["nothing_chosen"]), gr.skip(), gr.skip()
        try:
            report = add_documents(self._desk.settings, [Path(file) for file in files], _reporter(progress, language))
            articles = self._desk.articles()
        except CorpusError as error:
            return gr.skip(), views.notice_html(str(error)), gr.skip(), gr.skip()
        return None, views.report_html(outcomes(report), language), *_listing(articles, language)

    def remove(self, ids: list[str], request: gr.Request) -> tuple[Any, ...]:
        """Remove articles: (report, article list, articles that can be removed)."""
        language = _language(request)
        chosen = [article for article in self._desk.articles() if article.id in set(ids or ())]
        if not chosen:
            return views.notice_html(views.LABELS[language]["nothing_chosen"]), gr.skip(), gr.skip()
        try:
            remove_documents(self._desk.settings, chosen)
            articles = self._desk.articles()
        except CorpusError as error:
            return views.notice_html(str(error)), gr.skip(), gr.skip()
        return views.report_html([(a.source, "removed", "") for a in chosen], language), *_listing(articles, language)

    def ask(self, question: str, language: str = "auto", history: list[dict[str, str]] | None = None) -> dict[str, Any]:
        """Answer a question from the indexed articles, with citations.

        Args:
            question: What is asked, in Korean or English; at most 2,000 characters.
            language: The answer's language: "ko", "en", or "auto" for the question's own.
            history: Earlier exchanges of the conversation, each {"question": ..., "answer": ...}, oldest first.

        Returns:
            The answer: question, query, language, status ("answered" or "no_evidence"), text with markers [1],
            generator, citations (number, article_id, title, publisher, published, language, source, quote, start,
            end), hits, timings, notice (one line where a language model's answer was amiss), and how many sentences the
            model wrote (read) and how many of them were left out (dropped).
        """
        try:
            return self._desk.assistant().ask(question, _turns(history or []), language).as_dict()
        except (AskError, CorpusError) as error:
            raise gr.Error(str(error)) from error

    def search(self, query: str, limit: int = 10) -> list[dict[str, Any]]:
        """Find the passages of the indexed articles that are nearest to a query, best first.

        Args:
            query: What to look for, in Korean or English.
            limit: How many passages at most, 1 to 100.

        Returns:
            For each passage: article_id, passage_id, score, start, end, title, published, source and text.
        """
        try:
            assistant = self._desk.assistant()
            hits = assistant.search(query, limit=min(max(limit, 1), 100))
        except (AskError, CorpusError) as error:
            raise gr.Error(str(error)) from error
        return [_found(hit, assistant.article(hit.article_id)) for hit in hits]


def _turns(history: Sequence[dict[str, str]]) -> list[Turn]:
    try:
        return [Turn(str(turn["question"]), str(turn["answer"])) for turn in history]
    except (KeyError, TypeError) as error:
        raise gr.Error('Each turn of the history must be {"question": text, "answer": text}.') from error


def _found(hit: Hit, article: Article) -> dict[str, Any]:
    about = {"title": article.title, "published": article.published, "source": article.source}
    return {**asdict(hit), **about, "text": article.text[hit.start : hit.end]}


def _nothing(article_id: str) -> Article:
    raise KeyError(article_id)


def _box(busy: bool = False) -> Any:
    """The question box, emptied; while an answer is under way it offers to stop instead of to send."""
    return gr.Textbox(value="", submit_btn=not busy, stop_btn=busy)


def _examples(articles: Sequence[Article]) -> list[str]:
    """The example questions that the indexed articles speak of."""
    return [question for question, word in EXAMPLES if any(word in article.text for article in articles)]


def _choices(articles: Sequence[Article]) -> Any:
    names = [(article.title or article.source, article.id) for article in articles]
    return gr.Dropdown(choices=names, value=[], multiselect=True)


def _listing(articles: Sequence[Article], language: Language) -> tuple[str, Any]:
    return views.articles_html(articles, language), _choices(articles)


def _reporter(progress: gr.Progress, language: Language) -> Callable[[int, int, str], None]:
    label = views.LABELS[language]["reading"]
    return lambda done, total, name: progress((done, total), desc=f"{label}: {name}" if name else label)


def outcomes(report: Report) -> list[tuple[str, str, str]]:
    """An indexing run's report as rows of (path, outcome, reason)."""
    done = {"added": report.added, "updated": report.updated, "unchanged": report.unchanged, "removed": report.removed}
    rows = [(path, outcome, "") for outcome, paths in done.items() for path in paths]
    return rows + [(path, "skipped", reason) for path, reason in report.skipped.items()]


def build(factory: Callable[[], Assistant] | None = None, settings: Settings | None = None) -> gr.Blocks:
    """The page. Nothing is opened, loaded or indexed before a visitor comes or :func:`launch` is called.

    :param factory: makes the assistant; by default the one over ``settings.home``, with the samples if that is empty.
    """
    return _page(Handlers(Desk(settings or Settings.from_env(), factory)))


def _page(handlers: Handlers) -> gr.Blocks:
    with gr.Blocks(title="Mundap 문답", fill_height=True, fill_width=True, delete_cache=(3600, 3600)) as page:
        gr.HTML("<h1>문답 <span>Mundap</span></h1>", elem_id="masthead")
        with gr.Tabs():
            with gr.Tab(translate("chat")):
                evidence, chat = _chat_tab(handlers)
            with gr.Tab(translate("articles")):
                listing, chosen = _articles_tab(handlers)
        page.load(handlers.open_page, None, [evidence, listing, chosen, chat], api_visibility="private")
        events.api(handlers.ask, api_name="ask")
        events.api(handlers.search, api_name="search")
    page.queue(default_concurrency_limit=8)
    return page  # type: ignore[no-any-return]


def _chat_tab(handlers: Handlers) -> tuple[gr.HTML, gr.Chatbot]:
    exchanges = gr.State([])
    with gr.Row(equal_height=True, elem_id="desk"):
        with gr.Column(scale=5, min_width=320, elem_id="conversation"):
            chat = gr.Chatbot(
                show_label=False,
                label=translate("chat"),
                elem_id="chat",
                buttons=[],
                latex_delimiters=[],
                placeholder=views.WELCOME,
                layout="bubble",
                feedback_options=None,
            )
            with gr.Row(elem_id="ask"):
                box = gr.Textbox(
                    label=translate("question"),
                    show_label=False,
                    container=False,
                    placeholder=translate("placeholder"),
                    submit_btn=True,
                    autofocus=True,
                    max_lines=6,
                    scale=8,
                )
                fresh = gr.Button(translate("new_chat"), size="sm", scale=1, min_width=84)
        with gr.Column(scale=6, min_width=320):
            evidence = gr.HTML(elem_id="evidence", js_on_load=views.EVIDENCE_JS, apply_default_css=False)
    shown = [box, chat, exchanges, evidence]
    asking = box.submit(handlers.respond, [box, exchanges], shown, show_progress="hidden", api_visibility="private")
    picked = chat.example_select(_example, None, box, show_progress="hidden", api_visibility="private").then(
        handlers.respond, [box, exchanges], shown, show_progress="hidden", api_visibility="private"
    )
    for event in (asking, picked):
        event.failure(handlers.fail, exchanges, [box, chat], show_progress="hidden", api_visibility="private")
    box.stop(handlers.stop, exchanges, [box, chat], cancels=[asking, picked], api_visibility="private")
    fresh.click(handlers.restart, None, shown, cancels=[asking, picked], api_visibility="private")
    chat.clear(handlers.restart, None, shown, api_visibility="private")
    evidence.click(handlers.reveal, exchanges, evidence, show_progress="hidden", api_visibility="private")
    return evidence, chat


def _example(event: gr.SelectData) -> str:
    return str(event.value["text"])


def _articles_tab(handlers: Handlers) -> tuple[gr.HTML, gr.Dropdown]:
    with gr.Column(elem_id="library"):
        files = gr.File(label=translate("upload"), file_count="multiple", height=160)
        gr.Markdown(translate("upload_note"), elem_classes="hint")
        index = gr.Button(translate("index"), variant="primary")
        report = gr.HTML(elem_id="report", apply_default_css=False)
        listing = gr.HTML(elem_id="listing", apply_default_css=False)
        with gr.Row():
            chosen = gr.Dropdown(label=translate("remove_which"), multiselect=True, choices=[], scale=4)
            remove = gr.Button(translate("remove"), scale=1)
            confirm = gr.Button(translate("confirm"), variant="stop", visible=False, scale=1)

    def upload(
        names: list[str] | None,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[Any, ...]:
        return handlers.upload(names, request, progress)

    private: dict[str, Any] = {"api_visibility": "private", "concurrency_limit": 1, "concurrency_id": "index"}
    index.click(upload, files, [files, report, listing, chosen], show_progress_on=report, **private)
    remove.click(lambda: gr.Button(visible=True), None, confirm, api_visibility="private")
    removing = confirm.click(handlers.remove, chosen, [report, listing, chosen], **private)
    removing.then(lambda: gr.Button(visible=False), None, confirm, api_visibility="private")
    return listing, chosen


def credentials(host: str, auth: str | None) -> tuple[str, str] | None:
    """The user and password that visitors must give, from ``auth``, the value of ``MUNDAP_AUTH``.

    :raises LaunchRefused: if ``host`` can be reached from other machines and there is no password.
    """
    user, _, password = (auth or "").partition(":")
    if user and password:
        return user, password
    if auth:
        raise LaunchRefused("MUNDAP_AUTH must be of the form user:password, neither of them empty.")
    if not _is_loopback(host):
        raise LaunchRefused(
            f"{host} can be reached from other machines. Set MUNDAP_AUTH=user:password to require a password there, "
            "or use --host 127.0.0.1."
        )
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def launch(
    host: str = "127.0.0.1",
    port: int | None = None,
    settings: Settings | None = None,
    factory: Callable[[], Assistant] | None = None,
    block: bool = True,
) -> gr.Blocks:
    """Serve the chat; with ``block`` until it is interrupted. An empty home gets the bundled samples first.

    :param port: by default the first free one from 7860.
    :raises LaunchRefused: if the address is open to other machines without a password, or the port is taken.
    :raises CorpusError: if the index cannot be opened.
    """
    auth = credentials(host, os.environ.get("MUNDAP_AUTH"))
    desk = Desk(settings or Settings.from_env(), factory)
    with contextlib.suppress(IndexMissing):  # the page says so, and takes documents
        desk.assistant()
    page = _page(Handlers(desk))
    try:
        page.launch(
            server_name=host,
            server_port=port,
            auth=auth,
            prevent_thread_lock=True,
            quiet=True,
            css=views.CSS,
            theme=_theme(),
            i18n=translate,
            footer_links=[],
            enable_monitoring=False,
            run_history=False,
            ssr_mode=False,
            share=False,
            mcp_server=False,
            pwa=False,
            max_file_size=LARGEST_FILE,
            allowed_paths=[],
        )
    except OSError as error:
        raise LaunchRefused(f"{host}:{port or PORT} cannot be listened on ({error}). Choose another --port.") from error
    print(f"Mundap 문답  {page.local_url}", flush=True)  # noqa: T201
    if block:
        page.block_thread()
    return page


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


demo = build()

if __name__ == "__main__":
    launch()
