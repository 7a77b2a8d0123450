"""The cross-encoder: how question and passage are laid out, and what the bundled one makes of them."""

from __future__ import annotations

import numpy as np
import pytest

from index.reading import LONGEST, LOWEST, NONE, SIGNS, WORDS, borders, likeliest, load_reader, met, sheet, vocabulary

KO = (
    "도청은 남부 해안에 해수 담수화 시설을 짓는다고 9일 발표했다.",
    "공사비는 모두 840억 원으로, 절반은 국비로 충당한다.",
    "하루 5만 톤의 물을 만들어 산업단지 두 곳에 보낸다.",
    "어민들은 배출되는 짠물이 양식장에 해를 끼칠 수 있다며 반대한다.",
    "준공은 2027년 가을로 잡혀 있다.",
)
EN = (
    "The province said on the 9th that it would build a desalination plant on its southern coast.",
    "Construction will cost 84 billion won in all, half of it paid from state funds.",
    "It will make 50,000 tons of water a day for two industrial parks.",
    "Fishermen object that the brine it discharges could harm fish farms.",
    "Completion is scheduled for the autumn of 2027.",
)
ASKED = (
    ("담수화 시설을 짓는 데 얼마가 드나요?", "How much does the desalination plant cost?", 1),
    ("왜 반대하는 사람들이 있나?", "Why do some people oppose it?", 3),
    ("시설은 언제 완공되나요?", "When will the plant be finished?", 4),
    ("하루에 물을 얼마나 생산합니까?", "How much water will it produce each day?", 2),
)
UNANSWERED = (
    ("담수화 시설의 시공사는 어디인가요?", "Which company will build the desalination plant?"),
    ("도지사는 몇 살인가요?", "How old is the governor?"),
)


class TestSheet:
    def test_question_and_sentences_stand_between_markers(self) -> None:
        known = vocabulary()
        asked, *told = known.pieces(["왜?", "비가 왔다.", "It rained."])
        laid = sheet(known, asked, told)
        ids = [known.start, *asked, known.end, *told[0], *told[1], known.end]
        assert list(laid.row.ids) == ids
        before = len(asked) + 2
        assert list(laid.row.types) == [0] * before + [1] * (len(ids) - before)
        assert list(laid.places) == [NONE] * before + [0] * len(told[0]) + [1] * len(told[1]) + [NONE]
        assert laid.row.match is not None and laid.row.match.shape == (len(ids), SIGNS)

    def test_what_is_too_long_is_cut(self) -> None:
        known = vocabulary()
        asked, *told = known.pieces(["왜 " * 500, *("비가 왔다. " * 30 for _ in range(20))])
        laid = sheet(known, asked, told)
        assert len(laid.row.ids) == len(laid.places) == LONGEST

    def test_an_empty_passage_and_an_unknown_question_have_no_matches(self) -> None:
        known = vocabulary()
        for asked, told in (([5], []), ([], [[7]]), ([], [])):
            laid = sheet(known, asked, told)
            assert laid.row.match is not None and not laid.row.match.any()

    def test_a_token_is_told_how_the_other_text_meets_it(self) -> None:
        known = vocabulary()
        asked, told = known.pieces(["투자 금액 고래", "the investment rose 금액"])
        ours, theirs = met(known, asked, told)
        same, near = asked.index(known.pieces(["금액"])[0][0]), 0
        assert ours[same, 0] == pytest.approx(1.0) and ours[same, 1] == 1.0
        assert 0.4 < ours[near, 0] < 1.0 and ours[near, 1] == 0.0
        assert theirs[-1, 1] == 1.0 and not theirs[:, 2].any()
        assert ((ours >= 0) & (ours <= 1.001)).all()


ANY = np.ones(40, dtype=bool)


