"""The outcome of an evaluation: a row for each question asked, the measures over them, and the files they become.

A report names what it was made from, so that two can be compared: digests of the set, the documents and the prompts,
the commit, the encoder and the generator. :meth:`Report.record` leaves out every text: what is committed to the
repository holds no part of an article and none of a held-out set's questions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.metrics import Ratio, latency, ratio
from index.types import Language
from rag.types import Citation

LOWER_IS_BETTER = frozenset({"false_refusals"})
SAME, CROSS = ("ko→ko", "en→en"), ("ko→en", "en→ko")  # language of the question → language of the sources


@dataclass(frozen=True, slots=True)
class Row:
    """One question asked in one language, and what came back.

    ``turn`` counts from 1 in a conversation and is 0 for a single question. ``direction`` is empty where there is no
    answer. ``direct`` is the span that the answer leads with, ``direct_right`` is ``None`` where none was asked for.
    ``foreign`` says that the answer's own words are in another language than they must be. ``verbatim`` says of each
    citation whether its quote is; ``supported`` of each statement whether its citations support it, ``relevant`` of
    each of these citations whether it helps. ``consistent`` compares with the same question in Korean, and is set on
    the English row. ``seconds`` is the time that asking took, ``timings`` that of each step.
    ``confidence`` is how sure the system was that it could answer. ``reply`` is the language that the answer must come
    in, ``language`` that of the run.
    """

    id: str
    entry: str
    turn: int
    language: Language
    kind: str
    direction: str
    answerable: bool
    question: str
    status: str
    answer_language: str
    text: str
    direct: str
    direct_right: bool | None
    foreign: bool
    citations: tuple[Citation, ...]
    verbatim: tuple[bool, ...]
    supported: tuple[bool, ...]
    relevant: tuple[bool, ...]
    problems: tuple[str, ...]
    seconds: float
    timings: Mapping[str, float]
    confidence: float
    reply: Language
    consistent: bool | None = None

    @property
    def right(self) -> bool:
        """Whether the answer is right, as :func:`eval.metrics.problems` defines it."""
        return not self.problems

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is amiss: why it is not right, and what a right answer may still lack, by the name of its measure."""
        marks = {
            "direct": self.direct_right is False,
            "inconsistent": self.consistent is False,
            "unsupported": not all(self.supported),
            "language": self.foreign or self.answer_language != self.language,
        }
        return (*self.problems, *(name for name, amiss in marks.items() if amiss))

    @property
    def cited(self) -> tuple[str, ...]:
        """Names of the files that are cited."""
        return tuple(citation.source for citation in self.citations)

    @property
    def refused(self) -> bool:
        """Whether the question was refused."""
        return self.status == "no_evidence"


@dataclass(frozen=True, slots=True)
class Measure:
    """A ratio over rows: ``values`` are the numbers that one row contributes, none where it is not concerned."""

    label: str
    values: Callable[[Row], Sequence[float]]


def _right_in(*directions: str) -> Callable[[Row], Sequence[float]]:
    return lambda row: [float(row.right)] if row.turn == 0 and row.direction in directions else []


def _direct(*kinds: str) -> Callable[[Row], Sequence[float]]:
    """Single questions of ``kinds``, or of any, that ask for a span."""
    return lambda row: (
        [] if row.turn or row.direct_right is None or kinds and row.kind not in kinds else [float(row.direct_right)]
    )


def _mean(marks: Sequence[bool]) -> Sequence[float]:
    """The share of ``marks``, as ALCE averages over each answer first; nothing where there are none."""
    return [sum(marks) / len(marks)] if marks else []


