"""Compute the atlas from the daily dyads of GDELT: for each pair and month the sum of its positive days and the sum of
its negative days, never netted, in tenths as whole numbers.

    python scripts/build_atlas.py gdelt_dyad_day/weights.parquet [--missing gdelt_dyad_day/missing_days.csv]
                                  [--into packages/tertius-atlas/src/tertius_atlas]

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

TENTHS = 10
INTO = Path(__file__).resolve().parents[1] / "packages" / "tertius-atlas" / "src" / "tertius_atlas"
SUMS = f"""
    SELECT date_trunc('month', date)::DATE AS date, source AS a, target AS b,
           coalesce(sum(weight) FILTER (sign > 0), 0) AS c, coalesce(sum(weight) FILTER (sign < 0), 0) AS h,
           round({TENTHS} * c)::INTEGER AS cooperation, round({TENTHS} * h)::INTEGER AS hostility
    FROM {{rows}} GROUP BY ALL
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--missing", type=Path)
    parser.add_argument("--into", type=Path, default=INTO)
    options = parser.parse_args()
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
    with (options.into / "missing_days.csv").open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle, lineterminator="\n").writerows([["date"], *([str(day)] for day in events.missing)])
    print(f"{pairs:,} pair-months of {states} states; {len(events.missing)} days not observed")
    print(f"in tenths: {lost:,} pair-months vanish; {100 * lost_h / hostile:.2f} % of the hostile sums become 0")
    print(f"in whole units {100 * whole / hostile:.2f} % of them would")
    print(f"largest difference of a sum: {max(off_c, off_h):.3f}")
    print(f"wrote {len(table):,} pair-months: {file.stat().st_size:,} bytes, sha256 {_sha(file)}")


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


if __name__ == "__main__":
    main()
