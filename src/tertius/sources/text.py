"""Delimited text: its encoding, its delimiter, its columns, and what in it is not as it should be.

Nothing is left to DuckDB's guesses, which skip lines that do not fit. Text is UTF-8. UTF-16 with its mark, and bytes
that are Windows-1252 as a whole (Excel's "CSV" in Western Europe), are read too, with a note; a file in two encodings
is an error. A quoted field that holds line breaks is legal and rare, and one stray quotation mark makes such a field of
many rows: it is noted with its place.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import duckdb

from tertius.errors import CorruptFile
from tertius.events.engine import file_literal, literal, quoted, reading, reason, spool

ROW = "file_row"
SUFFIXES = (".csv", ".tsv", ".tab", ".txt")
DELIMITERS = (",", ";", "\t", "|")
LONGEST_HEADER = 1_000_000
_CHUNK = 1 << 20
_WRONG = re.compile("[\udc80-\udcff]")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Text:
    """A text file that can be read.

    Attributes
    ----------
    path : the file, or its copy in UTF-8.
    delimiter, columns : of its first line; names made different from each other.
    line_ends : line feeds in it.
    encoding : what it was written in.
    """

    path: Path
    delimiter: str
    columns: tuple[str, ...]
    line_ends: int
    encoding: str

    def sql(self, quoting: bool, null: str) -> str:
        """SQL that reads it, every column as text, with the number of the row."""
        quote = '"' if quoting else ""
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in self.columns)
        options = (
            f"auto_detect = false, header = true, delim = '{self.delimiter}', quote = '{quote}', escape = '{quote}', "
            f"nullstr = ['', {literal(null)}], columns = {{{columns}}}"
        )
        source = f"read_csv({file_literal(self.path)}, hive_partitioning = false, {options})"
        return f"(SELECT *, row_number() OVER () AS {ROW} FROM {source})"


def is_text(path: Path) -> bool:
    """Whether a file's name is that of delimited text.

    >>> is_text(Path("e.csv.gz")), is_text(Path("e.xlsx"))
    (True, False)
    """
    return path.suffix.lower() == ".zip" or unpacked_name(path).endswith(SUFFIXES)


def open_text(con: duckdb.DuckDBPyConnection, path: Path, quoting: bool) -> Text:
    """Look through a text file, and copy it where it is not UTF-8. Raises CorruptFile."""
    encoding, line_ends = _encoding(path)
    readable = path
    if encoding != "utf-8" or path.suffix.lower() == ".zip":
        readable = spool(con, unpacked_name(path)[-4:] if unpacked_name(path).endswith(SUFFIXES) else ".csv")
        with readable.open("w", encoding="utf-8", newline="") as copy:
            decoder = codecs.getincrementaldecoder(encoding)()
            try:
                for chunk in chunks(path):
                    copy.write(decoder.decode(chunk))
                copy.write(decoder.decode(b"", final=True))
            except UnicodeDecodeError:
                raise CorruptFile(f"{path} is not {encoding}, which it looks like.", _CONVERT) from None
    delimiter, columns = _header(readable, path, quoting)
    return Text(readable, delimiter, columns, line_ends, encoding)


_CONVERT = "Save it as UTF-8: in Excel 'CSV UTF-8'; elsewhere: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW."


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked: ``.gz``, ``.zip`` with one file in it, or plain. Raises CorruptFile."""
    try:
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as packed:
                names = [name for name in packed.namelist() if not name.endswith("/")]
                if len(names) != 1:
                    raise CorruptFile(
                        f"{path} holds {len(names)} files.", "Unpack it, and name the folder or the files."
                    )
                with packed.open(names[0]) as inner:
                    yield inner
        else:
            with path.open("rb") as stream:
                yield cast(IO[bytes], gzip.GzipFile(fileobj=stream)) if path.suffix.lower() == ".gz" else stream
    except (EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise CorruptFile(f"{path} is not whole: {error}.", "Write or download it again.") from None


def chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, unpacked, some at a time. Raises CorruptFile."""
    with opened(path) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def utf8_chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, unpacked and without a mark; UTF-16 with its mark becomes UTF-8. Raises CorruptFile."""
    decoder = None
    for n, chunk in enumerate(chunks(path)):
        if n == 0 and chunk.startswith(_UTF16):
            decoder = codecs.getincrementaldecoder("utf-16")("replace")
        if decoder:
            yield decoder.decode(chunk).encode("utf-8", "replace")
        else:
            yield chunk.removeprefix(codecs.BOM_UTF8) if n == 0 else chunk


def _encoding(path: Path) -> tuple[str, int]:
    """In what a file is written, and how many line feeds it has. Raises CorruptFile where it is in two encodings."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")  # a wrong byte is like no character of a text
    other, wrong, line_ends, first_wrong, started = 0, 0, 0, 0, False
    for chunk in chunks(path):
        if not started and chunk.startswith(_UTF16):
            return "utf-16", sum(chunk.count(b"\n") for chunk in chunks(path))
        started = True
        text = decoder.decode(chunk)
        if not text.isascii():
            bad = len(_WRONG.findall(text))
            if bad and not wrong:
                first_wrong = line_ends + _WRONG.split(text, 1)[0].count("\n") + 1
            wrong += bad
            other += len(text) - len(text.encode("ascii", "ignore")) - bad
        line_ends += chunk.count(b"\n")
    if decoder.decode(b"", final=True):
        wrong, first_wrong = wrong + 1, first_wrong or line_ends + 1
    if not wrong:
        return "utf-8", line_ends
    if other >= wrong:
        raise CorruptFile(
            f"{path}, line {first_wrong}: bytes that are not UTF-8, in a file that otherwise is.", _CONVERT
        )
    return "cp1252", line_ends


def _header(path: Path, named: Path, quoting: bool) -> tuple[str, tuple[str, ...]]:
    """The delimiter of a text file and the names of its columns, made different from each other. Raises CorruptFile."""
    with opened(path) as stream:
        line = stream.readline(LONGEST_HEADER).decode("utf-8-sig", "replace").replace("\r\n", "\n").rstrip("\n")
    return column_names(line.split("\r")[0], named, quoting)


def column_names(line: str, named: Path, quoting: bool) -> tuple[str, tuple[str, ...]]:
    """The delimiter and the names of columns of a first line. Raises CorruptFile."""
    if not line.strip() or "\0" in line:
        what = "empty" if not line.strip() else "no text (it holds NUL bytes)"
        raise CorruptFile(f"{named}: its first line is {what}.", "The first line names the columns, in UTF-8.")
    tab = unpacked_name(named).endswith((".tsv", ".tab"))
    delimiter = "\t" if tab else max(DELIMITERS, key=line.count)
    try:
        fields = next(csv.reader([line], delimiter=delimiter)) if quoting else line.split(delimiter)
    except csv.Error as error:
        raise CorruptFile(f"{named}: its first line cannot be read ({error}).", "It names the columns.") from None
    names: list[str] = []
    for n, field_name in enumerate(fields):
        name = field_name.strip() or f"column{n}"
        names.append(f"{name}_{n}" if name.lower() in {known.lower() for known in names} else name)
    return delimiter, tuple(names)


def unpacked_name(path: Path) -> str:
    """A file's name in small letters, without the ending of what it is packed in.

    >>> unpacked_name(Path("20200101.export.CSV.zip"))
    '20200101.export.csv'
    """
    return path.name.lower().removesuffix(".gz").removesuffix(".zip")


def fault(error: duckdb.Error, path: str, text: Text) -> CorruptFile | None:
    """What is wrong with a row, in our words; None where the complaint is of another kind."""
    complaint = str(error)
    line = re.search(r"Line: (\d+)", complaint)
    where = f"{path}, line {line[1]}" if line else path
    if columns := re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", complaint):
        return CorruptFile(
            f"{where}: {columns[2]} fields where the first line names {columns[1]} columns.",
            f"Fields are parted by {_NAMES[text.delimiter]}; one that holds it, or a line break, stands in quotation "
            "marks.",
        )
    if "state machine" in complaint:
        return CorruptFile(
            f"{where}: its lines cannot be told apart (line ends of several kinds, or stray quotation marks).",
            "Write it again, with the same line end everywhere.",
        )
    if "quote" in complaint.lower():
        return CorruptFile(
            f"{where}: a quotation mark opens or closes where it should not ({reason(error)}).",
            'A quoted field begins and ends with ", and a " inside it is written "".',
        )
    return None


_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def text_notes(con: duckdb.DuckDBPyConnection, text: Text | None, name: str, quoting: bool, null: str) -> list[str]:
    """What a reader of the file should know: another encoding, fields that hold line breaks. Nothing of Parquet."""
    if text is None:
        return []
    said = []
    if text.encoding != "utf-8":
        shown = {"cp1252": "Windows-1252 (it is not UTF-8)", "utf-16": "UTF-16"}[text.encoding]
        said.append(f"{name} is read as {shown}: check that names with accents look right.")
    table = text.sql(quoting, null)
    with reading(name):
        if quoting and text.line_ends > _count(con, f"SELECT count(*) FROM {table}") + 1:
            breaks = " + ".join(f"coalesce(contains({quoted(c)}, chr(10)), false)::INTEGER" for c in text.columns)
            broken = f"(SELECT {ROW}, {breaks} AS n FROM {table})"
            if n := _count(con, f"SELECT sum(n) FROM {broken}"):
                row = _count(con, f"SELECT min({ROW}) FROM {broken} WHERE n > 0")
                said.append(
                    f"{name}: {n:,} quoted {'field holds' if n == 1 else 'fields hold'} line breaks, the first in "
                    f"row {row:,}. Where that is a stray quotation mark, the field has swallowed rows."
                )
    return said


def _count(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    ((n,),) = con.execute(sql).fetchall()
    return int(n or 0)
