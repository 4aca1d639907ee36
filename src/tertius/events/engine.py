"""DuckDB: one connection for one piece of work, and its complaints in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from tertius.errors import CorruptFile

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

    Raises CorruptFile where data turn out to be unreadable inside the block.
    """
    con = duckdb.connect(":memory:")
    try:
        con.execute("SET preserve_insertion_order = true; SET TimeZone = 'UTC'")
        ((shown,),) = con.execute("SELECT current_setting('enable_progress_bar')").fetchall()
        if shown:  # in a notebook without ipywidgets it is off, and DuckDB refuses to touch it
            con.execute("SET enable_progress_bar = false")
        with reading("The data"):
            yield con
    except (duckdb.InterruptException, RuntimeError) as error:
        if "interrupted" in str(error).lower():  # what DuckDB makes of Ctrl-C
            raise KeyboardInterrupt from None
        raise
    finally:
        con.close()


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Raises CorruptFile, naming the file, where DuckDB stumbles over data inside the block."""
    try:
        yield
    except DATA_FAULTS as error:
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
