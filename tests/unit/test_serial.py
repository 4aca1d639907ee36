"""How long what wanders lasts: shrunk autocorrelation, and intervals that hold what they should."""

from __future__ import annotations

import numpy as np
import pytest

from tertius.serial import LARGEST_RHO, autocorrelation, difference, lasting


def wandering(rng: np.random.Generator, rho: float, n: int) -> np.ndarray:
    """A first-order autoregression, in its own balance from the beginning."""
    noise = rng.normal(size=n) * np.sqrt(1 - rho**2)
    x = np.empty(n)
    x[0] = rng.normal()
    for t in range(1, n):
        x[t] = rho * x[t - 1] + noise[t]
    return x


def spans(x: np.ndarray, at: int) -> list[np.ndarray]:
    return [x[:at] - x[:at].mean(), x[at:] - x[at:].mean()]


def test_autocorrelation_is_that_of_its_definition() -> None:
    rng = np.random.default_rng(1)
    parts = spans(rng.normal(size=40), 25)
    above = sum(parts[k][t] * parts[k][t - 1] for k in (0, 1) for t in range(1, len(parts[k])))
    below = sum(parts[k][t] ** 2 for k in (0, 1) for t in range(len(parts[k])))
    assert autocorrelation(parts) == pytest.approx(above / below)
    assert np.isnan(autocorrelation([np.zeros(5), np.zeros(5)]))
    assert lasting([np.zeros(5), np.zeros(5)], []) == 0.0


def test_it_is_drawn_towards_others_and_never_beyond_its_bounds() -> None:
    rng = np.random.default_rng(2)
    others = [spans(wandering(rng, 0.3, 40), 20) for _ in range(60)]
    alone, among = [], []
    for _ in range(60):
        own = spans(wandering(rng, 0.3, 40), 20)
        alone.append(lasting(own, []))
        among.append(lasting(own, others))
    assert abs(np.mean(among) - 0.3) < 0.08
    assert np.std(among) < np.std(alone) / 2
    assert min(alone + among) >= 0.0
    assert max(alone + among) <= LARGEST_RHO


def test_one_that_plainly_differs_keeps_its_own() -> None:
    rng = np.random.default_rng(3)
    others = [spans(wandering(rng, r, 200), 100) for r in (0.0, 0.2, 0.8, 0.9, 0.1, 0.7, 0.0, 0.9)]
    own = spans(wandering(rng, 0.85, 200), 100)
    assert lasting(own, others) > 0.75


@pytest.mark.parametrize("rho", [0.0, 0.4, 0.7])
def test_the_interval_of_a_difference_holds_zero_in_some_95_of_100(rho: float) -> None:
    rng = np.random.default_rng(4)
    held, times = 0, 600
    for _ in range(times):
        x = wandering(rng, rho, 60)
        before, after = x[:35], x[35:]
        _, half = difference([before.var(ddof=1) / 35, after.var(ddof=1) / 25], [35, 25], rho)
        held += abs(after.mean() - before.mean()) <= half
    assert 0.92 <= held / times <= 0.99


def test_where_nothing_varies_there_is_no_interval() -> None:
    assert all(np.isnan(difference([0.0, 0.0], [9, 9], 0.2)))
