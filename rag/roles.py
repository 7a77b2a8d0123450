"""Who does what to whom, and which figure belongs to what: whether a claim has exchanged two things of its span.

Three tests, each of which needs the span to say the opposite before it objects. Attachment: two figures (or two names)
of the claim stand next to each other's words. Ends: what the claim goes *from* the span goes *to*. Agents: what is the
subject in the claim is the object in the span and the other way round. Meant for news prose, which puts a figure near
its noun in both languages; lists with "respectively" are beyond it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from index import korean
from index.korean import HANGUL, Term
from index.measure import PLAIN, Quantity
from index.quantity import agree
from rag.pairing import Pairing, Reading

NEAR = 0.7  # what a word is worth to its anchor, per word between them
# What the exchanged reading must gain over the one as it is, and by what factor, before a claim is taken for exchanged.
# Set on the development part of eval/claims.jsonl: true pairs of names reach a factor of 2.1, of dates 1.6, of other
# figures 1.35; exchanged ones begin at 2.5 and 1.6. Dates and names stand more freely in a sentence than amounts.
_AMOUNT = (0.05, 1.5)
_DEMANDS = {"name": (0.2, 2.3), "date": (0.2, 2.0), "weekday": (0.2, 2.0), "time": (0.2, 2.0)}
_FROM = re.compile(r"\b(?:from|than|instead of|against)\s(?:the\s|about\s|some\s)?\W?$", re.I)
_TO = re.compile(r"(?:\b(?:to|until)|reach(?:ed|ing)?)\s(?:the\s|about\s|some\s)?\W?$", re.I)
_BEFORE = re.compile(r"\b(?:before|prior to)\s(?:the\s|noon\s)?$", re.I)
_AFTER = re.compile(r"\b(?:after|since)\s(?:the\s)?$", re.I)
_FROM_KO = re.compile(r"[가-힣%㎡]{0,4}?\s?(?:에서|보다|부터|이던|였던|이었던|대신)")
_TO_KO = re.compile(r"[가-힣%㎡]{0,4}?\s?(?:으로|로(?![가-힣])|까지)")
_BEFORE_KO = re.compile(r"\s?(?:이전|전에|전까지|앞서)")
_AFTER_KO = re.compile(r"\s?(?:이후|뒤|후에)")
_ENDS = ((_FROM, _FROM_KO, "from"), (_TO, _TO_KO, "to"), (_BEFORE, _BEFORE_KO, "before"), (_AFTER, _AFTER_KO, "after"))
_OPPOSITE = {"from": "to", "to": "from", "before": "after", "after": "before", "subject": "object", "object": "subject"}


@dataclass(frozen=True, slots=True)
class Anchor:
    """A figure or a name of the claim, with every place of the span that says the same; offsets of their starts.

    ``role`` is ``from``, ``to`` … for a figure that has the same one in both texts.
    """

    start: int
    end: int
    places: tuple[int, ...]
    kind: str
    role: str = ""


def exchanged(pairing: Pairing, claimed: Sequence[Quantity], stated: Sequence[Quantity]) -> bool:
    """Whether the claim has two things of the span in each other's places.

    ``claimed`` and ``stated`` are the figures of claim and span.
    """
    figures = list(_figures(pairing, claimed, stated))
    return _ends_turned(pairing, claimed, stated) or _attached_elsewhere(pairing, figures) or _agents_turned(pairing)


def _figures(pairing: Pairing, claimed: Sequence[Quantity], stated: Sequence[Quantity]) -> Iterator[Anchor]:
    for quantity in claimed:
        if same := [k for k in stated if agree(quantity, k)]:
            kind = "number" if quantity.kind in PLAIN else quantity.kind
            end = _end(pairing.claim.text, quantity)
            role = end if {_end(pairing.span.text, k) for k in same} == {end} else ""
            yield Anchor(quantity.start, quantity.end, tuple(k.start for k in same), kind, role)


def _ends_turned(pairing: Pairing, claimed: Sequence[Quantity], stated: Sequence[Quantity]) -> bool:
    """Whether a figure that the span goes from (or is before) is one that the claim goes to (or is after)."""
    for quantity in claimed:
        end = _end(pairing.claim.text, quantity)
        others = {_end(pairing.span.text, k) for k in stated if _same(quantity, k)}
        if end and others == {_OPPOSITE[end]}:
            return True
    return False


def _same(claimed: Quantity, stated: Quantity) -> bool:
    """Whether two figures are one, though the claim may leave its unit out: 21 minutes instead of 52."""
    bare = claimed.kind == "number" and stated.kind != "date" and claimed.amount == stated.amount
    return bare or agree(claimed, stated)


def _end(text: str, quantity: Quantity) -> str:
    left, right = text[max(0, quantity.start - 20) : quantity.start], text[quantity.end : quantity.end + 12]
    for english_left, korean_right, name in _ENDS:
        if english_left.search(left) or HANGUL.search(right) and korean_right.match(right):
            return name
    return ""


def _attached_elsewhere(pairing: Pairing, figures: Sequence[Anchor]) -> bool:
    """Whether two figures, or two names, of the claim fit the span better with their places exchanged."""
    anchors = [*figures, *_names(pairing, figures)]
    labels = list(_labels(pairing, figures))
    for one, other in combinations(anchors, 2):
        if one.kind != other.kind or set(one.places) & set(other.places) or one.role != other.role:
            continue
        as_is, turned = _fit(pairing, labels, anchors, one, other)
        gain, factor = _DEMANDS.get(one.kind, _AMOUNT)
        if turned - as_is > gain and turned > factor * as_is:
            return True
    return False


def _names(pairing: Pairing, figures: Sequence[Anchor]) -> Iterator[Anchor]:
    for term, places in _labels(pairing, figures):
        if term.tag in ("NNP", "name"):
            yield Anchor(term.start, term.end, places, "name")


def _labels(pairing: Pairing, figures: Sequence[Anchor]) -> Iterator[tuple[Term, tuple[int, ...]]]:
    """The claim's words outside figures that the span has, with their places there."""
    for term in pairing.claim.terms:
        inside = term.tag in ("number", "NR", "NNBC") or any(f.start < term.end and term.start < f.end for f in figures)
        if not inside and (found := pairing.of(term)):
            yield term, tuple(dict.fromkeys(t.start for t in found))


