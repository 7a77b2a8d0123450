"""How good is the gate itself? Faults are put into a copy of the code one by one, and each must make it fail.

``python -m eval.mutations [FAULT ...] [--record]``. The set over the bundled samples is asked in each copy, in a process of
its own, and the copy's own gate compares it with what is recorded; first in one without a fault, which must pass. That
one also writes down what the networks say, which is the same whenever they are asked the same: the others look it up.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval import gate, origin, sets
from eval.errors import EvalError
from eval.faults import FAULTS, Fault
from eval.report import dump
from rag.settings import Settings

PARTS = ("index", "rag", "prompts", "eval")
SET = "samples"
RECORD = "mutations.json"
NONE = Fault("nothing", "", ())
Memory = dict[str, list[Any]]


def copied(fault: Fault, tree: Path) -> None:
    """Make a copy of the code in ``tree``, data as links, and put ``fault`` into it.

    :raises EvalError: if the file does not hold each of the words to exchange just once.
    """
    for part in PARTS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(origin.ROOT / part, tree / part, copy_function=_copy, ignore=ignored)
    if fault.file:
        path = tree / fault.file
        path.write_text(changed(path.read_text(encoding="utf-8"), fault), encoding="utf-8")


def _copy(source: str, target: str) -> None:
    if source.endswith(".py"):
        shutil.copyfile(source, target)
    else:
        Path(target).symlink_to(source)


def changed(code: str, fault: Fault) -> str:
    """``code`` of the fault's file with the fault in it.

    :raises EvalError: if it does not hold each of the words to exchange just once.
    """
    for old, new in fault.changes:
        if code.count(old) != 1:
            raise EvalError(f"{fault.file} holds {old!r} {code.count(old)} times. Give words that it holds once.")
        code = code.replace(old, new)
    return code


def missed(fault: Fault, memory: Path, set_name: str = SET) -> list[str]:
    """What the gate says of ``fault``, one line for each measure that misses its limit; nothing where it passes.

    :param memory: a file of what the networks said; made where there is none.
    :raises EvalError: if the code with the fault does not run at all.
    """
    with tempfile.TemporaryDirectory(prefix="mundap-fault-") as tree:
        copied(fault, Path(tree))
        ran = subprocess.run(
            [sys.executable, "-m", "eval.mutations", "--within", str(memory.resolve()), set_name],
            cwd=tree, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": tree},
        )  # fmt: skip
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise EvalError(f"{fault.says}: the evaluation ended with {ran.returncode}: {last}")
    return list(json.loads(ran.stdout.splitlines()[-1]))


def outcomes(names: Sequence[str], memory: Path | None = None) -> Iterator[tuple[str, list[str]]]:
    """Each fault with what the gate says of it.

    :param memory: where to keep what the networks say for another run, or an earlier one has kept it.
    :raises EvalError: if the gate fails without any fault.
    """
    with tempfile.TemporaryDirectory(prefix="mundap-memory-") as folder:
        memory = memory or Path(folder) / "memory.pickle"
        if lines := missed(NONE, memory):
            raise EvalError(f"The gate fails without a fault: {'; '.join(lines)}. Make it pass first: make eval")
        for name in names:
            yield name, missed(FAULTS[name], memory)


def save(found: Mapping[str, Sequence[str]], folder: Path = gate.RESULTS) -> None:
    """Write ``mutations.json``; faults that were not put in this time keep what is known of them on the same set."""
    path, digest = folder / RECORD, origin.digest([sets.find(SET)])
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    merged = {**(known["faults"] if known.get("set_sha256") == digest else {}), **found}
    made = {"command": "python -m eval.mutations", "date": origin.today(), "commit": origin.commit()}
    faults = {name: merged[name] for name in FAULTS if name in merged}
    path.write_text(dump({**made, "set": SET, "set_sha256": digest, "faults": faults}), encoding="utf-8")


def render(record: Mapping[str, Any]) -> str:
    """A record as a Markdown table."""
    lines = ["| fault | what goes wrong | what the gate says |", "|---|---|---|"]
    for name, found in record["faults"].items():
        rest = f"; and {len(found) - 2} more" if len(found) > 2 else ""
        lines.append(f"| {name} | {FAULTS[name].says} | {'; '.join(found[:2]) or '**nothing**'}{rest} |")
    return "\n".join(lines)


def within(memory: Path, set_name: str) -> list[str]:
    """Ask the set here, in a copy, and let the gate compare: its lines without the set's name and the changed questions."""
    from eval.run import run

    known: Memory = pickle.loads(memory.read_bytes()) if memory.exists() else {}
    first = not known
    _remember(known)
    lines = gate.check(run(Settings.from_env({}), set_name))[:-1]
    if first:
        memory.write_bytes(pickle.dumps(known))
    return [line.partition(": ")[2] for line in lines]


def _remember(known: Memory) -> None:
    """Let every network look up what it was asked before: the same weights and rows give the same numbers."""
    from index.network import BATCH, Network, Row

    ask = Network.run

    @functools.wraps(ask)
    def run(self: Network, rows: Sequence[Row], batch: int = BATCH) -> Iterator[Any]:
        told = [(list(row.ids), list(row.types), b"" if row.match is None else row.match.tobytes()) for row in rows]
        key = hashlib.sha256(pickle.dumps((self.digest, batch, told))).hexdigest()
        if key not in known:
            known[key] = list(ask(self, rows, batch))
        yield from known[key]

    Network.run = run  # type: ignore[method-assign]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code: 0 all caught, 1 one is not, 2 a user's error."""
    parser = argparse.ArgumentParser("python -m eval.mutations", description="Does the gate catch faults?")
    parser.add_argument("faults", nargs="*", metavar="FAULT", help=f"{', '.join(FAULTS)}; default: all")
    parser.add_argument("--record", action="store_true", help="write the outcome to eval/results")
    parser.add_argument("--memory", type=Path, help="a file that spares a later run the networks")
    parser.add_argument("--within", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    try:
        if options.within:
            sys.stdout.write(json.dumps(within(options.within, *options.faults)) + "\n")
            return 0
        if unknown := [name for name in options.faults if name not in FAULTS]:
            raise EvalError(f"There is no fault {unknown[0]!r}. Name some of: {', '.join(FAULTS)}")
        found: dict[str, list[str]] = {}
        for name, lines in outcomes(options.faults or tuple(FAULTS), options.memory):
            sys.stdout.write(f"{name}: {'; '.join(lines) or 'NOT CAUGHT'}\n")
            found[name] = lines
            if options.record:
                save(found)
    except EvalError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return int(not all(found.values()))


if __name__ == "__main__":
    sys.exit(main())
