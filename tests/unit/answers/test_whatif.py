"""A changed history: slices, the direct answer against its definition, and nothing where nothing is changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tertius.answers.changed import Change, changed
from tertius.answers.whatif import (
    CLUSTERED,
    DYADIC,
    JACKKNIFE,
    cells_of,
    coefficient_draws,
    columns_at,
    direct,
    less_biased,
)
from tertius.errors import UsageError
from tertius.events.covariates import Covariate
from tertius.events.slices import DyadSlices
from tertius.model.design import build_design
from tertius.model.rate.fit import RateFit, fit_rate
from tertius.model.robust import Covariances
from tertius.model.within.model import WithinModel, fit_within
from tertius.simulation import simulate
from tertius.spec import ModelSpec
from tertius.worlds import world

N = 60
LATER = np.arange(N) >= 30


def slices(directed: bool = True) -> DyadSlices:
    kwargs = {} if directed else {"cooperation": {"inertia.coop": 0.4}, "hostility": {"inertia.host": 0.4}}
    return simulate(8, N, events_per_slice=(9.0, 12.0), half_life="15d", directed=directed, seed=8, **kwargs).slices


def rate(sl: DyadSlices) -> RateFit:
    foe = "shared_threat,friend_of_foe" if sl.directed else "common_foe"
    spec = ModelSpec.of(effects=f"inertia,activity.host,{foe}", slice="1d", half_life="15d", response="count")
    return fit_rate(build_design(sl, replace(spec.resolve(directed=sl.directed), model="rate")))


def within() -> WithinModel:
    spec = ModelSpec.of(model="within", effects="inertia,shared_threat", period="30d", response="count")
    sl = world("planted", n_actors=14, n_periods=N, seed=3).slices()
    return fit_within(sl, spec.resolve(directed=True))


def series(sl: DyadSlices, dyad: int, values: np.ndarray) -> np.ndarray:
    return sl.pair(*divmod(dyad, sl.n_actors), np.where(sl.dyad == dyad, values, 0.0))


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize(("factor", "level"), [(0.5, None), (3.0, None), (None, 2.0), (None, 0.0)])
def test_one_flow_is_changed_in_its_slices_and_no_other(
    directed: bool, factor: float | None, level: float | None
) -> None:
    sl = slices(directed)
    change = Change(5, 2, "host", factor, level, LATER)
    now, dyad = changed(sl, [change]), 5 * 8 + 2 if directed else 2 * 8 + 5
    for d in sl.at_risk():
        for name in ("coop_weight", "host_weight", "coop_count", "host_count"):
            was, found = series(sl, int(d), getattr(sl, name)), series(now, int(d), getattr(now, name))
            if d == dyad and name.startswith("host"):
                was = np.where(LATER, level if factor is None else factor * was, was)
            assert found == pytest.approx(was), (d, name)
    assert (np.diff(now.indptr) >= 0).all()


@pytest.mark.parametrize("directed", [True, False])
def test_the_direct_answer_is_a_model_of_the_changed_history_at_the_old_coefficients(directed: bool) -> None:
    fit = rate(slices(directed))
    change = Change(5, 2, "host", 0.5, None, LATER)
    found = direct(fit, 2, 3, [change], 50, 1)
    spec = replace(fit.design.spec, scales=tuple(zip(fit.design.names, fit.design.scales.tolist(), strict=True)))
    other = build_design(changed(fit.design.slices, [change]), spec)
    cells = [int(np.flatnonzero(fit.design.at_risk == c)[0]) for c in ([19, 26] if directed else [19])]
    was, now = dict(fit.design.blocks(0, N - 1)), dict(other.blocks(0, N - 1))
    slow = 0.0
    for s, expected in fit.expected(np.flatnonzero(LATER)):
        slow += sum(expected[c] * np.expm1(fit.beta @ (now[s][:, c] - was[s][:, c])) for c in cells)
    assert found.found.difference == pytest.approx(slow, rel=1e-9)
    assert found.found.difference != 0
    assert found.found.low < found.found.difference < found.found.high
    assert found.changed.sum() == pytest.approx(found.found.changed)
    foe = "shared_threat" if directed else "common_foe"
    assert foe in found.moved


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("legs", ["min", "sqrt", "binary"])
@pytest.mark.parametrize("decay_to", ["now", "previous"])
def test_columns_at_some_dyads_are_those_of_all(directed: bool, legs: str, decay_to: str) -> None:
    sl = slices(directed)
    known = Covariate(
        "arms", 8, np.array([2, 2]), np.array([3, 3]), sl.edges[[5, 20]], np.array([2.0, 7.0]), not directed, 20.0
    )
    spec = ModelSpec.of(slice="1d", half_life="15d", model="rate", legs=legs, decay_to=decay_to, response="count")
    design = build_design(sl, spec.resolve(directed=directed), (known,))
    cells = cells_of(design, 2, 3)
    some = design.over(design.used[3:50])
    slow = np.stack([np.nan_to_num(block[:, cells]) for _, block in some.blocks(0, len(some.used))], axis=1)
    np.testing.assert_allclose(columns_at(some, cells), slow, rtol=1e-9, atol=1e-12)
    assert (slow != 0).any(axis=(1, 2)).all()


@pytest.mark.parametrize("kind", ["rate", "within"])
def test_a_factor_of_one_changes_nothing_exactly(kind: str) -> None:
    fit: RateFit | WithinModel = within() if kind == "within" else rate(slices())
    found = direct(fit, 2, 3, [Change(5, 2, "host", 1.0, None, LATER)], 50, 1).found
    assert (found.difference, found.low, found.high) == (0.0, 0.0, 0.0)
    assert found.baseline == found.changed > 0


def test_the_within_pair_answer_takes_the_less_biased_coefficients() -> None:
    fit = within()
    (beside,) = [a for a in fit.alternatives if a.name == "split-panel jackknife"]
    assert less_biased(fit).tolist() == [c.estimate for c in beside.coefficients]
    assert less_biased(replace(fit, alternatives=())).tolist() == fit.beta.tolist()


def test_far_outside_the_data_there_is_no_answer() -> None:
    with pytest.raises(UsageError, match=r"standard deviations of .* outside the data"):
        direct(within(), 2, 3, [Change(k, 2, "host", None, 1e6, LATER) for k in (5, 6)]
               + [Change(k, 3, "host", None, 1e6, LATER) for k in (5, 6)], 50, 1)  # fmt: skip


def test_an_indefinite_covariance_is_never_clipped_but_replaced_by_the_next() -> None:
    good, bad = np.eye(2), np.array([[1.0, 2.0], [2.0, 1.0]])
    missing = np.full((2, 2), np.nan)
    beta, some = np.zeros(2), np.arange(2)
    for jackknife, dyadic, clustered, name in (
        (good, bad, good, JACKKNIFE), (bad, good, bad, DYADIC), (bad, bad, 4 * good, CLUSTERED),
        (missing, missing, missing, ""),
    ):  # fmt: skip
        drawn, errors = coefficient_draws(beta, Covariances(good, clustered, dyadic, jackknife), some, 4000, 1)
        assert errors == name
        if name:
            assert np.cov(drawn.T) == pytest.approx((4 if name == CLUSTERED else 1) * good, abs=0.2)
        else:
            assert np.isnan(drawn).all()
    assert coefficient_draws(beta, Covariances(good, good, good, bad), some[:1], 9, 1)[1] == JACKKNIFE
