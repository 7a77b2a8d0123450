"""The one assistant that all visitors share, opened on first use and again whenever the index has changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import IndexMissing
from index.types import Article, Language
from rag.settings import Settings
from ui import examples

if TYPE_CHECKING:
    from rag import Assistant

SAMPLES = Path(__file__).resolve().parent.parent / "index" / "samples"


class Desk:
    """Where visitors' questions go. Safe to use from several threads."""

    def __init__(self, settings: Settings, factory: Callable[[], Assistant] | None = None) -> None:
        self.settings = settings
        self._factory = factory or self._open
        self._lock, self._choosing = threading.Lock(), threading.Lock()
        self._assistant: Assistant | None = None
        self._stamp, self._seeded = -1, False
        self._examples: tuple[int, dict[Language, list[str]]] = (-1, {})

    def _open(self) -> Assistant:
        from rag import Assistant

        if not self._seeded:
            ensure_index(self.settings)
            self._seeded = True
        return Assistant.from_settings(self.settings)

    def assistant(self) -> Assistant:
        """The assistant over the index as it is now. An answer under way keeps the one that it began with.

        :raises CorpusError: if the index cannot be opened.
        """
        return self._opened()[1]

    def _opened(self) -> tuple[int, Assistant]:
        """The assistant, and when the index that it was opened over had last changed."""
        with self._lock:
            while self._assistant is None or self._stamp != self._changed():  # again if it changes meanwhile
                self._assistant, self._stamp = None, self._changed()
                self._assistant = self._factory()
            return self._stamp, self._assistant

    def _changed(self) -> int:
        """When the last indexing run ended, in ns: its last act is to replace the lexical index."""
        from index.corpus import LEXICAL

        path = self.settings.home / LEXICAL
        return path.stat().st_mtime_ns if path.exists() else 0

    def articles(self) -> list[Article]:
        """What is indexed; nothing where there is no index."""
        try:
            return list(self.assistant().articles())
        except IndexMissing:
            return []

    def examples(self, language: Language) -> list[str]:
        """Questions that the indexed articles answer, those in ``language`` first; chosen once for each state."""
        stamp, assistant = self._opened()
        with self._choosing:
            chosen = self._examples[1] if self._examples[0] == stamp else {}
            if language not in chosen:
                chosen[language] = examples.choose(assistant.articles(), assistant.ask, language)
            self._examples = (stamp, chosen)
            return chosen[language]

    def examples_known(self, language: Language) -> list[str] | None:
        """What :meth:`examples` has chosen already, without waiting for it."""
        stamp, chosen = self._examples
        return chosen.get(language) if stamp == self._stamp else None


def ensure_index(settings: Settings, progress: Callable[[int, int, str], None] = lambda *_: None) -> bool:
    """Index the bundled samples where nothing is indexed yet; whether that was so.

    :raises CorpusError: if the home cannot be written or its index cannot be used.
    """
    from index.build import index_paths
    from index.cluster import open_corpus
    from index.embed import load_encoder

    encoder = load_encoder(settings.embedder)
    try:
        open_corpus(settings.home, encoder, settings.store_url)
    except IndexMissing:
        index_paths(settings.home, [SAMPLES / "ko", SAMPLES / "en"], encoder, settings.store_url, progress)
        return True
    return False
