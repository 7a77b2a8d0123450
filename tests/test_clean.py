"""index.clean: what leaves a page, what stays, and what the page is found to state."""

from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from index.clean import clean
from index.normalise import normalise
from index.pubdate import find_dates, iso_date, read_stamp
from index.read import read_article

PAGES = Path(__file__).parent / "fixtures" / "pages"
ARTICLES = Path(__file__).parents[2] / "shared" / "articles"
EXPECTED = sorted(PAGES.glob("*.expect.yaml"))
LINES = sorted(
    {line for page in PAGES.glob("*.txt") for line in page.read_text("utf-8").split("\n") if line.strip()}
    | {
        "관련 기사",
        "Related articles",
        "2024-03-05",
        "By Jane Doe",
        "홍길동 기자",
        "< 부산 >",
        "** 각주",
        "- item",
        "(END)",
    }
)
PAGE_TEXT = st.lists(st.sampled_from(LINES) | st.text(max_size=40), max_size=30).map("\n".join)
ANY_TEXT = (
    st.text(max_size=300) | st.text(alphabet="가나다 라마.\n\t\u1112\u1161\u11ab\u200b-*ab©", max_size=300) | PAGE_TEXT
)


def page_of(expectation: Path) -> Path:
    stem = expectation.name.removesuffix(".expect.yaml")
    return next(path for path in PAGES.glob(f"{stem}.*") if path.suffix != ".yaml")


def real_page(number: str) -> str:
    found = sorted(ARTICLES.glob(f"{number}_*.txt"))
    if not found:
        pytest.skip("the real articles are not beside this checkout")
    return found[0].read_text("utf-8")


@pytest.mark.parametrize("expectation", EXPECTED, ids=lambda path: path.name.split(".")[0])
def test_page_keeps_the_article_alone_and_finds_what_it_states(expectation: Path) -> None:
    want = yaml.safe_load(expectation.read_text("utf-8"))
    article = read_article(page_of(expectation))
    assert article.text.split("\n") == want.pop("text").strip().split("\n")
    assert {name: getattr(article, name) for name in want} == want


def test_there_are_pages_in_both_languages_and_formats() -> None:
    assert len(EXPECTED) >= 10
    assert {page_of(path).suffix for path in EXPECTED} >= {".txt", ".html", ".md"}


@settings(max_examples=150, deadline=None)
@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text).text
    assert clean(once).text == once


@settings(max_examples=100, deadline=None)
@given(ANY_TEXT)
def test_nfd_and_nfc_give_the_same(text: str) -> None:
    assert clean(unicodedata.normalize("NFD", text)) == clean(unicodedata.normalize("NFC", text))


@settings(max_examples=100, deadline=None)
@given(ANY_TEXT)
def test_cleaning_only_drops_and_keeps_the_order(text: str) -> None:
    remaining = iter(normalise(text).split("\n"))
    assert all(any(line in source for source in remaining) for line in filter(None, clean(text).text.split("\n")))


@given(st.text(max_size=200))
def test_normalised_text_is_nfc_without_hidden_characters(text: str) -> None:
    plain = normalise(text)
    assert plain == unicodedata.normalize("NFC", plain) == normalise(plain)
    assert not [char for char in plain if unicodedata.category(char) == "Cc" and char != "\n"]
    assert "\n\n\n" not in plain


