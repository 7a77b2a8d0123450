"""The chat page: what it shows is safe and right, its endpoints answer, and its addresses are guarded."""

from __future__ import annotations

import ast
import http.client
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

import app
import views
from index.errors import IndexMissing
from index.types import Article, Hit
from rag.errors import EmptyQuestion
from rag.settings import Settings
from rag.types import Answer, Citation, Turn

ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "</mark></div></details><script>alert(1)</script>",
    "</title></textarea><script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus=alert(1) x='",
    "<a href=javascript:alert(1)>x</a>",
    "[x](javascript:alert(1))",
    "![x](http://evil.example/pixel.png)",
    "[1]: javascript:alert(1)\n\n[1]",
    "<http://evil.example>",
    "http://evil.example www.evil.example mail@evil.example",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<style>@import 'http://evil.example/x.css';</style>",
    "<math><mtext></p><style><img src=x onerror=alert(1)></style></mtext></math>",
    "<object data='javascript:alert(1)'></object><embed src=x>",
    "<base href='http://evil.example/'>",
    "<form action=http://evil.example><button>x</button></form>",
    "<details open ontoggle=alert(1)>x</details>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>",
    "${alert(1)} {{constructor.constructor('alert(1)')()}} `${alert(1)}`",
    "$$\\href{javascript:alert(1)}{x}$$ \\(\\unicode{x}\\)",
    "<!-- --><![CDATA[<script>alert(1)</script>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;script&#62;",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>\u202egpj.exe",
    "\n\n# heading\n\n> quote\n\n- list\n\n```html\n<script>alert(1)</script>\n```\n\n    <b>code</b>",
    "| a | b |\n|---|---|\n| <b>x</b> | ~~y~~ **z** _w_ |",
    "＜script＞alert(1)＜/script＞ ſcript İ",
)
SAFE_TAGS = frozenset(
    ("a", "b", "br", "code", "details", "div", "h2", "mark", "nav", "p", "section", "span", "summary")
    + ("table", "tbody", "td", "th", "thead", "tr")
)
SAFE_ATTRIBUTES = frozenset(("class", "data-label", "data-marks", "href", "id", "lang", "open", "scope", "tabindex"))
KOREAN = "서울시는 5월 3일 도서관 두 곳을 열었다. 사업비는 30억 원이다."
ENGLISH = "Busan opened a new ferry line on June 1. It cost 2 million dollars."


