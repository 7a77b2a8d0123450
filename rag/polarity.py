"""What a sentence denies and which way it says that something went.

Two kinds of signs are read. A denial (not, no, 않다, 없다) has a scope: the words that it turns round. A direction is a
word on an axis of opposites (rise and fall, approve and reject, 증가 and 감소); a denial turns it round, too.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from index import english
from index.korean import HANGUL, Term
from rag.pairing import Pairing, Reading

# Opposites, one axis a line: plus | minus. English words are stemmed, Korean ones are dictionary forms of mecab-ko.
_AXES = """
rise rose risen increase grow grew grown growth gain climb jump surge soar expand raise up higher widen boost rebound double triple swell lengthen longer extend expansion strengthen 오르 올리 올라가 늘 늘어나 늘리 증가 상승 확대 인상 성장 커지 키우 높아지 높이 급증 상향 뛰 치솟 반등 확장 늘어 연장 길어지 증원 증액 강세 | fall fell fallen drop decline decrease shrink shrank shrunk slump tumble slip slid slide down cut reduce lower weaken narrow plunge dip sink sank shorten shorter halve contract contraction lose lost loss 내리 내려가 줄 줄어들 줄이 감소 하락 축소 인하 낮아지 낮추 급감 하향 떨어지 위축 깎 감축 단축 뒷걸음질 덜 짧아지 감액 감원 약세
approve endorse pass adopt accept welcome support favour favor agree consent ratify embrace 승인 가결 통과 찬성 수용 받아들이 지지 동의 환영 찬동 수락 채택 | reject refuse dismiss veto oppose opposite opposition object protest fight fought criticise criticize denounce condemn disapprove boycott resist challenge appeal 거부 거절 부결 반대 기각 반려 항의 반발 비판 규탄 이의 항소 불복
allow permit let legalise legalize lift 허용 허가 허락 | ban forbid forbidden prohibit bar outlaw exclude disallow 금지 불허 막
include contain cover involve 포함 | exclude omit except 제외 빼 빠지
start begin began begun launch open resume commence break 시작 개시 착수 착공 개막 출범 재개 | halt suspend cancel abandon drop stop withdraw withdrew scrap 중단 취소 철회 취하 폐지 멈추 보류 중지 포기
buy bought acquire purchase 사들이 매입 인수 구입 | sell sold divest 매각 판매 팔리
export 수출 | import 수입
surplus profit 흑자 이익 | deficit loss 적자 손실 손해
first earliest 첫 처음 최초 | last final 마지막 최종
biggest largest most highest maximum 최대 최다 최고 | smallest least fewest lowest minimum 최소 최저
tighten strengthen toughen 강화 | loosen relax ease weaken 완화 풀
succeed success 성공 | fail failure 실패
무료 무상 공짜 거저 free gratis | fee 유료 유상
attend join 참석 동참 가입 참가 참여 | boycott skip leave away absent 불참 탈퇴 보이콧
hire recruit employ 채용 고용 뽑| dismiss 해고
win victory 승소 승리 이기 | lose lost defeat 패소 패배
possible able 가능 | impossible unable 불가능 불가
advance bring 앞당기 | delay postpone put 미루 늦추 연기 지연
early 조기 | late 뒤늦
public 공공 공립 | private 민간 사립
sufficient enough adequate 충분 | insufficient inadequate shortage 부족 모자라 미흡
introduce 도입 신설 늘리 만들 | abolish remove eliminate 없애 걷어내 철폐 폐지
domestic 국내 | foreign overseas abroad 해외 외국 국외
permanent 영구 상설 | temporary 임시 한시
unchanged 그대로 동일 유지 | changed 변경 달라지
optimistic optimism 낙관 | pessimistic pessimism 비관
praise commend 칭찬 호평 | criticise criticize blame 비난 비판
confirm acknowledge admit 인정 시인 확인 | deny denied denial 부인
safe 안전 | dangerous unsafe 위험
more 많 많아지 | less fewer 적 적어지
"""
# Words that deny by themselves: a denial on the other side may stand for one of them.
_NEGATIVE = frozenset(
    [
        "reject",
        "refuse",
        "deny",
        "denied",
        "dismiss",
        "veto",
        "oppose",
        "ban",
        "forbid",
        "prohibit",
        "bar",
        "exclude",
        "omit",
        "except",
        "halt",
        "suspend",
        "cancel",
        "abandon",
        "drop",
        "stop",
        "withdraw",
        "scrap",
        "fail",
        "lack",
        "unable",
        "impossible",
        "unchanged",
        "unsafe",
        "boycott",
        "close",
        "shut",
        "lose",
        "lost",
        "miss",
        "stay",
        "away",
        "clear",
        "stall",
        "stuck",
        "held",
        "empty",
        "free",
        "skip",
        "absent",
        "거부",
        "거절",
        "부결",
        "기각",
        "반려",
        "불허",
        "금지",
        "제외",
        "빼",
        "빠지",
        "중단",
        "취소",
        "철회",
        "취하",
        "폐지",
        "멈추",
        "보류",
        "중지",
        "포기",
        "실패",
        "부족",
        "모자라",
        "불가능",
        "불가",
        "불참",
        "그대로",
        "부인",
        "미달",
        "못하",
        "끊기",
        "그치",
        "막",
        "무산",
        "폐쇄",
        "미흡",
        "어렵",
        "힘들",
        "그만두",
        "묶이",
        "걸리",
        "무료",
        "공짜",
        "계류",
        "다르",
        "이하",
        "미만",
        "넘",
        "별개",
        "무관",
    ]
)
_DENIAL_KO = re.compile(
    r"(?P<after>지\s?(?:는|도|를|가|만은)?\s?(?:않|못|아니|말(?=[고라아아야았]))|(?<![가-힣])(?:없(?!애)|아니(?!라\s?[가-힣]*도)|아닌|아닙)|수(?:는|도|가)?\s?없)"
    r"|(?<![가-힣])(?P<before>안|못)\s(?=[가-힣])"
)
CLEARLY = 1.3  # how much closer the opposite word must stand to the claim's neighbours
_NOT_ONLY_KO = re.compile(r"뿐(?:만)?\s?아니|지\s?않을\s?수\s?없")
_DENIAL_EN = re.compile(
    r"\b(?:not(?!\s(?:only|just))|never|no(?!\.)|none|nobody|nothing|neither|nor|without|cannot|hardly|unable)\b|n't\b",
    re.I,
)
# "up" and "down" show a direction only beside a figure, not in "set up" or "close down"; "last year" is no end.
_LATIN = re.compile(
    r"\b(?!(?:up|down)\b(?!\s(?:from|by|to|about|nearly|some|\W?\d)))"
    r"(?!last\s(?:year|month|week|night|spring|summer|autumn|fall|winter|decade|century|few|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|\w+\s(?:years|months|weeks|days)))"
    r"[A-Za-z]+(?:-[a-z]+)?"
)
# Parts of words that deny: homeless, non-member, 무주택, 비회원.
_PREFIX = re.compile(
    r"\b[a-z]{3,}less\b|\bnon-?[a-z]{3,}|\bun[a-z]{3,}(?:ed|able)\b|\bill?egal|\bdis[a-z]{4,}ed\b", re.I
)
_NOT = frozenset("무비미불부")
_WIDE = re.compile(r"\b(?:no|none|nobody|nothing|neither|without)$", re.I)


_HOLDERS = frozenset({"만", "곳", "적", "바", "것"})  # nouns that only hold a clause


@dataclass(frozen=True, slots=True)
class Direction:
    """A word on an axis: the axis' number, whether it points up (after denials), and its place in the text."""

    axis: int
    up: bool
    start: int
    end: int


