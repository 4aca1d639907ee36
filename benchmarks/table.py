"""README's speed table, in Markdown: every row of it measured in this one run.

    python benchmarks/table.py                                              without other people's data or packages
    python benchmarks/table.py --data DIR --pyfixest ENV/bin/python --remflow ENV/bin/python    all rows (a quarter of
                                                                            an hour; each rival in its own environment)
    python benchmarks/table.py --rows FILE.csv ...                          and the rows behind it

DIR as for ``within.py``. Set OPENBLAS_NUM_THREADS=1. ``best`` of ``--times`` runs where a run takes under half a
minute.
"""

from __future__ import annotations

import argparse
import csv
import sys
from dataclasses import asdict, fields, replace
from pathlib import Path

import rate
import simulation
import within

CHECKED = ("n50", "n100", "n200")
SHORT = 30.0  # seconds up to which a run is repeated
HEAD = (
    "| model | actors x slices, events | seconds | peak MB | of the machine's limit | from double precision |\n"
    "|---|---|---:|---:|---:|---:|"
)


def size(case: rate.Case) -> str:
    """The case's size in words."""
    return f"{case.actors:,} x {case.days:,} days, {case.events:,}"


def best_of(case: rate.Case, engine: rate.Engine, times: int, who: str, check: bool) -> rate.Row:
    """The quickest of several runs."""
    found = rate.rows_of(case, {who: engine}, check)
    while len(found) < times and found[0].seconds < SHORT:
        found += rate.rows_of(case, {who: engine}, False)
    best = min(found, key=lambda row: row.seconds)
    return replace(best, difference=found[0].difference, in_se=found[0].in_se)


def rate_rows(times: int, remflow: str | None) -> list[rate.Row]:
    """The rate model at every size, and its rival where that runs."""
    ours = rate.Tertius()
    rows = []
    for name in (*CHECKED, "n200-10M", "n5000-sampled"):
        rows.append(best_of(rate.CASES[name], ours, times, "tertius", name in CHECKED))
        print(rows[-1], file=sys.stderr, flush=True)
    if remflow is not None:
        small = rate.CASES["n10"]
        rows.append(best_of(small, ours, times, "tertius", False))
        rows.append(best_of(small, rate.Remflow(remflow), 1, "remflow", False))
    return rows


def rate_line(row: rate.Row) -> str:
    """One line of the table."""
    case = rate.CASES[row.case]
    if row.who != "tertius":
        model = f"{row.who} {row.version}, the same (one core)"
    else:
        small = ", three effects" if case.question else ""
        model = f"rate, {case.sample} controls a case" if case.sample else f"rate, full risk set{small}"
    share = f"{row.share:.0%}" if row.share == row.share else ""
    difference = f"{row.difference:.0e}" if row.difference == row.difference and row.who == "tertius" else ""
    peak = f"{row.peak_mb:,.0f}" if row.peak_mb else ""
    return f"| {model} | {size(case)} | {row.seconds:.3g} | {peak} | {share} | {difference} |"


def within_line(row: within.Row) -> str:
    """One line of the table."""
    if row.who == "tertius":
        return f"| within-pair, one core | 199 x 66 months, 8 terms | {row.seconds:.3g} | {row.peak_mb:,.0f} | | |"
    agree = f"coefficients agree to {row.difference:.0e}"
    return f"| {row.who} {row.version} `fepois`, the same ({agree}) | | {row.seconds:.3g} | {row.peak_mb:,.0f} | | |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with weights.parquet")
    parser.add_argument("--pyfixest", help="Python of an environment that has it")
    parser.add_argument("--remflow", help="Python of an environment that has it")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--rows", type=Path, help="CSV of the rows of the rate model")
    options = parser.parse_args()
    rows = rate_rows(options.times, options.remflow)
    lines = [rate_line(row) for row in rows]
    if options.data is not None:
        case = within.read_apart(options.data)
        first, *rest = within.rows_of(case, options.pyfixest)
        again = [within.rows_of(case, None)[0] for _ in range(options.times - 1)]
        lines += map(within_line, [min([first, *again], key=lambda row: row.seconds), *rest])
    drawn = simulation.row_of(10_000_000)
    where = f"{simulation.ACTORS} x {simulation.DAYS:,} days, {drawn.drawn:,}"
    lines.append(f"| `tertius.simulate` | {where} | {drawn.seconds:.3g} | {drawn.peak_mb:,.0f} | | |")
    print("\n".join([HEAD, *lines]))
    if options.rows:
        with options.rows.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, [f.name for f in fields(rate.Row)])
            writer.writeheader()
            writer.writerows(asdict(r) for r in rows)


if __name__ == "__main__":
    main()
