"""The page in a real browser: asking, reading the evidence, documents, languages, keyboard, narrow screens, attacks."""

from __future__ import annotations

import base64
import json
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import app
from attacks import ATTACKS
from browser import NARROW, Visit, browsing, visiting, visiting_tab
from index.types import Article
from pages import KOREAN, FakeAssistant, answered, assert_inert, cite
from rag.settings import Settings
from rag.types import Answer
from test_read import korean_pdf_bytes
from ui.history import Chat, Exchange, History
from ui.labels import LABELS

FIGURE = {
    "ko": "윤 대통령의 미국 국빈 방문으로 유치한 투자액은 얼마인가요?",
    "en": "How many venture capital firms met Korean startups in Boston?",
}
TWICE = "On what date was the Mutual Defense Treaty signed?"  # two sentences of one article are cited
UNANSWERED = {"ko": "화성 탐사선은 언제 발사되나요?", "en": "Who won the tennis final in Melbourne?"}
SLOW = "천천히 answer slowly"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with browsing() as found:
        yield found


class Slow:
    """The real assistant, which takes its time over one question."""

    def __init__(self, assistant: Any) -> None:
        self._assistant = assistant

    def __getattr__(self, name: str) -> Any:
        return getattr(self._assistant, name)

    def stream(self, question: str, *rest: Any) -> Iterator[str | Answer]:
        if question == SLOW:
            yield "첫 문장을 말하고"
            for _ in range(1_200):
                time.sleep(0.05)
                yield ""
        yield from self._assistant.stream(question, *rest)


