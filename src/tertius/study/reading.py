"""An article read: who did what to whom in it, and what it says of itself.

A document comes from a file, from standard input or from a text; lines of JSON come as they are, for each is one text
without a page around it. An address is fetched by the command line alone (:mod:`tertius.reading.address`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from tertius.errors import BadValue, EmptyData, TertiusError, UsageError
from tertius.reading.claims import with_claims
from tertius.reading.document import LIMIT, document_of_text, read_source
from tertius.reading.language import language_of
from tertius.reading.readers import DEFAULT, Reader, find_reader
from tertius.reading.reading import Document, Metadata, Reading
from tertius.spec import read_date


def read(
    doc: str | Path | Document | None = None, *, text: str | None = None, reader: str | Reader = DEFAULT
) -> Reading:
    """Read an article: its metadata, its body, and the events in it.

    Parameters
    ----------
    doc : a file (text, Markdown, HTML, PDF), ``-`` for standard input, or a Document.
    text : the text itself, in place of ``doc``; lines of its site are told apart.
    reader : shallow, parsed, a user's own (entry point group ``tertius.readers``), or a reader.

    Raises
    ------
    UsageError : no such file or reader, an address, or what an extra is needed for.
    InputError : what cannot be read.

    Examples
    --------
    A file is read by ``tertius.read("article.html")``; ``.document.metadata`` and ``.events`` hold what was found.
    """
    if (doc is None) == (text is None):
        raise UsageError("read takes a document or a text.", "Give one of them.")
    who = find_reader(reader) if isinstance(reader, str) else reader
    if text is not None:
        found = document_of_text(text)
        if not found.text.strip():
            raise EmptyData("There is no article in the text.", "Give one.")
        return with_claims(who.read(found))
    return with_claims(who.read(doc if isinstance(doc, Document) else read_source(doc or "")))


def read_lines(stream: BinaryIO, reader: Reader) -> Iterator[dict[str, Any]]:
    """A result for every line ``{"id", "text"}`` (and ``"date"``): the reading with its id, or what was wrong."""
    number = 0
    while line := stream.readline(LIMIT + 1):
        number += 1
        if not line.strip():
            continue
        name: Any = None
        try:
            if len(line) > LIMIT:
                while line and not line.endswith(b"\n"):
                    line = stream.readline(LIMIT)
                raise BadValue(f"Line {number:,} is larger than {LIMIT / 1e6:.0f} MB.", "Split it.")
            given = _given(line, number)
            name = given.get("id")
            yield {"id": name, **with_claims(reader.read(_document(given, number))).to_dict()}
        except TertiusError as error:
            yield {"id": name, "line": number, **error.to_dict()}


def _given(line: bytes, number: int) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadValue(
            f"Line {number:,} is no JSON ({error}).", 'Write {"id": ..., "text": ...} on every line.'
        ) from None
    if not isinstance(found, dict) or not isinstance(found.get("text"), str):
        raise BadValue(f"Line {number:,} has no text.", 'Write {"id": ..., "text": ...} on every line.')
    return found


def _document(given: dict[str, Any], number: int) -> Document:
    day = given.get("date")
    if day is not None and not isinstance(day, str):
        raise BadValue(f"Line {number:,}: the date {day!r} is no ISO date.", "Write 2023-09-19.")
    date = read_date(day).isoformat() if day else None
    text = given["text"]
    return Document(text, Metadata(title=given.get("title"), date=date, language=language_of(text)))
