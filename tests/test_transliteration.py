"""Names and loanwords across scripts. The vocabulary that the examples must be found in holds all of them at once."""

from __future__ import annotations

import math
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import sounds
from index.romanization import pronounce
from index.transliteration import THRESHOLD, SoundIndex, key, romanize, similarity, sounds_alike, spelled_out

BRIEF = [
    ("랩센트럴", "LabCentral"),
    ("다쏘시스템", "Dassault Systèmes"),
    ("이영", "Lee Young"),
    ("모더나", "Moderna"),
    ("요하네스 프로이하우프", "Johannes Fruehauf"),
    ("윤석열", "Yoon Suk Yeol"),
    ("매사추세츠", "Massachusetts"),
    ("알레르기", "allergy"),
    ("송도", "Songdo"),
    ("마곡동", "Magok-dong"),
    ("강서구", "Gangseo-gu"),
    ("부산", "Busan"),
    ("광주", "Gwangju"),
]

KNOWN = [
    ("런던", "London"), ("파리", "Paris"), ("베를린", "Berlin"), ("뉴욕", "New York"), ("보스턴", "Boston"),
    ("샌프란시스코", "San Francisco"), ("캘리포니아", "California"), ("케임브리지", "Cambridge"),
    ("싱가포르", "Singapore"), ("헬싱키", "Helsinki"), ("스톡홀름", "Stockholm"), ("바르셀로나", "Barcelona"),
    ("취리히", "Zürich"), ("도쿄", "Tokyo"), ("오사카", "Osaka"), ("시드니", "Sydney"), ("토론토", "Toronto"),
    ("인천", "Incheon"), ("대전", "Daejeon"), ("판교", "Pangyo"), ("오송", "Osong"), ("종로", "Jongno"),
    ("강남", "Gangnam"), ("제주", "Jeju"), ("화이자", "Pfizer"), ("구글", "Google"), ("마이크로소프트", "Microsoft"),
    ("테슬라", "Tesla"), ("지멘스", "Siemens"), ("노바티스", "Novartis"), ("아스트라제네카", "AstraZeneca"),
    ("바이엘", "Bayer"), ("엔비디아", "Nvidia"), ("인텔", "Intel"), ("퀄컴", "Qualcomm"), ("아마존", "Amazon"),
    ("넷플릭스", "Netflix"), ("스타벅스", "Starbucks"), ("폭스바겐", "Volkswagen"), ("코카콜라", "Coca-Cola"),
    ("알베르트 아인슈타인", "Albert Einstein"), ("마리 퀴리", "Marie Curie"), ("버락 오바마", "Barack Obama"),
    ("앙겔라 메르켈", "Angela Merkel"), ("에마뉘엘 마크롱", "Emmanuel Macron"), ("빌 게이츠", "Bill Gates"),
    ("스티브 잡스", "Steve Jobs"), ("일론 머스크", "Elon Musk"), ("반기문", "Ban Ki-moon"),
    ("김대중", "Kim Dae-jung"), ("박지성", "Park Ji-sung"), ("손흥민", "Son Heung-min"), ("봉준호", "Bong Joon-ho"),
    ("조수미", "Sumi Jo"), ("이순신", "Yi Sun-sin"), ("정몽구", "Chung Mong-koo"), ("최민식", "Choi Min-sik"),
    ("김연아", "Yuna Kim"), ("바이오", "bio"), ("클러스터", "cluster"), ("스타트업", "startup"),
    ("인큐베이터", "incubator"), ("데이터", "data"), ("플랫폼", "platform"), ("엑셀러레이터", "accelerator"),
    ("백신", "vaccine"), ("파트너", "partner"), ("인프라", "infra"), ("로봇", "robot"), ("디지털", "digital"),
    ("컨소시엄", "consortium"), ("프로젝트", "project"), ("에너지", "energy"), ("캠퍼스", "campus"),
    ("엠아이티", "MIT"), ("카이스트", "KAIST"),
]  # fmt: skip

UNRELATED = [
    ("클러스터", "vaccine"), ("인천", "London"), ("바이오", "campus"), ("보스턴", "Berlin"), ("이영", "Pfizer"),
    ("모더나", "government"), ("규제", "deregulation"), ("투자", "investment"), ("병원", "hospital"),
    ("강서구", "Songdo"), ("파리", "people"), ("데이터", "doctor"), ("화이자", "Moderna"), ("김연아", "Kim Dae-jung"),
    ("정부", "government"), ("기업", "company"), ("서울", "several"), ("연구", "young"), ("윤석열", "Lee Young"),
    ("창업", "change"), ("의사", "easy"), ("지원", "support"), ("사업", "business"), ("시장", "market"),
]  # fmt: skip


