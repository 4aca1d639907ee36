"""From raw files to clean rows: dates, weights, labels and types are read, and every row passes the rules.

The rules are :data:`tertius.sources.rules.RULES`, in their order: of each row the first that applies is counted.

``NA``, ``NaN``, ``null``, ``none``, ``.`` and ``-`` (:data:`tertius.sources.labels.NULLS`) are missing values in
columns of actors, quad classes, types and weights. A row with an impossible date, a negative weight, NaN or a quad
class other than 1 to 4 is malformed and is put aside; where most rows of a file are, or where rows are read into memory
and there is no place to put them, it is an error: then it is the column that is wrong, not the row.

A day listed in ``--missing`` on which a row is kept was observed: it leaves the list, with a note. Weights such as 1,5
are read where the whole column is written so, with a note. Rows a, b and b, a of one day of undirected data add up; the
note says on how many days pairs are given both ways.

How it is done: one file of Parquet stays where it is, all others become temporary Parquet files; then a few scans over
the rows, each of them a view, never a table of all. Rows of text by line, whose values take long to read, are written
once more, with what the rules of one row say of them. What is decided by value (dates, labels, types) is decided once
for each different value. Only kept rows are sorted, without the columns that no file has, on disk where they do not fit
into memory (:func:`tertius.events.engine.memory_limit`).

The share of rows with a mirror on the same day, by type, on ICEWS 2018: ``scripts/mirrored.py``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tertius.codes import cameo_titles, mirror_of, plover_of, quad_of
from tertius.codes.chains import SYSTEMS
from tertius.errors import BadValue, EmptyData, UsageError
from tertius.events.engine import literal, new_file_literal, parquet_sql, reading, rows, spool
from tertius.sources.audit import Aside, Audit, FileAudit, dropped_of
from tertius.sources.coverage import covered
from tertius.sources.dates import read_dates
from tertius.sources.format import RELIABILITY, Format
from tertius.sources.labels import NULLS, Label, Resolved, resolve_labels
from tertius.sources.mending import Mended, mend
from tertius.sources.rules import CHOICES, DROPPED, MENDED, MIRRORED, RULES, as_dict, rules_on
from tertius.sources.text import ROW, Text, fault, text_notes


@dataclass(frozen=True, slots=True)
class RawFile:
    """One file to import.

    Attributes
    ----------
    name, sha256 : of the file, and of its bytes.
    format : what it was read as.
    lines : rows in it, sound or not, where it went line by line; None: its rows are counted here.
    malformed : rows that were put aside already, and what of them is kept.
    header : lines before the first row.
    shapes : number of fields -> rows, where it went line by line.
    """

    name: str
    sha256: str
    format: str
    malformed: int = 0
    aside: tuple[Aside, ...] = ()
    header: int = 1
    shapes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RawRows:
    """Rows of one file or of several.

    Attributes
    ----------
    sql : the rows in our columns.
    holds : those of our columns that they have.
    date : the files' own name of the column of dates.
    file : the place among the files of the one that they are from; None: their column ``file`` says it.
    text : how it is written, where it is text.
    """

    sql: str
    holds: frozenset[str]
    date: str
    file: int | None
    text: Text | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How rows are taken: ``--codes``, ``--mirrored``, ``--weight``, ``--drop``, ``--keep``, and the days of
    ``--missing``. ``aside``: malformed rows are put aside, where else they are an error."""

    codes: str = "names"
    mirrored: str = "auto"
    weight: str | None = None
    missing: tuple[date, ...] = ()
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    aside: bool = False


def apply(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[RawFile],
    tables: Sequence[RawRows],
    fmt: Format,
    options: Options,
    mentions: str | None = None,
) -> Audit:
    """Make the view ``clean`` (stored columns, in the order of time) of the files and say what happened. Its actors are
    an ENUM, which Parquet takes for text: quicker to sort and to write. ``mentions``: SQL of rows of mentions.

    Raises BadValue, EmptyData, CorruptFile.
    """
    holds = frozenset().union(*(table.holds for table in tables))
    on = _applied(fmt, holds, options.drop, options.keep)
    said, files = _raw(con, files, tables, fmt, options.aside)
    said += _dated(con, files, tables, on)
    said += _weighed(con, tables, options.weight, mentions)
    wrong = _wrong(con, files, fmt, options.aside)
    speaks = tuple(on["other_sector"].split("+")) if on.get("other_sector") else fmt.speaks
    resolved = _labelled(con, fmt, options.codes, speaks)
    said += resolved.notes()
    _passed(con, fmt, holds, on, wrong, speaks)
    few = con.execute(f"SELECT count(*) <= {FEW} FROM raw").fetchall() == [(True,)]
    if few or any(table.file is None for table in tables):
        _read_once(con, few)
    _repeated(con, fmt, on)
    _halve(con, fmt.directed and options.mirrored == MIRRORED.default)
    aside = _aside(con, files, wrong)
    audit = _audit(con, files, fmt, on, options.missing, said, resolved, aside, mentions)
    con.execute(f"CREATE OR REPLACE TEMP VIEW clean AS {_stored(con, files, fmt, holds)}")
    return audit


