"""Who wrote and who published: bylines, signatures, wire datelines and copyright lines in Korean and English."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.remember import remembered

_EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_SURNAMES = (
    "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진나지엄채원천방공현"
    "함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"
)
_KO_NAME = rf"[{_SURNAMES}][가-힣]{{1,3}}"
_KO_NAMES = rf"{_KO_NAME}(?:\s?[·,]\s?{_KO_NAME}|\s{_KO_NAME})*"
_REPORTER = r"(?:(?:선임|수석|인턴|전문|객원|편집|사진)\s?기자|기자|특파원|논설위원|통신원|앵커|PD)"
_ROLE = (
    r"(?:장관|차관|실장|국장|위원장|위원|원장|소장|회장|사장|대표|대표이사|교수|명예교수|연구원|연구위원|변호사"
    r"|칼럼니스트"
    r"|의원|대사|시장|지사|총장|총재|이사장|이사|센터장|작가|평론가|장)"
)
_EN_NAME = r"[A-Z][\w.'’-]*(?:\s(?:de|van|von|bin|al|[A-Z][\w.'’-]*)){0,4}"
_BY = re.compile(
    rf"(?:(?:written|reported|story)\s)?(?:by|BY|By|Author|Reporter)(?::\s?|\s)(?P<names>{_EN_NAME}(?:(?:,\s"
    rf"|\sand\s|\s&\s)"
    rf"{_EN_NAME})*)\s?(?P<rest>[\[,|/(·-].{{0,80}}|{_EMAIL})?"
)
_KO_BYLINE = re.compile(
    rf"[\[(【]?(?:(?P<pub>[가-힣A-Za-z]{{2,12}})[\s=]\s?)?(?P<names>{_KO_NAMES})\s?{_REPORTER}[\])】]?"
    rf"\s?[=/|·]?\s?(?:\(?{_EMAIL}\)?)?"
)
_SIGNATURE = re.compile(rf"(?P<names>{_KO_NAME})\s(?P<org>[^\d.]{{1,30}}?){_ROLE}")
_EN_EMAIL_BYLINE = re.compile(rf"(?P<names>{_EN_NAME})\s?[(<]?{_EMAIL}[)>]?")
_EN_NAME_ROLE = re.compile(
    rf"(?P<names>{_EN_NAME}),?\s(?:[Ss]taff\s|[Ss]enior\s|[Cc]ontributing\s)?(?:[Rr]eporter|[Cc]orrespondent"
    rf"|[Cc]olumnist|[Ww]riter)"
)
_EN_ROLE = re.compile(
    r".{0,60}\b(?:reporter|correspondent|editor|columnist|writer|minister|professor|director|president|fellow|analyst"
    r"|ambassador|contributor|ceo|staff)\b.{0,30}",
    re.I,
)
_KO_WIRE = re.compile(
    rf"[\[(【](?:(?P<place>[가-힣·]{{2,10}})\s?=\s?)?(?P<pub>[가-힣A-Za-z0-9]{{2,12}})(?:[\])】]\s?|\s)"
    rf"(?:(?P<names>{_KO_NAMES})\s?{_REPORTER}\s?[\])】=])?"
)
_EN_WIRE = re.compile(
    r"[A-Z][A-Z .,'-]{2,30},\s(?P<date>[A-Z][a-z]{2,8}\.?\s\d{1,2}(?:,\s\d{4})?)\s\((?P<pub>[A-Z][\w "
    r".&-]{1,40})\)\s?(?:--|[—–-])"
)
LONGEST = 120
"""Characters: a longer line is no byline and no name."""
_MARK = r"(?:©|ⓒ|&copy;|\([cC]\))"
_COPYRIGHT = re.compile(
    rf"(?:copyrights?"
    rf"|저작권자)?\s?{_MARK}\s?(?:copyrights?\s)?(?:\d{{4}}(?:\s?[-–]\s?\d{{4}})?[,.]?\s)?(?:by\s)?(?P<pub>.+?)\s*"
    r"(?:[(,<>\[\]|]|\.(?=\s|$)|무단|all rights|재판매|$)",
    re.I,
)
_COPYRIGHT_WORD = re.compile(
    r"(?:copyright|저작권자)\s(?:\d{4}\s)?(?:by\s)?(?P<pub>.{2,40}?)[,.]?\s(?:all rights|무단)", re.I
)
_RESERVED = re.compile(r"(?P<pub>[A-Z가-힣][^.,()]{1,38}?)\s?[(.,].{0,40}all rights reserved", re.I)
_REPRINT = re.compile(r"자료는\s(?P<pub>.{2,20}?)의\s보도\s?자료")
_RELEASE = re.compile(
    rf"(?P<pub>[가-힣]{{2,15}})\s?\((?:장관|청장|처장|차장|위원장|시장|도지사|지사|군수|구청장|원장|이사장|사장"
    rf"|총장)\s{_KO_NAME}.{{0,20}}?\)[는은이가]"
)
_TITLE_NAME = re.compile(
    rf"[\[<(](?:특별)?(?:기고|칼럼|시론|시평|기자수첩|오피니언)\s?[/:·|]\s?(?P<names>{_KO_NAME})[\]>)]"
)
_ORG_EN = re.compile(
    r"(?:The\s)?(?:[A-Z][\w&.'’-]*\s){0,4}(?:Herald|Times|Daily|News|Post|Journal|Tribune|Today|Gazette|Chronicle"
    r"|Press|Agency"
    r"|Weekly|Review|Observer|Telegraph|Standard|Mail|Ministry|Network|Guardian|Globe|Economist|Dispatch|Courier"
    r"|Wire|Newswire|Radio|TV)"
)
_ORG_KO = re.compile(
    r"[가-힣A-Za-z0-9]{2,12}(?:일보|신문|뉴스|경제|방송|타임스|타임즈|저널|통신|매일|헤럴드|데일리|투데이|미디어"
    r"|위원회|진흥원|연구원"
    r"|공사|공단|재단|협회|특별시|광역시|시청|도청|브리핑|TV)|[가-힣]{2,10}(?:부|처|청)"
)


@dataclass(frozen=True, slots=True)
class Byline:
    """What a byline or dateline states; empty strings where it states nothing."""

    author: str = ""
    publisher: str = ""


@remembered
def read_byline(line: str) -> Byline | None:
    """The line as a byline (``By Jane Doe``, ``홍길동 기자 a@b.kr``), or ``None`` where it is anything else."""
    if len(line) > LONGEST or line.endswith(("다.", "요.")):
        return None
    if match := _KO_BYLINE.fullmatch(line):
        return Byline(_names(match["names"]), match["pub"] or "")
    match = _BY.fullmatch(line) or _EN_EMAIL_BYLINE.fullmatch(line) or _EN_NAME_ROLE.fullmatch(line)
    if not match:
        return None
    names = _names(match["names"])
    if is_publisher(match["names"]):
        return Byline(publisher=match["names"])
    return Byline(names) if names else None


@remembered
def read_signature(line: str) -> str:
    """The name in ``홍길동 가나대 교수``, name first, then an office; empty where the line has another shape."""
    match = _SIGNATURE.fullmatch(line)
    return match["names"] if match else ""


def read_wire(paragraph: str) -> Byline | None:
    """What the opening of a wire story states: ``(서울=가나통신) 홍길동 기자 =`` or ``SEOUL, June 1 (Agency) --``."""
    if (match := _KO_WIRE.match(paragraph)) and (match["place"] or match["names"]):
        return Byline(_names(match["names"] or ""), match["pub"])
    match = _EN_WIRE.match(paragraph)
    return Byline(publisher=match["pub"]) if match else None


def wire_date(paragraph: str) -> str:
    """The date in an English dateline, as it stands there; empty where there is none."""
    match = _EN_WIRE.match(paragraph)
    return match["date"] if match else ""


def title_author(title: str) -> str:
    """The name in a headline's label, as in ``… [기고/홍길동]``, else empty."""
    match = _TITLE_NAME.search(title)
    return match["names"] if match else ""


