"""Time, memory and accuracy of the within-pair engine.

    python benchmarks/within.py --data DIR               199 states x 66 months x 8 terms of gdelt_dyad_day, undirected
    python benchmarks/within.py --data DIR --rival pyfixest --python ENV/bin/python    and pyfixest's fepois
    python benchmarks/within.py --data DIR --times 5     the quickest of five runs, the rival's too
    python benchmarks/within.py --data DIR --correct     with the correction of the bias of order 1/N
    python benchmarks/within.py --data DIR --dense 50    how far its adjusted errors are from those by the information
                                                         of all effects, with the 50 busiest states
    python benchmarks/within.py --thin                   4,000 to 60,000 effects, 1.5 to 3 kept cells an effect

DIR holds ``weights.parquet`` (date, a, b, weight; undirected and net: positive is cooperation, negative is
hostility). Set OPENBLAS_NUM_THREADS=1 for the figure of one core.

Both engines run in a process of their own on the same file of arrays, watched alike (``watching.py``). ``seconds`` is
from arrays in memory (pyfixest: from its data frame, after a fit of 30 senders to warm up) to coefficients and standard
errors: neither import nor reading the file counts. ``peak_mb`` is of the whole process, the arrays included.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from watching import peak_megabytes, processor_seconds, quickest, watched

from tertius import __version__
from tertius.errors import TertiusError
from tertius.model.robust import covariances, remarks, standard_errors
from tertius.model.within import bias
from tertius.model.within.ppml import fit_ppml

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

TERMS = (
    "inertia_coop_90d",
    "inertia_coop_30d",
    "inertia_host_90d",
    "friend_of_friend_min",
    "friend_of_friend_sqrt",
    "common_foe_min",
    "common_foe_sqrt",
    "mixed_min",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A panel: Y (T, N, N) summed positive weight, X (p, T, N, N) terms of the past."""

    Y: Floats
    X: Floats
    names: tuple[str, ...]


def monthly(folder: Path) -> Case:
    """Months of ``weights.parquet``: positive weights as outcome, histories decayed to the month's start."""
    import duckdb

    rows = (
        duckdb.connect()
        .execute(
            """
            select a, b, weight::double as w,
                   date_diff('month', min(date) over (), date)::int as period,
                   date_diff('day', date, (date_trunc('month', date) + interval 1 month)::date)::int as age,
                   strftime(min(date) over (), '%Y-%m') as start
            from read_parquet($1) where a <> b
            """,
            [str(folder / "weights.parquet")],
        )
        .fetchnumpy()
    )
    names, ends = np.unique(np.concatenate([rows["a"], rows["b"]]).astype(str), return_inverse=True)
    N, T = len(names), int(rows["period"].max()) + 1
    a, b = ends[: len(rows["w"])], ends[len(rows["w"]) :]
    cell = (rows["period"].astype(np.int64) * N + a) * N + b
    first = np.datetime64(str(rows["start"][0]), "M")
    days = np.diff((first + np.arange(T + 1)).astype("datetime64[D]")).astype(int)

    def tensor(weights: Floats) -> Floats:
        total = np.bincount(cell, weights, T * N * N).reshape(T, N, N)
        return total + total.transpose(0, 2, 1)

    def history(weights: Floats, half_life: float) -> Floats:
        new = tensor(weights * 2.0 ** (-rows["age"] / half_life))
        past, state = np.empty_like(new), np.zeros((N, N))
        for t in range(T):
            past[t] = state
            state = state * 2.0 ** (-days[t] / half_life) + new[t]
        return past

    def least(left: Floats, right: Floats) -> Floats:
        return np.stack([[np.minimum(u[:, None], R).sum(0) for u in L] for L, R in zip(left, right, strict=True)])

    cooperation, hostility = np.maximum(rows["w"], 0.0), np.maximum(-rows["w"], 0.0)
    C, C30, H = history(cooperation, 90.0), history(cooperation, 30.0), history(hostility, 90.0)
    mixed = least(H, C)
    raw = (C, C30, H, least(C, C), np.sqrt(C) @ np.sqrt(C), least(H, H), np.sqrt(H) @ np.sqrt(H))
    X = np.stack([np.log1p(x / np.median(x[x > 0])) for x in (*raw, mixed + mixed.transpose(0, 2, 1))])
    # sums in floating point depend on their order: make both directions one number
    X = np.triu(X, 1)
    return Case(tensor(cooperation), X + X.transpose(0, 1, 3, 2), TERMS)


