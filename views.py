"""What the chat page shows, as HTML: answers, evidence, articles and indexing reports. Pure; knows no gradio.

Every text that comes from a document, a file name, a question or a model goes through :func:`inert`, so that the only
markup and the only links on the page are the ones written here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from index.types import Article, Hit, Language, Span
from rag.types import Answer, Citation

LABELS: Mapping[Language, Mapping[str, str]] = {
    "ko": {
        "title": "문답",
        "tagline": "내 기사에 한국어나 영어로 묻고, 답의 근거를 원문에서 확인하세요.",
        "chat": "대화",
        "articles": "기사",
        "examples": "이런 것을 물어볼 수 있습니다",
        "question": "질문",
        "placeholder": "한국어나 영어로 질문하세요",
        "new_chat": "새 대화",
        "evidence": "근거",
        "evidence_empty": "답이 나오면 그 근거가 된 기사가 여기에 열립니다. 번호를 누르면 해당 대목으로 갑니다.",
        "related": "관련은 있지만 답은 아닙니다",
        "related_note": "질문에 가장 가까운 대목입니다. 아래 기사에는 질문의 답이 없습니다.",
        "nothing_related": "관련된 대목도 찾지 못했습니다.",
        "see_related": "가까운 대목은 근거 창에서 볼 수 있습니다.",
        "undated": "날짜 없음",
        "unknown_publisher": "발행처 없음",
        "ko": "한국어",
        "en": "영어",
        "searching": "기사를 찾고 있습니다…",
        "failed": "답하는 중에 오류가 났습니다. 다시 물어보세요. 자세한 내용은 프로그램 기록에 있습니다.",
        "back": "대화로 돌아가기",
        "upload": "문서를 끌어 놓거나 선택하세요",
        "upload_note": "txt, md, html, pdf, docx · 파일당 20MB, 한 번에 200개까지. 같은 이름의 파일은 교체됩니다.",
        "index": "색인하기",
        "remove_which": "목록에서 뺄 기사",
        "remove": "빼기",
        "confirm": "정말 빼겠습니다",
        "nothing_chosen": "먼저 파일이나 기사를 고르세요.",
        "no_articles": "색인된 기사가 없습니다. 위에서 문서를 추가하세요.",
        "added": "추가함",
        "updated": "바뀌어 다시 색인함",
        "unchanged": "그대로임",
        "removed": "뺌",
        "skipped": "읽지 못함",
        "file": "파일",
        "result": "결과",
        "published": "날짜",
        "publisher": "발행처",
        "language": "언어",
        "headline": "제목",
        "reading": "문서를 읽고 있습니다",
    },
    "en": {
        "title": "Mundap",
        "tagline": "Ask your articles in Korean or English, and check every answer against the original.",
        "chat": "Chat",
        "articles": "Articles",
        "examples": "Questions to begin with",
        "question": "Question",
        "placeholder": "Ask in Korean or English",
        "new_chat": "New chat",
        "evidence": "Evidence",
        "evidence_empty": "The articles behind an answer open here. Press a number in the answer to go to its passage.",
        "related": "Related, but not an answer",
        "related_note": "These passages come nearest to the question. The articles below do not answer it.",
        "nothing_related": "No related passage was found either.",
        "see_related": "The nearest passages are in the evidence panel.",
        "undated": "undated",
        "unknown_publisher": "publisher not stated",
        "ko": "Korean",
        "en": "English",
        "searching": "Searching the articles…",
        "failed": "Something went wrong while answering. Ask again; the program's log says more.",
        "back": "Back to the chat",
        "upload": "Drop documents here or choose files",
        "upload_note": "txt, md, html, pdf, docx · up to 20 MB each, 200 at a time. A file replaces its namesake.",
        "index": "Index",
        "remove_which": "Articles to remove",
        "remove": "Remove",
        "confirm": "Yes, remove them",
        "nothing_chosen": "Choose files or articles first.",
        "no_articles": "No article is indexed. Add documents above.",
        "added": "added",
        "updated": "changed, indexed again",
        "unchanged": "unchanged",
        "removed": "removed",
        "skipped": "not read",
        "file": "File",
        "result": "Result",
        "published": "Date",
        "publisher": "Publisher",
        "language": "Language",
        "headline": "Title",
        "reading": "Reading documents",
    },
}
RELATED = 3  # articles offered with a refusal
Mark = tuple[Span, str, str]  # the span, its element id, its label: "[1]" or nothing
Find = Callable[[str], Article]

_MARKER = re.compile(r"\[(\d{1,3})\]")
_ACTIVE = re.compile(r"[!-/:-@\[-`{-~]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def inert(text: str) -> str:
    """``text`` as HTML that neither a browser, nor Markdown, nor a template can take for anything but text.

    Every ASCII punctuation mark becomes a character reference, so that no tag, attribute, emphasis, link, image,
    formula or placeholder can begin. Control and text-direction characters, which can hide others, become U+FFFD.
    """
    return _ACTIVE.sub(lambda match: f"&#{ord(match[0])};", _CONTROL.sub("\ufffd", text))


def interface_language(accept: str) -> Language:
    """Korean or English, whichever an ``Accept-Language`` header prefers; English where it names neither."""
    wishes: list[tuple[float, int, Language]] = []
    for place, part in enumerate(accept.lower().split(",")):
        tag, _, quality = part.strip().partition(";q=")
        main = tag.split("-")[0]
        if main in ("ko", "en"):
            weight = float(quality) if re.fullmatch(r"[01](\.\d{0,3})?", quality) else 1.0
            wishes.append((-weight, place, "ko" if main == "ko" else "en"))
    return min(wishes)[2] if wishes else "en"


def mark_id(turn: int, number: int) -> str:
    """The element id of a citation: ``turn`` counts the conversation's answers from 0."""
    return f"cite-{turn}-{number}"


