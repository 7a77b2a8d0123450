"""The lexicon: translations both ways, phrases, paraphrases, rarity, and that its tables are what is committed."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import pytest

from index import lexicon
from index.align import _write, learn, phrases
from index.english import stem
from index.korean import Term
from index.lexicon import DATA, LONGEST, Lexicon
from index.terms import analyse
from index.types import Language

TABLE = lexicon.load()


def words(text: str) -> list[Term]:
    return [term for term in analyse(text) if term.tag != "compound"]


@pytest.mark.parametrize(
    ("term", "language", "translation"),
    [
        ("투자", "ko", "invest"),
        ("정부", "ko", "govern"),
        ("수출", "ko", "export"),
        ("장관", "ko", "minist"),
        ("semiconductor", "en", "반도체"),
        ("invest", "en", "투자"),
        ("incheon", "en", "인천"),
        (stem("university"), "en", "대학"),
    ],
)
def test_common_words_are_known(term: str, language: Language, translation: str) -> None:
    bag = TABLE.word(term, language)
    assert TABLE.knows(term, language)
    assert any(found.startswith(translation) for found in bag), bag


def test_the_usual_translation_weighs_most() -> None:
    for term, language, usual in (("정부", "ko", "govern"), ("semiconductor", "en", "반도체")):
        bag = TABLE.word(term, language)
        assert max(bag, key=lambda found: bag[found]) == usual


def test_an_unknown_word_has_no_translation() -> None:
    assert TABLE.word("zzqxv", "en") == {}
    assert not TABLE.knows("zzqxv", "en")
    assert TABLE.paraphrases("zzqxv", "en") == {}


def test_weights_are_shares() -> None:
    for language in ("ko", "en"):
        for term in (*TABLE._shares[language], *TABLE._phrases[language]):
            bag = TABLE.word(term, language)
            assert all(0 < weight <= 1 for weight in bag.values())
            assert sum(bag.values()) <= 1.01, (term, bag)  # the table is rounded to three places


class TestConcepts:
    @pytest.mark.parametrize(
        ("text", "language", "phrase", "translation"),
        [
            ("the free economic zone in Incheon", "en", "free econom zone", "경제자유구역"),
            ("규제 완화를 추진한다", "ko", "규제 완화", "deregul"),
            ("중소벤처기업부는 밝혔다", "ko", "중소 벤처 기업 부", "smes"),
        ],
    )
    def test_the_longest_phrase_is_one_concept(
        self, text: str, language: Language, phrase: str, translation: str
    ) -> None:
        found = {" ".join(c.terms): c.translations for c in TABLE.concepts(words(text), language)}
        assert translation in found[phrase]

    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("중소벤처기업부는 인천 경제자유구역의 규제 완화를 추진한다고 이영 장관이 밝혔다", "ko"),
            ("The Ministry of SMEs and Startups said zzqxv would build a bio hub in the free economic zone", "en"),
        ],
    )
    def test_every_term_is_covered_once_in_order(self, text: str, language: Language) -> None:
        terms = words(text)
        concepts = TABLE.concepts(terms, language)
        assert [term for concept in concepts for term in concept.terms] == terms
        for concept in concepts:
            assert 1 <= len(concept.terms) <= LONGEST
            assert sum(concept.translations.values()) <= len(concept.terms) * 1.01

    def test_a_phrase_keeps_the_translations_of_its_words(self) -> None:
        own = Lexicon([("규제 완화", "deregul")], [("규제", "regul", 0.9, 0.9), ("완화", "eas", 0.5, 0.5)], {"": 10})
        (concept,) = own.concepts(words("규제 완화"), "ko")
        assert concept.translations == pytest.approx({"deregul": 1.2, "regul": 0.36, "eas": 0.2})

    def test_nothing_gives_nothing(self) -> None:
        assert TABLE.concepts([], "ko") == []


class TestSmallLexicon:
    table = Lexicon(
        [("칩", "chip"), ("반도체", "chip"), ("반도체", "semiconductor"), ("국제 기구", "world bodi")],
        [("반도체", "semiconductor", 0.8, 0.9), ("반도체", "wafer", 0.02, 0.6), ("칩", "chip", 0.6, 0.5)],
        {"": 99, "반도체": 9, "칩": 99},
    )

    def test_learned_and_hand_made_shares_are_mixed(self) -> None:
        mixed = self.table.word("반도체", "ko")
        hand = lexicon.HAND_SHARE
        expected = {"semiconductor": (1 - hand) * 0.8 + hand / 2, "chip": hand / 2}
        assert mixed == pytest.approx(expected)  # and what is left of "wafer" is too little to keep

    def test_a_translation_of_several_words_splits_its_share(self) -> None:
        assert self.table.concepts(words("국제 기구"), "ko")[0].translations == pytest.approx(
            {"world": 0.6, "bodi": 0.6}
        )

    def test_each_direction_has_its_own_probability(self) -> None:
        assert self.table.word("wafer", "en") == pytest.approx({"반도체": 0.6})

    def test_paraphrases_go_there_and_back(self) -> None:
        there, back = self.table.word("칩", "ko"), self.table.word("chip", "en")
        assert self.table.paraphrases("칩", "ko") == pytest.approx({"반도체": there["chip"] * back["반도체"]})

    def test_equivalence_is_symmetric_and_a_share(self) -> None:
        assert self.table.equivalent("반도체", "semiconductor") == pytest.approx(
            max(self.table.word("반도체", "ko")["semiconductor"], self.table.word("semiconductor", "en")["반도체"])
        )
        assert self.table.equivalent("칩", "semiconductor") == 0.0

    def test_rarity_falls_with_frequency(self) -> None:
        assert self.table.rarity("wafer") == 1.0
        assert self.table.rarity("반도체") == pytest.approx(math.log(10) / math.log(100))
        assert self.table.rarity("칩") == 0.0


def test_paraphrases_do_not_repeat_the_word_itself() -> None:
    bag = TABLE.paraphrases("semiconductor", "en")
    assert "chip" in bag and "semiconductor" not in bag
    assert all(0 < weight <= 1 for weight in bag.values())


def test_common_words_are_less_telling_than_rare_ones() -> None:
    assert 0 <= TABLE.rarity("정부") < TABLE.rarity("반도체") < TABLE.rarity("zzqxv") == 1.0
    assert 0 <= TABLE.rarity("korea") < TABLE.rarity("semiconductor")


class TestTables:
    def test_the_phrases_are_those_of_the_committed_lexicon(self) -> None:
        with gzip.open(DATA / "phrases.tsv.gz", "rt", encoding="utf-8") as lines:
            stored = lines.read().splitlines()
        assert phrases(DATA) == stored

    def test_probabilities_are_sorted_pairs_of_which_both_give_a_share(self) -> None:
        with gzip.open(DATA / "probabilities.tsv.gz", "rt", encoding="utf-8") as lines:
            rows = [line.rstrip("\n").split("\t") for line in lines]
        assert [row[:2] for row in rows] == sorted(row[:2] for row in rows)
        assert all(0 <= float(share) <= 1 for row in rows for share in row[2:])
        assert all(max(float(row[2]), float(row[3])) >= 0.04 for row in rows)

    def test_tables_are_written_the_same_twice(self, tmp_path: Path) -> None:
        for name in ("a.gz", "b.gz"):
            _write(tmp_path / name, ["가\ta", "나\tb"])
        assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
        assert gzip.decompress((tmp_path / "a.gz").read_bytes()).decode() == "가\ta\n나\tb\n"


def test_model_1_learns_which_word_explains_which() -> None:
    corpus = [
        (["집", "크"], ["big", "house"]),
        (["집"], ["house"]),
        (["크", "차"], ["big", "car"]),
        (["차"], ["car"]),
    ] * 3
    learned = learn(corpus)
    for source, target in (("집", "house"), ("크", "big"), ("차", "car")):
        assert learned[source, target] > 0.8
    for source in ("집", "크", "차"):
        assert sum(p for (s, _), p in learned.items() if s == source) <= 1.0 + 1e-9
