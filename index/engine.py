"""What an indexing run needs of whatever keeps the vectors, and the choice of it by address.

``None`` is embedded Chroma in the home folder, ``http://…`` a Chroma server, ``milvus+http://…`` a Milvus server or
cluster, which holds both legs of the search.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from index.store import VectorStore
from index.types import Entry

T = TypeVar("T")
MILVUS = "milvus+"  # before the address of a Milvus server


def batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """``values`` in their order, ``size`` at a time."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


class Engine(Protocol):
    """Keeps passages by their ids, in collections. See :class:`index.store.VectorStore` for what may be raised."""

    def known(self, ids: Sequence[str]) -> set[str]:
        """Those of ``ids`` that are stored."""
        ...

    def add(self, entries: Sequence[Entry], vectors: np.ndarray) -> None:
        """Store passages and their vectors (n, dimensions) in place of earlier ones with the same ids."""
        ...

    def describe(self, entries: Sequence[Entry]) -> None:
        """Take up what has changed of stored passages but for their vectors, where the engine keeps more than these."""
        ...

    def delete(self, ids: Sequence[str]) -> None:
        """Forget passages; unknown ids are no error."""
        ...

    def drop(self, collections: Collection[str]) -> None:
        """Delete other collections, those of them that are there."""
        ...

    def count(self) -> int:
        """How many passages are stored."""
        ...

    def vectors(self, ids: Sequence[str]) -> dict[str, np.ndarray]:
        """The stored vectors of ``ids``; unknown ids are left out."""
        ...

    def close(self) -> object:
        """Let go of it."""
        ...


def open_engine(folder: Path, collection: str, url: str | None = None, *, create: bool = True) -> Engine:
    """The ``collection``, made if it is not there and ``create`` says so; parameters as in :class:`VectorStore`.

    :raises VectorsMissing: if it is not there and is not to be made.
    :raises CorpusError: if the server does not answer, the folder is damaged or a package is missing.
    """
    if url is None or not url.startswith(MILVUS):
        return VectorStore(folder, collection, url, create=create)
    from index.milvus import MilvusStore

    return MilvusStore(collection, url.removeprefix(MILVUS), create=create)
