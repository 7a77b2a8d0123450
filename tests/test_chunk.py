"""Passages: exact offsets, whole sentences, none lost, bounded in tokens, footnotes beside what they explain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import SAMPLES
from index import tokens
from index.chunk import MAX_TOKENS, chunk, notes
from index.normalise import language_of, normalise
from index.read import read_article
from index.terms import sentences
from index.types import Article, Passage

BANK = [
    "송도에 들어설 실험실은 2,700억 원이 드는 사업이다.",
    "장관은 “지원하겠다. 서두르겠다.”라고 말했다.",
    "성장률은 3.5%였다.",
    "The hub will cost 270 billion won.",
    "Mr. Kim of Acme Inc. said it was ready.",
    '"Is it?" she asked.',
    "규제(規制) 완화 😀",
    "** 두 별이 붙은 설명",
    "* a note",
    "그 시설*은 비어 있다.",
    "The lab* is empty.",
]
TEXTS = st.lists(
    st.tuples(st.sampled_from(BANK) | st.text(max_size=20), st.sampled_from([" ", "\n", "\n\n"])), max_size=14
).map(lambda pairs: normalise("".join(sentence + gap for sentence, gap in pairs)))


def article(text: str) -> Article:
    return Article("a", "a.txt", "/a.txt", language_of(text), text)


def check(text: str, passages: tuple[Passage, ...], limit: int) -> None:
    spans = [span for passage in passages for span in passage.sentences]
    assert spans == sentences(text)
    assert len({passage.id for passage in passages}) == len(passages)
    for passage in passages:
        assert text[passage.start : passage.end] == passage.text
        assert passage.id.startswith("a:") and passage.article_id == "a"
        assert (passage.start, passage.end) == (passage.sentences[0][0], passage.sentences[-1][1])
        told = [text[a:b] for a, b in passage.sentences]
        whole = len(told) == 1 or tokens.count(passage.text) <= limit
        assert whole or any(sentence.startswith("*") for sentence in told[1:])


@given(TEXTS, st.integers(8, 60))
@settings(max_examples=80, deadline=None)
def test_any_text_is_cut_exactly(text: str, limit: int) -> None:
    check(text, chunk(article(text), limit), limit)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*/*.md")), ids=lambda path: path.stem)
def test_a_real_article_is_cut_exactly(path: Path) -> None:
    read = read_article(path, article_id="a")
    passages = chunk(read)
    check(read.text, passages, MAX_TOKENS)
    assert "".join("".join(p.text.split()) for p in passages) == "".join(read.text.split())


def test_a_passage_keeps_its_id_as_long_as_its_vector_would_be_the_same() -> None:
    one, other = "The lab is empty and has no windows.", "The hub has many rooms on two floors."
    before = chunk(article(f"{one}\n\n{other}"), 8)
    after = chunk(article(f"It rains all day long in the town.\n\n{one}\n\n{other}\n\n{one}"), 8)
    assert [p.id for p in after[1:3]] == [p.id for p in before]
    assert after[3].text == after[1].text and after[3].id == f"{after[1].id}-2"
    titled = chunk(replace(article(f"{one}\n\n{other}"), title="A title"), 8)
    assert {p.id for p in titled}.isdisjoint(p.id for p in before)


def test_passages_are_filled_before_a_new_one_begins() -> None:
    text = " ".join(f"Sentence number {number} of many is here." for number in range(200))
    passages = chunk(article(text))
    assert len(passages) > 1
    assert all(tokens.count(p.text) > MAX_TOKENS * 0.8 for p in passages[:-1])


def test_a_sentence_longer_than_the_limit_stands_alone() -> None:
    long = "This " + "very " * 400 + "long sentence ends."
    passages = chunk(article(f"It begins. {long} It ends."))
    assert [p.text for p in passages] == ["It begins.", long, "It ends."]


def test_nothing_gives_nothing() -> None:
    assert chunk(article("")) == ()
    assert chunk(article(" \n ")) == ()


class TestNotes:
    def explained(self, text: str) -> dict[str, str]:
        return {text[slice(*note.span)]: text[slice(*note.anchor)] for note in notes(text, sentences(text))}

    def test_a_note_explains_the_sentence_with_its_mark(self) -> None:
        text = "공유 실험실*을 짓는다. 예산은 100억 원이다.\n장비도 산다.\n* 공유 실험실: 여러 회사가 함께 쓰는 실험실"
        assert self.explained(text) == {"* 공유 실험실: 여러 회사가 함께 쓰는 실험실": "공유 실험실*을 짓는다."}

    def test_a_mark_is_as_many_stars_as_the_note_has(self) -> None:
        text = "The lab* opens. The fund** follows.\n* shared by firms\n** run by the state"
        assert self.explained(text) == {
            "* shared by firms": "The lab* opens.",
            "** run by the state": "The fund** follows.",
        }

    def test_the_nearest_mark_before_the_note_is_meant(self) -> None:
        text = "The lab* opens.\n* shared by firms\nThe fund* follows.\n* run by the state"
        assert self.explained(text)["* run by the state"] == "The fund* follows."

    def test_without_a_mark_the_sentence_before_is_meant(self) -> None:
        text = "It opens. It is big.\n* 40,000 square meters"
        assert self.explained(text) == {"* 40,000 square meters": "It is big."}

    def test_a_note_with_nothing_before_it_explains_nothing(self) -> None:
        assert self.explained("* a list entry\n* another entry") == {}

    def test_a_note_stays_with_its_sentence_even_past_the_limit(self) -> None:
        filler = "Another sentence fills the passage here. " * 3
        text = f"{filler}The lab* opens.\n* {'shared ' * 30}by firms\nThe fund follows."
        limit = tokens.count(filler + "The lab* opens.") + 6
        first, second = chunk(article(text), limit)
        assert first.text.endswith("by firms") and "The lab* opens." in first.text
        assert second.text == "The fund follows."
