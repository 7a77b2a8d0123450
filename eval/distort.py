"""Spoils bytes at random as a fuzzer does: flips, cuts, repeats, splices, and what breaks readers of documents.

The same source of chance gives the same bytes, so that a case can be made again from its number.
"""

from __future__ import annotations

import copy
import random
import re
import unicodedata
from collections.abc import Callable, Sequence

from lxml import etree

from eval.specimens import Specimen

LONGEST = 1_000_000  # bytes of a spoilt document
WHOLE = 0.3  # share of cases that spoil the file rather than one of its parts
SOUND = 0.7  # share of the changes to a part of a .docx that leave it well formed
EDITS = 6
TOKENS: tuple[bytes, ...] = tuple(
    token.encode("utf-8", "surrogatepass")
    for token in (
        # text that a cleaner looks for
        "관련 기사\n", "AI 요약\n", "글자크기\n", "By Jane Moon\n", "홍길동 기자\n", "입력 2023.05.03\n", "2023-02-31", "(END)\n",
        "ⓒ 달빛일보 무단 전재 금지\n", "운영 원칙 삭제\n- ", "Related articles\n", "a b c d\n", "\n\n\n", "끝.\n", "©", '."', "다.",
        # what makes a pattern try again and again
        "a", "A", "가", "1", " ", "-", ".", ",", "a-", "A b ", "- ", "\n", "| ", "김",
        # characters that are not what they seem
        "\ufeff", "\u200b", "\u202e", "\u2028", "\x85", "\x00", "\x1b[2J", "\ud800", "\u3164", "\U000e0041", "가\u0301", "\u1100\u1161",
        "ﷺ", "İ", "ß", "𝟘", "²", "٣", "\u0345", "e\u0301\u0323",
        # markup
        "<", "</", "<p>", "<div hidden>", "<table><tr><td>", "<!--", "]]>", "<script type='application/ld+json'>[", "&#xD800;",
        "&a;", "<!DOCTYPE a [<!ENTITY a 'b'>]>", "<?xml version='1.0' encoding='utf-7'?>", "<meta charset=utf-16>", "<svg><style>",
        # front matter and Markdown
        "---\n", "&a [*a, *a]", "{{", "? ", ": ", "!!python/object:os.system ", "[" , "](", "![", "`", "**", "_", "> ", "# ", "|",
        # PDF
        "/Kids [2 0 R]", "2 0 R", "<<", ">>", "/Filter [/FlateDecode /FlateDecode]", "/ASCIIHexDecode", "endstream", "stream\n",
        "/Length -1", "/Count 99999999", "BI /W 9 ID ", "/Encrypt 4 0 R", "/Prev 0", "1e999", "beginbfrange <00> <FFFFFFFF> <00>",
        # .docx
        "<w:p>", "<w:tbl>", "<w:vanish/>", "w:val='999999999'", "<w:gridSpan w:val='-1'/>", "<w:vMerge/>", "../../../x",
    )
)  # fmt: skip
NUMBERS = (b"0", b"-1", b"1", b"255", b"65536", b"2147483648", b"18446744073709551616", b"9" * 400, b"1e309", b"NaN")
_WORDS = (
    "",
    "-1",
    "9" * 12,
    "Title",
    "true",
    "가",
    "../x",
    "입력 2023.05.03",
    "By Jane Moon",
    "\u202e",
    "a b.",
    "다. ",
)
CODECS = ("cp949", "utf-16", "utf-32", "cp1252", "utf-7", "iso2022_kr", "shift_jis")