def _fit(
    pairing: Pairing,
    labels: Sequence[tuple[Term, tuple[int, ...]]],
    anchors: Sequence[Anchor],
    one: Anchor,
    other: Anchor,
) -> tuple[float, float]:
    """How well claim and span fit as they are, and with ``one`` and ``other`` exchanged.

    Each word adds what it is worth to its anchor in the claim, times the same in the span.
    """
    marks = [(t.start, places) for t, places in labels if t.start not in (one.start, other.start)]
    if one.kind == "name":
        marks += [(a.start, a.places) for a in anchors if a.kind != "name"]
    as_is = turned = 0.0
    for start, places in marks:
        here = [_near(pairing.claim, start, (anchor.start,)) for anchor in (one, other)]
        there = [max(_near(pairing.span, p, anchor.places) for p in places) for anchor in (one, other)]
        as_is += here[0] * there[0] + here[1] * there[1]
        turned += here[0] * there[1] + here[1] * there[0]
    return as_is, turned


def _near(reading: Reading, start: int, places: Sequence[int]) -> float:
    return max(NEAR ** reading.distance(start, place) for place in places)


def _agents_turned(pairing: Pairing) -> bool:
    """Whether subject and object of the claim are object and subject in the span."""
    texts = pairing.claim.text, pairing.span.text
    claimed, stated = map(_parts, texts)
    if not claimed or not stated or any(map(_CONVERSE.search, texts)):
        return False
    parts: list[tuple[str, set[str], bool]] = []
    for term in pairing.claim.terms:
        part = claimed.get(term.start)
        if part and (found := pairing.of(term)):
            parts.append((part, {stated.get(t.start, "") for t in found}, term.tag in ("name", "NNP")))
    if any(one[0] != two[0] and one[1] == {two[0]} and two[1] == {one[0]} for one, two in combinations(parts, 2)):
        return True
    return _same_act(pairing) and any(name and places == {_OPPOSITE[part]} for part, places, name in parts)


def _same_act(pairing: Pairing) -> bool:
    """Whether claim and span use one verb that needs two parties, of which a name can be either: buy, sue, defeat."""
    verbs = {t.start for t in pairing.span.terms if t in _BETWEEN}
    return any(t in _BETWEEN and any(p.start in verbs for p in pairing.of(t)) for t in pairing.claim.terms)


