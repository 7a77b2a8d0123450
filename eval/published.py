"""The table of the bundled encoder's card: its figures beside MiniLM's and BM25's, and what is published of others.

The first three are recorded (``bench-encoder.json``, ``bench-peers.json``), the last are the figures that their makers and
others report, on the same sets unless said otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval import origin
from eval.gate import RESULTS

CARD = origin.ROOT / "index" / "model" / "README.md"
BM25 = "bm25s, Kiwi"
# Tatoeba: Reimers and Gurevych 2020 (LaBSE, paraphrase-multilingual-MiniLM), Wang et al. 2024 (multilingual-e5).
PUBLISHED = {
    "Tatoeba ko→en": "multilingual-e5-small .80, -base .87, LaBSE .93, paraphrase-multilingual-MiniLM-L12 .94 (mean of both ways)",
}
NOTE = """\
All of `mundap bench encoder` and, for BM25 (bm25s over Kiwi's morphemes), of `mundap bench peers`. Published of other Korean
paragraphs (AutoRAGRetrieval, nDCG@10): multilingual-e5-small .80, paraphrase-multilingual-MiniLM-L12 .42: alignment of
sentences and search of paragraphs are different skills."""


def tables(folder: Path = RESULTS) -> dict[Path, str]:
    """The table of the card; none where nothing is recorded."""
    path, peers = folder / "bench-encoder.json", folder / "bench-peers.json"
    if not path.is_file():
        return {}
    bm25 = json.loads(peers.read_text(encoding="utf-8"))["rows"].get(BM25, {}) if peers.is_file() else {}
    return {CARD: render(json.loads(path.read_text(encoding="utf-8")), bm25)}


def render(record: Mapping[str, Any], bm25: Mapping[str, Any]) -> str:
    """The recorded rows as a Markdown table; ``bm25`` gives its shares of paragraphs found first, by direction."""
    lines = ["| R@1, or Spearman | this encoder | all-MiniLM-L6-v2 | BM25 | published |", "|---|---:|---:|---:|---|"]
    for name, row in record["rows"].items():
        own = next(value for key, value in row.items() if not key.startswith("MiniLM"))
        minilm = next((value for key, value in row.items() if key.startswith("MiniLM")), None)
        _, _, direction = name.partition("Paragraphs ")
        cells = [_cell(own), _cell(minilm), _cell(bm25.get(direction)), PUBLISHED.get(name, "–")]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"{NOTE} `{record['command']}`, {record['date']}."])


def _cell(ratio: Mapping[str, Any] | None) -> str:
    return "–" if ratio is None else f"{ratio['value']:.2f}"
