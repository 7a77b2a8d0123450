"""Files and disks that misbehave: one clear line for each, and the rest is indexed."""

from __future__ import annotations

import errno
import io
import os
import resource
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docx
import pypdf
import pytest
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject

from index import files, read
from index.build import Report, index_paths
from index.errors import IndexUnwritable, UnreadableDocument
from test_build import FERRY, LETTERS, MARKET, sources, told, whole

LIMIT = 10.0  # seconds of the processor that any of these may take


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Holds one good document."""
    place = tmp_path / "documents"
    place.mkdir()
    (place / "ferry.txt").write_text(FERRY, encoding="utf-8")
    return place


def only_ferry(tmp_path: Path, folder: Path, **options: Any) -> str:
    """The one line about the other file in ``folder``, from a run that has indexed the ferry."""
    started = time.thread_time()
    report: Report = index_paths(tmp_path / "home", [folder], LETTERS, **options)
    assert time.thread_time() - started < LIMIT
    assert [Path(path).name for path in report.added] == ["ferry.txt"] and len(report.skipped) == 1
    whole(tmp_path / "home")
    (line,) = report.skipped.values()
    assert "\n" not in line
    return line


@pytest.mark.parametrize("target", ["pipe", "/dev/zero", "self"])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, folder: Path, target: str) -> None:
    odd = folder / "odd.txt"
    if target == "pipe":
        os.mkfifo(odd)
    else:
        odd.symlink_to(odd if target == "self" else target)
    line = only_ferry(tmp_path, folder)
    assert "odd.txt" in line or target == "/dev/zero"


def test_a_file_above_the_limit_is_never_read(tmp_path: Path, folder: Path) -> None:
    with (folder / "huge.txt").open("wb") as file:
        file.truncate(10**11)  # takes no room on the disk, and would take all memory
    assert "at most 50,000,000 are read. Split it" in only_ferry(tmp_path, folder)


def test_one_file_as_large_as_may_be(tmp_path: Path, folder: Path) -> None:
    (folder / "large.txt").write_bytes(b"The ferry sails at noon. \n\n" * (read.MAX_BYTES // 27))
    assert "at most 5,000,000 are read. Split it" in only_ferry(tmp_path, folder)


def test_a_file_that_disappears(tmp_path: Path, folder: Path) -> None:
    gone = folder / "gone.txt"
    gone.write_text(MARKET, encoding="utf-8")
    line = only_ferry(tmp_path, folder, progress=lambda *_: gone.unlink(missing_ok=True))
    assert "gone.txt" in line and "No such file" in line


@pytest.mark.parametrize("times", [1, 9])
def test_a_file_that_changes_while_it_is_read(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """It grows after its size was asked for: once, which a second reading makes good, or each time."""
    changing = folder / "changing.txt"
    changing.write_text(MARKET, encoding="utf-8")
    left, measure = [times], files.checked_size

    def grow(path: Path) -> int:
        size = measure(path)
        if path.name == "changing.txt" and left[0]:
            left[0] -= 1
            with path.open("a", encoding="utf-8") as file:
                file.write("It has a clock. ")
        return size

    with monkeypatch.context() as patch:
        patch.setattr(files, "checked_size", grow)
        if times > 1:
            line = only_ferry(tmp_path, folder)
            assert "changing.txt" in line and "changes while it is read" in line
            left[0] = 0
        assert "changing.txt" in told(index_paths(tmp_path / "home", [folder], LETTERS))["added"]
    assert told(index_paths(tmp_path / "home", [folder], LETTERS)) == {"unchanged": ["changing.txt", "ferry.txt"]}


def test_a_change_within_one_tick_of_the_clock_is_noticed(tmp_path: Path, folder: Path) -> None:
    index_paths(tmp_path / "home", [folder], LETTERS)
    stat = (folder / "ferry.txt").stat()
    (folder / "ferry.txt").write_text(FERRY.replace("340", "350"), encoding="utf-8")
    os.utime(folder / "ferry.txt", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert told(index_paths(tmp_path / "home", [folder], LETTERS)) == {"updated": ["ferry.txt"]}


def test_a_thousand_tiny_files_and_that_nothing_is_done_twice(tmp_path: Path, folder: Path) -> None:
    """``mundap bench speed --all`` holds an unchanged folder to 2 %, with ten times the files."""
    for number in range(1000):
        (folder / f"{number}.txt").write_text(f"Note {number}\n\nThe note has {number} words.", encoding="utf-8")
        os.utime(folder / f"{number}.txt", (1, 1))
    spent = [time.thread_time()]
    for _ in range(2):
        report = index_paths(tmp_path / "home", [folder], LETTERS)
        spent.append(time.thread_time())
    assert len(report.unchanged) == 1001
    assert spent[2] - spent[1] < 0.2 * (spent[1] - spent[0])
    whole(tmp_path / "home")


def test_a_docx_of_endless_tags(tmp_path: Path, folder: Path) -> None:
    """Some kilobytes on the disk and 7 MB unpacked, of which each tag takes a hundred bytes or more."""
    document = io.BytesIO()
    docx.Document().save(document)
    with zipfile.ZipFile(document) as good, zipfile.ZipFile(folder / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as bomb:
        for name in good.namelist():
            content = good.read(name)
            bomb.writestr(name, content.replace(b"<w:sectPr", b"<w:p/>" * 1_200_000 + b"<w:sectPr", 1))
    assert (folder / "bomb.docx").stat().st_size < 200_000
    assert "tags; at most 1,000,000 are read" in only_ferry(tmp_path, folder)


@pytest.mark.parametrize("stated", [300_000_000, 1_000], ids=["honest", "lying"])
def test_a_docx_that_unpacks_to_gigabytes(tmp_path: Path, folder: Path, stated: int) -> None:
    """It states the size of what it holds, or a small one; zipfile unpacks all of it and then looks."""
    with zipfile.ZipFile(folder / "bomb.docx", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bomb:
        with bomb.open("word/document.xml", "w") as member:
            for _ in range(300):
                member.write(bytes(1_000_000))
        bomb.getinfo("word/document.xml").file_size = stated
        bomb.getinfo("word/document.xml").CRC = zlib.crc32(bytes(stated))  # fits, so that this does not give it away
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line = only_ferry(tmp_path, folder)
    assert "unpacks to 300,000,000 bytes" in line if stated > 1_000 else "cannot be read as a .docx file" in line
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KB


def test_a_folder_that_leads_back_to_itself(tmp_path: Path, folder: Path) -> None:
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "empty.txt").touch()
    assert "'empty.txt' is empty" in only_ferry(tmp_path, folder)


def test_a_page_of_endless_tags(tmp_path: Path, folder: Path) -> None:
    (folder / "bomb.html").write_bytes(b"<p>" * 1_200_000)
    assert "1,200,000 tags; at most 1,000,000 are read" in only_ferry(tmp_path, folder)


def pdf(pages: int, content: bytes) -> pypdf.PdfWriter:
    """``pages`` pages that share one stream of ``content``."""
    writer = pypdf.PdfWriter()
    stream = DecodedStreamObject()
    stream.set_data(content)
    shared = writer._add_object(stream.flate_encode())
    kind = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    font = DictionaryObject({NameObject(k): NameObject(v) for k, v in kind.items()})
    for _ in range(pages):
        page = writer.add_blank_page(200, 200)
        page[NameObject("/Contents")] = shared
        fonts = DictionaryObject({NameObject("/F"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    return writer


def test_a_pdf_that_takes_too_long(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pdf(500, b"BT /F 9 Tf (The ferry sails. ) Tj ET " * 100).write(folder / "long.pdf")
    monkeypatch.setattr(read, "MAX_SECONDS", 0.2)
    assert "takes more than 0 seconds" in only_ferry(tmp_path, folder)


def test_a_pdf_whose_pages_come_round_again(tmp_path: Path, folder: Path) -> None:
    writer = pdf(1, b"BT /F 9 Tf (The ferry sails.) Tj ET")
    tree = writer._root_object["/Pages"].get_object()
    tree[NameObject("/Kids")] = ArrayObject([*tree["/Kids"], writer._root_object.raw_get("/Pages")])
    writer.write(folder / "ring.pdf")
    assert "cannot be read as a PDF" in only_ferry(tmp_path, folder)


def test_a_pdf_that_unpacks_without_end(tmp_path: Path, folder: Path) -> None:
    pdf(1, b"BT ET " * 5_000_000).write(folder / "bomb.pdf")
    assert (folder / "bomb.pdf").stat().st_size < 200_000
    assert "bomb.pdf" in only_ferry(tmp_path, folder)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond ``size`` bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [0, 10_000, 120_000, 250_000])
def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path, folder: Path, size: int) -> None:
    home = tmp_path / "home"
    index_paths(home, [folder], LETTERS)
    for number in range(60):
        stalls = (f"Stall {number}-{n} sells {n} kinds of fish." for n in range(90))
        (folder / f"{number}.txt").write_text(f"Market {number}\n\n" + "\n\n".join(stalls), encoding="utf-8")
    with largest_file(size), pytest.raises(IndexUnwritable, match=r"cannot be written.*room|MUNDAP_HOME") as caught:
        index_paths(home, [folder], LETTERS)
    assert "\n" not in str(caught.value)
    assert sources(home) == ["ferry.txt"]
    assert len(index_paths(home, [folder], LETTERS).added) == 60
    whole(home)


@pytest.mark.parametrize(
    "write",
    ["pathlib.Path.write_text", "index.builder.LexicalIndex.save", "os.replace"],
    ids=["owner", "lexical", "shown"],
)
def test_a_disk_that_fills_at_any_write_of_our_own(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    """Those of SQLite and of Chroma fail above, where no file may grow."""
    home = tmp_path / "home"
    index_paths(home, [folder], LETTERS)
    (folder / "market.txt").write_text(MARKET, encoding="utf-8")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(write, full)
        with pytest.raises(IndexUnwritable, match=r"cannot be written \(No space left on device\)") as caught:
            index_paths(home, [folder], LETTERS)
    assert "\n" not in str(caught.value) and "ferry.txt" in sources(home)
    index_paths(home, [folder], LETTERS)
    assert sources(home) == ["ferry.txt", "market.txt"]
    whole(home)


@contextmanager
def nobody() -> Iterator[None]:
    """Be a user who owns nothing, for root may write everywhere."""
    user = os.geteuid()
    os.seteuid(65534) if user == 0 else None
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.fixture
def readable() -> Iterator[Path]:
    """A folder that everybody may read, below folders that everybody may enter; pytest's own are for its user alone."""
    with tempfile.TemporaryDirectory(prefix="mundap-test-") as place:
        Path(place).chmod(0o755)
        (Path(place) / "ferry.txt").write_text(FERRY, encoding="utf-8")
        yield Path(place)


@pytest.mark.parametrize("indexed", [False, True], ids=["empty", "indexed"])
def test_a_home_that_may_only_be_read(readable: Path, indexed: bool) -> None:
    home, documents = readable / "home", readable / "ferry.txt"
    home.mkdir()
    if indexed:
        index_paths(home, [documents], LETTERS)
    before = sorted(home.rglob("*"))
    with nobody(), pytest.raises(IndexUnwritable, match=r"cannot be written.*MUNDAP_HOME") as caught:
        index_paths(home, [documents], LETTERS)
    assert "\n" not in str(caught.value) and sorted(home.rglob("*")) == before
    if indexed:
        whole(home)


def test_documents_in_a_folder_that_may_not_be_entered(readable: Path, tmp_path: Path) -> None:
    (readable / "closed").mkdir(mode=0o700)
    (readable / "closed" / "market.txt").write_text(MARKET, encoding="utf-8")
    with nobody(), pytest.raises(UnreadableDocument, match=r"market\.txt.*Permission denied.*permissions") as caught:
        index_paths(tmp_path / "home", [readable / "closed" / "market.txt"], LETTERS)
    assert "\n" not in str(caught.value)
