"""Hostile documents: each ends in a result or a clear message, in bounded time and memory.

    python scripts/reading_under_attack.py
    python scripts/reading_under_attack.py --reader parsed

Every document is read by ``tertius read`` in a process of its own, whose time and largest memory are printed beside how
it ended: ``read`` (exit 0), ``said`` (exit 2, with a message and without a traceback), or ``FAILED``. Without
``--reader`` a reader that finds nothing is used: what is attacked is the way from bytes to a document.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1_000_000
SENTENCE = "The two states signed a treaty on water in the old town hall. "
RUN = """
import sys
from pathlib import Path
from tertius.reading import readers
from tertius.reading.reading import ReaderName, Reading
class Nothing:
    name = ReaderName("nothing")
    def read(self, document):
        return Reading(document, (), self.name)
readers.register("nothing", Nothing)
from tertius.cli import main
sys.argv = ["tertius", "read", sys.argv[2], "--reader", sys.argv[1], "--json"]
try:
    main()
finally:
    held = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    print("peak", int(held[0].split()[1]) // 1024, file=sys.stderr)
"""


def _page(body: str) -> bytes:
    return f"<html><body><article><h1>Treaty</h1><p>{SENTENCE * 3}</p>{body}</article></body></html>".encode()


HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty": ("a.txt", lambda: b""),
    "blank": ("a.txt", lambda: b" \n" * 1000),
    "binary": ("a.txt", lambda: bytes(range(256)) * 4000),
    "50 MB of text": ("a.txt", lambda: (SENTENCE * (50 * MEGABYTE // len(SENTENCE))).encode()),
    "50 MB of HTML": ("a.html", lambda: _page("<p>" + SENTENCE * (50 * MEGABYTE // len(SENTENCE)))),
    "one line of 5 MB": ("a.txt", lambda: (SENTENCE * (5 * MEGABYTE // len(SENTENCE))).encode()),
    "one word of 5 MB": ("a.txt", lambda: b"a" * (5 * MEGABYTE)),
    "2.5 million lines": ("a.txt", lambda: b"a\n" * 2_500_000),
    "5 MB of brackets": ("a.md", lambda: b"[" * (5 * MEGABYTE)),
    "5 MB of links": ("a.md", lambda: b"[a](http://b) " * (5 * MEGABYTE // 14)),
    "5 MB of comments begun": ("a.md", lambda: b"<!--" * (5 * MEGABYTE // 4)),
    "one element in another, 50,000 deep": ("a.html", lambda: _page("<div>" * 50_000)),
    "a million elements": ("a.html", lambda: _page("<b>a</b>" * 1_000_000)),
    "one paragraph of 5 MB in a page": ("a.html", lambda: _page(f"<p>{SENTENCE * 80_000}</p>")),
    "broken markup": ("a.html", lambda: _page("<table><tr><td><p <b <i>< / p><!-- <p>" * 1000)),
    "scripts and handlers": ("a.html", lambda: _page("<script>alert(1)</script><p onclick=alert(2)>A</p>" * 1000)),
    "deep JSON-LD": ("a.html", lambda: _page(f'<script type="application/ld+json">{"[" * 100_000}</script>')),
    "entities in entities": (
        "a.html",
        lambda: b'<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + _page("<p>&b;&b;</p>"),
    ),
    "right to left": ("a.txt", lambda: ("وقعت الدولتان معاهدة بشأن المياه في العاصمة يوم الاثنين.\n" * 5).encode()),
    "a PDF that is none": ("a.pdf", lambda: SENTENCE.encode()),
    "a PDF of noise": ("a.pdf", lambda: b"%PDF-1.7\n" + os.urandom(MEGABYTE)),
    "a PDF cut short": ("a.pdf", lambda: b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer <</Root 1 0 R>>"),
    "a PDF whose pages hold each other": (
        "a.pdf",
        lambda: b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>\nendobj\ntrailer\n<< /Root 1 0 R /Size 3 >>\n%%EOF",
    ),
}  # fmt: skip
"""What is attacked with: the name of the file, and its content."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How reading ended: read, said or FAILED; seconds, megabytes, and the message."""

    how: str
    seconds: float
    megabytes: int
    message: str


def attack(name: str, folder: Path, reader: str = "nothing", seconds: float = 300.0) -> Ended:
    """Read one hostile document in a process of its own."""
    file, content = HOSTILE[name]
    path = folder / file
    path.write_bytes(content())
    began = time.monotonic()
    try:
        ran = subprocess.run(
            [sys.executable, "-c", RUN, reader, str(path)], capture_output=True, text=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return Ended("FAILED", seconds, 0, "not ended")
    took = time.monotonic() - began
    lines = ran.stderr.splitlines()
    peak = next((int(line.split()[1]) for line in lines if line.startswith("peak ")), 0)
    clean = "Traceback" not in ran.stderr
    how = "read" if ran.returncode == 0 and clean else "said" if ran.returncode == 2 and clean else "FAILED"
    message = ran.stdout[:150].strip() if how == "said" else (lines[-2] if how == "FAILED" and len(lines) > 1 else "")
    return Ended(how, took, peak, message)


def attacks(reader: str, names: list[str]) -> Iterator[tuple[str, Ended]]:
    """Each of them in its turn."""
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            yield name, attack(name, Path(folder), reader)


def main() -> int:
    """Print a line a document; 1 where one failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", default="nothing")
    parser.add_argument("--only", action="append", choices=list(HOSTILE))
    given = parser.parse_args()
    failed = 0
    print(f"{'document':38} {'ended':8} {'seconds':>8} {'MB':>6}")
    for name, ended in attacks(given.reader, given.only or list(HOSTILE)):
        print(f"{name:38} {ended.how:8} {ended.seconds:8.1f} {ended.megabytes:6} {ended.message[:90]}", flush=True)
        failed += ended.how == "FAILED"
    print(f"{failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
