"""Engines: what turns stored events into sums. :class:`DuckDB` is the one that is here; :mod:`tertius.events.spark` has
another.

:class:`Engine` says what a further one has to give. The rest of the module is DuckDB's: one connection for one piece of
work, its limits, and its complaints in our words.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TextIO

import duckdb
import numpy as np
from numpy.typing import NDArray

from tertius.errors import CorruptFile, DiskFull, InputError, NotEnoughMemory, TertiusError
from tertius.memory import machine_bytes

try:
    import fcntl
except ImportError:  # Windows: a folder in use cannot be told from one left behind
    fcntl = None  # type: ignore[assignment]

MEMORY_SHARE = 4
"""DuckDB gets one part in four of what the process may use, ..."""
MOST_MEMORY = 2**30
"""... and never more than this: what does not fit goes to temporary files, whatever the number of rows."""
LEAST_MEMORY = 128 * 2**20
"""Less is too little to sort anything."""

SCRATCH, IN_USE = "tertius-scratch-", "in-use"

DATA_FAULTS = (
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.IOException,
    duckdb.OutOfRangeException,
    duckdb.SerializationException,
)
"""What DuckDB raises over data that cannot be read."""

PLAIN_FILES = "union_by_name = true, hive_partitioning = false"
FULL = ("No space left on device", "File too large", "quota exceeded", "max_temp_directory_size", "not enough space")
"""A full disk, in DuckDB's words and in those of systems that it repeats."""


SETTINGS = """
SET preserve_insertion_order = true; SET TimeZone = 'UTC';
SET autoinstall_known_extensions = false; SET autoload_known_extensions = false;
"""


_may_open_files = True
"""Whether connections of this process open files."""


@contextmanager
def files(allowed: bool) -> Iterator[None]:
    """Whether connections made inside the block, in any thread, may open files.

    Where they may not, DuckDB reads and writes none but temporary ones of its own, and no statement changes that: the
    rows of :func:`stored` are read by pyarrow, which is given their paths by us.
    """
    global _may_open_files
    before, _may_open_files = _may_open_files, allowed
    try:
        yield
    finally:
        _may_open_files = before


class Engine(Protocol):
    """What a data base has to give for events to become slices (:mod:`tertius.events.aggregate`).

    Queries are in DuckDB's SQL; :func:`tertius.events.dialects.transpiled` puts them into others. A further engine is a
    class with these three, and a test that its slices equal DuckDB's.
    """

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query, as Python values."""
        ...

    def columns(self, sql: str) -> Mapping[str, NDArray[np.generic]]:
        """The columns of a query, as arrays by name, in the query's order of rows."""
        ...

    def number(self, table: str, labels: Sequence[str]) -> None:
        """Make, or make anew, a temporary table of labels with their places 0, 1, ...: columns ``label`` and ``i``."""
        ...


@dataclass(frozen=True, slots=True)
class DuckDB:
    """The engine of a :func:`connection`."""

    con: duckdb.DuckDBPyConnection

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """As :class:`Engine` says, and so are the others."""
        return self.con.execute(sql).fetchall()

    def columns(self, sql: str) -> Mapping[str, NDArray[np.generic]]:
        return self.con.execute(sql).fetchnumpy()

    def number(self, table: str, labels: Sequence[str]) -> None:
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(table)} (label VARCHAR, i BIGINT)")
        values = [list(labels), len(labels)]
        self.con.execute(f"INSERT INTO {quoted(table)} SELECT unnest(?::VARCHAR[]), unnest(range(?))", values)