def release_publisher(paragraph: str) -> str:
    """The public body that opens a press release, as in ``가온부(장관 홍길동)는``, else empty."""
    match = _RELEASE.match(paragraph)
    return match["pub"] if match else ""


def copyright_holder(line: str) -> str:
    """The publisher that a copyright or reprint notice names, else empty."""
    match = _COPYRIGHT.search(line) or _COPYRIGHT_WORD.search(line) or _REPRINT.search(line) or _RESERVED.match(line)
    name = re.sub(r"\s(?:Co|Inc|Corp|Ltd)\.?$", "", match["pub"].strip(" .,:;&·'\"")) if match else ""
    return name if 2 <= len(name) <= 40 and re.search(r"[A-Za-z가-힣]", name) else ""


@remembered
def is_publisher(line: str) -> bool:
    """Whether the line is the name of a newspaper, agency or public body by its last word."""
    return len(line) <= LONGEST and bool(_ORG_EN.fullmatch(line) or _ORG_KO.fullmatch(line))


def is_role(line: str) -> bool:
    """Whether the line gives a writer's office, as under an English byline (``Staff reporter``)."""
    return (
        len(line) <= LONGEST
        and len(line.split()) <= 8
        and not line.endswith(".")
        and bool(_EN_ROLE.fullmatch(line) or re.fullmatch(_REPORTER, line))
    )


def author_name(value: str) -> str:
    """An author's name from a metadata value: no e-mail address, no ``By``, no ``기자``."""
    value = re.sub(rf"[(<]?{_EMAIL}[)>]?", "", value).strip(" ,;|/")
    value = re.sub(rf"^(?:by|글)[:\s]\s?|\s?{_REPORTER}$", "", value, flags=re.I).strip(" ,;|/")
    return value if len(value) <= 80 and not value.startswith(("http", "@")) else ""


def _names(text: str) -> str:
    """``홍길동·김철수`` and ``A and B`` as ``A, B``; digits and initials that are not names give nothing."""
    text = re.sub(rf"(?<=[가-힣])[\s·,]+(?={_KO_NAME})", ", ", text.strip())
    return re.sub(r"\s(?:and|&)\s", ", ", text).strip(" ,")
