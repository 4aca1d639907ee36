"""The text of a PDF as lines: running heads and page numbers out, words broken at a line's end joined.

Only text that is in the file: a scan has none, and that is said. The dates in a PDF are those of the file, not of the
publication, so none is taken. Needs ``tertius[read]``.
"""

from __future__ import annotations

import io
import logging
import re
import time
from collections import Counter
from typing import Any

from tertius.errors import CorruptFile, EmptyData
from tertius.reading.extra import needed
from tertius.reading.reading import Metadata

MAX_PAGES = 300
MAX_CHARACTERS = 5_000_000
SECONDS = 60.0
REPEATED = 3  # pages on which a line stands to be a running head
_NUMBER = re.compile(r"^\W*(?:page\s+)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?\W*$", re.IGNORECASE)


def read_pdf(content: bytes) -> tuple[str, Metadata]:
    """The text of a PDF, paragraphs as they can be told, and its declared title and author.

    Raises
    ------
    UsageError : the extra is not installed.
    CorruptFile : it is no PDF, it is locked, or it takes too long.
    EmptyData : there is no text in it.
    """
    pypdf = needed("pypdf")
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its notes are about repairs, and go to stderr
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise CorruptFile("The PDF is locked with a password.", "Unlock it, or paste its text.")
        pages = _pages(reader)
        info = reader.metadata or {}
        title, author = (_words(info.get(key)) for key in ("/Title", "/Author"))
    except CorruptFile:
        raise
    except MemoryError:
        raise
    except Exception as error:  # pypdf raises whatever a broken file leads to
        raise CorruptFile(
            f"The PDF cannot be read ({type(error).__name__}: {error}).", "Save it anew, or paste its text."
        ) from None
    text = join_pages(pages)
    if not text.strip():
        raise EmptyData("There is no text in the PDF: its pages are pictures.", "Run a text recognition on it first.")
    right = (
        title
        if title and " " in title and not re.search(r"\.\w{2,4}$|untitled|microsoft", title, re.IGNORECASE)
        else None
    )
    return text, Metadata(title=right, authors=(author,) if author and " " in author else ())


def join_pages(pages: list[list[str]]) -> str:
    """Lines of pages as one text, without what is repeated on them.

    >>> join_pages([["Head", "One of two.", "1"], ["Head", "Of the sec-", "ond.", "2"], ["Head", "Last.", "3"]])
    'One of two.\\nOf the second.\\nLast.'
    """
    edges = Counter(line for page in pages for line in {*page[:2], *page[-2:]})
    lines = [
        line for page in pages for line in page if not _NUMBER.match(line) and not (line and edges[line] >= REPEATED)
    ]
    text = "\n".join(lines)
    return re.sub(r"(?<=[a-z])-\n(?=[a-z])(\S*)[ \n]?", r"\1\n", text) if "-\n" in text else text


def _pages(reader: Any) -> list[list[str]]:
    found: list[list[str]] = []
    read, until = 0, time.monotonic() + SECONDS
    for page in reader.pages:
        if len(found) >= MAX_PAGES or read > MAX_CHARACTERS:
            raise CorruptFile(f"The PDF has more than {MAX_PAGES} pages of text.", "Cut out the article.")
        if time.monotonic() > until:
            raise CorruptFile(
                f"Reading the PDF takes more than {SECONDS:.0f} seconds.", "Save it anew, or paste its text."
            )
        text = page.extract_text()
        read += len(text)
        found.append([line.strip() for line in text.splitlines()])
    return found


def _words(value: Any) -> str | None:
    text = " ".join(str(value).split()) if value else ""
    return text[:500] or None
