"""The ``mundap`` command line. It formats what the index, the assistant and the evaluation return, and decides nothing.

Results go to standard output; progress and problems to standard error. The exit code is 0 when the command is done,
2 for a problem that the user can mend, told in one line, and 130 after Ctrl-C. Everything heavy is imported where it is
used, so that ``mundap --help`` comes at once.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from index.build import Report
    from index.types import Article, Hit
    from rag import Answer, Assistant, Citation, Settings

ROOT = Path(__file__).resolve().parent
SAMPLES = ROOT / "index" / "samples"
DATA = Path("../shared")
INTERRUPTED = 130  # 128 + SIGINT, as shells report it
RELATED = 3  # passages shown beside a refusal
SNIPPET = 160  # characters of a passage in a list of hits
# Controls can move a terminal's cursor or end a line, and lone surrogates cannot be written; documents may hold both.
_UNWRITABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
LABELS: Mapping[str, Mapping[str, str]] = {
    "ko": {"undated": "날짜 없음", "ko": "한국어", "en": "영어", "related": "관련 문서 (답은 아님):"},
    "en": {"undated": "undated", "ko": "Korean", "en": "English", "related": "Related, but not an answer:"},
}
Progress = Callable[[int, int, str], None]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON value instead of text.")]
Wait = Annotated[
    float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for another process that is indexing.")
]
Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder of the data that is not passed on.")]


class _Commands(TyperGroup):
    """Tells a problem that the user can mend in one line, where Typer would draw a box or show a traceback."""

    def main(self, *args: Any, **options: Any) -> Any:
        options |= {"prog_name": "mundap", "standalone_mode": False}
        try:
            code = super().main(*args, **options)
        except _mendable() as error:
            _say(_reason(error))
            code = 2
        if code == INTERRUPTED:
            _say("stopped; what was done is kept.")
        sys.exit(code or 0)


def _mendable() -> tuple[type[Exception], ...]:
    """Every error that tells the user what to do; imported only once there is one."""
    from eval.errors import EvalError
    from index.errors import CorpusError
    from rag.errors import AskError

    return (AskError, CorpusError, EvalError, OSError, sqlite3.Error, UnicodeEncodeError, typer.TyperException)


def _reason(error: Exception) -> str:
    """What was wrong and what to do about it."""
    if isinstance(error, typer.TyperException):
        return _usage(error)
    if isinstance(error, OSError):
        what = error.strerror or str(error)
        return f"{error.filename or 'system'}: {what}. Check the path, its permissions and the free space."
    if isinstance(error, sqlite3.Error):
        return f"{_settings().home}: the index cannot be used ({error}). Check its permissions and the free space."
    if isinstance(error, UnicodeEncodeError):
        return f"{error.object!a}: this name is not UTF-8. Rename the file or folder, then run the command again."
    return str(error)


def _usage(error: Any) -> str:
    """What Typer found wrong with the command's words, and where their description is."""
    text = error.format_message().replace("Value error, ", "")
    end = "" if text.endswith((".", "?")) else "."
    return f"{text}{end} Try: {error.ctx.command_path if getattr(error, 'ctx', None) else 'mundap'} --help"


app = typer.Typer(
    cls=_Commands,
    name="mundap",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    help=(
        "Ask your own Korean and English documents; every answer is cited.\n\n"
        "한국어·영어 문서에 묻고 근거가 표시된 답을 받습니다.\n\n"
        "\b\nExample / 예:\n  mundap index ~/articles\n  mundap ask 'K-바이오 랩 허브에 얼마를 투자하나요?'"
    ),
    epilog="State lives under MUNDAP_HOME. 색인은 MUNDAP_HOME 폴더에 저장됩니다.",
)


def main() -> None:
    """The console entry point."""
    app()


