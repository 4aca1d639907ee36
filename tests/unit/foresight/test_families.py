"""Distributions against closed forms and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma, nbinom

from tertius.foresight.families import Predictive


def of(share: float, mean: float, shape: float, counts: bool) -> Predictive:
    return Predictive(np.array([share]), np.array([mean]), np.array([shape]), counts)


CASES = [(0.3, 2.5, 0.7), (0.95, 0.4, 3.0), (0.6, 40.0, 1.5)]


@pytest.mark.parametrize(("share", "mean", "shape"), CASES)
@pytest.mark.parametrize("y", [0.0, 1.0, 7.0, 90.0])
def test_crps_of_counts_is_the_sum_over_thresholds(share: float, mean: float, shape: float, y: float) -> None:
    k = np.arange(0, 3000)
    F = 1 - share + share * nbinom.cdf(k, shape, shape / (shape + mean))
    assert of(share, mean, shape, True).crps(np.array([y]))[0] == pytest.approx(((F - (k >= y)) ** 2).sum(), rel=1e-6)


@pytest.mark.parametrize(("share", "mean", "shape"), CASES)
@pytest.mark.parametrize("y", [0.0, 0.3, 7.0, 90.0])
def test_crps_of_weights_is_the_integral_over_thresholds(share: float, mean: float, shape: float, y: float) -> None:
    def F(z: float) -> float:
        return float(1 - share + share * gamma.cdf(z, shape, scale=mean / shape))

    top = 60 * mean + y
    whole = quad(lambda z: (F(z) - (z >= y)) ** 2, 0, top, points=[y, mean] if y else [mean], limit=400)[0]
    assert of(share, mean, shape, False).crps(np.array([y]))[0] == pytest.approx(whole, rel=1e-5)


@pytest.mark.parametrize(("share", "mean", "shape"), CASES)
def test_probabilities_of_counts_add_up_and_the_cdf_is_their_sum(share: float, mean: float, shape: float) -> None:
    k = np.arange(0, 2000, dtype=float)
    many = Predictive(*(np.full(2000, x) for x in (share, mean, shape)), True)
    p = np.exp(many.log_density(k))
    assert p.sum() == pytest.approx(1.0, abs=1e-6)
    np.testing.assert_allclose(many.cdf(k), np.cumsum(p), atol=1e-9)
    np.testing.assert_allclose(many.before(k), np.cumsum(p) - p, atol=1e-9)
    assert (k * p).sum() == pytest.approx(share * mean, rel=1e-3)


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("level", [0.025, 0.5, 0.9, 0.999])
def test_a_quantile_is_the_smallest_that_reaches_the_level(counts: bool, level: float) -> None:
    for share, mean, shape in CASES:
        d = of(share, mean, shape, counts)
        q = d.quantile(level)
        assert d.cdf(q)[0] >= level - 1e-9
        assert q[0] == 0 or d.before(q)[0] <= level + 1e-9


@pytest.mark.parametrize("counts", [True, False])
def test_the_randomised_pit_of_its_own_draws_is_uniform(counts: bool) -> None:
    rng = np.random.default_rng(3)
    n = 40_000
    d = Predictive(*(np.full(n, x) for x in (0.6, 3.0, 0.8)), counts)
    z = rng.negative_binomial(0.8, 0.8 / 3.8, n) if counts else rng.gamma(0.8, 3.0 / 0.8, n)
    pit = d.pit(np.where(rng.random(n) < 0.6, z, 0).astype(float), rng.random(n))
    np.testing.assert_allclose(np.histogram(pit, 10, (0, 1))[0] / n, 0.1, atol=0.01)
