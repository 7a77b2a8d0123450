"""What an evaluation was made from: digests of its inputs, the commit, the date. Knows nothing of questions."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def digest(paths: Iterable[Path]) -> str:
    """SHA-256 of the names and bytes of files, in the order of their names; one file's is that of its bytes."""
    files = sorted(paths, key=lambda path: path.name)
    if len(files) == 1:
        return hashlib.sha256(files[0].read_bytes()).hexdigest()
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def prompts_digest() -> str:
    """SHA-256 of the prompts, which change what a model answers."""
    return digest((ROOT / "prompts").glob("*.md"))


def commit() -> str | None:
    """The commit that is checked out, with ``+changes`` where files differ from it; ``None`` outside a repository."""
    head = _git("rev-parse", "HEAD")
    if head is None:
        return None
    return f"{head}+changes" if _git("status", "--porcelain") else head


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):  # no git on this machine
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def today() -> str:
    """The date in UTC, as ``2023-07-04``."""
    return datetime.now(tz=UTC).date().isoformat()
