"""What a news page prints around an article: the grammar of portal furniture, one line at a time.

Each predicate looks at a single normalised line and knows nothing of its place in the page; ``index.clean`` decides by
place. Hard furniture is dropped wherever it stands, soft furniture only before and after the article's prose.
"""

from __future__ import annotations

import re

from index.normalise import hangul_share
from index.remember import remembered

_FLAGS = re.IGNORECASE


def _any(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), _FLAGS)


_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]」』]*$")
_TOLD = re.compile(r"[가-힣](?<!니)다\.[\"'”’)\]]*$")
_BULLET = re.compile(r"(?:[-–—•·∙◦●○□■▪▶▷►☞◆◇★☆※*+]|\(?\d{1,2}[.)])\s?(?=\S)")
_HEADING = re.compile(r"[<〈【\[(].{1,40}[>〉】\])]|[■◆◇▲△□●○#].{1,60}")
PROSE_KO, PROSE_EN, PROSE_ANY = 25, 45, 160
"""Least characters of prose: a Korean and an English line that ends a sentence, and a line that ends anyhow."""
FURNITURE_MAX, NOTICE_MAX = 500, 220
"""Most characters of a line of furniture and of a copyright notice."""
HEADLINE_MAX = 130
"""Most characters of a headline in a list of links."""