def question_html(question: str) -> str:
    """A question in the conversation, on one line of HTML: a blank line would end Markdown's HTML block."""
    return f'<div class="question">{_lines(question)}</div>'


def notice_html(message: str, waiting: bool = False) -> str:
    """A message about the program: an error, or that it is at work."""
    return f'<div class="notice{" waiting" if waiting else ""}">{_lines(message)}</div>'


def answer_html(text: str, turn: int, language: Language = "en", answer: Answer | None = None) -> str:
    """An answer's text in the conversation; with the whole ``answer``, its markers are links and its support is told.

    Only the numbers of the answer's own citations become links, each to :func:`mark_id`.
    """
    numbers = {citation.number for citation in answer.citations} if answer else set()
    pieces, end = [], 0
    for match in _MARKER.finditer(text):
        if int(match[1]) in numbers:
            link = f'<a class="marker" href="#{mark_id(turn, int(match[1]))}">&#91;{int(match[1])}&#93;</a>'
            pieces += [_lines(text[end : match.start()]), link]
            end = match.end()
    body = "".join(pieces) + _lines(text[end:])
    note = f'<p class="support">{support(answer, language)}</p>' if answer else ""
    if answer and answer.notice:
        note = f'<p class="hint"{_spoken(answer)}>{inert(answer.notice)}</p>{note}'
    spoken = _spoken(answer) if answer else ""
    return f'<div class="answer"><p{spoken}>{body}</p>{note}</div>'


def _spoken(answer: Answer) -> str:
    return f' lang="{answer.language}"'


def support(answer: Answer, language: Language) -> str:
    """In words, what stands behind an answer."""
    labels = LABELS[language]
    if answer.status == "no_evidence":
        return labels["see_related"] if answer.hits else labels["nothing_related"]
    articles = {citation.article_id for citation in answer.citations}
    languages = sorted({citation.language for citation in answer.citations}, key=lambda tongue: tongue != language)
    names = ", ".join(labels[tongue] for tongue in languages)
    if language == "ko":
        return f"근거: {names} 기사 {len(articles)}건"
    return f"Grounds: {len(articles)} {'article' if len(articles) == 1 else 'articles'} ({names})"


def _lines(text: str) -> str:
    return inert(text).replace("\n", "<br>")


def evidence_html(answer: Answer | None, find: Find, turn: int, language: Language) -> str:
    """The evidence panel for one answer: its cited articles, each once and whole, with the cited spans marked.

    :param find: gives an article by its id; an article that has been removed since is passed over.
    """
    labels = LABELS[language]
    if answer is None:
        return _panel(labels["evidence"], f'<p class="hint">{labels["evidence_empty"]}</p>', language)
    if answer.status == "no_evidence":
        return _related(answer.hits, find, turn, language)
    sections: list[str] = []
    for article_id, citations in _grouped(answer.citations).items():
        marks = [((c.start, c.end), mark_id(turn, c.number), f"[{c.number}]") for c in citations]
        sections.append(_section(_found(find, article_id), marks, language, opened=not sections))
    chips = "".join(_chip(citation, turn) for citation in answer.citations)
    return _panel(labels["evidence"], f'<nav class="chips">{chips}</nav>{"".join(sections)}', language)


