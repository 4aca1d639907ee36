"""The rules that every row passes, each counted: what is dropped, what is halved, what stops the import.

In this order, the first that applies:

``null_actor``    an end without a name
``self_pair``     an actor towards itself (domestic events)
``unknown_type``  no quad class, and a type that no ontology knows
``null_weight``   ``--weight goldstein``, ``mentions`` or ``sources`` where the row has no such value
``zero_weight``   nothing happened
``mirrored``      the second coding of one mutual event: a meeting coded A -> B and B -> A on one day is one event.
                  Both rows stay, each with a count of one half; one of them is counted here, so that
                  kept = events. ``--mirrored keep`` takes both as events of their own.

An impossible date, a negative weight, NaN or a quad class other than 1 to 4 stop the import: no rule can decide what
was meant. The share of rows with a mirror on the same day, by type, on ICEWS 2018: ``scripts/mirrored.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from tertius.codes import icews_actor, known_code, mirror_of, quad_of
from tertius.errors import BadValue, EmptyData
from tertius.events.engine import reading, rows
from tertius.sources.format import ROW, Format

DROPPED = ("null_actor", "self_pair", "unknown_type", "null_weight", "zero_weight", "mirrored")


@dataclass(frozen=True, slots=True)
class RawFile:
    """One file to import: its name, the hash of its bytes, and SQL that gives its rows in our columns."""

    name: str
    sha256: str
    sql: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What was read, kept and dropped, by rule and file. ``read = kept + sum(dropped) + quarantined``.

    ``kept`` counts events: the two rows of a mirrored coding are one. ``rows`` counts stored rows.
    """

    files: tuple[dict[str, Any], ...]
    first_day: str
    last_day: str
    days: int
    missing: tuple[str, ...]
    directed: bool
    rows: int
    snapshot: str | None
    warnings: tuple[str, ...]

    def total(self, key: str) -> int:
        """Sum of ``read``, ``kept`` or ``quarantined`` over the files."""
        return sum(int(f[key]) for f in self.files)

    def __repr__(self) -> str:
        n = len(self.files)
        return (
            f"<Audit of {n:,} file{'s' * (n != 1)}: {self.total('read'):,} read, {self.total('kept'):,} kept, "
            f"{self.total('quarantined'):,} quarantined, {self.first_day} to {self.last_day}>"
        )

    def to_dict(self) -> dict[str, Any]:
        """The document of ``import --json`` and ``audit --json``."""
        dropped = {rule: sum(f["dropped"].get(rule, 0) for f in self.files) for rule in DROPPED}
        return {
            "read": self.total("read"),
            "kept": self.total("kept"),
            "dropped": {rule: n for rule, n in dropped.items() if n},
            "quarantined": self.total("quarantined"),
            "rows": self.rows,
            "files": list(self.files),
            "coverage": {
                "from": self.first_day,
                "to": self.last_day,
                "slices": self.days,
                "missing": list(self.missing),
            },
            "directed": self.directed,
            "snapshot": self.snapshot,
            "warnings": list(self.warnings),
        }


