"""What visitors think of answers, one JSON object a line in the home folder. It never leaves this machine."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

from index.errors import IndexUnwritable
from ui.history import Exchange

FILE = "feedback.jsonl"
LONGEST_REASON = 2_000  # characters
_lock = threading.Lock()


def record(home: Path, exchange: Exchange, verdict: str, reason: str) -> None:
    """Append a verdict, ``good`` or ``bad``, with the question, the answer and its sources.

    :raises IndexUnwritable: if the home cannot be written.
    """
    answer = exchange.answer
    row = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "verdict": verdict,
        "reason": reason[:LONGEST_REASON],
        "question": exchange.question,
        "query": answer.query if answer else "",
        "status": answer.status if answer else "",
        "text": answer.text if answer else "",
        "generator": answer.generator if answer else "",
        "sources": [f"{c.source}:{c.start}-{c.end}" for c in answer.citations] if answer else [],
    }
    try:
        home.mkdir(parents=True, exist_ok=True)
        with _lock, (home / FILE).open("a", encoding="utf-8") as out:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    except OSError as error:
        raise IndexUnwritable(
            f"{home / FILE} cannot be written ({error.strerror}). Set MUNDAP_HOME elsewhere."
        ) from error
