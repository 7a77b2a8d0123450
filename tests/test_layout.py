"""The house: where heavy libraries live, what an import brings along, what is public, what a wheel holds."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import rag
from conftest import ROOT

ROOMS = ("rag", "index", "prompts", "eval", "ui")
FOLDERS = (*ROOMS, "eval/bench")
FACES = ("app", "cli")
GRADIO = {f"ui/{name}.py" for name in ("asking", "endpoints", "page", "scope", "serve", "shelf")}
HOMES = {
    "gradio": {"app.py", *GRADIO},
    "chromadb": {"index/store.py", "eval/bench/rivals.py"},
    "sentence_transformers": {"index/embed.py", "index/training", "eval/bench/rivals.py"},
    "torch": {"index/training"},
    "onnx": {"index/training"},
    "onnxruntime": {"index/network.py"},
    "pymilvus": {"index/milvus.py"},
    "ray": {"index/spread.py", "eval/machines.py"},
    "tiktoken": {"index/tokens.py"},
    "kiwipiepy": {"index/korean.py", "index/training", "eval/bench/rivals.py"},
    "mecab": {"index/korean.py", "index/training"},
    "trafilatura": {"index/read.py", "index/webpage.py"},
    "pypdf": {"index/read.py"},
    "docx": {"index/read.py"},
    "llama_index": {"rag/llm.py", "eval/bench/rivals.py"},
    "matplotlib": {"eval/plots.py"},
}
BELOW = {
    "ui": {"ui", "rag", "index"},
    "index": {"index"},
    "prompts": {"prompts", "index"},
    "rag": {"rag", "index", "prompts"},
}


def modules() -> list[str]:
    files = [path.relative_to(ROOT) for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.py"))]
    rooms = [".".join(f.with_suffix("").parts) for f in files if f.stem != "__main__" and f.as_posix() not in GRADIO]
    return [name.removesuffix(".__init__") for name in rooms]


def imports(path: Path) -> Iterator[str]:
    """Every module that a file names in an import, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def sources() -> list[Path]:
    return [
        *(ROOT / f"{face}.py" for face in FACES),
        *(path for folder in FOLDERS for path in (ROOT / folder).glob("*.py")),
    ]


def learning() -> list[Path]:
    """Learning the weights is no part of the running program; its modules import what they need at the top."""
    return sorted((ROOT / "index" / "training").glob("*.py"))


def home(path: Path) -> str:
    """The name under which ``HOMES`` knows a file."""
    return (path.parent if path in learning() else path).relative_to(ROOT).as_posix()


def brought(*names: str) -> dict[str, list[str]]:
    """What each import brings along of the heavy libraries, in one fresh process; an earlier one counts for all."""
    program = (
        "import importlib, json, sys\nheavy, found = json.loads(sys.argv[1]), {}\n"
        "for name in sys.argv[2:]:\n"
        "    importlib.import_module(name)\n"
        "    found[name] = sorted(h for h in heavy if h in sys.modules)\n"
        "print(json.dumps(found))"
    )
    command = [sys.executable, "-c", program, json.dumps(sorted(HOMES)), *names]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


class TestImports:
    @pytest.mark.parametrize("library", HOMES)
    def test_a_heavy_library_is_named_in_its_home_only(self, library: str) -> None:
        users = {
            home(path)
            for path in [*sources(), *learning()]
            if any(name.split(".")[0] == library for name in imports(path))
        }
        assert users <= HOMES[library]
        assert users, f"{library} has a home but nobody there"

    def test_no_module_brings_a_heavy_library_along(self) -> None:
        names = modules()
        assert {"index.build", "index.builder", "index.store", "index.embed", "rag.assistant", "prompts"} <= set(names)
        assert {name: heavy for name, heavy in brought(*names).items() if heavy} == {}

    def test_the_running_program_never_imports_what_it_learned_with(self) -> None:
        users = {path for path in sources() if any(name.startswith("index.training") for name in imports(path))}
        assert users == {ROOT / "index" / "train.py"}

    def test_the_faces_import_quickly_too(self) -> None:
        pure = ("cli", "ui.conversation", "ui.documents", "ui.evidence", "ui.export", "ui.guard", "ui.menu")
        assert brought(*pure) == {name: [] for name in pure}

    def test_the_public_names_come_without_numpy(self) -> None:
        program = "import sys, rag, cli; from rag import Settings; Settings.from_env({}); print('numpy' in sys.modules)"
        ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
        assert ran.stdout.strip() == "False"

    def test_arrows_only_go_down(self) -> None:
        for room, allowed in BELOW.items():
            for path in (ROOT / room).rglob("*.py"):
                own = {name.split(".")[0] for name in imports(path)} & {*ROOMS, *FACES}
                assert own <= allowed, f"{path.relative_to(ROOT)} imports {own - allowed}"

    def test_llama_index_settings_are_never_touched(self) -> None:
        for path in sources():
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("llama_index"):
                    assert "Settings" not in {alias.name for alias in node.names}, path


