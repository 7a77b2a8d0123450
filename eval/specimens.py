"""Sound documents of every kind that can be read, in parts: what a fuzzer puts together again after it has spoilt one.

All text is invented. PDF and Word files are written by hand, so that each part can be spoilt before checksums and
cross-references are made anew; a spoilt archive would otherwise fail at its checksum and nothing behind it be tried.
"""

from __future__ import annotations

import functools
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

KOREAN = (
    "달빛시는 새 실험실에 2700억 원을 투자한다고 4.28(금) 밝혔다. 실험실은 4만㎡ 터에 들어선다.\n"
    "솔마을 도서관은 책 8,400권을 갖추고 다음 달 문을 연다. “누구나 올 수 있다”고 관장은 말했다.\n"
)
ENGLISH = (
    "Larkhaven will invest 270 billion won in a laboratory, the mayor said on April 28. It covers 40,000 square meters.\n"
    'The library of Elmstead opens next month with 8,400 books. "Everybody may come," its head said.\n'
)
FRONT = "---\ntitle: 달빛시 실험실\ndate: 2023-05-03\nauthor: [김달, 이별]\nsource: 달빛일보\nlanguage: ko\n---\n"
PAGE = """홈 > 뉴스 > 경제
달빛시, 실험실에 2700억 원
입력 2023.05.03 09:10 | 수정 2023.05.03 10:20
김달빛 기자 moon@example.com
글자크기 가 가
AI 요약
기사 공유하기
{body}
관련 기사
솔마을 도서관 문 열어
ⓒ 달빛일보 무단 전재 및 재배포 금지
"""
HEAD = """<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>Larkhaven invests | Lark Times</title>
<meta property="og:title" content="Larkhaven invests"><meta name="author" content="By Jane Moon">
<meta property="article:published_time" content="2023-05-03T09:10:00+09:00">
<script type="application/ld+json">{"@graph": [{"headline": "Larkhaven invests", "datePublished": "2023-05-03",
"publisher": {"name": "Lark Times"}, "author": [{"name": "Jane Moon"}]}]}</script>
<style>.x{display:none}</style></head>"""
BODY = """<body><nav><ul class="menu"><li>Home</li></ul></nav><article><h1>Larkhaven invests</h1>
<time datetime="2023-05-03" pubdate>May 3, 2023</time><div class="share" style="opacity: 0">Share</div>
<p>Larkhaven will invest 270 billion won in a laboratory, the mayor said on April 28.</p>
<table><tr><td>2023</td><td>$2</td></tr><tr><td colspan="2">달빛시 <p>실험실</p></td></tr></table>
<p>달빛시는 새 실험실에 2700억 원을 투자한다고 밝혔다.</p></article><div id="related">See also</div></body></html>"""
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
CORE = "application/vnd.openxmlformats-package.core-properties+xml"


@dataclass(frozen=True)
class Specimen:
    """A document as parts, and how they become a file's bytes."""

    suffix: str
    parts: tuple[bytes, ...]
    join: Callable[[Sequence[bytes]], bytes] = b"".join


@functools.cache
def specimens() -> tuple[Specimen, ...]:
    """At least two of every kind, in either language."""
    return (*_texts(), *_pages(), *_pdfs(), *_word_files())


def _texts() -> Iterator[Specimen]:
    page = PAGE.format(body=KOREAN)
    wrapped = "\n".join(ENGLISH.replace("\n", " ")[i : i + 60] for i in range(0, 180, 60))
    for text in (KOREAN, ENGLISH, page, wrapped * 3):
        yield Specimen(".txt", tuple(line.encode() for line in text.splitlines(keepends=True)))
    for codec in ("cp949", "utf-16", "utf-8-sig"):
        yield Specimen(".txt", (page.encode(codec, "replace"),))
    marked = (
        f"# 달빛시 실험실\n\n> {KOREAN}\n* **굵은** [글](https://example.com/a_(b)) `code`\n\n| a | b |\n|---|---|\n"
    )
    for front, text in ((FRONT, marked), (FRONT.replace("ko\n", "en\n"), f"# Larkhaven\n\n{ENGLISH}<b>x</b>\n")):
        yield Specimen(".md", (front.encode(), *(line.encode() for line in text.splitlines(keepends=True))))


