"""What ``mundap doctor`` says of this machine: the home, the models, the index and the fonts."""

from __future__ import annotations

import hashlib
import re
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from index.corpus import DATABASE, VECTORS
from index.manifest import Manifest
from rag import Settings, premises
from rag.advice import in_korean
from rag.doctor import Finding
from rag.premises import survey


def test_whatever_is_amiss_the_advice_is_there_in_korean() -> None:
    sources = [(ROOT / "rag" / name).read_text(encoding="utf-8") for name in ("doctor.py", "premises.py")]
    made = {found for text in sources for found in re.findall(r'Finding\(\s*"(\w+)", "(warning|problem)"', text)}
    assert len(made) > 10
    for name, grade in made:
        assert re.search("[가-힣]", in_korean(Finding(name, grade, "")))  # type: ignore[arg-type]
    assert in_korean(Finding("home", "ok", "")) == ""


def surveyed(settings: Settings) -> dict[str, Finding]:
    found = {finding.name: finding for finding in survey(settings)}
    assert all("\n" not in finding.seen + finding.advice for finding in found.values())
    return found


def amiss(settings: Settings) -> dict[str, str]:
    """Grades of all that is not well, fonts apart, which differ from machine to machine."""
    return {n: f.grade for n, f in surveyed(settings).items() if f.grade != "ok" and n != "fonts"}


def test_a_machine_that_is_well(samples_home: Path) -> None:
    found = surveyed(Settings(samples_home))
    assert list(found) == ["home", "models", "encoder", "index", "vectors", "fonts"]
    assert {found[name].grade for name in list(found)[:-1]} == {"ok"}
    assert "14 articles" in found["index"].seen and "mundap-encoder" in found["encoder"].seen


def test_an_empty_home_is_well_and_stays_empty(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "home", embedder="words")
    assert amiss(settings) == {}
    assert "mundap index PATH" in surveyed(settings)["index"].advice
    assert not (tmp_path / "home").exists()


def test_a_model_file_that_is_not_the_one_stated_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "graph.onnx").write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    (tmp_path / "README.md").write_text(f"# model\n\n| `graph.onnx` | 11.6 | `{digest}` |\n", encoding="utf-8")
    for name in ("MODEL", "READER"):
        monkeypatch.setattr(premises, name, tmp_path)
    settings = Settings(tmp_path / "home", embedder="words")
    assert amiss(settings) == {}
    (tmp_path / "graph.onnx").write_bytes(b"other weights")
    assert amiss(settings) == {"models": "problem"}
    assert "graph.onnx" in surveyed(settings)["models"].seen and "einstall" in surveyed(settings)["models"].advice
    (tmp_path / "README.md").unlink()
    assert amiss(settings) == {"models": "problem"}


def test_an_encoder_that_cannot_be_loaded_is_told(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    found = surveyed(Settings(tmp_path / "home", embedder=str(tmp_path / "none")))
    assert found["encoder"].grade == "problem" and "MUNDAP_EMBEDDER" in found["encoder"].seen


def test_an_index_of_another_encoder_is_told(samples_home: Path) -> None:
    found = surveyed(Settings(samples_home, embedder="words"))
    assert found["index"].grade == "problem" and "--rebuild" in found["index"].seen


def test_vectors_that_are_gone_are_told(own_samples: Path) -> None:
    shutil.rmtree(own_samples / VECTORS)
    found = surveyed(Settings(own_samples))
    assert found["vectors"].grade == "problem" and "--rebuild" in found["vectors"].seen


def test_a_run_that_did_not_end_is_told(own_samples: Path) -> None:
    with closing(Manifest(own_samples / DATABASE)) as manifest:
        manifest.set("rebuilding", '{"vectors": "other"}')
    assert amiss(Settings(own_samples)) == {"index": "warning"}


def test_a_damaged_index_is_told(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"no database" * 1000)
    found = surveyed(Settings(tmp_path, embedder="words"))
    assert found["index"].grade == "problem" and str(tmp_path) in found["index"].advice


def test_a_home_that_cannot_be_written_or_has_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(tmp_path / "home", embedder="words")
    with monkeypatch.context() as patch:
        patch.setattr(premises.os, "access", lambda *_: False)  # root may write everywhere
        assert amiss(settings) == {"home": "problem"}
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(premises.shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    assert amiss(settings) == {"home": "warning"}


@pytest.mark.parametrize(("printed", "grade"), [("Baekmuk\nNoto Sans CJK KR,Noto\n", "ok"), ("", "warning")])
def test_fonts_are_asked_for_where_fontconfig_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, printed: str, grade: str
) -> None:
    (tmp_path / "fc-list").write_text(f"#!/bin/sh\nprintf '{printed}'\n", encoding="utf-8")
    (tmp_path / "fc-list").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    found: Any = surveyed(Settings(tmp_path / "home", embedder="words"))["fonts"]
    assert found.grade == grade and (found.advice == "") == (grade == "ok")
