"""The bundled models: what they cost, what they know, and that sentence-transformers reads the table the same way."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from index.embed import (
    LONGEST,
    WORDS,
    EmbedderUnavailable,
    Encoder,
    StaticEncoder,
    encode_passages,
    load_encoder,
    load_words,
)
from index.errors import CorpusError
from index.network import MODEL, Network, Vocabulary
from index.reading import READER

KOREAN = [
    "한국은행은 기준금리를 동결하기로 결정했다.",
    "정부는 반도체 공장을 짓는 기업의 세금을 깎아 주기로 했다.",
    "대표팀은 결승전에서 승부차기 끝에 이겼다.",
    "태풍으로 항공편 수십 편이 결항했다.",
    "병원은 응급실 의사를 늘릴 계획이다.",
    "시는 낡은 지하철 전동차를 교체한다.",
]
ENGLISH = [
    "The Bank of Korea decided to keep its key interest rate unchanged.",
    "The government will cut taxes for companies that build semiconductor plants.",
    "The national team won the final after a penalty shootout.",
    "Dozens of flights were cancelled because of the typhoon.",
    "The hospital plans to hire more emergency room doctors.",
    "The city is replacing its ageing subway trains.",
]


@pytest.fixture(params=["bundled", "words"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    """Each of the two bundled encoders."""
    return load_encoder(request.param)


def test_vectors_are_float32_of_length_one(encoder: Encoder) -> None:
    vectors = encoder.encode(KOREAN + ENGLISH)
    assert vectors.shape == (12, encoder.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize(("asked", "told"), [(KOREAN, ENGLISH), (ENGLISH, KOREAN)])
def test_a_sentence_is_nearest_to_its_translation(encoder: Encoder, asked: list[str], told: list[str]) -> None:
    nearest = (encoder.encode(asked) @ encoder.encode(told).T).argmax(axis=1)
    assert nearest.tolist() == list(range(len(asked)))


@pytest.mark.parametrize(
    ("question", "answer", "other"),
    [
        ("금리는 어떻게 됐나요?", ENGLISH[0], ENGLISH[2]),
        ("Why were planes grounded?", KOREAN[3], KOREAN[1]),
        ("축구 경기는 누가 이겼어?", ENGLISH[2], ENGLISH[4]),
        ("Which firms pay less tax?", KOREAN[1], KOREAN[5]),
    ],
)
def test_a_question_is_nearer_to_the_text_that_answers_it(
    encoder: Encoder, question: str, answer: str, other: str
) -> None:
    asked, right, wrong = encoder.encode([question, answer, other])
    assert asked @ right > asked @ wrong


def test_decomposed_hangul_and_capitals_change_nothing(encoder: Encoder) -> None:
    texts = KOREAN + ENGLISH
    altered = [unicodedata.normalize("NFD", text).upper() for text in texts]
    assert np.allclose(encoder.encode(texts), encoder.encode(altered), atol=1e-4)


def test_a_text_gets_the_same_vector_in_any_company(encoder: Encoder) -> None:
    texts = [" ".join(KOREAN[:length]) + f" {number}" for number in range(45) for length in range(1, 7)]
    together = encoder.encode(texts)
    for number in (0, 31, 32, 255, 256, 269):
        assert np.allclose(together[number], encoder.encode([texts[number]])[0], atol=1e-4)


def test_nothing_to_encode(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimensions)
    assert not encoder.encode(["", "  "]).any()
    among = encoder.encode(["", KOREAN[0]])
    assert not among[0].any() and among[1].any()


def test_of_a_long_text_the_beginning_is_read() -> None:
    encoder = load_encoder()
    long = " ".join(KOREAN) * (LONGEST // 20)
    first, second = encoder.encode([long, long + ENGLISH[2]])
    assert np.allclose(first, second, atol=1e-4)


def test_word_order_is_read() -> None:
    encoder = load_encoder()
    there, back = encoder.encode(["The bank sued the ministry.", "The ministry sued the bank."])
    assert 0.5 < there @ back < 0.999


def test_the_bundled_models_need_no_torch() -> None:
    code = (
        "import sys; from index.embed import load_encoder, load_words;"
        "load_encoder().encode(['금리']); load_words().encode(['금리']);"
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))"
    )
    root = Path(__file__).parent.parent
    ran = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_name_and_the_card_of_the_table_carry_its_hash() -> None:
    digest = hashlib.sha256((WORDS / "model.safetensors").read_bytes()).hexdigest()
    assert load_words().name == f"mundap-static-1@{digest[:12]}"
    assert digest in (WORDS / "README.md").read_text(encoding="utf-8")


def test_the_name_of_the_transformer_stands_for_both_of_its_files() -> None:
    words, body = ((MODEL / name).read_bytes() for name in ("words.safetensors", "encoder.onnx"))
    digest = hashlib.sha256(hashlib.sha256(words).hexdigest().encode() + body).hexdigest()
    assert load_encoder().name == f"mundap-encoder-1@{digest[:12]}"


def test_the_card_of_the_transformer_carries_the_hashes_of_both_files() -> None:
    text = (MODEL / "README.md").read_text(encoding="utf-8")
    for name in ("words.safetensors", "encoder.onnx"):
        assert hashlib.sha256((MODEL / name).read_bytes()).hexdigest() in text, f"`python -m index.train card`: {name}"


@pytest.mark.parametrize(("folder", "most"), [(MODEL, 40_000_000), (WORDS, 20_000_000), (READER, 36_000_000)])
def test_the_folders_stay_small(folder: Path, most: int) -> None:
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < most


def test_sentence_transformers_reads_the_folder_of_the_table_alike() -> None:
    other = load_encoder(str(WORDS))
    ours, theirs = load_words().encode(KOREAN + ENGLISH), other.encode(KOREAN + ENGLISH)
    assert other.dimensions == ours.shape[1]
    assert (ours * theirs).sum(axis=1).min() > 0.99


def test_a_folder_without_a_model_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnavailable, match=r"MUNDAP_EMBEDDER") as caught:
        load_encoder(str(tmp_path))
    assert isinstance(caught.value, CorpusError)
    assert "\n" not in str(caught.value)


def test_a_table_without_weights_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(EmbedderUnavailable, match=r"lacks model\.safetensors"):
        StaticEncoder.from_folder(tmp_path)


@pytest.mark.parametrize("name", ["words.safetensors", "tokenizer.json", "encoder.onnx"])
def test_a_missing_file_is_named_with_the_remedy(tmp_path: Path, name: str) -> None:
    for other in {"words.safetensors", "tokenizer.json", "encoder.onnx"} - {name}:
        (tmp_path / other).symlink_to(MODEL / other)
    with pytest.raises(EmbedderUnavailable, match=rf"lacks .*{name}.*reinstall Mundap"):
        Network(tmp_path / "encoder.onnx", Vocabulary(tmp_path))


@pytest.mark.parametrize("kept", [0, 3, 5_000])
@pytest.mark.parametrize("name", ["words.safetensors", "tokenizer.json", "encoder.onnx"])
def test_a_damaged_file_is_a_clear_error(tmp_path: Path, name: str, kept: int) -> None:
    for other in {"words.safetensors", "tokenizer.json", "encoder.onnx"} - {name}:
        (tmp_path / other).symlink_to(MODEL / other)
    (tmp_path / name).write_bytes((MODEL / name).read_bytes()[:kept])
    with pytest.raises(EmbedderUnavailable, match=r"damaged .*: reinstall Mundap") as caught:
        Network(tmp_path / "encoder.onnx", Vocabulary(tmp_path))
    assert str(tmp_path) in str(caught.value)


def test_a_passage_and_its_sentences_are_encoded_each_by_itself(encoder: Encoder) -> None:
    texts = ["Ferry\nThe ferry sails at nine. 배는 아홉 시에 떠난다.", "Title alone\n", "문을 연다."]
    spans = [[(6, 30), (31, 45)], [], [(0, 6)]]
    found = encode_passages(encoder, texts, spans)
    assert [len(rows) for rows in found] == [3, 1, 2]
    apart = encoder.encode([texts[0], texts[0][6:30], texts[0][31:45]])
    assert np.allclose(found[0], apart, atol=1e-4)
    assert np.allclose(found[2][0], found[2][1], atol=1e-4)