def _raw(
    con: duckdb.DuckDBPyConnection, files: Sequence[RawFile], tables: Sequence[RawRows], fmt: Format, aside: bool
) -> tuple[list[str], list[RawFile]]:
    """The view ``raw``: rows of all files, with what has one type in every file parsed; what is to be noted, and the
    files with what was put aside of them."""
    said: list[str] = []
    quarantined: dict[int, Mended] = {}
    parts: list[Path] = []
    where_they_are: list[str] = []
    for table in tables:
        name = files[table.file].name if table.file is not None else "The data"
        with reading(name):
            typed = _typed(con, table, fmt)
            if table.file is None or (len(tables) == 1 and table.text is None):
                where_they_are.append(f"({typed})")
                continue
            part = spool(con, ".parquet")
            try:
                con.execute(f"COPY ({typed}) TO {new_file_literal(part)} (FORMAT parquet, COMPRESSION snappy)")
            except duckdb.Error as error:
                found = fault(error, name, table.text) if table.text else None
                if not (aside and table.text and found):
                    raise found or error from None
                quarantined[table.file or 0] = mended = mend(con, table.text, fmt.quoting, name, found)
                sound = replace(
                    table, sql=table.sql.replace(table.text.sql(fmt.quoting, fmt.null), mended.sql(fmt.null))
                )
                con.execute(f"COPY ({_typed(con, sound, fmt)}) TO {new_file_literal(part)} (FORMAT parquet)")
                parts.append(part)
                continue
        parts.append(part)
        said += text_notes(con, table.text, name, fmt.quoting, fmt.null)
    where_they_are += [f"(SELECT * FROM {parquet_sql(parts)})"] if parts else []
    con.execute(f"CREATE OR REPLACE TEMP VIEW raw AS {' UNION ALL '.join(where_they_are)}")
    after = list(files)
    for n, parted in quarantined.items():
        rows_aside = tuple(Aside(files[n].name, files[n].sha256, *one) for one in parted.aside)
        after[n] = replace(files[n], malformed=parted.malformed, aside=rows_aside)
    return said, after


def _typed(con: duckdb.DuckDBPyConnection, file: RawRows, fmt: Format) -> str:
    """One table: numbers parsed, dates where they are dates; the text of what is not is kept, for dates and errors."""
    dtype = {d[0]: d[1] for d in con.execute(f"DESCRIBE SELECT * FROM {file.sql}").fetchall()}
    dated = dtype["date"].startswith(("DATE", "TIMESTAMP"))
    moment = "CASE WHEN year(date) BETWEEN 1 AND 9999 THEN CAST(date AS TIMESTAMP) END" if dated else "NULL::TIMESTAMP"

    def text(name: str) -> str:
        return f"CAST({name} AS VARCHAR)" if name in file.holds else "NULL::VARCHAR"

    def filled(name: str) -> str:
        return f"nullif(trim({text(name)}), '')"

    number_of_quad = f"TRY_CAST({text('quad')} AS DOUBLE)"
    quad = f"TRY_CAST(CASE WHEN {number_of_quad} = floor({number_of_quad}) THEN {number_of_quad} END AS TINYINT)"
    if dtype.get("quad") in _INTEGERS:
        quad = "TRY_CAST(quad AS TINYINT)"
    weight = f"TRY_CAST({'trim(weight)' if dtype['weight'] == 'VARCHAR' else 'weight'} AS DOUBLE)"
    number = "file" if file.file is None else f"{file.file}::INTEGER"
    written = "CAST(date AS VARCHAR)"
    if fmt.name == "keds":  # yymmdd
        short = "regexp_full_match(trim(date::VARCHAR), '\\d{6}')"
        written = (
            f"CASE WHEN {short} THEN if(date::VARCHAR < '4', '20', '19') || trim(date::VARCHAR) ELSE {written} END"
        )
    zoned = dtype.get("recorded", "").startswith(("DATE", "TIMESTAMP"))
    recorded = "TRY_CAST(recorded AS TIMESTAMP)" if zoned else _moment_of(text("recorded"))
    return f"""
        SELECT {number} AS file, {ROW}, {moment} AS moment,
               CASE WHEN {moment} IS NULL THEN {written} END AS date_text,
               {text("source")} AS source, {text("target")} AS target,
               {quad} AS quad, CASE WHEN {quad} IS NULL THEN {filled("quad")} END AS quad_text,
               {filled("type")} AS type, {"ontology" if "ontology" in dtype else "NULL::VARCHAR"} AS ontology,
               {weight} AS number,
               CASE WHEN {weight} IS NULL OR isnan({weight}) THEN {filled("weight")} END AS number_text,
               {"weight" in file.holds} AS weight_given,
               {filled("origin")} AS origin, {text("url")} AS url, {text("sentence")} AS sentence,
               CASE WHEN isfinite({recorded}) AND year({recorded}) BETWEEN 1 AND 9999 THEN {recorded} END AS recorded,
               {", ".join(f"{text(name)} AS {name}" for name in _FOR_RULES)}
        FROM {file.sql}
    """


