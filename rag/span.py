"""The words of a sentence that answer a question: a figure, a date, or the name of a person, place or organisation.

Every fitting figure or name of the sentence is described by a few features: how near the question's words stand to it,
whether it is counted in the unit that is asked for, whether it is what was before, or a conversion in brackets, and what
stands around it. Boosted trees, learned by ``python -m eval.calibrate_span``, give each the chance to be the answer, and
one that does not stand out is none: a wrong lead is worse than none. What it does not know: whether the sentence answers.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from index import lexicon
from index.korean import HANGUL
from index.measure import PLAIN, Quantity
from index.quantity import agree, quantities
from index.reading import Words
from index.types import Language, Span
from rag.intent import Kind, asks_with, focus, kind_of, names_organisation, wants_figure
from rag.judge import Boosted
from rag.naming import Named, names
from rag.pairing import Pairing, Reading

LEARNED = Path(__file__).parent / "span.json"
# From which chance on a figure, or a name, stands out by itself; and from which where a reader takes it for the answer too.
LEAST = {True: 0.7, False: 0.55}
READ = 0.5
# How sure the reader must be of its words for them to stand by themselves, where a name is asked for and else, and what
# share of its characters a figure or name must have in common with them to be what they mean.
SURE, ALIKE = {True: 0.2, False: 0.4}, 0.5
OPEN: frozenset[Kind] = frozenset(
    {"statement", "person", "place", "organisation", "amount", "number", "date", "percent", "area", "duration"}
)
NEIGHBOUR = 0.8  # what a word of the question is worth, per word between it and the candidate
# Of what may lead though it is no known name and stands in a script that the asker may not read; Korean has fewer words.
NAME_WORDS = {True: 4, False: 8}
CERTAIN = 0.6  # how sure of words that are no date as figures go, such as "the fourth quarter", where one is asked for
NAMED: frozenset[Kind] = frozenset({"person", "place"})
NAMELESS: frozenset[Kind] = frozenset({"statement", "list", "definition"})  # kinds that may want a name all the same
_WHO = re.compile(r"누구\S*\s*[?.]?$|이름(?:이|은|을)?\s*\S*\s*[?.]?$|(?i:^\s*(?:who|whom|name)\b)")
_WHICH = re.compile(
    r"어느|어디|누구|누가|무슨|이름|명칭|위치|장소|(?:곳|사람|인물|기관|회사|기업|업체|단체|도시|나라|국가)(?:은|는|이|가)?\s?(?:\?|$)"
    r"|(?i:\b(?:which|who|whom|whose|where)\b|\bname\b|\bcalled\b)"
)
# Wider than rag.intent has it: "how much" may be 10 percent or 40,000 tons, and "how soon" two months.
FITTING: dict[Kind, frozenset[str]] = {
    "amount": frozenset(
        ["money", "percent", "ratio", "number", "count", "weight", "measure", "area", "length", "duration"]
    ),
    "percent": frozenset(["percent", "ratio", "number", "money", "count"]),
    "area": frozenset(["area", "length", "number", "count", "measure"]),
    "duration": frozenset(["duration", "length", "time", "date"]),
    "date": frozenset(["date", "time", "relative", "weekday", "duration"]),
    "number": frozenset(
        ["number", "count", "ordinal", "measure", "length", "weight", "duration", "ratio", "percent", "money", "area"]
    ),
}
_MONEYED = re.compile(
    r"비용|예산|금액|투자|가격|값|돈|[가-힣]비(?:는|가|를|용)|요금|매출|수출액|부채|빚|적자|흑자|임금|월급|연봉|보조금|지원금|기금|펀드|세금|수수료|벌금|과징금|상금|융자|대출"
    r"|원(?:인가|을|이나)|달러|얼마(?:를|에 팔|짜리)|사들|팔리|(?i:\b(?:cost|pric|budget|invest|money|fund|pay|paid|spen[dt]|fees?\b|fare|toll|revenue|sales|worth|valu|salar"
    r"|wage|debt|deficit|surplus|grant|loan|fine[sd]?\b|bill|dollars?|won\b|earn|charge|raised?\b|swallow))"
)
_NEVER = frozenset({("person", "place"), ("place", "person"), ("organisation", "person")})
_RANKS = re.compile(
    r"순위|몇 ?(?:위|번째|차|등|호|단계)|(?i:\brank|\bplace (?:did|does|is)|\bwhich (?:round|stage|meeting)|\bhow many(?:th)?\b.*\btime\b)"
)
_MONEY_ONLY = frozenset({"money"})
_BRACKET = re.compile(r"\s?\((?:약\s|about\s|approximately\s)?", re.I)
_DIGIT = re.compile(r"\d")
_MANY = re.compile(r"몇|\b[Hh]ow many\b|\b[Ww]hat (?=percent|share)")
_OLD = re.compile(
    r"(?:당초|원래|기존|종전|애초|지난해|작년|전년|앞서|직전|\b(?i:from|than|originally|initially|previous\w*|earlier|compared with|down from|up from|instead of"
    r"|formerly|last year|planned|a year ago|the year before)\b)[^,;]{0,24}$"
)
_LEFT_BEHIND = re.compile(
    r"[가-힣%㎡]{0,6}?\s?(?:에서|보다|이던|였던|이었던|대비)(?![가-힣])|[^,;.]{0,12}(?i:\s(?:a year earlier|last year|the year before|previously))"
)
_AT_FIRST = re.compile(r"(?:당초|원래|애초|종전|기존|\b(?i:originally|initially|previously|formerly)\b)[^,;]{0,20}$")
_UP_FROM = re.compile(r"\b(?:from|than|compared with|against)\s(?:about\s|some\s|the\s)?[$€£¥₩]?$", re.I)
_NOT = re.compile(r"(?:\b(?:not|never|rather than|instead of)|n't)\s(?:\w+\s){0,3}$", re.I)
_NOT_SO = re.compile(r"[^,.;\d]{0,14}(?:지\s?(?:않|못)|\s?아니[라고며]|\s?대신)")
_DEFINITE = re.compile(r"\b(?:the|these|those|both|its|their|all)\s$", re.I)
_ASKS_OLD = re.compile(
    r"당초|원래|기존|종전|애초|지난해|작년|전년|전에는|이전|(?i:originally|initially|previous|before|earlier|last year|used to|first plan)"
)
_TOTAL = re.compile(r"(?:총|모두|전체|합쳐|합계|통틀어|(?i:total|in all|altogether|combined|overall|sum))")
_MONEY = (("USD", re.compile(r"달러|(?i:dollar)|\$")), ("KRW", re.compile(r"원(?:으로|화|\s|\?|이|을)|(?i:\bwon\b)")))
_THROUGH = re.compile(r"\s?(?:부터|에서|~|–|-|∼|to|through|until|and)\s?(?:오는\s)?")
_AND_TIME = re.compile(r"\s|,\s|\sat\s|\s?\([월화수목금토일]\)\s")
_PARTICLE = re.compile(
    r"(?:[가-힣]{1,6}\s?[가-힣]{0,3})?(?P<case>이|가|은|는|을|를|의|와|과|에서|에게|에|로|으로|이다|다)(?![가-힣])"
)
_BY = re.compile(r"\b(?:by|with|between|of|from|to|in|at|for|near)\s(?:the\s)?$", re.I)
_ACTS = re.compile(r"\s(?:\w+ed|will|has|have|is|was|plans?|says?|said|and)\b")
_WORD = re.compile(r"\w+")

_CHANGE = re.compile(r"(?P<low>[^\s~-]+(?:\s[a-z]+)?)\sto\s")
_FROM = re.compile(r"\bfrom\s(?:about\s|some\s)?[$€£¥₩]?$", re.I)

Features = dict[str, float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A part of a sentence that may answer: figures (several where they are one: a date and its time) or a name."""

    start: int
    end: int
    figures: tuple[Quantity, ...] = ()
    named: Named | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The candidate that answers and its chance, 0 to 1."""

    candidate: Candidate
    chance: float


@dataclass(frozen=True, slots=True)
class Learned:
    """The trees for figures and for names."""

    figure: Boosted
    name: Boosted


def find(
    sentence: str, question: str, language: Language, published: str | None = None, words: Words | None = None
) -> Found | None:
    """The span of ``sentence`` that answers ``question`` (of ``language``); ``None`` where none stands out.

    ``published`` is the ISO date of the sentence's article. ``words`` is what a reader takes for the answer: only what
    shares characters with it is then found, and what it is sure of is found though nothing else speaks for it.
    """
    kind = sought(question, language)
    named = _asks_name(kind, question)
    best = _as_read(sentence, question, kind, published, words) if words and named else None
    if best is None:
        best = likeliest(sentence, question, language, published, words)
        if best is None or best.chance < (READ if words else LEAST[bool(best.candidate.figures)]):
            best = _as_read(sentence, question, kind, published, words) if words and not named else None
    return None if best is None or _asked(best.candidate, sentence, question) else best


def _asks_name(kind: Kind, question: str) -> bool:
    """Whether the answer is a name or what stands for one, such as a title: best read, as no list of names has it."""
    if kind in NAMED or kind == "organisation" or _WHO.search(question):
        return True
    return kind in NAMELESS and _WHICH.search(question) is not None


def _asked(found: Candidate, sentence: str, question: str) -> bool:
    """Whether the question itself says the name, in either script: who met Minister Lee is not answered by 이영."""
    return found.named is not None and Pairing(Reading(slice_of(found, sentence)), Reading(question)).whole


def _as_read(sentence: str, question: str, kind: Kind, published: str | None, words: Words) -> Found | None:
    """The figure or name that the reader's words are, whatever the question seems to ask for, if it is sure of them.

    The words themselves where they are neither and a name is asked for, which may be one that nothing else tells from
    other words, or a date.
    """
    named = _asks_name(kind, question)
    if words.chance < SURE[named] or (kind not in OPEN and not named):
        return None
    asked = quantities(question)
    figures = [q for q in quantities(sentence, published) if not any(agree(q, other) for other in asked)]
    parts = [] if named else [Candidate(q.start, q.end, (q,)) for q in figures]
    names = [Candidate(name.start, name.end, named=name) for name in _fresh_names(sentence, question)]
    parts += [name for name in names if not named or (name.start <= words.start and words.end <= name.end)]
    best = max(parts, key=lambda part: _shared(part, words), default=None)
    if best and _shared(best, words) >= ALIKE:
        return Found(best, words.chance)
    told = sentence[words.start : words.end]
    said = told.lower() in question.lower()
    korean = HANGUL.search(told) is not None
    clause = len(told.split()) > NAME_WORDS[korean] and korean != bool(HANGUL.search(question))
    if said or clause or not (named or (kind == "date" and words.chance >= CERTAIN)):
        return None
    return Found(Candidate(words.start, words.end, named=Named(words.start, words.end, "")), words.chance)


def _shared(part: Candidate, words: Words) -> float:
    """The characters that both have, as a share of those that either has (Jaccard)."""
    both = min(part.end, words.end) - max(part.start, words.start)
    return max(0, both) / (max(part.end, words.end) - min(part.start, words.start))


def likeliest(
    sentence: str, question: str, language: Language, published: str | None = None, words: Words | None = None
) -> Found | None:
    """As :func:`find`, however unlikely the best candidate is."""
    kind = sought(question, language)
    found = candidates(sentence, question, kind, published)
    if not found:
        return None
    judge = load().figure if wants_figure(kind) else load().name
    rows = describe(found, sentence, question, language, kind)
    judged = [Found(candidate, judge(row)) for candidate, row in zip(found, rows, strict=True)]
    read = [each for each in judged if not words or _overlap((each.candidate.start, each.candidate.end), words[:2])]
    return max(read, key=lambda each: each.chance, default=None)


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def sought(question: str, language: Language) -> Kind:
    """As :func:`rag.intent.kind_of`, with organisations told apart."""
    kind = kind_of(question, language)
    open_ended = kind in ("statement", "list", "definition", "person", "place")
    return "organisation" if open_ended and names_organisation(question, language) else kind


@functools.cache
def load(path: Path = LEARNED) -> Learned:
    """What was learned."""
    data = json.loads(path.read_text(encoding="utf-8"))
    figure, name = (Boosted(data[part]["bias"], data[part]["trees"]) for part in ("figure", "name"))
    return Learned(figure, name)


def candidates(sentence: str, question: str, kind: Kind, published: str | None) -> list[Candidate]:
    """What in ``sentence`` is of the kind asked for and not said by the question itself."""
    if wants_figure(kind):
        return list(_figures(sentence, question, kind, published))
    if kind not in NAMED and kind != "organisation":
        return []
    fresh = _fresh_names(sentence, question)
    return [Candidate(n.start, n.end, named=n) for n in fresh if (kind, n.sort) not in _NEVER]


def fitting(question: str, kind: Kind) -> frozenset[str]:
    """The kinds of figures that may answer: money alone where the question speaks of money, ranks where it asks for one."""
    kinds = _MONEY_ONLY if kind == "amount" and _MONEYED.search(question) else FITTING[kind]
    return kinds if _RANKS.search(question) else kinds - {"ordinal"}


def _figures(sentence: str, question: str, kind: Kind, published: str | None) -> Iterator[Candidate]:
    asked, kinds = quantities(question), fitting(question, kind)
    fresh = [
        q
        for stated in quantities(sentence, published)
        for q in _ends(stated, sentence)
        if q.kind in kinds and not any(agree(q, other) for other in asked) and not _vague(q, sentence)
    ]
    current = _current(_affirmed(_stated_once(fresh, sentence), sentence), sentence, question)
    whole = list(_joined(current, sentence, _AND_TIME)) if kind == "date" else []
    single = [q for q in current if not any(q in pair for pair in whole)]
    yield from (Candidate(q.start, q.end, (q,)) for q in single)
    yield from (Candidate(one.start, other.end, (one, other)) for one, other in whole)
    if kind == "date":
        for one, other in _joined(current, sentence, _THROUGH):
            yield Candidate(one.start, other.end, (one, other))


def _ends(stated: Quantity, sentence: str) -> tuple[Quantity, ...]:
    """The two figures of "raised from 60 to 65", which reads like a range and tells of a change; else the figure."""
    change = _CHANGE.match(sentence, stated.start)
    if stated.upper is None or change is None or not _FROM.search(sentence[: stated.start]):
        return (stated,)
    low, high = change.span("low"), (change.end(), stated.end)
    old = replace(stated, upper=None, end=low[1], text=sentence[slice(*low)])
    return old, replace(stated, value=stated.upper, upper=None, start=high[0], text=sentence[slice(*high)])


def _joined(figures: Sequence[Quantity], sentence: str, by: re.Pattern[str]) -> Iterator[tuple[Quantity, Quantity]]:
    """Neighbouring dates that are one: a day with its time, or the two ends of a span of days."""
    for one, other in pairwise(figures):
        timed = by is _AND_TIME
        if by.fullmatch(sentence[one.end : other.start]) and one.kind == "date" and (other.kind == "time") == timed:
            yield one, other


def _stated_once(figures: Sequence[Quantity], sentence: str) -> Sequence[Quantity]:
    """Without those in brackets that give the figure before them in another unit: 270 billion won ($202 million)."""
    kept: list[Quantity] = []
    for figure in figures:
        before = kept[-1] if kept else None
        bracketed = before and _BRACKET.fullmatch(sentence[before.end : figure.start])
        again = before and before.kind == figure.kind and (before.unit != figure.unit or agree(before, figure))
        if not (bracketed and again):
            kept.append(figure)
    return kept


def _affirmed(figures: Sequence[Quantity], sentence: str) -> Sequence[Quantity]:
    """Without those that the sentence denies, unless it denies all: not in May, 5월이 아니라, 5월에 시작되지 않았고."""
    said = [q for q in figures if not (_NOT.search(sentence[: q.start]) or _NOT_SO.match(sentence, q.end))]
    return said or figures


def _current(figures: Sequence[Quantity], sentence: str, question: str) -> Sequence[Quantity]:
    """Without figures that others have superseded; where the question asks for what was before, only those."""
    before = [q for q in figures if _superseded(q, sentence)]
    kept = before if _ASKS_OLD.search(question) else [q for q in figures if q not in before]
    return kept or figures


def _superseded(figure: Quantity, sentence: str) -> bool:
    if _AT_FIRST.search(sentence[: figure.start]):
        return True
    moved = _UP_FROM.search(sentence[: figure.start]) or _LEFT_BEHIND.match(sentence, figure.end)
    return figure.kind not in ("date", "time") and bool(moved)


def _vague(quantity: Quantity, sentence: str) -> bool:
    """The two cities, one of them: words that count nothing anybody asks for."""
    if quantity.kind not in PLAIN or quantity.unit or _DIGIT.search(quantity.text):
        return False
    return quantity.amount < 2 or _DEFINITE.search(sentence[: quantity.start]) is not None


def _fresh_names(sentence: str, question: str) -> list[Named]:
    """The names of ``sentence`` that the question does not have itself."""
    asked = question.lower()
    return [name for name in names(sentence) if sentence[name.start : name.end].lower() not in asked]


def describe(
    found: Sequence[Candidate], sentence: str, question: str, language: Language, kind: Kind
) -> list[Features]:
    """Features of each candidate, see ``FIGURE_FEATURES`` and ``NAME_FEATURES``."""
    nearness = _Nearness(sentence, question, language, kind)
    near = [nearness.of(candidate) for candidate in found]
    rows = []
    for number, candidate in enumerate(found):
        row = {**near[number]}
        for name in ("close", "focus", "clause"):
            others = [other[name] for i, other in enumerate(near) if i != number]
            row[f"{name}_lead"] = row[name] - max(others, default=0.0)
        row["alone"], row["several"] = float(len(found) == 1), float(min(len(found), 8))
        row["order"] = number / max(1, len(found) - 1)
        row["bracketed"] = float(_bracketed(sentence, candidate.start))
        own = _of_figure if candidate.figures else _of_name
        rows.append({**row, **own(candidate, sentence, question, kind)})
    return rows


class _Nearness:
    """How near the words of a question stand to the parts of a sentence."""

    def __init__(self, sentence: str, question: str, language: Language, kind: Kind) -> None:
        self._pairing = Pairing(Reading(question), Reading(sentence))
        rarity, asking = lexicon.load().rarity, asks_with(kind)
        aim = focus(question, language) or (0, 0)
        self._met: list[tuple[float, bool, list[int]]] = []
        for term in self._pairing.claim.content:
            places = [t.start for t in self._pairing.of(term)]
            if places and str(term) not in asking:
                self._met.append((rarity(term), aim[0] <= term.start < aim[1], places))
        self._inside = self._pairing.met

    def of(self, candidate: Candidate) -> Features:
        """``close``: the question's words, weighted by rarity and by how near they are; ``focus``: what is asked for."""
        reading = self._pairing.span
        total = sum(weight for weight, *_ in self._met) or 1.0
        close = clause = aimed = aims = after = 0.0
        for weight, is_aim, places in self._met:
            outside = [p for p in places if not candidate.start <= p < candidate.end]
            if not outside:
                continue
            distances = [
                min(reading.distance(p, candidate.start), reading.distance(p, candidate.end - 1)) for p in outside
            ]
            nearest = min(range(len(outside)), key=lambda i: distances[i])
            value = NEIGHBOUR ** distances[nearest]
            close += weight * value
            clause += weight * any(reading.clause(p) == reading.clause(candidate.start) for p in outside)
            after += weight * (outside[nearest] > candidate.start)
            if is_aim:
                aims, aimed = aims + weight, aimed + weight * value
        met = sum(candidate.start <= place < candidate.end for place in self._inside)
        return {
            "close": close / total,
            "clause": clause / total,
            "after": after / total,
            "focus": aimed / aims if aims else 0.0,
            "focused": float(bool(aims)),
            "met": float(met),
        }


