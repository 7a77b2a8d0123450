"""The passage vectors of an index of up to :data:`MOST` passages in one file, which a search compares with one by one.

Up to there that is exact, and about as quick as the vector store's graph; and neither the engine needs loading nor a
passage's vector looking up by its id. The file is made from the vector store when a run publishes, which stays what
holds the vectors. Its name has the generation, so that it is there when that is published and never takes the place of
one that somebody reads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.durable import durable
from index.engine import batches
from index.lexical import DAMAGED, best
from index.store import BATCH

MOST = 131_072  # passages: beyond, comparing with each takes longer than the store's graph
Fetch = Callable[[Sequence[str]], Mapping[str, np.ndarray]]


def table_path(home: Path, generation: int) -> Path:
    """Where the table of a generation is."""
    return home / f"vectors.{generation}.npy"


class VectorTable:
    """The vectors of a generation's passages, mapped from the disk, in the order of ``numbers``.

    :param numbers: the place of every passage, by its id.
    Raises one of :data:`index.lexical.DAMAGED` where it is damaged or gone, or holds other passages.
    """

    def __init__(self, path: Path, numbers: Mapping[str, int]) -> None:
        held = np.load(path, mmap_mode="r")
        if held.dtype.names != ("id", "vector") or held.shape != (len(numbers),):
            raise ValueError(f"{path} holds {held.dtype}{held.shape}, not {len(numbers)} vectors with their ids")
        if held["id"].tolist() != [i.encode() for i in numbers]:
            raise ValueError(f"{path} holds the vectors of other passages")
        self._numbers = numbers
        self._vectors: npt.NDArray[np.float32] = held["vector"].view(np.ndarray)
        self._ids = list(numbers)

    def nearest(self, vector: np.ndarray, limit: int, mask: np.ndarray | None = None) -> dict[str, float]:
        """Passage ids and cosine similarities in [-1, 1] of the ``limit`` nearest vectors, nearest first.

        :param mask: 1 for every passage to look in, else 0, of shape (passages,); by default all.
        """
        cosines = self._vectors @ vector.astype(np.float32)
        if mask is None:
            return {self._ids[n]: float(cosines[n]) for n in best(cosines, limit)}
        inside = np.flatnonzero(mask)
        return {self._ids[inside[n]]: float(cosines[inside[n]]) for n in best(cosines[inside], limit)}

    def vectors(self, ids: Sequence[str]) -> dict[str, np.ndarray]:
        """The vectors of ``ids``; unknown ids are left out."""
        return {i: self._vectors[self._numbers[i]] for i in ids if i in self._numbers}

    def count(self) -> int:
        """How many vectors there are."""
        return len(self._ids)

    def close(self) -> None:
        """Nothing: the system lets go of the file when nobody looks at it any more."""


def write_table(path: Path, ids: Sequence[str], dimensions: int, fetch: Fetch, former: Path | None = None) -> bool:
    """Write the table of the passages ``ids`` in their order, on the disk when this returns True.

    False, and no file, where there are more than :data:`MOST` or ``fetch`` does not know some.

    :param fetch: gives vectors by ids.
    :param former: an earlier table of the same collection, whose vectors need not be fetched.
    :raises OSError: if it cannot be written.
    """
    path.unlink(missing_ok=True)  # left by a run that was killed before it published
    if not 0 < len(ids) <= MOST:
        return False
    rows = np.zeros(len(ids), _row(ids, dimensions))
    rows["id"] = [i.encode() for i in ids]
    missing = _taken(rows, former) if former else np.arange(len(rows))
    for part in batches(missing, BATCH):
        found = fetch([ids[n] for n in part])
        if len(found) < len(part):
            return False
        rows["vector"][part] = [found[ids[n]] for n in part]
    fresh = path.with_name("vectors.new")
    with durable(fresh) as out:
        np.save(out, rows)
    os.replace(fresh, path)
    return True


def _row(ids: Sequence[str], dimensions: int) -> Any:
    """An id in whole words, so that the vectors behind it are where the processor wants them."""
    longest = max(len(i.encode()) for i in ids)
    return np.dtype([("id", f"S{-(-longest // 4) * 4}"), ("vector", "<f4", (dimensions,))])


def _taken(rows: np.ndarray, former: Path) -> np.ndarray:
    """Fill in the vectors that the table at ``former`` has; the numbers of the others."""
    try:
        held = np.load(former, mmap_mode="r")
        if held["vector"].shape[1:] != rows["vector"].shape[1:]:
            raise ValueError("other dimensions")
        places = {i: n for n, i in enumerate(held["id"].tolist())}
    except (*DAMAGED, IndexError):  # or gone; IndexError where it has no columns
        return np.arange(len(rows))
    found = np.array([places.get(i, -1) for i in rows["id"].tolist()])
    rows["vector"][found >= 0] = held["vector"][found[found >= 0]]
    missing: np.ndarray = np.flatnonzero(found < 0)
    return missing


def forget_tables(home: Path, generation: int) -> None:
    """Delete the tables of other generations than ``generation``, those that the system lets be deleted."""
    for path in home.glob("vectors.*.npy"):
        if path != table_path(home, generation):
            with suppress(OSError):  # Windows keeps a file that somebody reads; the next run tries again
                path.unlink()
