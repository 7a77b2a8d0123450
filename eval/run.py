"""The evaluation: ask every question of a set, in both languages, of the same Assistant as the faces, then score.

``python -m eval.run --help`` lists what can be asked for. The index is made in a temporary home, so that the user's own
is never touched; nothing here knows how an answer is found.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from eval import gate, origin, page, sets
from eval.asking import Library, Progress, ask_all
from eval.errors import EvalError
from eval.report import Report
from eval.sets import LANGUAGES, Entry
from eval.witness import Witness, told_of_model
from rag.settings import Settings, be_quiet

if TYPE_CHECKING:
    from index.embed import Encoder
    from rag import Assistant
    from rag.judge import Judge

DATA = Path("../shared")
SAMPLES = origin.ROOT / "index" / "samples"
HELD_OUT = frozenset({"blind"})


def run(
    settings: Settings,
    set_name: str,
    report_dir: Path | None = None,
    progress: Progress = lambda *_: None,
    *,
    data: Path = DATA,
    documents: Path | None = None,
    generator: str = "extractive",
) -> Report:
    """Ask a whole set and score it.

    :param settings: the models and servers to use; its home is left alone, and so is its vector store's server.
    :param set_name: ``articles``, ``samples``, ``blind``, or the path of a ``.jsonl`` file.
    :param report_dir: where to write ``<set>.json``, ``<set>.md`` and ``<set>.html``, worst first.
    :param progress: called with (questions asked, questions in all, id).
    :param data: the folder that holds ``articles/``, which are not part of this repository.
    :param documents: a folder to index instead, for a set of your own.
    :param generator: who writes the answers: ``extractive``, whatever server is set, or ``llm``, the model that
        ``settings`` name.
    :raises EvalError: if the set or the documents are not there, a line of the set is wrong, or no model is set.
    """
    settings = _generating(settings, generator)
    path = sets.find(set_name)
    entries = sets.load(path)
    folders = find_documents(set_name, entries, data, documents)
    with indexed(settings, folders, edited=documents is None) as assistant:
        witness, library = Witness(assistant), Library.of(assistant.articles())
        library.check(entries)
        rows = tuple(ask_all(witness, entries, library, progress))
    made = _origin(settings, set_name, path, folders) | ({"model": witness.record()} if settings.llm_base_url else {})
    report = Report(path.stem, rows, made, path.stem in HELD_OUT)
    if report_dir is not None:
        page.save(report, report_dir, gate.recorded(report.name))
    return report


def _generating(settings: Settings, generator: str) -> Settings:
    """``settings`` for one of the two generators."""
    if generator == "extractive":
        return replace(settings, llm_base_url=None)
    if generator != "llm":
        raise EvalError(f"The generator is {generator!r}; expected extractive or llm.")
    if not settings.llm_base_url:
        raise EvalError("No language model is set. Set MUNDAP_LLM_BASE_URL and MUNDAP_LLM_MODEL; see: mundap doctor")
    return settings


def find_documents(set_name: str, entries: Sequence[Entry], data: Path, documents: Path | None) -> tuple[Path, ...]:
    """The folders that a set is asked over.

    A set given by its path is asked over the first of samples and ``data``'s articles that holds all of its sources.

    :raises EvalError: if they are not there.
    """
    samples, articles = tuple(SAMPLES / language for language in LANGUAGES), (data / "articles",)
    if documents is not None:
        return _existing((documents,), "Name a folder of documents with --documents.")
    if set_name == "samples":
        return samples
    if set_name in ("articles", "blind"):
        advice = f"The set {set_name!r} asks about five articles that cannot be passed on with this repository: "
        return _existing(articles, advice + "name the folder that holds articles/ with --data, or use --set samples.")
    wanted = {source for entry in entries for question in entry.turns for source in question.sources}
    for folders in (samples, articles):
        if wanted <= {file.name for folder in folders if folder.is_dir() for file in folder.iterdir()}:
            return folders
    raise EvalError(f"{set_name}: its sources are not among the samples. Name their folder with --documents.")


def _existing(folders: tuple[Path, ...], advice: str) -> tuple[Path, ...]:
    for folder in folders:
        if not folder.is_dir():
            raise EvalError(f"{folder}: there is no such folder. {advice}")
    return folders


@contextmanager
def indexed(
    settings: Settings, folders: Sequence[Path], judge: Judge | None = None, *, edited: bool = False
) -> Iterator[Assistant]:
    """An assistant over an index of ``folders`` in a temporary home, which is removed afterwards.

    ``judge`` is the one that ships unless another is being learned. With ``edited`` the documents are indexed as they
    would have been before half of each was written, and then updated: an index that goes stale shows.
    """
    be_quiet()
    from index.build import index_paths
    from index.embed import load_encoder
    from rag import Assistant

    with tempfile.TemporaryDirectory(prefix="mundap-eval-", ignore_cleanup_errors=True) as home:
        # A server's collection would be the user's own: always the embedded store.
        local = replace(settings, home=Path(home), chroma_url=None, milvus_url=None)
        encoder = load_encoder(local.embedder)
        if edited:
            _index_halves(local.home, folders, encoder)
        index_paths(local.home, list(folders), encoder)
        yield Assistant.from_settings(local, judge)


def _index_halves(home: Path, folders: Sequence[Path], encoder: Encoder) -> None:
    """Index the first half of every document, as an earlier version of its file."""
    from index.builder import Builder
    from index.files import find_files
    from index.manifest import Fingerprint
    from index.read import read_article

    articles = [read_article(path) for path in find_files(folders)]
    builder = Builder(home, encoder)
    try:
        builder.check()
        builder.add([(replace(a, text=a.text[: len(a.text) // 2]), Fingerprint("", 0, 0)) for a in articles])
        builder.finish()
    finally:
        builder.close()


def _origin(settings: Settings, set_name: str, path: Path, folders: Sequence[Path]) -> dict[str, str | None]:
    """Names and digests only: a path would tell about the machine it ran on."""
    name = set_name if set_name == path.stem else path.name
    return {
        "command": f"python -m eval.run --set {name}" + (" --generator llm" if settings.llm_base_url else ""),
        "date": origin.today(),
        "commit": origin.commit(),
        "set_sha256": origin.digest([path]),
        "documents_sha256": origin.digest(file for folder in folders for file in folder.rglob("*") if file.is_file()),
        "prompts_sha256": origin.prompts_digest(),
        "encoder": Path(settings.embedder).name if settings.embedder else "bundled",
        "generator": f"llm:{settings.llm_model or 'default'}" if settings.llm_base_url else "extractive",
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code: 0 done, 1 below a recorded floor, 2 a user's error."""
    from index.errors import CorpusError
    from rag.errors import AskError

    options = _parser().parse_args(arguments)
    names = options.set or ["samples", *(["articles"] if (options.data / "articles").is_dir() else [])]
    try:
        return max([_evaluate(name, options) for name in names])
    except (EvalError, CorpusError, AskError) as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m eval.run", description="Ask a question set and score the answers.")
    parser.add_argument("--set", action="append", help="articles, samples, blind or a path; default: what is there")
    parser.add_argument("--data", type=Path, default=DATA, help="folder that holds articles/ (default ../shared)")
    parser.add_argument("--documents", type=Path, help="folder to index for a set of your own")
    parser.add_argument("--report", type=Path, help="write <set>.json, .md and .html here, worst first")
    parser.add_argument(
        "--generator", choices=("extractive", "llm"), default="extractive", help="llm needs MUNDAP_LLM_BASE_URL"
    )
    parser.add_argument("--record", action="store_true", help="write eval/results and its floors from this run")
    parser.add_argument("--gate", action="store_true", help="exit 1 where a measure is below its recorded floor")
    return parser


