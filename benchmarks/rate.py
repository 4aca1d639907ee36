"""Time, memory and accuracy of the rate model, full risk set, the ten default effects of directed data (15 columns).

    python benchmarks/rate.py                       the small cases
    python benchmarks/rate.py --cases all           all of the full risk set; the largest is 200 actors, 4,000 days
    python benchmarks/rate.py --cases n200 --check  and against double precision in the same run (minutes)
    python benchmarks/rate.py --cases n60-alike --check    dyads nearly alike: hard for single precision
    python benchmarks/rate.py --cases n10 --rival remflow --python ENV/bin/python    a rival, in its own environment
    python benchmarks/rate.py --cases n5000-sampled 5,000 actors, 1,000,000 events, 2,000 days, 20 controls a case
    python benchmarks/rate.py --cases n1000-sampled-against-full --seeds 5    the same question of both risk sets, one
                                                    full fit and five draws of controls (minutes, 5 GB)
    python benchmarks/rate.py --cases n200,n200-10M --in-turns --times 5    side by side: what ten times the events cost
    python benchmarks/rate.py --times 5             the quickest of five runs, where the first takes under 30 s
    python benchmarks/rate.py --csv rows.csv        rows as CSV

Every fit runs in a process of its own, so that its peak memory is its own (``watching.py``).
``data_mb`` is what Python and the events took before. ``seconds`` is
from the arrays of events to coefficients and standard errors: the design with its units and the fit, without import,
import of data, and the check of adequacy that ``tertius fit`` adds. ``cpu`` is the processors' time: on a machine with
other work it says more than ``seconds``.

``share`` is how near each pass is to the machine, not how few passes there are. With the parts measured in the same
run, each alone on one core in single precision (``benchmarks/machine.py``),

    share = slices x (passes x (6 products of N x N + 11 logarithms of N x N + one pass over the design) + D) / cpu,

where D are the products of the columns by dyad, once. A fit that makes more passes than it needs has no smaller
``share``, rather a larger one: read it beside ``passes``. D is our own batched product, not a limit of the machine.
``share_memory`` is what the passes over the design, which read all columns twice and do little else, have in ``share``:
the memory's (or the cache's) part. None of it where the columns are in double precision.

``difference`` is the largest difference of a coefficient from the one in double precision, relative to the largest
coefficient; ``in_se`` is in standard errors of the model; ``se_difference`` is the largest relative difference of a
standard error, of the model or the jackknife (of a rival: of the model). Of a sampled risk set the reference is the
full one, in the same units c, where the case says ``against-full``, and ``in_se`` is in errors behind the sampled fit's
intervals. ``auto`` precision is double in small designs and where single would not do: ``--precision`` says otherwise.

Events: heavy-tailed senders and receivers (log-normal) and dyads, independent from day to day; of ``n60-alike``,
``tertius.simulate``.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from machine import measure
from watching import peak_megabytes, processor_seconds, quickest, quickest_of, watched

from tertius import __version__
from tertius.effects import columns, default_effects
from tertius.events.slices import DyadSlices
from tertius.model.coefficients import interval_errors
from tertius.model.design import build_design
from tertius.model.rate.fit import fit_rate
from tertius.model.robust import standard_errors
from tertius.simulation import simulate
from tertius.spec import DEFAULT_SEED, Duration, ModelSpec

PRODUCTS = 6  # matrix products a slice: six different two-paths
LOGARITHMS = 11  # columns that differ between dyads
COLUMNS = tuple(c.name for c in columns(default_effects(True), True))
NAN = float("nan")

RIVALS_QUESTION = (
    ("effects", "inertia.coop,reciprocity.coop,transitivity.coop"),
    ("transform", "raw"),
    ("half_life", "none"),
    ("legs", "min"),
)

REMFLOW = """
import json, sys, time
from importlib.metadata import version
import pandas as pd, remflow
sys.path.append(sys.argv[3])
from watching import peak_megabytes, processor_seconds
events = pd.read_csv(sys.argv[1])
began, cpu = time.perf_counter(), processor_seconds()
reh = remflow.remify(events, model="tie", ordinal=True, actors=[f"A{k}" for k in range(int(sys.argv[2]))])
statistics = remflow.remstats(reh, tie_effects="~ inertia() + reciprocity() + otp()")
fit = remflow.remstimate(reh, statistics, backend="numpy")
seconds, cpu = time.perf_counter() - began, processor_seconds() - cpu
jax = remflow.available_backends()["jax"]["available"]
print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": peak_megabytes(), "version": version("remflow"),
                  "backend": "numpy backend (its JAX one is " + ("not used)" if jax else "an extra, not installed)"),
                  "precision": "float64",
                  "beta": list(fit.coef), "se": [c ** 0.5 for c in fit.covariance.diagonal()]}))
