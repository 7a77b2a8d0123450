"""The names in a sentence of either language, each with what it seems to name: a person, a place or an organisation.

Read from the writing: capitals in English, the analyser's classes of proper nouns in Korean, and the words that stand
beside a name (장관, Mayor, 병원, University, 에서, in). What it does not know: whether there is such a person or place.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from index import korean, lexicon
from index.english import STOP_WORDS, stem
from index.korean import HANGUL
from index.types import Span
from rag.pairing import ALIKE, alike

Sort = Literal["person", "place", "organisation", ""]

_TITLE_KO = (
    r"(?:대통령|총리|장관|차관|대표이사|대표|원장|부회장|회장|부사장|사장|국장|실장|본부장|교수|박사|의원|시장|지사|군수|구청장|청장|처장"
    r"|위원장|위원|소장|센터장|총장|총재|이사장|이사|단장|팀장|과장|감독|선수|작가|변호사|연구원|연구위원|대변인|기자|씨|옹|판사|검사|대사|부총리"
    r"|의장|관장|학장|부장|대장|소방장|간호사|의사|건축가|디자이너|셰프|최고경영자)"
)
_TITLED_KO = re.compile(
    rf"(?<![가-힣])(?P<name>[가-힣]{{2,4}}|[가-힣]{{1,6}}\s[가-힣]{{2,6}})\s(?:[가-힣()·A-Z]+\s){{0,2}}?(?:[가-힣]*){_TITLE_KO}(?![가-힣]{{3}})"
)
_TITLE_EN = (
    r"(?:President|Prime Minister|Vice Minister|Minister|Mayor|Governor|Director|Professor|Prof\.|Dr\.|Mr\.|Ms\.|Mrs\.|Chairman|"
    r"Chairwoman|Chair|CEO|Chief Executive|Senator|Rep\.|Judge|Captain|Coach|Sir|Secretary|Ambassador|Vice President|Commissioner|Spokes\w+)"
)
_RUN_EN = re.compile(
    r"(?:\d+[a-z]{2}\s)?[A-Z][\w.&'’+-]*(?:(?:\s|-|,\s(?=Inc\b|Ltd\b))(?:(?:of|for|the|de|du|van|von|la|&)\s){0,2}(?:and\s(?=Finance|Technology|Energy|"
    r"Industry|Communications?|Tourism|Transport|Startups?|Welfare|Fisheries|Sports|Safety|Science|Development|Research|Unification)"
    r")?[A-Z0-9][\w.&'’+-]*)*"
)
_ORGANISED_EN = re.compile(
    r"\b(?:Universit|College|School|Hospital|Bank|Institut|Ministry|Agency|Court|Association|Foundation|Museum|Corp|Inc\b|Ltd|Company|Group|"
    r"Committee|Council|Department|Commission|Authority|Service|Center|Centre|Office|Party|Union|Fund|Laborator|Labs?\b|Electronics|Motor|Airlines|"
    r"Partners|Capital|Holdings|Solutions|Team|Police|Government|Society|Federation|Club|Bureau|Board|Press|Materials|Energy|Pharma|Bio)"
)
_PLACED_EN = re.compile(
    r"\b(?:City|County|Province|District|Island|Islands|Bay|Port|Harbou?r|Square|Street|Avenue|Park|Airport|Station|Hall|Plaza|Bridge|River|Lake|"
    r"Beach|Valley|Village|Town|Campus|Stadium|Arena|Tower|Market|Mountain|Peninsula|[A-Z]\w+-(?:si|do|gu|dong|gun|eup|myeon|ri|ro))\b"
)
_PREPOSITION = re.compile(
    r"\b(?:in|at|near|from|to|outside|across|around|of|into|via|through|off|on)\s(?:the\s|downtown\s|central\s)?$", re.I
)
_OPENING = re.compile(rf"(?:(?P<title>{_TITLE_EN})|(?P<word>[A-Z][a-z]*))\s(?=[A-Z])")
_MEMBERS = re.compile(r"[A-Z][a-z]+s of the (?=[A-Z])")  # Officials of the Ministry of …
_NO_NAME = re.compile(
    rf"(?:{_TITLE_EN}\b|"
    r"January|February|March|April|May|June|July|August|September|October|November|December|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?)\b"
)
_ORGANISED_KO = re.compile(
    r"(?:[가-힣]{2}부|[가-힣]{2}처|[가-힣]{2}청|의회|대학|대학교|[가-힣]대|병원|의료원|은행|그룹|전자|제약|기업|회사|협회|위원회|재단|센터|연구원|연구소|공사|공단|조합|신문|일보"
    r"|학교|학회|법원|서비스|컨소시엄|건설|증권|보험|화학|항공|통신|박물관|미술관|진흥원|개발원|국회|정부|당국|연맹|연합|본부|머티리얼즈|바이오|테크|시스템즈?)$"
)
_PLACED_KO = re.compile(
    r"(?:특별시|광역시|[가-힣]시|[가-힣]도|[가-힣]군|[가-힣]구|[가-힣]읍|[가-힣]면|[가-힣]동|[가-힣]리|[가-힣]주|역|항|공항|단지|공원|광장|시장|섬|산|강|만|해변|캠퍼스|청사|회관"
    r"|타워|거리|마을|지구|부두|항구|호텔|경기장|공장|터미널|신도시|국|대교|허브)$"
)
_LOCATIVE = re.compile(r"(?:에서|에|로|으로|엔|에는|에서는|까지|의)(?![가-힣])")
_JOINED = frozenset({"NNG", "NNP", "XR", "XPN", "XSN", "SL", "SH", "UNKNOWN"})
_INSIDE = re.compile(r"\s|[-&+]|\s?[‘’'“”\"]\s?")
_DIVISION = re.compile(r"[가-힣]{2}[시군구읍면동도]$")
AND = re.compile(r"\s?[·,]\s?(?:and\s|그리고\s)?|\sand\s|(?:과|와)\s|\s및\s|\s&\s")
_SUBJECT = re.compile(
    r"(?P<who>(?:The|A|An)\s[a-z][\w'’-]*(?:\s(?!(?:that|who|which|will|has|have|had|is|was|are|were|said|says|in|on|at|for|with)\b)[\w'’-]+){0,4}?)\s"
    r"(?:has|have|had|will|is|was|are|were|said|says|plans|\w+ed)\b"
)
_LONGEST = 40  # characters of a name


@dataclass(frozen=True, slots=True)
class Named:
    """A name at ``start`` to ``end`` of a sentence. ``titled``: an office stands beside it; ``placed``: so does 에서, in."""

    start: int
    end: int
    sort: Sort
    titled: bool = False
    placed: bool = False


@functools.lru_cache(maxsize=2048)
def names(sentence: str) -> tuple[Named, ...]:
    """The names of ``sentence`` in order; those of a person or place inside a longer one are given as well."""
    found: dict[Span, Named] = {}
    for name in (*_latin(sentence), *_korean(sentence)):
        known = found.get((name.start, name.end))
        if known is None or not known.sort:
            found[name.start, name.end] = name
    named = sorted(found.values(), key=lambda name: (name.start, -name.end))
    named += [*_within(sentence, named), *_described(sentence)]
    return tuple(sorted([*named, *_coordinated(sentence, named)], key=lambda name: (name.start, -name.end)))


def _described(sentence: str) -> Iterator[Named]:
    """Who acts without being named, where the sentence opens with it: The hospital union has asked …"""
    if match := _SUBJECT.match(sentence):
        yield Named(*match.span("who"), "")


def _coordinated(sentence: str, named: list[Named]) -> Iterator[Named]:
    """Two or more names of one sort that are given together: Ethiopia and Colombia, 대구·인천·부산."""
    last = {name.start: name for name in named if name.sort != ""}
    widest = {name.start: name for name in sorted(last.values(), key=lambda name: name.end)}
    for first in widest.values():
        end = first.end
        while following := AND.match(sentence, end):
            other = widest.get(following.end())
            if other is None or other.sort != first.sort:
                break
            end = other.end
        if end > first.end:
            yield Named(
                first.start, end, first.sort, first.titled, bool(_LOCATIVE.match(sentence, end)) or first.placed
            )


def _within(sentence: str, named: list[Named]) -> Iterator[Named]:
    """Places given with what they lie in (Debrecen, Hungary), unless they are two of a list."""
    places = [name for name in named if name.sort == "place"]
    for one, other in pairwise(places):
        listed = re.match(r",\s(?:and\s)?[A-Z]|\sand\s[A-Z]", sentence[other.end :]) or re.search(
            r",\s$", sentence[: one.start]
        )
        if sentence[one.end : other.start] == ", " and not listed:
            yield Named(one.start, other.end, "place", False, one.placed)


def _latin(sentence: str) -> Iterator[Named]:
    if HANGUL.search(sentence):
        return
    for match in _RUN_EN.finditer(sentence):
        start, end = _trimmed(sentence, *match.span())
        if end - start < 2 or _NO_NAME.match(sentence, start) or _only_opens(sentence, start, end):
            continue
        yield _sorted_en(sentence, start, end)


def _trimmed(sentence: str, start: int, end: int) -> Span:
    """Without the title before, and without a full stop or possessive after."""
    if not start and (members := _MEMBERS.match(sentence)):
        start = members.end()
    while opening := _OPENING.match(sentence, start, end):
        if not opening["title"] and opening["word"].lower() not in STOP_WORDS:
            break
        start = opening.end()
    return start, start + len(re.sub(r"(?:['’]s|[.,'’-])+$", "", sentence[start:end]))


def _only_opens(sentence: str, start: int, end: int) -> bool:
    """Whether a single capital is there because a sentence begins: a word that the lexicon knows and that is no name."""
    written = sentence[start:end]
    if written.lower() in STOP_WORDS:
        return True
    opens = not sentence[:start].strip("\"“‘'( ") or sentence[:start].rstrip(" \"“‘'(")[-1:] in ".:!?"
    if not opens or " " in written or not written.isalpha() or written.isupper():
        return False
    return not _known_place(written) and lexicon.load().knows(stem(written), "en") and not _foreign_name(written)


def _sorted_en(sentence: str, start: int, end: int) -> Named:
    written, left, right = sentence[start:end], sentence[max(0, start - 30) : start], sentence[end : end + 30]
    titled = bool(
        re.search(rf"{_TITLE_EN}\s$", left)
        or re.match(r",\s(?:the|a|an|who|chief|head|director|president|\d\d,)", right)
    )
    titled = titled or bool(
        re.match(r"\s(?:said|says|told|added|explained|noted|argued|stressed|will\slead|who)\b", right)
    )
    placed = bool(_PREPOSITION.search(left))
    if _ORGANISED_EN.search(written):
        return Named(start, end, "organisation", titled=False, placed=placed)
    if _PLACED_EN.search(written) or all(_known_place(word) for word in re.findall(r"[A-Z]\w+", written)):
        return Named(start, end, "place", placed=placed)
    personal = re.fullmatch(r"[A-Z][a-z'’]+(?:[\s-][A-Za-z][a-z]*\.?)?(?:[\s-][A-Z]?[a-z'’]+){1,2}", written)
    if personal and (titled or not placed):
        return Named(start, end, "person", titled, placed)
    if placed and re.search(r"\b(?:in|near|at)\s(?:the\s)?$", left):
        return Named(start, end, "place", titled, placed)
    return Named(
        start,
        end,
        "person" if titled and written.istitle() else "organisation" if written.isupper() else "",
        titled,
        placed,
    )


@functools.lru_cache(maxsize=20_000)
def _called(word: str) -> str:
    """What Korean mostly calls an English word; empty where the lexicon does not tell."""
    bag = lexicon.load().word(stem(word), "en") or lexicon.load().word(word.lower(), "en")
    return max(bag, key=lambda form: bag[form], default="")


@functools.lru_cache(maxsize=20_000)
def _known_place(word: str) -> bool:
    called = _called(word)
    return bool(called) and any(kind == "지명" for *_, kind in korean.tags(called)[:1])


@functools.lru_cache(maxsize=20_000)
def _foreign_name(word: str) -> bool:
    called = _called(word)
    return bool(called) and korean.tags(called)[0][1] == "NNP"


def _korean(sentence: str) -> Iterator[Named]:
    if not HANGUL.search(sentence):
        return
    morphemes = korean.tags(sentence)
    for match in _TITLED_KO.finditer(sentence):
        if _may_be_person(match["name"]):
            yield Named(*match.span("name"), "person", titled=True)
    for run in _runs(sentence, morphemes):
        start, end = run[0][2], run[-1][3]
        if end - start <= _LONGEST and end - start > 1:
            yield from _sorted_ko(sentence, run)


def _runs(
    sentence: str, morphemes: list[tuple[str, str, int, int, str]]
) -> Iterator[list[tuple[str, str, int, int, str]]]:
    """Runs of nouns with nothing but spaces and hyphens between them: whole names, and what stands before a name."""
    run: list[tuple[str, str, int, int, str]] = []
    for morpheme in [*morphemes, ("", "", len(sentence), len(sentence), "")]:
        joined = morpheme[1].split("+")[0] in _JOINED
        gap = sentence[run[-1][3] : morpheme[2]] if run else ""
        if run and (not joined or gap and not _INSIDE.fullmatch(gap)):
            yield run
            run = []
        if joined:
            run.append(morpheme)


def _sorted_ko(sentence: str, run: list[tuple[str, str, int, int, str]]) -> Iterator[Named]:
    """The whole run, and the person's or place's name in it."""
    start, end = run[0][2], run[-1][3]
    placed = bool(_LOCATIVE.match(sentence, end))
    written = sentence[start:end]
    for kind in ("인명", "지명"):
        for own in _stretches(run, kind):
            first, last = _whole_words(sentence, own[0][2], own[-1][3], end)
            named = _stretch(sentence, (first, last), kind, last > own[-1][3], placed and last == end)
            if named:
                yield named
            if (first, last) == (start, end):
                return
    sort: Sort = (
        "organisation" if _ORGANISED_KO.search(written) else "place" if placed and _PLACED_KO.search(written) else ""
    )
    yield Named(start, end, sort or ("place" if placed and _transliterated(written) else ""), False, placed)
    for word in re.finditer(r"[^\s‘’'“”\"]+", written):  # the name may be a part of the run
        if len(word.group()) < len(written) and _ORGANISED_KO.search(word.group()):
            yield Named(start + word.start(), start + word.end(), "organisation")


def _stretch(sentence: str, bounds: Span, kind: str, grown: bool, placed: bool) -> Named | None:
    """A stretch of the analyser's personal or place names, widened (``grown``) to the words that it is of."""
    first, last = bounds
    if kind == "지명":
        return Named(
            first,
            last,
            "organisation" if grown and _ORGANISED_KO.search(sentence[first:last]) else "place",
            False,
            placed,
        )
    if grown or last - first < 2:
        return None
    titled = bool(re.match(rf"\s?(?:[가-힣]+\s){{0,2}}[가-힣]*{_TITLE_KO}", sentence[last:]))
    if not titled and _DIVISION.search(sentence[first:last]):
        return Named(first, last, "place", False, placed)
    return Named(first, last, "person", titled, placed)