def _evaluate(name: str, options: argparse.Namespace) -> int:
    if options.record and sets.find(name).resolve().parent != sets.FOLDER.resolve():
        raise EvalError(f"{name}: only the sets in eval/sets are recorded. Leave out --record, or use --report DIR.")
    if options.generator == "llm" and (options.record or options.gate):
        raise EvalError(
            "The floors are the extractive generator's. Leave out --record and --gate, or use --report DIR."
        )
    report = run(
        Settings.from_env(),
        name,
        options.report,
        show,
        data=options.data,
        documents=options.documents,
        generator=options.generator,
    )
    sys.stdout.write(f"\n{report.name}\n{report.table()}\n{told_of_model(report.origin)}\n")
    if report.failures and not report.held_out:
        listed = ", ".join(f"{row.id} ({', '.join(row.problems)})" for row in report.failures)
        sys.stdout.write(f"not right: {listed}\n")
    if options.record:
        gate.record(report)
    failures = gate.check(report) if options.gate else ()
    sys.stdout.writelines(f"{failure}\n" for failure in failures)
    return 1 if failures else 0


def show(done: int, total: int, name: str) -> None:
    """Progress on one line of a terminal; silent in a log."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done}/{total} {name:<12}" + ("\n" if done == total else ""))


if __name__ == "__main__":
    sys.exit(main())
