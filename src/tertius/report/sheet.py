"""A Document on one sheet of paper: HTML without a script, and PDF of the same by a Chromium that is installed.

Charts are pictures in the file, for light paper and for a dark screen; the content policy allows no script and no
request. For PDF the letters are made smaller, from :data:`SIZES`, until all fits one A4 page. Chromium is found by
name, or by the variable TERTIUS_CHROMIUM. It runs headless with a folder of its own, resolves no host name, and is
ended with all that it started after :data:`SECONDS`. Its sandbox is off for the superuser alone, for whom it would not
start; there is no script in the page that it prints.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tertius.errors import InputError
from tertius.report.document import Document, Figure
from tertius.report.html import environment
from tertius.report.still import svg

SIZES = (10.0, 9.0, 8.0, 7.0)
"""Of the letters, in points, the largest first."""
SECONDS = 60.0
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
VARIABLE = "TERTIUS_CHROMIUM"
FLAGS = (
    "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--no-first-run", "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer",
)  # fmt: skip
_PAGE = re.compile(rb"/Type\s*/Page\b")


def render(document: Document, size: float = SIZES[0]) -> str:
    """The sheet as HTML; ``size``: of the letters on paper, in points."""
    made = environment()
    made.globals["still"] = _still
    return made.get_template("sheet.html.j2").render(document=document, size=size)


def find_chromium() -> str | None:
    """The program that prints, or None."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return shutil.which(named) if named else None
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def pdf(document: Document, chromium: str) -> tuple[bytes, int]:
    """The sheet as PDF, and how many pages it takes. Raises InputError where Chromium does not print it."""
    made, pages = b"", 0
    for size in SIZES:
        made = _print(render(document, size), chromium)
        pages = len(_PAGE.findall(made))
        if pages <= 1:
            break
    return made, pages


def _print(html: str, chromium: str) -> bytes:
    with TemporaryDirectory(prefix="tertius-", ignore_cleanup_errors=True) as folder:
        page, out = Path(folder, "sheet.html"), Path(folder, "sheet.pdf")
        page.write_bytes(html.encode("utf-8", "replace"))
        superuser = hasattr(os, "geteuid") and os.geteuid() == 0
        _run(
            [
                chromium, *FLAGS, *(["--no-sandbox"] if superuser else []), f"--user-data-dir={folder}/profile",
                f"--print-to-pdf={out}", page.as_uri(),
            ]
        )  # fmt: skip
        made = out.read_bytes() if out.is_file() else b""
    if not made.startswith(b"%PDF-"):
        raise InputError(f"{chromium} printed nothing.", f"Name another with {VARIABLE}, or write HTML and print it.")
    return made


def _run(words: list[str]) -> None:
    """Run to the end, and end it with all that it started where it takes too long. Raises InputError."""
    try:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise InputError(f"{words[0]} does not start: {error.strerror}.", f"Name another with {VARIABLE}.") from None
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        raise InputError(
            f"{words[0]} did not print within {SECONDS:.0f} seconds.", f"Name another with {VARIABLE}, or write HTML."
        ) from None
    finally:
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()


def _still(figure: Figure) -> dict[str, Any]:
    """A chart's pictures as addresses that hold them, and its legend."""
    _, key = figure.spec()
    return {"key": key, **{name: _inside(svg(figure, dark=name == "dark")) for name in ("light", "dark")}}


def _inside(picture: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()}"