def _moment_of(text: str) -> str:
    """SQL of the time that 20220224, 20220224134500 or an ISO date says; NULL where it says none."""
    return f"""CASE WHEN {text} IS NULL THEN NULL
        WHEN regexp_full_match({text}, '\\d{{14}}') THEN TRY_STRPTIME({text}, '%Y%m%d%H%M%S')
        WHEN regexp_full_match({text}, '\\d{{8}}') THEN TRY_STRPTIME({text}, '%Y%m%d')
        ELSE TRY_CAST(TRY_CAST({text} AS TIMESTAMPTZ) AS TIMESTAMP) END::TIMESTAMP"""


_FOR_RULES = ("root", "place", "source_place", "target_place", "source_sector", "target_sector")
"""Columns that rules alone look at."""


_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_MISSING = f"IN ({', '.join(literal(word) for word in sorted(NULLS))})"


def _dated(
    con: duckdb.DuckDBPyConnection, files: Sequence[RawFile], tables: Sequence[RawRows], on: Mapping[str, str]
) -> list[str]:
    """The view ``dated``: ``raw`` with every date read; and what was decided about them. ``mended`` names the rule that
    changed a date."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE date_texts AS "
        "SELECT DISTINCT date_text AS text FROM raw WHERE date_text IS NOT NULL"
    )

    def place_of(text: str) -> str:
        sql = f"SELECT file, {ROW} AS n FROM raw WHERE date_text = ? ORDER BY file, n LIMIT 1"
        first = rows(con, sql, [text])[0]
        return f"{files[first['file']].name}, row {first['n']}"

    decided = read_dates(con, place_of)
    read = "SELECT *, moment AS date FROM raw"
    if con.execute("SELECT count(*) FROM date_texts").fetchall() != [(0,)]:
        read = """SELECT raw.*, coalesce(raw.moment, dates.moment) AS date
                  FROM raw LEFT JOIN dates ON raw.date_text = dates.text"""
    (rule,) = MENDED
    mended = f"coalesce({rule.sql}, false)" if rule.name in on else "false"
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW dated AS SELECT * REPLACE (if({mended}, date + INTERVAL 100 YEAR, date) "
        f"AS date), "
        f"{mended} AS mended FROM ({read})"
    )
    columns = ", ".join(dict.fromkeys(table.date for table in tables))
    if decided == ["years"]:
        return [
            f"The column {columns} holds years: each is dated 1 January, so slices and periods shorter than a year "
            "mean nothing (--slice 1y --period 1y)."
        ]
    for table in tables:
        if table.date.lower() == "year":
            where = files[table.file].name if table.file is not None else "The data"
            raise BadValue(
                f"{where}: the column {table.date} holds more than years from 1800 to 2100.",
                "Name the column of dates: --map date=THEIRS.",
            )
    return [f"The column {columns} is {text}." for text in decided]


def _weighed(
    con: duckdb.DuckDBPyConnection, tables: Sequence[RawRows], weight: str | None, mentions: str | None
) -> list[str]:
    """The view ``weighed``: ``dated`` with the weight of every row, decimal commas read where the column has them."""
    found = rows(
        con,
        """
        SELECT count(*) FILTER (number_text LIKE '%,%') AS commas,
               count(*) FILTER (regexp_full_match(number_text, '[+-]?[1-9]\\d{0,2}(,\\d{3})+'))
                   AS thousands,
               count(*) FILTER (regexp_full_match(number_text, '[+-]?\\d*,\\d+')) AS decimals,
               count(*) FILTER (number <> floor(number)) AS points FROM dated
        """,
    )[0]
    number, said = "number", []
    if found["commas"] and found["commas"] == found["decimals"] > found["thousands"] and not found["points"]:
        number = "coalesce(number, TRY_CAST(replace(number_text, ',', '.') AS DOUBLE))"
        said = [f"The weights have decimal commas: 1,5 is read as 1.5 ({found['commas']:,} of them)."]
    rows_of = "dated"
    if mentions and weight in RELIABILITY:
        counted = "count(*)" if weight == "mentions" else "count(DISTINCT source)"
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE mentioned AS SELECT origin, {counted}::DOUBLE AS n FROM {mentions} "
            f"GROUP BY 1"
        )
        rows_of = """(SELECT dated.* REPLACE (coalesce(mentioned.n, dated.number) AS number)
                      FROM dated LEFT JOIN mentioned USING (origin))"""
    size = number
    if weight:
        known = f"NOT isnan({number})" + (f" AND {number} >= 0" if weight in RELIABILITY else "")
        size = f"CASE WHEN {known} THEN abs({number}) END"
    elif all("weight" not in table.holds for table in tables):
        size = "1.0::DOUBLE"
    elif not all("weight" in table.holds for table in tables):
        size = f"CASE WHEN weight_given THEN {number} ELSE 1.0 END"
    given = "false" if weight else "weight_given"
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW weighed AS "
        f"SELECT * REPLACE ({given} AS weight_given), {size} AS weight FROM {rows_of}"
    )
    return said


def _wrong(con: duckdb.DuckDBPyConnection, files: Sequence[RawFile], fmt: Format, aside: bool) -> str:
    """SQL of what is wrong with a row that no rule can use, NULL where nothing is; empty where no row is so.

    Raises BadValue at the first one, unless they are put ``aside`` and are no more than half of their file.
    """
    weight = "(weight_given AND (weight IS NULL OR isnan(weight))) OR isinf(weight)"
    number = "coalesce(number_text, CAST(number AS VARCHAR))"
    checks = [
        ("date IS NULL", "date_text", "is not a date",
         "Write ISO dates (2022-02-24), 24.02.2022, UTC times, whole days or years."),
        (weight, number, "is not a weight",
         "Drop such rows, or leave the weight out (then every event is 1). Numbers have a decimal point."),
    ]  # fmt: skip
    if fmt.directed:
        checks += [
            ("weight < 0", number, "is a negative weight: a sign comes from quad, never from a weight",
             "For Goldstein values use --weight goldstein, which takes their size; else give sizes."),
            (f"(quad_text IS NOT NULL AND lower(quad_text) NOT {_MISSING}) OR quad NOT BETWEEN 1 AND 4",
             "coalesce(quad_text, CAST(quad AS VARCHAR))",
             "is not a quad class", "1 verbal, 2 material cooperation; 3 verbal, 4 material conflict."),
        ]  # fmt: skip
    counted = ", ".join(f"count(*) FILTER ({wrong})" for wrong, *_ in checks)
    (counts,) = con.execute(f"SELECT {counted} FROM weighed").fetchall()
    if not any(counts):
        return ""
    cases = " ".join(
        f"WHEN {wrong} THEN coalesce(chr(39) || left({value}, {SHOWN_TEXT}) || chr(39), 'nothing') || ' {what}'"
        for wrong, value, what, _ in checks
    )
    sql = f"CASE {cases} END"
    most = rows(con, f"SELECT file FROM weighed GROUP BY file HAVING 2 * count({sql}) > count(*) LIMIT 1")
    if aside and not most:
        return sql
    for count, (wrong, value, what, hint) in zip(counts, checks, strict=True):
        if count:
            first = rows(
                con, f"SELECT file, {ROW} AS n, {value} AS v FROM weighed WHERE {wrong} ORDER BY 1, 2 LIMIT 1"
            )[0]
            shown = "nothing" if first["v"] is None else f"'{first['v'][:SHOWN_TEXT]}'"
            raise BadValue(
                f"{files[first['file']].name}, row {first['n']}: {shown} {what} ({count} such row(s)).", hint
            )
    return sql


SHOWN_TEXT = 60
"""Characters of a wrong value that an error quotes."""


def _labelled(con: duckdb.DuckDBPyConnection, fmt: Format, codes: str, speaks: tuple[str, ...]) -> Resolved:
    """The table ``actors``: which code every label means, from when until when."""
    found = con.execute(
        """
        SELECT label, min(a)::DATE, max(b)::DATE FROM (
            SELECT source AS label, min(date) AS a, max(date) AS b FROM weighed GROUP BY 1
            UNION ALL SELECT target, min(date), max(date) FROM weighed GROUP BY 1)
        WHERE label IS NOT NULL GROUP BY 1 ORDER BY 1
        """
    ).fetchall()
    known = [Label(text, first or date.min, last or date.max) for text, first, last in found]
    resolved = resolve_labels(known, codes, countries=fmt.countries, system=fmt.system, speaks=speaks)
    pieces = resolved.pieces
    after = [*pieces[1:], None][: len(pieces)]
    until = [b.since if b and b.text == a.text else None for a, b in zip(pieces, after, strict=True)]
    table = pa.table(
        {
            "label": pa.array([p.text for p in pieces], pa.string()),
            "since": pa.array([p.since for p in pieces], pa.date32()),
            "until": pa.array(until, pa.date32()),
            "code": pa.array([p.code for p in pieces], pa.string()),
            "speaks": pa.array([p.speaks for p in pieces], pa.bool_()),
        }
    )
    con.register("resolved", table)
    codes_there = pa.table({"code": pa.array(sorted({p.code for p in pieces if p.code is not None}) or [""])})
    con.register("codes_there", codes_there)
    con.execute("CREATE TYPE actor AS ENUM (SELECT code FROM codes_there)")
    con.execute("CREATE TEMP TABLE actors AS SELECT label, since, until, code::actor AS code, speaks FROM resolved")
    return resolved


def _passed(
    con: duckdb.DuckDBPyConnection,
    fmt: Format,
    holds: frozenset[str],
    on: Mapping[str, str],
    wrong: str,
    speaks: tuple[str, ...],
) -> None:
    """The view ``passed0``: rows with codes of actors, quad class, mirror type, and the rule that drops them, of those
    that need no other row to tell."""
    dated = con.execute("SELECT count(*) FROM actors WHERE until IS NOT NULL").fetchall() != [(0,)]

    def meant(end: str) -> str:
        on_label = f"weighed.{end} = {end}s.label"
        if dated:  # a name that passed from one actor to another
            on_label += f" AND (weighed.date >= {end}s.since) AND (weighed.date < {end}s.until OR {end}s.until IS NULL)"
        return f"LEFT JOIN actors {end}s ON {on_label}"

    def speaking(end: str) -> str:
        said = f"coalesce({end}s.speaks, true)"
        if f"{end}_sector" in holds:
            sectors = f"string_split_regex({end}_sector, '\\s*[,;]\\s*')"
            said += f" AND ({end}_sector IS NULL OR list_has_any({sectors}, [{', '.join(map(literal, speaks))}]))"
        return said

    types, quad, mirror, word, plover = "", "weighed.quad", "NULL::VARCHAR", "NULL::VARCHAR", "NULL::VARCHAR"
    if "type" in holds:
        _types(con, fmt)
        types = "LEFT JOIN types ON weighed.type = types.type AND weighed.ontology IS NOT DISTINCT FROM types.ontology"
        quad, mirror, word = "coalesce(weighed.quad, types.quad)", "types.mirror", "types.word"
        plover = "types.plover"
    first = _doubled(con, fmt, on)
    cases = [f"WHEN {wrong} IS NOT NULL THEN {literal(MALFORMED)}"] if wrong else []
    cases += [f"WHEN doubled.n IS NOT NULL THEN {literal('duplicate_id')}"] if first else []
    cases += [
        f"WHEN {rule.sql.format(value=on.get(rule.name, ''))} THEN {literal(rule.name)}"
        for rule in RULES
        if rule.sql
        and (fmt.directed or not rule.directed)
        and (not rule.choice or rule.name in on)
        and (fmt.system or rule.name != "domestic")  # elsewhere two labels of one actor are two names of his
    ]
    con.execute(
        f"""
        CREATE OR REPLACE TEMP VIEW passed0 AS
        SELECT inner_rows.*, CASE {" ".join(cases)} END AS rule
        FROM (SELECT file, {ROW}, date, sources.code AS source, targets.code AS target,
                     weighed.source AS source_label, weighed.target AS target_label,
                     {speaking("source")} AS source_speaks, {speaking("target")} AS target_speaks,
                     {quad} AS quad, {mirror} AS mirror, {word} AS type, {plover} AS plover,
                     weighed.* EXCLUDE (file, {ROW}, date, source, target, quad, type)
              FROM weighed {meant("source")} {meant("target")} {types}) inner_rows
        {f"LEFT JOIN doubled ON inner_rows.file = doubled.file AND inner_rows.{ROW} = doubled.n" if first else ""}
        """
    )


FEW = 100_000
"""Rows that are kept in memory while the rules look at them."""


def _read_once(con: duckdb.DuckDBPyConnection, few: bool) -> None:
    """Read the rows of ``passed0`` once and keep them, where reading takes the time: text, most of which no rule keeps,
    on disk; and few rows, of which to plan is more than to read, in memory."""
    done = "moment, date_text, quad_text, ontology, number, number_text, weight_given, root, source_speaks, "
    done += "target_speaks, source_sector, target_sector"
    once = f"SELECT * EXCLUDE ({done}) FROM passed0"
    if few:
        con.execute(f"CREATE OR REPLACE TEMP TABLE passed_rows AS {once}")
        con.execute("CREATE OR REPLACE TEMP VIEW passed0 AS FROM passed_rows")
        return
    part = spool(con, ".parquet")
    con.execute(f"COPY ({once}) TO {new_file_literal(part)} (FORMAT parquet, COMPRESSION snappy)")
    actors = "source::actor AS source, target::actor AS target"  # Parquet keeps them as text
    con.execute(f"CREATE OR REPLACE TEMP VIEW passed0 AS SELECT * REPLACE ({actors}) FROM {parquet_sql([part])}")


MALFORMED = "malformed"


def _doubled(con: duckdb.DuckDBPyConnection, fmt: Format, on: Mapping[str, str]) -> bool:
    """The table ``doubled``: rows that an earlier row of the import already gave; whether there are any.

    Rows are compared only where their hash occurs twice, so that memory holds hashes, not rows."""
    if "duplicate_id" not in on or not fmt.same:
        return False
    key = f"hash({', '.join(fmt.same)})"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE doubled AS
        WITH twice AS (SELECT {key} AS k FROM weighed WHERE origin IS NOT NULL GROUP BY 1 HAVING count(*) > 1)
        SELECT file, n FROM (
            SELECT file, {ROW} AS n, row_number() OVER (PARTITION BY {", ".join(fmt.same)} ORDER BY file, {ROW}) AS nth
            FROM weighed WHERE origin IS NOT NULL AND {key} IN (SELECT k FROM twice)) WHERE nth > 1
        """
    )
    return con.execute("SELECT count(*) FROM doubled").fetchall() != [(0,)]


