"""Rung 3 against a dense Poisson regression with dummies."""

from __future__ import annotations

import numpy as np
import pytest

from tertius.errors import NotEnoughData
from tertius.model.within.two_way import fit_two_way


def panel(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    D, T = 25, 9
    x = rng.normal(size=(D, 2, T))
    mean = np.exp(rng.normal(size=(D, 1)) + rng.normal(size=T) + 0.4 * x[:, 0] - 0.2 * x[:, 1])
    live = rng.random((D, T)) < 0.9
    return rng.poisson(mean).astype(float), x, live


def dense_poisson(y: np.ndarray, x: np.ndarray, live: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Newton on a design with a dummy a dyad and a dummy a period but one."""
    kept = (y * live).sum(1) > 0
    y, x, live = y[kept], x[kept], live[kept]
    d, t = np.nonzero(live)
    design = np.hstack([x[d, :, t], np.eye(len(y))[d], np.eye(y.shape[1])[t][:, 1:]])
    outcome = y[d, t]
    beta = np.zeros(design.shape[1])
    beta[2 : 2 + len(y)] = np.log(y.sum(1) / live.sum(1))
    for _ in range(60):
        mu = np.exp(design @ beta)
        beta = beta + np.linalg.solve((design * mu[:, None]).T @ design, design.T @ (outcome - mu))
    return beta[:2], np.linalg.inv((design * mu[:, None]).T @ design)[:2, :2]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_estimates_and_information_equal_the_dense_regression(seed: int) -> None:
    y, x, live = panel(seed)
    beta, U, H, kept, terms = fit_two_way(y, x, live)
    dense, inverse = dense_poisson(y, x, live)
    assert terms == [0, 1]
    np.testing.assert_allclose(beta, dense, rtol=1e-7)
    np.testing.assert_allclose(np.linalg.inv(H.sum(axis=0)), inverse, rtol=1e-6)
    np.testing.assert_allclose(U.sum(axis=0), 0.0, atol=1e-6)
    assert kept.sum() == len(U)


def test_what_the_effects_absorb_is_left_out() -> None:
    y, x, live = panel(4)
    constant = np.repeat(np.random.default_rng(1).normal(size=(25, 1, 1)), 9, axis=2)
    *_, terms = fit_two_way(y, np.concatenate([x, constant, x[:, :1] * 2], axis=1), live)
    assert terms == [0, 1]
    with pytest.raises(NotEnoughData):
        fit_two_way(y, constant, live)