class Page(HTMLParser):
    """Elements, attributes and text of rendered HTML."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.marks: list[tuple[str, str]] = []
        self._inside: str | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "mark":
            self._inside = dict(attrs)["data-marks"] or ""
        if tag == "br":
            self.text += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag == "mark":
            self._inside = None

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._inside is not None:
            self.marks.append((self._inside, data))

    def handle_comment(self, data: str) -> None:
        self.tags.append(("!--", {}))

    def highlighted(self, name: str) -> str:
        """The text of the mark whose id is ``name``."""
        return "".join(data for names, data in self.marks if name in names.split())


def article(number: int = 1, text: str = KOREAN, **fields: Any) -> Article:
    language = fields.pop("language", "ko")
    return Article(f"a{number}", f"news{number}.txt", f"/tmp/news{number}.txt", language, text, **fields)


def cite(number: int, of: Article, start: int, end: int) -> Citation:
    about = (of.title, of.publisher, of.published, of.language, of.source)
    return Citation(number, of.id, *about, of.text[start:end], start, end)


def answered(text: str, *citations: Citation, question: str = "q") -> Answer:
    return Answer(question, question, "ko", "answered", text, "extractive", citations)


@dataclass
class FakeAssistant:
    """Answers every question from its first article; refuses those that hold "없는"."""

    indexed: Sequence[Article]
    histories: list[Sequence[Turn]]

    def stream(self, question: str, history: Sequence[Turn] = (), language: str = "auto") -> Iterator[str | Answer]:
        self.histories.append(history)
        if question == "?":
            raise EmptyQuestion("The question is empty. Ask something.")
        first = self.indexed[0]
        hits = (Hit(first.id, "p1", 1.0, 0, 10),)
        if "없는" in question:
            yield "찾지 못했습니다."
            yield Answer(question, question, "ko", "no_evidence", "찾지 못했습니다.", "fake", (), hits)
            return
        yield first.text[:8]
        yield f"{first.text[8:20]} [1]"
        yield answered(f"{first.text[:20]} [1]", cite(1, first, 0, 20), question=question)

    def ask(self, question: str, history: Sequence[Turn] = (), language: str = "auto") -> Answer:
        *_, answer = self.stream(question, history, language)
        assert isinstance(answer, Answer)
        return answer

    def search(self, query: str, limit: int = 10) -> tuple[Hit, ...]:
        return tuple(Hit(a.id, f"{a.id}-p", 1.0, 0, 5) for a in self.indexed)[:limit]

    def article(self, article_id: str) -> Article:
        return {a.id: a for a in self.indexed}[article_id]

    def articles(self) -> list[Article]:
        return list(self.indexed)


def handlers(*indexed: Article, home: Path = Path("/nonexistent")) -> tuple[app.Handlers, FakeAssistant]:
    fake = FakeAssistant(indexed or (article(),), [])
    return app.Handlers(app.Desk(Settings(home), lambda: fake)), fake  # type: ignore[arg-type,return-value]


def visitor(accept: str = "ko-KR,ko;q=0.9") -> Any:
    return SimpleNamespace(headers={"accept-language": accept})


def assert_inert(html: str) -> Page:
    page = Page(html)
    for tag, attributes in page.tags:
        assert tag in SAFE_TAGS, tag
        assert set(attributes) <= SAFE_ATTRIBUTES, attributes
        if "href" in attributes:
            assert re.fullmatch(r"#(cite-\d+-\d+|conversation)", attributes["href"] or ""), attributes
    return page


# What cannot be shown as it is, and what stands in its place.
def visible(text: str) -> str:
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "\ufffd", text)


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_text_is_shown_and_never_active(attack: str) -> None:
    hostile = article(text=f"{KOREAN}{attack}", title=attack, publisher=attack, published=attack)
    hostile = replace(hostile, source=attack)
    whole = cite(1, hostile, 0, len(hostile.text))
    answer = answered(f"{attack} [1]", whole, question=attack)
    refusal = replace(answer, status="no_evidence", citations=(), hits=(Hit("a1", "p", 1.0, 3, len(hostile.text)),))
    for html in (
        views.evidence_html(answer, lambda _: hostile, 0, "ko"),
        views.evidence_html(refusal, lambda _: hostile, 0, "en"),
        views.articles_html([hostile], "ko"),
        views.report_html([(f"/tmp/{attack}", "skipped", attack)], "en"),
    ):
        assert_inert(html)
    shown = assert_inert(views.evidence_html(answer, lambda _: hostile, 0, "ko"))
    assert shown.highlighted("cite-0-1") == visible(hostile.text)
    for html in (
        views.question_html(attack),
        views.notice_html(attack),
        views.answer_html(answer.text, 0, "ko", answer),
        views.answer_html(answer.text, 0),
    ):
        assert_inert(html)
        assert "\n" not in html  # a blank line would hand the rest to Markdown
        assert visible(attack) in Page(html).text


@given(st.text())
def test_inert_text_reads_as_written_and_has_no_ascii_punctuation_of_its_own(text: str) -> None:
    html = views.inert(text)
    assert Page(html).text == visible(text)
    assert not re.search(r"[<>\"'`*_{}$\\/.:@|~=()\[\]!-]", html)


def test_only_the_answers_own_markers_become_links() -> None:
    of = article()
    html = views.answer_html("하나 [1] 둘 [2] 각주 [7]", 3, "ko", answered("", cite(1, of, 0, 5), cite(2, of, 6, 9)))
    links = [attributes["href"] for tag, attributes in Page(html).tags if tag == "a"]
    assert links == ["#cite-3-1", "#cite-3-2"]
    assert "각주 [7]" in Page(html).text


@given(st.text(min_size=1, max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=5))
def test_marks_read_exactly_as_their_spans_even_where_they_overlap(text: str, ends: list[tuple[int, int]]) -> None:
    spans = [(min(a, b), max(a, b)) for a, b in ends if min(a, b) < max(a, b) <= len(text)]
    page = Page(views.marked(text, [(span, f"m{n}", "") for n, span in enumerate(spans)]))
    assert page.text == visible(text)
    for number, (start, end) in enumerate(spans):
        assert page.highlighted(f"m{number}") == visible(text[start:end])
    assert [a["id"] for _, a in page.tags if "id" in a].count("m0") == min(len(spans), 1)


def test_evidence_tells_of_each_article_once_and_opens_the_first() -> None:
    one = article(1, title="도서관", publisher="하늘신문", published="2024-05-03")
    two = article(2, ENGLISH, language="en", title="Ferry")
    answer = answered("가 [1] 나 [2] 다 [3]", cite(1, one, 0, 25), cite(2, two, 0, 40), cite(3, one, 26, 40))
    html = views.evidence_html(answer, {"a1": one, "a2": two}.__getitem__, 0, "ko")
    page = Page(html)
    details = [attributes for tag, attributes in page.tags if tag == "details"]
    assert ["open" in attributes for attributes in details] == [True, False]
    assert "하늘신문 · 2024-05-03 · 한국어 · news1.txt" in page.text
    assert "발행처 없음 · 날짜 없음 · 영어 · news2.txt" in page.text
    assert "undated" in Page(views.evidence_html(answer, {"a1": one, "a2": two}.__getitem__, 0, "en")).text
    for citation in answer.citations:
        assert page.highlighted(f"cite-0-{citation.number}") == citation.quote
    assert views.support(answer, "ko") == "근거: 한국어, 영어 기사 2건"
    assert views.support(answer, "en") == "Grounds: 2 articles (English, Korean)"


def test_evidence_of_a_removed_article_is_passed_over() -> None:
    def gone(article_id: str) -> Article:
        raise KeyError(article_id)

    html = views.evidence_html(answered("가 [1]", cite(1, article(), 0, 5)), gone, 0, "ko")
    assert "<details" not in html


def test_a_refusal_shows_related_passages_as_no_answer() -> None:
    hits = (Hit("a1", "p1", 0.9, 0, 25), Hit("a1", "p2", 0.8, 26, 40))
    refusal = Answer("q", "q", "ko", "no_evidence", "찾지 못했습니다.", "fake", (), hits)
    page = Page(views.evidence_html(refusal, lambda _: article(), 2, "ko"))
    assert "관련은 있지만 답은 아닙니다" in page.text
    assert page.highlighted("hit-2-0") == KOREAN[0:25]
    assert [tag for tag, _ in page.tags].count("details") == 1
    assert "Related, but not an answer" in views.evidence_html(refusal, lambda _: article(), 2, "en")


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("ko-KR,ko;q=0.9,en-US;q=0.8", "ko"),
        ("en-US,en;q=0.9,ko;q=0.8", "en"),
        ("fr,ko;q=0.5,en;q=0.4", "ko"),
        ("en;q=0.3, ko;q=0.7", "ko"),
        ("ja,fr;q=0.9", "en"),
        ("ko;q=banana", "ko"),
        ("", "en"),
    ],
)
def test_the_interface_follows_the_browser(accept: str, language: str) -> None:
    assert views.interface_language(accept) == language


def test_both_languages_have_the_same_labels() -> None:
    assert views.LABELS["ko"].keys() == views.LABELS["en"].keys()
    assert all(text.strip() for labels in views.LABELS.values() for text in labels.values())


def test_an_answer_streams_and_then_opens_its_evidence() -> None:
    page, fake = handlers()
    steps = list(page.respond("사업비는?", [], visitor()))
    spoken = [Page(step[1][-1]["content"]).text for step in steps]
    assert spoken[0] == views.LABELS["ko"]["searching"]
    assert spoken[1] == KOREAN[:8]
    assert spoken[2] == f"{KOREAN[:20]} [1]"
    assert "#cite-0-1" in steps[-1][1][-1]["content"]
    assert Page(steps[-1][3]).highlighted("cite-0-1") == KOREAN[:20]
    exchanges = steps[-1][2]
    second = list(page.respond("그럼 언제?", exchanges, visitor()))
    assert [turn.question for turn in fake.histories[1]] == ["사업비는?"]
    assert "#cite-1-1" in second[-1][1][-1]["content"]
    assert "#cite-0-1" in second[-1][1][1]["content"]


def test_an_error_is_one_line_and_no_part_of_the_history() -> None:
    page, fake = handlers()
    exchanges = list(page.respond("?", [], visitor()))[-1][2]
    assert exchanges[-1].notice == "The question is empty. Ask something."
    list(page.respond("사업비는?", exchanges, visitor()))
    assert fake.histories[-1] == []


def test_nothing_happens_for_a_blank_question() -> None:
    page, fake = handlers()
    assert len(list(page.respond("  \n", [], visitor()))) == 1
    assert fake.histories == []


def test_a_marker_of_an_earlier_answer_brings_its_evidence_back() -> None:
    page, _ = handlers()
    exchanges = list(page.respond("하나?", [], visitor()))[-1][2]
    exchanges = list(page.respond("답이 없는 질문", exchanges, visitor()))[-1][2]
    shown = page.reveal(exchanges, SimpleNamespace(id="cite-0-1"), visitor())  # type: ignore[arg-type]
    assert Page(shown).highlighted("cite-0-1") == KOREAN[:20]
    for wrong in ("cite-9-1", "cite--1-1", "<script>", "", None):
        assert not isinstance(page.reveal(exchanges, SimpleNamespace(id=wrong), visitor()), str)  # type: ignore[arg-type]


def test_examples_are_offered_only_where_the_articles_speak_of_them() -> None:
    assert app._examples([article()]) == []
    assert app._examples([article(text="국내 클러스터는 1,800개에 이른다")]) == [app.EXAMPLES[0][0]]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.1.1"])
def test_this_machine_needs_no_password(host: str) -> None:
    assert app.credentials(host, None) is None
    assert app.credentials(host, "user:pa:ss") == ("user", "pa:ss")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.10", "example.org"])
def test_other_machines_need_a_password(host: str) -> None:
    with pytest.raises(app.LaunchRefused, match="MUNDAP_AUTH=user:password"):
        app.credentials(host, None)
    assert app.credentials(host, "user:secret") == ("user", "secret")


@pytest.mark.parametrize("auth", ["user", ":", "user:", ":secret"])
def test_half_a_password_is_none(auth: str) -> None:
    with pytest.raises(app.LaunchRefused, match="user:password"):
        app.credentials("127.0.0.1", auth)


def test_only_gradio_is_heavy_at_import() -> None:
    tree = ast.parse(Path(app.__file__).read_text(encoding="utf-8"))
    imported = {
        (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert not imported & {"torch", "chromadb", "sentence_transformers", "onnxruntime", "kiwipiepy"}
    assert "gradio" not in Path(views.__file__).read_text(encoding="utf-8").split("from", 1)[1].split("LABELS")[0]


def test_the_page_names_no_other_host() -> None:
    assert not re.search(r"https?:|//[a-z]", views.CSS + views.EVIDENCE_JS)


def test_an_index_that_has_gone_is_said_in_one_line(tmp_path: Path) -> None:
    def missing() -> Any:
        raise IndexMissing("Nothing is indexed. Add documents.")

    page = app.Handlers(app.Desk(Settings(tmp_path), missing))
    assert list(page.respond("하나?", [], visitor()))[-1][2][-1].notice == "Nothing is indexed. Add documents."
    assert views.LABELS["ko"]["no_articles"] in page.open_page(visitor())[1]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page over two invented articles, served on loopback; its URL."""
    fake = FakeAssistant((article(1, title="도서관"), article(2, ENGLISH, language="en", title="Ferry")), [])
    page = app.launch(settings=Settings(tmp_path_factory.mktemp("home")), factory=lambda: fake, block=False)  # type: ignore
    yield page.local_url
    page.close()


