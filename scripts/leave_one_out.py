"""How near is the jackknife's one step to leaving out each actor for real? The within-pair model, refitted.

    python scripts/leave_one_out.py [--panels 8]

Directed panels of 14 actors and 12 periods, overdispersed, with actors of unequal size. For each way of stepping, over
actors: the sum of squared steps over that of the true changes of the coefficient (1 is right; the jackknife variance is
made of it), and the root mean square error of the steps in standard deviations of the true changes.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from tertius.model.within.ppml import fit_ppml

ACTORS, PERIODS = 14, 12
SPREADS = (0.5, 1.5)
WAYS = ("default", "scores at the estimate")


def steps(seed: int, spread: float) -> dict[str, np.ndarray]:
    """True changes of beta without each actor, and the two one-step guesses; ``spread`` is the sd of log size."""
    rng = np.random.default_rng(seed)
    N, T = ACTORS, PERIODS
    size = spread * rng.normal(size=N)
    x = rng.normal(size=(1, T, N, N)) + 0.5 * rng.normal(size=(1, T, N, 1))
    mean = np.exp(1.0 + size[:, None] + size + 0.3 * x[0] + 0.3 * rng.normal(size=(T, N, 1)))
    y = rng.poisson(mean * rng.gamma(1.0, 1.0, size=mean.shape)).astype(float)
    fit = fit_ppml(y, x, directed=True)
    H = fit.H_d.sum(axis=0)
    found: dict[str, list[float]] = {"true": [], WAYS[0]: [], WAYS[1]: []}
    for a in range(N):
        rest = [k for k in range(N) if k != a]
        without = fit_ppml(y[:, rest][:, :, rest], x[:, :, rest][:, :, :, rest], directed=True)
        i, j = fit.i == a, fit.j == a
        left = fit.left_out
        U = left.U_first[i].sum(axis=0) + left.U_second[j].sum(axis=0)
        H_a = left.H_first[i].sum(axis=0) + left.H_second[j].sum(axis=0)
        found["true"].append(fit.beta[0] - without.beta[0])
        found[WAYS[0]].append(np.linalg.solve(H - H_a, U)[0])
        found[WAYS[1]].append(np.linalg.solve(H - fit.H_d[i | j].sum(axis=0), fit.U_d[i | j].sum(axis=0))[0])
    return {name: np.array(values) for name, values in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--panels", type=int, default=8)
    args = parser.parse_args()
    print(f"{'sd of size':>10}  {'steps':24}{'squares over true: median (range)':>36}{'rmse: median, most':>22}")
    for spread in SPREADS:
        panels = [steps(seed, spread) for seed in range(args.panels)]
        for way in WAYS:
            ratio = np.array([np.sum(p[way] ** 2) / np.sum(p["true"] ** 2) for p in panels])
            error = np.array([np.sqrt(np.mean((p[way] - p["true"]) ** 2)) / p["true"].std() for p in panels])
            squares = f"{np.median(ratio):.2f} ({ratio.min():.2f} to {ratio.max():.2f})"
            print(f"{spread:>10}  {way:24}{squares:>36}{f'{np.median(error):.2f}, {error.max():.2f}':>22}")


if __name__ == "__main__":
    main()
