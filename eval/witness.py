"""What the answers of an evaluation tell of the language model that wrote them, so that models can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from index.types import Article
from rag.types import Answer, Turn

DETERMINISM = (
    "Temperature 0 and the same prompts, but a server may still answer otherwise next time: its batching, hardware, "
    "quantisation and version change a model's choices. Compare models over several runs."
)


class Answerer(Protocol):
    """What is evaluated: :class:`rag.Assistant`, or a fake of it."""

    def ask(self, question: str, history: Sequence[Turn] = (), language: str = "auto") -> Answer:
        """Answer ``question``."""

    def articles(self) -> Sequence[Article]:
        """Every indexed article."""


@dataclass(slots=True)
class Witness:
    """Passes questions on to ``assistant``, and adds up what the answers tell of a language model.

    ``read`` are the sentences that it wrote, ``dropped`` those that the verifier did not let through; ``written`` answers
    came from it and ``quoted`` ones from the extractive generator in its place, of ``asked`` in all. The rest it was not
    asked for: refusals, and what an article states of itself.
    """

    assistant: Answerer
    asked: int = 0
    written: int = 0
    quoted: int = 0
    read: int = 0
    dropped: int = 0
    notices: dict[str, int] = field(default_factory=dict)

    def ask(self, question: str, history: Sequence[Turn] = (), language: str = "auto") -> Answer:
        """The assistant's answer to ``question``."""
        answer = self.assistant.ask(question, history, language)
        fell_back = answer.generator == "extractive" and bool(answer.notice)
        self.asked += 1
        self.written += answer.generator.startswith("llm:")
        self.quoted += fell_back
        self.read += answer.read
        self.dropped += answer.dropped
        if fell_back:
            self.notices[answer.notice] = self.notices.get(answer.notice, 0) + 1
        return answer

    def articles(self) -> Sequence[Article]:
        """Every indexed article."""
        return self.assistant.articles()

    def record(self) -> dict[str, Any]:
        """What is recorded of the model; ``drop_rate`` is ``None`` where it wrote nothing."""
        return {
            "asked": self.asked,
            "written": self.written,
            "quoted_instead": self.quoted,
            "sentences": self.read,
            "dropped": self.dropped,
            "drop_rate": round(self.dropped / self.read, 4) if self.read else None,
            "notices": dict(sorted(self.notices.items())),
            "determinism": DETERMINISM,
        }


def told_of_model(origin: Mapping[str, Any]) -> str:
    """A line on the language model of a report, from its origin; empty where none was used."""
    model = origin.get("model")
    if model is None:
        return ""
    rate = "none read" if model["drop_rate"] is None else f"{100 * model['drop_rate']:.1f} %"
    return (
        f"{origin['generator']}: {model['written']} of {model['asked']} answers written, "
        f"{model['quoted_instead']} quoted instead; sentences dropped by the verifier: {model['dropped']} of "
        f"{model['sentences']} ({rate}). {model['determinism']}"
    )