@pytest.fixture(scope="module")
def index() -> SoundIndex:
    return SoundIndex([term for pair in BRIEF + KNOWN + UNRELATED for term in pair])


@pytest.mark.parametrize(("hangul", "latin"), BRIEF)
def test_examples_are_found_from_both_sides(index: SoundIndex, hangul: str, latin: str) -> None:
    assert index.search(latin)[0][0] == hangul
    assert index.search(hangul)[0][0] == latin
    assert sounds_alike(hangul, latin) == sounds_alike(latin, hangul) >= THRESHOLD


@pytest.mark.parametrize(
    ("hangul", "variants"),
    [
        ("이영", ("Lee Young", "Young Lee", "Yi Yeong", "Rhee Young", "Lee, Young")),
        ("윤석열", ("Yoon Suk Yeol", "Yoon Suk-yeol", "Suk-yeol Yoon", "Yun Seok-yeol", "Yoon Seokyoul")),
        ("박영희", ("Park Young-hee", "Pak Yonghui", "Bak Yeong-hui", "Younghee Park")),
        ("조정현", ("Cho Jung-hyun", "Jo Jeong-hyeon", "Chung-hyun Cho", "Cho Jeonghyun")),
        ("최강", ("Choi Kang", "Choe Gang", "Kang Choi")),
        ("정주영", ("Chung Ju-yung", "Jung Joo Young", "Jeong Ju-yeong")),
        ("부산", ("Busan", "Pusan")),
        ("광주", ("Gwangju", "Kwangju")),
        ("대구", ("Daegu", "Taegu")),
        ("신라", ("Silla", "Sinla")),
        ("독립문", ("Dongnimmun", "Dongnim-mun")),
    ],
)
def test_spellings_of_korean_names(hangul: str, variants: tuple[str, ...]) -> None:
    assert {v: s for v in variants if (s := similarity(hangul, v)) < THRESHOLD} == {}


def test_accuracy_on_known_names(index: SoundIndex) -> None:
    to_hangul = [pair for pair in KNOWN if (r := index.search(pair[1], 1)) and r[0][0] == pair[0]]
    to_latin = [pair for pair in KNOWN if (r := index.search(pair[0], 1)) and r[0][0] == pair[1]]
    assert len(KNOWN) >= 60
    assert len(to_hangul) >= 0.9 * len(KNOWN), set(KNOWN) - set(to_hangul)
    assert len(to_latin) >= 0.9 * len(KNOWN), set(KNOWN) - set(to_latin)


def test_unrelated_words_are_kept_apart() -> None:
    alike = [(h, e, s) for h, e in UNRELATED if (s := similarity(h, e)) >= THRESHOLD]
    assert alike == []


def test_wrong_pairings_of_known_names_are_rare() -> None:
    names = BRIEF + KNOWN
    pairs = [(h, e) for h, mine in names for _, e in names if e != mine]
    alike = [(h, e) for h, e in pairs if similarity(h, e) >= THRESHOLD]
    assert len(alike) <= 0.005 * len(pairs), alike


def test_short_accidents_score_below_long_agreement() -> None:
    assert similarity("이", "I") < similarity("매사추세츠", "Massachusetts")
    assert similarity("오", "o") < 0.9


@settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_gives_a_score(one: str, other: str) -> None:
    assert 0.0 <= similarity(one, other) <= 1.0
    assert 0.0 <= sounds_alike(one, other) <= 1.0
    assert sounds_alike(one, other) == sounds_alike(other, one)
    assert key(one).isascii() or not key(one)
    assert isinstance(romanize(one), str)


@settings(deadline=None)
@given(
    st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=8),
    st.text("abcdefghijklmnopqrstuvwxyz -'éü", max_size=14),
)
def test_names_of_any_letters_give_a_score(hangul: str, latin: str) -> None:
    assert 0.0 <= similarity(hangul, latin) <= 1.0
    assert romanize(hangul).isascii()
    assert len(pronounce(hangul)) == len(hangul)
    assert similarity(unicodedata.normalize("NFD", hangul), latin) == similarity(hangul, latin)


