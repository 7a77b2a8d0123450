"""A file → an Article: the one place that opens documents. Nothing in a document is ever executed or fetched."""

from __future__ import annotations

import copy
import hashlib
import io
import logging
import lzma
import re
import struct
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from index.byline import author_name
from index.clean import clean
from index.decode import decode
from index.errors import UnreadableDocument
from index.frontmatter import FrontMatter, split_front_matter
from index.markdown import plain_text, split_heading
from index.normalise import normalise
from index.reflow import is_wrapped, join_pages, unwrap
from index.types import Article
from index.webpage import PageFacts, drop_unseen, open_layout_tables, page_facts, parse_page

SUFFIXES = frozenset((".txt", ".md", ".html", ".htm", ".pdf", ".docx"))
"""Suffixes of the files that can be read, lower case."""
MAX_BYTES = 50_000_000
"""Largest file, in bytes."""
MAX_CHARACTERS = 5_000_000
"""Longest text of one document, in characters: some forty novels."""
MAX_LINES = 300_000
"""Most lines of one document: each is looked at many times, so that a million of two letters would take a minute."""
MAX_PAGES = 2_000
"""Most pages of a PDF."""
MAX_UNPACKED = 200_000_000
"""Most bytes that a .docx may unpack to; real ones stay far below, a zip bomb reaches gigabytes."""
BLOCK = 1_000_000
"""Bytes of a .docx unpacked at once."""
MAX_MEMBERS = 10_000
"""Most files inside a .docx."""
MAX_TAGS = 1_000_000
"""Most tags of a page or of a .docx: each takes some hundred bytes of memory, so that 5 MB of them could fill it."""
MAX_SECONDS = 60.0
"""Longest time of the processor for the pages of a PDF; most take a hundredth of a second each."""
MAX_STREAM = 20_000_000
"""Most bytes that one stream of a PDF may unpack to."""
# Names that programs write by themselves.
_NOT_AUTHORS = frozenset(
    ("python-docx", "user", "admin", "administrator", "owner", "author", "unknown", "windows user", "사용자", "작성자")
)
# pypdf, zipfile and python-docx raise these, besides their own errors, on files whose inner structure is broken.
_BROKEN = (ValueError, KeyError, IndexError, TypeError, AttributeError, RuntimeError, EOFError, OSError, zlib.error,
           lzma.LZMAError, struct.error, AssertionError, OverflowError, MemoryError)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Page:
    """A document's raw text, the headline it states beyond doubt, and what its properties say."""

    text: str
    title: str = ""
    stated: FrontMatter = field(default_factory=FrontMatter)
    fallback: PageFacts = field(default_factory=PageFacts)


def read_article(path: Path, *, article_id: str | None = None, data: bytes | None = None) -> Article:
    """The article in a ``.txt``, ``.md``, ``.html``, ``.htm``, ``.pdf`` or ``.docx`` file, without the page around it.

    Front matter comes first, then what the page itself states, then document properties. The id is the first 12 hex
    digits of the SHA-256 of the resolved path, so that the same file keeps it.

    :param data: the file's bytes, where they have been read already.
    :raises UnreadableDocument: with one clear line, for anything that is not a readable article.
    """
    path = Path(path)
    reader = _READERS[_checked_suffix(path)]
    page = reader(path, _bytes(path) if data is None else data)
    _check_length(path, len(page.text))
    if (lines := page.text.count("\n")) > MAX_LINES:
        raise unreadable(path, f"holds {lines:,} lines; at most {MAX_LINES:,} are read. Split it.")
    stated, fallback = page.stated, page.fallback
    title = stated.title or page.title
    cleaned = clean(page.text, title=title)
    if not cleaned.text:
        raise unreadable(
            path, "holds no article text once menus and notices are gone. Save the page again with its text."
        )
    resolved = unicodedata.normalize("NFC", str(path.resolve()))
    return Article(
        id=article_id or hashlib.sha256(resolved.encode("utf-8", "surrogateescape")).hexdigest()[:12],
        source=unicodedata.normalize("NFC", path.name),
        path=str(path.resolve()),
        language=stated.language or cleaned.language,
        text=cleaned.text,
        title=normalise(title or cleaned.title or fallback.title),
        publisher=stated.publisher or fallback.publisher or cleaned.publisher,
        author=author_name(stated.author) or cleaned.author or fallback.author,
        published=stated.published or fallback.published or cleaned.published,
    )


def _checked_suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise unreadable(
            path, f"has the suffix {suffix!r}; readable are {', '.join(sorted(SUFFIXES))}. Convert it to one of these."
        )
    return suffix


