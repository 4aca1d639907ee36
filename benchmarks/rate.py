"""Time, memory and accuracy of the rate model, full risk set, the ten default effects of directed data (15 columns).

    python benchmarks/rate.py                       the small cases
    python benchmarks/rate.py --cases all           all four; the largest is 200 actors, 1,000,000 events, 4,000 days
    python benchmarks/rate.py --cases n200 --check  and against double precision in the same run (minutes)
    python benchmarks/rate.py --cases n10 --rival remflow --python ENV/bin/python    a rival, in its own environment
    python benchmarks/rate.py --cases n5000-sampled 5,000 actors, 1,000,000 events, 2,000 days, five controls a case
    python benchmarks/rate.py --cases n1000-sampled-against-full    the same question of both risk sets (minutes, 5 GB)
    python benchmarks/rate.py --csv rows.csv        rows as CSV

Every fit runs in a process of its own, so that its peak memory is its own (``watching.py``).
``data_mb`` is what Python and the events took before. ``seconds`` is
from the arrays of events to coefficients and standard errors: the design with its units and the fit, without import and
import of data. ``cpu`` is the processors' time: on a machine with other work it says more than ``seconds``. ``share``
is the time that the parts of the passes made take alone on this machine (``benchmarks/machine.py``, measured in the
same run: matrix products, logarithms, passes over the design, products by dyad) relative to ``cpu``. ``difference`` is
the largest difference of a coefficient from the one in double precision, relative to the largest coefficient;
``in_se`` is in standard errors of the model. Of a sampled risk set the reference is the full one, in the same units c,
where the case says ``against-full``, and ``in_se`` is in errors behind the sampled fit's intervals.

Events: heavy-tailed senders and receivers (log-normal) and dyads, independent from day to day.
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
from typing import Protocol

import numpy as np
from machine import measure
from watching import peak_megabytes, processor_seconds, watched

from tertius.effects import columns, default_effects
from tertius.events.slices import DyadSlices
from tertius.model.design import build_design
from tertius.model.rate import fit_rate
from tertius.model.result import interval_errors
from tertius.spec import Duration, ModelSpec

PRODUCTS = 6  # matrix products a slice: six different two-paths
LOGARITHMS = 11  # columns that differ between dyads
COLUMNS = tuple(c.name for c in columns(default_effects(True), True))


RIVALS_QUESTION = (
    ("effects", "inertia.coop,reciprocity.coop,transitivity.coop"),
    ("transform", "raw"),
    ("half_life", "none"),
    ("legs", "min"),
)

REMFLOW = """
import json, sys, time
import pandas as pd, remflow
events = pd.read_csv(sys.argv[1])
began, cpu = time.perf_counter(), time.process_time()
reh = remflow.remify(events, model="tie", ordinal=True, actors=[f"A{k}" for k in range(int(sys.argv[2]))])
fit = remflow.remstimate(reh, remflow.remstats(reh, tie_effects="~ inertia() + reciprocity() + otp()"))
print(json.dumps({"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu, "peak_mb": 0.0,
                  "version": "0.1.2" if not hasattr(remflow, "__version__") else remflow.__version__,
                  "beta": list(fit.coef), "se": [c ** 0.5 for c in fit.covariance.diagonal()]}))
