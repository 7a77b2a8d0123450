"""The README's example is what the program really prints."""

from __future__ import annotations

import re
import shlex

import pytest
from typer.testing import CliRunner

import cli
from conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"<!-- example:start -->\n```console\n(?P<body>.*?)\n```\n<!-- example:end -->", README, re.S)


@pytest.mark.usefixtures("use_samples")
def test_the_example_prints_what_the_readme_shows() -> None:
    assert EXAMPLE is not None, "README.md has no example between its markers"
    for block in re.split(r"(?m)^(?=\$ )", EXAMPLE["body"])[1:]:
        command, _, shown = block.partition("\n")
        words = shlex.split(command.removeprefix("$ "))
        assert words[0] == "mundap"
        printed = CliRunner().invoke(cli.app, words[1:]).stdout
        kept = "\n".join(printed.splitlines()[: len(shown.splitlines())])
        assert kept.strip() == shown.strip()


def test_the_commands_of_the_first_screen_are_targets() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    first = "\n".join(README.splitlines()[:20])
    for target in ("chat", "test"):
        assert f"make {target}" in first and re.search(rf"(?m)^{target}:", makefile)


def test_every_file_named_in_the_tree_exists() -> None:
    tree = re.search(r"```\n(app\.py.*?)```", README, re.S)
    assert tree is not None
    folder = ROOT
    for line in tree[1].splitlines():
        names = re.findall(r"[\w.]+(?:\.py|/)(?=\s|$)", line.split("  ")[0] if not line.startswith(" ") else line[:27])
        folder = ROOT if not line.startswith(" ") else folder
        for name in names:
            assert (folder / name).exists() or (ROOT / name).exists(), f"{name} is in the README and not there"
        if not line.startswith(" ") and names and names[0].endswith("/"):
            folder = ROOT / names[0]
