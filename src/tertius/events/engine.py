"""DuckDB: one connection for one piece of work, and its complaints in our words."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

import duckdb

from tertius.errors import CorruptFile
from tertius.memory import machine_bytes

try:
    import fcntl
except ImportError:  # Windows: a folder in use cannot be told from one left behind
    fcntl = None  # type: ignore[assignment]

MEMORY_SHARE = 4
"""DuckDB gets one part in so many of what the process may use, ..."""
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
"""What DuckDB raises over data; its other exceptions mean that our SQL is wrong."""


@contextmanager
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory data base that keeps the order of rows, closed at the end.

    It takes :func:`memory_limit` bytes of memory; what does not fit goes to temporary files, which are removed at the
    end. Raises CorruptFile where data turn out to be unreadable inside the block.
    """
    with scratch() as folder:
        con = duckdb.connect(":memory:")
        try:
            con.execute("SET preserve_insertion_order = true; SET enable_progress_bar = false; SET TimeZone = 'UTC'")
            con.execute(f"SET memory_limit = '{memory_limit()}B'; SET temp_directory = {literal(folder)}")
            with reading("The data"):
                yield con
        except (duckdb.InterruptException, RuntimeError) as error:
            if "interrupted" in str(error).lower():  # what DuckDB makes of Ctrl-C
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
    """Raises CorruptFile, naming the file, where DuckDB stumbles over data inside the block."""
    try:
        yield
    except duckdb.Error as error:
        if not isinstance(error, DATA_FAULTS) and type(error) is not duckdb.Error:  # a damaged page is a bare Error
            raise
        raise CorruptFile(
            f"{name} cannot be read: {reason(error)}.",
            "Write or download it again. Text is UTF-8, its first line names the columns, and each row has them all.",
        ) from None


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


def parquet_sql(paths: list[Path]) -> str:
    """SQL that reads Parquet files as one table."""
    return f"read_parquet([{', '.join(literal(p) for p in paths)}], union_by_name = true)"


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
        con.execute(f"SELECT count(*) FROM read_parquet({literal(path)})").fetchall()
    except duckdb.Error as error:
        raise CorruptFile(
            f"{path} is not a readable Parquet file (truncated?): {reason(error)}.",
            "Write or download it again.",
        ) from None
