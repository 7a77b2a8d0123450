"""What one turn of a conversation asks for, and in which language it is to be answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.types import Language
from rag.language import question_language, wording
from rag.types import Turn


@dataclass(frozen=True, slots=True)
class Request:
    """A question without its request for a language, the turns before it, and the languages of both ways.

    ``asked_in`` is the language of ``question``, ``reply`` that of the answer. ``turns`` hold no requests either.
    """

    question: str
    turns: tuple[Turn, ...]
    asked_in: Language
    reply: Language


def request(text: str, history: Sequence[Turn], choice: str = "auto") -> Request:
    """The request that ``text`` makes after ``history``.

    The language chosen by ``choice`` comes first, then the one that ``text`` asks for, then one asked for earlier "from
    now on", then the question's own. Who asks for nothing but a language is given the last answer in it.

    :raises rag.errors.UnknownLanguage: if ``choice`` is not ``auto``, ``ko`` or ``en``.
    """
    said = wording(text)
    wordings = [wording(turn.question) for turn in history]
    turns = [Turn(w.question, turn.answer) for w, turn in zip(wordings, history, strict=True) if w.question]
    question = said.question or text
    if not said.question and turns:
        question = turns.pop().question
    asked_in = question_language(question)
    standing = next((w.wanted for w in reversed(wordings) if w.wanted and w.standing), None)
    own = said.wanted or standing or asked_in
    return Request(question, tuple(turns), asked_in, own if choice == "auto" else question_language(text, choice))