def _bracketed(sentence: str, place: int) -> bool:
    return sentence.rfind("(", 0, place) > sentence.rfind(")", 0, place)


def _of_figure(candidate: Candidate, sentence: str, question: str, kind: Kind) -> Features:
    first = candidate.figures[0]
    left, right = sentence[max(0, candidate.start - 40) : candidate.start], sentence[candidate.end : candidate.end + 30]
    old = bool(_OLD.search(left) or _LEFT_BEHIND.match(right))
    date = first.date
    return {
        "unit": _unit_asked(first, question),
        "old": float(old),
        "old_asked": float(old) * (1.0 if _ASKS_OLD.search(question) else -1.0),
        "total": float(bool(_TOTAL.search(left[-16:]))) * (1.0 if _TOTAL.search(question) else -1.0),
        "joined": float(len(candidate.figures) > 1),
        "hedged": float(first.approximate),
        "range": float(first.upper is not None),
        "worded": float(not _DIGIT.search(first.text)),
        "day": float(date.day is not None),
        "month": float(date.month is not None),
        "year": float(date.year is not None and date.month is None),
        **{f"is_{name}": float(first.kind == name) for name in FIGURE_KINDS},
        **{f"asks_{name}": float(kind == name) for name in FIGURE_ASKED},
    }


