"""The tables of docs/scale.md and docs/scale.ko.md: what was measured, and what follows for more passages by arithmetic.

Knows of an index only what ``bench-scale.json`` records. Sizes beyond the greatest measured take its bytes a passage, the
memory that a passage added between the two greatest, and the power of the number of passages that the median search grew
with between them; what Milvus takes is counted from its formats.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval import origin
from eval.gate import RESULTS

RECORD = "bench-scale.json"
PAGES = {"en": origin.ROOT / "docs" / "scale.md", "ko": origin.ROOT / "docs" / "scale.ko.md"}
BEYOND = (1_000_000, 10_000_000, 100_000_000)
DIMENSIONS, LINKS, TERMS = 384, 16, 80  # numbers a vector, neighbours in the graph, distinct terms a passage
# A vector of float32; twice LINKS neighbours of 4 bytes in the lowest layer; a number and a weight of 4 bytes a term.
HELD = 4 * DIMENSIONS + 4 * 2 * LINKS + 8 * TERMS
SPARE, MACHINE = 1.5, 64e9  # what an engine needs besides, and the memory of one of its machines, in bytes
HEADS = {
    "en": ("Passages", "One machine: disk, GB", "Memory, GB", "Processor s per 1,000 searches", "Milvus: memory, GB", "Machines of 64 GB"),
    "ko": ("단락", "한 대: 디스크, GB", "메모리, GB", "검색 1,000번의 프로세서 초", "Milvus: 메모리, GB", "64 GB 기계"),
}  # fmt: skip
MARKS = {"en": ("measured", "calculated"), "ko": ("측정", "계산")}


def tables(folder: Path = RESULTS) -> dict[Path, str]:
    """The table of each page; none where nothing is recorded."""
    path = folder / RECORD
    if not path.is_file():
        return {}
    record = json.loads(path.read_text(encoding="utf-8"))
    return {page: render(record, language) for language, page in PAGES.items()}


def render(record: Mapping[str, Any], language: str) -> str:
    """The sizes that were measured and those beyond, as a Markdown table in ``language``."""
    measured, calculated = MARKS[language]
    rows = sorted(record["sizes"], key=lambda row: row["passages"])
    last, each, growth = rows[-1], _memory_each(rows), _growth(rows)
    lines = ["| " + " | ".join(HEADS[language]) + " |", "|---|" + "---:|" * (len(HEADS[language]) - 1)]
    for row in rows:
        lines.append(
            _line(row["passages"], measured, row["bytes_per_passage"], row["memory_mb"], f"{row['p50_ms']:.0f}")
        )
    for size in (size for size in BEYOND if size > last["passages"]):
        memory = last["memory_mb"] + each * (size - last["passages"])
        searches = last["p50_ms"] * (size / last["passages"]) ** growth
        lines.append(_line(size, calculated, last["bytes_per_passage"], memory, f"{searches:.0f}"))
    return "\n".join([*lines, "", f"`{record['command']}`, {record['date']}."])


def _memory_each(rows: Sequence[Mapping[str, Any]]) -> float:
    """The MB that a passage takes beside what the program takes without any."""
    *_, before, last = {"passages": 0, "memory_mb": 0.0}, *rows
    return float((last["memory_mb"] - before["memory_mb"]) / (last["passages"] - before["passages"]))


def _growth(rows: Sequence[Mapping[str, Any]]) -> float:
    """The power of the number of passages that the median search grows with; 1, the worst, where one size was measured."""
    if len(rows) < 2:
        return 1.0
    before, last = rows[-2:]
    return math.log(last["p50_ms"] / before["p50_ms"]) / math.log(last["passages"] / before["passages"])


def _line(size: int, how: str, bytes_each: float, memory_mb: float, searches: str) -> str:
    engine = HELD * SPARE * size
    cells = (f"{size:,} ({how})", _gigabytes(bytes_each * size), _gigabytes(memory_mb * 1e6), searches)
    return "| " + " | ".join((*cells, _gigabytes(engine), str(math.ceil(engine / MACHINE)))) + " |"


def _gigabytes(amount: float) -> str:
    return f"{amount / 1e9:,.1f}"