def _version(wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        typer.echo(f"mundap {version('mundap')}")
    except PackageNotFoundError:
        typer.echo("mundap (run from source, not installed)")
    raise typer.Exit


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    from rag.log import configure
    from rag.settings import be_quiet

    be_quiet()
    configure(_settings().log_level)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("index", short_help="Add documents, or bring them up to date · 문서를 색인합니다")
def index_(
    paths: Annotated[list[str] | None, typer.Argument(metavar="PATH...", help="Files, or folders of them.")] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make the whole index again from the stored text.")
    ] = False,
    wait: Wait = 0,
    ray: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Share the work among a Ray cluster: its address, auto or local."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Add documents (.txt .md .html .pdf .docx), or bring them up to date.

    Changed files are read again, and articles whose file has gone from a folder are removed.

    문서를 색인에 넣습니다. 바뀐 파일만 다시 읽고, 폴더에서 지워진 파일은 색인에서도 지웁니다.

    \b
    Example / 예:
      mundap index ~/articles
      mundap index --rebuild
    """
    if not paths and not rebuild:
        raise typer.BadParameter("name the files or folders to index, or give --rebuild.", param_hint="PATH")
    if any(not path.strip() for path in paths or ()):
        raise typer.BadParameter("a path is empty.", param_hint="PATH")
    report = _rebuilt(wait) if rebuild else None
    if paths:
        report = _index([Path(path) for path in paths], wait, ray)
    assert report is not None
    _show_report(report, as_json)
    for path, why in report.skipped.items():
        _say(f"{path}: {why}")
    if report.skipped:
        raise typer.Exit(2)


def _index(paths: Sequence[Path], wait: float = 0, ray: str | None = None) -> Report:
    from index.build import index_paths
    from index.embed import load_encoder

    settings = _settings()
    with _progress("Indexing") as progress:
        if ray:
            from index.spread import index_spread

            return index_spread(settings.home, paths, settings.embedder, settings.store_url, progress, wait, ray=ray)
        return index_paths(settings.home, paths, load_encoder(settings.embedder), settings.store_url, progress, wait)


def _rebuilt(wait: float) -> Report:
    from index.build import Report, rebuild
    from index.embed import load_encoder
    from index.errors import IndexMissing

    settings = _settings()
    articles = _articles()
    if not articles:
        raise IndexMissing(f"Nothing is indexed in {settings.home}. Add documents with: mundap index PATH")
    with _progress("Rebuilding") as progress:
        rebuild(settings.home, load_encoder(settings.embedder), settings.store_url, progress, wait)
    return Report(updated=[article.path for article in articles])


def _show_report(report: Report, as_json: bool) -> None:
    if as_json:
        _emit(asdict(report))
        return
    typer.echo(", ".join(f"{len(files)} {name}" for name, files in asdict(report).items()))
    articles = _articles()
    samples = [article for article in articles if _is_sample(article)]
    if samples and len(samples) < len(articles):
        typer.echo(f"{len(samples)} bundled samples are still indexed; remove them with: mundap remove --samples")


@app.command("ask", short_help="Ask a question · 질문하고 근거 있는 답을 받습니다")
def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="The question, or - to read it from stdin.")],
    as_json: Json = False,
    language: Annotated[Literal["auto", "ko", "en"], typer.Option(help="Language of the answer.")] = "auto",
) -> None:
    """Ask a question and get an answer whose every sentence is cited, or a refusal where the documents hold no answer.

    색인한 문서에서 답을 찾아 근거와 함께 보여 줍니다. 답이 없으면 없다고 말합니다.

    \b
    Example / 예:
      mundap ask "K-바이오 랩 허브에 얼마를 투자하나요?"
      mundap ask "How large is the K-Bio Lab Hub site?" --language ko
    """
    text = _typed(question)
    assistant = _assistant()
    answer = assistant.ask(text, language=language)
    if as_json:
        _emit(answer.as_dict())
    else:
        typer.echo("\n".join(_answer_lines(answer, assistant)))


def _answer_lines(answer: Answer, assistant: Assistant) -> Iterator[str]:
    labels = LABELS[answer.language]
    yield from (_line(line) for line in answer.text.splitlines())
    if answer.notice:
        yield f"({_line(answer.notice)})"
    for citation in answer.citations:
        yield ""
        yield f"[{citation.number}] {_origin(citation, labels)}"
        yield f"    {_line(citation.quote)}"
    if answer.status == "no_evidence" and answer.hits:
        yield ""
        yield labels["related"]
        for hit in answer.hits[:RELATED]:
            yield f"  - {_origin(assistant.article(hit.article_id), labels)}"
            yield f"    {_snippet(assistant.passage(hit).text)}"


def _origin(item: Article | Citation, labels: Mapping[str, str]) -> str:
    """Title, publisher, date, language and file of what is shown, on one line."""
    facts = (item.title, item.publisher, item.published or labels["undated"], labels[item.language], item.source)
    return " · ".join(_line(fact) for fact in facts if fact)


@app.command("search", short_help="Find passages in both languages · 두 언어의 구절을 찾습니다")
def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What to look for, or - to read it from stdin.")],
    as_json: Json = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many passages at most.")] = 10,
) -> None:
    """Find the passages nearest to a query, best first, in Korean and English documents alike.

    한국어와 영어 문서에서 가장 가까운 구절을 찾아 순서대로 보여 줍니다.

    \b
    Example / 예:
      mundap search "클러스터 규제 완화" --limit 3
    """
    text = _typed(query)
    assistant = _assistant()
    hits = assistant.search(text, limit=limit)
    if as_json:
        _emit([_found(hit, assistant) for hit in hits])
        return
    for rank, hit in enumerate(hits, start=1):
        article = assistant.article(hit.article_id)
        typer.echo(f"{rank:>2}. {hit.score:.2f}  {_origin(article, LABELS['en'])}")
        typer.echo(f"          {_snippet(assistant.passage(hit).text)}")


def _found(hit: Hit, assistant: Assistant) -> dict[str, Any]:
    article = assistant.article(hit.article_id)
    named = {"title": article.title, "source": article.source, "language": article.language}
    return asdict(hit) | named | {"text": assistant.passage(hit).text}


@app.command("chat", short_help="Open the chat page in the browser · 대화 화면을 엽니다")
def chat(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port to listen on; by default a free one from 7860.")
    ] = None,
    open_to_all: Annotated[
        bool, typer.Option("--open-to-all", help="Let other machines in without a password.")
    ] = False,
) -> None:
    """Open the chat page; where nothing is indexed yet, the bundled sample articles are indexed first.

    On another address than 127.0.0.1 a password is needed: MUNDAP_AUTH=user:password. Programs find its endpoints
    ask, search and index with gradio_client.

    브라우저로 대화 화면을 엽니다. 색인이 비어 있으면 예제 기사를 먼저 넣습니다.

    다른 주소로 열려면 MUNDAP_AUTH=user:password로 암호를 정해야 합니다.

    \b
    Example / 예:
      mundap chat --port 8080
      MUNDAP_AUTH=me:secret mundap chat --host 0.0.0.0
    """
    if not _articles():
        _index([SAMPLES / "ko", SAMPLES / "en"])
    from app import launch

    launch(host, port, open_to_all=open_to_all)


@app.command("list", short_help="Show what is indexed · 색인한 문서를 보여 줍니다")
def list_(as_json: Json = False) -> None:
    """Show every indexed article with its id, oldest first; as JSON also with its cleaned text.

    색인한 문서를 오래된 것부터 보여 줍니다.

    \b
    Example / 예:
      mundap list
    """
    articles = _articles()
    if as_json:
        _emit([asdict(article) for article in articles])
        return
    for article in articles:
        facts = (article.title or article.source, article.publisher, article.source if article.title else "")
        named = " · ".join(_line(fact) for fact in facts if fact)
        typer.echo(f"{article.id}  {article.published or 'undated':<10}  {article.language}  {named}")
    advice = "" if articles else " Add documents with: mundap index PATH"
    typer.echo(f"{len(articles)} articles in {_line(str(_settings().home))}.{advice}")


@app.command("remove", short_help="Forget articles; the files stay · 문서를 색인에서 지웁니다")
def remove(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ARTICLE_ID...", help="Ids that `list` shows.")] = None,
    samples: Annotated[bool, typer.Option("--samples", help="Remove the bundled sample articles.")] = False,
    wait: Wait = 0,
) -> None:
    """Forget articles. The files themselves stay where they are.

    문서를 색인에서 지웁니다. 파일은 그대로 남습니다.

    \b
    Example / 예:
      mundap remove 1f0e9c2b7a44
      mundap remove --samples
    """
    from index.build import remove_articles
    from index.embed import load_encoder
    from index.errors import CorpusError

    if not ids and not samples:
        raise typer.BadParameter("name the articles to remove, or give --samples.", param_hint="ARTICLE_ID")
    articles = _articles()
    known = {article.id for article in articles}
    if unknown := [name for name in ids or () if name not in known]:
        raise CorpusError(f"{', '.join(unknown)}: no such article, nothing was removed. See the ids with: mundap list")
    wanted = {*(ids or ()), *(article.id for article in articles if samples and _is_sample(article))}
    if wanted:
        settings = _settings()
        remove_articles(settings.home, sorted(wanted), load_encoder(settings.embedder), settings.store_url, wait)
    typer.echo(f"{len(wanted)} removed, {len(known) - len(wanted)} left")


@app.command("doctor", short_help="Say what is amiss and how to mend it · 문제와 해결 방법을 알려 줍니다")
def doctor(as_json: Json = False) -> None:
    """Look at the home folder, the bundled models, the encoder, the index and its vectors, fonts, and the language
    model's server, where one is set: does it answer, which model does it run, its context and speed. Says what to mend.

    홈 폴더, 내장 모델, 인코더, 색인과 벡터, 글꼴을 살피고, 언어 모델 서버를 정했으면 응답하는지, 어떤 모델인지, 문맥 길이와 속도는 어떤지, 무엇을 고쳐야 하는지 알려 줍니다.

    \b
    Example / 예:
      mundap doctor
    """
    from rag.advice import in_korean
    from rag.doctor import Finding, examine
    from rag.premises import survey
    from rag.settings import be_quiet

    be_quiet()
    found: list[Finding] = []
    settings = _settings()
    for finding in chain(survey(settings), examine(settings)):
        found.append(finding)
        if not as_json:
            typer.echo(f"{finding.grade:<8} {finding.name:<9} {_line(finding.seen)}")
            for advice in filter(None, (finding.advice, in_korean(finding))):
                typer.echo(f"{'':18} {_line(advice)}.")
    if as_json:
        _emit([asdict(finding) | {"advice_ko": in_korean(finding)} for finding in found])
    if any(finding.grade == "problem" for finding in found):
        raise typer.Exit(2)


@app.command("eval", short_help="Ask a question set and score the answers · 답변을 채점합니다")
def eval_(
    action: Annotated[
        Literal["run", "new"], typer.Argument(metavar="[run|new]", help="Score a set, or draft one from --documents.")
    ] = "run",
    name: Annotated[
        str, typer.Option("--set", metavar="NAME|FILE", help="articles, samples, blind, or a .jsonl file.")
    ] = "samples",
    report: Annotated[
        Path | None, typer.Option("--report", metavar="DIR", help="Write <set>.html, .md and .json here.")
    ] = None,
    data: Data = DATA,
    documents: Annotated[
        Path | None, typer.Option("--documents", metavar="DIR", help="Folder to index for a set of your own.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where new writes its draft.")] = Path(
        "questions.jsonl"
    ),
    generator: Annotated[
        Literal["extractive", "llm"], typer.Option(help="Who writes the answers; llm needs MUNDAP_LLM_BASE_URL.")
    ] = "extractive",
    as_json: Json = False,
) -> None:
    """Ask every question of a set in both languages and score the answers, over an index of its own.

    new drafts a set from your documents, for you to correct.

    질문 모음을 두 언어로 묻고 채점합니다. 사용자의 색인은 건드리지 않습니다. new는 내 문서로 질문 초안을 만듭니다.

    \b
    Example / 예:
      mundap eval --set samples --report report
      mundap eval new --documents ~/articles --out questions.jsonl
      mundap eval --documents ~/articles --set questions.jsonl
    """
    if action == "new":
        _draft(documents, out)
        return
    from eval.run import run
    from eval.witness import told_of_model

    with _progress("Asking") as progress:
        result = run(_settings(), name, report, progress, data=data, documents=documents, generator=generator)
    if as_json:
        _emit(result.record())
        return
    typer.echo(f"{result.name}\n{result.table()}")
    if told := told_of_model(result.origin):
        typer.echo(told)
    if result.failures and not result.held_out:
        typer.echo("not right: " + ", ".join(f"{row.id} ({', '.join(row.problems)})" for row in result.failures))


def _draft(documents: Path | None, out: Path) -> None:
    from eval.draft import GAP, draft

    if documents is None:
        raise typer.BadParameter("name the folder of documents to ask about.", param_hint="--documents")
    count = draft(documents, out)
    typer.echo(
        f"{count} questions in {_line(str(out))}. Put each as you would ask it, without its gap {GAP}; check facts and "
        f"sources; add questions that have no answer. Then: mundap eval --set {_line(str(out))} --documents "
        f"{_line(str(documents))}"
    )


@app.command("bench", short_help="Measure on public sets · 공개 데이터로 측정합니다")
def bench(
    name: Annotated[
        Literal["retrieval", "encoder", "answers", "peers", "speed", "scale"],
        typer.Argument(metavar="retrieval|encoder|answers|peers|speed|scale", help="What to measure."),
    ],
    data: Data = DATA,
    everything: Annotated[
        bool, typer.Option("--all", help="Whole sets where answers, speed and scale take a sample.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Measure the search (retrieval), the encoder alone (encoder), which sentence of a given paragraph is chosen and
    whether it is known that none answers (answers), other tools beside the search (peers, which needs the extra bench),
    the time that indexing, searching and starting take, each beside its limit (speed), or how both grow with the index
    (scale), on public sets, which are not part of Mundap.

    공개 데이터로 검색, 인코더, 답 문장 고르기와 답 없음 판단을 측정하고, 다른 도구와 견주며(peers), 색인·검색·시작에 걸리는 시간을 한도와 견주고(speed), 색인이 커질 때의 변화를 봅니다(scale). 데이터가 없으면 어디서 받는지 알려 줍니다.

    \b
    Example / 예:
      mundap bench retrieval --data ../shared
      mundap bench answers
    """
    from eval.bench import measure

    with _progress("Measuring") as progress:
        result = measure(name, _settings(), data, progress, everything=everything)
    if as_json:
        _emit(result.record())
        return
    typer.echo(result.table())


def _settings() -> Settings:
    from rag import Settings

    return Settings.from_env()


def _assistant() -> Assistant:
    from rag import Assistant

    return Assistant.from_settings(_settings())


def _articles() -> list[Article]:
    """What is indexed, read without opening the vectors; nothing is created where nothing is."""
    from index.corpus import DATABASE
    from index.manifest import Manifest

    path = _settings().home / DATABASE
    if not path.exists():
        return []
    with closing(Manifest(path)) as manifest:
        return manifest.articles()


def _is_sample(article: Article) -> bool:
    """Whether an article came with Mundap, from this installation or an earlier one elsewhere."""
    *_, package, folder, language, name = ("", "", "", *Path(article.path).parts)
    return (package, folder) == ("index", "samples") and (SAMPLES / language / name).is_file()


def _typed(argument: str) -> str:
    """Text from the command line or stdin; bytes that were no UTF-8 become U+FFFD."""
    text = sys.stdin.buffer.read().decode("utf-8", "replace") if argument == "-" else argument
    return "".join("\ufffd" if unicodedata.category(char) == "Cs" else char for char in text)


@contextmanager
def _progress(task: str) -> Iterator[Progress]:
    """A bar on standard error, on a terminal only; it takes (done, in all, name)."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn(task), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        number = bar.add_task("", total=None)
        yield lambda done, total, name: bar.update(number, completed=done, total=total, description=_line(name))


def _emit(value: object) -> None:
    """One JSON value, in UTF-8 whatever the terminal's encoding; a lone surrogate becomes its JSON escape."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace"))


def _say(problem: str) -> None:
    typer.echo(f"mundap: {_line(problem)}", err=True)


def _line(text: str) -> str:
    """``text`` on one line, without what a terminal cannot show or would obey."""
    return "".join(" " if char.isspace() else "?" if _unwritable(char) else char for char in text.strip())


def _unwritable(char: str) -> bool:
    return unicodedata.category(char) in _UNWRITABLE


def _snippet(text: str) -> str:
    line = " ".join(_line(text).split())
    return line if len(line) <= SNIPPET else line[:SNIPPET].rstrip() + "…"


if __name__ == "__main__":
    main()
