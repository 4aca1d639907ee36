"""README's speed table, in Markdown: every row of it measured in this one run, ours and rivals' alike.

    python benchmarks/table.py                                              without other people's data or packages
    python benchmarks/table.py --data DIR --pyfixest ENV/bin/python --remflow ENV/bin/python    all rows (half an hour
                                                                            or more; each rival in its own environment)
    python benchmarks/table.py --rows FILE.csv ...                          and the rows of the rate model behind it

DIR as for ``within.py`` and ``explain.py``. Set OPENBLAS_NUM_THREADS=1. A row, a rival's too, is the quickest of
``--times`` runs (of the two largest full risk sets in turns), or one run where the first takes over half a minute; the
column ``runs`` says which. Its memory is the
largest of the runs. Under the table stand what the columns mean and the machine, measured in the same run.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

import explain
import rate
import simulation
import within
from machine import machine_line
from watching import SHORT

CHECKED = ("n50", "n60-alike", "n100")
IN_TURNS = ("n200", "n200-10M")
HEAD = (
    "| model | actors x slices, events | seconds | runs | peak MB | of the machine's limit (memory's part), passes "
    "| from double precision: coefficients, errors |\n"
    "|---|---|---:|---:|---:|---:|---:|"
)


def foot(times: int, rivals: Sequence[rate.Row]) -> str:
    """What stands under the table."""
    return "\n".join(
        (
            f"Seconds: the quickest of {times} runs, rivals' too; one run where it takes over {SHORT:.0f} s (column "
            "runs). From the arrays of events to coefficients and all standard errors, without import, import of data, "
            "and the check of adequacy, which `tertius fit` always adds to the rate model over the full risk set, "
            "unless told `--adequacy none`. `explain`: from the store to the answer, adequacy and all.",
            "Peak: of the whole process with its children and its data, the largest of the runs; of a fit of a tenth "
            "of a second mostly Python and its imports.",
            f"Of the machine's limit: for every pass and slice {rate.PRODUCTS} matrix products, {rate.LOGARITHMS} "
            "logarithms of a matrix and one pass over the design, and once the products of the columns by dyad (our "
            "own batched product), each timed alone in single precision, as a share of the processors' time of the "
            "whole fit. It grows with the number of passes, which stands beside it. The memory's part: the passes over "
            "the design.",
            "From double precision: largest difference of a coefficient, relative to the largest one; largest relative "
            "difference of a standard error, of the model or the jackknife. 'double': the fit itself is in double "
            "precision.",
            *(
                f"{row.who}'s standard errors, of an approximate Hessian, differ from ours by up to "
                f"{row.se_difference:.0%}."
                for row in rivals
            ),
            machine_line(),
        )
    )


def size(case: rate.Case) -> str:
    """The case's size in words."""
    return f"{case.actors:,} x {case.days:,} days, {case.events:,}"


def rate_rows(times: int, remflow: str | None) -> list[rate.Row]:
    """The rate model at every size, and its rival where that runs."""
    ours: dict[str, rate.Engine] = {"tertius": rate.Tertius()}
    rows = []
    for name in CHECKED:
        rows += rate.rows_of(rate.CASES[name], ours, True, times)
        print(rows[-1], file=sys.stderr, flush=True)
    rows += rate.rows_side_by_side([rate.CASES[name] for name in IN_TURNS], True, times)
    rows += rate.rows_of(rate.CASES["n5000-sampled"], ours, False, times)
    print(*rows[-3:], sep="\n", file=sys.stderr, flush=True)
    if remflow is not None:
        rows += rate.rows_of(rate.CASES["n10"], {**ours, "remflow": rate.Remflow(remflow)}, True, times)
        print(*rows[-2:], sep="\n", file=sys.stderr, flush=True)
    return rows


def line(model: str, where: str, row: rate.Row | within.Row | simulation.Row | explain.Row, *rest: str) -> str:
    """One line of the table; ``rest``: of the limit, from double precision."""
    note = getattr(row, "note", "")
    if row.seconds != row.seconds:
        return f"| {model}: {note} | {where} | | | | | |"
    runs = getattr(row, "runs", 1)
    limit, difference = rest or ("", "")
    return f"| {model} | {where} | {row.seconds:.3g} | {runs} | {row.peak_mb:,.0f} | {limit} | {difference} |"


def cores(row: rate.Row | within.Row) -> str:
    """ ", one core", where the processors' time says so."""
    return ", one core" if row.cpu < 1.1 * row.seconds else ""


def rate_line(row: rate.Row) -> str:
    """One line of the table."""
    case = rate.CASES[row.case]
    compared = row.difference == row.difference
    if row.who != "tertius":
        agree = f", coefficients agree to {row.difference:.0e}" if compared else ""
        model = ", ".join(w for w in (f"{row.who} {row.version}", row.backend, "the same") if w)
        return line(f"{model}{cores(row)}{agree}", size(case), row)
    model = f"rate, {case.sample} controls a case" if case.sample else "rate, full risk set"
    model += ", three effects" * bool(case.question) + ", dyads nearly alike" * case.alike
    share = f"{row.share:.0%} ({row.share_memory:.0%}), {row.passes:.3g}" if row.share == row.share else ""
    difference = f"{row.difference:.0e}, {row.se_difference:.0e}" if compared else row.note
    return line(model, size(case), row, share, "double" if row.precision == "float64" else difference)


def within_line(row: within.Row, case: within.Case) -> str:
    """One line of the table."""
    periods, actors = case.Y.shape[:2]
    where = f"{actors} x {periods} months, {len(case.names)} terms"
    if row.who == "tertius":
        return line(f"within-pair{cores(row)}", where, row)
    agree = f", coefficients agree to {row.difference:.0e}" if row.difference == row.difference else ""
    return line(f"{row.who} {row.version} `fepois`, the same{cores(row)}{agree}", where, row)


def explain_line(row: explain.Row) -> str:
    """One line of the table."""
    model = "explain with ladder and certificate on gdelt_dyad_day by month"
    return line(model, f"{row.actors} x {row.periods} months, {explain.PERMUTATIONS} permutations", row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with weights.parquet (and missing_days.csv)")
    parser.add_argument("--pyfixest", help="Python of an environment that has it")
    parser.add_argument("--remflow", help="Python of an environment that has it")
    parser.add_argument("--times", type=int, default=5, help="runs, of which the quickest counts")
    parser.add_argument("--rows", type=Path, help="CSV of the rows of the rate model")
    options = parser.parse_args()
    rows = rate_rows(options.times, options.remflow)
    lines = [rate_line(row) for row in rows]
    if options.data is not None:
        case = within.read_apart(options.data)
        for fitted in within.rows_of(case, options.pyfixest, options.times):
            lines.append(within_line(fitted, case))
            print(fitted, file=sys.stderr, flush=True)
        del case
        asked = explain.row_of(options.data)
        lines.append(explain_line(asked))
        print(asked, file=sys.stderr, flush=True)
    drawn = simulation.row_of(10_000_000, options.times)
    where = f"{simulation.ACTORS} x {simulation.DAYS:,} days, {drawn.drawn:,}"
    lines.append(line("`tertius.simulate`", where, drawn))
    rivals = [row for row in rows if row.who != "tertius" and row.se_difference == row.se_difference]
    print("\n".join([HEAD, *lines]), foot(options.times, rivals), sep="\n\n")
    if options.rows:
        with options.rows.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, [f.name for f in fields(rate.Row)])
            writer.writeheader()
            writer.writerows(asdict(r) for r in rows)


if __name__ == "__main__":
    main()