def _unit_asked(figure: Quantity, question: str) -> float:
    """1 where the question names the unit that the figure is counted in, -1 where it names another."""
    for currency, pattern in _MONEY:
        if figure.kind == "money" and pattern.search(question):
            return 1.0 if figure.unit == currency else -1.0
    if not _MANY.search(question):
        return 0.0
    meant = quantities(_MANY.sub("5 " if "몇" not in question else "5", question))
    wanted = next((q for q in meant if q.text.lstrip().startswith("5")), None)
    if wanted is None or not wanted.unit:
        return 0.0 if wanted is None or not figure.unit or figure.kind != "percent" else -1.0
    return 1.0 if (wanted.kind, wanted.unit) == (figure.kind, figure.unit) else -1.0


def _of_name(candidate: Candidate, sentence: str, question: str, kind: Kind) -> Features:
    name = candidate.named
    assert name is not None
    left, right = sentence[max(0, name.start - 24) : name.start], sentence[name.end : name.end + 24]
    case = _PARTICLE.match(right)
    particle = case["case"] if case else ""
    directly = bool(case and case.start("case") == 0)
    return {
        "titled": float(name.titled),
        "placed": float(name.placed),
        "subject": float(particle in ("이", "가", "은", "는")),
        "object": float(particle in ("을", "를")),
        "locative": float(particle in ("에서", "에", "로", "으로")),
        "genitive": float(particle == "의"),
        "comitative": float(particle in ("와", "과")),
        "directly": float(directly),
        "opens": float(not left.strip("\"“‘' ")),
        "preposition": float(bool(_BY.search(left))),
        "by": float(left.endswith(("by ", "by the "))),
        "acts": float(bool(_ACTS.match(right))),
        "quoted": float(left[-1:] in "‘“\"'" and bool(left)),
        "words": float(len(_WORD.findall(sentence[name.start : name.end]))),
        "size": min(1.0, (name.end - name.start) / 30),
        "fits": 1.0 if name.sort == kind else 0.0 if name.sort else 0.5,
        **{f"is_{sort}": float(name.sort == sort) for sort in ("person", "place", "organisation")},
        **{f"asks_{sort}": float(kind == sort) for sort in ("person", "place", "organisation")},
    }


