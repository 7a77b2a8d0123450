"""Terms and sentence borders in Korean, in English, and in text that mixes them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import english, korean
from index.normalise import language_of, normalise
from index.terms import analyse, sentences

MIXED = st.lists(
    st.sampled_from(
        [
            "송도에",
            "랩센트럴은",
            "중소벤처기업부",
            "K-바이오",
            "2,700억 원",
            "3.5%",
            "U.S.",
            "R&D",
            "Lee Young",
            "열렸다.",
            "ended.",
            "‘허브’",
            "😀",
            "é",
            "\n",
        ]
    )
    | st.text(max_size=6),
    max_size=12,
).map(" ".join)


def forms(text: str) -> list[str]:
    return [str(term) for term in analyse(text)]


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


class TestKoreanTerms:
    def test_inflected_words_share_their_dictionary_form(self) -> None:
        assert "열리" in forms("회의가 열렸다.")
        assert "열리" in forms("회의가 열린다고 밝혔다.")

    def test_particles_and_endings_are_no_terms(self) -> None:
        assert forms("인천에서 송도까지") == forms("인천 송도")

    def test_a_compound_gives_its_parts_and_the_whole(self) -> None:
        terms = analyse("중소벤처기업부가 발표했다.")
        assert {"중소", "벤처", "기업", "중소벤처기업부"} <= set(map(str, terms))
        assert [t.tag for t in terms if t == "중소벤처기업부"] == ["compound"]

    def test_a_compound_does_not_reach_over_a_space(self) -> None:
        assert "규제완화" in forms("규제완화를 건의했다.")
        assert "규제완화" not in forms("규제 완화를 건의했다.")

    def test_an_unknown_name_has_the_same_whole_in_every_sentence(self) -> None:
        for sentence in ("랩센트럴은 비영리 기관이다.", "보스턴의 랩센트럴을 찾았다.", "랩센트럴"):
            assert "랩센트럴" in forms(sentence)

    def test_words_that_ask_say_nothing(self) -> None:
        assert forms("무엇을 하나요?") == []
        assert forms("허브는 언제 어디에 무엇을 위해 생기나요?") == forms("허브 생기다")

    def test_tags_name_persons(self) -> None:
        surnames = [tag for surface, tag, *_ in korean.tags("김민수 교수") if surface.startswith("김")]
        assert surnames == ["NNP"]


class TestEnglishTerms:
    def test_forms_of_a_word_share_a_stem(self) -> None:
        assert len({english.stem(word) for word in ("invest", "Invested", "investing", "INVESTS")}) == 1

    @pytest.mark.parametrize("written", ["US", "U.S.", "USA", "U.S.A.", "u.s."])
    def test_the_united_states_is_one_term(self, written: str) -> None:
        assert english.stem(written) == "usa"

    def test_us_the_pronoun_is_no_country(self) -> None:
        assert forms("They told us.") == ["told"]
        assert "usa" in forms("the US economy")

    def test_numbers_lose_their_commas_only(self) -> None:
        assert forms("2,700 firms, 3.5 percent") == ["2700", "firm", "3.5", "percent"]

    def test_a_name_is_given_whole_without_its_title(self) -> None:
        found = {str(term): term.tag for term in analyse("Minister Lee Young opened it.")}
        assert found["lee young"] == "compound"
        assert found["lee"] == found["young"] == "name"

    def test_a_hyphen_in_a_name_changes_nothing_of_the_whole(self) -> None:
        assert "yoon suk yeol" in forms("President Yoon Suk-yeol")
        assert "yoon suk yeol" in forms("President Yoon Suk Yeol")

    def test_accents_and_case_do_not_matter(self) -> None:
        assert forms("Dassault Systèmes") == forms("Dassault Systemes")
        assert forms("São Paulo") == ["sao", "sao paulo", "paulo"] == forms("Sao Paulo")
        assert forms("ZÜRICH") == forms("zurich")

    def test_ampersands_and_digits_stay_in_words(self) -> None:
        assert {"r&d", "5g"} <= set(forms("R&D on 5G"))

    def test_function_words_and_words_that_ask_say_nothing(self) -> None:
        assert forms("Who is it, and when would they be there?") == []


class TestAnalyse:
    def test_both_scripts_stand_in_the_order_of_the_text(self) -> None:
        terms = [t for t in analyse("MIT와 협력하는 Songdo 허브") if t.tag != "compound"]
        assert list(map(str, terms)) == ["mit", "협력", "songdo", "허브"]

    @given(MIXED)
    @settings(max_examples=80, deadline=None)
    def test_every_term_points_into_the_text(self, text: str) -> None:
        terms = analyse(text)
        assert [(t.start, t.end) for t in terms] == sorted((t.start, t.end) for t in terms)
        for term in terms:
            assert 0 <= term.start < term.end <= len(text)
            if term.tag == "compound" and korean.HANGUL.search(term):
                assert text[term.start : term.end] == term
            assert str(term) and "\n" not in term and not any(c.isupper() for c in term)

    def test_signs_outside_the_basic_plane_do_not_shift_offsets(self) -> None:
        text = "😀😀 랩센트럴은 👩‍🔬 허브다. Kendall Square 😀 is here."
        places = {str(t): text[t.start : t.end] for t in analyse(text)}
        assert places["랩센트럴"] == "랩센트럴"
        assert places["허브"] == "허브"
        assert places["squar"] == "Square"

    @pytest.mark.parametrize(
        "text", ["송도에 K-바이오 랩 허브가 들어선다. 곧 연다.", "Dassault Systèmes met Lee Young"]
    )
    def test_composed_and_decomposed_text_have_the_same_terms_and_sentences(self, text: str) -> None:
        """Text is composed when it is read, before it comes here."""
        composed = normalise(unicodedata.normalize("NFD", text))
        assert forms(composed) == forms(text)
        assert split(composed) == split(text)


class TestLanguage:
    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("정부는 MIT와 LabCentral을 방문했다", "ko"),
            ("한국 스타트업은 CES, MWC에서 MOU 10건을 맺었다", "ko"),
            ("President Yoon (윤석열) spoke at length about the alliance in Washington", "en"),
            ("", "en"),
            ("2,700 (5%)", "en"),
        ],
    )
    def test_language_goes_by_the_share_of_hangul(self, text: str, language: str) -> None:
        assert language_of(text) == language


class TestEnglishSentences:
    @pytest.mark.parametrize(
        "text",
        [
            "Mr. Lee met Dr. Kim of Acme Corp. on Monday.",
            "The U.S. economy grew by 3.5 percent in the year to Sept. 30.",
            "Several firms, e.g. Moderna and Pfizer, rent space near St. Mary's.",
            "It was ranked No. 1 by J. K. Ahn in 2023.",
            "The fund is worth 1.5 trillion won.",
            "Visit example.com for details.",
            "He came at 9 a.m. and left at 5 p.m. on the same day.",
        ],
    )
    def test_these_full_stops_end_nothing(self, text: str) -> None:
        assert split(text) == [text]

    @pytest.mark.parametrize(
        "parts",
        [
            ("It grew by 3.5 percent.", "Then it fell."),
            ('He said, "It works."', "Then he left."),
            ("“We will invest,” he said.", "“How much?” they asked."),
            ("Is it so?", "Yes!", "It is."),
            ("It was built by Acme Inc.", "The firm is old."),
            ("They flew to the U.S.", "The visit lasted a week."),
            ("It opened in 2019.", "40 firms moved in."),
            ("They wait…", "Nothing comes."),
            ("It closed (see below.)", "It reopened."),
        ],
    )
    def test_these_end_a_sentence(self, parts: tuple[str, ...]) -> None:
        assert split(" ".join(parts)) == list(parts)


class TestKoreanSentences:
    @pytest.mark.parametrize(
        "parts",
        [
            ("성장률은 3.5%였다.", "이듬해에는 2.1%로 낮아졌다."),
            ("그는 “좋다. 아주 좋다.”라고 말했다.", "회의는 곧 끝났다."),
            ("‘K-바이오 랩 허브’는 2025년에 완공된다.", "모두 2,700억 원이 든다."),
            ("4.28.(금) 회의가 열렸다.", "장관이 참석했다."),
            ('장관은 "지원하겠다"고 했다.', "그리고 자리를 떠났다."),
            ("정말 그럴까?", "그렇다!", "두고 보자."),
            ("Acme Inc.가 참여했습니다.", "U.S. 달러로 투자합니다."),
        ],
    )
    def test_borders(self, parts: tuple[str, ...]) -> None:
        assert split(" ".join(parts)) == list(parts)


class TestSentences:
    def test_a_line_end_is_always_a_border(self) -> None:
        assert split("제목에는 마침표가 없다\n본문은 여기서 시작한다.") == [
            "제목에는 마침표가 없다",
            "본문은 여기서 시작한다.",
        ]
        assert split("A headline\n\n  It begins here. ") == ["A headline", "It begins here."]

    def test_each_line_has_its_own_language(self) -> None:
        text = "허브가 문을 연다. 곧이다.\nMr. Lee came. He left."
        assert split(text) == ["허브가 문을 연다.", "곧이다.", "Mr. Lee came.", "He left."]

    @given(MIXED)
    @settings(max_examples=60, deadline=None)
    def test_nothing_visible_is_lost_and_spans_do_not_overlap(self, text: str) -> None:
        spans = sentences(text)
        assert all(text[a:b] == text[a:b].strip() and a < b for a, b in spans)
        assert all(first[1] <= second[0] for first, second in zip(spans, spans[1:], strict=False))
        between = [a for a, _ in spans] + [len(text)], [0] + [b for _, b in spans]
        assert all(not text[end:start].strip() for start, end in zip(*between, strict=True))
