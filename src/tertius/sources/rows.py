"""From raw files to clean rows: dates, weights, labels and types are read, and every row passes the rules.

The rules are :data:`tertius.sources.rules.RULES`, in their order: of each row the first that applies is counted.

``NA``, ``NaN``, ``null``, ``none``, ``.`` and ``-`` (:data:`tertius.sources.labels.NULLS`) are missing values in
columns of actors, quad classes, types and weights. An impossible date, a negative weight, NaN or a quad class other
than 1 to 4 stop the import: no rule can decide what was meant.

A day listed in ``--missing`` on which a row is kept was observed: it leaves the list, with a note. Weights such as 1,5
are read where the whole column is written so, with a note. Rows a, b and b, a of one day of undirected data add up; the
note says on how many days pairs are given both ways.

How it is done: one file of Parquet stays where it is, all others become temporary Parquet files; then a few scans over
the rows, each of them a view, never a table of all. What is decided by value (dates, labels, types) is decided once for
each different value. Only kept rows are sorted, without the columns that no file has, on disk where they do not fit
into memory (:func:`tertius.events.engine.memory_limit`).

The share of rows with a mirror on the same day, by type, on ICEWS 2018: ``scripts/mirrored.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tertius.codes import mirror_of, quad_of
from tertius.errors import BadValue, EmptyData
from tertius.events.engine import literal, new_file_literal, parquet_sql, reading, rows, spool
from tertius.sources.audit import Audit, FileAudit, dropped_of
from tertius.sources.dates import read_dates
from tertius.sources.format import RELIABILITY, Format
from tertius.sources.labels import NULLS, Label, Resolved, resolve_labels
from tertius.sources.rules import DROPPED, MIRRORED, RULES
from tertius.sources.text import ROW, Text, fault, text_notes


@dataclass(frozen=True, slots=True)
class RawFile:
    """One file to import.

    Attributes
    ----------
    name, sha256 : of the file, and of its bytes.
    sql : its rows in our columns.
    holds : those of our columns that it has.
    date : its own name of the column of dates.
    text : how it is written, where it is text.
    """

    name: str
    sha256: str
    sql: str
    holds: frozenset[str]
    date: str
    text: Text | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How rows are taken: ``--codes``, ``--mirrored``, ``--weight``, and the days of ``--missing``."""

    codes: str = "names"
    mirrored: str = "auto"
    weight: str | None = None
    missing: tuple[date, ...] = ()


def apply(con: duckdb.DuckDBPyConnection, files: Sequence[RawFile], fmt: Format, options: Options) -> Audit:
    """Make the view ``clean`` (stored columns, in the order of time) of the files and say what happened. Its actors are
    an ENUM, which Parquet takes for text: quicker to sort and to write.

    Raises BadValue, EmptyData, CorruptFile.
    """
    holds = frozenset().union(*(file.holds for file in files))
    said = _raw(con, files, fmt)
    said += _dated(con, files)
    said += _weighed(con, files, options.weight)
    _check_values(con, files, fmt)
    resolved = _labelled(con, fmt, options.codes)
    said += resolved.notes()
    _ruled(con, fmt, holds)
    _halve(con, fmt.directed and options.mirrored == MIRRORED.default)
    audit = _audit(con, files, fmt, options.missing, said, resolved)
    con.execute(f"CREATE OR REPLACE TEMP VIEW clean AS {_stored(con, files, fmt, holds)}")
    return audit


def _raw(con: duckdb.DuckDBPyConnection, files: Sequence[RawFile], fmt: Format) -> list[str]:
    """The view ``raw``: rows of all files, with what has one type in every file parsed; and what is to be noted."""
    said: list[str] = []
    parts: list[Path] = []
    for n, file in enumerate(files):
        with reading(file.name):
            typed = _typed(con, n, file)
            if len(files) == 1 and file.text is None:
                con.execute(f"CREATE OR REPLACE TEMP VIEW raw AS {typed}")
                return said
            part = spool(con, ".parquet")
            try:
                con.execute(f"COPY ({typed}) TO {new_file_literal(part)} (FORMAT parquet, COMPRESSION snappy)")
            except duckdb.Error as error:
                raise (file.text and fault(error, file.name, file.text)) or error from None
        parts.append(part)
        said += text_notes(con, file.text, file.name, fmt.quoting, fmt.null)
    con.execute(f"CREATE OR REPLACE TEMP VIEW raw AS SELECT * FROM {parquet_sql(parts)}")
    return said


