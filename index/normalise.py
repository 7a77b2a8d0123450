"""Characters: one Unicode form, no hidden or control characters, plain spaces. Knows nothing about articles."""

from __future__ import annotations

import re
import unicodedata

from index.types import Language

_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Control characters, soft hyphen, zero-width and bidi controls, surrogates, and the tag characters (U+E0000–E007F) that
# hide text from a reader but not from a program. The zero-width joiners stay: emoji and some scripts need them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffc\ud800-\udfff\U000e0000-\U000e007f]"
)
# The Hangul fillers and the empty Braille cell look like spaces and are used as such on Korean pages.
_SPACES = re.compile("(?:[^\\S\n]|[\u3164\uffa0\u2800])+")
_HANGUL = re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")
_LATIN = re.compile("[A-Za-z]")

HANGUL_SHARE = 0.25
"""Least share of Hangul among Hangul and Latin letters for Korean: a syllable block stands for two to three letters,
so Korean text full of English names is still far above it and English text with a Korean name far below."""


def normalise(text: str) -> str:
    """NFC, line ends as ``\\n``, no hidden characters, single spaces, lines stripped, at most one blank line in a row.

    Pure and idempotent; NFD and NFC input give the same result.
    """
    text = _HIDDEN.sub("", _BREAKS.sub("\n", text))
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", text))
    lines = (line.strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def squeeze(text: str) -> str:
    """Letters and digits alone, lower case: the key under which repeated lines are the same."""
    return re.sub(r"[\W_]+", "", text).lower()


def hangul_share(text: str) -> float:
    """Share of Hangul among Hangul and Latin letters, 0 to 1; 0 where there are neither."""
    hangul, latin = len(_HANGUL.findall(text)), len(_LATIN.findall(text))
    return hangul / (hangul + latin) if hangul else 0.0


def language_of(text: str) -> Language:
    """``"ko"`` or ``"en"`` by the share of Hangul; text without letters counts as English."""
    return "ko" if hangul_share(text) >= HANGUL_SHARE else "en"
