"""Conversations as they are kept in a visitor's browser, and read back from there as hostile input."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from index.types import Hit
from rag.types import Agreement, Answer, Citation, Conflict, Stated, Turn

Verdict = Literal["", "good", "bad"]
MOST_CHATS = 30  # kept in one browser, which gives a page about 5 MB
MOST_EXCHANGES = 60  # kept of one conversation
RELATED = 3  # articles offered with a refusal


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question of the conversation with its answer, or the notice shown in its place; a stopped one has neither."""

    question: str
    answer: Answer | None = None
    notice: str = ""
    verdict: Verdict = ""


@dataclass(frozen=True, slots=True)
class Chat:
    """One conversation. ``id`` is its name in the browser's store."""

    id: str
    exchanges: tuple[Exchange, ...] = ()

    @property
    def title(self) -> str:
        """Its first question."""
        return self.exchanges[0].question if self.exchanges else ""


@dataclass(frozen=True, slots=True)
class History:
    """A browser's conversations, newest first, and the id of the one that is open."""

    chats: tuple[Chat, ...] = ()
    current: str = ""

    def opened(self) -> Chat:
        """The open conversation; a new one where there is none."""
        return next((chat for chat in self.chats if chat.id == self.current), fresh())

    def apart(self, chat: Chat) -> Chat:
        """``chat``, under a new name if the one that is kept under its own is not what this page knows of it.

        Then another tab has gone on with the same conversation, and each keeps its own.
        """
        kept = [other for other in self.chats if other.id == chat.id]
        return replace(chat, id=fresh().id) if kept and kept != [_chat(json.loads(keep(chat))["chat"])] else chat


def fresh() -> Chat:
    """An empty conversation."""
    return Chat(secrets.token_hex(6))


def turns(exchanges: Sequence[Exchange]) -> list[Turn]:
    """What an assistant is told of the conversation so far."""
    return [Turn(exchange.question, exchange.answer.text) for exchange in exchanges if exchange.answer]


def keep(chat: Chat) -> str:
    """What ``assets/keep.js`` is told: keep ``chat`` as it is now, in front and open; an empty one is only opened."""
    slim = replace(chat, exchanges=tuple(map(_slim, chat.exchanges[-MOST_EXCHANGES:])))
    return _told(chat=asdict(slim) if chat.exchanges else None, current=chat.id)


def forget(chat_id: str) -> str:
    """What ``assets/keep.js`` is told: keep one conversation no longer."""
    return _told(forget=chat_id)


def _told(**change: Any) -> str:
    return json.dumps(change, ensure_ascii=False)


def _slim(exchange: Exchange) -> Exchange:
    """Of an answer's hits only those that a refusal shows."""
    return replace(exchange, answer=_without_hits(exchange.answer))


def _without_hits(answer: Answer | None) -> Answer | None:
    if answer is None:
        return None
    return replace(answer, hits=() if answer.status == "answered" else answer.hits[: 2 * RELATED], timings={})


def load(kept: Any) -> History:
    """What ``assets/keep.js`` wrote as JSON; whatever is not of that form is passed over: a browser can hold anything."""
    try:
        store = json.loads(kept)
    except (TypeError, ValueError, RecursionError):
        return History()
    if not isinstance(store, Mapping):
        return History()
    chats = [chat for item in _listed(store, "chats")[:MOST_CHATS] if (chat := _chat(item))]
    return History(tuple(chats), _text(store, "current"))


def _chat(item: Any) -> Chat | None:
    if not isinstance(item, Mapping) or not _text(item, "id"):
        return None
    exchanges = [exchange for each in _listed(item, "exchanges")[:MOST_EXCHANGES] if (exchange := _exchange(each))]
    return Chat(_text(item, "id"), tuple(exchanges)) if exchanges else None


def _exchange(item: Any) -> Exchange | None:
    if not isinstance(item, Mapping) or not _text(item, "question"):
        return None
    verdict: Verdict = item["verdict"] if item.get("verdict") in ("good", "bad") else ""
    return Exchange(_text(item, "question"), _answer(item.get("answer")), _text(item, "notice"), verdict)


def _answer(item: Any) -> Answer | None:
    try:
        citations = tuple(_typed(Citation, each) for each in item["citations"])
        hits = tuple(_typed(Hit, each) for each in item["hits"])
        lists: dict[str, Any] = {"citations": citations, "hits": hits, "timings": {}}
        lists["agreements"] = tuple(_compared(Agreement, each) for each in item.get("agreements", ()))
        lists["conflicts"] = tuple(_compared(Conflict, each) for each in item.get("conflicts", ()))
        answer: Answer = _typed(Answer, {**item, **lists})
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    known = answer.status in ("answered", "no_evidence") and answer.language in ("ko", "en")
    return answer if known and all(c.language in ("ko", "en") for c in citations) else None


def _compared(kind: Any, item: Any) -> Any:
    """An agreement or a conflict with what its articles state."""
    return _typed(kind, {**item, "stated": tuple(_typed(Stated, each) for each in item["stated"])})


_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "int": int,
    "str": str,
    "float": (int, float),  # a browser writes 1.0 as 1
    "str | None": str,
    "Language": str,
    "Status": str,
}


def _typed(kind: Any, item: Any) -> Any:
    """``kind(**item)``, its plain fields of the declared types."""
    made = kind(**{field.name: item[field.name] for field in fields(kind) if field.name in item})
    for field in fields(kind):
        value, wanted = getattr(made, field.name), _KINDS.get(str(field.type))
        if wanted and not (isinstance(value, wanted) or (value is None and "None" in str(field.type))):
            raise TypeError(f"{field.name} is {type(value).__name__}, not {field.type}")
    return made


def _listed(item: Mapping[Any, Any], name: str) -> list[Any]:
    value = item.get(name)
    return list(value) if isinstance(value, list | tuple) else []


def _text(item: Mapping[Any, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""
