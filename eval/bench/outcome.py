"""The outcome of a benchmark, the files that it was made from, and where these come from when they are absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval import origin
from eval.errors import EvalError
from eval.gate import RESULTS
from eval.metrics import Ratio
from eval.report import dump
from rag.settings import Settings

Progress = Callable[[int, int, str], None]
DATA = Path("../shared")
DIRECTIONS = ("ko→ko", "en→en", "ko→en", "en→ko")


@dataclass(frozen=True, slots=True)
class Bench:
    """A benchmark's outcome: for each row (a direction or a task) its measures, and what it was made from."""

    name: str
    rows: Mapping[str, Mapping[str, Ratio]]
    origin: Mapping[str, Any]

    def table(self) -> str:
        """The measures as a Markdown table, with 95 % intervals."""
        return render(self.record())

    def record(self) -> dict[str, Any]:
        """The outcome as JSON; holds no text of the sets."""
        rows = {name: {key: asdict(value) for key, value in row.items()} for name, row in self.rows.items()}
        return {"bench": self.name, **self.origin, "rows": rows}

    def save(self, folder: Path = RESULTS) -> Path:
        """Write ``bench-<name>.json`` to ``folder``; its path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"bench-{self.name}.json"
        path.write_text(dump(self.record()), encoding="utf-8")
        return path


def render(record: Mapping[str, Any]) -> str:
    """A recorded benchmark as a Markdown table."""
    if figures := record.get("figures"):
        return _figures(figures)
    if "sizes" in record:
        return _sizes(record)
    peers = "costs" in record
    lines = _table("R@1" if peers else "", record["rows"], peers)
    if deeper := record.get("ndcg_10"):
        lines += ["", *_table("nDCG@10", deeper, peers)]
    if speeds := record.get("sentences_per_second"):
        told = ", ".join(f"{name} {value:,.0f}" for name, value in speeds.items())
        lines += ["", f"Sentences a second, same texts, same run: {told}."]
    if peers:
        lines += ["", *_costs(record["costs"]), "", *_settings(record)]
    if absent := record.get("absent"):
        lines += ["", f"Not installed: {', '.join(absent)}. Install with: {record['install']}"]
    return "\n".join(lines)


def brief(record: Mapping[str, Any]) -> str:
    """Of recorded peers what they find first, and what they cost."""
    return "\n".join([*_table("R@1", record["rows"], best=True), "", *_costs(record["costs"])])


def _table(head: str, rows: Mapping[str, Mapping[str, Any]], best: bool) -> list[str]:
    """Measures with their intervals as a Markdown table, with ``best`` the highest of each column in bold."""
    columns = list(dict.fromkeys(key for row in rows.values() for key in row))
    tops = {key: max(row[key]["value"] for row in rows.values() if key in row) for key in columns} if best else {}
    lines = [f"|{head and f' {head}'} | {' | '.join([*columns, 'of'])} |", "|---|" + "---:|" * (len(columns) + 1)]
    for name, row in rows.items():
        cells = [_bold(_cell(row.get(key)), key in row and row[key]["value"] == tops.get(key)) for key in columns]
        lines.append(f"| {name} | {' | '.join(cells)} | {next(iter(row.values()))['n']} |")
    return lines


def _costs(costs: Mapping[str, Mapping[str, float]]) -> list[str]:
    """What each peer costs, as a Markdown table, the least in bold."""
    heads = {
        "start_s": "Start and first question, s",
        "paragraphs_per_s": "Paragraphs indexed a second",
        "query_ms": "A query, ms",
        "peak_mb": "Memory, MB",
    }
    best = {key: (max if key == "paragraphs_per_s" else min)(cost[key] for cost in costs.values()) for key in heads}
    lines = [f"| Processor time | {' | '.join(heads.values())} |", "|---|" + "---:|" * len(heads)]
    for name, cost in costs.items():
        lines.append(f"| {name} | {' | '.join(_bold(f'{cost[key]:,}', cost[key] == best[key]) for key in heads)} |")
    return lines


def _settings(record: Mapping[str, Any]) -> list[str]:
    """How each peer was set, and which version it was."""
    told = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    return [*(f"- {name}: {how}" for name, how in record["settings"].items()), "", f"Versions: {told}."]


def _bold(text: str, yes: bool) -> str:
    return f"**{text}**" if yes else text


def _figures(figures: Sequence[Mapping[str, Any]]) -> str:
    """What is measured against limits, as a Markdown table."""
    lines = ["| | Measured | Limit | Holds |", "|---|---:|---:|---|"]
    for figure in figures:
        bound = "at least" if figure["least"] else "at most"
        value, limit = (f"{figure[key]:.4g} {figure['unit']}".rstrip() for key in ("value", "limit"))
        lines.append(f"| {figure['name']} | {value} | {bound} {limit} | {'yes' if figure['holds'] else 'no'} |")
    return "\n".join(lines)


def _sizes(record: Mapping[str, Any]) -> str:
    """How an index grows, as a Markdown table."""
    heads = ("Passages", "Built in, s", "Bytes a passage", "Search p50, ms", "p95, ms", "Recall@10 of the vectors", "Memory, MB")  # fmt: skip
    lines, built = [f"| {' | '.join(heads)} |", "|" + "---:|" * len(heads)], 0.0
    for row in record["sizes"]:
        built += row["build_s"]
        cells = (f"{row['passages']:,}", f"{built:,.0f}", f"{row['bytes_per_passage']:,}", f"{row['p50_ms']:.0f}", f"{row['p95_ms']:.0f}", f"{row['recall']:.3f}", f"{row['memory_mb']:,.0f}")  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    if grown := record["growth"]:
        names = {"build_s": "building", "p50_ms": "search p50", "p95_ms": "p95", "memory_mb": "memory"}
        told = ", ".join(f"{names[name]} n^{exponent}" for name, exponent in grown.items())
        lines += ["", f"With the number n of passages grow: {told}."]
    beside = record["beside_indexing"]
    told = (
        f"{beside['p95_ms']:.0f} ms, {beside['ratio']:.1f} times the {beside['idle_p95_ms']:.0f} ms without (at most 3)"
    )
    return "\n".join([*lines, "", f"While another process adds files to the same index, p95 is {told}."])


def _cell(value: Mapping[str, Any] | None) -> str:
    return f"{value['value']:.3f} ({value['low']:.2f}–{value['high']:.2f})" if value else "–"


def files(data: Path, what: str, *names: str) -> list[Path]:
    """The files ``names`` below ``data``.

    :param what: what they hold and where it can be had, for the message.
    :raises EvalError: if one is not there.
    """
    paths = [data / name for name in names]
    for path in paths:
        if not path.is_file():
            raise EvalError(f"{path}: not there. It holds {what}. Name the folder with --data.")
    return paths


def made_from(name: str, settings: Settings, paths: Sequence[Path]) -> dict[str, Any]:
    """What a benchmark's record says about its making: command, date, commit, digest of the data, encoder."""
    return {
        "command": f"python -m eval.bench {name}",
        "date": origin.today(),
        "commit": origin.commit(),
        "data_sha256": origin.digest(paths),
        "encoder": Path(settings.embedder).name if settings.embedder else "bundled",
    }