def checked_size(path: Path) -> int:
    """The size of a file in bytes.

    :raises UnreadableDocument: if it cannot be read for its size or kind; a pipe or a device would never end.
    """
    try:
        size = path.stat().st_size if path.is_file() else None
    except OSError as error:
        raise unreadable(path, f"cannot be opened ({error.strerror}). Check the path and its permissions.") from error
    if size is None:
        raise unreadable(path, "is not a file. Check the path.")
    if size == 0:
        raise unreadable(path, "is empty. Save the article's text into it.")
    if size > MAX_BYTES:
        raise unreadable(path, f"has {size:,} bytes; at most {MAX_BYTES:,} are read. Split it.")
    return size


def _bytes(path: Path) -> bytes:
    checked_size(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, f"cannot be opened ({error.strerror}). Check its permissions.") from error


def unreadable(path: Path, what: str) -> UnreadableDocument:
    """The error that says of the file at ``path`` ``what`` is amiss with it, on one line."""
    name = "".join(char if char.isprintable() else "?" for char in path.name)
    return UnreadableDocument(f"{name!r} {what}")


def _decoded(path: Path, data: bytes, *, html: bool = False) -> str:
    text = decode(data, html=html)
    if text is None:
        raise unreadable(
            path, "holds binary data or an unknown encoding, not text. Save it as UTF-8, or give it its real suffix."
        )
    if not html:  # of a page only the article counts
        _check_length(path, len(text))
    return text


def _check_length(path: Path, characters: int) -> None:
    if characters > MAX_CHARACTERS:
        raise unreadable(path, f"holds {characters:,} characters; at most {MAX_CHARACTERS:,} are read. Split it.")


def _read_text(path: Path, data: bytes) -> _Page:
    stated, text = split_front_matter(_decoded(path, data))
    return _Page(unwrap(text) if is_wrapped(text) else text, stated=stated)


def _read_markdown(path: Path, data: bytes) -> _Page:
    stated, text = split_front_matter(_decoded(path, data))
    title, text = split_heading(text)
    text = plain_text(text)
    return _Page(unwrap(text) if is_wrapped(text) else text, title, stated)


def _read_html(path: Path, data: bytes) -> _Page:
    import trafilatura

    text = _decoded(path, data, html=True)
    _check_tags(path, text.count("<"))
    tree = parse_page(text)
    if tree is None:
        raise unreadable(path, "holds no HTML elements. Save the page again.")
    facts = page_facts(tree)
    drop_unseen(tree)
    open_layout_tables(tree)
    main = trafilatura.extract(tree, include_comments=False, include_tables=True, favor_recall=True, deduplicate=False)
    return _Page(_plain_tables(main or trafilatura.html2txt(tree)), facts.title, fallback=facts)


def _check_tags(path: Path, count: int) -> None:
    if count > MAX_TAGS:
        raise unreadable(path, f"has {count:,} tags; at most {MAX_TAGS:,} are read. Split it.")


def _plain_tables(text: str) -> str:
    """Table rows as ``2026 | $2``, without the outer bars and the rule that trafilatura draws."""
    text = re.sub(r"^\|[-| :]+\|$\n?", "", text, flags=re.M)
    return re.sub(r"^\|[ \t]*(.*?)[ \t]*\|[ \t]*$", r"\1", text, flags=re.M).replace(r"\|", "|")


def _read_pdf(path: Path, data: bytes) -> _Page:
    from pypdf import PdfReader, apply_configuration
    from pypdf.errors import PyPdfError

    limits = apply_configuration(
        zlib_maximum_output_length=MAX_STREAM, array_based_stream_maximum_output_length=MAX_STREAM
    )
    with _quiet("pypdf"), limits:
        try:
            reader = PdfReader(io.BytesIO(data))
            if reader.is_encrypted and not reader.decrypt(""):
                raise unreadable(path, "is an encrypted PDF. Save a copy without a password.")
            if len(reader.pages) > MAX_PAGES:
                raise unreadable(path, f"has {len(reader.pages):,} pages; at most {MAX_PAGES:,} are read. Split it.")
            pages = list(_pdf_pages(path, reader.pages))
            title, author = (
                _property(reader.metadata.get(key)) if reader.metadata else "" for key in ("/Title", "/Author")
            )
        except (PyPdfError, *_BROKEN) as error:
            raise unreadable(
                path, f"cannot be read as a PDF ({type(error).__name__}). Open it and save it again."
            ) from error
    text = join_pages(pages)
    if not _legible(text):
        raise unreadable(
            path, "is a PDF without readable text, perhaps a scan. Run text recognition (OCR) on it first."
        )
    return _Page(unwrap(text), fallback=PageFacts(title, author=author))


