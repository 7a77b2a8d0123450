"""Real servers on free ports of this machine, for measurements and tests that need one."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import CorpusError

PATIENCE = 600.0  # seconds for a server to start, on however busy a machine


@contextmanager
def chroma_server(folder: Path) -> Iterator[str]:
    """The address of a Chroma server, its files in ``folder``.

    :raises CorpusError: if it does not start.
    """
    with _serving("chroma", "chromadb", "run", "--path", str(folder)) as address:
        yield address


@contextmanager
def milvus_server(folder: Path) -> Iterator[str]:
    """The address of Milvus Lite, the small server that speaks to the same client as a cluster; files in ``folder``.

    :raises CorpusError: if it is not installed or does not start.
    """
    with _serving("milvus-lite", "'mundap[cluster]'", "server", "--data-dir", str(folder)) as address:
        yield address


@contextmanager
def _serving(name: str, package: str, *arguments: str) -> Iterator[str]:
    program = Path(sys.executable).with_name(name)
    if not program.exists():
        raise CorpusError(f"The command {name} is not beside Python. Install it with: pip install {package}")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(program), *arguments, "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            if not listens(server, port):
                raise CorpusError(f"{name} does not start. Run it by hand to see why.")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def listens(server: subprocess.Popen[bytes], port: int, patience: float = PATIENCE) -> bool:
    """Wait until something listens on ``port`` of this machine; false where ``server`` ends, or ``patience`` seconds, first."""
    end = time.monotonic() + patience
    while server.poll() is None and time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False
