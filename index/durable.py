"""Writing a file such that it outlasts a loss of power."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def durable(path: Path) -> Iterator[BinaryIO]:
    """``path`` to be written anew; what was written is on the disk when the block ends.

    :raises OSError: if it cannot be written.
    """
    with path.open("wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())
