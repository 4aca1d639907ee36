"""Files in, clean events out: into a store (:func:`import_files`) or into memory (:func:`read_events`)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pyarrow as pa

from tertius.errors import BadValue, InputError, UsageError, did_you_mean
from tertius.events.calendar import Calendar
from tertius.events.engine import clear_scratch, connection, new_file_literal, parquet_sql, reading, rows, spool
from tertius.events.store import Store, adding, append_part
from tertius.events.verified import file_hash
from tertius.progress import Progress
from tertius.sources import custom, dyads, gdelt, icews, keds, polecat, ucdp
from tertius.sources.audit import Aside, Audit
from tertius.sources.format import Format, Table, check_file, choose_columns, is_quoted, open_table
from tertius.sources.labels import CODES, Resolved
from tertius.sources.lines import FILE, Layout, Sifted, sift
from tertius.sources.quarantine import put_aside
from tertius.sources.rows import Options, RawFile, RawRows, apply, missing_note
from tertius.sources.text import ROW, is_text
from tertius.sources.text import SUFFIXES as TEXTS
from tertius.spec import read_date

FORMATS: Mapping[str, Format] = {
    f.name: f
    for f in (
        custom.FORMAT,
        icews.FORMAT,
        dyads.FORMAT,
        gdelt.GDELT1,
        gdelt.GDELT2,
        polecat.FORMAT,
        keds.FORMAT,
        ucdp.FORMAT,
    )
}
MIRRORED = ("auto", "keep")
TABLES = (".parquet", ".xlsx", ".dta")
"""Endings of files that are no text."""
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
    drop: Sequence[str] = (),
    keep: Sequence[str] = (),
    progress: Callable[[str], None] | None = None,
) -> Audit:
    """Read files of one origin, apply the rules, and add the events to a store. Nothing is written on any error.

    A file that the store holds already, or that is named twice, is not read again: a warning of the audit names it, and
    where no other file is left the store stays as it is.
    Where another import into the store is at work, this one waits for it to end, and warns that it does.

    Parameters
    ----------
    format_name : a key of :data:`FORMATS`.
    files : Parquet, delimited text (.gz, .zip), Excel or Stata; or folders of them.
    into : the store's folder, made where it is not there.
    mapping : our column -> theirs.
    weight : "goldstein" takes the size of the Goldstein value, "mentions" or "sources" the number of either.
    mirrored : "auto" counts a mirrored coding one half each way, "keep" counts both.
    codes : "names" makes codes of the names of actors, "cow" and "gw" of numbers too, "keep" of nothing
        (:mod:`tertius.sources.labels`).
    missing : CSV with a column ``date`` of days without any record; one on which the store has a row is observed.
    drop, keep : rules to switch on and off (:data:`tertius.sources.rules.CHOICES`), ``far_date=7`` with a value.
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
        paths, again = _new_files(in_folders(files), before)
        if before and not paths:
            return _unchanged(before, again)
        opened = _open_all(con, paths, fmt, mapping or {}, weight, tell)
        tell("applying the rules")
        earlier = _days_with_rows(con, before.parts if before else (), days)
        missing_days = tuple(d for d in days if d not in earlier)
        options = Options(codes, mirrored, weight, missing_days, tuple(drop), tuple(keep), aside=True)
        with reading(_named(opened.files)):
            audit = apply(con, opened.files, opened.tables, fmt, options, opened.mentions)
        notes = [*opened.notes, *([missing_note(sorted(earlier))] if earlier else []), *again]
        audit = replace(audit, warnings=(*audit.warnings, *notes))
        if before:
            audit = _beside_earlier(con, audit, before, fmt.name)
        tell(f"sorting and writing {audit.rows:,} rows")
        written, write = audit.to_dict(), partial(_write_clean, con)
        with put_aside(into, audit.aside):
            snapshot = append_part(into, before, directed=fmt.directed, audit=written, write=write)
    return replace(audit, snapshot=snapshot)


def _beside_earlier(con: duckdb.DuckDBPyConnection, audit: Audit, before: Store, source: str) -> Audit:
    """The audit of an import into a store that holds others: which days are missing now and were not, between the two,
    and which were and no longer are."""
    was = before.calendars.get(source, Calendar())
    now = was.after(audit.calendar)
    holes_before, holes, own = set(was.unobserved), set(now.unobserved), set(audit.calendar.unobserved)
    missing = ({date.fromisoformat(d) for d in audit.missing} - own) | (holes - holes_before)
    observed: list[date] = []
    if before.missing:
        here = {day for (day,) in con.execute("SELECT DISTINCT day FROM tally WHERE day IS NOT NULL").fetchall()}
        observed = sorted(set(before.missing) & ((holes_before | here) - holes - missing))
    notes = []
    if between := sorted(holes - holes_before - own):
        n = len(between)
        notes.append(
            f"{n:,} day{'s' if n > 1 else ''} between these files and what the store had of {source}, the first "
            f"{between[0]}, {'have' if n > 1 else 'has'} no rows or less than half of its times: taken as unobserved "
            "until an import brings them."
        )
    if observed:
        n = len(observed)
        notes.append(
            f"{n:,} day{'s' if n > 1 else ''} that the store had as missing, the first {observed[0]}, "
            f"{'have' if n > 1 else 'has'} rows now: taken as observed."
        )
    return replace(
        audit,
        missing=tuple(d.isoformat() for d in sorted(missing)),
        observed=tuple(d.isoformat() for d in observed),
        warnings=(*audit.warnings, *notes),
    )


