"""Rates with shrunk dyad effects: planted coefficients come back, and what lasts is a level and no feedback."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import gammaln

from tertius.errors import NotEnoughData
from tertius.events.slices import Floats, Ints
from tertius.model.shrunk import fit_shrunk
from tertius.model.within.two_way import fit_two_way

N, T = 14, 40


BEFORE = 20  # periods that the history has behind it when the data begin


def data(seed: int, shape: float = 3.0) -> tuple[Floats, Floats, Ints, Ints]:
    rng = np.random.default_rng(seed)
    i, j = np.nonzero(~np.eye(N, dtype=bool))
    v = rng.gamma(shape, 1 / shape, len(i))
    W, Y, X = np.zeros(len(i)), np.zeros((BEFORE + T, len(i))), np.zeros((BEFORE + T, 2, len(i)))
    for t in range(BEFORE + T):
        X[t] = np.log1p(W), rng.normal(size=len(i))
        Y[t] = rng.poisson(v * np.exp(-0.5 + 0.3 * X[t, 0] + 0.2 * X[t, 1]))
        W = 0.6 * (W + Y[t])
    return Y[BEFORE:], X[BEFORE:], i, j


def test_planted_coefficients_come_back_of_lagged_outcomes_too() -> None:
    fits = [fit_shrunk(*data(seed), N) for seed in range(24)]
    found = np.array([f.beta for f in fits])
    assert found.mean(axis=0) == pytest.approx([0.3, 0.2], abs=0.03)
    assert np.mean([f.shape for f in fits]) == pytest.approx(3.0, rel=0.25)
    for kind in ("model", "jackknife"):
        errors = np.sqrt(np.mean([np.diag(getattr(f.cov, kind)) for f in fits], axis=0))
        assert errors == pytest.approx(found.std(axis=0, ddof=1), rel=0.45), kind


def shared_targets(seed: int) -> tuple[Floats, Floats, Ints, Ints]:
    """Hostility with inertia alone, of actors that differ for good, and the targets that two share."""
    rng = np.random.default_rng(seed)
    i, j = np.nonzero(~np.eye(N, dtype=bool))
    v = np.exp(rng.normal(size=N))[i] * np.exp(0.5 * rng.normal(size=N))[j]
    W, Y, X = np.zeros((N, N)), np.zeros((BEFORE + T, len(i))), np.zeros((BEFORE + T, 2, len(i)))
    for t in range(BEFORE + T):
        shared = np.minimum(W[i], W[j]).sum(axis=1)
        X[t] = np.log1p(W[i, j]), np.log1p(shared)
        Y[t] = rng.poisson(v * np.exp(-1.5 + 0.3 * X[t, 0]))
        W[i, j] = 0.6 * (W[i, j] + Y[t])
    return Y[BEFORE:], X[BEFORE:], i, j


def test_what_lasts_of_actors_does_not_count_as_feedback() -> None:
    found = np.array([fit_shrunk(*shared_targets(seed), N).beta for seed in range(12)])
    assert found.mean(axis=0) == pytest.approx([0.3, 0.0], abs=0.05)


def test_the_coefficients_are_those_of_free_effects_less_half_of_what_the_halves_have_more() -> None:
    Y, X, i, j = data(1)

    def free(periods: slice) -> Floats:
        y, x = Y[periods].T, X[periods].transpose(2, 1, 0)
        return fit_two_way(y, x, np.ones(y.shape, dtype=bool))[0]

    halves = free(slice(0, T // 2)) + free(slice(T // 2, T))
    assert fit_shrunk(Y, X, i, j, N).beta == pytest.approx(2 * free(slice(0, T)) - halves / 2, rel=1e-9)


def test_errors_are_of_the_corrected_estimate() -> None:
    """By pair, of what the pair adds to all three estimates, one by one."""
    Y, X, i, j = data(2)

    def adds(periods: slice) -> Floats:
        y, x = Y[periods].T, X[periods].transpose(2, 1, 0)
        _, U, H, kept, _ = fit_two_way(y, x, np.ones(y.shape, dtype=bool))
        found = np.zeros((N, N, 2))
        for d, score in zip(np.flatnonzero(kept), U, strict=True):
            found[min(i[d], j[d]), max(i[d], j[d])] += np.linalg.inv(H.sum(axis=0)) @ score
        return found[np.triu_indices(N, 1)]

    whole, one, other = adds(slice(0, T)), adds(slice(0, T // 2)), adds(slice(T // 2, T))
    each = 2 * whole - (one + other) / 2
    assert fit_shrunk(Y, X, i, j, N).cov.dyad_clustered == pytest.approx(each.T @ each, rel=1e-8)


def test_a_column_that_never_varies_within_pairs_has_no_coefficient() -> None:
    Y, X, i, j = data(3)
    lasting = np.broadcast_to(X[:1, 1:], X[:, 1:].shape)
    found = fit_shrunk(Y, np.concatenate([lasting, X], axis=1), i, j, N)
    assert found.terms.tolist() == [1, 2]
    assert found.beta == pytest.approx(fit_shrunk(Y, X, i, j, N).beta)


def test_the_levels_and_their_shape_are_the_likeliest_at_the_coefficients() -> None:
    Y, X, i, j = data(1)
    found = fit_shrunk(Y, X, i, j, N)
    eta = np.einsum("p,tpd->td", found.beta, X) + found.base[:, None]
    own, expected, a = Y.sum(axis=0), np.exp(eta).sum(axis=0), found.shape
    assert found.v == pytest.approx((own + a) / (expected + a) / ((own + a) / (expected + a)).mean(), rel=1e-5)

    def marginal(a: float) -> float:
        return float((a * np.log(a) - gammaln(a) + gammaln(own + a) - (own + a) * np.log(expected + a)).sum())

    assert marginal(a) > max(marginal(a * 0.95), marginal(a * 1.05))


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


def test_too_few_periods_are_refused() -> None:
    Y, X, i, j = data(1)
    with pytest.raises(NotEnoughData, match="3 are observed"):
        fit_shrunk(Y[:3], X[:3], i, j, N)
