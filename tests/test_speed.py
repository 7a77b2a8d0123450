"""``mundap bench speed`` over few passages: that it measures what it says, not how long that takes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from eval.bench import crowd, scale, speed
from eval.bench.outcome import render
from eval.bench.speed import Figure, Scale
from index.corpus import Corpus
from index.embed import load_words
from index.types import Language
from rag import Settings

KOREAN = (
    "달빛시는 270억 원으로 실험실을 짓는다. 2031년에 문을 연다.",
    "새 배는 340명을 태운다.",
    "시장에는 점포 52곳이 있다.",
)
ENGLISH = ("Larkhaven builds a laboratory for 27 billion won. It opens in 2031.", "The ferry carries 340 people.", "The market has 52 stalls.")  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Public paragraphs and questions in their own formats, six of each language in three documents."""
    place = tmp_path / "data"
    (place / "data").mkdir(parents=True)
    with gzip.open(place / crowd.FILE, "wt", encoding="utf-8") as out:
        for number in range(6):
            ko, en = KOREAN[number % 3], ENGLISH[number % 3]
            out.write(f"{ko} {number}번째다.\t{en} It is number {number}.\tmanual\tpage{number % 3}.md\n")
    folder = place / "bench" / "retrieval"
    folder.mkdir(parents=True)
    with gzip.open(folder / "passages.jsonl.gz", "wt", encoding="utf-8") as out:
        out.write(json.dumps({"id": "en0", "language": "en", "title": "Ferry", "text": ENGLISH[1]}) + "\n")
    asked = [
        ("배는 몇 명을 태우나요?", "ko"),
        ("How many stalls?", "en"),
        ("실험실 예산은?", "ko"),
        ("When does it open?", "en"),
    ]
    rows = [
        {"question": f"{text} {n}", "question_language": language, "passage_id": "en0", "passage_language": "en"}
        for n in range(3)
        for text, language in asked
    ]
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return place


def test_every_figure_stands_beside_its_limit(data: Path, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "home", embedder="words")
    few = Scale((20, 40), paragraphs=6, questions=6, documents=3, files=5, starts=0)
    bench = speed.measure(settings, data, scale=few)
    record = bench.record()
    names = [figure["name"] for figure in record["figures"]]
    assert names == [
        "Indexing, share of the encoder's own throughput",
        "Unchanged folder of 5 files, share of the first run",
        "Search of 20 passages",
        "Search of 40 passages",
        "Search of 40 passages when warm",
        *(f"The same by {name}" for name in ("language", "publisher", "date")),
    ]
    for figure in record["figures"]:
        assert figure["value"] > 0 and figure["limit"] > 0
        assert figure["holds"] == ((figure["ratio"] >= 1) if figure["least"] else (figure["ratio"] <= 1))
    assert record["command"] == "python -m eval.bench speed" and len(record["load"]) == 3
    table = render(record)
    assert all(f"| {name} | " in table for name in names) and "at least 0.85" in table and "at most 60 ms" in table
    assert not (tmp_path / "home").exists()


def test_growth_is_measured_size_by_size(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, few in {"PARAGRAPHS": 6, "QUESTIONS": 8, "FILES": 2, "WARM": 2}.items():
        monkeypatch.setattr(scale, name, few)
    record = scale.measure(Settings(tmp_path / "home", embedder="words"), data, sizes=(20, 40)).record()
    assert [row["passages"] for row in record["sizes"]] == [20, 40]
    assert all(row["recall"] == 1.0 and row["p95_ms"] >= row["p50_ms"] > 0 for row in record["sizes"])
    beside = record["beside_indexing"]
    assert beside["searches"] >= 2 and beside["ratio"] == pytest.approx(beside["p95_ms"] / beside["idle_p95_ms"], 0.1)
    table = render(record)
    assert "| 20 | " in table and "| 40 | " in table and "search p50 n^" in table
    assert not (tmp_path / "home").exists()


def test_growth_is_the_exponent_of_a_power_law() -> None:
    rows = [
        {"passages": n, "build_s": built, "p50_ms": n**0.5, "p95_ms": 7.0, "memory_mb": 3.0 * n}
        for n, built in ((10, 20.0), (100, 180.0), (1000, 1800.0))
    ]
    assert scale.growth(rows) == {"build_s": 1.0, "p50_ms": 0.5, "p95_ms": 0.0, "memory_mb": 1.0}


def test_a_figure_holds_on_its_own_side_of_the_limit() -> None:
    assert Figure("", 2.0, 2.5, "s").holds and not Figure("", 3.0, 2.5, "s").holds
    assert Figure("", 0.9, 0.85, "", least=True).holds and not Figure("", 0.8, 0.85, "", least=True).holds


def test_the_crowd_is_an_index_like_any_other(data: Path, tmp_path: Path) -> None:
    """Whole sentences of the paragraphs, vectors that are stored as told, and as many passages as were asked for."""
    drawn: dict[Language, list[crowd.Paragraph]] = {}
    for language, documents in crowd.load_documents(data).items():
        texts = [text for found in documents.values() for text in found]
        assert len(texts) == 6
        drawn[language] = crowd.analysed(texts, lambda *_: None)
    encoder = crowd.Turned(load_words())
    people = crowd.Crowd(tmp_path, drawn, encoder)
    people.grow(10, lambda *_: None)
    people.grow(30, lambda *_: None)
    corpus = Corpus(tmp_path, encoder)
    assert len(corpus.passages) == len(people.vectors) == corpus.vectors.count() == 30
    for passage in corpus.passages:
        article = corpus.article(passage.article_id)
        assert article.text[passage.start : passage.end] == passage.text and len(passage.sentences) >= 4
        assert all(article.text[slice(*span)].strip() for span in passage.sentences)
    stored = corpus.vectors.vectors([passage.id for passage in corpus.passages])
    assert np.allclose(np.stack([stored[p.id] for p in corpus.passages]), people.vectors, atol=1e-6)
    words = load_words().encode(["ferry", "배"])
    turned = encoder.encode(["ferry", "배"])
    assert turned[0] @ turned[1] == pytest.approx(float(words[0] @ words[1]), abs=1e-5)
    corpus.vectors.close()