@pytest.fixture(scope="module")
def client(served: str) -> Any:
    from gradio_client import Client

    return Client(served, verbose=False)


def test_programs_ask_and_search(client: Any) -> None:
    answer = client.predict("사업비는?", "auto", [{"question": "a", "answer": "b"}], api_name="/ask")
    assert answer["status"] == "answered"
    (citation,) = answer["citations"]
    assert citation["quote"] == KOREAN[citation["start"] : citation["end"]]
    hits = client.predict("도서관", 1, api_name="/search")
    assert [(hit["title"], hit["text"]) for hit in hits] == [("도서관", KOREAN[:5])]


def test_errors_reach_programs_as_one_line(client: Any) -> None:
    with pytest.raises(Exception, match="The question is empty"):
        client.predict("?", api_name="/ask")
    with pytest.raises(Exception, match="Each turn of the history"):
        client.predict("q", "auto", [{"q": "a"}], api_name="/ask")


def test_only_ask_and_search_are_offered_and_both_are_described(client: Any) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(endpoints) == {"/ask", "/search"}
    for endpoint in endpoints.values():
        assert len(endpoint["description"]) > 20
    for hidden in ("/respond", "/upload", "/remove", "/reveal"):
        with pytest.raises(ValueError, match="Cannot find a function"):
            client.predict(api_name=hidden)


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=../../../../etc/passwd",
        "/gradio_api/file=%2e%2e/%2e%2e/etc/passwd",
        "/gradio_api/file=pyproject.toml",
        "/gradio_api/file=http://127.0.0.1:1/",
        "/file=/etc/passwd",
        "/static/../../../../etc/passwd",
        "/gradio_api/monitoring/summary",
        "/monitoring/summary",
    ],
)
def test_no_file_and_no_log_can_be_read(served: str, path: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(served).netloc, timeout=10)  # sends the path as it is
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    assert response.status >= 400, path
    assert b"root:" not in body


