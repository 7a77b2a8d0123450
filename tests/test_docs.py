"""What the pages for operators say can be found in the repository."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from conftest import ROOT
from eval import extent, readme

DOCS = sorted((ROOT / "docs").glob("*.md"))
NAMED = re.compile(r"`(tests/\w+\.py)::(test_\w+)`")


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = NAMED.findall(text)
    assert len(named) == text.count("tests/test_") - text.count("`tests/test_docs.py`")
    missing = [f"{file}::{name}" for file, name in named if f"def {name}(" not in (ROOT / file).read_text("utf-8")]
    assert missing == []


def test_the_threat_model_names_tests() -> None:
    assert len(NAMED.findall((ROOT / "docs" / "security.md").read_text(encoding="utf-8"))) > 30


def test_the_pages_on_scale_say_the_same_and_count_right(tmp_path: Path) -> None:
    assert extent.tables(tmp_path) == {}
    row = {
        "passages": 1_000_000,
        "bytes_per_passage": 5_000,
        "memory_mb": 8_000,
        "p50_ms": 90,
        "p95_ms": 200,
        "recall": 0.9,
    }
    record = {"sizes": [row], "command": "python -m eval.bench scale", "date": "2026-01-01"}
    (tmp_path / extent.RECORD).write_text(json.dumps(record), encoding="utf-8")
    english, korean = extent.tables(tmp_path).values()
    assert "| 1,000,000 (measured) | 5.0 | 8.0 | 90 | 3.5 | 1 |" in english
    assert "| 100,000,000 (calculated) | 500.0 | 800.0 | 9000 | 345.6 | 6 |" in english
    record["sizes"] = [
        {**row, "passages": 100_000, "memory_mb": 1_700, "p50_ms": 30},
        row,
    ]  # 7 MB a thousand, beside 1,000 for nothing; ten times the passages take three times as long
    (tmp_path / extent.RECORD).write_text(json.dumps(record), encoding="utf-8")
    english, korean = extent.tables(tmp_path).values()
    assert "| 10,000,000 (calculated) | 50.0 | 71.0 | 270 |" in english
    figures = re.compile(r"[\d,.]*\d")
    assert figures.findall(english) == figures.findall(korean)
    for page in extent.PAGES.values():
        text = page.read_text(encoding="utf-8")
        assert readme.current(text) is not None
        assert re.findall(r"`(MUNDAP_\w+|python -m [\w.]+|index\.\w+)", text) == re.findall(
            r"`(MUNDAP_\w+|python -m [\w.]+|index\.\w+)", extent.PAGES["en"].read_text(encoding="utf-8")
        )
