"""Visitors' documents: uploads are copied to the home folder and indexed; removals take them out again."""

from __future__ import annotations

import queue
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index.types import Article
from rag.settings import Settings

if TYPE_CHECKING:
    from index.build import Report

LARGEST_FILE = 20 * 2**20  # bytes, told in ui.labels
MOST_FILES = 200  # in one upload, told in ui.labels
Progress = Callable[[int, int, str], None]
Step = tuple[int, int, str, float | None]  # files done, files in all, file name, seconds left


def add_documents(settings: Settings, files: Sequence[Path], progress: Progress = lambda *_: None) -> Report:
    """Copy ``files`` to the home's ``uploads`` folder, under their own names, and index them.

    A file that cannot be read is not copied, so that it never takes the place of a namesake that can.

    :raises CorpusError: if there are too many files, or the home cannot be written.
    """
    from index.build import Report, index_paths
    from index.embed import load_encoder
    from index.errors import UnreadableDocument

    if len(files) > MOST_FILES:
        raise UnreadableDocument(f"{len(files)} files were given; at most {MOST_FILES} are taken at a time.")
    skipped: dict[str, str] = {}
    kept = [copy for file in files if (copy := _keep(file, settings.home / "uploads", skipped))]
    encoder = load_encoder(settings.embedder)
    report = index_paths(settings.home, kept, encoder, settings.store_url, progress) if kept else Report()
    report.skipped.update(skipped)
    return report


def _keep(file: Path, folder: Path, skipped: dict[str, str]) -> Path | None:
    """Copy one readable file to ``folder``; say in ``skipped`` why not."""
    from index.errors import IndexUnwritable, UnreadableDocument
    from index.read import read_article

    try:
        if file.stat().st_size > LARGEST_FILE:
            raise UnreadableDocument(f"{file.name}: larger than {LARGEST_FILE // 2**20} MB. Split it.")
        read_article(file, article_id="upload")
    except UnreadableDocument as error:
        skipped[str(file)] = str(error)
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copyfile(file, folder / file.name))
    except OSError as error:
        raise IndexUnwritable(f"{folder} cannot be written ({error.strerror}). Set MUNDAP_HOME elsewhere.") from error


def adding(settings: Settings, files: Sequence[Path]) -> Iterator[Step | Report]:
    """:func:`add_documents` step by step: what is being read, and at last the report.

    :raises CorpusError: as :func:`add_documents` does.
    """
    steps: queue.Queue[tuple[int, int, str] | None] = queue.Queue()
    ended: list[Report | BaseException] = []

    def work() -> None:
        try:
            ended.append(add_documents(settings, files, lambda *step: steps.put(step)))
        except BaseException as error:  # noqa: BLE001 - raised again where it can be told
            ended.append(error)
        steps.put(None)

    begun = time.monotonic()
    threading.Thread(target=work, daemon=True).start()
    yield 0, len(files), "", None
    while step := steps.get():
        done, total, name = step
        yield done, total, name, (time.monotonic() - begun) / done * (total - done) if done else None
    if isinstance(ended[0], BaseException):
        raise ended[0]
    yield ended[0]


def remove_documents(settings: Settings, articles: Sequence[Article]) -> None:
    """Take ``articles`` out of the index, and delete the files that were uploaded; a user's own files stay."""
    from index.build import remove_articles
    from index.embed import load_encoder

    remove_articles(settings.home, [a.id for a in articles], load_encoder(settings.embedder), settings.store_url)
    uploads = (settings.home / "uploads").resolve()
    for article in articles:
        if Path(article.path).parent == uploads:
            Path(article.path).unlink(missing_ok=True)