def slice_of(candidate: Candidate, sentence: str) -> str:
    """The candidate as it stands in ``sentence``."""
    return sentence[candidate.start : candidate.end]


FIGURE_KINDS = ("number", "count", "ordinal", "ratio", "money", "area", "length", "weight", "measure", "percent", "duration", "date", "time", "relative", "weekday")  # fmt: skip
FIGURE_ASKED = ("amount", "percent", "area", "duration", "number", "date")
_COMMON = (
    "close", "clause", "after", "focus", "focused", "met", "close_lead", "focus_lead", "clause_lead", "alone", "several", "order", "bracketed",
)  # fmt: skip
FIGURE_FEATURES = (
    *_COMMON, "unit", "old", "old_asked", "total", "joined", "hedged", "range", "worded", "day", "month", "year",
    *(f"is_{name}" for name in FIGURE_KINDS), *(f"asks_{name}" for name in FIGURE_ASKED),
)  # fmt: skip
NAME_FEATURES = (
    *_COMMON, "titled", "placed", "subject", "object", "locative", "genitive", "comitative", "directly", "opens", "preposition", "by",
    "acts", "quoted", "words", "size", "fits", *(f"{verb}_{sort}" for verb in ("is", "asks") for sort in ("person", "place", "organisation")),
)  # fmt: skip