def _repeated(con: duckdb.DuckDBPyConnection, fmt: Format, on: Mapping[str, str]) -> None:
    """The view ``ruled``: ``passed0`` after the rules that take several rows to tell, one after the other."""
    rules = []
    if "re_emitted" in on and fmt.signature:
        key = ", ".join(f"{c}_label" if c in ("source", "target") else c for c in fmt.signature)
        after = f"recorded - lag(recorded) OVER (PARTITION BY hash({key}), date ORDER BY recorded, file, {ROW})"
        rules.append(("re_emitted", after, f"<= INTERVAL {int(on['re_emitted'])} HOUR"))
    if "same_day" in on:
        nth = f"row_number() OVER (PARTITION BY date::DATE, source, target, type, quad ORDER BY date, file, {ROW})"
        rules.append(("same_day", nth, "> 1"))
    for k, (name, value, condition) in enumerate(rules):
        passed = f"SELECT file, {ROW} AS n, {value} AS v FROM passed{k} WHERE rule IS NULL"
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE repeated{k} AS SELECT file, n FROM ({passed}) rows_in_order WHERE v "
            f"{condition}"
        )
        again = f"LEFT JOIN repeated{k} again ON p.file = again.file AND p.{ROW} = again.n"
        rule = f"p.* REPLACE (if(again.n IS NULL, p.rule, {literal(name)}) AS rule)"
        if con.execute(f"SELECT count(*) FROM repeated{k}").fetchall() == [(0,)]:
            again, rule = "", "p.*"
        con.execute(f"CREATE OR REPLACE TEMP VIEW passed{k + 1} AS SELECT {rule} FROM passed{k} p {again}")
    con.execute(f"CREATE OR REPLACE TEMP VIEW ruled AS SELECT * FROM passed{len(rules)}")