@functools.cache
def _signs() -> dict[str, tuple[tuple[int, bool], ...]]:
    """Dictionary form → its places on the axes."""
    found: dict[str, list[tuple[int, bool]]] = {}
    for number, line in enumerate(_AXES.strip().splitlines()):
        for up, side in zip((True, False), line.split("|"), strict=True):
            for word in side.split():
                form = word if HANGUL.search(word) else english.stem(word)
                found.setdefault(form, []).append((number, up))
    return {form: tuple(places) for form, places in found.items()}


@functools.cache
def _negatives() -> frozenset[str]:
    return frozenset(word if HANGUL.search(word) else english.stem(word) for word in _NEGATIVE)


@functools.lru_cache(maxsize=256)
def denied(reading: Reading) -> list[list[Term]]:
    """The terms in the scope of each denial of a text."""
    return [*_denied_ko(reading), *_denied_en(reading)]


def _denied_ko(reading: Reading) -> Iterator[list[Term]]:
    text, terms = reading.text, reading.terms
    for match in _DENIAL_KO.finditer(text):
        if _NOT_ONLY_KO.search(text[max(0, match.start() - 6) : match.end() + 2]):
            continue
        if match["before"]:
            yield [t for t in terms if t.start >= match.end()][:1]
            continue
        before = [
            t for t in terms if t.end <= match.start() + (match.group().startswith("지")) and t.start < match.start()
        ]
        narrow = "지" in match.group() or "수" in match.group()
        same = [t for t in before if reading.clause(t.start) == reading.clause(match.start())]
        yield same[-1:] if narrow else [t for t in same if t.tag != "NNB" and t not in _HOLDERS][-3:]