def apply(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[RawFile],
    fmt: Format,
    *,
    translate: bool,
    mirrored: str,
    missing: Sequence[str] = (),
) -> Audit:
    """Fill the table ``clean`` (stored columns) from the files and say what happened.

    ``translate`` turns actor names into codes. Raises BadValue, EmptyData.
    """
    for n, file in enumerate(files):
        with reading(file.name):
            into = "INSERT INTO raw" if n else "CREATE OR REPLACE TEMP TABLE raw AS"
            con.execute(f"{into} {_canonical(con, n, file)}")
    _check_values(con, files, fmt)
    warnings: list[str] = []
    if translate:
        _translate(con)
    _quads(con, fmt)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE ruled AS
        SELECT raw.* EXCLUDE (quad), coalesce(raw.quad, types.quad) AS quad, types.mirror AS mirror,
               CASE WHEN source IS NULL OR target IS NULL THEN 'null_actor'
                    WHEN source = target THEN 'self_pair'
                    WHEN {"coalesce(raw.quad, types.quad) IS NULL" if fmt.directed else "false"} THEN 'unknown_type'
                    WHEN weight IS NULL THEN 'null_weight'
                    WHEN weight = 0 THEN 'zero_weight' END AS rule
        FROM raw LEFT JOIN types ON raw.type = types.type AND raw.ontology IS NOT DISTINCT FROM types.ontology
        """
    )
    _halve(con, mirrored if fmt.directed else "keep")
    con.execute(f"CREATE OR REPLACE TEMP TABLE clean AS {_stored(fmt)}")
    audit = _audit(con, files, fmt, missing, warnings)
    if audit.rows == 0:
        counts = ", ".join(f"{rule} {n}" for rule, n in audit.to_dict()["dropped"].items()) or "no rows"
        where = files[0].name if len(files) == 1 else f"{len(files)} files"
        raise EmptyData(f"Nothing is left of {where} ({counts}).", "Check the columns; rename them with --map.")
    return audit


def _canonical(con: duckdb.DuckDBPyConnection, number: int, file: RawFile) -> str:
    """One file with dates and numbers parsed; the text of what could not be parsed is kept for the error message."""
    dtype = {d[0]: d[1] for d in con.execute(f"DESCRIBE SELECT * FROM {file.sql}").fetchall()}
    if dtype["date"].startswith(("DATE", "TIMESTAMP")):
        parsed = "CAST(date AS TIMESTAMP)"
    else:  # an integer counts days; eight digits of a calendar date are that date
        shown = "trim(CAST(date AS VARCHAR))"
        whole = f"TRY_CAST(CASE WHEN regexp_full_match({shown}, '[+-]?\\d+([.]0+)?') THEN {shown} END AS BIGINT)"
        iso = f"CASE WHEN regexp_full_match({shown}, '\\d{{4}}-\\d{{1,2}}-\\d{{1,2}}([T ].*)?') THEN {shown} END"
        parsed = (
            f"CASE WHEN {whole} BETWEEN 10000101 AND 29991231 "
            f"THEN TRY_CAST(TRY_STRPTIME(CAST({whole} AS VARCHAR), '%Y%m%d') AS TIMESTAMP) "
            f"WHEN abs({whole}) < 10000000 THEN TIMESTAMP '1970-01-01' + to_days(CAST({whole} AS INTEGER)) "
            f"ELSE TRY_CAST(TRY_CAST({iso} AS TIMESTAMPTZ) AS TIMESTAMP) END"
        )

    def text(name: str) -> str:
        return f"nullif(trim(CAST({name} AS VARCHAR)), '')" if name in dtype else "CAST(NULL AS VARCHAR)"

    number_of_quad = f"TRY_CAST({text('quad')} AS DOUBLE)"
    return f"""
        SELECT {number} AS file, {ROW},
               CASE WHEN year({parsed}) BETWEEN 1 AND 9999 THEN {parsed} END AS date,
               CAST(date AS VARCHAR) AS date_text,
               {text("source")} AS source, {text("target")} AS target,
               TRY_CAST(CASE WHEN {number_of_quad} = floor({number_of_quad}) THEN {number_of_quad} END AS TINYINT)
                   AS quad,
               {text("quad")} AS quad_text,
               {text("type")} AS type, ontology,
               TRY_CAST(weight AS DOUBLE) AS weight,
               CAST(weight AS VARCHAR) AS weight_text, weight_given,
               coalesce({text("origin")}, '{_sql_safe(file.name)}#' || {ROW}) AS origin,
               {text("url")} AS url, {text("sentence")} AS sentence
        FROM {file.sql}
    """


def _check_values(con: duckdb.DuckDBPyConnection, files: Sequence[RawFile], fmt: Format) -> None:
    """Stop at the first value that no rule can use."""
    weight = "(weight_given AND (weight IS NULL OR isnan(weight))) OR isinf(weight)"
    checks = [
        ("date IS NULL", "date_text", "is not a date", "Write ISO dates (2022-02-24), UTC times or whole days."),
        (weight, "weight_text", "is not a weight", "Drop such rows, or leave the weight out (then every event is 1)."),
    ]
    if fmt.directed:
        checks += [
            ("weight < 0", "weight_text", "is a negative weight: a sign comes from quad, never from a weight",
             "For Goldstein values use --weight goldstein, which takes their size; else give sizes."),
            ("quad_text IS NOT NULL AND (quad IS NULL OR quad NOT BETWEEN 1 AND 4)", "quad_text",
             "is not a quad class", "1 verbal, 2 material cooperation; 3 verbal, 4 material conflict."),
        ]  # fmt: skip
    for wrong, value, what, hint in checks:
        found = rows(con, f"SELECT file, {ROW} AS n, {value} AS v FROM raw WHERE {wrong} ORDER BY file, n LIMIT 1")
        if found:
            first = found[0]
            count = rows(con, f"SELECT count(*) AS n FROM raw WHERE {wrong}")[0]["n"]
            shown = "nothing" if first["v"] is None else f"'{first['v']}'"
            raise BadValue(
                f"{files[first['file']].name}, row {first['n']}: {shown} {what} ({count} such row(s)).", hint
            )


def _translate(con: duckdb.DuckDBPyConnection) -> None:
    """Replace country names by codes; what is no country becomes null."""
    names = [r["n"] for r in rows(con, "SELECT source AS n FROM raw UNION SELECT target FROM raw") if r["n"]]
    codes = [icews_actor(n) for n in names]
    con.execute("CREATE OR REPLACE TEMP TABLE names (name VARCHAR, code VARCHAR)")
    con.execute("INSERT INTO names SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[])", [names, codes])
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE raw AS
        SELECT raw.* REPLACE (s.code AS source, t.code AS target)
        FROM raw LEFT JOIN names s ON raw.source = s.name LEFT JOIN names t ON raw.target = t.name
        """
    )


