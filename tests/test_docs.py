"""What the pages for operators say can be found in the repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conftest import ROOT

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
