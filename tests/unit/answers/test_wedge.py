"""The wedge against every set counted one by one, and its bound against the true optimum."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from tertius.answers.price import eased_own, ties
from tertius.answers.wedge import Gains, gains, wedge
from tertius.model.design import build_design
from tertius.model.rate.fit import RateFit, fit_rate
from tertius.simulation import simulate
from tertius.spec import ModelSpec

WINDOW = np.arange(60) >= 40
K, SOME = 1, [2, 5, 6, 0]


def fitted(directed: bool) -> RateFit:
    kwargs = {} if directed else {"cooperation": {"inertia.coop": 0.4}, "hostility": {"inertia.host": 0.4}}
    sl = simulate(8, 60, events_per_slice=(9.0, 12.0), half_life="15d", directed=directed, seed=8, **kwargs).slices
    foe = "shared_threat" if directed else "common_foe"
    spec = ModelSpec.of(effects=f"inertia,{foe}", slice="1d", half_life="15d", legs="min", response="count")
    return fit_rate(build_design(sl, replace(spec.resolve(directed=directed), model="rate")))


def random_gains(rng: np.random.Generator, A: int, submodular: bool) -> Gains:
    one, both = rng.normal(-1, 1, A), np.triu(rng.normal(0, 1, (A, A)), 1)
    both = np.abs(both + both.T) if submodular else both + both.T
    return Gains(np.tile(one, (3, 1)), np.tile(both, (3, 1, 1)), rng.uniform(0, 2, A))


def by_hand(F: Gains, budget: float) -> dict[int, float]:
    """The lowest change of every size, one set after the other."""
    found: dict[int, float] = {}
    for size in range(1, len(F.easing) + 1):
        for some in itertools.combinations(range(len(F.easing)), size):
            if sum(F.easing[list(some)]) <= budget:
                value = sum(F.one[0][list(some)]) + sum(F.both[0][a, b] for a, b in itertools.combinations(some, 2))
                found[size] = min(found.get(size, np.inf), float(value))
    return found


def test_the_optimum_of_a_hundred_small_worlds_is_that_of_brute_force() -> None:
    rng = np.random.default_rng(1)
    for _ in range(100):
        F = random_gains(rng, int(rng.integers(2, 7)), False)
        budget = float(rng.choice([np.inf, F.easing.sum() / 2]))
        found, slow = wedge(F, budget), by_hand(F, budget)
        assert found.exact
        assert {len(o.eased): o.change[0] for o in found.options} == pytest.approx(slow)
        if slow and min(slow.values()) < 0:
            assert found.options[found.best].change[0] == pytest.approx(min(slow.values()))
        else:
            assert found.best == -1


def test_a_bound_is_given_only_where_proven_and_no_set_passes_it() -> None:
    rng = np.random.default_rng(2)
    proven = 0
    for n in range(200):
        F = random_gains(rng, 6, n % 4 > 0)
        budget = float(rng.choice([np.inf, F.easing.sum() / 2]))
        found, slow = wedge(F, budget, exact=0), by_hand(F, budget)
        assert not found.exact
        for o in found.options:
            if n % 4 > 0:
                assert o.bound <= min(v for size, v in slow.items() if size <= len(o.eased)) + 1e-9
                proven += 1
            elif (F.both < 0).any():
                assert np.isnan(o.bound)
    assert proven > 100


@pytest.mark.parametrize("directed", [True, False])
def test_gains_add_up_to_what_the_ties_say_of_every_set(directed: bool) -> None:
    fit = fitted(directed)
    found = ties(fit, K, SOME)
    eased, easing = eased_own(fit, K, found, 0.5, WINDOW)
    F = gains(found, eased, WINDOW, easing)
    for size in range(1, 5):
        for some in itertools.combinations(range(4), size):
            own = found.own.copy()
            own[:, list(some)] = eased[:, list(some)]
            members = np.isin(np.arange(4), some)
            assert F.change(members) == pytest.approx(found.change(own)[:, WINDOW].sum(axis=(1, 2)), abs=1e-12)


def test_of_single_ones_the_bound_is_the_best_itself() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        F = random_gains(rng, 6, True)
        if F.one[0].min() < 0:
            first = wedge(F, exact=0).options[0]
            assert first.bound == pytest.approx(first.change[0])