def _quads(con: duckdb.DuckDBPyConnection, fmt: Format) -> None:
    """The table ``types``: quad class and mirror of every type that occurs."""
    found = rows(con, "SELECT DISTINCT type, ontology FROM raw WHERE type IS NOT NULL")
    con.execute("CREATE OR REPLACE TEMP TABLE types (type VARCHAR, ontology VARCHAR, quad TINYINT, mirror VARCHAR)")
    if found and fmt.directed:
        pairs = [(r["type"], r["ontology"]) for r in found]
        con.executemany("INSERT INTO types VALUES (?, ?, ?, ?)", [[*p, quad_of(*p), mirror_of(*p)] for p in pairs])


def _halve(con: duckdb.DuckDBPyConnection, mirrored: str) -> None:
    """The table ``halved``: rows that have their mirror on the same day; ``second`` marks the later of the two."""
    pairs = "SELECT NULL AS file, NULL AS n, false AS second WHERE false"
    if mirrored == "auto":
        pairs = f"""
            WITH mutual AS (
                SELECT file, {ROW} AS n, date_trunc('day', date) AS day, source, target, type, mirror,
                       row_number() OVER (PARTITION BY day, source, target, upper(type) ORDER BY file, {ROW}) AS nth
                FROM ruled WHERE rule IS NULL AND mirror IS NOT NULL)
            SELECT a.file AS file, a.n AS n, (a.file, a.n) > (b.file, b.n) AS second
            FROM mutual a JOIN mutual b
              ON a.day = b.day AND a.source = b.target AND a.target = b.source
             AND upper(a.type) = b.mirror AND a.nth = b.nth
        """
    con.execute(f"CREATE OR REPLACE TEMP TABLE halved AS {pairs}")


def _stored(fmt: Format) -> str:
    """Kept rows in the stored columns, in the order of time."""
    if fmt.directed:
        ends, sign, quad = "source, target", "CASE WHEN quad <= 2 THEN 1 ELSE -1 END", "quad"
    else:
        ends = "least(source, target) AS source, greatest(source, target) AS target"
        sign, quad = "CASE WHEN weight > 0 THEN 1 ELSE -1 END", "NULL"
    return f"""
        SELECT date, {ends}, CAST({sign} AS TINYINT) AS sign, CAST({quad} AS TINYINT) AS quad,
               CASE WHEN h.n IS NULL THEN 1.0 ELSE 0.5 END::DOUBLE AS count,
               (abs(weight) * CASE WHEN h.n IS NULL THEN 1.0 ELSE 0.5 END)::DOUBLE AS weight,
               type, origin, url, sentence
        FROM ruled LEFT JOIN halved h ON ruled.file = h.file AND ruled.{ROW} = h.n
        WHERE rule IS NULL ORDER BY date, source, target, ruled.file, {ROW}
    """


def _audit(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[RawFile],
    fmt: Format,
    missing: Sequence[str],
    warnings: list[str],
) -> Audit:
    by_rule = rows(con, "SELECT file, rule, count(*) AS n FROM ruled GROUP BY ALL ORDER BY ALL")
    halved = {r["file"]: r["n"] for r in rows(con, "SELECT file, count(*) AS n FROM halved WHERE second GROUP BY file")}
    entries: list[dict[str, Any]] = []
    for n, file in enumerate(files):
        counts = {r["rule"]: int(r["n"]) for r in by_rule if r["file"] == n}
        passed = counts.pop(None, 0)
        if n in halved:
            counts["mirrored"] = int(halved[n])
        entries.append(
            {
                "name": file.name,
                "format": fmt.name,
                "read": passed + sum(c for rule, c in counts.items() if rule != "mirrored"),
                "kept": passed - counts.get("mirrored", 0),
                "dropped": {rule: counts[rule] for rule in DROPPED if rule in counts},
                "quarantined": 0,
                "sha256": file.sha256,
            }
        )
    span = rows(
        con,
        "SELECT min(date)::DATE AS a, max(date)::DATE AS b, count(DISTINCT date::DATE) AS d, count(*) AS n FROM clean",
    )[0]
    labels = rows(con, "SELECT source AS l FROM clean UNION SELECT target FROM clean ORDER BY 1")
    unknown = [r["l"] for r in labels if not known_code(r["l"])]
    if unknown:
        more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
        warnings = [*warnings, f"Not in the codes table, taken as labels: {', '.join(unknown[:5])}{more}."]
    return Audit(
        files=tuple(entries),
        first_day=str(span["a"]),
        last_day=str(span["b"]),
        days=int(span["d"]),
        missing=tuple(missing),
        directed=fmt.directed,
        rows=int(span["n"]),
        snapshot=None,
        warnings=tuple(warnings),
    )


def _sql_safe(text: str) -> str:
    return text.replace("'", "''")
