"""Every word of the page that is not a document's, in Korean and in English, side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping

from index.types import Language

COOKIE = "mundap_language"  # set by the page's language switch, read before the browser's own wishes

_WORDS: Mapping[str, tuple[str, str]] = {
    # The frame
    "title": ("문답", "Mundap"),
    "chat": ("대화", "Chat"),
    "documents": ("문서", "Documents"),
    "overview": ("한눈에", "Overview"),
    "language_switch": ("화면 언어", "Interface language"),
    "ko": ("한국어", "Korean"),
    "en": ("영어", "English"),
    "undated": ("날짜 없음", "undated"),
    "unknown_publisher": ("발행처 없음", "publisher not stated"),
    "cancel": ("취소", "Cancel"),
    # Asking
    "conversation": ("대화 내용", "Conversation"),
    "question": ("질문", "Question"),
    "placeholder": ("한국어나 영어로 질문하세요", "Ask in Korean or English"),
    "welcome": ("무엇이 궁금한가요?", "What would you like to know?"),
    "tagline": (
        "내 문서에 한국어나 영어로 물으면, 문장마다 원문 근거를 짚어 답합니다.",
        "Ask your documents in Korean or English; every sentence of the answer points at its source.",
    ),
    "examples": ("문서에 있는 내용으로 시작해 보세요", "Begin with something from the documents"),
    "examples_wait": ("문서에서 예시 질문을 고르고 있습니다…", "Choosing example questions from the documents…"),
    "empty_library": (
        "아직 문서가 없습니다. ‘문서’ 탭에서 파일을 넣으면 바로 물어볼 수 있습니다.",
        "There are no documents yet. Add files under “Documents”, then ask.",
    ),
    "new_chat": ("새 대화", "New chat"),
    "searching": ("문서를 찾고 있습니다…", "Searching the documents…"),
    "failed": (
        "답하는 중에 오류가 났습니다. 다시 물어보세요. 자세한 내용은 프로그램 기록에 있습니다.",
        "Something went wrong while answering. Ask again; the program's log says more.",
    ),
    "stopped": ("답변을 멈췄습니다.", "The answer was stopped."),
    # Under an answer
    "you": ("질문", "You"),
    "answer": ("답", "Answer"),
    "edit": ("고치기", "Edit"),
    "send": ("보내기", "Send"),
    "retry": ("다시 답하기", "Answer again"),
    "copy": ("복사", "Copy"),
    "copied": ("출처와 함께 복사했습니다", "Copied with its sources"),
    "good": ("도움이 됨", "Helpful"),
    "bad": ("도움이 안 됨", "Not helpful"),
    "reason": ("이유 (선택)", "Reason (optional)"),
    "rated": ("의견을 이 컴퓨터에 남겼습니다.", "Your opinion is kept on this computer."),
    "sources": ("출처", "Sources"),
    "cited": ("인용", "Citation"),
    "refused": ("문서에서 답을 찾지 못했습니다", "The documents do not answer this"),
    "see_related": ("가까운 대목을 근거 창에 모았습니다.", "The nearest passages are in the evidence panel."),
    "nothing_related": ("관련된 대목도 찾지 못했습니다.", "No related passage was found either."),
    "agree": ("같은 값:", "The same:"),
    "differ": ("서로 다른 값:", "Different:"),
    "contradicts": ("한 문서 안에서 어긋남:", "One document contradicts itself:"),
    # History
    "history": ("지난 대화", "Earlier chats"),
    "history_empty": (
        "지난 대화가 없습니다. 대화는 이 브라우저에만 남습니다.",
        "No earlier chats. Chats are kept in this browser only.",
    ),
    "history_note": ("이 브라우저에만 남습니다.", "Kept in this browser only."),
    "forget": ("지우기", "Delete"),
    "export": ("내보내기", "Export"),
    "export_markdown": ("Markdown 파일", "Markdown file"),
    "export_json": ("JSON 파일", "JSON file"),
    # Scope
    "scope": ("질문 범위 좁히기", "Narrow the question"),
    "scope_none": ("모든 문서", "All documents"),
    "scope_languages": ("문서 언어", "Language of the documents"),
    "scope_publishers": ("발행처", "Publisher"),
    "scope_since": ("이 날짜부터 (예: 2023-05-01)", "From (such as 2023-05-01)"),
    "scope_until": ("이 날짜까지", "Until"),
    "scope_articles": ("이 문서만", "Only these documents"),
    "scope_clear": ("범위 지우기", "Clear"),
    "scope_wrong_date": (
        "날짜는 2023-05-01처럼 적어 주세요. 받은 값: ",
        "Write dates like 2023-05-01. This was given: ",
    ),
    "scope_empty": ("이 범위에는 문서가 없습니다. 범위를 넓혀 주세요.", "No document is in this range. Widen it."),
    # Evidence
    "evidence": ("근거", "Evidence"),
    "evidence_empty": (
        "답의 번호를 누르면 인용한 대목이 원문 그대로 여기에 펼쳐집니다.",
        "Press a number in an answer and the cited passage opens here, in its own words.",
    ),
    "evidence_for": ("질문", "For the question"),
    "related": ("관련은 있지만 답은 아닙니다", "Related, but not an answer"),
    "related_note": (
        "질문에 가장 가까운 대목입니다. 아래 문서에는 질문의 답이 없습니다.",
        "These passages come nearest to the question. The documents below do not answer it.",
    ),
    "gone": (
        "이 문서는 그 뒤에 바뀌었거나 빠졌습니다. 답할 때의 인용문만 남아 있습니다.",
        "This document has since changed or been removed. Only the words quoted at the time are left.",
    ),
    "back": ("대화로 돌아가기", "Back to the chat"),
    "timeline": ("시간순으로 본 근거", "The evidence in time"),
    # Documents
    "upload": ("문서를 끌어 놓거나 선택하세요", "Drop documents here or choose files"),
    "upload_note": (
        "txt, md, html, pdf, docx · 파일당 20MB, 한 번에 200개까지. 같은 이름의 파일은 교체됩니다.",
        "txt, md, html, pdf, docx · up to 20 MB each, 200 at a time. A file replaces its namesake.",
    ),
    "reading": ("문서를 읽고 있습니다", "Reading documents"),
    "left": ("남은 시간 약 {}초", "about {} s left"),
    "find": ("제목, 발행처, 파일 이름으로 찾기", "Find by title, publisher or file name"),
    "shown": ("{}건", "{} documents"),
    "none_found": ("맞는 문서가 없습니다.", "No document matches."),
    "remove": ("빼기", "Remove"),
    "remove_sure": (
        "이 문서를 색인에서 뺄까요? 올린 파일은 지우고, 내 컴퓨터의 원본은 그대로 둡니다.",
        "Remove this document from the index? An uploaded copy is deleted; your own file stays.",
    ),
    "ask_only": ("이 문서에만 묻기", "Ask only this"),
    "no_articles": ("색인된 문서가 없습니다. 위에서 문서를 추가하세요.", "Nothing is indexed. Add documents above."),
    "added": ("추가함", "added"),
    "updated": ("바뀌어 다시 색인함", "changed, indexed again"),
    "unchanged": ("그대로임", "unchanged"),
    "removed": ("뺌", "removed"),
    "skipped": ("읽지 못함", "not read"),
    "file": ("파일", "File"),
    "result": ("결과", "Result"),
    "published": ("날짜", "Date"),
    "publisher": ("발행처", "Publisher"),
    "language": ("언어", "Language"),
    "headline": ("제목", "Title"),
    "actions": ("동작", "Actions"),
    # Overview
    "by_date": ("날짜별 문서", "Documents by date"),
    "by_language": ("언어별", "By language"),
    "by_publisher": ("발행처별", "By publisher"),
    "terms_ko": ("한국어 문서의 주요 낱말", "Leading words, Korean documents"),
    "terms_en": ("영어 문서의 주요 낱말", "Leading words, English documents"),
    "documents_counted": ("문서 {}건", "{} documents"),
}
LABELS: Mapping[Language, Mapping[str, str]] = {
    "ko": {name: words[0] for name, words in _WORDS.items()},
    "en": {name: words[1] for name, words in _WORDS.items()},
}


def interface_language(accept: str, chosen: str = "") -> Language:
    """The language of the page: ``chosen`` if it is one, else what an ``Accept-Language`` header prefers, else English."""
    if chosen in ("ko", "en"):
        return "ko" if chosen == "ko" else "en"
    wishes: list[tuple[float, int, Language]] = []
    for place, part in enumerate(accept.lower().split(",")):
        tag, _, quality = part.strip().partition(";q=")
        main = tag.split("-")[0]
        if main in ("ko", "en"):
            weight = float(quality) if re.fullmatch(r"[01](\.\d{0,3})?", quality) else 1.0
            wishes.append((-weight, place, "ko" if main == "ko" else "en"))
    return min(wishes)[2] if wishes else "en"
