"""The pieces of the table of word vectors, held to those of the tokenizers library."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from index.embed import WORDS
from index.unigram import Unigram

FILE = WORDS / "tokenizer.json"
OURS, THEIRS = Unigram(FILE), Tokenizer.from_file(str(FILE))


@pytest.mark.parametrize(
    "text",
    [
        "정부는 2,700억 원을 들여 송도에 짓는다.",
        "Dassault Systèmes' K-Bio Lab Hub",
        "ㅋㅋㅋ 😀😀x",
        "漢字とかな",
        "",
        "\u3000 \x00a",
    ],
)
def test_pieces_are_those_of_the_library(text: str) -> None:
    assert OURS.ids(text) == THEIRS.encode(text, add_special_tokens=False).ids


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.one_of(st.sampled_from("가나다라마바사 억원%abcdefghs.,-’"), st.characters(codec="utf-8")), max_size=60)
)
def test_pieces_of_any_text_are_those_of_the_library(text: str) -> None:
    assert OURS.ids(text) == THEIRS.encode(text, add_special_tokens=False).ids


def test_a_model_of_another_kind_is_a_clear_error(tmp_path: Path) -> None:
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    other = tmp_path / "tokenizer.json"
    other.write_text(json.dumps({**stored, "model": {"type": "WordPiece"}}), encoding="utf-8")
    with pytest.raises(ValueError, match="expected a model of type Unigram, got WordPiece"):
        Unigram(other)