"""


@dataclass(frozen=True, slots=True)
class Case:
    """N actors, M events, D days; the time aimed at, in seconds; and the question, where it is not the default one."""

    name: str
    actors: int
    events: int
    days: int
    goal: float
    question: tuple[tuple[str, str], ...] = ()
    sample: int | None = None
    against_full: bool = False


CASES = {
    c.name: c
    for c in (
        Case("n10", 10, 200, 200, 0.1, RIVALS_QUESTION),
        Case("n50", 50, 10_000, 1_000, 0.6),
        Case("n100", 100, 100_000, 2_000, 2.5),
        Case("n200", 200, 1_000_000, 4_000, 15.0),
        Case("n200-10M", 200, 10_000_000, 4_000, 15.0),
        Case("n5000-sampled", 5_000, 1_000_000, 2_000, 120.0, sample=5),
        Case("n1000-sampled-against-full", 1_000, 50_000, 100, 60.0, sample=5, against_full=True),
    )
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what ran, how long, how much memory, how near."""

    case: str
    who: str
    version: str
    precision: str
    seconds: float
    cpu: float
    goal: float
    peak_mb: float
    data_mb: float
    passes: int
    share: float
    difference: float
    in_se: float
    note: str

    def __str__(self) -> str:
        compared = (
            f", difference {self.difference:.1e} ({self.in_se:.1e} se)" if self.difference == self.difference else ""
        )
        share = f", share {self.share:.0%}" if self.share == self.share else ""
        return (
            f"{self.case:9} {self.who:8} {self.precision:8} {self.seconds:6.2f} s (goal {self.goal} s), "
            f"cpu {self.cpu:.2f} s, peak {self.peak_mb:.0f} MB ({self.data_mb:.0f} MB before), "
            f"{self.passes} passes{share}{compared} {self.note}"
        )


class Engine(Protocol):
    """Whoever fits a case: tertius itself in one precision or the other, or a rival."""

    def run(self, case: Case) -> dict[str, object]:
        """Seconds, cpu, peak_mb, data_mb, passes, version, beta, se; or ``note`` where it failed."""


def history(case: Case, seed: int = 1) -> DyadSlices:
    """Events of a case: drawn day by day from one heavy-tailed distribution over dyads."""
    rng = np.random.default_rng(seed)
    n, daily = case.actors, case.events // case.days
    size = 1.2 * rng.normal(size=(2, n))
    weight = np.exp(size[0][:, None] + size[1] + 0.8 * rng.normal(size=(n, n)))
    np.fill_diagonal(weight, 0.0)
    running = np.cumsum(weight)
    coop = daily if case.question else round(daily * 2 / 3)
    indptr, dyads, counts = [0], [], []
    for _ in range(case.days):
        drawn = [np.searchsorted(running, rng.random(m) * running[-1], side="right") for m in (coop, daily - coop)]
        some, place = np.unique(np.concatenate(drawn), return_inverse=True)
        dyads.append(some)
        parts = (place[:coop], place[coop:])
        counts.append(np.stack([np.bincount(part, minlength=len(some)) for part in parts]))
        indptr.append(indptr[-1] + len(some))
    C, H = np.concatenate(counts, axis=1).astype(np.float64)
    return DyadSlices(
        actors=tuple(f"A{k}" for k in range(n)),
        directed=True,
        edges=10957.0 + np.arange(case.days + 1),
        observed=np.ones(case.days, dtype=bool),
        indptr=np.array(indptr),
        dyad=np.concatenate(dyads),
        coop_count=C,
        coop_weight=C.copy(),
        host_count=H,
        host_weight=H.copy(),
        length=Duration.parse("1d"),
    )


@dataclass(frozen=True, slots=True)
class Tertius:
    """This package, in a process of its own."""

    precision: str = "auto"
    full: bool = False

    def run(self, case: Case) -> dict[str, object]:
        full = ["--full"] if self.full else []
        return watched([sys.executable, __file__, "--child", case.name, "--precision", self.precision, *full])


