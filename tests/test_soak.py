"""Long use in one process: one round here, ``python -m eval.soak --minutes 30`` is the whole of it."""

from __future__ import annotations

import pytest

from eval.soak import ASKERS, EACH, Soak, Tally


@pytest.fixture(scope="module")
def soak(tmp_path_factory: pytest.TempPathFactory) -> Soak:
    return Soak(tmp_path_factory.mktemp("soak"), seed=1, embedder="words", samples=())


def test_a_round_raises_nothing(soak: Soak) -> None:
    soak.round()
    tally = soak.tally
    assert tally.errors == [] and tally.rounds == tally.removed == len(tally.memory) == 1
    assert tally.asked == ASKERS * EACH and tally.indexed > 2


def test_what_goes_wrong_is_told_by_its_place(soak: Soak, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak, "_ask", lambda questions: [][0])
    soak.round()
    assert len(soak.tally.errors) == ASKERS and soak.tally.errors[0].startswith("IndexError at test_soak.py:")


def test_growth_is_measured_after_the_warm_up() -> None:
    steady = [(minute, 300.0 if minute < 6 else 500.0 + minute % 3) for minute in range(31)]
    assert abs(Tally(memory=steady).growth()) < 0.01
    leaking = [(minute, held + 2 * minute) for minute, held in steady]
    assert 0.06 < Tally(memory=leaking).growth() < 0.1