@contextmanager
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory data base that keeps the order of rows and fetches nothing, closed at the end.

    It takes :func:`memory_limit` bytes of memory; what does not fit goes to temporary files, which are removed at the
    end. Whatever DuckDB complains of inside the block has words of ours. Raises CorruptFile, InputError, DiskFull,
    NotEnoughMemory.
    """
    with scratch() as folder:
        con = duckdb.connect(":memory:")
        try:
            with reading("The data"):
                con.execute(SETTINGS)
                con.execute(f"SET memory_limit = '{memory_limit()}B'; SET temp_directory = {literal(folder)}")
                with suppress(duckdb.Error):  # in a notebook without ipywidgets it is off, and refuses to be touched
                    con.execute("SET enable_progress_bar = false")
                if not _may_open_files:
                    con.execute("SET enable_external_access = false; SET lock_configuration = true")
                yield con
        except RuntimeError as error:
            if "interrupted" in str(error).lower():
                raise KeyboardInterrupt from None
            raise
        finally:
            con.close()


def memory_limit() -> int:
    """Bytes that DuckDB may take: :data:`MEMORY_SHARE` of what the process may use, within bounds."""
    there = machine_bytes()
    return MOST_MEMORY if there is None else max(LEAST_MEMORY, min(MOST_MEMORY, there // MEMORY_SHARE))


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for temporary files in the system's own (``TMPDIR``), removed at the end, also after an error.

    A file in it is locked for as long as the process lives, so that :func:`clear_scratch` can tell what a killed
    process left behind.
    """
    folder = Path(tempfile.mkdtemp(prefix=SCRATCH))
    try:
        with (folder / f"{IN_USE}.new").open("w") as lock:
            _locked(lock)
            if fcntl:  # never seen without its lock
                (folder / f"{IN_USE}.new").rename(folder / IN_USE)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_scratch() -> None:
    """Remove temporary files that killed processes left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*"):
        with suppress(OSError), (folder / IN_USE).open("r+") as lock:  # another's, or gone meanwhile
            if fcntl and _locked(lock):
                shutil.rmtree(folder, ignore_errors=True)


def spool(con: duckdb.DuckDBPyConnection, suffix: str) -> Path:
    """The path of a new temporary file, removed with the connection."""
    ((folder,),) = con.execute("SELECT current_setting('temp_directory')").fetchall()
    return Path(folder) / f"{uuid.uuid4().hex}{suffix}"


def _locked(lock: TextIO) -> bool:
    """Lock a file if no other process holds it, and say whether it is ours now."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Puts what DuckDB complains of inside the block in our words, naming the file.

    Raises CorruptFile, InputError, DiskFull, NotEnoughMemory; KeyboardInterrupt, which DuckDB has words for too.
    """
    try:
        yield
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None
    except duckdb.Error as error:
        raise _in_our_words(error, name) from error


def _in_our_words(error: duckdb.Error, name: str) -> TertiusError:
    text = str(error)
    if any(words.lower() in text.lower() for words in FULL):
        if "temp" in text.lower():
            hint = f"Make room in {tempfile.gettempdir()}, or set TMPDIR to a folder on a larger disk."
        else:
            hint = "Make room on the disk, and run it again."
        return DiskFull(f"The disk is full: {reason(error)}.", hint)
    if isinstance(error, duckdb.OutOfMemoryException):
        return NotEnoughMemory(
            f"{name} do not fit into memory: {reason(error)}.", "Take fewer files, or a shorter span."
        )
    if isinstance(error, DATA_FAULTS) or type(error) is duckdb.Error:  # a damaged page is a bare Error
        return CorruptFile(
            f"{name} cannot be read: {reason(error)}.",
            "Write or download it again. Text is UTF-8, its first line names the columns, and each row has them all.",
        )
    return InputError(
        f"{name} cannot be used: {reason(error)}.",
        "Check the types of the columns; if they are right, report this.",
    )


def rows(con: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any] | None = None) -> list[dict[str, Any]]:
    """The rows of a query as dictionaries."""
    result = con.execute(sql, parameters or [])
    names = [d[0] for d in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def quoted(name: str) -> str:
    """A column name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """A value as an SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def file_literal(path: str | Path) -> str:
    """The file of that path, and no other, as an SQL string to read from.

    DuckDB takes paths for patterns, and some for addresses: what would be one is put in brackets, and a path from the
    root on is no address. Raises InputError where the name is not in the system's encoding of text.

    >>> file_literal("/d[1]/it's*.csv")
    "'/d[[]1[]]/it''s[*].csv'"
    """
    return literal(re.sub(r"([*?\[\]{}])", r"[\1]", _from_the_root(path)))


def new_file_literal(path: str | Path) -> str:
    """The file of that path as an SQL string to write to: DuckDB takes it as it stands. Raises InputError."""
    return literal(_from_the_root(path))


def parquet_sql(paths: Sequence[Path], first_rows: int | None = None) -> str:
    """SQL that reads Parquet files as one table; names of folders add no column.

    ``first_rows``: of the last file, only so many of its first rows.
    """
    whole = paths if first_rows is None else paths[:-1]
    read = f"read_parquet([{', '.join(file_literal(p) for p in whole)}], {PLAIN_FILES})"
    if first_rows is None:
        return read
    one = f"read_parquet([{file_literal(paths[-1])}], {PLAIN_FILES}, file_row_number = true)"
    first = f"SELECT * EXCLUDE (file_row_number) FROM {one} WHERE file_row_number < {first_rows}"
    return f"(SELECT * FROM {read} UNION ALL BY NAME {first})" if whole else f"({first})"


def stored(con: duckdb.DuckDBPyConnection, parts: Sequence[Path], first_rows: int | None = None) -> str:
    """SQL that reads Parquet parts as one table, as :func:`parquet_sql`, also where a connection may open no files.

    Raises CorruptFile.
    """
    if _may_open_files:
        return parquet_sql(parts, first_rows)
    if first_rows is None:
        return _registered(con, "stored_rows", parts)
    first = f"SELECT * FROM {_registered(con, 'last_part', parts[-1:])} LIMIT {first_rows}"
    if len(parts) == 1:
        return f"({first})"
    return f"(SELECT * FROM {_registered(con, 'other_parts', parts[:-1])} UNION ALL BY NAME ({first}))"


def _registered(con: duckdb.DuckDBPyConnection, name: str, parts: Sequence[Path]) -> str:
    """The name under which a connection finds the rows of Parquet files that pyarrow reads. Raises CorruptFile."""
    import pyarrow as pa
    from pyarrow import dataset, parquet

    try:
        schema = pa.unify_schemas([parquet.read_schema(part) for part in parts], promote_options="permissive")
        con.register(name, dataset.dataset([str(part) for part in parts], schema=schema, format="parquet"))
    except (OSError, pa.ArrowException) as error:
        raise CorruptFile(f"The data cannot be read: {error}.", "Write or download them again.") from None
    return name


def _from_the_root(path: str | Path) -> str:
    whole = os.path.join(os.getcwd(), path)  # not normalized: "x/.." is elsewhere where x is a link
    try:
        whole.encode()
    except UnicodeEncodeError:
        raise InputError(f"The name of {whole!r} is no valid text.", "Rename the file or folder.") from None
    return whole


def reason(error: duckdb.Error) -> str:
    """What DuckDB complains of, without its advice on options that we do not have."""
    said = []
    for line in str(error).splitlines():
        if not line.strip() or line.startswith("Possible"):
            break
        if not line.startswith("Original Line"):
            said.append(line.removeprefix("Invalid Input Error: ").removeprefix("IO Error: ").rstrip("."))
    return ", ".join(said)[:300]


def check_parquet(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raises CorruptFile where a Parquet file is truncated or is none."""
    try:
        con.execute(f"SELECT count(*) FROM {parquet_sql([path])}").fetchall()
    except duckdb.Error as error:
        raise CorruptFile(
            f"{path} is not a readable Parquet file (truncated?): {reason(error)}.",
            "Write or download it again.",
        ) from None
