"""Do intervals of the within-pair model cover, with and without the correction of Weidner & Zylkin? Simulated, seeded.

    python scripts/three_way.py                   500 directed worlds of 20 actors, 5 and 20 periods, two kinds of error
    python scripts/three_way.py --undirected      the same with one set of actor-by-period effects
    python scripts/three_way.py --worlds 100 --actors 30 --periods 10

A world is log E[y] = a_ij + b_it + c_jt + x_ijt, the coefficient of x being 1. As in the paper's simulations, the
effects are normal with a standard deviation of 1/4, and x answers to both actors' effects and to itself, not to y:
x_ijt = x_ij,t-1 / 2 + b_it + c_jt + v. y is its mean times an error of mean 1 that lasts within the pair:

    counts   Poisson of a mean that is log-normal with a variance of .5
    weights  log-normal with a variance of 1, not a count

The table gives the mean estimate, what the bias is in standard deviations of the estimate, the mean standard error over
that standard deviation, and the share of 95 % intervals that cover 1, for

    as estimated         the estimate, clustered by pair
    bias corrected       the corrected estimate, clustered by pair
    both corrected       the corrected estimate, adjusted standard error
    pairs left out       the corrected estimate, error by leaving out one pair after the other: a fit's interval
    jackknife            the estimate, leave one actor out (what tables show otherwise)
"""

from __future__ import annotations

import argparse
import os
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from tertius.errors import TertiusError
from tertius.model.coefficients import Z_95
from tertius.model.robust import covariances, standard_errors
from tertius.model.within.ppml import fit_ppml

Floats = NDArray[np.float64]

BETA = 1.0
EFFECTS = 0.25
LASTING = 0.3
BURN_IN = 10
ERRORS = ("counts", "weights")
WAYS = ("as estimated", "bias corrected", "both corrected", "pairs left out", "jackknife")


def world(seed: int, *, actors: int, periods: int, directed: bool, errors: str) -> tuple[Floats, Floats]:
    """Y (T, N, N) and X (1, T, N, N)."""
    rng = np.random.default_rng(seed)
    N, T = actors, periods + BURN_IN

    def pairs(x: Floats) -> Floats:
        upper = np.triu(x, 1)
        return x if directed else upper + np.swapaxes(upper, -1, -2)

    b = EFFECTS * rng.normal(size=(T, N))
    c = EFFECTS * rng.normal(size=(T, N)) if directed else b
    a = pairs(EFFECTS * rng.normal(size=(N, N)))
    own = pairs(EFFECTS * rng.normal(size=(T, N, N)))
    noise = pairs(rng.normal(size=(T, N, N)))
    variance = 0.5 if errors == "counts" else 1.0
    sd = np.sqrt(np.log(1 + variance))
    x, u = np.zeros((T, N, N)), noise.copy()
    for t in range(1, T):
        x[t] = x[t - 1] / 2 + b[t][:, None] + c[t] + own[t]
        u[t] = LASTING * u[t - 1] + np.sqrt(1 - LASTING**2) * noise[t]
    x = pairs(x)  # sums in floating point depend on their order
    mean = pairs(np.exp(a + b[:, :, None] + c[:, None, :] + BETA * x + sd * u - sd**2 / 2))
    y = pairs(rng.poisson(mean).astype(float)) if errors == "counts" else mean
    return y[BURN_IN:], x[None, BURN_IN:]


def answers(Y: Floats, X: Floats, directed: bool) -> list[tuple[float, float]]:
    """(estimate, standard error) in each of the ways."""
    fit = fit_ppml(Y, X, directed=directed, bias_correction=True)
    found = fit.correction
    assert found is not None
    cov = covariances(fit.U_d, fit.H_d, fit.i, fit.j, fit.N, phi=fit.phi, left_out=fit.left_out)
    kinds = (found.clustered, found.adjusted, found.left_out, cov.jackknife)
    clustered, adjusted, left_out, jackknife = (float(standard_errors(V)[0]) for V in kinds)
    before, after = float(fit.beta[0]), float(found.corrected[0])
    return [(before, clustered), (after, clustered), (after, adjusted), (after, left_out), (before, jackknife)]


def table(worlds: int, actors: int, periods: int, directed: bool, errors: str, seed: int) -> None:
    """Print the ways side by side."""
    began = time.perf_counter()
    found: list[list[tuple[float, float]]] = []
    refused = 0
    for k in range(worlds):
        Y, X = world(seed + k, actors=actors, periods=periods, directed=directed, errors=errors)
        try:
            found.append(answers(Y, X, directed))
        except TertiusError:
            refused += 1
    kind = "directed" if directed else "undirected"
    print(
        f"{len(found)} {kind} worlds of {errors}, {actors} actors, {periods} periods, {refused} refused, "
        f"{time.perf_counter() - began:.0f} s"
    )
    print(f"{'':>18}{'estimate':>10}{'bias / sd':>11}{'se / sd':>9}{'covered':>9}{'(error)':>9}{'no se':>7}")
    for way, column in zip(WAYS, np.array(found).transpose(1, 2, 0), strict=True):
        b, se = column
        covered = np.abs(b - BETA) <= Z_95 * se
        share = float(covered.mean())
        print(
            f"{way:>18}{b.mean():>10.4f}{(b.mean() - BETA) / b.std():>11.3f}{np.nanmean(se) / b.std():>9.3f}"
            f"{share:>9.1%}{np.sqrt(share * (1 - share) / len(b)):>9.1%}{int(np.isnan(se).sum()):>7}"
        )
    print(flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=500)
    parser.add_argument("--actors", type=int, default=20)
    parser.add_argument("--periods", default="5,20", help="comma-separated")
    parser.add_argument("--errors", default=",".join(ERRORS), help=f"of {', '.join(ERRORS)}")
    parser.add_argument("--undirected", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for errors in options.errors.split(","):
        for periods in options.periods.split(","):
            table(options.worlds, options.actors, int(periods), not options.undirected, errors, options.seed)


if __name__ == "__main__":
    main()