# Each answerable question counts once: alone under its direction, in a conversation under ``turns``.
MEASURES: Mapping[str, Measure] = {
    "same": Measure("Same language, right", _right_in(*SAME)),
    "cross": Measure("Cross-language, right", _right_in(*CROSS)),
    **{direction: Measure(f"{direction}, right", _right_in(direction)) for direction in SAME + CROSS},
    "turns": Measure("Multi-turn, right (per turn)", lambda row: [float(row.right)] if row.turn else []),
    "refusals": Measure("Unanswerable, refused (recall)", lambda row: [] if row.answerable else [float(row.refused)]),
    "refusal_precision": Measure(
        "Refusals that are due (precision)", lambda row: [float(not row.answerable)] if row.refused else []
    ),
    "false_refusals": Measure("Answerable, refused", lambda row: [float(row.refused)] if row.answerable else []),
    "direct": Measure("Direct answer right", _direct()),
    "direct_figure": Measure("Direct answer right: figures", _direct("amount", "number")),
    "direct_date": Measure("Direct answer right: dates", _direct("date")),
    "direct_name": Measure("Direct answer right: names", _direct("person", "place", "organisation")),
    "consistency": Measure(
        "Same fact in both languages",
        lambda row: [] if row.turn or row.consistent is None else [float(row.consistent)],
    ),
    "quotes": Measure("Quotes verbatim", lambda row: [float(verbatim) for verbatim in row.verbatim]),
    "dated": Measure("Citations with their date", lambda row: [float(bool(c.published)) for c in row.citations]),
    "citation_recall": Measure("Statements supported (citation recall)", lambda row: _mean(row.supported)),
    "citation_precision": Measure("Citations that support (citation precision)", lambda row: _mean(row.relevant)),
    "language": Measure(
        "Answered in the question's language",
        lambda row: [float(row.answer_language == row.reply and not row.foreign)],
    ),
}


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one evaluation found. ``origin`` says what it was made from: digests, commit, command, date.

    A ``held_out`` set's questions are shown nowhere: a set whose failures are read is no longer a fair test.
    """

    name: str
    rows: tuple[Row, ...]
    origin: Mapping[str, Any]
    held_out: bool = False

    @property
    def summary(self) -> dict[str, Any]:
        """Every measure as a mapping of :class:`eval.metrics.Ratio`; ``latency`` and that of ``steps`` in seconds."""
        steps = dict.fromkeys(step for row in self.rows for step in row.timings)
        times = {step: latency([row.timings[step] for row in self.rows if step in row.timings]) for step in steps}
        whole = {"latency": latency([row.seconds for row in self.rows]), "steps": times}
        return {name: asdict(self.measure(name)) for name in MEASURES} | whole

    def measure(self, name: str) -> Ratio:
        """One measure, with its interval over the set's entries. See :data:`MEASURES` for the names."""
        groups: dict[str, list[float]] = {}
        for row in self.rows:
            groups.setdefault(row.entry, []).extend(MEASURES[name].values(row))
        return ratio(list(groups.values()))

    @property
    def failures(self) -> tuple[Row, ...]:
        """The rows that are not right, in order."""
        return tuple(row for row in self.rows if not row.right)

    @property
    def worst_first(self) -> tuple[Row, ...]:
        """The rows by how much is amiss, those that are not right before all others."""
        return tuple(sorted(self.rows, key=lambda row: (row.right, -len(row.remarks))))

    def table(self) -> str:
        """The measures as a Markdown table."""
        return render(self.summary)

    def record(self) -> dict[str, Any]:
        """What is committed: origin, summary, and what is amiss by id, without any text."""
        remarks = {row.id: list(row.remarks) for row in self.rows if row.remarks}
        return {"set": self.name, **self.origin, "summary": self.summary, "remarks": remarks}

    def markdown(self) -> str:
        """The report as Markdown, failures first."""
        parts = [f"# Evaluation: {self.name}", f"`{self.origin['command']}`, {self.origin['date']}", self.table()]
        if self.held_out:
            return "\n\n".join([*parts, "The set is held out: its questions are not shown."]) + "\n"
        wrong, right = ([row for row in self.worst_first if row.right is mark] for mark in (False, True))
        parts += [f"## Not right: {len(wrong)}", *map(_block, wrong)]
        parts += [f"## Right: {len(right)}", *map(_block, right)]
        return "\n\n".join(parts) + "\n"


def _block(row: Row) -> str:
    """A row for a person to read."""
    note = f": {', '.join(row.remarks)}" if row.remarks else ""
    cited = f" ({', '.join(row.cited)})" if row.cited else ""
    answer = "\n".join(f"> {line}" for line in row.text.splitlines())
    return (
        f"### {row.id} {row.direction or 'no answer'}{note}\n\n{row.question}\n\n{answer}\n>{cited} {row.seconds:.2f} s"
    )


def changes(before: Mapping[str, Sequence[str]], report: Report) -> tuple[list[str], list[str]]:
    """Questions with a remark that ``before`` lacks, and those that have lost one: ``s110/ko (fact 1)``."""
    now = {row.id: row.remarks for row in report.rows}
    return _gained(before, now), _gained(now, {name: before.get(name, ()) for name in now})


def _gained(left: Mapping[str, Sequence[str]], right: Mapping[str, Sequence[str]]) -> list[str]:
    """What ``right`` has and ``left`` has not, by question."""
    fresh = {name: [mark for mark in marks if mark not in left.get(name, ())] for name, marks in right.items()}
    return [f"{name} ({', '.join(marks)})" for name, marks in fresh.items() if marks]


def render(summary: Mapping[str, Any]) -> str:
    """The measures of a summary as a Markdown table; those over nothing are left out."""
    lines = ["| | % | 95 % interval | of |", "|---|---:|---:|---:|"]
    for name, measure in MEASURES.items():
        values = summary.get(name)  # an earlier record lacks what was not measured then
        if values and values["n"]:
            interval = f"{100 * values['low']:.1f}–{100 * values['high']:.1f}"
            lines.append(f"| {measure.label} | {100 * values['value']:.1f} | {interval} | {values['n']} |")
    for name, value in {"Latency": summary["latency"], **summary.get("steps", {})}.items():
        if value["n"]:
            lines.append(
                f"| {name}, p50 / p95 | {1000 * value['p50']:.0f} / {1000 * value['p95']:.0f} ms | | {value['n']} |"
            )
    return "\n".join(lines)


def dump(value: object) -> str:
    """``value`` as the JSON that results are kept in: indented, Korean readable, a final line end."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
