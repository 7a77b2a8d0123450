"""The words of a sentence that answer, in all four language directions, and none where none stands out."""

from __future__ import annotations

import pytest

from index.reading import Words
from index.types import Language
from rag import span
from rag.naming import names
from rag.wording import noted, worded

PUBLISHED = "2023-05-16"
RAISED = "해담시는 사업비를 당초 1,200억 원에서 1,500억 원으로 늘렸다."
RAISED_EN = "The budget was raised from 120 billion won to 150 billion won."
SPLIT = "도로에 1조 1,200억 원, 경전철에 1조 6,200억 원이 투입된다."
BUILT = "The museum cost 68.5 billion won, and the theater cost 12 billion won."


def lead(sentence: str, question: str, asked: Language) -> str:
    """What is led with for a question of ``asked``; empty where nothing stands out."""
    found = span.find(sentence, question, asked, PUBLISHED)
    return worded(found.candidate, sentence, question, asked)[0] if found else ""


@pytest.mark.parametrize(
    ("sentence", "question", "asked", "expected"),
    [
        (SPLIT, "경전철 건설에 드는 비용은 얼마인가요?", "ko", "1조 6,200억 원"),
        (SPLIT, "How much goes into the light rail?", "en", "1.62 trillion won"),
        (BUILT, "How much did the theater cost?", "en", "12 billion won"),
        (BUILT, "박물관 건립비는 얼마인가요?", "ko", "685억 원"),
        ("행사에는 기업 38개사와 전문가 11명이 참석했다.", "전문가는 몇 명이 참석했나요?", "ko", "11명"),
        (
            "It opens in December 2031 after a groundbreaking in September 2026.",
            "착공은 언제인가요?",
            "ko",
            "2026년 9월",
        ),
    ],
)
def test_of_two_fitting_figures_the_one_next_to_the_question_s_words(
    sentence: str, question: str, asked: Language, expected: str
) -> None:
    assert lead(sentence, question, asked) == expected


@pytest.mark.parametrize(
    ("sentence", "question", "asked", "expected"),
    [
        ("The dam cost 270 billion won ($202 million).", "How much did the dam cost?", "en", "270 billion won"),
        ("The dam cost 270 billion won ($202 million).", "댐 건설비는 얼마인가요?", "ko", "2,700억 원"),
        ("부지는 4만㎡(약 1만 2,100평)이다.", "부지의 넓이는 얼마인가요?", "ko", "4만㎡"),
    ],
)
def test_the_same_figure_in_another_unit_is_no_rival(
    sentence: str, question: str, asked: Language, expected: str
) -> None:
    assert lead(sentence, question, asked) == expected


@pytest.mark.parametrize(
    ("sentence", "question", "asked", "expected"),
    [
        (RAISED, "사업비는 얼마인가요?", "ko", "1,500억 원"),
        (RAISED, "How much will the project cost?", "en", "150 billion won"),
        (RAISED_EN, "How much is the budget now?", "en", "150 billion won"),
        (RAISED_EN, "예산은 얼마인가요?", "ko", "1,500억 원"),
        (RAISED, "당초 사업비는 얼마였나요?", "ko", "1,200억 원"),
        ("실업률은 3.2%로 지난해 같은 달의 3.8%보다 낮아졌다.", "실업률은 몇 퍼센트인가요?", "ko", "3.2%"),
        ("The age limit rises from 60 to 65.", "What is the age limit?", "en", "65"),
    ],
)
def test_a_figure_that_another_has_replaced_answers_only_who_asks_for_it(
    sentence: str, question: str, asked: Language, expected: str
) -> None:
    assert lead(sentence, question, asked) == expected


@pytest.mark.parametrize(
    ("sentence", "question", "asked", "read", "expected"),
    [
        (SPLIT, "도로에 드는 비용은 얼마인가요?", "ko", "1조 1,200억 원", "1조 1,200억 원"),
        (SPLIT, "도로에 드는 비용은 얼마인가요?", "ko", "1조 6,200억", "1조 6,200억 원"),
        (BUILT, "How much did the museum cost?", "en", "68.5 billion won", "68.5 billion won"),
        (BUILT, "How much did the museum cost?", "en", "12 billion", "12 billion won"),
    ],
)
def test_of_fitting_figures_the_one_that_is_read_as_the_answer(
    sentence: str, question: str, asked: Language, read: str, expected: str
) -> None:
    start = sentence.index(read)
    found = span.likeliest(sentence, question, asked, PUBLISHED, Words(start, start + len(read), 0.4))
    assert found and worded(found.candidate, sentence, question, asked)[0] == expected