_WIDGETS = """
글자크기 글자 글씨 글꼴 크기 설정 크게 작게 보통 가 목록 이전 다음 닫기 열기 더보기 더 전체보기 접기 펼치기 공유
공유하기 댓글 댓글보기 댓글쓰기 좋아요 싫어요 추천 추천해요 훈훈해요 슬퍼요 화나요 놀랐어요 응원 응원수 후속기사
원해요 쏠쏠정보 흥미진진 공감백배 분석탁월 후속강추 구독 구독하기 구독중 구독자 알림받기 인쇄 인쇄하기 프린트 스크랩
저장 북마크 번역 듣기 본문듣기 기사듣기 음성재생 본문 기사 원문 기사원문 원문보기 URL URL복사 주소복사 링크 링크복사
복사 카카오톡 카카오스토리 페이스북 트위터 엑스 밴드 네이버 라인 텔레그램 메일 이메일 로그인 로그아웃 회원가입
마이페이지 검색 메뉴 전체메뉴 메인메뉴 주메뉴 바로가기 보기 하기 TOP 맨위로 위로 홈 뉴스홈 브리핑룸 콘텐츠 배너 영역
콘텐츠영역 히단 하단 상단 광고 제보 제보하기 신고 신고하기 요약봇 요약 SNS 미리보기 다운로드 바로보기 이미지 확대
확대보기 수정 삭제 보내기 블로그 네이버블로그 인스타그램 유튜브 스레드 기사보내기 기사공유 음성으로 팝업 페이지
기자페이지 기사저장 기자 share tweet print email mail save bookmark copy link copied url facebook twitter x linkedin
whatsapp kakaotalk kakao reddit pinterest telegram line messenger instagram youtube font size text a aa increase
decrease resize smaller larger listen advertisement ad ads sponsored menu search login signin signup subscribe
subscribed follow following comments comment likes like dislike top home close open more gift article this story on
via to thumbs up down 0 print-friendly translate play pause
"""
_WIDGET_WORDS = frozenset(_WIDGETS.lower().split())
_WEAK = "text line more on to up down this story article top home x a via 기사 본문 수정 요약 가 더 하기 크기 기자"
_WEAK_WORDS = frozenset(_WEAK.split())
_SECTION_NAMES = (
    "홈 뉴스 정치 경제 사회 국제 세계 문화 연예 스포츠 오피니언 사설 칼럼 전국 지역 생활 과학 산업 증권 부동산 "
    "영상 포토 사진 만화 랭킹 속보 "
    "home news politics business economy nation national world culture life sports opinion tech technology science "
    "video photo photos entertainment lifestyle finance markets local international editorials"
)
_SECTIONS = frozenset(_SECTION_NAMES.split())
_LABELS = _SECTIONS | _WIDGET_WORDS
_BETWEEN_WIDGETS = re.compile(r"[\s|·/,>:+()\[\]•-]+")
_COUNTER = re.compile(r"[\d.,]+(?:만|천|k|m)?(?:개|명|건)?")
_FONT = (
    r"(?:글자|글씨|폰트)\s?크기.{0,60}"
    r"|.{0,12}글자\s?크기로? .{0,10}(?:변경|조절|조정).{0,15}"
    r"|(?:font|text) size(?:\s?[-+:|a])*(?:\s?(?:small|medium|large))*"
)
_HARD = _any(
    (
        _FONT,
        r"\(예시\).{0,60}뉴스.*",
        r"(?:홈|home)\s?[>›»/].{0,80}|(?:\S+\s){0,3}\S*바로가기|텍스트 음성 변환.{0,20}|.{0,10}(?:음성|본문"
        r"|기사)(?:으로)?\s?(?:듣기|재생).{0,10}",
        r".{0,8}누리집은 대한민국 공식.{0,40}|.{0,30}본문(?:으로)?\s바로가기.{0,40}|skip to .{0,20}content",
        r"(?:이|해당) 기사(?:에 대해|를|는|가|의|로).{0,40}(?:생각하시나요|추천합니다|분류했습니다|어떠셨나요"
        r"|도움이 되었나요|마음에 드).{0,20}",
        r"기사의 섹션 정보는.{0,60}|기사 추천은 24시간.{0,60}|언론사별 바로가기.{0,30}",
        r"전체 맥락을 이해.{0,40}|.{0,30}자동\s?요약한 결과.{0,20}|(?:AI"
        r"|인공지능).{0,40}요약.{0,30}(?:수 있습니다|입니다)\.?",
        r"audio report.{0,50}|listen to (?:this|the) (?:article|story|news).{0,20}"
        r"|(?:the )?link (?:has been )?copied.{0,20}|copy link.{0,20}|was this (?:article|story|page) (?:helpful"
        r"|useful)\?.{0,20}",
        r"what do you think (?:of|about) this (?:article|story)\?.*",
        r"(?:we|this (?:site|website)) uses? cookies.*|accept (?:all|cookies).{0,30}|(?:manage"
        r"|cookie) (?:settings|preferences|policy)",
        r"advertisement|sponsored(?: content)?|story continues below(?: advertisement)?"
        r"|scroll (?:down )?to continue.{0,30}",
        r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
        r"https?://\S+",
    )
)
_SOFT = _any(
    (
        r".{0,60}(?:구독|제보|채널|뉴스레터|카카오톡|카톡|앱을?|유튜브|네이버|다음에서|해당 언론사).{0,60}"
        r"(?:하세요|보세요|주세요|하기|바로가기|추가)[.!▶>]*",
        r".{0,40}제보를?.{0,20}(?:받습니다|기다립니다)\.?|.{0,30}언론사.{0,10}구독되었습니다.*"
        r"|.{0,40}언론사.{0,8}로 이동.{0,30}",
        r"(?:이전|다음)\s?(?:이전|다음)?\s?(?:기사|글|게시물|뉴스).{0,100}|이전다음\s?기사.*",
        r"(?!.*\?$)(?:담당\s?부서|담당자|책임자|문의(?:처)?|연락처|전화(?:번호)?|첨부\s?(?:파일|문서)|조회\s?수?"
        r"|작성자|공공누리|저작권\s?정책|출처표시)"
        r"(?:\s|:|\||$).{0,120}|조회\s?\d.*|.{0,80}\.(?:hwpx?|pdf|docx?|xlsx?|pptx?|zip|odt)\b.{0,60}",
        r"(?:\S{1,10}(?:과|팀|국|실|단)\s)?.{0,30}\(?0\d{1,2}[-)]\s?\d{3,4}-\d{4}\)?",
        r"(?:subscribe|sign up|log in|sign in|register (?:now|for|to)|follow us|join us|download (?:the|our) app"
        r"|never miss|"
        r"get (?:the|our) (?:app|latest|best|newsletter|news|daily|top)|(?:enter )?your e-?mail|already a subscriber|"
        r"to (?:write|post|leave|add|read|continue)\b.{0,30}(?:comments?|reading)\b.{0,20}(?:log|sign|register"
        r"|subscribe)|"
        r"by (?:signing|clicking|subscribing)|thank you for (?:signing|subscribing)|stay (?:up to date"
        r"|informed))\b.{0,160}",
        r"(?:read more|continue reading|back to top|leave a (?:comment|reply)|view (?:all )?comments"
        r"|show comments|load more|see all|"
        r"more on this story|terms (?:of (?:use|service)|(?:and|&) conditions).{0,40}|privacy policy|contact us"
        r"|about us|newsletters?|\d+ (?:min(?:ute)?s? read|"
        r"comments?|shares?|likes?|views?))\W{0,3}",
        r"(?:보도\s?자료|보도설명자료|즉시\s?보도|언론사\s?선정.{0,20}|PICK\s?안내|press release"
        r"|for immediate release)",
    )
)
_COPYRIGHT = _any(
    (
        r"[\[<(【〈]?\s?(?:저작권자|copyrights?|ⓒ|©|\(c\)).{0,100}(?:금지|불허|금합니다|all rights reserved"
        r"|reserved).{0,60}",
        r"(?:copyrights?\s)?(?:ⓒ|©|\(c\)\s\d{4}).{0,120}|copyrights?\s\d{4}.{0,120}",
        r".{0,60}무단\s?(?:전재|복제|배포|도용).{0,30}(?:금지|불허|금합니다|금지합니다|금지됩니다).{0,40}",
        r".{0,60}all rights reserved\.?",
        r"this (?:material|article|content) may not be (?:published|reproduced|copied|redistributed).*",
        r"(?:no )?(?:unauthori[sz]ed )?reproduction .{0,60}(?:prohibited|permission|permitted)\.?",
    )
)
_REPRINT = re.compile(r"[\"“]?이?\s?자료는 .{2,30}의 보도\s?자료를.{0,60}")
_FULL_NOTICE = re.compile(r"금지|불허|금합니다|reserved|prohibited|보도\s?자료|\d{4}", _FLAGS)
_END = re.compile(r"[(<\[【-]\s?(?:end|끝)\s?[)>\]】-]|끝\.?|#{3,}|-30-", _FLAGS)
_LINKS = _any(
    (
        r"[\[<【▶☞■]?\s?(?:관련|추천|인기|주요|최신|핫|연관)\s?(?:기사|뉴스|콘텐츠|영상|이슈|소식)(?:\s?(?:더보기"
        r"|목록|보기))?[\]>】:]?",
        r"(?:많이|가장 많이)\s?본.{0,40}|(?:이 시각|지금|실시간|오늘의|놓치면 안 될)\s?.{0,6}(?:뉴스|기사|인기"
        r"|랭킹|핫이슈|이슈|영상|사진).{0,20}",
        r".{1,20}에서 직접 확인하세요.{0,40}|.{1,20}(?:의|기자의) 다른\s?기사.{0,10}|다른\s?기사\s?(?:더보기"
        r"|보기)?|랭킹\s?뉴스|헤드라인|핫\s?뉴스",
        r"(?:함께|같이) (?:볼|읽)\S{0,6}.{0,20}|당신이 좋아할.{0,20}|이런 (?:기사|뉴스)는 어떠.{0,12}"
        r"|.{0,12}(?:주요\s?뉴스|추천\s?뉴스)",
        r"related(?: (?:articles?|stor(?:y|ies)|news|content|topics|links|coverage))?:?|(?:most|more) (?:read"
        r"|popular|viewed|shared|commented)"
        r"(?: .{0,20})?",
        r"more (?:from|in|on|by|stories|news|headlines)(?: .{0,40})?|you (?:may|might)(?: also)? (?:like"
        r"|be interested).{0,20}"
        r"|recommended(?: (?:contents?|for you|articles?|stor(?:y|ies)|reading|news))*:?|see more:?",
        r"(?:trending|popular|latest|top|breaking)(?: (?:now|news|stories|articles|headlines|today|posts"
        r"|videos))?:?|editor.?s.? (?:picks?|choice)",
        r"(?:also read|read also|read next|read more|what to read next|up next|see also|headlines"
        r"|in case you missed it|don.?t miss)"
        r"(?:\W{0,2})|(?:from )?around the web|from the web|promoted(?: (?:links|stories))?",
    )
)
_RULES = re.compile(
    r".*(?:운영\s?(?:원칙|규정|정책)|이용\s?약관|댓글\s?(?:정책|규칙|작성)|community (?:guidelines|standards)"
    r"|house rules|"
    r"comment(?:ing|s)? (?:policy|guidelines|rules)).*(?:삭제|차단|제한|removed|deleted|blocked|moderated).*",
    _FLAGS,
)
_ANNEX = re.compile(r"[<\[【(]?\s?(?:붙임|참고|별첨|부록|annex|appendix)\s?\d{0,2}\b", _FLAGS)
_SUMMARY = re.compile(
    r"(?:AI\s?|인공지능\s?)?(?:자동\s?요약|요약봇|(?:3|세)\s?줄\s?요약|기사\s?요약)\b.{0,60}|AI (?:summary"
    r"|요약)\b.{0,60}",
    _FLAGS,
)
_LABELLED_LINK = re.compile(
    r"[▶▷►☞👉→]+\s?(?:\[?관련\s?기사\]?|바로가기|\[(?:속보|영상|화보|포토|단독)\]|"
    r".{0,40}(?:구독|제보|채널|앱|기사).{0,30}(?:하세요|하기|보기|추가|주세요|바로가기)).{0,80}"
    r"|(?:\(|\[)?(?:read (?:more|also)|related|see also|also read)(?:\)|\])?:\s.{3,130}|\[관련\s?기사\].{0,120}",
    _FLAGS,
)