def _typed(con: duckdb.DuckDBPyConnection, number: int, file: RawFile) -> str:
    """One file: numbers parsed, dates where they are dates; the text of what is not is kept, for dates and errors."""
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
    return f"""
        SELECT {number}::INTEGER AS file, {ROW}, {moment} AS moment,
               CASE WHEN {moment} IS NULL THEN CAST(date AS VARCHAR) END AS date_text,
               {text("source")} AS source, {text("target")} AS target,
               {quad} AS quad, CASE WHEN {quad} IS NULL THEN {filled("quad")} END AS quad_text,
               {filled("type")} AS type, {"ontology" if "ontology" in dtype else "NULL::VARCHAR"} AS ontology,
               {weight} AS number,
               CASE WHEN {weight} IS NULL OR isnan({weight}) THEN {filled("weight")} END AS number_text,
               {"weight" in file.holds} AS weight_given,
               {filled("origin")} AS origin, {text("url")} AS url, {text("sentence")} AS sentence
        FROM {file.sql}
    """


_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_MISSING = f"IN ({', '.join(literal(word) for word in sorted(NULLS))})"


def _dated(con: duckdb.DuckDBPyConnection, files: Sequence[RawFile]) -> list[str]:
    """The view ``dated``: ``raw`` with every date read; and what was decided about them."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE date_texts AS "
        "SELECT DISTINCT date_text AS text FROM raw WHERE date_text IS NOT NULL"
    )

    def place_of(text: str) -> str:
        sql = f"SELECT file, {ROW} AS n FROM raw WHERE date_text = ? ORDER BY file, n LIMIT 1"
        first = rows(con, sql, [text])[0]
        return f"{files[first['file']].name}, row {first['n']}"

    decided = read_dates(con, place_of)
    con.execute(
        """
        CREATE OR REPLACE TEMP VIEW dated AS
        SELECT raw.*, coalesce(raw.moment, dates.moment) AS date
        FROM raw LEFT JOIN dates ON raw.date_text = dates.text
        """
        if con.execute("SELECT count(*) FROM date_texts").fetchall() != [(0,)]
        else "CREATE OR REPLACE TEMP VIEW dated AS SELECT *, moment AS date FROM raw"
    )
    columns = ", ".join(dict.fromkeys(file.date for file in files))
    if decided == ["years"]:
        return [
            f"The column {columns} holds years: each is dated 1 January, so slices and periods shorter than a year "
            "mean nothing (--slice 1y --period 1y)."
        ]
    for file in files:
        if file.date.lower() == "year":
            raise BadValue(
                f"{file.name}: the column {file.date} holds more than years from 1800 to 2100.",
                "Name the column of dates: --map date=THEIRS.",
            )
    return [f"The column {columns} is {text}." for text in decided]


def _weighed(con: duckdb.DuckDBPyConnection, files: Sequence[RawFile], weight: str | None) -> list[str]:
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
    size = number
    if weight:
        known = f"NOT isnan({number})" + (f" AND {number} >= 0" if weight in RELIABILITY else "")
        size = f"CASE WHEN {known} THEN abs({number}) END"
    elif all("weight" not in file.holds for file in files):
        size = "1.0::DOUBLE"
    elif not all("weight" in file.holds for file in files):
        size = f"CASE WHEN weight_given THEN {number} ELSE 1.0 END"
    given = "false" if weight else "weight_given"
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW weighed AS "
        f"SELECT * REPLACE ({given} AS weight_given), {size} AS weight FROM dated"
    )
    return said


def _check_values(con: duckdb.DuckDBPyConnection, files: Sequence[RawFile], fmt: Format) -> None:
    """Stop at the first value that no rule can use."""
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
    for count, (wrong, value, what, hint) in zip(counts, checks, strict=True):
        if count:
            first = rows(
                con, f"SELECT file, {ROW} AS n, {value} AS v FROM weighed WHERE {wrong} ORDER BY 1, 2 LIMIT 1"
            )[0]
            shown = "nothing" if first["v"] is None else f"'{first['v'][:SHOWN_TEXT]}'"
            raise BadValue(
                f"{files[first['file']].name}, row {first['n']}: {shown} {what} ({count} such row(s)).", hint
            )


SHOWN_TEXT = 60
"""Characters of a wrong value that an error quotes."""


def _labelled(con: duckdb.DuckDBPyConnection, fmt: Format, codes: str) -> Resolved:
    """The table ``actors``: which code every label means, from when until when."""
    found = con.execute(
        """
        SELECT label, min(a)::DATE, max(b)::DATE FROM (
            SELECT source AS label, min(date) AS a, max(date) AS b FROM weighed GROUP BY 1
            UNION ALL SELECT target, min(date), max(date) FROM weighed GROUP BY 1)
        WHERE label IS NOT NULL GROUP BY 1 ORDER BY 1
        """
    ).fetchall()
    resolved = resolve_labels([Label(*row) for row in found], codes, countries=fmt.countries)
    pieces = resolved.pieces
    after = [*pieces[1:], None][: len(pieces)]
    until = [b.since if b and b.text == a.text else None for a, b in zip(pieces, after, strict=True)]
    table = pa.table(
        {
            "label": pa.array([p.text for p in pieces], pa.string()),
            "since": pa.array([p.since for p in pieces], pa.date32()),
            "until": pa.array(until, pa.date32()),
            "code": pa.array([p.code for p in pieces], pa.string()),
        }
    )
    con.register("resolved", table)
    codes_there = pa.table({"code": pa.array(sorted({p.code for p in pieces if p.code is not None}) or [""])})
    con.register("codes_there", codes_there)
    con.execute("CREATE TYPE actor AS ENUM (SELECT code FROM codes_there)")
    con.execute("CREATE TEMP TABLE actors AS SELECT label, since, until, code::actor AS code FROM resolved")
    return resolved


def _ruled(con: duckdb.DuckDBPyConnection, fmt: Format, holds: frozenset[str]) -> None:
    """The view ``ruled``: rows with codes of actors, quad class, mirror type, and the rule that drops them."""
    dated = con.execute("SELECT count(*) FROM actors WHERE until IS NOT NULL").fetchall() != [(0,)]

    def meant(end: str) -> str:
        on = f"weighed.{end} = {end}s.label"
        if dated:  # a name that passed from one actor to another
            on += f" AND (weighed.date >= {end}s.since) AND (weighed.date < {end}s.until OR {end}s.until IS NULL)"
        return f"LEFT JOIN actors {end}s ON {on}"

    types, quad, mirror, word = "", "weighed.quad", "NULL::VARCHAR", "NULL::VARCHAR"
    if "type" in holds:
        _types(con, fmt)
        types = "LEFT JOIN types ON weighed.type = types.type AND weighed.ontology IS NOT DISTINCT FROM types.ontology"
        quad, mirror, word = "coalesce(weighed.quad, types.quad)", "types.mirror", "types.word"
    taken = " ".join(
        f"WHEN {rule.sql} THEN {literal(rule.name)}"
        for rule in RULES
        if rule.sql and (fmt.directed or not rule.directed)
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP VIEW ruled AS
        SELECT *, CASE {taken} END AS rule
        FROM (SELECT file, {ROW}, date, sources.code AS source, targets.code AS target, {quad} AS quad,
                     {mirror} AS mirror, {word} AS type, weight, origin, url, sentence
              FROM weighed {meant("source")} {meant("target")} {types})
        """
    )


