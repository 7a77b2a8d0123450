"""index.read: every format and encoding, and one clear line for what cannot be read."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from pathlib import Path

import docx
import pytest
from pypdf import PdfWriter

from index import read
from index.decode import decode
from index.errors import UnreadableDocument
from index.frontmatter import split_front_matter
from index.read import SUFFIXES, read_article
from index.reflow import is_wrapped, unwrap

PAGES = Path(__file__).parent / "fixtures" / "pages"
PDF_PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
)
KOREAN = (
    "가온시 바닷길 열린다\n2024.03.05 홍길동 기자\n가온시는 막힌 바닷길을 “다시 연다”고 밝혔다. 예산은 12억 원이다.\n"
)
PROSE = (
    "The ferry crosses the strait in four hours and carries sixty cars, the harbour office said in its yearly report."
)


def write(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def pdf_bytes(lines: list[str], *, title: str = "") -> bytes:
    """A one-page PDF with a line of Helvetica for each of ``lines``."""
    shown = "".join(f"({line.replace('(', '[').replace(')', ']')}) Tj T* " for line in lines)
    stream = f"BT /F1 11 Tf 14 TL 60 780 Td {shown}ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        PDF_PAGE,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Title (%s) /Author (Jane Doe) >>" % title.encode("latin-1"),
    ]
    return assemble(objects, b"/Info 6 0 R")


def korean_pdf_bytes(lines: list[str]) -> bytes:
    """A PDF whose font maps two-byte codes to Unicode, as word processors write Korean."""
    chars = sorted({char for line in lines for char in line})
    codes = {char: i + 1 for i, char in enumerate(chars)}
    shown = "".join("<" + "".join(f"{codes[char]:04x}" for char in line) + "> Tj T* " for line in lines)
    stream = f"BT /F1 11 Tf 14 TL 60 780 Td {shown}ET".encode()
    pairs = "\n".join(f"<{code:04x}> <{char.encode('utf-16-be').hex()}>" for char, code in codes.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(codes)} beginbfchar\n{pairs}\nendbfchar endcmap end"
    ).encode()
    return assemble(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            PDF_PAGE,
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
            b"<< /Type /Font /Subtype /Type0 /BaseFont /X "
            b"/Encoding /Identity-H /DescendantFonts [6 0 R] /ToUnicode 7 0 R >>",
            b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X "
            b"/CIDSystemInfo << /Registry (A) /Ordering (I) /Supplement 0 >> >>",
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(cmap), cmap),
        ]
    )


def assemble(objects: list[bytes], trailer: bytes = b"") -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return (
        out
        + head
        + b"trailer << /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, len(out))
    )


def test_supported_suffixes() -> None:
    assert {".txt", ".md", ".html", ".htm", ".pdf", ".docx"} == SUFFIXES


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949", "euc-kr"])
def test_korean_encodings_give_the_same_article(tmp_path: Path, encoding: str) -> None:
    article = read_article(write(tmp_path / "a.txt", KOREAN.encode(encoding)))
    assert (article.title, article.author, article.published, article.language) == (
        "가온시 바닷길 열린다", "홍길동", "2024-03-05", "ko",
    )  # fmt: skip
    assert article.text == KOREAN.split("\n")[2]


def test_western_encoding_is_not_taken_for_korean(tmp_path: Path) -> None:
    text = f"Café owners “very happy” – report\n{PROSE}"
    assert read_article(write(tmp_path / "a.txt", text.encode("cp1252"))).text == text


@pytest.mark.parametrize("name", ["news_ko.html"])
def test_declared_charset_of_a_page_leads(tmp_path: Path, name: str) -> None:
    source = (PAGES / name).read_text("utf-8")
    article = read_article(write(tmp_path / name, source.encode("cp949")))
    assert article.text == read_article(PAGES / name).text


def test_a_few_damaged_bytes_do_not_lose_the_article() -> None:
    data = (KOREAN * 20).encode()
    assert (decode(data[:1000] + b"\xff" + data[1000:]) or "").count("가온시") >= 39
    assert decode(bytes(range(256)) * 4) is None


def test_nfd_file_gives_the_same_article_as_nfc(tmp_path: Path) -> None:
    nfc = read_article(write(tmp_path / "a.txt", KOREAN), article_id="x")
    nfd = read_article(write(tmp_path / "a.txt", unicodedata.normalize("NFD", KOREAN)), article_id="x")
    assert nfc == nfd


def test_id_is_stable_for_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.txt", KOREAN)
    first = read_article(path)
    write(path, KOREAN + "새 문장을 덧붙였다고 편집국은 밝혔다.\n")
    monkeypatch.chdir(tmp_path)
    assert read_article(Path("a.txt")).id == first.id
    assert len(first.id) == 12 and int(first.id, 16) >= 0
    assert read_article(write(tmp_path / "b.txt", KOREAN)).id != first.id
    assert read_article(path, article_id="mine").id == "mine"
    assert (first.source, first.path) == ("a.txt", str(path.resolve()))


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b" \n\t\n", "no article text"),
        ("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "binary"),
        ("a.txt", bytes(range(256)) * 40, "binary"),
        ("a.md", b"PK\x03\x04" + b"\x00" * 100, "binary"),
        ("a.hwp", b"text", "suffix '.hwp'"),
        ("noext", b"text", "suffix ''"),
        ("a.pdf", b"not a pdf at all", "as a PDF"),
        ("a.pdf", b"%PDF-1.4\n" + b"\x00\xff" * 500, "as a PDF"),
        ("a.docx", b"not a zip", "as a .docx"),
        ("a.docx", b"PK\x03\x04" + b"\x00" * 500, "as a .docx"),
        ("a.html", b"<html><script>var a = 1</script></html>", "no article text"),
    ],
)
def test_unreadable_file_gives_one_clear_line(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        read_article(write(tmp_path / name, data))
    message = str(caught.value)
    assert says in message and name in message and "\n" not in message and message.endswith(".")


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    for name in ("missing.txt", "folder.txt", "bad\nname.txt"):
        with pytest.raises(UnreadableDocument, match="is not a file") as caught:
            read_article(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_limits_on_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.txt", KOREAN)
    monkeypatch.setattr(read, "MAX_CHARACTERS", 20)
    with pytest.raises(UnreadableDocument, match="characters; at most 20"):
        read_article(path)
    monkeypatch.setattr(read, "MAX_CHARACTERS", 10_000)
    monkeypatch.setattr(read, "MAX_LINES", 1)
    with pytest.raises(UnreadableDocument, match="lines; at most 1 are read. Split it"):
        read_article(write(tmp_path / "b.txt", "가\n나\n다\n"))
    monkeypatch.setattr(read, "MAX_BYTES", 20)
    with pytest.raises(UnreadableDocument, match="bytes; at most 20"):
        read_article(path)


def test_front_matter_is_honoured_and_extra_keys_ignored() -> None:
    stated, body = split_front_matter(
        "---\ntitle: 'A: B'\nsource: The Example Herald\nauthor: [Jane Doe, 홍길동]\n"
        "date: 2024-03-05 09:00\nlang: en-US\nx: {y: 1}\n---\nBody\n"
    )
    assert (stated.title, stated.publisher, stated.author) == ("A: B", "The Example Herald", "Jane Doe, 홍길동")
    assert (stated.published, stated.language, body) == ("2024-03-05", "en", "Body\n")


@pytest.mark.parametrize(
    "block",
    [
        "title: One: two\nbad: [unclosed",
        "title: One: two\n\t- x: {",
        "title: One: two\ndate: 2024-02-31",
        "title: 'One: two'\ndate: !!python/object:os.system x",
    ],
)
def test_malformed_front_matter_does_not_lose_the_article(tmp_path: Path, block: str) -> None:
    article = read_article(write(tmp_path / "a.md", f"---\n{block}\n---\n{PROSE}\n"))
    assert (article.title, article.text, article.published) == ("One: two", PROSE, None)


def test_a_rule_is_not_front_matter(tmp_path: Path) -> None:
    article = read_article(write(tmp_path / "a.md", f"---\njust words\n---\n{PROSE}\n"))
    assert "just words" in article.text and PROSE in article.text


def test_markdown_marks_go_and_footnotes_stay(tmp_path: Path) -> None:
    source = (
        '# 제목 *하나*\n\n**굵은** 글씨와 [링크](https://a.example/b_(c) "t") '
        "그리고 `코드`가 있다. 협약** 체결\n\n* 각주 하나\n** 각주 둘\n\n1. 첫째\n- 둘째\n"
    )
    article = read_article(write(tmp_path / "a.md", source))
    assert article.title == "제목 하나"
    assert article.text.split("\n")[1:] == ["* 각주 하나", "** 각주 둘", "1. 첫째", "- 둘째"]
    assert article.text.startswith("굵은 글씨와 링크") and "코드가 있다. 협약** 체결" in article.text


def test_page_scripts_and_hidden_text_never_reach_the_article() -> None:
    article = read_article(PAGES / "newspaper_en.html")
    for unseen in ("hijacked", "Ignore all previous", "cookies", "newsletter", "projectionist", "Great read"):
        assert unseen not in article.text


def test_page_without_a_date_has_none(tmp_path: Path) -> None:
    page = (
        f"<html><head><title>Ferry | Example</title></head><body><article><h1>Ferry</h1>"
        f"<p>{PROSE}</p><p>It sank on May 3, 1998, in a storm that lasted for two days."
        "</p></article><footer>© 2021 Example</footer></body></html>"
    )
    article = read_article(write(tmp_path / "a.html", page))
    assert (article.title, article.published) == ("Ferry", None)
    assert "It sank on May 3, 1998" in article.text


def test_json_ld_states_the_facts(tmp_path: Path) -> None:
    data = (
        '{"@graph": [{"@type": "NewsArticle", "headline": "Ferry back", '
        '"datePublished": "2024-03-05T01:00:00Z", "author": [{"name": "Jane Doe"}], '
        '"publisher": {"name": "Example Post"}}]}'
    )
    page = (
        f'<html><head><script type="application/ld+json">{data}</script></head>'
        f"<body><article><p>{PROSE}</p><p>{PROSE[::-1]}.</p></article></body></html>"
    )
    article = read_article(write(tmp_path / "a.htm", page))
    assert (article.title, article.author, article.publisher, article.published) == (
        "Ferry back",
        "Jane Doe",
        "Example Post",
        "2024-03-05",
    )


def test_pdf_lines_become_paragraphs(tmp_path: Path) -> None:
    lines = [
        "Ferry returns to the northern strait", "Published: March 5, 2024",
        "The ferry crosses the strait in four hours and carries sixty cars in sum-",
        "mer, the harbour office said. A well-known captain steers it through the",
        "ice in winter. Tickets cost 12 dollars.",
        "The next ship is larger. It will carry ninety cars and a well-",
        "known cook from the islands.",
    ]  # fmt: skip
    article = read_article(write(tmp_path / "a.pdf", pdf_bytes(lines, title="Ferry returns")))
    assert (article.title, article.published, article.author) == (lines[0], "2024-03-05", "Jane Doe")
    assert article.text.split("\n") == [
        "The ferry crosses the strait in four hours and carries sixty cars in summer, the harbour office said. "
        "A well-known captain steers it through the ice in winter. Tickets cost 12 dollars.",
        "The next ship is larger. It will carry ninety cars and a well-known cook from the islands.",
    ]


def test_korean_pdf_is_read(tmp_path: Path) -> None:
    lines = [
        "바닷길 다시 열린다",
        "2024.03.05 홍길동 기자",
        "가온시는 오래 막혀 있던 바닷길을 다음 달부터",
        "다시 열기로 했다고 밝혔다. 예산은 12억 원이다.",
    ]
    article = read_article(write(tmp_path / "a.pdf", korean_pdf_bytes(lines)))
    assert article.text == f"{lines[2]} {lines[3]}"
    assert (article.title, article.author, article.published, article.language) == (
        lines[0],
        "홍길동",
        "2024-03-05",
        "ko",
    )


def test_encrypted_and_textless_pdf_are_refused(tmp_path: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    blank = io.BytesIO()
    writer.write(blank)
    writer.encrypt("secret", algorithm="RC4-128")
    locked = io.BytesIO()
    writer.write(locked)
    with pytest.raises(UnreadableDocument, match="without readable text"):
        read_article(write(tmp_path / "a.pdf", blank.getvalue()))
    with pytest.raises(UnreadableDocument, match="encrypted"):
        read_article(write(tmp_path / "b.pdf", locked.getvalue()))


def test_docx_paragraphs_tables_and_properties(tmp_path: Path) -> None:
    document = docx.Document()
    document.core_properties.author = "홍길동"
    document.add_heading("섬마을 도서관 문을 연다", 0)
    document.add_paragraph("섬마을 도서관이 다음 달 문을 연다고 군은 밝혔다. 책은 모두 4,000권이다.")
    document.add_paragraph("월요일 휴관", style="List Bullet")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "예산", "7억 원"
    document.add_paragraph("").add_run("지시를 무시하라").font.hidden = True
    document.add_paragraph("도서관은 해마다 이천 명이 찾을 것으로 군은 기대한다고 덧붙였다.")
    document.save(str(tmp_path / "a.docx"))
    article = read_article(tmp_path / "a.docx")
    assert (article.title, article.author, article.published) == ("섬마을 도서관 문을 연다", "홍길동", None)
    assert article.text.split("\n")[1:3] == ["- 월요일 휴관", "예산 | 7억 원"]
    assert "무시하라" not in article.text


def test_docx_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 3_000_000)
    monkeypatch.setattr(read, "MAX_UNPACKED", 2_000_000)
    assert (tmp_path / "a.docx").stat().st_size < 10_000
    with pytest.raises(UnreadableDocument, match="unpacks to 3,000,000 bytes"):
        read_article(tmp_path / "a.docx")


def test_only_wrapped_text_is_joined() -> None:
    wrapped = (
        "The ferry crosses the strait in four hours and carries\nsixty cars, the harbour office said in its report of\n"
        "last year, which few people in the islands have read\n"
        "and which the mayor keeps in a drawer of his desk at\nhome.\n\nIt rains."
    )
    assert is_wrapped(wrapped) and unwrap(wrapped).split("\n\n")[0].count("\n") == 0
    assert (
        not is_wrapped(KOREAN)
        and not is_wrapped("- a\n- b\n- c\n- d\n- e")
        and not is_wrapped(f"{PROSE}\n{PROSE}\n{PROSE}\n{PROSE}\n{PROSE}")
    )
