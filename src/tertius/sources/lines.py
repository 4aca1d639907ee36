"""Text of one row a line, nothing quoted: sound lines become Parquet, the others are put aside with their numbers.

So are written GDELT's exports (no header; 57 and 58 columns may be mixed in one file), ICEWS, POLECAT and KEDS. A line
is **malformed** where it has another number of fields than the header names or the format knows, holds a NUL or a lone
carriage return, or is longer than :data:`LONGEST_LINE` bytes. One such line no longer refuses its file; a file most of
whose lines are malformed is something else, and is refused.

Lines that are not UTF-8 are read as Windows-1252 (which holds all that ISO-8859-1 can print), each for itself, and
counted. ``.zip`` (with one file in it), ``.gz`` and plain files stream through, whatever their size.

Files go through in batches, each of which becomes one Parquet file, so that a small file costs its bytes. Where they
are many bytes, the batches go to processes of their own (``python -m tertius.sources.lines``): a program that is
started anew needs nothing of the one that asks, neither its threads nor its main module.
"""

from __future__ import annotations

import codecs
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tertius import errors
from tertius.errors import CorruptFile, TertiusError
from tertius.events.verified import file_hash
from tertius.sources.text import DELIMITERS, ROW, column_names, utf8_chunks

LONGEST_LINE = 2_000_000
SHOWN_LINE = 2_000
"""Characters of a malformed line that the quarantine keeps."""
KEPT_ASIDE = 100_000
"""Malformed lines of a file that the quarantine keeps."""
BATCH_FILES, BATCH_BYTES = 256, 32 << 20
SEVERAL = 24 << 20
"""Bytes of files from which on processes are worth starting."""
SHARES = 2
"""Batches that each process gets at least, so that none of them waits long for the last."""
BLOCK = 16 << 20
FILE = "file"
_KNOWN_ERRORS = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type)}


@dataclass(frozen=True, slots=True)
class Layout:
    """How lines are read.

    Attributes
    ----------
    headers : number of fields -> names, of files without a header; a line may have fewer fields than names.
    header : names (small letters) by which a first line is known for a header; none: it always is one.
    wanted : names (small letters) of the columns that are kept.
    null : text of a missing value.
    """

    headers: Mapping[int, Sequence[str]]
    header: Sequence[str]
    wanted: Sequence[str]
    null: str


