"""Plots as SVG: of a report right answers by direction, risk against coverage, and how long answers take; of the scale
benchmark how searching and building grow with the index.

Needs matplotlib (the extra ``report``); where it is not installed there are no plots. They hold figures and names of
measures, and no text of a document.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from eval import refusals
from eval.refusals import Reading
from eval.report import CROSS, SAME, Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE = (4.6, 3.0)  # inches
INK, SHADE = "#2b5f8a", "#b9c9d8"
_STYLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "mundap", "font.size": 9}


def plots(report: Report) -> dict[str, str]:
    """SVG elements by title; empty where matplotlib is not installed or nothing was asked."""
    try:
        import matplotlib
    except ImportError:
        return {}
    if not report.rows:
        return {}
    with matplotlib.rc_context(_STYLE):
        return {
            "Right answers by direction": _svg(_directions, report),
            "Risk and coverage": _svg(_risk, report),
            "Time to answer": _svg(_times, report),
        }


def growth(record: Mapping[str, Any]) -> str:
    """An SVG element of a recorded scale benchmark; empty for another, and where matplotlib is not installed."""
    if "sizes" not in record:
        return ""
    try:
        import matplotlib
    except ImportError:
        return ""
    with matplotlib.rc_context(_STYLE):
        return _svg(_growth, record)


def readings(report: Report) -> list[Reading]:
    """Single questions as readings: how sure the system was, and whether an answer would have been right.

    What was refused counts as wrong had it been answered, for nobody knows what it would have said.
    """
    return [
        Reading(row.confidence, row.answerable, row.answerable and row.right, row.entry)
        for row in report.rows
        if row.turn == 0
    ]


def _directions(axes: Axes, report: Report) -> None:
    measured = {name: report.measure(name) for name in (*SAME, *CROSS)}
    shown = {name: m for name, m in measured.items() if m.value is not None}
    values = [100 * (m.value or 0.0) for m in shown.values()]
    below = [100 * ((m.value or 0.0) - (m.low or 0.0)) for m in shown.values()]
    above = [100 * ((m.high or 0.0) - (m.value or 0.0)) for m in shown.values()]
    axes.bar(list(shown), values, yerr=[below, above], color=SHADE, edgecolor=INK, ecolor=INK, capsize=4)
    axes.set(ylim=(0, 105), ylabel="right, % (95 % interval)")


def _risk(axes: Axes, report: Report) -> None:
    curve = refusals.curve(readings(report))
    axes.plot([100 * p.coverage for p in curve], [100 * p.risk for p in curve], color=INK, marker=".")
    single = [row for row in report.rows if row.turn == 0]
    answered = [row for row in single if not row.refused]
    if answered:
        wrong = sum(not row.right for row in answered)
        axes.plot(100 * len(answered) / len(single), 100 * wrong / len(answered), "o", color="#b4442b")
    axes.set(xlim=(0, 103), ylim=(0, None), xlabel="answered, %", ylabel="of these wrong, %")


def _times(axes: Axes, report: Report) -> None:
    axes.hist([1000 * row.seconds for row in report.rows], bins=30, color=SHADE, edgecolor=INK)
    axes.set(xlabel="milliseconds", ylabel="questions")


def _growth(axes: Axes, record: Mapping[str, Any]) -> None:
    rows = record["sizes"]
    sizes = [row["passages"] for row in rows]
    for name, style in (("p50_ms", "o-"), ("p95_ms", "s--")):
        axes.plot(sizes, [row[name] for row in rows], style, color=INK, label=f"search {name[:3]}, ms")
    built = itertools.accumulate(row["build_s"] for row in rows)
    axes.plot(sizes, list(built), "^:", color="#b4442b", label="built in, s")
    axes.set(xscale="log", yscale="log", xlabel="passages")
    axes.legend(frameon=False)


def _svg(draw: Callable[[Axes, Any], None], drawn: Any) -> str:
    """One drawing as an ``<svg>`` element, the same bytes for the same figures."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, layout="constrained")
    draw(figure.subplots(), drawn)
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return text[text.index("<svg") :]
