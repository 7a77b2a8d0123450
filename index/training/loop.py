"""Gradient steps with checkpoints: a run that is killed goes on where it was, to the same end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch

log = logging.getLogger(__name__)

CHECKPOINT = 100  # steps between two checkpoints
REPORT = 50  # steps between two lines in the log


class Batches(Protocol):
    """Draws batches at random; its state says which it draws next."""

    def loss(self) -> torch.Tensor:
        """The loss of the next batch."""
        ...

    def report(self) -> dict[str, float]:
        """How it goes, for the log."""
        ...

    def state(self) -> dict[str, Any]:
        """Numbers, strings, lists and tuples only."""
        ...

    def restore(self, state: dict[str, Any]) -> None: ...


@dataclass(slots=True)
class Course:
    """What learns, how, and from what; ``clipped`` are the parameters whose gradient's norm is held to 1."""

    network: torch.nn.Module
    batches: Batches
    optimizers: list[torch.optim.Optimizer]
    schedules: list[torch.optim.lr_scheduler.LambdaLR]
    clipped: list[torch.nn.Parameter] = field(default_factory=list)

    def step(self) -> None:
        """One batch."""
        loss = self.batches.loss()
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if self.clipped:
            torch.nn.utils.clip_grad_norm_(self.clipped, 1.0)
        for optimizer, schedule in zip(self.optimizers, self.schedules, strict=True):
            optimizer.step()
            schedule.step()

    def state(self) -> dict[str, Any]:
        return {
            "network": self.network.state_dict(),
            "optimizers": [each.state_dict() for each in self.optimizers],
            "schedules": [each.state_dict() for each in self.schedules],
            "batches": self.batches.state(),
            "random": torch.get_rng_state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        for parts, stored in ((self.optimizers, state["optimizers"]), (self.schedules, state["schedules"])):
            for part, kept in zip(parts, stored, strict=True):
                part.load_state_dict(kept)  # type: ignore[attr-defined]
        self.batches.restore(state["batches"])
        torch.set_rng_state(state["random"])


def schedule(
    optimizer: torch.optim.Optimizer, steps: int, warm: int, least: float
) -> torch.optim.lr_scheduler.LambdaLR:
    """A rate that rises over ``warm`` steps and falls in a straight line, to no less than ``least`` of the whole."""
    return torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / warm) * max(least, 1 - step / steps)
    )


def follow(
    course: Course,
    steps: int,
    path: Path,
    seed: int,
    every: int = CHECKPOINT,
    after: Callable[[int], None] | None = None,
) -> None:
    """Take the course up to step ``steps``, from where the checkpoint ``path`` stands if there is one.

    ``after`` is called with the number of each step done, behind its checkpoint. A checkpoint of another length goes
    on under the new length's rates.

    :raises ValueError: if the checkpoint was made with another seed.
    """
    step, began = _resume(course, path, seed), time.monotonic()
    while step < steps:
        course.step()
        step += 1
        if step % REPORT == 0 or step == steps:
            log.info("%s, step %d, %.0f s: %s", path.stem, step, time.monotonic() - began, course.batches.report())
        if step % every == 0 or step == steps:
            save({"step": step, "seed": seed, **course.state()}, path)
        if after is not None:
            after(step)


def _resume(course: Course, path: Path, seed: int) -> int:
    """The step that the checkpoint stands at, the course being set to it; 0 without one."""
    if not path.is_file():
        return 0
    state = torch.load(path)
    if state["seed"] != seed:
        raise ValueError(
            f"{path} was made with seed {state['seed']}, this run has {seed}: delete it, or use that seed."
        )
    course.restore(state)
    log.info("%s: going on after step %d", path.stem, state["step"])
    return int(state["step"])


def save(state: dict[str, Any], path: Path) -> None:
    """Write what torch.load reads, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)
