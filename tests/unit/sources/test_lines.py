"""Rows by line against an obvious reader: a line after the other, a field after the other."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tertius.errors import CorruptFile
from tertius.sources import lines, text
from tertius.sources.lines import FILE, Batch, Layout
from tertius.sources.text import ROW

NAMES = ("id", "day", "who", "what", "address")
LAYOUT = Layout({4: NAMES, 5: NAMES}, ["id", "who"], ["id", "who", "what", "address"], "NA")
WORDS = (b"", b"NA", b"x", b"USA GOV", "São Tomé".encode(), b'"quoted', b" 7 ", b"http://example.org/?a=b,c;d|e")
DAMAGE = (
    *(
        b"\t",
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"\0",
        b"\xff",
        b"\x81",
        "é".encode("cp1252"),
        b"\xef\xbb\xbf",
        b'"',
        b",",
    ),
    *(b"\ta\tb\tc\td\te\n", b"z" * 300),
)


def by_hand(raw: bytes, number: int) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    """The rows of a file whose first line that is not empty is a header where it says ``id``; and what is malformed."""
    rows: list[dict[str, Any]] = []
    aside: list[tuple[int, str]] = []
    widths, header, begun = {4, 5}, 0, False
    for n, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        line = line[:-1] if line.endswith(b"\r") else line
        if not line:
            continue
        fields = line.split(b"\t")
        if not begun:
            begun = True
            if fields[0] == b"id":
                widths, header = {5}, 1
                continue
        if len(line) > lines.LONGEST_LINE:
            aside.append((n, f"longer than {lines.LONGEST_LINE:,} bytes"))
        elif len(fields) not in widths:
            aside.append((n, f"{len(fields)} fields, not {' or '.join(map(str, sorted(widths)))}"))
        elif b"\0" in line:
            aside.append((n, "it holds NUL bytes"))
        elif b"\r" in line:
            aside.append((n, "it holds a lone carriage return"))
        else:
            rows.append({FILE: number, ROW: n - header, **dict.fromkeys(n for n in NAMES if n in LAYOUT.wanted)})
            for name, field in zip(NAMES, fields, strict=False):
                if name in LAYOUT.wanted and field not in (b"", b"NA"):
                    rows[-1][name] = read(line, field)
    return rows, aside


def read(line: bytes, field: bytes) -> str:
    """A field in the encoding of its line."""
    for encoding in ("utf-8", "cp1252"):
        try:
            line.decode(encoding)
        except UnicodeDecodeError:
            continue
        return field.decode(encoding)
    return field.decode("latin-1")


def sifted(batches: list[Batch]) -> list[dict[str, Any]]:
    parts = [pq.read_table(part) for batch in batches for part in batch.parts]
    return pa.concat_tables(parts, promote_options="default").to_pylist() if parts else []


def drawn(rng: np.random.Generator, header: bool) -> bytes:
    """A file of lines of four or five fields, some of them damaged."""
    widths = (5,) if header or rng.random() < 0.5 else (4, 5)
    made = [
        b"\t".join(rng.choice(np.array(WORDS, object), rng.choice(widths))) for _ in range(int(rng.integers(1, 60)))
    ]
    end = b"\r\n" if rng.random() < 0.3 else b"\n"
    raw = end.join([*([b"\t".join(n.encode() for n in NAMES)] if header else []), *made])
    raw += end if rng.random() < 0.8 else b""
    for _ in range(int(rng.integers(3)) if rng.random() < 0.7 else 0):
        place = int(rng.integers(raw.index(b"\n") + 1 if header else 0, len(raw) + 1))  # a header stays whole
        raw = raw[:place] + DAMAGE[int(rng.integers(len(DAMAGE)))] + raw[place:]
    return raw


@pytest.mark.parametrize("seed", range(8))
def test_every_row_is_read_or_put_aside_as_by_hand(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(seed)
    monkeypatch.setattr(lines, "LONGEST_LINE", 250)
    read_some = 0
    for n in range(60):
        monkeypatch.setattr(text, "_CHUNK", int(rng.choice([7, 64, 1000, 1 << 20])))
        monkeypatch.setattr(lines, "BLOCK", int(rng.choice([1, 5000, 16 << 20])))
        raw = drawn(rng, header=n % 3 == 0)
        rows, aside = by_hand(raw, n)
        path = tmp_path / f"{n}.csv.gz"
        path.write_bytes(gzip.compress(raw, 1))
        folder = tmp_path / str(n)
        folder.mkdir()
        try:
            batches = lines.sift([(n, path)], LAYOUT, folder)
        except CorruptFile:  # most lines are malformed, or the first one is
            continue
        (found,) = batches[0].files
        assert [(one[0], one[1]) for one in found.aside] == aside
        assert (found.read, found.malformed) == (len(rows) + len(aside), len(aside))
        assert sum(found.shapes.values()) == len(rows)
        assert sorted(sifted(batches), key=lambda row: row[ROW]) == rows
        read_some += len(rows) > 0
    assert read_some > 30


def test_sound_lines_are_read_at_once_and_an_odd_one_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow: list[int] = []
    monkeypatch.setattr(
        lines._Sieve, "_line_by_line", lambda self, block, before: slow.append(block.count(b"\n")), raising=True
    )
    monkeypatch.setattr(text, "_CHUNK", 100)
    sound = b"1\t2020\tUSA\tx\tab\n"
    path = tmp_path / "a.csv"
    path.write_bytes(sound * 20 + b"1\t2020\tUSA\n" + sound * 20)
    lines.sift([(0, path)], LAYOUT, tmp_path)
    assert len(slow) == 1
    assert slow[0] <= 7  # the block that holds it


def test_a_part_has_the_columns_of_the_widest_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"1\t2020\tUSA\tx\n2\t2020\tCHN\ty\thttp\n")
    found = sifted(lines.sift([(3, path)], LAYOUT, tmp_path))
    assert [(row[FILE], row[ROW], row["address"]) for row in found] == [(3, 1, None), (3, 2, "http")]


def test_a_worker_whose_asker_was_killed_ends_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"1\t2020\tUSA\tx\n")
    gone = str(tmp_path / "removed with the one that asked" / "batch0")
    task = json.dumps({"files": [(0, str(path))], "layout": asdict(LAYOUT), "stem": gone})

    def worker(asker: int) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "tertius.sources.lines", str(asker)]
        return subprocess.run(words, input=task, capture_output=True, text=True)

    asked, orphan = worker(os.getpid()), worker(1 << 30)
    assert "No such file" in asked.stderr  # a fault, and somebody to tell
    assert (orphan.returncode, orphan.stdout, orphan.stderr) == (1, "", "")
