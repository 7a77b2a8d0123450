"""The conversation as HTML: questions, answers with their markers and controls, what stands behind them, and why not.

Pure. The page's script turns controls into events by their ``data-action``; see ``assets/conversation.js``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.types import Language
from rag.types import Answer, Stated
from ui.export import plain
from ui.history import Exchange
from ui.labels import LABELS
from ui.markup import button, inert, lines, notice

_MARKER = re.compile(r"\[(\d{1,3})\]")


def conversation(exchanges: Sequence[Exchange], language: Language, empty: str = "", growing: str | None = None) -> str:
    """The whole conversation, with ``empty`` in place of it before the first question.

    :param growing: what has been said so far to the last question, which is not answered yet; "" before the first word.
    """
    labels = LABELS[language]
    shown = [_exchange(turn, exchange, language) for turn, exchange in enumerate(exchanges)]
    if growing is not None:
        shown[-1] = _unfinished(exchanges[-1], growing, language)
    busy = ' aria-busy="true"' if growing is not None else ""
    body = "".join(shown) or empty
    return f'<div class="log" role="log" aria-label="{labels["conversation"]}"{busy} tabindex="0">{body}</div>'


def welcome(examples: Sequence[str] | None, language: Language, documents: int) -> str:
    """What is there before the first question. ``examples`` are ``None`` while they are still being chosen."""
    labels = LABELS[language]
    if not documents:
        body = f"<p>{labels['empty_library']}</p>"
    elif examples is None:
        body = f'<p class="hint">{labels["examples_wait"]}</p>'
    else:
        offers = "".join(f"<li>{_example(text)}</li>" for text in examples)
        body = f'<p class="hint">{labels["examples"]}</p><ul class="examples">{offers}</ul>' if offers else ""
    return f'<div class="welcome"><h2>{labels["welcome"]}</h2><p>{labels["tagline"]}</p>{body}</div>'


def _example(question: str) -> str:
    return button(inert(question), "ask", f' data-question="{inert(question)}"', "example")


def _exchange(turn: int, exchange: Exchange, language: Language) -> str:
    if exchange.answer:
        said = _answer(turn, exchange, exchange.answer, language)
    else:
        retry = _actions(button(LABELS[language]["retry"], "retry", f' data-turn="{turn}"'))
        said = notice(exchange.notice or LABELS[language]["stopped"], "error" if exchange.notice else "note") + retry
    return f'<section class="exchange">{_question(exchange.question, language, turn)}{said}</section>'


def _unfinished(exchange: Exchange, growing: str, language: Language) -> str:
    waiting = notice(LABELS[language]["searching"], "waiting")
    said = f'<div class="answer growing">{_paragraphs(growing, 0, None)}</div>' if growing else waiting
    return f'<section class="exchange">{_question(exchange.question, language)}{said}</section>'


def _question(question: str, language: Language, turn: int | None = None) -> str:
    labels = LABELS[language]
    edit = ""
    if turn is not None:
        words = f' data-turn="{turn}" data-send="{labels["send"]}" data-cancel="{labels["cancel"]}"'
        edit = button(labels["edit"], "edit", f'{words} data-label="{labels["question"]}"')
    return f'<div class="question"><h3 class="sr">{labels["you"]}</h3><p>{lines(question)}</p>{edit}</div>'


def _answer(turn: int, exchange: Exchange, answer: Answer, language: Language) -> str:
    labels = LABELS[language]
    refused = answer.status == "no_evidence"
    head = f'<p class="verdict">{labels["refused"]}</p>' if refused else ""
    body = f'<div class="said" lang="{answer.language}">{_paragraphs(answer.text, turn, answer)}</div>'
    remark = f'<p class="remark" lang="{answer.language}">{inert(answer.notice)}</p>' if answer.notice else ""
    told = "".join(f"<li>{line}</li>" for line in support(answer, turn, language))
    return (
        f'<div class="answer{" refused" if refused else ""}"><h3 class="sr">{labels["answer"]}</h3>{head}{body}{remark}'
        f'<ul class="support">{told}</ul>{_under(turn, exchange, answer, language)}</div>'
    )


def _paragraphs(text: str, turn: int, answer: Answer | None) -> str:
    direct = answer.direct if answer and text.startswith(answer.direct) else ""
    head = f'<strong class="direct">{inert(direct)}</strong>' if direct else ""
    rest = [_marked(line, turn, answer) for line in text[len(direct) :].split("\n")]
    rest[0] = head + rest[0]
    return "".join(f"<p>{line}</p>" for line in rest if line.strip())


def _marked(line: str, turn: int, answer: Answer | None) -> str:
    """A line whose markers are buttons, those that the answer has a citation for."""
    titles = _titles(answer) if answer else {}
    pieces, end = [], 0
    for match in _MARKER.finditer(line):
        number = int(match[1])
        if number in titles:
            pieces += [inert(line[end : match.start()]), marker(turn, number, titles[number])]
            end = match.end()
    return "".join(pieces) + inert(line[end:])


def _titles(answer: Answer) -> dict[int, str]:
    return {c.number: c.title or c.source for c in answer.citations}


def marker(turn: int, number: int, title: str) -> str:
    """The button that moves the evidence to a citation."""
    name = f' data-mark="{mark_id(turn, number)}" aria-label="{number}: {inert(title)}" title="{inert(title)}"'
    return button(str(number), "show", name, "marker")


def mark_id(turn: int, number: int) -> str:
    """The element id of a citation: ``turn`` counts the conversation's exchanges from 0."""
    return f"cite-{turn}-{number}"


