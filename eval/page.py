"""A report as one self-contained HTML page: the table, the plots and every question, worst first, with filters.

Everything that comes from documents, sets and answers is escaped, and the page's own policy lets no script run but the
one that filters, whatever slipped through.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.plots import plots
from eval.report import LOWER_IS_BETTER, MEASURES, Report, changes, dump

TEMPLATE = Path(__file__).parent / "report.html.j2"
SCRIPT = """
const fields = ["text", "mark", "direction", "kind"].map(name => document.getElementById(name));
const [text, mark, direction, kind] = fields, articles = [...document.querySelectorAll("article")];
function show() {
  let shown = 0;
  for (const article of articles) {
    const fits = (!mark.value || article.classList.contains(mark.value))
      && (!direction.value || article.dataset.direction === direction.value)
      && (!kind.value || article.dataset.kind === kind.value)
      && article.textContent.toLowerCase().includes(text.value.toLowerCase());
    article.hidden = !fits;
    shown += fits;
  }
  document.getElementById("count").textContent = shown;
}
if (text) {
  fields.forEach(field => field.addEventListener("input", show));
  text.form.addEventListener("submit", event => event.preventDefault());
}
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A measure beside what is recorded of it. ``trend`` is ``better``, ``worse`` or empty."""

    label: str
    value: float
    low: float
    high: float
    n: int
    before: float | None
    trend: str


def save(report: Report, folder: Path, baseline: Mapping[str, Any] | None = None) -> tuple[Path, Path, Path]:
    """Write ``<set>.json``, ``<set>.md`` and ``<set>.html`` to ``folder``, which is made. The three paths."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [] if report.held_out else [asdict(row) | {"right": row.right} for row in report.rows]
    written = {
        "json": dump(report.record() | {"rows": rows}),
        "md": report.markdown(),
        "html": render(report, baseline),
    }
    paths = {ending: folder / f"{report.name}.{ending}" for ending in written}
    for ending, text in written.items():
        paths[ending].write_text(text, encoding="utf-8")
    return paths["json"], paths["md"], paths["html"]


def render(report: Report, baseline: Mapping[str, Any] | None = None) -> str:
    """The page of ``report``, compared with ``baseline``, a record as :meth:`eval.report.Report.record` makes it."""
    from jinja2 import Environment, StrictUndefined

    summary = report.summary
    worse, better = changes(baseline["remarks"], report) if baseline else ([], [])
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    page = Environment(autoescape=True, undefined=StrictUndefined).from_string(TEMPLATE.read_text(encoding="utf-8"))
    return page.render(
        report=report,
        origin={name: value for name, value in report.origin.items() if value is not None},
        lines=_lines(summary, baseline["summary"] if baseline else {}),
        times={"whole answer": summary["latency"], **summary["steps"]} if report.rows else {},
        baseline=baseline,
        worse=worse,
        better=better,
        plots=plots(report),
        rows=() if report.held_out else report.worst_first,
        directions=sorted({row.direction or "no answer" for row in report.rows}),
        kinds=sorted({row.kind for row in report.rows}),
        script=SCRIPT,
        script_hash=f"sha256-{digest}",
    )


def _lines(summary: Mapping[str, Any], before: Mapping[str, Any]) -> list[Line]:
    """One line for each measure that was taken."""
    lines = []
    for name, measure in MEASURES.items():
        found, known = summary[name], (before.get(name) or {}).get("value")
        if found["n"]:
            moved = 0.0 if known is None else (found["value"] - known) * (-1 if name in LOWER_IS_BETTER else 1)
            trend = "better" if moved > 0 else "worse" if moved < 0 else ""
            values = {key: found[key] for key in ("value", "low", "high", "n")}
            lines.append(Line(measure.label, **values, before=known, trend=trend))
    return lines
