"""How the files of one origin become rows of the event contract: which of their columns is which of ours."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from tertius.codes.ontologies import ONTOLOGIES
from tertius.errors import EmptyData, InputError, MissingColumn, UsageError
from tertius.events.engine import PLAIN_FILES, check_parquet, file_literal, literal, quoted
from tertius.sources.sheets import EXTRAS, sheet_as_parquet
from tertius.sources.text import LONGEST_HEADER, ROW, Text, is_text, open_text, opened

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

OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "date": ("day", "event_date", "sqldate", "time", "timestamp", "when", "year"),
    "source": ("src", "sender", "from", "actor1", "actor1code", "initiator", "source_iso3", "a"),
    "target": ("tgt", "receiver", "recipient", "to", "actor2", "actor2code", "target_iso3", "b"),
    "a": ("source", "actor1", "country1", "iso1", "from"),
    "b": ("target", "actor2", "country2", "iso2", "to"),
    "quad": ("quadclass", "quad_class", "class"),
    "type": ("eventcode", "event_code", "event_type", "code"),
    "weight": ("value", "w", "intensity", "score", "net"),
}
"""What other people call our columns: only ever suggested."""


@dataclass(frozen=True, slots=True)
class Format:
    """One origin.

    Attributes
    ----------
    name : as on the command line.
    directed : whether its rows say who did it to whom.
    columns : our column -> the names under which the origin's files hold it, most specific first.
    required : our columns without which a row means nothing.
    countries : whether actors are countries alone: what is no country's name is then no actor.
    renames : our column -> the stored column that it fills, where the names differ.
    null : text that stands for a missing value.
    quoting : whether CSV fields may be quoted.
    cite : work and DOI to cite, where the origin has one.
    bibtex : the same as BibTeX.
    lines : whether its text has one row a line and nothing quoted (:mod:`tertius.sources.lines`).
    headers : number of fields -> names of columns, of lines in files without a header.
    ontology : of its types, where their column's name does not say it.
    system : of its actors' codes, where they are chains (:mod:`tertius.codes.chains`).
    speaks : roles or sectors that speak for a state, for the rule ``other_sector``.
    drops : rules that apply only where asked, and are asked for here.
    same : our columns that are the same in a row that is given twice, ``origin`` among them.
    signature : our columns that are the same in an event that is sent again under another id.
    step : how often the source publishes: "15min", "1d"; empty: a day without rows may be a day without events.
    known_by : groups of (alternative) column names by which a file with a header is recognised.
    """

    name: str
    directed: bool
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    countries: bool = False
    renames: Mapping[str, str] = field(default_factory=dict)
    null: str = ""
    quoting: bool = True
    cite: tuple[str, str] | None = None
    bibtex: str = ""
    lines: bool = False
    headers: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    ontology: str = ""
    system: str = ""
    speaks: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    signature: tuple[str, ...] = ()
    step: str = ""
    known_by: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A file's rows under the names that it gives its columns: SQL, with the number of the row; and the text file that
    they come from, where they do. ``numbered``: a column ``file`` says from which file a row is."""

    sql: str
    text: Text | None = None
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a file are ours.

    Attributes
    ----------
    sql : its rows with one column for each of ours that a row can have; NULL where the file has none.
    holds : those of ours that it has, under the stored names; ``weight`` also where ``--weight`` takes it from another.
    date : its own name of the column of dates.
    """

    sql: str
    holds: frozenset[str]
    date: str


def open_table(con: duckdb.DuckDBPyConnection, path: Path, fmt: Format) -> Table:
    """Open a Parquet file, delimited text (.gz and .zip too), or a sheet of Excel or Stata.

    Raises InputError where there is no such file, EmptyData, CorruptFile, UsageError.
    """
    check_file(path)
    if path.suffix.lower() in EXTRAS:
        return open_table(con, sheet_as_parquet(con, path), fmt)
    if path.suffix.lower() == ".parquet":
        check_parquet(con, path)
        rows = f"read_parquet({file_literal(path)}, {PLAIN_FILES}"
        names = {d[0].lower() for d in con.execute(f"DESCRIBE SELECT * FROM {rows})").fetchall()}
        own = f" EXCLUDE ({ROW})" if ROW in names else ""
        if "file_row_number" in names:  # DuckDB's counter has no other name
            return Table(f"(SELECT *{own}, row_number() OVER () AS {ROW} FROM {rows}))")
        drop = f" EXCLUDE (file_row_number{', ' + ROW if own else ''})"
        return Table(f"(SELECT *{drop}, file_row_number + 1 AS {ROW} FROM {rows}, file_row_number = true))")
    if not is_text(path):
        raise UsageError(
            f"{path} is neither Parquet nor delimited text.",
            "Use .parquet, .csv, .tsv, .xlsx or .dta (text also as .gz or .zip).",
        )
    text = open_text(con, path, fmt.quoting)
    return Table(text.sql(fmt.quoting, fmt.null), text)


def check_file(path: Path) -> None:
    """Raises InputError where there is no such file, EmptyData where it holds nothing."""
    if not path.is_file():
        raise InputError(f"{path} does not exist.", "Check the path.")
    if path.stat().st_size == 0:
        raise EmptyData(f"{path} is empty.", "Check the download or the export.")


def is_quoted(path: Path, fmt: Format) -> bool:
    """Whether a text file of a format with lines is a comma-separated copy with a header, whose fields may be
    quoted."""
    if not fmt.headers:
        return False
    with opened(path) as stream:
        first = stream.readline(LONGEST_HEADER).decode("utf-8-sig", "replace")
    names = {name.strip(' "\r\n').lower() for name in first.split(",")}
    return any(one.lower() in names for group in fmt.known_by for one in group)


def choose_columns(
    con: duckdb.DuckDBPyConnection,
    table: str,
    where: str,
    fmt: Format,
    mapping: Mapping[str, str],
    weight: str | None,
    *,
    numbered: bool = False,
) -> Columns:
    """Which columns of a table (SQL) are ours: by ``--map`` (ours -> theirs), else by name, whatever its case.

    A column of types that bears the name of an ontology (``weis``) is read in it; else digits are CAMEO, words PLOVER.
    ``weight`` is None or one of :data:`WEIGHTS`, ``where`` names the table in errors, ``numbered`` as in
    :class:`Table`. Raises MissingColumn, UsageError.
    """
    present = [d[0] for d in con.execute(f"DESCRIBE SELECT * FROM {table}").fetchall() if d[0] != ROW]
    present = [name for name in present if not (numbered and name == "file")]
    _check_options(fmt, mapping, weight)
    chosen = {
        ours: mapping[ours] if ours in mapping else _named(aliases, present) for ours, aliases in fmt.columns.items()
    }
    absent = [f"'{theirs}' (--map {ours}={theirs})" for ours, theirs in mapping.items() if theirs not in present]
    if absent:
        raise MissingColumn(f"{where} has no column {', '.join(absent)}.", f"It has: {', '.join(present)}.")
    if weight in RELIABILITY and not chosen[weight]:
        raise UsageError(
            f"{where} has no column '{weight}', so that --weight {weight} has nothing to take.",
            f"Say which it is: --map {weight}=THEIRS; or leave --weight out. It has: {', '.join(present)}.",
        )
    lacking = [c for c in [*fmt.required, *([weight] if weight else [])] if not chosen.get(c)]
    if "quad" in chosen and not chosen["quad"] and not chosen["type"]:
        lacking.append("quad")
    if lacking:
        raise _missing(where, lacking, present, [c for c in chosen.values() if c])
    sized = {**chosen, "weight": chosen[weight] if weight else chosen.get("weight", "")}
    kept = {fmt.renames.get(ours, ours): theirs for ours, theirs in sized.items() if ours not in WEIGHTS}
    selected = [f"{quoted(theirs) if theirs else 'NULL'} AS {ours}" for ours, theirs in kept.items()]
    ontology = fmt.ontology or chosen.get("type", "").lower()
    selected.append(f"{literal(ontology) if ontology in ONTOLOGIES else 'NULL'}::VARCHAR AS ontology")
    return Columns(
        f"(SELECT {', '.join(selected)}, {'file, ' if numbered else ''}{ROW} FROM {table})",
        frozenset(ours for ours, theirs in kept.items() if theirs),
        chosen["date"],
    )


def _check_options(fmt: Format, mapping: Mapping[str, str], weight: str | None) -> None:
    """Raises UsageError where ``--map`` or ``--weight`` cannot be meant for a format."""
    if unknown := set(mapping) - set(fmt.columns):
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


def _named(aliases: Sequence[str], present: Sequence[str]) -> str:
    """The column that bears the first of some names, letter for letter, or else whatever its case; or nothing."""
    small = {name.lower(): name for name in reversed(present)}
    return next((a if a in present else small[a.lower()] for a in aliases if a in present or a.lower() in small), "")


def _missing(where: str, lacking: Sequence[str], present: Sequence[str], taken: Sequence[str]) -> MissingColumn:
    """The error that names every column that is not there, and which of the others may be meant."""
    free = {name.lower(): name for name in present if name not in taken}
    close: dict[str, str] = {}
    for ours in lacking:
        known = [name for name in OTHER_NAMES.get(ours, ()) if name in free]
        near = known or difflib.get_close_matches(ours, free, n=1, cutoff=0.6)
        if near:
            close[ours] = free.pop(near[0])
    names = ", ".join(f"'{c}'" for c in lacking)
    mapped = ",".join(f"{ours}={close.get(ours, 'THEIRS')}" for ours in lacking)
    which = "it is" if len(lacking) == 1 else "they are"
    meant = f" (did you mean {', '.join(f'`{theirs}`' for theirs in close.values())}?)" if close else ""
    return MissingColumn(
        f"{where} has no column{'s' if len(lacking) > 1 else ''} {names}.",
        f"Say which {which}: tertius import ... --map {mapped}{meant}. It has: {', '.join(present)}.",
    )
