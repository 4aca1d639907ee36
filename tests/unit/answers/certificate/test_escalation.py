"""Joint escalation and the season against slow loops and by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tertius.answers.certificate.certify import certificate_arrays
from tertius.answers.certificate.escalation import (
    MEMORY,
    joint_escalation,
    remembered,
    round_of_the_year,
    time_of_year,
)
from tertius.answers.certificate.models import typical, window_name, window_sums
from tertius.events.slices import edges, from_arrays
from tertius.spec import Duration
from tertius.worlds import world

RNG = np.random.default_rng(4)


def test_joint_escalation_equals_a_slow_loop() -> None:
    H = RNG.poisson(1.5, size=(9, 5, 5)).astype(float)
    H[:, np.arange(5), np.arange(5)] = 0
    seen = np.ones(9, dtype=bool)
    seen[4] = False
    c = typical(H)
    fast = joint_escalation(H, seen, window_sums, c)
    assert np.array_equal(fast, fast.transpose(0, 2, 1))
    usual = H[seen].mean(axis=0)

    def above(s: int, k: int, i: int) -> float:
        near = [H[t, k, i] for t in (s - 1, s, s + 1) if 0 <= t < 9 and seen[t]]
        return max(0.0, float(np.log((np.mean(near) + c / 4) / (usual[k, i] + c / 4))))

    for s, i, j in np.ndindex(9, 5, 5):
        if i == j:
            assert fast[s, i, j] == 0
            continue
        weight = np.sqrt(usual[:, i] * usual[:, j])
        slow = sum(weight[k] * np.sqrt(above(s, k, i) * above(s, k, j)) for k in range(5)) / (c + weight.sum())
        assert fast[s, i, j] == pytest.approx(slow)


def test_steady_hostility_is_no_escalation_and_one_sided_is_not_joint() -> None:
    H = np.zeros((30, 4, 4))
    H[:, 2, :2] = 3.0
    seen = np.ones(30, dtype=bool)
    assert not joint_escalation(H, seen, window_sums, 3.0).any()
    H[10:12, 2, 0] = 30.0
    one = joint_escalation(H, seen, window_sums, 3.0)
    H[10:12, 2, 1] = 30.0
    both = joint_escalation(H, seen, window_sums, 3.0)
    assert not one[10, 0, 1]
    assert both[10, 0, 1] > 0.3
    assert not both[20, 0, 1]


def test_memory_reaches_back_eighteen_periods() -> None:
    J = np.zeros((40, 3, 3))
    J[10, 0, 1] = 1.0
    seen = np.ones(40, dtype=bool)
    at = {w: np.flatnonzero(remembered(J, seen, *w)[:, 0, 1]).tolist() for w in MEMORY}
    assert at[-18, -13] == list(range(23, 29))
    assert at[-3, -1] == [11, 12, 13]
    assert at[0, 0] == [10]
    assert at[4, 6] == [4, 5, 6]
    seen[12] = False
    assert remembered(np.ones_like(J), seen, -3, -1)[14, 0, 0] == 1.0  # the mean of what was observed


def test_the_round_of_the_year_equals_least_squares_pair_by_pair() -> None:
    x = RNG.normal(size=(30, 4, 4))
    x = x + x.transpose(0, 2, 1)
    year = np.arange(30) / 12 + 0.3
    found = round_of_the_year(x, year)
    assert np.array_equal(found, found.transpose(0, 2, 1))
    basis = np.column_stack([f(2 * np.pi * h * year) for h in (0, 1, 2) for f in (np.cos, np.sin)])
    for i, j in np.ndindex(4, 4):
        fitted = basis @ np.linalg.lstsq(basis, x[:, i, j], rcond=None)[0]
        assert np.allclose(found[:, i, j], fitted)
    month = (np.arange(48) % 12 == 3).astype(float)
    box = sum(np.roll(month, lag) for lag in (1, 2, 3))[:, None, None]
    left = box - round_of_the_year(box, np.arange(48) / 12)
    assert left.var() < 0.16 * box.var()  # of what comes in one month, seen through a window of three


@pytest.mark.parametrize(
    ("period", "first", "T", "held"),
    [
        ("1mo", 2018 * 12, 36, True),
        ("1mo", 2018 * 12, 35, False),
        ("1w", 2500, 157, True),
        ("1w", 2500, 100, False),
        ("1y", 1990, 30, False),
        ("3mo", 2018 * 4, 12, True),
    ],
)
def test_the_season_is_held_below_a_year_and_from_three_years_on(period: str, first: int, T: int, held: bool) -> None:
    length = Duration.parse(period)
    empty = np.zeros((T, 3, 3))
    sl = from_arrays(empty, empty, directed=True, edges=edges(length, first, first + T - 1), length=length)
    year = time_of_year(sl)
    assert (year is not None) == held
    if year is not None:
        assert year[0] % 1 == pytest.approx({"1mo": 0.04, "1w": 0.92, "3mo": 0.12}[period], abs=0.02)
        assert year[-1] - year[0] == pytest.approx(3, abs=0.3)


def test_model_k_holds_windows_memory_and_season() -> None:
    arrays = certificate_arrays(world("nothing", n_actors=12, n_periods=40, seed=2).slices())
    own = arrays.windows("sqrt", arrays.inertia())
    terms = arrays.remembering(own)
    assert list(terms)[: len(own)] == list(own)
    assert [n for n in terms if n.startswith("memory")] == [f"memory {window_name(w)}" for w in MEMORY]
    assert sum(n.startswith("season") for n in terms) == 5
    short = replace(arrays, year=None)
    assert not any(n.startswith("season") for n in short.remembering(own))
    assert all(np.array_equal(x, x.transpose(0, 2, 1)) for x in terms.values())
