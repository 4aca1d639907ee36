"""How the files of one origin become rows of the event contract: which of their columns is which of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from tertius.errors import CorruptFile, EmptyData, InputError, MissingColumn, UsageError
from tertius.events.engine import check_parquet, literal, quoted

ROW = "file_row"


@dataclass(frozen=True, slots=True)
class Format:
    """One origin.

    Attributes
    ----------
    name : as on the command line.
    directed : whether its rows say who did it to whom.
    columns : our column -> the names under which the origin's files hold it, most specific first.
    required : our columns without which a row means nothing.
    names_to_codes : whether actors are country names that must become codes (not where ``--map`` names the columns).
    renames : our column -> the stored column that it fills, where the names differ.
    null : text that stands for a missing value.
    quoting : whether CSV fields may be quoted.
    """

    name: str
    directed: bool
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    names_to_codes: bool = False
    renames: Mapping[str, str] = field(default_factory=dict)
    null: str = ""
    quoting: bool = True


def table_sql(con: duckdb.DuckDBPyConnection, path: Path, fmt: Format) -> str:
    """SQL that reads a Parquet or delimited text file (gzip too) with its own column names.

    Raises InputError where there is no such file, EmptyData, CorruptFile.
    """
    if not path.is_file():
        raise InputError(f"{path} does not exist.", "Check the path.")
    if path.stat().st_size == 0:
        raise EmptyData(f"{path} is empty.", "Check the download or the export.")
    if path.suffix == ".parquet":
        check_parquet(con, path)
        return f"(SELECT *, row_number() OVER () AS {ROW} FROM read_parquet({literal(path)}))"
    if not path.name.removesuffix(".gz").endswith((".csv", ".tsv", ".tab", ".txt")):
        raise UsageError(f"{path} is neither Parquet nor delimited text.", "Use .parquet, .csv, .tsv (or .csv.gz).")
    options = "all_varchar = true, header = true"
    if not fmt.quoting:
        options += ", quote = '', escape = ''"
    if path.name.removesuffix(".gz").endswith((".tsv", ".tab")):
        options += ", delim = '\t'"
    if fmt.null:
        options += f", nullstr = ['', {literal(fmt.null)}]"
    sql = f"(SELECT *, row_number() OVER () AS {ROW} FROM read_csv({literal(path)}, {options}))"
    try:
        con.execute(f"SELECT count(*) FROM {sql}").fetchall()
    except duckdb.Error as error:
        raise CorruptFile(
            f"{path} cannot be read as delimited text: {str(error).splitlines()[0]}", "Check the file, or give Parquet."
        ) from None
    return sql


def canonical_sql(
    con: duckdb.DuckDBPyConnection, table: str, where: str, fmt: Format, mapping: Mapping[str, str], weight: str | None
) -> str:
    """SQL with one column of ours for each that the table has, and NULL for the others.

    ``mapping`` is ``--map`` (ours -> theirs), ``weight`` is None or "goldstein", ``where`` names the table in errors.
    Raises MissingColumn, UsageError.
    """
    present = {d[0]: d[1] for d in con.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()}
    unknown = set(mapping) - set(fmt.columns)
    if unknown:
        raise UsageError(
            f"--map names no column of ours: {', '.join(sorted(unknown))}.",
            f"Ours are: {', '.join(fmt.columns)} (write --map ours=theirs).",
        )
    if weight not in (None, "goldstein"):
        raise UsageError(f"--weight '{weight}' does not exist.", "Use --weight goldstein, or --map weight=COLUMN.")
    if weight == "goldstein" and not fmt.directed:
        raise UsageError("--weight goldstein needs events, not net dyadic weights.", "Leave --weight out.")
    chosen: dict[str, str] = {}
    for ours, aliases in fmt.columns.items():
        if ours in mapping:
            if mapping[ours] not in present:
                raise MissingColumn(
                    f"{where} has no column '{mapping[ours]}' (--map {ours}={mapping[ours]}).",
                    f"It has: {', '.join(c for c in present if c != ROW)}.",
                )
            chosen[ours] = mapping[ours]
        else:
            chosen[ours] = next((a for a in aliases if a in present), "")
    needed = [*fmt.required, *(["goldstein"] if weight == "goldstein" else [])]
    lacking = [c for c in needed if not chosen.get(c)]
    if "quad" in chosen and not chosen["quad"] and not chosen["type"]:
        lacking.append("quad")
    if lacking:
        raise MissingColumn(
            f"{where} has no column '{lacking[0]}'.",
            f"Say which it is: --map {lacking[0]}=THEIRS. It has: {', '.join(c for c in present if c != ROW)}.",
        )
    selected = [
        f"{quoted(c) if c else 'NULL'} AS {fmt.renames.get(ours, ours)}"
        for ours, c in chosen.items()
        if ours != "goldstein"
    ]
    given = bool(chosen.get("weight")) and weight is None
    if not given:
        size = f"abs(TRY_CAST({quoted(chosen['goldstein'])} AS DOUBLE))" if weight else "1.0"
        selected = [s for s in selected if not s.endswith(" AS weight")] + [f"{size} AS weight"]
    return f"(SELECT {', '.join(selected)}, {given} AS weight_given, {ROW} FROM {table})"
