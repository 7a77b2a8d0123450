"""Benchmarks on public sets, over small sets in the public ones' formats."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from eval.bench import answers, encoder, mrc, peers, retrieval
from eval.bench.__main__ import main
from eval.bench.outcome import DIRECTIONS, brief, render
from eval.bench.rivals import RIVALS, SETTINGS, Rival
from eval.errors import EvalError
from rag.settings import Settings


def test_nearest_is_own_is_the_diagonal_of_a_slow_search() -> None:
    draw = np.random.default_rng(5)
    left, right = draw.normal(size=(30, 6)), draw.normal(size=(30, 6))
    left[:10] = right[:10]
    left, right = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (left, right))
    slow = [max(range(30), key=lambda j: float(np.dot(left[i], right[j]))) == i for i in range(30)]
    assert encoder.nearest_is_own(left, right) == slow and sum(slow) >= 10


def test_a_missing_benchmark_says_where_it_comes_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, place in (("retrieval", "korquad.github.io"), ("encoder", "LASER"), ("answers", "5,774")):
        assert main([name, "--data", str(tmp_path)]) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and place in said


def zipped(path: Path, rows: Iterable[object]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture
def small_bench(tmp_path: Path) -> Path:
    """A benchmark in the public one's format: three paragraphs, a question for two of them in both languages."""
    folder = tmp_path / "bench" / "retrieval"
    folder.mkdir(parents=True)
    paragraphs = [
        {
            "id": "ko0",
            "language": "ko",
            "title": "박물관",
            "text": "해양박물관은 2024년 인천에 문을 열었다. 배를 전시한다.",
        },
        {"id": "en0", "language": "en", "title": "Airport", "text": "The airport moved 70 million passengers in 2019."},
        {"id": "ko1", "language": "ko", "title": "김치", "text": "김치는 배추를 소금에 절여 만든다."},
    ]
    zipped(folder / "passages.jsonl.gz", paragraphs)
    asked = [
        ("인천에 문을 연 박물관은?", "ko", "ko0"),
        ("Which museum opened in Incheon?", "en", "ko0"),
        ("How many passengers did the airport move?", "en", "en0"),
        ("공항은 승객 몇 명을 실어 날랐나?", "ko", "en0"),
    ]
    rows = [
        {"question": text, "question_language": language, "passage_id": place, "passage_language": place[:2]}
        for text, language, place in asked
    ]
    (folder / "questions.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return tmp_path


def test_retrieval_goes_through_the_real_pipeline(small_bench: Path, tmp_path: Path) -> None:
    outcome = retrieval.measure(Settings(home=tmp_path / "home"), small_bench)
    assert list(outcome.rows) == list(DIRECTIONS)
    assert all(row["R@1"].n == 1 for row in outcome.rows.values())
    assert outcome.rows["ko→ko"]["R@1"].value == outcome.rows["en→en"]["MRR"].value == 1.0
    assert not (tmp_path / "home").exists()
    path = outcome.save(tmp_path / "results")
    assert render(json.loads(path.read_text(encoding="utf-8"))) == outcome.table()


def test_a_paragraph_is_ranked_by_its_best_passage(
    small_bench: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from index.types import Hit

    class Fixed:
        def search(self, query: str, limit: int) -> tuple[Hit, ...]:
            order = ["ko1", "ko1", "ko0", "ko0"]
            return tuple(Hit(name, f"{name}:{n}", 1.0 / n, 0, 1) for n, name in enumerate(order, start=1))

    @contextmanager
    def fixed(*_: object) -> Iterator[Fixed]:
        yield Fixed()

    monkeypatch.setattr(retrieval, "searchable", fixed)
    rows = retrieval.measure(Settings(home=tmp_path), small_bench).rows
    assert rows["ko→ko"]["MRR"].value == 0.5 and rows["ko→ko"]["R@1"].value == 0.0
    assert rows["ko→ko"]["R@5"].value == 1.0 and rows["en→en"]["MRR"].value == 0.0


MUSEUM = "해양박물관은 2024년 인천에 문을 열었다. 관장은 김도현이다. 입장료는 3천 원이다."
KIMCHI = "김치는 배추를 소금에 절여 만든다. 겨울에 담근다."
AIRPORT = "The airport moved 70 million passengers in 2019. Its director is Jane Roe. Parking costs 12 dollars a day."


def row(name: str, question: str, context: str, *found: str) -> dict[str, object]:
    language = "ko" if context in (MUSEUM, KIMCHI) else "en"
    told = {"id": name, "lang": language, "question": question, "title": "A_title", "context": context}
    return told | {"answers": list(found), "is_impossible": not found}


@pytest.fixture
def small_mrc(tmp_path: Path) -> Path:
    """All four sets in the public ones' format: two Korean and two English questions, one of them unanswerable."""
    folder = tmp_path / mrc.FOLDER
    folder.mkdir(parents=True)
    korean = [
        row("k1", "해양박물관은 언제 문을 열었나?", MUSEUM, "2024년"),
        row("k2", "김치는 언제 담그나?", KIMCHI, "겨울"),
    ]
    english = [row("e1", "How many passengers did the airport move?", AIRPORT, "70 million", "70 million passengers")]
    for name, rows in zip(mrc.SETS, (korean, english, [*english, row("e2", "Who won the war?", AIRPORT)]), strict=True):
        zipped(folder / mrc.SETS[name][0], rows)
    (folder / mrc.WRONG[0]).write_text("question_id\thard\nk1\tk2\nk2\tk1\n", encoding="utf-8")
    return tmp_path


def test_the_sentence_chosen_is_that_of_the_assistant_beside_bm25(small_mrc: Path, tmp_path: Path) -> None:
    found = answers.measure(Settings(tmp_path / "home"), small_mrc)
    assert not (tmp_path / "home").exists()
    shares = {name: {key: (value.count, value.n) for key, value in row.items()} for name, row in found.rows.items()}
    assert shares["SQuAD 1.1 dev"] == {"First sentence": (1, 1), "One of three": (1, 1), "BM25 first": (1, 1)}
    assert shares["KorQuAD 1.0 dev"]["One of three"] == (2, 2)
    assert found.rows["SQuAD 2.0 dev"]["AUROC"].value == 1.0 and found.rows["SQuAD 2.0 dev"]["Refused"].n == 1
    assert found.rows[answers.ABSTENTION]["Refused"].n == found.rows[answers.ABSTENTION]["Refused wrongly"].n == 2
    told = found.record()["refusals"]["SQuAD 2.0 dev"]
    assert told["curve"][0]["coverage"] == 1.0 and told["curve"][0]["risk"] == 0.5
    assert found.record()["latency"]["n"] == 6  # each once: two right and two wrong Korean, two English questions
    assert "해양박물관" not in json.dumps(found.record(), ensure_ascii=False)


def test_bm25_takes_the_sentence_that_shares_the_question_s_rare_word(small_mrc: Path) -> None:
    from index.embed import load_encoder

    cases = [case for name in mrc.SETS for case in mrc.load(small_mrc, name)]
    corpus = answers.Paragraphs((case.paragraph for case in cases), load_encoder())
    baseline = answers.Baseline(corpus)
    korean, _, english, *_ = (case.paragraph for case in cases)
    assert baseline.first("관장은 누구인가?", korean) == "관장은 김도현이다."
    assert baseline.first("What does parking cost?", english) == "Parking costs 12 dollars a day."
    assert baseline.first("Who won the war?", english).startswith("The airport")


def test_samples_are_of_whole_paragraphs_and_alike_in_every_set(small_mrc: Path) -> None:
    folder = small_mrc / mrc.FOLDER
    rows = [row(f"q{number}", f"{number}?", f"Text {number // 4} names Jane Roe.", "Jane Roe") for number in range(80)]
    zipped(folder / mrc.SETS["SQuAD 1.1 dev"][0], rows)
    zipped(folder / mrc.SETS["SQuAD 2.0 dev"][0], reversed(rows))
    few, more = ([case.id for case in mrc.load(small_mrc, "SQuAD 1.1 dev", size)] for size in (8, 20))
    assert more[:8] == few != [f"q{number}" for number in range(8)]
    assert len({int(name[1:]) // 4 for name in few}) == 2
    assert {case.id for case in mrc.load(small_mrc, "SQuAD 2.0 dev", 8)} == set(few)
    assert len(mrc.load(small_mrc, "SQuAD 1.1 dev")) == 80


def test_peers_are_measured_one_process_each_and_the_absent_are_named(
    small_bench: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = peers._alone
    monkeypatch.setattr(peers, "_alone", lambda name, data: None if "Kiwi" in name else alone(name, data))
    names = ("sqlite FTS5, trigrams", "bm25s, Kiwi")
    found = peers.measure(Settings(tmp_path), small_bench, names=names)
    assert list(found.rows) == ["sqlite FTS5, trigrams"]
    assert found.rows["sqlite FTS5, trigrams"]["ko→ko"].value == found.rows["sqlite FTS5, trigrams"]["en→en"].value == 1
    assert found.rows["sqlite FTS5, trigrams"]["ko→en"].value == 0
    cost = found.record()["costs"]["sqlite FTS5, trigrams"]
    assert cost["paragraphs_per_s"] > 0 and cost["query_ms"] > 0 and cost["peak_mb"] > 5
    assert found.record()["ndcg_10"]["sqlite FTS5, trigrams"]["ko→ko"]["value"] == 1
    table = found.table()
    assert "Not installed: bm25s, Kiwi" in table and "- sqlite FTS5, trigrams: any of the question's words" in table
    assert "Versions: " in table and f"sqlite {sqlite3.sqlite_version}." in table


def test_each_peer_s_wins_are_in_bold() -> None:
    def ratio(value: float) -> dict[str, float]:
        return {"value": value, "low": 0.1, "high": 0.9, "count": 1, "n": 9}

    costs = {"start_s": 1.0, "paragraphs_per_s": 9.0, "query_ms": 3.0, "peak_mb": 1_200}
    record = {
        "rows": {"one": {"ko→ko": ratio(0.5), "en→en": ratio(0.4)}, "two": {"ko→ko": ratio(0.3), "en→en": ratio(0.6)}}
    }
    told = brief(
        record | {"costs": {"one": costs, "two": costs | {"start_s": 2.0, "paragraphs_per_s": 90.0, "peak_mb": 30}}}
    )
    assert "| one | **0.500 (0.10–0.90)** | 0.400 (0.10–0.90) | 9 |" in told
    assert "| two | 0.300 (0.10–0.90) | **0.600 (0.10–0.90)** | 9 |" in told
    assert "| one | **1.0** | 9.0 | **3.0** | 1,200 |" in told and "| two | 2.0 | **90.0** | **3.0** | **30** |" in told


def test_every_peer_s_settings_are_stated() -> None:
    assert set(SETTINGS) == set(RIVALS)


def test_a_peer_that_is_not_installed_says_so_by_its_exit_code(
    small_bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> Rival:
        raise ModuleNotFoundError("No module named 'bm25s'")

    monkeypatch.setitem(peers.RIVALS, "gone", missing)
    assert peers.main(["gone", str(small_bench)]) == peers.ABSENT


def test_a_peer_that_fails_is_named(small_bench: Path, tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="nobody ended with 1: KeyError"):
        peers.measure(Settings(tmp_path), small_bench, names=("nobody",))


@pytest.mark.parametrize("name", ["bm25s, white space", "llama-index BM25Retriever"])
def test_the_lexical_peers_find_by_words(small_bench: Path, name: str) -> None:
    pytest.importorskip("bm25s")
    pytest.importorskip("llama_index.retrievers.bm25")
    articles, _ = retrieval.load_retrieval(small_bench)
    rival = RIVALS[name]()
    rival.fill(articles)
    assert rival.search("airport passengers", 3)[:1] == ["en0"] and rival.search("zzz qqq", 3) == []