@dataclass(frozen=True, slots=True)
class _Opened:
    """Files that are ready for the rules: what is known of each, their rows, rows of mentions, and notes."""

    files: list[RawFile]
    tables: list[RawRows]
    mentions: str | None
    notes: list[str]


def in_folders(files: Sequence[Path]) -> list[Path]:
    """The files, and in place of a folder those in it that can be read, in the order of their names.

    Raises InputError where a folder has none.
    """
    found: list[Path] = []
    for path in files:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(p for p in path.rglob("*") if p.is_file() and (is_text(p) or p.suffix.lower() in TABLES))
        if not inside:
            raise InputError(f"{path} holds no file that can be read.", f"Readable are {', '.join((*TABLES, *TEXTS))}.")
        found += inside
    return found


def _open_all(
    con: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    fmt: Format,
    mapping: Mapping[str, str],
    weight: str | None,
    tell: Callable[[str], None],
) -> _Opened:
    """Open all files: text of one row a line in batches, all else one by one."""
    for path in paths:
        check_file(path)
    by_line = [(n, path) for n, path in enumerate(paths) if fmt.lines and is_text(path) and not is_quoted(path, fmt)]
    files: dict[int, RawFile] = {}
    tables: list[RawRows] = []
    mentions: list[str] = []
    notes: list[str] = []
    if by_line:
        folder = spool(con, "")
        folder.mkdir()
        wanted = [*gdelt.MENTION_COLUMNS] if fmt.name == "gdelt2" else []
        wanted += [name for names in fmt.columns.values() for name in names] + list(mapping.values())
        header = [name.lower() for group in fmt.known_by for name in group] if fmt.headers else []
        layout = Layout(fmt.headers, header, [name.lower() for name in wanted], fmt.null)

        def through(n: int) -> None:
            what = f"{len(paths):,} files" if len(paths) > 1 else paths[0].name
            tell(Progress(f"reading {what}", n, len(paths), unit="files"))

        through(0)
        for batch in sift(by_line, layout, folder, progress=through):
            for one in batch.files:
                files[one.number] = _sifted_file(one, paths[one.number].name, fmt)
                if one.other_encoding:
                    notes.append(
                        f"{paths[one.number].name}: {one.other_encoding:,} rows are not UTF-8 and are read as "
                        "Windows-1252 (ISO-8859-1): check that names with accents look right."
                    )
            for part in batch.parts:
                sql = parquet_sql([Path(part)])
                names = {d[0].lower() for d in con.execute(f"DESCRIBE SELECT * FROM {sql}").fetchall()}
                if "mentionsourcename" in names:
                    mentions.append(f"SELECT GLOBALEVENTID AS origin, MentionSourceName AS source, {FILE} FROM {sql}")
                else:
                    where = str(paths[batch.files[0].number])
                    columns = choose_columns(con, sql, where, fmt, mapping, weight, numbered=True)
                    tables.append(RawRows(columns.sql, columns.holds, columns.date, None))
    for n, path in enumerate(paths):
        if n not in files:
            tell(Progress(f"reading {path.name}", n, len(paths), unit="files"))
            table = open_table(con, path, fmt)
            tables.append(_raw_rows(con, table, str(path), n, fmt, mapping, weight))
            files[n] = RawFile(path.name, file_hash(path), fmt.name)
    if not tables:
        raise InputError(
            "These are mentions alone, without the events that they mention.", "Name the events' files too."
        )
    mentioned = f"({' UNION ALL '.join(mentions)})" if mentions else None
    return _Opened([files[n] for n in range(len(paths))], tables, mentioned, notes)


def _sifted_file(one: Sifted, name: str, fmt: Format) -> RawFile:
    header = int(one.header)
    aside = tuple(Aside(name, one.sha256, line, why, row) for line, why, row in one.aside)
    return RawFile(name, one.sha256, fmt.name, one.malformed, aside, header, one.shapes)


def _new_files(files: Sequence[Path], before: Store | None) -> tuple[list[Path], tuple[str, ...]]:
    """The files to read, and a note of each that is not read again. Raises InputError."""
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
    return list(new.values()), tuple(again)


def _unchanged(store: Store, notes: tuple[str, ...]) -> Audit:
    """The audit of an import that had nothing to add: no file read, and the days of the store as it is."""
    with connection() as con:
        sql = f"SELECT min(date)::DATE, max(date)::DATE, count(DISTINCT date::DATE) FROM {parquet_sql(store.parts)}"
        ((first, last, days),) = con.execute(sql).fetchall()
    missing = tuple(day.isoformat() for day in store.missing)
    nothing = Resolved((), {}, (), (), {})
    return Audit((), str(first), str(last), days, missing, store.directed, 0, store.snapshot, notes, nothing)


def _write_clean(con: Any, path: Path) -> None:
    # written as text: DuckDB's dictionaries of ENUMs differ from run to run, and with them the part's hash
    rows_as_text = "SELECT * REPLACE (source::VARCHAR AS source, target::VARCHAR AS target) FROM clean"
    con.execute(f"COPY ({rows_as_text}) TO {new_file_literal(path)} (FORMAT parquet, {PARQUET})")


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
            check_file(source)
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
        raw = _raw_rows(con, table, name, 0, fmt, mapping or {}, weight)
        with reading(name):
            file = RawFile(name, sha, fmt.name)
            audit = apply(con, [file], [raw], fmt, Options(codes, mirrored, weight, tuple(missing)))
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


def _raw_rows(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    where: str,
    file: int,
    fmt: Format,
    mapping: Mapping[str, str],
    weight: str | None,
) -> RawRows:
    columns = choose_columns(con, table.sql, where, fmt, mapping, weight)
    return RawRows(columns.sql, columns.holds, columns.date, file, table.text)


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