@dataclass(frozen=True, slots=True)
class Sifted:
    """What became of one file.

    Attributes
    ----------
    number : its place among the files of the import.
    sha256 : of its bytes.
    header : whether its first line names its columns.
    read : rows in it, malformed ones included.
    malformed : how many of them are.
    aside : of those, (line number, what is wrong, the line), at most :data:`KEPT_ASIDE`.
    shapes : number of fields -> sound lines that have as many.
    other_encoding : lines that are not UTF-8.
    """

    number: int
    sha256: str
    header: bool
    read: int
    malformed: int
    aside: Sequence[Sequence[Any]]
    shapes: Mapping[str, int]
    other_encoding: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Files that went through together, and the Parquet of their sound lines, one for each set of column names."""

    files: Sequence[Sifted]
    parts: Sequence[str]


def sift(
    files: Sequence[tuple[int, Path]], layout: Layout, folder: Path, *, progress: Any = lambda n: None
) -> list[Batch]:
    """Sift files (with their numbers) into Parquet in ``folder``; ``progress`` is told how many files are through.

    Raises CorruptFile, InputError.
    """
    size = sum(path.stat().st_size for _, path in files)
    workers = _processors() if size >= SEVERAL else 1
    batches = list(_batches(files, BATCH_BYTES if workers < 2 else min(BATCH_BYTES, size // (SHARES * workers))))
    tasks = [
        {"files": [(n, str(path)) for n, path in batch], "layout": asdict(layout), "stem": str(folder / f"batch{k}")}
        for k, batch in enumerate(batches)
    ]
    done: list[int] = []

    def through(found: Batch) -> Batch:
        done.append(len(found.files))
        progress(sum(done))
        return found

    workers = min(workers, len(tasks))
    if workers < 2:
        return [through(_perform(task)) for task in tasks]
    with ExitStack() as stack:
        ready = [stack.enter_context(_worker()) for _ in range(workers)]

        def work(task: Mapping[str, Any]) -> Batch:
            worker = ready.pop()
            try:
                return through(_ask(worker, task))
            finally:
                ready.append(worker)

        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(work, tasks))


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _batches(files: Sequence[tuple[int, Path]], most: int) -> Iterator[list[tuple[int, Path]]]:
    """The files in their order, so many bytes at a time."""
    batch: list[tuple[int, Path]] = []
    size = 0
    for number, path in files:
        here = path.stat().st_size
        if batch and (len(batch) >= BATCH_FILES or size + here > most):
            yield batch
            batch, size = [], 0
        batch.append((number, path))
        size += here
    if batch:
        yield batch


@contextmanager
def _worker() -> Iterator[subprocess.Popen[str]]:
    """A process that answers tasks, and ends with the block."""
    path = os.pathsep.join(p for p in sys.path if p)
    process = subprocess.Popen(
        [sys.executable, "-m", "tertius.sources.lines", str(os.getpid())],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path},
        process_group=0,  # a key that interrupts is for the one that asks
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


def _ask(worker: subprocess.Popen[str], task: Mapping[str, Any]) -> Batch:
    assert worker.stdin
    assert worker.stdout
    worker.stdin.write(json.dumps(task) + "\n")
    worker.stdin.flush()
    line = worker.stdout.readline()
    if not line:
        raise errors.NotEnoughMemory(
            "A process that reads files ended (out of memory?).", "Import fewer files at once."
        )
    answer = json.loads(line)
    if "error" in answer:
        raise _KNOWN_ERRORS[answer["error"]["type"]](answer["error"]["message"], answer["error"]["hint"])
    return Batch(tuple(Sifted(**one) for one in answer["files"]), answer["parts"])


def answer_tasks(asked_by: int) -> None:
    """What a worker does: a task a line in, what came of it a line out, until there is no other.

    Where the process that asks was killed, its temporary files may be gone too: then there is nobody to tell.
    """
    for line in sys.stdin:
        try:
            sys.stdout.write(_answer(line) + "\n")
            sys.stdout.flush()
        except Exception:
            if os.getppid() == asked_by:
                raise
            os._exit(1)  # what is left to write has no reader


def _answer(line: str) -> str:
    try:
        return json.dumps(asdict(_perform(json.loads(line))))
    except TertiusError as error:
        told = {"type": type(error).__name__, "message": error.message, "hint": error.hint}
        return json.dumps({"error": told})


def _perform(task: Mapping[str, Any]) -> Batch:
    given = task["layout"]
    layout = Layout({int(n): names for n, names in given["headers"].items()}, given["header"], given["wanted"],
                    given["null"])  # fmt: skip
    with _Parts(Path(task["stem"]), layout) as parts:
        found = [_Sieve(number, Path(path), layout, parts).through() for number, path in task["files"]]
    return Batch(found, [str(path) for path in parts.paths])


class _Parts:
    """One Parquet file for each set of names, filled block by block."""

    def __init__(self, stem: Path, layout: Layout) -> None:
        self.stem, self.layout = stem, layout
        self.paths: list[Path] = []
        self.open: dict[tuple[str, ...], pq.ParquetWriter] = {}
        self.waiting: dict[tuple[str, ...], list[pa.Table]] = {}
        self.bytes = 0

    def __enter__(self) -> _Parts:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._flush()
        for writer in self.open.values():
            writer.close()

    def read(self, lines: bytes, names: Sequence[str], delimiter: bytes) -> pa.Table:
        """The wanted columns of lines that have a field for each name. Raises pyarrow.ArrowInvalid where one has
        not."""
        wanted = [name for name in names if name.lower() in self.layout.wanted]
        marked = lines.startswith(codecs.BOM_UTF8)  # a mark that is a field's: pyarrow takes the first away
        return pyarrow.csv.read_csv(
            pa.BufferReader(codecs.BOM_UTF8 + lines if marked else lines),
            read_options=pyarrow.csv.ReadOptions(
                column_names=list(names), use_threads=False, block_size=2 * LONGEST_LINE + len(lines)
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter.decode(), quote_char=False, double_quote=False, escape_char=False,
                ignore_empty_lines=True,  # so that they are lacking among the rows; else some are rows
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(wanted, pa.string()), include_columns=wanted, strings_can_be_null=True,
                check_utf8=False, null_values=["", *([self.layout.null] if self.layout.null else [])],
            ),
        )  # fmt: skip

    def add(self, names: tuple[str, ...], rows: pa.Table, file: int, numbers: NDArray[np.int64]) -> None:
        """Rows of a file with their numbers; columns that they do not have are missing values."""
        columns = {FILE: pa.array(np.full(len(numbers), file, np.int32)), ROW: pa.array(numbers)}
        for name in names:
            if name.lower() in self.layout.wanted:
                there = name in rows.column_names
                columns[name] = rows[name] if there else pa.nulls(len(numbers), pa.string())
        table = pa.table(columns)
        self.waiting.setdefault(names, []).append(table)
        self.bytes += table.nbytes
        if self.bytes >= BLOCK:
            self._flush()

    def _flush(self) -> None:
        for names, waiting in self.waiting.items():
            table = pa.concat_tables(waiting)
            if names not in self.open:
                path = self.stem.with_name(f"{self.stem.name}-{len(self.open)}.parquet")
                self.paths.append(path)
                self.open[names] = pq.ParquetWriter(path, table.schema, compression="snappy", write_statistics=False)
            self.open[names].write_table(table)
        self.waiting, self.bytes = {}, 0


class _Sieve:
    """One file on its way through."""

    def __init__(self, number: int, path: Path, layout: Layout, parts: _Parts) -> None:
        self.number, self.path, self.layout, self.parts = number, path, layout, parts
        self.names: tuple[str, ...] = ()
        self.widths: frozenset[int] = frozenset()
        self.delimiter, self.header = b"\t", False
        self.read = self.malformed = self.other_encoding = 0
        self.shapes: dict[int, int] = {}
        self.aside: list[tuple[int, str, str]] = []

    def through(self) -> Sifted:
        """Raises CorruptFile where the file is none of this kind, or most of its lines are malformed."""
        before = 0
        for block in _blocks(self.path):
            after = before + block.count(b"\n")
            here, n = (block, before) if self.names else self._begun(block, before)
            if here and not self._at_once(here, n, after - n):
                self._line_by_line(here, n)
            before = after
        if 2 * self.malformed > self.read:
            first, why, _ = self.aside[0]
            raise CorruptFile(
                f"{self.path}: {self.malformed:,} of {self.read:,} rows are malformed, the first in line "
                f"{first} ({why}).",
                "Is it of another format? Without a format, tertius import says what it takes a file for.",
            )
        shapes = {str(n): count for n, count in sorted(self.shapes.items())}
        return Sifted(self.number, file_hash(self.path), self.header, self.read, self.malformed, self.aside, shapes,
                      self.other_encoding)  # fmt: skip

    def _begun(self, block: bytes, before: int) -> tuple[bytes, int]:
        """Learn the columns from the first line that is not empty: the lines that are rows, and how many are before."""
        while block:
            line, _, rest = block.partition(b"\n")
            line = line.removesuffix(b"\r")
            if line and not self._begin(line, before + 1):
                break
            block, before = rest, before + 1
            if line:
                break
        return block, before

    def _at_once(self, block: bytes, before: int, lines: int) -> bool:
        """Take a block of lines that are all sound and alike; False, and nothing done, where it may not be one."""
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n")
        width = block.count(self.delimiter, 0, block.index(b"\n")) + 1
        odd = b"\0" in block or b"\r" in block or (self.delimiter != b"\t" and b"\t" in block)
        if odd or width == 1 or width not in self.widths or len(block) > LONGEST_LINE or not _is_utf8(block):
            return False
        try:
            rows = self.parts.read(block, self.names[:width], self.delimiter)
        except pa.ArrowInvalid:
            return False
        if rows.num_rows != lines:
            return False
        self.read += lines
        self.shapes[width] = self.shapes.get(width, 0) + lines
        self.parts.add(self.names, rows, self.number, np.arange(lines) + (before + 1 - self.header))
        return True

    def _line_by_line(self, block: bytes, before: int) -> None:
        sound: list[bytes] = []
        numbers: list[int] = []
        for n, line in enumerate(block.split(b"\n")[:-1], before + 1):
            line = line.removesuffix(b"\r")
            if not line:
                continue
            self.read += 1
            width = line.count(self.delimiter) + 1
            why = self._fault(line, width)
            if why:
                self._put_aside(n, why, line)
                continue
            self.shapes[width] = self.shapes.get(width, 0) + 1
            if self.delimiter != b"\t":
                line = line.replace(b"\t", b" ").replace(self.delimiter, b"\t")
            sound.append(line + b"\t" * (len(self.names) - width) + b"\n")
            numbers.append(n - self.header)  # counts from the line after the header
        if sound:
            rows = self.parts.read(self._as_utf8(sound), self.names, b"\t")
            self.parts.add(self.names, rows, self.number, np.array(numbers))

    def _begin(self, line: bytes, number: int) -> bool:
        """Learn the columns from the first line; whether it is a header. Raises CorruptFile."""
        fields = line.count(b"\t") + 1
        first = line.decode("utf-8", "replace").removeprefix("\ufeff")
        known = {f.strip().lower() for f in first.split("\t")} & set(self.layout.header)
        if not known and fields in self.layout.headers:
            names = self.layout.headers[fields]
            self.names = tuple(names)
            self.widths = frozenset(n for n, others in self.layout.headers.items() if others == names)
            return False
        if self.layout.headers and not known:
            counts = " or ".join(map(str, sorted(self.layout.headers)))
            raise CorruptFile(
                f"{self.path}, line {number}: {fields} fields, where this format has {counts}, or a header.",
                "Is it of another format? Without a format, tertius import says what it takes a file for.",
            )
        delimiter, self.names = column_names(first, self.path, quoting=False)
        if not delimiter.isascii() or delimiter not in DELIMITERS:
            raise CorruptFile(f"{self.path}: its first line names no columns.", "The first line names the columns.")
        self.delimiter, self.header = delimiter.encode(), True
        self.widths = frozenset((len(self.names),))
        return True

    def _fault(self, line: bytes, width: int) -> str:
        """What is wrong with a line, or nothing."""
        if len(line) > LONGEST_LINE:  # first: of such a line the rest is not there
            return f"longer than {LONGEST_LINE:,} bytes"
        if width not in self.widths:
            return f"{width} fields, not {' or '.join(map(str, sorted(self.widths)))}"
        if b"\0" in line:
            return "it holds NUL bytes"
        return "it holds a lone carriage return" if b"\r" in line else ""

    def _put_aside(self, number: int, why: str, line: bytes) -> None:
        self.malformed += 1
        if len(self.aside) < KEPT_ASIDE:
            self.aside.append((number, why, line[: 4 * SHOWN_LINE].decode("utf-8", "replace")[:SHOWN_LINE]))

    def _as_utf8(self, sound: Sequence[bytes]) -> bytes:
        whole = b"".join(sound)
        return whole if _is_utf8(whole) else b"".join(map(self._one_as_utf8, sound))

    def _one_as_utf8(self, line: bytes) -> bytes:
        if _is_utf8(line):
            return line
        self.other_encoding += 1
        try:
            return line.decode("cp1252").encode()
        except UnicodeDecodeError:  # five bytes that Windows-1252 leaves open
            return line.decode("latin-1").encode()


def _is_utf8(text: bytes) -> bool:
    try:
        return text.isascii() or bool(text.decode())
    except UnicodeDecodeError:
        return False


def _blocks(path: Path) -> Iterator[bytes]:
    """The lines of a file, many at a time, each with its line feed. One that is too long is cut short."""
    rest, dropping = b"", False
    for chunk in utf8_chunks(path):
        if dropping:
            _, feed, chunk = chunk.partition(b"\n")
            dropping = not feed
        end = chunk.rfind(b"\n") + 1
        if end:
            yield rest + chunk[:end]
            rest = b""
        rest += chunk[end:]
        if len(rest) > LONGEST_LINE:
            yield rest[: LONGEST_LINE + 1] + b"\n"
            rest, dropping = b"", True
    if rest:
        yield rest + b"\n"


if __name__ == "__main__":
    answer_tasks(int(sys.argv[1]))
