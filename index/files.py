"""Which files there are below what the user names, and a file's bytes as they were at one moment."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from index.errors import UnreadableDocument
from index.manifest import Fingerprint
from index.read import SUFFIXES, checked_size, unreadable

ATTEMPTS = 3  # readings of a file that is being written
SETTLED = 2_000_000_000  # ns since the last change from which a file's time is trusted: FAT counts in two seconds


def article_id(path: Path) -> str:
    """The id of the article read from ``path``: twelve hexadecimal digits of its resolved place."""
    return resolved_id(Path(os.path.realpath(path)))


def resolved_id(path: Path) -> str:
    """The same for a path without links, such as :func:`find_files` gives."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def find_files(paths: Iterable[Path], skipped: dict[str, str] | None = None) -> list[Path]:
    """Supported files at and below ``paths``, sorted, each once; hidden files and folders are passed over.

    :param skipped: takes up the folders that cannot be opened, and why.
    :raises UnreadableDocument: if a path is not there or not to be reached, or a folder holds no supported file.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not _exists(path):
            raise UnreadableDocument(f"{path}: there is no such file or folder. Check the path.")
        files = sorted(_walk(path, skipped)) if path.is_dir() else [_real(path)]
        if not files:
            kinds = " ".join(sorted(SUFFIXES))
            raise UnreadableDocument(f"{path}: this folder holds no document. Supported files: {kinds}")
        found.update(dict.fromkeys(files))
    return list(found)


def _real(path: Path) -> Path:
    """``path`` without links; unlike :meth:`Path.resolve`, this lets a link to itself stand, to be told of when it is read."""
    return Path(os.path.realpath(path))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        message = f"{path}: cannot be reached ({error.strerror}). Check the path and the permissions of its folders."
        raise UnreadableDocument(message) from error


def _walk(folder: Path, skipped: dict[str, str] | None) -> Iterator[Path]:
    seen: set[str] = set()

    def unopened(error: OSError) -> None:
        if skipped is not None:
            skipped[str(error.filename)] = f"this folder cannot be opened ({error.strerror}). Check its permissions."

    for place, folders, files in os.walk(folder, onerror=unopened, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:  # a link that leads back up
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES:
                path = os.path.join(real, name)  # resolving each would take half of a run that finds nothing changed
                yield _real(Path(path)) if os.path.islink(path) else Path(path)


def snapshot(path: Path) -> tuple[bytes, Fingerprint]:
    """The bytes of a file that did not change while they were read, and their fingerprint.

    :raises UnreadableDocument: if it is no ordinary file, empty, too large, unreadable or always being written.
    """
    for _ in range(ATTEMPTS):
        size = checked_size(path)
        try:
            with path.open("rb") as file:
                before = os.fstat(file.fileno())
                data = file.read(size + 1)
            after = path.stat()
        except OSError as error:
            raise unreadable(path, f"cannot be opened ({error.strerror}). Check it and its permissions.") from error
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns) and len(data) == after.st_size:
            # A file can change again within the tick of its clock: a young one's time is not worth remembering.
            settled = time.time_ns() - after.st_mtime_ns > SETTLED
            modified = after.st_mtime_ns if settled else 0
            return data, Fingerprint(hashlib.sha256(data).hexdigest(), after.st_size, modified)
    raise unreadable(path, "changes while it is read. Run the command again once it has been saved.")
