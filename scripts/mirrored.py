"""Which event types are coded twice, once each way? The share of rows that have their mirror on the same day.

    python scripts/mirrored.py --shared DIR [--least 60]

Interstate rows of ICEWS 2018 (DIR/data/icews18), by CAMEO code: the share whose mirror (target to source, the same
type; a visit made for a visit hosted) stands on the same day. Types at or above 70 % are mutual by nature and are what
``--mirrored auto`` counts one half each way; what the codes table names is marked.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

from tertius.codes import MUTUAL_TYPES

MIRRORS = {"042": "043", "043": "042"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--least", type=int, default=60, help="rows that a type must have")
    args = parser.parse_args()
    con = duckdb.connect()
    con.execute("CREATE TABLE mirrors (cameo VARCHAR, mirror VARCHAR)")
    con.executemany("INSERT INTO mirrors VALUES (?, ?)", [list(m) for m in MIRRORS.items()])
    found = con.execute(
        f"""
        WITH rows AS (
            SELECT date, source_iso3 AS s, target_iso3 AS t, e.cameo, relation, coalesce(mirror, e.cameo) AS mirror,
                   row_number() OVER (PARTITION BY date, s, t, e.cameo ORDER BY source, target) AS nth
            FROM '{args.shared}/data/icews18/events.parquet' e LEFT JOIN mirrors ON e.cameo = mirrors.cameo
            WHERE source_iso3 <> target_iso3)
        SELECT a.cameo, any_value(a.relation), count(*) AS n, count(b.cameo) / count(*) AS share
        FROM rows a LEFT JOIN rows b
          ON a.date = b.date AND a.s = b.t AND a.t = b.s AND a.mirror = b.cameo AND a.nth = b.nth
        GROUP BY a.cameo HAVING count(*) >= ? ORDER BY share DESC, n DESC
        """,
        [args.least],
    ).fetchall()
    print(f"{'code':6}{'rows':>7}{'mirrored':>10}  halved  type")
    for code, name, n, share in found:
        print(f"{code:6}{n:7,}{100 * share:9.1f}%  {'yes' if code in MUTUAL_TYPES else '':6}  {name[:44]}")


if __name__ == "__main__":
    main()