def _actions(buttons: str) -> str:
    return f'<div class="actions">{buttons}</div>'


def _under(turn: int, exchange: Exchange, answer: Answer, language: Language) -> str:
    labels = LABELS[language]
    place = f' data-turn="{turn}"'
    copied = f' data-text="{inert(plain(answer, language))}" data-done="{labels["copied"]}"'
    words = f' data-reason="{labels["reason"]}" data-send="{labels["send"]}" data-cancel="{labels["cancel"]}"'
    pressed = {verdict: f' aria-pressed="{str(exchange.verdict == verdict).lower()}"' for verdict in ("good", "bad")}
    row = [
        button(labels["copy"], "copy", copied),
        button(labels["retry"], "retry", place),
        button(labels["good"], "good", place + pressed["good"]),
        button(labels["bad"], "bad", place + pressed["bad"] + words),
    ]
    kept = f'<p class="hint">{labels["rated"]}</p>' if exchange.verdict else ""
    return _actions("".join(row)) + kept


def support(answer: Answer, turn: int, language: Language) -> list[str]:
    """In words and finished HTML, what stands behind an answer: how much of it, what agrees, what differs, what is out."""
    labels = LABELS[language]
    if answer.status == "no_evidence":
        told = [labels["see_related"] if answer.hits else labels["nothing_related"]]
    else:
        told = [_quoted_from(answer, language)]
        told += [_compared(labels["agree"], one.stated, "", turn, answer) for one in answer.agreements]
        for conflict in answer.conflicts:
            name = labels["contradicts" if conflict.reason else "differ"]
            told.append(_compared(name, conflict.stated, conflict.reason, turn, answer))
    if answer.dropped:
        told.append(_left_out(answer, language))
    return told


def _quoted_from(answer: Answer, language: Language) -> str:
    """How many documents, of which languages and publishers, the answer quotes."""
    articles = {c.article_id: c for c in answer.citations}
    tongues = sorted({c.language for c in articles.values()}, key=lambda tongue: tongue != language)
    names = [LABELS[language][tongue] for tongue in tongues]
    houses = len({c.publisher for c in articles.values() if c.publisher})
    if language == "ko":
        several = f", 발행처 {houses}곳" if houses > 1 else ""
        return f"{'·'.join(names)} 문서 {len(articles)}건에서 인용했습니다{several}."
    several = f", {houses} publishers" if houses > 1 else ""
    noun = "document" if len(articles) == 1 else "documents"
    return f"Quoted from {len(articles)} {noun} in {' and '.join(names)}{several}."


def _compared(name: str, stated: Sequence[Stated], reason: str, turn: int, answer: Answer) -> str:
    """What several sentences state of one thing, each value with its marker."""
    titles = _titles(answer)
    values = " · ".join(
        f"{inert(one.value)} {marker(turn, one.citation, titles[one.citation])}"
        for one in stated
        if one.citation in titles
    )
    why = f' <span lang="{answer.language}">{inert(reason)}</span>' if reason else ""
    return f'<span class="compared">{name}</span> <span lang="{answer.language}">{values}</span>{why}'


def _left_out(answer: Answer, language: Language) -> str:
    if language == "ko":
        return f"언어 모델이 쓴 {answer.read}문장 가운데 {answer.dropped}문장은 문서가 뒷받침하지 않아 뺐습니다."
    was = "was" if answer.dropped == 1 else "were"
    return f"Of {answer.read} sentences that the language model wrote, {answer.dropped} {was} left out as unsupported."