def _related(hits: Sequence[Hit], find: Find, turn: int, language: Language) -> str:
    labels = LABELS[language]
    first: dict[str, Hit] = {}
    for hit in hits:
        first.setdefault(hit.article_id, hit)
    sections = []
    for place, hit in enumerate(list(first.values())[:RELATED]):
        mark = ((hit.start, hit.end), f"hit-{turn}-{place}", "")
        sections.append(_section(_found(find, hit.article_id), [mark], language, preview=True))
    note = labels["related_note"] if sections else labels["nothing_related"]
    return _panel(labels["related"], f'<p class="hint">{note}</p>{"".join(sections)}', language)


def _grouped(citations: Iterable[Citation]) -> dict[str, list[Citation]]:
    groups: dict[str, list[Citation]] = {}
    for citation in citations:
        groups.setdefault(citation.article_id, []).append(citation)
    return groups


def _found(find: Find, article_id: str) -> Article | None:
    try:
        return find(article_id)
    except KeyError:
        return None


def _panel(heading: str, body: str, language: Language) -> str:
    back = f'<a class="back" href="#conversation">↑ {LABELS[language]["back"]}</a>'
    return f'<section class="panel"><h2>{heading}</h2>{body}{back}</section>'


def _chip(citation: Citation, turn: int) -> str:
    name = inert(citation.title or citation.source)
    return f'<a class="chip" href="#{mark_id(turn, citation.number)}"><b>&#91;{citation.number}&#93;</b> {name}</a>'


def _section(
    article: Article | None, marks: Sequence[Mark], language: Language, opened: bool = False, preview: bool = False
) -> str:
    """One article: a heading that folds, and under it the whole text with its marks."""
    if article is None:
        return ""
    passage = inert(article.text[slice(*marks[0][0])])
    excerpt = f'<span class="excerpt" lang="{article.language}">{passage}</span>' if preview else ""
    return (
        f'<details class="article{" related" if preview else ""}"{" open" if opened else ""}>'
        f'<summary><span class="headline" lang="{article.language}">{inert(article.title or article.source)}</span>'
        f'<span class="meta">{meta(article, language)}</span>{excerpt}</summary>'
        f'<div class="body" lang="{article.language}">{marked(article.text, marks)}</div></details>'
    )


def meta(article: Article, language: Language) -> str:
    """Publisher, date, language and file of an article, each said or said to be missing."""
    labels = LABELS[language]
    facts = [
        inert(article.publisher) or labels["unknown_publisher"],
        inert(article.published or "") or labels["undated"],
        labels[article.language],
        f"<code>{inert(article.source)}</code>",
    ]
    return " · ".join(facts)


def marked(text: str, marks: Sequence[Mark]) -> str:
    """``text`` escaped, with each mark's span in ``<mark>`` elements; joined, those of one id read as the span does.

    Spans may overlap: the text is cut wherever one begins or ends. The first piece of a span carries its id, and every
    piece names all of its spans in ``data-marks``.
    """
    borders = sorted({0, len(text)} | {min(max(place, 0), len(text)) for span, _, _ in marks for place in span})
    pieces = []
    for start, end in zip(borders, borders[1:], strict=False):
        covering = [mark for mark in marks if mark[0][0] <= start and end <= mark[0][1]]
        pieces.append(_piece(text[start:end], start, covering) if covering else inert(text[start:end]))
    return "".join(pieces)


def _piece(text: str, start: int, covering: Sequence[Mark]) -> str:
    names = " ".join(name for _, name, _ in covering)
    anchors = "".join(
        f'<span class="anchor" id="{name}" tabindex="-1" data-label="{inert(label)}"></span>'
        for (begin, _), name, label in covering
        if begin == start
    )
    return f'{anchors}<mark data-marks="{names}">{inert(text)}</mark>'


