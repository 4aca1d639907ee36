"""What is neutral between two: the definition, against a slow twin; and that habits alone make no camps."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from scipy.optimize import minimize

from tertius.signed import neutral as module
from tertius.signed.neutral import PRIOR, expected, weighed
from tertius.spec import NEUTRALS


def drawn(seed: int, n: int = 9, empty: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    C, H = rng.exponential(3.0, (2, n, n)) * (rng.random((2, n, n)) > empty)
    np.fill_diagonal(C, 0.0)
    np.fill_diagonal(H, 0.0)
    return C, H


def test_the_examples_run() -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("seed", range(3))
def test_habits_are_those_of_a_general_optimizer(seed: int) -> None:
    C, H = drawn(seed)
    n, m = len(C), np.log(C.sum() / H.sum())
    T = C + C.T + H + H.T
    prior, share = PRIOR * np.median(T.sum(axis=1)), C.sum() / (C.sum() + H.sum())

    def loss(a: np.ndarray) -> float:
        total = 0.0
        for i in range(n):
            total -= prior * (
                share * np.log(1 / (1 + np.exp(-m - a[i]))) + (1 - share) * np.log(1 / (1 + np.exp(m + a[i])))
            )
            for j in range(i):
                p = 1 / (1 + np.exp(-(m + a[i] + a[j])))
                total -= (C[i, j] + C[j, i]) * np.log(p) + (H[i, j] + H[j, i]) * np.log(1 - p)
        return total

    a = minimize(loss, np.zeros(n), tol=1e-12).x
    slow = 1 / (1 + np.exp(-(m + a[:, None] + a)))
    assert expected(C, H) == pytest.approx(slow, abs=1e-4)


def test_what_is_expected_of_an_actor_is_what_it_did_but_for_the_prior(monkeypatch: pytest.MonkeyPatch) -> None:
    C, H = drawn(4, n=30, empty=0.0)

    def most() -> float:
        good, bad = (w + w.T for w in weighed(C, H, "actors"))
        return float(np.abs((good - bad).sum(axis=1)).max())

    assert most() < PRIOR * np.median((C + C.T + H + H.T).sum(axis=1)) * 0.2
    monkeypatch.setattr(module, "PRIOR", 1e-9)
    assert most() < 1e-6


def test_habits_alone_leave_little_and_sides_are_seen_through_them() -> None:
    """Half are quarrelsome with everybody, half mild; and every other one is of one of two blocs."""
    rng = np.random.default_rng(5)
    habit, side = np.repeat([-1.0, 1.0], 10), np.tile([1.0, -1.0], 10)
    T = np.triu(rng.exponential(100.0, (20, 20)), 1)
    alone, blocs = (1 / (1 + np.exp(-(1.0 + habit[:, None] + habit + k * np.outer(side, side)))) for k in (0.0, 1.0))

    def nets(p: np.ndarray, name: str) -> np.ndarray:
        return np.asarray(np.subtract(*weighed(T * p, T * (1 - p), name)))

    assert np.abs(nets(alone, "actors")).sum() < 0.15 * np.abs(nets(alone, "window")).sum()
    true = np.outer(side, side)
    right = {name: (np.sign(nets(blocs, name)) == true)[T > 0].mean() for name in ("actors", "window", "even")}
    assert right["actors"] > 0.9
    assert max(right["window"], right["even"]) < 0.85


def test_who_only_cooperates_or_only_fights_has_a_finite_habit() -> None:
    C, H = np.zeros((2, 5, 5))
    C[0, 1], C[2, 3], H[0, 2], H[1, 3] = 6.0, 6.0, 6.0, 6.0
    C[0, 4] = 1.0
    p = expected(C, H)
    assert ((p > 0) & (p < 1)).all()
    good, bad = weighed(C, H, "actors")
    assert ((good > 0) == (C > 0)).all()
    assert ((bad > 0) == (H > 0)).all()


@pytest.mark.parametrize("name", NEUTRALS)
def test_a_window_of_one_kind_has_no_mix(name: str) -> None:
    C, nothing = drawn(1)[0], np.zeros((9, 9))
    assert np.array_equal(weighed(C, nothing, name)[0], C)
    assert np.array_equal(weighed(nothing, C, name)[1], C)
    assert not weighed(nothing, nothing, name)[0].any()


def test_units_and_directions_do_not_matter() -> None:
    C, H = drawn(2)
    assert expected(1e6 * C, 1e6 * H) == pytest.approx(expected(C, H), abs=1e-8)
    assert expected(C.T, H.T) == pytest.approx(expected(C, H), abs=1e-8)
    assert expected(C + C.T, H + H.T) == pytest.approx(expected(C, H), abs=1e-8)


def test_many_actors_of_every_size_converge() -> None:
    rng = np.random.default_rng(3)
    size = rng.lognormal(0.0, 3.0, 250)
    C, H = rng.lognormal(0.0, 2.0, (2, 250, 250)) * np.outer(size, size) * (rng.random((2, 250, 250)) < 0.05)
    p = expected(C, H)
    assert np.isfinite(p).all()
    assert ((p >= 0) & (p <= 1)).all()
