"""The made claims keep to their format, and the verifier keeps the rates it was measured at."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from eval.claims import CORRUPTIONS, DIRECTIONS, FILE, PARTS, TRUE, Claim, Rate, load, rates, table
from eval.errors import SetError

ROW = {
    "id": "x", "part": "development", "direction": "en-en", "kind": "true", "claim": "The treaty took effect in 1954.",
    "source": "alliance-at-seventy.md", "anchor": "The treaty took effect", "sentences": 1,
}  # fmt: skip

# Part, direction → least share of true claims passed and of corrupted ones caught: one claim below what was measured.
FLOORS = {
    ("development", "ko-ko"): (0.96, 0.81),
    ("development", "en-en"): (0.93, 0.93),
    ("development", "ko-en"): (0.96, 0.87),
    ("development", "en-ko"): (0.96, 0.93),
    ("held-out", "ko-ko"): (0.95, 0.81),
    ("held-out", "en-en"): (0.95, 0.81),
    ("held-out", "ko-en"): (0.77, 0.81),
    ("held-out", "en-ko"): (0.86, 0.81),
}


@pytest.fixture(scope="module")
def claims() -> tuple[Claim, ...]:
    return load()


def write(folder: Path, *rows: dict[str, object]) -> Path:
    path = folder / "claims.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_at_least_320_claims_half_true_in_all_directions_and_kinds(claims: tuple[Claim, ...]) -> None:
    assert len(claims) >= 320
    assert sum(c.kind == TRUE for c in claims) * 2 == len(claims)
    assert len(set(Counter(c.direction for c in claims).values())) == 1
    for part in PARTS:
        present = {(c.direction, c.kind) for c in claims if c.part == part}
        assert present == {(d, k) for d in DIRECTIONS for k in (TRUE, *CORRUPTIONS)}


def test_a_corrupted_claim_is_not_its_true_twin(claims: tuple[Claim, ...]) -> None:
    texts = {c.id: c.claim for c in claims}
    assert all(texts[name] != texts[name[:-1] + "b"] for name in texts if name.endswith("a"))


def test_the_span_is_whole_sentences_and_the_context_does_not_repeat_it(claims: tuple[Claim, ...]) -> None:
    assert all(c.span == c.span.strip() and c.span not in c.context for c in claims)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_rates_hold(claims: tuple[Claim, ...], part: str, direction: str) -> None:
    chosen = [c for c in claims if (c.part, c.direction) == (part, direction)]
    found = rates(chosen, lambda c: "passed" if c.kind == TRUE else "caught")
    passed, caught = FLOORS[part, direction]
    assert found["passed"].share >= passed and found["caught"].share >= caught


@pytest.mark.parametrize("kind", ["digit", "unit", "date"])
def test_no_wrong_figure_passes(claims: tuple[Claim, ...], kind: str) -> None:
    found = rates([c for c in claims if c.kind == kind], lambda c: c.kind)
    assert found[kind].share == 1.0


def test_a_claim_does_not_pass_with_another_sentence_of_its_article(claims: tuple[Claim, ...]) -> None:
    from rag.verify import verify

    true = [c for c in claims if c.kind == TRUE]
    pairs = [(c, o) for c in true for o in true if c.source == o.source and c.span != o.span]
    wrong = [verify(c.claim, o.span, c.published, context=o.context).supported for c, o in pairs[::5]]
    assert sum(wrong) / len(wrong) <= 0.06


def test_the_table_has_a_line_for_each_part_and_direction(claims: tuple[Claim, ...]) -> None:
    lines = table(claims).splitlines()
    assert len(lines) == 1 + len(PARTS) * (len(DIRECTIONS) + 1)


def test_a_rate_of_nothing_is_one() -> None:
    assert Rate(0, 0).share == 1.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "typo"}, "kind is 'typo'"),
        ({"part": "test"}, "part is 'test'"),
        ({"anchor": "no such words"}, "0 times"),
        ({"anchor": "the"}, "times"),
        ({"source": "nowhere.md"}, "no article 'nowhere.md'"),
        ({"sentences": 9}, "1 or 2"),
        ({"direction": "ko-en"}, "direction"),
        ({"extra": 1}, "no other"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, change: dict[str, object], message: str) -> None:
    with pytest.raises(SetError, match=r"claims\.jsonl:1: ") as error:
        load(write(tmp_path, {**ROW, **change}))
    assert message in str(error.value)


def test_broken_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(SetError, match="not JSON"):
        load(path)


def test_an_id_is_used_once_and_an_article_in_one_part(tmp_path: Path) -> None:
    with pytest.raises(SetError, match="more than once"):
        load(write(tmp_path, ROW, ROW))
    with pytest.raises(SetError, match="both parts"):
        load(write(tmp_path, ROW, {**ROW, "id": "y", "part": "held-out"}))


def test_the_bundled_file_is_the_default() -> None:
    assert FILE.name == "claims.jsonl" and FILE.is_file()
