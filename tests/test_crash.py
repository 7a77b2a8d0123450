"""Killed indexing runs: a few kills here; ``python -m eval.crash --kills 200`` is the whole of it."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np

from conftest import ROOT
from eval.portrait import differences, portrait
from index.build import index_paths
from index.corpus import DATABASE, VECTORS
from index.embed import load_encoder
from index.manifest import Manifest
from index.store import VectorStore


def test_killed_runs_leave_no_trace() -> None:
    """In a process of its own: it forks, which one that has opened a vector store must not."""
    command = [sys.executable, "-m", "eval.crash", "--kills", "3", "--seed", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    tally = json.loads(done.stdout)
    assert tally["differences"] == []
    assert sum(tally["kills_by_change"].values()) == sum(tally["seen_after_a_kill"].values()) == tally["kills"] == 3


def test_the_comparison_sees_a_spoilt_vector_and_a_spare_one(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("A ferry\n\nThe ferry of Larkhaven carries 340 people.", encoding="utf-8")
    encoder, home = load_encoder("words"), tmp_path / "home"
    index_paths(home, [tmp_path / "a.md"], encoder)
    sound = portrait(home, encoder)
    assert differences(sound, portrait(home, encoder)) == []
    with closing(Manifest(home / DATABASE)) as manifest:
        store = VectorStore(home / VECTORS, manifest.get("vectors") or "")
    vector = np.eye(1, encoder.dimensions, dtype=np.float32)
    store.upsert(["spare"], vector)
    assert differences(sound, portrait(home, encoder)) == ["leftover"]
    store.delete(["spare"])
    store.upsert([passage.id for passage in sound.view.passages], vector)
    assert "vectors" in differences(sound, portrait(home, encoder))
