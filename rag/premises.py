"""Is this machine fit for use? What ``mundap doctor`` says of the home, the index, the models and the fonts.

Everything is only looked at, apart from embedded Chroma, which writes when it opens its own files.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from index.corpus import DATABASE, VECTORS, stale_reason
from index.embed import Encoder, load_encoder
from index.engine import open_engine
from index.errors import CorpusError
from index.manifest import Manifest
from index.network import MODEL
from index.reading import READER
from rag.doctor import Finding
from rag.llm import masked
from rag.settings import Settings

ROOM = 500_000_000  # bytes free below which the next run may fill the disk
REINSTALL = "Reinstall Mundap: pip install --force-reinstall mundap"
_STATED = re.compile(r"^\| `([\w.]+)` \|.*`([0-9a-f]{64})` \|$", re.MULTILINE)  # a file's row in a model's card
_PROBE = "언제 문을 여나요? When does it open?"


def survey(settings: Settings) -> Iterator[Finding]:
    """Findings on this machine under ``settings``, as they are made."""
    yield _home(settings.home)
    yield _weights()
    encoder, finding = _encoder(settings.embedder)
    yield finding
    yield from _index(settings, encoder)
    yield _fonts()


def _home(home: Path) -> Finding:
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(nearest).free
    seen = f"{home}, {free / 1e9:.1f} GB free" + ("" if home.exists() else ", to be made by the first run")
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return Finding("home", "problem", f"{seen}, cannot be written", "Set MUNDAP_HOME to a folder that you own")
    if free < ROOM:
        return Finding("home", "warning", seen, "Make room there, or set MUNDAP_HOME to a folder on another disk")
    return Finding("home", "ok", seen)


def _weights() -> Finding:
    """Whether the bundled files are those that their cards state."""
    stated = {folder / name: digest for folder in (MODEL, READER) for name, digest in _card(folder)}
    wrong = [path.name for path, digest in stated.items() if _digest(path) != digest]
    if wrong or not stated:
        seen = f"{', '.join(wrong) or 'every card'} missing or not as the model's card says"
        return Finding("models", "problem", seen, REINSTALL)
    return Finding("models", "ok", f"{len(stated)} files, each with the sha256 that its card states")


def _card(folder: Path) -> list[tuple[str, str]]:
    """Names and digests in the card of the model in ``folder``; none where there is no card."""
    try:
        return _STATED.findall((folder / "README.md").read_text(encoding="utf-8"))
    except OSError:
        return []


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _encoder(name: str | None) -> tuple[Encoder | None, Finding]:
    try:
        encoder = load_encoder(name)
    except CorpusError as error:
        return None, Finding("encoder", "problem", str(error))
    encoder.encode([_PROBE])
    started = time.perf_counter()
    encoder.encode([_PROBE])
    taken = 1000 * (time.perf_counter() - started)
    return encoder, Finding(
        "encoder", "ok", f"{encoder.name}, {encoder.dimensions} numbers, a question in {taken:.0f} ms"
    )


def _index(settings: Settings, encoder: Encoder | None) -> Iterator[Finding]:
    path = settings.home / DATABASE
    if not path.exists():
        yield Finding("index", "ok", "nothing is indexed", "Add documents with: mundap index PATH")
        return
    try:
        with closing(Manifest(path)) as manifest:
            yield _manifest(manifest, encoder)
            yield _vectors(settings, manifest)
    except sqlite3.DatabaseError as error:
        advice = f"Delete {settings.home}, then index your documents again: mundap index PATH"
        yield Finding("index", "problem", f"{path} cannot be read ({error})", advice)


def _manifest(manifest: Manifest, encoder: Encoder | None) -> Finding:
    articles, passages = manifest.count()
    seen = f"{articles:,} articles, {passages:,} passages, built by {manifest.get('encoder')}"
    if manifest.fingerprints("staged") or manifest.get("rebuilding"):
        return Finding("index", "warning", f"{seen}; a run was ended before its time", "Run the last command again")
    if encoder and articles and (reason := stale_reason(manifest, encoder.name)):
        return Finding("index", "problem", reason)
    return Finding("index", "ok", seen)


def _vectors(settings: Settings, manifest: Manifest) -> Finding:
    """Whether there is a vector for every passage."""
    _, passages = manifest.count()
    url = settings.milvus_url or settings.chroma_url
    place = f"the {'Milvus' if settings.milvus_url else 'Chroma'} server at {masked(url)}" if url else "embedded Chroma"
    try:
        store = open_engine(settings.home / VECTORS, manifest.get("vectors") or "", settings.store_url, create=False)
    except CorpusError as error:
        return Finding("vectors", "problem", str(error)) if passages else Finding("vectors", "ok", "none are needed")
    held = store.count()
    store.close()
    if held < passages:
        seen, advice = f"{held:,} in {place}, {passages:,} are needed", "Make them again with: mundap index --rebuild"
        return Finding("vectors", "problem", seen, advice)
    return Finding("vectors", "ok", f"{held:,} in {place}")


def _fonts() -> Finding:
    """Whether a browser on this machine can show Hangul, where fontconfig tells."""
    listed = shutil.which("fc-list")
    if listed is None:
        return Finding("fonts", "ok", "left to the system and the browser")
    found = subprocess.run([listed, ":lang=ko", "family"], capture_output=True, text=True, check=False, timeout=30)
    names = sorted({line.split(",")[0] for line in found.stdout.splitlines() if line})
    if not names:
        seen, advice = "none has Hangul, a browser on this machine shows boxes", "Install one, such as fonts-noto-cjk"
        return Finding("fonts", "warning", seen, advice)
    return Finding("fonts", "ok", f"{names[0]} has Hangul" + (f", and {len(names) - 1} more" if names[1:] else ""))
