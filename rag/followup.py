"""A follow-up question restated by a language model so that it stands alone; its wording is checked like its answers.

Earlier answers quote documents, which may be hostile: what the model makes of them may only help to find passages. It
must ask in one line for what was asked, and name nothing that the conversation does not; else :mod:`rag.rewrite`'s
rules decide.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Sequence

import prompts
from index.quantity import keys
from index.terms import analyse
from index.types import Language
from rag.completion import ServerFailure
from rag.language import question_language
from rag.llm import LanguageModel
from rag.material import fence, line
from rag.notice import mend
from rag.reply import active, visible
from rag.rewrite import REACH, leans
from rag.types import Turn

DEADLINE = 20.0  # seconds; the rules need none
LONGEST = 300  # characters of a question, and of an earlier answer that is shown to the model
KEPT = 0.5  # share of the question's own content words that must be kept
_THOUGHTS = re.compile(r"<think>.*?</think>", re.S)
_MARKER = re.compile(r"\s*\[\d+\]")
_NAMING = ("NNP", "name", "number")
log = logging.getLogger(__name__)


def restate(
    model: LanguageModel, question: str, history: Sequence[Turn], language: Language
) -> Generator[str, None, str]:
    """``question`` as one that stands alone; empty where it does so already, or the model is of no help.

    Yields empty pieces while waiting, so that the caller may leave.
    """
    if not history or not leans(question, language):
        return ""
    written = ""
    try:
        with model.ask(_asked(question, history[-REACH:], language), DEADLINE) as reply:
            for piece in reply:
                written += piece
                if len(written) > 40 * LONGEST:
                    return ""
                if not piece:
                    yield ""
    except ServerFailure as failure:
        log.info("The language model at %s %s The question is rewritten by rules.", model.address, mend(failure.cause))
        return ""
    text = _THOUGHTS.sub("", visible(written)).strip()
    stated = line(text.strip("\"“”'‘’"))
    return stated if "\n" not in text and acceptable(stated, question, history, language) else ""


def _asked(question: str, turns: Sequence[Turn], language: Language) -> list[dict[str, str]]:
    shown = [Turn(line(t.question)[:LONGEST], line(_MARKER.sub("", t.answer))[:LONGEST]) for t in turns]
    written = [part for turn in shown for part in (turn.question, turn.answer)]
    return prompts.load("rewrite", language).render(
        turns=shown, question=line(question), fence=fence([question, *written])
    )


def acceptable(stated: str, question: str, history: Sequence[Turn], language: Language) -> bool:
    """Whether ``stated`` may stand for ``question``: in its language, asking for the same, naming nothing new."""
    if not 0 < len(stated) <= LONGEST or active(stated) or question_language(stated) != language:
        return False
    own = {str(term) for term in analyse(question)}
    new = [term for term in analyse(stated) if str(term) not in own]
    kept = own & {str(term) for term in analyse(stated)}
    said = " \n".join([question, *(f"{turn.question} \n{turn.answer}" for turn in history)])
    known = {str(term) for term in analyse(said)}
    named = [str(term) for term in new if term.tag in _NAMING]
    return len(kept) >= KEPT * len(own) and set(named) <= known and set(keys(stated)) <= set(keys(said))
