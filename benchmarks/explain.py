"""Time and memory of the whole question, ladder and certificate included, on daily dyads of GDELT.

    python benchmarks/explain.py --data DIR

DIR holds ``weights.parquet`` (date, a, b, weight) and, if days are without any record, ``missing_days.csv`` (date).
They are imported into a temporary store, which does not count. Then, in a process of its own (``watching.py``):

    tertius.explain("RUS", "PRK", store, ladder=True, permutations=200)

By month, the default: within-pair model, comparison with inertia alone on the last third, ladder, attribution, and the
certificate with its two null pictures. ``seconds`` is from the store to the answer, reading the store included,
``import tertius`` not; ``cpu`` the processors' time.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from watching import peak_megabytes, processor_seconds, watched

import tertius
from tertius.sources.importing import import_files

PAIR = ("RUS", "PRK")
PERMUTATIONS = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One line: the size, how long, how much memory, and the verdict; or why there is none."""

    model: str
    actors: int
    periods: int
    rungs: int
    seconds: float
    cpu: float
    peak_mb: float
    verdict: str
    note: str = ""

    def __str__(self) -> str:
        if self.note:
            return f"explain: {self.note}"
        return (
            f"explain {' '.join(PAIR)} --ladder, {PERMUTATIONS} permutations, {self.model}, {self.actors} actors x "
            f"{self.periods} periods, {self.rungs} rungs: {self.seconds:.1f} s, cpu {self.cpu:.1f} s, peak "
            f"{self.peak_mb:.0f} MB; {self.verdict}"
        )


def row_of(folder: Path) -> Row:
    """Import, ask in a process of its own, and say what it took."""
    missing = folder / "missing_days.csv"
    with tempfile.TemporaryDirectory() as place:
        store = Path(place) / "store"
        import_files("dyads", [folder / "weights.parquet"], store, missing=missing if missing.exists() else None)
        r = watched([sys.executable, __file__, "--child", str(store)])
    if "note" in r:
        nan = float("nan")
        return Row("", 0, 0, 0, nan, nan, nan, "", r["note"])
    return Row(**{f.name: r[f.name] for f in fields(Row) if f.name != "note"})


def child(store: Path) -> None:
    """Ask, and print what happened as JSON."""
    explain = tertius.explain
    began, cpu = time.perf_counter(), processor_seconds()
    answer = explain(*PAIR, store, ladder=True, permutations=PERMUTATIONS)
    seconds, cpu = time.perf_counter() - began, processor_seconds() - cpu
    fit = answer.fit
    said = {
        "model": fit.model,
        "actors": fit.n_actors,
        "periods": fit.n_periods or fit.n_slices,
        "rungs": len(fit.ladder),
        "seconds": seconds,
        "cpu": cpu,
        "peak_mb": peak_megabytes(),
        "verdict": answer.verdict,
    }
    print(json.dumps(said))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with weights.parquet and missing_days.csv")
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child)
        return
    if options.data is None:
        parser.error("give --data DIR")
    row = row_of(options.data)
    print(row)
    if options.csv:
        with options.csv.open("w", newline="") as stream:
            lines = csv.DictWriter(stream, [f.name for f in fields(Row)])
            lines.writeheader()
            lines.writerow(asdict(row))


if __name__ == "__main__":
    main()
