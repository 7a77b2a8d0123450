"""Markdown → plain text that reads like the article: marks go, words, list items and footnote asterisks stay."""

from __future__ import annotations

import re

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"<!--.*?(?:-->|\Z)", re.S), ""),
    (re.compile(r"<(script|style|template|noscript)\b.*?(?:</\1\s*>|\Z)", re.S | re.I), ""),
    (re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]{0,500})?/?>"), ""),
    (re.compile(r"!\[[^\]\n]{0,500}\]\([^)\n]{0,2000}\)"), ""),
    (
        re.compile(
            r"\[([^\]\n]{1,500})\]\((?:<[^>\n]{0,2000}>|(?:[^()\s]"
            r"|\([^()\s]{0,200}\)){0,2000})(?:\s+[\"'][^\n]{0,500}?[\"'])?\)"
        ),
        r"\1",
    ),
    (re.compile(r"<(https?://[^>\s]+)>"), r"\1"),
    (re.compile(r"^[ \t]{0,3}(?:-{3,}|\*{3,}|_{3,}|={3,}|```[\w-]*|~~~[\w-]*)[ \t]*$", re.M), ""),
    (re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$", re.M), r"\n\1\n"),
    (re.compile(r"^[ \t]{0,3}>[ \t]?", re.M), ""),
    (re.compile(r"(?<![\w*])(\*\*|__)(?=\S)([^\n]{1,1000}?)(?<=\S)\1(?!\*)"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]{1,1000}?)(?<=[^\s*])\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<!\w)_(?=[^\s_])([^_\n]{1,1000}?)(?<=[^\s_])_(?!\w)"), r"\1"),
    (re.compile(r"`([^`\n]{1,1000})`"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!>-])"), r"\1"),
)
_TITLE = re.compile(r"\s*#[ \t]+(?P<title>\S[^\n]*?)[ \t]*#*[ \t]*(?:\n|$)")


def split_heading(text: str) -> tuple[str, str]:
    """The first-level heading that opens the text, else an empty string, and the text without it."""
    match = _TITLE.match(text)
    return (plain_text(match["title"]).strip(), text[match.end() :]) if match else ("", text)


def plain_text(text: str) -> str:
    """``text`` without Markdown marks and HTML tags. Lines and list items stay as they are."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text
