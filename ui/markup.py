"""Text as HTML that cannot be taken for anything but text, and the few elements that several parts of the page share.

Every text that comes from a document, a file name, a question or a model goes through :func:`inert`, so that the only
markup and the only controls on the page are the ones written in this package.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_ACTIVE = re.compile(r"[!-/:-@\[-`{-~]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def inert(text: str) -> str:
    """``text`` as HTML that neither a browser, nor Markdown, nor a template can take for anything but text.

    Every ASCII punctuation mark becomes a character reference, so that no tag, attribute, emphasis, link, image,
    formula or placeholder can begin. Control and text-direction characters, which can hide others, become U+FFFD.
    """
    return _ACTIVE.sub(lambda match: f"&#{ord(match[0])};", _CONTROL.sub("\ufffd", text))


def lines(text: str) -> str:
    """``text``, inert, with its line ends kept."""
    return inert(text).replace("\n", "<br>")


def notice(message: str, kind: str = "note") -> str:
    """A message about the program. ``kind`` is ``note``, ``error`` or ``waiting``."""
    role = ' role="alert"' if kind == "error" else ""
    return f'<div class="notice {kind}"{role}>{lines(message)}</div>'


def button(label: str, action: str, extra: str = "", classes: str = "quiet") -> str:
    """A button that the page's script hands to the program as ``action``; ``extra`` are further attributes, escaped.

    :param label: text that this package wrote.
    """
    return f'<button type="button" class="{classes}" data-action="{action}"{extra}>{label}</button>'


def table(heads: Sequence[str], rows: Sequence[str], classes: str = "") -> str:
    """A table that folds to a list where the screen is narrow. ``rows`` hold finished cells."""
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<div class="table {classes}"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
