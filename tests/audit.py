"""Has any installed package a known hole? Asks pip-audit, whose advisories come from the package index.

``python tests/audit.py``, part of ``make check``. Ends with 1 where a hole is known. Where no service answers, as on a
machine without a network, one line says that nothing was looked for, and the check goes on.
"""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-m", "pip_audit", "--format=json", "--progress-spinner=off", "--timeout=4")
PROBE, WHOLE = 15.0, 120.0  # seconds for one package, to see whether anybody answers, and for all of them


def installed() -> list[str]:
    """Name and version of every installed package but this one; without the build that ``2.13.0+cpu`` names."""
    found = {dist.name: dist.version.split("+")[0] for dist in importlib.metadata.distributions() if dist.name}
    return [f"{name}=={version}" for name, version in sorted(found.items()) if name != "mundap"]


def ask(pins: Sequence[str], seconds: float, command: Sequence[str] = COMMAND) -> list[dict[str, Any]]:
    """What the service says of those ``pins`` that it knows; none where it does not answer in time."""
    with tempfile.TemporaryDirectory() as place:
        listed = Path(place) / "requirements.txt"
        listed.write_text("\n".join(pins), encoding="utf-8")
        options = ["--requirement", str(listed), "--disable-pip", "--no-deps"]
        try:
            ran = subprocess.run([*command, *options], capture_output=True, text=True, timeout=seconds, check=False)
            told = json.loads(ran.stdout)["dependencies"]
        except (subprocess.TimeoutExpired, json.JSONDecodeError):
            return []
    return [entry for entry in told if "skip_reason" not in entry]


def main(command: Sequence[str] = COMMAND) -> int:
    """Look for known holes, and say what was found or that none could be looked for."""
    pins = installed()
    answers = ask(pins[:1], PROBE, command) and ask(pins, WHOLE, command)
    holes = [
        f"{entry['name']} {entry['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version'}"
        for entry in answers
        for hole in entry["vulns"]
    ]
    if not answers:
        print(f"NOT AUDITED: no advisory service answers; known holes in {len(pins)} packages were not looked for.")
    else:
        print(*holes, f"{len(answers)} of {len(pins)} packages audited, {len(holes)} known holes.", sep="\n")
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main())
