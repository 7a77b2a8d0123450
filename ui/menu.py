"""The bar above the conversation as HTML: new chat, earlier chats, export. Pure."""

from __future__ import annotations

from index.types import Language
from ui.history import Chat, History
from ui.labels import LABELS
from ui.markup import button, inert


def history_menu(history: History, language: Language) -> str:
    """The bar, with a menu of this browser's earlier conversations."""
    labels = LABELS[language]
    earlier = [chat for chat in history.chats if chat.id != history.current]
    rows = "".join(_row(chat, language) for chat in earlier)
    chats = f'<ul>{rows}</ul><p class="hint">{labels["history_note"]}</p>' if rows else _hint(labels["history_empty"])
    files = "".join(
        f"<li>{button(labels[f'export_{kind}'], 'export', f' data-format={chr(34)}{kind}{chr(34)}')}</li>"
        for kind in ("markdown", "json")
    )
    return (
        f'<div class="bar">{button(labels["new_chat"], "restart", classes="quiet strong")}'
        f"{_menu(labels['history'], chats)}{_menu(labels['export'], f'<ul>{files}</ul>')}</div>"
    )


def _menu(name: str, body: str) -> str:
    return f'<details class="menu"><summary>{name}</summary><div class="sheet">{body}</div></details>'


def _hint(text: str) -> str:
    return f'<p class="hint">{text}</p>'


def _row(chat: Chat, language: Language) -> str:
    labels, title = LABELS[language], inert(chat.title)
    place = f' data-chat="{inert(chat.id)}"'
    forget = button("×", "forget", f'{place} aria-label="{labels["forget"]}: {title}"')
    return f"<li>{button(title, 'open', place, 'quiet title')}{forget}</li>"