@pytest.fixture(scope="module")
def address(samples_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page over a copy of the samples."""
    from rag import Assistant

    settings = Settings(Path(shutil.copytree(samples_home, tmp_path_factory.mktemp("browser") / "home")))
    page = app.launch(settings=settings, factory=lambda: Slow(Assistant.from_settings(settings)), block=False)  # type: ignore[arg-type,return-value]
    yield page.local_url
    app.close(page)


@pytest.fixture
def visit(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A fresh visitor; ``language`` and others by ``pytest.mark.parametrize(..., indirect=True)``."""
    with visiting(browser, address, **getattr(request, "param", {})) as found:
        yield found


LANGUAGES = pytest.mark.parametrize("visit", [{"language": "ko"}, {"language": "en"}], indirect=True, ids=["ko", "en"])
PHONES = pytest.mark.parametrize(
    "visit",
    [{"language": "ko", "size": NARROW}, {"language": "en", "size": NARROW}],
    indirect=True,
    ids=["phone-ko", "phone-en"],
)


def tongue(visit: Visit) -> str:
    return str(visit.page.evaluate("document.documentElement.lang"))[:2]


def quotes(visit: Visit) -> list[str]:
    """What the answer says that it cites, from its own "copy with sources"."""
    copied = visit.page.locator(".answer [data-action=copy]").last.get_attribute("data-text")
    return re.findall(
        r"(?<=\n {4}“).*?(?=”\n\[\d+\] |”$)", copied.split(f"\n{LABELS[tongue(visit)]['sources']}:\n")[1], re.S
    )


def listed(visit: Visit, number: int, but: str = "") -> None:
    """Wait until the menu lists so many earlier chats, not the one named ``but``."""
    visit.page.wait_for_function(
        """([number, but]) => { const all = [...document.querySelectorAll('#menu [data-action=open]')];
           return all.length === number && all.every(each => each.dataset.chat !== but) }""",
        arg=[number, but],
    )


def reopen(visit: Visit) -> None:
    """Open the one earlier chat that there is."""
    listed(visit, 1)
    visit.page.locator("#menu summary").first.click()
    visit.page.locator(".sheet [data-action=open]").click()


class TestAsking:
    @LANGUAGES
    def test_every_marker_lights_up_its_quote(self, visit: Visit) -> None:
        language = tongue(visit)
        visit.ask(FIGURE[language])
        markers, told = visit.page.locator(".said .marker"), quotes(visit)
        numbers = [int(text) for text in markers.all_inner_texts()]
        assert set(numbers) == set(range(1, len(told) + 1)) and len(told) >= 2
        for place, number in enumerate(numbers):
            markers.nth(place).click()
            assert visit.current() == told[number - 1]
            assert visit.page.locator("mark.current").first.is_visible()
            assert visit.page.evaluate("document.activeElement.id") == f"cite-0-{number}"
        assert LABELS[language]["placeholder"] == visit.page.locator("#ask textarea").get_attribute("placeholder")
        set_in = visit.page.locator(".said p").last.evaluate(
            """p => { const { wordBreak, fontFamily, fontSize, lineHeight } = getComputedStyle(p);
                      return [wordBreak, fontFamily.split(',')[0], parseFloat(lineHeight) / parseFloat(fontSize)] }"""
        )
        assert set_in[:2] == ["keep-all", "system-ui"] and 1.6 <= set_in[2] <= 2.0

    def test_a_second_citation_of_the_same_article_keeps_the_place(self, visit: Visit) -> None:
        visit.ask(TWICE)
        badges = visit.page.locator(".source .badges", has=visit.page.locator(".marker:nth-child(2)")).first
        badges.locator(".marker").nth(0).click()
        before = visit.page.locator("#evidence").evaluate("e => e.scrollTop")
        first = visit.current()
        badges.locator(".marker").nth(1).click()
        assert visit.current() != first
        assert visit.page.locator("#evidence").evaluate("e => e.scrollTop") == before
        assert visit.page.locator("details.article[open]").count() == 1

    def test_a_marker_of_an_earlier_answer_opens_its_evidence(self, visit: Visit) -> None:
        visit.ask(FIGURE["ko"])
        told = quotes(visit)
        visit.ask(FIGURE["en"])
        visit.page.locator(".exchange").first.locator(".marker").first.click()
        visit.page.locator("#cite-0-1").wait_for(state="attached")
        visit.page.wait_for_function("document.activeElement.id === 'cite-0-1'")
        assert visit.current() == told[0]

    @LANGUAGES
    def test_a_refusal_shows_related_passages(self, visit: Visit) -> None:
        visit.ask(UNANSWERED[tongue(visit)], ".answer.refused")
        assert LABELS[tongue(visit)]["related"] in visit.page.locator("#evidence").inner_text()
        assert visit.page.locator("#evidence details.related").count() >= 1
        assert visit.page.locator(".answer .marker").count() == 0

    def test_an_example_is_asked_with_one_press(self, visit: Visit) -> None:
        example = visit.page.locator(".example").first
        example.wait_for()
        text = example.inner_text()
        example.click()
        visit.page.locator(".answer .marker").first.wait_for()
        assert visit.page.locator(".question p").first.inner_text() == text

    @LANGUAGES
    def test_stop_and_answer_again(self, visit: Visit) -> None:
        visit.page.locator("#ask textarea").fill(SLOW)
        visit.page.keyboard.press("Enter")
        visit.page.locator(".answer.growing", has_text="첫 문장을").wait_for()
        visit.page.locator("#ask button.stop-button, #ask [aria-label*=top]").first.click()
        visit.settle()
        assert LABELS[tongue(visit)]["stopped"] in visit.page.locator(".exchange").inner_text()
        visit.page.locator("[data-action=retry]").click()
        visit.page.locator(".answer.growing").wait_for()
        visit.page.locator("#ask button.stop-button, #ask [aria-label*=top]").first.click()
        visit.settle()
        assert visit.page.locator(".exchange").count() == 1

    def test_edit_copy_rate_and_export(self, visit: Visit, address: str) -> None:
        page = visit.page
        visit.ask(FIGURE["en"])
        page.locator("[data-action=edit]").click()
        page.locator("form.inline textarea").fill(FIGURE["ko"])
        page.keyboard.press("Enter")
        page.locator(".question p", has_text=FIGURE["ko"]).wait_for()
        visit.settle()
        assert page.locator(".exchange").count() == 1
        page.locator("[data-action=copy]").click()
        page.locator("[data-action=copy]", has_text=LABELS["ko"]["copied"]).wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert all(quote in copied for quote in quotes(visit)) and "[1]" in copied
        page.locator("[data-action=bad]").click()
        page.locator("form.inline textarea").fill("연도가 틀렸어요")
        page.locator("form.inline .solid").click()
        page.locator("[data-action=bad][aria-pressed=true]").wait_for()
        for kind in ("markdown", "json"):
            page.locator("#menu summary", has_text=LABELS["ko"]["export"]).click()
            with page.expect_download() as saved:
                page.locator(f"[data-format={kind}]").click()
            text = Path(saved.value.path()).read_text("utf-8")
            assert FIGURE["ko"] in (json.loads(text)[0]["question"] if kind == "json" else text)
            assert saved.value.suggested_filename == {"markdown": "mundap.md", "json": "mundap.json"}[kind]

    def test_chats_are_kept_in_this_browser_and_no_other(self, visit: Visit, browser: Any, address: str) -> None:
        page = visit.page
        visit.ask(FIGURE["ko"])
        visit.anew(page.reload)
        page.locator(".question p", has_text=FIGURE["ko"]).wait_for()
        assert visit.current() == quotes(visit)[0]
        page.locator("[data-action=restart]").click()
        page.locator(".welcome").wait_for()
        reopen(visit)
        page.locator(".question p", has_text=FIGURE["ko"]).wait_for()
        with visiting(browser, address) as other:
            assert other.page.locator(".exchange").count() == 0
            assert other.page.locator("[data-action=open]").count() == 0

    def test_two_tabs_keep_each_others_chats(self, visit: Visit) -> None:
        page = visit.page
        visit.ask(UNANSWERED["ko"], ".answer.refused")
        with visiting_tab(visit) as other:
            other.ask(UNANSWERED["en"], ".answer.refused")  # the same conversation, gone on with in another tab
        visit.ask(FIGURE["ko"])
        reopen(visit)
        page.locator(".question p", has_text=UNANSWERED["en"]).wait_for()
        assert page.locator(".exchange").count() == 2
        listed(visit, 1, but=page.evaluate("JSON.parse(localStorage.getItem('mundap-chats')).current"))
        page.locator("#menu summary").first.click()
        page.locator(".sheet [data-action=forget]").click()
        page.locator("#menu", has_text=LABELS["ko"]["history_empty"]).wait_for()
        visit.anew(page.reload)
        page.locator(".question p", has_text=UNANSWERED["en"]).wait_for()
        assert page.locator("[data-action=open]").count() == 0

    def test_the_language_can_be_switched_and_stays(self, visit: Visit) -> None:
        page = visit.page
        visit.ask(FIGURE["ko"])
        visit.anew(page.locator("[data-language=en]").click)
        page.locator(f"#ask textarea[placeholder='{LABELS['en']['placeholder']}']").wait_for()
        page.locator(".question p", has_text=FIGURE["ko"]).wait_for()
        assert tongue(visit) == "en"
        assert "Quoted from" in page.locator(".support").inner_text()
        visit.anew(page.reload)
        page.locator(f"#ask textarea[placeholder='{LABELS['en']['placeholder']}']").wait_for()

    def test_new_chat_while_an_answer_grows(self, visit: Visit) -> None:
        page = visit.page
        page.locator("#ask textarea").fill(SLOW)
        page.keyboard.press("Enter")
        page.locator(".answer.growing").wait_for()
        page.keyboard.type("그다음")
        page.keyboard.press("Enter")
        page.locator("[data-action=restart]").click()
        page.locator(".example").first.wait_for()
        assert page.locator("#ask textarea").input_value().strip() == "그다음"
        visit.ask(FIGURE["ko"])
        assert page.locator(".exchange").count() == 1
        reopen(visit)
        page.locator(".question p", has_text=SLOW).wait_for()
        assert LABELS["ko"]["stopped"] in page.locator(".exchange").inner_text()

    def test_a_switch_of_language_while_an_answer_grows_keeps_the_question(self, visit: Visit) -> None:
        page = visit.page
        page.locator("#ask textarea").fill(SLOW)
        page.keyboard.press("Enter")
        page.locator(".answer.growing").wait_for()
        visit.anew(page.locator("[data-language=en]").click)
        page.locator(".notice", has_text=LABELS["en"]["stopped"]).wait_for()
        assert page.locator(".question p").inner_text() == SLOW
        page.locator("[data-action=retry]").click()
        page.locator(".answer.growing").wait_for()


class TestDocuments:
    @LANGUAGES
    def test_each_format_is_taken_found_asked_and_removed(self, visit: Visit, tmp_path: Path) -> None:
        page, labels, (name, title, text, question) = visit.page, LABELS[tongue(visit)], LIBRARY[tongue(visit)]
        documents, chat = (page.get_by_role("tab", name=labels[tab]) for tab in ("documents", "chat"))
        write_each_format(tmp_path, name, title, text)
        page.locator(".example").first.wait_for()
        documents.click()
        page.locator(".listing tbody tr").first.wait_for()
        before = page.locator(".listing tbody tr").count()
        page.evaluate(WATCH, "#report .progress")
        drop(page, "#upload button", sorted(tmp_path.iterdir()))
        page.locator(".report tbody tr").nth(5).wait_for()
        steps = " ".join(page.evaluate("window.watched"))
        assert f"{labels['reading']} · 1/5" in steps and f"{name}-5.docx" in steps
        assert re.search(re.escape(labels["left"]).replace(r"\{\}", r"\d+"), steps)
        assert page.locator(".report td.added").count() == 5
        assert f"{name}-0.pdf" in page.locator(".report tr", has=page.locator("td.skipped")).inner_text()
        assert page.locator(".listing tbody tr").count() == before + 5
        chat.click()
        page.locator(".example", has_text=title).first.wait_for()
        documents.click()
        page.locator("[data-role=find]").fill(f"{name} docx")
        row = page.locator(".listing tbody tr:visible")
        assert row.count() == 1
        row.locator("[data-action=only]").click()
        told = page.locator("#scope > button", has_text=labels["documents_counted"].format(1))
        told.wait_for()
        visit.ask(question)
        assert page.locator(".source").all_inner_texts() and f"{name}-5.docx" in page.locator("#evidence").inner_text()
        assert page.locator("#evidence details.article").count() == 1
        documents.click()
        page.locator("[data-role=find]").fill(f"{name} docx")
        for press, left in (("cancel", before + 5), ("sure", before + 4)):
            row.locator("[data-action=remove]").click()
            page.locator(f"dialog.sure[open] [data-action={press}]").click()
            page.wait_for_function(f"document.querySelectorAll('.listing tbody tr').length === {left}")
        assert labels["removed"] in page.locator("#report").inner_text()
        told.wait_for(state="detached")  # the document that was asked alone is gone, and the range with it


# Keeps what every element that matches has ever shown.
WATCH = """shown => {
  window.watched = [];
  new MutationObserver(() => document.querySelectorAll(shown).forEach(e => window.watched.push(e.innerText)))
    .observe(document.body, {subtree: true, childList: true, characterData: true});
}"""
DROP = """([element, files]) => {
  const carried = new DataTransfer();
  for (const [name, text] of files)
    carried.items.add(new File([Uint8Array.from(atob(text), letter => letter.charCodeAt(0))], name));
  for (const kind of ["dragenter", "dragover", "drop"])
    element.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: carried}));
}"""


def drop(page: Any, place: str, files: Sequence[Path]) -> None:
    """Let files fall on an element, as a hand that drags them does."""
    carried = [(file.name, base64.b64encode(file.read_bytes()).decode()) for file in files]
    page.evaluate(DROP, [page.locator(place).element_handle(), carried])


LIBRARY = {  # file name, what the documents are about, what they say of it, a question about it
    "ko": (
        "도서관",
        "한빛도서관",
        "‘한빛도서관’은 5월 3일 문을 열었다. ‘한빛도서관’의 사업비는 30억 원이다.",
        "한빛도서관의 사업비는 얼마인가요?",
    ),
    "en": (
        "library",
        "Hanbit Public Library",
        "Hanbit Public Library opened on May 3. Hanbit Public Library cost $2 million.",
        "How much did Hanbit Public Library cost?",
    ),
}


def write_each_format(folder: Path, name: str, title: str, text: str) -> None:
    """One document in each format that is taken, and a program that calls itself a PDF."""
    import docx

    for number, ending in enumerate(("txt", "md"), 1):
        (folder / f"{name}-{number}.{ending}").write_text(f"{title}\n\n{text}\n", encoding="utf-8")
    html = f"<html><body><article><h1>{title}</h1><p>{text}</p></article></body></html>"
    (folder / f"{name}-3.html").write_text(html, encoding="utf-8")
    (folder / f"{name}-4.pdf").write_bytes(korean_pdf_bytes([text, text]))
    document = docx.Document()
    document.add_paragraph(text)
    document.save(str(folder / f"{name}-5.docx"))
    (folder / f"{name}-0.pdf").write_bytes(b"MZ")


class TestReach:
    @LANGUAGES
    def test_the_keyboard_is_enough(self, visit: Visit) -> None:
        page = visit.page
        page.locator("#ask textarea").focus()
        page.keyboard.type(FIGURE[tongue(visit)])
        page.keyboard.press("Enter")
        page.locator(".answer .marker").first.wait_for()
        visit.settle()
        page.keyboard.press("Shift+Tab")
        for _ in range(30):
            if page.evaluate("document.activeElement.matches('.answer .marker')"):
                break
            page.keyboard.press("Shift+Tab")
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.classList.contains('anchor')")
        number = int(page.evaluate("document.activeElement.id").rsplit("-", 1)[1])
        assert visit.current() == quotes(visit)[number - 1]

    @PHONES
    def test_on_a_phone_the_evidence_opens_below(self, visit: Visit) -> None:
        page = visit.page
        visit.ask(FIGURE[tongue(visit)])
        log, evidence = page.locator("#log").bounding_box(), page.locator("#evidence").bounding_box()
        assert evidence["y"] >= log["y"] + log["height"]
        page.locator(".answer .marker").last.click()
        page.wait_for_function("document.activeElement.classList.contains('anchor')")
        assert page.locator("mark.current").first.evaluate(
            "e => { const b = e.getBoundingClientRect(); return b.top >= 0 && b.top < innerHeight }"
        )
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator("[data-action=back]").click()
        page.wait_for_function("document.querySelector('#conversation').getBoundingClientRect().top > -5")

    @pytest.mark.parametrize(
        "visit", [{"language": "ko"}, {"language": "en", "color_scheme": "dark"}], indirect=True, ids=["light", "dark"]
    )
    def test_nothing_stands_in_anyones_way(self, visit: Visit) -> None:
        from axe_playwright_python.sync_playwright import Axe

        page, found = visit.page, {}

        def examine(state: str) -> None:
            result = Axe().run(page)
            serious = [v for v in result.response["violations"] if v["impact"] in ("serious", "critical")]
            found[state] = [(v["id"], [node["html"][:160] for node in v["nodes"][:3]]) for v in serious]

        page.locator(".example").first.wait_for()
        examine("empty")
        visit.ask(FIGURE["ko"])
        examine("answered")
        visit.ask(UNANSWERED["en"], ".answer.refused")
        examine("refused")
        page.get_by_role("tab", name=LABELS[tongue(visit)]["documents"]).click()
        page.locator(".listing tbody tr").first.wait_for()
        examine("documents")
        assert found == {state: [] for state in found}


class TestAttacks:
    """Every text that is not the page's own, hostile: each is shown as it is written and does nothing."""

    @pytest.fixture
    def hostile(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
        articles = [
            Article(f"a{n}", attack, f"/x/{n}", "ko", f"{KOREAN}{attack}", attack, attack, attack, attack)
            for n, attack in enumerate(ATTACKS)
        ]
        fake = FakeAssistant(articles, [])
        cited = [cite(n + 1, of, 0, len(of.text)) for n, of in enumerate(articles)]
        lines = "\n".join(f"{' '.join(attack.split())} [{n + 1}]" for n, attack in enumerate(ATTACKS))
        exchanges = [Exchange(attack, notice=attack) for attack in ATTACKS]
        exchanges.append(Exchange("모두", answered(lines, *cited, notice=" ".join(ATTACKS))))
        chats = [Chat(f"c{n}", (Exchange(attack),)) for n, attack in enumerate(ATTACKS)]
        store = History((Chat("open", tuple(exchanges)), *chats), "open")
        monkeypatch.setattr("ui.history.load", lambda kept: store)
        page = app.launch(settings=Settings(tmp_path), factory=lambda: fake, block=False)  # type: ignore[arg-type,return-value]
        yield page.local_url
        app.close(page)

    def test_nothing_runs_and_nothing_is_injected(self, browser: Any, hostile: str) -> None:
        with visiting(browser, hostile) as visit:
            page = visit.page
            page.locator(f".exchange:nth-child({len(ATTACKS) + 1}) .answer").wait_for()
            page.evaluate(
                "document.querySelectorAll('#evidence details, #menu details').forEach(d => { d.open = true })"
            )
            self._inert(page, "#log .log", "#menu .bar", "#evidence .panel")
            self._shown(page, ".question p")
            self._shown(page, ".notice.error")
            self._shown(page, "#evidence .headline")
            self._shown(page, "#menu [data-action=open]")
            marks = page.locator("#evidence .body mark").all_text_contents()
            assert [plain(mark) for mark in marks] == [plain(KOREAN + attack) for attack in ATTACKS]
            for attack in ATTACKS[:5]:
                visit.ask(attack)
            page.get_by_role("tab", name=LABELS["ko"]["documents"]).click()
            page.locator(".listing tbody tr").nth(len(ATTACKS) - 1).wait_for()
            self._inert(page, "#listing .listing")
            self._shown(page, ".listing td:nth-child(1)")
            self._shown(page, ".listing td:nth-child(2)")
            self._shown(page, ".listing td:nth-child(5)")
            page.get_by_role("tab", name=LABELS["ko"]["overview"]).click()
            page.locator("#overview .bars").first.wait_for()
            self._inert(page, "#overview .overview")
            page.get_by_role("tab", name=LABELS["ko"]["chat"]).click()
            page.locator("#scope > button").click()
            for place in range(2):  # publishers, then titles
                page.locator("#scope input[role=combobox]").nth(place).click()
                page.locator("[role=option]").first.wait_for()
                self._inert(page)
                page.locator("[role=option]").first.click()
                page.keyboard.press("Escape")
            page.locator("#scope > button", has_text=" · ").wait_for()
            self._inert(page)
            assert page.evaluate("window.fired") is None

    def test_an_uploads_name_is_inert(self, browser: Any, hostile: str, tmp_path: Path) -> None:
        names = [name for attack in ATTACKS if "/" not in (name := f"{attack[:90]}.exe") and name.isprintable()]
        folder = tmp_path / "names"
        folder.mkdir()
        for name in names:
            (folder / name).write_bytes(b"MZ")
        assert len(names) >= 20
        with visiting(browser, hostile) as visit:
            visit.page.get_by_role("tab", name=LABELS["ko"]["documents"]).click()
            visit.page.locator("#upload input[type=file]").set_input_files(sorted(folder.iterdir()))
            visit.page.locator(".report tbody tr").nth(len(names) - 1).wait_for()
            self._inert(visit.page, "#report .report")
            assert visit.page.evaluate("window.fired") is None

    def _inert(self, page: Any, *parts: str) -> None:
        """In each part no element or attribute but those that Mundap writes; on the whole page none that an attack asks for."""
        for part in parts:
            assert_inert(page.locator(part).inner_html())
        odd = page.evaluate(
            """active => [...document.body.querySelectorAll('*')].filter(e => e.matches(active)
              || [...e.attributes].some(a => /^on/i.test(a.name) || /javascript:|evil/i.test(a.value) && /^(href|src|action|formaction|srcdoc|data|xlink:href)$/i.test(a.name)))
              .map(e => e.outerHTML.slice(0, 200))""",
            "img, image, iframe, object, embed, base, meta, video, audio, math, foreignObject, animate, marquee, "
            "template, noscript, custom-element, body body, [srcdoc], [formaction]",
        )
        assert odd == []

    def _shown(self, page: Any, selector: str) -> None:
        """Every attack can be read, word for word, in an element that ``selector`` finds."""
        texts = {plain(text) for text in page.locator(selector).all_text_contents()}
        missing = [attack for attack in ATTACKS if plain(attack) not in texts]
        assert not missing, (selector, missing)


def plain(text: str) -> str:
    """``text`` without white space, and as the page writes what cannot be shown."""
    return re.sub(r"\s", "", re.sub(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "\ufffd", text))
