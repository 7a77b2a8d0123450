"""Does the check of a language model's sentences tell facts from inventions? ``python -m eval.inventions`` prints the rates.

``inventions.jsonl`` holds questions on one article each, with sentences that a model might answer: one that is ``true``,
two that repeat the question's words and add something ``invented``, and one that is ``embroidered``: it begins with a
fact of the article, mostly a figure, and adds something invented. The whole article is what may be cited. The
development half served to choose the numbers of :mod:`rag.attribution`, the other half was only ever measured; the
halves are those of ``claims.jsonl``.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.claims import DIRECTIONS, PARTS, TRUE, Rate, cell, find, tally
from eval.errors import SetError
from index.chunk import chunk
from index.normalise import language_of
from index.read import read_article
from rag.attribution import attribute
from rag.evidence import Evidence
from rag.material import Document, number
from rag.reply import Sentence

FILE = Path(__file__).parent / "inventions.jsonl"
KINDS = (TRUE, "invented", "embroidered")
_FIELDS = {"part": str, "source": str, "question": str, TRUE: str, "invented": list, "embroidered": str}


@dataclass(frozen=True, slots=True)
class Reply:
    """One sentence to a question about the article ``source``; ``direction`` is ``en-ko`` for an English one on a Korean article."""

    part: str
    direction: str
    kind: str
    sentence: str
    question: str
    source: str


def load(path: Path = FILE) -> tuple[Reply, ...]:
    """All replies of a file.

    :raises SetError: naming the first wrong line.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(reply for n, line in enumerate(lines, 1) for reply in _replies(line, f"{path.name}:{n}"))


def _replies(line: str, place: str) -> list[Reply]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise SetError(f"{place}: not JSON ({error.msg}). Write one object a line.") from error
    if not isinstance(row, dict) or {name: type(value) for name, value in row.items()} != _FIELDS:
        raise SetError(f"{place}: a line has {', '.join(_FIELDS)}; invented is a list, the rest is text. Correct it.")
    if row["part"] not in PARTS:
        raise SetError(f"{place}: part is {row['part']!r}, not one of {', '.join(PARTS)}. Correct it.")
    source = language_of(read_article(find(row["source"], place)).text)
    sentences = [(TRUE, row[TRUE]), *(("invented", text) for text in row["invented"]), (KINDS[2], row[KINDS[2]])]
    told = (row["question"], row["source"])
    return [Reply(row["part"], f"{language_of(text)}-{source}", kind, text, *told) for kind, text in sentences]


@functools.cache
def documents(source: str) -> tuple[Document, ...]:
    """The whole article, as a model is given it."""
    article = read_article(find(source, source))
    evidence = [Evidence(article, p, span, {}, ()) for p in chunk(article) for span in p.sentences]
    return tuple(number(evidence, budget=sys.maxsize))


def shown(reply: Reply) -> bool:
    """Whether the sentence would be shown."""
    sentence = Sentence(reply.sentence, (1,))
    return attribute(sentence, documents(reply.source), language_of(reply.sentence), reply.question) is not None


def rates(replies: Iterable[Reply], by: Callable[[Reply], str]) -> dict[str, Rate]:
    """Sentences treated rightly per group: true ones shown, others not."""
    return tally((by(reply), shown(reply) == (reply.kind == TRUE)) for reply in replies)


def table(replies: Sequence[Reply]) -> str:
    """The rates of both parts as text: true sentences shown, invented and embroidered ones dropped."""
    lines = [f"{'part':<12} {'direction':<10}" + "".join(f"{kind:>12}" for kind in KINDS)]
    for part in PARTS:
        for direction in (*DIRECTIONS, "all"):
            found = rates(
                [r for r in replies if r.part == part and direction in (r.direction, "all")], lambda r: r.kind
            )
            cells = "".join(f"{cell(found.get(kind)):>12}" for kind in KINDS)
            lines.append(f"{part:<12} {direction:<10}{cells}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(table(load()) + "\n")