# Verbs whose subject is the one to whom something is done: "A got it from B" is "B gave it to A".
_CONVERSE = re.compile(
    r"\b(?:receiv\w+|gets?|got|gotten|obtain\w*|went to|goes? to|going to|belong\w*|learn\w*|inherit\w*|undergo\w*|won)\b|받|얻|당하|당했|물려"
)
# Acts of one party on another, by dictionary form.
_BETWEEN = frozenset(
    [
        "bought",
        "buy",
        "acquir",
        "purchas",
        "sold",
        "sell",
        "su",
        "sued",
        "invest",
        "beat",
        "defeat",
        "accus",
        "prais",
        "criticis",
        "critic",
        "attack",
        "invit",
        "visit",
        "hire",
        "fund",
        "lend",
        "lent",
        "owe",
        "pay",
        "paid",
        "support",
        "oppos",
        "reject",
        "host",
        "own",
        "merg",
        "join",
        "appoint",
        "dismiss",
        "pass",
        "overtak",
        "licens",
        "suppli",
        "teach",
        "taught",
        "인수",
        "매입",
        "사들이",
        "사",
        "팔",
        "매각",
        "고소",
        "고발",
        "제소",
        "투자",
        "이기",
        "꺾",
        "비판",
        "비난",
        "칭찬",
        "공격",
        "초청",
        "방문",
        "고용",
        "지원",
        "빌리",
        "지지",
        "반대",
        "거부",
        "임명",
        "해임",
        "추월",
        "공급",
        "가르치",
        "합병",
    ]
)
_VERB = re.compile(
    r"\b(?:[a-z]{2,}ed|will|would|has|have|had|is|are|was|were|can|could|may|might|must|bought|sold|told|gave|sent|paid"
    r"|won|beat|lent|led|met|took|made|held|built|taught|asked|chose|left|lost|fought|sought|brought|caught|began|hit"
    r"|put|cut|let|set|shot|found|said|saw|drew|wrote|spoke|became|came|went|kept|spent|struck|bore)\b"
    r"|(?<=[A-Z][a-z]{3}\s)[a-z]+[a-rt-z]s\b"
)
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|been|being)\s(?:[a-z]+ly\s)?"
    r"(?:[a-z]+(?:ed|en|wn|ght)|sold|told|held|made|paid|sent|lent|led|met|won|built|cut|put|set|hit|found)\b"
)
_PREPOSITION = re.compile(
    r"\b(?:of|in|on|at|for|from|with|by|about|over|under|after|before|during|near|into|than|as)\b", re.I
)
_SENTENCE = re.compile(r"(?:(?!\b(?:and|but|while|whereas|that|which|who|because|so|when)\b)[^,;:()])+")


@functools.lru_cache(maxsize=512)
def _parts(text: str) -> dict[int, str]:
    """Offsets of nouns → ``subject`` or ``object``: by particle in Korean, by order and "by" in English."""
    return _parts_ko(text) if HANGUL.search(text) else _parts_en(text)


def _parts_ko(text: str) -> dict[int, str]:
    found: dict[int, str] = {}
    noun: list[int] = []
    for surface, tag, start, _, _ in korean.tags(text):
        if tag[0] in "NX" and not tag.startswith("XS") or tag == "SL":
            noun.append(start)
            continue
        part = "subject" if tag.startswith("JKS") or tag == "JX" and surface in ("은", "는") else ""
        part = "object" if tag.startswith("JKO") or surface in ("에게", "한테") else part
        found.update((place, part) for place in noun if part)
        noun = []
    return found


def _parts_en(text: str) -> dict[int, str]:
    found: dict[int, str] = {}
    for clause in _SENTENCE.finditer(text):
        verb = _VERB.search(clause.group())
        if verb is None:
            continue
        passive = _PASSIVE.search(clause.group())
        before, after = ("object", "") if passive else ("subject", "object")
        for start, end, part in _pieces(clause.group(), verb, before, after, passive is not None):
            for word in re.finditer(r"[A-Za-z0-9]+", clause.group()[start:end]):
                found[clause.start() + start + word.start()] = part
    return found


def _pieces(clause: str, verb: re.Match[str], before: str, after: str, passive: bool) -> Iterator[tuple[int, int, str]]:
    """The stretches of a clause that are its subject and its object, as (start, end, part)."""
    head = _PREPOSITION.search(clause, 0, verb.start())
    if head is None or clause[: head.start()].strip():
        yield 0, head.start() if head else verb.start(), before
    tail = _PREPOSITION.search(clause, verb.end())
    if after:
        yield verb.end(), tail.start() if tail else len(clause), after
    if passive and (by := re.compile(r"\bby\b").search(clause, verb.end())):
        end = _PREPOSITION.search(clause, by.end())
        yield by.end(), end.start() if end else len(clause), "subject"
