"""Shapley values against enumeration of all orders, by hand and by loop."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from tertius.answers import shapley as module
from tertius.answers.shapley import shapley


def slow(r: np.ndarray, base: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Mean marginal worth over all orders, one order after the other."""
    K = len(r)
    total = np.zeros(K)
    orders = list(permutations(range(K)))
    for order in orders:
        level = base.copy()
        for k in order:
            before = (weight * np.log1p(level)).sum()
            level = level + r[k]
            total[k] += (weight * np.log1p(level)).sum() - before
    return total / len(orders)


def game(K: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(K)
    r = rng.gamma(1.0, 2.0, size=(K, 5))
    base = rng.gamma(2.0, 3.0, size=5)
    r[0] = -0.3 * base  # one third party relaxed
    return r, base, rng.random(5)


@pytest.mark.parametrize("K", [1, 2, 5, 7])
def test_enumeration_equals_the_mean_over_all_orders(K: int) -> None:
    r, base, weight = game(K)
    np.testing.assert_allclose(shapley(r, base, weight, np.log1p, seed=1).values, slow(r, base, weight), atol=1e-10)


def test_values_add_up_to_the_worth_of_all() -> None:
    r, base, weight = game(30)
    found = shapley(r, base, weight, np.log1p, seed=1)
    worth = (weight * (np.log1p(base + r.sum(axis=0)) - np.log1p(base))).sum()
    assert found.values.sum() == pytest.approx(worth, rel=1e-12)


def test_drawn_orders_agree_with_enumeration_within_their_error(monkeypatch: pytest.MonkeyPatch) -> None:
    r, base, weight = game(8)
    exact = shapley(r, base, weight, np.log1p, seed=1).values
    monkeypatch.setattr(module, "EXACT_PLAYERS", 2)
    drawn = shapley(r, base, weight, np.log1p, seed=1)
    assert "drawn orders" in drawn.method
    assert (np.abs(drawn.values - exact) <= 4 * drawn.draw_se + 1e-12).all()


def test_who_does_not_press_gets_nothing_exactly() -> None:
    r, base, weight = game(14)
    r[3] = 0.0
    assert shapley(r, base, weight, np.log1p, seed=1).values[3] == 0.0