def _denied_en(reading: Reading) -> Iterator[list[Term]]:
    for match in _DENIAL_EN.finditer(reading.text):
        after = [t for t in reading.terms if t.start >= match.end()]
        same = [t for t in after if reading.clause(t.start) == reading.clause(match.end())]
        yield same[: 2 if _WIDE.search(match.group()) else 1] or after[:1]


@functools.lru_cache(maxsize=256)
def directions(reading: Reading) -> list[Direction]:
    """Every word on an axis, turned round where it is denied."""
    turned = {t.start for scope in denied(reading) for t in scope}
    table, found = _signs(), []
    for form, start, end in _words(reading):
        for axis, up in table.get(form, ()):
            found.append(Direction(axis, up != (start in turned), start, end))
    return found


def _words(reading: Reading) -> Iterator[tuple[str, int, int]]:
    """Every word that may be a sign, as a dictionary form with its place; names are none."""
    text = reading.text
    for match in _LATIN.finditer(text):
        if match.group().islower() or not match.start():
            yield english.stem(match.group()), match.start(), match.end()
    for term in reading.morphemes:
        # The analyser reads 인해 (owing to) as 인하 (a cut).
        literal = term[-1] != "하" or text[term.start : term.end].endswith("하")
        if literal and (len(term) > 1 or term.tag[0] in "VM"):
            yield str(term), term.start, term.end


@functools.lru_cache(maxsize=256)
def negative(reading: Reading) -> bool:
    """Whether a text holds a word that denies by itself."""
    words = any(form in _negatives() for form, _, _ in _words(reading))
    return words or bool(_PREFIX.search(reading.text)) or any(t.tag == "XPN" and t in _NOT for t in reading.terms)


def denials_agree(pairing: Pairing) -> bool:
    """Whether claim and span deny the same: nothing is denied by one of them that the other affirms."""
    claimed, stated = denied(pairing.claim), denied(pairing.span)
    if claimed and not stated:
        return negative(pairing.span)
    if claimed and stated:
        return True
    return not stated or negative(pairing.claim) or not _affirms(pairing, stated)


def _affirms(pairing: Pairing, stated: list[list[Term]]) -> bool:
    """Whether the claim says, without any denial, what the span says only in the scope of one."""
    turned = {t.start for scope in stated for t in scope}
    for term in pairing.claim.terms:
        found = {t.start for t in pairing.of(term)} if term.tag not in ("number", "NNBC", "NR") else set()
        if found and found <= turned:
            return True
    return False


def directions_agree(pairing: Pairing) -> bool:
    """Whether nothing goes the other way in the claim than in the span.

    Where the span has both directions of an axis, the one that stands next to the same words counts.
    """
    stated = directions(pairing.span)
    for claimed in directions(pairing.claim):
        rivals = [d for d in stated if d.axis == claimed.axis]
        if rivals and not _said(pairing, claimed, rivals) and not _nearest(pairing, claimed, rivals):
            return False
    return True


def _said(pairing: Pairing, claimed: Direction, rivals: list[Direction]) -> bool:
    """Whether the span has the claim's very word, or a translation of it, going the same way."""
    terms = [t for t in pairing.claim.terms if t.start == claimed.start]
    places = {place.start for t in terms for place in pairing.of(t)}
    hits = [d for d in rivals if d.start in places]
    return bool(hits) and all(d.up == claimed.up for d in hits) and len({d.up for d in rivals}) == 1


def _nearest(pairing: Pairing, claimed: Direction, rivals: list[Direction]) -> bool:
    same = [d for d in rivals if d.up == claimed.up]
    other = [d for d in rivals if d.up != claimed.up]
    if not other or not same:
        return not other
    closest = [max(pairing.closeness(claimed.start, d.start) for d in group) for group in (same, other)]
    return closest[0] * CLEARLY >= closest[1]
