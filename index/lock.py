"""The lock of a home folder: one process writes to an index at a time; a second one waits, or is told which."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import IndexUnwritable


@contextmanager
def owner(home: Path, wait: float = 0) -> Iterator[None]:
    """Hold the home folder's lock: two writers at once would corrupt the vector store.

    The operating system lets go of the lock when its holder dies, however it dies.

    :param wait: seconds to wait for another process to let go of it.
    :raises IndexUnwritable: if the folder cannot be written or another process holds it all that time.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(home / "lock")
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=wait)
        (home / "owner").write_text(str(os.getpid()), encoding="ascii")
    except Timeout as error:
        message = f"{home} is being indexed by process {_holder(home)}. Run the command again when it has ended, or give it --wait SECONDS."
        raise IndexUnwritable(message) from error
    except OSError as error:
        lock.release()
        message = f"{home} cannot be written ({error.strerror}). Set MUNDAP_HOME to a folder that you own."
        raise IndexUnwritable(message) from error
    try:
        yield
    finally:
        lock.release()


def _holder(home: Path) -> str:
    try:
        return (home / "owner").read_text(encoding="ascii").strip() or "unknown"
    except OSError:
        return "unknown"