class TestPublicNames:
    def test_all_is_sorted_and_true(self) -> None:
        assert rag.__all__ == sorted(set(rag.__all__))
        for name in rag.__all__:
            assert isinstance(getattr(rag, name), type), name

    def test_nothing_else_looks_public(self) -> None:
        program = (
            "import rag; print([n for n, v in vars(rag).items() if getattr(v, '__module__', '').startswith('rag')])"
        )
        ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
        assert set(ast.literal_eval(ran.stdout)) - {"__getattr__"} <= set(rag.__all__)

    def test_an_unknown_name_is_no_attribute(self) -> None:
        with pytest.raises(AttributeError, match="Assistent"):
            rag.Assistent  # noqa: B018

    def test_the_contract_of_the_readme_holds(self) -> None:
        assert {"Assistant", "Settings", "Answer", "Citation", "Turn"} <= set(rag.__all__)
        for method in ("from_settings", "ask", "stream", "search", "article"):
            assert callable(getattr(rag.Assistant, method))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A wheel built from a copy of the tree, without the network."""
    version = importlib.metadata.version("setuptools")
    if int(version.split(".")[0]) < 77:
        pytest.skip(f"setuptools {version} cannot build this project; 77 is needed")
    tree = tmp_path_factory.mktemp("wheel")
    for name in (*ROOMS, *(f"{face}.py" for face in FACES), "pyproject.toml", "README.md", "LICENSE"):
        source, target = ROOT / name, tree / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        ".",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        "out",
    ]
    ran = subprocess.run(
        [*command, "--disable-pip-version-check"], cwd=tree, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return zipfile.ZipFile(next((tree / "out").glob("mundap-*.whl")))


class TestWheel:
    def test_it_holds_every_file_that_the_program_reads(self, wheel: zipfile.ZipFile) -> None:
        held = set(wheel.namelist())
        models = ("index/words/**/*", "index/model/**/*", "rag/*.json")
        for pattern in (*models, "index/lexicon/*", "index/samples/**/*.md", "prompts/*.md", "ui/assets/*"):
            wanted = {path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern) if path.is_file()}
            assert wanted, pattern
            assert wanted <= held, sorted(wanted - held)
        assert {f"index/model/{name}" for name in ("encoder.onnx", "words.safetensors", "tokenizer.json")} <= held
        assert {"index/words/model.safetensors", "index/words/tokenizer.json", "rag/calibration.json"} <= held

    def test_it_holds_every_module_and_nothing_of_the_workshop(self, wheel: zipfile.ZipFile) -> None:
        held = set(wheel.namelist())
        assert {path.relative_to(ROOT).as_posix() for path in sources()} <= held
        tops = {name.split("/")[0] for name in held}
        assert {top for top in tops if not top.endswith(".dist-info")} == {*ROOMS, *(f"{face}.py" for face in FACES)}
        assert not [name for name in held if name.startswith("index/training/")]

    def test_data_is_byte_for_byte_what_is_committed(self, wheel: zipfile.ZipFile) -> None:
        weights = ("index/model/encoder.onnx", "index/model/words.safetensors", "index/words/model.safetensors")
        for name in (*weights, "index/lexicon/probabilities.tsv.gz", "rag/calibration.json"):
            assert wheel.read(name) == (ROOT / name).read_bytes()

    def test_the_command_is_installed(self, wheel: zipfile.ZipFile) -> None:
        entry = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
        assert "mundap = cli:main" in wheel.read(entry).decode()


def test_every_room_is_packaged() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(project["tool"]["setuptools"]["packages"]) == {name.replace("/", ".") for name in FOLDERS}
    assert set(project["tool"]["setuptools"]["py-modules"]) == set(FACES)
