"""The made replies keep to their format, and the check of a model's sentences keeps the rates it was measured at."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from eval.claims import DIRECTIONS, PARTS, TRUE, Rate
from eval.claims import FILE as CLAIMS
from eval.errors import SetError
from eval.inventions import KINDS, Reply, load, rates, shown, table

ROW = {
    "part": "development", "source": "alliance-at-seventy.md", "question": "When was the Mutual Defense Treaty signed?",
    "true": "The treaty was signed on October 1, 1953.", "invented": ["The treaty was signed on a boat."],
    "embroidered": "The treaty was signed on October 1, 1953, on a boat.",
}  # fmt: skip
# Part, kind → least share treated rightly: one sentence below what was measured.
FLOORS = {
    ("development", "true"): 23 / 24,
    ("development", "invented"): 47 / 48,
    ("development", "embroidered"): 19 / 24,
    ("held-out", "true"): 17 / 24,
    ("held-out", "invented"): 44 / 48,
    ("held-out", "embroidered"): 15 / 24,
}


@pytest.fixture(scope="module")
def replies() -> tuple[Reply, ...]:
    return load()


@pytest.fixture(scope="module")
def found(replies: tuple[Reply, ...]) -> dict[str, Rate]:
    return rates(replies, lambda reply: f"{reply.part} {reply.kind}")


def test_every_direction_and_kind_is_there_alike_and_the_halves_are_those_of_the_claims(
    replies: tuple[Reply, ...],
) -> None:
    counts = Counter((reply.part, reply.direction, reply.kind) for reply in replies)
    assert set(counts) == {(part, direction, kind) for part in PARTS for direction in DIRECTIONS for kind in KINDS}
    assert all(counts[key] == (12 if key[2] == "invented" else 6) for key in counts)
    claims = map(json.loads, CLAIMS.read_text("utf-8").splitlines())
    parts = {claim["source"]: claim["part"] for claim in claims}
    assert all(parts[reply.source] == reply.part for reply in replies)


@pytest.mark.parametrize(("part", "kind"), FLOORS)
def test_rates_hold(found: dict[str, Rate], part: str, kind: str) -> None:
    assert found[f"{part} {kind}"].share >= FLOORS[part, kind]


def test_a_figure_of_the_question_speaks_for_nothing() -> None:
    asked = "경전철 2호선은 언제 개통하나요?"
    reply = Reply("", "ko-ko", "invented", "경전철 2호선은 시험 운행 중에 탈선했습니다.", asked, "transport-plan.ko.md")
    assert not shown(reply)


def test_the_table_has_a_line_for_each_part_and_direction(replies: tuple[Reply, ...]) -> None:
    few = [reply for reply in replies if reply.kind == TRUE][:1]
    assert len(table(few).splitlines()) == 1 + len(PARTS) * (len(DIRECTIONS) + 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"part": "test"}, "part is 'test'"),
        ({"source": "nowhere.md"}, "no article 'nowhere.md'"),
        ({"invented": "one"}, "invented is a list"),
        ({"extra": "x"}, "a line has"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, change: dict[str, object], message: str) -> None:
    path = tmp_path / "inventions.jsonl"
    path.write_text(json.dumps({**ROW, **change}), encoding="utf-8")
    with pytest.raises(SetError, match=r"inventions\.jsonl:1: ") as error:
        load(path)
    assert message in str(error.value)


def test_broken_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "inventions.jsonl"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(SetError, match="not JSON"):
        load(path)
