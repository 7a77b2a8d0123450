"""Does the judge of citations agree with a person? ``python -m eval.labelled`` prints by how much.

``citations.jsonl`` holds statements about the bundled samples, each with the sentences that it cites and what a person
says of them: whether all together support it, and which of them help.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval import citations
from eval.citations import Cited
from eval.claims import evidence
from eval.errors import SetError

FILE = Path(__file__).parent / "citations.jsonl"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A statement with its citations and a person's labels: ``supported`` by all together, ``helps`` for each."""

    id: str
    statement: str
    cited: tuple[Cited, ...]
    supported: bool
    helps: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two raters of yes and no agree: the ``share`` of equal labels, and Cohen's ``kappa`` (Cohen 1960)."""

    share: float
    kappa: float
    n: int


def load(path: Path = FILE) -> tuple[Labelled, ...]:
    """Every labelled statement, in order.

    :raises SetError: naming the line that does not keep to the format, or whose anchor its article does not hold once.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(_labelled(line, f"{path.name}:{number}") for number, line in enumerate(lines, start=1) if line.strip())


def _labelled(line: str, place: str) -> Labelled:
    try:
        row = json.loads(line)
        cited = [_cited(c["source"], c["anchor"], c["sentences"], place) for c in row["citations"]]
        helps = tuple(bool(c["helps"]) for c in row["citations"])
        return Labelled(row["id"], row["statement"], tuple(cited), bool(row["supported"]), helps)
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise SetError(
            f"{place}: {error!r}. A line has id, statement, supported and citations, each with source, anchor, "
            "sentences and helps."
        ) from error


def _cited(source: str, anchor: str, count: int, place: str) -> Cited:
    span, context, published = evidence(source, anchor, count, place)
    return Cited(span, published, context)


def agreement(judged: Sequence[bool], labels: Sequence[bool]) -> Agreement:
    """Agreement of ``judged`` with ``labels``. Kappa is 0 where chance alone would agree wholly."""
    n = len(labels)
    share = sum(a == b for a, b in zip(judged, labels, strict=True)) / n
    yes, wanted = sum(judged) / n, sum(labels) / n
    chance = yes * wanted + (1 - yes) * (1 - wanted)
    return Agreement(share, (share - chance) / (1 - chance) if chance < 1 else 0.0, n)


def measure(rows: Sequence[Labelled]) -> dict[str, Agreement]:
    """The judge's agreement on the recall of statements and on the precision of citations."""
    recalled = [citations.recalled(row.statement, row.cited) for row in rows]
    relevant = [mark for row in rows for mark in citations.relevant(row.statement, row.cited)]
    return {
        "recall": agreement(recalled, [row.supported for row in rows]),
        "precision": agreement(relevant, [mark for row in rows for mark in row.helps]),
    }


def disagreements(rows: Sequence[Labelled]) -> list[str]:
    """Ids of the statements of which the judge says otherwise than the person."""
    return [
        row.id
        for row in rows
        if (citations.recalled(row.statement, row.cited), citations.relevant(row.statement, row.cited))
        != (row.supported, row.helps)
    ]


if __name__ == "__main__":
    found = load()
    for name, value in measure(found).items():
        sys.stdout.write(f"citation {name}: {value.share:.3f} agree, kappa {value.kappa:.3f}, of {value.n}\n")
    sys.stdout.write(f"otherwise than the person: {', '.join(disagreements(found)) or 'none'}\n")
