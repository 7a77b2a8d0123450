"""A set drafted from documents can be run as it is, and the committed sets' versions are those of their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval import sets, versions
from eval.draft import GAP, MOST, draft
from eval.errors import EvalError

KOREAN = "인천시는 26일 해양박물관을 새로 연다고 밝혔다.\n건립에는 모두 1,250억 원이 들었다고 시는 설명했다.\n관람료는 아직 정하지 않았다.\n"
ENGLISH = "The airport handled about 70 million passengers in the year before. " + "".join(
    f"Line {name} carries {number} trains on every weekday of the year. "
    for name, number in zip("ABCDEFGHIJ", range(20, 90, 7), strict=True)
)


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "museum.txt").write_text(KOREAN, encoding="utf-8")
    (folder / "airport.txt").write_text(ENGLISH, encoding="utf-8")
    (folder / "broken.pdf").write_bytes(b"no pdf")
    return folder


def test_a_draft_keeps_to_the_format_and_asks_for_figures(documents: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.jsonl"
    count = draft(documents, out)
    entries = sets.load(out)
    assert len(entries) == count and sum(not entry.turns[0].answerable for entry in entries) == 1
    asked = {entry.turns[0].sources: entry.turns[0] for entry in entries}
    museum = asked["museum.txt",]
    assert museum.kind == "amount" and GAP in museum.ko and GAP in museum.en and "1,250억" not in museum.ko
    assert any("1,250억" in fact for fact in museum.facts[0]) and any("billion" in fact for fact in museum.facts[0])
    assert 2 <= sum(entry.turns[0].sources == ("airport.txt",) for entry in entries) <= MOST


def test_a_draft_overwrites_nothing_and_needs_documents(documents: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.jsonl"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(EvalError, match="there already"):
        draft(documents, out)
    assert out.read_text(encoding="utf-8") == "mine"
    with pytest.raises(EvalError, match="no such folder"):
        draft(tmp_path / "nowhere", tmp_path / "new.jsonl")
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "a.txt").write_text("There is no figure in this sentence at all.", encoding="utf-8")
    with pytest.raises(EvalError, match="no document has a sentence"):
        draft(plain, tmp_path / "new.jsonl")
    assert not (tmp_path / "new.jsonl").exists()


def test_the_committed_versions_are_those_of_the_sets() -> None:
    for name, text in versions.written().items():
        path = sets.FOLDER / name
        assert path.is_file() and path.read_text(encoding="utf-8") == text, "run: python -m eval.versions"


def test_qrels_name_every_source_of_every_question(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    turn = '{"ko": "?", "en": "?", "kind": "date", "facts": [["1"]], "sources": ["a b.md", "c.md"]}'
    path.write_text(f'{{"id": "q1", "turns": [{turn}, {turn}]}}\n', encoding="utf-8")
    lines = versions.qrels(sets.load(path)).splitlines()
    assert len(lines) == 8 and lines[:3] == ["q1/ko/1 0 a%20b.md 1", "q1/ko/1 0 c.md 1", "q1/ko/2 0 a%20b.md 1"]
    assert lines[-1] == "q1/en/2 0 c.md 1"