@remembered
def is_prose(line: str) -> bool:
    """Whether the line reads as running text: it ends a sentence and is long enough, or is very long."""
    if len(line) >= PROSE_ANY:
        return True
    least = PROSE_KO if hangul_share(line) > 0.5 else PROSE_EN
    end = _SENTENCE_END.search(line[-20:])
    return bool(end) and len(line) >= least * (1 if end and end[0][0] == "." else 2)


def is_told(line: str) -> bool:
    """Whether the line ends in the plain style of Korean reports (``…했다.``); pages address their reader politely."""
    return bool(_TOLD.search(line[-20:]))


def is_item(line: str) -> bool:
    """Whether the line is set as an item of a list."""
    return bool(_BULLET.match(line))


def is_heading(line: str) -> bool:
    """Whether the line is set as a heading inside an article (``< 보스턴 >``, ``■ 배경``)."""
    return bool(_HEADING.fullmatch(line))


@remembered
def is_furniture(line: str) -> bool:
    """Whether the line is furniture wherever it stands."""
    if len(line) > FURNITURE_MAX or is_told(line):
        return False
    return is_copyright(line) or is_widgets(line) or bool(_HARD.fullmatch(line)) or bool(_LABELLED_LINK.fullmatch(line))


@remembered
def is_soft(line: str) -> bool:
    """Whether the line is furniture if it stands before or after the article's prose."""
    if len(line) > FURNITURE_MAX or is_told(line):
        return False
    return bool(_SOFT.fullmatch(line)) or opens_links(line) or opens_rules(line)


