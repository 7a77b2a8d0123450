"""Token counts: offline, exact, and kind to text that looks like a control token."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from index import tokens


def test_counts_are_those_of_the_vocabulary() -> None:
    tokens.count("")  # points tiktoken at the vocabulary on this machine
    encoding = tiktoken.get_encoding(tokens.ENCODING)
    for text in ("", "hello world", "송도에 랩 허브가 들어선다.", "2,700억 원 (270 billion won)"):
        assert tokens.count(text) == len(encoding.encode(text))
        assert encoding.decode(encoding.encode(text)) == text


def test_a_korean_syllable_takes_less_than_a_token() -> None:
    text = "정부는 인천 송도에 바이오 창업 지원 시설을 짓기로 하고 내년에 공사를 시작한다."
    assert tokens.count(text) < len(text.replace(" ", ""))


@pytest.mark.parametrize("text", ["<|endoftext|>", "<|endofprompt|> <|fim_prefix|>"])
def test_what_looks_like_a_control_token_is_plain_text(text: str) -> None:
    assert tokens.count(text) > 1


@given(st.text(max_size=80), st.text(max_size=80))
@settings(max_examples=50, deadline=None)
def test_joining_two_texts_never_needs_more_than_both(first: str, second: str) -> None:
    assert 0 <= tokens.count(first) <= len(first.encode())
    # Merging across the seam may cost a token or two, because words are cut before bytes are merged.
    assert tokens.count(first + "\n" + second) <= tokens.count(first) + tokens.count(second) + 3


def test_the_vocabulary_is_on_the_machine_and_is_the_one_that_tiktoken_checks(tmp_path: Path) -> None:
    """A process of its own whose every connection fails counts all the same, and leaves a set folder alone."""
    program = (
        "import socket\n"
        "def refuse(*_, **__): raise OSError('no network')\n"
        "socket.socket.connect = refuse; socket.getaddrinfo = refuse\n"
        "import os\nfrom index import tokens\n"
        "print(tokens.count('hello world'), os.environ['TIKTOKEN_CACHE_DIR'])"
    )
    environment = {k: v for k, v in os.environ.items() if k not in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR")}
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    number, folder = ran.stdout.strip().split(" ", 1)
    assert number == "2"
    address = "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken"
    stored = Path(folder) / hashlib.sha1(address.encode()).hexdigest()
    expected = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
    assert hashlib.sha256(stored.read_bytes()).hexdigest() == expected
