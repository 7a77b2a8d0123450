"""The gate: measures that must not fall below what was recorded, kept in ``eval/results``.

``record`` writes what a run found and the floors that follow from it; ``check`` compares another run with them, and each
question with itself.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.errors import EvalError
from eval.metrics import Ratio
from eval.report import LOWER_IS_BETTER, MEASURES, Report, changes, dump

RESULTS = Path(__file__).parent / "results"
BASELINE = "baseline.json"
# How far a measure may be from what was recorded; where none is named, as far as its interval reaches. A processor with other vector instructions rounds the encoder's
# 8-bit arithmetic otherwise, which can turn a question or two; a quote is verbatim everywhere or the code is wrong.
MARGINS = {
    "same": 0.015, "cross": 0.02, "turns": 0.03, "refusals": 0.02, "false_refusals": 0.01, "quotes": 0.0
}  # fmt: skip


SIGNIFICANT = 0.02  # how seldom as many questions would get worse if each change were a coin's toss


def record(report: Report, folder: Path = RESULTS) -> None:
    """Write ``<set>.json``, and the set's floors in ``baseline.json``, in place of earlier ones."""
    folder.mkdir(parents=True, exist_ok=True)
    found = report.record()
    (folder / f"{report.name}.json").write_text(dump(found), encoding="utf-8")
    floors = _load(folder) | {report.name: _floors(report, found)}
    (folder / BASELINE).write_text(dump(dict(sorted(floors.items()))), encoding="utf-8")


def recorded(name: str, folder: Path = RESULTS) -> dict[str, Any] | None:
    """What is recorded of the set ``name``, ``None`` where nothing is."""
    path = folder / f"{name}.json"
    return _read(path) if path.is_file() else None


def _floors(report: Report, found: dict[str, Any]) -> dict[str, Any]:
    measured = {name: report.measure(name) for name in MEASURES}
    limits = {name: _limit(name, value) for name, value in measured.items() if value.n}
    return {"set_sha256": found["set_sha256"], "limits": limits, "remarks": dict(sorted(found["remarks"].items()))}


def _limit(name: str, found: Ratio) -> float:
    """The floor under a measure, or the ceiling over it where lower is better, to four decimals and never stricter."""
    value, low, high = found.value or 0.0, found.low or 0.0, found.high or 0.0
    if name in LOWER_IS_BETTER:
        return min(1.0, math.ceil((value + MARGINS[name] if name in MARGINS else high) * 1e4) / 1e4)
    return max(0.0, math.floor((value - MARGINS[name] if name in MARGINS else low) * 1e4) / 1e4)


def check(report: Report, folder: Path = RESULTS) -> tuple[str, ...]:
    """What is worse than recorded, one line each, the changed questions last; empty where nothing is.

    A measure is worse beyond its limit, a kind of remark where significantly more questions have it.

    :raises EvalError: if nothing was recorded for the set.
    """
    known = _load(folder).get(report.name)
    if known is None:
        raise EvalError(
            f"{folder / BASELINE}: no floor is recorded for the set {report.name!r}. Record one with: "
            f"python -m eval.run --set {report.name} --record"
        )
    worse = [line for name, limit in known["limits"].items() if (line := _compare(report, name, limit))]
    if report.origin.get("set_sha256") == known["set_sha256"]:
        worse += _tilted(report, known["remarks"])
    return (*worse, _changed(report, known)) if worse else ()


def _compare(report: Report, name: str, limit: float) -> str | None:
    """A line that says how a measure misses its limit, or ``None`` where it keeps it."""
    value = report.measure(name).value
    if value is None:
        return f"{report.name}: {MEASURES[name].label}: nothing was measured, and the limit is {100 * limit:.1f} %"
    if name in LOWER_IS_BETTER:
        kept, side = value <= limit, "above the ceiling"
    else:
        kept, side = value >= limit, "below the floor"
    return None if kept else f"{report.name}: {MEASURES[name].label}: {100 * value:.1f} % is {side} {100 * limit:.1f} %"


def _tilted(report: Report, before: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What is amiss with significantly more questions than have lost it: the sign test (Dixon and Mood 1946), one-sided.

    Question by question it sees what an interval over all of them hides, such as a fault in the dates of a set that asks
    for few.
    """
    pairs = [(_kinds(before.get(row.id, ())), _kinds(row.remarks)) for row in report.rows]
    for kind in sorted(set().union(*(now for _, now in pairs))):
        gained = sum(kind in now and kind not in was for was, now in pairs)
        lost = sum(kind in was and kind not in now for was, now in pairs)
        if (chance := sign_test(gained, lost)) < SIGNIFICANT:
            yield f"{report.name}: {kind}: {gained} questions more and {lost} fewer than recorded (p = {chance:.2g})"


def _kinds(remarks: Sequence[str]) -> set[str]:
    """Remarks without their numbers: ``fact 2`` is of the kind ``fact``."""
    return {remark.partition(" ")[0] for remark in remarks}


def sign_test(gained: int, lost: int) -> float:
    """The chance, in (0, 1], of at least ``gained`` heads in ``gained + lost`` tosses of a fair coin."""
    total = gained + lost
    return 0.5**total * sum(math.comb(total, heads) for heads in range(gained, total + 1))


def _changed(report: Report, known: dict[str, Any]) -> str:
    """What is amiss now and was not when the floors were recorded, by question."""
    worse, _ = changes(known["remarks"], report)
    note = "" if report.origin.get("set_sha256") == known["set_sha256"] else " (the set has changed since)"
    return f"{report.name}: amiss now, not when the floors were recorded{note}: {', '.join(worse) or 'none'}"


def _load(folder: Path) -> dict[str, Any]:
    path = folder / BASELINE
    return _read(path) if path.is_file() else {}


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except json.JSONDecodeError as error:
        raise EvalError(f"{path}: not JSON ({error.msg} at line {error.lineno}). Restore it from git.") from error