@pytest.mark.parametrize(
    ("sentence", "question", "asked", "read"),
    [
        ("The Haedam District Court ruled that the city may not evict anyone.", "Which court ruled on it?", "en", "Haedam District Court"),
        ("승용차 통행료 안은 2,400원이다.", "승용차 통행료 안", "ko", "2,400원"),
        ("대상은 물소리랩이 받았으며, 상금은 1억 5,000만 원이다.", "상금 액수가 궁금합니다.", "ko", "1억 5,000만"),
    ],
)  # fmt: skip
def test_what_a_reader_is_sure_of_needs_no_sign_in_the_question(
    sentence: str, question: str, asked: Language, read: str
) -> None:
    start = sentence.index(read)
    sure, unsure = (Words(start, start + len(read), chance) for chance in (0.9, 0.1))
    found = span.find(sentence, question, asked, PUBLISHED, sure)
    assert found and read in span.slice_of(found.candidate, sentence) and found.chance == 0.9
    assert span.find(sentence, question, asked, PUBLISHED, unsure) is None
    assert span.find(sentence, f"{question} 왜?" if asked == "ko" else "Why?", asked, PUBLISHED, sure) is None


@pytest.mark.parametrize(
    ("sentence", "question", "asked", "read"),
    [
        ("새벌의료원장은 국립하늘대병원과 협약을 맺었다.", "협약을 맺은 병원은 어디인가요?", "ko", "국립하늘대병원"),
        ('"Wait," said the deputy head of the budget committee.', "예산위 부위원장은 누구인가", "ko", "deputy head of the budget committee"),
        ('"Wait," said the deputy head of the budget committee.', "Who asked them to wait?", "en", "deputy head of the budget committee"),
        ("가마터 때문에 변전소를 외항으로 옮긴다.", "변전소가 옮겨 갈 위치", "ko", "외항"),
        ("Aid is sought from Nordhafen Pharma.", "가람백신의 덴마크 협력사 이름이 뭔가요?", "ko", "Nordhafen Pharma"),
        ("The centre expects a recovery in the fourth quarter.", "When will it recover?", "en", "the fourth quarter"),
    ],
)  # fmt: skip
def test_a_name_is_led_with_as_it_is_read(sentence: str, question: str, asked: Language, read: str) -> None:
    start = sentence.index(read)
    found = span.find(sentence, question, asked, PUBLISHED, Words(start, start + len(read), 0.7))
    assert found and span.slice_of(found.candidate, sentence) == read


def test_a_clause_in_the_other_script_is_no_name() -> None:
    sentence = "신약은 한울제약을 통해 세계 제약사 노르덴에 넘어갔다."
    read = Words(4, 23, 0.9)
    assert sentence[4:23] == "한울제약을 통해 세계 제약사 노르덴"
    assert span.find(sentence, "Which drugmaker bought it?", "en", PUBLISHED, read) is None
    found = span.find(sentence, "어느 제약사에 넘어갔나?", "ko", PUBLISHED, read)
    assert found and span.slice_of(found.candidate, sentence) == sentence[4:23]


def test_words_that_are_no_figure_and_no_name_are_no_lead() -> None:
    sentence = "공사는 비가 많이 와서 늦어졌다."
    assert span.find(sentence, "공사가 어떻게 됐나요?", "ko", PUBLISHED, Words(4, 12, 0.99)) is None


def test_a_denied_date_does_not_answer() -> None:
    sentence = "공사는 2023년 5월 시작되지 않았고 2024년 3월에 시작됐다."
    assert lead(sentence, "공사는 언제 시작됐나요?", "ko") == "2024년 3월"


def test_a_range_is_led_with_whole() -> None:
    sentence = "국내에는 클러스터가 1,800~1,900개 있다."
    assert lead(sentence, "국내 클러스터는 몇 개인가요?", "ko") == "1,800~1,900개"
    assert lead(sentence, "How many clusters are there in the country?", "en") == "1,800 to 1,900"


@pytest.mark.parametrize(
    ("question", "asked", "expected"),
    [("원탁회의는 언제 열렸나요?", "ko", "2023년 4월 28일"), ("When was the roundtable held?", "en", "April 28, 2023")],
)
@pytest.mark.parametrize(
    "sentence", ["원탁회의는 4.28(금) 보스턴에서 개최됐다.", "The roundtable was held in Boston on April 28."]
)
def test_a_date_is_written_out_for_the_asker(sentence: str, question: str, asked: Language, expected: str) -> None:
    assert lead(sentence, question, asked) == expected


