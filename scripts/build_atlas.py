"""Compute the atlas from the daily dyads of GDELT: for each pair and month the sum of its positive days and the sum of
its negative days, never netted, in tenths as whole numbers.

    python scripts/build_atlas.py gdelt_dyad_day/weights.parquet [--missing gdelt_dyad_day/missing_days.csv]
                                  [--into packages/tertius-atlas/src/tertius_atlas]
    python scripts/build_atlas.py --gdelt STORE --into FOLDER

``--gdelt STORE``: from GDELT's own export files instead, imported into a store (``tertius fetch gdelt2 ...`` or
``tertius import gdelt2 FILES --into STORE``): ``quads.parquet`` has a row for each month, directed pair and quad class,
in the columns that tertius reads (date: the first of the month; weight: the number of events), and ``missing_days.csv``
the days of which the store has no record. Nothing is netted, and who acted towards whom stays. Ask of it by the month:

    tertius explain RUS PRK FOLDER/quads.parquet --missing FOLDER/missing_days.csv --slice 1mo --response weight

``weights.parquet``: date, a, b, weight by day, as ``tertius import dyads`` reads it, and by its rules (a pair of one
state with itself is dropped). ``--missing`` defaults to the file beside it. The same input gives the same bytes with
the same version of pyarrow. Prints what was read and written, and what rounding does to the sums.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from pathlib import Path

import pyarrow.parquet as pq

import tertius
from tertius.errors import TertiusError
from tertius.events.data import EventData

TENTHS = 10
INTO = Path(__file__).resolve().parents[1] / "packages" / "tertius-atlas" / "src" / "tertius_atlas"
SUMS = f"""
    SELECT date_trunc('month', date)::DATE AS date, source AS a, target AS b,
           coalesce(sum(weight) FILTER (sign > 0), 0) AS c, coalesce(sum(weight) FILTER (sign < 0), 0) AS h,
           round({TENTHS} * c)::INTEGER AS cooperation, round({TENTHS} * h)::INTEGER AS hostility
    FROM {{rows}} GROUP BY ALL
"""
QUADS = """
    SELECT date_trunc('month', date)::DATE AS date, source, target, quad, sum(count) AS weight
    FROM {rows} GROUP BY ALL ORDER BY date, source, target, quad
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, nargs="?")
    parser.add_argument("--gdelt", metavar="STORE")
    parser.add_argument("--missing", type=Path)
    parser.add_argument("--into", type=Path, default=INTO)
    options = parser.parse_args()
    if (options.path is None) == (options.gdelt is None):
        parser.error("name the daily dyads, or --gdelt STORE")
    if options.gdelt:
        if options.into == INTO:
            parser.error("name a folder after --into: the atlas package holds the daily dyads' sums")
        try:
            from_exports(options.gdelt, options.into)
        except TertiusError as error:
            raise SystemExit(f"{error.message} {error.hint}") from None
        return
    missing = options.missing or options.path.with_name("missing_days.csv")
    events = tertius.load(options.path, directed=False, missing=missing)
    (audit,) = events.audits
    print(f"read {audit['read']:,} dyad-days, kept {audit['kept']:,}, dropped {audit['dropped']}")
    with events.relation() as (con, sql):
        con.execute(f"CREATE TABLE sums AS {SUMS.format(rows=sql)}")
        ((pairs, lost, lost_h, hostile),) = con.execute(
            """SELECT count(*), count(*) FILTER (cooperation = 0 AND hostility = 0),
                      count(*) FILTER (h > 0 AND hostility = 0), count(*) FILTER (h > 0) FROM sums"""
        ).fetchall()
        ((off_c, off_h),) = con.execute(
            "SELECT max(abs(c - cooperation / 10.0)), max(abs(h - hostility / 10.0)) FROM sums"
        ).fetchall()
        ((whole,),) = con.execute("SELECT count(*) FROM sums WHERE h > 0 AND round(h) = 0").fetchall()
        ((states,),) = con.execute("SELECT count(*) FROM (SELECT a FROM sums UNION SELECT b FROM sums)").fetchall()
        table = con.sql(
            """SELECT date, a, b, cooperation, hostility FROM sums WHERE cooperation > 0 OR hostility > 0
               ORDER BY a, b, date"""
        ).to_arrow_table()
    file = options.into / "atlas.parquet"
    pq.write_table(
        table, file, compression="zstd", compression_level=19, row_group_size=len(table), store_schema=False,
        use_dictionary=["date", "a", "b"],
        column_encoding={"cooperation": "BYTE_STREAM_SPLIT", "hostility": "BYTE_STREAM_SPLIT"},
    )  # fmt: skip
    write_missing(events, options.into)
    print(f"{pairs:,} pair-months of {states} states; {len(events.missing)} days not observed")
    print(f"in tenths: {lost:,} pair-months vanish; {100 * lost_h / hostile:.2f} % of the hostile sums become 0")
    print(f"in whole units {100 * whole / hostile:.2f} % of them would")
    print(f"largest difference of a sum: {max(off_c, off_h):.3f}")
    print(f"wrote {len(table):,} pair-months: {file.stat().st_size:,} bytes, sha256 {_sha(file)}")


def from_exports(store: str, into: Path) -> None:
    """Month x directed pair x quad class from a store of GDELT's own files. Raises TertiusError."""
    events = tertius.load(store)
    if not events.totals.formats or set(events.totals.formats) - {"gdelt1", "gdelt2"}:
        formats = ", ".join(events.totals.formats) or "none"
        raise TertiusError(f"{store} holds other files than GDELT's (formats: {formats}).", "Name a store of them.")
    with events.relation() as (con, sql):
        table = con.sql(QUADS.format(rows=sql)).to_arrow_table()
        ((rows, total, first, last),) = con.execute(
            f"SELECT count(*), sum(count), min(date)::DATE, max(date)::DATE FROM {sql}"
        ).fetchall()
        con.register("quads", table)
        ((written, months, states),) = con.execute(
            """SELECT sum(weight), count(DISTINCT date),
                      (SELECT count(*) FROM (SELECT source FROM quads UNION SELECT target FROM quads)) FROM quads"""
        ).fetchall()
    if written != total:
        raise SystemExit(f"the sums hold {written} events, the store {total}")
    into.mkdir(parents=True, exist_ok=True)
    file = into / "quads.parquet"
    pq.write_table(table, file, compression="zstd", compression_level=19)
    write_missing(events, into)
    print(f"read {rows:,} rows, {total:,.10g} events of {states} actors, {first} to {last}, {months} months")
    print(f"{len(events.missing)} days not observed")
    print(
        f"wrote {len(table):,} rows of month, pair and quad class: {file.stat().st_size:,} bytes, sha256 {_sha(file)}"
    )


def write_missing(events: EventData, into: Path) -> None:
    """The days without any record, beside the sums."""
    with (into / "missing_days.csv").open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle, lineterminator="\n").writerows([["date"], *([str(day)] for day in events.missing)])


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


if __name__ == "__main__":
    main()