def test_a_port_in_use_is_one_clear_line(served: str, tmp_path: Path) -> None:
    with pytest.raises(app.LaunchRefused, match="Choose another --port"):
        app.launch(port=urlsplit(served).port, settings=Settings(tmp_path), factory=lambda: handlers()[1], block=False)  # type: ignore


def silent(*_: Any, **__: Any) -> None:
    """Takes the place of gradio's progress bar."""


def test_documents_come_and_go(tmp_path: Path) -> None:
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    (incoming / "도서관.txt").write_text(f"도서관 두 곳 개관\n\n{KOREAN}\n", encoding="utf-8")
    (incoming / "picture.txt").write_bytes(bytes(range(256)) * 40)
    (incoming / "program.exe").write_bytes(b"MZ")
    page = app.Handlers(app.Desk(Settings(tmp_path / "home"), _open_only(tmp_path / "home")))
    files = [str(file) for file in sorted(incoming.iterdir())]
    _, report, listing, _ = page.upload(files, visitor("en"), silent)  # type: ignore[arg-type]
    assert re.search(r"도서관&#46;txt</code></td><td class=\"added\">", report)
    assert report.count('class="skipped"') == 2
    assert "도서관" in Page(listing).text
    assert [file.name for file in (tmp_path / "home" / "uploads").iterdir()] == ["도서관.txt"]
    (hit,) = page.search("도서관 사업비")
    assert "30억" in hit["text"]
    assert hit["source"] == "도서관.txt"
    unchanged = page.upload(files[-1:], visitor("en"), silent)[1]  # type: ignore[arg-type]
    assert 'class="unchanged"' in unchanged
    gone, listing, _ = page.remove([hit["article_id"]], visitor("en"))
    assert "removed" in gone
    assert views.LABELS["en"]["no_articles"] in listing
    assert not list((tmp_path / "home" / "uploads").iterdir())


