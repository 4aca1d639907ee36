"""The ladder on full ICEWS, yearly counts 2002 to 2012, with covariates from the state-system tables.

    python scripts/ladder_yearly.py --shared DIR [--out DIR]

DIR is the folder with ``data/icews_yearly`` and ``data/states``. Writes an event table and three covariate tables to
``--out`` (default: a temporary folder), then runs

    tertius fit EVENTS --response weight --period 1y --slice 1y --half-life 2y --covariates ... --ladder

and prints every rung. Covariates, all of the year before: alliance with a promise of defence or offence (ATOP lists
pairs with some pact; the other pairs of states of that year have none), log of trade (COW; an unknown flow is missing),
democracy of the less democratic side (V-Dem polyarchy). What is missing is missing: the rung says what is left.
"""

from __future__ import annotations

import argparse
import tempfile
import warnings
from pathlib import Path

import duckdb

import tertius
from tertius.errors import TertiusWarning

FROM, TO = 2002, 2012
QUADS = {"verbal_coop": 1, "material_coop": 2, "verbal_conflict": 3, "material_conflict": 4}


def write_tables(data: Path, out: Path) -> tuple[Path, list[Path]]:
    """The event table and the covariate files, from the shared data."""
    con = duckdb.connect()
    events = out / "icews_yearly.parquet"
    parts = " UNION ALL ".join(
        f"SELECT make_date(year, 1, 1) AS date, source_iso3 AS source, target_iso3 AS target, {quad} AS quad, "
        f"{name}::DOUBLE AS weight FROM yearly WHERE {name} > 0"
        for name, quad in QUADS.items()
    )
    con.execute(
        f"CREATE VIEW yearly AS SELECT * FROM '{data}/icews_yearly/dyads.parquet' WHERE year BETWEEN {FROM} AND {TO}"
    )
    con.execute(f"COPY ({parts}) TO '{events}' (FORMAT parquet)")
    states = data / "states"
    queries = {
        "alliance": f"""
            WITH pairs AS (
                SELECT x.ccode AS a, y.ccode AS b, x.year AS year
                FROM '{states}/cw_democracy.parquet' x JOIN '{states}/cw_democracy.parquet' y
                  ON x.year = y.year AND x.ccode < y.ccode WHERE x.year BETWEEN {FROM} - 1 AND {TO} - 1)
            SELECT 'COW:' || pairs.a AS a, 'COW:' || pairs.b AS b, pairs.year + 1 AS year,
                   coalesce(max(greatest(atop_defense, atop_offense)), 0)::DOUBLE AS alliance
            FROM pairs LEFT JOIN '{states}/atop_alliance.parquet' t
              ON least(ccode1, ccode2) = pairs.a AND greatest(ccode1, ccode2) = pairs.b AND t.year = pairs.year
            GROUP BY ALL""",
        "trade": f"""
            SELECT 'COW:' || ccode1 AS a, 'COW:' || ccode2 AS b, year + 1 AS year, ln(1 + flow1 + flow2) AS log_trade
            FROM '{states}/cow_trade_dyad_year.parquet'
            WHERE year BETWEEN {FROM} - 1 AND {TO} - 1 AND flow1 >= 0 AND flow2 >= 0""",
        "democracy": f"""
            SELECT 'COW:' || x.ccode AS a, 'COW:' || y.ccode AS b, x.year + 1 AS year,
                   least(x.v2x_polyarchy, y.v2x_polyarchy) AS weaker_democracy
            FROM '{states}/cw_democracy.parquet' x JOIN '{states}/cw_democracy.parquet' y
              ON x.year = y.year AND x.ccode < y.ccode
            WHERE x.year BETWEEN {FROM} - 1 AND {TO} - 1""",
    }
    covariates = []
    for name, sql in queries.items():
        path = out / f"{name}.parquet"
        con.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")
        covariates.append(path)
    return events, covariates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        out = args.out or Path(temporary)
        out.mkdir(parents=True, exist_ok=True)
        events, covariates = write_tables(args.shared / "data", out)
        warnings.simplefilter("ignore", TertiusWarning)
        result = tertius.fit(
            str(events),
            model="within",
            response="weight",
            slice="1y",
            period="1y",
            half_life="2y",
            covariates=[str(c) for c in covariates],
            ladder=True,
        )
    print(f"{result.n_actors} actors, {result.n_periods} years, {result.seconds:.1f} s for the within-pair model")
    for rung in result.ladder:
        print(f"{rung['rung']} {rung['name']:16} {rung['status']:14} {rung['text']}")
        for line in rung["coefficients"] or []:
            print(f"    {line['term']:20} {line['estimate_sd']:+.4f} per sd, z {line['z'] or float('nan'):+.1f}")


if __name__ == "__main__":
    main()
