"""The indexing run: files → articles → passages → vectors and search terms, incremental and safe to kill.

One process writes at a time, and what it writes is :mod:`index.builder`'s.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from index.builder import Builder, Progress, batched, unwritable
from index.corpus import DATABASE
from index.embed import Encoder
from index.errors import UnreadableDocument
from index.files import find_files, resolved_id, snapshot
from index.lock import owner
from index.manifest import Fingerprint, Manifest
from index.read import read_article
from index.types import Article

log = logging.getLogger(__name__)
_KINDS = ("added", "updated", "unchanged", "removed", "skipped")


@dataclass(slots=True)
class Report:
    """What a run did, by file: paths, and for the unreadable ones why."""

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)


@contextmanager
def _builder(home: Path, encoder: Encoder, url: str | None, wait: float) -> Iterator[Builder]:
    with owner(home, wait):
        try:
            builder = Builder(home, encoder, url)
            try:
                yield builder
            finally:
                builder.close()
        except sqlite3.DatabaseError as error:
            raise unwritable(home / DATABASE, error) from error


def index_paths(
    home: Path,
    paths: Sequence[Path],
    encoder: Encoder,
    url: str | None = None,
    progress: Progress = lambda *_: None,
    wait: float = 0,
) -> Report:
    """Bring the index in ``home`` up to date with the files at and below ``paths``.

    Changed files are updated and unchanged ones skipped; an article whose file has gone from one of the folders given
    is removed. A file that cannot be read is reported and the rest are indexed. Readers see the earlier index until the
    run ends.

    :param progress: called with (files done, files in all, file name).
    :param wait: seconds to wait for another process that writes to the home folder.
    :raises UnreadableDocument: if a path is not there or a folder is empty; nothing is changed then.
    :raises IndexStale: if the index was built with another encoder.
    :raises IndexUnwritable: if the home folder cannot be written or is held by another process.
    """
    with running(home, paths, encoder, url, progress, wait) as run:
        for batch in batched((article, each.fingerprint) for each in run.changed() if (article := run.read(each))):
            run.builder.add(batch)
    return run.report


@contextmanager
def running(
    home: Path, paths: Sequence[Path], encoder: Encoder, url: str | None, progress: Progress, wait: float
) -> Iterator[Run]:
    """The frame of :func:`index_paths`, which says what the parameters and errors are: inside, files are to be staged."""
    report = Report()
    files = find_files(paths, report.skipped)
    with _builder(home, encoder, url, wait) as builder:
        builder.check()
        gone = _gone(builder.manifest, paths)
        report.removed = list(gone.values())
        run = Run(builder, report, files, progress)
        yield run
        builder.manifest.touch(run.touched)
        builder.finish(gone)
    progress(len(files), len(files), "")
    log.info("indexed", extra={"facts": {kind: len(getattr(report, kind)) for kind in _KINDS}})


def _gone(manifest: Manifest, paths: Sequence[Path]) -> dict[str, str]:
    """Path, by id, of articles that were read from below one of ``paths`` and whose file is not there any more."""
    folders = [path.resolve() for path in paths if path.is_dir()]
    return {
        i: path
        for i, path in manifest.paths().items()
        if any(Path(path).is_relative_to(folder) for folder in folders) and _is_gone(path)
    }


def _is_gone(path: str) -> bool:
    """Whether there is no such file; one that merely cannot be reached counts as there."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


@dataclass(frozen=True, slots=True)
class Changed:
    """A file that is new or differs from what is indexed: its article's id, where it is, and its bytes."""

    id: str
    path: Path
    data: bytes
    fingerprint: Fingerprint


class Run:
    """Finds the files that are new or differ from what is indexed, and says in ``report`` what became of each."""

    def __init__(self, builder: Builder, report: Report, files: Sequence[Path], progress: Progress) -> None:
        self.builder, self.report = builder, report
        self._files, self._progress = files, progress
        self._ready = builder.manifest.fingerprints()
        self._known = {**self._ready, **builder.manifest.fingerprints("staged")}
        self.touched: dict[str, Fingerprint] = {}

    def changed(self) -> Iterator[Changed]:
        """The files that are to be read, one by one."""
        for number, path in enumerate(self._files):
            self._progress(number, len(self._files), path.name)
            with self._telling(path):
                str(path).encode()
                if found := self._changed(path, resolved_id(path)):
                    yield found

    def read(self, changed: Changed) -> Article | None:
        """The article of a file, or ``None`` where it cannot be read."""
        with self._telling(changed.path):
            article = read_article(changed.path, article_id=changed.id, data=changed.data)
            self.tell(changed)
            return article
        return None

    @contextmanager
    def _telling(self, path: Path) -> Iterator[None]:
        """What is wrong with a file goes into the report, and the run goes on."""
        try:
            yield
        except UnicodeEncodeError:
            name = os.fsencode(path).decode(errors="replace")
            self.report.skipped[name] = "the file's name is not UTF-8. Rename it."
        except UnreadableDocument as error:
            self.report.skipped[str(path)] = str(error)
        except OSError as error:
            self.report.skipped[str(path)] = f"{path.name}: cannot be opened ({error.strerror})."

    def _changed(self, path: Path, id_: str) -> Changed | None:
        known, stat = self._known.get(id_), path.stat()
        if known and (known.size, known.modified) == (stat.st_size, stat.st_mtime_ns):
            self._tell(path, id_, known)
            return None
        data, fingerprint = snapshot(path)
        if known and known.digest == fingerprint.digest:
            self.touched[id_] = fingerprint
            self._tell(path, id_, known)
            return None
        return Changed(id_, path, data, fingerprint)

    def tell(self, changed: Changed) -> None:
        """Count a file that has been read."""
        self._tell(changed.path, changed.id, changed.fingerprint)

    def _tell(self, path: Path, id_: str, fingerprint: Fingerprint) -> None:
        """What a killed run had staged is published by this one, and so counts as its work."""
        ready, report = self._ready.get(id_), self.report
        same = ready is not None and ready.digest == fingerprint.digest
        (report.unchanged if same else report.updated if ready else report.added).append(str(path))


def remove_articles(home: Path, ids: Sequence[str], encoder: Encoder, url: str | None = None, wait: float = 0) -> None:
    """Remove articles from the index in ``home``; the files stay. Unknown ids are no error. ``wait`` as above."""
    with _builder(home, encoder, url, wait) as builder:
        builder.check()
        builder.finish(ids)
    log.info("removed", extra={"facts": {"articles": len(ids)}})


def rebuild(
    home: Path, encoder: Encoder, url: str | None = None, progress: Progress = lambda *_: None, wait: float = 0
) -> int:
    """Make the index in ``home`` again for ``encoder`` from the stored text; the number of articles.

    Readers see the earlier index until the new one is whole. ``wait`` as above.
    """
    with _builder(home, encoder, url, wait) as builder:
        builder.check_rebuild()
        builder.reembed(progress)
        builder.finish()
        articles = len(builder.manifest.fingerprints())
    log.info("rebuilt", extra={"facts": {"articles": articles}})
    return articles