def _open_only(home: Path) -> Any:
    from rag import Assistant

    return lambda: Assistant.from_settings(Settings(home))


def test_too_many_files_are_refused_before_any_is_read(tmp_path: Path) -> None:
    page, _ = handlers(home=tmp_path / "home")
    files = [str(tmp_path / f"{n}.txt") for n in range(app.MOST_FILES + 1)]
    assert f"at most {app.MOST_FILES}" in Page(page.upload(files, visitor(), silent)[1]).text  # type: ignore[arg-type]


def test_an_empty_home_gets_the_samples_once(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "home")
    assert app.ensure_index(settings)
    assert not app.ensure_index(settings)
    sources = {article.source for article in app.Desk(settings).articles()}
    assert sources == {file.name for folder in ("ko", "en") for file in (app.SAMPLES / folder).glob("*.md")}


def test_a_marker_moves_the_evidence_in_a_real_browser(served: str) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_api.sync_playwright() as play, play.chromium.launch(executable_path=chromium, args=quiet) as browser:
        page = browser.new_context(locale="ko-KR").new_page()
        hosts, alarms = set(), []
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        page.on("dialog", lambda dialog: (alarms.append(dialog.message), dialog.dismiss()))
        page.goto(served)  # waiting for "networkidle" would never end: gradio keeps a stream open
        page.get_by_placeholder(views.LABELS["ko"]["placeholder"]).fill("<img src=x onerror=alert(1)>")
        page.keyboard.press("Enter")
        page.locator("#chat a.marker").focus(timeout=30_000)
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.id === 'cite-0-1'")
        assert "".join(page.locator("mark.current").all_inner_texts()) == KOREAN[:20]
        assert page.locator("#chat .message img, #chat .message script").count() == 0
        assert page.evaluate("document.documentElement.lang") == "ko"
        assert (hosts, alarms) == ({urlsplit(served).netloc}, [])
