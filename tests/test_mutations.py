"""Faults for the gate: each fits the code, each was caught, and the copies that they are put into are the code's own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from conftest import ROOT
from eval import gate, mutations, origin, sets
from eval.errors import EvalError
from eval.faults import FAULTS, Fault
from index.network import Network, Row


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_every_fault_fits_the_code_and_leaves_it_code(fault: Fault) -> None:
    code = (ROOT / fault.file).read_text(encoding="utf-8")
    assert fault.changes and mutations.changed(code, fault) != code
    compile(mutations.changed(code, fault), fault.file, "exec")


def test_words_that_the_code_does_not_hold_once_are_refused() -> None:
    for code in ("other", "old old"):
        with pytest.raises(EvalError, match=r"a\.py holds 'old' \d times"):
            mutations.changed(code, Fault("wrong", "a.py", (("old", "new"),)))


def test_every_fault_but_one_was_caught_on_the_committed_set() -> None:
    """That no date in a text is recognised is not: too few of the set's direct answers are dates, and right."""
    record = json.loads((gate.RESULTS / mutations.RECORD).read_text(encoding="utf-8"))
    assert list(record["faults"]) == list(FAULTS) and len(FAULTS) >= 12, "run: python -m eval.mutations --record"
    assert {name for name, lines in record["faults"].items() if not lines} <= {"dates unread"}
    assert record["set_sha256"] == origin.digest([sets.find(record["set"])])


def test_a_copy_holds_the_fault_and_the_data_and_the_code_stays_as_it_is(tmp_path: Path) -> None:
    before = (ROOT / "index" / "chunk.py").read_bytes()
    mutations.copied(FAULTS["passages truncated"], tmp_path)
    assert "len(each) + 1" in (tmp_path / "index" / "chunk.py").read_text(encoding="utf-8")
    assert (tmp_path / "index" / "model" / "encoder.onnx").read_bytes()[:1]
    assert (tmp_path / "eval" / "results" / gate.BASELINE).is_symlink()
    assert (ROOT / "index" / "chunk.py").read_bytes() == before


def test_an_evaluation_that_does_not_run_is_no_catch(tmp_path: Path) -> None:
    with pytest.raises(
        EvalError, match=r"nothing: the evaluation ended with 2: nowhere: there is no such question set"
    ):
        mutations.missed(mutations.NONE, tmp_path / "memory", "nowhere")


def test_networks_are_asked_once_for_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counting(self: object, rows: Sequence[Row], batch: int = 32) -> Iterator[object]:
        asked.append(len(rows))
        yield [0], rows[0].ids, None

    class Small:
        digest = "one"
        run = Network.run

    monkeypatch.setattr(Network, "run", counting)
    known: mutations.Memory = {}
    mutations._remember(known)
    network, other = Small(), Small()
    Small.run, other.digest = Network.run, "two"
    rows = [Row([1, 2], [0, 0], np.zeros((2, 3), np.float32))]
    changed = [Row([1, 2], [0, 0], np.ones((2, 3), np.float32))]
    answers = [
        list(one.run(given)) for one, given in ((network, rows), (network, rows), (network, changed), (other, rows))
    ]
    assert answers[0] == answers[1] == [([0], [1, 2], None)] and asked == [1, 1, 1] and len(known) == 3


def test_the_command_tells_what_was_not_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {"nothing": [], "no question is refused": ["Unanswerable, refused: low"], "every question is refused": []}
    monkeypatch.setattr(mutations, "missed", lambda fault, memory: told[fault.says])
    monkeypatch.setattr(gate, "RESULTS", tmp_path)
    assert mutations.main(["always answers"]) == 0
    assert mutations.main(["always answers", "never answers"]) == 1
    assert "never answers: NOT CAUGHT" in capsys.readouterr().out
    assert mutations.main(["no such fault"]) == 2
    told["nothing"] = ["Quotes verbatim: low"]
    assert mutations.main(["always answers"]) == 2
    assert "fails without a fault: Quotes verbatim: low" in capsys.readouterr().err


def test_a_record_keeps_what_was_not_asked_again(tmp_path: Path) -> None:
    mutations.save({"never answers": ["one"], "always answers": ["two"]}, tmp_path)
    mutations.save({"never answers": ["three"]}, tmp_path)
    record = json.loads((tmp_path / mutations.RECORD).read_text(encoding="utf-8"))
    assert record["faults"] == {"always answers": ["two"], "never answers": ["three"]}
    table = mutations.render({"faults": {"always answers": ["a", "b", "c"], "never answers": []}})
    assert "| always answers | no question is refused | a; b; and 1 more |" in table and "**nothing**" in table
