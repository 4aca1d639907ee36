"""Attribution against a slow twin that recomputes every slice from the definitions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tertius.answers.attribution import Attribution, attribute
from tertius.answers.pairs import driven_pairs
from tertius.answers.rise import rise
from tertius.answers.spans import SlicedSpans
from tertius.errors import UsageError
from tertius.history import History
from tertius.model.design import build_design
from tertius.model.rate.fit import RateFit, fit_rate
from tertius.simulation import simulate
from tertius.spec import ModelSpec

N = 90
WINDOW = np.arange(N) >= 60
REFERENCE = (np.arange(N) >= 30) & ~WINDOW
SPANS = SlicedSpans(WINDOW, REFERENCE, ("c", "d"), ("a", "b"))


def fitted(directed: bool, legs: str = "sqrt") -> RateFit:
    kwargs = {} if directed else {"cooperation": {"inertia.coop": 0.4}, "hostility": {"inertia.host": 0.4}}
    sl = simulate(8, N, events_per_slice=(9.0, 7.0), half_life="15d", directed=directed, seed=8, **kwargs).slices
    foe = "shared_threat" if directed else "common_foe"
    spec = ModelSpec.of(effects=f"inertia,{foe}", slice="1d", half_life="15d", legs=legs, response="count")
    return fit_rate(build_design(sl, replace(spec.resolve(directed=directed), model="rate")))


def answer(fit: RateFit) -> Attribution:
    return attribute(fit, 2, 5, SPANS, seed=1)


@pytest.mark.parametrize("legs", ["sqrt", "min"])
@pytest.mark.parametrize("directed", [True, False])
def test_events_equal_the_slow_twin(directed: bool, legs: str) -> None:
    fit = fitted(directed, legs)
    sl, design = fit.design.slices, fit.design
    k_foe = len(design.names) - 1
    beta, c = fit.beta[k_foe], design.scales[k_foe]
    m = {"sqrt": lambda a, b: np.sqrt(a * b), "min": min}[legs]
    summands = np.zeros((N, 8))
    for past in History(sl, design.spec.half_life).past():
        for k in range(8):
            if k not in (2, 5):
                summands[past.s, k] = m(past.H[k, 2], past.H[k, 5])
    mu = np.zeros(N)
    cells = [2 * 8 + 5, 5 * 8 + 2] if directed else [2 * 8 + 5]
    totals = {}
    for s, X in design.blocks(0, len(design.used)):
        p = np.exp(fit.beta @ X)
        p /= p.sum()
        totals[s] = sl.coop_count[sl.entries(s)].sum()
        mu[s] = totals[s] * sum(p[np.flatnonzero(design.at_risk == cell)[0]] for cell in cells)
    level = summands[REFERENCE].mean(axis=0)
    found = {t.actor: t for t in answer(fit).third_parties}
    assert set(found) == {a for k, a in enumerate(sl.actors) if k not in (2, 5)}
    for k in (0, 1, 3, 4, 6, 7):
        slow = 0.0
        for s in np.flatnonzero(WINDOW):
            S = summands[s].sum()
            less = S - summands[s, k] + level[k]
            slow += mu[s] * (1 - np.exp(-beta * (np.log1p(S / c) - np.log1p(less / c))))
        assert found[sl.actors[k]].events == pytest.approx(slow, rel=1e-9, abs=1e-12)


def test_shares_and_unattributed_add_up_to_one() -> None:
    a = answer(fitted(True))
    assert sum(t.share for t in a.third_parties) + a.unattributed == pytest.approx(1.0, abs=1e-12)
    assert a.expected == pytest.approx(sum(t.events for t in a.third_parties) / (1 - a.unattributed), rel=1e-9)


def test_third_parties_are_listed_all_and_largest_first() -> None:
    events = [t.events for t in answer(fitted(True)).third_parties]
    assert len(events) == 6
    assert events == sorted(events, reverse=True)


def test_pressure_shares_are_given_only_where_the_total_excludes_zero_and_add_up() -> None:
    a = answer(fitted(True))
    shares = [t.pressure_share for t in a.third_parties]
    if a.total.excludes_zero:
        assert sum(shares) == pytest.approx(1.0, abs=1e-9)
    else:
        assert np.isnan(shares).all()
    strong = fitted(True)
    column = strong.design.names.index("shared_threat")
    beta = strong.beta.copy()
    beta[column] = 30 * np.sqrt(strong.cov.jackknife[column, column])
    certain = answer(replace(strong, beta=beta))
    assert certain.total.excludes_zero
    assert sum(t.pressure_share for t in certain.third_parties) == pytest.approx(1.0, abs=1e-9)


def test_a_missing_foe_effect_or_empty_span_is_refused() -> None:
    fit = fitted(True)
    with pytest.raises(UsageError, match="no observed slice"):
        attribute(fit, 0, 1, replace(SPANS, window=np.zeros(N, bool)), 1)
    sl = fit.design.slices
    spec = replace(ModelSpec.of(effects="inertia", slice="1d").resolve(directed=True), model="rate")
    with pytest.raises(UsageError, match="shared_threat"):
        answer(fit_rate(build_design(sl, spec)))


@pytest.mark.parametrize("directed", [True, False])
def test_whom_k_drives_agrees_with_who_drives_the_pair(directed: bool) -> None:
    fit = fitted(directed)
    by_pair = {t.actor: t for t in answer(fit).third_parties}
    for k in (0, 7):
        lines = driven_pairs(fit, k, fit.design.names[-1], SPANS)
        line = next(p for p in lines if {p.a, p.b} == {fit.design.slices.actors[2], fit.design.slices.actors[5]})
        assert line.events == pytest.approx(by_pair[fit.design.slices.actors[k]].events, rel=1e-9, abs=1e-12)
        assert line.expected == pytest.approx(answer(fit).expected, rel=1e-9)


def test_rise_finds_a_doubling_and_not_a_constant() -> None:
    rng = np.random.default_rng(2)
    before = rng.poisson(4.0, N) * 1.0
    doubled = np.where(WINDOW, 2.0, 1.0) * before
    everyone, days = np.full(N, 100.0), np.ones(N)
    found = rise(doubled, everyone, days, SPANS, seed=1)
    assert found.shown is True
    assert found.low < 2.0 < found.high
    assert rise(before, everyone, days, SPANS, seed=1).shown is False
    nothing = rise(np.zeros(N), everyone, days, SPANS, seed=1)
    assert nothing.shown is None
    assert np.isnan(nothing.ratio)
