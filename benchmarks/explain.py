"""Time and memory of the whole question, ladder and certificate included, on daily dyads of GDELT.

    python benchmarks/explain.py --data DIR

DIR holds ``weights.parquet`` (date, a, b, weight) and, if days are without any record, ``missing_days.csv`` (date).
They are imported into a temporary store, which does not count. Then, in a process of its own (``watching.py``):

    tertius.explain("RUS", "PRK", store, ladder=True, permutations=200)

By month, the default: within-pair model, comparison with inertia alone on the last third, ladder, attribution, and the
certificate with its two null pictures. ``seconds`` is from the store to the answer, reading the store included,
``import tertius`` not; ``cpu`` the processors' time.

    python benchmarks/explain.py --data DIR --against SRC
    python benchmarks/explain.py --ask RUS PRK DATA --against SRC

compares with another state of tertius (SRC is the ``src`` folder of its checkout): the same question without ladder
and pictures, ``permutations=0``, in turns, twice each, BLAS on one thread; and the largest relative difference of any
number of the two answers. DATA is anything that ``tertius.load`` takes.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from watching import peak_megabytes, processor_seconds, watched

import tertius
from tertius.sources.importing import import_files

PAIR = ("RUS", "PRK")
PERMUTATIONS = 200
TURNS = 2
OF_THE_RUN = ("seconds", "peak_memory_mb", "versions", "command")
"""Keys of an answer that another run may have otherwise."""


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
    with tempfile.TemporaryDirectory() as place:
        r = watched([sys.executable, __file__, "--child", str(imported(folder, Path(place)))])
    if "note" in r:
        nan = float("nan")
        return Row("", 0, 0, 0, nan, nan, nan, "", r["note"])
    return Row(**{f.name: r[f.name] for f in fields(Row) if f.name != "note"})


def imported(folder: Path, place: Path) -> Path:
    """The daily dyads of a folder as a store."""
    store, missing = place / "store", folder / "missing_days.csv"
    import_files("dyads", [folder / "weights.parquet"], store, missing=missing if missing.exists() else None)
    return store


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


def compare(pair: tuple[str, str], data: str, against: Path) -> str:
    """Ask this state and another in turns, and say what each took and how far the answers differ."""
    own = Path(__file__).resolve().parent.parent / "src"
    took: dict[Path, list[dict[str, Any]]] = {own: [], against.resolve(): []}
    for _ in range(TURNS):
        for source, runs in took.items():
            where = ["env", f"PYTHONPATH={source}", "OPENBLAS_NUM_THREADS=1"]
            runs.append(watched([*where, sys.executable, __file__, "--child", data, "--bare", *pair]))
            if "note" in runs[-1]:
                return f"{source}: {runs[-1]['note']}"
    (new, old), lines = took.values(), [f"explain {' '.join(pair)} without pictures, {os.path.basename(data)}:"]
    for name, runs in (("this state", new), ("the other", old)):
        figures = (", ".join(f"{r[key]:.1f}" for r in runs) for key in ("cpu", "seconds", "peak_mb"))
        lines.append("  {}: cpu {} s; {} s; peak {} MB".format(name, *figures))
    ratio = min(r["cpu"] for r in new) / min(r["cpu"] for r in old)
    count, largest, where_ = differences(new[0]["answer"], old[0]["answer"])
    lines.append(f"  cpu of the best runs: {ratio:.3f} of the other's")
    lines.append(f"  {count} numbers; largest relative difference {largest:.1e} {where_}".rstrip())
    return "\n".join(lines)


def differences(a: Any, b: Any, path: str = "") -> tuple[int, float, str]:
    """How many numbers two documents have, the largest relative difference, and where; infinite if not comparable."""
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        found = [differences(a[k], b[k], f"{path}/{k}") for k in a if k not in OF_THE_RUN]
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        found = [differences(x, y, f"{path}/{k}") for k, (x, y) in enumerate(zip(a, b, strict=True))]
    elif a == b:
        return int(isinstance(a, int | float)), 0.0, ""
    elif isinstance(a, float | int) and isinstance(b, float | int):
        return 1, abs(a - b) / max(abs(a), abs(b)), path
    else:
        return 0, float("inf"), path
    worst = max(found, key=lambda f: f[1], default=(0, 0.0, ""))
    return sum(f[0] for f in found), worst[1], worst[2]


def bare(pair: list[str], data: str) -> None:
    """Ask without ladder and pictures, and print what happened and the whole answer as JSON."""
    explain = tertius.explain
    began, cpu = time.perf_counter(), processor_seconds()
    answer = explain(*pair, data, permutations=0)
    took = {"seconds": time.perf_counter() - began, "cpu": processor_seconds() - cpu, "peak_mb": peak_megabytes()}
    print(json.dumps({**took, "answer": answer.to_dict()}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with weights.parquet and missing_days.csv")
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--against", type=Path, metavar="SRC", help="src folder of another checkout to compare with")
    parser.add_argument("--ask", nargs=3, metavar=("A", "B", "DATA"), help="what to compare, instead of --data")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--bare", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child and options.bare:
        bare(options.bare, options.child)
        return
    if options.child:
        child(Path(options.child))
        return
    if options.against and options.ask:
        print(compare((options.ask[0], options.ask[1]), options.ask[2], options.against))
        return
    if options.data is None:
        parser.error("give --data DIR")
    if options.against:
        with tempfile.TemporaryDirectory() as place:
            print(compare(PAIR, str(imported(options.data, Path(place))), options.against))
        return
    row = row_of(options.data)
    print(row)
    if options.csv:
        with options.csv.open("w", newline="") as stream:
            lines = csv.DictWriter(stream, [f.name for f in fields(Row)])
            lines.writeheader()
            lines.writerow(asdict(row))


if __name__ == "__main__":
    main()
