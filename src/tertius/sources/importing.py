"""Files in, clean events out: into a store (:func:`import_files`) or into memory (:func:`read_events`)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pyarrow as pa

from tertius.errors import BadValue, UsageError, did_you_mean
from tertius.events.engine import clear_scratch, connection, new_file_literal, parquet_sql, reading, rows
from tertius.events.store import Store, adding, append_part
from tertius.events.verified import file_hash
from tertius.progress import Progress
from tertius.sources import custom, dyads, icews
from tertius.sources.audit import Audit
from tertius.sources.format import Format, Table, check_file, choose_columns, open_table
from tertius.sources.labels import CODES, Resolved
from tertius.sources.rows import Options, RawFile, apply, missing_note
from tertius.sources.text import ROW
from tertius.spec import read_date

FORMATS: Mapping[str, Format] = {f.name: f for f in (custom.FORMAT, icews.FORMAT, dyads.FORMAT)}
MIRRORED = ("auto", "keep")
HASHED_ROWS = 1_000_000
PARQUET = "COMPRESSION zstd, COMPRESSION_LEVEL 1"
"""Level 1 writes row numbers faster than the default, and smaller."""


def import_files(
    format_name: str,
    files: Sequence[Path],
    into: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    weight: str | None = None,
    mirrored: str = "auto",
    codes: str = "names",
    missing: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Audit:
    """Read files of one origin, apply the rules, and add the events to a store. Nothing is written on any error.

    A file that the store holds already, or that is named twice, is not read again: a warning of the audit names it, and
    where no other file is left the store stays as it is.
    Where another import into the store is at work, this one waits for it to end, and warns that it does.

    Parameters
    ----------
    format_name : a key of :data:`FORMATS`.
    files : Parquet or delimited text.
    into : the store's folder, made where it is not there.
    mapping : our column -> theirs.
    weight : "goldstein" takes the size of the Goldstein value, "mentions" or "sources" the number of either.
    mirrored : "auto" counts a mirrored coding one half each way, "keep" counts both.
    codes : "names" makes codes of the names of actors, "cow" and "gw" of numbers too, "keep" of nothing
        (:mod:`tertius.sources.labels`).
    missing : CSV with a column ``date`` of days without any record; one on which the store has a row is observed.
    progress : called with a line before each file, and before the rules.

    Raises
    ------
    UsageError, InputError and their children.
    """
    fmt = format_named(format_name)
    check_options(codes, mirrored)
    days = read_missing(missing) if missing else ()
    tell = progress or (lambda _: None)
    clear_scratch()
    with adding(into) as before, connection() as con:
        new, again = _new_files(files, before)
        if before and not new:
            return _unchanged(before, again)
        raw: list[RawFile] = []
        for n, (path, sha) in enumerate(new):
            tell(Progress(f"reading {path.name}", n, len(new), unit="files"))
            table = open_table(con, path, fmt)
            raw.append(_raw_file(con, table, path.name, str(path), sha, fmt, mapping or {}, weight))
        tell("applying the rules")
        earlier = _days_with_rows(con, before.parts if before else (), days)
        options = Options(codes, mirrored, weight, tuple(d for d in days if d not in earlier))
        with reading(_named(raw)):
            audit = apply(con, raw, fmt, options)
        more = (missing_note(sorted(earlier)),) if earlier else ()
        audit = replace(audit, warnings=(*audit.warnings, *more, *again))
        unobserved = tuple(date.fromisoformat(d) for d in audit.missing)
        tell(f"sorting and writing {audit.rows:,} rows")
        written, write = audit.to_dict(), partial(_write_clean, con)
        snapshot = append_part(into, before, directed=fmt.directed, missing=unobserved, audit=written, write=write)
    return replace(audit, snapshot=snapshot)


def _new_files(files: Sequence[Path], before: Store | None) -> tuple[list[tuple[Path, str]], tuple[str, ...]]:
    """The files to read, each with its hash, and a note of each that is not read again. Raises InputError."""
    new: dict[str, Path] = {}
    again = []
    for path in files:
        check_file(path)
        sha = file_hash(path)
        if before and before.holds_file(sha):
            again.append(f"{path.name} is in the store already (same bytes): not imported again.")
        elif sha in new:
            again.append(f"{path.name} has the same bytes as {new[sha].name}: imported once.")
        else:
            new[sha] = path
    return [(path, sha) for sha, path in new.items()], tuple(again)


def _unchanged(store: Store, notes: tuple[str, ...]) -> Audit:
    """The audit of an import that had nothing to add: no file read, and the days of the store as it is."""
    with connection() as con:
        sql = f"SELECT min(date)::DATE, max(date)::DATE, count(DISTINCT date::DATE) FROM {parquet_sql(store.parts)}"
        ((first, last, days),) = con.execute(sql).fetchall()
    missing = tuple(day.isoformat() for day in store.missing)
    nothing = Resolved((), {}, (), (), {})
    return Audit((), str(first), str(last), days, missing, store.directed, 0, store.snapshot, notes, nothing)


def _write_clean(con: Any, path: Path) -> None:
    con.execute(f"COPY (SELECT * FROM clean) TO {new_file_literal(path)} (FORMAT parquet, {PARQUET})")


def read_events(
    source: Path | Any,
    *,
    directed: bool = True,
    mapping: Mapping[str, str] | None = None,
    weight: str | None = None,
    mirrored: str = "auto",
    codes: str = "names",
    missing: Sequence[date] = (),
) -> tuple[pa.Table, Audit, str]:
    """Clean events of a file or of a data frame (pandas, polars, arrow) in memory: table, audit, and the hash of what
    is left after all rules, missing days included."""
    fmt = FORMATS["events" if directed else "dyads"]
    check_options(codes, mirrored)
    with connection() as con:
        if isinstance(source, Path):
            table, name, sha = open_table(con, source, fmt), source.name, file_hash(source)
        else:
            try:
                frame = nw.from_native(source, eager_only=True).to_arrow()
            except TypeError:
                raise UsageError(
                    f"A {type(source).__name__} holds no events.", "Give a path, or a pandas, polars or arrow table."
                ) from None
            sha = _hash(frame)
            con.register("frame", _numbered(frame))
            table, name = Table("frame"), "data frame"
        raw = _raw_file(con, table, name, name, sha, fmt, mapping or {}, weight)
        with reading(name):
            audit = apply(con, [raw], fmt, Options(codes, mirrored, weight, tuple(missing)))
        clean = con.sql(
            "SELECT * REPLACE (source::VARCHAR AS source, target::VARCHAR AS target) FROM clean"
        ).to_arrow_table()
    return clean, audit, _hash(clean, "\n".join(audit.missing))[:16]


def format_named(name: str) -> Format:
    """The format of that name. Raises UsageError."""
    if name not in FORMATS:
        raise UsageError(
            f"There is no format '{name}'.", f"{did_you_mean(name, FORMATS)}Formats: {', '.join(FORMATS)}."
        )
    return FORMATS[name]


def read_missing(path: Path) -> tuple[date, ...]:
    """The days of a ``--missing`` file: CSV or Parquet with a column ``date``."""
    fmt = Format("missing", False, {"date": ("date",)}, ("date",))
    with connection() as con, reading(str(path)):
        table = open_table(con, path, fmt).sql
        found = rows(con, f"SELECT date FROM {choose_columns(con, table, str(path), fmt, {}, None).sql}")
    try:
        return tuple(sorted(read_date(str(r["date"])[:10]) for r in found))
    except UsageError as error:
        raise BadValue(f"{path}: {error.message}", error.hint) from None


def check_options(codes: str, mirrored: str) -> None:
    """Raises UsageError where ``--codes`` or ``--mirrored`` does not exist."""
    if codes not in CODES:
        raise UsageError(f"--codes '{codes}' does not exist.", f"Choose {', '.join(CODES[:-1])} or {CODES[-1]}.")
    if mirrored not in MIRRORED:
        raise UsageError(
            f"--mirrored '{mirrored}' does not exist.", f"{did_you_mean(mirrored, MIRRORED)}Choose auto or keep."
        )


def _raw_file(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    name: str,
    where: str,
    sha: str,
    fmt: Format,
    mapping: Mapping[str, str],
    weight: str | None,
) -> RawFile:
    columns = choose_columns(con, table.sql, where, fmt, mapping, weight)
    return RawFile(name, sha, columns.sql, columns.holds, columns.date, table.text)


def _named(files: Sequence[RawFile]) -> str:
    return files[0].name if len(files) == 1 else "The data"


def _days_with_rows(con: duckdb.DuckDBPyConnection, parts: Sequence[Path], days: Sequence[date]) -> set[date]:
    """Which of some days have rows in the parts of a store."""
    if not parts or not days:
        return set()
    found = con.execute(f"SELECT DISTINCT date::DATE FROM {parquet_sql(parts)}").fetchall()
    return {day for (day,) in found} & set(days)


def _numbered(frame: pa.Table) -> pa.Table:
    """A table with the number of every row."""
    if ROW in frame.column_names:
        frame = frame.drop_columns([ROW])
    return frame.append_column(ROW, pa.array(np.arange(1, frame.num_rows + 1)))


def _hash(table: pa.Table, more: str = "") -> str:
    """SHA-256 of a table's rows, as Arrow writes them block by block (however they lie in memory), and of a text."""
    digest = _Digest()
    for part in _without_nulls(table):
        with pa.ipc.new_stream(pa.PythonFile(digest, mode="w"), part.schema) as writer:
            for first in range(0, part.num_rows, HASHED_ROWS):
                writer.write_table(part.slice(first, HASHED_ROWS).combine_chunks())
    digest.whole.update(more.encode())
    return digest.whole.hexdigest()


def _without_nulls(table: pa.Table) -> list[pa.Table]:
    """The table with whether a value is there in the place of columns that miss some, and what is there of each.

    Under a null may lie anything, another thing each time."""
    missing = [name for name in table.column_names if table[name].null_count]
    found = [pa.table({name: table[name].drop_null()}) for name in missing]
    for name in missing:
        table = table.set_column(table.column_names.index(name), name, table[name].is_valid())
    return [table, *found]


class _Digest(io.RawIOBase):
    """A file that is only hashed."""

    def __init__(self) -> None:
        self.whole = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.whole.update(data)
        return len(data)
