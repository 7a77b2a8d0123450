"""Readers under spoilt documents: that the fuzzer sees what it looks for, and all that it has found, once mended."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import ROOT
from eval.fuzz import case, outcome
from eval.specimens import KOREAN, specimens
from index import byline, clean, furniture, pubdate
from index.errors import UnreadableDocument
from index.read import read_article
from index.reflow import unwrap

# Runs in a process of its own, for it forks. Each case is a word that says what the reader does with it.
BAD = """
import os, sys, time
from eval import fuzz
read = fuzz.read_article
deeds = ["raise", "spin", "fill", "die", "good"]
def reader(path, data):
    deed = data.decode() if len(data) < 9 else ""
    if deed == "raise": {}["missing"]
    if deed == "spin":
        while True: pass
    if deed == "fill": [bytes(10**8) for _ in range(20)]
    if deed == "die": os._exit(3)
    return read(path, data="The ferry sails.".encode() if deed else data)
fuzz.read_article, fuzz.SECONDS = reader, 1
fuzz.case = lambda seed, number: (".txt", deeds[number].encode())
tally = fuzz.Fuzzer(0).run(minutes=30, most=len(deeds))
print(*tally.failures, sum(tally.read.values()), sep="\\n")
"""


def test_whatever_a_reader_must_not_do_is_noticed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BAD], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    raised, spun, filled, died, good = done.stdout.splitlines()
    assert raised.startswith("case 0") and "KeyError at " in raised
    assert "more than 1 s of the processor" in spun
    assert "MemoryError" in filled
    assert "the process ended with 3" in died
    assert good == "1"


def test_a_case_is_made_again_from_its_number() -> None:
    made = [case(3, number) for number in range(40)]
    assert made == [case(3, number) for number in range(40)]
    assert made != [case(4, number) for number in range(40)]


def test_documents_are_read_before_they_are_spoilt_and_refused_or_read_after() -> None:
    assert {outcome(sound.suffix, sound.join(sound.parts)).what for sound in specimens()} == {"read"}
    assert {outcome(*case(7, number)).what for number in range(2 * len(specimens()))} <= {"read", "refused"}


def test_control_characters_of_a_page_are_dropped() -> None:
    """lxml reads them and then refuses to write them."""
    page = (
        f"<html><head><title>a</title></head><body><i title='&#28;'>\x1c</i>{KOREAN}&#28;<b>x&#11;y</b></body></html>"
    )
    assert "2700억 원을 투자" in read_article(Path("a.html"), data=page.encode()).text


def test_an_archive_of_a_later_version_is_refused() -> None:
    document = io.BytesIO()
    with zipfile.ZipFile(document, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    data = document.getvalue()
    place = data.index(b"PK\x01\x02") + 6  # the version needed to unpack the first member
    with pytest.raises(UnreadableDocument, match=r"cannot be read as a \.docx file \(NotImplementedError\)"):
        read_article(Path("a.docx"), data=data[:place] + b"\x54" + data[place + 1 :])


HEADS = (
    "관련기사\nx\n",
    "a b c d\n2023.05.03\n",
    "By Jane Moon\nthe words of a head\n",
    "글자크기\nthe words of a head\n",
)


@pytest.mark.parametrize("page", HEADS)
def test_a_page_of_heads_is_read_in_time_with_its_length(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read, looked_at = clean.read_header, [0]

    def counted(lines: list[str], title: str = "") -> clean.Header:
        looked_at[0] += len(lines)
        return read(lines, title)

    monkeypatch.setattr(clean, "read_header", counted)
    lines = 2_000
    clean.clean(page * (lines // 2))
    assert lines < looked_at[0] < 100 * lines  # all that was left, for each head, made it 100 times the lines and more


@pytest.mark.parametrize("between", ["운영 원칙 댓글 삭제", "By Jane Moon", "구독하세요"])
def test_what_is_uncovered_by_and_by_takes_few_passes(between: str, monkeypatch: pytest.MonkeyPatch) -> None:
    strip, passes = clean._strip, [0]

    def counted(lines: list[str], title: str) -> list[str]:
        passes[0] += 1
        return strip(lines, title)

    monkeypatch.setattr(clean, "_strip", counted)
    clean.clean(f"달빛시는 새 실험실에 이천억 원을 투자한다고 어제 밝혔다.\n{between}\n" * 500)
    assert 2 <= passes[0] <= 4


def test_a_long_line_below_a_head_is_looked_at_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    squeeze, read = clean.squeeze, [0]

    def counted(text: str) -> str:
        read[0] += len(text)
        return squeeze(text)

    monkeypatch.setattr(clean, "squeeze", counted)
    clean.clean("< " * 5_000 + "\n" + "글자크기\n" * 5_000)
    assert 0 < read[0] < 300_000  # 30,000 characters; with each of the 300 heads it made 3,000,000


@pytest.mark.parametrize("line", ["the words of a line that runs on and on until its end, 가나다\n", "letters" * 9])
def test_a_long_paragraph_is_joined_in_time_with_its_length(line: str) -> None:
    def spent(lines: int) -> float:
        text = line * lines
        started = time.thread_time()
        assert unwrap(text).count("\n") <= 1
        return time.thread_time() - started

    short = min(spent(500) for _ in range(3))
    assert spent(8_000) < 64 * short  # 16 where it is linear, 256 where it is the square


@pytest.mark.parametrize(
    "judge",
    [furniture.is_prose, furniture.is_furniture, furniture.is_soft, byline.read_byline, byline.read_signature, byline.is_publisher, pubdate.read_stamp],
)  # fmt: skip
def test_long_lines_are_not_kept_in_memory(judge: Callable[[str], object]) -> None:
    tracemalloc.start()
    for number in range(60):
        judge(f"{number} " * 50_000)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 1_000_000