@settings(deadline=None)
@given(st.lists(st.text(max_size=12), max_size=12), st.text(max_size=12))
def test_any_vocabulary_can_be_searched(terms: list[str], word: str) -> None:
    found = SoundIndex(terms).search(word, limit=3, threshold=0.2)
    assert len(found) <= 3
    assert all(term in terms and 0.2 <= score <= 1.0 for term, score in found)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


@pytest.mark.parametrize("word", ["", " ", "2023", "?!", "漢字", "ㅋㅋ"])
def test_words_without_sounds_find_nothing(index: SoundIndex, word: str) -> None:
    assert index.search(word) == []
    assert similarity("서울", word) < THRESHOLD
    assert similarity("", word) == 0.0


def test_one_script_compares_by_spelling() -> None:
    assert sounds_alike("다쏘 시스템", "다쏘시스템") == 1.0
    assert sounds_alike("Systèmes", "systemes") == 1.0
    assert sounds_alike("서울", "부산") == 0.0
    assert sounds_alike("", "") == 0.0


@pytest.mark.parametrize(
    ("hangul", "latin"),
    [
        ("종로", "jongno"), ("신라", "silla"), ("독립문", "dongnimmun"), ("왕십리", "wangsimni"), ("별내", "byeollae"),
        ("같이", "gachi"), ("해돋이", "haedoji"), ("놓다", "nota"), ("묵호", "mukho"), ("압구정", "apgujeong"),
        ("한라산", "hallasan"), ("설악", "seorak"), ("백마", "baengma"), ("마곡동", "magokdong"), ("읽다", "ikda"),
        ("강서구 3동", "gangseogu 3dong"), ("Seoul", "Seoul"), ("", ""),
    ],
)  # fmt: skip
def test_romanize(hangul: str, latin: str) -> None:
    assert romanize(hangul) == latin


def test_keys_meet_across_scripts() -> None:
    assert key("모더나")[0] == key("Moderna")[0] == "M"
    assert key("클러스터").lower() != key("클러스터")
    assert [c for c in key("랩센트럴") if c.isupper()] == [c for c in key("LabCentral") if c.isupper()]


def test_spelled_out_acronyms() -> None:
    assert spelled_out("엠아이티") == "mit"
    assert spelled_out("에이치아이브이") == "hiv"
    assert spelled_out("랩센트럴") == ""
    assert similarity("엠아이티", "MIT") > 0.9


def test_weights_say_which_line_is_broken(tmp_path: Path) -> None:
    broken = tmp_path / "sounds.tsv"
    broken.write_text("# weights\nchunk\t스\ts=4.8\n", "utf-8")
    with pytest.raises(ValueError, match=r"sounds\.tsv:2: expected kind"):
        sounds.weights(broken)


def test_alignment_prefers_the_shared_sound() -> None:
    chunks = sounds.weights().chunks
    right = sounds.align(sounds.jamo("보스턴"), "boston", chunks)
    assert right > sounds.align(sounds.jamo("보스턴"), "austin", chunks)
    assert math.isfinite(sounds.align(sounds.jamo("보스턴"), "", chunks))


def test_a_large_vocabulary_is_searched_quickly() -> None:
    onsets, vowels, codas = "bdghjklmnprst", ("a", "eo", "i", "o", "u", "ae"), ("", "n", "l", "ng", "k")
    syllables = [o + v + c for o in onsets for v in vowels for c in codas]
    terms = [a + b for a in syllables for b in syllables][:20_000] + ["massachusetts"]
    index = SoundIndex(terms)
    started = time.process_time()
    assert index.search("매사추세츠")[0][0] == "massachusetts"
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize("hangul", ["보스턴", "랩센트럴", "이영", "샤를", "제3호", "SK하이닉스", "ㄱ", "엠아이티"])
def test_what_a_threshold_lets_pass_is_as_likely_as_without_one(hangul: str) -> None:
    for latin in ("Boston", "LabCentral", "Lee Young", "Young Lee", "Charles", "3", "SK Hynix", "2024", "g", "MIT"):
        whole, kept = similarity(hangul, latin), similarity(hangul, latin, THRESHOLD)
        assert kept == pytest.approx(whole) if whole >= THRESHOLD else kept < THRESHOLD
