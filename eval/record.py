"""Prints what a long check of the program found, and keeps it in ``eval/results`` where it is asked to."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from eval import origin
from eval.gate import RESULTS
from eval.report import dump


def tell(name: str, command: str, found: Mapping[str, Any], *, keep: bool) -> None:
    """Print ``found`` with where it comes from; with ``keep`` it becomes ``eval/results/<name>.json``."""
    text = dump({"command": command, "date": origin.today(), "commit": origin.commit(), **found})
    sys.stdout.write(text)
    if keep:
        (RESULTS / f"{name}.json").write_text(text, encoding="utf-8")