def read_apart(folder: Path) -> Case:
    """:func:`monthly` in another process, so that its memory is given back."""
    with ProcessPoolExecutor(1) as other:
        return other.submit(monthly, folder).result()


@dataclass(frozen=True, slots=True)
class Row:
    """One line: who, how long, how much memory; a rival's also the largest differences from tertius."""

    who: str
    version: str
    seconds: float
    cpu: float
    peak_mb: float
    runs: int
    cells: int
    difference: float = float("nan")
    relative_se: float = float("nan")
    note: str = ""

    def __str__(self) -> str:
        if self.note:
            return f"{self.who}: {self.note}"
        compared = (
            f", coefficients within {self.difference:.1e}, dyad-clustered errors within {self.relative_se:.1e} of ours"
            if self.difference == self.difference
            else ""
        )
        return (
            f"{self.who} {self.version}: {self.seconds:.2f} s, cpu {self.cpu:.2f} s, peak {self.peak_mb:.0f} MB, "
            f"{self.runs} run(s), {self.cells} cells kept (of both directions){compared}"
        )


def rows_of(
    case: Case, python: str | None, times: int = 1, *, stages: bool = False, flags: tuple[str, ...] = ()
) -> list[Row]:
    """A row for tertius and, where ``python`` is one that has pyfixest, one for it: the quickest of so many runs each.

    ``stages`` prints the table; ``flags`` go to our own child.
    """
    with tempfile.TemporaryDirectory() as folder:
        panel = str(Path(folder) / "panel.npz")
        np.savez(panel, Y=case.Y, X=case.X, names=np.array(case.names))
        ours = quickest(lambda: watched([sys.executable, __file__, "--child", panel, *flags]), times)
        rows = [row_of("tertius", ours)]
        if stages and "note" not in ours:
            print("\n".join(ours["said"]))
        if python is not None and "note" not in ours:
            names, here = json.dumps(ours["names"]), str(Path(__file__).parent)
            theirs = quickest(lambda: watched([python, "-c", PYFIXEST, panel, names, here]), times)
            rows.append(row_of("pyfixest", theirs, ours))
    return rows


def row_of(who: str, r: dict[str, Any], ours: dict[str, Any] | None = None) -> Row:
    """One line from what an engine answered, and a rival's difference from ours."""
    nan = float("nan")
    if "note" in r:
        return Row(who, "", nan, nan, nan, r["runs"], 0, note=r["note"])
    difference = relative = nan
    if ours is not None:
        difference = float(np.abs(np.array(r["beta"]) - np.array(ours["beta"])).max())
        relative = float(np.abs(np.array(r["se"]) / np.array(ours["se"]) - 1).max())
    cost = (r["seconds"], r["cpu"], r["peak_mb"], r["runs"])
    return Row(who, r["version"], *cost, r["cells"], difference, relative)