@functools.lru_cache(maxsize=20_000)
def _transliterated(word: str) -> bool:
    """Whether English mostly calls a Korean word by its sound: 보스턴 is Boston."""
    bag = lexicon.load().word(word, "ko")
    return bool(bag) and alike(word, max(bag, key=lambda form: bag[form])) >= ALIKE


def _whole_words(sentence: str, first: int, last: int, end: int) -> Span:
    """The words that ``first`` to ``last`` is of, up to ``end`` at most: the analyser may cut a name in two."""
    while first and sentence[first - 1].isalnum():
        first -= 1
    while last < end and sentence[last].isalnum():
        last += 1
    return first, last


def _stretches(run: list[tuple[str, str, int, int, str]], kind: str) -> Iterator[list[tuple[str, str, int, int, str]]]:
    own: list[tuple[str, str, int, int, str]] = []
    for morpheme in [*run, ("", "", 0, 0, "")]:
        if morpheme[4] == kind:
            own.append(morpheme)
        elif own:
            yield own
            own = []


@functools.lru_cache(maxsize=20_000)
def _may_be_person(written: str) -> bool:
    """Whether what stands before a title may be a name: no word of it is a common noun, an ending or a particle."""
    tags = korean.tags(written)
    if any(tag.split("+")[0][0] in "JEV" or tag in ("MAG", "MM", "SN") for _, tag, *_ in tags):
        return False
    if any(kind == "인명" for *_, kind in tags):
        return not any(_ORGANISED_KO.search(word) for word in written.split())
    return not any(
        lexicon.load().knows(word, "ko") or _ORGANISED_KO.search(word) or _PLACED_KO.search(word)
        for word in written.split()
    )