def _applied(fmt: Format, holds: frozenset[str], drop: Sequence[str], keep: Sequence[str]) -> dict[str, str]:
    """The chosen rules that apply to these files, with their values. Raises UsageError where one is asked for that the
    files cannot tell."""
    recorded, typed = "recorded" in holds, fmt.directed and "type" in holds
    told = {
        "duplicate_id": bool(fmt.same) and "origin" in holds, "no_code": typed,
        "other_sector": fmt.system in SYSTEMS or "source_sector" in holds, "not_root": "root" in holds,
        "far_date": recorded, "re_emitted": recorded and fmt.step == "15min", "same_day": fmt.directed,
        "date_1920": recorded,
    }  # fmt: skip
    for word in drop:
        name = word.partition("=")[0]
        if not told.get(name, True):
            raise UsageError(
                f"The rule {name} cannot be told from these files (format {fmt.name}).",
                f"Leave --drop {name} out. It takes {CHOICES[name].says}.",
            )
    return {name: value for name, value in rules_on(fmt.drops, drop, keep).items() if told[name]}


def _types(con: duckdb.DuckDBPyConnection, fmt: Format) -> None:
    """The table ``types``: quad class and mirror of every type that occurs, and the type itself, null where missing."""
    found = rows(con, "SELECT DISTINCT type, ontology FROM weighed WHERE type IS NOT NULL ORDER BY ALL")
    titles = cameo_titles() if fmt.name == "icews" else {}
    there = [(r["type"], r["ontology"], r["type"].lower() in NULLS) for r in found]
    words = [(titles.get(t.lower(), t), o, gone or not fmt.directed) for t, o, gone in there]
    read = [(None, None, None) if gone else (quad_of(t, o), mirror_of(t, o), plover_of(t, o)) for t, o, gone in words]
    table = pa.table(
        {
            "type": pa.array([t for t, _, _ in there], pa.string()),
            "ontology": pa.array([o for _, o, _ in there], pa.string()),
            "word": pa.array(
                [None if gone else t for (t, _, _), (_, _, gone) in zip(words, there, strict=True)], pa.string()
            ),
            "quad": pa.array([quad for quad, _, _ in read], pa.int8()),
            "mirror": pa.array([mirror for _, mirror, _ in read], pa.string()),
            "plover": pa.array([word for _, _, word in read], pa.string()),
        }
    )
    con.register("types_there", table)
    con.execute("CREATE OR REPLACE TEMP TABLE types AS SELECT * FROM types_there")