@dataclass(frozen=True, slots=True)
class Remflow:
    """remflow, in the environment of another Python: one event a day, three statistics (:data:`RIVALS_QUESTION`)."""

    python: str

    def run(self, case: Case) -> dict[str, object]:
        if not case.question:
            return {"note": "not run: with 20 actors and 2,000 events it did not finish in 900 s (tests/parity/data)"}
        sl = history(case)
        at = np.repeat(np.arange(sl.n_slices), np.diff(sl.indptr))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "events.csv"
            with path.open("w", newline="") as stream:
                lines = csv.writer(stream)
                lines.writerow(["time", "actor1", "actor2"])
                lines.writerows(
                    zip(
                        at + 1,
                        [f"A{i}" for i in sl.dyad // sl.n_actors],
                        [f"A{j}" for j in sl.dyad % sl.n_actors],
                        strict=True,
                    )
                )
            return watched([self.python, "-c", REMFLOW, str(path), str(case.actors)], seconds=600)


def child(case: Case, precision: str, full: bool) -> None:
    """Fit a case and print what happened, as JSON."""
    slices = history(case)
    units = {} if not case.against_full else dict.fromkeys(COLUMNS, 1.0)
    asked = {"model": "rate", "scales": units, **dict(case.question), "sample": None if full else case.sample}
    spec = ModelSpec.of(**asked).resolve(directed=True)
    before = peak_megabytes()
    began, cpu = time.perf_counter(), processor_seconds()
    fit = fit_rate(build_design(slices, spec), precision=precision)
    answer = {
        "seconds": time.perf_counter() - began,
        "cpu": processor_seconds() - cpu,
        "peak_mb": peak_megabytes(),
        "data_mb": before,
        "passes": fit.passes,
        "precision": fit.precision,
        "version": "",
        "beta": fit.beta.tolist(),
        "se": np.sqrt(np.diag(fit.cov.model)).tolist(),
        "se_interval": interval_errors(fit.cov).tolist(),
    }
    print(json.dumps(answer))


def share_of_limit(case: Case, passes: int, cpu: float) -> float:
    """Time of the parts alone, over the time taken."""
    columns = 15
    limits = measure(case.actors, columns)
    alone = passes * limits.slice_seconds(PRODUCTS, LOGARITHMS) + limits.outer
    return alone * case.days / cpu


def rows_of(case: Case, engines: dict[str, Engine], check: bool) -> list[Row]:
    found: list[Row] = []
    reference = Tertius("float64").run(case) if check or case.question else {}
    if case.against_full:
        reference = Tertius(full=True).run(case)
    for who, engine in engines.items():
        r = engine.run(case)
        difference = in_se = share = float("nan")
        if who == "tertius" and "beta" in r and not case.question and case.sample is None:
            share = share_of_limit(case, int(r["passes"]), float(r["cpu"]))  # type: ignore[call-overload]
        if "beta" in r and "beta" in reference:
            ours, theirs, se = (np.array(v) for v in (r["beta"], reference["beta"], reference["se"]))
            difference = float(np.abs(ours - theirs).max() / np.abs(theirs).max())
            in_se = float((np.abs(ours - theirs) / (np.array(r["se_interval"]) if case.against_full else se)).max())
        nan = float("nan")
        found.append(
            Row(
                case.name,
                who,
                str(r.get("version", "")),
                str(r.get("precision", "")),
                *(float(r.get(k, nan)) for k in ("seconds", "cpu")),  # type: ignore[arg-type]
                case.goal,
                *(float(r.get(k, nan)) for k in ("peak_mb", "data_mb")),  # type: ignore[arg-type]
                int(r.get("passes", 0)),  # type: ignore[call-overload]
                share,
                difference,
                in_se,
                str(r.get("note", "")),
            )
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", default="n50,n100", help=f"all, or some of {','.join(CASES)}")
    parser.add_argument("--check", action="store_true", help="against double precision")
    parser.add_argument("--rival", choices=["remflow"])
    parser.add_argument("--python", default=sys.executable, help="the rival's Python")
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--child", choices=list(CASES), help=argparse.SUPPRESS)
    parser.add_argument("--precision", default="auto", help=argparse.SUPPRESS)
    parser.add_argument("--full", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(CASES[options.child], options.precision, options.full)
        return
    engines: dict[str, Engine] = {"tertius": Tertius()}
    if options.rival:
        engines["remflow"] = Remflow(options.python)
    rows: list[Row] = []
    whole = [n for n, case in CASES.items() if n != "n10" and case.sample is None]
    names = whole if options.cases == "all" else options.cases.split(",")
    for name in names:
        for row in rows_of(CASES[name], engines, options.check):
            rows.append(row)
            print(row, flush=True)
    if options.csv:
        with options.csv.open("w", newline="") as stream:
            lines = csv.DictWriter(stream, [f.name for f in fields(Row)])
            lines.writeheader()
            lines.writerows(asdict(r) for r in rows)


if __name__ == "__main__":
    main()