def child(panel: Path, correct: bool) -> None:
    """Fit the panel in that file and print what happened, as JSON."""
    with np.load(panel) as held:
        case = Case(held["Y"], held["X"], tuple(str(n) for n in held["names"]))
    began, cpu = time.perf_counter(), processor_seconds()
    fit = fit_ppml(case.Y, case.X, directed=False, names=case.names, bias_correction=correct)
    fitted = time.perf_counter()
    cov = covariances(fit.U_d, fit.H_d, fit.i, fit.j, fit.N, phi=fit.phi, left_out=fit.left_out)
    ended = time.perf_counter()
    spent = [*fit.seconds, ("standard errors", ended - fitted)]
    said = [
        "  stages: " + ", ".join(f"{name} {lasted:.2f} s" for name, lasted in spent),
        f"  {fit.cells} cells, {fit.effects} effects, {fit.iterations} Newton steps, {fit.demeaning_iterations} CG",
        f"  {fit.dropped}; absorbed: {', '.join(a.term for a in fit.absorbed) or 'none'}; phi {fit.phi:.3g}",
        f"  {'term':24}{'beta':>10}{'jackknife':>11}{'dyadic':>10}{'clustered':>11}{'model':>10}",
    ]
    columns = [fit.beta] + [standard_errors(V) for V in (cov.jackknife, cov.dyadic, cov.dyad_clustered, cov.model)]
    for name, *values in zip(fit.names, *columns, strict=True):
        widths = (10, 11, 10, 11, 10)
        said.append(f"  {name:24}" + "".join(f"{v:>{w}.4f}" for v, w in zip(values, widths, strict=True)))
    said += [f"  {sentence}" for sentence in (*fit.warnings, *remarks(cov, fit.names))]
    if fit.correction is not None:
        said += corrected(fit.names, fit.beta, fit.correction)
    answer = {
        "seconds": ended - began,
        "cpu": processor_seconds() - cpu,
        "peak_mb": peak_megabytes(),
        "version": __version__,
        "cells": int(fit.kept.sum()),
        "names": list(fit.names),
        "beta": fit.beta.tolist(),
        "se": standard_errors(cov.dyad_clustered).tolist(),
        "said": said,
    }
    print(json.dumps(answer))


def corrected(names: tuple[str, ...], beta: Floats, c: bias.BiasCorrection) -> list[str]:
    """The lines of a correction: estimate, bias, corrected estimate, and three errors by pair."""
    widths = (10, 10, 11, 11, 10, 10)
    headings = ("beta", "bias", "corrected", "clustered", "adjusted", "left out")
    lines = [f"  {'corrected':24}" + "".join(f"{h:>{w}}" for h, w in zip(headings, widths, strict=True))]
    errors = (standard_errors(V) for V in (c.clustered, c.adjusted, c.left_out))
    for name, *values in zip(names, beta, c.bias, c.corrected, *errors, strict=True):
        lines.append(f"  {name:24}" + "".join(f"{v:>{w}.4f}" for v, w in zip(values, widths, strict=True)))
    return lines


def dense(case: Case, busiest: int) -> list[str]:
    """The correction with the busiest actors, by the information on all effects and by that on two rows of them."""
    chosen = np.sort(np.argsort(-case.Y.sum((0, 1)), kind="stable")[:busiest])
    Y, X = case.Y[:, chosen][:, :, chosen], case.X[:, :, chosen][:, :, :, chosen]
    lines, errors = [], []
    for who, limit in (("all effects", sys.maxsize), ("two rows", 0)):
        bias.DENSE_EFFECTS = limit
        began = time.perf_counter()
        fit = fit_ppml(Y, X, directed=False, names=case.names, bias_correction=True)
        assert fit.correction is not None
        lines.append(f"  {busiest} actors, {fit.effects} effects, by {who}: {time.perf_counter() - began:.1f} s")
        lines += corrected(fit.names, fit.beta, fit.correction)
        errors.append(standard_errors(fit.correction.adjusted))
    ratio = errors[1] / errors[0]
    return [*lines, f"  adjusted errors by two rows, relative: {ratio.min():.4f} to {ratio.max():.4f}"]


PYFIXEST = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np, pandas as pd, pyfixest
sys.path.append(sys.argv[3])
from watching import peak_megabytes, processor_seconds
held, names = np.load(sys.argv[1]), json.loads(sys.argv[2])
known = [str(n) for n in held["names"]]
Y, X = held["Y"], held["X"]
T, N, _ = Y.shape
t, i, j = np.nonzero(np.broadcast_to(~np.eye(N, dtype=bool), Y.shape))
columns = {"y": Y[t, i, j], "ij": i * N + j, "it": i * T + t, "jt": j * T + t}
columns["dyad"] = np.minimum(i, j) * N + np.maximum(i, j)
columns.update({name: X[known.index(name)][t, i, j] for name in names})
frame = pd.DataFrame(columns)
def fit(data):
    return pyfixest.fepois(f"y ~ {' + '.join(names)} | ij + it + jt", data, vcov={"CRV1": "dyad"},
                           ssc=pyfixest.ssc(k_adj=False, G_adj=False), fixef_rm="none")