@remembered
def is_copyright(line: str) -> bool:
    """Whether the whole line is a copyright or reprint notice; a sentence that speaks of copyright is not."""
    return (
        len(line) <= NOTICE_MAX and not is_told(line) and bool(_COPYRIGHT.fullmatch(line) or _REPRINT.fullmatch(line))
    )


def ends_article(line: str) -> bool:
    """Whether pages print this line after the last line of an article: a full notice, not a picture's credit."""
    return bool(_END.fullmatch(line)) or (is_copyright(line) and bool(_FULL_NOTICE.search(line)))


def opens_links(line: str) -> bool:
    """Whether the line is the head of a list of links to other articles."""
    return len(line) <= 60 and not is_told(line) and bool(_LINKS.fullmatch(line))


def opens_rules(line: str) -> bool:
    """Whether the line announces posting rules, whose items follow."""
    return len(line) <= FURNITURE_MAX and not is_told(line) and bool(_RULES.fullmatch(line))


def opens_annex(line: str) -> bool:
    """Whether the line opens an annex, as press releases print after their contact box."""
    return bool(_ANNEX.match(line))


def opens_summary(line: str) -> bool:
    """Whether the line is the head of a summary that a machine made of the article."""
    return len(line) <= 100 and bool(_SUMMARY.fullmatch(line))


def is_font_control(line: str) -> bool:
    """Whether the line belongs to a page's font-size control."""
    return is_furniture(line) and bool(re.fullmatch(_FONT, line, _FLAGS))


def is_widgets(line: str) -> bool:
    """Whether the line holds nothing but labels of buttons and counters, or nothing but names of sections."""
    if len(line) > 200:
        return False
    words = [word for word in _BETWEEN_WIDGETS.split(line.lower()) if word]
    if any(word not in _LABELS and not _COUNTER.fullmatch(word) for word in words):
        return False  # most lines, by their first word
    names = [word for word in words if not _COUNTER.fullmatch(word)]
    if not names:
        return False
    if len(names) >= 3 and all(word in _SECTIONS or word in _WIDGET_WORDS for word in names):
        return True
    return all(word in _WIDGET_WORDS for word in names) and any(word not in _WEAK_WORDS for word in names)
