"""A set drafted from documents can be run as it is, and the committed sets' versions are those of their files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cli
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


def test_a_draft_is_scored_as_it_is_and_a_slip_in_correcting_it_is_pointed_at(tmp_path: Path) -> None:
    """``mundap eval new``, then ``mundap eval --set`` over the same documents, through the real index and assistant."""
    folder, out = tmp_path / "documents", tmp_path / "mine.jsonl"
    folder.mkdir()
    (folder / "museum.txt").write_text(KOREAN, encoding="utf-8")
    run = CliRunner()
    drafted = run.invoke(cli.app, ["eval", "new", "--documents", str(folder), "--out", str(out)])
    assert drafted.exit_code == 0 and f"--set {out} --documents {folder}" in drafted.stdout
    asking = ["eval", "--set", str(out), "--documents", str(folder), "--json"]
    scored = json.loads(run.invoke(cli.app, asking).stdout)
    entries = sets.load(out)
    asked = sum(entry.turns[0].answerable for entry in entries)
    assert asked >= 1 and scored["summary"]["ko→ko"]["n"] == scored["summary"]["en→ko"]["n"] == asked
    assert scored["summary"]["ko→ko"]["value"] == 1.0 and scored["summary"]["quotes"]["value"] == 1.0
    assert scored["summary"]["refusals"]["n"] == 2
    lines = out.read_text(encoding="utf-8").splitlines()
    lines[-1] = lines[-1].replace('"facts": []', '"facts": "none"')
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    refused = run.invoke(cli.app, asking)
    assert refused.exit_code == 2 and f"{out}:{len(lines)}: 'facts' must be a list" in refused.stderr


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