"""


@dataclass(frozen=True, slots=True)
class Case:
    """N actors, M events, D days; the time aimed at, in seconds; and the question, where it is not the default one.

    ``alike``: drawn by ``tertius.simulate`` with :data:`ALIKE`. ``against_full``: sampled and full are compared.
    """

    name: str
    actors: int
    events: int
    days: int
    goal: float
    question: tuple[tuple[str, str], ...] = ()
    sample: int | None = None
    against_full: bool = False
    alike: bool = False


CASES = {
    c.name: c
    for c in (
        Case("n10", 10, 200, 200, 0.1, RIVALS_QUESTION),
        Case("n50", 50, 10_000, 1_000, 0.6),
        Case("n60-alike", 60, 1_680_000, 560, NAN, alike=True),
        Case("n100", 100, 100_000, 2_000, 2.5),
        Case("n200", 200, 1_000_000, 4_000, 15.0),
        Case("n200-10M", 200, 10_000_000, 4_000, 15.0),
        Case("n5000-sampled", 5_000, 1_000_000, 2_000, 120.0, sample=20),
        Case("n1000-sampled-against-full", 1_000, 50_000, 100, 60.0, sample=20, against_full=True),
    )
}

ALIKE: dict[str, Any] = {
    "cooperation": {"inertia.coop": 0.05, "shared_threat": 0.05},
    "hostility": {"inertia.host": 0.05},
    "events_per_slice": (2_000.0, 1_000.0),
    "seed": 1,
}
"""Equal actors and small coefficients: the columns vary little between dyads, which single precision feels first."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what ran, how long, how much memory, how near; fields as in the module's docstring."""

    case: str
    who: str
    version: str
    precision: str
    seconds: float
    cpu: float
    goal: float
    peak_mb: float
    data_mb: float
    passes: float
    share: float
    share_memory: float
    difference: float
    in_se: float
    se_difference: float
    runs: int
    backend: str
    note: str

    def __str__(self) -> str:
        name = f"{self.case} {self.who}{f' {self.version}' if self.version else ''}"
        if self.seconds != self.seconds:
            return f"{name}: {self.note}"
        goal = f" (goal {self.goal} s)" if self.goal == self.goal else ""
        errors = f", errors {self.se_difference:.1e}" if self.se_difference == self.se_difference else ""
        compared = (
            f", difference {self.difference:.1e} ({self.in_se:.1e} se){errors}"
            if self.difference == self.difference
            else ""
        )
        share = f", share {self.share:.0%} (memory {self.share_memory:.0%})" if self.share == self.share else ""
        before = f" ({self.data_mb:.0f} MB before)" if self.data_mb == self.data_mb else ""
        passes = f", {self.passes:.3g} passes" if self.passes else ""
        words = "".join(f", {w}" for w in (self.backend, self.note) if w)
        return (
            f"{name} {self.precision}: {self.seconds:.2f} s{goal}, cpu {self.cpu:.2f} s, peak {self.peak_mb:.0f} MB"
            f"{before}{passes}{share}{compared}, {self.runs} run(s){words}"
        )


class Engine(Protocol):
    """Whoever fits a case: tertius itself in one precision or the other, or a rival."""

    def run(self, case: Case) -> dict[str, Any]:
        """Seconds, cpu, peak_mb, version, beta, se, and more of our own; or ``note`` where it failed."""


def history(case: Case, seed: int = 1) -> DyadSlices:
    """Events of a case: drawn day by day from one heavy-tailed distribution over dyads.

    Not ``tertius.simulate``, because independent days keep one spread over the dyads at any number of events, where a
    history that feeds itself may run away to a few, and are drawn in seconds at 5,000 actors.
    """
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


