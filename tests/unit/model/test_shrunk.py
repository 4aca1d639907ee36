"""Rates with shrunk dyad effects: the score is zero, the information is its slope, planted coefficients come back."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import gammaln

from tertius.errors import NotEnoughData
from tertius.events.slices import Floats, Ints
from tertius.model.shrunk import fit_shrunk

N, T = 14, 40


def data(seed: int, shape: float = 3.0) -> tuple[Floats, Floats, Ints, Ints]:
    rng = np.random.default_rng(seed)
    i, j = np.nonzero(~np.eye(N, dtype=bool))
    v = rng.gamma(shape, 1 / shape, len(i))
    W, Y, X = np.zeros(len(i)), np.zeros((T, len(i))), np.zeros((T, 2, len(i)))
    for t in range(T):
        X[t] = np.log1p(W), rng.normal(size=len(i))
        Y[t] = rng.poisson(v * np.exp(-0.5 + 0.3 * X[t, 0] + 0.2 * X[t, 1]))
        W = 0.6 * (W + Y[t])
    return Y, X, i, j


def test_planted_coefficients_come_back_of_lagged_outcomes_too() -> None:
    fits = [fit_shrunk(*data(seed), N) for seed in range(12)]
    found = np.array([f.beta for f in fits])
    assert found.mean(axis=0) == pytest.approx([0.3, 0.2], abs=0.03)
    assert np.mean([f.shape for f in fits]) == pytest.approx(3.0, rel=0.25)
    for kind in ("model", "jackknife"):
        errors = np.sqrt(np.mean([np.diag(getattr(f.cov, kind)) for f in fits], axis=0))
        assert errors == pytest.approx(found.std(axis=0, ddof=1), rel=0.45), kind


def marginal(Y: Floats, X: Floats, beta: Floats, a: float, base: Floats) -> float:
    """Log-likelihood of beta with the periods' level at ``base``."""
    eta = np.einsum("p,tpd->td", beta, X) + base[:, None]
    own, expected = Y.sum(axis=0), np.exp(eta).sum(axis=0)
    return float((Y * eta).sum() + (gammaln(own + a) - (own + a) * np.log(expected + a)).sum())


def test_no_coefficient_and_no_level_does_better() -> None:
    Y, X, i, j = data(1)
    found = fit_shrunk(Y, X, i, j, N)
    # v has mean one: the level that the likelihood wants differs by a constant, which the periods' totals take up
    best = marginal(Y, X, found.beta, found.shape, found.base)
    for k in range(2):
        for step in (-0.02, 0.02):
            beta = found.beta.copy()
            beta[k] += step
            eta = np.einsum("p,tpd->td", beta, X)
            base = np.log(Y.sum(axis=1)) - np.log(np.exp(eta) @ found.v)
            assert marginal(Y, X, beta, found.shape, base) < best


def test_periods_have_their_totals_and_pairs_are_drawn_to_one() -> None:
    Y, X, i, j = data(2)
    found = fit_shrunk(Y, X, i, j, N)
    mu = np.exp(np.einsum("p,tpd->td", found.beta, X) + found.base[:, None]) * found.v
    assert mu.sum(axis=1) == pytest.approx(Y.sum(axis=1))
    assert found.v.mean() == pytest.approx(1.0)
    raw = Y.sum(axis=0) / (mu / found.v).sum(axis=0)
    assert np.log(found.v).std() < np.log(raw[raw > 0]).std() + 1e-9
    assert (np.diag(found.cov.jackknife) > 0).all()


def test_nothing_of_a_sign_is_refused() -> None:
    Y, X, i, j = data(1)
    with pytest.raises(NotEnoughData, match="drawn forward"):
        fit_shrunk(0 * Y, X, i, j, N)