def _halve(con: duckdb.DuckDBPyConnection, mirrored: bool) -> None:
    """The table ``halved``: rows that have their mirror on the same day; ``second`` marks the later of the two."""
    pairs = "SELECT NULL::INTEGER AS file, NULL::BIGINT AS n, false AS second WHERE false"
    if mirrored:
        pairs = f"""
            WITH mutual AS (
                SELECT file, {ROW} AS n, date_trunc('day', date) AS day, source, target, upper(type) AS type, mirror,
                       row_number() OVER (PARTITION BY day, source, target, upper(type) ORDER BY file, {ROW}) AS nth
                FROM ruled WHERE rule IS NULL AND mirror IS NOT NULL)
            SELECT a.file AS file, a.n AS n, (a.file, a.n) > (b.file, b.n) AS second
            FROM mutual a JOIN mutual b
              ON a.day = b.day AND a.source = b.target AND a.target = b.source
             AND a.type = b.mirror AND a.nth = b.nth
        """
    con.execute(f"CREATE OR REPLACE TEMP TABLE halved AS {pairs}")


def _stored(con: duckdb.DuckDBPyConnection, files: Sequence[RawFile], fmt: Format, holds: frozenset[str]) -> str:
    """Kept rows in the stored columns, in the order of time. What is the same in all rows is not sorted with them, and
    the keys are as short as the rows allow."""
    if fmt.directed:
        ends, sign, quad = "source, target", "CASE WHEN quad <= 2 THEN 1 ELSE -1 END", "quad"
    else:
        ends = "CASE WHEN source < target THEN source ELSE target END AS source, "
        ends += "CASE WHEN source < target THEN target ELSE source END AS target"
        sign, quad = "CASE WHEN signed > 0 THEN 1 ELSE -1 END", "NULL"
    ((whole, last),) = con.execute("SELECT bool_and(whole), max(last) FROM tally WHERE rule IS NULL").fetchall()
    day, counter = "DATE" if whole else "TIMESTAMP", "UINTEGER" if last < 2**32 else "BIGINT"
    share, halved = "", ""
    if con.execute("SELECT count(*) FROM halved").fetchall() != [(0,)]:
        share = "CASE WHEN h.n IS NULL THEN 1.0 ELSE 0.5 END AS share, "
        halved = f"LEFT JOIN halved h ON ruled.file = h.file AND ruled.{ROW} = h.n"
    names = f"[{', '.join(literal(file.name) for file in files)}]" if len(files) > 1 else ""
    given = [c for c in ("origin", "url", "sentence", "type", "recorded") if c in holds]
    carried = [*(["file"] if names else []), *given, *(["plover"] if "type" in holds else [])]
    place = f"{names}[file + 1]" if names else literal(files[0].name)
    number = f"{place} || '#' || n_row"

    def column(name: str, dtype: str = "VARCHAR") -> str:
        return name if name in carried else f"NULL::{dtype} AS {name}"

    origin = f"coalesce(origin, {number})" if "origin" in holds else number
    return f"""
        SELECT date::TIMESTAMP AS date, source, target, CAST({sign} AS TINYINT) AS sign,
               CAST({quad} AS TINYINT) AS quad, {"share" if share else 1.0}::DOUBLE AS count,
               (abs(signed){" * share" if share else ""})::DOUBLE AS weight,
               {column("type")}, {origin} AS origin, {column("url")}, {column("sentence")},
               {column("recorded", "TIMESTAMP")}, {column("plover")}
        FROM (SELECT date::{day} AS date, {ends}, quad, weight AS signed, {share}
                     {"".join(f"ruled.{c}, " for c in carried)} ruled.{ROW}::{counter} AS n_row
              FROM ruled {halved} WHERE rule IS NULL ORDER BY 1, 2, 3, {"ruled.file, " if names else ""}n_row)
    """