def distort(specimen: Specimen, others: Sequence[Specimen], chance: random.Random) -> bytes:
    """The file of ``specimen`` with one to ``EDITS`` edits, in one part of it or in the whole."""
    parts = list(specimen.parts)
    donor = chance.choice(chance.choice(others).parts)
    edits = chance.randint(1, EDITS)
    if chance.random() < WHOLE:
        return _edited(specimen.join(parts), donor, edits, chance)
    number = chance.randrange(len(parts))
    if specimen.suffix == ".docx" and chance.random() < SOUND:
        parts[number] = _rearranged(parts[number], edits, chance)
    else:
        parts[number] = _edited(parts[number], donor, edits, chance)
    return specimen.join(parts)


def _rearranged(data: bytes, edits: int, chance: random.Random) -> bytes:
    """XML that is still well formed, for a reader of XML gives the rest up: elements elsewhere, many times or gone."""
    root = etree.fromstring(data)
    for _ in range(edits):
        every = list(root.iter())
        one, other = chance.choice(every), chance.choice(every)
        edit = chance.randrange(5)
        if edit == 0 and one.getparent() is not None:
            one.getparent().remove(one)
        elif edit == 1:
            times = min(int(2 ** (12 * chance.random())), LONGEST // len(etree.tostring(one)) // 10)
            other.extend([copy.deepcopy(one) for _ in range(times)])
        elif edit == 2 and one.attrib:
            one.set(chance.choice(sorted(one.attrib)), chance.choice(_WORDS))
        elif edit == 3:
            one.text = chance.choice(_WORDS) * int(2 ** (12 * chance.random()))
        else:
            for _ in range(int(2 ** (10 * chance.random()))):  # nested
                other = etree.SubElement(other, one.tag)
    spoilt: bytes = etree.tostring(root)
    return spoilt[:LONGEST]


def _edited(data: bytes, donor: bytes, edits: int, chance: random.Random) -> bytes:
    for _ in range(edits):
        edit = chance.choice(_EDITS)
        data = edit(data, donor, chance)[:LONGEST]
    return data


def _slice(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randint(0, len(data))
    return start, min(len(data), start + int(2 ** (10 * chance.random())))


def _flip(data: bytes, donor: bytes, chance: random.Random) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def _cut(data: bytes, donor: bytes, chance: random.Random) -> bytes:
    start, end = _slice(data, chance)
    return data[:start] + data[end:]


def _truncate(data: bytes, donor: bytes, chance: random.Random) -> bytes:
    return data[: chance.randint(0, len(data))]


def _insert(data: bytes, donor: bytes, chance: random.Random) -> bytes:
    """A token in place of a slice, or between."""
    start, end = _slice(data, chance)
    return data[:start] + chance.choice(TOKENS) + data[chance.choice((start, end)) :]


def _repeat(data: bytes, donor: bytes, chance: random.Random) -> bytes:
    """A slice or a token many times over: what takes time or depth with the square of its number."""
    start, end = _slice(data, chance)
    unit = chance.choice((data[start:end], chance.choice(TOKENS), chance.choice(TOKENS) + chance.choice(TOKENS)))
    times = min(int(2 ** (16 * chance.random())), LONGEST // max(len(unit), 1))
    return data[:start] + unit * times + data[start:]


def _number(data: bytes, donor: bytes, chance: random.Random) -> bytes:
    found = list(re.finditer(rb"\d+", data[:10_000]))
    if not found:
        return data
    start, end = chance.choice(found).span()
    return data[:start] + chance.choice(NUMBERS) + data[end:]


def _splice(data: bytes, donor: bytes, chance: random.Random) -> bytes:
    start, end = _slice(data, chance)
    first, last = _slice(donor, chance)
    return data[:start] + donor[first:last] + data[end:]


def _recode(data: bytes, donor: bytes, chance: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    if chance.random() < 0.3:
        return unicodedata.normalize("NFD", text).encode()
    return text.encode(chance.choice(CODECS), "replace")


_EDITS: tuple[Callable[[bytes, bytes, random.Random], bytes], ...] = (
    _flip, _flip, _cut, _truncate, _insert, _insert, _insert, _repeat, _repeat, _number, _splice, _recode,
)  # fmt: skip