def articles_html(articles: Sequence[Article], language: Language) -> str:
    """The list of what is indexed."""
    labels = LABELS[language]
    if not articles:
        return f'<p class="hint">{labels["no_articles"]}</p>'
    rows = [
        f'<td lang="{a.language}">{inert(a.title or a.source)}</td><td>{inert(a.publisher) or "-"}</td>'
        f"<td>{inert(a.published or '') or labels['undated']}</td><td>{labels[a.language]}</td>"
        f"<td><code>{inert(a.source)}</code></td>"
        for a in articles
    ]
    return _table([labels[name] for name in ("headline", "publisher", "published", "language", "file")], rows)


def report_html(outcomes: Iterable[tuple[str, str, str]], language: Language) -> str:
    """What an indexing run did, by file.

    :param outcomes: a file's path, one of ``added updated unchanged removed skipped``, and why it was skipped.
    """
    labels = LABELS[language]
    rows = [
        f'<td><code>{inert(Path(path).name)}</code></td><td class="{outcome}">{labels[outcome]}'
        f"{f': {inert(reason)}' if reason else ''}</td>"
        for path, outcome, reason in outcomes
    ]
    return _table([labels["file"], labels["result"]], rows)


def _table(heads: Sequence[str], rows: Sequence[str]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


WELCOME = "<b>문답 Mundap</b><br>내 기사에 한국어나 영어로 물어보세요.<br>Ask your articles in Korean or English."

CSS = """
.gradio-container { word-break: keep-all; overflow-wrap: break-word; line-height: 1.7; letter-spacing: -0.005em;
  width: 100%; max-width: 1680px !important; margin: 0 auto !important; }
.gradio-container main, .gradio-container .wrap, .gradio-container .contain { width: 100%; max-width: 100% !important; }
#masthead h1 { font-size: 1.25rem; font-weight: 700; margin: 0; }
#masthead h1 span { font-weight: 400; color: var(--body-text-color-subdued); font-size: 1rem; }
#desk { align-items: stretch; flex: 1; }
#chat { height: calc(100dvh - 210px) !important; min-height: 320px; }
#chat .icon-button-wrapper { display: none; }
#chat .message { line-height: 1.75; }
#chat .question, #chat .answer p { margin: 0; }
#chat .notice, .notice { color: var(--body-text-color-subdued); }
#chat .support { margin-top: .6em !important; font-size: .85em; color: var(--body-text-color-subdued); }
a.marker { display: inline-block; font-size: .8em; line-height: 1.2; padding: .05em .35em; margin: 0 .1em;
  border-radius: .4em; background: var(--primary-100); color: var(--primary-800) !important;
  text-decoration: none !important; font-weight: 600; vertical-align: .1em; }
a.marker:hover, a.marker:focus-visible, a.chip:hover, a.chip:focus-visible { outline: 2px solid var(--primary-500); }
#evidence { height: calc(100dvh - 130px); min-height: 320px; overflow-y: auto; padding: 16px 20px !important;
  border: 1px solid var(--border-color-primary); border-radius: var(--radius-lg);
  background: var(--background-fill-primary); }
#evidence .panel { min-width: 0; }
#ask { flex-wrap: nowrap; align-items: center; }
#ask > * { min-width: 0 !important; }
#ask > button { white-space: nowrap; flex: none; }
.tab-container button.selected { color: var(--primary-700) !important; }
.dark .tab-container button.selected { color: var(--primary-300) !important; }
.panel h2 { font-size: 1rem; font-weight: 700; margin: 0 0 .6em; }
.hint { color: var(--body-text-color-subdued); font-size: .92em; }
.chips { display: grid; grid-template-columns: minmax(0, 1fr); gap: 4px; margin-bottom: 14px; }
a.chip { display: block; padding: 4px 8px; border-radius: 6px; color: inherit; text-decoration: none; font-size: .9em;
  background: var(--background-fill-secondary); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
a.chip b { color: var(--primary-700); }
details.article { border-top: 1px solid var(--border-color-primary); padding: 12px 0; }
details.article summary { cursor: pointer; list-style-position: outside; margin-left: 1.1em; }
details.article .headline { font-weight: 700; font-size: 1.05em; line-height: 1.45; }
details.article .meta { display: block; font-size: .85em; color: var(--body-text-color-subdued); margin-top: 2px; }
details.article .meta code { background: none; padding: 0; font-size: .95em; }
details.article .excerpt { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; overflow: hidden;
  margin-top: 6px; padding-left: 10px; font-size: .92em;
  border-left: 3px solid var(--border-color-primary); }
details.article[open] .excerpt { display: none; }
details.article .body { white-space: pre-wrap; line-height: 1.85; margin: 12px 0 4px 1.1em; max-width: 46em; }
.panel mark { background: #fff1b8; color: #1c1917; border-radius: 3px; padding: .1em 0; box-decoration-break: clone; }
.panel mark.current { background: #ffd95e; }
.related mark { background: #e7e5e4; }
.anchor { outline: none; }
.anchor:not([data-label=""])::before { content: attr(data-label); font-size: .75em; font-weight: 700;
  margin-right: .25em; color: var(--primary-700); vertical-align: .15em; }
a.back { display: none; }
#library { max-width: 1100px; margin: 0 auto; width: 100%; }
.table { overflow-x: auto; }
.table table { width: 100%; border-collapse: collapse; font-size: .92em; }
.table th, .table td { text-align: left; vertical-align: top; padding: 8px 10px;
  border-bottom: 1px solid var(--border-color-primary); }
.table th { font-weight: 600; color: var(--body-text-color-subdued); white-space: nowrap; }
.table td:nth-child(3) { white-space: nowrap; }
.table td.skipped { color: #b91c1c; }
.dark .table td.skipped { color: #fca5a5; }
.dark a.marker { background: var(--primary-800); color: var(--primary-100) !important; }
.dark .anchor::before, .dark a.chip b { color: var(--primary-300); }
footer { display: none !important; }
@media (max-width: 760px) {
  #desk { flex-direction: column; }
  #desk > * { min-width: 0 !important; width: 100%; }
  #chat { height: 62dvh !important; }
  #evidence { height: auto; max-height: none; min-height: 0; overflow: visible; padding: 12px 14px !important; }
  a.back { display: inline-block; margin-top: 12px; }
  .gradio-container main { padding: 8px 12px !important; }
  details.article .body { margin-left: 0; }
  .table thead { display: none; }
  .table table, .table tbody, .table tr { display: block; }
  .table tr { border-bottom: 1px solid var(--border-color-primary); padding: 8px 0; }
  .table td { display: inline; border: 0; padding: 0 .5em 0 0; color: var(--body-text-color-subdued); }
  .table td:first-child { display: block; font-weight: 600; color: var(--body-text-color); }
}
"""

# Runs once in the evidence panel, with gradio's `element`, `trigger` and `watch`. A marker of the answer that is shown
# moves the panel; one of an earlier answer asks for that answer's evidence first. Without scripts a marker is a plain
# link to the passage.
EVIDENCE_JS = """
let pending = null;
const frame = () => element.closest('#evidence') || element;
const calm = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;
function show(id, asked) {
  const anchor = document.getElementById(id);
  if (!anchor || !element.contains(anchor)) return false;
  anchor.closest('details').open = true;
  element.querySelectorAll('mark.current').forEach(mark => mark.classList.remove('current'));
  element.querySelectorAll('mark').forEach(mark => {
    if (mark.dataset.marks.split(' ').includes(id)) mark.classList.add('current');
  });
  const behavior = calm() ? 'auto' : 'smooth', panel = frame();
  if (panel.scrollHeight > panel.clientHeight + 1) {
    const offset = anchor.getBoundingClientRect().top - panel.getBoundingClientRect().top;
    panel.scrollTo({ top: panel.scrollTop + offset - panel.clientHeight / 3, behavior });
  } else if (asked) anchor.scrollIntoView({ block: 'center', behavior });
  if (asked) anchor.focus({ preventScroll: true });
  return true;
}
document.addEventListener('click', event => {
  const link = event.target.closest && event.target.closest('a[href^="#"]');
  if (!link || !element.isConnected) return;
  const id = link.getAttribute('href').slice(1);
  if (id === 'conversation' && element.contains(link)) {
    event.preventDefault();
    document.getElementById(id).scrollIntoView({ behavior: calm() ? 'auto' : 'smooth' });
  }
  if (!id.startsWith('cite-')) return;
  event.preventDefault();
  if (!show(id, true)) { pending = id; trigger('click', { id }); }
});
watch('value', () => requestAnimationFrame(() => {
  if (pending && show(pending, true)) { pending = null; return; }
  const chat = document.querySelector('#chat [role="log"]');
  if (chat) chat.scrollTo({ top: chat.scrollHeight });
  const first = element.querySelector('details[open] .anchor');
  if (first) show(first.id, false); else frame().scrollTop = 0;
}));
"""