def _pdf_pages(path: Path, pages: Iterable[Any]) -> Iterator[str]:
    """The text of each page, as long as the time and the length of all allow: a small file can hold endless pages."""
    end, length = time.thread_time() + MAX_SECONDS, 0
    for page in pages:
        if time.thread_time() > end:
            raise unreadable(path, f"takes more than {MAX_SECONDS:.0f} seconds to read. Split it.")
        text = page.extract_text()
        length += len(text)
        _check_length(path, length)
        yield text


def _legible(text: str) -> bool:
    """Whether most characters are letters, digits or usual marks: fonts without a character map give private ones."""
    plain = normalise(text)
    odd = sum(unicodedata.category(char) in ("Co", "Cn") or char == "\ufffd" for char in plain)
    return any(char.isalpha() for char in plain) and odd <= 0.3 * len(plain)


def _read_docx(path: Path, data: bytes) -> _Page:
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import LxmlError

    try:
        _check_zip(path, data)
        document = docx.Document(io.BytesIO(data))
        blocks = list(_docx_blocks(document))
        title, author = _property(document.core_properties.title), _property(document.core_properties.author)
    except (zipfile.BadZipFile, PackageNotFoundError, LxmlError, *_BROKEN) as error:
        raise unreadable(
            path, f"cannot be read as a .docx file ({type(error).__name__}). Open it and save it again."
        ) from error
    first = next((i for i, (style, text) in enumerate(blocks) if text), 0)
    headed = bool(blocks) and blocks[first][0] in ("Title", "Heading 1")
    text = "\n\n".join(text for _, text in (blocks[first + 1 :] if headed else blocks))
    return _Page(text, normalise(blocks[first][1]) if headed else "", fallback=PageFacts(title, author=author))


def _check_zip(path: Path, data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        unpacked = sum(member.file_size for member in members)
        if unpacked > MAX_UNPACKED or len(members) > MAX_MEMBERS:
            raise unreadable(
                path,
                f"unpacks to {unpacked:,} bytes in {len(members):,} files, too many for a document. Save it again.",
            )
        _check_tags(path, sum(_tags(archive, member) for member in members))


def _tags(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    """The tags in a part of a .docx, which is unpacked bit by bit and held to the size that it states.

    ``ZipFile.read`` unpacks all that there is before it looks at that size; and knows compressions, not used in .docx,
    of which no bit is small.
    """
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile("another compression than a .docx has")
    more = copy.copy(member)
    more.file_size += 1
    length = tags = 0
    with archive.open(more) as part:
        while block := part.read(BLOCK):
            length += len(block)
            tags += block.count(b"<")
    if length > member.file_size:
        raise zipfile.BadZipFile("a part larger than it states")
    return tags if member.filename.endswith((".xml", ".rels")) else 0


def _docx_blocks(document: object) -> Iterator[tuple[str, str]]:
    """Paragraphs and tables in the order of the document, each as (style, text); a table row is one line."""
    from docx.table import Table

    for block in document.iter_inner_content():  # type: ignore[attr-defined]  # docx.document.Document, not imported here
        if isinstance(block, Table):
            rows = (
                list(dict.fromkeys(cell.text.replace("\n", " ").strip() for cell in row.cells)) for row in block.rows
            )
            yield "Table", "\n".join(" | ".join(filter(None, cells)) for cells in rows)
            continue
        hidden = "".join(run.text for run in block.runs if run.font.hidden)
        text = "".join(run.text for run in block.runs if not run.font.hidden) if hidden else block.text
        style = (block.style.name if block.style is not None else "") or ""
        yield style, f"- {text}" if style.startswith("List Bullet") and text.strip() else text


def _property(value: object) -> str:
    """A document property that a person may have written: names that programs fill in and file names are nothing."""
    text = normalise(str(value or "")).replace("\n", " ")
    machine = text.lower() in _NOT_AUTHORS or text.lower().startswith(("microsoft", "untitled", "제목 없음"))
    return "" if machine or "." in text[-6:-2] or len(text) > 200 else text


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keeps a library's warnings about a damaged file off the user's screen: the error says what to do."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


_READERS = {
    ".txt": _read_text,
    ".md": _read_markdown,
    ".html": _read_html,
    ".htm": _read_html,
    ".pdf": _read_pdf,
    ".docx": _read_docx,
}
