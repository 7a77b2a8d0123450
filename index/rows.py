"""A table of embeddings on disk: int8 rows with one float32 scale each, mapped into memory, not read into it.

The processor takes up the pages of the rows that are asked for and no others: a question's few hundred pieces are a
few of the 60,000.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_HEADER = 8  # bytes that tell how long the header of a safetensors file is
_TYPES = {"I8": np.int8, "F32": np.float32, "F16": np.float16}
_AT_ONCE = 8192  # rows


class Rows:
    """The rows of a ``.safetensors`` file, whose format is the safetensors library's.

    That library copies all of a tensor; hence the map is made here.
    """

    def __init__(self, path: Path, rows: str = "rows", scales: str = "scales") -> None:
        """``rows`` names the tensor int8 (n, dimensions), ``scales`` the one (n,) of floating-point numbers.

        :raises FileNotFoundError: if there is no such file.
        :raises ValueError: if it is damaged or holds something else.
        """
        with path.open("rb") as file:
            self.digest = hashlib.file_digest(file, "sha256").hexdigest()
        self.path = path
        mapped = _mapped(path, rows)
        self._offset, self._rows = mapped.offset, mapped.view(np.ndarray)
        self._scales: Floats = np.asarray(_mapped(path, scales), dtype=np.float32)
        if self._rows.dtype != np.int8 or self._rows.ndim != 2 or self._scales.shape != self._rows.shape[:1]:
            raise ValueError(f"{rows} {self._rows.dtype}{self._rows.shape} with {scales} {self._scales.shape}")

    @property
    def dimensions(self) -> int:
        """The length of a row."""
        return int(self._rows.shape[1])

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, ids: npt.NDArray[np.int64]) -> Floats:
        """One row per id, scaled, of shape ``ids.shape + (dimensions,)``."""
        found: Floats = self._rows[ids].astype(np.float32) * self._scales[ids][..., None]
        return found

    def total(self, ids: Sequence[int]) -> Floats:
        """The sum (dimensions,) of the scaled rows ``ids``."""
        found: Floats = self._scales[ids] @ self._rows[ids].astype(np.float32)
        return found

    @functools.cached_property
    def middle(self) -> Floats:
        """The mean of all rows, (dimensions,): what all have in common."""
        total = np.zeros(self.dimensions)
        with self.path.open("rb") as file:  # read, as a map would keep what it went through
            file.seek(self._offset)
            for start in range(0, len(self), _AT_ONCE):
                scales = self._scales[start : start + _AT_ONCE]
                part = np.frombuffer(file.read(len(scales) * self.dimensions), np.int8).reshape(len(scales), -1)
                total += scales @ part.astype(np.float32)
        return (total / len(self)).astype(np.float32)


def _mapped(path: Path, name: str) -> np.memmap[Any, Any]:
    """The tensor ``name`` of a safetensors file: a length, a header in JSON, then the tensors' bytes."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_HEADER), "little")
        if not 0 < length <= path.stat().st_size - _HEADER:
            raise ValueError("no safetensors file, or cut off")
        header = json.loads(file.read(length))
    try:
        told = header[name]
        kind, shape, (start, _) = _TYPES[told["dtype"]], tuple(told["shape"]), told["data_offsets"]
    except (KeyError, TypeError) as problem:
        raise ValueError(f"no usable tensor {name!r}") from problem
    return np.memmap(path, kind, "r", _HEADER + length + start, shape)