class TestLikeliest:
    @pytest.mark.parametrize("every", [1, 3])
    def test_it_is_the_best_sum_of_first_and_last_in_order_that_words_begin_and_end(self, every: int) -> None:
        logits = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
        begins, ends = np.arange(40) % every == 0, np.arange(40) % every == every - 1
        spans = [(a, b) for a in range(40) for b in range(a, min(40, a + WORDS)) if begins[a] and ends[b]]
        first, last, chance = likeliest(logits, begins, ends)
        assert (first, last) == max(spans, key=lambda span: logits[span[0], 0] + logits[span[1], 1])
        of = [np.exp(logits[:, side]) * may for side, may in enumerate((begins, ends))]
        assert chance == pytest.approx(of[0][first] / of[0].sum() * of[1][last] / of[1].sum(), rel=1e-4)

    def test_one_token_is_its_own_answer(self) -> None:
        assert likeliest(np.zeros((1, 2), np.float32), ANY[:1], ANY[:1]) == (0, 0, 1.0)

    def test_where_no_word_ends_behind_one_that_begins_any_span_may_answer(self) -> None:
        logits = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
        assert likeliest(logits, ANY, ~ANY) == likeliest(logits, ANY, ANY)


class TestBorders:
    @pytest.mark.parametrize(
        ("sentence", "begin", "wanted"),
        [
            ("협정은 은파컨벤션센터에서 맺었다.", "은파컨벤션센터", "은파컨벤션센터"),
            ("다음 회의는 부산에서 연다.", "부산", "부산"),
            ("두 명이 지원했다.", "두", "두 명"),
            ("It was signed in Port Ellery, Nova Scotia.", "Nova", "Nova Scotia"),
        ],
    )
    def test_an_answer_has_whole_words_and_no_particle(self, sentence: str, begin: str, wanted: str) -> None:
        at = sentence.index(begin)
        offsets = [(place, place + 1) for place in range(len(sentence))]  # as though each character were a token
        begins, ends = borders(sentence, offsets)
        last = at + len(wanted)
        assert begins[at] and not begins[at + 1 : at + len(begin)].any()
        assert ends[last - 1] == last and not ends[last - 2] and not ends[last : last + 2].any()

    def test_a_particle_in_the_same_token_is_left_off(self) -> None:
        _, ends = borders("두 명이 왔다.", [(0, 1), (2, 4), (5, 7), (7, 8)])
        assert ends[1] == 3


class TestBundled:
    @pytest.mark.parametrize("told", [KO, EN], ids=["ko", "en"])
    @pytest.mark.parametrize("language", [0, 1], ids=["asked-ko", "asked-en"])
    def test_it_finds_the_sentence_that_answers(self, told: tuple[str, ...], language: int) -> None:
        for question in ASKED:
            (found,) = load_reader().read(str(question[language]), [told])
            assert int(found.odds.argmax()) == question[2], question

    @pytest.mark.parametrize("told", [KO, EN], ids=["ko", "en"])
    @pytest.mark.parametrize("language", [0, 1], ids=["asked-ko", "asked-en"])
    def test_it_holds_what_is_not_said_for_less_likely(self, told: tuple[str, ...], language: int) -> None:
        def best(question: str) -> float:
            return float(load_reader().read(question, [told])[0].odds.max())

        answered = np.mean([best(str(each[language])) for each in ASKED])
        assert all(best(each[language]) < answered for each in UNANSWERED)

    def test_company_and_order_change_nothing(self) -> None:
        question = str(ASKED[0][0])
        (alone,) = load_reader().read(question, [KO])
        together = load_reader().read(question, [EN, KO[:2], KO])
        assert np.allclose(alone.odds, together[2].odds, atol=1e-3)
        assert alone.words == together[2].words
        assert [len(each.odds) for each in together] == [len(each.words) for each in together] == [5, 2, 5]

    def test_it_points_at_the_words_that_answer(self) -> None:
        (ko,), (en,) = (load_reader().read("When will the plant be finished?", [told]) for told in (KO, EN))
        assert "2027년 가을" in KO[4][slice(*ko.words[4][:2])]
        assert "2027" in EN[4][slice(*en.words[4][:2])]

    def test_a_sentence_past_the_end_is_not_read(self) -> None:
        (found,) = load_reader().read("왜?", [["아주 긴 문장이 이어진다. " * 100, "비가 왔기 때문이다."]])
        assert found.odds[1] == LOWEST < found.odds[0]
        assert found.words[1] == (0, 0, 0.0)

    def test_nothing_to_read_gives_nothing(self) -> None:
        assert load_reader().read("왜?", []) == []
        (found,) = load_reader().read("왜?", [[""]])
        assert found.odds.shape == (1,) and found.odds[0] == LOWEST
