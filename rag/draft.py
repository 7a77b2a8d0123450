"""What a generator yields: a sentence to show with the evidence that it claims, to be checked before it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from rag.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Comparison:
    """That the evidence of a draft states one value (``agree``), or several, or contradicts itself.

    ``values`` are as shown and ``originals`` as they stand in the sentences, one for each piece of evidence. ``reason``
    says, for the reader, why an article contradicts itself.
    """

    agree: bool
    values: tuple[str, ...]
    originals: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence to show, without markers, and the evidence it claims.

    ``direct`` is the span that answers the question, where ``text`` begins with it. A draft with a ``comparison`` tells
    what its pieces of evidence state; each must hold its own value.
    """

    text: str
    evidence: tuple[Evidence, ...]
    claim: str = ""
    direct: str = ""
    comparison: Comparison | None = None

    @property
    def checked(self) -> str:
        """The part of the text that must be supported: all of it, unless the generator marks its own frame."""
        return self.claim or self.text
