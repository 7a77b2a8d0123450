"""Bytes → text: byte-order marks, UTF-8, Korean code page 949 (EUC-KR and its extension), Windows-1252.

A strict order of trial with a check of plausibility, rather than a statistical detector: detectors often take short
Korean text in code page 949 for a Chinese or Western encoding.
"""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    b"\x89PNG",
    b"PK\x03\x04",
    b"%PDF-",
    b"\x7fELF",
    b"\x1f\x8b",
    b"GIF8",
    b"\xff\xd8\xff",
    b"MZ\x90",
    b"\xd0\xcf\x11\xe0",
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{3,20})", re.I)
_KOREAN_NAMES = frozenset(("euc-kr", "euckr", "ks_c_5601-1987", "ksc5601", "ks_c_5601", "x-windows-949", "ms949"))

SAMPLE = 65_536
"""Bytes looked at for control characters."""
CONTROL_SHARE = 0.01
"""Largest share of control bytes in text; compressed or executable data holds some ten per cent."""
ERROR_SHARE = 0.005
"""Largest share of undecodable characters that is put down to damage rather than to another encoding."""
COMMON_SHARE = 0.9
"""Least share of the 2,350 syllables of KS X 1001 among Hangul read from code page 949. Western text misread as Korean
falls among the 8,822 rare syllables of its extension instead."""


def decode(data: bytes, *, html: bool = False) -> str | None:
    """The text in ``data``, or ``None`` where it is not text. ``html`` lets a page's own charset declaration lead."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _strict(data, name)
    if is_binary(data):
        return None
    declared = _CHARSET.search(data[:4096]) if html else None
    if declared and (text := _strict(data, _codec(declared[1].decode("ascii")))) is not None:
        return text
    return _by_trial(data)


def is_binary(data: bytes) -> bool:
    """Whether the bytes open like a known binary format or hold too many control characters for text."""
    sample = data[:SAMPLE]
    return data.startswith(_MAGIC) or len(_CONTROL.findall(sample)) > max(2, CONTROL_SHARE * len(sample))


def _by_trial(data: bytes) -> str | None:
    if (text := _strict(data, "utf-8")) is not None:
        return text
    korean = _lenient(data, "cp949")
    if korean is not None and _is_korean(korean):
        return korean
    if (text := _lenient(data, "utf-8")) is not None:
        return text
    western = _strict(data, "cp1252")
    return western if western is not None and _is_western(western) else None


def _strict(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None


def _lenient(data: bytes, name: str) -> str | None:
    text = data.decode(name, errors="replace")
    return text.replace("\ufffd", "") if text.count("\ufffd") <= ERROR_SHARE * len(text) else None


def _codec(name: str) -> str:
    return "cp949" if name.lower() in _KOREAN_NAMES else name


def _is_korean(text: str) -> bool:
    foreign = [char for char in text if char > "\x7f"]
    hangul = [char for char in foreign if "가" <= char <= "힣"]
    common = sum(len(char.encode("euc_kr", "ignore")) == 2 for char in hangul)
    return bool(hangul) and len(hangul) >= 0.5 * len(foreign) and common >= COMMON_SHARE * len(hangul)


def _is_western(text: str) -> bool:
    foreign = sum(char > "\x7f" for char in text)
    return foreign <= 0.1 * len(text)
