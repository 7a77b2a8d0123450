"""The tables of README.md, eval/results/README.md, docs/scale.md and the encoder's card, made from recorded results.

``python -m eval.readme`` writes them in place.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval import extent, mutations, origin, published
from eval.bench import outcome
from eval.errors import EvalError
from eval.gate import RESULTS
from eval.report import MEASURES

START, END = "<!-- eval:start -->", "<!-- eval:end -->"
README, DETAILS = origin.ROOT / "README.md", RESULTS / "README.md"
SETS = {"articles": "Real articles", "blind": "Real articles, held-out questions", "samples": "Bundled samples"}
BENCHES = {
    "retrieval": "Passage search: 1,204 Korean and English paragraphs in one index, 100 questions a direction",
    "encoder": "The bundled encoder alone, without the lexical leg",
    "answers": "Given the paragraph: is an answer in the sentence chosen first, and is it known when there is none",
    "peers": "Other tools on the same paragraphs and questions, set as their documentation starts, Mundap with three weights that were chosen on them, the best in bold ([details](eval/results/README.md#peers))",
}


def render(folder: Path = RESULTS) -> str:
    """The tables of everything that is recorded in ``folder``, as Markdown.

    :raises EvalError: if nothing is recorded there.
    """
    sets = {name: _load(path) for name in SETS if (path := folder / f"{name}.json").is_file()}
    benches = {name: _load(path) for name in BENCHES if (path := folder / f"bench-{name}.json").is_file()}
    if not sets and not benches:
        raise EvalError(f"{folder}: no result is recorded. Record one with: python -m eval.run --set samples --record")
    parts = [_sets(sets)] if sets else []
    for name, record in benches.items():
        parts.append(f"{BENCHES[name]}:\n\n{(outcome.brief if name == 'peers' else outcome.render)(record)}")
    if (path := folder / mutations.RECORD).is_file():
        faults = _load(path)["faults"]
        caught = sum(map(bool, faults.values()))
        parts.append(
            f"Of {len(faults)} faults put into copies of the code, one at a time, the gate of `make eval` catches {caught} "
            "([which](eval/results/README.md#faults))."
        )
    return "\n\n".join(parts)


def details(folder: Path = RESULTS) -> str:
    """What the README leaves out: how the peers were set and all that they found, and the faults that the gate was shown."""
    parts = []
    if (path := folder / "bench-peers.json").is_file():
        record = _load(path)
        parts.append(f"### Peers\n\n`{record['command']}`, {record['date']}:\n\n{outcome.render(record)}")
    if (path := folder / mutations.RECORD).is_file():
        record = _load(path)
        parts.append(f"### Faults\n\n`{record['command']}`, {record['date']}:\n\n{mutations.render(record)}")
    return "\n\n".join(parts)


def pages() -> dict[Path, str]:
    """The pages that show recorded results, with their tables."""
    return {README: render(), DETAILS: details(), **extent.tables(), **published.tables()}


def _load(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _sets(records: Mapping[str, Mapping[str, Any]]) -> str:
    """One column for each set: percent, its 95 % interval, and of how many."""
    heads = [SETS[name] for name in records]
    lines = ["| % (95 % interval) of n | " + " | ".join(heads) + " |", "|---|" + "---:|" * len(heads)]
    for name, measure in MEASURES.items():
        cells = [_cell(record["summary"].get(name)) for record in records.values()]
        if set(cells) == {"–"}:
            continue
        lines.append(f"| {measure.label} | {' | '.join(cells)} |")
    cells = [_seconds(record["summary"]["latency"]) for record in records.values()]
    return "\n".join([*lines, f"| Seconds to answer, p50 / p95 | {' | '.join(cells)} |"])


def _cell(value: Mapping[str, Any] | None) -> str:
    if not value or not value["n"]:
        return "–"
    low, high = 100 * value["low"], 100 * value["high"]
    return f"{100 * value['value']:.1f} ({low:.0f}–{high:.0f}) of {value['n']}"


def _seconds(value: Mapping[str, Any]) -> str:
    return f"{value['p50']:.2f} / {value['p95']:.2f}" if value["n"] else "–"


def current(readme: str) -> str | None:
    """The tables that a README's text shows, ``None`` where it has no markers for them."""
    if START not in readme or END not in readme:
        return None
    return readme.partition(START)[2].partition(END)[0].strip()


def rewrite(readme: str, tables: str) -> str:
    """A README's text with ``tables`` between its markers.

    :raises EvalError: if it has no markers, or the second comes first.
    """
    before, start, rest = readme.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise EvalError(f"The page lacks the markers {START} and {END}, in this order. Put them where tables belong.")
    return f"{before}{START}\n{tables}\n{END}{after}"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code: 0 done, 1 a page differs (``--check``), 2 a user's error."""
    parser = argparse.ArgumentParser("python -m eval.readme", description="Write the recorded results to the pages.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where a page differs")
    options = parser.parse_args(arguments)
    try:
        tables = pages()
        old = {path: path.read_text(encoding="utf-8") for path in tables}
        new = {path: rewrite(old[path], told) for path, told in tables.items()}
    except (EvalError, FileNotFoundError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if options.check:
        return int(old != new)
    for path, text in new.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
