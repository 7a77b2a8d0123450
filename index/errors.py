"""What can go wrong with documents and with the index.

CorpusError
├── UnreadableDocument   a file that cannot be read as an article
├── IndexMissing         nothing has been indexed yet
├── IndexStale           the index was built with another encoder or format
├── VectorsMissing       the index's vectors are not where it says
└── IndexUnwritable      the home folder cannot be written, or another process is writing to it

Every message is one line that says what was seen, what was expected and what to do.
"""

from __future__ import annotations


class CorpusError(Exception):
    """A problem that the person who runs Mundap can mend."""


class UnreadableDocument(CorpusError):
    """A file cannot be read as an article."""


class IndexMissing(CorpusError):
    """There is no index in the home folder, or it holds no article."""


class IndexStale(CorpusError):
    """The index was built with another encoder or by another format version."""


class VectorsMissing(CorpusError):
    """The vectors of the index are not where it says."""


class IndexUnwritable(CorpusError):
    """The home folder cannot be written, or another process holds it."""
