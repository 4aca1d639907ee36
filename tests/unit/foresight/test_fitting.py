"""Regressions find the coefficients that made the data, and forecasts scale with observed days."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tertius.foresight.fitting import Rows, _negative_binomial, fit, regress


def rows(counts: bool, n: int = 30_000) -> tuple[Rows, np.ndarray]:
    rng = np.random.default_rng(4)
    X = rng.normal(size=(n, 2)).astype(np.float32)
    beta = np.array([-3.0, 0.6, -0.3])
    days = rng.choice([15.0, 30.0], n)
    mu = np.exp(beta[0] + X @ beta[1:]) * days
    y = rng.poisson(mu * rng.gamma(2.0, 0.5, n) if counts else mu).astype(float)
    if not counts:
        y = np.where(y > 0, rng.gamma(1.5 * np.maximum(y, 1), np.exp(1 + 0.4 * X[:, 0]) / 1.5), 0.0)
    return Rows(X, y, days, np.ones(n), rng.integers(0, 30, n)), beta


def test_counts_find_coefficients_and_dispersion() -> None:
    data, beta = rows(True)
    found = fit(data, True, 30.0)
    np.testing.assert_allclose(found.mean.beta, beta, atol=0.06)
    made = found.predict(data.X, data.days)
    assert np.median(made.shape) == pytest.approx(2.0, rel=0.2)
    assert (1 - made.share).mean() < 0.1
    assert made.mean.sum() == pytest.approx(data.y.sum(), rel=0.02)


def test_weights_find_whether_and_how_much() -> None:
    data, _ = rows(False)
    found = fit(data, False, 30.0)
    made = found.predict(data.X, data.days)
    for d in (15.0, 30.0):
        some = data.days == d
        assert made.share[some].mean() == pytest.approx((data.y[some] > 0).mean(), abs=0.01)
        assert made.mean[some].mean() == pytest.approx(data.y[some].mean(), rel=0.06)


@pytest.mark.parametrize("counts", [True, False])
def test_forecasts_scale_with_observed_days(counts: bool) -> None:
    data, _ = rows(counts, 8_000)
    found = fit(data, counts, 30.0)
    whole, half = (found.predict(data.X, np.full(8_000, d)) for d in (30.0, 15.0))
    np.testing.assert_allclose(half.mean * 2, whole.mean, rtol=1e-6)
    assert (half.zero() > whole.zero()).all()


def test_uncertain_coefficients_widen_the_distribution() -> None:
    data, _ = rows(True, 400)
    found = fit(data, True, 30.0)
    known_well = replace(found, mean=replace(found.mean, covariance=np.zeros((3, 3))))
    one, other = (f.predict(data.X, data.days) for f in (found, known_well))
    assert (one.shape < other.shape).all()


def test_a_start_elsewhere_ends_at_the_same_maximum() -> None:
    data, _ = rows(True, 5_000)
    work = _negative_binomial(data.y, data.days, None)
    one = regress(data.X, data.weight, data.period, work, None, -3.0)
    other = regress(data.X, data.weight, data.period, work, np.array([-1.0, 1.0, 1.0]), 0.0)
    np.testing.assert_allclose(one.beta, other.beta, atol=1e-4)


def test_weights_of_rows_stand_for_rows() -> None:
    data, _ = rows(True, 3_000)
    twice = Rows(*(np.concatenate([x, x[:500]]) for x in (data.X, data.y, data.days, data.weight, data.period)))
    weight = np.ones(3_000)
    weight[:500] = 2.0
    work = _negative_binomial(data.y, data.days, None)
    one = regress(data.X, weight, data.period, work, None, -3.0)
    other = regress(twice.X, twice.weight, twice.period, _negative_binomial(twice.y, twice.days, None), None, -3.0)
    np.testing.assert_allclose(one.beta, other.beta, atol=2e-4)
