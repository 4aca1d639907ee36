"""The data base's memory and its temporary files."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tertius.errors import CorruptFile
from tertius.events import engine
from tertius.events.engine import (
    LEAST_MEMORY,
    MOST_MEMORY,
    clear_scratch,
    connection,
    files,
    memory_limit,
    spool,
    stored,
)
from tertius.sources.importing import import_files, read_events


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system's folder for temporary files of its own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_the_limit_is_a_share_of_the_machine_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for there in (None, 2**20, 2**30, 2**40):
        monkeypatch.setattr(engine, "machine_bytes", lambda there=there: there)
        found.append(memory_limit())
    assert found == [MOST_MEMORY, LEAST_MEMORY, 2**28, MOST_MEMORY]


def test_what_does_not_fit_goes_to_temporary_files_that_are_removed(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "memory_limit", lambda: 40 << 20)
    with connection() as con:
        con.execute("CREATE TEMP TABLE t AS SELECT hash(i) AS h, hash(i)::VARCHAR AS s FROM range(3000000) r(i)")
        used = sum(f.stat().st_size for f in temporary.rglob("*") if f.is_file())
        assert used > 10_000_000
        spool(con, ".parquet").write_text("x")
    assert list(temporary.iterdir()) == []


def test_an_error_leaves_no_temporary_files(temporary: Path) -> None:
    def fail() -> None:
        with connection() as con:
            spool(con, ".csv").write_text("x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(temporary.iterdir()) == []


def test_what_a_killed_import_left_is_cleared_and_what_is_in_use_is_not(temporary: Path, csv_file: Any) -> None:
    code = (
        "import os, signal, sys\nfrom tertius.events.engine import connection\n"
        "with connection():\n    os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], env={**_environment(), "TMPDIR": str(temporary)}, check=False)
    (left,) = temporary.iterdir()
    with connection() as con:
        used = spool(con, ".x")
        used.write_text("x")
        import_files("events", [csv_file("e.csv", "date,source,target,quad", "2020-01-01,RUS,PRK,1")], temporary / "S")
        assert used.exists()
        assert not left.exists()
    clear_scratch()


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(Path(engine.__file__).parents[2])}


def test_the_rows_do_not_depend_on_threads_or_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same file gives the same bytes, and the hash of the same table in memory."""
    path = tmp_path / "e.parquet"
    with duckdb.connect() as con:
        con.execute(
            f"""COPY (SELECT (DATE '2015-01-01' + (hash(i) % 700)::INTEGER)::DATE AS date,
                       'A' || hash(i, 1) % 40 AS source, 'A' || hash(i, 2) % 40 AS target,
                       ['040', '042', '043', '190'][1 + (hash(i, 3) % 4)::INTEGER] AS type,
                       (hash(i, 4) % 100)::DOUBLE AS weight FROM range(150000) t(i)) TO '{path}' (FORMAT parquet)"""
        )
    real: Callable[..., duckdb.DuckDBPyConnection] = duckdb.connect
    found = set()
    for threads, memory in ((1, 1000), (4, 1000), (2, 50)):

        def connect(*words: str, threads: int = threads) -> duckdb.DuckDBPyConnection:
            con = real(*words)
            con.execute(f"SET threads = {threads}")
            return con

        monkeypatch.setattr(duckdb, "connect", connect)
        monkeypatch.setattr(engine, "memory_limit", lambda memory=memory: memory << 20)
        audit = import_files("events", [path], tmp_path / f"S{threads}")
        found.add((audit.snapshot, read_events(path)[2], audit.to_dict()["kept"]))
    assert len(found) == 1


OTHER_FILE = (
    "SELECT * FROM read_csv('{path}')", "SELECT * FROM '{path}'", "SELECT * FROM read_text('{path}')",
    "SELECT * FROM read_parquet('{part}')", "SELECT * FROM glob('{path}')", "ATTACH '{new}'",
    "COPY (SELECT 1) TO '{new}'", "COPY (SELECT 1) TO '{part}' (FORMAT parquet, USE_TMP_FILE false)",
    "EXPORT DATABASE '{new}'", "LOAD httpfs", "SET enable_external_access = true", "RESET enable_external_access",
    "SET lock_configuration = false", "SET allowed_directories = ['/']", "SET temp_directory = '/'",
)  # fmt: skip
"""Statements that would read or write a file, or make that possible."""


def parts_of(folder: Path) -> list[Path]:
    """Two parts, of which the later has a column more."""
    parts = [folder / "one.parquet", folder / "other.parquet"]
    for k, (part, more) in enumerate(zip(parts, ("", ", TIMESTAMPTZ '2020-01-01' AS recorded"), strict=True)):
        with connection() as con:
            con.execute(
                f"COPY (SELECT 1000 * {k} + i AS n, 'row ' || i AS word, DATE '2020-01-01'::TIMESTAMP AS date{more} "
                f"FROM range(500) r(i)) TO '{part}'"
            )
    return parts


@pytest.mark.parametrize("statement", OTHER_FILE)
def test_where_files_may_not_be_opened_no_statement_opens_one(statement: str, tmp_path: Path) -> None:
    part, *_ = parts_of(tmp_path)
    path, new = tmp_path / "secret.csv", tmp_path / "new"
    path.write_text("a\n1\n")
    before = {f: f.read_bytes() for f in tmp_path.iterdir()}
    with files(False), connection() as con:
        name = stored(con, [part])
        with pytest.raises(duckdb.Error):
            con.execute(statement.format(path=path, part=part, new=new)).fetchall()
        assert con.execute(f"SELECT count(*) FROM {name}").fetchall() == [(500,)]
    assert {f: f.read_bytes() for f in tmp_path.iterdir()} == before


@pytest.mark.parametrize(("n", "first_rows"), [(1, None), (2, None), (1, 7), (2, 7)])
def test_parts_have_the_same_rows_where_files_may_not_be_opened(n: int, first_rows: int | None, tmp_path: Path) -> None:
    parts = parts_of(tmp_path)[:n]
    found = []
    for allowed in (True, False):
        with files(allowed), connection() as con:
            sql = stored(con, parts, first_rows)
            found.append(
                (
                    con.execute(f"DESCRIBE SELECT * FROM {sql}").fetchall(),
                    con.execute(f"SELECT * FROM {sql}").fetchall(),
                )
            )
    assert found[0] == found[1]
    assert len(found[0][1]) == 500 * (n - 1) + (first_rows or 500)


def test_a_damaged_part_is_said_where_files_may_not_be_opened(tmp_path: Path) -> None:
    part, other = parts_of(tmp_path)
    other.write_bytes(other.read_bytes()[:-40])
    with files(False), connection() as con, pytest.raises(CorruptFile, match="cannot be read"):
        stored(con, [part, other])