def _aside(con: duckdb.DuckDBPyConnection, files: Sequence[RawFile], wrong: str) -> tuple[Aside, ...]:
    """Rows that are put aside: malformed lines, and rows with a value that no rule can use."""
    found = [one for file in files for one in file.aside]
    if wrong:
        ours = "date_text, source, target, type, quad_text, number_text, origin"
        for r in rows(
            con,
            f"SELECT file, {ROW} AS n, {wrong} AS why, {ours} FROM weighed WHERE ({wrong}) IS NOT NULL "
            f"ORDER BY file, n LIMIT {KEPT_ASIDE}",
        ):
            file, n, why = files[r.pop("file")], r.pop("n"), r.pop("why")
            values = {key: value for key, value in r.items() if value is not None}
            found.append(Aside(file.name, file.sha256, n + file.header, why, json.dumps(values, ensure_ascii=False)))
    return tuple(found)


KEPT_ASIDE = 100_000
"""Rows of wrong values that the quarantine keeps."""


def _audit(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[RawFile],
    fmt: Format,
    on: Mapping[str, str],
    missing: Sequence[date],
    said: list[str],
    resolved: Resolved,
    aside: tuple[Aside, ...],
    mentions: str | None,
) -> Audit:
    con.execute(
        "CREATE OR REPLACE TEMP TABLE tally AS "
        "SELECT file, rule, CASE WHEN rule IS NULL THEN date::DATE END AS day, count(*) AS n, "
        "count(*) FILTER (mended AND rule IS NULL) AS mended, "
        f"bool_and(date = date::DATE) AS whole, max({ROW}) AS last FROM ruled GROUP BY ALL"
    )
    entries = _file_audits(con, files, mentions)
    span = rows(
        con,
        "SELECT min(day) AS a, max(day) AS b, count(DISTINCT day) AS d, sum(n)::BIGINT AS n, "
        "sum(mended)::BIGINT AS mended FROM tally WHERE day IS NOT NULL",
    )[0]
    if not span["n"]:
        counted = ", ".join(f"{rule} {n}" for rule, n in dropped_of(entries).items()) or "no rows"
        where = files[0].name if len(files) == 1 else f"{len(files)} files"
        raise EmptyData(f"Nothing is left of {where} ({counted}).", "Check the columns; rename them with --map.")
    calendar = covered(con, fmt.step)
    listed = sorted({*missing, *calendar.unobserved})
    days = {r["day"] for r in rows(con, "SELECT DISTINCT day FROM tally WHERE day IS NOT NULL")} if listed else set()
    if observed := sorted(days & set(missing)):
        said = [*said, missing_note(observed)]
    return Audit(
        files=tuple(entries),
        first_day=str(span["a"]),
        last_day=str(span["b"]),
        days=int(span["d"]),
        missing=tuple(d.isoformat() for d in listed if d not in days or d in calendar.unobserved),
        directed=fmt.directed,
        rows=int(span["n"]),
        snapshot=None,
        warnings=(*said, *calendar.notes(), *([] if fmt.directed else _both_ways(con))),
        labels=resolved,
        rules=as_dict(on),
        mended={MENDED[0].name: int(span["mended"])} if span["mended"] else {},
        unknown=_unknown(con, fmt, dropped_of(entries)),
        calendar=calendar,
        aside=aside,
    )


