"""The model without pair effects against a slow twin: explicit dummies, and each pair's leverage from all of them."""

from __future__ import annotations

import doctest
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tertius.errors import EmptyData, NoConvergence
from tertius.model.within import actor_periods
from tertius.model.within.actor_periods import ActorPeriodFit, fit_actor_periods

Floats = NDArray[np.float64]


def world(seed: int, *, directed: bool, T: int = 3, N: int = 7) -> tuple[Floats, Floats]:
    """Counts with some all-zero senders, a lasting and a passing term."""
    rng = np.random.default_rng(seed)
    size = rng.normal(size=N)
    X = rng.normal(size=(2, T, N, N))
    X[0] = X[0, 0]
    noise = rng.gamma(2.0, 0.5, size=(T, N, N))
    if not directed:
        X, noise = (np.triu(a, 1) + np.swapaxes(np.triu(a, 1), -1, -2) for a in (X, noise))
    Y = rng.poisson(np.exp(0.8 + size[:, None] + size + 0.4 * X[0] - 0.2 * X[1]) * noise).astype(float)
    Y[1, 2] = 0
    Y[1, :, 2] = 0
    return (Y if directed else np.triu(Y, 1) + np.swapaxes(np.triu(Y, 1), -1, -2)), X


def twin(Y: Floats, X: Floats, directed: bool) -> tuple[Floats, Floats, Floats]:
    """Coefficients, clustered and adjusted variance, from dummies and least squares on all cells at once."""
    T, N, _ = Y.shape
    rows, terms, y, pair = [], [], [], []
    for t in range(T):
        for i in range(N):
            for j in range(N):
                if i == j or (not directed and i > j) or not Y[t, i].any() or not Y[t, :, j].any():
                    continue
                row = np.zeros(2 * N * T)
                row[t * N + i] += 1
                row[(N * T if directed else 0) + t * N + j] += 1
                rows.append(row)
                terms.append(X[:, t, i, j])
                y.append(Y[t, i, j])
                pair.append(i * N + j)
    A, x, out, d = np.array(rows), np.array(terms), np.array(y), np.array(pair)
    design = np.hstack([x, A])
    eta = np.log(out + 0.5)
    for _ in range(80):
        mu = np.exp(eta)
        root = np.sqrt(mu)
        theta = np.linalg.lstsq(design * root[:, None], (eta + (out - mu) / mu) * root, rcond=1e-13)[0]
        eta = design @ theta
    mu = np.exp(eta)
    V = np.linalg.pinv((design * mu[:, None]).T @ design, rcond=1e-12, hermitian=True)
    root = np.sqrt(mu)[:, None]
    z = x - A @ np.linalg.lstsq(A * root, x * root, rcond=1e-13)[0]
    bread = np.linalg.inv((z * mu[:, None]).T @ z)
    before, after = np.zeros((2, 2)), np.zeros((2, 2))
    n = len(np.unique(d))
    for one in np.unique(d):
        at = d == one
        S = np.outer(out[at] - mu[at], out[at] - mu[at])
        leverage = np.diag(mu[at]) @ design[at] @ V @ design[at].T
        before += z[at].T @ S @ z[at]
        after += z[at].T @ np.linalg.solve(np.eye(at.sum()) - leverage, S) @ z[at]
    scale = n / (n - 1)
    return theta[:2], scale * bread @ before @ bread, scale * bread @ (after + after.T) / 2 @ bread


@pytest.mark.parametrize("directed", [True, False])
def test_coefficients_and_both_variances_are_those_of_the_twin(directed: bool) -> None:
    Y, X = world(1, directed=directed)
    found = fit_actor_periods(Y, X, directed=directed)
    beta, clustered, adjusted = twin(Y, X, directed)
    np.testing.assert_allclose(found.beta, beta, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(found.clustered, clustered, rtol=1e-6)
    np.testing.assert_allclose(found.adjusted, adjusted, rtol=1e-6)
    assert (np.diag(found.adjusted) > np.diag(found.clustered)).all()


def test_masked_cells_are_not_read() -> None:
    Y, X = world(2, directed=True)
    mask = np.random.default_rng(2).random(Y.shape) < 0.9
    kept = fit_actor_periods(Y, X, directed=True, mask=mask)
    other = fit_actor_periods(np.where(mask, Y, np.nan), np.where(mask, X, np.nan), directed=True, mask=mask)
    np.testing.assert_array_equal(kept.beta, other.beta)
    assert not kept.mu[~mask].any()


def test_what_the_effects_absorb_and_an_empty_outcome_are_refused() -> None:
    Y, X = world(3, directed=True)
    X[1] = X[1, :, :, :1]
    with pytest.raises(NoConvergence, match="absorb size"):
        fit_actor_periods(Y, X, directed=True, names=["near", "size"])
    with pytest.raises(EmptyData):
        fit_actor_periods(np.zeros_like(Y), X, directed=True)


@pytest.mark.shared
def test_a_gravity_model_of_real_trade(shared: Path) -> None:
    """No figures are published as text for this one: the margins hold, and errors grow by what the paper reports."""
    pd = pytest.importorskip("pandas", reason="pandas is not installed: pip install tertius[test]")
    rows = pd.read_parquet(shared / "parity" / "gravity" / "manuf.parquet")
    names = ["ln_distw", "contig", "colony", "comlang_off", "comleg", "fta"]
    actors = sorted({*rows["isoexp"], *rows["isoimp"]})
    at = {a: k for k, a in enumerate(actors)}
    years = np.unique(rows["year"])
    t, i, j = np.searchsorted(years, rows["year"]), rows["isoexp"].map(at), rows["isoimp"].map(at)
    Y, X = np.zeros((5, 65, 65)), np.zeros((6, 5, 65, 65))
    Y[t, i, j] = rows["trade"]
    for k, name in enumerate(names):
        X[k, t, i, j] = rows[name]
    found: ActorPeriodFit = fit_actor_periods(Y, X, directed=True, names=names)
    np.testing.assert_allclose(found.mu.sum(2), Y.sum(2), rtol=1e-8)
    np.testing.assert_allclose(found.mu.sum(1), Y.sum(1), rtol=1e-8)
    ratio = np.sqrt(np.diag(found.adjusted) / np.diag(found.clustered))
    assert ((ratio > 1.1) & (ratio < 1.4)).all()


def test_the_examples_run() -> None:
    assert doctest.testmod(actor_periods).failed == 0
