"""A file, standard input or a text as a :class:`Document`: its kind is told, its size is bounded, nothing in it runs.

Kinds: text, Markdown, HTML and PDF, by the name and by the first bytes. What is larger than :data:`LIMIT` is refused
before it is read whole, so that memory is bounded whatever is given. An address is no file:
:mod:`tertius.reading.address` fetches it, and only the command line asks it to.
"""

from __future__ import annotations

import re
import sys
import warnings
from pathlib import Path
from typing import BinaryIO, Literal

from tertius.errors import CorruptFile, EmptyData, InputError, TertiusWarning, UsageError
from tertius.reading.days import find_day
from tertius.reading.dump import article_of
from tertius.reading.html import read_html
from tertius.reading.paragraphs import Paragraph, front_matter, paragraphs_of
from tertius.reading.pdf import read_pdf
from tertius.reading.reading import Document, Metadata

Kind = Literal["text", "markdown", "html", "pdf"]

LIMIT = 10_000_000  # bytes of a document
MAX_LINES = 100_000
MAX_LINKS = 20_000
KINDS: dict[str, Kind] = {
    ".txt": "text", ".text": "text", ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html",
    ".xhtml": "html", ".pdf": "pdf",
}  # fmt: skip
STDIN = "-"
_PAGE = re.compile(
    rb"^\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body|article|div|p|h1)\b",
    re.IGNORECASE | re.DOTALL,
)
_MARKDOWN = re.compile(r"^(?:#{1,6} \S|---\n[a-z]+:)|^(?:\*\*|__)\S|^\[[^\]]+\]: ", re.MULTILINE)
_ADDRESS = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def is_address(doc: str) -> bool:
    """Whether DOC is an address rather than a file.

    >>> is_address("https://example.org/a"), is_address("article.txt")
    (True, False)
    """
    return _ADDRESS.match(doc) is not None


def read_source(doc: str | Path) -> Document:
    """The document in a file, or on standard input (``-``).

    Raises
    ------
    UsageError : an address, a folder, or no such file.
    InputError, CorruptFile, EmptyData : too large, not readable, or nothing in it.
    """
    if str(doc) == STDIN:
        return document_of(_bounded(sys.stdin.buffer, "Standard input"), "Standard input")
    if is_address(str(doc)):
        raise UsageError(
            f"{doc} is an address, and one is fetched by the command line alone.", f"Type: tertius read {doc}"
        )
    path = Path(doc)
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", "Name a file: text, Markdown, HTML or PDF.")
    if not path.exists():
        raise UsageError(f"There is no file {path}.", "Name a file, an address, or - for standard input.")
    with path.open("rb") as stream:
        return document_of(_bounded(stream, str(path)), str(path), KINDS.get(path.suffix.lower()))


def document_of(content: bytes, name: str = "The document", kind: Kind | None = None) -> Document:
    """The document in some bytes; ``kind`` where a name or a server said what it is.

    >>> document_of(b"Treaty signed\\nBy Ann Lee\\n\\nThe two states signed it in the old town hall on a wet day.").text
    'The two states signed it in the old town hall on a wet day.'

    Raises CorruptFile, EmptyData, InputError; UsageError where an extra is not installed.
    """
    if len(content) > LIMIT:
        raise too_large(name)
    if not content.strip():
        raise EmptyData(f"{name} is empty.", "Give an article: text, Markdown, HTML or PDF.")
    kind = _kind(content, name, kind)
    if kind == "pdf":
        text, known = read_pdf(content)
        found = article_of(_few(paragraphs_of(text), name), known)
    elif kind == "html":
        paragraphs, known = read_html(_for_parser(content))
        if not any(p.main for p in paragraphs) and paragraphs:
            warnings.warn(
                f"{name}: trafilatura found no article in the page; its lines alone were gone by.", TertiusWarning, 2
            )
        found = article_of(_few(paragraphs, name), known)
    else:
        found = document_of_text(_decoded(content, name), name, markdown=kind == "markdown")
    if not found.text.strip():
        raise EmptyData(f"{name}: no article was found in it.", "Paste the text of the article into a file.")
    return found


def document_of_text(text: str, name: str = "The text", markdown: bool | None = None) -> Document:
    """The document in a text, the site's lines around it told apart from the article."""
    marked = _MARKDOWN.search(text[:100_000]) is not None if markdown is None else markdown
    declared, rest = front_matter(text) if marked else ({}, text)
    if text.count("\n") > MAX_LINES:
        raise InputError(f"{name} has more than {MAX_LINES:,} lines.", "Cut out the article.")
    return article_of(_few(paragraphs_of(rest, marked), name), _of_front_matter(declared))


def too_large(name: str) -> InputError:
    """The error for what is larger than a document may be."""
    return InputError(
        f"{name} is larger than {LIMIT / 1e6:.0f} MB.", "Cut out the article. Many texts: tertius read --lines F.jsonl."
    )


def _of_front_matter(declared: dict[str, list[str]]) -> Metadata:
    def first(*keys: str) -> str | None:
        return next((declared[k][0] for k in keys if declared.get(k)), None)

    day = find_day(first("date", "published") or "")
    return Metadata(
        title=first("title"),
        authors=tuple(declared.get("authors") or declared.get("author") or ()),
        date=day[0] if day else None,
        publisher=first("publisher", "site", "source", "outlet"),
        regions=tuple(declared.get("regions") or declared.get("region") or ()),
        themes=tuple(declared.get("themes") or declared.get("tags") or declared.get("topics") or ()),
        language=(first("lang", "language") or "")[:2].lower() or None,
        rights=first("rights", "license", "licence", "copyright"),
    )


def _bounded(stream: BinaryIO, name: str) -> bytes:
    content = stream.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise too_large(name)
    return content


def _few(paragraphs: list[Paragraph], name: str) -> list[Paragraph]:
    if len(paragraphs) > MAX_LINES:
        raise InputError(f"{name} has more than {MAX_LINES:,} paragraphs.", "Cut out the article.")
    if sum(len(p.links) for p in paragraphs) > MAX_LINKS:
        raise InputError(f"{name} has more than {MAX_LINKS:,} links.", "Cut out the article.")
    return paragraphs


def _kind(content: bytes, name: str, kind: Kind | None) -> Kind:
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if kind == "pdf":
        raise CorruptFile(f"{name} is called a PDF and is none.", "Save it anew, or paste its text.")
    utf16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    control = sum(content[:100_000].count(bytes([b])) for b in (*range(9), *range(14, 27), *range(28, 32)))
    if not utf16 and (b"\x00" in content or control > 0.02 * min(len(content), 100_000)):
        raise CorruptFile(f"{name} is no text: it holds bytes that no text has.", "Give text, Markdown, HTML or PDF.")
    if kind is None and _PAGE.match(content[:5000]):
        return "html"
    if kind is not None:
        return kind
    return "markdown" if _MARKDOWN.search(content[:100_000].decode("utf-8", "replace")) else "text"


def _for_parser(content: bytes) -> bytes | str:
    """Bytes, whose encoding the parser finds, or text where they are UTF-8: the parser would need to be told."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content
    return re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", text)


def _decoded(content: bytes, name: str) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        warnings.warn(f"{name} is not UTF-8 (byte {error.start:,}); it was read as Windows-1252.", TertiusWarning, 2)
        return content.decode("cp1252", "replace")