def _file_audits(con: duckdb.DuckDBPyConnection, files: Sequence[RawFile], mentions: str | None) -> list[FileAudit]:
    """What was read, kept and dropped of each file."""
    by_rule = rows(con, "SELECT file, rule, sum(n)::BIGINT AS n FROM tally GROUP BY ALL ORDER BY ALL")
    halved = {r["file"]: r["n"] for r in rows(con, "SELECT file, count(*) AS n FROM halved WHERE second GROUP BY file")}
    by_file: dict[int, dict[str | None, int]] = {n: {} for n in range(len(files))}
    for r in by_rule:
        by_file[r["file"]][r["rule"]] = r["n"]
    if mentions:
        joined = "SELECT DISTINCT origin FROM ruled WHERE rule IS NULL AND origin IS NOT NULL"
        for r in rows(
            con,
            f"SELECT file, if(kept.origin IS NULL, 'no_event', NULL) AS rule, count(*) AS n "
            f"FROM {mentions} m LEFT JOIN ({joined}) kept ON m.origin = kept.origin GROUP BY ALL",
        ):
            by_file[r["file"]][r["rule"]] = r["n"]
    entries: list[FileAudit] = []
    for n, file in enumerate(files):
        counts: dict[Any, int] = by_file[n]
        passed = counts.pop(None, 0)
        aside = counts.pop(MALFORMED, 0) + file.malformed
        if n in halved:
            counts[MIRRORED.name] = int(halved[n])
        entries.append(
            FileAudit(
                name=file.name,
                format=file.format,
                read=passed + aside + sum(c for rule, c in counts.items() if rule != MIRRORED.name),
                kept=passed - counts.get(MIRRORED.name, 0),
                dropped={rule: counts[rule] for rule in DROPPED if rule in counts},
                sha256=file.sha256,
                quarantined=aside,
                shapes=file.shapes,
            )
        )
    return entries


MOST_UNKNOWN = 20


def _unknown(con: duckdb.DuckDBPyConnection, fmt: Format, dropped: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Codes that no table knows, the most frequent first: types, and actors whose rows are dropped for it."""
    asked = {"types": ("unknown_type", "SELECT type AS code FROM ruled WHERE rule = 'unknown_type'")}
    if fmt.countries or fmt.system:
        ends = " UNION ALL ".join(
            f"SELECT {end}_label AS code FROM ruled WHERE rule = 'null_actor' AND {end} IS NULL"
            for end in ("source", "target")
        )
        asked["actors"] = "null_actor", ends
    found: dict[str, dict[str, int]] = {}
    for kind, (rule, sql) in asked.items():
        most = f"WHERE code IS NOT NULL GROUP BY 1 ORDER BY n DESC, code LIMIT {MOST_UNKNOWN}"
        some = rows(con, f"SELECT code, count(*) AS n FROM ({sql}) {most}") if rule in dropped else []
        found[kind] = {str(r["code"]): int(r["n"]) for r in some}
    return found


def missing_note(observed: Sequence[date]) -> str:
    """The note on days listed as missing that have rows."""
    days = "1 day" if len(observed) == 1 else f"{len(observed):,} days"
    have = "has" if len(observed) == 1 else "have"
    return f"{days} listed as missing, the first {observed[0]}, {have} rows: taken as observed."


def _both_ways(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The note on undirected rows a, b and b, a of one day."""
    con.execute("CREATE OR REPLACE TEMP TABLE pairs AS SELECT DISTINCT source, target FROM ruled WHERE rule IS NULL")
    both = "SELECT a.source, a.target FROM pairs a JOIN pairs b ON a.source = b.target AND a.target = b.source"
    if con.execute(f"SELECT count(*) FROM ({both})").fetchall() == [(0,)]:
        return []
    ((n,),) = con.execute(
        f"""
        SELECT count(*) FROM (
            SELECT 1 FROM ruled SEMI JOIN ({both}) USING (source, target) WHERE rule IS NULL
            GROUP BY date::DATE, CASE WHEN source < target THEN source ELSE target END,
                     CASE WHEN source < target THEN target ELSE source END
            HAVING count(DISTINCT source) > 1)
        """
    ).fetchall()
    return [f"{n:,} pair-days are given both ways (a, b and b, a); they are added."] if n else []