def slices_of(case: Case) -> DyadSlices:
    """The events of a case."""
    return simulate(case.actors, case.days, **ALIKE).slices if case.alike else history(case)


@dataclass(frozen=True, slots=True)
class Tertius:
    """This package, in a process of its own; ``seed`` is that of the controls drawn."""

    precision: str = "auto"
    full: bool = False
    seed: int = DEFAULT_SEED

    def run(self, case: Case) -> dict[str, Any]:
        asked = ["--precision", self.precision, "--seed", str(self.seed), *(["--full"] if self.full else [])]
        return watched([sys.executable, __file__, "--child", case.name, *asked])


@dataclass(frozen=True, slots=True)
class Remflow:
    """remflow, in the environment of another Python: one event a day, three statistics (:data:`RIVALS_QUESTION`).

    Its standard errors are of BFGS's approximate Hessian (0.1.2), 28 % from ours here; its own exact Hessian, at its
    own optimum, gives ours to four digits.
    """

    python: str

    def run(self, case: Case) -> dict[str, Any]:
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
            here = str(Path(__file__).parent)
            return watched([self.python, "-c", REMFLOW, str(path), str(case.actors), here], seconds=600)


def child(case: Case, precision: str, full: bool, seed: int) -> None:
    """Fit a case and print what happened, as JSON."""
    slices = slices_of(case)
    units = {} if not case.against_full else dict.fromkeys(COLUMNS, 1.0)
    asked = {"model": "rate", "scales": units, **dict(case.question), "sample": None if full else case.sample}
    spec = ModelSpec.of(**asked, seed=seed).resolve(directed=True)
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
        "version": __version__,
        "beta": fit.beta.tolist(),
        "se": standard_errors(fit.cov.model).tolist(),
        "se_jackknife": standard_errors(fit.cov.jackknife).tolist(),
        "se_interval": interval_errors(fit.cov).tolist(),
    }
    print(json.dumps(answer))


def share_of_limit(case: Case, passes: float, cpu: float) -> tuple[float, float]:
    """Time of the parts alone over the time taken; and of the passes over the design in it."""
    limits = measure(case.actors, len(COLUMNS))
    alone = passes * limits.slice_seconds(PRODUCTS, LOGARITHMS) + limits.outer
    return alone * case.days / cpu, passes * limits.design_pass * case.days / cpu


def largest_relative(ours: dict[str, Any], theirs: dict[str, Any], names: Sequence[str]) -> float:
    """Largest relative difference of numbers that both give; where only one of the two is NaN, infinite."""
    worst = []
    for name in names:
        if name in ours and name in theirs:
            a, b = np.array(ours[name]), np.array(theirs[name])
            apart = np.abs(a - b) / np.abs(b)
            worst.append(np.where(np.isnan(a) & np.isnan(b), 0.0, np.where(np.isnan(apart), np.inf, apart)).max())
    return float(max(worst)) if worst else NAN


def row_of(case: Case, who: str, r: dict[str, Any], reference: dict[str, Any]) -> Row:
    """One line from what an engine answered, beside the reference (empty: none)."""
    difference = in_se = se_difference = share = memory = NAN
    notes = [r["note"]] if "note" in r else [f"no reference: {reference['note']}"] if "note" in reference else []
    if who == "tertius" and r.get("precision") == "float32" and case.sample is None:
        share, memory = share_of_limit(case, r["passes"], r["cpu"])
    if "beta" in r and "beta" in reference:
        ours, theirs = np.array(r["beta"]), np.array(reference["beta"])
        difference = float(np.abs(ours - theirs).max() / np.abs(theirs).max())
        se = np.array(r["se_interval"] if case.against_full else reference["se"])
        if not np.isnan(se).all():
            in_se = float(np.nanmax(np.abs(ours - theirs) / se))
        if np.isnan(se).any():
            notes.append(f"no error of {int(np.isnan(se).sum())} term(s)")
        if not case.against_full:
            se_difference = largest_relative(r, reference, ("se", "se_jackknife"))
    return Row(
        case=case.name,
        who=who,
        version=r.get("version", ""),
        precision=r.get("precision", ""),
        seconds=r.get("seconds", NAN),
        cpu=r.get("cpu", NAN),
        goal=case.goal,
        peak_mb=r.get("peak_mb", NAN),
        data_mb=r.get("data_mb", NAN),
        passes=r.get("passes", 0),
        share=share,
        share_memory=memory,
        difference=difference,
        in_se=in_se,
        se_difference=se_difference,
        runs=r.get("runs", 1),
        backend=r.get("backend", ""),
        note=", ".join(notes),
    )


