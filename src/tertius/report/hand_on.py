"""Briefs as files: HTML, PDF or Markdown by the end of the name, which appear whole or not at all.

An older HTML or Markdown brief is replaced, and so are the pictures beside Markdown; no other file is.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from tertius.answers.explanation import Explanation
from tertius.errors import InputError, TertiusWarning, UsageError, did_you_mean
from tertius.language import ENGLISH, say
from tertius.report import markdown, sheet
from tertius.report.document import Document, translated
from tertius.report.export import check_new, write_whole
from tertius.report.html import MARK, check_destination, is_device
from tertius.report.pages import document_of
from tertius.report.still import svg
from tertius.study.brief import Brief

FORMS = (".html", ".pdf", ".md")
NO_CHROMIUM = say("No Chromium was found to print with, so this is HTML, which any browser prints on one page.")


def check_brief(path: Path) -> None:
    """Raise UsageError, before the work begins, where no brief can be written."""
    form = path.suffix.lower()
    if form not in FORMS:
        raise UsageError(
            f"{path} (--out) is of no form that can be written.",
            f"{did_you_mean(form, FORMS)}Name a file that ends with .html, .pdf or .md.",
        )
    if form == ".pdf":
        check_new(path, "--out")
        path = path.with_suffix(".html")  # where no Chromium prints
        if sheet.find_chromium() is not None:
            return
    check_destination(path, mark=markdown.MARK if form == ".md" else MARK, what="brief")
    if is_device(path):
        raise UsageError(f"{path} (--out) is no file.", "Name a file.")


def write_brief(answer: Explanation, path: str | Path, *, language: str = ENGLISH) -> Brief:
    """Write one page of an answer; returns where it is. ``language``: a code of :data:`tertius.language.LANGUAGES`.

    PDF takes a Chromium that is installed; where there is none, or it does not print, HTML is written in its place, and
    a warning and the Brief's ``note`` say so.

    Raises UsageError, DiskFull.
    """
    path = Path(path)
    check_brief(path)
    document = translated(document_of(Brief(answer)), language)
    if path.suffix.lower() == ".md":
        return Brief(answer, tuple(map(str, _markdown(document, path))))
    if path.suffix.lower() == ".pdf":
        made, note = _pdf(document)
        if made:
            _write(path, made)
        else:
            path = path.with_suffix(".html")
            check_destination(path, what="brief")
        if note:
            warnings.warn(f"{path}: {note}", TertiusWarning, stacklevel=2)
        if made:
            return Brief(answer, (str(path),), note)
    else:
        note = ""
    _write(path, sheet.render(document).encode("utf-8", "replace"))
    return Brief(answer, (str(path),), note)


def _pdf(document: Document) -> tuple[bytes, str]:
    """The PDF, empty where there is none, and what to say of it."""
    chromium = sheet.find_chromium()
    if chromium is None:
        return b"", NO_CHROMIUM
    try:
        made, pages = sheet.pdf(document, chromium)
    except InputError as error:
        said = say("{message} So this is HTML, which any browser prints on one page.", message=error.message)
        return b"", said
    long = say("It takes {pages} pages: what it holds is too long for one.", pages=pages)
    return made, long if pages > 1 else ""


def _markdown(document: Document, path: Path) -> list[Path]:
    """The text, and a picture beside it for every chart."""
    pictures = {figure.id: path.with_name(f"{path.stem}-{figure.id}.svg") for figure in document.figures()}
    for picture in pictures.values():
        check_destination(picture, mark=markdown.MARK, what="picture")
    for figure in document.figures():
        _write(pictures[figure.id], markdown.MARK + b"\n" + svg(figure).encode())
    names: Mapping[str, str] = {id: picture.name for id, picture in pictures.items()}
    _write(path, markdown.as_markdown(document, names).encode("utf-8", "replace"))
    return [path, *pictures.values()]


def _write(path: Path, made: bytes) -> None:
    def fill(stream: BinaryIO) -> None:
        stream.write(made)

    write_whole(path, fill)