def _pages() -> Iterator[Specimen]:
    yield Specimen(".html", (HEAD.encode(), BODY.encode()))
    yield Specimen(".htm", (HEAD.replace("utf-8", "euc-kr").encode("cp949"), BODY.encode("cp949")))


def _pdfs() -> Iterator[Specimen]:
    shown = b"BT /F 9 Tf 20 700 Td (Larkhaven will invest 270 billion won in a laboratory.) Tj 0 -12 Td [(The fer) -20 (ry sails.)] TJ ET"
    hangul = "".join(f"{ord(char):04X}" for char in KOREAN[:60]).encode()
    for packed in (False, True):
        yield _pdf(shown, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", packed=packed)
        yield _pdf(
            b"BT /F 9 Tf 20 700 Td <" + hangul + b"> Tj ET",
            b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [<< /Type /Font"
            b" /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity)"
            b" /Supplement 0 >> /DW 1000 >>] /ToUnicode 6 0 R >>",
            packed=packed,
        )


def _pdf(shown: bytes, font: bytes, *, packed: bool) -> Specimen:
    cmap = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def 1 begincodespacerange"
        b" <0000> <FFFF> endcodespacerange 2 beginbfrange <0000> <00FF> <0000> <3000> <30FF> <3000> endbfrange 60"
        b" beginbfchar " + b" ".join(b"<%04X> <%04X>" % (ord(char), ord(char)) for char in KOREAN[:60]) + b" endbfchar"
        b" endcmap end end"
    )
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 5 0 R /Resources << /Font << /F 4 0 R >> >> >>",
        font,
        shown,
        cmap,
        b"<< /Title (Larkhaven invests) /Author (Jane Moon) >>",
    )
    return Specimen(".pdf", objects, lambda parts: pdf_file(parts, packed=packed))


def pdf_file(objects: Sequence[bytes], *, packed: bool) -> bytes:
    """The objects, of which those that are no dictionaries become streams, as a PDF with its table of places."""
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.7\n")
    for number, body in enumerate(objects, start=1):
        if number in (5, 6):
            body = zlib.compress(body) if packed else body
            kind = b"/Filter /FlateDecode " if packed else b""
            body = b"<< %s/Length %d >>\nstream\n%s\nendstream" % (kind, len(body), body)
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R /Info 7 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(places) + 1, start))
    return out.getvalue()


def _word_files() -> Iterator[Specimen]:
    types = (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
        f'package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName='
        f'"/word/document.xml" ContentType="{MIME}"/><Override PartName="/core.xml" ContentType="{CORE}"/></Types>'
    )
    rels = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a" Type="{RELATIONS}/officeDocument" '
        f'Target="word/document.xml"/><Relationship Id="b" Type="{PACKAGE}/relationships/metadata/core-properties" '
        'Target="core.xml"/></Relationships>'
    )
    core = (
        f'<c:coreProperties xmlns:c="{PACKAGE}/metadata/core-properties" xmlns:d="http://purl.org/dc/elements/1.1/">'
        "<d:title>달빛시 실험실</d:title><d:creator>김달</d:creator></c:coreProperties>"
    )
    for text in (KOREAN, ENGLISH):
        runs = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in text.splitlines())
        body = (
            f'<w:document xmlns:w="{WORDS}"><w:body><w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr><w:r><w:rPr><w:vanish/>'
            f"</w:rPr><w:t>x</w:t></w:r></w:p>{runs}<w:tbl><w:tblGrid><w:gridCol/></w:tblGrid><w:tr><w:tc><w:tcPr>"
            '<w:gridSpan w:val="1"/></w:tcPr><w:p><w:r><w:t>2,700</w:t><w:br/></w:r></w:p></w:tc></w:tr></w:tbl>'
            "</w:body></w:document>"
        )
        yield Specimen(".docx", tuple(part.encode() for part in (types, rels, body, core)), word_file)


def word_file(parts: Sequence[bytes]) -> bytes:
    """The four parts of a .docx as an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        names = ("[Content_Types].xml", "_rels/.rels", "word/document.xml", "core.xml")
        for name, part in zip(names, parts, strict=True):
            archive.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)  # of no time: the same bytes tomorrow
    return out.getvalue()
