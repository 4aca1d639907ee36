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

from tertius.events import engine
from tertius.events.engine import LEAST_MEMORY, MOST_MEMORY, clear_scratch, connection, memory_limit, spool
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
