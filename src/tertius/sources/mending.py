"""Text with quoted fields in which some rows are not as they should be: the sound ones apart from the malformed ones.

DuckDB reads such text at once or not at all. Where it complains, the file goes through here, slowly: a row begins on a
line and ends where its quotation marks are closed. One that has another number of fields than the first line names, or
whose quotation marks do not add up within :data:`LONGEST_ROW` lines, is malformed: its *first line* is put aside, and
reading goes on with the next one. So a stray quotation mark costs one line, not the rest of the file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tertius.errors import CorruptFile
from tertius.events.engine import file_literal, literal, spool
from tertius.sources.lines import KEPT_ASIDE, SHOWN_LINE
from tertius.sources.text import ROW, Text, utf8_chunks

LONGEST_ROW = 50
LONGEST_FIELD = 1 << 20


@dataclass(frozen=True, slots=True)
class Mended:
    """The sound rows of a text file, with their lines; the malformed ones as (line, what is wrong, the line)."""

    path: Path
    columns: tuple[str, ...]
    malformed: int
    aside: tuple[tuple[int, str, str], ...]

    def sql(self, null: str) -> str:
        """SQL that reads the sound rows, every column as text, with the number of the row."""
        names = [ROW, *self.columns]
        columns = ", ".join(f"{literal(n)}: '{'BIGINT' if n == ROW else 'VARCHAR'}'" for n in names)
        return (
            f"(SELECT * FROM read_csv({file_literal(self.path)}, auto_detect = false, header = false, delim = ',', "
            f"quote = '\"', escape = '\"', nullstr = ['', {literal(null)}], columns = {{{columns}}}, parallel = false))"
        )


def mend(con: duckdb.DuckDBPyConnection, text: Text, quoting: bool, name: str, error: CorruptFile) -> Mended:
    """Part the rows of a text file. Raises ``error``, which says what is wrong first, where most rows are malformed."""
    path, aside, malformed, sound = spool(con, ".csv"), list[tuple[int, str, str]](), 0, 0
    with path.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
        for line, found in _rows(text, quoting):
            if isinstance(found, list):
                sound += 1
                table.writerow((line - 1, *found))
            else:
                malformed += 1
                if len(aside) < KEPT_ASIDE:
                    aside.append((line, *found))
    if malformed > sound or malformed == 0:
        raise error
    return Mended(path, text.columns, malformed, tuple(aside))


def _rows(text: Text, quoting: bool) -> Iterator[tuple[int, list[str] | tuple[str, str]]]:
    """Line number of every row after the first line, and its fields, or what is wrong and the line."""
    lines = _window(text.path)
    waiting: list[str] = []
    number, first = 0, True
    while True:
        if not waiting:
            line = next(lines, None)
            if line is None:
                return
            waiting.append(line)
        number += 1
        row, used = _parse(waiting, lines, text, quoting)
        if first:
            first = False
        elif row is None:
            yield number, (f"no row of {len(text.columns)} fields begins here", waiting[0][:SHOWN_LINE])
        elif row:
            yield number, row
        del waiting[:used]
        number += used - 1


def _parse(waiting: list[str], lines: Iterator[str], text: Text, quoting: bool) -> tuple[list[str] | None, int]:
    """The row that begins with the first of the waiting lines, and how many lines it takes; None where it is malformed,
    and an empty one where the line is empty."""
    if not waiting[0].strip("\r"):
        return [], 1
    used = 1
    while quoting and "\n".join(waiting[:used]).count('"') % 2:
        if used == LONGEST_ROW:
            return None, 1
        if len(waiting) == used:
            line = next(lines, None)
            if line is None:
                return None, 1
            waiting.append(line)
        used += 1
    whole = "\n".join(waiting[:used]).removesuffix("\r")
    if "\0" in whole or len(whole) > LONGEST_FIELD:
        return None, 1
    try:
        fields: Sequence[str] = (
            next(csv.reader(io.StringIO(whole, newline=""), delimiter=text.delimiter, strict=True))
            if quoting
            else whole.split(text.delimiter)
        )
    except (csv.Error, StopIteration):
        return None, 1
    return (list(fields), used) if len(fields) == len(text.columns) else (None, 1)


def _window(path: Path) -> Iterator[str]:
    """The lines of a file in UTF-8, without their line feeds."""
    rest = b""
    for chunk in utf8_chunks(path):
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        for line in lines:
            yield line.decode("utf-8", "replace")
    if rest:
        yield rest.decode("utf-8", "replace")