def test_hidden_and_bidi_characters_go() -> None:
    hidden = "".join(map(chr, range(0xE0061, 0xE0065)))
    assert normalise(f"a\x00b\u202ec\u2066d\u200be\ufefff{hidden}\u00a0\u3000g") == "abcdef g"


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("2023. 5. 16. 17:20", "2023-05-16"),
        ("2023.05.03", "2023-05-03"),
        ("2023.05.03 가온부", "2023-05-03"),
        ("홍길동 가온대 교수 2023. 5. 4. 03:05", "2023-05-04"),
        ("Published : June 1, 2023 - 15:13", "2023-06-01"),
        ("입력 2024-03-05 09:10", "2024-03-05"),
        ("수정 2024.03.07 10:00 | 입력 2024.03.05 09:10", "2024-03-05"),
        ("송고시간2024-02-14 11:00", "2024-02-14"),
        ("May 3, 2023", "2023-05-03"),
        ("5 March 2024", "2024-03-05"),
        ("Posted : 2024-03-08 09:01Updated : 2024-03-08 15:40", "2024-03-08"),
        ("보도시점 2024. 3. 5.(화) 10:00 배포 2024. 3. 4.(월) 15:00", "2024-03-05"),
        ("Thu, Feb. 29, 2024, 3:05 PM KST", "2024-02-29"),
        ("2024년 3월 5일 화요일", "2024-03-05"),
        ("Updated: March 5, 2024", None),
    ],
)
def test_date_line_gives_the_day_of_publication(line: str, published: str | None) -> None:
    page = f"가온시 바닷길 새로 열린다\n{line}\n가온시가 오래 막혀 있던 바닷길을 다음 달부터 다시 열기로 했다고 밝혔다."
    cleaned = clean(page)
    assert cleaned.published == published
    assert cleaned.title == "가온시 바닷길 새로 열린다"
    assert cleaned.text == page.split("\n")[2]


@pytest.mark.parametrize(
    "line",
    [
        "The museum opened on May 3, 2023, after a decade of work.",
        "가온시는 2023년 5월 3일 박물관을 열었다고 밝혔다.",
        "The report was released on June 1, 2023 by the",
        "2023.13.45",
        "1948년 8월의 일",
    ],
)
def test_a_date_in_prose_is_not_the_day_of_publication(line: str) -> None:
    page = (
        f"A museum by the sea\n{line}\nVisitors have come from all over the country to see the harbour and its boats."
    )
    cleaned = clean(page)
    assert cleaned.published is None
    assert line in cleaned.text


def test_dates_that_do_not_exist_are_passed_over() -> None:
    assert find_dates("2023-02-30, 30 February 2023, 1948") == []
    assert read_stamp("2023-02-30") is None
    assert (iso_date("2024-03-05T23:10:00+09:00"), iso_date("20240305"), iso_date("yesterday")) == (
        "2024-03-05",
        "2024-03-05",
        None,
    )


@pytest.mark.parametrize(
    ("notice", "publisher"),
    [
        ("Copyright © 가람일보. 무단전재 및 재배포 금지.", "가람일보"),
        ("<저작권자(c) 가온통신, 무단 전재-재배포, AI 학습 및 활용 금지>", "가온통신"),
        ("[ⓒ 가온경제, 무단 전재 배포 금지]", "가온경제"),
        ("저작권자 © 가람일보 무단전재 및 재배포 금지", "가람일보"),
        ("© 2024 The Example Herald. All rights reserved.", "The Example Herald"),
        ("Copyright ⓒ Example Times Co., Ltd. All rights reserved.", "Example Times"),
        ("The Example Daily(www.example.org). All rights reserved.", "The Example Daily"),
        ("© The Example Business Daily(www.example.org). All rights reserved.", "The Example Business Daily"),
    ],
)
def test_copyright_notice_goes_and_names_the_publisher(notice: str, publisher: str) -> None:
    body = "A long first paragraph that tells what happened in the harbour on the day when the ferry came back."
    cleaned = clean(f"Ferry returns\n{body}\n{notice}\nAnother headline")
    assert cleaned.text == f"Ferry returns\n{body}"
    assert cleaned.publisher == publisher


@pytest.mark.parametrize(
    "body",
    [
        "시장은 무단전재 및 재배포 금지 문구를 누리집에서 지우기로 했다고 밝혔다.",
        "글자 크기를 두 배로 키운 교과서가 올해 처음으로 교실에 들어왔다.",
        "많이 본 작품은 세 편뿐이었다고 조사에 응한 시민들은 대답했다.",
        "■ 앱 시장의 성장\n구독 경제가 커지면서 앱 시장도 두 배로 커졌다고 연구진은 설명했다.",
        "He wrote “All rights reserved” under every poem, and then gave the poems away to strangers on trains.",
        "Related costs rose by 12 percent, more than the ministry had expected when it wrote the budget.",
        "Three things changed:\n- rent\n- wages\n- the price of tea",
        "* 첫째 각주\n** 둘째 각주",
    ],
)
def test_ordinary_lines_stay(body: str) -> None:
    page = f"가온시 소식 한 줄\n가온시는 올해 새로운 사업을 시작한다고 밝혔다. 예산은 지난해보다 늘었다.\n{body}"
    assert clean(page).text == page


