"""Does the verifier tell true claims from corrupted ones? ``python -m eval.claims`` prints the rates.

``claims.jsonl`` holds pairs: a true sentence about a span of an article, as a language model might put it, and the same
sentence with exactly one detail made false. Half of the articles served to develop the verifier, the other half was
only ever measured (``part``); no article is in both. The evidence is the span; its article's title and the sentence
before it are the context. Nothing here knows how the verifier decides.
"""

from __future__ import annotations

import functools
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.errors import SetError
from index.normalise import language_of
from index.read import read_article
from index.terms import sentences
from rag.verify import Verdict, verify

FILE = Path(__file__).parent / "claims.jsonl"
_ROOT = Path(__file__).parent.parent
FOLDERS = (
    *(_ROOT / "index" / "samples" / language for language in ("ko", "en")),
    *(_ROOT / "eval" / "development" / topic for topic in ("chips", "city", "energy", "health")),
)
PARTS = ("development", "held-out")
DIRECTIONS = ("ko-ko", "en-en", "ko-en", "en-ko")  # claim's language, article's language
CORRUPTIONS = ("digit", "unit", "date", "calendar", "name", "polarity", "roles")
TRUE = "true"
_FIELDS = frozenset({"id", "part", "direction", "kind", "claim", "source", "anchor", "sentences"})


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence about a span. ``kind`` is ``true`` or names the one detail that was made false.

    ``span`` is one or two whole sentences of the article ``source``, published on ``published`` (ISO date or
    ``None``); ``context`` its title and the sentence before the span, a line each.
    """

    id: str
    part: str
    direction: str
    kind: str
    claim: str
    source: str
    span: str
    context: str
    published: str | None


@dataclass(frozen=True, slots=True)
class Rate:
    """``right`` of ``total`` claims judged rightly: true ones passed, corrupted ones caught."""

    right: int
    total: int

    @property
    def share(self) -> float:
        """In [0, 1]; 1 where there was nothing to judge."""
        return self.right / self.total if self.total else 1.0


def load(path: Path = FILE) -> tuple[Claim, ...]:
    """Every claim of the set, in order.

    :raises SetError: naming the line that does not keep to the format, or whose anchor its article does not hold once.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    claims = [_claim(line, f"{path.name}:{number}") for number, line in enumerate(lines, 1) if line.strip()]
    _check_unique([c.id for c in claims], path)
    parts: dict[str, str] = {}
    for claim in claims:
        if parts.setdefault(claim.source, claim.part) != claim.part:
            raise SetError(f"{path.name}: {claim.source} is in both parts. Keep every article in one of them.")
    return tuple(claims)


def _check_unique(ids: Sequence[str], path: Path) -> None:
    if twice := [one for one in dict.fromkeys(ids) if ids.count(one) > 1]:
        raise SetError(f"{path.name}: the id {twice[0]!r} is used more than once. Give every claim its own.")


def _claim(line: str, place: str) -> Claim:
    row = _row(line, place)
    for key, known in (("part", PARTS), ("direction", DIRECTIONS), ("kind", (TRUE, *CORRUPTIONS))):
        if row[key] not in known:
            raise SetError(f"{place}: {key} is {row[key]!r}, not one of {', '.join(known)}. Correct it.")
    span, context, published = evidence(str(row["source"]), str(row["anchor"]), int(str(row["sentences"])), place)
    if f"{language_of(str(row['claim']))}-{language_of(span)}" != row["direction"]:
        raise SetError(f"{place}: the direction is not that of the claim and its span. Correct {row['direction']!r}.")
    text = {key: str(row[key]) for key in ("id", "part", "direction", "kind", "claim", "source")}
    return Claim(**text, span=span, context=context, published=published)


def _row(line: str, place: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise SetError(f"{place}: not JSON ({error.msg}). Write one object a line.") from error
    if not isinstance(row, dict) or set(row) != _FIELDS:
        raise SetError(f"{place}: a claim has the fields {', '.join(sorted(_FIELDS))} and no other. Correct the line.")
    if not isinstance(row["sentences"], int) or not 1 <= row["sentences"] <= 2:
        raise SetError(f"{place}: sentences is {row['sentences']!r}, not a number 1 or 2. Correct it.")
    return row


def find(source: str, place: str) -> Path:
    """The article that a line names.

    :raises SetError: if there is none.
    """
    path = next((folder / source for folder in FOLDERS if (folder / source).is_file()), None)
    if path is None:
        raise SetError(f"{place}: there is no article {source!r}. Name a file of {', '.join(f.name for f in FOLDERS)}.")
    return path


def evidence(source: str, anchor: str, count: int, place: str) -> tuple[str, str, str | None]:
    """Span, context and publication date: ``count`` sentences from the one in which ``anchor`` begins.

    :param source: the name of a file in :data:`FOLDERS`.
    :raises SetError: naming ``place`` if there is no such article, or it does not hold ``anchor`` just once.
    """
    title, text, published, spans = _article(find(source, place))
    if not anchor or text.count(anchor) != 1:
        raise SetError(f"{place}: {source} holds {anchor!r} {text.count(anchor)} times. Give words that it holds once.")
    at = text.index(anchor)
    first = max(i for i, (start, _) in enumerate(spans) if start <= at)
    last = min(first + count, len(spans)) - 1
    before = text[slice(*spans[first - 1])] if first else ""
    return text[spans[first][0] : spans[last][1]], f"{title}\n{before}".strip(), published


@functools.cache
def _article(path: Path) -> tuple[str, str, str | None, list[tuple[int, int]]]:
    article = read_article(path)
    return article.title, article.text, article.published, sentences(article.text)


def judge(claim: Claim) -> Verdict:
    """What the verifier says of one claim."""
    return verify(claim.claim, claim.span, claim.published, context=claim.context)


def right(claim: Claim) -> bool:
    """Whether the verifier is right about it."""
    return judge(claim).supported == (claim.kind == TRUE)


def rates(claims: Iterable[Claim], by: Callable[[Claim], str]) -> dict[str, Rate]:
    """Right verdicts per group, in the order in which groups first come."""
    return tally((by(claim), right(claim)) for claim in claims)


def tally(judged: Iterable[tuple[str, bool]]) -> dict[str, Rate]:
    """Rates per group of (group, whether judged rightly), in the order in which groups first come."""
    marks: dict[str, list[bool]] = defaultdict(list)
    for group, mark in judged:
        marks[group].append(mark)
    return {group: Rate(sum(found), len(found)) for group, found in marks.items()}


def table(claims: Sequence[Claim]) -> str:
    """The rates of both parts as text: true claims passed, corrupted ones caught, and these by kind of corruption."""
    lines = ["part         direction  passed  caught  " + "  ".join(f"{kind:>8}" for kind in CORRUPTIONS)]
    for part in PARTS:
        for direction in (*DIRECTIONS, "all"):
            chosen = [c for c in claims if c.part == part and direction in (c.direction, "all")]
            kinds = rates(chosen, lambda c: c.kind)
            caught = [kinds[k] for k in CORRUPTIONS if k in kinds]
            total = Rate(sum(r.right for r in caught), sum(r.total for r in caught))
            cells = "  ".join(f"{cell(kinds.get(kind)):>8}" for kind in CORRUPTIONS)
            lines.append(f"{part:<12} {direction:<9} {kinds[TRUE].share:7.3f} {total.share:7.3f}  {cells}")
    return "\n".join(lines)


def cell(rate: Rate | None) -> str:
    """A rate in a table."""
    return f"{rate.right}/{rate.total}" if rate else "-"


if __name__ == "__main__":
    sys.stdout.write(table(load()) + "\n")
