"""The table of embeddings that is mapped from disk."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from index.network import MODEL, WORDS
from index.rows import Rows


def test_the_rows_are_those_that_the_safetensors_library_reads():
    stored = load_file(MODEL / WORDS)
    wanted = stored["rows"].astype(np.float32) * stored["scales"][:, None]
    rows = Rows(MODEL / WORDS)
    ids = np.array([[0, 5], [len(rows) - 1, 5]])
    assert len(rows) == len(wanted) and rows.dimensions == wanted.shape[1]
    np.testing.assert_array_equal(rows[ids], wanted[ids])
    np.testing.assert_allclose(rows.total([1, 2, 3]), wanted[1:4].sum(axis=0), atol=1e-4)
    np.testing.assert_allclose(rows.middle, wanted.mean(axis=0), atol=1e-5)


def test_a_file_that_holds_something_else_or_is_cut_off_is_refused(tmp_path: Path):
    path = tmp_path / "x.safetensors"
    save_file({"rows": np.zeros((4, 2), np.float32), "scales": np.zeros(4, np.float32)}, path)
    with pytest.raises(ValueError, match="float32"):
        Rows(path)
    save_file({"rows": np.zeros((4, 2), np.int8), "scales": np.zeros(3, np.float32)}, path)
    with pytest.raises(ValueError, match="scales"):
        Rows(path)
    save_file({"rows": np.zeros((4, 2), np.int8)}, path)
    with pytest.raises(ValueError, match="no usable tensor 'scales'"):
        Rows(path)
    whole = (MODEL / WORDS).read_bytes()
    for kept in (0, 7, 20, 5000, len(whole) // 2):
        path.write_bytes(whole[:kept])
        with pytest.raises(ValueError, match=r"."):
            Rows(path)
    path.write_bytes(b"\xff" * 4096)
    with pytest.raises(ValueError, match="no safetensors file"):
        Rows(path)
