"""Files in, clean events out: into a store (:func:`import_files`) or into memory (:func:`read_events`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pyarrow as pa

from tertius.errors import BadValue, InputError, UsageError, did_you_mean
from tertius.events.engine import connection, new_file_literal, reading, rows
from tertius.events.store import adding, append_part
from tertius.events.verified import file_hash
from tertius.sources import custom, dyads, icews
from tertius.sources.format import ROW, Format, canonical_sql, table_sql
from tertius.sources.rules import Audit, RawFile, apply
from tertius.spec import read_date

FORMATS: Mapping[str, Format] = {f.name: f for f in (custom.FORMAT, icews.FORMAT, dyads.FORMAT)}
MIRRORED = ("auto", "keep")


def import_files(
    format_name: str,
    files: Sequence[Path],
    into: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    weight: str | None = None,
    mirrored: str = "auto",
    missing: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Audit:
    """Read files of one origin, apply the rules, and add the events to a store. Nothing is written on any error.

    Where another import into the store is at work, this one waits for it to end, and warns that it does.

    Parameters
    ----------
    format_name : a key of :data:`FORMATS`.
    files : Parquet or delimited text.
    into : the store's folder, made where it is not there.
    mapping : our column -> theirs.
    weight : "goldstein" takes the size of the Goldstein value, "mentions" or "sources" the number of either.
    mirrored : "auto" counts a mirrored coding one half each way, "keep" counts both.
    missing : CSV with a column ``date`` of days without any record.
    progress : called with a line before each file, and before the rules.

    Raises
    ------
    UsageError, InputError and their children.
    """
    fmt = format_named(format_name)
    days = read_missing(missing) if missing else ()
    tell = progress or (lambda _: None)
    with adding(into) as before, connection() as con:
        known = before.file_hashes if before else set()
        raw: list[RawFile] = []
        for n, path in enumerate(files):
            tell(f"reading {path.name}: {n} of {len(files)} files")
            table = table_sql(con, path, fmt)
            sha = file_hash(path)
            if sha in known or any(r.sha256 == sha for r in raw):
                raise InputError(f"{path} is already in {into} (same bytes).", "Leave it out, or use a new store.")
            raw.append(RawFile(path.name, sha, canonical_sql(con, table, str(path), fmt, mapping or {}, weight)))
        tell("applying the rules")
        audit = _apply(con, raw, fmt, mapping or {}, mirrored, days)

        def write(path: Path) -> None:
            con.execute(f"COPY clean TO {new_file_literal(path)} (FORMAT parquet, COMPRESSION zstd)")

        snapshot = append_part(into, before, directed=fmt.directed, missing=days, audit=audit.to_dict(), write=write)
    return replace(audit, snapshot=snapshot)


def read_events(
    source: Path | Any,
    *,
    directed: bool = True,
    mapping: Mapping[str, str] | None = None,
    weight: str | None = None,
    mirrored: str = "auto",
    missing: Sequence[date] = (),
) -> tuple[pa.Table, Audit, str]:
    """Clean events of a file or of a data frame (pandas, polars, arrow) in memory: table, audit, and the hash of what
    is left after all rules, missing days included."""
    fmt = FORMATS["events" if directed else "dyads"]
    with connection() as con:
        if isinstance(source, Path):
            table, name, sha = table_sql(con, source, fmt), source.name, file_hash(source)
        else:
            try:
                frame = nw.from_native(source, eager_only=True).to_arrow()
            except TypeError:
                raise UsageError(
                    f"A {type(source).__name__} holds no events.", "Give a path, or a pandas, polars or arrow table."
                ) from None
            con.register("frame", frame)
            table, name = f"(SELECT *, row_number() OVER () AS {ROW} FROM frame)", "data frame"
            sha = hashlib.sha256(_ipc(frame)).hexdigest()
        raw = RawFile(name, sha, canonical_sql(con, table, name, fmt, mapping or {}, weight))
        audit = _apply(con, [raw], fmt, mapping or {}, mirrored, missing)
        clean = con.sql("SELECT * FROM clean").to_arrow_table()
    content = hashlib.sha256(_ipc(clean) + "\n".join(map(str, missing)).encode())
    return clean, audit, content.hexdigest()[:16]


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
        table = table_sql(con, path, fmt)
        found = rows(con, f"SELECT date FROM {canonical_sql(con, table, str(path), fmt, {}, None)}")
    try:
        return tuple(sorted(read_date(str(r["date"])[:10]) for r in found))
    except UsageError as error:
        raise BadValue(f"{path}: {error.message}", error.hint) from None


def _apply(
    con: duckdb.DuckDBPyConnection,
    raw: Sequence[RawFile],
    fmt: Format,
    mapping: Mapping[str, str],
    mirrored: str,
    missing: Sequence[date],
) -> Audit:
    if mirrored not in MIRRORED:
        raise UsageError(
            f"--mirrored '{mirrored}' does not exist.", f"{did_you_mean(mirrored, MIRRORED)}Choose auto or keep."
        )
    translate = fmt.names_to_codes and not ({"source", "target"} & set(mapping))
    return apply(con, raw, fmt, translate=translate, mirrored=mirrored, missing=[d.isoformat() for d in missing])


def _ipc(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
