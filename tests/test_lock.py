"""The locked versions: those that pyproject.toml asks for, each with the hashes of its files; and the look for holes."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import audit
from conftest import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ASKED = [Requirement(line) for line in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"])]
ENTRY = re.compile(r"^(?P<pin>[a-z0-9].*?) \\\n(?P<hashes>(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)


def locked() -> dict[str, list[Requirement]]:
    """Pins by name: more than one where another system or Python needs another version."""
    found: dict[str, list[Requirement]] = {}
    for match in ENTRY.finditer(LOCK):
        pin = Requirement(match["pin"])
        found.setdefault(canonicalize_name(pin.name), []).append(pin)
    return found


@pytest.mark.parametrize("asked", [each for each in ASKED if each.name != "torch"], ids=str)
def test_what_the_project_asks_for_is_locked_within_its_bounds(asked: Requirement) -> None:
    pins = locked().get(canonicalize_name(asked.name), [])
    versions = [next(iter(pin.specifier)).version for pin in pins if not pin.marker or pin.marker.evaluate()]
    assert len(versions) == 1 and asked.specifier.contains(versions[0]), "run: make lock"


def test_every_line_is_a_version_with_hashes_and_names_no_place() -> None:
    lines = [line for line in LOCK.splitlines() if line and not line.lstrip().startswith(("#", "--hash=sha256:"))]
    assert len(lines) == len(ENTRY.findall(LOCK)) > 150
    assert "://" not in LOCK and "--index" not in LOCK and "--find" not in LOCK


def test_nothing_is_locked_that_another_build_of_torch_would_not_have() -> None:
    assert not [name for name in locked() if name.startswith(("torch", "nvidia-", "cuda-", "triton"))]
    (torch,) = (asked for asked in ASKED if asked.name == "torch")
    assert f"$(PIP) {torch}\n" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_what_can_change_its_interface_is_bounded() -> None:
    """setuptools alone is not: its build interface is a standard."""
    open_ended = [each.name for each in ASKED if not re.search("==|<", str(each.specifier))]
    assert open_ended == ["setuptools"]


def answering(tmp_path: Path, program: str) -> tuple[str, ...]:
    """A command that stands for pip-audit; ``pins`` are the lines that it is asked about."""
    script = tmp_path / "pip_audit.py"
    start = "import json, sys, time\npins = open(sys.argv[2]).read().split()\n"
    script.write_text(start + program, encoding="utf-8")
    return (sys.executable, str(script))


SAY = "print(json.dumps({'dependencies': [dict(zip(('name', 'version'), p.split('==')), %s) for p in pins]}))"


def test_a_known_hole_fails_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hole = "{'id': 'X-1', 'fix_versions': ['9.9']}"
    command = answering(tmp_path, SAY % f"vulns=[{hole}] if p.startswith('gradio==') else []")
    assert audit.main(command) == 1
    assert re.search(r"^gradio 6\S+: X-1, mended in 9\.9$", capsys.readouterr().out, re.MULTILINE)


def test_no_known_hole_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main(answering(tmp_path, SAY % "vulns=[]")) == 0
    count = len(audit.installed())
    assert capsys.readouterr().out == f"{count} of {count} packages audited, 0 known holes.\n"


@pytest.mark.parametrize("program", ["sys.exit('no network')", SAY % "skip_reason='not found'", "time.sleep(600)"])
def test_without_a_service_one_line_says_so_and_the_check_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    if "sleep" in program:
        monkeypatch.setattr(audit, "PROBE", 0.5)
    assert audit.main(answering(tmp_path, program)) == 0
    told = capsys.readouterr().out
    assert told.startswith("NOT AUDITED: ") and told.count("\n") == 1