def _types(con: duckdb.DuckDBPyConnection, fmt: Format) -> None:
    """The table ``types``: quad class and mirror of every type that occurs, and the type itself, null where missing."""
    found = rows(con, "SELECT DISTINCT type, ontology FROM weighed WHERE type IS NOT NULL ORDER BY ALL")
    there = [(r["type"], r["ontology"], r["type"].lower() in NULLS) for r in found]
    read = [(None, None) if gone or not fmt.directed else (quad_of(t, o), mirror_of(t, o)) for t, o, gone in there]
    table = pa.table(
        {
            "type": pa.array([t for t, _, _ in there], pa.string()),
            "ontology": pa.array([o for _, o, _ in there], pa.string()),
            "word": pa.array([None if gone else t for t, _, gone in there], pa.string()),
            "quad": pa.array([quad for quad, _ in read], pa.int8()),
            "mirror": pa.array([mirror for _, mirror in read], pa.string()),
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
    ((whole, last),) = con.execute(
        f"SELECT bool_and(date = date::DATE), max({ROW}) FROM ruled WHERE rule IS NULL"
    ).fetchall()
    day, counter = "DATE" if whole else "TIMESTAMP", "UINTEGER" if last < 2**32 else "BIGINT"
    share, halved = "", ""
    if con.execute("SELECT count(*) FROM halved").fetchall() != [(0,)]:
        share = "CASE WHEN h.n IS NULL THEN 1.0 ELSE 0.5 END AS share, "
        halved = f"LEFT JOIN halved h ON ruled.file = h.file AND ruled.{ROW} = h.n"
    names = f"[{', '.join(literal(file.name) for file in files)}]" if len(files) > 1 else ""
    carried = [*(["file"] if names else []), *(c for c in ("origin", "url", "sentence", "type") if c in holds)]
    place = f"{names}[file + 1]" if names else literal(files[0].name)
    number = f"{place} || '#' || n_row"

    def column(name: str) -> str:
        return name if name in holds else f"NULL::VARCHAR AS {name}"

    origin = f"coalesce(origin, {number})" if "origin" in holds else number
    return f"""
        SELECT date::TIMESTAMP AS date, source, target, CAST({sign} AS TINYINT) AS sign,
               CAST({quad} AS TINYINT) AS quad, {"share" if share else 1.0}::DOUBLE AS count,
               (abs(signed){" * share" if share else ""})::DOUBLE AS weight,
               {column("type")}, {origin} AS origin, {column("url")}, {column("sentence")}
        FROM (SELECT date::{day} AS date, {ends}, quad, weight AS signed, {share}
                     {"".join(f"ruled.{c}, " for c in carried)} ruled.{ROW}::{counter} AS n_row
              FROM ruled {halved} WHERE rule IS NULL ORDER BY 1, 2, 3, {"ruled.file, " if names else ""}n_row)
    """


def _audit(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[RawFile],
    fmt: Format,
    missing: Sequence[date],
    said: list[str],
    resolved: Resolved,
) -> Audit:
    con.execute(
        "CREATE OR REPLACE TEMP TABLE tally AS "
        "SELECT file, rule, CASE WHEN rule IS NULL THEN date::DATE END AS day, count(*) AS n FROM ruled GROUP BY ALL"
    )
    by_rule = rows(con, "SELECT file, rule, sum(n)::BIGINT AS n FROM tally GROUP BY ALL ORDER BY ALL")
    halved = {r["file"]: r["n"] for r in rows(con, "SELECT file, count(*) AS n FROM halved WHERE second GROUP BY file")}
    by_file: dict[int, dict[str | None, int]] = {n: {} for n in range(len(files))}
    for r in by_rule:
        by_file[r["file"]][r["rule"]] = r["n"]
    entries: list[FileAudit] = []
    for n, file in enumerate(files):
        counts: dict[Any, int] = by_file[n]
        passed = counts.pop(None, 0)
        if n in halved:
            counts[MIRRORED.name] = int(halved[n])
        entries.append(
            FileAudit(
                name=file.name,
                format=fmt.name,
                read=passed + sum(c for rule, c in counts.items() if rule != MIRRORED.name),
                kept=passed - counts.get(MIRRORED.name, 0),
                dropped={rule: counts[rule] for rule in DROPPED if rule in counts},
                sha256=file.sha256,
            )
        )
    span = rows(
        con,
        "SELECT min(day) AS a, max(day) AS b, count(DISTINCT day) AS d, sum(n)::BIGINT AS n "
        "FROM tally WHERE day IS NOT NULL",
    )[0]
    if not span["n"]:
        counted = ", ".join(f"{rule} {n}" for rule, n in dropped_of(entries).items()) or "no rows"
        where = files[0].name if len(files) == 1 else f"{len(files)} files"
        raise EmptyData(f"Nothing is left of {where} ({counted}).", "Check the columns; rename them with --map.")
    days = {r["day"] for r in rows(con, "SELECT DISTINCT day FROM tally WHERE day IS NOT NULL")} if missing else set()
    if observed := sorted(days & set(missing)):
        said = [*said, missing_note(observed)]
    return Audit(
        files=tuple(entries),
        first_day=str(span["a"]),
        last_day=str(span["b"]),
        days=int(span["d"]),
        missing=tuple(d.isoformat() for d in missing if d not in days),
        directed=fmt.directed,
        rows=int(span["n"]),
        snapshot=None,
        warnings=(*said, *([] if fmt.directed else _both_ways(con))),
        labels=resolved,
    )


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