fit(frame[frame["ij"] < 30 * N].copy())  # warm up
began, cpu = time.perf_counter(), processor_seconds()
model = fit(frame)
seconds, cpu = time.perf_counter() - began, processor_seconds() - cpu
print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": peak_megabytes(), "cells": int(model._N),
                  "version": pyfixest.__version__,
                  "beta": model.coef()[names].tolist(), "se": model.se()[names].tolist()}))
"""


def thin_panel(N: int, T: int, cells_per_effect: float, seed: int) -> tuple[Floats, Floats, Booleans, float]:
    """Sparse counts, cells masked at random until about so many are kept for each effect (after all-zero groups go)."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(2, T, N, N))
    a = rng.normal(size=N)
    Y = rng.poisson(np.exp(0.5 * X[0] + a[:, None] + a - 3.0)).astype(float)
    Y[:, np.arange(N), np.arange(N)] = 0
    chance = rng.random(Y.shape)

    def kept(share: float) -> float:
        live = (chance < share) & ~np.eye(N, dtype=bool)
        while True:
            seen = Y * live
            left = live & (seen.sum(0) > 0) & (seen.sum(2) > 0)[:, :, None] & (seen.sum(1) > 0)[:, None, :]
            if left.sum() == live.sum():
                groups = left.any(0).sum() + left.any(2).sum() + left.any(1).sum()
                return float(left.sum() / max(groups, 1))
            live = left

    low, high = 0.0, 1.0
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if kept(middle) < cells_per_effect else (low, middle)
    return Y, X, chance < high, kept(high)


def thin(sizes: list[tuple[int, int]]) -> None:
    """Refusal below two cells an effect, a warning below three, a result above; never an endless run."""
    for N, T in sizes:
        for target in (1.5, 2.0, 3.1):
            Y, X, mask, reached = thin_panel(N, T, target, seed=1)
            began = time.perf_counter()
            try:
                fit = fit_ppml(Y, X, directed=True, mask=mask)
                said = "warning" if any(s.startswith("Only") for s in fit.warnings) else "result"
                text = f"{said}: {fit.effects} effects, {fit.dropped.combinations} cells separated by combinations"
            except TertiusError as error:
                text = f"{type(error).__name__}: {error.message}"
            print(f"N={N} T={T} {reached:.2f} cells an effect, {time.perf_counter() - began:.1f} s: {text}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with weights.parquet")
    parser.add_argument("--rival", choices=["pyfixest"], help="on the same data, too")
    parser.add_argument("--python", default=sys.executable, help="the rival's Python")
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--thin", action="store_true", help="panels with few cells an effect")
    parser.add_argument("--sizes", default="60x30,80x60,150x70,200x70", help="of the thin panels, NxT")
    parser.add_argument("--times", type=int, default=1, help="runs, of which the quickest counts")
    parser.add_argument("--correct", action="store_true", help="correct for the bias of order 1/N")
    parser.add_argument("--dense", type=int, default=0, help="busiest actors, for the information of all effects")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child, options.correct)
        return
    if options.data is None and not options.thin:
        parser.error("give --data DIR or --thin")
    if options.data is not None:
        case = read_apart(options.data)
        if options.dense:
            print("\n".join(dense(case, options.dense)))
            return
        flags = ("--correct",) * options.correct
        rows = rows_of(case, options.python if options.rival else None, options.times, stages=True, flags=flags)
        for row in rows:
            print(row)
        if options.csv:
            with options.csv.open("w", newline="") as stream:
                lines = csv.DictWriter(stream, [f.name for f in fields(Row)])
                lines.writeheader()
                lines.writerows(asdict(r) for r in rows)
    if options.thin:
        thin([(int(n), int(t)) for n, t in (size.split("x") for size in options.sizes.split(","))])


if __name__ == "__main__":
    main()
