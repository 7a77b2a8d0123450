"""Logs: one JSON object a line on standard error, for whoever runs Mundap. They say what was done, and quote nothing.

Our own records hold counts, seconds, names of steps and of kinds; never a text, a question or a key. A library may quote
what it was given, so of its records the place is told and not the words; of an error its kind and where it came from.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

LEVELS = ("debug", "info", "warning", "error")
OURS = ("index", "rag", "ui", "eval")
DEEPEST = 5  # places told of where an error came from, nearest last

log = logging.getLogger(__name__)


class JsonLines(logging.Formatter):
    """A record as one line: ``time``, ``level``, ``logger``, ``event``, its ``facts`` and, of an error, ``error``, ``at``.

    Facts are given as ``log.info("indexed", extra={"facts": {"added": 3}})``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, in ASCII, so that no terminal and no reader of logs stumbles over it."""
        ours = record.name.partition(".")[0] in OURS
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage() if ours else f"{Path(record.pathname).name}:{record.lineno}",
        }
        told |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[1]:
            frames = traceback.extract_tb(record.exc_info[2])[-DEEPEST:]
            told["error"] = type(record.exc_info[1]).__name__
            told["at"] = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames]
        return json.dumps(told)


class _StandardError(logging.Handler):
    """Writes to whatever standard error is at the time."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(self.format(record) + "\n")


def configure(level: str) -> None:
    """Write records of ``level``, one of ``LEVELS``, and above; of libraries warnings alone. May be called again."""
    root = logging.getLogger()
    if not any(isinstance(handler, _StandardError) for handler in root.handlers):
        handler = _StandardError()
        handler.setFormatter(JsonLines())
        root.addHandler(handler)
    known = level if level in LEVELS else "warning"
    for name in OURS:
        logging.getLogger(name).setLevel(known.upper())
    if known != level:
        log.warning("MUNDAP_LOG is unknown; expected %s. Warnings are logged.", ", ".join(LEVELS))
