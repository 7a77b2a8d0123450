"""Which language a question is asked, and so answered, in."""

from __future__ import annotations

from typing import Literal, cast

from index.korean import HANGUL
from index.types import Language
from rag.errors import UnknownLanguage

Choice = Literal["auto", "ko", "en"]


def question_language(question: str, choice: str = "auto") -> Language:
    """The language of the answer: the one chosen, else Korean for any question that holds Hangul.

    A question is short and often half made of names in the other script ("LabCentral은?"), so that one Hangul syllable
    decides, while a whole document goes by its share.

    :raises UnknownLanguage: if ``choice`` is not ``auto``, ``ko`` or ``en``.
    """
    if choice not in ("auto", "ko", "en"):
        raise UnknownLanguage(f"The language is {choice!r}; expected auto, ko or en.")
    if choice != "auto":
        return cast(Language, choice)
    return "ko" if HANGUL.search(question) else "en"