@pytest.mark.parametrize(
    ("sentence", "question", "asked", "expected"),
    [
        ("김민지 시장이 목요일 회의를 주재했다.", "회의를 주재한 사람은 누구인가요?", "ko", "김민지"),
        ("김민지 시장이 목요일 회의를 주재했다.", "Who chaired the meeting?", "en", "Kim Min-ji"),
        ("The meeting was presided over by Mayor Kim Min-ji.", "Who presided over the meeting?", "en", "Kim Min-ji"),
        ("원탁회의는 4월 28일 보스턴에서 열렸다.", "원탁회의는 어디에서 열렸나요?", "ko", "보스턴"),
        ("The roundtable was held in Boston on April 28.", "원탁회의는 어디서 열렸나요?", "ko", "보스턴"),
        ("사업은 해담도시공사가 맡는다.", "사업은 어느 기관이 맡나요?", "ko", "해담도시공사"),
        (
            "The Haedam Housing Corporation will run it.",
            "Which organization will run it?",
            "en",
            "Haedam Housing Corporation",
        ),
    ],
)
def test_a_name_is_found_and_given_in_the_asker_s_script(
    sentence: str, question: str, asked: Language, expected: str
) -> None:
    assert lead(sentence, question, asked) == expected


@pytest.mark.parametrize(
    ("sentence", "question", "asked"),
    [
        ("The two cities exchange students every year.", "How many students do they exchange?", "en"),
        ("약 4만㎡ 터에 허브를 조성하고 있다.", "허브에 얼마를 투자하나요?", "ko"),
        ("The 20th festival began on the roof of the museum.", "How many items does the museum hold?", "en"),
        ("회의는 서울에서 열렸다.", "회의를 연 까닭은 무엇인가요?", "ko"),
        ("The hub will rise in Songdo.", "What will it cost to build the hub?", "en"),
    ],
)
def test_nothing_is_led_with_where_nothing_fits(sentence: str, question: str, asked: Language) -> None:
    assert lead(sentence, question, asked) == ""


@pytest.mark.parametrize(
    ("sentence", "question", "asked", "name"),
    [
        ("Minister Han Ji-woo met the governor on Friday.", "한지우 장관은 누구와 만났나?", "ko", "Han Ji-woo"),
        ("한지우 장관이 이날 기자들에게 밝혔다.", "Who did Han Ji-woo talk to?", "en", "한지우"),
    ],
)
def test_a_name_that_the_question_says_in_the_other_script_is_no_answer(
    sentence: str, question: str, asked: Language, name: str
) -> None:
    start = sentence.index(name)
    assert span.find(sentence, question, asked, PUBLISHED, Words(start, start + len(name), 0.99)) is None


def test_what_the_question_says_itself_is_no_answer() -> None:
    assert (
        lead("허브는 2025년까지 2,700억 원을 들여 짓는다.", "2,700억 원을 들여 짓는 허브의 비용은 얼마인가요?", "ko")
        == ""
    )


@pytest.mark.parametrize(
    ("sentence", "name", "sort"),
    [
        ("매사추세츠종합병원 데이비드 브라운 원장이 참석했다.", "데이비드 브라운", "person"),
        ("매사추세츠종합병원 데이비드 브라운 원장이 참석했다.", "매사추세츠종합병원", "organisation"),
        ("회의는 서울 강서구 마곡동에서 열렸다.", "서울 강서구 마곡동", "place"),
        ("Officials of the Ministry of Economy and Finance met.", "Ministry of Economy and Finance", "organisation"),
        ("Its plant in Debrecen, Hungary will open.", "Debrecen, Hungary", "place"),
        ("Support goes to Daegu, Incheon, Busan and Gwangju.", "Daegu, Incheon, Busan and Gwangju", "place"),
    ],
)
def test_names_are_told_apart_by_what_stands_beside_them(sentence: str, name: str, sort: str) -> None:
    assert (name, sort) in [(sentence[n.start : n.end], n.sort) for n in names(sentence)]


def test_a_name_that_stays_in_the_other_script_is_said_to_be_as_written() -> None:
    assert noted("Harvard University", "ko") == "Harvard University (원문에 적힌 그대로입니다)"
    assert noted("새벌의료원", "en") == "새벌의료원 (as it is written in the source)"
    for text, language in (("하버드대", "ko"), ("이영 (Lee Young)", "en"), ("2,700", "ko"), ("$5.9 billion", "en")):
        assert noted(text, language) == text  # type: ignore[arg-type]


def test_words_that_a_reader_is_sure_of_name_who_was_asked_for() -> None:
    sentence = "사업은 갯바람이 맡아 내년에 끝낸다."
    read = Words(4, 7, 0.9)
    assert sentence[4:7] == "갯바람"
    found = span.find(sentence, "사업을 맡은 단체는 어디인가요?", "ko", PUBLISHED, read)
    assert found and (found.candidate.start, found.candidate.end) == (4, 7)
    assert span.find(sentence, "갯바람 사업을 맡은 단체는 어디인가요?", "ko", PUBLISHED, read) is None
    assert span.find(sentence, "사업은 왜 늦어졌나요?", "ko", PUBLISHED, read) is None
