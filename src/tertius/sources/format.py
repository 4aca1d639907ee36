"""How the files of one origin become rows of the event contract: which of their columns is which of ours."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from tertius.codes.ontologies import ONTOLOGIES
from tertius.errors import CorruptFile, EmptyData, InputError, MissingColumn, UsageError
from tertius.events.engine import check_parquet, file_literal, literal, parquet_sql, quoted

ROW = "file_row"
DELIMITERS = (",", ";", "\t", "|")
WEIGHTS: Mapping[str, str] = {
    "goldstein": "the size of the Goldstein value",
    "mentions": "how often the event was mentioned",
    "sources": "how many different sources reported it",
}
"""What ``--weight`` can take from a column of that name instead of the weight; the unit changes with it.

``mentions`` and ``sources`` are weights of reliability: an event that many report is less often a wrong coding. They
are taken as they stand, a count; log1p of the decayed sums tames them in the columns. Both also follow how much the
media care about a pair, and mentions more so. They weigh the history, and the outcome only with ``--response weight``.
"""
RELIABILITY = ("mentions", "sources")


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
    cite : work and DOI to cite, where the origin has one.
    """

    name: str
    directed: bool
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    names_to_codes: bool = False
    renames: Mapping[str, str] = field(default_factory=dict)
    null: str = ""
    quoting: bool = True
    cite: tuple[str, str] | None = None


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
        return f"(SELECT *, row_number() OVER () AS {ROW} FROM {parquet_sql([path])})"
    if not path.name.removesuffix(".gz").endswith((".csv", ".tsv", ".tab", ".txt")):
        raise UsageError(f"{path} is neither Parquet nor delimited text.", "Use .parquet, .csv, .tsv (or .csv.gz).")
    delimiter, names = _header(path, fmt)
    quote = '"' if fmt.quoting else ""
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    # Nothing is left to DuckDB's guesses, which skip lines that do not fit.
    options = (
        f"auto_detect = false, hive_partitioning = false, header = true, "
        f"delim = '{delimiter}', quote = '{quote}', escape = '{quote}', "
        f"nullstr = ['', {literal(fmt.null)}], "
        f"columns = {{{columns}}}"
    )
    return f"(SELECT *, row_number() OVER () AS {ROW} FROM read_csv({file_literal(path)}, {options}))"


def _header(path: Path, fmt: Format) -> tuple[str, list[str]]:
    """The delimiter of a text file and the names of its columns, made different from each other. Raises CorruptFile."""
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8-sig", errors="replace") as stream:
            line = stream.readline().rstrip("\n")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise CorruptFile(f"{path} is not whole: {error}.", "Write or download it again.") from None
    tab = path.name.removesuffix(".gz").endswith((".tsv", ".tab"))
    delimiter = "\t" if tab else max(DELIMITERS, key=line.count)
    fields = next(csv.reader([line], delimiter=delimiter)) if fmt.quoting else line.split(delimiter)
    names: list[str] = []
    for n, field_name in enumerate(fields):
        name = field_name.strip() or f"column{n}"
        names.append(f"{name}_{n}" if name.lower() in {known.lower() for known in names} else name)
    return delimiter, names


def canonical_sql(
    con: duckdb.DuckDBPyConnection, table: str, where: str, fmt: Format, mapping: Mapping[str, str], weight: str | None
) -> str:
    """SQL with one column of ours for each that the table has, and NULL for the others.

    A column of types that bears the name of an ontology (``weis``) is read in it; else digits are CAMEO, words PLOVER.
    ``mapping`` is ``--map`` (ours -> theirs), ``weight`` is None or one of :data:`WEIGHTS`, ``where`` names the table
    in errors. Raises MissingColumn, UsageError.
    """
    present = {d[0]: d[1] for d in con.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()}
    unknown = set(mapping) - set(fmt.columns)
    if unknown:
        raise UsageError(
            f"--map names no column of ours: {', '.join(sorted(unknown))}.",
            f"Ours are: {', '.join(fmt.columns)} (write --map ours=theirs).",
        )
    if weight not in (None, *WEIGHTS):
        raise UsageError(
            f"--weight '{weight}' does not exist.", f"Use --weight {', '.join(WEIGHTS)}, or --map weight=COLUMN."
        )
    if weight is not None and not fmt.directed:
        raise UsageError(f"--weight {weight} needs events, not net dyadic weights.", "Leave --weight out.")
    if weight is not None and weight not in fmt.columns:
        raise UsageError(
            f"Files of the format {fmt.name} do not say {WEIGHTS[weight]}.",
            "Leave --weight out, or import a file with such a column as events.",
        )
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
    if weight in RELIABILITY and not chosen[weight]:
        raise UsageError(
            f"{where} has no column '{weight}', so that --weight {weight} has nothing to take.",
            f"Say which it is: --map {weight}=THEIRS; or leave --weight out. "
            f"It has: {', '.join(c for c in present if c != ROW)}.",
        )
    needed = [*fmt.required, *([weight] if weight else [])]
    lacking = [c for c in needed if not chosen.get(c)]
    if "quad" in chosen and not chosen["quad"] and not chosen["type"]:
        lacking.append("quad")
    if lacking:
        has = ", ".join(c for c in present if c != ROW)
        raise MissingColumn(
            f"{where} has no column '{lacking[0]}'.",
            f"Say which it is: tertius import ... --map {lacking[0]}=THEIRS. It has: {has}.",
        )
    selected = [
        f"{quoted(c) if c else 'NULL'} AS {fmt.renames.get(ours, ours)}"
        for ours, c in chosen.items()
        if ours not in WEIGHTS
    ]
    ontology = chosen.get("type", "").lower()
    selected.append(f"{literal(ontology) if ontology in ONTOLOGIES else 'NULL'}::VARCHAR AS ontology")
    given = bool(chosen.get("weight")) and weight is None
    if not given:
        value = f"TRY_CAST({quoted(chosen.get(weight or '', ''))} AS DOUBLE)"
        size = "1.0"
        if weight:
            known = f"NOT isnan({value})" + (f" AND {value} >= 0" if weight in RELIABILITY else "")
            size = f"CASE WHEN {known} THEN abs({value}) END"
        selected = [s for s in selected if not s.endswith(" AS weight")] + [f"{size} AS weight"]
    return f"(SELECT {', '.join(selected)}, {given} AS weight_given, {ROW} FROM {table})"