def test_repeated_paragraphs_and_doubled_captions_go() -> None:
    paragraph = "가온시는 올해 새로운 사업을 시작한다고 밝혔다. 예산은 지난해보다 두 배로 늘었다고 한다."
    caption = "항구의 새 등대. 가온시 제공"
    assert clean(f"제목 한 줄\n{caption} {caption}\n{paragraph}\n소제목\n{paragraph}\n소제목").text.split("\n") == [
        "제목 한 줄", caption, paragraph, "소제목", "소제목",
    ]  # fmt: skip


def test_language_is_found_by_script() -> None:
    assert clean("K-바이오 랩 허브(K-Bio Lab Hub)는 MIT, Harvard와 협력한다.").language == "ko"
    assert clean("The minister (이영) spoke in Boston about start-ups.").language == "en"


def test_hostile_pages_take_no_more_than_seconds() -> None:
    started = time.monotonic()
    for page in (
        "관련기사\nx\n" * 1_000,
        "a b c d\n2023.05.03\n" * 1_000,
        "a" * 300_000,
        '."' * 100_000,
        "© " * 50_000,
        "\n".join(["AI 요약"] * 3_000),
    ):
        once = clean(page).text
        assert clean(once).text == once
    assert time.monotonic() - started < 60


REAL = [
    ("000", "[Contribution]", {"Korea Herald", "The Korea Herald", "코리아헤럴드"}, "Lee Young", "2023-05-16", "en"),
    ("001", "韓美", {"동아일보"}, "이영", "2023-05-04", "ko"),
    ("002", "S. Korea to ease", {"The Korea Herald"}, "Lee Jaeeun", "2023-06-01", "en"),
    ("003", "Presiding Over", {"The Asia Business Daily", "아시아경제"}, "", None, "en"),
    ("004", "국빈 방문", {"중소벤처기업부"}, "", "2023-05-03", "ko"),
]


@pytest.mark.parametrize(
    ("number", "title", "publishers", "author", "published", "language"), REAL, ids=[row[0] for row in REAL]
)
def test_real_page_states_its_facts(
    number: str, title: str, publishers: set[str], author: str, published: str | None, language: str
) -> None:
    cleaned = clean(real_page(number))
    assert cleaned.title.startswith(title)
    assert cleaned.publisher in publishers
    assert (cleaned.author, cleaned.published, cleaned.language) == (author, published, language)
    assert (cleaned.title in cleaned.text) == (number == "003")
    assert clean(cleaned.text).text == cleaned.text


@pytest.mark.parametrize(("number", "paragraphs"), [("000", 14), ("001", 5), ("002", 11), ("003", 16), ("004", 21)])
def test_real_page_keeps_every_line_of_the_article_in_order(number: str, paragraphs: int) -> None:
    page = normalise(real_page(number)).split("\n")
    kept = clean(real_page(number)).text.split("\n")
    assert len(kept) == paragraphs
    places = [next(i for i, line in enumerate(page) if line.startswith(text)) for text in kept]
    assert places == sorted(places)
    furniture = (
        "글자크기",
        "(예시)",
        "무단전재",
        "자동요약",
        "운영원칙",
        "생각하시나요",
        "바로가기",
        "Link copied",
        "역전세",
        "추천 뉴스",
    )
    assert not [line for line in kept if any(word in line for word in furniture)]


def test_real_release_keeps_decks_section_heads_and_footnotes() -> None:
    kept = clean(real_page("004")).text.split("\n")
    assert kept[0].startswith("- 세계")
    assert [line for line in kept if line.startswith("<")] == ["< 보스턴 >", "< 워싱턴 디.씨.(D.C.) >"]
    assert sum(line.startswith("*") for line in kept) == 5
