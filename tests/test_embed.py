"""The bundled encoder: what it costs, what it knows, and that sentence-transformers reads it the same way."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from index.embed import BUNDLED, EmbedderUnavailable, StaticEncoder, load_encoder
from index.errors import CorpusError

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


def test_vectors_are_float32_of_length_one() -> None:
    encoder = load_encoder()
    vectors = encoder.encode(KOREAN + ENGLISH)
    assert vectors.shape == (12, encoder.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize(("asked", "told"), [(KOREAN, ENGLISH), (ENGLISH, KOREAN)])
def test_a_sentence_is_nearest_to_its_translation(asked: list[str], told: list[str]) -> None:
    encoder = load_encoder("bundled")
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
def test_a_question_is_nearer_to_the_text_that_answers_it(question: str, answer: str, other: str) -> None:
    asked, right, wrong = load_encoder().encode([question, answer, other])
    assert asked @ right > asked @ wrong


def test_decomposed_hangul_and_capitals_change_nothing() -> None:
    encoder = load_encoder()
    texts = KOREAN + ENGLISH
    altered = [unicodedata.normalize("NFD", text).upper() for text in texts]
    assert np.allclose(encoder.encode(texts), encoder.encode(altered), atol=1e-6)


def test_a_batch_gives_what_its_texts_give_alone() -> None:
    encoder = load_encoder()
    texts = [f"{korean} {number}" for number in range(100) for korean in KOREAN]
    together = encoder.encode(texts)
    for number in (0, 255, 256, 599):
        assert np.allclose(together[number], encoder.encode([texts[number]])[0], atol=1e-6)


def test_nothing_to_encode() -> None:
    encoder = load_encoder()
    assert encoder.encode([]).shape == (0, encoder.dimensions)
    assert not encoder.encode(["", "  "]).any()


def test_the_bundled_model_needs_no_torch() -> None:
    code = (
        "import sys; from index.embed import load_encoder; load_encoder().encode(['금리']);"
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))"
    )
    root = Path(__file__).parent.parent
    ran = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_name_and_the_card_carry_the_hash_of_the_weights() -> None:
    digest = hashlib.sha256((BUNDLED / "model.safetensors").read_bytes()).hexdigest()
    assert load_encoder().name == f"mundap-static-1@{digest[:12]}"
    assert digest in (BUNDLED / "README.md").read_text(encoding="utf-8")


def test_the_folder_stays_small() -> None:
    assert sum(path.stat().st_size for path in BUNDLED.rglob("*") if path.is_file()) < 30_000_000


def test_sentence_transformers_reads_the_same_folder_alike() -> None:
    other = load_encoder(str(BUNDLED))
    ours, theirs = load_encoder().encode(KOREAN + ENGLISH), other.encode(KOREAN + ENGLISH)
    assert other.dimensions == ours.shape[1]
    assert (ours * theirs).sum(axis=1).min() > 0.99


def test_a_folder_without_a_model_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnavailable, match=r"MUNDAP_EMBEDDER") as caught:
        load_encoder(str(tmp_path))
    assert isinstance(caught.value, CorpusError)
    assert "\n" not in str(caught.value)


def test_a_bundle_without_weights_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(EmbedderUnavailable, match=r"lacks model\.safetensors"):
        StaticEncoder.from_folder(tmp_path)
