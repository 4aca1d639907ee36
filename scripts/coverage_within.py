"""Do the standard errors of the within-pair model cover, and how large is Nickell's bias? Simulations, seeded.

    python scripts/coverage_within.py --histories 500 --workers 2
    python scripts/coverage_within.py --recovery 200 --actors 40 --periods 36 --workers 2
    python scripts/coverage_within.py --nickell 40 --workers 2

Recovery. The same histories with two exogenous terms planted, common foe and a tie between the pair that comes and
goes: the share of histories whose 95 % interval (jackknife) covers each, and the bias in standard deviations.

Coverage. Null histories of 60 actors and 60 periods: cooperation and hostility are overdispersed counts between
actors of very unequal size, each with strong persistent shocks of actors and of pairs, and neither moves the other.
The share of histories in which |z| of common foe exceeds 1.96 should be 5 %; the last row takes the larger of the
jackknife and the dyad-clustered variance, as contrasts do. Shocks of actors are absorbed as they
are in log mu; what is left is that the pairs of an actor share its information, and that few actors carry most of it.

Nickell. log mu = a_ij + b_it + b_jt + rho log(1 + y_t-1): the mean estimate of rho before and after the split-panel
jackknife, at 24 and 66 periods. Effects of dyads, estimated from T periods, take part of the lagged outcome along.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from multiprocessing import Pool

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from tertius.errors import TertiusError
from tertius.model.robust import contrast_variance, covariances, standard_errors
from tertius.model.within.ppml import fit_ppml
from tertius.model.within.split_panel import split_panel_jackknife

Floats = NDArray[np.float64]

KINDS = ("jackknife", "dyadic", "dyad_clustered", "model", "larger of two")
BURN_IN = 12


def symmetric(x: Floats) -> Floats:
    """The upper triangle, mirrored."""
    upper = np.triu(x, 1)
    return upper + np.swapaxes(upper, -1, -2)


def persistent(rng: np.random.Generator, T: int, shape: tuple[int, ...], rho: float, sd: float) -> Floats:
    """(T, *shape) first-order autoregression with standard deviation sd."""
    x = np.empty((T, *shape))
    x[0] = rng.normal(size=shape) * sd
    for t in range(1, T):
        x[t] = rho * x[t - 1] + np.sqrt(1 - rho**2) * sd * rng.normal(size=shape)
    return x


PLANTED = {"common_foe": 0.10, "tie": 0.15}
"""Log points per standard deviation of the term."""


def history(
    seed: int, *, actors: int, periods: int, shock: float, planted: dict[str, float]
) -> tuple[Floats, Floats, Floats]:
    """Cooperation (T, N, N) symmetric; common foe of hostility before, and a tie (2, T, N, N); their coefficients (2,).

    Hostility and ties do not answer to cooperation; with nothing planted, neither moves it.
    """
    rng = np.random.default_rng(seed)
    N, T = actors, periods + BURN_IN
    size = rng.normal(size=N)
    pair = symmetric(size[:, None] + size + rng.normal(size=(N, N))) - 1.0
    mutual = 0.5 * symmetric(rng.normal(size=(N, N)))
    enmity = size[:, None] + 0.5 * size + 1.5 * rng.normal(size=(N, N)) + mutual - 2.0
    busy, hostile, hated = (persistent(rng, T, (N,), 0.9, shock) for _ in range(3))
    log_c = pair + busy[:, :, None] + busy[:, None, :] + symmetric(persistent(rng, T, (N, N), 0.9, 0.6))
    log_h = enmity + hostile[:, :, None] + hated[:, None, :] + persistent(rng, T, (N, N), 0.85, 0.7)
    noise = symmetric(rng.gamma(1.0, size=log_c.shape))
    H = rng.poisson(np.exp(np.minimum(log_h, 8.0)) * rng.gamma(0.7, 1 / 0.7, size=log_h.shape)).astype(float)
    H[:, np.arange(N), np.arange(N)] = 0
    state, foe = np.zeros((N, N)), np.empty_like(H)
    for t in range(T):
        foe[t] = np.log1p(np.sqrt(state).T @ np.sqrt(state))
        state = (state + H[t]) * 2 ** (-1 / 3)
    terms = np.stack([symmetric(foe), symmetric(persistent(rng, T, (N, N), 0.8, 1.0))])
    off = ~np.eye(N, dtype=bool)
    sizes = np.array([planted.get(name, 0.0) for name in PLANTED])
    beta = sizes / terms[:, BURN_IN:, off].std(axis=(1, 2))
    log_c = log_c + np.tensordot(beta, terms - terms[:, BURN_IN:, off].mean(axis=(1, 2))[:, None, None, None], 1)
    C = symmetric(rng.poisson(np.exp(np.minimum(log_c, 8.0)) * noise))
    return C[BURN_IN:].astype(float), terms[:, BURN_IN:], beta


def z_values(job: tuple[int, int, int, float]) -> tuple[float, ...] | None:
    """z of common foe by each kind of standard error; None if the model refuses."""
    seed, actors, periods, shock = job
    Y, X, _ = history(seed, actors=actors, periods=periods, shock=shock, planted={})
    try:
        fit = fit_ppml(Y, X[:1], directed=False, names=["common_foe"])
    except TertiusError:
        return None
    cov = covariances(fit.U_d, fit.H_d, fit.i, fit.j, fit.N, phi=fit.phi, left_out=fit.left_out)
    larger = float(contrast_variance(cov, [1.0]))
    variances = [*(standard_errors(getattr(cov, kind))[0] ** 2 for kind in KINDS[:-1]), larger]
    return tuple(float(fit.beta[0] / np.sqrt(v)) if v > 0 else float("nan") for v in variances)


def errors_made(job: tuple[int, int, int, float]) -> tuple[float, ...] | None:
    """(estimate - truth) / jackknife error of each planted term; None if the model refuses."""
    seed, actors, periods, shock = job
    Y, X, beta = history(seed, actors=actors, periods=periods, shock=shock, planted=PLANTED)
    try:
        fit = fit_ppml(Y, X, directed=False, names=list(PLANTED))
    except TertiusError:
        return None
    cov = covariances(fit.U_d, fit.H_d, fit.i, fit.j, fit.N, phi=fit.phi, left_out=fit.left_out)
    return tuple(((fit.beta - beta) / standard_errors(cov.jackknife)).tolist())


def lagged_history(seed: int, *, actors: int, periods: int, rho: float) -> tuple[Floats, Floats]:
    """Counts with log mu = a_ij + b_it + b_jt + rho log(1 + y_t-1), and that lag."""
    rng = np.random.default_rng(seed)
    N, T = actors, periods + BURN_IN
    size = 0.4 * rng.normal(size=N)
    pair = symmetric(size[:, None] + size + 0.3 * rng.normal(size=(N, N)))
    busy = persistent(rng, T, (N,), 0.8, 0.3)
    Y, lag = np.zeros((T, N, N)), np.zeros((T, N, N))
    for t in range(T):
        lag[t] = np.log1p(Y[t - 1]) if t else 0.0
        log_mu = pair + busy[t][:, None] + busy[t] + rho * lag[t] - rho
        Y[t] = symmetric(rng.poisson(np.exp(np.minimum(log_mu, 12.0))))
    return Y[BURN_IN:], lag[None, BURN_IN:]


def lag_estimates(job: tuple[int, int, int, float]) -> tuple[float, float]:
    """rho before and after the split-panel jackknife."""
    seed, actors, periods, rho = job
    Y, X = lagged_history(seed, actors=actors, periods=periods, rho=rho)
    halves = split_panel_jackknife(lambda kept: fit_ppml(Y, X, directed=False, mask=kept, names=["inertia"]), periods)
    return float(halves.full[0]), float(halves.corrected[0])


def coverage(histories: int, actors: int, periods: int, shock: float, seed: int, run: Callable[..., Iterator]) -> None:
    """Print the share of null histories with |z| > 1.96."""
    began = time.perf_counter()
    jobs = [(seed + k, actors, periods, shock) for k in range(histories)]
    found = [z for z in run(z_values, jobs) if z is not None]
    z = np.array(found)
    print(f"{len(z)} null histories, {actors} actors, {periods} periods, {time.perf_counter() - began:.0f} s")
    print(f"{'standard error':>16}{'beyond 1.96':>14}{'(se)':>8}{'sd of z':>10}{'none':>7}")
    for kind, column in zip(KINDS, z.T, strict=True):
        known = column[np.isfinite(column)]
        share = float((np.abs(known) > 1.96).mean())
        print(
            f"{kind:>16}{share:>14.1%}{np.sqrt(share * (1 - share) / len(known)):>8.1%}"
            f"{known.std():>10.2f}{len(column) - len(known):>7}"
        )


def recovery(histories: int, actors: int, periods: int, shock: float, seed: int, run: Callable[..., Iterator]) -> None:
    """Print the share of planted histories whose interval covers."""
    jobs = [(seed + k, actors, periods, shock) for k in range(histories)]
    z = np.array([found for found in run(errors_made, jobs) if found is not None])
    print(f"{len(z)} planted histories, {actors} actors, {periods} periods")
    print(f"{'term':>12}{'planted per sd':>16}{'covered':>10}{'bias / se':>11}")
    for (name, size), column in zip(PLANTED.items(), z.T, strict=True):
        print(f"{name:>12}{size:>16.2f}{(np.abs(column) <= 1.96).mean():>10.1%}{np.nanmean(column):>11.2f}")


def nickell(histories: int, actors: int, seed: int, run: Callable[..., Iterator]) -> None:
    """Print the mean estimate of rho before and after the split-panel jackknife."""
    print(f"{histories} histories a row, {actors} actors; mean estimate of rho (bias)")
    print(f"{'rho':>5}{'T':>5}{'as fitted':>20}{'split-panel':>20}")
    for rho in (0.0, 0.3, 0.6):
        for periods in (24, 66):
            pairs = np.array(list(run(lag_estimates, [(seed + k, actors, periods, rho) for k in range(histories)])))
            before, after = pairs.mean(0)
            print(
                f"{rho:>5}{periods:>5}{before:>10.3f} ({before - rho:+.3f}){after:>11.3f} ({after - rho:+.3f})",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--histories", type=int, default=0, help="null histories for the coverage (500)")
    parser.add_argument("--recovery", type=int, default=0, help="planted histories for the recovery (200)")
    parser.add_argument("--nickell", type=int, default=0, help="histories a row of the Nickell table (40)")
    parser.add_argument("--actors", type=int, default=60)
    parser.add_argument("--periods", type=int, default=60)
    parser.add_argument("--shock", type=float, default=0.4, help="sd of actor shocks, in log points")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    if not (options.histories or options.recovery or options.nickell):
        parser.error("give --histories 500, --recovery 200 or --nickell 40")
    with Pool(options.workers) as pool:
        size = options.actors, options.periods, options.shock, options.seed
        if options.histories:
            coverage(options.histories, *size, pool.imap_unordered)
        if options.recovery:
            recovery(options.recovery, *size, pool.imap_unordered)
        if options.nickell:
            nickell(options.nickell, options.actors, options.seed, pool.imap_unordered)


if __name__ == "__main__":
    main()
