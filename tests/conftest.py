"""What every test stands on: no network beyond this machine, no state of the person who runs it, the real samples."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_socket import socket_allow_hosts

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "index" / "samples"
LOOPBACK = ["127.0.0.1", "::1"]
_resolve = socket.getaddrinfo


def _stay_here() -> None:
    socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


def _resolve_here(host: Any, *args: Any, **options: Any) -> Any:
    """``socket.getaddrinfo`` for this machine only: a lookup alone would already leave it."""
    if host not in (None, "", "localhost", "0.0.0.0", "::", *LOOPBACK):
        raise RuntimeError(f"A test tried to look up the address of {host!r}.")
    return _resolve(host, *args, **options)


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forbid every connection and lookup beyond loopback; pytest-socket lifts it again after the test."""
    _stay_here()
    monkeypatch.setattr(socket, "getaddrinfo", _resolve_here)


@pytest.fixture(autouse=True)
def settings_of_the_test(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Clear ``MUNDAP_*``, so that the user's settings change no outcome, and keep state below ``tmp_path``."""
    for name in [name for name in os.environ if name.startswith("MUNDAP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MUNDAP_HOME", str(tmp_path / "home"))


@pytest.fixture
def serve() -> Iterator[Any]:
    """Starts scripted OpenAI-compatible servers, see ``scripted.Serve``; all end with the test."""
    from scripted import serving

    with serving() as start:
        yield start


@pytest.fixture(scope="session")
def warmed() -> None:
    """The language model's client libraries are loaded, once for all tests that measure or limit time."""
    _stay_here()
    from scripted import warm

    warm()


@pytest.fixture(scope="session")
def samples_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home that holds the bundled samples under the bundled model, indexed once. Read it; never write to it."""
    _stay_here()  # this runs before the fixture of the test that asks first
    from rag.settings import be_quiet

    be_quiet()
    from index.build import index_paths
    from index.embed import load_encoder

    home = tmp_path_factory.mktemp("samples") / "home"
    report = index_paths(home, [SAMPLES / "ko", SAMPLES / "en"], load_encoder())
    assert not report.skipped
    yield home


@pytest.fixture
def use_samples(samples_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``MUNDAP_HOME`` is the shared home of the samples, for tests that only read."""
    monkeypatch.setenv("MUNDAP_HOME", str(samples_home))
    return samples_home


@pytest.fixture
def own_samples(samples_home: Path, tmp_path: Path) -> Path:
    """``MUNDAP_HOME`` is a copy of the home of the samples, for tests that change it."""
    return Path(shutil.copytree(samples_home, tmp_path / "home"))