def rows_of(case: Case, engines: dict[str, Engine], check: bool, times: int = 1) -> list[Row]:
    """A row for every engine, the quickest of so many runs each; double precision is run once."""
    reference = Tertius("float64").run(case) if check or case.question else {}
    return [row_of(case, who, quickest(partial(engine.run, case), times), reference) for who, engine in engines.items()]


def rows_side_by_side(cases: Sequence[Case], check: bool, times: int) -> list[Row]:
    """Our row for every case, run in turns, so that the machine's good and bad minutes fall on all."""
    references = [Tertius("float64").run(case) if check else {} for case in cases]
    found = [[Tertius().run(case) for case in cases] for _ in range(times)]
    runs = zip(*found, strict=True)
    return [
        row_of(case, "tertius", quickest_of(of_case), reference)
        for case, of_case, reference in zip(cases, runs, references, strict=True)
    ]


def rows_against_full(case: Case, seeds: int) -> list[Row]:
    """A row for every seed of the controls, each against one fit of the full risk set."""
    reference = Tertius(full=True).run(case)
    if "note" in reference:
        raise SystemExit(f"{case.name}, full risk set: {reference['note']}")
    rows = []
    for seed in range(1, seeds + 1):
        row = row_of(case, "tertius", Tertius(seed=seed).run(case), reference)
        rows.append(replace(row, note=", ".join(w for w in (f"seed {seed}", row.note) if w)))
        print(rows[-1], flush=True)
    apart = np.array([row.in_se for row in rows if row.in_se == row.in_se])
    if not len(apart):
        print(f"{case.name}: none of {seeds} seeds was fitted")
        return rows
    print(
        f"{case.name}: in {np.mean(apart > 2):.0%} of the fits ({len(apart)} of {seeds} seeds) a term is more than two "
        f"interval errors from the full risk set's; the largest is {apart.max():.2f} errors"
    )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", default="n50,n100", help=f"all, or some of {','.join(CASES)}")
    parser.add_argument("--check", action="store_true", help="against double precision: coefficients, standard errors")
    parser.add_argument("--times", type=int, default=1, help="runs, of which the quickest counts")
    parser.add_argument("--in-turns", action="store_true", help="cases one after the other, --times rounds of them")
    parser.add_argument("--seeds", type=int, default=5, help="draws of controls, of the case against full")
    parser.add_argument("--precision", choices=["auto", "float32", "float64"], default="auto", help="ours")
    parser.add_argument("--rival", choices=["remflow"])
    parser.add_argument("--python", default=sys.executable, help="the rival's Python")
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--child", choices=list(CASES), help=argparse.SUPPRESS)
    parser.add_argument("--full", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(CASES[options.child], options.precision, options.full, options.seed)
        return
    engines: dict[str, Engine] = {"tertius": Tertius(options.precision)}
    if options.rival:
        engines["remflow"] = Remflow(options.python)
    rows: list[Row] = []
    whole = [n for n, case in CASES.items() if n != "n10" and case.sample is None]
    names = whole if options.cases == "all" else options.cases.split(",")
    if options.in_turns:
        rows = rows_side_by_side([CASES[name] for name in names], options.check, options.times)
        print(*rows, sep="\n")
        names = []
    for name in names:
        case = CASES[name]
        if case.against_full:
            rows += rows_against_full(case, options.seeds)
            continue
        for row in rows_of(case, engines, options.check, options.times):
            rows.append(row)
            print(row, flush=True)
    if options.csv:
        with options.csv.open("w", newline="") as stream:
            lines = csv.DictWriter(stream, [f.name for f in fields(Row)])
            lines.writeheader()
            lines.writerows(asdict(r) for r in rows)


if __name__ == "__main__":
    main()
